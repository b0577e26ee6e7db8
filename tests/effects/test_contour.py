"""The sensitivity map: exact bias, its lines, and marks that are what a cause of that strength does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.effects.contour import contour_of, line_to
from core.effects.robustness import Robustness, less_by, robustness_of, robustness_value, strengths_of

DARFUR = Robustness(0.0973, 0.0233, 783, 0.1388, 0.0763, 0.0219)


def least_squares(y: np.ndarray, *columns: np.ndarray) -> tuple[np.ndarray, float]:
    """Return coefficients, the constant last, and the residual sum of squares."""
    design = np.column_stack([*columns, np.ones(len(y))])
    found = np.linalg.lstsq(design, y, rcond=None)[0]
    return found, float(np.sum((y - design @ found) ** 2))


@given(st.floats(-3, 3).filter(lambda b: abs(b) > 0.01), st.floats(0.01, 2), st.integers(20, 5000), st.floats(-5, 5))
def test_every_point_of_a_line_turns_one_number_into_the_other(b: float, se: float, df: int, other: float) -> None:
    line = line_to(Robustness(b, se, df, 0.0, 0.0, 0.0), "B", other)
    for r_x, r_y in zip(line.treatment[::9], line.outcome[::9], strict=True):
        bias = abs(b - less_by(b, se, df, float(r_x), float(r_y))[0])
        assert bias == pytest.approx(abs(b - other), rel=1e-6, abs=1e-9)
    assert line.away == (abs(other) > abs(b) and other * b > 0)
    if len(line.treatment):
        change = abs(b - other) / se
        assert line.value == pytest.approx(robustness_value(change, df))
        at = np.interp(line.value, line.treatment, line.outcome)
        assert at == pytest.approx(line.value, abs=0.02)


def test_a_map_is_the_formula_at_each_point_and_its_zero_line_is_where_it_turns() -> None:
    found = contour_of(DARFUR, others={"B": 0.05, "C": 0.2, "same": 0.0973})
    assert found.estimate.shape == found.t.shape == (len(found.outcome), len(found.treatment))
    left, error = less_by(0.0973, 0.0233, 783, found.treatment[7], found.outcome[30])
    assert found.estimate[30, 7] == pytest.approx(left)
    assert found.t[30, 7] == pytest.approx(left / error)
    assert found.estimate[0, 0] == pytest.approx(0.0973)
    line = np.interp(found.treatment, found.zero.treatment, found.zero.outcome, left=np.inf)
    beyond = found.outcome[:, None] > line[None, :] + 0.01
    assert np.all(found.estimate[beyond] < 0)
    assert found.critical == pytest.approx(1.963, abs=1e-3)
    near, far, same = found.others
    assert near.value == pytest.approx(DARFUR.towards(0.05) or 0.0)
    assert not near.away
    assert far.away
    assert not len(same.treatment)


def test_a_cause_that_is_there_and_unmeasured_is_a_point_of_the_line_between_two_hypotheses() -> None:
    """A leaves u out and B has it: what u explains lies on A's line to B's effect, exactly."""
    rng = np.random.default_rng(8)
    z, u = rng.normal(size=(2, 300))
    x = 0.5 * z + 0.6 * u + rng.normal(size=300)
    y = 1.0 * x + z + 0.7 * u + rng.normal(size=300)
    short, full = robustness_of(y, x, z[:, None]), robustness_of(y, x, np.column_stack([z, u]))
    assert short is not None
    assert full is not None
    of_x = 1 - least_squares(x, z, u)[1] / least_squares(x, z)[1]
    of_y = 1 - least_squares(y, x, z, u)[1] / least_squares(y, x, z)[1]
    line = line_to(short, "B", full.estimate)
    assert np.interp(of_x, line.treatment, line.outcome) == pytest.approx(of_y, abs=5e-3)
    need = (short.estimate - full.estimate) ** 2 / short.se**2 / short.df
    assert of_y == pytest.approx(need * (1 - of_x) / of_x, rel=1e-9)


def test_marks_of_a_cause_that_is_as_strong_as_another() -> None:
    """Where the unmeasured cause is a measured one's twin in strength, the mark says what leaving it out did."""
    rng = np.random.default_rng(3)
    z, u = rng.normal(size=(2, 200_000))
    x = 0.4 * z + 0.4 * u + rng.normal(size=200_000)
    y = 1.0 * x + 0.5 * z + 0.5 * u + rng.normal(size=200_000)
    short = robustness_of(y, x, z[:, None])
    assert short is not None
    (strength,) = strengths_of(y, x, z[:, None], {"z": slice(0, 1)})
    once, twice, thrice = contour_of(short, (strength,)).marks
    assert (once.name, once.times) == ("z", 1.0)
    assert once.estimate == pytest.approx(1.0, abs=0.02)
    assert thrice.estimate < twice.estimate < once.estimate < short.estimate
    assert not once.possible
    assert thrice.possible == (thrice.estimate <= 1.96 * thrice.se)
    mirrored = robustness_of(-y, x, z[:, None])
    assert mirrored is not None
    assert contour_of(mirrored, (strength,)).marks[0].estimate == pytest.approx(-once.estimate, rel=1e-6)


def test_a_cause_that_cannot_be_that_strong_takes_all() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(size=300)
    x = 2 * z + rng.normal(size=300)
    y = x + z + rng.normal(size=300)
    found = robustness_of(y, x, z[:, None])
    assert found is not None
    strengths = strengths_of(y, x, z[:, None], {"z": slice(0, 1)})
    drawn = contour_of(found, strengths)
    assert all(mark.possible and np.isfinite(mark.estimate) for mark in drawn.marks)
    assert all(np.isfinite(drawn.t.ravel()))
