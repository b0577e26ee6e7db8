"""How strongly columns go together, and the prior scale t of each column that follows from it.

A slope's prior is in units of the child's residual standard deviation, Normal(0, sigma / sqrt(t)).
Where two columns nearly determine each other that slope is large against sigma, a t of 1/2 pulls it
in, and what it pulls in comes back as a superfluous arrow. So each column k has a t of its own,

    t_k = min(1/2, 4 / max_j s_jk),   s_jk = max(r_jk^2 / (1 - r_jk^2), Omega_jk^2 / Omega_jj),

over the other columns j, with r the correlations and Omega their matrix's inverse (docs/statistics.md,
"Strong relations"). Both parts are the square of a slope of k in units of sigma, on standardised
columns: of the regression of j on k alone, and of j on all others, whose slope of k is
-Omega_jk / Omega_jj and whose residual variance is 1 / Omega_jj (Lauritzen 1996, ch. 5). The index of
the denominator is thus that of the *child*, since t_k belongs to k as a cause. A slope of sqrt(s)
sigmas lies within two prior standard deviations, whatever graph is drawn: t depends on data alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from core.data.dataset import Dataset

__all__ = ["LARGEST", "NEARLY", "SMALLEST", "Scale", "nearly_determined", "observed_rows", "prior_scales", "scales_of"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LARGEST = 0.5
"""t of a column that no other determines by more than R2 = 8/9, and of categories."""

SMALLEST = 1e-6
"""The floor: s = 4,000,000, what is left of a column rounded to about a six-hundredth of its sd.

Beyond, a relation cannot be told from an exact one that was written down with three digits, of which
``whyboard profile`` says that nothing is left for noise. It keeps t above 0 where a column follows
exactly from others, and a slope's prior within 1,000 sigmas, so that simulation stays finite.
"""

NEARLY = 1 / 50
"""Under this t (R2 over .995) two columns are said to nearly determine each other."""

_STRENGTH = 4.0
_FEWEST_ROWS = 5  # of three rows every fifth pair of unrelated columns has R2 over 8/9, of five 1.6 %
_ROWS_A_COLUMN = 5
# Far under what SMALLEST can tell: it only makes the matrix of columns that determine each other invertible.
_RIDGE = 1e-12
_CONSTANT = 1e-12
_CELLS = 65_536
_MOST_COLUMNS = 200
_MOST_SAID = 6
_NUMBERS = ("real", "positive", "proportion", "count")


@dataclass(frozen=True)
class Scale:
    """One column's t.

    ``other`` is the place of the column that it is most strongly related to, None where t is 1/2.
    ``r_squared`` is theirs alone; ``alone`` whether that by itself makes t what it is, else it takes
    the other columns too.
    """

    t: float = LARGEST
    other: int | None = None
    r_squared: float = 0.0
    alone: bool = True


def prior_scales(columns: Sequence[FloatArray], observed: Sequence[BoolArray] | None = None) -> tuple[Scale, ...]:
    """Return the prior scale of each column.

    Parameters
    ----------
    columns : sequence of array, each shape (N,)
        Numbers on their working scales; any unit.
    observed : sequence of array of bool, each shape (N,), optional
        Rows of each column that count: not set by intervention. Values that are not finite never
        do. A pair is looked at over the rows in which both count, and not at all if these are under
        five; Omega over those in which all do, if there are five for each column that varies.

    Returns
    -------
    tuple of Scale
        ``SMALLEST <= t <= LARGEST`` whatever the values are: 1/2 for a column that does not vary.
    """
    if len(columns) < 2 or not len(columns[0]):
        return (Scale(),) * len(columns)
    seen = [np.isfinite(values) for values in columns]
    if observed is not None:
        seen = [one & two for one, two in zip(seen, observed, strict=True)]
    every = seen[0].copy()
    for one in seen[1:]:
        every &= one
    all_of_them = bool(every.all())
    with np.errstate(all="ignore"):
        r = _correlations(columns, None if all_of_them else seen)
        r_squared = np.minimum(r**2, 1.0)
        np.fill_diagonal(r_squared, 0.0)
        pairs = r_squared / (1.0 - r_squared)
        given = np.zeros_like(pairs)
        varies = np.array([_varies(values if all_of_them else values[every]) for values in columns])
        if varies.sum() > 2 and every.sum() >= _ROWS_A_COLUMN * varies.sum():
            use = np.ix_(varies, varies)
            whole = r if all_of_them else _correlations([values[every] for values in columns], None)
            given[use] = _given_all(whole[use])
    return tuple(_scale(place, pairs, given, r_squared) for place in range(len(columns)))


def _scale(place: int, pairs: FloatArray, given: FloatArray, r_squared: FloatArray) -> Scale:
    strength = np.maximum(pairs[:, place], given[:, place])
    other = int(np.argmax(strength))
    t = min(LARGEST, max(SMALLEST, _STRENGTH / strength[other])) if strength[other] > 0 else LARGEST
    if t == LARGEST:
        return Scale()
    alone = bool(pairs[other, place] >= min(given[other, place], _STRENGTH / NEARLY))
    return Scale(float(t), other, float(r_squared[other, place]), alone)


def _varies(values: FloatArray) -> bool:
    return bool(values.size and values.min() < values.max())


def _given_all(r: FloatArray) -> FloatArray:
    """Return s by j (row) and k (column): the squared slope of k, all others given, over j's residual variance."""
    omega = np.linalg.inv(r + _RIDGE * np.eye(len(r)))
    found = omega**2 / np.diag(omega)[:, None]
    np.fill_diagonal(found, 0.0)
    return np.asarray(np.nan_to_num(found, nan=0.0), dtype=np.float64)


def _correlations(columns: Sequence[FloatArray], seen: Sequence[BoolArray] | None) -> FloatArray:
    """Return the correlations, each over the rows in which both count (all, without ``seen``); 0 where there is none.

    The rows are gone through in parts, so that no second copy of the table is made.
    """
    rows, width = len(columns[0]), len(columns)
    if rows < _FEWEST_ROWS:
        return np.eye(width)
    units = [_unit(values if seen is None else values[seen[place]]) for place, values in enumerate(columns)]
    # By column and the column beside which it stands: sums over the rows in which both count.
    counts, sums, squares, products = np.zeros((4, width, width))
    step = max(_CELLS // width, 1)
    for start in range(0, rows, step):
        part = slice(start, min(rows, start + step))
        z = np.empty((part.stop - start, width))
        for place, (values, (centre, size)) in enumerate(zip(columns, units, strict=True)):
            z[:, place] = (values[part] - centre) / size
        if seen is None:
            counts += len(z)
            sums += z.sum(axis=0)[:, None]
            squares += np.einsum("ij,ij->j", z, z)[:, None]
        else:
            counted = np.column_stack([one[part] for one in seen])
            z[~counted] = 0.0
            counts += counted.T.astype(np.float64) @ counted
            sums += z.T @ counted
            squares += np.square(z).T @ counted
        products += z.T @ z
    variances = squares - sums**2 / counts
    found = (products - sums * sums.T / counts) / np.sqrt(variances * variances.T)
    varies = variances > _CONSTANT * squares
    found = np.where((counts >= _FEWEST_ROWS) & varies & varies.T, found, 0.0)
    found = np.clip(np.nan_to_num(found, nan=0.0), -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def _unit(values: FloatArray) -> tuple[float, float]:
    """Return a centre, and a size that keeps the squares of extreme values finite."""
    if not values.size:
        return 0.0, 1.0
    largest = float(np.abs(values).max()) or 1.0
    centre = float((values / largest).mean()) * largest
    size = float(np.abs(values / 2 - centre / 2).max()) * 2
    return centre, size if 0 < size < np.inf else largest


# -- of a data set -----------------------------------------------------------------------


def observed_rows(dataset: Dataset, name: str) -> BoolArray:
    """Return the rows in which a column was not set, shape (N,); all if it was set in every one."""
    observed = ~dataset.was_set(name)
    return observed if observed.any() else ~observed


def scales_of(dataset: Dataset, transforms: Mapping[str, str]) -> tuple[Scale, ...]:
    """Return the prior scales of some columns of a data set.

    Parameters
    ----------
    dataset : Dataset
    transforms : mapping of str to str
        Column to its working scale, ``"identity"``, ``"log"`` or ``"log1p"``.
    """
    columns = [_working(dataset.values(name), transform) for name, transform in transforms.items()]
    observed = [observed_rows(dataset, name) for name in transforms] if dataset.set_by_row else None
    return prior_scales(columns, observed)


def _working(values: FloatArray, transform: str) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        match transform:
            case "log":
                return np.log(values)
            case "log1p":
                return np.log1p(values)
    return values


def nearly_determined(dataset: Dataset, without: Collection[str] = ()) -> tuple[str, ...]:
    """Return a clause for each two columns that nearly determine each other, as the default families take them.

    Parameters
    ----------
    without : collection of str
        Columns of which it is said already that they follow exactly from others.
    """
    from core.data.constants import column_constants

    names = [c.name for c in dataset.columns if c.kind in _NUMBERS and c.name not in without][:_MOST_COLUMNS]
    transforms = {name: column_constants(dataset, name).working_transform for name in names}
    said: dict[frozenset[int], str] = {}
    for place, scale in enumerate(scales_of(dataset, transforms)):
        if scale.other is None or scale.t >= NEARLY:
            continue
        one, two = sorted((place, scale.other))
        how = f"R2 {_share(scale.r_squared)}" if scale.alone else "once the other columns are known"
        text = f"{names[one]!r} and {names[two]!r} nearly determine each other ({how})"
        said.setdefault(frozenset((one, two)), text)
    found = tuple(said.values())
    more = len(found) - _MOST_SAID
    return found if more <= 0 else (*found[:_MOST_SAID], f"so do {more} more pairs of columns")


def _share(r_squared: float) -> str:
    """Return an R2 near 1 with the first digit that is no 9, rounded down: 0.9987."""
    digits = min(max(3, int(np.ceil(-np.log10(max(1.0 - r_squared, 1e-9)))) + 1), 9)
    return f"{np.floor(r_squared * 10**digits) / 10**digits:.{digits}f}"
