"""Associations: against textbook formulas, right size under independence, power against it."""

import numpy as np
import pytest
from scipy import optimize, stats

from core.check.association import associate, by_combination, design, widened
from core.check.batches import Question, associations
from core.check.roles import Role, role_of

ROLES = {
    "real": role_of("real", "Normal", 0),
    "binary": role_of("binary", "Bernoulli", 2),
    "count": role_of("count", "NegativeBinomial", 0),
    "category": role_of("category", "Categorical", 3),
}


def draw(kind: str, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a column of a kind whose mean moves with ``eta``."""
    if kind == "real":
        return eta + rng.normal(size=eta.shape)
    if kind == "binary":
        return (rng.random(eta.shape) < 1 / (1 + np.exp(0.8 - eta))).astype(float)
    if kind == "count":  # overdispersed
        return rng.poisson(np.exp(eta) * rng.gamma(3, 1 / 3, size=eta.shape)).astype(float)
    utility = np.stack([0 * eta, eta, -eta], axis=-1) + rng.gumbel(size=(*eta.shape, 3))
    return utility.argmax(axis=-1).astype(float)


def partial_correlation(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> float:
    """From the inverse of the correlation matrix: a second way."""
    inverse = np.linalg.inv(np.corrcoef(np.column_stack([x, y, z]), rowvar=False))
    return float(-inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1]))


def test_gaussian_columns_give_the_ordinary_partial_correlation() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(80, 2))
    x, y = z @ [1.0, -0.5] + rng.normal(size=80), z @ [0.3, 0.8] + rng.normal(size=80)
    real = ROLES["real"]
    found = associate(real, y[None], real, x[None], design((real, real), (z[None, :, 0], z[None, :, 1]), (1, 80)))
    expected = partial_correlation(x, y, z)
    assert found.estimate[0] == pytest.approx(expected, abs=1e-12)
    t = expected * np.sqrt(76 / (1 - expected**2))
    assert found.p_value[0] == pytest.approx(2 * stats.t.sf(abs(t), 76), rel=1e-9)
    half = stats.norm.ppf(0.95) / np.sqrt(80 - 2 - 3)
    assert found.q05[0] == pytest.approx(np.tanh(np.arctanh(expected) - half), abs=1e-12)
    assert found.q95[0] == pytest.approx(np.tanh(np.arctanh(expected) + half), abs=1e-12)


def test_two_binary_columns_give_phi_and_two_categories_pearsons_chi_squared() -> None:
    rng = np.random.default_rng(2)
    a = rng.integers(0, 2, 300).astype(float)
    b = np.where(rng.random(300) < 0.3, a, rng.integers(0, 2, 300)).astype(float)
    binary = ROLES["binary"]
    found = associate(binary, b[None], binary, a[None], design((), (), (1, 300)))
    assert found.estimate[0] == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-8)
    x, y = rng.integers(0, 3, 300).astype(float), rng.integers(0, 3, 300).astype(float)
    category = ROLES["category"]
    found = associate(category, y[None], category, x[None], design((), (), (1, 300)))
    table = np.bincount((3 * x + y).astype(int), minlength=9).reshape(3, 3)
    assert found.p_value[0] == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-4)


def test_columns_that_fit_better_than_chance_do_not_bound_the_association_at_zero() -> None:
    """Three levels with nearly equal shares: chi-squared 0.03 on 2, of which 1.39 is the median."""
    a = np.repeat([0.0, 1.0, 2.0], 100)
    b = np.concatenate([np.repeat([0.0, 1.0], [50 + k, 50 - k]) for k in (0, 1, 0)])
    found = associate(ROLES["category"], a[None], ROLES["binary"], b[None], design((), (), (1, 300)))
    assert (found.estimate[0], found.q05[0]) == (0.0, 0.0)
    # Cramer's V whose noncentral chi-squared has its 5 % quantile at that median.
    bound = optimize.brentq(lambda size: stats.ncx2.cdf(stats.chi2.median(2), 2, 300 * size**2) - 0.05, 0.01, 0.9)
    assert found.q95[0] == pytest.approx(bound, rel=1e-4)


def test_a_category_and_a_real_column_give_the_f_test_of_one_way_anova() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 3, 90).astype(float), rng.normal(size=90)
    found = associate(ROLES["real"], y[None], ROLES["category"], x[None], design((), (), (1, 90)))
    expected = stats.f_oneway(*(y[x == level] for level in range(3))).pvalue
    assert found.p_value[0] == pytest.approx(expected, rel=1e-9)
    assert not found.signed


@pytest.mark.parametrize("z_kind", ["real", "category", "count"])
@pytest.mark.parametrize("y_kind", list(ROLES))
@pytest.mark.parametrize("x_kind", list(ROLES))
def test_p_values_are_uniform_under_independence(y_kind: str, x_kind: str, z_kind: str) -> None:
    """800 data sets of 150 rows each, in which z moves both x and y."""
    rng = np.random.default_rng([len(y_kind), len(x_kind), len(z_kind)])
    sets, rows = 800, 150
    z = draw(z_kind, np.zeros((sets, rows)), rng)
    working = {"real": z, "category": z - 1.0, "count": np.log1p(np.abs(z)) - 0.5}[z_kind]
    y, x = draw(y_kind, 0.7 * working, rng), draw(x_kind, 0.7 * working, rng)
    found = associate(ROLES[y_kind], y, ROLES[x_kind], x, design((ROLES[z_kind],), (z,), (sets, rows)))
    # 800 uniform p-values: the share under 0.05 has standard error 0.008, and Kolmogorov's
    # statistic exceeds 1.95 with probability 0.001. The finite-sample tests are not exact.
    assert np.mean(found.p_value < 0.05) < 0.05 + 4 * 0.0077
    assert np.mean(found.p_value < 0.05) > 0.05 - 4 * 0.0077
    ranks = (np.arange(sets) + 0.5) / sets
    assert np.sqrt(sets) * np.abs(np.sort(found.p_value) - ranks).max() < 2.2
    assert np.mean((found.q05 <= 0) & (found.q95 >= 0)) > 0.86


@pytest.mark.parametrize("y_kind", list(ROLES))
@pytest.mark.parametrize("x_kind", list(ROLES))
def test_a_link_that_is_there_is_found(y_kind: str, x_kind: str) -> None:
    rng = np.random.default_rng(7)
    sets, rows = 50, 400
    z = rng.normal(size=(sets, rows))
    x = draw(x_kind, 0.5 * z, rng)
    moved = {"real": x, "binary": 2 * x, "count": np.log1p(np.abs(x)), "category": x}[x_kind]
    y = draw(y_kind, 0.5 * z + 0.8 * (moved - moved.mean()), rng)
    real = ROLES["real"]
    found = associate(ROLES[y_kind], y, ROLES[x_kind], x, design((real,), (z,), (sets, rows)))
    assert np.mean(found.p_value < 0.05) > 0.9
    assert found.estimate.mean() > 0.1


@pytest.mark.parametrize("family", ["SkewNormal", "Weibull", "ZeroInflatedNegativeBinomial", "OrderedLogit"])
def test_families_that_the_test_approximates_have_its_size_too(family: str) -> None:
    """A test by Poisson, Gaussian or softmax regression of columns that are none of these, given a common cause."""
    rng = np.random.default_rng(3)
    z = rng.normal(size=(1000, 200))
    x = z + rng.normal(size=z.shape)
    noise = {
        "SkewNormal": lambda: z + stats.skewnorm(8).rvs(z.shape, random_state=rng),
        "Weibull": lambda: np.exp(1 + 0.5 * z) * rng.weibull(1.5, z.shape),
        "ZeroInflatedNegativeBinomial": lambda: (
            rng.poisson(np.exp(1 + 0.5 * z) * rng.gamma(1.5, 1 / 1.5, z.shape)) * (rng.random(z.shape) > 0.4)
        ),
        "OrderedLogit": lambda: np.digitize(z + rng.logistic(size=z.shape), [-1.0, 0.5, 2.0]),
    }
    levels = 4 if family == "OrderedLogit" else 0
    roles = {"y": role_of("y", family, levels), "x": role_of("x", "Normal", 0), "z": role_of("z", "Normal", 0)}
    raw = {"y": noise[family]().astype(float), "x": x, "z": z}
    for question in (Question("y", "x", ("z",)), Question("x", "y", ("z",))):
        found = associations([question], roles, raw)[0]
        assert 0.025 < np.mean(found.p_value < 0.05) < 0.085


def test_berkson() -> None:
    """X, Y independent N(0, 1), C = X + Y + e: corr(X, Y | C) = -1 / (1 + var e)."""
    rng = np.random.default_rng(11)
    for variance in (0.25, 1.0, 4.0):
        x, y = rng.normal(size=(1, 200_000)), rng.normal(size=(1, 200_000))
        c = x + y + np.sqrt(variance) * rng.normal(size=(1, 200_000))
        real = ROLES["real"]
        found = associate(real, y, real, x, design((real,), (c,), (1, 200_000)))
        assert found.estimate[0] == pytest.approx(-1 / (1 + variance), abs=0.01)


def test_what_is_certain_leaves_nothing_to_associate() -> None:
    rng = np.random.default_rng(5)
    a, b, other = (rng.integers(0, 2, (1, 500)).astype(float) for _ in range(3))
    binary = ROLES["binary"]
    either = np.maximum(a, b)
    found = associate(binary, either, binary, other, design((binary, binary), (a, b), (1, 500)))
    assert found.p_value[0] == 1.0
    assert found.estimate[0] == 0.0


def test_constant_and_collinear_columns_do_no_harm() -> None:
    rng = np.random.default_rng(6)
    real = ROLES["real"]
    z = rng.normal(size=(1, 60))
    y = rng.normal(size=(1, 60))
    copy = associate(real, y, real, 2 * z + 1, design((real,), (z,), (1, 60)))
    constant = associate(real, y, real, np.ones((1, 60)), design((real,), (z,), (1, 60)))
    for found in (copy, constant):
        assert found.p_value[0] == 1.0
        assert found.estimate[0] == 0.0
    twice = design((real, real), (z, z), (1, 60))
    x = rng.normal(size=(1, 60))
    once = associate(real, y, real, x, design((real,), (z,), (1, 60)))
    assert associate(real, y, real, x, twice).p_value[0] == pytest.approx(once.p_value[0], rel=1e-9)


def test_separated_levels_give_a_number() -> None:
    z = np.linspace(-1, 1, 100)[None]
    y = (z > 0).astype(float)
    x = np.random.default_rng(8).normal(size=(1, 100))
    found = associate(ROLES["binary"], y, ROLES["real"], x, design((ROLES["real"],), (z,), (1, 100)))
    assert np.isfinite(found.estimate).all()
    assert 0 <= found.p_value[0] <= 1


def test_equal_rows_counted_are_the_same_as_rows() -> None:
    rng = np.random.default_rng(10)
    raw = {name: rng.integers(0, levels, (3, 400)).astype(float) for name, levels in (("a", 2), ("b", 2), ("c", 3))}
    roles = {"a": role_of("a", "Table", 2), "b": role_of("b", "Table", 2), "c": role_of("c", "Table", 3)}
    for y, x, given in (("a", "b", ("c",)), ("c", "a", ("b",)), ("a", "c", ()), ("a", "b", ())):
        counted = associations([Question(y, x, given)], roles, raw)[0]
        z = design(tuple(roles[g] for g in given), tuple(raw[g] for g in given), (3, 400))
        by_row = associate(roles[y], raw[y], roles[x], raw[x], z)
        assert counted.p_value == pytest.approx(by_row.p_value, rel=1e-6)
        assert counted.estimate == pytest.approx(by_row.estimate, rel=1e-6, abs=1e-9)


def test_a_batch_is_the_same_as_one_at_a_time() -> None:
    rng = np.random.default_rng(9)
    z, eta = rng.normal(size=(2, 5, 120))
    y, x = draw("count", eta, rng), draw("category", z, rng)
    together = associate(ROLES["count"], y, ROLES["category"], x, design((ROLES["real"],), (z,), (5, 120)))
    for i in range(5):
        z_i = design((ROLES["real"],), (z[i : i + 1],), (1, 120))
        alone = associate(ROLES["count"], y[i : i + 1], ROLES["category"], x[i : i + 1], z_i)
        assert alone.p_value[0] == pytest.approx(together.p_value[i], rel=1e-6)


def test_roles_follow_the_family() -> None:
    log = role_of("income", "LogNormal", 0)
    raw = np.array([[1.0, np.e]])
    assert log.responses(raw).tolist() == [[0.0, 1.0]]
    assert log.regressors(raw)[..., 0].tolist() == [[0.0, 1.0]]
    share = role_of("share", "Beta", 0)
    assert share.responses(np.array([0.5]))[0] == pytest.approx(0.0)
    assert share.regressors(np.array([0.5]))[0, 0] == 0.5
    assert role_of("g", "Table", 3).response == "category"
    assert isinstance(log, Role)


def test_levels_enter_by_combination_where_there_are_five_rows_for_each_and_at_most_64() -> None:
    binary, real = ROLES["binary"], ROLES["real"]
    assert by_combination((binary,) * 4, 80)
    assert not by_combination((binary,) * 4, 79)
    assert by_combination((binary,) * 6, 10**6)
    assert not by_combination((binary,) * 7, 10**6)
    assert not by_combination((binary, real), 10**6)
    codes = tuple(np.random.default_rng(0).integers(0, 2, (4, 1, 80)).astype(float))
    assert design((binary,) * 4, codes, (1, 80)).shape == (1, 80, 16)
    assert design((binary,) * 4, tuple(column[:, :79] for column in codes), (1, 79)).shape == (1, 79, 5)


@pytest.mark.parametrize("given", ["real", "category"])
def test_a_handful_of_events_gives_no_more_false_alarms(given: str) -> None:
    """Some four events in sixty rows: a level without any tells nothing, and must not pass for rows that fit well."""
    rng = np.random.default_rng(6)
    shape = (1_500, 60)
    if given == "category":
        z = role_of("z", "Table", 3)
        values = rng.integers(0, 3, shape).astype(float)
        drive = values - 1.0
    else:
        z = role_of("z", "Normal", 0)
        values = drive = rng.normal(size=shape)
    events = (rng.random(shape) < 1 / (1 + np.exp(2.7 - 0.5 * drive))).astype(float)
    x = 0.5 * drive + rng.normal(size=shape)
    found = associate(
        role_of("y", "Bernoulli", 2), events, role_of("x", "Normal", 0), x, design((z,), (values,), shape)
    )
    assert np.mean(found.p_value < 0.05) < 0.07
    assert np.mean(found.p_value < 0.01) < 0.02


def test_widened_is_what_fewer_rows_would_say() -> None:
    """A design effect of 4 makes of 400 rows what 100 say; the estimate of a signed one stays."""
    rng = np.random.default_rng(0)
    y, x, z = rng.normal(size=(1, 400)), rng.normal(size=(1, 400)), np.ones((1, 400, 1))
    real, three = role_of("y", "Normal", 0), role_of("x", "Categorical", 3)
    whole = associate(real, y + 0.2 * x, real, x, z)
    wide = widened(whole, 4.0)
    assert wide.estimate == whole.estimate
    df = 398 / 4.0
    t = wide.estimate * np.sqrt(df / (1 - wide.estimate**2))
    assert wide.p_value == pytest.approx(2 * stats.t.sf(np.abs(t), df))
    ratio = (np.arctanh(wide.q95) - np.arctanh(wide.q05)) / (np.arctanh(whole.q95) - np.arctanh(whole.q05))
    assert ratio == pytest.approx(np.sqrt(397 / (df - 1)))
    level = np.repeat([0.0, 1.0, 2.0, 0.0], 100)[None]
    for response, values in ((real, y + 0.3 * level), (three, (rng.random((1, 400)) * 3 + 0.2 * level) // 1.14)):
        whole = associate(response, values, three, level, z)
        wide = widened(whole, 4.0)
        assert not wide.signed
        assert wide.p_value > whole.p_value
        assert wide.q95 - wide.q05 > whole.q95 - whole.q05
        assert wide.q05 <= wide.estimate <= whole.estimate
        assert widened(whole, 1.0) is whole
