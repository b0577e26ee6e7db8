"""Naive estimates: another library's numbers, closed forms, and intervals that hold what they promise."""

import time

import numpy as np
import pytest

from core.check.roles import Role
from core.effects.black_box import boosted
from core.effects.instrumented import two_stage
from core.effects.least_squares import HC2, HC3, basis_of, fitted
from core.effects.naive import Estimate, naive_estimates
from core.effects.steps import Step
from core.errors import UsageError

# What statsmodels 0.15 says of the rows that `rows` draws.
SLOPE, SLOPE_HC2, SLOPE_HC3 = 0.4938051805379461, 0.07832772350155276, 0.08065313207536799
DIFFERENCE, DIFFERENCE_HC2 = 1.4895795335431226, 0.3761933926383102
ONE_INSTRUMENT, TWO_INSTRUMENTS = 1.2630450622520972, 1.2966907147496924
FIRST_STAGE, FIRST_STAGE_OF_TWO = 6.082443530188099, 5.559362542256247
YES_NO = Step(0.0, 1.0)


def rows() -> tuple[np.ndarray, ...]:
    """Return given columns, instrument, treatment and outcome, with unequal spread."""
    rng = np.random.default_rng(7)
    z, q, u = rng.normal(size=(120, 2)), rng.normal(size=120), rng.normal(size=120)
    x = 0.5 * q + z @ [0.4, -0.3] + u + rng.normal(size=120) * (1 + 0.5 * np.abs(z[:, 0]))
    y = 0.8 * x + z @ [1.0, 0.2] - u + rng.normal(size=120) * np.exp(0.3 * x)
    return z, q, x, y


def numbers(**columns: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, Role]]:
    """Return columns and roles; 0/1 columns are levels."""
    levels = {name: 2 if set(np.unique(values)) <= {0.0, 1.0} else 0 for name, values in columns.items()}
    roles = {
        name: Role(name, "binary", to_regressor="levels", levels=2) if levels[name] else Role(name, "gaussian")
        for name in columns
    }
    return columns, roles


def by_name(found: tuple[Estimate, ...]) -> dict[str, Estimate]:
    return {one.name: one for one in found}


@pytest.mark.parametrize(("power", "error"), [(HC2, SLOPE_HC2), (HC3, SLOPE_HC3)])
def test_a_slope_and_its_robust_errors_are_statsmodels(power: int, error: float) -> None:
    z, _, x, y = rows()
    found = fitted(y, x[:, None], basis_of(z), power)
    assert found is not None
    assert found.coefficients[0] == pytest.approx(SLOPE, abs=1e-8)
    assert np.sqrt(found.covariance[0, 0]) == pytest.approx(error, abs=1e-8)
    assert found.df == 116


def test_the_sandwich_is_the_block_of_the_whole_one() -> None:
    """HC3 by its definition, over every coefficient at once; a repeated column changes nothing."""
    z, _, x, y = rows()
    two = np.column_stack([x, np.abs(x)])
    design = np.column_stack([two, np.ones(120), z])
    inverse = np.linalg.inv(design.T @ design)
    rest = y - design @ (inverse @ design.T @ y)
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    whole = inverse @ (design.T * (rest / (1 - leverage)) ** 2) @ design @ inverse
    for given in (z, np.column_stack([z, 3 * z[:, 0], np.full(120, 5.0)])):
        found = fitted(y, two, basis_of(given))
        assert found is not None
        np.testing.assert_allclose(found.covariance, whole[:2, :2], atol=1e-10)


def test_a_difference_of_means_has_the_error_of_two_groups() -> None:
    _, _, x, y = rows()
    high = (x > 0).astype(float)
    raw, roles = numbers(x=high, y=y)
    (found,) = naive_estimates(raw, roles, "x", "y", YES_NO, black_box=False)
    groups = y[high == 1], y[high == 0]
    assert found.mean == pytest.approx(groups[0].mean() - groups[1].mean())
    assert found.se == pytest.approx(np.sqrt(sum(g.var(ddof=1) / len(g) for g in groups)))
    assert (found.mean, found.se) == pytest.approx((DIFFERENCE, DIFFERENCE_HC2), abs=1e-8)


def test_two_stages_and_their_first_are_statsmodels() -> None:
    z, q, x, y = rows()
    one, two = two_stage(y, x, q[:, None], z), two_stage(y, x, np.column_stack([q, q**2]), z)
    assert one is not None
    assert two is not None
    assert one.coefficient == pytest.approx(ONE_INSTRUMENT, abs=1e-8)
    assert two.coefficient == pytest.approx(TWO_INSTRUMENTS, abs=1e-8)
    assert one.first_stage == pytest.approx(FIRST_STAGE, abs=1e-8)
    assert two.first_stage == pytest.approx(FIRST_STAGE_OF_TWO, abs=1e-8)
    assert one.weak
    design, by = np.column_stack([x, np.ones(120), z]), np.column_stack([q, np.ones(120), z])
    moved = by @ np.linalg.lstsq(by, design, rcond=None)[0]
    rest = y - design @ np.linalg.lstsq(moved, y, rcond=None)[0]
    inverse = np.linalg.inv(moved.T @ moved)
    covariance = inverse @ (moved.T * rest**2) @ moved @ inverse * 120 / 116
    assert one.se == pytest.approx(np.sqrt(covariance[0, 0]), abs=1e-10)


@pytest.mark.parametrize("columns", [1, 2])
def test_the_set_that_holds_is_where_the_instrument_says_nothing_of_the_rest(columns: int) -> None:
    """At the ends of the set of Anderson & Rubin the instrument's p-value in y - b x is 0.1, found by search."""
    from scipy.special import fdtri

    rng = np.random.default_rng(5)
    z, u, q = rng.normal(size=(300, 1)), rng.normal(size=300), rng.normal(size=(300, columns))
    x = q @ np.full(columns, 0.4) + u + rng.normal(size=300)
    y = x + u + rng.normal(size=300)
    found = two_stage(y, x, q, z)
    assert found is not None
    ((low, high),) = found.kept
    assert low < found.coefficient < high
    for end in (low, high):
        rest = y - end * x
        if columns == 1:
            line = fitted(rest, q, basis_of(z))
            assert line is not None
            statistic = float(line.coefficients[0] ** 2 / line.covariance[0, 0])
            assert statistic == pytest.approx(fdtri(1, line.df, 0.9), rel=1e-6)
        else:
            both = np.column_stack([np.ones(300), z, q])
            less = [np.sum((rest - d @ np.linalg.lstsq(d, rest, rcond=None)[0]) ** 2) for d in (both[:, :2], both)]
            statistic = (less[0] - less[1]) / columns / (less[1] / (300 - 2 - columns))
            assert statistic == pytest.approx(fdtri(columns, 300 - 2 - columns, 0.9), rel=1e-6)


def test_a_useless_instrument_rules_nothing_out_and_is_called_weak() -> None:
    rng = np.random.default_rng(2)
    q, u = rng.normal(size=(2, 200))
    raw, roles = numbers(q=q, x=u + rng.normal(size=200), y=u + rng.normal(size=200))
    found = by_name(naive_estimates(raw, roles, "x", "y", Step(), instruments=[("q", ())], black_box=False))
    weak = found["instrument: q"]
    assert weak.first_stage is not None
    assert weak.first_stage < 10
    assert "weak instrument" in weak.note
    assert weak.anderson_rubin is not None
    assert any(not np.isfinite(end) for pair in weak.anderson_rubin for end in pair)
    assert weak.to_dict()["anderson_rubin"] == [[None, None]]
    assert "any value" in weak.note


@pytest.mark.repeats
def test_intervals_hold_what_they_promise() -> None:
    """90 % intervals in 300 tables of 150 rows with unequal spread, and that of a weak instrument."""
    hits = dict.fromkeys(("raw", "instrument: q"), 0)
    weak = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        q, u, e = rng.normal(size=(3, 150))
        x = 0.15 * q + u + rng.normal(size=150)
        raw, roles = numbers(q=q, x=x, y=1.0 * x + u + e)
        own, fixed = numbers(x=x, y=1.0 * x + e * (0.2 + np.abs(x)))
        line = naive_estimates(own, fixed, "x", "y", Step(), black_box=False)[0]
        by = naive_estimates(raw, roles, "x", "y", Step(), instruments=[("q", ())], black_box=False)[-1]
        assert by.anderson_rubin is not None
        hits["raw"] += line.q05 <= 1.0 <= line.q95
        hits["instrument: q"] += any(low <= 1.0 <= high for low, high in by.anderson_rubin)
        weak += "weak" in by.note
    assert weak > 250
    assert all(0.86 <= count / 300 <= 0.94 for count in hits.values()), hits


def test_categories_are_contrasts_and_numbers_move_on_their_own_scale() -> None:
    rng = np.random.default_rng(3)
    region, z = rng.integers(0, 3, 500).astype(float), rng.normal(size=500)
    cost = np.exp(rng.normal(size=500))
    y = np.array([0.0, 2.0, 5.0])[region.astype(int)] + z + 3 * np.log(cost) + 0.1 * rng.normal(size=500)
    raw = {"region": region, "z": z, "cost": cost, "y": y}
    roles = {
        "region": Role("region", "category", to_regressor="levels", levels=3),
        "z": Role("z", "gaussian"),
        "cost": Role("cost", "gaussian", "log", "log"),
        "y": Role("y", "gaussian"),
    }
    found = by_name(naive_estimates(raw, roles, "region", "y", Step(1.0, 2.0), black_box=False))
    assert found["raw"].mean == pytest.approx(y[region == 2].mean() - y[region == 1].mean())
    assert found["everything"].mean == pytest.approx(3.0, abs=0.05)
    assert found["everything"].adjusts == ("z", "cost")
    roles["region"] = Role("region", "category", to_regressor="levels", levels=5)  # the last two have no rows
    again = by_name(naive_estimates(raw, roles, "region", "y", Step(1.0, 2.0), black_box=False))
    assert again["everything"].mean == pytest.approx(found["everything"].mean)
    gone = by_name(naive_estimates(raw, roles, "region", "y", Step(0.0, 4.0), instruments=[("z", ())], black_box=False))
    assert gone["raw"].note == "cannot be computed: region does not vary, or a level of it is not there"
    assert not gone["instrument: z"].known
    by_cost = by_name(naive_estimates(raw, roles, "cost", "y", Step(), black_box=False))
    assert by_cost["everything"].mean == pytest.approx(3 * np.mean(np.log1p(1 / cost)), rel=0.01)


def test_trees_see_a_curve_that_a_line_does_not() -> None:
    rng = np.random.default_rng(4)
    x, z = rng.normal(size=(2, 1500))
    raw, roles = numbers(x=x, z=z, y=x**2 + z + 0.3 * rng.normal(size=1500))
    found = by_name(naive_estimates(raw, roles, "x", "y", Step(0.0, 2.0)))
    trees = found["black box"]
    assert trees.mean == pytest.approx(4.0, abs=0.4)
    assert abs(found["everything"].mean) < 1.0
    assert trees.skill is not None
    assert 0.8 < trees.skill < 1.0
    began = time.process_time()
    again = by_name(naive_estimates(raw, roles, "x", "y", Step(0.0, 2.0)))
    assert time.process_time() - began < 3.0  # 0.6 s of 1,000 rows on an idle core
    assert again["black box"] == trees


def test_trees_of_chances_and_logarithms() -> None:
    rng = np.random.default_rng(6)
    x, z = rng.normal(size=(2, 1200))
    chance = 1 / (1 + np.exp(-2.0 * x - z))
    raw, roles = numbers(x=x, z=z, y=(rng.random(1200) < chance).astype(float))
    found = by_name(naive_estimates(raw, roles, "x", "y", Step(-1.0, 1.0)))["black box"]
    truth = np.mean([1 / (1 + np.exp(-2 - z)) - 1 / (1 + np.exp(2 - z))])
    assert found.q05 - 0.05 < truth < found.q95 + 0.05
    assert found.skill is not None
    assert 0.2 < found.skill < 0.7
    raw, roles = numbers(x=x, z=z, y=0.5 * x + z + 0.1 * rng.normal(size=1200))
    ratio = by_name(naive_estimates(raw, roles, "x", "y", Step(0.0, 1.0), log_outcome=True))["black box"]
    assert ratio.scale == "ratio"
    assert ratio.mean == pytest.approx(np.exp(0.5), abs=0.15)


def test_noise_has_no_skill_and_many_rows_are_a_part() -> None:
    rng = np.random.default_rng(8)
    y, x = rng.normal(size=(2, 21_000))
    found = boosted(y, x[:, None], (x, x + 1), [0], two_levels=False)
    assert found is not None
    assert found.rows == 20_000
    assert found.skill < 0.01
    assert boosted(y[:50], x[:50, None], (x[:50], x[:50]), [0], two_levels=False) is None


def test_what_cannot_be_computed_says_why() -> None:
    rng = np.random.default_rng(9)
    x, y = rng.normal(size=(2, 80))
    raw, roles = numbers(x=x, twice=2 * x, y=y, same=np.full(80, 3.0))
    found = by_name(
        naive_estimates(raw, roles, "x", "y", Step(), adjustment_sets=[("twice",), ()], instruments=[("same", ())])
    )
    assert not found["adjusted: twice"].known
    assert found["adjusted: twice"].note == "cannot be computed: what is adjusted for leaves nothing of x"
    assert found["adjusted: twice"].to_dict()["mean"] is None
    assert found["instrument: same"].note == "cannot be computed: same does not move x"
    assert "too few rows" in found["black box"].note
    assert found["raw"].known
    with pytest.raises(UsageError, match="no column 'who'"):
        naive_estimates(raw, roles, "x", "y", Step(), adjustment_sets=[("who",)])
    with pytest.raises(UsageError, match="'y' cannot be adjusted for"):
        naive_estimates(raw, roles, "x", "y", Step(), adjustment_sets=[("y",)])
    roles["y"] = Role("y", "category", to_regressor="levels", levels=3)
    with pytest.raises(UsageError, match="several levels"):
        naive_estimates(raw, roles, "x", "y", Step())
