"""Which rows have somebody to compare with: like them in the treatment's causes, and at the other value.

For two levels it is the chance e of the second given the causes: under 0.02 or over 0.98 there is as good as
nobody (Crump, Hotz, Imbens & Mitnik 2009 cut at 0.1 for precision; this is about who is there at all). Where
a level is rare, 0.02 would be everybody, though a thousandth of many rows is a group: the bound is a tenth of
the level's share where that is less.

A number is compared at two values as well, ``low`` and ``high`` of the step that the effect takes. Among rows
with the same causes, one known to have either has ``high`` with the chance

    e_i = f(high_i | z_i) / (f(low_i | z_i) + f(high_i | z_i)),

and the same bounds hold. f is the density of what regressions leave of the treatment, u = (x - m(z)) / s(z),
out of sample, its spread s varying with the causes too: half of it a kernel estimate, half the standard Normal
one, whose tails do not end with the rows. A row has nobody as well where neither value is ever seen with its
causes (both densities under a fiftieth of the usual one), and where the causes all but determine the
treatment (s under 5 % of its standard deviation).
"""

import numpy as np
from numpy.typing import NDArray

from core.fit.unseen import Turned, predicted_unseen

__all__ = ["RAREST", "bounds", "comparable_levels", "comparable_numbers"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

RAREST = 0.02
_OF_SHARE = 0.1
_DETERMINED = 0.05
_LEAST_SPREAD = 0.2  # of the overall spread
_GRID = np.linspace(-9.0, 9.0, 721)


def bounds(share: float) -> tuple[float, float]:
    """Return between which chances of a level its rows can be compared, from its share of all rows.

    Examples
    --------
    >>> bounds(0.5)
    (0.02, 0.98)
    >>> bounds(0.01)
    (0.001, 0.98)
    """
    return min(RAREST, _OF_SHARE * share), 1.0 - min(RAREST, _OF_SHARE * (1.0 - share))


def comparable_levels(low: FloatArray, high: FloatArray, shares: tuple[float, float]) -> BoolArray:
    """Return which rows could have either of two levels, shape (N,).

    Parameters
    ----------
    low, high : array, shape (N,)
        Each row's chance of the level, given the treatment's causes.
    shares : (float, float)
        Of all rows that have the levels.

    Notes
    -----
    With more than two levels it is the chance among the two that counts, and one row may have neither.
    """
    both = low + high
    least, most = bounds(shares[1] / (shares[0] + shares[1]))
    rare = min(RAREST, _OF_SHARE * (shares[0] + shares[1]))
    chance = high / np.maximum(both, 1e-300)
    return np.asarray((chance >= least) & (chance <= most) & (both >= rare))


def comparable_numbers(basis: Turned, x: FloatArray, low: FloatArray, high: FloatArray) -> BoolArray:
    """Return which rows could have either end of their step, shape (N,).

    Parameters
    ----------
    basis : Turned
        The treatment's causes.
    x, low, high : array, shape (N,)
        The treatment and the two ends of its step, on its working scale.
    """
    middle = predicted_unseen(basis, x[:, None])[:, 0]
    left = x - middle
    overall = float(np.sqrt(np.mean(left**2)))
    if overall <= 0:
        return np.zeros(len(x), dtype=bool)
    size = np.maximum(predicted_unseen(basis, np.abs(left)[:, None])[:, 0], _LEAST_SPREAD * np.abs(left).mean())
    spread = size * float(np.sqrt(np.mean((left / size) ** 2)))
    at_low, at_high = (_density((end - middle) / spread, left / spread) for end in (low, high))
    chance = at_high / np.maximum(at_low + at_high, 1e-300)
    usual = float(np.median(_density(left / spread, left / spread)))
    seen = np.maximum(at_low, at_high) > RAREST * usual
    varies = spread > _DETERMINED * x.std()
    return np.asarray((chance >= RAREST) & (chance <= 1.0 - RAREST) & seen & varies)


def _density(at: FloatArray, sample: FloatArray) -> FloatArray:
    """Return the density of standardised leftovers: half kernel estimate, half standard Normal."""
    step = _GRID[1] - _GRID[0]
    counts = np.histogram(sample, np.append(_GRID - step / 2, _GRID[-1] + step / 2))[0] / (len(sample) * step)
    width = max(1.06 * len(sample) ** -0.2, 2 * step)
    kernel = np.exp(-0.5 * (_GRID[240:481] / width) ** 2)
    smooth = np.convolve(counts, kernel / kernel.sum(), mode="same")
    normal = np.exp(-0.5 * at**2) / np.sqrt(2 * np.pi)
    return np.asarray(0.5 * np.interp(at, _GRID, smooth, left=0.0, right=0.0) + 0.5 * normal)
