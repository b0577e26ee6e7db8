"""Resampled data sets as weights of rows: what a bootstrap of N rows counts each row.

The bagged posterior (Huggins & Miller 2023) averages over data sets of M = N rows drawn with
replacement. Such a data set is a vector of whole numbers w_i that add up to N, and whatever a
family needs of it is a weighted sum over the rows, so no row is ever copied. The weights depend
on the seed and on the number of rows alone: every block of every hypothesis sees the same data sets.

With more than :data:`SINGLE_ROWS` rows, groups of rows are drawn instead of rows: a random
partition into :data:`GROUPS` groups of equal size (but for one row). A sum over rows is then a
weighted sum over groups of their sums. Over all partitions and resamples its mean is that of the
bootstrap, and its variance that of a variance estimated from :data:`GROUPS` values (relative error
sqrt(2 / 2000) = 3 %): the same distribution to what B resamples can show, at a cost that hardly
depends on B.

Where rows belong together (groups, or blocks of a series), these are drawn whole: as many clusters as
there are, with replacement (Davison & Hinkley 1997, ch. 3.8 and 8.2). A data set has then about N rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["GROUPS", "RESAMPLES", "SINGLE_ROWS", "Resamples"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

RESAMPLES = 100
"""B, how many resampled data sets."""

SINGLE_ROWS = 20_000
"""Above it groups of rows are drawn."""

GROUPS = 2_000

_CELLS = 2_000_000  # numbers worked on at once


@dataclass(frozen=True, eq=False)
class Resamples:
    """B resampled data sets of N rows.

    Parameters
    ----------
    weights : array, shape (B, G)
        How often each group of rows is drawn; the whole numbers of a data set add up to G.
    order : array of int, shape (N,), or None
        Group g is made of the rows ``order[g::G]``. None: each row is a group, and G = N.
    rows : int
        N.
    labels : array of int, shape (N,), optional
        The group of each row, where groups are clusters of rows that belong together.
    """

    weights: FloatArray
    order: IntArray | None
    rows: int
    labels: IntArray | None = None

    @classmethod
    def of(cls, rows: int, seed: int, count: int = RESAMPLES, clusters: IntArray | None = None) -> "Resamples":
        """Return ``count`` data sets of ``rows`` rows; they depend on these numbers, and the clusters, alone."""
        rng = np.random.default_rng([seed % 2**63, rows, count])
        if clusters is not None and rows:
            groups, labels = int(clusters.max()) + 1, clusters
            if groups > SINGLE_ROWS:
                labels, groups = rng.permutation(groups)[clusters] % GROUPS, GROUPS
            return cls(_drawn(rng, groups, count), None, rows, labels)
        groups = min(rows, GROUPS) if rows > SINGLE_ROWS else rows
        order = rng.permutation(rows) if groups < rows else None
        if not groups:
            return cls(np.zeros((count, 0)), None, 0)
        return cls(_drawn(rng, groups, count), order, rows)

    @property
    def count(self) -> int:
        """B."""
        return len(self.weights)

    @property
    def groups(self) -> int:
        """G."""
        return self.weights.shape[1]

    @property
    def grouped(self) -> bool:
        """Whether groups of rows are drawn."""
        return self.order is not None or self.labels is not None

    @property
    def group_of(self) -> IntArray:
        """The group of each row, shape (N,)."""
        if self.labels is not None:
            return self.labels
        if self.order is None:
            return np.arange(self.rows)
        found = np.empty(self.rows, dtype=np.intp)
        found[self.order] = np.arange(self.rows) % self.groups
        return found

    def parts(self) -> Iterator[tuple[IntArray | slice, FloatArray]]:
        """Cut the rows into parts of whole groups.

        Yields
        ------
        rows : array of int, or slice
            Which rows the part is made of. Of groups of equal size a matrix, shape (groups of the part,
            rows a group), with -1 where a group has one row fewer.
        weights : array, shape (B, groups of the part)
        """
        if self.order is None:
            step = max(1, _CELLS // max(self.count, 1))
            for start in range(0, self.rows, step):
                rows = slice(start, min(self.rows, start + step))
                yield rows, self.weights[:, rows] if self.labels is None else self.weights[:, self.labels[rows]]
            return
        size = -(-self.rows // self.groups)
        padded = np.full(size * self.groups, -1, dtype=np.intp)
        padded[: self.rows] = self.order
        by_group = padded.reshape(size, self.groups).T
        step = max(1, _CELLS // (16 * size))
        for start in range(0, self.groups, step):
            some = slice(start, min(self.groups, start + step))
            yield by_group[some], self.weights[:, some]

    def sums(self, values: FloatArray) -> FloatArray:
        """Return the weighted sums of rows' values, shape (N,) or (N, q), in each data set: (B,) or (B, q)."""
        if self.labels is not None:
            columns = values.reshape(len(values), -1).T
            by_group = np.array([np.bincount(self.labels, weights=one, minlength=self.groups) for one in columns])
            return np.asarray((self.weights @ by_group.T).reshape(self.count, *values.shape[1:]))
        if self.order is None:
            return self.weights @ values
        total = np.zeros((self.groups, *values.shape[1:]))
        whole = self.rows - self.rows % self.groups
        moved = values[self.order]
        total += moved[:whole].reshape(-1, self.groups, *values.shape[1:]).sum(axis=0)
        total[: self.rows - whole] += moved[whole:]
        return self.weights @ total

    def tallies(self, place: IntArray, keep: NDArray[np.bool_] | None = None) -> tuple[IntArray, FloatArray]:
        """Count the rows of each data set by a number that every row has.

        Parameters
        ----------
        place : array of int, shape (N,)
        keep : array of bool, shape (N,), optional
            The rows that enter; all unless given.

        Returns
        -------
        found : array of int, shape (U,)
            The numbers that occur, in order.
        tallies : array, shape (B, U)
        """
        groups = self.group_of
        if keep is not None:
            place, groups = place[keep], groups[keep]
        if not len(place):
            return np.empty(0, dtype=np.intp), np.zeros((self.count, 0))
        pairs, times = np.unique(place.astype(np.intp) * self.groups + groups, return_counts=True)
        places, groups = np.divmod(pairs, self.groups)
        starts = np.flatnonzero(np.concatenate([[True], places[1:] != places[:-1]]))
        tallies = np.empty((self.count, len(starts)))
        step = max(1, _CELLS // len(pairs))
        for start in range(0, self.count, step):
            some = slice(start, start + step)
            tallies[some] = np.add.reduceat(self.weights[some][:, groups] * times, starts, axis=1)
        return places[starts], tallies


def _drawn(rng: np.random.Generator, groups: int, count: int) -> FloatArray:
    """Return how often each group is drawn in each data set, shape (B, G)."""
    drawn = rng.integers(groups, size=(count, groups))
    drawn += groups * np.arange(count)[:, None]
    found = np.bincount(drawn.ravel(), minlength=count * groups).reshape(count, groups)
    return found.astype(np.float64)
