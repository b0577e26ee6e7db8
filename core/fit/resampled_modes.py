"""The log evidence of a sampled block on resampled data sets: Laplace's approximation at each one's own mode.

A resampled data set moves the posterior by about one standard deviation in every direction, more where the model
is wrong. Re-weighting the draws of the posterior to it leaves a handful of effective ones (4,000 draws, 4 to 7
parameters: errors of 0.1 to 0.7 in the log evidence, at worst 2). What changes little is the shape. So the
evidence is the block's own plus the difference of two Laplace approximations, each at its own mode, with the
same errors to first order: 0.01 beside refits, and 0.1 for StudentT and SkewNormal (``tests/fit/test_resampled.py``).

All data sets are worked on at once. In units of the posterior's standard deviations, one set of points around
its mode gives slope and curvature of every weighted log posterior by differences, since these are linear in the
weights. A Newton step of each, a second look there, in the axes that its curvature has made round: value,
slope and the curvature along each axis.

Over very many rows only the first look is made: by then the posterior is so near to normal that nothing is gained.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.families.base import FloatArray
from core.fit.laplace import NoModeError, climb
from core.fit.resamples import Resamples
from core.fit.result import BlockFit
from core.fit.rows import entering
from core.fit.scaled import conditional
from core.fit.target import Target
from core.model.design import BlockData
from core.model.spec import NodeModel

__all__ = ["sampled_evidences"]

_STEP = 0.02  # of a difference, in standard deviations
_ROUNDS = 6
_NEAR = 0.1  # log density between a point and its mode at which the search ends
_LEAST_CURVED = 0.02  # beside the posterior's own curvature
_LOOKS = 20_000_000  # data sets x rows x points above which one look has to do
_PAIRS = 50_000_000  # rows x points above which the posterior's own curvature has to do
_FEW_DISTINCT = 40_000
_CELLS = 100_000  # larger arrays go back to the system each time


def sampled_evidences(model: NodeModel, data: BlockData, fit: BlockFit, resamples: Resamples) -> FloatArray:
    """Return the log evidence on each data set, shape (B,); see :func:`core.fit.resampled.resampled_evidence`."""
    used = data.used
    rows = entering(data)
    target = Target.of(model, rows)
    if model.taus:  # which a resampled data set moves little: they stay where the posterior has its middle
        target = conditional(target, np.median(fit.draws["tau"], axis=0))
    jacobian = resamples.sums(data.log_jacobian) - float(rows.log_jacobian.sum())
    centre, axes = _centre(target, fit)
    look = _Weighted(target, used, resamples)
    points = (1 + 2 * len(centre)) * len(target.y)
    if look.weights is None or points * (resamples.count + 1) > _LOOKS:
        first = look.first(centre, axes)
        found = first.value + 0.5 * np.einsum("bi,bi->b", first.slope, first.step) - first.log_root
    else:
        found = _at_modes(look, look.first(centre, axes), centre, axes)
    change: FloatArray = found[:-1] - found[-1]
    return fit.log_evidence + change + jacobian


def _centre(target: Target, fit: BlockFit) -> tuple[FloatArray, FloatArray]:
    """Return the mode of the posterior, (D,), and its standard deviations along some axes, the columns of (D, D)."""
    theta = target.unconstrain(fit.draws)
    theta = theta[np.isfinite(theta).all(axis=1)]
    mean = theta.mean(axis=0)
    try:
        mode = climb(target, mean)
        return mode.theta, mode.root
    except NoModeError:
        sizes, directions = np.linalg.eigh(np.atleast_2d(np.cov(theta.T)))
        return mean, directions * np.sqrt(np.maximum(sizes, 1e-300))


class _First:
    """What the look around the posterior's mode finds for each data set.

    ``value`` (B,), ``slope`` (B, D), ``root`` (B, D, D) with ``root root' = curvature^-1``, ``log_root`` (B,) half
    the log determinant of the curvature; ``step`` (B, D) leads to the mode.
    """

    def __init__(self, value: FloatArray, slope: FloatArray, curvature: FloatArray) -> None:
        self.value, self.slope = value, slope
        # A data set whose curvature is lost in some direction is taken to have a little there.
        sizes, directions = np.linalg.eigh(curvature)
        sizes = np.maximum(sizes, _LEAST_CURVED)
        self.root = directions / np.sqrt(sizes)[:, None, :]
        self.log_root = 0.5 * np.log(sizes).sum(axis=1)
        self.step = np.einsum("bij,bkj,bk->bi", self.root, self.root, slope)


class _Weighted:
    """A target under the weights of each resampled data set, and, last, under its own.

    ``weights`` (B + 1, U) are those of the distinct rows; None where that would be too many numbers.
    """

    def __init__(self, target: Target, used: NDArray[np.bool_], resamples: Resamples) -> None:
        self.target, self.resamples = target, resamples
        self.weights: FloatArray | None = None
        self._groups = resamples.group_of[used] if resamples.grouped else None
        if len(target.y) <= _FEW_DISTINCT:
            place = np.zeros(len(used), dtype=np.intp)
            place[used] = target.place
            _, tallies = resamples.tallies(place, used)
            self.weights = np.vstack([tallies, target.weights])

    def _values(self, theta: FloatArray) -> FloatArray:
        """Return every weighted log posterior at points (P, D): shape (P, B + 1)."""
        target = self.target
        draws = target.constrain(theta)

        def work(rows: slice) -> FloatArray:
            assert self.weights is not None
            found: FloatArray = target.log_likelihood(draws, rows) @ self.weights[:, rows].T
            return found

        likelihood = target.add_rows(len(theta), work) if self.weights is not None else self._by_group(theta)
        found: FloatArray = likelihood + target.log_prior(theta)[:, None]
        return found

    def _by_group(self, theta: FloatArray) -> FloatArray:
        """Return the weighted log likelihoods by way of the groups' sums: one pass over the rows a point."""
        target, resamples = self.target, self.resamples
        assert self._groups is not None
        found = np.empty((len(theta), resamples.count + 1))
        for at, point in enumerate(theta):
            draws = target.constrain(point[None])
            logs = np.concatenate([target.log_likelihood(draws, rows)[0] for rows in target.chunks(1)])
            sums = np.bincount(self._groups, logs[target.place], minlength=resamples.groups)
            found[at, :-1], found[at, -1] = resamples.weights @ sums, sums.sum()
        return found

    def first(self, centre: FloatArray, axes: FloatArray) -> _First:
        """Look around ``centre`` (D,) along the columns of ``axes`` (D, D)."""
        d = len(centre)
        i, j = np.triu_indices(d, 1)
        alone = np.eye(d)
        if (1 + 2 * d + 2 * len(i)) * len(self.target.y) > _PAIRS:
            i, j = i[:0], j[:0]
        both = alone[i] + alone[j]
        at = _STEP * np.concatenate([np.zeros((1, d)), alone, -alone, both, -both])
        values = self._values(centre + at @ axes.T)
        here, up, down = values[0], values[1 : 1 + d], values[1 + d : 1 + 2 * d]
        pairs = values[1 + 2 * d :].reshape(2, len(i), values.shape[1]).sum(axis=0)
        curvature = np.tile(alone, (values.shape[1], 1, 1))
        if len(i) == d * (d - 1) // 2:
            own = (2.0 * here - up - down) / _STEP**2
            curvature[:, range(d), range(d)] = own.T
            cross = (up[i] + down[i] + up[j] + down[j] - 2.0 * here - pairs) / (2.0 * _STEP**2)
            curvature[:, i, j] = curvature[:, j, i] = cross.T
        return _First(here, ((up - down) / (2.0 * _STEP)).T, curvature)

    def second(self, some: NDArray[np.intp], theta: FloatArray, axes: FloatArray) -> tuple[FloatArray, ...]:
        """Look at each data set of ``some`` at its own point (b, D), along its own axes, the columns of (b, D, D).

        Returns
        -------
        value : array, shape (b,)
        slope, curvature : array, shape (b, D)
            Along each axis.
        """
        assert self.weights is not None
        d = theta.shape[1]
        shifts = _STEP * axes.transpose(0, 2, 1)
        points = np.concatenate([theta[:, None], theta[:, None] + shifts, theta[:, None] - shifts], axis=1)
        values = np.empty((len(some), 1 + 2 * d))
        step = max(1, _CELLS // ((1 + 2 * d) * max(1, len(self.target.y))))
        for start in range(0, len(some), step):
            few = slice(start, start + step)
            flat = points[few].reshape(-1, d)
            logs = self.target.log_likelihood(self.target.constrain(flat), slice(None))
            logs = logs.reshape(-1, 1 + 2 * d, len(self.target.y))
            values[few] = np.matmul(logs, self.weights[some[few]][..., None])[..., 0]
            values[few] += self.target.log_prior(flat).reshape(-1, 1 + 2 * d)
        here, up, down = values[:, :1], values[:, 1 : 1 + d], values[:, 1 + d :]
        return here[:, 0], (up - down) / (2.0 * _STEP), (2.0 * here - up - down) / _STEP**2


def _at_modes(look: _Weighted, first: _First, centre: FloatArray, axes: FloatArray) -> FloatArray:
    """Return Laplace's approximation at the mode of each weighted posterior, but for a constant: shape (B + 1,)."""
    own = axes @ first.root  # (B + 1, D, D): axes in which the curvature at the centre is the identity
    theta = centre + first.step @ axes.T
    found = np.full(len(theta), np.nan)
    open_ = np.arange(len(theta))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for _ in range(_ROUNDS):
            value, slope, curvature = look.second(open_, theta[open_], own[open_])
            curved = np.maximum(curvature, _LEAST_CURVED)
            ahead = 0.5 * (slope**2 / curved).sum(axis=1)
            laplace = value + ahead - first.log_root[open_] - 0.5 * np.log(curved).sum(axis=1)
            done = ahead < _NEAR
            found[open_[done]] = laplace[done]
            theta[open_] += np.einsum("bij,bj->bi", own[open_], slope / curved)
            open_ = open_[~done]
            if not len(open_):
                return found
    size = float(np.linalg.slogdet(axes)[1]) + 0.5 * len(centre) * np.log(2.0 * np.pi)
    for number in open_:  # far from normal: one climb each
        found[number] = _climbed(look, int(number), centre) - size
    return found


def _climbed(look: _Weighted, number: int, start: FloatArray) -> float:
    assert look.weights is not None
    try:
        mode = climb(replace(look.target, weights=look.weights[number]), start)
    except NoModeError:
        return float("nan")
    return mode.log_mass
