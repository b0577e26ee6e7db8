"""What is said before somebody acts."""

import numpy as np
from numpy.typing import NDArray

from core.decide.levers import Lever, Levers
from core.decide.utility import Outcomes, utility_of
from core.decide.warning import about_bounds, about_curves, about_seen, curves, unseen
from tests.decide.decide_cases import certain

FloatArray = NDArray[np.float64]
LEVERS = Levers((Lever("tv", 0, 10, seen=(1, 6)), Lever("radio", 0, 5), Lever("on", 0, 1, values=(0, 1))))
NAMES = ["A", "B"]


def said(
    outcomes: Outcomes, formula: str | None = None, levers: Levers = LEVERS, names: list[str] = NAMES
) -> list[str]:
    found = curves(outcomes, utility_of(formula, "sales", levers), levers, np.full(len(levers.all), 2.0))
    return about_curves(found, names)


def test_a_lever_without_a_curve_is_said_to_be_all_or_nothing() -> None:
    both = certain(lambda a: 2 * a[:, 0] + np.sqrt(a[:, 1]), lambda a: 3 * a[:, 0] - a[:, 1] ** 2)
    assert said(both) == [
        "The model has no curve in tv: on average the best is all or nothing, as far as limits allow, "
        "and what lies between is chosen for a smaller risk or regret alone."
    ]


def test_where_only_some_hypotheses_have_no_curve_they_are_named() -> None:
    one = certain(lambda a: 2 * a[:, 0] + np.sqrt(a[:, 1]), lambda a: np.sqrt(a[:, 0]) + np.sqrt(a[:, 1]))
    assert said(one) == [
        "If A is right, the model has no curve in tv: on average the best is all or nothing, as far as limits allow, "
        "and what lies between is chosen for a smaller risk or regret alone."
    ]


def test_a_lever_that_changes_nothing_is_said() -> None:
    none = certain(lambda a: np.sqrt(a[:, 1]), lambda a: np.sqrt(a[:, 1]))
    assert said(none) == ["Under every hypothesis tv changes nothing that counts here."]
    half = certain(lambda a: np.sqrt(a[:, 1]), lambda a: np.sqrt(a[:, 0] * a[:, 1]))
    assert said(half) == ["If A is right, tv changes nothing that counts here."]
    alone = certain(lambda a: np.sqrt(a[:, 1]))
    assert said(alone, names=["A"]) == ["Under A tv changes nothing that counts here."]
    nothing = certain(lambda a: 0 * a[:, 1], lambda a: 0 * a[:, 1])
    assert len(said(nothing)) == 2


def test_noise_that_actions_share_does_not_bend_a_line_but_a_threshold_does() -> None:
    noise = np.random.default_rng(0).normal(size=(1, 1, 50, 20))

    def straight(a: FloatArray, /) -> FloatArray:
        return np.asarray(a[:, 0][None, :, None, None] + np.sqrt(a[:, 1])[None, :, None, None] + 5 * noise)

    assert len(said(straight, names=["A"])) == 1
    assert said(straight, "sales > 3", names=["A"]) == []


def test_a_slight_curve_is_a_curve() -> None:
    assert said(certain(lambda a: a[:, 0] - 0.002 * a[:, 0] ** 2 + a[:, 1] ** 2), names=["A"]) == []


def test_whole_numbers_need_not_be_evenly_spaced() -> None:
    levers = Levers((Lever("n", 0, 100, values=(0, 1, 10, 100)), Lever("fixed", 2, 2)))
    assert said(certain(lambda a: 3 * a[:, 0]), levers=levers, names=["A"]) == [
        "The model has no curve in n: on average the best is all or nothing, as far as limits allow, "
        "and what lies between is chosen for a smaller risk or regret alone."
    ]
    assert curves(certain(lambda a: a[:, 0]), utility_of(None, "y", levers), levers, np.array([0.0, 2.0]))[0].flat == (
        False,
    )
    only = Levers((Lever("on", 0, 1, values=(0, 1)),))
    assert curves(certain(lambda a: a[:, 0]), utility_of(None, "y", only), only, np.zeros(1)) == ()


def test_a_best_on_a_bound_is_said_with_what_it_is_best_by() -> None:
    chosen = {"by expectation": np.array([10.0, 2.0, 1.0]), "by regret": np.array([10.0, 0.0, 1.0])}
    assert about_bounds(LEVERS, chosen) == [
        "The best tv by expectation and by regret is 10.0, the most that is allowed: "
        "beyond it there may be something better.",
        "The best radio by regret is 0, the least that is allowed: beyond it there may be something better.",
    ]
    assert about_bounds(LEVERS, {"by expectation": np.array([9.9, 2.0, 1.0])}) == []


def test_where_nobody_was_seen() -> None:
    assert unseen(LEVERS, np.array([6.0, 99.0, 1.0])) == ()
    assert unseen(LEVERS, np.array([6.1, 2.0, 1.0])) == ("tv",)
    assert unseen(LEVERS, np.array([0.9, 2.0, 1.0])) == ("tv",)
    chosen = {"by expectation": np.array([9.0, 2.0, 1.0]), "by its worst draws": np.array([5.0, 2.0, 1.0])}
    assert about_seen(LEVERS, chosen) == [
        "The best tv by expectation is 9.00, and hardly anybody was seen there: 98 % of rows lie between 1.00 and 6.00."
    ]
