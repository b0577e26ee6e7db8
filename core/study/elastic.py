"""What stands beside an effect in its sentence: what one per cent more of the cause brings, and what comes directly."""

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.effects.elastic import PERCENT, direct_draws, percent_draws
from core.effects.settings import Setting
from core.fit.posterior import Summary, summary
from core.study.acting import Acting
from core.study.said import Beside

__all__ = ["beside_all"]

FloatArray = NDArray[np.float64]


def beside_all(
    acting: Acting, worlds: Sequence[Sequence[Setting]], outcome: str, *, draws: int = 1000, rows: int = 400
) -> Mapping[str, Beside]:
    """Return what stands beside each hypothesis' answer, by its name, where one node is moved and there is something.

    Parameters
    ----------
    acting : Acting
    worlds : sequence of sequence of Setting
    outcome : str
    draws, rows : int
        As the answer itself is played.
    """
    moved = [one for one in worlds[-1] if one not in worlds[0]]
    if len(moved) != 1:
        return {}
    cause, others = moved[0].node, tuple(one for one in worlds[-1] if one is not moved[0])
    root = sqrt(acting.reopened.dependence.inflation(cause, outcome))
    found = {}
    for place, name in enumerate(acting.names):
        if not acting.withheld(place, [cause], outcome):
            stage = acting.stage(place, draws=draws, rows=rows)
            percent = percent_draws(stage, cause, outcome, others) if moved[0].where is None else None
            direct = _summary(direct_draws(stage, worlds, cause, outcome), root)
            found[name] = Beside(_summary(percent, root), cause, direct, moved[0] == Setting(cause, PERCENT, "scale"))
    return found


def _summary(draws: FloatArray | None, root: float) -> Summary | None:
    if draws is None or not np.isfinite(draws).all():
        return None
    centre = draws.mean()
    return summary(centre + root * (draws - centre))
