"""Slopes of scaled columns, and the taus that scale them, on an unconstrained space.

What a prior ``slopes[j]`` is of, times the column's tau, is the slope. A tau that is HalfNormal has its logarithm as
coordinate; one that may be 0 is max(0, v) with v Normal, and v is its coordinate.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.families import Draws
from core.families.distributions import LOG_2PI
from core.hypothesis import Prior
from core.model.spec import NodeModel

__all__ = [
    "column_factors",
    "may_be_nothing",
    "relative_unit",
    "scaled_slopes",
    "taus_at",
    "taus_log_prior",
    "unscaled",
]

FloatArray = NDArray[np.float64]

_FARTHEST = 300.0  # of a logarithm: its square is still a number


def may_be_nothing(prior: Prior) -> bool:
    """Return whether a tau of this prior is 0 with probability 1/2."""
    return prior.distribution == "RectifiedNormal"


def column_factors(model: NodeModel, tau: FloatArray) -> FloatArray:
    """Return what multiplies each design column's slope, shape (S, p), for taus (S, T)."""
    by = np.array(model.scaled_by, dtype=np.intp)
    found = np.ones((len(tau), len(by)))
    found[:, by >= 0] = tau[:, by[by >= 0]]
    return found


def scaled_slopes(model: NodeModel, draws: Draws, tau: FloatArray) -> Draws:
    """Return draws whose slopes are those of the columns themselves, with ``tau`` (S, T) beside them."""
    factors = column_factors(model, tau)
    slopes = draws["slopes"]
    return {**draws, "slopes": slopes * (factors if slopes.ndim == 2 else factors[:, :, None]), "tau": tau}


def taus_at(priors: Sequence[Prior], theta: FloatArray) -> FloatArray:
    """Return the taus (S, T) at the last T coordinates of ``theta``."""
    last = theta[:, theta.shape[1] - len(priors) :]
    log_scale = np.exp(np.clip(last, -_FARTHEST, _FARTHEST))
    return np.where([may_be_nothing(prior) for prior in priors], np.maximum(last, 0.0), log_scale)


def taus_log_prior(priors: Sequence[Prior], theta: FloatArray) -> FloatArray:
    """Return the log prior density of the last T coordinates, shape (S,)."""
    total = np.zeros(len(theta))
    for prior, at in zip(priors, theta[:, theta.shape[1] - len(priors) :].T, strict=True):
        sigma = prior["sigma"]
        if may_be_nothing(prior):
            total += -0.5 * (at / sigma) ** 2 - np.log(sigma) - 0.5 * LOG_2PI
        else:
            tau = np.exp(np.clip(at, -_FARTHEST, _FARTHEST))
            total += np.log(2.0) - 0.5 * (tau / sigma) ** 2 - np.log(sigma) - 0.5 * LOG_2PI + at
    return total


def unscaled(model: NodeModel, priors: Sequence[Prior], draws: Draws) -> tuple[Draws, FloatArray]:
    """Return draws with slopes over their tau, and the taus' coordinates (S, T); see ``Target.unconstrain``."""
    tau, rng = draws["tau"], np.random.default_rng([len(draws["tau"]), 13])
    nothing = tau <= 0
    coordinates = np.empty_like(tau)
    for i, prior in enumerate(priors):
        below = -np.abs(rng.normal(0.0, prior["sigma"], len(tau)))
        free = np.where(nothing[:, i], below, tau[:, i])
        coordinates[:, i] = free if may_be_nothing(prior) else np.log(np.maximum(tau[:, i], np.exp(-_FARTHEST)))
    factors = column_factors(model, np.where(nothing, 1.0, tau))
    gone = column_factors(model, np.where(nothing, 0.0, 1.0)) == 0.0
    slopes = draws["slopes"]
    own = slopes / (factors if slopes.ndim == 2 else factors[:, :, None])
    sigma = np.array([model.prior[f"slopes[{j}]"]["sigma"] for j in model.column_coefficients])
    unit = relative_unit(model, draws)
    drawn = rng.standard_normal(slopes.shape) * (sigma if slopes.ndim == 2 else sigma[:, None])
    if slopes.ndim == 3:  # zero over the levels
        drawn -= drawn.mean(axis=2, keepdims=True)
        return {**draws, "slopes": np.where(gone[:, :, None], drawn, own)}, coordinates
    return {**draws, "slopes": np.where(gone, drawn * unit[:, None], own)}, coordinates


def relative_unit(model: NodeModel, draws: Draws) -> FloatArray:
    """Return the residual standard deviation where the priors of slopes are in its units, else 1, shape (S,)."""
    relative = any(dict(prior.parameters).get("relative") for name, prior in model.priors if name.startswith("slopes["))
    return draws["sigma"] if relative else np.ones(len(draws["slopes"]))
