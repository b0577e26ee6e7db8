"""The component's Python face, without a browser."""

from __future__ import annotations

import logging

from streamlit.testing.v1 import AppTest

import ui.editor.mount as mount

SCRIPT = """
import streamlit as st
from core.data.dataset import Column
from core.hypothesis import Hypothesis, Node
from ui.editor import Drawing, editor, last_edit

if "drawing" not in st.session_state:
    st.session_state.drawing = Drawing.of(Hypothesis("A", (Node("ads"), Node("sales"))), key="h")
edit = editor(st.session_state.drawing.document, key="canvas", columns=(Column("ads", "count"),))
edited = st.session_state.drawing.edited(edit)
st.session_state.drawing = edited.drawing
st.text(f"{edited.drawing.hypothesis.graph.edges} {edited.refused}")
"""


def arrow(seq: int, *pairs: tuple[str, str]) -> dict[str, object]:
    edges = [{"id": f"e{i}", "source": a, "target": b, "bidirected": False} for i, (a, b) in enumerate(pairs)]
    nodes = [
        {"id": f"n{i}", "name": name, "x": 0, "y": 100 * i, "latent": False} for i, name in ((1, "ads"), (2, "sales"))
    ]
    return {"document": "h", "base": 0, "seq": seq, "nodes": nodes, "edges": edges, "exposure": None, "outcome": None}


def test_an_edit_in_session_state_reaches_the_page_as_from_a_browser():
    app = AppTest.from_string(SCRIPT, default_timeout=120).run()
    assert not app.exception
    assert app.text[0].value == "() None"
    app.session_state["canvas"] = {"edit": arrow(1, ("n1", "n2"))}
    app.run()
    assert app.text[0].value == "(('ads', 'sales'),) None"
    app.run()
    assert app.text[0].value == "(('ads', 'sales'),) None"
    app.session_state["canvas"] = {"edit": arrow(2, ("n1", "n2"), ("n2", "n1"))}
    app.run()
    assert app.text[0].value.startswith("(('ads', 'sales'),) the arrows form a cycle: ")


def test_where_the_project_is_not_installed_the_bundle_goes_inline_and_the_log_says_so(monkeypatch, caplog):
    asked = []

    def component(name: str, *, js: str) -> str:
        asked.append((name, len(js)))
        if "\n" not in js:
            raise mount.StreamlitAPIException("not declared")
        return name

    monkeypatch.setattr(mount.st.components.v2, "component", component)
    with caplog.at_level(logging.WARNING):
        assert mount._component.__wrapped__() == "whyboard_editor_inline"
    assert asked[0] == ("whyboard.editor", len(mount.BUNDLE))
    assert asked[1][1] > 100_000
    assert "inline" in caplog.text
