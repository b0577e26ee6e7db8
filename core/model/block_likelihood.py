"""Free variables and likelihood of a block model: the PyMC half of ``core.model.block_model``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import lgamma, log
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.transforms import Ordered

from core.families.contrasts import zero_sum_basis
from core.families.ordered_logit import middle_of
from core.model.block_model import Signature

__all__ = ["INCREASING", "add_block", "log_ndtr"]

Auxiliaries = Mapping[str, Any]


class _Increasing(Ordered):
    """PyMC's transform of ordered values, from the middle one on, with gaps of 1 where it is handed equal ones.

    The middle one is known best (``core.families.ordered_logit``). A chain starts at the prior's
    mean, which is the same for every cut point. Giving other initial values instead would bar
    the model from ``pm.do`` and ``pm.observe``.
    """

    def forward(self, value: Any, *inputs: Any) -> Any:
        gaps = value[..., 1:] - value[..., :-1]
        logs = pt.log(pt.switch(gaps > 0, gaps, 1.0))
        middle = middle_of(value.shape[-1])
        return pt.concatenate([value[..., middle : middle + 1], logs], axis=-1)

    def backward(self, value: Any, *inputs: Any) -> Any:
        middle, anchor, gaps = middle_of(value.shape[-1]), value[..., :1], pt.exp(value[..., 1:])
        below = anchor - pt.cumsum(gaps[..., :middle][..., ::-1], axis=-1)[..., ::-1]
        return pt.concatenate([below, anchor, anchor + pt.cumsum(gaps[..., middle:], axis=-1)], axis=-1)


INCREASING = _Increasing()


def add_block(sign: Signature, data: Mapping[str, Any]) -> None:
    """Add a block's variables to the model on the context stack."""
    if sign.family == "Table":
        _table(sign, data)
    elif sign.family == "Categorical":
        _categorical(sign, data)
    elif sign.family == "OrderedLogit":
        _ordered(sign, data)
    elif sign.family == "SkewNormal":
        _skew_normal(sign, data)
    else:
        _linear(sign, data)


def _table(sign: Signature, data: Mapping[str, Any]) -> None:
    shape = (sign.columns, sign.levels)
    probabilities = pm.Dirichlet("probabilities", pt.full(shape, data["priors"][0]), shape=shape)
    _potential(data, pt.log(probabilities[data["x"], data["y"]]))


def _categorical(sign: Signature, data: Mapping[str, Any]) -> None:
    n = 1 + sign.columns
    z = pm.Normal("z", 0.0, 1.0, shape=(n, sign.levels - 1))
    effects = (data["priors"][n : 2 * n, None] * z) @ pt.as_tensor(zero_sum_basis(sign.levels)).T
    y = data["y"]
    if sign.columns:
        logs = pt.special.log_softmax(effects[0] + data["x"] @ effects[1:], axis=-1)
        _potential(data, logs[pt.arange(y.shape[0]), y])
    else:
        _potential(data, pt.special.log_softmax(effects[0])[y])


def _ordered(sign: Signature, data: Mapping[str, Any]) -> None:
    n, last, priors, y = sign.columns, sign.levels - 1, data["priors"], data["y"]
    # Independent priors under PyMC's ordered transform have (K - 1)! times too little mass.
    free = pm.Normal("z_cutpoints", 0.0, 1.0, shape=last, transform=INCREASING)
    pm.Potential("of_order", pt.as_tensor(lgamma(sign.levels)))
    cuts = priors[3 * n] + priors[3 * n + 1] * free
    eta: Any = 0.0
    if n:
        z = pm.Normal("z", 0.0, 1.0, shape=n)
        eta = data["x"] @ (priors[:n] + priors[n : 2 * n] * z)
    # Each branch stays inside the range, so that what is not chosen is a number too.
    below = -pt.softplus(eta - cuts[pt.minimum(y, last - 1)])
    above = -pt.softplus(cuts[pt.maximum(y - 1, 0)] - eta)
    logs = pt.switch(y < last, below, 0.0) + pt.switch(y > 0, above, 0.0)
    if last > 1:
        gaps = pt.log(-pt.expm1(cuts[:-1] - cuts[1:]))
        between = gaps[pt.minimum(pt.maximum(y - 1, 0), last - 2)]
        logs = logs + pt.switch((y > 0) & (y < last), between, 0.0)
    _potential(data, logs)


def _skew_normal(sign: Signature, data: Mapping[str, Any]) -> None:
    """Sample the centred parameters (``core.families.skew_normal``): mean, standard deviation and alpha.

    ``z[0]`` and ``spread`` stand for the intercept of the mean and the noise's standard
    deviation; the priors of location and scale follow as potentials.
    """
    n, priors = 1 + sign.columns, data["priors"]
    z = pm.Normal("z", 0.0, 1.0, shape=n)
    spread, alpha = pm.HalfFlat("spread"), pm.Normal("alpha", priors[3 * n + 1], priors[3 * n + 2])
    shift = np.sqrt(2.0 / np.pi) * alpha / pt.sqrt(1.0 + alpha**2)
    sigma = spread / pt.sqrt(1.0 - shift**2)
    located = z[0] - sigma * shift / priors[n]
    pm.Potential("of_location", 0.5 * (z[0] ** 2 - located**2))
    # The density of log sigma, which is that of log spread, less the Jacobian that PyMC adds.
    of_sigma = pm.logp(pm.HalfNormal.dist(priors[3 * n]), sigma)
    pm.Potential("of_scale", of_sigma + pt.log(sigma) - pt.log(spread))
    eta = priors[0] + priors[n] * located
    if sign.columns:
        eta = eta + data["x"] @ (priors[1:n] + priors[n + 1 : 2 * n] * z[1:])
    residual = (data["y"] - eta) / sigma
    # PyMC's density takes the logarithm of 1 + erf, which rounds to 0 in the far tail.
    normal = -0.5 * residual**2 - pt.log(sigma) - 0.5 * log(2.0 * np.pi)
    _potential(data, log(2.0) + normal + log_ndtr(alpha * residual))


def _linear(sign: Signature, data: Mapping[str, Any]) -> None:
    n = 1 + sign.columns
    priors = data["priors"]
    auxiliaries = _AUXILIARIES.get(sign.family, _none)(priors[3 * n :])
    spread: Any = 1.0
    if "variance" in auxiliaries:  # a relative prior is in units of the residual standard deviation
        relative = priors[2 * n : 3 * n]
        spread = relative * pt.sqrt(auxiliaries["variance"]) + (1.0 - relative)
    z = pm.Normal("z", 0.0, spread, shape=n)
    coefficients = priors[:n] + priors[n : 2 * n] * z
    eta = coefficients[0]
    if sign.columns:
        eta = eta + data["x"] @ coefficients[1:]
    _potential(data, _LIKELIHOODS[sign.family](data["y"], eta, auxiliaries, sign.link))
    if "values" in data:
        pm.Potential("of_counts", (data["times"] * _of_count(data["values"], auxiliaries)).sum())


def _potential(data: Mapping[str, Any], logs: Any) -> None:
    """Add the rows' log densities, each as often as it occurs."""
    pm.Potential("likelihood", (data["weights"] * logs).sum())


# -- other parameters, from the end of the packed priors -----------------------------


def _none(numbers: Any) -> Auxiliaries:
    return {}


def _variance(numbers: Any) -> Auxiliaries:
    return {"variance": pm.InverseGamma("variance", alpha=numbers[0], beta=numbers[1])}


def _student_auxiliaries(numbers: Any) -> Auxiliaries:
    return {
        "sigma": pm.HalfNormal("sigma", numbers[0]),
        "nu_minus_2": pm.Gamma("nu_minus_2", alpha=numbers[1], beta=numbers[2]),
    }


def _shape(numbers: Any) -> Auxiliaries:
    return {"shape": pm.LogNormal("shape", numbers[0], numbers[1])}


def _precision(numbers: Any) -> Auxiliaries:
    return {"precision": pm.LogNormal("precision", numbers[0], numbers[1])}


def _overdispersion(numbers: Any) -> Auxiliaries:
    return {"overdispersion": pm.HalfNormal("overdispersion", numbers[0])}


def _zero_share(numbers: Any) -> Auxiliaries:
    return {"zero_share": pm.Beta("zero_share", alpha=numbers[0], beta=numbers[1])}


def _overdispersion_and_zero_share(numbers: Any) -> Auxiliaries:
    return {**_overdispersion(numbers), **_zero_share(numbers[1:])}


_AUXILIARIES: Mapping[str, Callable[[Any], Auxiliaries]] = {
    "Normal": _variance,
    "StudentT": _student_auxiliaries,
    "Gamma": _shape,
    "Weibull": _shape,
    "Beta": _precision,
    "NegativeBinomial": _overdispersion,
    "ZeroInflatedPoisson": _zero_share,
    "ZeroInflatedNegativeBinomial": _overdispersion_and_zero_share,
}


# -- log densities of the rows, on the family's scale ------------------------------------


def _normal(y: Any, eta: Any, auxiliaries: Auxiliaries, link: str) -> Any:
    return pm.logp(pm.Normal.dist(eta, pt.sqrt(auxiliaries["variance"])), y)


def _student_t(y: Any, eta: Any, auxiliaries: Auxiliaries, link: str) -> Any:
    nu = 2.0 + auxiliaries["nu_minus_2"]
    return pm.logp(pm.StudentT.dist(nu=nu, mu=eta, sigma=auxiliaries["sigma"]), y)


def _gamma(y: Any, eta: Any, auxiliaries: Auxiliaries, link: str) -> Any:
    shape = auxiliaries["shape"]
    return pm.logp(pm.Gamma.dist(alpha=shape, beta=shape * pt.exp(-eta)), y)


def _weibull(y: Any, eta: Any, auxiliaries: Auxiliaries, link: str) -> Any:
    shape, logs = auxiliaries["shape"], pt.log(y)
    log_hazard = shape * (logs - eta + pt.gammaln(1.0 + 1.0 / shape))
    return pt.log(shape) + log_hazard - logs - pt.exp(log_hazard)


def _beta(y: Any, eta: Any, auxiliaries: Auxiliaries, link: str) -> Any:
    precision = auxiliaries["precision"]
    shapes = pt.sigmoid(eta) * precision, pt.sigmoid(-eta) * precision
    return pm.logp(pm.Beta.dist(alpha=shapes[0], beta=shapes[1]), y)


def _bernoulli(y: Any, eta: Any, auxiliaries: Auxiliaries, link: str) -> Any:
    # Both links are symmetric: with the sign in the argument neither end loses its digits.
    signed = (2.0 * y - 1.0) * eta
    return log_ndtr(signed) if link == "probit" else -pt.softplus(-signed)


def log_ndtr(z: Any) -> Any:
    """Return the log of the Normal distribution function; PyMC's takes the root of 2 in single precision."""
    scaled = -z / np.sqrt(2.0)
    # Each branch is kept within its own range, so that neither spoils the other's gradient.
    far = pt.log(0.5 * pt.erfcx(pt.maximum(scaled, 0.0))) - pt.maximum(scaled, 0.0) ** 2
    near = pt.log1p(-0.5 * pt.erfc(-pt.minimum(scaled, 0.0)))
    return pt.switch(scaled > 0, far, near)


# Counts without what depends on y alone: the gamma functions, dearest of all, are added
# once a distinct value in _of_count.


def _poisson(y: Any, eta: Any, auxiliaries: Auxiliaries, link: str) -> Any:
    return y * eta - pt.exp(eta)


def _negative_binomial(y: Any, eta: Any, auxiliaries: Auxiliaries, link: str) -> Any:
    dispersion = auxiliaries["overdispersion"] ** -2.0
    total = pt.log(pt.exp(eta) + dispersion)
    return y * (eta - total) - dispersion * (total - pt.log(dispersion))


def _inflated(counts: Callable[..., Any]) -> Callable[[Any, Any, Auxiliaries, str], Any]:
    """Return the density of a zero-inflated count; what :func:`_of_count` adds is 0 where y is 0."""

    def density(y: Any, eta: Any, auxiliaries: Auxiliaries, link: str) -> Any:
        share = auxiliaries["zero_share"]
        nothing, something = pt.log(share), pt.log1p(-share)
        logs = something + counts(y, eta, auxiliaries, link)
        return pt.switch(pt.eq(y, 0), nothing + pt.softplus(logs - nothing), logs)

    return density


def _of_count(value: Any, auxiliaries: Auxiliaries) -> Any:
    """Return the part of a count's log density that its value and the dispersion alone decide."""
    if "overdispersion" not in auxiliaries:
        return -pt.gammaln(value + 1.0)
    dispersion = auxiliaries["overdispersion"] ** -2.0
    return pt.gammaln(value + dispersion) - pt.gammaln(dispersion) - pt.gammaln(value + 1.0)


_LIKELIHOODS: Mapping[str, Callable[[Any, Any, Auxiliaries, str], Any]] = {
    "Normal": _normal,
    "StudentT": _student_t,
    "Gamma": _gamma,
    "Weibull": _weibull,
    "Beta": _beta,
    "Bernoulli": _bernoulli,
    "Poisson": _poisson,
    "NegativeBinomial": _negative_binomial,
    "ZeroInflatedPoisson": _inflated(_poisson),
    "ZeroInflatedNegativeBinomial": _inflated(_negative_binomial),
}
