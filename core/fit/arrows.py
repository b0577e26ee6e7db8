"""What each arrow carries, on the data's own scale first and standardised second.

A slope is reported in units of the child on its link's scale per unit of the parent on its
working scale: sales per advertising spend, log-odds per year, log of income per log of price.
Arrows from or into a category have one number a contrast. In a table an arrow's number is
the change of the child's probability when the parent's level changes, averaged over rows
with the other parents as observed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.families.base import Draws
from core.fit.posterior import AS_OBSERVED, ONE_MORE, Contrast, contrasts_of, summary
from core.forms.term import Term
from core.model.design import design_matrix
from core.model.spec import ModelSpec, NodeModel

__all__ = ["ArrowCurve", "EdgeSummary", "edges_into"]

FloatArray = NDArray[np.float64]

_TABLE_DRAWS = 1_000
_SHOWN, _POINTS = (0.01, 0.99), 41  # of a curve: between which hundredths of the rows, at how many values
_STEP = 1e-4  # of a standard deviation, for slopes of what is no straight line
_MOVED: Mapping[str, tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]] = {
    "identity": (np.asarray, np.asarray),
    "log": (np.exp, np.log),
    "log1p": (np.expm1, np.log1p),
}
"""From the working scale of a column back to the column, and there."""

TWICE = "twice as much"
TWICE_ONE_PLUS = "twice as many and one more"  # of a count: 1 + y doubles
#: What the parent becomes in a step of its working scale, in words, and how long the step is there.
_STEPS = {"identity": (ONE_MORE, 1.0), "log": (TWICE, log(2.0)), "log1p": (TWICE_ONE_PLUS, log(2.0))}


@dataclass(frozen=True, eq=False)
class ArrowCurve:
    """What an arrow adds to its child's predictor, at values of the parent on its own scale, each of shape (M,).

    On the child's standardised scale in units of the child (a link's scale where it has one), 0 on average
    over rows; a column by which the effect differs is as observed.
    """

    at: FloatArray
    mean: FloatArray
    q05: FloatArray
    q95: FloatArray

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        return {name: [float(value) for value in getattr(self, name)] for name in ("at", "mean", "q05", "q95")}


@dataclass(frozen=True, eq=False)
class EdgeSummary:
    """One arrow; the contract's fields, and ``strength``.

    ``strength`` is the posterior mean of the standard deviation over rows of what the arrow
    contributes, on the child's standardised (or link) scale: for a continuous parent the
    size of the standardised slope. It gives arrows of every kind one measure of width.
    All numbers are None where they are held back. Where the arrow is no straight line, ``mean`` is its
    slope averaged over rows, per unit of the parent's ``working_scale`` in this arrow (``"identity"``, ``"log"``,
    ``"log1p"``), ``curve`` what it adds to the child at some values of the parent, and
    ``bends`` the probability that it bends, where that was left open (form ``auto``).
    """

    source: str
    target: str
    mean: float | None
    sd: float | None
    q05: float | None
    q95: float | None
    standardized_mean: float | None
    probability_positive: float | None
    strength: float | None
    contrasts: tuple[Contrast, ...] | None = None
    form: str = "linear"
    by: str | None = None
    working_scale: str = "identity"
    bends: float | None = None
    curve: ArrowCurve | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the contract's record; ``contrasts`` only where there are any."""
        names = ("source", "target", "mean", "sd", "q05", "q95", "standardized_mean", "probability_positive")
        record: dict[str, object] = {
            name: getattr(self, name) for name in (*names, "strength", "form", "by", "working_scale", "bends")
        }
        record["curve"] = None if self.curve is None else self.curve.to_dict()
        return record | {"contrasts": None if self.contrasts is None else [c.to_dict() for c in self.contrasts]}

    def held_back(self) -> "EdgeSummary":
        """Return the arrow without its numbers, for a child that failed a gate."""
        nothing: dict[str, Any] = dict.fromkeys(
            ("mean", "sd", "q05", "q95", "standardized_mean", "probability_positive", "strength")
        )
        return replace(self, **nothing, contrasts=None, bends=None, curve=None)


def edges_into(
    spec: ModelSpec, model: NodeModel, draws: Draws, raw: Mapping[str, FloatArray]
) -> tuple[EdgeSummary, ...]:
    """Summarise the arrows into one node, given its own draws."""
    if get_family(model.family).form == "cells":
        return tuple(_of_table(spec, model, term, draws, raw) for term in model.terms)
    return tuple(
        _bent(model, term, draws, raw, _of_slopes(spec, model, term, _own(model, term, draws), raw))
        for term in model.terms
    )


def _own(model: NodeModel, term: Term, draws: Draws) -> FloatArray:
    return draws["slopes"][:, model.columns_of(term.parent)]


def _bent(model: NodeModel, term: Term, draws: Draws, raw: Mapping[str, FloatArray], edge: EdgeSummary) -> EdgeSummary:
    """Return the arrow with its form, and with its curve where it may have one."""
    by = None if term.by is None else term.by.parent
    step = "identity" if term.levels else term.transform  # between levels there is one step
    edge = replace(edge, form=term.form, by=by, working_scale=step)
    if term.form == "auto":
        edge = replace(edge, bends=float(np.mean(draws["tau"][:, model.tau_of(term.parent)] > 0)))
    slopes = _own(model, term, draws)
    if not (term.bent and term.curves) or term.levels or slopes.ndim == 3:
        return edge
    return replace(edge, curve=_curve(model, term, slopes, raw))


def _curve(model: NodeModel, term: Term, slopes: FloatArray, raw: Mapping[str, FloatArray]) -> ArrowCurve:
    observed = raw[term.parent]
    low, high = np.quantile(observed, _SHOWN)
    at = np.linspace(low, high, _POINTS)
    columns = np.array([_mean_columns(term, raw, value) for value in at]) - term.matrix(np, raw).mean(axis=0)
    added = model.response.scale * (slopes @ columns.T)
    q05, q95 = np.quantile(added, (0.05, 0.95), axis=0)
    return ArrowCurve(at, added.mean(axis=0), q05, q95)


def _of_slopes(
    spec: ModelSpec, model: NodeModel, term: Term, slopes: FloatArray, raw: Mapping[str, FloatArray]
) -> EdgeSummary:
    spread = _spread(term, raw)  # covariance of the term's design columns
    unit = model.response.scale
    if slopes.ndim == 3:  # a category: slopes (S, width, K)
        size = np.sqrt(np.einsum("saj,ab,sbj->sj", slopes, spread, slopes)).mean()
        return _with_contrasts(model, term, _softmax_contrasts(spec, model, term, slopes, raw), float(size))
    size = np.sqrt(np.maximum(np.einsum("sa,ab,sb->s", slopes, spread, slopes), 0.0))
    if term.is_group:  # it has as many levels as it has, none of them asked for by name
        return _with_contrasts(model, term, (), float(size.mean()))
    if term.levels and len(term.levels) > 2:
        contrasts = []
        for low, high in _pairs(spec.node(term.parent), raw):
            change = _between(term, low, high, raw)
            contrasts.append(_contrast(term.levels[low], term.levels[high], unit * (slopes @ change), None))
        return _with_contrasts(model, term, tuple(contrasts), float(size.mean()))
    # Of a continuous parent per unit of its working scale, averaged over rows where it is no straight line.
    change = _between(term, 0, 1, raw) if term.levels else _per_unit(term, raw)
    own = unit * (slopes @ change)
    sd = np.sqrt(spread[0, 0]) if term.levels else term.scale
    standardized = (slopes @ change) * sd
    return EdgeSummary(
        term.parent,
        model.node,
        **summary(own),
        standardized_mean=float(standardized.mean()),
        probability_positive=float(np.mean(own > 0)),
        strength=float(size.mean()),
    )


def _between(term: Term, low: int, high: int, raw: Mapping[str, FloatArray]) -> FloatArray:
    """Return by how much the columns differ between two levels, averaged over rows, shape (columns,)."""
    if term.is_straight:
        return np.asarray(term.basis[high]) - np.asarray(term.basis[low])
    at = [_mean_columns(term, raw, float(code)) for code in (high, low)]
    return at[0] - at[1]


def _mean_columns(term: Term, raw: Mapping[str, FloatArray], value: float) -> FloatArray:
    there = {**raw, **{name: np.full_like(raw[term.parent], value) for name in (term.parent, *term.earlier)}}
    return np.asarray(term.matrix(np, there).mean(axis=0))


def _per_unit(term: Term, raw: Mapping[str, FloatArray]) -> FloatArray:
    """Return the columns' slope per unit of the parent's working scale, averaged over rows, shape (columns,)."""
    if term.is_straight:
        return np.array([1.0 / term.scale])
    back, there = _MOVED[term.transform]
    step, own = _STEP * term.scale, (term.parent, *term.earlier)  # what carries over of it is moved too
    ends = [
        term.matrix(np, {**raw, **{name: back(there(raw[name]) + sign * step) for name in own}}).mean(axis=0)
        for sign in (1.0, -1.0)
    ]
    return np.asarray((ends[0] - ends[1]) / (2.0 * step))


def _pairs(parent: NodeModel, raw: Mapping[str, FloatArray]) -> list[tuple[int, int]]:
    return [(int(pair[0]), int(pair[1])) for pair in contrasts_of(parent, raw[parent.node]) if pair is not None]


def _spread(term: Term, raw: Mapping[str, FloatArray]) -> FloatArray:
    if term.is_straight and not term.levels:
        return np.eye(1)
    design = term.matrix(np, raw)
    return np.atleast_2d(np.cov(design, rowvar=False)) if len(design) > 1 else np.zeros((term.columns, term.columns))


def _softmax_contrasts(
    spec: ModelSpec, model: NodeModel, term: Term, slopes: FloatArray, raw: Mapping[str, FloatArray]
) -> tuple[Contrast, ...]:
    """Log-odds of each level against the child's commonest, per contrast, unit or doubling of the parent."""
    levels = model.response.levels
    base = int(np.argmax(np.bincount(raw[model.node].astype(np.intp), minlength=len(levels))))
    if term.levels:
        changes = [
            (term.levels[low], term.levels[high], _between(term, low, high, raw))
            for low, high in _pairs(spec.node(term.parent), raw)
        ]
    else:
        said, step = _STEPS[term.transform]
        changes = [(AS_OBSERVED, said, step * _per_unit(term, raw))]
    found = []
    for low, high, change in changes:
        moved = np.einsum("saj,a->sj", slopes, change)
        for code, level in enumerate(levels):
            if code != base:
                found.append(_contrast(low, high, moved[:, code] - moved[:, base], level))
    return tuple(found)


def _of_table(
    spec: ModelSpec, model: NodeModel, term: Term, draws: Draws, raw: Mapping[str, FloatArray]
) -> EdgeSummary:
    probabilities = draws["probabilities"]
    step = max(1, len(probabilities) // _TABLE_DRAWS)
    table = probabilities[::step]  # (S, C, K)
    parent = spec.node(term.parent)
    at_level = []
    for code in range(len(term.levels)):
        cells = design_matrix(model, {**raw, term.parent: np.full_like(raw[term.parent], float(code))})[:, 0]
        share = np.bincount(cells.astype(np.intp), minlength=table.shape[1]) / len(cells)
        at_level.append(np.einsum("sck,c->sk", table, share))
    levels = model.response.levels
    weights = np.bincount(raw[term.parent].astype(np.intp), minlength=len(term.levels)) / len(raw[term.parent])
    stacked = np.stack(at_level, axis=1)  # (S, parent's levels, K)
    centre = np.einsum("slk,l->sk", stacked, weights)[:, None]
    strength = float(np.sqrt(np.einsum("slk,l->sk", (stacked - centre) ** 2, weights)).max(axis=1).mean())
    if len(levels) == 2 and len(term.levels) == 2:
        change = at_level[1][:, 1] - at_level[0][:, 1]
        share = np.bincount(raw[model.node].astype(np.intp), minlength=2) / len(raw[model.node])
        sd_child = np.sqrt(max(share[0] * share[1], 1e-12))
        return EdgeSummary(
            term.parent,
            model.node,
            **summary(change),
            standardized_mean=float(change.mean() * np.sqrt(weights[0] * weights[1]) / sd_child),
            probability_positive=float(np.mean(change > 0)),
            strength=strength,
        )
    named = range(1, 2) if len(levels) == 2 else range(len(levels))
    contrasts = tuple(
        _contrast(term.levels[low], term.levels[high], at_level[high][:, k] - at_level[low][:, k], levels[k])
        for low, high in _pairs(parent, raw)
        for k in named
    )
    return _with_contrasts(model, term, contrasts, strength)


def _with_contrasts(model: NodeModel, term: Term, contrasts: tuple[Contrast, ...], strength: float) -> EdgeSummary:
    return EdgeSummary(term.parent, model.node, None, None, None, None, None, None, strength, contrasts)


def _contrast(low: str, high: str, draws: FloatArray, level: str | None) -> Contrast:
    return Contrast(low, high, level=level, **summary(draws))
