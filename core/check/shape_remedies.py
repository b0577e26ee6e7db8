"""Which family would take what another cannot, as far as the core has one."""

from dataclasses import replace

import numpy as np

from core.check.leftover import Leftover
from core.check.shape import Shape
from core.families.choose import families_for

__all__ = ["remedied"]

_OVER = {"Poisson": "NegativeBinomial", "ZeroInflatedPoisson": "ZeroInflatedNegativeBinomial"}
_ZEROS = {"Poisson": "ZeroInflatedPoisson", "NegativeBinomial": "ZeroInflatedNegativeBinomial"}
_LOPSIDED = {
    ("Gamma", "right"): "LogNormal",
    ("Gamma", "left"): "Weibull",
    ("Weibull", "right"): "Gamma",
    ("LogNormal", "left"): "Gamma",
    ("StudentT", "right"): "SkewNormal",
    ("StudentT", "left"): "SkewNormal",
}


def remedied(shape: Shape, left: Leftover) -> Shape:
    """Return a look with what would mend it; a family only where the column's kind can take it."""
    if shape.aspect in ("curve", "mean"):
        return replace(shape, remedy="bend")
    if shape.aspect == "interaction":
        return replace(shape, remedy="interact")
    family = _family(shape, left)
    if family is None or family == left.model.family or family not in families_for(left.model.kind):
        return shape
    return replace(shape, remedy="family", family=family)


def _family(shape: Shape, left: Leftover) -> str | None:
    own = left.model.family
    match shape.aspect:
        case "dispersion":
            return _OVER.get(own) if shape.way == "over" else "Normal"
        case "zeros":
            return _ZEROS.get(own) if shape.way == "many" else None
        case "tails":
            return "StudentT" if own in ("Normal", "SkewNormal") else _OVER.get(own)
        case "skew":
            if own == "Normal":
                if left.model.kind == "proportion":
                    return "Beta"
                return "LogNormal" if shape.way == "right" and _log_is_better(left) else "SkewNormal"
            return _LOPSIDED.get((own, shape.way))
        case "spread":
            if own in ("Normal", "StudentT", "SkewNormal") and shape.way == "grows":
                return "LogNormal" if _log_is_better(left) else None
    return None


def _log_is_better(left: Leftover) -> bool:
    """Return whether straight lines for the logarithm of a positive column leave less than for the column itself."""
    y = left.y
    if left.model.kind != "positive" or not (y > 0).all():
        return False
    design = np.column_stack([np.ones(len(y)), left.x])
    logs = np.log(y)
    on_log = _log_likelihood(design, logs) - float(logs.sum())
    return on_log > _log_likelihood(design, y)


def _log_likelihood(design: np.ndarray, y: np.ndarray) -> float:
    coefficients, *_ = np.linalg.lstsq(design, y, rcond=None)
    left = y - design @ coefficients
    return -0.5 * len(y) * float(np.log(max(np.mean(left**2), 1e-300)))
