"""Quantiles of each family: against SciPy's distributions, and against the family's own draws."""

import numpy as np
import pytest
from scipy import stats

from core.effects.noise import quantile
from core.families import get_family
from core.model.spec import NodeModel, Response

U = np.array([[0.001, 0.2, 0.5, 0.77, 0.999]])
ONE = {"intercept": np.array([0.4]), "slopes": np.zeros((1, 0))}
X = np.zeros((5, 0))


def model(family: str, link: str, levels: tuple[str, ...] = ()) -> NodeModel:
    return NodeModel("y", "real", family, link, Response(levels=levels))


@pytest.mark.parametrize(
    ("family", "link", "extra", "expected"),
    [
        ("Normal", "identity", {"sigma": 0.7}, stats.norm(0.4, 0.7)),
        ("LogNormal", "identity", {"sigma": 0.7}, stats.norm(0.4, 0.7)),
        ("StudentT", "identity", {"sigma": 0.7, "nu": 4.0}, stats.t(4, 0.4, 0.7)),
        ("Gamma", "log", {"shape": 2.5}, stats.gamma(2.5, scale=np.exp(0.4) / 2.5)),
        ("Beta", "logit", {"precision": 6.0}, stats.beta(6 / (1 + np.exp(-0.4)), 6 / (1 + np.exp(0.4)))),
        ("Bernoulli", "logit", {}, stats.bernoulli(1 / (1 + np.exp(-0.4)))),
        ("Poisson", "log", {}, stats.poisson(np.exp(0.4))),
        ("NegativeBinomial", "log", {"overdispersion": 0.8}, stats.nbinom(1 / 0.64, 1 / (1 + 0.64 * np.exp(0.4)))),
    ],
)
def test_quantiles_are_those_of_scipy(family: str, link: str, extra: dict[str, float], expected: object) -> None:
    draws = ONE | {name: np.array([value]) for name, value in extra.items()}
    assert quantile(model(family, link), draws, X, U)[0] == pytest.approx(expected.ppf(U[0]), rel=1e-7, abs=1e-9)  # type: ignore[attr-defined]


def test_levels_follow_their_probabilities() -> None:
    table = {"probabilities": np.array([[[0.2, 0.5, 0.3]]])}
    codes = quantile(model("Table", "identity", ("a", "b", "c")), table, np.zeros((5, 1)), U)
    assert codes.tolist() == [[0.0, 1.0, 1.0, 2.0, 2.0]]


def test_quantiles_of_uniform_numbers_have_the_family_s_mean() -> None:
    rng = np.random.default_rng(0)
    draws = {"intercept": np.array([1.5]), "slopes": np.array([[0.5]]), "overdispersion": np.array([0.5])}
    x = rng.normal(size=(40_000, 1))
    drawn = quantile(model("NegativeBinomial", "log"), draws, x, rng.random((1, 40_000)))
    expected = get_family("NegativeBinomial").mean(draws, x, "log").mean()
    assert drawn.mean() == pytest.approx(expected, rel=0.02)
