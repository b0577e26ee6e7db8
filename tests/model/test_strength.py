"""How strong an arrow may be, in the units of the data: from the prior, and back to one."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.hypothesis import Edge, Hypothesis, Node
from core.model.resolve import resolve
from core.model.strength import Strength, strength_of


def table() -> Dataset:
    rng = np.random.default_rng(1)
    size = 200
    ads = rng.normal(3.0, 2.0, size)
    return Dataset.from_frame(
        pd.DataFrame(
            {
                "ads": ads,
                "price": np.exp(rng.normal(1.0, 0.7, size)),
                "open": rng.integers(0, 2, size),
                "town": rng.choice(["a", "b", "c"], size),
                "sales": 10.0 + 4.0 * ads + rng.normal(0.0, 5.0, size),
                "income": np.exp(rng.normal(2.0, 0.9, size)),
                "visits": rng.poisson(6.0, size),
            }
        )
    )


DATA = table()


def of(source: str, target: str, **settings: object) -> Strength | None:
    edge = Edge(source, target, **settings)  # type: ignore[arg-type]
    nodes = tuple(Node(name) for name in dict.fromkeys((source, target)))
    return strength_of(resolve(Hypothesis("A", nodes, (edge,)), DATA), source, target)


def known(source: str, target: str, **settings: object) -> Strength:
    found = of(source, target, **settings)
    assert found is not None
    return found


def test_the_default_lies_where_its_draws_do() -> None:
    """Its scale is the residual's, which has a prior of its own."""
    rng, found = np.random.default_rng(2), known("ads", "sales")
    alpha, beta = found.residual
    sigma = np.sqrt(beta / rng.gamma(alpha, size=400_000))
    effects = found.prior["sigma"] * sigma * rng.normal(size=400_000) * found.unit
    assert found.plausible == pytest.approx(tuple(np.quantile(effects, (0.05, 0.95))), rel=0.02)
    spread = DATA.values("sales").std() / DATA.values("ads").std()
    assert found.unit == pytest.approx(spread, rel=1e-2)


@pytest.mark.parametrize(
    ("source", "target", "ends", "step", "factor"),
    [
        ("ads", "sales", (1.0, 6.0), "identity", False),
        ("price", "sales", (-9.0, -1.0), "log", False),
        ("open", "sales", (-2.0, 12.0), "levels", False),
        ("price", "income", (0.5, 1.1), "log", True),
        ("ads", "visits", (1.1, 1.4), "identity", True),
        ("visits", "sales", (-3.0, 3.0), "log1p", False),
    ],
)
def test_what_is_said_in_data_units_is_the_prior_and_comes_back(
    source: str, target: str, ends: tuple[float, float], step: str, factor: bool
) -> None:
    usual = known(source, target)
    assert (usual.step, usual.meaning.factor) == (step, factor)
    assert usual.plausible[0] < usual.plausible[1]
    said = known(source, target, prior=usual.prior_of(*ends))
    assert said.plausible == pytest.approx(ends, rel=1e-9)


def test_the_curve_is_highest_in_the_middle_of_what_is_said() -> None:
    usual = known("price", "income")
    said = known("price", "income", prior=usual.prior_of(0.5, 2.0))
    tall = said.density(np.array([0.5, 1.0, 2.0]))
    assert tall[1] == pytest.approx(1.0)
    assert tall[0] == pytest.approx(tall[2]) == pytest.approx(math.exp(-0.5 * 1.6448536**2))


@pytest.mark.parametrize("ends", [(2.0, 1.0), (1.0, 1.0), (math.nan, 1.0)])
def test_nothing_lies_between_ends_in_the_wrong_order(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="between"):
        known("ads", "sales").prior_of(*ends)
    with pytest.raises(ValueError, match="between"):
        known("price", "income").prior_of(-1.0, 2.0)


def test_what_is_not_one_number_has_none() -> None:
    assert of("ads", "sales", form="smooth") is None
    assert of("town", "sales") is None
    assert of("ads", "town") is None
    spec = resolve(Hypothesis("A", (Node("ads"), Node("sales")), (Edge("ads", "sales"),)), DATA)
    assert strength_of(spec, "sales", "ads") is None
    assert strength_of(spec, "ads", "gone") is None
