"""Mounting the component; the only module of the editor that imports streamlit."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.data.dataset import Column
from ui.editor.overlay import Overlay
from ui.editor.pictures import Picture, board
from ui.editor.protocol import MAX_NAME, MAX_NODES, Document, Look
from ui.editor.protocol import shown as shown_in

__all__ = ["editor", "last_edit", "pictures"]

BUILD = Path(__file__).parent / "build"
BUNDLE = "editor.js"
STATE = "edit"
INK = "#0072B2"

_log = logging.getLogger(__name__)


@cache
def _component() -> Callable[..., Any]:
    """Register the component once: as a file that browsers cache, else as text.

    The file form needs this project to be installed as a distribution (editable is
    enough), since Streamlit finds the asset folder through its metadata. As text the whole
    bundle travels again with every change.
    """
    _calm_collector()
    try:
        return st.components.v2.component("whyboard.editor", js=BUNDLE)
    except StreamlitAPIException as error:
        _log.warning("whyboard is not installed; the drawing component is sent inline (slower): %s", error)
    text = (BUILD / BUNDLE).read_text(encoding="utf-8")
    return st.components.v2.component("whyboard_editor_inline", js=text)


def _calm_collector() -> None:
    """Spare what is imported by now from the full collection that Streamlit runs after each script.

    That collection holds the interpreter's lock over the whole heap (150 ms with pandas and
    plotly loaded), mostly before the script's last messages have left: it is the largest
    part of the time from a gesture to the changed page. Modules never become garbage.
    """
    gc.collect()
    gc.freeze()


def editor(
    doc: Document,
    *,
    key: str,
    columns: Sequence[Column] | None = None,
    overlay: Overlay | None = None,
    colour: str = INK,
    height: int = 520,
    notice: str = "",
    read_only: bool = False,
    shown: Look | None = None,
    on_edit: Callable[[], None] | None = None,
) -> Mapping[str, Any] | None:
    """Show the canvas and return the user's last edit, if there is one.

    Parameters
    ----------
    doc : Document
        What is drawn. Undo, zoom and selection belong to ``doc.key`` and survive reruns and
        page changes.
    key : str
        Streamlit's key of the component. The edit is its one state value.
    columns : sequence of Column, optional
        The data's columns, for the palette; ``None`` while there are no data.
    overlay : Overlay, optional
        What a fit or a check says, drawn over the graph.
    colour : str
        The hypothesis's colour, ``#rrggbb``.
    height : int
        Height of the whole component in pixels.
    notice : str
        A sentence to show on the canvas, for instance why the last edit was refused.
    read_only : bool
        Show, but take no edits.
    shown : Look, optional
        A node or arrow that was chosen beside the canvas: it is selected there when its turn is new.
    on_edit : callable, optional
        Streamlit calls it before the rerun that an edit, or a click that asks for settings
        (:func:`ui.editor.protocol.look_of`), causes; :func:`last_edit` gives what was sent there, so that the rerun already sees the new document.

    Returns
    -------
    mapping or None
        For :func:`ui.editor.protocol.accept`. It stays the same over reruns until the next
        edit; ``accept`` knows which it has taken.
    """
    data = {
        "document": doc.key,
        "rev": doc.rev,
        "seq": doc.seq,
        "graph": doc.graph.to_dict(),
        "columns": None if columns is None else [_column(column) for column in columns],
        "overlay": (overlay or Overlay()).to_dict(),
        "colour": colour,
        "height": height,
        "notice": notice,
        "readOnly": read_only,
        "limits": {"nodes": MAX_NODES, "name": MAX_NAME},
        "shown": shown_in(doc.graph, shown),
    }
    result = _component()(key=key, data=data, **{f"on_{STATE}_change": on_edit or _nothing})
    return _edit_in(result)


def pictures(several: Sequence[Picture], *, key: str, drawn: Mapping[str, tuple[float, float]] | None = None) -> None:
    """Show hypotheses beside each other, read-only, in one layout that takes the shape of the frame.

    Parameters
    ----------
    several : sequence of Picture
    key : str
        Streamlit's key of the component.
    drawn : mapping of node to (x, y), optional
        The user's own places, kept where everything can be read there.
    """
    _component()(key=key, data=board(several, drawn or {}))


def last_edit(key: str) -> Mapping[str, Any] | None:
    """Return the last edit of the component with this key, for use inside ``on_edit``."""
    return _edit_in(st.session_state.get(key))


def _edit_in(state: Any) -> Mapping[str, Any] | None:
    edit = state.get(STATE) if isinstance(state, Mapping) else None
    return edit if isinstance(edit, Mapping) else None


def _column(column: Column) -> dict[str, str]:
    return {"name": column.name, "kind": column.kind, "label": column.label, "unit": column.unit}


def _nothing() -> None:
    """Stand in for a callback: Streamlit lists a state value only if it has one."""
