"""A script as a notebook: the same sections, a cell each, with what runs them and draws what came of it.

Written by hand in nbformat 4, which is JSON: the house has no need of Jupyter.
"""

from __future__ import annotations

import json
from typing import Any

from core.model.spec import ModelSpec
from core.report.rows import Rows, needed
from core.report.script import sections_of

__all__ = ["notebook_of"]

_SAMPLE = """{read}
model = {build}
with model:
    trace = pm.sample(DRAWS, tune=1000, chains=4, target_accept=0.9, random_seed=SEED)
    pm.sample_posterior_predictive(trace, extend_inferencedata=True, random_seed=SEED)
az.summary(trace)"""

_EDGES = """pd.DataFrame(
    [(source, target, what, values.mean(), values.std()) for source, target, values, what in edges(data, trace)],
    columns=["source", "target", "what", "mean", "sd"],
)"""

# More panels than 40 ArviZ refuses to draw.
_CHAINS = """effective = {name: float(found.min()) for name, found in az.ess(trace).dataset.data_vars.items()}
az.plot_trace_dist(trace, var_names=sorted(effective, key=effective.get)[:12], compact=True);"""

_PREDICTED = """columns = list(trace.posterior_predictive.data_vars)
az.plot_ppc_dist(trace, group="posterior_predictive", var_names=columns[:30]);"""


def notebook_of(spec: ModelSpec, rows: Rows, draws: int = 1000, seed: int = 0) -> str:
    """Return a hypothesis as a notebook: a script's sections, then its figures; parameters as :func:`script_of`."""
    first, *others = sections_of(spec, rows, draws, seed)
    packages = needed(rows.path, "matplotlib")
    cells = [_said(f"# {_plain(first.title)}\n\n{packages}"), _code(first.code)]
    for section in others:
        cells += [_said(f"## {_plain(section.title)}"), _code(section.code)]
    names = ("data, used", "build(data, used)") if rows.sets else ("data", "build(data)")
    cells += [
        _said("## Sampling\n\nR-hat near 1 and effective draws in the hundreds say that the chains agree."),
        _code(_SAMPLE.format(read=f"{names[0]} = read()", build=names[1])),
        _said("## The numbers of the arrows\n\nA contrast a line where a category is at one end."),
        _code(_EDGES),
    ]
    if any(node.terms for node in spec.nodes):
        cells += [
            _said("## Coefficients, on the scale on which each node takes its causes"),
            _code("""az.plot_forest(trace, var_names=["slopes", "probabilities"], filter_vars="like");"""),
        ]
    cells += [
        _said("## Chains: each should look like the others\n\nThe variables with the fewest effective draws."),
        _code(_CHAINS),
        _said("## Does the model draw data like those that were observed?"),
        _code(_PREDICTED),
    ]
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"
    record = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(record, ensure_ascii=True, indent=1) + "\n"


def _plain(text: str) -> str:
    """Return a name so that Markdown takes none of it for a mark of its own."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]<>#|$" else letter for letter in text)


def _said(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": text.strip("\n").splitlines(keepends=True),
    }
