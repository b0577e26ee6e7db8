"""How a hypothesis can know an effect: what to adjust for and what not to, and why; on the Act and the Draw page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import streamlit as st

from core.errors import GraphError
from core.graph.advice import Advice
from core.graph.causal_graph import CausalGraph, renamed
from core.graph.identify import Identification, identify
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


def panel(project: ProjectView, last: Fitted, asked: Asked, unfitted: Sequence[Hypothesis] = ()) -> None:
    """Say for each hypothesis how the effect can be known; those that say the same stand together.

    ``unfitted`` could not be fitted; what would make an effect of theirs known stands with their answers.
    """
    st.html(f'<div class="wb-small"><b>How each can know it</b> {why("identified")}</div>')
    told: dict[tuple[str, ...], list[tuple[str, Identification | None]]] = {}
    for hypothesis in (*last.comparison.drawn, *unfitted):
        whole = hypothesis.with_unconnected((asked.node, asked.outcome))
        # By the user's own words, where these tell columns apart.
        words_of = results.short_titles(project, whole.graph.nodes, 40)
        try:
            found = found_for(whole, asked.node, asked.outcome, words_of)
        except GraphError as error:  # what is asked about is not measured, in this one
            told.setdefault((sentence(error.message),), []).append((hypothesis.name, None))
            continue
        told.setdefault(said_of(found, ways=hypothesis not in unfitted), []).append((hypothesis.name, found))
    for said, members in told.items():
        letters, first = [name for name, _ in members], members[0][1]
        chips = " ".join(widgets.chip(style.letter, style.colour) for style in results.styles(project, letters))
        more = "" if first is None else more_html(first, "formula and paths", _paths(first))
        st.html(f'<div class="wb-small" data-testid="identified">{chips} {said_html(said)}{more}</div>')


def _paths(found: Identification) -> list[str]:
    return [f"{route.kind}: {route}" for route in found.paths.paths[:_MOST_PATHS]]


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


def said_of(found: Identification, ways: bool = True) -> tuple[str, ...]:
    """Return the answer, then what to adjust for and what to leave alone, each with its reason, and any ``ways`` out."""
    return (found.sentence, *(one.sentence for one in advised(found)), *(_ways(found) if ways else ()))


def advised(found: Identification) -> list[Advice]:
    """Return the advice that bears on the effect; none where there is no effect, or where it is left open."""
    if found.no_effect or found.left_open:
        return []
    return [one for one in found.advice if one.act in ("adjust", "avoid", "measure", "use")]


def _ways(found: Identification) -> tuple[str, ...]:
    """Return how an effect that is not identified could be known, where that takes few changes."""
    ways = found.ways_out
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
