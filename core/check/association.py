"""The association of two columns given others, on a correlation scale, with a p-value.

The test is Rao's score test of "x does not belong in the regression of y on z": with
Pearson residuals p of y given z, root working weights w and the regressors of x less their
weighted projection on z, E = w x - P_z(w x),

    association = <p, E> / (|p| |E|)

which for Gaussian y is the ordinary partial correlation, for two binary columns the phi
coefficient, and in general the partial correlation on the scale of the regression of y.
Its p-value is that of ``t = r sqrt(df / (1 - r^2))``, ``df = n - rank(z) - 1``: exact for
Gaussian y. With several regressors (a category x) the squared multiple correlation and its
F test take their place, and for a category y with K levels the multinomial score test,
chi-squared on (K - 1) times x's regressors. These have no sign: the association is then
``sqrt(max(0, chi^2 - df) / (n min(a, b)))``, Cramér's V less its bias, and its interval that
of the noncentrality. Its upper end is never below that of the median observation without any
association (power-constrained, Cowan, Cranmer, Gross & Vitells 2011): columns that happen to fit
together better than chance would have it do not bound the association at 0.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.check.regression import CLOSE, ROUGH, Projector, fit_multinomial, fit_scalar, information, project_out
from core.check.roles import Role

__all__ = ["Association", "Conditional", "associate", "by_combination", "design", "each", "several", "widened"]

FloatArray = NDArray[np.float64]

_Z90 = 1.6448536269514722
_ROWS_A_CELL = 5
_MOST_CELLS = 64
_NOTHING_LEFT = 1e-10


@dataclass(frozen=True, eq=False)
class Statistic:
    """What an association was computed from, arrays of shape (B,), so that it can be widened.

    ``df`` are the degrees of freedom: of a signed association those of t, else those of ``squared``, a
    chi-squared (or F times ``df``, where ``free`` holds the other ones); ``rows``, ``narrow`` and ``odds``
    turn it into a size.
    """

    df: FloatArray
    squared: FloatArray | None = None
    free: FloatArray | None = None
    rows: FloatArray | None = None
    narrow: FloatArray | None = None
    odds: bool = False


@dataclass(frozen=True, eq=False)
class Association:
    """Associations of a batch of data sets, arrays of shape (B,).

    ``signed`` is false where the association is a size without direction.
    """

    estimate: FloatArray
    q05: FloatArray
    q95: FloatArray
    p_value: FloatArray
    signed: bool
    statistic: Statistic | None = None

    @property
    def testable(self) -> NDArray[np.bool_]:
        """Whether anything was left to be associated, shape (B,): else the interval is all that is possible."""
        return ~((self.q95 == 1.0) & (self.q05 == (-1.0 if self.signed else 0.0)))


class Conditional:
    """A response given its conditioning columns, fitted once and asked about any number of others.

    Parameters
    ----------
    role : Role
    raw : array, shape (B, N)
        Raw values of the response, no missing ones.
    z : array, shape (B, N, k)
        From :func:`design`, its first column the intercept.
    count : array, shape (B, N), optional
        How many equal rows each row stands for (discrete columns only).
    rough : bool
        Stop the fit a step earlier, where only estimates of replicates are wanted.
    """

    def __init__(
        self, role: Role, raw: FloatArray, z: FloatArray, count: FloatArray | None = None, rough: bool = False
    ) -> None:
        self.role, self._z, self._count = role, z, count
        close = ROUGH if rough else CLOSE
        if role.response == "category":
            self._fitted = fit_multinomial(raw, role.levels, z, count, close)
            return
        residual = fit_scalar(role.response, role.responses(raw), z, count, close)
        self._root = residual.root_weight
        self._projector = Projector(z, self._root)
        self._p = self._projector.leave(residual.pearson[..., None])[..., 0]
        total = np.sum(self._p**2, axis=-1)
        self._free = (self._informative(raw.shape) - self._projector.rank).astype(np.float64)
        # A binary response has no scale of its own to estimate: where its residuals happen to be small,
        # as with a handful of events, what is expected of them stands in for their length.
        self._lacking = np.maximum(self._free - total, 0.0) if role.response == "binary" else np.zeros_like(total)
        self._total = total + self._lacking

    def _informative(self, shape: tuple[int, ...]) -> FloatArray:
        """Return how many rows carry information, shape (B,)."""
        if self._root is None:
            return np.full(shape[0], float(shape[1]))
        rows = (self._root > 0).astype(np.float64)
        return np.sum(rows if self._count is None else rows * self._count, axis=-1)

    def associate(self, x: Role, raw: FloatArray, interval: bool = True) -> "Association":
        """Test whether x, raw values (B, N), says anything beyond the conditioning columns.

        Without ``interval`` only the estimate is computed; the rest is NaN.
        """
        regressors = x.regressors(raw)
        regressors = regressors - regressors.mean(axis=-2, keepdims=True)
        if self.role.response == "category":
            return self._multinomial(regressors, interval)
        explained = self._explained(regressors)
        if explained.shape[-1] > 1:
            return self._several(explained, interval)
        return self._signed(explained, interval)[0]

    def associate_each(self, columns: FloatArray, interval: bool = True) -> list["Association"]:
        """Test columns (B, N, m), centred, each for itself: what :meth:`associate` gives, in one pass.

        Not for a category as response.
        """
        return self._signed(self._explained(columns), interval)

    def _explained(self, x: FloatArray) -> FloatArray:
        """Return the weighted regressors less their projection, shape (B, N, a)."""
        weighted = x if self._root is None else x * self._root[..., None]
        left = self._projector.leave(weighted)
        before = np.sqrt(np.sum(weighted**2, axis=-2, keepdims=True))
        # What is collinear with z leaves rounding dust, which must not be read as a direction.
        dust = np.sqrt(np.sum(left**2, axis=-2, keepdims=True)) <= 1e-7 * before
        return np.where(dust, 0.0, left)

    def _signed(self, e: FloatArray, interval: bool = True) -> list["Association"]:
        """Return the association of each column of ``e``, shape (B, N, m)."""
        size = np.sqrt(self._total[:, None] * np.einsum("bnm,bnm->bm", e, e))
        along = (self._p[:, None, :] @ e)[:, 0, :]
        df = np.broadcast_to((self._free - 1.0)[:, None], size.shape)
        return each(along, size, df, interval)

    def _several(self, e: FloatArray, interval: bool = True) -> "Association":
        scaled = e / np.maximum(np.sqrt(np.mean(e**2, axis=-2, keepdims=True)), 1e-300)
        unexplained, rank = project_out(scaled, self._p[..., None])
        rest = np.sum(unexplained[..., 0] ** 2, axis=-1) + self._lacking
        return several(self._total, rest, rank, self._free, interval)

    def _multinomial(self, x: FloatArray, interval: bool = True) -> "Association":
        x = x / np.maximum(np.sqrt(np.mean(x**2, axis=-2, keepdims=True)), 1e-300)
        z, residual, probability = self._z, self._fitted.residual, self._fitted.probability
        batch, rows, a = x.shape
        b = self.role.levels - 1
        own = x if self._count is None else x * self._count[..., None]
        given = z if self._count is None else z * self._count[..., None]
        total = np.full(batch, float(rows)) if self._count is None else self._count.sum(axis=-1)
        score_x = (np.swapaxes(own, -1, -2) @ residual).reshape(batch, a * b, 1)
        score_z = (np.swapaxes(given, -1, -2) @ residual).reshape(batch, -1, 1)
        xz = information(own, z, probability)
        carry = xz @ np.linalg.pinv(information(given, z, probability), rcond=1e-10, hermitian=True)
        score = score_x - carry @ score_z
        spread = information(own, x, probability) - carry @ np.swapaxes(xz, -1, -2)
        values, vectors = np.linalg.eigh(0.5 * (spread + np.swapaxes(spread, -1, -2)))
        kept = values > np.maximum(1e-8 * total[:, None], 1e-6 * values[..., -1:])
        along = (np.swapaxes(vectors, -1, -2) @ score)[..., 0]
        squared = np.sum(np.where(kept, along**2 / np.where(kept, values, 1.0), 0.0), axis=-1)
        df = kept.sum(axis=-1)
        testable = df >= 1
        p_value = np.where(testable, special.chdtrc(np.maximum(df, 1), squared), 1.0)
        narrow = np.full(batch, min(a, b))
        return _unsigned(squared, np.maximum(df, 1), total, narrow, p_value, testable, False, interval)


def each(along: FloatArray, size: FloatArray, df: FloatArray, interval: bool) -> list[Association]:
    """Return one association a column from inner products, arrays of shape (B, m).

    ``along`` is the inner product of what is left of the response and of the column, ``size``
    the product of their lengths, ``df`` the degrees of freedom.
    """
    testable = (size > _NOTHING_LEFT) & (df >= 1)
    r = np.clip(np.where(testable, along / np.where(testable, size, 1.0), 0.0), -1.0, 1.0)
    columns = range(r.shape[1])
    if not interval:
        return [_alone(r[:, j], True) for j in columns]
    return [_with_interval(r[:, j], df[:, j], testable[:, j]) for j in columns]


def _with_interval(r: FloatArray, df: FloatArray, testable: NDArray[np.bool_]) -> Association:
    """Return signed associations r, shape (B,), with interval and p-value under ``df`` degrees of freedom."""
    safe = np.maximum(df, 1.0)
    t = r * np.sqrt(safe / np.maximum(1.0 - r**2, 1e-300))
    p_value = np.where(testable, 2.0 * special.stdtr(safe, -np.abs(t)), 1.0)
    half = _Z90 / np.sqrt(np.maximum(df - 1.0, 0.25))
    centre = np.arctanh(np.clip(r, -1.0 + 1e-15, 1.0 - 1e-15))
    low = np.where(testable, np.tanh(centre - half), -1.0)
    high = np.where(testable, np.tanh(centre + half), 1.0)
    return Association(r, low, high, p_value, True, Statistic(df))


def widened(found: Association, factor: float) -> Association:
    """Return an association as rows give it that say only as much as 1 / ``factor`` times as many.

    The estimate's variance is ``factor`` times as large: a signed one keeps its value, with degrees of freedom
    over ``factor``; of a size without direction, chi-squared and rows are over ``factor``, so that what
    chance adds to it is taken off ``factor`` times.
    """
    basis = found.statistic
    if factor <= 1.0 or basis is None:
        return found
    if basis.squared is None or basis.rows is None or basis.narrow is None:
        return _with_interval(found.estimate, basis.df / factor, found.testable)
    squared = basis.squared / factor
    if basis.free is None:
        p_value = special.chdtrc(basis.df, squared)
    else:
        p_value = special.fdtrc(basis.df, np.maximum(basis.free / factor, 1.0), squared / basis.df)
    p_value = np.where(found.testable, p_value, 1.0)
    again = _unsigned(
        squared, basis.df, basis.rows / factor, basis.narrow, p_value, found.testable, basis.odds, free=basis.free
    )
    return replace(again, statistic=basis)


def several(
    total: FloatArray, rest: FloatArray, rank: NDArray[np.intp], free: FloatArray, interval: bool
) -> Association:
    """Return the association with a column of several regressors, arrays of shape (B,).

    ``total`` and ``rest`` are the squared lengths of what is left of the response before and
    after the regressors, ``rank`` how many of them count, ``free`` the degrees of freedom before.
    """
    df = free - rank
    testable = (total > _NOTHING_LEFT) & (df >= 1) & (rank >= 1)
    share = np.clip(1.0 - rest / np.where(testable, total, 1.0), 0.0, 1.0 - 1e-15)
    a, df = np.maximum(rank, 1).astype(np.float64), np.maximum(df, 1.0)
    f = (share / a) / ((1.0 - share) / df)
    p_value = np.where(testable, special.fdtrc(a, df, f), 1.0) if interval else f
    # On the scale of chi-squared: F a is what n R^2 / (1 - R^2) is in large samples.
    squared = np.where(testable, f * a, 0.0)
    return _unsigned(squared, a, free, np.ones_like(a), p_value, testable, True, interval, df)


def _alone(estimate: FloatArray, signed: bool) -> Association:
    unknown = np.full_like(estimate, np.nan)
    return Association(estimate, unknown, unknown, unknown, signed)


def associate(y: Role, y_raw: FloatArray, x: Role, x_raw: FloatArray, z: FloatArray) -> Association:
    """Test whether x says anything about y beyond z: :class:`Conditional` in one call."""
    return Conditional(y, y_raw, z).associate(x, x_raw)


def by_combination(roles: tuple[Role, ...], rows: int) -> bool:
    """Return whether conditioning columns enter by every combination of their levels; see :func:`design`."""
    if not roles or not all(role.discrete for role in roles):
        return False
    return int(np.prod([role.levels for role in roles])) <= min(_MOST_CELLS, rows // _ROWS_A_CELL)


def design(
    roles: tuple[Role, ...], raw: tuple[FloatArray, ...], shape: tuple[int, ...], rows: int | None = None
) -> FloatArray:
    """Return the conditioning columns, shape (B, N, k), the intercept first; ``shape`` is (B, N).

    Discrete columns alone enter by every combination of their levels where the rows
    suffice (five a combination), since a table of probabilities is not additive. Counts
    enter as log(1 + y) and as they are, so that either form of their effect is taken out.
    ``rows`` is the number of rows where those at hand stand for several.
    """
    ones = np.ones((*shape, 1))
    rows = shape[-1] if rows is None else rows
    if not roles:
        return ones
    if by_combination(roles, rows):
        cells = int(np.prod([role.levels for role in roles]))
        code = np.zeros(shape)
        for role, values in zip(roles, raw, strict=True):
            code = code * role.levels + values
        return np.concatenate([ones, (code[..., None] == np.arange(1, cells)).astype(np.float64)], axis=-1)
    columns = [role.regressors(values) for role, values in zip(roles, raw, strict=True)]
    columns += [values[..., None] for role, values in zip(roles, raw, strict=True) if role.response == "count"]
    centred = [column - column.mean(axis=-2, keepdims=True) for column in columns]
    return np.concatenate([ones, *centred], axis=-1)


def _unsigned(
    squared: FloatArray,
    df: FloatArray,
    rows: FloatArray,
    narrow: FloatArray,
    p_value: FloatArray,
    testable: NDArray[np.bool_],
    odds: bool,
    interval: bool = True,
    free: FloatArray | None = None,
) -> Association:
    """Turn chi-squared into a size between 0 and 1 with a 90 % interval.

    With ``odds`` the statistic grows as R^2 / (1 - R^2) and is turned back into R.
    """
    rows = np.maximum(rows, 1.0)

    def size(noncentrality: FloatArray) -> FloatArray:
        ratio = noncentrality / (rows * narrow)
        return np.sqrt(ratio / (1.0 + ratio) if odds else np.minimum(ratio, 1.0))

    estimate = size(np.maximum(squared - df, 0.0))
    if not interval:
        return _alone(np.where(testable, estimate, 0.0), False)
    usual = special.chdtri(df.astype(np.float64), 0.5)
    low = size(_noncentrality(squared, df, 0.95))
    high = size(_noncentrality(np.maximum(squared, usual), df, 0.05))
    return Association(
        np.where(testable, estimate, 0.0),
        np.where(testable, np.minimum(low, estimate), 0.0),
        np.where(testable, np.maximum(high, estimate), 1.0),
        p_value,
        False,
        Statistic(df, squared, free, rows, narrow, odds),
    )


def _noncentrality(squared: FloatArray, df: FloatArray, share: float) -> FloatArray:
    """Return the noncentrality under which ``squared`` is the ``share`` quantile; 0 where none is."""
    reached = special.chdtr(df, squared) > share
    inside = np.where(reached, squared, 1.0)
    # Wilson-Hilferty-like start is not needed: SciPy inverts the noncentral distribution,
    # but loses its way far out, where the normal approximation of its root is exact enough.
    with np.errstate(all="ignore"):
        found = special.chndtrinc(inside, df.astype(np.float64), share)
    z = special.ndtri(share)
    far = np.maximum((np.sqrt(np.maximum(inside - 0.5 * df, 0.0)) - z) ** 2 - 0.5 * df, 0.0)
    found = np.where(np.isfinite(found) & (inside < 1e4), found, far)
    return np.where(reached, np.maximum(found, 0.0), 0.0)
