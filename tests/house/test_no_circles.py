"""No file of core or ui knows itself through others, in the head of a file or hidden in a function."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("core", "ui", "pages")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
#: Imports inside functions that close a circle, each with its reason. A face is a method that the contract names
#: (`Hypothesis.read`, `result.plot()`); what it hands on to is made of the class that has it.
FACES = {
    ("core.graph.causal_graph", "core.graph.network"): "CausalGraph.to_networkx and from_networkx",
    ("core.hypothesis", "core.formats"): "Hypothesis.read, from_dagitty and their like",
    ("core.hypothesis", "core.formats.native"): "Hypothesis.to_dict and from_dict",
    ("core.hypothesis", "core.formats.network"): "Hypothesis.to_networkx and from_networkx",
    ("core.data.dataset", "core.data.read"): "Dataset.read",
    ("core.data.dataset", "core.data.kinds"): "Dataset.from_frame and what changes a column's kind",
    ("core.data.kinds", "core.data.frame"): "a column that is read again as another kind",
    ("core.comparison.result", "core.comparison.text"): "repr of a comparison",
    ("core.comparison.result", "core.figures.compared"): "Comparison.plot and graph",
    ("core.model.block_model", "core.model.block_likelihood"): "a block's model asks for its likelihood",
}


@cache
def imported(name: str) -> tuple[tuple[str, bool], ...]:
    """Return the files that a file imports when it runs, and whether it does so inside a function."""
    return tuple(_imported(name))


def _imported(name: str) -> Iterator[tuple[str, bool]]:
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    guards = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)]
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    typing_only = {id(inner) for guard in guards for inner in ast.walk(guard)}
    inside = {id(inner) for function in functions for inner in ast.walk(function)}
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            found = [module if module in FILES else node.module for module in full]
        else:
            continue
        yield from ((module, id(node) in inside) for module in found if module in FILES and module != name)


def circles(hidden: bool) -> list[list[str]]:
    """Return the groups of files that know each other; ``hidden`` looks into functions too, but for faces."""
    known = nx.DiGraph()
    for name in FILES:
        known.add_edges_from(
            (name, other) for other, inside in imported(name) if not inside or (hidden and (name, other) not in FACES)
        )
    return [sorted(group) for group in nx.strongly_connected_components(known) if len(group) > 1]


@pytest.mark.parametrize("hidden", [False, True], ids=["in the head", "in functions too"])
def test_no_file_knows_itself_through_others(hidden: bool) -> None:
    assert circles(hidden) == []


@pytest.mark.parametrize(("name", "other"), FACES)
def test_every_exception_is_still_there(name: str, other: str) -> None:
    assert (other, True) in imported(name), "take it out of the list"
