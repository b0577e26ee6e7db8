"""What follows where rows are not exchangeable: why there is no verdict, or what errors are computed with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Dependence"]

IntArray = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Dependence:
    """Why rows are not exchangeable, in words; truthy where the verdict is withheld for that.

    Parameters
    ----------
    reasons : tuple of str
        Why the verdict is withheld.
    notes : tuple of str
        Whole sentences on what was looked at and does no harm, or does not count.
    advice : tuple of str
        Whole sentences: what to do about the reasons.
    said : str
        What is computed with, in one sentence; empty where nothing is.
    offers : tuple of str
        Ways out that the user may choose, as :func:`core.check.rows_as.rows_as` reads them.
    clusters : array of int, shape (N,), or None
        Rows with one label belong together: groups, or blocks of a series. Where errors are computed so.
    factors : mapping of frozenset to float
        By pair of columns, of all whose factor differs from ``base``.
    base : float
        The factor of all other pairs: copies.
    """

    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    said: str = ""
    offers: tuple[str, ...] = ()
    clusters: IntArray | None = None
    factors: Mapping[frozenset[str], float] = field(default_factory=dict)
    base: float = 1.0

    def __bool__(self) -> bool:
        return bool(self.reasons)

    @property
    def computed(self) -> bool:
        """Whether errors are computed with what was found, and a verdict is given."""
        return bool(self.said) and not self.reasons

    @property
    def withheld(self) -> str:
        """Why there is no verdict, in one sentence; empty where there is one."""
        if not self.reasons:
            return ""
        return f"No verdict: {'; '.join(self.reasons)}, and every p-value and score here takes rows as exchangeable."

    def worst(self, name: str) -> float:
        """Return the largest factor of any association of a column."""
        return max((factor for pair, factor in self.factors.items() if name in pair), default=self.base)

    def inflation(self, x: str, y: str) -> float:
        """Return the factor on the variance of the association of two columns; 1 where nothing is to be counted."""
        return self.factors.get(frozenset((x, y)), self.base)
