"""Whether rows can be taken as exchangeable, which every score and p-value here assumes.

Rows that follow one another, or belong together, resemble each other beyond what the
columns explain. For two columns whose residuals, given all the others, have
autocorrelations r(l) and s(l), the variance of their correlation is ``1 + 2 sum r(l) s(l)``
times what independent rows give (Bartlett 1935); for rows in groups of m with intraclass
correlations r and s it is ``1 + (m - 1) r s`` (Moulton 1990). So one such column does no harm
and two do: independent AR(0.8) series gave 35 % false contradictions at 5 %.

Row order is looked at always; a date column tells the order, an identifier that repeats the
groups, and both make the look stricter, since then dependence is to be expected.

An experiment done in blocks moves its columns from block to block, which is no dependence of
rows: where some cells were set by intervention, what is looked at is what rows leave around
the mean of those set alike, and a set cell leaves nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.check.regression import inverse, project_out
from core.check.roles import Role
from core.data.dataset import Dataset

__all__ = ["Dependence", "find_dependence", "group_inflation", "order_inflation"]

FloatArray = NDArray[np.float64]

_LAGS = 10
_LEAST_ROWS = 30
_HARM = 1.3  # in the variance of a correlation: its sd 14 % too small
_EXPECTED_HARM = 1.15  # where a date or an identifier says that rows may depend
_MOST_ROWS = 200_000
_COLLINEAR = 1e5  # variance inflation
_SORTED = (
    "If the order of the rows means nothing (a file that is sorted by group, say), let every hypothesis name the "
    "column that it is sorted by, or shuffle the rows before the upload."
)
_ROWS_A_DOSE = 5

Found = tuple[tuple[str, str], float]


@dataclass(frozen=True)
class Dependence:
    """Why rows are not exchangeable, in words; falsy where nothing speaks against it.

    ``notes`` are about dates and identifiers that were looked at and do no visible harm;
    ``advice`` says in whole sentences what to do about the reasons.
    """

    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.reasons)


def find_dependence(
    dataset: Dataset, roles: Mapping[str, Role], raw: Mapping[str, FloatArray], rows: NDArray[np.bool_] | None = None
) -> Dependence:
    """Look for rows that depend on one another.

    Parameters
    ----------
    dataset : Dataset
        All of its columns, modelled or not: a date that no hypothesis names still orders the rows.
    roles, raw : mapping
        The modelled columns and their values over complete rows, in row order.
    rows : array of bool, optional
        Which rows of ``dataset`` these are; all unless given.
    """
    keep = np.ones(dataset.rows, dtype=bool) if rows is None else rows
    residuals = _residuals(roles, raw, _regimes(dataset, keep, raw))
    for name in residuals if dataset.set_by_row else ():
        residuals[name] = np.where(dataset.was_set(name)[keep][:_MOST_ROWS], 0.0, residuals[name])
    title = lambda name: dataset.column(name).title  # noqa: E731
    reasons, notes, advice = [], [], []
    pair, harm = order_inflation(residuals)
    if harm > _HARM:
        reasons.append(
            f"what {title(pair[0])} and {title(pair[1])} leave unexplained resembles the row before "
            "(autocorrelated residuals)"
        )
        advice.append(_SORTED)
    for words, alike, look in _looks(dataset, keep, residuals):
        if not residuals or len(next(iter(residuals.values()))) < _LEAST_ROWS:
            reasons.append(f"the column {words}, and there are too few rows to see whether that matters")
            continue
        pair, harm = look()
        if harm > _EXPECTED_HARM:
            reasons.append(
                f"the column {words}, and what {title(pair[0])} and {title(pair[1])} leave unexplained "
                f"resembles {alike} (autocorrelated residuals)"
            )
        else:
            notes.append(
                f"The column {words}: scores leave out single rows, not blocks of them. What the modelled columns "
                f"leave unexplained does not visibly resemble {alike}, so p-values and the verdict stand."
            )
    return Dependence(tuple(reasons), tuple(notes), tuple(advice))


def _looks(
    dataset: Dataset, keep: NDArray[np.bool_], residuals: Mapping[str, FloatArray]
) -> Iterator[tuple[str, str, Callable[[], Found]]]:
    """Give each column that may tie rows together: what it is, what rows would resemble, and the look at it."""
    for column in dataset.columns:
        if column.kind not in ("date", "identifier"):
            continue
        values = dataset.values(column.name)[keep]
        known = values[~np.isnan(values)]
        place = np.unique(values, return_inverse=True, equal_nan=False)[1]
        if column.kind == "date":
            yield f"{column.title} is a date", "the time before", partial(order_inflation, residuals, place)
        elif len(np.unique(known)) < len(known):
            words = f"{column.title} is an identifier that repeats"
            yield words, "the other rows of the same one", partial(group_inflation, residuals, place)


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


def _residuals(
    roles: Mapping[str, Role], raw: Mapping[str, FloatArray], regimes: NDArray[np.intp] | None = None
) -> dict[str, FloatArray]:
    """Return what all other columns leave of each one, linearly on the working scale.

    Of a category, the level of widest spread. Constant columns are left out. With ``regimes``
    each column is taken around its mean in each of them.
    """
    names = tuple(name for name, values in raw.items() if len(values) and np.ptp(values) > 0)
    if not names or len(raw[names[0]]) <= 2 * sum(roles[name].width for name in names):
        return {}
    columns = {name: roles[name].regressors(raw[name][:_MOST_ROWS]) for name in names}
    if regimes is not None:
        columns = {name: _around_means(values, regimes[:_MOST_ROWS]) for name, values in columns.items()}
    found = {}
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


def order_inflation(residuals: Mapping[str, FloatArray], rank: NDArray[np.intp] | None = None) -> Found:
    """Return the pair of residuals most like their neighbours, and the factor on their correlation's variance.

    Parameters
    ----------
    residuals : mapping of str to array, shape (N,)
    rank : array, shape (N,), optional
        Order in time; row order unless given.
    """
    order = slice(None) if rank is None else np.argsort(rank[:_MOST_ROWS], kind="stable")
    memory = {name: _memory(values[order]) for name, values in residuals.items() if len(values) >= _LEAST_ROWS}

    def factor(a: str, b: str) -> float:
        both = (memory[a] > 0) & (memory[b] > 0)
        lasting = len(both) if both.all() else int(np.argmin(both))
        return 1.0 + 2.0 * float(np.sum(memory[a][:lasting] * memory[b][:lasting]))

    return _worst(tuple(memory), factor)


def group_inflation(residuals: Mapping[str, FloatArray], group: NDArray[np.intp]) -> Found:
    """Return the pair of residuals most alike within groups, and the factor on their correlation's variance."""
    group = group[:_MOST_ROWS]
    size = np.bincount(group).astype(np.float64)
    size = size[size > 0]
    rows = float(size.sum())
    if len(size) < 2 or len(size) == rows:
        return ("", ""), 1.0
    typical = (rows - float(size @ size) / rows) / (len(size) - 1)
    alike = {name: _intraclass(values, group, typical) for name, values in residuals.items()}
    return _worst(tuple(alike), lambda a, b: 1.0 + (float(size @ size) / rows - 1.0) * alike[a] * alike[b])


def _worst(names: tuple[str, ...], factor: Callable[[str, str], float]) -> Found:
    worst, found = ("", ""), 1.0
    for a, b in combinations(names, 2):
        value = factor(a, b)
        if value > found:
            worst, found = (a, b), value
    return worst, found


def _memory(residual: FloatArray) -> FloatArray:
    """Return autocorrelations at lags 1 … 10, those within chance of zero set to zero."""
    centred = residual - residual.mean()
    total = float(centred @ centred)
    lags = range(1, min(_LAGS, len(centred) // 4) + 1)
    found = np.array([float(centred[lag:] @ centred[:-lag]) / total for lag in lags])
    return np.where(np.abs(found) > 2.5 / np.sqrt(len(centred)), found, 0.0)


def _intraclass(residual: FloatArray, group: NDArray[np.intp], typical: float) -> float:
    """Return the intraclass correlation by analysis of variance, 0 where it is within chance of it."""
    places = np.unique(group, return_inverse=True)[1]
    size = np.bincount(places)
    centred = residual - residual.mean()
    means = np.bincount(places, weights=centred) / size
    between = float(size @ means**2) / (len(size) - 1)
    within = float(centred @ centred - size @ means**2) / (len(centred) - len(size))
    if within <= 0:
        return 1.0
    ratio = between / within
    # The F ratio of independent rows has sd about sqrt(2/g + 2/(N - g)).
    chance = 1.0 + 2.5 * np.sqrt(2.0 / len(size) + 2.0 / (len(centred) - len(size)))
    return 0.0 if ratio < chance else (ratio - 1.0) / (ratio - 1.0 + typical)
