"""How each hypothesis can know an effect: what to adjust for and what not to, and why; on the Act page."""

from __future__ import annotations

import streamlit as st

from core.graph.causal_graph import renamed
from core.graph.identify import Identification, identify
from core.words import joined
from ui import results, widgets, words
from ui.acting import Asked
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["panel"]

_MOST_PATHS = 6


def panel(project: ProjectView, last: Fitted, asked: Asked) -> None:
    """Say for each hypothesis how the effect can be known; those that say the same stand together."""
    st.html(f'<div class="wb-small"><b>How each can know it</b> {why("identified")}</div>')
    told: dict[tuple[str, ...], list[tuple[str, Identification]]] = {}
    for hypothesis in last.comparison.drawn:
        # By the user's own words, where these tell columns apart.
        words_of = results.short_titles(project, hypothesis.graph.nodes, 40)
        found = identify(
            renamed(hypothesis.graph, words_of),
            words_of[asked.node],
            words_of[asked.outcome],
            [words_of[name] for name in hypothesis.background],
        )
        told.setdefault((found.sentence, *_advice(found)), []).append((hypothesis.name, found))
    for said, members in told.items():
        letters = [name for name, _ in members]
        chips = " ".join(widgets.chip(style.letter, style.colour) for style in results.styles(project, letters))
        sentence, *advice = said
        listed = "".join(f"<li>{words.html(text)}</li>" for text in advice)
        st.html(
            f'<div class="wb-small" data-testid="identified">{chips} {words.html(sentence)}'
            f"{_list(listed)}{_more(members[0][1])}</div>"
        )


def _advice(found: Identification) -> tuple[str, ...]:
    """Return what to adjust for and what to leave alone, each with its reason."""
    if found.no_effect or found.left_open:
        return ()
    return tuple(one.sentence for one in found.advice if one.act in ("adjust", "avoid", "measure", "use"))


def _list(items: str) -> str:
    return f'<ul class="wb-claims">{items}</ul>' if items else ""


def _more(found: Identification) -> str:
    """Return what the analyst asks: the formula, other sets, instruments, and the paths."""
    parts = []
    if found.formula:
        parts.append(f"P({found.outcome} | do({found.treatment})) = {found.formula}")
    others = [joined(one) or "nothing" for one in found.adjustment_sets.sets[1:5]]
    if others:
        parts.append(f"Or adjust for: {'; '.join(others)}")
    parts += [
        f"Instrument: {one.instrument}{f' given {joined(one.given)}' if one.given else ''} (in a linear model)"
        for one in found.instruments[:3]
    ]
    parts += [f"{route.kind}: {route}" for route in found.paths.paths[:_MOST_PATHS]]
    if not parts:
        return ""
    inside = "<br>".join(words.html(part) for part in parts)
    return f"<details><summary>formula and paths</summary>{inside}</details>"
