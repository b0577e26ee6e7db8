"""What a family leaves over of each row, at the posterior mean, on a scale where its form can be looked at.

Two residuals, each of mean 0 and variance 1 in every row if the family is right:

- ``location``: of a continuous family the Normal quantile of the row's own distribution function
  (Dunn & Smyth 1996), clipped at 3, so that a few odd rows cannot make a curve; of a discrete one the
  score of the linear predictor over the root of its information (Pearson's residual for canonical links).
- ``normal``: the Normal quantile, unclipped; of a count drawn at random inside its step, from a fixed stream.

The looks at location are score tests: columns B beyond the design X, made orthogonal in the metric of
the working weights w = E[(d log p / d eta)^2] to X and to whatever else was estimated with it. So what
the estimates lost to their prior, or to chance, plays no part (Rao 1948).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.check.looking import Room
from core.families import get_family
from core.families.base import Draws, FloatArray
from core.families.linear import LinearFamily
from core.families.special import expit
from core.forms.shape import KEPT
from core.model.design import design_matrix, response
from core.model.spec import NodeModel

__all__ = ["CLIP", "MOST_ROWS", "Leftover", "estimated", "leftovers", "plug_in"]

MOST_ROWS = 20_000
"""Over so many rows a fixed random part of them is looked at; over fewer where a node has very many causes."""

_CELLS, _LEAST_ROWS = 4_000_000, 4_000  # rows times columns of all looks
_BENDS = 16  # columns that a number takes, about

CLIP = 3.0
"""Residuals of continuous families are looked at as if none were further off, wherever odd rows are not asked about."""

_COUNT_CLIP, _FARTHEST = 5.0, 8.0
_NO_OVERDISPERSION = 1e-3  # under it a NegativeBinomial is a Poisson to the digits that matter


@dataclass(frozen=True, eq=False)
class Leftover:
    """What is left of one node, or of one level of a category.

    Parameters
    ----------
    model : NodeModel
    raw : mapping of str to array, shape (n,)
        The node and its parents, raw, over the rows that are looked at.
    x : array, shape (n, p)
        The design matrix.
    fit : array, shape (n,)
        The linear predictor.
    location, weight : array, shape (n,)
        See the module; ``weight`` is 1 for continuous families.
    nuisance : array, shape (n, q)
        What a look must be orthogonal to: 1, X, and columns for what else was estimated.
    normal : array, shape (n,), or None
        None for binary nodes and categories.
    mean, variance : array, shape (n,)
        Of counts, under the family.
    parameters : mapping of str to array
        Of the plug-in, each with a leading axis of length 1.
    """

    model: NodeModel
    raw: Mapping[str, FloatArray]
    x: FloatArray
    fit: FloatArray
    location: FloatArray
    weight: FloatArray
    nuisance: FloatArray
    normal: FloatArray | None = None
    mean: FloatArray = field(default_factory=lambda: np.empty(0))
    parameters: Draws = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows are looked at."""
        return len(self.fit)

    @cached_property
    def room(self) -> Room:
        """Where the looks at location are taken if all rows weigh the same."""
        return Room(self.location, self.nuisance, np.ones(self.rows))

    @property
    def y(self) -> FloatArray:
        """The node's raw column, shape (n,)."""
        return self.raw[self.model.node]


def plug_in(model: NodeModel, draws: Draws) -> Draws:
    """Return the parameters at the posterior mean of the family's unconstrained space, a leading axis of length 1."""
    family = get_family(model.family, model.node)
    theta = family.unconstrain(draws)
    theta = theta[np.isfinite(theta).all(axis=1)]
    return family.constrain(theta.mean(axis=0, keepdims=True), model.columns, model.levels)


def leftovers(
    model: NodeModel, draws: Draws, raw: Mapping[str, FloatArray], enters: NDArray[np.bool_] | None = None
) -> tuple[Leftover, ...]:
    """Return what a family leaves over: one entry, or one a level for a Categorical; none for a Table.

    A Table has a probability of its own for each configuration: nothing of its parents is left over.

    Parameters
    ----------
    model : NodeModel
    draws : mapping of str to array
        Posterior draws of the family's parameters.
    raw : mapping of str to array, shape (N,)
        Raw values of the node and its parents.
    enters : array of bool, shape (N,), optional
        False where the node was set by intervention.
    """
    kind = get_family(model.family).residual
    if not kind:
        return ()
    total = len(raw[model.node])
    rows = np.arange(total) if enters is None else np.flatnonzero(enters)
    most = _most_rows(model)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng([total, most]).choice(rows, most, replace=False))
    seen = {name: np.asarray(raw[name], dtype=np.float64)[rows] for name in (model.node, *model.inputs) if name in raw}
    x, y = design_matrix(model, seen, len(rows)), response(model, seen[model.node])
    at = plug_in(model, draws)
    if KEPT in draws:
        at = {**at, KEPT: draws[KEPT].mean(axis=0, keepdims=True)}
    with np.errstate(all="ignore"):
        if kind == "levels":
            found = _categorical(model, at, seen, x, y)
        elif kind == "order":
            found = (_ordered(model, at, seen, x, y),)
        else:
            found = (_linear(model, at, seen, x, y),)
    return tuple(one for one in found if np.isfinite(one.location).all() and np.isfinite(one.weight).all())


def estimated(model: NodeModel, at: Draws, x: FloatArray) -> FloatArray:
    """Return the design with what was estimated of each arrow alone: what carries over is three numbers, not 224.

    They are its height, half and carry: the columns are how the predictor moves with each of them.
    """
    if model.inputs == model.parents:
        return x
    parts, place, kept = [], 0, 0
    for term in model.terms:
        columns = x[:, model.columns_of(term.parent)]
        shape = term.shape
        if shape is not None:
            many = len(shape.quantities) if shape.kept else 0
            if term.earlier:
                priors, quantity = model.priors_of_shape(place), at[KEPT][:, kept : kept + many]
                turned = shape.weights_gradient(priors, shape.coordinates(priors, quantity), term.curve)[0]
                columns = columns @ np.column_stack([shape.weights(np, quantity, term.curve)[0], turned])
            place, kept = place + 1, kept + many
        parts.append(columns)
    return np.column_stack(parts)


def _most_rows(model: NodeModel) -> int:
    """Return how many rows are looked at: what keeps all columns of all looks within some tenths of a second."""
    numbers = sum(not term.levels for term in model.terms)
    products = sum(len(term.levels) * (model.columns - term.columns) for term in model.terms if term.levels)
    return min(MOST_ROWS, max(_LEAST_ROWS, _CELLS // max(_BENDS * numbers + products, 1)))


def _linear(model: NodeModel, at: Draws, raw: Mapping[str, FloatArray], x: FloatArray, y: FloatArray) -> Leftover:
    eta = at["intercept"][0] + x @ at["slopes"][0]
    design = np.column_stack([np.ones(len(y)), estimated(model, at, x)])
    family = get_family(model.family)
    assert isinstance(family, LinearFamily)
    if family.residual == "binary":
        return _binary(model, at, raw, x, y, eta, design)
    if family.residual == "count":
        return _count(model, at, raw, x, y, eta, design, {name: float(v[0]) for name, v in at.items() if v.ndim == 1})
    if family.residual == "own":
        normal = np.clip((y - eta) / at["sigma"], -1e6, 1e6)
    else:
        normal = _normal(*(tail[0] for tail in family.tails(y, eta[None], family.aux(at))))
    if family.residual == "share":
        return _beta(model, at, raw, x, eta, design, normal)
    one = np.ones(len(y))
    return Leftover(
        model, raw, x, eta, np.clip(normal, -CLIP, CLIP), one, design, normal, parameters=at
    )  # fmt: skip


def _normal(lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Return Normal quantiles from both tail probabilities, each from the smaller one: no digits are lost."""
    from scipy.special import ndtri

    found = np.where(lower < upper, ndtri(lower), -ndtri(upper))
    return np.clip(found, -_FARTHEST, _FARTHEST)


def _beta(
    model: NodeModel, at: Draws, raw: Mapping[str, FloatArray], x: FloatArray,
    eta: FloatArray, design: FloatArray, normal: FloatArray,
) -> Leftover:  # fmt: skip
    """Beta: mean and precision are not estimated apart, so one column more stands for the precision."""
    from scipy.special import polygamma

    mean, precision = expit(eta), float(at["precision"][0])
    a, b = np.maximum(mean * precision, 1e-12), np.maximum((1.0 - mean) * precision, 1e-12)
    by_a, by_b = polygamma(1, a), polygamma(1, b)
    weight = (precision * mean * (1.0 - mean)) ** 2 * (by_a + by_b)
    cross = precision**2 * mean * (1.0 - mean) * (mean * by_a - (1.0 - mean) * by_b)
    nuisance = np.column_stack([design, cross / weight])
    location = np.clip(normal, -CLIP, CLIP)
    return Leftover(model, raw, x, eta, location, weight / weight.mean(), nuisance, normal, parameters=at)


def _binary(
    model: NodeModel, at: Draws, raw: Mapping[str, FloatArray], x: FloatArray, y: FloatArray,
    eta: FloatArray, design: FloatArray,
) -> Leftover:  # fmt: skip
    p = np.clip(get_family(model.family).mean(at, x, model.link)[0], 1e-9, 1.0 - 1e-9)
    slope = p * (1.0 - p) if model.link == "logit" else np.exp(-0.5 * eta**2) / np.sqrt(2.0 * np.pi)
    weight = np.maximum(slope**2 / (p * (1.0 - p)), 1e-12)
    return Leftover(model, raw, x, eta, (y - p) / np.sqrt(p * (1.0 - p)), weight, design, parameters=at)


def _count(
    model: NodeModel, at: Draws, raw: Mapping[str, FloatArray], x: FloatArray, y: FloatArray,
    eta: FloatArray, design: FloatArray, numbers: Mapping[str, float],
) -> Leftover:  # fmt: skip
    """Counts: score and information of the log mean, with zero inflation where the family has it.

    With m the mean, v = 1 + m d^2 (d the overdispersion), P0 the count's own probability of 0 and s the
    share of zeros added: the score is (y - m) / v, or -m t / v at 0, with t the probability that such a 0
    is a count; its information is (1 - s) (m v - m^2 P0 (1 - t)) / v^2, and its covariance with the score
    of logit s is -(1 - s) P0 (1 - t) m / v.
    """
    m = np.exp(np.minimum(eta, 34.0))
    d = numbers.get("overdispersion", 0.0)
    v = 1.0 + m * d**2
    if "zero_share" not in numbers:
        weight = m / v
        location, nuisance = (y - m) / np.sqrt(m * v), design
    else:
        s, p0 = numbers["zero_share"], _no_count(m, d)
        t = (1.0 - s) * p0 / (s + (1.0 - s) * p0)
        weight = (1.0 - s) * np.maximum(m * v - m**2 * p0 * (1.0 - t), 1e-12) / v**2
        score = np.where(y > 0, y - m, -m * t) / v
        location = score / np.sqrt(weight)
        nuisance = np.column_stack([design, (1.0 - s) * p0 * (1.0 - t) * m / v / weight])
    location = np.clip(location, -_COUNT_CLIP, _COUNT_CLIP)
    normal = _inside_step(y, m, d, numbers.get("zero_share", 0.0))
    return Leftover(model, raw, x, eta, location, np.maximum(weight, 1e-12), nuisance, normal, m, at)


def _no_count(m: FloatArray, d: float) -> FloatArray:
    return np.exp(-m) if d < _NO_OVERDISPERSION else np.exp(-np.log1p(m * d**2) / d**2)


def _inside_step(y: FloatArray, m: FloatArray, d: float, s: float) -> FloatArray:
    from scipy.special import betainc, pdtr

    def below(count: FloatArray) -> FloatArray:
        at = np.maximum(count, 0.0)
        poisson = d < _NO_OVERDISPERSION
        found = pdtr(at, m) if poisson else betainc(d**-2.0, at + 1.0, 1.0 / (1.0 + m * d**2))
        return np.where(count < 0, 0.0, s + (1.0 - s) * found)

    low, high = below(y - 1.0), below(y)
    u = low + (high - low) * np.random.default_rng(len(y)).random(len(y))
    return _normal(np.clip(u, 1e-16, 1.0), np.clip(1.0 - u, 1e-16, 1.0))


def _ordered(model: NodeModel, at: Draws, raw: Mapping[str, FloatArray], x: FloatArray, y: FloatArray) -> Leftover:
    """Ordered logit: score of the predictor; the cut points are estimated with it, a column each."""
    eta, cuts = x @ at["slopes"][0], at["cutpoints"][0]
    above = np.column_stack([np.ones(len(y)), expit(eta[:, None] - cuts), np.zeros(len(y))])  # P(y > k - 1)
    density = above * (1.0 - above)
    chance = np.maximum(above[:, :-1] - above[:, 1:], 1e-12)
    by_eta = density[:, :-1] - density[:, 1:]
    weight = np.maximum((by_eta**2 / chance).sum(axis=1), 1e-12)
    ratio = by_eta / chance
    by_cut = density[:, 1:-1] * (ratio[:, :-1] - ratio[:, 1:])
    score = np.take_along_axis(ratio, y.astype(np.intp)[:, None], axis=1)[:, 0]
    nuisance = np.column_stack([np.ones(len(y)), estimated(model, at, x), by_cut / weight[:, None]])
    return Leftover(model, raw, x, eta, score / np.sqrt(weight), weight, nuisance, parameters=at)


def _categorical(
    model: NodeModel, at: Draws, raw: Mapping[str, FloatArray], x: FloatArray, y: FloatArray
) -> tuple[Leftover, ...]:
    """Each level against the rest; the other levels' predictors, estimated with it, are the columns beside X."""
    chances = np.clip(get_family(model.family).mean(at, x, model.link)[0], 1e-9, 1.0 - 1e-9)
    design = np.column_stack([np.ones(len(y)), x])
    found = []
    for level in range(model.levels):
        p = chances[:, level]
        others = [k for k in range(model.levels) if k != level][1:]
        cross = [design * (chances[:, k] / (1.0 - p))[:, None] for k in others]
        nuisance = np.column_stack([design, *cross])
        weight = p * (1.0 - p)
        fit = np.log(p) - np.log1p(-p)
        location = ((y == level) - p) / np.sqrt(weight)
        found.append(Leftover(model, raw, x, fit, location, weight, nuisance, parameters=at))
    return tuple(found)
