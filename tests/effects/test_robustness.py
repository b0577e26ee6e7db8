"""The robustness value: published numbers, another library's algebra, and what it promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.effects.robustness import less_by, partial_r2, robustness_of, robustness_value

DARFUR = (0.0973, 0.0233, 783)  # Cinelli & Hazlett 2020, table 1


def test_the_darfur_numbers() -> None:
    estimate, se, df = DARFUR
    t = 4.18  # as their table gives it; 0.0973 / 0.0233 is 4.176
    assert robustness_value(t, df) == pytest.approx(0.1388, abs=2e-4)
    assert robustness_value(t, df, alpha=0.05) == pytest.approx(0.0763, abs=2e-4)
    assert partial_r2(t, df) == pytest.approx(0.0219, abs=2e-4)
    assert estimate / se == pytest.approx(t, abs=0.01)


@given(st.floats(0.1, 40), st.integers(10, 5000), st.floats(0.1, 1.0))
def test_a_confounder_of_just_that_strength_takes_the_share_away(t: float, df: int, q: float) -> None:
    """Bias is se sqrt(df) sqrt(R2_y R2_d / (1 - R2_d)) (their equation 15): q of the estimate where both are RV_q."""
    rv = robustness_value(t, df, q)
    bias = np.sqrt(df) * np.sqrt(rv * rv / (1 - rv))  # in units of se
    assert bias == pytest.approx(q * t, rel=1e-9)


@given(st.floats(0.0, 40), st.integers(10, 5000))
def test_it_is_a_share_and_a_level_only_lowers_it(t: float, df: int) -> None:
    plain, level = robustness_value(t, df), robustness_value(t, df, alpha=0.05)
    assert 0 <= level <= plain <= 1


def test_a_regression_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(size=(200, 3))
    x = z @ [0.5, -1, 0] + rng.normal(size=200)
    y = 0.7 * x + z @ [1, 1, 1] + rng.normal(size=200)
    design = np.column_stack([np.ones(200), z, x])
    coefficients, rest, *_ = np.linalg.lstsq(design, y, rcond=None)
    covariance = rest[0] / 195 * np.linalg.inv(design.T @ design)
    found = robustness_of(y, x, z)
    assert found is not None
    assert found.df == 195
    assert found.estimate == pytest.approx(coefficients[-1])
    assert found.se == pytest.approx(np.sqrt(covariance[-1, -1]))
    assert found.value == pytest.approx(robustness_value(found.estimate / found.se, 195))


def test_a_confounder_that_is_there_behaves_as_promised() -> None:
    """With an unmeasured cause of the strength RV on both sides the estimate without it is all bias."""
    rng = np.random.default_rng(3)
    rows, rv = 4000, 0.15
    u = rng.normal(size=rows)
    x = np.sqrt(rv) * u + np.sqrt(1 - rv) * rng.normal(size=rows)
    y = np.sqrt(rv) * u + np.sqrt(1 - rv) * rng.normal(size=rows)  # no effect of x; partial R2 of u given x is about rv
    found = robustness_of(y, x, np.empty((rows, 0)))
    assert found is not None
    assert found.value == pytest.approx(rv, abs=0.03)


# What sensemakr's documentation prints of the Darfur data, for one, two and three times as strong as female.
DARFUR_BOUNDS = [
    (0.00916, 0.1246, 0.0752, 0.0219),
    (0.0183, 0.2493, 0.0529, 0.0204),
    (0.0275, 0.3741, 0.0304, 0.0187),
]


@pytest.mark.parametrize(("treatment", "outcome", "left", "error"), DARFUR_BOUNDS)
def test_the_darfur_bounds(treatment: float, outcome: float, left: float, error: float) -> None:
    found = less_by(*DARFUR, treatment, outcome)
    assert found == pytest.approx((left, error), abs=3e-4)  # of inputs with three digits


def test_what_a_cause_of_known_strength_leaves_is_what_adjusting_for_it_gives() -> None:
    """The omitted variable's bias is exact: estimate and error, less by what u explains, are those with u."""
    rng = np.random.default_rng(8)
    z, u = rng.normal(size=(2, 300))
    x = 0.5 * z + 0.6 * u + rng.normal(size=300)
    y = 1.0 * x + z + 0.7 * u + rng.normal(size=300)
    short, full = robustness_of(y, x, z[:, None]), robustness_of(y, x, np.column_stack([z, u]))
    assert short is not None
    assert full is not None
    of_x, of_y = explained(x, [z], u), explained(y, [z, x], u)
    assert less_by(short.estimate, short.se, short.df, of_x, of_y) == pytest.approx((full.estimate, full.se))
    down = robustness_of(-y, x, z[:, None])
    assert down is not None
    assert less_by(down.estimate, down.se, down.df, of_x, of_y)[0] == pytest.approx(-full.estimate)


def explained(values: np.ndarray, others: list[np.ndarray], own: np.ndarray) -> float:
    """Return the partial R2 by two regressions."""
    one = np.ones((len(values), 1))
    left = []
    for columns in (others, [*others, own]):
        design = np.column_stack([one, *columns])
        left.append(np.sum((values - design @ np.linalg.lstsq(design, values, rcond=None)[0]) ** 2))
    return 1.0 - left[1] / left[0]


def test_the_benchmark_is_the_measured_cause_that_would_take_most() -> None:
    """Its bounds by the formulas of Cinelli & Hazlett 2020, section 4.4, from partial R2 by regressions."""
    rng = np.random.default_rng(9)
    a, b, c = rng.normal(size=(3, 500))
    x = 0.4 * a + 0.1 * b + rng.normal(size=500)
    y = 0.6 * x + 0.5 * a + 0.1 * b + 0.3 * c + rng.normal(size=500)
    groups = {"a": slice(0, 1), "bc": slice(1, 3)}
    found = robustness_of(y, x, np.column_stack([a, b, c]), groups)
    assert found is not None
    assert found.benchmark is not None
    assert found.benchmark.name == "a"
    d, e = explained(x, [b, c], a), explained(y, [b, c, x], a)
    shared = (d / (1 - d)) ** 2
    outcome = ((1 + np.sqrt(shared)) / np.sqrt(1 - shared)) ** 2 * e / (1 - e)
    assert found.benchmark.treatment == pytest.approx(d / (1 - d))
    assert found.benchmark.outcome == pytest.approx(outcome)
    left, error = less_by(found.estimate, found.se, found.df, d / (1 - d), outcome)
    assert found.benchmark.left == pytest.approx(left / found.estimate)
    assert found.benchmark.possible == (left <= 1.6448536 * error)
    mirrored = robustness_of(-y, x, np.column_stack([a, b, c]), groups)
    assert mirrored is not None
    assert mirrored.benchmark is not None
    assert mirrored.benchmark.left == pytest.approx(found.benchmark.left)
    alone = robustness_of(y, x, np.empty((500, 0)))
    assert alone is not None
    assert alone.benchmark is None


def test_a_cause_that_nearly_determines_the_treatment_leaves_nothing_to_speak_of() -> None:
    rng = np.random.default_rng(10)
    z = rng.normal(size=200)
    x = z + 0.1 * rng.normal(size=200)
    found = robustness_of(x + z + rng.normal(size=200), x, z[:, None], {"z": slice(0, 1)})
    assert found is not None
    assert found.benchmark is not None
    assert found.benchmark.possible
    assert np.isfinite(found.benchmark.left)


def test_towards_a_rivals_estimate() -> None:
    found = robustness_of(np.arange(50.0) % 7 + np.arange(50.0), np.arange(50.0), np.empty((50, 0)))
    assert found is not None
    assert found.towards(0.0) == pytest.approx(found.value)
    assert found.towards(found.estimate * 2) is None
    half = found.towards(found.estimate / 2)
    assert half is not None
    assert 0 < half < found.value


def test_what_is_determined_or_too_short_has_none() -> None:
    x = np.arange(30.0)
    assert robustness_of(x**2, x, (2 * x)[:, None]) is None
    assert robustness_of(x[:4], x[:4] ** 2, x[:4, None]) is None
    assert robustness_of(np.r_[x[:-1], np.nan], x**2, x[:, None]) is None
