"""Taus drawn given the slopes that they scale.

Draws of scaled slopes come from points of the taus' quadrature (:mod:`core.fit.taus`). At any slopes their density
there is the trapezoid rule's, exact to rounding; the taus themselves would stand on the lattice's points. So each is
drawn anew from its full conditional, a step of Gibbs sampling, which leaves the joint posterior as it is:

    p(tau | slopes) is in proportion to prior(tau) tau^-k exp(-Q / (2 tau^2)),

with k slopes that it scales and Q the sum of their squares in units of what they have as standard deviation at tau = 1
(a generalised inverse Gaussian in tau^2 under a HalfNormal prior). Its logarithm has a log-concave density, which is
inverted on a grid of its own for each draw.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.families import Draws
from core.model.scaling import column_factors, may_be_nothing, relative_unit
from core.model.spec import NodeModel

__all__ = ["at_nothing", "given_slopes", "given_squares"]

FloatArray = NDArray[np.float64]

LEAST = 0.005
"""Below it the quadrature has one point, 0, for all taus (:mod:`core.fit.taus`)."""
_GRID = 96
_SHAPES = 256
_DROPPED = 18.0  # of the log density at the ends of the grid
_STEPS = 30


def given_slopes(model: NodeModel, draws: Draws, rng: np.random.Generator) -> FloatArray:
    """Return taus (S, T) in the place of ``draws["tau"]``, given ``draws["slopes"]`` and ``draws["sigma"]``.

    A tau of 0 stays 0 where it may be so (form ``auto``); elsewhere it stands for all below :data:`LEAST`.
    """
    slopes, taus = draws["slopes"], draws["tau"]
    sigma = np.array([model.prior[f"slopes[{j}]"]["sigma"] for j in model.column_coefficients])
    by, unit = np.array(model.scaled_by), relative_unit(model, draws)
    found = np.empty_like(taus)
    for i in range(model.taus):
        own = np.flatnonzero(by == i)
        if slopes.ndim == 3:  # zero over the levels: one number fewer
            k = len(own) * (slopes.shape[2] - 1)
            squares = ((slopes[:, own] / sigma[own, None]) ** 2).sum(axis=(1, 2))
        else:
            k = len(own)
            squares = ((slopes[:, own] / (sigma[own] * unit[:, None])) ** 2).sum(axis=1)
        prior, nothing = model.prior[f"tau[{i}]"], taus[:, i] <= 0.0
        found[:, i] = 0.0 if may_be_nothing(prior) else rng.uniform(0.0, LEAST, len(taus))
        some = ~nothing
        found[some, i] = given_squares(k, squares[some], prior["sigma"], rng)
    return found


def at_nothing(model: NodeModel, draws: Draws) -> dict[str, FloatArray]:
    """Return draws whose slopes are 0 where the ``tau`` that scales them is, exactly as in closed form."""
    there = column_factors(model, (draws["tau"] > 0.0).astype(np.float64))
    slopes = draws["slopes"]
    return {**draws, "slopes": slopes * (there if slopes.ndim == 2 else there[:, :, None])}


def given_squares(k: int, squares: FloatArray, sigma: float, rng: np.random.Generator) -> FloatArray:
    """Draw a HalfNormal(``sigma``) tau given the sum of squares (S,), over 0, of ``k`` slopes that it scales."""
    if not len(squares):
        return np.empty(0)
    a, b = 1.0 / sigma**2, k - 1.0
    # The mode of log tau: a v^2 + b v - Q = 0 for v = tau^2, by the root that loses no digits.
    v = 2.0 * squares / (b + np.sqrt(b**2 + 4.0 * a * squares))
    # Around its mode the density changes little with Q: one shape serves neighbours in the order of Q.
    order = np.argsort(squares)
    group = np.empty(len(squares), dtype=np.intp)
    group[order] = np.arange(len(squares)) * min(_SHAPES, len(squares)) // len(squares)
    first = np.searchsorted(group[order], np.arange(group[order[-1]] + 2))
    middle = order[(first[:-1] + first[1:]) // 2]
    return np.asarray(np.sqrt(v) * np.exp(_away(b, (squares / v)[middle], (a * v)[middle], group, rng)))


def _away(
    b: float, below: FloatArray, above: FloatArray, group: NDArray[np.intp], rng: np.random.Generator
) -> FloatArray:
    """Draw log tau less its mode, shape (S,), from the shape that each belongs to.

    A shape's log density is ``-b d - below / 2 (e^-2d - 1) - above / 2 (e^2d - 1)``, 0 at ``d = 0``.
    """

    def log_density(away: FloatArray) -> FloatArray:
        moved = np.expm1(2.0 * away)
        return np.asarray(-b * away + 0.5 * below * moved / (1.0 + moved) - 0.5 * above * moved)

    # Where each of the two exponentials alone has dropped far enough; further where the rest holds them up.
    left = 0.5 * np.log1p(2.0 * _DROPPED / below)
    right = np.minimum(0.5 * np.log1p(2.0 * _DROPPED / above), _DROPPED / b if b else np.inf)
    low, high = (_far_enough(log_density, reach) for reach in (-left, right))
    density = np.exp(log_density(low + (high - low) * np.linspace(0.0, 1.0, _GRID)[:, None]))  # (grid, shapes)
    mass = np.concatenate([np.zeros((1, len(low))), np.cumsum(0.5 * (density[1:] + density[:-1]), axis=0)])
    wished = rng.random(len(group)) * mass[-1, group]
    cell = np.minimum((mass[1:, group] < wished).sum(axis=0), _GRID - 2)
    left, right = density[cell, group], density[cell + 1, group]
    # Within a cell the density is a line: its integral is inverted by the root that loses no digits.
    asked = wished - mass[cell, group]
    root = np.sqrt(np.maximum(left**2 + 2.0 * (right - left) * asked, 0.0))
    inside = np.clip(2.0 * asked / (left + root + 1e-300), 0.0, 1.0)
    return np.asarray(low[group] + (cell + inside) * ((high - low) / (_GRID - 1))[group])


def _far_enough(log_density: Callable[[FloatArray], FloatArray], reach: FloatArray) -> FloatArray:
    for _ in range(_STEPS):
        short = log_density(reach) > -_DROPPED
        if not short.any():
            break
        reach = np.where(short, 1.3 * reach, reach)
    return reach
