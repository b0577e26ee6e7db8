"""How a hypothesis can know an effect: what to adjust for and what not to, and why; on the Act and the Draw page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import streamlit as st

from core.graph.advice import Advice
from core.graph.causal_graph import CausalGraph, renamed
from core.graph.identify import Identification, identify
from core.graph.remedies import ways_out
from core.hypothesis import Hypothesis
from core.words import either, joined, sentence
from ui import results, widgets, words
from ui.acting import Asked
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["advised", "found_for", "more_html", "panel", "said_html", "said_of"]

_MOST_PATHS = 6
_MOST_WAYS = 4
_MOST_SAID = 6
#: Unmeasured causes, up to which ways out of up to three, and of two changes are looked for while somebody draws.
_FEW, _SOME = 10, 24


def panel(project: ProjectView, last: Fitted, asked: Asked) -> None:
    """Say for each hypothesis how the effect can be known; those that say the same stand together."""
    st.html(f'<div class="wb-small"><b>How each can know it</b> {why("identified")}</div>')
    told: dict[tuple[str, ...], list[tuple[str, Identification]]] = {}
    for hypothesis in last.comparison.drawn:
        # By the user's own words, where these tell columns apart.
        words_of = results.short_titles(project, hypothesis.graph.nodes, 40)
        found = found_for(hypothesis, asked.node, asked.outcome, words_of)
        told.setdefault(said_of(found), []).append((hypothesis.name, found))
    for said, members in told.items():
        letters = [name for name, _ in members]
        chips = " ".join(widgets.chip(style.letter, style.colour) for style in results.styles(project, letters))
        paths = [f"{route.kind}: {route}" for route in members[0][1].paths.paths[:_MOST_PATHS]]
        more = more_html(members[0][1], "formula and paths", paths)
        st.html(f'<div class="wb-small" data-testid="identified">{chips} {said_html(said)}{more}</div>')


def found_for(hypothesis: Hypothesis, treatment: str, outcome: str, words_of: Mapping[str, str]) -> Identification:
    """Return what a hypothesis says of an effect, in the user's words for its nodes.

    Raises
    ------
    GraphError
        If one of the two is not measured.
    """
    return _found(
        renamed(hypothesis.graph, words_of),
        words_of[treatment],
        words_of[outcome],
        tuple(words_of[name] for name in hypothesis.background),
    )


@lru_cache(maxsize=64)
def _found(graph: CausalGraph, treatment: str, outcome: str, background: tuple[str, ...]) -> Identification:
    """Remember the last ones, since each keeps what was asked of it and a page asks at every click."""
    return identify(graph, treatment, outcome, background)


def said_of(found: Identification) -> tuple[str, ...]:
    """Return the answer, then what to adjust for and what to leave alone, each with its reason, and any ways out."""
    return (found.sentence, *(one.sentence for one in advised(found)), *_ways(found))


def advised(found: Identification) -> list[Advice]:
    """Return the advice that bears on the effect; none where there is no effect, or where it is left open."""
    if found.no_effect or found.left_open:
        return []
    return [one for one in found.advice if one.act in ("adjust", "avoid", "measure", "use")]


@lru_cache(maxsize=64)
def _ways(found: Identification) -> tuple[str, ...]:
    """Return how an effect that is not identified could be known; quick, however many unmeasured causes there are."""
    if found.identified or found.left_open:
        return ()
    graph = found.drawn
    unmeasured = len(graph.bidirected) + len(graph.latents)
    most = 3 if unmeasured <= _FEW else 2 if unmeasured <= _SOME else 1
    asked = found.treatment, found.outcome, found.background
    ways = ways_out(graph, lambda one: identify(one, *asked).identified, most)
    if not ways:
        return ()
    rest = f" (or in {words.count(len(ways) - _MOST_WAYS, 'other way')})" if len(ways) > _MOST_WAYS else ""
    return (sentence(f"It could be known if {either(map(str, ways[:_MOST_WAYS]))}{rest}"),)


def said_html(said: Sequence[str]) -> str:
    """Return the answer and the advice below it as HTML."""
    answer, *advice = said
    items = [f"<li>{words.html(text)}</li>" for text in advice]
    shown, rest = _listed(items[:_MOST_SAID]), _listed(items[_MOST_SAID:])
    more = f"<details><summary>{len(items) - _MOST_SAID} more</summary>{rest}</details>" if rest else ""
    return f"{words.html(answer)}{shown}{more}"


def _listed(items: Sequence[str]) -> str:
    return f'<ul class="wb-claims">{"".join(items)}</ul>' if items else ""


def more_html(found: Identification, head: str, paths: Sequence[str] = ()) -> str:
    """Return what the analyst asks: the formula, other sets, instruments, and any ``paths``; nothing if there is none."""
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
    parts += paths
    if not parts:
        return ""
    inside = "<br>".join(words.html(part) for part in parts)
    return f"<details><summary>{words.html(head)}</summary>{inside}</details>"
