"""What a hypothesis implies of one node before it has seen data, beside what was observed of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.model.groups import as_modelled
from core.model.spec import ModelSpec
from core.simulate.background import background_rows
from core.simulate.prior import prior_predictive

__all__ = ["FAR", "Implied", "Window", "implied"]

FloatArray = NDArray[np.float64]

#: Data sets, and rows of each: enough to tell one value in a hundred, in some milliseconds.
DRAWS, ROWS = 100, 100
#: What lies outside the observed range, made this many times as wide about its middle, is absurd.
FAR = 3.0
_BINS, _MOST_COUNTS = 36, 40
#: What numbers of a kind cannot be: below the first, above the second.
_POSSIBLE = {"positive": (0.0, np.inf), "proportion": (0.0, 1.0), "count": (0.0, np.inf)}


@dataclass(frozen=True, eq=False)
class Window:
    """The part of a node's values that is worth a picture, in bins.

    Parameters
    ----------
    edges : array, shape (B + 1,)
    generated, observed : array, shape (B,)
        Share of all values in each bin; of the observed ones zeros where there are none.
    """

    edges: FloatArray
    generated: FloatArray
    observed: FloatArray


@dataclass(frozen=True, eq=False)
class Implied:
    """Values of one node, pooled over data sets with parameters drawn from the priors.

    Parameters
    ----------
    kind : str
        The column's kind.
    levels : tuple of str
        Of a discrete node, in code order.
    generated : array
        All values; NaN where one was too large for the machine.
    observed : array
        Empty without data.
    """

    kind: str
    levels: tuple[str, ...]
    generated: FloatArray
    observed: FloatArray

    @cached_property
    def _finite(self) -> FloatArray:
        return self.generated[np.isfinite(self.generated)]

    @property
    def lost(self) -> float:
        """Share of values that were too large for the machine."""
        return 1.0 - self._finite.size / self.generated.size

    @property
    def far(self) -> float:
        """Share outside the observed range times :data:`FAR`, lost ones among them; zero where nothing says."""
        if self.levels or not self.observed.size:
            return self.lost
        low, high = self._far_ends
        inside = np.count_nonzero((self._finite >= low) & (self._finite <= high))
        return 1.0 - inside / self.generated.size

    @property
    def impossible(self) -> float:
        """Share of what no value of the column's kind can be: below zero, above one."""
        low, high = _POSSIBLE.get(self.kind, (-np.inf, np.inf))
        return float(np.count_nonzero((self._finite < low) | (self._finite > high)) / self.generated.size)

    @property
    def _far_ends(self) -> tuple[float, float]:
        low, high = float(self.observed.min()), float(self.observed.max())
        more = (FAR - 1.0) / 2.0 * ((high - low) or abs(high) or 1.0)
        return low - more, high + more

    def half(self, observed: bool = False) -> tuple[float, float]:
        """Return between which numbers the middle half of the values lies."""
        values = self.observed if observed else self._finite
        low, high = np.quantile(values, [0.25, 0.75]) if values.size else (np.nan, np.nan)
        return float(low), float(high)

    @cached_property
    def window(self) -> Window:
        """What is drawn: the bulk of what is generated and all that was observed, but nothing absurd."""
        edges = self._edges()
        shares = []
        for values, whole in ((self._finite, self.generated.size), (self.observed, self.observed.size)):
            shares.append(np.histogram(values, edges)[0] / max(whole, 1))
        return Window(edges, shares[0], shares[1])

    def _edges(self) -> FloatArray:
        if self.levels:
            return _halfway(0, len(self.levels) - 1)
        low, high = np.quantile(self._finite, [0.02, 0.98]) if self._finite.size else (0.0, 1.0)
        if self.observed.size:
            ends = self._far_ends
            low, high = max(low, ends[0]), min(high, ends[1])
            low, high = min(low, self.observed.min()), max(high, self.observed.max())
        if self.kind == "count" and high - low < _MOST_COUNTS:
            return _halfway(int(np.floor(low)), int(np.ceil(high)))
        return np.linspace(float(low), float(high) if high > low else float(low) + 1.0, _BINS + 1)


def _halfway(first: int, last: int) -> FloatArray:
    """Return the edges of a bin around each whole number."""
    return np.linspace(first - 0.5, last + 0.5, last - first + 2)


def implied(spec: ModelSpec, node: str, dataset: Dataset | None, seed: int = 0) -> Implied:
    """Return what a hypothesis implies of a node that it models.

    Parameters
    ----------
    spec : ModelSpec
    node : str
    dataset : Dataset or None
        What was observed, and the rows of what is background.
    seed : int
    """
    model = next(model for model in spec.nodes if model.node == node)
    given = background_rows(spec, dataset, ROWS, seed)
    drawn = prior_predictive(spec, ROWS, DRAWS, seed, given_raw=given).values[node]
    seen = np.array([])
    if dataset is not None and node in dataset.names:
        seen = as_modelled(spec, dataset).values(node)
    return Implied(model.kind, model.response.levels, np.ravel(drawn), seen[np.isfinite(seen)])
