"""A contrast cleared of the noise of its rows: what is left is the contrast, and never less."""

import numpy as np
import pytest

from core.effects.cleared import cleared


def played(
    noise: float, wave: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, dict[str, np.ndarray]]]:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(4000, 2)), 1 + 0.2 * rng.normal(size=4000)
    truth = a[:, 0] * b + 0.3 * a[:, 1] ** 2 + wave * np.sin(6 * a[:, 0])
    one, other = truth + noise * rng.normal(size=(2, 4000))
    return truth, one, other, {"m": {"slopes": a, "fixed": np.ones(4000)}, "y": {"intercept": b}}


@pytest.mark.parametrize("noise", [0.2, 1.0])
def test_noise_goes_and_the_contrast_stays(noise: float) -> None:
    truth, one, other, parameters = played(noise)
    found = cleared(one, other, parameters)
    error = float(np.std(found - truth))
    assert error < 0.1 * noise
    assert float(np.std(found)) == pytest.approx(float(np.std(truth)), rel=0.02)


def test_what_no_regression_says_stays_as_it_was_played() -> None:
    _, one, other, parameters = played(0.3, wave=2.0)
    np.testing.assert_array_equal(cleared(one, other, parameters), 0.5 * (one + other))


def test_without_noise_nothing_is_touched() -> None:
    truth, *_, parameters = played(0.0)
    np.testing.assert_array_equal(cleared(truth, truth, parameters), truth)


def test_too_many_parameters_for_the_draws_leave_it_as_it_was_played() -> None:
    rng = np.random.default_rng(2)
    one, other = rng.normal(size=(2, 400))
    wide = {"y": {"slopes": rng.normal(size=(400, 80))}}
    np.testing.assert_array_equal(cleared(one, other, wide), 0.5 * (one + other))
