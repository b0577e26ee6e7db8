"""Background and the question's scope, through a whole comparison."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.comparison.result import Comparison
from core.comparison.viewing import for_question
from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.hypothesis import Edge, Hypothesis, Node
from core.model.resolve import resolve
from core.study import compare, plan

UPSTREAM = ("a", "b", "c")
ALL = (*UPSTREAM, "x", "m", "y")


def table(rows: int = 120, seed: int = 3) -> Dataset:
    """Covariates with relations of their own; a binary exposure, so that some blocks are sampled; a skewed outcome."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=rows)
    b = 0.8 * a + rng.normal(size=rows)
    c = rng.poisson(np.exp(0.5 + 0.3 * b))
    x = (rng.random(rows) < 1 / (1 + np.exp(-a - 0.3 * b))).astype(int)
    m = 0.9 * x + 0.4 * b + rng.normal(size=rows)
    y = np.exp(0.5 * m + 0.3 * a + 0.4 * rng.normal(size=rows))
    return Dataset.from_frame(pd.DataFrame({"a": a, "b": b, "c": c, "x": x, "m": m, "y": y}))


DATA = table()


def drawn(name: str, *arrows: str, background: tuple[str, ...] = (), nodes: tuple[str, ...] = ALL) -> Hypothesis:
    edges = tuple(Edge(*arrow) for arrow in arrows)
    marks = ("x", "y") if {"x", "y"} <= set(nodes) else (None, None)
    return Hypothesis(name, tuple(Node(n) for n in nodes), edges, (), *marks, background=background)


A = drawn("A", "ax", "bx", "xm", "my", "ay")
B = drawn("B", "ax", "xm", "my", "xy", "cy")
C = drawn("C", "bx", "xm", "bm", "my", "ay")


def of_the_question(found: Comparison) -> str:
    """Everything that is said in the question's scope, all digits of it."""
    assert found.question is not None
    record = {
        "question": found.question.to_dict(),
        "claims": [[test.to_dict() for test in h.implications if test.bears] for h in found.hypotheses],
        "effects": [[effect.to_dict() for effect in h.effects] for h in found.hypotheses],
        "checks": [
            [check.to_dict() for check in h.checks if check.node in found.question.columns] for h in found.hypotheses
        ],
        "arrows": [[e.to_dict() for e in h.edges if e.target in found.question.columns] for h in found.hypotheses],
    }
    return json.dumps(record, sort_keys=True)


ARROWS_UPSTREAM = [a + b for i, a in enumerate(UPSTREAM) for b in UPSTREAM[i + 1 :]]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sets(st.sampled_from(ARROWS_UPSTREAM)), min_size=3, max_size=3), st.booleans())
def test_how_the_rest_is_related_changes_no_digit_of_the_question(beside: list[set[str]], reverse: bool) -> None:
    """Arrows among what is upstream, either way round, in any of the hypotheses."""
    more = [
        replace(h, edges=(*h.edges, *(Edge(*(arrow[::-1] if reverse else arrow)) for arrow in sorted(arrows))))
        for h, arrows in zip((A, B, C), beside, strict=True)
    ]
    assert of_the_question(compare(DATA, more, draws=500)) == _as_drawn()


@cache
def _as_drawn() -> str:
    return of_the_question(compare(DATA, [A, B, C], draws=500))


def test_the_question_has_the_scores_of_the_same_hypotheses_with_the_rest_as_background() -> None:
    asked = compare(DATA, [A, B, C], draws=500)
    left_open = compare(DATA, [replace(h, background=UPSTREAM) for h in (A, B, C)], draws=500)
    assert asked.question is not None
    assert left_open.question is not None
    assert asked.question.columns == ("x", "m", "y")
    for seen in (left_open.classes, left_open.question.classes):
        assert [group.members for group in seen] == [group.members for group in asked.question.classes]
        for one, other in zip(seen, asked.question.classes, strict=True):
            assert one.log_evidence == pytest.approx(other.log_evidence, abs=1e-9)
            assert one.probability == pytest.approx(other.probability, abs=1e-9)
            assert one.stacking_weight == pytest.approx(other.stacking_weight, abs=1e-6)
    for one, other in zip(left_open.hypotheses, asked.hypotheses, strict=True):
        bearing = [(t.x, t.y, set(t.given), t.association, t.p_adjusted) for t in other.bearing]
        assert [(t.x, t.y, set(t.given), t.association, t.p_adjusted) for t in one.implications] == bearing
        assert [e.to_dict() for e in one.effects] == [e.to_dict() for e in other.effects]
        assert {node.name for node in one.nodes} == {"x", "m", "y"}
        assert [node.name for node in one.given] == list(UPSTREAM)
        assert one.background == UPSTREAM
        assert not {block.nodes[0] for block in one.blocks} & set(UPSTREAM)


def test_a_claim_bears_on_the_question_if_one_of_its_ends_is_in_it() -> None:
    found = compare(DATA, [A, B], draws=500)
    assert found.question is not None
    inside = set(found.question.columns)
    for h in found.hypotheses:
        assert h.implications
        pairs = {frozenset((t.x, t.y)) for t in h.implications}
        drawn_pairs = {frozenset(edge) for edge in (A if h.name == "A" else B).graph.edges}
        every = {frozenset((u, v)) for i, u in enumerate(ALL) for v in ALL[:i]}
        assert pairs == every - drawn_pairs  # each missing arrow at least once
        for test in h.implications:
            assert test.bears is bool(inside & {test.x, test.y})
    unasked = compare(DATA, [replace(h, exposure=None, outcome=None) for h in (A, B)], draws=500)
    assert unasked.question is None
    assert unasked.to_dict()["question"] is None
    assert all(test.bears is None for h in unasked.hypotheses for test in h.implications)
    assert for_question(unasked) is unasked


def test_descendants_under_any_hypothesis_are_the_questions() -> None:
    """In B the exposure acts on c, so c belongs to the question in A too; what c causes follows."""
    other = drawn("B", "ax", "xc", "xm", "my")
    third = drawn("C", "ax", "cb", "xm", "my")
    found = compare(DATA, [A, other, third], draws=500)
    assert found.question is not None
    assert set(found.question.columns) == {"x", "m", "y", "c", "b"}
    assert found.question.upstream == ("a",)


def test_hypotheses_that_differ_upstream_only_say_the_same_about_the_question() -> None:
    other = replace(A, name="B", edges=(*A.edges, Edge("a", "b")))
    found = compare(DATA, [A, other], draws=500)
    assert found.question is not None
    assert len(found.classes) == 2
    assert [group.members for group in found.question.classes] == [("A", "B")]
    assert found.question.differences[0].by_node == {}
    assert "A and B say the same about the question: they differ only in what is upstream of it" in found.verdict
    assert "B predicts all columns better than A by" in found.verdict
    assert "the gap comes from b" in found.verdict


def test_background_in_some_and_modelled_in_others_claims_nothing_where_it_is_open() -> None:
    """Left open is the same as all arrows among it, in any order: a tie with who draws them, either way round."""
    kept = ("a", "b")
    nodes = (*kept, "x", "y")
    left_open = drawn("open", "ax", "bx", "xy", background=kept, nodes=nodes)
    one = drawn("one", "ab", "ax", "bx", "xy", nodes=nodes)
    other = drawn("other", "ba", "ax", "bx", "xy", nodes=nodes)
    none = drawn("none", "ax", "bx", "xy", nodes=nodes)
    found = compare(DATA, [left_open, one, other, none], draws=500)
    assert [group.members for group in found.classes] == [("open", "one", "other"), ("none",)]
    evidence = [h.log_evidence.estimate for h in found.hypotheses]
    assert evidence[0] == pytest.approx(evidence[1], abs=1e-9)
    assert evidence[0] == pytest.approx(evidence[2], abs=1e-9)
    pairs = [{frozenset((t.x, t.y)) for t in h.implications} for h in found.hypotheses]
    assert frozenset(kept) not in pairs[0]
    assert frozenset(kept) in pairs[3]
    assert {node.name for node in found.hypotheses[0].nodes} == set(nodes)  # it is predicted, since others predict it


def test_who_leaves_out_what_the_others_leave_open_conditions_on_it_too() -> None:
    one = drawn("A", "ax", "bx", "xy", background=("a", "b"), nodes=("a", "b", "x", "y"))
    other = drawn("B", "ax", "xy", background=("a",), nodes=("a", "x", "y"))
    found = compare(DATA, [one, other], draws=500)
    assert [node.name for node in found.hypothesis("B").given] == ["a", "b"]
    assert any(words.startswith("B leaves out b, which the others leave open") for words in found.warnings)
    assert {frozenset((t.x, t.y)) for t in found.hypothesis("B").implications} == {
        frozenset(pair) for pair in (("b", "x"), ("b", "y"), ("a", "y"))
    }


def test_an_effect_that_hangs_on_how_the_background_is_related_is_not_identified() -> None:
    one = drawn("A", "ax", "bx", "xy", background=("a", "b"), nodes=("a", "b", "x", "y"))
    found = compare(DATA, [one], effects=[("x", "y"), ("a", "y"), ("x", "a")], draws=500)
    through, hangs, none = found.hypotheses[0].effects
    assert through.identified
    assert through.ratio is not None
    assert (hangs.identified, hangs.mean) == (False, None)
    assert (none.identified, none.mean) == (True, 0.0)
    assert any("the effect of a on y is not identified and null: a is background" in w for w in found.warnings)
    alone = drawn("A", "ax", "xy", background=("a", "b"), nodes=("a", "b", "x", "y"))
    assert compare(DATA, [alone], effects=[("a", "y")], draws=500).hypotheses[0].effects[0].identified


def test_a_background_of_everything_is_refused_with_a_way_out() -> None:
    with pytest.raises(WhyboardError) as caught:
        plan(DATA, [drawn("A", background=("a", "b"), nodes=("a", "b"))])
    assert "background" in str(caught.value.message)
    assert caught.value.hint


def test_what_is_given_needs_no_family_that_takes_it() -> None:
    one = drawn("A", "ax", "bx", "xy", background=("a", "b"), nodes=("a", "b", "x", "y")).with_node("a", family="Beta")
    assert compare(DATA, [one], draws=500).hypotheses[0].gates.passed
    with pytest.raises(WhyboardError):
        plan(DATA, [replace(one, background=())])


# -- the same model as PyMC has it ----------------------------------------------------------------


@pytest.mark.pymc
def test_the_pymc_model_conditions_on_the_background() -> None:
    """No prior, no likelihood and no draw of the background: its log density is that of the other families alone."""
    import pymc as pm

    from core.model.pymc_model import build_model

    with_roots = drawn("A", "ax", "bx", "am", "xm", nodes=("a", "b", "x", "m"))
    left_open = replace(with_roots, exposure=None, background=("a", "b"))
    whole, part = build_model(with_roots, DATA), build_model(left_open, DATA)
    assert {v.name for v in part.observed_RVs} == {"x", "m"}
    assert {"a", "b"} <= {v.name for v in part.data_vars}
    assert not {name for name in part.named_vars if name.startswith(("a.", "b."))}
    point = whole.initial_point()
    shared = {name: value for name, value in point.items() if name in part.initial_point()}
    assert set(shared) == set(part.initial_point())
    terms = whole.compile_logp(sum=False)(point)
    names = [v.name for v in (*whole.basic_RVs, *whole.potentials)]
    own = sum(float(np.sum(t)) for n, t in zip(names, terms, strict=True) if not n.startswith(("a", "b")))
    assert float(part.compile_logp()(shared)) == pytest.approx(own, rel=1e-12)
    with part:
        drawn_sets = pm.sample_prior_predictive(3, random_seed=1)
    assert set(drawn_sets.prior_predictive.data_vars) == {"x", "m"}


# -- data sets that a hypothesis generates ----------------------------------------------------------


def spec_of(hypothesis: Hypothesis) -> Any:
    return resolve(hypothesis, DATA)


def test_simulated_data_take_the_background_from_the_observed_rows() -> None:
    from core.simulate.background import background_rows
    from core.simulate.synthetic import synthetic

    spec = spec_of(replace(A, background=UPSTREAM))
    frame, used = synthetic(spec, None, DATA.rows, 5, given_raw=background_rows(spec, DATA, DATA.rows, 5))
    assert set(frame.columns) == set(ALL)
    for name in UPSTREAM:
        np.testing.assert_array_equal(frame[name], DATA.values(name))
    assert set(used) == {"x", "m", "y"}
    many, _ = synthetic(spec, None, 1_000, 5, given_raw=background_rows(spec, DATA, 1_000, 5))
    seen = {tuple(row) for row in np.column_stack([DATA.values(name) for name in UPSTREAM])}
    assert {tuple(row) for row in many[list(UPSTREAM)].to_numpy(dtype=float)} <= seen  # whole rows at a time


def test_without_data_what_is_background_is_a_column_without_causes() -> None:
    one = drawn("A", "ab", "ax", "bx", "xy", background=("a", "b"), nodes=("a", "b", "x", "y"))
    spec = resolve(one, None)
    assert spec.given == ()
    assert spec.node("b").parents == ()
    assert set(spec.node("x").parents) == {"a", "b"}


# -- what would overturn an effect ------------------------------------------------------------------


def test_an_effect_says_what_would_overturn_it_and_no_effect_does_not() -> None:
    found = compare(DATA, [A, drawn("B", "yx", "ax", "ay")], effects=[("x", "y"), ("x", "m")], draws=500)
    with_path, without = (h.effects[0].robustness for h in found.hypotheses)
    assert with_path is not None
    assert without is None
    assert 0 < with_path.value_at_level < with_path.value < 1
    x, y = DATA.values("x"), np.log(DATA.values("y"))
    design = np.column_stack([np.ones(DATA.rows), DATA.values("a"), DATA.values("b"), x])  # the causes of x in A
    assert with_path.estimate == pytest.approx(np.linalg.lstsq(design, y, rcond=None)[0][-1])
    record = found.to_dict()["hypotheses"][0]["effects"][0]["robustness"]
    assert set(record) == {"estimate", "se", "df", "value", "value_at_5", "partial_r2", "benchmark"}
