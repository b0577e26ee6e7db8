"""The mode of a block's posterior and its curvature there: where importance sampling begins.

A damped Newton search on the unconstrained space. The Hessian is taken by central
differences of the analytic gradient, all 2 D points in one call, so an iteration costs one
pass over the rows. Away from a maximum the Hessian's eigenvalues count by their size, which
turns a saddle or a ridge into a direction to climb (Nocedal & Wright 2006, section 3.4).

Families whose likelihood can have several modes are climbed from several starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.families.base import FloatArray
from core.families.linear import LinearFamily
from core.fit.target import Target
from core.model.coordinates import prior_draws

__all__ = ["Mode", "NoModeError", "climb", "find_again", "find_modes"]

SEARCHED_ROWS = 5_000
"""Above it the search goes over that many distinct rows first, and only its end over all."""

_ROUNDS = 100
_TOLERANCE = 1e-6  # squared distance to the mode in posterior standard deviations
_LONGEST = 3.0  # a step on the unconstrained space
_DIFFERENCE = 1e-4
_LEAST_CURVED = 1e-2  # coordinates are made to vary by about one, so a flatter one is at an inflection
_HALVINGS = 0.5 ** np.arange(1, 25)
_CANDIDATES = 64
_APART = 0.5  # two ends of a climb nearer than this, in standard deviations, are one mode
_NEGLIGIBLE = 12.0  # log mass by which a mode may be forgotten: e^-12


class NoModeError(Exception):
    """The search found no mode around which the posterior is curved downwards; the text says why."""


@dataclass(frozen=True, eq=False)
class Mode:
    """A local maximum of the log posterior.

    Parameters
    ----------
    theta : array, shape (D,)
    value : float
        The unnormalised log posterior there.
    root : array, shape (D, D)
        Lower Cholesky factor of the inverse of the negative Hessian.
    """

    theta: FloatArray
    value: float
    root: FloatArray

    @property
    def log_mass(self) -> float:
        """Laplace's approximation to the log of the integral around this mode."""
        d = len(self.theta)
        return float(self.value + 0.5 * d * np.log(2 * np.pi) + np.log(np.diag(self.root)).sum())

    def distance(self, other: FloatArray) -> float:
        """Return how far another point is, in standard deviations."""
        return float(np.linalg.norm(np.linalg.solve(self.root, other - self.theta)))


def find_modes(target: Target) -> list[Mode]:
    """Return the modes of a block's posterior that carry mass, the heaviest first.

    Raises
    ------
    NoModeError
        If no climb ends at a maximum.
    FitCancelledError
        As soon as the target says so.
    """
    small = _few_rows(target)
    found: list[Mode] = []
    reason = ""
    for start in _starts(small):
        try:
            mode = climb(small, start)
            if small is not target:
                mode = climb(target, mode.theta)
        except NoModeError as error:
            reason = str(error)
            continue
        if all(min(known.distance(mode.theta), mode.distance(known.theta)) > _APART for known in found):
            found.append(mode)
    if not found:
        raise NoModeError(reason)
    found.sort(key=lambda mode: -mode.log_mass)
    return [mode for mode in found if mode.log_mass > found[0].log_mass - _NEGLIGIBLE]


def find_again(target: Target, modes: Sequence[Mode]) -> list[Mode]:
    """Return the modes of a posterior near another: without a row, or under another prior.

    Those of the other are where to begin, unless the family can have several: then one may
    have come that the other has not.

    Raises
    ------
    NoModeError
    """
    if get_family(target.model.family).several_modes:
        return find_modes(target)
    try:
        return [climb(target, mode.theta) for mode in modes]
    except NoModeError:
        return find_modes(target)


def climb(target: Target, start: FloatArray) -> Mode:
    """Return the local maximum reached from ``start``, shape (D,).

    Raises
    ------
    NoModeError
        If the climb does not end at a point where the log posterior is curved downwards in
        every direction.
    """
    theta = np.array(start, dtype=np.float64)
    sd = np.ones(len(theta))
    value, gradient, hessian = _local(target, theta, sd)
    if not np.isfinite(value):
        raise NoModeError("the log posterior cannot be computed at any reasonable starting point")
    for _ in range(_ROUNDS):
        target.check()
        if not (np.isfinite(gradient).all() and np.isfinite(hessian).all()):
            raise NoModeError("the slope of the log posterior cannot be computed near its top")
        # In units of about one standard deviation, so that a mean known to twelve digits hides no shape known to one.
        sd = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(hessian)), _LEAST_CURVED))
        sizes, axes = np.linalg.eigh(-hessian * np.outer(sd, sd))
        along = axes.T @ (sd * gradient)
        step = axes @ (along / np.maximum(np.abs(sizes), 1e-8 * max(1.0, float(np.abs(sizes).max(initial=0.0)))))
        step *= sd
        if float(gradient @ step) < _TOLERANCE:
            return _mode(theta, value, sizes, axes, sd)
        step *= min(1.0, _LONGEST / max(float(np.linalg.norm(step)), 1e-300))
        ahead = _local(target, theta + step, sd)
        if not ahead[0] > value:
            tried = theta + _HALVINGS[:, None] * step
            values = target(tried)
            values = np.where(np.isfinite(values), values, -np.inf)
            best = int(np.argmax(values))
            if not values[best] > value:
                # Rounding hides what is left to climb; far from the top it is a failure.
                if float(gradient @ step) < 1e-2:
                    return _mode(theta, value, sizes, axes, sd)
                raise NoModeError("the search for the top of the log posterior got stuck")
            step = tried[best] - theta
            ahead = _local(target, tried[best], sd)
        theta = theta + step
        value, gradient, hessian = ahead
    raise NoModeError(f"the search for the top of the log posterior did not end in {_ROUNDS} steps")


def _mode(theta: FloatArray, value: float, sizes: FloatArray, axes: FloatArray, sd: FloatArray) -> Mode:
    if sizes.size and not sizes[0] > 1e-10 * sizes[-1]:
        raise NoModeError("the log posterior is flat or has a saddle where the search ended")
    covariance = (axes / sizes) @ axes.T
    return Mode(theta, value, sd[:, None] * np.linalg.cholesky(0.5 * (covariance + covariance.T)))


def _local(target: Target, theta: FloatArray, sd: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Return value, gradient and Hessian at one point; the value is -inf where it is not a number.

    ``sd`` (D,) is about the posterior's standard deviation of each coordinate: differences
    are small beside it.
    """
    d = len(theta)
    shift = np.diag(_DIFFERENCE * np.minimum(1.0, 100.0 * sd))
    above, below = theta + shift, theta - shift
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        values, gradients = target.gradient(np.concatenate([theta[None], above, below]))
        hessian = (gradients[1 : 1 + d] - gradients[1 + d :]) / np.diag(above - below)[:, None]
    value = float(values[0]) if np.isfinite(values[0]) else -np.inf
    return value, gradients[0], 0.5 * (hessian + hessian.T)


# -- where to begin ---------------------------------------------------------------------


def _few_rows(target: Target) -> Target:
    """Return the target itself, or one with evenly spaced distinct rows that stand for all."""
    n = len(target.y)
    if n <= SEARCHED_ROWS:
        return target
    rows: NDArray[np.intp] = np.random.default_rng(n).choice(n, SEARCHED_ROWS, replace=False)
    rows.sort()
    return target.thinned(rows, float(target.weights.sum() / target.weights[rows].sum()))


def _starts(target: Target) -> list[FloatArray]:
    """Return where to climb from: the best of a few dozen draws of the prior around what the data suggest.

    For a family that can have several modes one more start for each auxiliary parameter:
    the best on the other side of that parameter's median.
    """
    model = target.model
    family = get_family(model.family)
    draws = dict(prior_draws(model, _CANDIDATES, np.random.default_rng(0)))
    if isinstance(family, LinearFamily) and "intercept" in draws and draws["intercept"].ndim == 1:
        guess = _predictor_of_mean(family, target)
        if guess is not None:
            draws["intercept"] = np.full(_CANDIDATES, guess)
    theta = target.starts(draws)
    theta = theta[np.isfinite(theta).all(axis=1)]
    if not len(theta):
        raise NoModeError("the prior gives no starting point")
    values = target(theta)
    values = np.where(np.isfinite(values), values, -np.inf)
    best = int(np.argmax(values))
    starts = [theta[best]]
    if family.several_modes and isinstance(family, LinearFamily):
        first = 1 + model.coefficients
        for column in range(first, first + len(family.auxiliaries)):
            side = theta[:, column] > np.median(theta[:, column])
            other = np.where(side != side[best], values, -np.inf)
            if np.isfinite(other).any():
                starts.append(theta[int(np.argmax(other))])
    return starts


def _predictor_of_mean(family: LinearFamily, target: Target) -> float | None:
    """Return the linear predictor of the mean of y; None where the family's link says nothing of it."""
    total = float(target.weights.sum())
    if not total > 0:
        return None
    return family.predictor_of_mean(float(target.y @ target.weights) / total, total, target.model.link)
