"""The prior scale of a column: the formula against least squares, and what must not trouble it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.dataset import Dataset
from core.data.prior_scales import LARGEST, NEARLY, SMALLEST, nearly_determined, prior_scales, scales_of
from core.data.profile import profile
from core.data.read import read_dataset


def chain(rows=400, first=0.95, second=0.98, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    m = np.sqrt(first) * x + np.sqrt(1 - first) * rng.normal(size=rows)
    return [x, m, np.sqrt(second) * m + np.sqrt(1 - second) * rng.normal(size=rows)]


def slope_in_sigmas(child, cause, others):
    """The squared slope of a standardised cause, in units of the child's residual variance, by least squares."""
    z = [(v - v.mean()) / v.std() for v in (cause, *others)]
    y = (child - child.mean()) / child.std()
    slopes, squares, *_ = np.linalg.lstsq(np.column_stack(z), y)
    return slopes[0] ** 2 / (squares[0] / len(y))


def test_t_is_4_over_the_largest_squared_slope_of_the_column_as_a_cause():
    """The index of Omega's denominator is the child's: with unequal steps the other one gives other numbers."""
    columns = chain()
    for k, scale in enumerate(prior_scales(columns)):
        strongest = 0.0
        for j in set(range(3)) - {k}:
            rest = [columns[i] for i in set(range(3)) - {j, k}]
            alone = slope_in_sigmas(columns[j], columns[k], [])
            assert alone == pytest.approx(slope_in_sigmas(columns[k], columns[j], []))  # r^2 has no direction
            strongest = max(strongest, alone, slope_in_sigmas(columns[j], columns[k], rest))
        assert scale.t == pytest.approx(4 / strongest, rel=1e-8)
    assert prior_scales(columns)[2].other == 1


def test_nothing_changes_up_to_an_r_squared_of_eight_ninths():
    n, exact = 300, np.random.default_rng(1).normal(size=(300, 2))
    q, _ = np.linalg.qr(exact - exact.mean(axis=0))
    for r_squared, changed in ((0.5, False), (8 / 9 - 1e-6, False), (8 / 9 + 1e-3, True)):
        y = np.sqrt(r_squared) * q[:, 0] + np.sqrt(1 - r_squared) * q[:, 1]
        t = [scale.t for scale in prior_scales([q[:, 0], y])]
        assert all((one < LARGEST) == changed for one in t)
        if not changed:
            assert t == [0.5, 0.5]
    rng = np.random.default_rng(2)
    assert {s.t for s in prior_scales([*rng.normal(size=(6, n))])} == {0.5}


def test_units_signs_and_order_change_nothing():
    columns = chain()
    t = [s.t for s in prior_scales(columns)]
    moved = [1e3 - 3e-2 * columns[2], 1e180 * columns[0], columns[1] * 1e-180]
    assert [s.t for s in prior_scales(moved)] == pytest.approx([t[2], t[0], t[1]], rel=1e-5)


def test_omega_counts_from_five_rows_a_column_on():
    """z is the sum of two columns but for little: no pair alone is near, all three together are."""
    rng = np.random.default_rng(3)
    a, b, noise = rng.normal(size=(3, 200))
    columns = [a, b, a + b + 0.05 * noise]
    assert all(s.t < NEARLY and not s.alone for s in prior_scales(columns))
    assert all(s.t > 0.1 for s in prior_scales([v[:14] for v in columns]))
    assert all(s.t < NEARLY for s in prior_scales([v[:15] for v in columns]))
    constant = [*columns, np.ones(200)]
    assert [s.t for s in prior_scales(constant)][:3] == pytest.approx([s.t for s in prior_scales(columns)], rel=1e-6)
    assert prior_scales(constant)[3].t == LARGEST


def test_columns_that_determine_each_other_get_the_floor_and_leave_the_others_alone():
    rng = np.random.default_rng(4)
    a, b, c, d = rng.normal(size=(4, 200))
    t = [s.t for s in prior_scales([a, b, 2 * a - 7, c, d, c - d + b])]
    assert [t[0], t[2]] == [SMALLEST, SMALLEST]
    assert all(SMALLEST <= one <= 2 * SMALLEST for one in (t[1], t[3], t[4], t[5]))
    alone = [s.t for s in prior_scales([a, b, 2 * a - 7, c])]
    assert alone == [SMALLEST, 0.5, SMALLEST, 0.5]


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4])
def test_too_few_rows_say_nothing(rows):
    x = np.arange(rows, dtype=float)
    assert [s.t for s in prior_scales([x, x, 3 - x])] == [0.5, 0.5, 0.5]
    assert prior_scales([]) == ()


@given(
    st.lists(
        st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=12, max_size=12), min_size=1, max_size=4
    ),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_any_numbers_give_a_t_that_can_be_used(values, kept):
    columns = [np.array(column) for column in values]
    observed = [np.array(kept), *(np.ones(12, dtype=bool) for _ in columns[1:])]
    for found in (prior_scales(columns), prior_scales(columns, observed)):
        assert all(SMALLEST <= s.t <= LARGEST for s in found)


def with_set(rows, **columns):
    """A data set in which x was set in these rows."""
    frame = pd.DataFrame(columns).assign(_set=["x" if was_set else "" for was_set in rows])
    return read_dataset(frame.to_csv(index=False, float_format="%.17g").encode(), name="t.csv")


def test_rows_that_were_set_do_not_count():
    """x was set in the first half, which breaks m's relation to it; in every row, those rows have to do."""
    x, m, _ = chain(rows=40)
    first = np.arange(40) < 20
    broken = np.where(first, np.random.default_rng(5).normal(size=40), x)
    own = dict.fromkeys(("x", "m"), "identity")
    found = [s.t for s in scales_of(with_set(first, x=broken, m=m), own)]
    assert found == pytest.approx([s.t for s in prior_scales([x[20:], m[20:]])], rel=1e-9)
    always = with_set([True] * 40, x=x, m=m)
    assert [s.t for s in scales_of(always, own)] == pytest.approx([s.t for s in prior_scales([x, m])], rel=1e-9)


def test_many_rows_are_gone_through_in_parts(monkeypatch):
    columns = chain(rows=501)
    observed = [np.arange(501) % 7 != k for k in range(3)]
    whole = [prior_scales(columns), prior_scales(columns, observed)]
    monkeypatch.setattr("core.data.prior_scales._CELLS", 111)
    for before, now in zip(whole, [prior_scales(columns), prior_scales(columns, observed)], strict=True):
        assert [s.t for s in now] == pytest.approx([s.t for s in before], rel=1e-9)


# -- what the profile says ---------------------------------------------------------------


def warned(**columns):
    return [w for w in profile(Dataset.from_frame(pd.DataFrame(columns))).warnings if "nearly" in w]


def test_the_profile_names_both_columns_once():
    x, m, _ = chain(rows=200, first=0.999)
    other = np.random.default_rng(6).normal(size=200)
    (said,) = warned(x=x, other=other, m=m)
    assert said.startswith("'x' and 'm' nearly determine each other (R2 0.99")
    assert warned(x=x, other=other, m=m + 0.3 * np.random.default_rng(7).normal(size=200)) == []


def test_positive_columns_are_compared_by_their_logarithm_where_their_family_is():
    """A power of a skewed column with noise of 2 %: no line, but one in logarithms."""
    rng = np.random.default_rng(7)
    size = np.exp(rng.normal(size=300))
    assert len(warned(size=size, weight=size**3 * np.exp(0.02 * rng.normal(size=300)))) == 1


def test_what_follows_exactly_is_said_once():
    x, m, y = chain(rows=60, second=0.5)
    assert warned(x=x, double=2 * x, m=m) == []
    rest = warned(x=x, double=2 * x, near=x + 1e-3 * y)
    assert len(rest) == 1
    assert "'x' and 'near'" in rest[0]


def test_columns_that_are_near_together_only():
    rng = np.random.default_rng(8)
    a, b, noise = rng.normal(size=(3, 200))
    said = warned(a=a, b=b, total=a + b + 0.05 * noise)
    assert said
    assert all("once the other columns are known" in one for one in said)


def test_a_table_of_near_copies_gives_a_few_sentences():
    rng = np.random.default_rng(9)
    x = rng.normal(size=100)
    frame = pd.DataFrame({f"x{j}": x + 0.01 * rng.normal(size=100) for j in range(30)})
    found = nearly_determined(Dataset.from_frame(frame))
    assert len(found) == 7
    assert found[-1].endswith("more pairs of columns")
