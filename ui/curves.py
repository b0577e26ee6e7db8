"""Arrows that bend, as curves, on Compare: those that do, and on demand those that may."""

from __future__ import annotations

import streamlit as st

from core.figures.curves import Strip, curve_figure, strips_of
from core.figures.theme import Figure, Style
from ui import remedies, results, theme, words
from ui.remedies import Remedy
from ui.results import Fitted
from ui.session import ProjectView

__all__ = ["panel"]

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


def _draw(project: ProjectView, strips: tuple[Strip, ...], key: str) -> None:
    nodes = list(dict.fromkeys(node for strip in strips for node in (strip.source, strip.target)))
    titles, units = results.titles(project, nodes), results.units(project, nodes)
    figure = results.picture(_figure, strips, tuple(titles.items()), tuple(units.items()), theme.is_dark())
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
) -> Figure:
    return curve_figure(strips, dict(titles), dict(units), dark)


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
    hint = (
        "Every straight arrow becomes a curve where the data ask for one, in all hypotheses, which are fitted again; "
        "each shows the probability that it bends. You can undo it."
    )
    if st.button("Let arrows bend", key="bend_all", help=hint, type="tertiary", icon=":material/show_chart:"):
        remedies.press(project, last, Remedy("bend", "", "", ()))
