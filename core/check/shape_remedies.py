"""Which family would take what another cannot, as far as the core has one."""

from dataclasses import replace

import numpy as np

from core.check.leftover import Leftover
from core.check.shape import Shape
from core.families import get_family
from core.families.choose import families_for

__all__ = ["remedied"]


def remedied(shape: Shape, left: Leftover) -> Shape:
    """Return a look with what would mend it; a family only where the column's kind can take it."""
    if shape.aspect in ("curve", "mean"):
        return replace(shape, remedy="bend")
    if shape.aspect == "interaction":
        return replace(shape, remedy="interact")
    family = _family(shape, left)
    return shape if family is None else replace(shape, remedy="family", family=family)


def _family(shape: Shape, left: Leftover) -> str | None:
    """Return the first that its family names and that the column's kind can take."""
    own, offered = get_family(left.model.family), families_for(left.model.kind)
    for name in own.remedies.get((shape.aspect, shape.way), ()):
        onto_log = get_family(name).working == "log" != own.working
        if name in offered and (not onto_log or _log_is_better(left)):
            return name
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
