"""Whether rows can be taken as exchangeable, which every score and p-value here assumes.

Three signs that they cannot: a date column, an identifier that repeats, and columns whose
residuals, given all the other columns, resemble those of the row before. The last is read
from row order alone: for two columns with autocorrelations r(l) and s(l) the variance of
their correlation is ``1 + 2 sum r(l) s(l)`` times what independent rows give (Bartlett
1935), so one autocorrelated column does no harm and two do: independent AR(0.8) series
gave 35 % false contradictions at 5 %.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.check.regression import project_out
from core.check.roles import Role
from core.data.dataset import Dataset

__all__ = ["Dependence", "find_dependence", "inflation"]

FloatArray = NDArray[np.float64]

_LAGS = 10
_LEAST_ROWS = 30
_HARM = 1.3
_MOST_ROWS = 200_000


@dataclass(frozen=True)
class Dependence:
    """Why rows are not exchangeable, in words; falsy where nothing speaks against it."""

    reasons: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.reasons)


def find_dependence(dataset: Dataset, roles: Mapping[str, Role], raw: Mapping[str, FloatArray]) -> Dependence:
    """Look for the three signs.

    Parameters
    ----------
    dataset : Dataset
        All of its columns, modelled or not: a date that no hypothesis names still orders the rows.
    roles, raw : mapping
        The modelled columns and their values over complete rows, in row order.
    """
    reasons = []
    for column in dataset.columns:
        if column.kind == "date":
            reasons.append(f"the column {column.title} is a date, so rows may follow one another")
        elif column.kind == "identifier" and _repeats(dataset, column.name):
            reasons.append(f"the identifier {column.title} repeats, so rows may belong together")
    pair, harm = inflation(roles, raw)
    if harm > _HARM:
        reasons.append(
            f"what {dataset.column(pair[0]).title} and {dataset.column(pair[1]).title} leave unexplained "
            "resembles the row before (autocorrelated residuals)"
        )
    return Dependence(tuple(reasons))


def _repeats(dataset: Dataset, name: str) -> bool:
    values = dataset.table[name].dropna()
    return bool(values.duplicated().any())


def inflation(roles: Mapping[str, Role], raw: Mapping[str, FloatArray]) -> tuple[tuple[str, str], float]:
    """Return the pair of columns whose residuals are most alike their neighbours', and by how much.

    The number is the factor on the variance of their correlation; 1 where nothing is seen.
    """
    names = tuple(name for name, values in raw.items() if np.ptp(values) > 0) if raw else ()
    rows = len(raw[names[0]]) if names else 0
    if len(names) < 2 or rows < max(_LEAST_ROWS, 3 * len(names)):
        return ("", ""), 1.0
    part = {name: raw[name][:_MOST_ROWS] for name in names}
    memory = {name: _memory(_residual(name, roles, part)) for name in names}
    worst, found = ("", ""), 1.0
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            both = (memory[a] > 0) & (memory[b] > 0)
            lasting = len(both) if both.all() else int(np.argmin(both))
            factor = 1.0 + 2.0 * float(np.sum(memory[a][:lasting] * memory[b][:lasting]))
            if factor > found:
                worst, found = (a, b), factor
    return worst, found


def _residual(name: str, roles: Mapping[str, Role], raw: Mapping[str, FloatArray]) -> FloatArray:
    """Return what all other columns leave of one, linearly on the working scale; the widest spread of a category."""
    rows = len(raw[name])
    others = [roles[other].regressors(values) for other, values in raw.items() if other != name]
    z = np.concatenate([np.ones((rows, 1)), *others], axis=-1)
    left, _ = project_out(z[None], roles[name].regressors(raw[name])[None])
    return left[0][:, int(np.argmax(left[0].var(axis=0)))]


def _memory(residual: FloatArray) -> FloatArray:
    """Return autocorrelations at lags 1 … 10, those within chance of zero set to zero."""
    centred = residual - residual.mean()
    total = float(centred @ centred)
    lags = range(1, min(_LAGS, len(centred) // 4) + 1)
    if total <= 1e-12 * len(centred):
        return np.zeros(len(lags))
    found = np.array([float(centred[lag:] @ centred[:-lag]) / total for lag in lags])
    return np.where(np.abs(found) > 2.5 / np.sqrt(len(centred)), found, 0.0)
