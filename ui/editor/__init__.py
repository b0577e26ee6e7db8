"""The drawing component: its Python face.

:func:`editor` mounts the canvas of ``frontend/`` (built into ``build/``) and hands back
the user's last edit; :mod:`ui.editor.protocol` says what an edit is and judges it,
:mod:`ui.editor.drawing` keeps a hypothesis and its drawing in step.

A page calls it in a fragment, with the drawing in session state::

    def take() -> None:
        edited = st.session_state.drawing.edited(last_edit("canvas"))
        st.session_state.drawing = edited.drawing

    editor(st.session_state.drawing.document, columns=dataset.columns, key="canvas", on_edit=take)
"""

from ui.editor.drawing import Drawing, Edited, graph_of, hypothesis_of
from ui.editor.mount import editor, last_edit, pictures
from ui.editor.overlay import EdgeMark, EdgeWay, NodeAdvice, NodeMark, Overlay, PairMark, Paths
from ui.editor.pictures import Picture, overlay_of
from ui.editor.protocol import Accepted, Document, EdgeState, GraphState, Look, NodeState, accept, look_of, push

__all__ = [
    "Accepted",
    "Document",
    "Drawing",
    "EdgeMark",
    "EdgeState",
    "EdgeWay",
    "Edited",
    "GraphState",
    "Look",
    "NodeAdvice",
    "NodeMark",
    "NodeState",
    "Overlay",
    "PairMark",
    "Paths",
    "Picture",
    "accept",
    "editor",
    "graph_of",
    "hypothesis_of",
    "last_edit",
    "look_of",
    "overlay_of",
    "pictures",
    "push",
]
