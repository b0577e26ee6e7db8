"""Special functions, stable at the ends; scipy is imported only when one of its own is called.

Importing ``scipy.special`` takes half a second, longer than most of what the command
line does with a Gaussian graph.
"""

import numpy as np

from core.families.base import FloatArray

__all__ = ["betaln", "digamma", "expit", "gammaln", "log_expit", "log_ndtr", "log_softmax", "ndtr", "normal_hazard"]


def expit(z: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-z)), same shape; 0 and 1 at the far ends, no warning."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-z)))


def log_expit(z: FloatArray) -> FloatArray:
    """Return log(expit(z)) without overflow, same shape."""
    return np.minimum(z, 0.0) - np.log1p(np.exp(-np.abs(z)))


def log_softmax(z: FloatArray) -> FloatArray:
    """Return the log of the softmax over the last axis, same shape."""
    z = z - z.max(axis=-1, keepdims=True)
    return np.asarray(z - np.log(np.exp(z).sum(axis=-1, keepdims=True)))


def gammaln(z: FloatArray) -> FloatArray:
    """Return log Gamma(z), same shape."""
    from scipy import special

    return np.asarray(special.gammaln(z))


def digamma(z: FloatArray) -> FloatArray:
    """Return the derivative of log Gamma(z), same shape."""
    from scipy import special

    return np.asarray(special.digamma(z))


def betaln(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return log B(a, b), broadcast; exact to rounding where one is far larger than the other."""
    from scipy import special

    return np.asarray(special.betaln(a, b))


def ndtr(z: FloatArray) -> FloatArray:
    """Return the standard Normal distribution function, same shape."""
    from scipy import special

    return np.asarray(special.ndtr(z))


def log_ndtr(z: FloatArray) -> FloatArray:
    """Return its logarithm, good to the far left, same shape."""
    from scipy import special

    return np.asarray(special.log_ndtr(z))


def normal_hazard(z: FloatArray) -> FloatArray:
    """Return the standard Normal density over its distribution function, good to the far left, same shape."""
    from scipy import special

    return np.asarray(np.sqrt(2.0 / np.pi) / special.erfcx(-z / np.sqrt(2.0)))
