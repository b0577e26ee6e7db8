"""A page with nothing but the drawing component, for the browser tests and the benchmark.

Beside the canvas stands what Python holds, as text, and buttons that do what other parts
of a page do: rerun, push a graph, switch hypothesis, leave and come back.
"""

from __future__ import annotations

import json
import os

import streamlit as st

from core.data.dataset import Column
from core.hypothesis import Edge, Hypothesis, Node, Prior
from ui.editor import Drawing, EdgeMark, NodeAdvice, NodeMark, Overlay, PairMark, Paths, editor, last_edit

st.set_page_config(layout="wide")

COLUMNS = (
    Column("season", "category"),
    Column("ads", "positive", label="ad spend", unit="EUR"),
    Column("visits", "count"),
    Column("price", "positive"),
    Column("sales", "real", unit="units"),
    Column("promo", "binary"),
)
MARKUP = '<img src=x onerror="window.hacked=1">'


def start() -> Hypothesis:
    size = int(os.environ.get("EDITOR_NODES", "0"))
    if size:
        width = 10
        nodes = tuple(Node(f"v{i}", position=(200.0 * (i % width), 120.0 * (i // width))) for i in range(size))
        edges = tuple(Edge(f"v{i}", f"v{i + 1}") for i in range(size - 2))
        edges += tuple(Edge(f"v{i}", f"v{i + width}") for i in range(size - width - 1))
        return Hypothesis("big", nodes, edges)
    if os.environ.get("EDITOR_EMPTY"):
        return Hypothesis("A")
    return marketing()


def marketing(**changes: object) -> Hypothesis:
    fields = {
        "name": "A",
        "nodes": (
            Node("season", position=(0, 0)),
            Node("ads", position=(230, 0), priors=(("intercept", Prior("Normal", (("mu", 0.0), ("sigma", 1.0)))),)),
            Node("visits", position=(230, 140), family="Poisson"),
            Node("sales", position=(460, 70)),
        ),
        "edges": (Edge("season", "ads"), Edge("ads", "visits")),
        **changes,
    }
    return Hypothesis(**fields)  # type: ignore[arg-type]


def statin(*more: Node) -> Hypothesis:
    """Return a drawing with long names and, at the end, a collider."""
    nodes = (
        Node("age_years", position=(120, 0)),
        Node("statin_treatment", position=(300, 100)),
        Node("systolic_bp_mmhg", position=(150, 260)),
        Node("hospital_admission", position=(260, 390)),
        *more,
    )
    arrows = (
        ("age_years", "statin_treatment"),
        ("age_years", "systolic_bp_mmhg"),
        ("statin_treatment", "systolic_bp_mmhg"),
    )
    meeting = (("statin_treatment", "hospital_admission"), ("systolic_bp_mmhg", "hospital_admission"))
    return Hypothesis("A", nodes, tuple(Edge(a, b) for a, b in (*arrows, *meeting)))


state = st.session_state
if "drawings" not in state:
    state.drawings = {"h1": Drawing.of(start(), key="h1"), "h2": Drawing.of(Hypothesis("B"), key="h2")}
    state.current, state.refused, state.runs = "h1", "", 0


def take() -> None:
    edited = state.drawings[state.current].edited(last_edit("canvas"))
    state.drawings[state.current] = edited.drawing
    state.refused = str(edited.refused or "")


def put(hypothesis: Hypothesis) -> None:
    state.drawings[state.current] = state.drawings[state.current].replaced(hypothesis)


@st.fragment
def canvas() -> None:
    drawing = state.drawings[state.current]
    overlay = Overlay()
    if state.get("overlay"):
        overlay = Overlay(
            edges=(
                EdgeMark("season", "ads", label="+0.42", width=5, title="0.42 [0.34, 0.50]"),
                EdgeMark("ads", "visits", label="0.1", width=1.5, style="dashed"),
            ),
            nodes=(NodeMark("sales", "spread not reproduced", "bad"),),
            pairs=(PairMark("season", "sales", label="0.31 left over"),),
        )
    if state.get("advice"):
        overlay = Overlay(paths=Paths(nodes=(NodeAdvice("hospital_admission", "avoid", "do not condition"),)))
    columns = None if os.environ.get("EDITOR_NO_DATA") else COLUMNS
    editor(
        drawing.document, key="canvas", columns=columns, overlay=overlay, notice=state.refused,
        colour=os.environ.get("EDITOR_COLOUR", "#0072B2"), height=int(os.environ.get("EDITOR_HEIGHT", "520")),
        on_edit=take,
    )  # fmt: skip
    state.runs += 1
    hypothesis = drawing.hypothesis
    told = {
        "arrows": [f"{e.source}>{e.target}" for e in hypothesis.edges],
        "arcs": [f"{a}<>{b}" for a, b in hypothesis.bidirected],
        "nodes": [n.name for n in hypothesis.nodes],
        "latent": [n.name for n in hypothesis.nodes if n.latent],
        "at": {n.name: [round(c) for c in n.position] for n in hypothesis.nodes if n.position},
        "families": {n.name: n.family for n in hypothesis.nodes if n.family},
        "priors": [n.name for n in hypothesis.nodes if n.priors],
        "background": list(hypothesis.background),
        "exposure": hypothesis.exposure,
        "outcome": hypothesis.outcome,
        "rev": drawing.document.rev,
        "seq": drawing.document.seq,
        "runs": state.runs,
    }
    st.html(f"<pre id='told'>{json.dumps(told, ensure_ascii=True).replace('<', chr(92) + 'u003c')}</pre>")


row = st.columns(9)
if row[0].button("push reversed"):
    put(marketing(edges=(Edge("ads", "season"),)))
if row[1].button("push markup"):
    put(marketing(nodes=(*marketing().nodes, Node(MARKUP))))
row[2].button("rerun")
if row[3].button("other"):
    state.current = "h2" if state.current == "h1" else "h1"
away = row[4].toggle("away")
row[5].toggle("overlay", key="overlay")
row[6].text_input("words", key="words", label_visibility="collapsed")
if row[7].button("push long"):
    put(statin())
if row[8].button("push far"):
    put(statin(Node("far_away", position=(820, 420))))
row[5].toggle("advice", key="advice")
if not away:
    canvas()
