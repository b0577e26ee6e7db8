"""A block's log density in numpy, over its distinct rows.

Rows that repeat are computed once (:func:`core.model.block_model.distinct_rows`).
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.families.base import Draws
from core.families.priors import scale_priors
from core.fit.result import FitCancelledError
from core.hypothesis import Prior
from core.model.block_model import distinct_rows
from core.model.coordinates import Coordinates, coordinates_of
from core.model.design import BlockData
from core.model.scaling import scaled_slopes, taus_at, taus_log_prior, unscaled
from core.model.spec import NodeModel

__all__ = ["Target", "sweep_factors"]

FloatArray = NDArray[np.float64]

_CELLS = 100_000  # draws x rows worked on at once: larger arrays go back to the system each time (three times slower)


_GROUPS = 64  # partial sums over chunks


@dataclass(frozen=True, eq=False)
class Target:
    """Prior and likelihood of a block, on the family's scale.

    Parameters
    ----------
    model : NodeModel
    y, x : array, shapes (U,) and (U, p)
        The distinct rows.
    weights : array, shape (U,)
        How often each occurs.
    place : array of int, shape (N,)
        Which distinct row each of the block's rows is.
    cancelled : callable, optional
        Asked before every chunk of rows; true raises :class:`FitCancelledError`.
    """

    model: NodeModel
    y: FloatArray
    x: FloatArray
    weights: FloatArray
    place: NDArray[np.intp]
    cancelled: Callable[[], bool] | None = None

    @classmethod
    def of(cls, model: NodeModel, data: BlockData, cancelled: Callable[[], bool] | None = None) -> "Target":
        """Gather the distinct rows of ``data``, those of a discrete node in the order of its values.

        Some densities are dearest in what the value alone decides, and have it once a
        distinct value of a chunk.
        """
        y, x, weights, place = distinct_rows(data.y, data.x)
        if get_family(model.family).discrete and len(y) > 1:
            order = np.argsort(y, kind="stable")
            rank = np.empty_like(order)
            rank[order] = np.arange(len(order))
            y, x, weights, place = y[order], x[order], weights[order], rank[place]
        return cls(model, y, x, weights, place, cancelled)

    @cached_property
    def taus(self) -> tuple[Prior, ...]:
        """The priors of the numbers that scale columns; empty where they are given (:mod:`core.fit.scaled`)."""
        return tuple(prior for name, prior in self.model.priors if name.startswith("tau["))

    @cached_property
    def coordinates(self) -> Coordinates | None:
        """Where slopes are not free (:mod:`core.model.coordinates`), their coordinates; else None."""
        return coordinates_of(self.model)

    @property
    def dimension(self) -> int:
        """How many unconstrained parameters there are, D: the family's, then a coordinate of each tau."""
        its = self.coordinates
        family = get_family(self.model.family)
        own = family.dimension(self.model.columns, self.model.levels) if its is None else its.dimension
        return own + len(self.taus)

    def constrain(self, theta: FloatArray) -> Draws:
        """Return the family's parameters at unconstrained ``theta``, shape (S, D).

        Of scaled columns ``theta`` has the slope over its tau, which is no narrower where tau is small.
        """
        own = theta[:, : theta.shape[1] - len(self.taus)]
        if self.coordinates is not None:
            found = self.coordinates.draws(own)
        else:
            found = get_family(self.model.family).constrain(own, self.model.columns, self.model.levels)
        return found if not self.taus else scaled_slopes(self.model, found, taus_at(self.taus, theta))

    def unconstrain(self, draws: Draws) -> FloatArray:
        """Return unconstrained vectors of some draws, shape (S, D).

        Where a tau is 0 its coordinate, and the slopes that it scales, are what their priors say: nothing
        else is known of them. They are drawn, always the same for the same number of draws.
        """
        own = get_family(self.model.family).unconstrain if self.coordinates is None else self.coordinates.theta
        if not self.taus:
            return own(draws)
        free, coordinates = unscaled(self.model, self.taus, draws)
        return np.column_stack([own(free), coordinates])

    def starts(self, draws: Draws) -> FloatArray:
        """Return where to look for a mode, shape (S, D): at these draws, with slopes of nothing, or nearly nothing."""
        if self.coordinates is not None:
            return self.coordinates.level(self.coordinates.theta(draws))
        slopes = {"slopes": np.zeros_like(draws["slopes"])} if "slopes" in draws else {}
        return self.unconstrain({**draws, **slopes})

    def without(self, row: int) -> "Target":
        """Return the target with one occurrence of a distinct row left out; its ``place`` is of no use."""
        if self.weights[row] > 1:
            weights = self.weights.copy()
            weights[row] -= 1.0
            return replace(self, weights=weights)
        keep = np.arange(len(self.y)) != row
        return replace(self, y=self.y[keep], x=self.x[keep], weights=self.weights[keep])

    def thinned(self, rows: NDArray[np.intp], factor: float) -> "Target":
        """Return some of the distinct rows, each counted ``factor`` times as often.

        It stands for the whole while a mode is looked for; its ``place`` is of no use.
        """
        return replace(self, y=self.y[rows], x=self.x[rows], weights=self.weights[rows] * factor, place=rows)

    def with_prior_scale(self, scale: float) -> "Target":
        """Return the target under ``scale`` times the prior's scale (docs/statistics.md, Scores)."""
        priors = scale_priors(self.model.family, self.model.priors, scale)
        return replace(self, model=replace(self.model, priors=priors))

    def check(self) -> None:
        """Raise FitCancelledError if nobody waits any more."""
        if self.cancelled is not None and self.cancelled():
            raise FitCancelledError(f"node {self.model.node}")

    def chunks(self, draws: int) -> Iterator[slice]:
        """Cut the distinct rows so that (draws, rows) arrays stay small."""
        n, step = len(self.y), max(1, _CELLS // draws)
        return (slice(start, min(n, start + step)) for start in range(0, n, step))

    def over_rows(self, draws: int, work: Callable[[slice], Any]) -> list[Any]:
        """Return ``work`` of every chunk in order, done in as many threads as there are cores.

        Numpy leaves the interpreter lock alone while it computes.
        """
        return self.side_by_side(work, list(self.chunks(draws)))

    def add_rows(self, draws: int, work: Callable[[slice], FloatArray]) -> FloatArray:
        """Return the sum of ``work`` over all chunks of rows, in memory that does not grow with their number.

        The order of the sums depends on the number of chunks alone, so that digits repeat.
        """
        chunks = list(self.chunks(draws))
        together = max(1, len(chunks) // _GROUPS)

        def part(some: list[slice]) -> FloatArray:
            total = work(some[0])
            for rows in some[1:]:
                self.check()
                total += work(rows)
            return total

        groups = [chunks[at : at + together] for at in range(0, len(chunks), together)]
        return np.asarray(sum(self.side_by_side(part, groups), np.zeros(1)))

    def side_by_side(self, work: Callable[[Any], Any], parts: Sequence[Any]) -> list[Any]:
        """Return ``work`` of every part in order, in threads; a cancelled target stops between two parts."""

        def step(part: Any) -> Any:
            self.check()
            return work(part)

        if len(parts) < 2:
            return [step(part) for part in parts]
        with ThreadPoolExecutor(min(len(parts), os.cpu_count() or 1)) as pool:
            return list(pool.map(step, parts))

    def log_likelihood(self, draws: Draws, rows: slice) -> FloatArray:
        """Return the log density of some distinct rows under each draw, shape (S, rows)."""
        return get_family(self.model.family).log_likelihood(draws, self.y[rows], self.x[rows], self.model.link)

    def log_prior(self, theta: FloatArray, scale: float = 1.0) -> FloatArray:
        """Return the log prior (S,) at unconstrained ``theta``, with ``scale`` times the prior scale."""
        model = self.model
        if scale != 1.0:
            model = replace(model, priors=scale_priors(model.family, model.priors, scale))
        own = theta[:, : theta.shape[1] - len(self.taus)]
        if self.coordinates is not None:
            found = self.coordinates.log_prior(own, model)[0] + self.coordinates.log_jacobian(own)[0]
        else:
            found = get_family(model.family).log_prior(own, dict(model.priors), model.columns, model.levels)
        return found if not self.taus else found + taus_log_prior(self.taus, theta)

    def __call__(self, theta: FloatArray) -> FloatArray:
        """Return the unnormalised log posterior (S,) at unconstrained ``theta``, shape (S, D)."""
        draws = self.constrain(theta)
        return self.log_prior(theta) + self.add_rows(
            len(theta), lambda rows: self.log_likelihood(draws, rows) @ self.weights[rows]
        )

    def gradient(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the unnormalised log posterior, shape (S,), and its gradient, (S, D), at ``theta``, (S, D)."""
        model = self.model
        family, priors, its = get_family(model.family), dict(model.priors), self.coordinates
        whole = theta if its is None else its.whole(theta)

        def part(rows: slice) -> tuple[FloatArray, FloatArray]:
            return family.log_likelihood_gradient(
                whole, self.y[rows], self.x[rows], self.weights[rows], model.link, model.levels
            )

        if its is not None:
            value, by_free = its.log_prior(theta, model)
            more, slope = its.log_jacobian(theta)
            value, by_whole = value + more, np.zeros_like(whole)
            for more, steeper in self.over_rows(len(theta), part):
                value, by_whole = value + more, by_whole + steeper
            return value, slope + its.pulled_back(theta, by_whole, by_free)
        value = family.log_prior(theta, priors, model.columns, model.levels)
        slope = family.log_prior_gradient(theta, priors, model.columns, model.levels)
        for more, steeper in self.over_rows(len(theta), part):
            value, slope = value + more, slope + steeper
        return value, slope


def sweep_factors(model: NodeModel) -> tuple[float, float, float]:
    """Return what multiplies the prior's scale in the sweep: half, one, two; a Table's equivalent sizes 1, 5, 10."""
    if get_family(model.family).closed_form != "table":
        return 0.5, 1.0, 2.0
    from core.fit.table import EQUIVALENT_SIZES  # scipy, for tables only

    size = model.prior["probabilities"]["equivalent_sample_size"]
    one, five, ten = (other / size for other in EQUIVALENT_SIZES)
    return one, five, ten
