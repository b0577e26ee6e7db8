"""A hypothesis as a script of PyMC that runs without the house: the joint model, and what each arrow carries.

It is written to be read and taken apart: every number that was frozen of the data has a name, and every node is a
section of its own. A notebook is the same sections, a cell each.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from core.families import get_family
from core.forms.term import Term
from core.model.spec import ModelSpec, NodeModel
from core.report.arrows import cell_function, columns_function, edge_lines
from core.report.columns import carried_by
from core.report.named import Names
from core.report.nodes import INCREASING, LOG_NDTR, node_lines, own_density, words_of
from core.report.rows import MISSING, Rows, carried, needed
from core.report.source import line_of

__all__ = ["Section", "build_text", "script_of", "sections_of"]

_WIDTH = 100


@dataclass(frozen=True)
class Section:
    """A part of a script: what it is, in words, and its code."""

    title: str
    code: str


def script_of(spec: ModelSpec, rows: Rows, draws: int = 1000, seed: int = 0) -> str:
    """Return a hypothesis as a script.

    Parameters
    ----------
    spec : ModelSpec
    rows : Rows
        Which file it reads, and how.
    draws : int
        Of each of four chains.
    seed : int
        Of the sampling.

    Returns
    -------
    str
        Python that needs pymc, pandas and arviz, and prints one line an edge: source, target, mean, sd. Imported as a
        module it has ``read``, ``build`` and ``edges``.
    """
    parts = []
    for place, section in enumerate(sections_of(spec, rows, draws, seed)):
        said = section.title if place else f"{section.title} {needed(rows.path)}"
        title = "\n".join(textwrap.wrap(said, _WIDTH, initial_indent="# ", subsequent_indent="# "))
        parts.append(f"{title}\n\n{section.code.strip()}\n")
    main = _MAIN.replace("data = read()\n    model = build(data)", _SETS) if rows.sets else _MAIN
    return "\n\n".join([*parts, main])


def sections_of(spec: ModelSpec, rows: Rows, draws: int = 1000, seed: int = 0) -> tuple[Section, ...]:
    """Return the parts of a script, from the imports to the numbers of the arrows, nothing run yet."""
    names = Names(spec)
    densities = _densities(spec, names)
    arrows = _arrows(spec, names)
    build = _build(spec, rows, names, {family: called for family, (called, _) in densities.items()})
    edges = _edges(spec, names)
    helpers = [text for _, text in densities.values()]
    if any("log_ndtr(" in text for text in (*helpers, build)):
        helpers.insert(0, LOG_NDTR)
    if " increasing(" in build:
        helpers.append(INCREASING)
    helpers.append(carried_by("\n".join([arrows, build, edges])))
    carried_text = "\n\n".join(text for text in helpers if text)
    head = _head(carried_text, draws, seed)
    return tuple(
        section
        for section in (
            Section(f"{line_of(spec.name)}: a hypothesis drawn in Whyboard, as one Bayesian model.", head),
            Section("The rows: those with a value in every column of the model.", _read(spec, rows)),
            Section("What the model is made with.", carried_text),
            Section("How each arrow takes its source: its columns, one slope each.", arrows),
            Section("The model: the joint density of all columns, causes before effects.", build),
            Section("What each arrow carries, on the data's own scale.", edges),
        )
        if section.code
    )


def _head(helpers: str, draws: int, seed: int) -> str:
    lines = ["import csv", "import sys", "from collections.abc import Callable, Mapping"]
    if "lgamma(" in helpers:
        lines.append("from math import lgamma")
    lines += ["from typing import Any", "", "import arviz as az", "import numpy as np", "import pandas as pd"]
    lines += ["import pymc as pm", "import pytensor.tensor as pt"]
    if "(Ordered)" in helpers:
        lines.append("from pymc.distributions.transforms import Ordered")
    return "\n".join([*lines, "", f"DRAWS = {draws}  # of each of four chains", f"SEED = {seed}"])


# -- rows --------------------------------------------------------------------------------


def _read(spec: ModelSpec, rows: Rows) -> str:
    levels = {model.node: model.response.levels for model in spec.columns if model.response.levels}
    dates = any(model.kind == "date" for model in spec.columns) or rows.time.startswith("days(")
    top = [f"DATA = {rows.path!r}", f"MISSING = {MISSING!r}"]
    if levels:
        each = "".join(
            f"    {node!r}: { ({level: code for code, level in enumerate(known)})!r},\n"
            for node, known in levels.items()
        )
        top.append(f"LEVELS = {{\n{each}}}")
    if rows.count is not None:
        top.append(f"ROWS = {rows.count}  # that the hypothesis was fitted to")
    if rows.left_out:
        top.append(f"LEFT_OUT = {list(rows.left_out)!r}  # rows of the file, from 0")
    options = "".join(f", {name}={value!r}" for name, value in rows.options.items())
    body = [f"table = read_table(DATA{options})", *_before(spec, rows)]
    if rows.left_out:
        body.append("table = table.drop(index=LEFT_OUT)")
    each = "".join(f"    {model.node!r}: {_column(model, rows)},\n" for model in spec.columns)
    body += [f"columns = {{\n{each}}}", "complete = ~np.any([np.isnan(values) for values in columns.values()], axis=0)"]
    if rows.time:
        body.append("complete &= ~np.any([np.isnan(values).any(axis=1) for values in before.values()], axis=0)")
    if rows.count is not None:
        body += ["if complete.sum() != ROWS:", '    sys.exit(f"{DATA} has {complete.sum()} complete rows, not {ROWS}")']
    body.append("data = {name: values[complete] for name, values in columns.items()}")
    if rows.time:
        body.append('data |= {("earlier", name): values[complete] for name, values in before.items()}')
    if rows.sets:
        names = [model.node for model in spec.columns]
        body.append(f'used = {{name: ~was_set(table["_set"], name)[complete] for name in {names!r}}}')
    body.append("return data, used" if rows.sets else "return data")
    read = f"def read() -> Any:\n{_indented(body)}"
    return "\n\n\n".join(
        [
            "\n".join(top),
            carried(dates, bool(levels) or rows.time.startswith("codes("), bool(rows.sets), bool(rows.time)).replace(
                "\n\n\n", "\n\n"
            ),
            read,
        ]
    )


def _before(spec: ModelSpec, rows: Rows) -> list[str]:
    """Return the statements that look back in time, over all rows of the file, where something carries over."""
    reach: dict[str, int] = {}
    for node in spec.nodes:
        for term in node.terms:
            if term.earlier:
                reach[term.parent] = max(len(term.earlier), reach.get(term.parent, 0))
    if not reach:
        return []
    each = "".join(
        f"    {name!r}: earlier({_column(spec.node(name), rows)}, time, {many}),\n" for name, many in reach.items()
    )
    found = [f"time = {rows.time}", f"before = {{\n{each}}}"]
    if rows.left_out:
        found.append("before = {name: np.delete(values, LEFT_OUT, axis=0) for name, values in before.items()}")
    return found


def _column(model: NodeModel, rows: Rows) -> str:
    table = f"table[{model.node!r}]"
    if model.response.levels:
        return f"codes({table}, LEVELS[{model.node!r}])"
    if model.kind == "date":
        return f"days({table})"
    decimal, thousands = rows.marks.get(model.node, (".", ""))
    marks = f", decimal={decimal!r}" if decimal != "." else ""
    return f"numbers({table}{marks}{f', thousands={thousands!r}' if thousands else ''})"


# -- the model ---------------------------------------------------------------------------


def _densities(spec: ModelSpec, names: Names) -> dict[str, tuple[str, str]]:
    """Return, of the families that need them, what their functions are called, and the functions."""
    found: dict[str, tuple[str, str]] = {}
    for node in spec.nodes:
        if node.family not in found and own_density(node.family, node.link, ""):
            called = names.identifier(node.family.lower())
            found[node.family] = (called, own_density(node.family, node.link, called))
    return found


def _arrows(spec: ModelSpec, names: Names) -> str:
    parts: list[str] = []
    terms: dict[Term, None] = {}
    for node in spec.nodes:
        if node.terms and get_family(node.family).form == "cells":
            parts.append(cell_function(node, names))
        elif node.terms:
            terms.update(dict.fromkeys(node.terms))
    parts += [columns_function(term, names) for term in terms]
    return "\n\n".join(part.strip("\n") + "\n" for part in parts)


def build_text(spec: ModelSpec, rows: Rows) -> str:
    """Return the function of a script that makes the model, alone."""
    names = Names(spec)
    densities = _densities(spec, names)
    return _build(spec, rows, names, {family: called for family, (called, _) in densities.items()})


def _build(spec: ModelSpec, rows: Rows, names: Names, functions: dict[str, str]) -> str:
    lines: list[str] = []
    if spec.given:
        lines.append("# background, taken as it was observed")
        for node in spec.given:
            lines.append(f"{names.columns[node.node]} = pm.Data({names.pymc[node.node]!r}, data[{node.node!r}])")
        lines.append("")
    for node in spec.nodes:
        lines += [f"# {line}" for line in textwrap.wrap(words_of(node), _WIDTH)]
        lines += [*node_lines(node, names, node.node in rows.sets, functions), ""]
    given = "data: Any, used: Any" if rows.sets else "data: Any"
    inside = "\n".join(textwrap.indent(line, "    ") for line in lines[:-1])
    body = _indented(["with pm.Model() as model:", inside, "return model"])
    return f"def build({given}) -> pm.Model:\n{body}"


def _edges(spec: ModelSpec, names: Names) -> str:
    lines = []
    for node in spec.nodes:
        lines += edge_lines(spec, node, names)
    body = _indented(lines or ["yield from ()"])
    return f"{_DRAWS}\n\ndef edges(data: Any, trace: Any) -> Any:\n{body}"


def _indented(lines: Sequence[str]) -> str:
    return "".join(f"{textwrap.indent(line, '    ')}\n" for line in lines)


_DRAWS = '''def draws(trace: Any, name: str) -> Any:
    """Return the draws of a parameter, all chains behind one another."""
    values = trace.posterior[name].to_numpy()
    return values.reshape(-1, *values.shape[2:])

'''

_SETS = "data, used = read()\n    model = build(data, used)"

_MAIN = '''
def main() -> None:
    """Sample, and print one line an edge: source, target, mean, sd."""
    data = read()
    model = build(data)
    with model:
        trace = pm.sample(DRAWS, tune=1000, chains=4, target_accept=0.9, random_seed=SEED, progressbar=False)
    print(az.summary(trace, kind="diagnostics"), file=sys.stderr)
    writer = csv.writer(sys.stdout, lineterminator="\\n")
    for source, target, values, what in edges(data, trace):
        writer.writerow([source, target, f"{values.mean():.6g}", f"{values.std():.6g}", *([what] if what else [])])


if __name__ == "__main__":
    main()
'''
