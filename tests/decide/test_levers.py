"""Levers, budgets and limits, and the actions that they leave."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.feasible import all_actions, design, polled, repaired
from core.decide.levers import MOST_LEVERS, Lever, Levers, parse_limits
from core.decide.reading import FormulaError
from core.errors import UsageError

NAMES = ("tv", "radio")
TV, RADIO = Lever("tv", 0, 10), Lever("radio", 0, 5)


@pytest.mark.parametrize(
    ("text", "coefficients", "most"),
    [
        ("tv + radio <= 10", (1, 1), 10),
        ("tv >= 2 * radio + 1", (-1, 2), -1),
        ("10 > tv", (1, 0), 10),
        ("(tv - radio) / 4 < sqrt(4)", (0.25, -0.25), 2),
        ("-tv + 3 <= 2 * (radio + tv) - 1", (-3, -2), -4),
        ("3 * 2 <= tv", (-1, 0), -6),
    ],
)
def test_a_limit_is_read(text: str, coefficients: tuple[float, float], most: float) -> None:
    (limit,) = parse_limits(text, NAMES)
    assert limit.coefficients == pytest.approx(coefficients)
    assert limit.most == pytest.approx(most)


def test_limits_are_joined_by_and() -> None:
    assert [limit.most for limit in parse_limits("tv <= 3 and radio <= 2 and tv <= 1", NAMES)] == [3, 2, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tv * radio <= 3", "not linear"),
        ("tv ^ 2 <= 3", "not linear"),
        ("1 / tv <= 3", "not linear"),
        ("max(tv, radio) <= 3", "not linear"),
        ("tv + radio", "a comparison"),
        ("tv <= 1 or radio <= 1", "a comparison"),
        ("tv / 0 <= 1", "no value"),
        ("tv <= 1 / 0", "no value"),
        ("tv <= sales", "no 'sales' here"),
    ],
)
def test_what_is_not_linear_is_refused(text: str, words: str) -> None:
    with pytest.raises(FormulaError, match=words):
        parse_limits(text, NAMES)


def test_the_budget_is_of_costs_or_of_the_levers() -> None:
    priced = Levers((Lever("tv", 0, 10, cost=2), Lever("radio", 0, 5)), budget=6)
    assert priced.allows(np.array([[3.0, 5.0], [3.1, 0.0]])).tolist() == [True, False]
    plain = Levers((TV, RADIO), budget=6)
    assert plain.allows(np.array([[3.0, 3.0], [3.1, 3.0]])).tolist() == [True, False]
    assert priced.cost(np.array([[3.0, 5.0]])).tolist() == [6.0]
    assert plain.cost(np.array([[3.0, 5.0]])).tolist() == [0.0]


def test_refusals() -> None:
    with pytest.raises(UsageError, match="nothing to choose"):
        Levers(())
    with pytest.raises(UsageError, match="twice"):
        Levers((TV, TV))
    with pytest.raises(UsageError, match="too many"):
        Levers(tuple(Lever(f"x{i}", 0, 1) for i in range(MOST_LEVERS + 1)))
    with pytest.raises(UsageError, match="above its upper"):
        Lever("tv", 3, 1)
    with pytest.raises(UsageError, match="no numbers"):
        Lever("tv", 0, np.inf)
    with pytest.raises(UsageError, match="cannot be set"):
        Lever("tv", 0.2, 0.8, values=(0, 1))
    with pytest.raises(UsageError, match="no choice meets"):
        design(Levers((TV, RADIO), limits=parse_limits("tv + radio >= 16", NAMES)), 0)
    with pytest.raises(UsageError, match="no choice meets"):
        all_actions(Levers((Lever("on", 1, 1),), budget=0.5))
    with pytest.raises(UsageError, match="no choice meets"):
        Levers((TV, RADIO), limits=parse_limits("0 * tv <= -1", NAMES)).rows()


def test_few_actions_are_all_listed() -> None:
    levers = Levers((Lever("on", 0, 1, values=(0, 1)), Lever("n", 0, 3, values=(0, 1, 2, 3))), budget=3)
    listed = all_actions(levers)
    assert listed is not None
    assert sorted(map(tuple, listed)) == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2)]
    assert all_actions(Levers((TV,))) is None


def test_a_design_fills_what_is_allowed_with_its_corners_and_today() -> None:
    levers = Levers(
        (Lever("tv", 0, 10, now=1.23), Lever("radio", 0, 5, now=0.7), Lever("web", 0, 4, now=0.1)), budget=6
    )
    actions = design(levers, 0)
    assert levers.allows(actions).all()
    for corner in ([0, 0, 0], [6, 0, 0], [0, 5, 0], [0, 5, 1], [2, 0, 4], [0, 2, 4], [1.23, 0.7, 0.1]):
        assert np.abs(actions - corner).max(axis=1).min() < 1e-6, corner
    inside = actions.sum(axis=1) < 5.9
    assert 100 < inside.sum() < len(actions)
    np.testing.assert_array_equal(actions, design(levers, 0))


def test_an_equality_leaves_a_line() -> None:
    levers = Levers((TV, RADIO), budget=6, limits=parse_limits("tv + radio >= 6", NAMES))
    actions = design(levers, 0)
    np.testing.assert_allclose(actions.sum(axis=1), 6, atol=1e-6)
    assert len(actions) > 20
    assert actions[:, 0].min() < 1.01
    assert actions[:, 0].max() > 5.99
    around = polled(levers, np.array([3.0, 3.0]), 0.1, np.random.default_rng(0))
    np.testing.assert_allclose(around.sum(axis=1), 6, atol=1e-6)
    assert len(around) >= 2


def test_the_nearest_that_is_allowed() -> None:
    """Of (1, 1) in units of the ranges, with tv / 10 + radio / 5 <= 1, it is the middle of that line."""
    levers = Levers((TV, RADIO), limits=parse_limits("tv / 10 + radio / 5 <= 1", NAMES))
    np.testing.assert_allclose(repaired(levers, np.array([[1.0, 1.0]])), [[5.0, 2.5]])


polytopes = st.builds(
    lambda rows, budget, whole: Levers(
        (Lever("a", -2, 3, cost=1.5, values=tuple(range(-2, 4)) if whole else ()), Lever("b", 0, 10), Lever("c", 1, 2)),
        budget=budget,
        limits=parse_limits(" and ".join(f"{x} * a + {y} * b + {z} * c <= {m}" for x, y, z, m in rows), "abc"),
    ),
    st.lists(st.tuples(*[st.integers(0, 3)] * 3, st.integers(5, 20)), min_size=1, max_size=3),
    st.floats(0, 5),
    st.booleans(),
)


@given(polytopes, st.floats(1e-4, 1))
def test_nothing_that_is_tried_is_forbidden(levers: Levers, step: float) -> None:
    actions = design(levers, 3)
    assert levers.allows(actions).all()
    around = polled(levers, actions[len(actions) // 2], step, np.random.default_rng(1))
    assert levers.allows(around).all()
    assert len(around) > 0
