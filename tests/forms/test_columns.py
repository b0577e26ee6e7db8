"""The columns of each form: against a second method, in numpy and in PyTensor, and what they promise of each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.interpolate import BSpline

from core.contrasts import design_basis
from core.families.sampled import Known
from core.forms import FORMS, get_form
from core.forms.base import frozen
from core.forms.smooth import SPLINES
from core.forms.term import Input, Term
from core.hypothesis import FORMS as NAMES
from core.hypothesis import Prior
from core.names import earlier_name

RNG = np.random.default_rng(3)
NUMBER = {"parent": "x", "kind": "real", "transform": "identity", "center": 1.5, "scale": 2.0}
CATEGORY = {
    "parent": "g", "kind": "category", "transform": "levels", "levels": ("a", "b", "c"), "basis": design_basis(3),
}  # fmt: skip
VALUES = 1.5 + 2.0 * RNG.normal(size=300)
CODES = RNG.integers(0, 3, 300).astype(float)


def term(form: str, **more: object) -> Term:
    values = (VALUES - VALUES.mean()) / VALUES.std(ddof=1)
    part = {**NUMBER, "center": VALUES.mean(), "scale": VALUES.std(ddof=1)}
    curve = FORMS[form].freeze(values, Input(**part))
    return Term(**part, form=form, curve=curve, **more)  # type: ignore[arg-type]


def positive(form: str) -> Term:
    values = np.exp(VALUES / 4)
    part = {**NUMBER, "center": values.mean(), "scale": values.std(ddof=1)}
    return Term(**part, form=form, curve=FORMS[form].freeze((values - part["center"]) / part["scale"], Input(**part)))  # type: ignore[arg-type]


def carried(rows: int, values: np.ndarray | None = None, form: str = "carried") -> Term:
    values = np.exp(VALUES / 4) if values is None else values
    part = {**NUMBER, "center": values.mean(), "scale": values.std(ddof=1)}
    curve = FORMS[form].freeze((values - part["center"]) / part["scale"], Input(**part))  # type: ignore[arg-type]
    return Term(**part, form=form, curve=(*curve, *frozen(rows=rows)))  # type: ignore[arg-type, misc]


def back(values: np.ndarray, rows: int) -> dict[str, np.ndarray]:
    """Return values with those of earlier rows, by name: before the first row, the first value."""
    found = {earlier_name("x", lag): np.concatenate([[values[0]] * lag, values[:-lag]]) for lag in range(1, rows + 1)}
    return {"x": values, **found}


def steps() -> Term:
    part = {**CATEGORY, "kind": "ordered"}
    return Term(**part, form="monotone", curve=FORMS["monotone"].freeze(CODES, Input(**part)))  # type: ignore[arg-type]


TERMS = {
    "linear": Term(**NUMBER),
    "log": Term(**{**NUMBER, "transform": "log"}),
    "log1p": Term(**{**NUMBER, "transform": "log1p"}),
    "category": Term(**CATEGORY),
    "quadratic": term("quadratic"),
    "smooth": term("smooth"),
    "auto": term("auto"),
    "monotone": term("monotone"),
    "steps": steps(),
    "saturating": positive("saturating"),
    "carried": carried(2),
    "carried line": carried(2, form="carried line"),
    "group": Term(**CATEGORY, form="group"),
    "interaction": term("linear", by=Input(**CATEGORY), means=(0.1, -0.2)),
    "of categories": Term(**CATEGORY, by=Input(**NUMBER), means=(0.0, 0.3)),
    "varying slope": term("smooth", by=Input(**CATEGORY), varying=True),
}
RAW = {**back(np.abs(VALUES) + 0.01, 2), "g": CODES}


@pytest.mark.pymc
@pytest.mark.parametrize("name", TERMS)
def test_numpy_and_pytensor_make_the_same_columns(name: str) -> None:
    import pytensor.tensor as pt

    one = TERMS[name]
    raw = {parent: RAW[parent] for parent in one.inputs}
    ours = one.matrix(np, raw)
    assert ours.shape == (300, one.columns)
    symbols = {parent: pt.vector(parent) for parent in one.inputs}
    theirs = one.matrix(pt, symbols).eval(
        {symbols[parent]: values for parent, values in raw.items()}, mode="FAST_COMPILE"
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", TERMS)
def test_every_column_has_a_tau_or_none(name: str) -> None:
    one = TERMS[name]
    assert len(one.scaled_by) == one.columns
    assert {by for by in one.scaled_by if by >= 0} == set(range(len(one.taus)))
    assert one.main + one.bent + one.products == one.columns


@pytest.mark.parametrize("form", ["quadratic", "smooth", "auto"])
def test_what_a_curve_adds_is_orthogonal_to_the_line(form: str) -> None:
    one = TERMS[form]
    columns = one.matrix(np, {"x": VALUES})
    added = columns[:, one.main :]
    np.testing.assert_allclose(added.sum(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(added.T @ columns[:, 0], 0.0, atol=1e-9)


def test_the_parabola_is_the_square_without_its_line() -> None:
    x = (VALUES - VALUES.mean()) / VALUES.std(ddof=1)
    left = x**2 - np.polyval(np.polyfit(x, x**2, 1), x)
    column = TERMS["quadratic"].matrix(np, {"x": VALUES})[:, 1]
    np.testing.assert_allclose(column, left / left.std(ddof=1), rtol=1e-9, atol=1e-9)


def test_the_smooth_columns_span_cubic_splines_and_weigh_one_together() -> None:
    one, curve = TERMS["smooth"], dict(TERMS["smooth"].curve)
    columns = one.matrix(np, {"x": VALUES})
    assert columns[:, 1:].var(axis=0).sum() == pytest.approx(1.0)
    low, step = curve["low"][0][0], curve["step"][0][0]
    x = columns[:, 0]
    inside = (x > low) & (x < low + (SPLINES - 3) * step)
    knots = low + step * np.arange(-3, SPLINES + 1)
    basis = BSpline.design_matrix(x[inside], knots, 3).toarray()
    fitted = basis @ np.linalg.lstsq(basis, columns[inside], rcond=None)[0]
    np.testing.assert_allclose(fitted, columns[inside], atol=1e-8)
    assert np.linalg.matrix_rank(np.column_stack([np.ones(inside.sum()), columns[inside]])) == SPLINES


def test_the_penalty_is_that_of_second_differences() -> None:
    """Coefficients of the columns are those of B-splines whose second differences they weigh."""
    one, curve = TERMS["smooth"], dict(TERMS["smooth"].curve)
    low, step = curve["low"][0][0], curve["step"][0][0]
    x = np.linspace(low, low + (SPLINES - 3) * step, 400)
    raw = x * one.scale + one.center
    basis = BSpline.design_matrix(x, low + step * np.arange(-3, SPLINES + 1), 3).toarray()
    added = one.matrix(np, {"x": raw})[:, 1:]
    line = np.column_stack([np.ones(400), x])
    coefficients = np.linalg.lstsq(np.column_stack([basis]), added - 0 * line[:, :1], rcond=None)[0]
    bends = np.diff(coefficients, n=2, axis=0)
    # Each column bends as its prior lets it: the second differences are orthogonal between columns.
    crossed = bends.T @ bends
    np.testing.assert_allclose(crossed, np.diag(np.diag(crossed)), atol=1e-6 * np.trace(crossed))


def test_straight_beyond_the_knots() -> None:
    one = TERMS["smooth"]
    far = np.array([20.0, 21.0, 22.0, 40.0, 41.0])
    columns = one.matrix(np, {"x": far})
    np.testing.assert_allclose(np.diff(columns[:3], n=2, axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(columns[4] - columns[3], columns[1] - columns[0], atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=3, max_size=40), st.sampled_from(["quadratic", "smooth", "auto"]))
def test_any_values_give_finite_columns_or_none(values: list[int], form: str) -> None:
    x = np.array(values, dtype=float)
    curve = FORMS[form].freeze(x, Input("x", "real"))
    if curve is None:
        assert len(np.unique(x)) < 3 or np.linalg.matrix_rank(np.column_stack([np.ones_like(x), x, x**2])) < 3
        return
    one = Term("x", "real", form=form, curve=curve)
    assert np.isfinite(one.matrix(np, {"x": np.linspace(-20, 20, 50)})).all()


def test_a_missing_value_gives_nan_in_its_row_alone() -> None:
    holes = {**back(np.array([1.0, np.nan, 2.0]), 2), "g": np.array([0.0, 1.0, np.nan])}
    for one in TERMS.values():
        columns = one.matrix(np, {name: holes[name] for name in one.inputs})
        if one.columns:
            assert np.isfinite(columns[0]).all()
            assert np.isnan(columns[1 if "x" in one.parents else 2]).any()


@pytest.mark.parametrize("name", ["monotone", "steps"])
def test_a_monotone_curve_never_turns_and_equal_shares_have_spread_one(name: str) -> None:
    one = TERMS[name]
    codes = name == "steps"
    raw = {one.parent: np.arange(3.0) if codes else np.linspace(VALUES.min() - 9, VALUES.max() + 9, 500)}
    assert (np.diff(one.matrix(np, raw), axis=0) >= -1e-12).all()
    seen = one.matrix(np, {one.parent: CODES if codes else VALUES})
    np.testing.assert_allclose(seen.mean(axis=0), 0.0, atol=1e-9)
    assert seen.mean(axis=1).std() == pytest.approx(1.0)


def test_the_monotone_columns_are_i_splines() -> None:
    """Ramsay's, from scipy's B-splines: the running sums from the right, over the same knots."""
    one, curve = TERMS["monotone"], dict(TERMS["monotone"].curve)
    low, step, spread = curve["low"][0][0], curve["step"][0][0], 1 / curve["rise"][0][0]
    count = one.columns + 1
    x = np.linspace(low, low + (count - 3) * step - 1e-9, 200)
    basis = BSpline.design_matrix(x, low + step * np.arange(-3, count + 1), 3).toarray()
    theirs = np.cumsum(basis[:, ::-1], axis=1)[:, ::-1][:, 1:]
    ours = one.matrix(np, {"x": x * one.scale + one.center})
    np.testing.assert_allclose(ours + np.array(curve["means"]), theirs / spread, atol=1e-9)


@pytest.mark.parametrize("over", [0.03, 0.4, 1.0, 3.0, 40.0])
def test_the_saturating_columns_make_x_over_x_plus_half(over: float) -> None:
    one, curve = TERMS["saturating"], dict(TERMS["saturating"].curve)
    median = np.exp(curve["log_median"][0][0])
    assert one.shape is not None
    x = np.concatenate([[0.0], np.exp(np.linspace(-6, 6, 200)) * median])
    weights = one.shape.weights(np, np.array([over * median]), one.curve)
    expected = (x / (x + over * median)) * curve["rise"][0][0] - curve["mean"][0][0]
    np.testing.assert_allclose(one.matrix(np, {"x": x}) @ weights, expected, atol=1e-4 * curve["rise"][0][0])
    seen = np.exp(VALUES / 4)
    at_median = one.matrix(np, {"x": seen}) @ one.shape.weights(np, np.array([median]), one.curve)
    assert at_median.mean() == pytest.approx(0.0, abs=1e-3)
    assert at_median.std(ddof=1) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("name", ["monotone", "steps", "saturating", "carried", "carried line"])
def test_a_shape_is_one_thing_in_all_its_coordinates(name: str) -> None:
    """Quantity, coordinates, weights, variable of the block's model; the prior integrates to one, and has its slope."""
    one = TERMS[name]
    shape, prior = one.shape, one.shape.priors(one.curve)  # type: ignore[union-attr]
    assert shape is not None
    size = shape.size(one.columns)
    z = 0.7 * np.random.default_rng(2).normal(size=(5, size))
    quantity = shape.at(prior, z)
    np.testing.assert_allclose(shape.coordinates(prior, quantity), z, atol=1e-9)
    variable = shape.variable(Known(shape.free_values("one", prior, z)), "one", np.zeros(shape.data), one.columns)
    np.testing.assert_allclose(shape.from_variable(prior, variable), quantity, rtol=1e-12)
    weights = shape.weights(np, quantity, one.curve)
    numbers = shape.numbers(prior, one.curve)
    assert len(numbers) == shape.data
    np.testing.assert_allclose(shape.weights_of(np, variable, numbers), weights, rtol=1e-9, atol=1e-9)
    heights = np.array([1.0, -2.0, 0.5, 3.0, -0.1])
    np.testing.assert_allclose(shape.height(heights[:, None] * weights), heights)
    if not shape.kept:
        np.testing.assert_allclose(shape.from_slopes(heights[:, None] * weights), quantity)
    step = 1e-5
    for j in range(size):
        up, down = z + step * np.eye(size)[j], z - step * np.eye(size)[j]
        moved = shape.weights(np, shape.at(prior, up), one.curve) - shape.weights(np, shape.at(prior, down), one.curve)
        np.testing.assert_allclose(
            shape.weights_gradient(prior, z, one.curve)[:, :, j], moved / (2 * step), rtol=1e-6, atol=1e-8
        )
        slope = (shape.log_prior(prior, up)[0] - shape.log_prior(prior, down)[0]) / (2 * step)
        np.testing.assert_allclose(shape.log_prior(prior, z)[1][:, j], slope, rtol=1e-6, atol=1e-8)
    # By importance from a wide Normal: the density integrates to one, and draws of the prior have its moments.
    wide = np.random.default_rng(3).normal(size=(200_000, size)) * 2.0
    log_ratio = shape.log_prior(prior, wide)[0] - stats.norm(0, 2.0).logpdf(wide).sum(axis=1)
    weight = np.exp(log_ratio)
    assert weight.mean() == pytest.approx(1.0, abs=5 * weight.std() / np.sqrt(len(weight)))
    drawn = shape.draw(prior, one.columns, 20_000, np.random.default_rng(4))
    ours = shape.weights(np, drawn, one.curve).mean(axis=0)
    theirs = (weight[:, None] * shape.weights(np, shape.at(prior, wide), one.curve)).mean(axis=0)
    np.testing.assert_allclose(ours, theirs, atol=0.02)


def adstock(values: np.ndarray, carry: float, rows: int) -> np.ndarray:
    """Return the weighted mean of a value and what came before it, row by row."""
    weights = carry ** np.arange(rows + 1)
    return np.stack(list(back(values, rows).values()), axis=-1) @ weights / weights.sum()


@pytest.mark.parametrize(
    ("carry", "over"), [(0.0, 1.0), (0.05, 0.2), (0.3, 1.0), (0.6, 3.0), (0.9, 0.5), (1 - 1e-9, 2)]
)
def test_the_carried_columns_make_adstock_and_saturation(carry: float, over: float) -> None:
    one = carried(8)
    curve, values = dict(one.curve), np.exp(VALUES / 4)
    half = over * np.exp(curve["log_median"][0][0])
    assert one.shape is not None
    weights = one.shape.weights(np, np.array([half, carry]), one.curve)
    left = adstock(values, carry, 8)
    expected = left / (left + half) * curve["rise"][0][0] - curve["mean"][0][0]
    np.testing.assert_allclose(one.matrix(np, back(values, 8)) @ weights, expected, atol=1e-4 * curve["rise"][0][0])


@pytest.mark.parametrize("carry", [0.0, 0.05, 0.6, 0.95])
def test_the_columns_of_a_carried_line_make_adstock(carry: float) -> None:
    one, values = carried(8, form="carried line"), np.exp(VALUES / 4)
    assert one.shape is not None
    made = one.matrix(np, back(values, 8)) @ one.shape.weights(np, np.array([carry]), one.curve)
    np.testing.assert_allclose(made, (adstock(values, carry, 8) - one.center) / one.scale, atol=1e-4)


@pytest.mark.parametrize("rows", [1, 4, 13, 30])
@pytest.mark.parametrize("pulses", [False, True])
def test_over_the_priors_the_carried_columns_are_good_to_a_thousandth(rows: int, pulses: bool) -> None:
    """Of the height, in the row that is worst; a cause that is away for most rows is the hardest."""
    rng = np.random.default_rng(rows)
    values = rng.gamma(2.0, 50.0, 150) * ((rng.random(150) < 0.2) if pulses else 1.0)
    one = carried(rows, values)
    shape, curve = one.shape, dict(one.curve)
    assert shape is not None
    drawn = shape.draw(shape.priors(one.curve), one.columns, 400, rng)
    made = shape.weights(np, drawn, one.curve) @ one.matrix(np, back(values, rows)).T
    left = np.stack([adstock(values, carry, rows) for carry in drawn[:, 1]])
    exact = left / (left + drawn[:, :1]) * curve["rise"][0][0] - curve["mean"][0][0]
    worst = np.abs(made - exact).max(axis=1) / curve["rise"][0][0]
    assert np.sqrt(np.mean(worst**2)) < 1e-3
    assert pulses or np.quantile(worst, 0.98) < 5e-4


@pytest.mark.parametrize("numbers", [(1.0, 3.0), (2.5, 4.0)])
def test_any_prior_of_the_carry_is_drawn_and_turned(numbers: tuple[float, float]) -> None:
    one = carried(3)
    shape, prior = one.shape, Prior("Beta", (("alpha", numbers[0]), ("beta", numbers[1])))
    assert shape is not None
    priors = (shape.priors(one.curve)[0], prior)
    drawn = shape.draw(priors, one.columns, 20_000, np.random.default_rng(1))
    assert stats.kstest(drawn[:, 1], stats.beta(*numbers).cdf).pvalue > 1e-3
    z = np.array([[0.0, -7.0], [0.1, -1.0], [0.2, 0.5], [0.0, 4.0]])
    np.testing.assert_allclose(shape.coordinates(priors, shape.at(priors, z)), z, atol=1e-6)
    step = np.array([[0.0, 1e-5]])
    moved = shape.weights(np, shape.at(priors, z + step), one.curve)
    moved = moved - shape.weights(np, shape.at(priors, z - step), one.curve)
    np.testing.assert_allclose(
        shape.weights_gradient(priors, z, one.curve)[:, :, 1], moved / 2e-5, rtol=1e-5, atol=1e-6
    )


def test_names() -> None:
    assert set(FORMS) - {"group", "carried", "carried line"} <= set(NAMES)
    for name, form in FORMS.items():
        assert form.name == name
        assert form.words
        assert get_form(name) is form
