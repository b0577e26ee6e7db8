"""A node's value as a function of one uniform number: common random numbers for interventions.

An effect compares two worlds. Drawn independently, their noise would swamp a small effect;
drawn as quantiles of the *same* uniform number, it cancels wherever the families allow it.
For numbers and counts this is the monotone coupling; for levels it follows the order of the
codes. Averages do not depend on the coupling, only their Monte Carlo error does.
"""

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.families.base import Draws
from core.model.spec import NodeModel

__all__ = ["quantile"]

FloatArray = NDArray[np.float64]

_MOST = 1e9


def quantile(model: NodeModel, draws: Draws, x: FloatArray, u: FloatArray) -> FloatArray:
    """Return the ``u`` quantile of a node given its design, shape (S, N), on the family's scale.

    Parameters
    ----------
    model : NodeModel
    draws : mapping of str to array
        Parameters, draw index first (S).
    x : array, shape (N, p) or (S, N, p)
    u : array, shape (S, N)
        Between 0 and 1, both excluded.
    """
    from scipy import special

    mean = get_family(model.family).mean(draws, x, model.link)
    if mean.ndim == 3:
        reached = np.cumsum(mean, axis=-1)[..., :-1]
        return (u[..., None] >= reached).sum(axis=-1).astype(np.float64)
    each = {name: values[:, None] for name, values in draws.items() if values.ndim == 1}
    match model.family:
        case "Normal" | "LogNormal":
            return mean + each["sigma"] * special.ndtri(u)
        case "StudentT":
            return mean + each["sigma"] * special.stdtrit(each["nu"], u)
        case "Gamma":
            return special.gammaincinv(each["shape"], u) * mean / each["shape"]
        case "Beta":
            return special.betaincinv(mean * each["precision"], (1.0 - mean) * each["precision"], u)
        case "Bernoulli":
            return (u >= 1.0 - mean).astype(np.float64)
        case "Poisson":
            return _whole(special.pdtrik(u, np.minimum(mean, _MOST)))
        case "NegativeBinomial":
            size = each["overdispersion"] ** -2.0
            p = size / (size + np.minimum(mean, _MOST))
            return _whole(special.nbdtrik(u, np.broadcast_to(size, mean.shape), p))
    raise NotImplementedError(f"no quantiles of the family {model.family}")


def _whole(real: FloatArray) -> FloatArray:
    """Round SciPy's continuous inverse up to the count; it gives NaN below the first one."""
    return np.ceil(np.maximum(np.nan_to_num(real, nan=0.0), 0.0) - 1e-9)
