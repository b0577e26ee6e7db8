"""The closed form of a linear-Gaussian family: posterior, evidence and leave-one-out.

On the scale of the family (standardised y and design X, an intercept column in front),
with p design columns and the conjugate prior

    sigma^2 ~ InverseGamma(alpha, beta)
    intercept | sigma ~ Normal(0, sigma / sqrt(a)),  slope of column k | sigma ~ Normal(0, sigma / sqrt(t_k))

everything follows from one triangular factor R of the rows ``[1 X y]`` stacked on the
square root of the prior precision. With the defaults a = 1, alpha = (p + 3)/2, beta = t/2 of
the child's own t this is the BGe prior with a diagonal T = diag(t_1, t_2, …), one t a column,
written family by family: a column's variance given its parents is T's, their slopes have the
precision matrix T of the parents. So Gaussian graphs of one Markov equivalence class get the
same evidence (Geiger & Heckerman 2002; Kuipers, Moffa & Heckerman 2014), whatever the t are;
they are 1/2, less where columns nearly determine each other (core/data/prior_scales.py).
A LogNormal family with a linear predictor is the same applied to log y.

The factor is built chunk by chunk, so the cost is linear in N, memory does not grow with N,
and nothing depends on cross-products alone, which would square the condition number.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import lgamma, log, pi

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "PRIOR_SCALES",
    "GaussianPrior",
    "Posterior",
    "draw",
    "evidence",
    "leave_one_out",
    "log_evidence_of",
    "posterior",
    "reduce_chunks",
    "reduce_rows",
    "sweep",
]

FloatArray = NDArray[np.float64]

PRIOR_SCALES = (0.5, 1.0, 2.0)
_CHUNK = 4_096
_WELL_CONDITIONED = 1e6
_LOG_2PI = log(2.0 * pi)


@dataclass(frozen=True)
class GaussianPrior:
    """The conjugate prior's numbers; see the module's formulas.

    ``a`` and ``t`` are prior precisions of the intercept and of each slope (shape (p,)),
    in units of 1 / sigma^2.
    """

    a: float
    t: FloatArray
    alpha: float
    beta: float

    @classmethod
    def bge(cls, p: int, a: float = 1.0, t: float = 0.5, of_columns: Sequence[float] | None = None) -> "GaussianPrior":
        """Return the default for ``p`` design columns.

        ``t`` is the child's prior scale, ``of_columns`` that of each design column's parent
        (unless given, the child's).
        """
        slopes = np.full(p, t) if of_columns is None else np.array(of_columns, dtype=np.float64)
        return cls(a, slopes, (p + 3) / 2, t / 2)

    def scaled(self, scale: float) -> "GaussianPrior":
        """Return the prior with ``scale`` times the slopes' prior sd.

        A slope's sd given sigma is ``sigma / sqrt(t)``: ``scale`` times it is ``t / scale^2``.
        The child's t is the scale of sigma^2 (``beta = t/2``), so beta is divided by
        ``scale^2`` as well. Both places must move together: one factor on the t of every
        column leaves the prior a single Wishart over all the columns, hence the evidence
        equal within a Markov class at every step of the sweep.
        """
        return GaussianPrior(self.a, self.t / scale**2, self.alpha, self.beta / scale**2)


@dataclass(frozen=True)
class Posterior:
    """A Normal-InverseGamma posterior.

    sigma^2 ~ InverseGamma(``alpha``, ``beta``); coefficients (intercept first) given
    sigma ~ Normal(``mean``, sigma^2 (R'R)^-1) with ``r`` upper triangular, p + 1 square. Where columns were
    scaled, ``r`` is that of the scaled ones and ``scales`` (p + 1,) what they were multiplied by;
    ``mean`` is of the columns as they are.
    """

    mean: FloatArray
    r: FloatArray
    alpha: float
    beta: float
    log_evidence: float
    scales: FloatArray | None = None

    @property
    def r_inverse(self) -> FloatArray:
        """The root of the coefficients' covariance in units of sigma: the inverse of ``r``, rows scaled."""
        inverse = np.linalg.solve(self.r, np.eye(len(self.r)))
        return inverse if self.scales is None else self.scales[:, None] * inverse


def reduce_rows(y: FloatArray, x: FloatArray) -> FloatArray:
    """Return the triangular factor of ``[1 X y]``, shape (at most p + 2, p + 2), up to signs.

    It is all that posterior and evidence need of the rows: the pass over the data is made
    once, whatever prior follows.
    """
    return reduce_chunks(lambda: _augmented(y, x), len(y), x.shape[1] + 2)


def _augmented(y: FloatArray, x: FloatArray) -> Iterator[FloatArray]:
    """Yield the rows ``[1 X y]``, a chunk at a time."""
    for start in range(0, len(y), _CHUNK):
        stop = min(len(y), start + _CHUNK)
        rows = np.empty((stop - start, x.shape[1] + 2))
        rows[:, 0] = 1.0
        rows[:, 1:-1] = x[start:stop]
        rows[:, -1] = y[start:stop]
        yield rows


def reduce_chunks(chunks: Callable[[], Iterable[FloatArray]], rows: int, width: int) -> FloatArray:
    """Return the triangular factor of rows that come in chunks, shape (at most width, width), up to signs.

    Parameters
    ----------
    chunks : callable
        Gives all rows anew at every call, some thousands at a time, each shape (n, width).
    rows, width : int
        How many there are.
    """
    if rows > _CHUNK:
        factor = _cholesky_twice(chunks)
        if factor is not None:
            return factor
    factor = np.empty((0, width))
    for part in chunks():
        factor = np.linalg.qr(np.vstack([factor, part]), mode="r")
    return factor


def _cholesky_twice(chunks: Callable[[], Iterable[FloatArray]]) -> FloatArray | None:
    """Return the factor by two passes of Cholesky, or None if the columns are too near to collinear.

    The first factor is only as good as the cross-products; the second, of rows that the
    first has made nearly orthonormal, repairs it to the accuracy of Householder's (Yamamoto,
    Nakatsukasa, Yanagisawa & Fukaya 2015), at a fifth of the cost.
    """
    try:
        first = np.linalg.cholesky(_gram(chunks())).T
        if np.linalg.cond(first) > _WELL_CONDITIONED:
            return None
        inverse = np.linalg.inv(first)
        second = np.linalg.cholesky(_gram(rows @ inverse for rows in chunks())).T
    except np.linalg.LinAlgError:
        return None
    return second @ first


def _gram(chunks: Iterable[FloatArray]) -> FloatArray:
    total: FloatArray | None = None
    for rows in chunks:
        part = rows.T @ rows
        total = part if total is None else np.add(total, part, out=total)
    return np.zeros((0, 0)) if total is None else total


def posterior(factor: FloatArray, n: int, prior: GaussianPrior) -> Posterior:
    """Return the posterior and the log evidence from the rows' factor.

    Parameters
    ----------
    factor : array
        From :func:`reduce_rows`.
    n : int
        Number of rows behind it.
    prior : GaussianPrior

    Notes
    -----
    With R the factor of rows and prior, ``R[-1, -1]^2`` is the penalised residual sum of
    squares, so ``beta_n = beta + R[-1, -1]^2 / 2`` without a difference of large numbers.
    """
    p = len(prior.t)
    root = np.zeros((p + 1, p + 2))
    root[:, :-1] = np.diag(np.sqrt(np.concatenate([[prior.a], prior.t])))
    full = np.linalg.qr(np.vstack([factor, root]), mode="r")
    if len(full) < p + 2:  # no rows at all: the prior is the posterior
        full = np.vstack([full, np.zeros((p + 2 - len(full), p + 2))])
    # A factor is unique but for the signs of its rows: chosen, so that draws do not depend on how it was found.
    full *= np.where(np.diag(full) < 0, -1.0, 1.0)[:, None]
    r = full[: p + 1, : p + 1]
    mean = np.linalg.solve(r, full[: p + 1, -1])
    alpha, beta = prior.alpha + n / 2, prior.beta + full[p + 1, p + 1] ** 2 / 2
    half_log_prior = 0.5 * (log(prior.a) + float(np.log(prior.t).sum()))
    log_root = float(np.log(np.abs(np.diag(r))).sum())
    log_evidence = float(log_evidence_of(n, prior, half_log_prior, np.array(log_root), np.array(beta)))
    return Posterior(mean, r, alpha, beta, log_evidence)


def log_evidence_of(
    n: int, prior: GaussianPrior, half_log_prior: float, log_root: FloatArray, beta: FloatArray
) -> FloatArray:
    """Return the log evidence, same shape as ``beta``.

    Parameters
    ----------
    n : int
        Number of rows.
    prior : GaussianPrior
    half_log_prior : float
        Half the log determinant of the coefficients' prior precision.
    log_root, beta : array
        That of the posterior's, and the posterior's beta.
    """
    alpha = prior.alpha + n / 2
    constant = (
        -0.5 * n * _LOG_2PI + half_log_prior + prior.alpha * log(prior.beta) + lgamma(alpha) - lgamma(prior.alpha)
    )
    return np.asarray(constant - log_root - alpha * np.log(beta))


def evidence(factor: FloatArray, n: int, prior: GaussianPrior) -> float:
    """Return the log evidence alone, on the family's scale."""
    return posterior(factor, n, prior).log_evidence


def sweep(factor: FloatArray, n: int, prior: GaussianPrior) -> tuple[float, float, float]:
    """Return the log evidence at half, one and two times the prior scale, on the family's scale."""
    half, one, two = (evidence(factor, n, prior.scaled(scale)) for scale in PRIOR_SCALES)
    return half, one, two


def draw(post: Posterior, draws: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Draw independently from the posterior.

    Returns
    -------
    dict
        ``intercept`` (S,), ``slopes`` (S, p) and ``sigma`` (S,).
    """
    sigma = np.sqrt(post.beta / rng.standard_gamma(post.alpha, size=draws))
    normal = rng.standard_normal((draws, len(post.mean)))
    coefficients = post.mean + sigma[:, None] * (normal @ post.r_inverse.T)
    return {
        "intercept": np.ascontiguousarray(coefficients[:, 0]),
        "slopes": np.ascontiguousarray(coefficients[:, 1:]),
        "sigma": sigma,
    }


def leave_one_out(post: Posterior, y: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the exact leave-one-out and in-sample log predictive densities of each row.

    Both are Student t. With r the row's residual, h its leverage and q = r^2 / (2 (1 - h)),
    leaving it out by a rank-one downdate gives alpha - 1/2, beta - q, residual r / (1 - h)
    and variance factor 1 / (1 - h) (Sherman & Morrison 1950).

    Returns
    -------
    elpd_i, lppd_i : array, shape (N,)
        Natural logarithm, on the family's scale.
    """
    n = len(y)
    elpd, lppd = np.empty(n), np.empty(n)
    inverse = post.r_inverse
    left_out = _log_gamma_ratio(post.alpha - 0.5) - 0.5 * (_LOG_2PI + log(post.beta))
    inside = _log_gamma_ratio(post.alpha) - 0.5 * (_LOG_2PI + log(post.beta))
    for start in range(0, n, _CHUNK):
        rows = slice(start, min(n, start + _CHUNK))
        scores = x[rows] @ inverse[1:] + inverse[0]
        leverage = np.einsum("ij,ij->i", scores, scores)
        squared = (y[rows] - x[rows] @ post.mean[1:] - post.mean[0]) ** 2 / (2.0 * post.beta)
        with np.errstate(
            divide="ignore", invalid="ignore"
        ):  # of rows that were set, which are no part of the posterior
            shrunk = np.log1p(-squared / (1.0 - leverage))
            elpd[rows] = left_out + 0.5 * np.log1p(-leverage) + (post.alpha - 0.5) * shrunk
        lppd[rows] = inside - 0.5 * np.log1p(leverage) - (post.alpha + 0.5) * np.log1p(squared / (1.0 + leverage))
    return elpd, lppd


def _log_gamma_ratio(z: float) -> float:
    """Return log(Gamma(z + 1/2) / Gamma(z)).

    The plain difference loses digits that N rows would add up; from z = 50 on the
    asymptotic series (DLMF 5.11.13) is exact to rounding.
    """
    if z < 50:
        return lgamma(z + 0.5) - lgamma(z)
    return 0.5 * log(z) - 1 / (8 * z) + 1 / (192 * z**3) - 1 / (640 * z**5)
