"""Causes without arrows between them: were they meant to be unrelated? One click makes them background."""

from __future__ import annotations

import streamlit as st

from core.errors import WhyboardError
from core.graph.implications import restricted_to
from core.graph.loose import loose_causes
from core.hypothesis import Hypothesis
from ui import drawing, widgets, words
from ui.drawing import Held
from ui.session import ProjectView

__all__ = ["ask_unrelated", "asked_about"]

ENOUGH = 5  # claims that nobody need be asked about
NAMED = 4
_MEANT, _REFUSED = "meant_unrelated", "related_refused"


def asked_about(hypothesis: Hypothesis, columns: tuple[str, ...] | None) -> tuple[tuple[str, ...], int]:
    """Return the causes to ask about and how many claims call two of them unrelated; none where it is a handful.

    Causes that the data lack are left out: nothing is claimed about them that could be tested.
    """
    graph = hypothesis.graph
    seen = graph if columns is None else restricted_to(graph, columns)
    background = [name for name in hypothesis.background if name not in seen.latents]
    members, claims = loose_causes(seen, hypothesis.exposure, hypothesis.outcome, background)
    # What is background and lacks a column stays background.
    kept = {*members, *hypothesis.background}
    return (tuple(name for name in graph.nodes if name in kept), claims) if claims > ENOUGH else ((), 0)


def ask_unrelated(project: ProjectView, id: str, held: Held, columns: tuple[str, ...] | None) -> None:
    """Ask, in the column of claims, until it is answered for these causes."""
    members, claims = asked_about(held.hypothesis, columns)
    error = st.session_state.get(_REFUSED, {}).get(id)
    if error is not None:
        widgets.refusal(error)
    if not members or st.session_state.get(_MEANT, {}).get(id) == members:
        return
    names = words.html(words.listing((project.title_of(name) for name in members), NAMED))
    with st.container(key=f"unrelated_{id}", gap=None):
        st.html(
            f'<div class="wb-warn"><b>{claims} of this graph’s claims</b> say that causes without arrows between them '
            f"({names}) are unrelated. Did you mean that?</div>"
        )
        st.button(
            "They may be related in any way",
            key=f"related_{id}",
            help="Puts them into the background: nothing is claimed about how they are related. Undo brings this back.",
            on_click=_relate,
            args=(project, id, members),
        )
        st.button("Yes, I meant it", key=f"meant_{id}", type="tertiary", on_click=_meant, args=(id, members))


def _relate(project: ProjectView, id: str, members: tuple[str, ...]) -> None:
    refused = st.session_state.setdefault(_REFUSED, {})
    refused.pop(id, None)
    try:
        drawing.change(project, id, drawing.with_background(drawing.held_now(id), members))
    except WhyboardError as error:
        refused[id] = error


def _meant(id: str, members: tuple[str, ...]) -> None:
    st.session_state.setdefault(_MEANT, {})[id] = members
