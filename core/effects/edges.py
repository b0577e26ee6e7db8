"""What each arrow carries, on the data's own scale first and standardised second.

A slope is reported in units of the child on its link's scale per unit of the parent on its
working scale: sales per advertising spend, log-odds per year, log of income per log of price.
Arrows from or into a category have one number a contrast. In a table an arrow's number is
the change of the child's probability when the parent's level changes, averaged over rows
with the other parents as observed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from core.effects.total import AS_OBSERVED, ONE_MORE, Contrast, contrasts_of, summary
from core.families import get_family
from core.families.base import Draws
from core.model.design import design_matrix
from core.model.spec import ModelSpec, NodeModel, Term

__all__ = ["EdgeSummary", "edge_summaries", "edges_into"]

FloatArray = NDArray[np.float64]

_TABLE_DRAWS = 1_000
TWICE = "twice as much"
TWICE_ONE_PLUS = "twice as many and one more"  # of a count: 1 + y doubles
#: What the parent becomes in a step of its working scale, in words, and how long the step is there.
_STEPS = {"identity": (ONE_MORE, 1.0), "log": (TWICE, log(2.0)), "log1p": (TWICE_ONE_PLUS, log(2.0))}


@dataclass(frozen=True, eq=False)
class EdgeSummary:
    """One arrow; the contract's fields, and ``strength``.

    ``strength`` is the posterior mean of the standard deviation over rows of what the arrow
    contributes, on the child's standardised (or link) scale: for a continuous parent the
    size of the standardised slope. It gives arrows of every kind one measure of width.
    All numbers are None where they are held back.
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

    def to_dict(self) -> dict[str, object]:
        """Return the contract's record; ``contrasts`` only where there are any."""
        names = ("source", "target", "mean", "sd", "q05", "q95", "standardized_mean", "probability_positive")
        record: dict[str, object] = {name: getattr(self, name) for name in (*names, "strength")}
        return record | {"contrasts": None if self.contrasts is None else [c.to_dict() for c in self.contrasts]}

    def held_back(self) -> "EdgeSummary":
        """Return the arrow without its numbers, for a child that failed a gate."""
        return EdgeSummary(self.source, self.target, *[None] * 7)


def edge_summaries(
    spec: ModelSpec, parameters: Mapping[str, Draws], raw: Mapping[str, FloatArray]
) -> tuple[EdgeSummary, ...]:
    """Summarise every arrow of a fitted hypothesis, child by child.

    Parameters
    ----------
    spec : ModelSpec
    parameters : mapping of str to draws
    raw : mapping of str to array, shape (N,)
        Complete rows.
    """
    return tuple(edge for model in spec.nodes for edge in edges_into(spec, model, parameters[model.node], raw))


def edges_into(
    spec: ModelSpec, model: NodeModel, draws: Draws, raw: Mapping[str, FloatArray]
) -> tuple[EdgeSummary, ...]:
    """Summarise the arrows into one node, given its own draws."""
    if get_family(model.family).form == "cells":
        return tuple(_of_table(spec, model, term, draws, raw) for term in model.terms)
    found, start = [], 0
    for term in model.terms:
        found.append(_of_slopes(spec, model, term, draws["slopes"][:, start : start + term.columns], raw))
        start += term.columns
    return tuple(found)


def _of_slopes(
    spec: ModelSpec, model: NodeModel, term: Term, slopes: FloatArray, raw: Mapping[str, FloatArray]
) -> EdgeSummary:
    spread = _spread(term, raw[term.parent])  # covariance of the term's design columns
    unit = model.response.scale
    if slopes.ndim == 3:  # a category: slopes (S, width, K)
        size = np.sqrt(np.einsum("saj,ab,sbj->sj", slopes, spread, slopes)).mean()
        return _with_contrasts(model, term, _softmax_contrasts(spec, model, term, slopes, raw), float(size))
    size = np.sqrt(np.maximum(np.einsum("sa,ab,sb->s", slopes, spread, slopes), 0.0))
    if term.columns > 1:
        parent = spec.node(term.parent)
        contrasts = []
        for low, high in _pairs(parent, raw):
            change = np.asarray(term.basis[high]) - np.asarray(term.basis[low])
            contrasts.append(_contrast(term.levels[low], term.levels[high], unit * (slopes @ change), None))
        return _with_contrasts(model, term, tuple(contrasts), float(size.mean()))
    # A continuous parent is standardised in the design; a binary one is 0/1 there.
    own = slopes[:, 0] * unit / (1.0 if term.levels else term.scale)
    standardized = slopes[:, 0] * (np.sqrt(spread[0, 0]) if term.levels else 1.0)
    return EdgeSummary(
        term.parent,
        model.node,
        **summary(own),
        standardized_mean=float(standardized.mean()),
        probability_positive=float(np.mean(own > 0)),
        strength=float(size.mean()),
    )


def _pairs(parent: NodeModel, raw: Mapping[str, FloatArray]) -> list[tuple[int, int]]:
    return [(int(pair[0]), int(pair[1])) for pair in contrasts_of(parent, raw[parent.node]) if pair is not None]


def _spread(term: Term, values: FloatArray) -> FloatArray:
    if not term.levels:
        return np.eye(1)
    design = np.asarray(term.basis)[values.astype(np.intp)]
    return np.atleast_2d(np.cov(design, rowvar=False)) if len(values) > 1 else np.zeros((term.columns, term.columns))


def _softmax_contrasts(
    spec: ModelSpec, model: NodeModel, term: Term, slopes: FloatArray, raw: Mapping[str, FloatArray]
) -> tuple[Contrast, ...]:
    """Log-odds of each level against the child's commonest, per contrast, unit or doubling of the parent."""
    levels = model.response.levels
    base = int(np.argmax(np.bincount(raw[model.node].astype(np.intp), minlength=len(levels))))
    if term.levels:
        changes = [
            (term.levels[low], term.levels[high], np.asarray(term.basis[high]) - np.asarray(term.basis[low]))
            for low, high in _pairs(spec.node(term.parent), raw)
        ]
    else:
        said, step = _STEPS[term.transform]
        changes = [(AS_OBSERVED, said, np.array([step / term.scale]))]
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
