"""Arrows that bend, as curves: on Compare those that do, and on demand those that may; on Draw the one looked at."""

from __future__ import annotations

import streamlit as st

from core.comparison.result import HypothesisFacts
from core.data.dataset import Dataset
from core.figures.curves import Strip, curve_figure, curve_title, strips_of, with_rows
from core.figures.theme import Figure, Style
from core.model.resolve import working_transform
from ui import bending, remedies, results, theme, widgets, words
from ui.remedies import Remedy
from ui.results import Fitted
from ui.session import HypothesisRecord, ProjectView

__all__ = ["of_arrow", "panel"]

_MOST = 8  # pictures under one another


def panel(project: ProjectView, last: Fitted) -> None:
    """Draw each arrow that bends with its band; without any, offer to let all bend."""
    strips = strips_of(last.comparison.hypotheses, _styles(project, last))
    if not strips:
        _offer(project, last)
        return
    bent = tuple(strip for strip in strips if strip.bent)
    straight = len(strips) - len(bent)
    if bent:
        many = f"{len(bent)} arrows bend" if len(bent) > 1 else "One arrow bends"
        results.said(many, "what the cause adds, 0 on average over rows; band: 90 % interval")
        _draw(project, bent[:_MOST], "curves")
    if straight:
        said = f"{words.count(straight, 'arrow')} that may bend probably {'do' if straight > 1 else 'does'} not"
        section = results.opened(said, "straight")
        if section.open:
            with section:
                _draw(project, tuple(strip for strip in strips if not strip.bent)[:_MOST], "straight_curves")


def of_arrow(
    project: ProjectView, record: HypothesisRecord, facts: HypothesisFacts, dataset: Dataset, pair: tuple[str, str]
) -> None:
    """Draw the curve that the latest fit found for an arrow, over the rows where both share a scale; else nothing."""
    style = results.styles(project, [facts.name])[0]
    found = next((s for s in strips_of([facts], {facts.name: style}) if (s.source, s.target) == pair), None)
    if found is None:
        return
    target = next(node for node in facts.nodes if node.name == pair[1])
    if target.link == "identity" and working_transform(target.family) == "identity":
        found = with_rows(found, *(dataset.values(name) for name in pair))
    st.html(f'<div class="wb-panel-head">{words.html(_head(project, found))}</div>')
    _draw(project, (found,), f"curve_{record.id}", headed=False)
    dots = "Dots: your rows, less their average; what other causes add is in them. " if found.rows else ""
    widgets.note(f"{dots}Line and band: what the cause adds, and where that lies with 90 %.")


def _head(project: ProjectView, strip: Strip) -> str:
    unit = project.unit_of(strip.target)
    added = f"added to {project.title_of(strip.target)}{f' ({unit})' if unit else ''}"
    return f"{curve_title(strip, results.titles(project, (strip.source, strip.target)))}: {added}"


def _draw(project: ProjectView, strips: tuple[Strip, ...], key: str, headed: bool = True) -> None:
    nodes = list(dict.fromkeys(node for strip in strips for node in (strip.source, strip.target)))
    titles, units = results.titles(project, nodes), results.units(project, nodes)
    figure = results.picture(_figure, strips, tuple(titles.items()), tuple(units.items()), theme.is_dark(), headed)
    results.plot(figure, key, key, "curves of arrows")
    results.offer(
        lambda: [
            {"arrow": f"{s.source} -> {s.target}", "hypothesis": r.style.letter, "at": x, "mean": m, "q05": a, "q95": b}
            for s in strips
            for r in s.ribbons
            for x, m, a, b in zip(s.at, r.mean, r.q05, r.q95, strict=True)
        ],
        key,
        key,
    )


def _figure(
    strips: tuple[Strip, ...],
    titles: tuple[tuple[str, str], ...],
    units: tuple[tuple[str, str | None], ...],
    dark: bool,
    headed: bool,
) -> Figure:
    return curve_figure(strips, dict(titles), dict(units), dark, headed)


def _styles(project: ProjectView, last: Fitted) -> dict[str, Style]:
    names = [facts.name for facts in last.comparison.hypotheses]
    return dict(zip(names, results.styles(project, names), strict=True))


def _offer(project: ProjectView, last: Fitted) -> None:
    """Offer to let every straight arrow bend, where there is one and nothing else is going on."""
    straight = any(
        edge.form == "linear" and edge.mean is not None for h in last.comparison.hypotheses for edge in h.edges
    )
    if not straight or last.changed or results.live_request(project) is not None:
        return
    hint = f"In all hypotheses, which are fitted again; each shows the probability that it bends. {bending.HINT}"
    if st.button(bending.EVERY, key="bend_all", help=hint, type="tertiary", icon=":material/show_chart:"):
        remedies.press(project, last, Remedy("bend", "", "", ()))
