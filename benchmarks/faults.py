"""Faults planted in the fit, to see that calibration catches them.

Each stands for a slip that is easily made in an engine like this one. They are planted here, at
fit time, around the engine's own code; the product has no switch for them. A fault is caught
if it would have been outside the band in the table of the product's own rows: a p-value that
Holm's bound rejects first among all of their tests.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.sbc import Case, Drawn, FloatArray, case, fit, p_value, ranked
from core.families import Priors, get_family
from core.families.linear import LinearFamily
from core.families.parameter import Parameter, prior_of
from core.families.priors import scale_priors
from core.fit import exact, importance, target
from core.fit.gaussian import Posterior
from core.fit.result import Block
from core.hypothesis import Prior
from core.model.design import BlockData

__all__ = ["FAULTS", "Fault", "Outcome", "run"]


@dataclass(frozen=True)
class Fault:
    """One slip: what it is, where it is planted, and the fit that has it."""

    name: str
    case: Case
    simulations: int
    fit: Callable[[Block, BlockData], Drawn]


@dataclass(frozen=True)
class Outcome:
    """The smallest p-value of a fault's tests, whose it is, and the same simulations' without the fault."""

    p: float
    parameter: str
    without: float


def run(fault: Fault, seed: int) -> Outcome:
    """Calibrate with the fault and without it."""
    found = {name: p_value(r) for name, r in ranked(fault.case, fault.simulations, seed, fault.fit).ranks.items()}
    sound = ranked(fault.case, fault.simulations, seed).ranks.values()
    parameter = min(found, key=found.__getitem__)
    return Outcome(found[parameter], parameter, min(p_value(r) for r in sound))


def _with_model(block: Block, **changes: Any) -> Block:
    return replace(block, model=replace(block.model, **changes))


# -- the slips ------------------------------------------------------------------------


def _variance_for_sd(block: Block, data: BlockData) -> Drawn:
    def draw(post: Posterior, draws: int, rng: np.random.Generator) -> dict[str, FloatArray]:
        sigma = post.beta / rng.standard_gamma(post.alpha, size=draws)  # no square root
        noise = rng.standard_normal((draws, len(post.mean)))
        found = post.mean + sigma[:, None] * (noise @ post.r_inverse.T)
        return {"intercept": found[:, 0], "slopes": found[:, 1:], "sigma": sigma}

    with patch.object(exact.gaussian, "draw", draw):
        return fit(block, data)


def _lost_link(block: Block, data: BlockData) -> Drawn:
    return fit(_with_model(block, link="probit"), data)


def _no_jacobian(block: Block, data: BlockData) -> Drawn:
    def log_prior(self: LinearFamily, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        terms = [extra.log_jacobian(theta[:, 1 + p + place]) for place, extra in enumerate(self.auxiliaries)]
        return value(self, theta, priors, p, k) - sum(terms)

    def log_prior_gradient(self: LinearFamily, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        found = slope(self, theta, priors, p, k)
        for column, extra in enumerate(self.auxiliaries, 1 + p):
            found[:, column] -= extra.log_jacobian_slope(theta[:, column])
        return found

    value, slope = LinearFamily.log_prior, LinearFamily.log_prior_gradient
    with patch.multiple(LinearFamily, log_prior=log_prior, log_prior_gradient=log_prior_gradient):
        return fit(block, data)


def _doubled_slopes(block: Block, data: BlockData) -> Drawn:
    return fit(_with_model(block, priors=scale_priors(block.model.family, block.model.priors, 2.0)), data)


def _restandardised(block: Block, data: BlockData) -> Drawn:
    center, scale = data.y.mean(), data.y.std(ddof=1)
    found = fit(block, BlockData((data.y - center) / scale, data.x, data.log_jacobian, data.used))
    # Told on the first scale again, as careful code would: what is left of the slip is its prior.
    draws = {name: values * scale for name, values in found.draws.items()}
    return Drawn(draws | {"intercept": draws["intercept"] + center}, found.way)


def _uncentred_intercept(block: Block, data: BlockData) -> Drawn:
    wrong = Prior("Normal", (("mu", 0.0), ("sigma", 1.0)))
    priors = tuple((name, wrong if name == "intercept" else prior) for name, prior in block.model.priors)
    return fit(_with_model(block, priors=priors), data)


def _dispersion_as_alpha(block: Block, data: BlockData) -> Drawn:
    family = type(get_family("NegativeBinomial"))
    # The half-normal prior is taken to be that of alpha, of which overdispersion is 1 / sqrt(alpha).
    slip = Parameter(
        "overdispersion",
        prior_of("HalfNormal", sigma=1.0),
        forward=lambda xp, alpha: alpha**-0.5,
        backward=lambda xp, over: over**-2.0,
    )

    def score(self: Any, *arguments: Any) -> Any:
        by_eta, (by_log_over,) = whole(self, *arguments)
        return by_eta, (-0.5 * by_log_over,)

    whole = family.score
    with patch.multiple(family, auxiliaries=(slip,), score=score):
        return fit(block, data)


def _too_wide(block: Block, data: BlockData) -> Drawn:
    found = fit(block, data)
    return Drawn({name: _widened(values) for name, values in found.draws.items()}, found.way)


def _widened(values: FloatArray) -> FloatArray:
    mean = values.mean(axis=0)
    return mean + 1.15 * (values - mean)


def _repeats_counted_once(block: Block, data: BlockData) -> Drawn:
    def distinct(y: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, Any]:
        y, x, weights, place = whole(y, x)
        return y, x, np.ones_like(weights), place

    whole = target.distinct_rows
    with patch.object(target, "distinct_rows", distinct):
        return fit(block, data)


def _weights_ignored(block: Block, data: BlockData) -> Drawn:
    with patch.object(importance, "resample", lambda weights, count, rng: np.arange(count)):
        return fit(block, data)


def _rare(rng: np.random.Generator, n: int) -> FloatArray:
    """A count that is 1 in one row of eight and else 0."""
    return rng.permutation(np.arange(n) % 8 == 0).astype(float)


FAULTS = (
    Fault("the variance taken for the standard deviation", case("Normal", "exact"), 200, _variance_for_sd),
    Fault("constants computed anew from simulated data", case("Normal", "exact", rows=8), 200, _restandardised),
    Fault("draws 15 % too wide", case("Normal", "exact"), 1000, _too_wide),
    Fault("probit fitted where logit was meant", case("Bernoulli", "importance", "logit"), 200, _lost_link),
    Fault("no Jacobian for the logarithm of a parameter", case("StudentT", "importance"), 200, _no_jacobian),
    Fault("slopes' prior twice as wide", case("Bernoulli", "importance", "logit", rows=4), 800, _doubled_slopes),
    Fault(
        "the intercept's prior at 0, not at the log of the mean",
        case("Poisson", "importance", rows=16, make=_rare),
        200,
        _uncentred_intercept,
    ),
    Fault("the prior of 1/sqrt(alpha) put on alpha", case("NegativeBinomial", "importance"), 200, _dispersion_as_alpha),
    Fault("equal rows counted once", case("Poisson", "importance", parents="u"), 200, _repeats_counted_once),
    Fault("importance weights ignored", case("Gamma", "importance", rows=8), 400, _weights_ignored),
)
