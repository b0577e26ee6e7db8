"""Noise that is spread evenly, medians of mixtures, and spreads less what noise adds to them."""

import numpy as np
import pytest
from scipy import stats

from core.effects.evenly import Evenly
from core.effects.medians import middle_of_mixture
from core.effects.settings import Setting
from core.effects.settled import less_noise
from core.effects.worlds import play, staged
from tests.effects.effect_cases import prepared
from tests.effects.test_gone_through import alike

FAMILIES = {"income": "Gamma", "clicks": "Poisson"}


def generator(seed: int = 1, rows: int = 100) -> Evenly:
    return Evenly(np.random.PCG64(seed), rows)


@pytest.mark.parametrize(
    ("drawn", "distribution"),
    [
        (lambda rng: rng.random((50, 100)), stats.uniform),
        (lambda rng: rng.standard_normal((50, 100)), stats.norm),
        (lambda rng: rng.logistic(size=(50, 100)), stats.logistic),
        (lambda rng: rng.standard_exponential((50, 100)), stats.expon),
        (lambda rng: rng.standard_gamma(np.full((50, 100), 2.5)), stats.gamma(2.5)),
        (lambda rng: rng.standard_t(np.full((50, 100), 5.0)), stats.t(5.0)),
    ],
)
def test_every_row_has_the_distribution_and_the_rows_together_have_it_evenly(drawn, distribution) -> None:  # type: ignore[no-untyped-def]
    found = distribution.cdf(drawn(generator()))
    for half in (found[:, 0::2], found[:, 1::2]):
        np.testing.assert_array_equal(np.sort(np.floor(50 * half), axis=1), np.tile(np.arange(50.0), (50, 1)))
    assert stats.kstest(found[:, 7], "uniform").pvalue > 0.001
    assert abs(np.corrcoef(found[:, 3], found[:, 4])[0, 1]) < 0.4


def test_rows_that_stand_there_several_times_are_spread_together() -> None:
    found = generator(rows=5).random((1, 15))
    odd = found[0, np.arange(15) % 5 % 2 == 1]
    np.testing.assert_array_equal(np.sort(np.floor(6 * odd)), np.arange(6))


def test_the_median_of_a_mixture_is_where_its_distribution_function_is_a_half() -> None:
    rng = np.random.default_rng(2)
    centres = np.concatenate([rng.normal(size=(300, 6)), 40.0 * rng.normal(size=(100, 6)), np.full((1, 6), 2.0)])
    weights = rng.dirichlet(np.ones(6), 401)
    sigma = np.exp(rng.normal(size=401))
    found = middle_of_mixture(centres, weights, sigma)
    reached = (weights * stats.norm.cdf((found[:, None] - centres) / sigma[:, None])).sum(axis=1)
    np.testing.assert_allclose(reached, 0.5, atol=1e-5)


def test_what_overflows_stays_unknown() -> None:
    found = middle_of_mixture(np.array([[np.inf, 1.0], [0.0, 1.0]]), np.full((2, 2), 0.5), np.ones(2))
    assert not np.isfinite(found[0])
    assert found[1] == pytest.approx(0.5)


def test_the_spread_of_averages_is_less_what_noise_adds_to_it() -> None:
    rng = np.random.default_rng(4)
    known = rng.normal(size=2000)
    cells = known[:, None] + np.linspace(-3, 3, 50) + 6.0 * rng.normal(size=(2000, 50))
    assert cells.mean(axis=1).std() > 1.2
    assert less_noise(cells).std() == pytest.approx(1.0, abs=0.05)
    assert less_noise(cells[:, :1]).std() == pytest.approx(cells[:, 0].std())


@pytest.mark.parametrize(
    ("text", "outcome", "least"),
    [
        ("dag { x -> income income -> y z -> income }", "y", 4.0),
        ("dag { x -> z z -> clicks clicks -> y }", "y", 1.3),
        ("dag { x -> y y -> bought z -> bought z -> y }", "bought", 4.0),
    ],
)
def test_averages_over_rows_have_less_noise_than_those_of_rows_drawn_one_by_one(
    text: str, outcome: str, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    hypothesis, spec, raw = prepared(text, **{name: family for name, family in FAMILIES.items() if name in text})
    parameters = alike(spec, 300)
    worlds = [[Setting("x", -0.5)], [Setting("x", 0.8)]]
    even = play(staged(hypothesis.graph, spec, parameters, raw, draws=300, rows=100), worlds, outcome)
    assert even.settled is not None
    monkeypatch.setattr("core.effects.stage.Evenly", lambda bits, _: np.random.Generator(bits))
    lot = play(staged(hypothesis.graph, spec, parameters, raw, draws=300, rows=100), worlds, outcome)
    assert lot.centre[0].std() > least * even.centre[0].std()
    assert even.settled[0].std() < 0.5 * even.centre[0].std()
    assert even.moved is not None
    assert even.moved.std() <= even.centre[1].std() + even.centre[0].std()
