"""How a total effect is made up: against closed forms, integrals by hand, and by adding up."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.data.dataset import Dataset
from core.effects.mediation import Mediation, mediation
from core.effects.steps import Step
from core.errors import NotYetError, UsageError
from core.families import Draws
from core.hypothesis import Hypothesis
from core.model.resolve import resolve
from core.model.spec import ModelSpec
from core.simulate.prior import draw_parameters
from tests.effects.counterfactual_cases import draws_of, node, number, spec_of, yes_or_no

STEP = Step(0.0, 1.0)


def lines() -> tuple[ModelSpec, dict[str, Draws], dict[str, np.ndarray]]:
    """Return x -> {m n y}, m -> {n y}, n -> y, all lines; slopes differ from draw to draw."""
    rng = np.random.default_rng(0)
    spec = spec_of(
        node("x", "Normal", "identity"),
        node("m", "Normal", "identity", number("x")),
        node("n", "Normal", "identity", number("x"), number("m")),
        node("y", "Normal", "identity", number("x"), number("m"), number("n")),
    )
    parameters = {
        name: {"intercept": rng.normal(size=50), "slopes": rng.normal(size=(50, size)), "sigma": np.full(50, 0.7)}
        for name, size in (("m", 1), ("n", 2), ("y", 3))
    }
    return spec, parameters, {name: rng.normal(size=30) for name in "xmny"}


def one(found: tuple[Mediation, ...]) -> Mediation:
    (only,) = found
    return only


def test_of_lines_each_part_is_the_product_of_its_slopes() -> None:
    spec, parameters, rows = lines()
    (xm,), (xn, mn), (xy, my, ny) = (parameters[name]["slopes"].T for name in ("m", "n", "y"))
    found = one(mediation(spec, parameters, rows, "x", "y", Step(0.5, 2.5)))
    through_m, through_n = xm * (my + mn * ny), xn * ny
    expected = {"total": xy + through_m + through_n, "direct": xy, "indirect": through_m + through_n, "controlled": xy}
    for name, per_unit in (expected | {"pure_indirect": through_m + through_n}).items():
        np.testing.assert_allclose(found.parts[name], 2.0 * per_unit, atol=1e-9)
    for name, per_unit in {"m": through_m, "n": through_n, "y": xy}.items():
        np.testing.assert_allclose(found.arrows[name], 2.0 * per_unit, atol=1e-9)
    np.testing.assert_allclose(found.together, 0.0, atol=1e-9)
    assert found.mediators == ("m", "n")
    assert found.witnesses == ()


def test_some_of_what_lies_between() -> None:
    """Through n alone: m counts as direct, but for what it does by n. It acts on both, and is named for it."""
    spec, parameters, rows = lines()
    (xm,), (xn, mn), (xy, my, ny) = (parameters[name]["slopes"].T for name in ("m", "n", "y"))
    through_n = one(mediation(spec, parameters, rows, "x", "y", STEP, mediators=("n",)))
    np.testing.assert_allclose(through_n.parts["direct"], xy + xm * my, atol=1e-9)
    np.testing.assert_allclose(through_n.parts["indirect"], (xn + xm * mn) * ny, atol=1e-9)
    assert through_n.witnesses == ("m",)
    through_m = one(mediation(spec, parameters, rows, "x", "y", STEP, mediators=("m",)))
    np.testing.assert_allclose(through_m.parts["direct"], xy + xn * ny, atol=1e-9)
    assert through_m.witnesses == ()


def test_a_mediator_that_is_yes_or_no_is_the_mediation_formula() -> None:
    """Sums over m of E[y | x, m] P(m | x'), by hand, with an outcome on the odds: no part is a product of slopes."""
    spec = spec_of(
        node("x", "Bernoulli", "logit", levels="two"),
        node("m", "Bernoulli", "logit", yes_or_no("x"), levels="two"),
        node("y", "Bernoulli", "logit", yes_or_no("x"), yes_or_no("m"), levels="two"),
    )
    parameters = {
        "m": draws_of(400, intercept=-0.2, slopes=[1.6]),
        "y": draws_of(400, intercept=-0.5, slopes=[1.2, 2.0]),
    }
    rows = {name: np.arange(500.0) % 2 for name in "xmy"}

    def expit(eta: float) -> float:
        return 1 / (1 + math.exp(-eta))

    def crossed(x: int, other: int) -> float:
        """E[Y(x, M(other))]."""
        chance = expit(-0.2 + 1.6 * (other - 0.5))
        return sum((chance if m else 1 - chance) * expit(-0.5 + 1.2 * (x - 0.5) + 2.0 * (m - 0.5)) for m in (0, 1))

    found = one(mediation(spec, parameters, rows, "x", "y", STEP))
    expected = {
        "total": crossed(1, 1) - crossed(0, 0),
        "direct": crossed(1, 0) - crossed(0, 0),
        "indirect": crossed(1, 1) - crossed(1, 0),
        "pure_indirect": crossed(0, 1) - crossed(0, 0),
    }
    for name, value in expected.items():
        assert found.parts[name].mean() == pytest.approx(value, abs=0.003), name
    together = expected["total"] - expected["direct"] - expected["pure_indirect"]
    assert found.together.mean() == pytest.approx(together, abs=0.003)
    controlled = np.mean([expit(0.1 + 2.0 * (m - 0.5)) - expit(-1.1 + 2.0 * (m - 0.5)) for m in (0, 1)])
    np.testing.assert_allclose(found.parts["controlled"], controlled, atol=1e-12)


def test_a_count_between_is_summed_by_hand() -> None:
    spec = spec_of(
        node("x", "Normal", "identity"),
        node("k", "Poisson", "log", number("x")),
        node("y", "Bernoulli", "logit", number("x"), number("k"), levels="two"),
    )
    parameters = {"k": draws_of(200, intercept=0.5, slopes=[0.6]), "y": draws_of(200, intercept=-1, slopes=[0.5, 0.4])}
    rows = {"x": np.zeros(1000), "k": np.ones(1000), "y": np.ones(1000)}

    def crossed(x: float, other: float) -> float:
        k = np.arange(80)
        return float(stats.poisson(math.exp(0.5 + 0.6 * other)).pmf(k) @ (1 / (1 + np.exp(1 - 0.5 * x - 0.4 * k))))

    found = one(mediation(spec, parameters, rows, "x", "y", STEP))
    assert found.parts["direct"].mean() == pytest.approx(crossed(1, 0) - crossed(0, 0), abs=0.002)
    assert found.parts["indirect"].mean() == pytest.approx(crossed(1, 1) - crossed(1, 0), abs=0.002)


FAMILIES = [
    ("Normal", "identity", "", {"sigma": 0.7}),
    ("LogNormal", "identity", "", {"sigma": 0.7}),
    ("Gamma", "log", "", {"shape": 2.0}),
    ("Poisson", "log", "", {}),
    ("Bernoulli", "logit", "two", {}),
]


@pytest.mark.parametrize(("of_m", "of_y"), product(FAMILIES, FAMILIES), ids=lambda case: case[0])
def test_direct_and_indirect_add_up_to_the_total_draw_by_draw(of_m, of_y) -> None:
    rng = np.random.default_rng(1)
    (m, m_link, m_levels, m_more), (y, y_link, y_levels, y_more) = of_m, of_y
    spec = spec_of(
        node("x", "Normal", "identity"),
        node("m", m, m_link, number("x"), levels=m_levels, transform="log" if m == "LogNormal" else "identity"),
        node("y", y, y_link, number("x"), yes_or_no("m") if m_levels else number("m"), levels=y_levels,
             transform="log" if y == "LogNormal" else "identity"),
    )  # fmt: skip
    parameters = {
        "m": draws_of(20, intercept=0.1, slopes=[0.3], **m_more),
        "y": draws_of(20, intercept=0.2, slopes=[0.2, 0.1], **y_more),
    }
    rows = {"x": rng.normal(size=40), "m": np.ones(40), "y": np.ones(40)}
    found = one(mediation(spec, parameters, rows, "x", "y", STEP))
    parts = found.parts
    np.testing.assert_allclose(parts["direct"] + parts["indirect"], parts["total"], atol=1e-12)
    total = sum(found.arrows.values()) + found.together
    np.testing.assert_allclose(total, parts["total"], atol=1e-12)
    np.testing.assert_allclose(found.arrows["y"], parts["direct"], atol=1e-12)  # all that lies between is a mediator
    np.testing.assert_allclose(found.arrows["m"], parts["pure_indirect"], atol=1e-12)


def test_a_lognormal_outcome_is_a_factor() -> None:
    """Parts multiply: exp of slopes, in the units of the logarithm."""
    spec = spec_of(
        node("x", "Normal", "identity"),
        node("m", "Normal", "identity", number("x")),
        node("y", "LogNormal", "identity", number("x"), number("m"), transform="log"),
    )
    parameters = {
        "m": draws_of(50, intercept=0.0, slopes=[0.5], sigma=1.0),
        "y": draws_of(50, intercept=0.0, slopes=[0.3, 0.4], sigma=1.0),
    }
    rows = {name: np.ones(20) for name in "xmy"}
    record = one(mediation(spec, parameters, rows, "x", "y", STEP)).to_dict()
    assert record["scale"] == "ratio"
    for name, value in {"direct": 0.3, "indirect": 0.2, "total": 0.5}.items():
        assert record[name] == pytest.approx({"mean": math.exp(value), "sd": 0.0, "q05": math.exp(value),
                                              "q95": math.exp(value)})  # fmt: skip
    assert record["arrows"][0]["target"] == "m"  # type: ignore[index]


def test_an_outcome_of_several_levels_has_an_entry_a_level() -> None:
    spec = spec_of(
        node("x", "Normal", "identity"),
        node("m", "Normal", "identity", number("x")),
        node("y", "Categorical", "softmax", number("x"), number("m"), levels="three"),
    )
    slopes = [[0.5, -0.2, -0.3], [0.1, 0.4, -0.5]]
    parameters = {
        "m": draws_of(50, intercept=0.0, slopes=[0.5], sigma=1.0),
        "y": draws_of(50, intercept=[0.1, 0.2, -0.3], slopes=slopes),
    }
    rows = {name: np.zeros(20) for name in "xmy"}
    found = mediation(spec, parameters, rows, "x", "y", STEP)
    assert [part.level for part in found] == ["a", "b", "c"]
    for name in ("total", "direct", "indirect"):
        np.testing.assert_allclose(sum(part.parts[name] for part in found), 0.0, atol=1e-12)


def test_what_does_not_lie_between_is_refused() -> None:
    spec, parameters, rows = lines()
    with pytest.raises(UsageError, match="no path leads from 'y' to 'x'"):
        mediation(spec, parameters, rows, "y", "x", STEP)
    with pytest.raises(UsageError, match="'y' does not lie between"):
        mediation(spec, parameters, rows, "x", "n", STEP, mediators=("y",))
    alone = one(mediation(spec, parameters, rows, "n", "y", STEP))
    assert alone.mediators == ()
    np.testing.assert_allclose(alone.parts["total"], alone.parts["direct"], atol=1e-12)
    np.testing.assert_allclose(alone.parts["indirect"], 0.0, atol=1e-12)


def test_the_same_seed_gives_the_same_digits() -> None:
    spec = spec_of(node("x", "Normal", "identity"), node("m", "Poisson", "log", number("x")),
                   node("y", "Normal", "identity", number("m")))  # fmt: skip
    parameters = {"m": draws_of(9, intercept=0, slopes=[1]), "y": draws_of(9, intercept=0, slopes=[1], sigma=1)}
    rows = {name: np.zeros(8) for name in "xmy"}
    first, again, other = (one(mediation(spec, parameters, rows, "x", "y", STEP, seed=s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.parts["total"], again.parts["total"])
    assert (first.parts["total"] != other.parts["total"]).any()


def test_what_carries_over_is_refused() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"week": pd.date_range("2020-01-06", periods=60, freq="7D"), "x": rng.gamma(2, 1, 60)})
    frame["y"] = frame["x"] + rng.normal(size=60)
    hypothesis = Hypothesis.from_dagitty("dag { x -> y }", "H")
    hypothesis = replace(hypothesis, edges=tuple(replace(edge, carry=3) for edge in hypothesis.edges))
    dataset = Dataset.from_frame(frame)
    spec = resolve(hypothesis, dataset)
    rows = {name: dataset.values(name) for name in ("x", "y")}
    with pytest.raises(NotYetError, match="carries over"):
        mediation(spec, draw_parameters(spec, 5, rng), rows, "x", "y", STEP)
