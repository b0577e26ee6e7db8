"""Which columns something that ties rows together acts on itself, and not through others.

Given all the others, a column shows a group that acts on its child alone: with y = x + school + noise, x given y has
the school in it, though x itself has not. To call that a resemblance of rows in x would be to call every cause of
one column, drawn or not, a dependence of rows. So a column counts only if no few others take the resemblance out
of it: as in the search for causes from independences (Spirtes, Glymour & Scheines 2000), what is apart given
anything is no neighbour. Gone it is where the values are likelier without it than with as much of it as all others
leave; that none is seen in a column whose own variance drowns it is no sign.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = ["acted_on"]

FloatArray = NDArray[np.float64]

_MOST = 8  # columns of which pairs are given too, and the most that are given one at a time
_TINY = 1e-10


def acted_on(
    columns: Mapping[str, FloatArray],
    residuals: Mapping[str, FloatArray],
    shared: Callable[[FloatArray], FloatArray],
    gone: Callable[[FloatArray, float], FloatArray],
) -> NDArray[np.bool_]:
    """Return, of each of some columns, whether it resembles itself in rows whatever few others are given.

    Parameters
    ----------
    columns : mapping of str to array, shape (N, width)
        All that may be given, on their working scales.
    residuals : mapping of str to array, shape (N,)
        What all others leave of the columns asked about; of several wide, of one of them.
    shared : callable
        From values, shape (k, N), to the variance that rows have in common, shape (k,).
    gone : callable
        From values, shape (k, N), and a variance, to how much likelier they are if rows share nothing, shape (k,).
    """
    amounts = shared(np.stack(list(residuals.values())))
    parts = {name: values - values.mean(axis=0) for name, values in columns.items()}
    return np.array(
        [
            not _apart(name, parts, left, float(own), gone)
            for (name, left), own in zip(residuals.items(), amounts, strict=True)
        ]
    )


def _apart(
    name: str,
    parts: Mapping[str, FloatArray],
    left: FloatArray,
    shared: float,
    gone: Callable[[FloatArray, float], FloatArray],
) -> bool:
    if shared <= 0:
        return True
    own = parts[name]
    own = own[:, int(np.argmax(np.abs(left @ own)))]
    near = {other: _nearness(own, part) for other, part in parts.items() if other != name}
    others = sorted(near, key=lambda other: -near[other])[:_MOST]
    for given in _sets(others, len(parts) <= _MOST):
        values = np.stack([_less(own, np.column_stack([parts[o] for o in some]) if some else None) for some in given])
        if (gone(values, shared) > 0.0).any():
            return True
    return False


def _nearness(own: FloatArray, part: FloatArray) -> float:
    return float((np.abs(own @ part) / np.maximum(np.sqrt(np.einsum("ij,ij->j", part, part)), _TINY)).max())


def _sets(others: list[str], pairs: bool) -> Iterator[list[tuple[str, ...]]]:
    """Give what is given: nothing, then one at a time, then two."""
    yield [()]
    if others:
        yield [(other,) for other in others]
    if pairs and len(others) > 2:
        yield list(combinations(others, 2))


def _less(own: FloatArray, given: FloatArray | None) -> FloatArray:
    """Return what a few columns leave of one."""
    if given is None:
        return own
    return np.asarray(own - given @ np.linalg.lstsq(given.T @ given, given.T @ own, rcond=None)[0])
