"""How many independent draws a chain of draws is worth for a mean: the one estimate that Whyboard uses.

It is ``arviz.ess(method="mean")`` in numpy alone, since who sums up draws need not load ArviZ,
which takes a second: chains split in halves, autocovariance by Fourier transform, Geyer's
initial monotone sequence (Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, without ranks,
because the mean itself is what is asked about). A test holds the two together. R-hat and the
effective sizes of ranks and tails, which judge a sampler, are ArviZ's own (:mod:`core.fit.nuts`);
the effective number of weighted draws is another thing (:class:`core.fit.proposal.Weighted`).
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["effective_size"]

FloatArray = NDArray[np.float64]


def effective_size(chains: FloatArray) -> float:
    """Return the number of independent draws that would give the mean the same error.

    Parameters
    ----------
    chains : array, shape (C, n)
        Draws of one number, a row a chain. Of fewer than 8 draws a chain, of draws that do
        not vary and of draws that are not finite nothing can be said: they count as independent.
    """
    half = chains.shape[1] // 2
    if half < 4:
        return float(chains.size)
    split = np.concatenate([chains[:, :half], chains[:, chains.shape[1] - half :]])
    count, n = split.shape
    if not np.isfinite(split).all() or np.ptp(split) == 0:
        return float(chains.size)
    centred = split - split.mean(axis=1, keepdims=True)
    size = 1 << (2 * n - 1).bit_length()
    padded = np.fft.rfft(centred, size, axis=1)
    covariance = np.fft.irfft(padded * np.conj(padded), size, axis=1)[:, :n].mean(axis=0) / n
    variance = covariance[0] + float(np.var(split.mean(axis=1), ddof=1))
    rho = 1.0 - (covariance[0] * n / (n - 1.0) - covariance) / variance
    rho[0] = 1.0
    pairs = rho[: n - n % 2].reshape(-1, 2).sum(axis=1)
    stop = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else len(pairs)
    tau = -1.0 + 2.0 * float(np.minimum.accumulate(pairs[:stop]).sum())
    if stop < len(pairs):  # the first of a pair that is not taken still counts where it is positive
        tau += max(float(rho[2 * stop]), 0.0)
    return float(count * n / max(tau, 1.0 / np.log10(count * n)))
