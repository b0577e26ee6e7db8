"""Two worlds at once: each has the family's distribution (SciPy's), and they share their noise."""

from math import gamma

import numpy as np
import pytest
from scipy import stats

from core.effects.noise import draw_pair
from core.model.spec import NodeModel, Response

ROWS = 20_000
LOW, HIGH = np.zeros((ROWS, 1)), np.ones((ROWS, 1))


def model(family: str, link: str, levels: tuple[str, ...] = ()) -> NodeModel:
    return NodeModel("y", "real", family, link, Response(levels=levels))


def mean(eta: float, link: str) -> float:
    return {"identity": eta, "log": np.exp(eta), "logit": 1 / (1 + np.exp(-eta))}[link]


class Inflated:
    """A count of scipy's that is zero with probability ``share`` more often."""

    def __init__(self, counts, share: float) -> None:
        self.counts, self.share = counts, share

    def mean(self) -> float:
        return (1 - self.share) * self.counts.mean()

    def std(self) -> float:
        square = self.counts.var() + self.counts.mean() ** 2
        return float(np.sqrt((1 - self.share) * square - self.mean() ** 2))

    def cdf(self, at: float) -> float:
        return self.share + (1 - self.share) * self.counts.cdf(at)

    def ppf(self, share: float) -> float:
        return float(np.argmax(self.cdf(np.arange(1000.0)) >= share))


CASES = [
    ("Normal", "identity", {"sigma": 0.7}, lambda m: stats.norm(m, 0.7)),
    ("LogNormal", "identity", {"sigma": 0.7}, lambda m: stats.norm(m, 0.7)),
    ("StudentT", "identity", {"sigma": 0.7, "nu": 4.0}, lambda m: stats.t(4, m, 0.7)),
    ("Gamma", "log", {"shape": 2.5}, lambda m: stats.gamma(2.5, scale=m / 2.5)),
    ("Beta", "logit", {"precision": 6.0}, lambda m: stats.beta(6 * m, 6 * (1 - m))),
    ("Bernoulli", "logit", {}, lambda m: stats.bernoulli(m)),
    ("Poisson", "log", {}, lambda m: stats.poisson(m)),
    ("NegativeBinomial", "log", {"overdispersion": 0.8}, lambda m: stats.nbinom(1 / 0.64, 1 / (1 + 0.64 * m))),
    ("SkewNormal", "identity", {"sigma": 0.7, "alpha": -4.0}, lambda m: stats.skewnorm(-4.0, m, 0.7)),
    ("Weibull", "log", {"shape": 2.5}, lambda m: stats.weibull_min(2.5, scale=m / gamma(1.4))),
    ("ZeroInflatedPoisson", "log", {"zero_share": 0.3}, lambda m: Inflated(stats.poisson(m), 0.3)),
    (
        "ZeroInflatedNegativeBinomial",
        "log",
        {"overdispersion": 0.8, "zero_share": 0.3},
        lambda m: Inflated(stats.nbinom(1 / 0.64, 1 / (1 + 0.64 * m)), 0.3),
    ),
]


@pytest.mark.parametrize("slope", [0.6, -0.6])
@pytest.mark.parametrize(("family", "link", "extra", "expected"), CASES)
def test_each_world_has_the_family_s_distribution_and_they_share_noise(
    family: str, link: str, extra: dict[str, float], expected, slope: float
) -> None:  # fmt: skip
    draws = {"intercept": np.array([0.4]), "slopes": np.array([[slope]])}
    draws |= {name: np.array([value]) for name, value in extra.items()}
    rng = np.random.default_rng(len(family))
    low, high = (world[0] for world in draw_pair(model(family, link), draws, LOW, HIGH, rng))
    for world, eta in ((low, 0.4), (high, 0.4 + slope)):
        theirs = expected(mean(eta, link))
        assert world.mean() == pytest.approx(theirs.mean(), abs=4.5 * theirs.std() / np.sqrt(ROWS))
        for share in (0.1, 0.5, 0.9):
            at = theirs.ppf(share)
            assert np.mean(world <= at) == pytest.approx(theirs.cdf(at), abs=0.016)
    apart = low.var() + high.var()
    assert np.var(high - low) < 0.55 * apart


def test_levels_follow_their_probabilities() -> None:
    table = {"probabilities": np.array([[[0.2, 0.5, 0.3], [0.3, 0.5, 0.2]]])}
    rng = np.random.default_rng(0)
    low, high = draw_pair(model("Table", "identity", ("a", "b", "c")), table, LOW, HIGH, rng)
    assert np.bincount(low[0].astype(int)) / ROWS == pytest.approx([0.2, 0.5, 0.3], abs=0.015)
    assert np.bincount(high[0].astype(int)) / ROWS == pytest.approx([0.3, 0.5, 0.2], abs=0.015)
    assert np.mean(low != high) == pytest.approx(0.2, abs=0.015)


def test_counts_of_huge_means_do_not_fail() -> None:
    draws = {"intercept": np.array([80.0]), "slopes": np.array([[1.0]])}
    low, high = draw_pair(model("Poisson", "log"), draws, LOW[:3], HIGH[:3], np.random.default_rng(0))
    assert np.isfinite(low).all()
    assert np.isfinite(high).all()
