"""A family's shape: what it leaves over of a node, held against all that it assumes.

Each look has a size on a scale of its own and a p-value that is uniform where the family is right. They
are taken in an order in which one failing does not show as another:

1. *spread* against the fit and the parents, on what a flexible curve in every parent leaves: a curve is
   no spread;
2. *curve*, *interaction* and *mean*, on clipped residuals over the fitted spread where that is not
   the same everywhere: neither odd rows nor spread are a curve. The strongest is taken first, and the
   others are judged given it: a bend in one parent is not said twice;
3. *skew* and *tails*, on what all that leaves: skew without the rows over 3.3 standard deviations off,
   tails of a lopsided column on its shorter side. Light tails are never flagged: they
   make intervals too wide and no conclusion wrong;
4. of counts *dispersion* (Dean 1992) and *zeros* (van den Broek 1995), each as a score test.

p-values are adjusted over one node's looks (Benjamini & Hochberg 1995).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from core.check.independence import adjust
from core.check.leftover import CLIP, Leftover, leftovers
from core.check.looking import FEWEST, Columns, Room, bends, combined, enough, known_p, kurtosis_p, skewness_p
from core.check.shape import LEVEL, SIZES, Shape
from core.check.shape_counts import count_shapes, moment_overdispersion
from core.check.shape_remedies import remedied
from core.check.shape_spread import spread_shapes
from core.families import Family, get_family
from core.families.base import Draws, FloatArray
from core.forms.term import Term
from core.model.spec import NodeModel

__all__ = ["shapes_of"]

_FEWEST_ROWS = 20
_MOST_LEVELS = 30  # of a category by which effects may differ: a group of more is none that anyone asks about
_LUMP = 0.05
_SKEW_WITHIN = 3.3
_BEYOND, _EXPECTED_BEYOND = 3.0, 0.0027


@dataclass(frozen=True, eq=False)
class _Look:
    node: str
    aspect: str
    about: str | None
    columns: tuple[Columns, ...]  # one a Leftover: a category has one a level
    causes: tuple[str, ...] = ()  # of an interaction, whose product each single column is


def shapes_of(
    model: NodeModel, draws: Draws, raw: Mapping[str, FloatArray], enters: NDArray[np.bool_] | None = None
) -> tuple[Shape, ...]:
    """Take all looks at one node's family.

    Parameters
    ----------
    model : NodeModel
    draws : mapping of str to array
        Posterior draws of its parameters; their mean is what is looked at.
    raw : mapping of str to array, shape (N,)
        Raw values of the node and its parents.
    enters : array of bool, shape (N,), optional
        False where the node was set by intervention: the family says nothing of it there.

    Returns
    -------
    tuple of Shape
        Flagged ones first, the others by p-value. Empty for a Table, which assumes no form, and where
        there are too few rows, or nothing is left over.
    """
    with np.errstate(all="ignore"):
        parts = leftovers(model, draws, raw, enters)
        if not parts or not _enough(parts[0]):
            return ()
        found = _looks_at(parts)
    whole = [shape for shape in found if isfinite(shape.p_value) and isfinite(shape.size)]
    adjusted = adjust([shape.p_value for shape in whole])
    judged = [
        _judged(replace(shape, given=model.family), 1.0 if q is None else max(q, shape.p_value))
        for shape, q in zip(whole, adjusted, strict=True)
    ]
    ready = [remedied(shape, parts[0]) for shape in _once(judged)]
    return tuple(sorted(ready, key=lambda shape: (not shape.flagged, shape.p_value)))


def _family(left: Leftover) -> Family:
    return get_family(left.model.family)


def _enough(left: Leftover) -> bool:
    """Return whether there are rows to look at, and something left over in them that is no rounding."""
    if left.rows < _FEWEST_ROWS + 3 * left.nuisance.shape[1] or np.ptp(left.y) == 0:
        return False
    if left.normal is None or _family(left).residual != "own":
        return True
    sigma = float(left.parameters["sigma"][0])
    return float(np.std(left.room.left)) * sigma > 1e-8


def _judged(shape: Shape, p_adjusted: float) -> Shape:
    size = abs(shape.size - 1.0) if shape.aspect == "dispersion" else abs(shape.size)
    flagged = p_adjusted < LEVEL and size >= SIZES[shape.aspect]
    return replace(shape, p_adjusted=p_adjusted, flagged=flagged)


def _once(shapes: Sequence[Shape]) -> list[Shape]:
    """Take back flags that another flag explains: odd rows of a count that varies too much, the skew of many zeros."""
    wide = any(shape.flagged and shape.aspect in ("dispersion", "zeros") for shape in shapes)
    return [replace(shape, flagged=False) if wide and shape.aspect in ("tails", "skew") else shape for shape in shapes]


def _looks_at(parts: tuple[Leftover, ...]) -> list[Shape]:
    first = parts[0]
    found: list[Shape] = []
    scale = np.ones(first.rows)
    weights = [part.weight for part in parts]
    looks = _looks(parts)
    if _family(first).is_count:
        found += count_shapes(first)
        scale, weights = _widened(first)
    elif first.normal is not None:
        found += _lump(first)
        flexible = [look.columns[0].together for look in looks if look.about is not None]
        spread, scale = spread_shapes(first, flexible)
        found += spread
        weights = [first.weight / scale**2]
    rooms = [_room(part, scale, weight) for part, weight in zip(parts, weights, strict=True)]
    whole = None if first.normal is None or _family(first).is_count else first.normal / scale
    located, rooms = _located(looks, rooms, whole)
    found += located
    if first.normal is not None:
        found += _ends(first, rooms[0], scale)
    return found


def _room(left: Leftover, scale: FloatArray, weight: FloatArray) -> Room:
    if np.all(scale == 1.0) and np.all(weight == 1.0):
        return left.room
    return Room(left.location / scale, left.nuisance, np.sqrt(weight))


def _widened(left: Leftover) -> tuple[FloatArray, list[FloatArray]]:
    """Return the spread of a Poisson's residuals and their weights where it varies more than a Poisson can."""
    extra = moment_overdispersion(left) if "dispersion" in _family(left).looks else 0.0
    factor = 1.0 + extra * left.mean
    return np.sqrt(factor), [left.weight / factor]


# -- location ------------------------------------------------------------------------


def _looks(parts: tuple[Leftover, ...]) -> list[_Look]:
    first = parts[0]
    model = first.model
    numbers = [term for term in model.terms if not term.levels]
    crossed = {frozenset(term.parents) for term in model.terms if term.by is not None}
    found = []
    for term in numbers:
        values = first.x[:, model.columns_of(term.parent).start]
        found.append(_Look(model.node, "curve", term.parent, tuple(bends(values, part.weight) for part in parts)))
    modifiers = [term for term in model.terms if 1 < len(term.levels) <= _MOST_LEVELS]
    found += [look for term in modifiers if (look := _interaction(term, parts, crossed)) is not None]
    if len(model.terms) > 1:
        aspect = "curve" if first.normal is not None and not _family(first).is_count else "mean"
        found.append(_Look(model.node, aspect, None, tuple(bends(part.fit, part.weight) for part in parts)))
    return found


def _interaction(modifier: Term, parts: tuple[Leftover, ...], crossed: Collection[frozenset[str]]) -> _Look | None:
    """Return the products of a category with every other parent, level by level against the rest.

    ``crossed`` are the pairs whose products the family has already.
    """
    first = parts[0]
    model = first.model
    codes = first.raw[modifier.parent]
    levels = np.unique(codes)
    inside = (codes[:, None] == levels).astype(np.float64)
    kept = np.logical_and.reduce([enough(inside, part.weight) for part in parts])
    kept[0] &= len(levels) > 2  # of two levels one says it all
    products, causes = [], []
    for term in model.terms:
        if modifier.parent in term.parents or not term.main or frozenset((term.parent, modifier.parent)) in crossed:
            continue
        start = model.columns_of(term.parent).start
        own = first.x[:, start : start + term.main]
        for level in np.flatnonzero(kept):
            here = inside[:, level]
            products.append(here[:, None] * (own - here @ own / here.sum()))
            causes += [term.parent] * own.shape[1]
    if not products:
        return None
    columns = np.column_stack(products)
    return _Look(
        model.node, "interaction", modifier.parent, tuple(Columns.alike(columns) for _ in parts), tuple(causes)
    )


def _located(looks: list[_Look], rooms: list[Room], whole: FloatArray | None) -> tuple[list[Shape], list[Room]]:
    """Judge looks one after the other, the strongest first; return them, and the rows without what was found.

    ``whole`` are the residuals of a continuous family before they were clipped.
    """
    found: list[Shape] = []
    waiting = list(looks)
    limit = LEVEL / max(len(looks), 1)
    while waiting:
        judged = [_taken(look, rooms) for look in waiting]
        place = min(range(len(judged)), key=lambda one: known_p(judged[one].p_value))
        if not judged[place].p_value < limit:
            found += judged
            break
        look = waiting.pop(place)
        found.append(judged[place])
        if judged[place].size >= SIZES[look.aspect]:
            rooms = [room.without(columns.together) for room, columns in zip(rooms, look.columns, strict=True)]
            if whole is not None:
                rooms = [room.settled(whole, CLIP) for room in rooms]
    return found, rooms


def _taken(look: _Look, rooms: list[Room]) -> Shape:
    each = [room.look(columns) for room, columns in zip(rooms, look.columns, strict=True)]
    p = combined(np.concatenate([p_values for p_values, _ in each]))
    cause = _strongest_cause(look, rooms) if look.causes else None
    return Shape(look.node, look.aspect, look.about, max(share for _, share in each), p, cause=cause)


def _strongest_cause(look: _Look, rooms: list[Room]) -> str | None:
    names = list(dict.fromkeys(look.causes))
    if len(names) == 1:
        return names[0]
    own = np.array(look.causes)

    def strength(name: str) -> float:
        parts = [(room, Columns.alike(c.values[:, own == name])) for room, c in zip(rooms, look.columns, strict=True)]
        return min(known_p(combined(room.look(columns)[0])) for room, columns in parts)

    return min(names, key=strength)


# -- what all that leaves --------------------------------------------------------------


def _lump(left: Leftover) -> list[Shape]:
    """Look at zeros of a number that varies continuously, where there are many: beside its next most frequent value.

    Rounding makes values repeat, and a zero among rounded values hardly more than its neighbours.
    """
    from scipy.special import bdtrc

    zeros = int(np.sum(left.y == 0))
    if zeros < max(_LUMP * left.rows, FEWEST):
        return []
    _, counts = np.unique(left.y[left.y != 0], return_counts=True)
    most = int(counts.max()) if len(counts) else 0
    p = max(float(bdtrc(zeros - 1, zeros + most, 0.6)), 1e-300)
    return [Shape(left.model.node, "zeros", None, (zeros - most) / left.rows, p, way="many")]


def _ends(left: Leftover, room: Room, scale: FloatArray) -> list[Shape]:
    """Look at skew and tails of what is left once spread and curves are taken out."""
    node, counts = left.model.node, _family(left).is_count
    assert left.normal is not None
    # What the looks at location took out of the clipped rows is taken out of the unclipped ones.
    z = left.normal if counts else left.normal / scale - room.taken
    middle = np.median(z)
    robust = 1.4826 * float(np.median(np.abs(z - middle)))
    if not robust > 0:
        return []
    beyond = float(np.mean(np.abs(z - middle) > _BEYOND * robust))
    z = z / float(z.std())
    found = []
    inside = z[np.abs(z - z.mean()) <= _SKEW_WITHIN]
    skewness, p_skew = skewness_p(inside)
    if not counts:
        found.append(Shape(node, "skew", None, skewness, p_skew, way="right" if skewness > 0 else "left"))
    lopsided = not counts and p_skew < LEVEL / 2 and abs(skewness) >= SIZES["skew"]
    if lopsided:
        short = np.sign(skewness) * (np.median(z) - z)
        short = short[short > 0]
        p = kurtosis_p(np.concatenate([short, -short]), len(short))[1]
        beyond = float(np.mean(short > _BEYOND * 1.4826 * np.median(short)))
    else:
        p = kurtosis_p(z)[1]
    if _family(left).heavy_tailed:
        # Its tails took in what bends: without the bend they look too light, and the odd rows too odd.
        p = max(p, kurtosis_p(left.normal)[1])
    found.append(Shape(node, "tails", None, beyond - _EXPECTED_BEYOND, p, way="heavy"))
    return found
