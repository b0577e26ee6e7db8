"""A comparison as the Compare page draws it: effects, disagreements and graphs, for whoever holds the facts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import plotly.graph_objects as go

from core.comparison.answers import reads_better_wide
from core.comparison.result import Comparison, Difference, HypothesisFacts
from core.effects.steps import SHARE
from core.effects.total import Quartiles
from core.errors import UsageError
from core.figures.cutting import cut_all
from core.figures.graph import graph_view
from core.figures.graph_page import graph_page, side_by_side
from core.figures.placing import Place, shared_positions
from core.figures.scores import Interval, disagreement_figure, interval_figure
from core.figures.theme import HYPOTHESIS_COLOURS, Style, lines
from core.graph.layout import layered_positions
from core.hypothesis import Hypothesis
from core.words import number

__all__ = [
    "GraphPicture",
    "common_arrows",
    "disagreement_title",
    "effect_axis",
    "effect_pairs",
    "effect_rows",
    "figures_of",
    "picture_of",
    "places_of",
    "quartiles_of",
]

_WIDE, _HEAD = 92, 70  # characters a line of a heading, pixels over a picture
_CONTRASTS = 4  # of one effect, before a figure gets too long


@dataclass(frozen=True)
class GraphPicture:
    """A drawn graph: shows itself in a notebook, and is one self-contained HTML page."""

    html: str
    height: int

    def _repr_html_(self) -> str:
        page = escape(self.html, quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:{self.height + 8}px;border:0"></iframe>'

    def save(self, path: str | Path) -> None:
        """Write the page to a file."""
        Path(path).write_text(self.html, encoding="utf-8")


def figures_of(comparison: Comparison, *, dark: bool = False) -> dict[str, go.Figure]:
    """Return the figures of a comparison by name; see :meth:`Comparison.plot`."""
    titles = {column.name: column.label for column in comparison.data.columns}
    units = {column.name: column.unit for column in comparison.data.columns}
    styles = _styles(comparison)
    found: dict[str, go.Figure] = {}
    for pair in effect_pairs(comparison):
        wide = reads_better_wide(comparison.hypotheses, pair)
        rows = [
            row
            for facts in comparison.hypotheses
            for row in effect_rows(facts, pair, facts.name, styles[facts.name].colour, wide)
        ]
        x, y = _cut((titles.get(node, node) for node in pair), 30)
        figure = interval_figure(rows, axis=effect_axis(comparison, pair, titles, units, wide), dark=dark, write=number)
        found[f"effect of {pair[0]} on {pair[1]}"] = _headed(
            figure, f"What {x} does to {y}, if each is right", "dot: posterior mean; bar: 90 % interval"
        )
    for chosen in ranked_pairs(comparison.differences):
        said = {node: titles.get(node, node) for node in chosen.by_node}
        figure = disagreement_figure(chosen.by_node, styles[chosen.a], styles[chosen.b], said, dark=dark)
        found[f"{chosen.a} and {chosen.b}"] = _headed(
            figure,
            disagreement_title(chosen, titles),
            "by how much one predicts a column better than the other, summed over rows",
        )
    return found


def _headed(figure: go.Figure, title: str, subtitle: str) -> go.Figure:
    """Return a figure with its finding over it: on a page the page says it."""
    layout = figure.layout
    heading = {"text": lines(title, _WIDE), "subtitle": {"text": lines(subtitle, _WIDE)}, "x": 0, "xref": "paper"}
    figure.update_layout(
        title=heading, height=(layout.height or 0) + _HEAD, margin={"t": (layout.margin.t or 0) + _HEAD}
    )
    return figure


def picture_of(
    comparison: Comparison, name: str, *, dark: bool = False, width: int = 900, height: int = 480
) -> GraphPicture:
    """Return one hypothesis as a picture; see :meth:`Comparison.graph`."""
    drawn = {hypothesis.name: hypothesis for hypothesis in comparison.drawn}
    if name not in drawn:
        said = f"The hypotheses are: {', '.join(drawn)}." if drawn else "Compare again: this was kept without drawings."
        raise UsageError(f"there is no drawing of a hypothesis {name!r}", place=f"hypothesis {name}", hint=said)
    titles = {column.name: column.label for column in comparison.data.columns}
    view = graph_view(
        drawn[name],
        _styles(comparison)[name].colour,
        places_of(comparison.drawn),
        titles,
        comparison.hypothesis(name).to_dict(),
        {column.name: column.unit for column in comparison.data.columns},
        common_arrows(comparison.drawn),
    )
    page = graph_page(side_by_side([view], width, height - 20)[0], dark=dark, height=height, zoom=True)
    return GraphPicture(page, height)


def _styles(comparison: Comparison) -> dict[str, Style]:
    return {
        facts.name: Style(facts.name, facts.name, HYPOTHESIS_COLOURS[place % len(HYPOTHESIS_COLOURS)])
        for place, facts in enumerate(comparison.hypotheses)
    }


def places_of(hypotheses: Iterable[Hypothesis]) -> dict[str, Place]:
    """Return one place a node for pictures side by side: as drawn, else laid out."""
    drawn = list(hypotheses)
    laid: dict[str, Place] = {}
    for hypothesis in drawn:
        for name, place in layered_positions(hypothesis.graph).items():
            laid.setdefault(name, place)
    return shared_positions(drawn, laid)


def common_arrows(hypotheses: Iterable[Hypothesis]) -> set[tuple[str, str]]:
    """Return the arrows that every hypothesis has, where there is something else to look at."""
    drawn = [{(edge.source, edge.target) for edge in hypothesis.edges} for hypothesis in hypotheses]
    shared = set.intersection(*drawn)
    return shared if any(arrows != shared for arrows in drawn) else set()


# -- effects ----------------------------------------------------------------------------


def effect_pairs(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the effects that were asked for, as (treatment, outcome)."""
    return list(dict.fromkeys((e.treatment, e.outcome) for facts in comparison.hypotheses for e in facts.effects))


def effect_rows(
    facts: HypothesisFacts, pair: tuple[str, str], label: str, colour: str, wide: bool = False
) -> list[Interval]:
    """Return one row, or one a contrast, for what a hypothesis says; ``wide``: of the step between the quartiles."""
    rows = []
    for effect in facts.effects:
        if (effect.treatment, effect.outcome) != pair:
            continue
        if not effect.identified:
            rows.append(Interval(label, None, note="not identified"))
        elif effect.mean is None and effect.contrasts:
            shown = effect.contrasts[:_CONTRASTS]
            for said, one in zip(_cut(one.name for one in shown), shown, strict=True):
                rows.append(Interval(f"{facts.name} {said}", one.mean, one.q05, one.q95, colour=colour))
        elif effect.mean is None:
            note = "has no mean: a StudentT's tails enter an exponential" if facts.gates.passed else _HELD_BACK
            rows.append(Interval(label, None, note=note))
        elif effect.mean == 0 and not effect.sd:
            rows.append(Interval(label, 0.0, colour=colour, note="no path leads there"))
        else:
            shown_step = effect.quartiles if wide and effect.quartiles is not None else effect
            rows.append(Interval(label, shown_step.mean, shown_step.q05, shown_step.q95, colour=colour))
    return rows


def quartiles_of(comparison: Comparison, pair: tuple[str, str]) -> Quartiles | None:
    """Return the step from quartile to quartile of an effect, None where there is none."""
    effects = (e for f in comparison.hypotheses for e in f.effects if (e.treatment, e.outcome) == pair)
    return next((e.quartiles for e in effects if e.quartiles is not None), None)


_HELD_BACK = "held back: a gate failed"


def effect_axis(
    comparison: Comparison,
    pair: tuple[str, str],
    titles: Mapping[str, str],
    units: Mapping[str, str],
    wide: bool = False,
) -> str:
    """Return what the axis of an effect measures, with units."""
    x, y = _cut(titles.get(node, node) for node in pair)
    per, unit = (units.get(node, "") for node in pair)
    column = next(c for c in comparison.data.columns if c.name == pair[0])
    if column.kind == "binary" and len(column.levels) == 2:
        step = f"when {x} goes from {column.levels[0]} to {column.levels[1]}"
    elif wide and (found := quartiles_of(comparison, pair)) is not None:
        step = f"when {x} goes from {number(found.low)} to {number(found.high)}{f' [{per}]' if per else ''}"
    else:
        more = f"{SHARE:g}" if column.kind == "proportion" else "1"
        step = f"for {more} more {x}{f' [{per}]' if per else ''}"
    scale = " (median)" if any(e.scale == "median" for f in comparison.hypotheses for e in f.effects) else ""
    return f"change in {y}{f' [{unit}]' if unit else ''}{scale} {step}"


# -- disagreements ----------------------------------------------------------------------


def ranked_pairs(differences: Sequence[Difference]) -> list[Difference]:
    """Return the pairs that predict something differently, those that differ most first."""
    found = [one for one in differences if one.elpd is not None and one.by_node]
    return sorted(found, key=lambda one: -abs(one.elpd or 0.0))


def disagreement_title(chosen: Difference, titles: Mapping[str, str]) -> str:
    """Return the finding of a picture of where two hypotheses disagree."""
    size, error = abs(chosen.elpd or 0.0), chosen.se or 0.0
    worst = max(chosen.by_node, key=lambda node: abs(chosen.by_node[node]))
    if chosen.same_class:
        return f"{chosen.a} = {chosen.b}: tied; what is left is due to the assumed families and forms"
    if size < 4 or size < 2 * error:
        return f"{chosen.a} and {chosen.b}: no difference in prediction that these data can show"
    return f"{chosen.a} and {chosen.b} disagree most on {_cut([titles.get(worst, worst)])[0]}"


def _cut(texts: Iterable[str], most: int = 40) -> list[str]:
    """Return texts on one line each, none longer than ``most``, different ones still different."""
    return cut_all([" ".join(text.split()) for text in texts], most)
