"""The second opinion: against closed forms, methods written out by hand, and truths that are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.effects.opinions import Estimated, SecondOpinion, second_opinion
from core.effects.second import Moved, bent, level_scores, partialled_out, scored, shared_part
from core.fit.flexible import Design, column_basis
from core.fit.unseen import Turned, chance_unseen, smooth_design, turned

FloatArray = NDArray[np.float64]


def basis(*columns: FloatArray, levels: int = 0) -> Turned:
    found = [column_basis(str(i), c, levels) for i, c in enumerate(columns)]
    return turned(smooth_design(found, len(columns[0])))


def weighted(b: Turned, x: FloatArray, y: FloatArray) -> Estimated:
    """Augmented weighting of a binary x, as the wiring does it."""
    chance = chance_unseen(b, x == 1)
    common, shift = shared_part(b, y[:, None], (x == 1).astype(float)[:, None], chance[:, None])
    high = level_scores(b, y[:, None], common + shift, x == 1, chance)
    low = level_scores(b, y[:, None], common, x == 0, 1 - chance)
    assert high is not None
    assert low is not None
    found = scored((high - low)[:, 0])
    assert found is not None
    return found


def moved(b: Turned, lines: FloatArray, y: FloatArray, x: FloatArray, by: float = 1.0) -> Moved:
    found = partialled_out(b, lines, y[:, None], x, (x, x + by))
    assert found is not None
    return found[0][0]


def test_by_lot_it_is_the_difference_of_means() -> None:
    rng = np.random.default_rng(1)
    x = (rng.random(400) < 0.4).astype(float)
    y = 2 * x + rng.normal(size=400) * (1 + x)
    found = weighted(turned(Design(np.empty((400, 0)))), x, y)
    assert found.mean == pytest.approx(y[x == 1].mean() - y[x == 0].mean(), abs=1e-3 * found.se)
    welch = np.sqrt(y[x == 1].var() / (x == 1).sum() + y[x == 0].var() / (x == 0).sum())
    assert found.se == pytest.approx(welch, rel=0.02)


def test_with_one_category_it_is_the_mean_over_its_levels() -> None:
    """Standardisation by hand: the difference within each level, weighted by the level's rows."""
    rng = np.random.default_rng(2)
    z = rng.integers(0, 3, 1200).astype(float)
    x = (rng.random(1200) < np.array([0.2, 0.5, 0.7])[z.astype(int)]).astype(float)
    y = x * (1 + z) + 2 * (z - 1) ** 2 + rng.normal(size=1200)
    by_hand = sum(np.mean(z == k) * (y[(z == k) & (x == 1)].mean() - y[(z == k) & (x == 0)].mean()) for k in range(3))
    found = weighted(basis(z, levels=3), x, y)
    assert found.mean == pytest.approx(by_hand, abs=0.25 * found.se)


def test_it_agrees_with_augmented_weighting_by_right_models() -> None:
    """Logistic by Newton and least squares in each arm, both of the true form: another way to the same number."""
    rng = np.random.default_rng(3)
    z, w = rng.normal(size=(2, 1500))
    x = (rng.random(1500) < 1 / (1 + np.exp(-(0.7 * z - 0.5 * w)))).astype(float)
    y = x * (1 + 0.5 * z) + z - w + rng.normal(size=1500)
    d = np.column_stack([np.ones(1500), z, w])
    beta = np.zeros(3)
    for _ in range(20):
        p = 1 / (1 + np.exp(-d @ beta))
        beta = beta + np.linalg.solve(d.T @ (d * (p * (1 - p))[:, None]), d.T @ (x - p))
    p = 1 / (1 + np.exp(-d @ beta))
    one, none = (d @ np.linalg.lstsq(d[x == k], y[x == k], rcond=None)[0] for k in (1, 0))
    scores = one - none + x * (y - one) / p - (1 - x) * (y - none) / (1 - p)
    found = weighted(basis(z, w), x, y)
    assert found.mean == pytest.approx(scores.mean(), abs=0.5 * found.se)
    assert found.se == pytest.approx(scores.std() / np.sqrt(1500), rel=0.1)


def test_its_interval_holds_the_truth_where_a_confounder_bends() -> None:
    held, regression = 0, 0
    for seed in range(40):
        rng = np.random.default_rng([seed, 4])
        z = rng.normal(size=400)
        x = (rng.random(400) < 1 / (1 + np.exp(-(z**2 - 1)))).astype(float)
        y = x + z**2 + rng.normal(size=400)
        found = weighted(basis(z), x, y)
        held += found.q05 <= 1 <= found.q95
        line = np.linalg.lstsq(np.column_stack([np.ones(400), x, z]), y, rcond=None)[0][1]
        regression += abs(line - 1) < 0.4
    assert held >= 32  # 36 are due
    assert regression < 10


def test_a_straight_line_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(5)
    z, w = rng.normal(size=(2, 600))
    x = z + 0.5 * w + rng.normal(size=600)
    y = 0.5 * x + z - w + rng.normal(size=600)
    d = np.column_stack([np.ones(600), x, z, w])
    line = np.linalg.lstsq(d, y, rcond=None)[0][1]
    found = moved(basis(z, w), np.column_stack([z, w]), y, x)
    assert found.estimate.mean == pytest.approx(line, abs=0.6 * found.estimate.se)
    assert found.p_curve is not None
    assert found.p_curve > 0.02


def test_a_u_shape_is_averaged_over_the_rows_and_said() -> None:
    rng = np.random.default_rng(6)
    z = rng.normal(size=800)
    x = 0.5 * z + rng.normal(size=800)
    y = 0.5 * x**2 + z + rng.normal(size=800)
    truth = np.mean(0.5 * ((x + 1) ** 2 - x**2))
    found = moved(basis(z), z[:, None], y, x)
    assert found.estimate.mean == pytest.approx(truth, abs=2.5 * found.estimate.se)
    assert found.estimate.se < 0.1
    assert found.p_curve is not None
    assert found.p_curve < 1e-6


def test_an_effect_that_varies_is_averaged_over_rows_not_over_what_is_left_of_the_treatment() -> None:
    """Its slope is 1 + z and x varies most where z is high: the slope of leftovers would be about 1.6."""
    rng = np.random.default_rng(7)
    z = rng.normal(size=3000)
    x = np.exp(0.4 * z) * rng.normal(size=3000)
    y = (1 + z) * x + rng.normal(size=3000)
    found = moved(basis(z), z[:, None], y, x)
    assert np.sum(x * y) / np.sum(x * x) > 1.5
    assert found.estimate.mean == pytest.approx(1 + z.mean(), abs=0.1)


def test_among_some_rows_it_is_their_effect() -> None:
    rng = np.random.default_rng(8)
    z = rng.normal(size=2000)
    x = rng.normal(size=2000)
    y = np.where(z > 0, 2.0, 0.0) * x + rng.normal(size=2000)
    found = partialled_out(basis(z), z[:, None], y[:, None], x, (x, x + 1), z > 0)
    assert found is not None
    assert found[1] is not None
    assert found[1][0].mean == pytest.approx(2.0, abs=0.2)
    assert found[0][0].estimate.mean == pytest.approx(1.0, abs=0.2)


def test_the_spline_is_straight_outside_and_bends_inside() -> None:
    x = np.linspace(0, 10, 500)
    far = bent(x, np.array([20.0, 21.0, 22.0]))
    np.testing.assert_allclose(np.diff(far, n=2, axis=0), 0, atol=1e-9)
    assert bent(x, x).shape == (500, 3)
    assert np.abs(np.diff(bent(x, x), n=2, axis=0)[:, 1]).max() > 1e-5
    assert bent(np.array([0.0, 1, 1, 0]), np.array([0.0, 1])).shape == (2, 1)
    assert bent(np.repeat([0.0, 1, 2], [96, 2, 2]), np.array([0.0])).shape == (1, 2)


def test_too_few_rows_or_a_determined_treatment_have_none() -> None:
    rng = np.random.default_rng(9)
    z = rng.normal(size=100)
    at = np.arange(100) < 19
    assert level_scores(basis(z), z[:, None], np.zeros((100, 1)), at, np.full(100, 0.2)) is None
    assert scored(z[:30]) is None
    assert partialled_out(basis(z), z[:, None], z[:, None], np.zeros(100), (z, z + 1)) is None
    assert partialled_out(basis(z[:19]), z[:19, None], z[:19, None], z[:19], (z[:19], z[:19] + 1)) is None


def test_the_error_of_a_gap_is_that_of_two_answers_from_the_same_rows() -> None:
    found = second_opinion("aipw", "own", "mean", Estimated(2.0, 0.5), Estimated(1.0, 0.3))
    assert found is not None
    assert found.joint == pytest.approx(0.4)
    assert found.gap == pytest.approx(2.5)
    assert found.differs
    alike = second_opinion("aipw", "own", "mean", Estimated(2.0, 0.5), Estimated(1.0, 0.5))
    assert alike is not None
    assert alike.joint == pytest.approx(0.5 / np.sqrt(2))
    assert second_opinion("aipw", "own", "mean", Estimated(0.0, 0.0), Estimated(0.0, 0.0)) is None


def test_a_record_says_a_ratio_as_a_factor() -> None:
    mean = SecondOpinion("aipw", "own", "mean", Estimated(3.0, 1.0), 9.0, 1.0)
    found = SecondOpinion("aipw", "own", "ratio", Estimated(np.log(2), 0.1), np.log(2), 0.1, None, mean)
    record = found.to_dict()
    assert record["mean"] == pytest.approx(2.0)
    assert record["reported"] == pytest.approx(2.0)
    assert found.gap == 0
    assert found.differs  # on the mean
    assert record["on_mean"]["gap"] == pytest.approx(6.0)  # type: ignore[index]
