"""Pictures and canvases of made-up hypotheses, for the tests that measure them; nothing is fitted.

``?case=`` chooses the graphs, ``&canvas=1`` shows the first of them on the canvas instead.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.figures.graph import graph_view
from core.graph.background import descendant_closure
from core.hypothesis import Edge, Hypothesis, Node
from ui.editor import Drawing, NodeMark, Picture, editor, last_edit, pictures
from ui.theme import COLOURS, on_colour

st.set_page_config(layout="wide")
st.html("<style>[data-testid=stMainBlockContainer]{padding:3.5rem 1.5rem}</style>")

Pair = tuple[str, str]

LONG = (
    "household_income_before_tax_in_2019_euros",
    "share of working hours spent from at home",
    "years_of_schooling_of_the_mother_adjusted",
    "distance to the nearest hospital in metre",
    "average daily temperature over the summer",
    "number_of_previous_admissions_within_year",
    "body mass index at the baseline interview",
    "systolic_blood_pressure_mean_of_3_reading",
    "cigarettes smoked per day by self reports",
    "physical_activity_minutes_per_week_logged",
    "medication adherence over the first month",
    "cholesterol_low_density_lipoprotein_level",
    "length of stay in the hospital after event",
    "all_cause_mortality_within_five_years_yes",
)


def marketing() -> list[Hypothesis]:
    nodes = (Node("season"), Node("ads"), Node("visits"), Node("sales"))
    arrows = {
        "A": [("season", "ads"), ("ads", "visits"), ("visits", "sales"), ("season", "sales")],
        "B": [("season", "ads"), ("ads", "visits"), ("visits", "sales"), ("ads", "sales")],
        "C": [("ads", "season"), ("ads", "visits"), ("visits", "sales"), ("season", "sales")],
    }
    return [hypothesis(name, nodes, pairs, "ads", "sales") for name, pairs in arrows.items()]


def ten() -> list[Hypothesis]:
    """An exposure, an outcome and ten covariates, as an epidemiologist draws them."""
    names = ["age", "sex", "education", "income", "smoking", "alcohol", "exercise", "diet", "bmi", "blood pressure"]
    nodes = tuple(Node(name) for name in ("statin use", "heart attack", *names))
    shared = [(name, "heart attack") for name in names] + [(name, "statin use") for name in names[:5]]
    inner = [("age", "income"), ("education", "income"), ("smoking", "bmi"), ("diet", "bmi"), ("bmi", "blood pressure")]
    full = [*shared, *inner, ("statin use", "heart attack"), ("exercise", "bmi"), ("alcohol", "blood pressure")]
    lean = [
        pair for pair in full if pair not in [("sex", "statin use"), ("diet", "heart attack"), ("bmi", "heart attack")]
    ]
    return [
        hypothesis(name, nodes, pairs, "statin use", "heart attack") for name, pairs in {"A": full, "B": lean}.items()
    ]


def fourteen() -> list[Hypothesis]:
    """Fourteen nodes with names of 40 letters."""
    n = LONG
    nodes = tuple(Node(name, latent=name == n[3]) for name in n)
    one = [
        (n[0], n[3]), (n[0], n[6]), (n[2], n[0]), (n[2], n[8]), (n[1], n[9]), (n[4], n[9]), (n[8], n[7]), (n[9], n[6]),
        (n[6], n[7]), (n[6], n[11]), (n[3], n[5]), (n[7], n[5]), (n[11], n[5]), (n[5], n[12]), (n[10], n[12]),
        (n[10], n[11]), (n[12], n[13]), (n[7], n[13]), (n[0], n[10]),
    ]  # fmt: skip
    two = [pair for pair in one if pair not in [(n[0], n[6]), (n[9], n[6])]] + [(n[10], n[13]), (n[8], n[13])]
    return [hypothesis("A", nodes, one, n[10], n[13], ((n[4], n[8]),)), hypothesis("B", nodes, two, n[10], n[13])]


def hypothesis(
    name: str, nodes: tuple[Node, ...], arrows: list[Pair], exposure: str, outcome: str, arcs: tuple[Pair, ...] = ()
) -> Hypothesis:
    return Hypothesis(name, nodes, tuple(Edge(a, b) for a, b in arrows), arcs, exposure, outcome)


#: Contradicted claims to make up for each case.
RED = {"marketing": 1, "ten": 2, "fourteen": 15}
CASES = {"marketing": marketing, "ten": ten, "fourteen": fourteen}


def facts(one: Hypothesis, red: int, asked: frozenset[str]) -> dict[str, Any]:
    """Make up what a fit says: numbers of every length, signs, doubt, categories."""
    edges: list[dict[str, Any]] = []
    for number, edge in enumerate(one.edges):
        size = [0.9, 0.5, 0.28, 0.12, 0.03][number % 5]
        mean = [1234.0, -0.42, 0.00312, 56.1, -0.0123][number % 5]
        spread = abs(mean) * (0.2 if number % 5 not in (3, 4) else 1.4)
        found = {"source": edge.source, "target": edge.target, "standardized_mean": size, "strength": size}
        if number % 6 == 4:
            contrasts = [{"name": "north to south", "mean": 1.2, "q05": 0.7, "q95": 1.6}]
            edges.append({**found, "mean": None, "standardized_mean": None, "contrasts": contrasts})
        else:
            edges.append({**found, "mean": mean, "q05": mean - spread, "q95": mean + spread})
    joined = {frozenset((e.source, e.target)) for e in one.edges} | {frozenset(arc) for arc in one.bidirected}
    names = [node.name for node in one.nodes if not node.latent]
    free = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :] if frozenset((a, b)) not in joined]
    free.sort(key=lambda pair: (names.index(pair[0]) * 7 + names.index(pair[1]) * 5) % 11)
    claims = [
        {
            "x": a,
            "y": b,
            "association": (-1) ** i * (0.6 - 0.03 * i),
            "contradicted": True,
            "bears": not asked or bool(asked & {a, b}),
        }
        for i, (a, b) in enumerate(free[:red])
    ]
    nodes = [
        {"name": name, "family": "Poisson" if i % 4 == 1 else "Normal", "link": "identity"}
        for i, name in enumerate(names)
    ]
    return {"edges": edges, "implications": claims, "nodes": nodes}


def shown(case: str) -> list[Picture]:
    several = CASES[case]()
    common = set.intersection(*({(e.source, e.target) for e in one.edges} for one in several))
    marks = (several[0].exposure, several[0].outcome)
    asked = descendant_closure([one.graph for one in several], [name for name in marks if name])
    found = []
    for number, one in enumerate(several):
        view = graph_view(one, COLOURS[number], {}, {}, facts(one, RED[case], asked), {}, common)
        marks = (NodeMark(one.nodes[2].name, "spread not reproduced", "bad"),) if number == 1 else ()
        note = f"and {view.more} more" if view.more else ""
        tie = "A = C" if case == "marketing" and one.name != "B" else ""
        name = ["Ads first", "Demand first", "Both"][number]
        found.append(Picture(one.name, name, view, on_colour(view.colour), tie, note, marks=marks))
    lost = graph_view(several[-1], COLOURS[4], {}, {})
    if st.query_params.get("failed"):
        found.append(Picture("D", "Not yet", lost, "#1f2933", problem="Not fitted: the column visits is missing"))
    return found


def take() -> None:
    st.session_state.drawing = st.session_state.drawing.edited(last_edit("canvas")).drawing


case = st.query_params.get("case", "marketing")
if st.query_params.get("canvas"):
    if "drawing" not in st.session_state:
        st.session_state.drawing = Drawing.of(CASES[case]()[0], key=case)
    editor(st.session_state.drawing.document, key="canvas", on_edit=take)
else:
    pictures(shown(case), key="pictures")
    st.button("again", key="again")
