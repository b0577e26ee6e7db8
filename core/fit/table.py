"""The closed form of a probability table: a discrete node given discrete parents.

Each of the q combinations of the parents' levels has its own Dirichlet over the node's K
levels, with BDeu pseudo-counts ``ess / (q K)`` (Buntine 1991; Heckerman, Geiger &
Chickering 1995), which is score equivalent. With counts n[j, k] everything is a ratio of
gamma functions; leaving a row out subtracts one from its cell.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

__all__ = [
    "EQUIVALENT_SIZES",
    "MAX_CELLS",
    "Table",
    "counts",
    "draw",
    "evidence",
    "leave_one_out",
    "sweep",
    "warnings_about",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

EQUIVALENT_SIZES = (1.0, 5.0, 10.0)
MAX_CELLS = 50_000_000  # draws x combinations x levels: 400 MB
_ENOUGH = 5


@dataclass(frozen=True)
class Table:
    """Counts and the prior's pseudo-counts.

    ``counts`` has shape (q, K); ``pseudo`` is the pseudo-count of every cell.
    """

    counts: FloatArray
    pseudo: float

    @property
    def alpha(self) -> FloatArray:
        """Parameters of the Dirichlet posteriors, shape (q, K)."""
        return self.counts + self.pseudo


def counts(cells: IntArray, k: int, q: int) -> FloatArray:
    """Count rows by combination of parents' levels and by level, shape (q, K).

    ``cells`` holds each row's cell, the number of the combination times K plus the level.
    """
    return np.bincount(cells, minlength=q * k).reshape(q, k).astype(np.float64)


def evidence(table: Table) -> float:
    """Return the log evidence: the Dirichlet-multinomial of each combination, summed."""
    k = table.counts.shape[1]
    seen = table.counts.sum(axis=1)
    rows = gammaln(k * table.pseudo) - gammaln(k * table.pseudo + seen)
    cells = gammaln(table.alpha) - gammaln(table.pseudo)
    return float(rows.sum() + cells.sum())


def sweep(cells: FloatArray) -> tuple[float, float, float]:
    """Return the log evidence at equivalent sample sizes 1, 5 and 10."""
    one, five, ten = (evidence(Table(cells, size / cells.size)) for size in EQUIVALENT_SIZES)
    return one, five, ten


def draw(table: Table, draws: int, rng: np.random.Generator) -> FloatArray:
    """Draw independently from the posterior, shape (S, q, K), rows adding up to one.

    With pseudo-counts far below one a gamma variate underflows to zero, so the draw is
    made on the log scale: Gamma(a) = Gamma(a + 1) U^(1/a).
    """
    alpha = table.alpha
    shape = (draws, *alpha.shape)
    log_gamma = np.log(rng.standard_gamma(alpha + 1.0, size=shape)) - rng.standard_exponential(shape) / alpha
    log_gamma -= log_gamma.max(axis=-1, keepdims=True)
    np.exp(log_gamma, out=log_gamma)
    log_gamma /= log_gamma.sum(axis=-1, keepdims=True)
    return log_gamma


def leave_one_out(table: Table) -> tuple[FloatArray, FloatArray]:
    """Return the exact leave-one-out and in-sample log predictive probability of a row in each cell, (q, K)."""
    k = table.counts.shape[1]
    totals = table.counts.sum(axis=1, keepdims=True) + k * table.pseudo
    inside = np.log(table.alpha) - np.log(totals)
    # (n - 1) + pseudo in this order: a small pseudo-count must not be rounded away. Cells
    # without a row have nothing to leave out and are never looked up.
    without = np.log(np.maximum(table.counts - 1.0, 0.0) + table.pseudo)
    rest = np.maximum(table.counts.sum(axis=1, keepdims=True) - 1.0, 0.0) + k * table.pseudo
    return without - np.log(rest), inside


def warnings_about(table: Table) -> tuple[str, ...]:
    """Say in words where the table is deterministic: one level only, over at least five rows."""
    seen = table.counts.sum(axis=1)
    certain = (seen >= _ENOUGH) & (table.counts.max(axis=1) == seen)
    if not certain.any():
        return ()
    return (
        f"in {int(certain.sum())} of {len(seen)} combinations of its parents' levels only one level occurs "
        "(deterministic cells): the evidence leans on the prior there, so look at its sweep",
    )
