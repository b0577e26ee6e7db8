"""Whether an answer still holds: whatever changes what it rests on is noticed and named, words are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.check.tested import Rules
from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.fit import blocks
from core.hypothesis import Absence, Edge, Hypothesis, Node, Prior
from core.jobs.job import Asked, basis_of
from core.model.spec import NodeModel, Response, Term
from core.study import holding, plan
from core.study.holding import Basis, Changes, basis, changes

NAMES = ("a", "b", "c", "d")
WIDE = Prior("Normal", (("mu", 0.0), ("sigma", 0.5)))
SETTINGS = {"effects": [("a", "c")], "method": "auto", "draws": 4000, "seed": 1}


def table(seed: int = 0, rows: int = 40) -> Dataset:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: np.exp(rng.normal(size=rows)) for name in NAMES})
    frame["d"] = np.where(frame["d"] > 1, "yes", "no")
    return Dataset.from_frame(frame)


DATA = table()
PAIRS_OF_ROWS = Dataset.from_frame(DATA.table.assign(pair=[f"p{row // 2}" for row in range(40)]))
CHAIN = Hypothesis(
    "A",
    tuple(Node(name, position=(0.0, 0.0)) for name in ("a", "b", "c")),
    (Edge("a", "b"), Edge("b", "c")),
    exposure="a",
    outcome="c",
)


def now_of(*hypotheses: Hypothesis, data: Dataset = DATA, **settings: object) -> Basis:
    return basis(data, hypotheses, **{**SETTINGS, **settings})


# -- fields, one by one: a new one fails these tests until somebody says what it does ------------

#: Field to a change of it: None is a word, which changes nothing; "refused" cannot be fitted (yet).
NODE: dict[str, object] = {
    "name": "d", "kind": "real", "family": "StudentT", "link": "refused", "latent": True, "group": "d",
    "position": None, "priors": (("intercept", WIDE),), "unit": None, "description": None,
}  # fmt: skip
EDGE: dict[str, object] = {
    "source": "a", "target": "c", "form": "quadratic", "sign": "+", "prior": WIDE, "scale": "raw", "by": "a", "lag": 1,
    "reason": None, "citation": None, "carry": 3,
}  # fmt: skip
WHOLE: dict[str, object] = {
    "name": None, "nodes": (*CHAIN.nodes, Node("d")), "edges": (Edge("a", "b"),), "bidirected": (("a", "c"),),
    "exposure": None, "outcome": None, "note": None, "background": ("a",),
    "absences": None,
}  # fmt: skip


@pytest.mark.parametrize("field", [field.name for field in fields(Node)])
def test_every_field_of_a_node_is_a_word_or_is_noticed(field: str) -> None:
    change = {"position": (9.0, 9.0), "link": "log", "unit": "km", "description": "how far"}.get(field, NODE[field])
    node = replace(CHAIN.node("b"), **{field: change})
    edges = CHAIN.edges if field != "name" else (Edge("a", "d"), Edge("d", "c"))
    drawn = replace(CHAIN, nodes=(CHAIN.nodes[0], node, CHAIN.nodes[2]), edges=edges)
    noticed(drawn, NODE[field] is not None)


@pytest.mark.parametrize("field", [field.name for field in fields(Edge)])
def test_every_field_of_an_arrow_is_a_word_or_is_noticed(field: str) -> None:
    at = int(field in ("source", "by"))
    base = CHAIN if field != "by" else replace(CHAIN, edges=(*CHAIN.edges, Edge("a", "c")))
    edges = list(base.edges)
    change = {"reason": "a law", "citation": "Wright 1921"}.get(field, EDGE[field])
    edges[at] = replace(edges[at], **{field: change})  # type: ignore[arg-type]
    noticed(replace(base, edges=tuple(edges)), EDGE[field] is not None, base)


@pytest.mark.parametrize("field", [field.name for field in fields(Hypothesis)])
def test_every_field_of_a_hypothesis_is_a_word_or_is_noticed(field: str) -> None:
    change = {
        "exposure": "b",
        "outcome": "b",
        "note": "moved",
        "name": "A",
        "absences": (Absence("a", "c", "far apart"),),
    }.get(field, WHOLE[field])
    unmarked = {"exposure": None} if field == "background" else {}  # what is asked about is no background
    noticed(replace(CHAIN, **unmarked, **{field: change}), WHOLE[field] is not None)


def noticed(drawn: Hypothesis, expected: bool, base: Hypothesis = CHAIN) -> None:
    """What cannot be fitted is not there any more, which is noticed too."""
    rivals = [drawn]
    try:
        plan(DATA, rivals)
    except WhyboardError:
        rivals = []
    now = now_of(*rivals) if rivals else Basis((), SETTINGS, DATA.fingerprint, {})
    found = changes(now_of(base), now, DATA)
    assert found.hypotheses == (("A",) if expected else ())
    assert (found.data, found.settings, found.version, found.rules) == (False,) * 4


TERM = Term("a", "category", "levels", levels=("x", "y", "z"), basis=((0.5, 0.1), (-0.5, 0.1), (0.0, -0.2)))
MODEL = NodeModel("b", "real", "Normal", "identity", Response(), (TERM,), (("intercept", WIDE),), True, "chosen by you")


@pytest.mark.parametrize("kind", [NodeModel, Term, Response])
def test_every_field_of_a_family_is_in_the_digest_but_the_words(kind: type) -> None:
    for field in fields(kind):
        part: object = {NodeModel: MODEL, Term: TERM, Response: MODEL.response}[kind]
        value = getattr(part, field.name)
        other = not value if isinstance(value, bool) else f"{value}'" if isinstance(value, str) else ("other",)
        if isinstance(value, Response):
            other = Response(center=1.0)
        if field.name == "priors":
            other = (("intercept", Prior("Normal", (("mu", 0.0), ("sigma", 0.1)))),)
        changed = replace(part, **{field.name: other})  # type: ignore[type-var]
        model = {NodeModel: lambda c=changed: c, Term: lambda c=changed: replace(MODEL, terms=(c,)),
                 Response: lambda c=changed: replace(MODEL, response=c)}[kind]()  # fmt: skip
        same = holding._digest(model, "key") == holding._digest(MODEL, "key")
        assert same == (field.name == "reason"), field.name
    assert holding._digest(MODEL, "key") != holding._digest(MODEL, "another key")
    scale = ("t", Prior("Constant", (("value", 0.5),)))  # of which the other priors are made
    assert holding._digest(replace(MODEL, priors=(*MODEL.priors, scale)), "key") == holding._digest(MODEL, "key")


@pytest.mark.parametrize("field", [field.name for field in fields(Rules)])
def test_every_threshold_is_noticed_and_needs_no_fit(field: str) -> None:
    value: object = ["b"] if field == "overruled" else 0.3
    found = changes(now_of(CHAIN), now_of(CHAIN, rules={field: value}), DATA)
    assert found == Changes(rules=True)
    assert found
    assert not found.fit


def test_how_rows_are_taken_is_noticed_by_its_meaning_and_needs_no_fit() -> None:
    found = changes(now_of(CHAIN), now_of(CHAIN, rows="group:d"), DATA)
    assert found == Changes(rows=True)
    assert found
    assert not found.fit
    assert not changes(now_of(CHAIN, rows="group:d"), now_of(CHAIN, rows=" Group: d"), DATA)
    assert not changes(now_of(CHAIN), now_of(CHAIN, rows=""), DATA)
    assert changes(now_of(CHAIN, rows="none"), now_of(CHAIN, rows="time:a"), DATA) == Changes(rows=True)


def test_other_rows_kept_are_another_fit_and_no_other_drawing() -> None:
    def moved(before: str, now: str, **more: object) -> Changes:
        one, two = (basis(PAIRS_OF_ROWS, [CHAIN], **{**SETTINGS, "rows": rows, **beside}) for rows, beside in
                    ((before, {}), (now, more)))  # fmt: skip
        return changes(one, two, PAIRS_OF_ROWS)

    found = moved("", "one:pair")
    assert found == Changes(rows=True, kept=True)
    assert found.fit
    assert moved("one:pair", "none") == found
    assert not moved("one:pair", " One: pair")
    assert moved("", "one:pair", draws=500) == Changes(rows=True, kept=True, settings=True)


def test_everything_that_was_asked_is_noticed() -> None:
    other = {
        "method": "nuts",
        "draws": 2000,
        "seed": 2,
        "effects": (("b", "c"),),
        "options": {"methods": {"b": "nuts"}},
    }
    base = Asked((CHAIN,), seed=1, effects=(("a", "c"),))
    fixed = {"hypotheses", "confirms"}  # above; of a request that is never shown as a fit of its own
    assert {field.name for field in fields(Asked)} == other.keys() | fixed
    for name, value in other.items():
        asked = replace(base, **{name: value})
        found = changes(basis_of(base.to_payload(DATA), DATA), basis_of(asked.to_payload(DATA), DATA), DATA)
        assert found == (Changes(effects=True) if name == "effects" else Changes(settings=True)), name


# -- what it is called ------------------------------------------------------------------------


def test_other_data_and_other_drawings_are_told_apart() -> None:
    rival = replace(CHAIN, name="B", edges=(Edge("a", "c"),))
    redrawn = replace(rival, edges=(Edge("b", "c"),))
    other = table(seed=3)
    before = now_of(CHAIN, rival)
    assert changes(before, now_of(CHAIN, rival, data=other), other) == Changes(data=True)
    assert changes(before, now_of(CHAIN, redrawn, data=other), other) == Changes(data=True, hypotheses=("B",))
    assert changes(before, now_of(CHAIN, data=other), other) == Changes(data=True, hypotheses=("B",))


def test_a_node_that_only_one_has_is_a_change_of_that_one() -> None:
    """The others then predict it too, unconnected, and their keys change with the rows."""
    rival = replace(CHAIN, name="B")
    more = replace(rival, nodes=(*rival.nodes, Node("d")), edges=(*rival.edges, Edge("d", "c")))
    assert changes(now_of(CHAIN, rival), now_of(CHAIN, more), DATA) == Changes(hypotheses=("B",))


def test_what_the_data_say_anyway_may_be_said_in_the_drawing() -> None:
    """The content key is the same, so is the answer."""
    family = plan(DATA, [CHAIN]).specs[0].node("b").family
    assert not changes(now_of(CHAIN), now_of(CHAIN.with_node("b", family=family)), DATA)
    assert not changes(now_of(CHAIN), now_of(CHAIN, methods={"b": "auto"}), DATA)


def test_a_family_of_another_whyboard_is_fitted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    before = basis_of(Asked((CHAIN,)).to_payload(DATA), DATA)
    monkeypatch.setattr(blocks, "FIT_VERSION", blocks.FIT_VERSION + 1)
    assert changes(before, basis(DATA, [CHAIN], **Asked((CHAIN,)).settings), DATA) == Changes(version=True)


def test_a_request_from_before_keys_were_kept_is_read() -> None:
    payload = Asked((CHAIN,)).to_payload(DATA)
    old = {name: value for name, value in payload.items() if name != "keys"}
    settings = Asked((CHAIN,)).settings
    assert not changes(basis_of(old, DATA), basis(DATA, [CHAIN], **settings), DATA)
    redrawn = replace(CHAIN, edges=CHAIN.edges[:1])
    assert changes(basis_of(old, DATA), basis(DATA, [redrawn], **settings), DATA) == Changes(hypotheses=("A",))
    other = table(seed=4)
    assert changes(basis_of(old, other), basis(other, [CHAIN], **settings), other) == Changes(data=True)


def test_a_way_that_cannot_be_is_named_as_such() -> None:
    heavy = CHAIN.with_node("b", family="StudentT")
    cannot = Basis((heavy,), {**SETTINGS, "method": "exact"}, DATA.fingerprint, {})
    assert changes(now_of(heavy), cannot, DATA) == Changes(settings=True)
    assert changes(Basis((CHAIN,), cannot.settings, DATA.fingerprint, {}), cannot, DATA).hypotheses == ("A",)


# -- any drawing ------------------------------------------------------------------------------

PAIRS = [(a, b) for at, a in enumerate(NAMES) for b in NAMES[at + 1 :]]


@dataclass(frozen=True)
class Words:
    order: list[int]
    place: tuple[float, float]
    note: str


arrows = st.sets(st.sampled_from(PAIRS))
wordy = st.builds(
    Words,
    st.permutations(range(4)),
    st.tuples(st.floats(-99, 99), st.floats(-99, 99)),
    st.text(max_size=5),
)


def graph(name: str, drawn: set[tuple[str, str]]) -> Hypothesis:
    return Hypothesis(name, tuple(map(Node, NAMES)), tuple(Edge(a, b) for a, b in sorted(drawn)))


def reworded(base: Hypothesis, said: Words) -> Hypothesis:
    nodes = tuple(replace(base.nodes[place], position=said.place) for place in said.order)
    return replace(base, nodes=nodes, edges=base.edges[::-1], note=said.note)


@settings(max_examples=25)
@given(arrows, arrows, wordy, st.sampled_from(PAIRS))
def test_any_arrow_is_noticed_in_its_hypothesis_and_no_word_is(
    one: set[tuple[str, str]], two: set[tuple[str, str]], said: Words, toggled: tuple[str, str]
) -> None:
    before = now_of(graph("A", one), graph("B", two))
    assert not changes(before, now_of(reworded(graph("A", one), said), reworded(graph("B", two), said)), DATA)
    redrawn = reworded(graph("B", two ^ {toggled}), said)
    assert changes(before, now_of(graph("A", one), redrawn), DATA) == Changes(hypotheses=("B",))


SETTING: dict[str, Callable[[], object]] = {
    "draws": lambda: 5000, "seed": lambda: 9, "method": lambda: "nuts", "methods": lambda: {"c": "nuts"},
}  # fmt: skip


@settings(max_examples=25)
@given(arrows, st.sampled_from(sorted(SETTING)), st.booleans(), st.booleans())
def test_each_thing_is_named_beside_others(drawn: set[tuple[str, str]], name: str, asked: bool, ruled: bool) -> None:
    more = {name: SETTING[name]()}
    more |= {"effects": [("b", "d")]} if asked else {}
    more |= {"rules": {"association": 0.2}} if ruled else {}
    found = changes(now_of(graph("A", drawn)), now_of(graph("A", drawn), **more), DATA)
    assert found == Changes(settings=True, effects=asked, rules=ruled)
