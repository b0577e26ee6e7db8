"""The graph of a joint model: its random variables, data and what is computed of them, as PyMC itself would draw it.

It is read off the statements of the exported script (:func:`core.report.script.build_text`), so it has the script's
names and whatever a new form or family adds to scripts, and nothing of PyMC is imported. A test holds it against
``pymc.model_graph``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

from core.model.spec import ModelSpec
from core.report.rows import Rows
from core.report.script import build_text

__all__ = ["ModelGraph", "Variable", "dot_of", "model_graph"]

_OURS = {"increasing": "Normal, increasing", "CustomDist": "density of its own"}


@dataclass(frozen=True)
class Variable:
    """A variable of a model.

    ``kind`` is ``"free"``, ``"observed"``, ``"deterministic"`` or ``"data"``; ``shape`` its sizes, empty for one number
    and for what has one value a row (observed and data).
    """

    name: str
    kind: str
    distribution: str
    shape: tuple[int, ...] = ()


@dataclass(frozen=True)
class ModelGraph:
    """Variables in the order in which they are made, and arrows between them by name."""

    variables: tuple[Variable, ...]
    arrows: frozenset[tuple[str, str]]


def model_graph(spec: ModelSpec, rows: Rows) -> ModelGraph:
    """Return the graph of the model that a script makes of a specification."""
    (function,) = ast.parse(build_text(spec, rows)).body
    behind: dict[str, frozenset[str]] = {}  # of each name in Python, the variables that it is made of
    found: dict[str, Variable] = {}
    arrows: set[tuple[str, str]] = set()
    lengths: dict[str, int] = {}  # of what each name in Python stands for, 0 for one number
    for statement in ast.walk(function):
        if not (isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)):
            continue
        target, value = statement.targets[0].id, statement.value
        inputs = frozenset().union(*(behind.get(name, frozenset()) for name in _names(value)))
        made = _variable(value, [found[name] for name in sorted(inputs)], lengths)
        if made is None:
            behind[target], lengths[target] = inputs, _length(value, lengths) or 0
            continue
        found[made.name] = made
        lengths[target] = made.shape[0] if made.shape else 0
        arrows |= {(one, made.name) for one in inputs}
        behind[target] = frozenset([made.name])
    return ModelGraph(tuple(found.values()), frozenset(arrows))


def _names(value: ast.expr) -> Iterator[str]:
    return (one.id for one in ast.walk(value) if isinstance(one, ast.Name))


def _variable(value: ast.expr, inputs: list[Variable], lengths: Mapping[str, int]) -> Variable | None:
    """Return the variable that a statement makes; None if it only computes."""
    if not (isinstance(value, ast.Call) and value.args and isinstance(value.args[0], ast.Constant)):
        return None
    name, made = value.args[0].value, value.func
    if not isinstance(name, str):
        return None
    called = made.attr if isinstance(made, ast.Attribute) else made.id if isinstance(made, ast.Name) else ""
    given = {keyword.arg: keyword.value for keyword in value.keywords}
    if called == "Data":
        return Variable(name, "data", "as observed")
    if called == "Deterministic":
        whole = value.args[1]
        length = (lengths.get(whole.id) or None) if isinstance(whole, ast.Name) else _length(whole, lengths)
        shape = max((one.shape for one in inputs), key=len, default=()) if length is None else (length,)
        return Variable(name, "deterministic", "computed", shape)
    if "observed" in given:
        return Variable(name, "observed", _OURS.get(called, called))
    size = given.get("shape", value.args[3] if called == "increasing" else None)
    sizes = ast.literal_eval(size) if size is not None else ()
    return Variable(name, "free", _OURS.get(called, called), sizes if isinstance(sizes, tuple) else (sizes,))


def _length(value: ast.expr, lengths: Mapping[str, int]) -> int | None:
    """Return how many numbers an expression puts side by side; None if it puts none side by side."""
    match value:
        case ast.Call(func=ast.Attribute(attr="stack"), args=[ast.List(elts=parts)]):
            return len(parts)
        case ast.Call(func=ast.Attribute(attr="concatenate"), args=[ast.List(elts=parts)]):
            named = (lengths.get(part.id, 0) if isinstance(part, ast.Name) else 0 for part in parts)
            return sum(_length(part, lengths) or known for part, known in zip(parts, named, strict=True))
        case ast.Call(
            func=ast.Name(id="weights_of_half" | "weights_of_carry"), args=[*_, ast.Constant(value=int(count))]
        ):
            return count
        case ast.Call(func=ast.Name(id="weights_of_half_and_carry"), args=[*_, ast.Tuple() as counts]):
            return prod(ast.literal_eval(counts))
        case ast.BinOp(left=left, right=ast.Name(id=name)) if _length(left, lengths) is None:
            return lengths.get(name) or None
        case ast.BinOp(left=left, right=right):
            return _length(right, lengths) or _length(left, lengths)
    return None


# -- as a picture ------------------------------------------------------------------------


_LOOK = {
    "free": "shape=ellipse",
    "observed": 'shape=ellipse, style=filled, fillcolor="#88888855"',
    "deterministic": "shape=box",
    "data": 'shape=box, style="rounded,filled", fillcolor="#88888855"',
}


def dot_of(graph: ModelGraph, count: int | None = None, ink: str = "#444444") -> str:
    """Return the graph in Graphviz's language, in plates: what has a value a row, and what has several of a kind.

    Parameters
    ----------
    graph : ModelGraph
    count : int, optional
        Of the rows.
    ink : str
        Colour of lines and letters.
    """
    plates: dict[str, list[Variable]] = {}
    for one in graph.variables:
        plates.setdefault(_plate(one, count), []).append(one)
    lines = [
        "digraph model {",
        f'  graph [bgcolor=transparent, rankdir=TB, color="{ink}", fontcolor="{ink}", fontname="sans-serif"];',
        f'  node [color="{ink}", fontcolor="{ink}", fontname="sans-serif", fontsize=11];',
        f'  edge [color="{ink}", arrowsize=0.6];',
    ]
    for number, (plate, inside) in enumerate(plates.items()):
        if plate:
            label = _quoted(plate.rpartition("\n")[2])
            lines.append(f"  subgraph cluster_{number} {{ label={label}; labeljust=r; labelloc=b; style=rounded;")
        for one in inside:
            said = f"{_inside(one.name)}\\n{_inside(one.distribution)}"
            lines.append(f'  {_quoted(one.name)} [label="{said}", {_LOOK[one.kind]}];')
        if plate:
            lines.append("  }")
    lines += [f"  {_quoted(a)} -> {_quoted(b)};" for a, b in sorted(graph.arrows)]
    return "\n".join([*lines, "}", ""])


def _plate(one: Variable, count: int | None) -> str:
    """Return what stands on a variable's plate, a column's own in front; empty for one number."""
    if one.kind in ("observed", "data"):
        return "rows" if count is None else f"{count:,} rows"
    if not one.shape:
        return ""
    return f"{one.name.rpartition('.')[0]}\n{' × '.join(map(str, one.shape))}"


def _quoted(text: str) -> str:
    return f'"{_inside(text)}"'


def _inside(text: str) -> str:
    """Return a text as it stands between Graphviz's quotes, where a backslash begins a word of its own."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
