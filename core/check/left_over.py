"""What all other columns leave of each one: where rows that depend on one another show it.

An experiment done in blocks moves its columns from block to block, which is no dependence of
rows: where some cells were set by intervention, what is looked at is what rows leave around
the mean of those set alike, and a set cell leaves nothing.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from core.check.regression import inverse, project_out
from core.check.roles import Role
from core.data.dataset import Dataset

__all__ = ["MOST_ROWS", "left_over", "working_columns"]

FloatArray = NDArray[np.float64]

MOST_ROWS = 200_000
"""Of more rows the first so many are looked at."""

_COLLINEAR = 1e5  # variance inflation
_ROWS_A_DOSE = 5


def left_over(
    dataset: Dataset, roles: Mapping[str, Role], raw: Mapping[str, FloatArray], keep: NDArray[np.bool_]
) -> dict[str, FloatArray]:
    """Return what all other columns leave of each one, linearly on the working scale, shape (N,) each.

    Of a category, the level of widest spread. Constant columns are left out; nothing is left where
    columns are many for the rows.

    Parameters
    ----------
    dataset : Dataset
    roles, raw : mapping
        The modelled columns and their values over the rows kept, in row order.
    keep : array of bool
        Which rows of ``dataset`` these are.
    """
    columns = working_columns(dataset, roles, raw, keep)
    found = _residuals(columns)
    for name in found if dataset.set_by_row else ():
        found[name] = np.where(dataset.was_set(name)[keep][:MOST_ROWS], 0.0, found[name])
    return found


def working_columns(
    dataset: Dataset, roles: Mapping[str, Role], raw: Mapping[str, FloatArray], keep: NDArray[np.bool_]
) -> dict[str, FloatArray]:
    """Return what is looked at of each column on its working scale, shape (N, width); nothing where rows are too few.

    Where some cells were set by intervention, around the mean of those set alike. Parameters as :func:`left_over`.
    """
    names = tuple(name for name, values in raw.items() if len(values) and np.ptp(values) > 0)
    if not names or len(raw[names[0]]) <= 2 * sum(roles[name].width for name in names):
        return {}
    columns = {name: roles[name].regressors(raw[name][:MOST_ROWS]) for name in names}
    regimes = _regimes(dataset, keep, raw)
    if regimes is None:
        return columns
    return {name: _around_means(values, regimes[:MOST_ROWS]) for name, values in columns.items()}


def _regimes(dataset: Dataset, keep: NDArray[np.bool_], raw: Mapping[str, FloatArray]) -> NDArray[np.intp] | None:
    """Return a number for each row, the same where the same columns were set; None if nothing was set anywhere.

    Where they were set to few values (doses), rows set to different ones count as set differently.
    """
    sets = [row for row, kept in zip(dataset.set_by_row, keep, strict=True) if kept] if dataset.set_by_row else []
    number = {row: place for place, row in enumerate(dict.fromkeys(sets))}
    if not any(number):
        return None
    regimes = np.array([number[row] for row in sets], dtype=np.intp)
    for row, place in number.items():
        here = np.flatnonzero(regimes == place)
        doses = [raw[name][here] for name in sorted(row) if name in raw]
        if not doses:
            continue
        found, dose = np.unique(np.column_stack(doses), axis=0, return_inverse=True)
        if _ROWS_A_DOSE * len(found) <= len(here):
            regimes[here] = regimes.max() + 1 + np.ravel(dose)
    return np.unique(regimes, return_inverse=True)[1]


def _residuals(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return what all other columns leave of each one; of a category, the level of widest spread."""
    found: dict[str, FloatArray] = {}
    if not columns:
        return found
    for name, left in _leave_others(columns):
        widest = left[:, int(np.argmax(left.var(axis=0)))]
        # A column that the others determine leaves rounding dust, which has no order.
        if widest.std() > 1e-6 * columns[name].std():
            found[name] = widest
    return found


def _around_means(values: FloatArray, regimes: NDArray[np.intp]) -> FloatArray:
    """Return columns (N, width) less their means in each regime."""
    many = np.maximum(np.bincount(regimes), 1)
    means = np.stack([np.bincount(regimes, weights=column) / many for column in values.T], axis=-1)
    left = values - means[regimes]
    # Rounding dust of what is constant in each regime has no order either.
    return np.asarray(np.where(np.abs(left) > 1e-9 * values.std(axis=0), left, 0.0))


def _leave_others(columns: Mapping[str, FloatArray]) -> Iterator[tuple[str, FloatArray]]:
    """Give what each column group (N, width) leaves when all others are taken out of it.

    With G the cross-products of all columns, centred, and T its inverse, a group g leaves
    ``X T[:, g] T[g, g]^-1``: one product for all groups. Where columns are nearly collinear
    each group is projected by itself.
    """
    whole = np.concatenate(list(columns.values()), axis=-1)
    whole = whole - whole.mean(axis=0)
    size = np.sqrt(np.mean(whole**2, axis=0))
    whole /= np.where(size > 0, size, 1.0)
    precision, rank = inverse((whole.T @ whole / len(whole))[None])
    if rank[0] < whole.shape[1] or np.abs(precision).max() > _COLLINEAR:
        ones = np.ones((len(whole), 1))
        for name, own in columns.items():
            others = [part for other, part in columns.items() if other != name]
            yield name, project_out(np.concatenate([ones, *others], axis=-1)[None], own[None])[0][0]
        return
    start = 0
    for name, own in columns.items():
        place = slice(start, start + own.shape[1])
        start = place.stop
        solved = np.linalg.solve(precision[0][place, place], precision[0][place])
        yield name, (whole @ solved.T) * size[place]
