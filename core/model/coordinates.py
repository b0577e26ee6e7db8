"""Slopes that are not free, on an unconstrained space: those of one sign, and those that share a height and a shape.

A family knows intercept and slopes, one a design column. What is fitted here are its *free* coefficients
(``NodeModel.coefficients``) and the shapes' quantities. The vector ``theta`` holds the family's coordinates of the free
coefficients, in which a slope of one sign stands as the logarithm of its size, and then those of the shapes
(:class:`core.forms.shape.Shape`). :meth:`Coordinates.whole` turns it into the family's own vector, and
:meth:`Coordinates.pulled_back` a gradient the other way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.families import Draws, get_family
from core.families.base import Family
from core.forms.shape import KEPT, Priors, Shape
from core.forms.term import Term
from core.model.spec import NodeModel

__all__ = ["Coordinates", "coordinates_of", "prior_draws", "spread_slopes"]

FloatArray = NDArray[np.float64]

_FARTHEST = 300.0  # of a logarithm: its square is still a number
_SMALL = 0.1  # of a prior's spread: where the search for a mode begins for a slope of one sign


@dataclass(frozen=True)
class _Place:
    """Where one shaped term stands: its coefficient, its columns, its coordinates."""

    term: Term
    shape: Shape
    priors: Priors
    coefficient: int
    columns: slice
    coordinates: slice


@dataclass(frozen=True, eq=False)
class Coordinates:
    """The coordinates of one node; made by :func:`coordinates_of`.

    Shapes: S draws, D coordinates, c free coefficients, p design columns.
    """

    model: NodeModel
    family: Family
    signs: NDArray[np.intp]
    places: tuple[_Place, ...]
    own: int

    @property
    def dimension(self) -> int:
        """D: the family's of the free coefficients, then the shapes'."""
        return self.own + sum(place.coordinates.stop - place.coordinates.start for place in self.places)

    @property
    def first(self) -> int:
        """Where the slopes begin in the family's vector."""
        return self.family.first_slope(self.model.levels)

    @property
    def _signed(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.signs)

    def free(self, theta: FloatArray) -> FloatArray:
        """Return the family's vector of the free coefficients, shape (S, own)."""
        found = theta[:, : self.own].copy()
        at = self.first + self._signed
        found[:, at] = self.signs[self._signed] * np.exp(np.clip(found[:, at], -_FARTHEST, _FARTHEST))
        return found

    def whole(self, theta: FloatArray) -> FloatArray:
        """Return the family's vector with one slope a design column."""
        free = self.free(theta)
        if not self.places:
            return free
        start, end = self.first, self.first + self.model.coefficients
        quantities = [place.shape.at(place.priors, theta[:, place.coordinates]) for place in self.places]
        slopes = _spread(self, free[:, start:end], quantities)["slopes"]
        return np.concatenate([free[:, :start], slopes, free[:, end:]], axis=1)

    def pulled_back(self, theta: FloatArray, by_whole: FloatArray, by_free: FloatArray) -> FloatArray:
        """Return the gradient by ``theta``, (S, D), from the rows' by :meth:`whole` and the prior's by :meth:`free`."""
        free, start, model = self.free(theta), self.first, self.model
        found = np.zeros_like(theta)
        slopes = by_whole[:, start : start + model.columns]
        own = np.zeros((len(theta), model.coefficients))
        shaped = np.zeros(model.columns, dtype=bool)
        for place in self.places:
            z, curve = theta[:, place.coordinates], place.term.curve
            shaped[place.columns] = True
            weights = place.shape.weights(np, place.shape.at(place.priors, z), curve)
            own[:, place.coefficient] = (slopes[:, place.columns] * weights).sum(axis=1)
            turned = np.einsum(
                "sm,smd->sd", slopes[:, place.columns], place.shape.weights_gradient(place.priors, z, curve)
            )
            found[:, place.coordinates] = free[:, start + place.coefficient, None] * turned
        plain = np.flatnonzero(~shaped)
        own[:, np.array(model.column_coefficients, dtype=np.intp)[plain]] = slopes[:, plain]
        found[:, :start] = by_whole[:, :start]
        found[:, start : start + model.coefficients] = own
        found[:, start + model.coefficients : self.own] = by_whole[:, start + model.columns :]
        found[:, : self.own] += by_free
        at = start + self._signed
        found[:, at] *= free[:, at]
        return found

    def draws(self, theta: FloatArray) -> Draws:
        """Return the family's parameters, and beside them the shapes' quantities that the slopes do not give back."""
        model = self.model
        found = dict(self.family.constrain(self.whole(theta), model.columns, model.levels))
        kept = [place.shape.at(place.priors, theta[:, place.coordinates]) for place in self.places if place.shape.kept]
        return found if not kept else {**found, KEPT: np.column_stack(kept)}

    def theta(self, draws: Draws) -> FloatArray:
        """Return the coordinates (S, D) of some draws; inverse of :meth:`draws`."""
        slopes, at = draws["slopes"], np.array(self.model.column_coefficients, dtype=np.intp)
        free = np.empty((len(slopes), self.model.coefficients))
        free[:, at] = slopes
        shapes, kept = [], 0
        for place in self.places:
            columns = slopes[:, place.columns]
            free[:, place.coefficient] = place.shape.height(columns)
            if place.shape.kept:
                quantity = draws[KEPT][:, kept : kept + len(place.shape.quantities)]
                kept += len(place.shape.quantities)
            else:
                quantity = place.shape.from_slopes(columns)
            shapes.append(place.shape.coordinates(place.priors, quantity))
        found = self.family.unconstrain({**draws, "slopes": free})
        signed = self.first + self._signed
        found[:, signed] = np.log(np.maximum(np.abs(found[:, signed]), np.exp(-_FARTHEST)))
        return np.concatenate([found, *shapes], axis=1)

    def log_prior(self, theta: FloatArray, model: NodeModel) -> tuple[FloatArray, FloatArray]:
        """Return the log prior (S,), and the gradient of it by the family's vector of the free coefficients, (S, own).

        ``model`` is this node with priors of its own scale. What the prior adds through the coordinates themselves is
        :meth:`log_jacobian`.
        """
        from scipy.special import log_ndtr

        free, priors = self.free(theta), dict(model.priors)
        c, k = model.coefficients, model.levels
        value = self.family.log_prior(free, priors, c, k)
        slope = self.family.log_prior_gradient(free, priors, c, k)
        for j in self._signed:
            numbers = dict(priors[f"slopes[{j}]"].parameters)
            relative = numbers.get("relative", 0.0)
            unit = np.exp(0.5 * relative * free[:, self.first + c]) if relative else np.ones(len(theta))
            ratio = self.signs[j] * numbers["mu"] / (numbers["sigma"] * unit)
            value = value - log_ndtr(ratio)  # the prior has this much of its mass on the right side
            if relative and numbers["mu"]:
                density = np.exp(-0.5 * ratio**2 - log_ndtr(ratio)) / np.sqrt(2 * np.pi)
                slope[:, self.first + c] += 0.5 * relative * ratio * density
        return value, slope

    def log_jacobian(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what the coordinates of signs and shapes add to the log prior, (S,), and its gradient, (S, D)."""
        value, slope = np.zeros(len(theta)), np.zeros_like(theta)
        at = self.first + self._signed
        value += theta[:, at].sum(axis=1)
        slope[:, at] = 1.0
        for place in self.places:
            more, steeper = place.shape.log_prior(place.priors, theta[:, place.coordinates])
            value += more
            slope[:, place.coordinates] = steeper
        return value, slope

    def level(self, theta: FloatArray) -> FloatArray:
        """Return the same with slopes of nothing, or small ones of their sign, and shapes in their prior's middle."""
        found = theta.copy()
        found[:, self.first : self.first + self.model.coefficients] = 0.0
        for j in self._signed:
            found[:, self.first + j] = np.log(_SMALL * self.model.prior[f"slopes[{j}]"]["sigma"])
        found[:, self.own :] = 0.0
        return found


def coordinates_of(model: NodeModel) -> Coordinates | None:
    """Return a node's coordinates; None where all its slopes are free, whose coordinates are the family's."""
    if get_family(model.family).form == "cells" or not (model.signs or model.shaped):
        return None
    family = get_family(model.family)
    own = family.dimension(model.coefficients, model.levels)
    places: list[_Place] = []
    column = coefficient = 0
    end = own
    for term in model.terms:
        if term.shape is not None:
            size, priors = term.shape.size(term.columns), model.priors_of_shape(len(places))
            columns, coordinates = slice(column, column + term.columns), slice(end, end + size)
            places.append(_Place(term, term.shape, priors, coefficient, columns, coordinates))
            end += size
        column, coefficient = column + term.columns, coefficient + term.coefficients
    signs = np.array(model.signs or (0,) * model.coefficients, dtype=np.intp)
    return Coordinates(model, family, signs, tuple(places), own)


def prior_draws(model: NodeModel, draws: int, rng: np.random.Generator) -> Draws:
    """Draw a node's parameters from their prior, those that taus scale before they are scaled."""
    family = get_family(model.family)
    found = dict(family.sample_prior(model.prior, model.coefficients, model.levels, draws, rng))
    its = coordinates_of(model)
    if its is None:
        return found
    for j in np.flatnonzero(its.signs):
        numbers = dict(model.prior[f"slopes[{j}]"].parameters)
        sd = numbers["sigma"] * (found["sigma"] if numbers.get("relative") else np.ones(draws))
        found["slopes"][:, j] = its.signs[j] * _above_nothing(its.signs[j] * numbers["mu"], sd, rng)
    drawn = [place.shape.draw(place.priors, place.term.columns, draws, rng) for place in its.places]
    return {**found, **_spread(its, found["slopes"], drawn)}


def spread_slopes(model: NodeModel, free: FloatArray, variable: Callable[[Shape, int], Any]) -> Draws:
    """Return slopes (S, p), and the quantities kept with them, from free ones (S, c) and each shape's variables."""
    its = coordinates_of(model)
    assert its is not None  # only a model with shapes comes here
    quantities = [
        place.shape.from_variable(place.priors, variable(place.shape, i)) for i, place in enumerate(its.places)
    ]
    return _spread(its, free, quantities)


def _spread(its: Coordinates, free: FloatArray, quantities: Sequence[FloatArray]) -> dict[str, FloatArray]:
    slopes = free[:, list(its.model.column_coefficients)]
    for place, quantity in zip(its.places, quantities, strict=True):
        slopes[:, place.columns] *= place.shape.weights(np, quantity, place.term.curve)
    kept = [one for place, one in zip(its.places, quantities, strict=True) if place.shape.kept]
    return {"slopes": slopes} | ({KEPT: np.column_stack(kept)} if kept else {})


def _above_nothing(mu: float, sd: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw from Normal(mu, sd) above 0, by its quantiles."""
    from scipy.special import ndtr, ndtri

    below = ndtr(-mu / sd)
    share = np.clip(below + (1.0 - below) * rng.random(len(sd)), 1e-300, 1.0 - 1e-16)
    return np.maximum(mu + sd * ndtri(share), 1e-300)
