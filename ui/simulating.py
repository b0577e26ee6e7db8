"""The parts of the Simulate page: prior predictive pictures, and one synthetic data set to keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.data.constants import ColumnConstants, assumed_constants
from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.figures.predictive import NodePanel, pair_figure, predictive_figure
from core.figures.theme import Style
from core.model.resolve import resolve
from core.model.spec import ModelSpec
from core.simulate.parameters import named_parameters
from core.simulate.prior import Simulated, draw_parameters, prior_predictive
from core.simulate.synthetic import kinds_of, synthetic
from ui import doors, kept, results, session, theme, widgets, words
from ui.session import ProjectView

__all__ = [
    "controls",
    "marginals",
    "pairs",
    "prior_draws",
    "ranges",
    "synthetic_section",
]

#: Data sets that each hypothesis generates.
DRAWS = 40
#: Rows a source in the CSV beside the pictures of pairs.
OFFERED = 2000
RANGED = ("real", "positive", "count")


def ranges(project: ProjectView, found: results.Candidates) -> None:
    """Without data: ask for the range that each number usually has."""
    kept = project.settings.get("ranges") or {}
    models = {model.node: model for spec in found.specs for model in spec.nodes}
    numbers = [node for node in found.nodes if models[node].kind in RANGED]
    with st.expander("No data yet: what range do these usually have?", expanded=not kept):
        table = pd.DataFrame(
            {
                "variable": [project.title_of(node) for node in numbers],
                "usually from": [(kept.get(node) or [None, None])[0] for node in numbers],
                "to": [(kept.get(node) or [None, None])[1] for node in numbers],
            }
        ).astype({"usually from": "float64", "to": "float64"})
        edited = st.data_editor(table, hide_index=True, disabled=["variable"], key="ranges", width="stretch")
        fresh: dict[str, list[float]] = {}
        for node, low, high in zip(numbers, edited["usually from"], edited["to"], strict=True):
            if pd.isna(low) or pd.isna(high):
                continue
            if low >= high:
                st.html(
                    f'<div class="wb-warn">{words.html(project.title_of(node))}: the first number must be the smaller.</div>'
                )
                continue
            fresh[node] = [float(low), float(high)]
        if fresh != kept:
            session.put_setting(project, ranges=fresh)
            st.rerun()
        widgets.note("Two numbers that most values lie between. Without them a variable is centred at 0 with spread 1.")


def assumed(project: ProjectView, found: results.Candidates) -> dict[str, ColumnConstants]:
    """Return the constants that the user's ranges give."""
    kept = project.settings.get("ranges") or {}
    models = {model.node: model for spec in found.specs for model in spec.nodes}
    return {
        node: assumed_constants(node, models[node].kind, low, high)
        for node, (low, high) in kept.items()
        if node in models and models[node].kind in RANGED
    }


def controls(project: ProjectView, dataset: Dataset | None) -> dict[str, int]:
    """Ask how many rows and which draw."""
    one, two, _ = st.columns([1, 1, 3], vertical_alignment="bottom")
    default = min(dataset.rows, 2000) if dataset is not None else 200
    rows = one.number_input("Rows a data set", 10, 20_000, max(10, default), 50, key="prior_rows")
    if two.button("Draw again", icon=":material/casino:", key="again", width="stretch"):
        st.session_state["prior_seed"] = st.session_state.get("prior_seed", 0) + 1
    return {"rows": int(rows), "seed": int(st.session_state.get("prior_seed", 0))}


def _specs(
    project: ProjectView, dataset: Dataset | None, found: results.Candidates
) -> tuple[tuple[str, ModelSpec], ...]:
    if dataset is not None:
        return tuple((record.letter, spec) for record, spec in zip(found.ready, found.specs, strict=True))
    known = assumed(project, found)
    return tuple((r.letter, resolve(r.hypothesis, None, nodes=found.nodes, assumed=known)) for r in found.ready)


def prior_draws(
    project: ProjectView, dataset: Dataset | None, found: results.Candidates, chosen: Mapping[str, int]
) -> dict[str, Simulated]:
    """Return 40 data sets a hypothesis, each with parameters of its own from the prior."""
    drawn = {}
    for letter, spec in _specs(project, dataset, found):
        drawn[letter] = _prior(spec, chosen["rows"], chosen["seed"])
    overflows = sum(simulated.overflows for simulated in drawn.values())
    if overflows:
        cells = sum(values.size for simulated in drawn.values() for values in simulated.values.values())
        st.html(
            f'<div class="wb-warn">{overflows:,} of {cells:,} generated values were too large for the machine and are '
            "left out: through a chain of log links the priors allow that. Narrower priors would not.</div>"
        )
    return drawn


def _prior(spec: ModelSpec, rows: int, seed: int) -> Simulated:
    return kept.recall("prior", (spec, rows, DRAWS, seed), lambda: prior_predictive(spec, rows, DRAWS, seed))


def _panels(
    project: ProjectView, dataset: Dataset | None, found: results.Candidates, simulated: Mapping[str, Simulated]
) -> dict[str, NodePanel]:
    models = {model.node: model for spec in found.specs for model in spec.nodes}
    panels = {}
    for node in found.nodes:
        unit = project.unit_of(node)
        panels[node] = NodePanel(
            node,
            f"{project.title_of(node)}{f' [{unit}]' if unit else ''}",
            models[node].kind,
            dataset.values(node) if dataset is not None and node in dataset.names else None,
            {letter: drawn.values[node] for letter, drawn in simulated.items()},
            models[node].response.levels,
        )
    return panels


def _styles(project: ProjectView, found: results.Candidates) -> tuple[Style, ...]:
    names = words.clip_all((record.name for record in found.ready), 22)
    return tuple(Style(name, record.letter, record.colour) for name, record in zip(names, found.ready, strict=True))


def marginals(
    project: ProjectView, dataset: Dataset | None, found: results.Candidates, simulated: Mapping[str, Simulated]
) -> None:
    """Draw node by node what each hypothesis generates."""
    panels = _panels(project, dataset, found, simulated)
    shown = list(found.nodes)
    if len(shown) > 6:
        shown = st.multiselect("Columns", shown, shown[:6], format_func=project.title_of, key="prior_columns")
    if not shown:
        return
    beside = "dark: observed; " if dataset is not None else ""
    figure = predictive_figure(
        [panels[node] for node in shown],
        _styles(project, found),
        dark=theme.is_dark(),
        title="What each hypothesis would generate before it has seen any data",
        subtitle=f"{beside}bands: 50 % and 90 % of 40 data sets, each with parameters drawn from the priors",
    )
    names = {record.letter: record.title for record in found.ready}
    titles = {node: project.title_of(node) for node in shown}
    results.plot(
        figure,
        "prior_predictive",
        "prior-predictive",
        lambda: [row for node in shown for row in quantiles(panels[node], titles[node], names)],
    )


def quantiles(panel: NodePanel, title: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return quantiles of a node, observed and generated, for the CSV beside the picture."""
    sources = {"observed": panel.observed, **panel.replicated}
    rows = []
    for source, values in sources.items():
        finite = np.ravel(values)[np.isfinite(np.ravel(values))] if values is not None else np.array([])
        if finite.size:
            found = np.quantile(finite, [0.05, 0.25, 0.5, 0.75, 0.95])
            shares = ("q05", "q25", "q50", "q75", "q95")
            rows.append(
                {
                    "column": title,
                    "from": names.get(source, source),
                    **dict(zip(shares, map(float, found), strict=True)),
                }
            )
    return rows


def pairs(
    project: ProjectView, dataset: Dataset | None, found: results.Candidates, simulated: Mapping[str, Simulated]
) -> None:
    """Draw one generated data set of two chosen nodes."""
    if len(found.nodes) < 2:
        return
    nodes = list(found.nodes)
    first = nodes.index(project.exposure) if project.exposure in nodes else 0
    second = nodes.index(project.outcome) if project.outcome in nodes else min(1, len(nodes) - 1)
    if first == second:
        second = (first + 1) % len(nodes)
    left, right, _ = st.columns([1, 1, 2])
    x = left.selectbox("Across", nodes, first, format_func=project.title_of, key="pair_x")
    y = right.selectbox("Up", nodes, second, format_func=project.title_of, key="pair_y")
    panels = _panels(project, dataset, found, simulated)
    figure = pair_figure(
        panels[x],
        panels[y],
        _styles(project, found),
        dark=theme.is_dark(),
        title=f"{project.title_of(x)} and {project.title_of(y)} together",
        subtitle="one data set from each hypothesis, with parameters from the priors",
    )
    results.plot(figure, "prior_pairs", "prior-pairs", lambda: pair_rows(panels[x], panels[y], found))


def pair_rows(x: NodePanel, y: NodePanel, found: results.Candidates) -> pd.DataFrame:
    """Return the rows of two nodes, observed and of one generated data set a hypothesis, as they are offered."""
    sets = {"observed": (x.observed, y.observed)}
    sets |= {r.title: (x.replicated[r.letter][0], y.replicated[r.letter][0]) for r in found.ready}
    parts = [
        pd.DataFrame({"from": name, "x": xs[:OFFERED], "y": ys[:OFFERED]})
        for name, (xs, ys) in sets.items()
        if xs is not None and ys is not None
    ]
    frame = pd.concat(parts, ignore_index=True)
    same = {x.axis, y.axis} & {"from"} or x.axis == y.axis  # columns may bear any label, also one another's
    frame.columns = ["from", *([f"{x.axis} (across)", f"{y.axis} (up)"] if same else [x.axis, y.axis])]
    return frame


# -- one data set to keep -------------------------------------------------------------


def synthetic_section(project: ProjectView, dataset: Dataset | None, found: results.Candidates) -> None:
    """Let the user set or draw parameters, generate a data set, keep it or fit it."""
    specs = dict(_specs(project, dataset, found))
    records = {record.letter: record for record in found.ready}
    one, two, three = st.columns([2, 1, 1], vertical_alignment="bottom")
    letter = one.selectbox(
        "Which hypothesis is true?", list(specs), format_func=lambda name: records[name].title, key="true_letter"
    )
    default = dataset.rows if dataset is not None else 400
    rows = two.number_input("Rows", 10, 100_000, max(10, min(default, 100_000)), 50, key="synthetic_rows")
    seed = three.number_input("Seed", 0, 2**31, 1, key="synthetic_seed")
    spec = specs[letter]
    table = parameter_table(spec, int(seed))
    edited = st.data_editor(
        table,
        hide_index=True,
        disabled=["node", "parameter"],
        key=f"parameters_{letter}_{seed}_{'|'.join(m.node + m.family for m in spec.nodes)}",
        width="stretch",
        column_config={"value": st.column_config.NumberColumn("value (drawn from the prior; set your own)")},
    )
    parameters: dict[str, dict[str, float]] = {}
    for node, name, value in zip(edited["node"], edited["parameter"], edited["value"], strict=True):
        if not pd.isna(value):
            parameters.setdefault(node, {})[name] = float(value)
    try:
        data, used = synthetic(spec, parameters, int(rows), int(seed))
    except WhyboardError as error:
        widgets.refusal(error)
        return
    missing = int(data.isna().sum().sum())
    if missing:
        st.html(f'<div class="wb-warn">{missing:,} values were too large for the machine and are left out.</div>')
    st.dataframe(data.head(100), hide_index=True, height=220)
    content = data.to_csv(index=False)  # as it is: it may be read again
    left, right, _ = st.columns([1, 2, 2])
    left.download_button("Download as CSV", content, f"synthetic-{letter}.csv", "text/csv", on_click="ignore")
    if right.button("Fit it: does it recover what I put in?", type="primary", key="fit_synthetic"):
        send(project, spec, letter, content, used)


def parameter_table(spec: ModelSpec, seed: int) -> pd.DataFrame:
    """Return every parameter with one draw from its prior."""
    drawn = draw_parameters(spec, 1, np.random.default_rng(seed))
    rows = [
        {"node": model.node, "parameter": name, "value": float(value[0])}
        for model in spec.nodes
        for name, value in named_parameters(model, drawn[model.node]).items()
    ]
    return pd.DataFrame(rows)


def send(project: ProjectView, spec: ModelSpec, letter: str, content: str, used: Mapping[str, Any]) -> None:
    """Open the synthetic data set as a project of its own, with the same drawings, at Fit."""
    store = session.get_store()
    kinds = kinds_of(spec)
    made = session.new_project(
        doors.synthetic_title(project.name),
        f"Does {results.named(project, letter)} recover what was put in?",
        exposure=project.exposure,
        outcome=project.outcome,
        settings={"fit": results.fit_settings(project)},
    )
    levels = {model.node: list(model.response.levels) for model in spec.nodes}
    words_for = {
        node: {"kind": kind, "label": project.title_of(node), "unit": project.unit_of(node)}
        | ({"levels": levels[node]} if levels[node] else {})
        for node, kind in kinds.items()
    }
    store.save_upload(made.token, f"synthetic-{letter}.csv", content.encode(), overrides=words_for)
    for record in project.hypotheses():
        added = store.add_hypothesis(made.token, record.hypothesis.to_dict())
        store.update_hypothesis(made.token, added.id, colour=record.colour)
        if record.letter == letter:  # letters are given anew where some were deleted
            store.change_settings(made.token, truth={"letter": added.letter, "parameters": used})
    session.go("fit", made)
