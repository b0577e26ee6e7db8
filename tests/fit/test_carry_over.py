"""What is left carries over to later rows: made-up weeks, against closed forms given half and carry."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.check.leftover import leftovers
from core.check.shapes import shapes_of
from core.data.dataset import Dataset
from core.effects.total import total_effect
from core.errors import ModelError
from core.fit import gaussian
from core.fit.arrows import edges_into
from core.fit.blocks import make_blocks
from core.fit.engine import fit_block
from core.fit.gaussian import GaussianPrior
from core.hypothesis import Edge, Hypothesis, Node
from core.model.earlier import with_time
from core.model.resolve import complete_rows, resolve
from core.names import earlier_name
from core.simulate.parameters import named_parameters
from core.simulate.prior import prior_predictive
from core.simulate.synthetic import synthetic
from core.study import compare, plan

WEEKS, REACH = 200, 8
HALF, CARRY, MOST = 60.0, 0.5, 8.0
DRAWN = Hypothesis(
    "weeks",
    (Node("ads"), Node("season"), Node("sales", family="Normal")),
    (Edge("ads", "sales", form="saturating", carry=REACH), Edge("season", "sales")),
    exposure="ads",
    outcome="sales",
)


def adstock(values, carry, rows=REACH):  # type: ignore[no-untyped-def]
    """The weighted mean of each value and those before it; before the first, the first."""
    weights = carry ** np.arange(rows + 1)
    back = [np.concatenate([[values[0]] * lag, values[: len(values) - lag]]) for lag in range(rows + 1)]
    return np.stack(back, axis=-1) @ weights / weights.sum()


def weeks(seed: int = 1, rows: int = WEEKS) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    ads, season = rng.gamma(1.5, 60.0, rows), rng.normal(size=rows)
    left = adstock(ads, CARRY)
    sales = 20.0 + MOST * left / (left + HALF) + season + 0.5 * rng.normal(size=rows)
    week = pd.date_range("2020-01-06", periods=rows, freq="7D").strftime("%Y-%m-%d")
    return pd.DataFrame({"week": week, "ads": ads, "season": season, "sales": sales})


def taken(frame: pd.DataFrame, hypothesis: Hypothesis = DRAWN):  # type: ignore[no-untyped-def]
    """The block of sales, its rows, and the specification."""
    data = with_time([hypothesis], Dataset.from_frame(frame))
    names = [node.name for node in hypothesis.nodes]
    complete = complete_rows(data, names)
    spec = resolve(hypothesis, data)
    block, rows = make_blocks(spec, complete)["sales"]
    return block, rows, spec, complete


@cache
def fitted():  # type: ignore[no-untyped-def]
    block, rows, spec, complete = taken(weeks())
    return block.model, rows, fit_block(block, rows, sampler=False), spec, complete


def conjugate(model) -> GaussianPrior:  # type: ignore[no-untyped-def]
    sigmas = np.array([model.prior[f"slopes[{j}]"]["sigma"] for j in range(model.coefficients)])
    variance = model.prior["variance"]
    return GaussianPrior(1 / model.prior["intercept"]["sigma"] ** 2, 1 / sigmas**2, variance["alpha"], variance["beta"])


def given(model, raw) -> Iterator[tuple[float, float, float, np.ndarray]]:  # type: ignore[no-untyped-def]
    """Give log half over the median's, carry, the log of their share of the prior, and the design, point by point."""
    term = model.term("ads")
    curve = dict(term.curve)
    log_half, carry = np.linspace(-2.5, 2.5, 41), (np.arange(80) + 0.5) / 80
    other = model.term("season").matrix(np, {"season": raw["season"]})
    first = model.columns_of("ads").start == 0
    for one in carry:
        left = adstock(raw["ads"], one)
        for over in log_half:
            half = np.exp(curve["log_median"][0][0] + over)
            column = (left / (left + half) * curve["rise"][0][0] - curve["mean"][0][0])[:, None]
            share = stats.norm.logpdf(over) + np.log(log_half[1] - log_half[0])
            share += stats.beta(1, 3).logpdf(one) - np.log(80)
            yield over, one, share, np.hstack([column, other] if first else [other, column])


def test_made_up_weeks_give_back_what_they_were_made_with() -> None:
    model, _, fit, _, _ = fitted()
    assert fit.method == "importance"
    found = named_parameters(model, fit.draws)
    for name, true in {
        "half[ads]": HALF,
        "carry[ads]": CARRY,
        "most[ads]": MOST,
        "slope[season]": 1.0,
        "sigma": 0.5,
    }.items():
        low, high = np.quantile(found[name], (0.01, 0.99))
        assert low < true < high, name
    assert np.quantile(found["carry[ads]"], 0.95) - np.quantile(found["carry[ads]"], 0.05) < 0.2


def test_evidence_and_posterior_are_those_of_quadrature_and_so_is_a_row_left_out() -> None:
    """Without a row the weeks after it still had its ads: what carries over is of the table, not of the rows in use."""
    model, rows, fit, _, complete = fitted()
    raw = {name: complete.values(name) for name in ("ads", "season")}
    prior = conjugate(model)
    left_out = np.argsort(fit.elpd_i)[[0, 1, 100, 199]]
    keeps = [np.arange(WEEKS) != row for row in left_out]
    whole, without, points = [], [], []
    for over, carry, share, x in given(model, raw):
        whole.append(share + gaussian.evidence(gaussian.reduce_rows(rows.y, x), WEEKS, prior))
        without.append(
            [share + gaussian.evidence(gaussian.reduce_rows(rows.y[k], x[k]), WEEKS - 1, prior) for k in keeps]
        )
        points.append((over, carry))
    total = np.logaddexp.reduce(whole)
    onto = rows.log_jacobian.sum()
    assert fit.log_evidence - onto == pytest.approx(total, abs=max(0.03, 4 * fit.log_evidence_se))
    exact = total - np.logaddexp.reduce(np.array(without), axis=0)
    np.testing.assert_allclose((fit.elpd_i - rows.log_jacobian)[left_out], exact, atol=0.03)
    weights, at = np.exp(np.array(whole) - total), np.array(points)
    mean, sd = weights @ at, np.sqrt(weights @ at**2 - (weights @ at) ** 2)
    log_median = dict(model.term("ads").curve)["log_median"][0][0]
    ours = np.column_stack([np.log(fit.draws["half"][:, 0]) - log_median, fit.draws["half"][:, 1]])
    np.testing.assert_allclose((ours.mean(axis=0) - mean) / sd, 0.0, atol=0.1)
    np.testing.assert_allclose(ours.std(axis=0), sd, rtol=0.1)


def test_the_order_of_the_file_and_rows_that_are_left_out_change_no_row() -> None:
    block, rows, _, _ = taken(weeks())
    mixed = np.random.default_rng(3).permutation(WEEKS)
    _, others, _, _ = taken(weeks().iloc[mixed])
    np.testing.assert_allclose(others.x, rows.x[mixed], rtol=1e-9, atol=1e-9)
    holed = weeks()
    holed.loc[50, "sales"] = np.nan  # its ads still carry over
    data = with_time([DRAWN], Dataset.from_frame(holed))
    complete = complete_rows(data, ("ads", "season", "sales"))
    keep = np.arange(WEEKS) != 50
    assert complete.rows == WEEKS - 1
    for lag in range(1, REACH + 1):
        np.testing.assert_array_equal(
            complete.values(earlier_name("ads", lag)), data.values(earlier_name("ads", lag))[keep]
        )
    holed = weeks()
    holed.loc[50, "ads"] = np.nan  # and this leaves the weeks after it without
    assert complete_rows(with_time([DRAWN], Dataset.from_frame(holed)), ("ads", "sales")).rows == WEEKS - 1 - REACH
    assert block.model.inputs == ("ads", "season", *(earlier_name("ads", lag) for lag in range(1, REACH + 1)))
    assert block.model.parents == ("ads", "season")


def test_a_comparison_is_one_whatever_the_order_of_the_file() -> None:
    frame = weeks(rows=80)
    plain = replace(DRAWN, name="plain", edges=(Edge("ads", "sales", form="saturating"), Edge("season", "sales")))
    straight = compare(Dataset.from_frame(frame), [DRAWN, plain], cache=None)
    numbered = frame.assign(week=np.arange(80)).iloc[::-1]
    turned = compare(Dataset.from_frame(numbered), [DRAWN, plain], rows="time:week", cache=None)
    for one, other in zip(straight.hypotheses, turned.hypotheses, strict=True):
        assert one.elpd.estimate == pytest.approx(other.elpd.estimate, abs=1.5)  # both are drawn, by other seeds
        assert one.edges[0].mean == pytest.approx(other.edges[0].mean, rel=0.15)
    assert straight.hypotheses[0].elpd.estimate > straight.hypotheses[1].elpd.estimate + 10


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (weeks(rows=30).drop(columns="week"), "no column is a date"),
        (weeks(rows=30).assign(day=lambda t: t["week"]), "there are 2 columns of dates"),
        (weeks(rows=30).assign(week=lambda t: sorted([*t["week"][:15]] * 2)), "same value in several rows"),
    ],
)
def test_without_an_order_nothing_carries_over(frame: pd.DataFrame, said: str) -> None:
    with pytest.raises(ModelError, match=said) as error:
        resolve(DRAWN, Dataset.from_frame(frame))
    assert "time" in (error.value.hint or "")
    plain = replace(DRAWN, name="plain", edges=(Edge("ads", "sales"),))
    with pytest.raises(ModelError, match=said) as error:
        plan(Dataset.from_frame(frame), [plain, DRAWN])
    assert "hypothesis weeks" in error.value.place


def test_an_effect_is_of_ads_that_stay_as_they_are() -> None:
    """One more in every week, this one and those before: so is the adstock one more."""
    model, _, fit, spec, complete = fitted()
    names = ("ads", "season", "sales")
    raw = {name: complete.values(name) for name in names} | complete.before(names)
    alone = replace(spec, nodes=tuple(node for node in spec.nodes))
    parameters = {node.node: fit.draws for node in alone.nodes if node.node == "sales"}
    found = total_effect(DRAWN.graph, alone, parameters, raw, "ads", "sales", 0)
    named = named_parameters(model, fit.draws)
    each = []
    for half, carry, most in zip(named["half[ads]"], named["carry[ads]"], named["most[ads]"], strict=True):
        left = adstock(raw["ads"], carry)
        each.append(most * np.mean((left + 1) / (left + 1 + half) - left / (left + half)))
    assert found.mean == pytest.approx(np.mean(each), rel=0.02)
    (edge,) = (edge for edge in edges_into(spec, model, fit.draws, raw) if edge.source == "ads")
    assert edge.mean == pytest.approx(np.mean(each), rel=0.02)  # its slope, of all weeks together
    assert edge.curve is not None


def test_a_straight_line_carries_over_too() -> None:
    """Against the closed form given carry, by quadrature over it; its number is that of one more, from now on."""
    drawn = Hypothesis("line", DRAWN.nodes, (Edge("ads", "sales", carry=REACH), Edge("season", "sales")))
    frame = weeks()
    frame["sales"] = 20.0 + 0.03 * adstock(frame["ads"].to_numpy(), 0.6) + frame["season"] * 0.5
    frame["sales"] += 0.5 * np.random.default_rng(4).normal(size=WEEKS)
    block, rows, spec, complete = taken(frame, drawn)
    fit = fit_block(block, rows, sampler=False)
    assert fit.method == "importance"
    model, prior = block.model, conjugate(block.model)
    term, other = model.term("ads"), model.term("season").matrix(np, {"season": complete.values("season")})
    logs = []
    for carry in (np.arange(400) + 0.5) / 400:
        column = ((adstock(complete.values("ads"), carry) - term.center) / term.scale)[:, None]
        x = np.hstack([column, other] if model.columns_of("ads").start == 0 else [other, column])
        share = stats.beta(1, 3).logpdf(carry) - np.log(400)
        logs.append(share + gaussian.evidence(gaussian.reduce_rows(rows.y, x), WEEKS, prior))
    exact = np.logaddexp.reduce(logs)
    assert fit.log_evidence - rows.log_jacobian.sum() == pytest.approx(exact, abs=max(0.02, 4 * fit.log_evidence_se))
    found = named_parameters(model, fit.draws)
    for name, true in (("slope[ads]", 0.03), ("carry[ads]", 0.6), ("slope[season]", 0.5), ("sigma", 0.5)):
        low, high = np.quantile(found[name], (0.01, 0.99))
        assert low < true < high, name
    raw = {name: complete.values(name) for name in ("ads", "season", "sales")} | complete.before(("ads",))
    (edge,) = (edge for edge in edges_into(spec, model, fit.draws, raw) if edge.source == "ads")
    assert edge.mean == pytest.approx(found["slope[ads]"].mean(), rel=1e-4)
    assert edge.curve is None
    put = {name: float(values[0]) for name, values in found.items()}
    assert synthetic(spec, {"sales": put}, 20, 1)[1]["sales"] == pytest.approx(put)


def test_what_is_simulated_is_found_again() -> None:
    _, _, _, spec, _ = fitted()
    put = {
        "most[ads]": 6.0,
        "half[ads]": 90.0,
        "carry[ads]": 0.7,
        "sigma": 0.4,
        "intercept": 22.0,
        "slope[season]": 1.0,
    }
    frame, used = synthetic(spec, {"sales": put, "ads": {"intercept": np.log(80.0), "sigma": 0.8}}, 300, 5)
    assert used["sales"] == pytest.approx(put)
    frame["week"] = pd.date_range("2010-01-04", periods=300, freq="7D").strftime("%Y-%m-%d")
    block, rows, _, _ = taken(frame)
    found = named_parameters(block.model, fit_block(block, rows, sampler=False).draws)
    for name in ("most[ads]", "half[ads]", "carry[ads]", "sigma", "slope[season]"):
        low, high = np.quantile(found[name], (0.01, 0.99))
        assert low < put[name] < high, name
    drawn = prior_predictive(spec, 40, 30, 1)
    assert np.isfinite(drawn.values["sales"]).all()
    carry = drawn.parameters["sales"]["half"][:, 1]
    assert ((carry > 0) & (carry < 1)).all()


def test_what_is_left_of_a_row_is_looked_at_beside_what_was_estimated_alone() -> None:
    """Half, carry and height are three numbers: the looks have as many directions to leave out, not one a column."""
    model, _, fit, _, complete = fitted()
    raw = {name: complete.values(name) for name in (model.node, *model.inputs)}
    (left,) = leftovers(model, fit.draws, raw)
    assert left.nuisance.shape == (WEEKS, 1 + 3 + 1)
    named = {name: values.mean() for name, values in named_parameters(model, fit.draws).items()}
    over = adstock(raw["ads"], named["carry[ads]"])
    column = over / (over + named["half[ads]"])
    plain = np.column_stack([np.ones(WEEKS), column])
    assert np.abs(np.linalg.lstsq(plain, left.nuisance[:, 1 + model.columns_of("ads").start], rcond=None)[1]) < 1e-4
    assert shapes_of(model, fit.draws, raw)
