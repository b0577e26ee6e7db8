"""One node drawn in two worlds at once, with as much noise in common as its family allows.

An effect compares two worlds. Drawn independently, their noise would swamp a small effect.
Here both use the same noise where the family is a function of it (Normal, StudentT,
SkewNormal, Gamma, Weibull, and by quantiles Beta and levels); a count of the larger mean is
one of the smaller mean plus an independent count of the difference, which is exactly Poisson
again, and a row of zero-inflated counts is zero by itself in both or neither. In each world alone
the draw has the family's distribution. Averages do not depend on the coupling, only their
Monte Carlo error does.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.families.base import Draws
from core.model.spec import NodeModel

__all__ = ["draw_pair"]

FloatArray = NDArray[np.float64]

_MOST = 1e15


def draw_pair(
    model: NodeModel, draws: Draws, low: FloatArray, high: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw a node given its design in two worlds, each shape (S, N), on the family's scale.

    Parameters
    ----------
    model : NodeModel
    draws : mapping of str to array
        Parameters, draw index first (S).
    low, high : array, shape (N, p) or (S, N, p)
        The design in either world.
    rng : numpy.random.Generator
    """
    family = get_family(model.family)
    one, other = family.mean(draws, low, model.link), family.mean(draws, high, model.link)
    each = {name: values[:, None] for name, values in draws.items() if values.ndim == 1}
    shape = one.shape[:2]
    match model.family:
        case "Normal" | "LogNormal":
            noise = each["sigma"] * rng.standard_normal(shape)
            return one + noise, other + noise
        case "StudentT":
            noise = each["sigma"] * rng.standard_t(np.broadcast_to(each["nu"], shape))
            return one + noise, other + noise
        case "SkewNormal" | "Weibull":
            # Both are their mean plus, or times, noise whose distribution no parent changes.
            zero = np.zeros((*shape, low.shape[-1]))
            middle = family.mean(draws, zero, model.link)
            noise = family.sample(draws, zero, model.link, rng)
            if model.family == "Weibull":
                return one * (noise / middle), other * (noise / middle)
            return one + (noise - middle), other + (noise - middle)
        case "Gamma":
            unit = rng.standard_gamma(np.broadcast_to(each["shape"], shape)) / each["shape"]
            return one * unit, other * unit
        case "Poisson" | "NegativeBinomial" | "ZeroInflatedPoisson" | "ZeroInflatedNegativeBinomial":
            return _any_counts(one, other, each, rng)
    u = np.clip(rng.random(shape), 1e-12, 1.0 - 1e-12)
    if model.family == "Beta":
        return _shares(one, each["precision"], u), _shares(other, each["precision"], u)
    return _level(one, u), _level(other, u)


def _any_counts(
    one: FloatArray, other: FloatArray, each: Mapping[str, FloatArray], rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw counts of these means, with what the family has of overdispersion and zeros of their own."""
    if "overdispersion" in each:
        size = np.minimum(each["overdispersion"] ** -2.0, _MOST)
        unit = rng.standard_gamma(np.broadcast_to(size, one.shape)) / size
        one, other = one * unit, other * unit
    if "zero_share" not in each:
        return _counts(one, other, rng)
    something = rng.random(one.shape) >= each["zero_share"]
    share = np.maximum(1.0 - each["zero_share"], np.finfo(np.float64).eps)
    one, other = (np.where(something | np.isnan(mean), mean / share, 0.0) for mean in (one, other))
    return _counts(one, other, rng)


def _counts(one: FloatArray, other: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    known = np.isfinite(one) & np.isfinite(other)  # what overflowed above stays unknown
    one, other = (np.where(known, np.minimum(mean, _MOST), 0.0) for mean in (one, other))
    shared = np.where(known, rng.poisson(np.minimum(one, other)), np.nan)
    more = rng.poisson(np.abs(other - one))
    return shared + np.where(one > other, more, 0), shared + np.where(other > one, more, 0)


def _shares(mean: FloatArray, precision: FloatArray, u: FloatArray) -> FloatArray:
    from scipy import special

    return np.asarray(special.betaincinv(mean * precision, (1.0 - mean) * precision, u))


def _level(mean: FloatArray, u: FloatArray) -> FloatArray:
    """Return the level at quantile ``u``: of probabilities (S, N, K), or of one probability (S, N)."""
    if mean.ndim == 3:
        return (u[..., None] >= np.cumsum(mean, axis=-1)[..., :-1]).sum(axis=-1).astype(np.float64)
    return (u >= 1.0 - mean).astype(np.float64)
