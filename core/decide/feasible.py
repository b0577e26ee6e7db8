"""Actions that may be chosen: a set that fills what is allowed, and steps away from one of them.

Actions are here in units of each lever's range from its lower bound, so that a step means the same along each lever.
"""

from itertools import combinations, product
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from core.decide.levers import Levers
from core.errors import UsageError

__all__ = ["all_actions", "design", "distinct", "polled", "repaired"]

FloatArray = NDArray[np.float64]

_LISTED = 1024  # actions, where all levers have sets of values: as many are all listed
_GRID = {1: 65, 2: 13}  # points along each lever, by the number of levers
_FILLED = 256  # points of a space-filling design, a power of 2
_VERTICES = 2000  # systems of equations solved for the corners of what is allowed
_CORNERS = 7  # levers of which all corners of the box are tried
_MESH = 2  # parts of a step to which random directions are rounded
_AS_ONE = 1e-7  # two actions nearer than this are one


def all_actions(levers: Levers) -> FloatArray | None:
    """Return every action that is allowed, shape (A, L), in own units, if there are few; else nothing."""
    if not all(lever.values for lever in levers.all) or prod(len(lever.values) for lever in levers.all) > _LISTED:
        return None
    every = np.array(list(product(*(lever.values for lever in levers.all))), dtype=np.float64)
    return _some(every[levers.allows(every)])


def design(levers: Levers, seed: int) -> FloatArray:
    """Return actions, shape (A, L), in own units, that fill what is allowed, its edges and corners among them.

    A fine grid for one or two levers, a scrambled Sobol sequence for more (Owen 1998). Points that a limit forbids are
    moved to the nearest that is allowed, which fills the faces; as many on the way from there to the middle fill the
    inside, where limits leave little of the box.

    Raises
    ------
    UsageError
        Where nothing is allowed.
    """
    count = len(levers.all)
    if count in _GRID:
        ticks = np.linspace(0.0, 1.0, _GRID[count])
        cloud = np.array(list(product(ticks, repeat=count)))
    else:
        from scipy.stats import qmc

        cloud = qmc.Sobol(count, scramble=True, rng=np.random.default_rng(seed)).random(_FILLED)
    parts = [cloud, _corners(levers)]
    now = [lever.now for lever in levers.all]
    if all(value is not None for value in now):
        parts.append(levers.unit(np.array([now], dtype=np.float64)))
    points = np.vstack(parts)
    moved = repaired(levers, points)
    if len(levers.bounds) and len(moved) > 1:
        faces = distinct(levers.unit(moved))
        middle = faces.mean(axis=0)
        # Uniform in volume, were the body a ball; by the golden ratio, which never comes back to where it was.
        out = (np.arange(1, len(faces) + 1) * 0.6180339887498949 % 1.0) ** (1.0 / count)
        moved = np.vstack([moved, repaired(levers, middle + out[:, None] * (faces - middle))])
    return _some(distinct(moved))


def _some(actions: FloatArray) -> FloatArray:
    if not len(actions):
        raise UsageError(
            "no choice meets all bounds and limits",
            place="budget and limits",
            hint="Raise the budget, loosen a limit or widen the bounds.",
        )
    return actions


def distinct(actions: FloatArray) -> FloatArray:
    """Return actions, shape (A, L), each once, in the order in which they first came."""
    _, first = np.unique(np.round(actions, 12), axis=0, return_index=True)
    return actions[np.sort(first)]


def _corners(levers: Levers) -> FloatArray:
    """Return corners of the box and of what the limits leave of it, shape (K, L)."""
    g, h = levers.rows()
    count = g.shape[1]
    found = [np.zeros((1, count)), np.ones((1, count))]
    if count <= _CORNERS:
        found.append(np.array(list(product([0.0, 1.0], repeat=count))))
    if len(levers.bounds) and comb(len(g), count) <= _VERTICES:
        for some in combinations(range(len(g)), count):
            rows = g[list(some)]
            if abs(np.linalg.det(rows)) > 1e-9:
                corner = np.linalg.solve(rows, h[list(some)])
                if (g @ corner <= h + _AS_ONE).all():
                    found.append(corner[None])
    return np.vstack(found)


# -- the nearest that is allowed ----------------------------------------------------------


def repaired(levers: Levers, unit: FloatArray) -> FloatArray:
    """Return, in own units, the nearest allowed action of each point; none where a lever's value leaves no room.

    Parameters
    ----------
    levers : Levers
    unit : array, shape (A, L)
        In units of each lever's range. Levers with a set of values go to the nearest of them and stay there.

    Returns
    -------
    array, shape (at most A, L)
    """
    actions = levers.own(unit)
    good = levers.allows(actions)
    g, h = levers.rows()
    free = np.array([not lever.values for lever in levers.all])
    mended = []
    for action, fine in zip(actions, good, strict=True):
        if fine:
            mended.append(action)
            continue
        if not free.any():
            continue
        point = levers.unit(action[None])[0]
        near = _nearest(g[:, free], h - g[:, ~free] @ point[~free], point[free])
        if near is not None:
            point[free] = near
            back = levers.own(point[None])
            if levers.allows(back)[0]:
                mended.append(back[0])
    return np.array(mended).reshape(-1, len(levers.all))


def _nearest(g: FloatArray, h: FloatArray, point: FloatArray) -> FloatArray | None:
    """Return the nearest point of ``g x <= h``; nothing where there is none.

    Least distance programming by non-negative least squares (Lawson & Hanson 1974, Solving Least Squares Problems,
    chapter 23).
    """
    from scipy.optimize import nnls

    rest = g @ point - h
    system = np.vstack([-g.T, rest[None]])
    aim = np.zeros(len(point) + 1)
    aim[-1] = 1.0
    try:
        dual, _ = nnls(system, aim)
    except RuntimeError:  # it did not come to an end
        return None
    left = system @ dual - aim
    if abs(left[-1]) < 1e-10:
        return None
    return np.asarray(point - left[:-1] / left[-1], dtype=np.float64)


# -- steps --------------------------------------------------------------------------------


def polled(levers: Levers, action: FloatArray, step: float, rng: np.random.Generator) -> FloatArray:
    """Return allowed actions about one: along each lever, along each limit, and in some random directions.

    Parameters
    ----------
    levers : Levers
    action : array, shape (L,)
        In own units, allowed.
    step : float
        How far, as a share of the levers' ranges; less where a limit is nearer.
    rng : numpy.random.Generator
        Of the random directions: where the surface has an edge, steps along levers can all lead down.

    Returns
    -------
    array, shape (K, L)
    """
    g, h = levers.rows()
    at = levers.unit(action[None])[0]
    slack = np.maximum(h - g @ at, 0.0)
    free = np.array([not lever.values for lever in levers.all])
    points = []
    for direction in _directions(g, slack, free, rng):
        along = g @ direction
        ahead = along > 1e-12
        far = min(step, float((slack[ahead] / along[ahead]).min())) if ahead.any() else step
        if far > _AS_ONE:
            points.append(at + far * direction)
    points += _switched(levers, action, at, step)
    if not points:
        return np.empty((0, len(at)))
    return repaired(levers, np.array(points))


def _directions(
    g: FloatArray, slack: FloatArray, free: NDArray[np.bool_], rng: np.random.Generator
) -> list[FloatArray]:
    count = len(free)
    columns = np.flatnonzero(free)
    found = []
    for i in columns:
        along = np.zeros(count)
        along[i] = 1.0
        found += [along, -along]
    for row in g[: len(g) - 2 * count]:  # a limit: more of one lever for less of another
        for i, j in combinations(columns, 2):
            if row[i] and row[j]:
                swap = np.zeros(count)
                swap[i], swap[j] = row[j], -row[i]
                swap /= np.linalg.norm(swap)
                found += [swap, -swap]
    near = g[slack < 1e-9]
    for _ in range(2 * len(columns) if len(columns) > 1 else 0):
        way = np.where(free, rng.normal(size=count), 0.0)
        # On a mesh: actions that set a lever to the same share what follows from it, which is not played anew.
        way = np.rint(_MESH * way / np.abs(way).max()) / _MESH
        found.append(way.copy())
        if len(near):  # the same way along the limits on which the action lies
            some = near[:, free]
            way[free] -= np.linalg.pinv(some) @ (some @ way[free])
            if np.linalg.norm(way) > 1e-6:
                found.append(way / np.linalg.norm(way))
    return found


def _switched(levers: Levers, action: FloatArray, at: FloatArray, step: float) -> list[FloatArray]:
    """Return the action with each lever that has a set of values moved to another of them, and pairs of such moves."""
    moves: list[tuple[int, float]] = []
    for column, lever in enumerate(levers.all):
        if lever.values:
            place = int(np.abs(np.array(lever.values) - action[column]).argmin())
            leap = max(1, round(step * len(lever.values)))
            for other in sorted({place - leap, place - 1, place + 1, place + leap}):
                if 0 <= other < len(lever.values):
                    moves.append((column, (lever.values[other] - lever.low) / lever.width))
    found = []
    for some in [*((move,) for move in moves), *combinations(moves, 2)]:
        if len({column for column, _ in some}) == len(some):
            point = at.copy()
            for column, value in some:
                point[column] = value
            found.append(point)
    return found
