"""Risk against return: the actions of which none is beaten in both."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_POINTS", "between", "efficient", "thinned"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

MOST_POINTS = 25


def efficient(returns: FloatArray, tails: FloatArray) -> IntArray:
    """Return which actions are Pareto efficient, from the largest return to the largest tail.

    Parameters
    ----------
    returns, tails : array, shape (A,)
        Expected utility and CVaR, of both more is better.

    Returns
    -------
    array of int
        Of two actions that are equal in both the first.
    """
    order = np.lexsort((-tails, -returns))
    found, top = [], -np.inf
    for at in order:
        if tails[at] > top:
            found.append(int(at))
            top = float(tails[at])
    return np.array(found, dtype=np.intp)


def between(returns: FloatArray, tails: FloatArray) -> IntArray:
    """Return which points of a frontier still are one when scored anew: its ends, and what lies between them.

    An end goes only if the other beats it in both; of the others those stay that nothing kept beats.

    Parameters
    ----------
    returns, tails : array, shape (A,)
        Along the frontier as it was found, scored on other draws.
    """
    first, last = sorted((0, len(returns) - 1), key=lambda at: (-returns[at], -tails[at]))
    if first == last or tails[first] >= tails[last]:
        return np.array([first], dtype=np.intp)
    if returns[first] == returns[last]:
        return np.array([last], dtype=np.intp)
    inside = (returns < returns[first]) & (returns > returns[last]) & (tails > tails[first]) & (tails < tails[last])
    some = np.flatnonzero(inside)
    return np.array([first, *some[efficient(returns[some], tails[some])], last], dtype=np.intp)


def thinned(returns: FloatArray, tails: FloatArray, most: int = MOST_POINTS) -> IntArray:
    """Return at most so many of the points of a frontier, both ends among them, spread evenly along it.

    Parameters
    ----------
    returns, tails : array, shape (A,)
        Along the frontier, as :func:`efficient` orders them.
    """
    if len(returns) <= most:
        return np.arange(len(returns))
    across = np.hypot(np.diff(returns) / np.ptp(returns), np.diff(tails) / np.ptp(tails))
    along = np.concatenate([[0.0], np.cumsum(across)])
    wanted = np.linspace(0.0, along[-1], most)
    return np.unique(np.abs(along[None, :] - wanted[:, None]).argmin(axis=1))
