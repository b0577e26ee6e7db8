"""Which share of a total effect comes along each arrow out of the treatment."""

import numpy as np

from core.effects.mediation import Mediation

__all__ = ["shares_of"]

_NOTHING = 1e-9  # of a total: rounding


def shares_of(one: Mediation) -> dict[str, float] | None:
    """Return which share of the total comes along each arrow out of the treatment, by its target.

    None where a share would say nothing: the total's 90 % interval holds zero, or a way is clearly against the others.
    """
    total = one.parts["total"]
    low, high = np.quantile(total, (0.05, 0.95))
    mean = float(total.mean())
    if low <= 0 <= high or not np.isfinite(mean):
        return None
    for draws in (one.parts["direct"], one.parts["indirect"], *one.arrows.values(), one.together):
        ends = np.quantile(draws / mean, (0.05, 0.95))
        if not np.isfinite(ends).all() or ends[1] < -_NOTHING:
            return None
    return {name: float(draws.mean()) / mean for name, draws in one.arrows.items()}
