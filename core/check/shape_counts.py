"""Whether counts vary as their family says, and have as many zeros."""

from collections.abc import Callable, Mapping

import numpy as np

from core.check.leftover import Leftover, estimated
from core.check.looking import upper
from core.check.shape import Shape
from core.families import get_family
from core.families.base import FloatArray
from core.families.linear import LinearFamily

__all__ = ["count_shapes", "moment_overdispersion"]


def count_shapes(left: Leftover) -> list[Shape]:
    """Return dispersion and zeros of a count, where its family does not fit them itself."""
    return [_LOOKS[look](left) for look in get_family(left.model.family).looks]


def _leverage(left: Leftover) -> FloatArray:
    weighted = left.nuisance * np.sqrt(left.weight)[:, None]
    basis, _ = np.linalg.qr(weighted)
    return np.minimum((basis**2).sum(axis=1), 0.99)


def _dean(left: Leftover) -> tuple[float, float]:
    """Return variance over mean, and Dean's statistic against a Poisson, standard Normal (Dean 1992, PB')."""
    y, m = left.y, left.mean
    squares = (y - m) ** 2
    h = _leverage(left)
    statistic = float(np.sum(squares - y + h * m) / np.sqrt(2.0 * np.sum(m**2)))
    free = left.rows - left.nuisance.shape[1]
    return float(np.sum(squares / m) / free), statistic


def _dispersion(left: Leftover) -> Shape:
    size, statistic = _dean(left)
    p = min(1.0, 2.0 * upper(abs(statistic)))
    return Shape(left.model.node, "dispersion", None, size, p, way="over" if statistic > 0 else "under")


def _under(left: Leftover) -> Shape:
    """A NegativeBinomial takes any variance over the mean, and none below: only that is looked at."""
    size, statistic = _dean(left)
    return Shape(left.model.node, "dispersion", None, min(size, 1.0), upper(-statistic), way="under")


def moment_overdispersion(left: Leftover) -> float:
    """Return d^2 of variance m + d^2 m^2 by moments; 0 unless Dean's test is sure that there is some."""
    if _dean(left)[1] < 3.0:
        return 0.0
    y, m = left.y, left.mean
    return max(0.0, float(np.sum((y - m) ** 2 - m) / np.sum(m**2)))


def _zeros(left: Leftover) -> Shape:
    """Zeros against those of the family (van den Broek 1995), or of a NegativeBinomial where a Poisson varies more.

    What the estimate of the mean takes of them is taken out: the covariance of "is zero" with the score of
    the log mean is -m p0 / v, with that of the overdispersion the derivative of p0.
    """
    y, m = left.y, left.mean
    own = "overdispersion" in left.parameters
    d2 = float(left.parameters["overdispersion"][0]) ** 2 if own else moment_overdispersion(left)
    v = 1.0 + m * d2
    p0 = np.exp(-m) if d2 < 1e-6 else np.exp(-np.log1p(m * d2) / d2)
    weight = m / v
    weighted = left.nuisance * np.sqrt(weight)[:, None]
    along = (m * p0 / v) / np.sqrt(weight)
    basis, _ = np.linalg.qr(weighted)
    lost = float(np.sum((basis.T @ along) ** 2))
    if d2 >= 1e-6:
        lost += _lost_to_dispersion(left.model.family, m, p0, d2) if own else -_added_by_moments(y, m, p0, d2)
    variance = float(np.sum(p0 * (1.0 - p0))) - lost
    excess = float(np.sum((y == 0) - p0))
    size = excess / left.rows
    p = 1.0 if variance <= 1e-9 * left.rows else min(1.0, 2.0 * upper(abs(excess) / np.sqrt(variance)))
    if np.sum(p0) < 3.0 and excess < 3.0:
        p = 1.0  # next to no zeros, and next to none expected
    return Shape(left.model.node, "zeros", None, size, p, way="many" if excess > 0 else "few")


def _lost_to_dispersion(name: str, m: FloatArray, p0: FloatArray, d2: float) -> float:
    """Return what the estimate of the overdispersion takes: (sum dp0)^2 over its information, of a = log d^2."""
    dp0 = p0 * (np.log1p(m * d2) / d2 - m / (1.0 + m * d2))
    counts = np.arange(0.0, min(400.0, np.ceil(float(m.max()) * 6 + 20)))
    centre = np.quantile(m, np.linspace(0.05, 0.95, 10))
    family = get_family(name)
    assert isinstance(family, LinearFamily)
    information = 0.0
    for mean in centre:
        eta = np.full((1, len(counts)), np.log(mean))
        at = {"overdispersion": np.array([[np.sqrt(d2)]])}
        chance = np.exp(family.whole_log_density(counts, eta, at, "log")[0])
        score = 0.5 * family.score(counts, eta, at, "log")[1][0][0]
        information += float(np.sum(chance * score**2)) / 10.0
    return float(np.sum(dp0)) ** 2 / max(information * len(m), 1e-300)


def _added_by_moments(y: FloatArray, m: FloatArray, p0: FloatArray, d2: float) -> float:
    """Return what the moment estimate of d^2 adds to the variance of the zeros expected, by the rows' own squares."""
    slope = float(np.sum(p0 * (np.log1p(m * d2) / d2**2 - m / (d2 * (1.0 + m * d2)))))
    own = float(np.sum(((y - m) ** 2 - m - d2 * m**2) ** 2)) / float(np.sum(m**2)) ** 2
    return slope**2 * own


def _dispersion_beside_zeros(left: Leftover) -> Shape:
    """A zero-inflated Poisson against a NegativeBinomial as inflated (Ridout, Hinde & Demetrio 2001).

    The score of d^2 at 0 is ((y - m)^2 - y) / 2, or t m^2 / 2 at a 0; its variance is what the scores of mean
    and zero share leave of it, all expected under the family.
    """
    y, m = left.y, left.mean
    s = float(left.parameters["zero_share"][0])
    score = _inflated_scores(y, m, s)[0]
    moments = _moments(left.model.family, m, s)
    design = left.nuisance[:, : 1 + estimated(left.model, left.parameters, left.x).shape[1]]
    total, with_mean, with_share = float(moments[0, 0].sum()), moments[0, 1] @ design, float(moments[0, 2].sum())
    beside = np.append(with_mean, with_share)
    information = np.block(
        [
            [(design * moments[1, 1][:, None]).T @ design, (moments[1, 2] @ design)[:, None]],
            [(moments[1, 2] @ design)[None, :], np.array([[moments[2, 2].sum()]])],
        ]
    )
    variance = total - float(beside @ np.linalg.lstsq(information, beside, rcond=None)[0])
    statistic = float(score.sum()) / np.sqrt(max(variance, 1e-300))
    positive, p0 = y > 0, np.exp(-m)
    if not positive.any():
        return Shape(left.model.node, "dispersion", None, 1.0, 1.0, way="over")
    expected = np.sum(((m - m**2 * p0) / (1.0 - p0))[positive])
    size = float(np.sum((y[positive] - m[positive]) ** 2) / expected)
    p = min(1.0, 2.0 * upper(abs(statistic)))
    return Shape(left.model.node, "dispersion", None, size, p, way="over" if statistic > 0 else "under")


def _inflated_scores(y: FloatArray, m: FloatArray, s: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the scores of d^2, of the log mean and of the logit of the zero share, each of the shape of both."""
    p0, zero = np.exp(-m), y == 0
    t = (1.0 - s) * p0 / (s + (1.0 - s) * p0)
    dispersion = 0.5 * np.where(zero, t * m**2, (y - m) ** 2 - y)
    return dispersion, np.where(zero, -m * t, y - m), np.where(zero, 1.0 - t, 0.0) - s


def _moments(name: str, m: FloatArray, s: float) -> FloatArray:
    """Return the expected products of :func:`_inflated_scores` in each row, shape (3, 3, n)."""
    low, high = float(m.min()), float(m.max())
    at = np.geomspace(max(low, 1e-3), max(high, 2e-3) * 1.001, 48)
    most = min(2_000.0, np.ceil(high + 10.0 * np.sqrt(high) + 12.0))
    counts = np.arange(most)[:, None]
    family = get_family(name)
    assert isinstance(family, LinearFamily)
    share = {"zero_share": np.full((len(at), 1), s)}
    log_chance = family.whole_log_density(counts[:, 0], np.log(at)[:, None] + np.zeros(len(counts)), share, "log").T
    scores = np.stack([part + np.zeros((len(counts), len(at))) for part in _inflated_scores(counts, at, s)])
    products = np.einsum("acm,bcm,cm->abm", scores, scores, np.exp(log_chance))
    return np.array([[np.interp(m, at, products[a, b]) for b in range(3)] for a in range(3)])


_LOOKS: Mapping[str, Callable[[Leftover], Shape]] = {
    "dispersion": _dispersion,
    "under": _under,
    "zeros": _zeros,
    "dispersion beside zeros": _dispersion_beside_zeros,
}
