"""The parts of the Simulate page: prior predictive pictures, and one synthetic data set to keep."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.data.constants import ColumnConstants, assumed_constants
from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.figures.predictive import MOST_POINTS, NodePanel, pair_figure, predictive_rows
from core.figures.theme import Figure, Style
from core.graph.background import descendant_closure
from core.model.resolve import resolve
from core.model.spec import ModelSpec
from core.simulate.background import background_rows
from core.simulate.parameters import named_parameters
from core.simulate.prior import Simulated, draw_parameters, prior_predictive
from core.simulate.synthetic import kinds_of, synthetic
from core.store.load import read_here
from ui import doors, kept, predictive, results, session, theme, widgets, words
from ui.session import ProjectView

__all__ = [
    "controls",
    "marginals",
    "pairs",
    "ranges",
    "synthetic_section",
    "together",
    "world",
]

FloatArray = NDArray[np.float64]

#: Data sets that each hypothesis generates.
DRAWS = 40
#: Rows a source in the CSV beside the pictures of pairs.
OFFERED = 2000
RANGED = ("real", "positive", "count")
EACH, TOGETHER = "Each column", "Two columns together"


def ranges(project: ProjectView, found: results.Candidates) -> None:
    """Without data: ask for the range that each number usually has."""
    kept = project.settings.get("ranges") or {}
    models = {model.node: model for spec in found.specs for model in spec.columns}
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
    models = {model.node: model for spec in found.specs for model in spec.columns}
    return {
        node: assumed_constants(node, models[node].kind, low, high)
        for node, (low, high) in kept.items()
        if node in models and models[node].kind in RANGED
    }


def controls(dataset: Dataset | None) -> dict[str, int]:
    """Ask how many rows and which draw."""
    one, two, _ = st.columns([1, 1, 3], vertical_alignment="bottom")
    default = min(dataset.rows, 2000) if dataset is not None else 200
    rows = one.number_input("Rows a data set", 10, 20_000, max(10, default), 50, key="prior_rows")
    if two.button("Draw again", icon=":material/casino:", key="again", width="stretch"):
        st.session_state["prior_seed"] = st.session_state.get("prior_seed", 0) + 1
    return {"rows": int(rows), "seed": int(st.session_state.get("prior_seed", 0))}


def together(found: results.Candidates) -> bool:
    """Ask whether two columns are looked at together; what is not looked at is neither made nor sent."""
    if len(found.nodes) < 2:
        return False
    chosen = st.segmented_control(
        "Look at", [EACH, TOGETHER], default=EACH, required=True, key="prior_shown", label_visibility="collapsed"
    )
    return chosen == TOGETHER


def _specs(
    project: ProjectView, dataset: Dataset | None, found: results.Candidates
) -> tuple[tuple[str, ModelSpec], ...]:
    if dataset is not None:
        return tuple((record.letter, spec) for record, spec in zip(found.ready, found.specs, strict=True))
    known = assumed(project, found)
    return tuple((r.letter, resolve(r.hypothesis, None, nodes=found.nodes, assumed=known)) for r in found.ready)


@dataclass(frozen=True, eq=False)
class World:
    """What each hypothesis would generate before it has seen any data: drawn when somebody looks, and kept.

    Each has :data:`DRAWS` data sets of ``rows`` rows, every one with parameters of its own from the prior.
    """

    specs: Mapping[str, ModelSpec]
    rows: int
    seed: int
    dataset: Dataset | None
    axes: Mapping[str, str]
    names: Mapping[str, str]

    @property
    def key(self) -> Hashable:
        """All that the draws, and what was observed beside them, follow from."""
        return tuple(self.specs.items()), self.rows, self.seed, self.dataset.fingerprint if self.dataset else ""

    def draws(self, letter: str) -> Simulated:
        """Return what one hypothesis generates."""
        spec = self.specs[letter]
        key: tuple[Hashable, ...] = (spec, self.rows, DRAWS, self.seed)
        if spec.given:
            key = (*key, self.dataset.fingerprint if self.dataset else "")
        return kept.recall("prior", key, lambda: self._drawn(spec))

    def _drawn(self, spec: ModelSpec) -> Simulated:
        given = background_rows(spec, self.dataset, self.rows, self.seed)
        return prior_predictive(spec, self.rows, DRAWS, self.seed, given_raw=given)

    @property
    def drawn(self) -> frozenset[str]:
        """The nodes that some hypothesis draws; the others are background, as it was observed."""
        return frozenset(model.node for spec in self.specs.values() for model in spec.nodes)

    def observed(self, node: str) -> FloatArray | None:
        """Return the column of a node, where there is one."""
        return self.dataset.values(node) if self.dataset is not None and node in self.dataset.names else None

    def panel(self, node: str) -> NodePanel:
        """Return what a node's pictures are made from."""
        model = next(model for spec in self.specs.values() for model in spec.columns if model.node == node)
        replicated = {letter: self.draws(letter).values[node] for letter in self.specs}
        return NodePanel(
            node, self.axes[node], model.kind, self.observed(node), replicated, model.response.levels
        )  # fmt: skip

    def lost(self) -> tuple[int, int]:
        """Return how many values were too large for the machine, and how many there are."""
        drawn = [self.draws(letter) for letter in self.specs]
        cells = sum(values.size for simulated in drawn for values in simulated.values.values())
        return sum(simulated.overflows for simulated in drawn), cells


def world(project: ProjectView, dataset: Dataset | None, found: results.Candidates, chosen: Mapping[str, int]) -> World:
    """Return what the hypotheses would generate, and say what of it is too large for the machine."""
    made = World(
        dict(_specs(project, dataset, found)),
        chosen["rows"],
        chosen["seed"],
        dataset,
        {node: predictive.axis_of(project, node) for node in found.nodes},
        {record.letter: record.title for record in found.ready},
    )
    lost, cells = kept.recall("lost", made.key, made.lost)
    if lost:
        st.html(
            f'<div class="wb-warn">{lost:,} of {cells:,} generated values were too large for the machine and are '
            "left out: through a chain of log links the priors allow that. Narrower priors would not.</div>"
        )
    return made


def _styles(found: results.Candidates) -> tuple[Style, ...]:
    names = words.clip_all((record.name for record in found.ready), 22)
    return tuple(Style(name, record.letter, record.colour) for name, record in zip(names, found.ready, strict=True))


def marginals(project: ProjectView, found: results.Candidates, made: World) -> None:
    """Draw node by node what each hypothesis generates."""
    shown = [node for node in found.nodes if node in made.drawn]
    given = [project.title_of(node) for node in found.nodes if node not in made.drawn]
    if given:
        widgets.note(f"Background, taken from your rows as they are: {words.listing(given)}.")
    if len(shown) > 6:
        # What the question is about first, as on Check.
        asked = descendant_closure(
            [hypothesis.graph for hypothesis in found.hypotheses],
            {name for h in found.hypotheses for name in (h.exposure, h.outcome) if name is not None},
        )
        shown = sorted(shown, key=lambda node: node not in asked)
        shown = st.multiselect("Columns", shown, shown[:6], format_func=project.title_of, key="prior_columns")
    if not shown:
        return
    beside = f"{predictive.observed_line()}; " if made.dataset is not None else ""
    results.said(
        "What each hypothesis would generate before it has seen any data",
        f"{beside}bands: 50 % and 90 % of {DRAWS} data sets, each with parameters drawn from the priors",
    )
    key = (made.key, tuple((node, made.axes[node]) for node in shown))
    rows = kept.recall("generated", key, lambda: predictive_rows([made.panel(node) for node in shown]))
    predictive.abreast(rows, _styles(found), key, "prior")
    titles = {node: project.title_of(node) for node in shown}
    results.offer(
        lambda: [row for node in shown for row in quantiles(made.panel(node), titles[node], made.names)],
        "prior",
        "prior-predictive",
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


def pairs(project: ProjectView, found: results.Candidates, made: World) -> None:
    """Draw one generated data set of two chosen nodes, beside what was observed."""
    nodes = list(found.nodes)
    first = nodes.index(project.exposure) if project.exposure in nodes else 0
    second = nodes.index(project.outcome) if project.outcome in nodes else min(1, len(nodes) - 1)
    if first == second:
        second = (first + 1) % len(nodes)
    left, right, _ = st.columns([1, 1, 2])
    x = left.selectbox("Across", nodes, first, format_func=project.title_of, key="pair_x", persist_state="page")
    y = right.selectbox("Up", nodes, second, format_func=project.title_of, key="pair_y", persist_state="page")
    titles = (project.title_of(x), project.title_of(y))
    most = f"; {MOST_POINTS} of its {made.rows:,} rows are drawn" if made.rows > MOST_POINTS else ""
    results.said(
        f"{titles[0]} and {titles[1]} together",
        f"one data set from each hypothesis, with parameters from the priors{most}",
    )
    dark = theme.is_dark()
    seen = made.observed(x) is not None and made.observed(y) is not None
    sources = [*([("", "Observed", "")] if seen else []), *((s.letter, s.title, s.colour) for s in _styles(found))]
    key = (made.key, x, y, made.axes[x], made.axes[y], dark)
    predictive.columns(
        [
            predictive.Drawn(
                f"pair_{letter}",
                ("pair", key, letter, name, colour),
                functools.partial(_pair, made, x, y, letter, name, colour, dark),
                f"{titles[1]} over {titles[0]}: {name}",
            )
            for letter, name, colour in sources
        ],
        "pairs",
    )
    results.offer(lambda: pair_rows(made.panel(x), made.panel(y), made.names), "pairs", "prior-pairs")


def _pair(made: World, x: str, y: str, letter: str, name: str, colour: str, dark: bool) -> Figure:
    """Draw one data set: the first that a hypothesis generates, or what was observed."""
    across, up = made.panel(x), made.panel(y)
    if letter:
        xs, ys = across.replicated[letter][0], up.replicated[letter][0]
    else:
        assert across.observed is not None
        assert up.observed is not None
        xs, ys = across.observed, up.observed
    return pair_figure(across, up, xs, ys, name=name, colour=colour, dark=dark)


def pair_rows(x: NodePanel, y: NodePanel, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows of two nodes, observed and of one generated data set a hypothesis, as they are offered."""
    sets = {"observed": (x.observed, y.observed)}
    sets |= {name: (x.replicated[letter][0], y.replicated[letter][0]) for letter, name in names.items()}
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
        given = background_rows(spec, dataset, int(rows), int(seed))
        data, used = synthetic(spec, parameters, int(rows), int(seed), given_raw=given)
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
    levels = {model.node: list(model.response.levels) for model in spec.columns}
    words_for = {
        node: {"kind": kind, "label": project.title_of(node), "unit": project.unit_of(node)}
        | ({"levels": levels[node]} if levels[node] else {})
        for node, kind in kinds.items()
    }
    name, raw = f"synthetic-{letter}.csv", content.encode()
    store.save_upload(made.token, name, raw, table=read_here(raw, name), overrides=words_for)
    for record in project.hypotheses():
        added = store.add_hypothesis(made.token, record.hypothesis.to_dict())
        store.update_hypothesis(made.token, added.id, colour=record.colour)
        if record.letter == letter:  # letters are given anew where some were deleted
            store.change_settings(made.token, truth={"letter": added.letter, "parameters": used})
    session.go("fit", made)
