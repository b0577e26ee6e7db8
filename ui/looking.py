"""What is looked at on the Draw page: the arrow or node of the inspector, in step with the canvas.

A click on the canvas (or Enter) chooses the tool and what it shows; what is chosen in the tool's list is
selected on the canvas. Neither is an edit: the drawing, its counters and its undo stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ui.drawing import Held
from ui.editor import Look, look_of

__all__ = ["ARROWS", "NODES", "TOOL", "arrow_key", "arrow_name", "chosen", "node_key", "on_canvas", "shown"]

TOOL, ARROWS, NODES = "tool", "Each arrow", "Nodes"
_TAKEN, _SHOWN = "look_taken", "look_shown"


def arrow_key(id: str) -> str:
    """Return the key of the list of a drawing's arrows."""
    return f"arrow_{id}"


def node_key(id: str) -> str:
    """Return the key of the list of a drawing's nodes."""
    return f"node_{id}"


def arrow_name(source: str, target: str) -> str:
    """Return how an arrow is named in that list."""
    return f"{source} -> {target}"


def on_canvas(id: str, held: Held, edit: Mapping[str, Any] | None) -> None:
    """Open the inspector of what was clicked on the canvas, once a click; for use in a callback."""
    look = look_of(held.drawing.document, edit)
    if look is None or st.session_state.get(_TAKEN) == look.turn:
        return
    st.session_state[_TAKEN] = look.turn
    if len(look.names) == 1:
        st.session_state[TOOL], st.session_state[node_key(id)] = NODES, look.names[0]
    else:
        st.session_state[TOOL], st.session_state[arrow_key(id)] = ARROWS, arrow_name(*look.names)


def chosen(id: str, *names: str) -> None:
    """Note what was chosen in a list, for the canvas to select it."""
    turn = int(st.session_state.get("look_turn", 0)) + 1
    st.session_state["look_turn"] = turn
    st.session_state[_SHOWN] = (id, Look(str(turn), names))


def shown(id: str) -> Look | None:
    """Return what the canvas of a drawing is to select."""
    whose, look = st.session_state.get(_SHOWN, ("", None))
    return look if whose == id else None
