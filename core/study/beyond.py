"""What to know before believing what follows from an action: where hardly anybody was seen, what overflowed."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.effects.settings import Setting, column_of
from core.model.spec import ModelSpec
from core.study.forecast import Forecast
from core.words import joined, number

__all__ = ["MANY", "about_overflow", "about_seen"]

FloatArray = NDArray[np.float64]

#: Where more than this share of the rows that are acted on would be beyond what was seen, it is said.
MANY = 0.1
_TAIL = 0.01  # of rows, at each end, that count as hardly anybody; and of rows with a level


def about_seen(
    spec: ModelSpec,
    seen: Mapping[str, FloatArray],
    acted: Mapping[str, FloatArray],
    worlds: Sequence[Sequence[Setting]],
    seed: int = 0,
) -> list[str]:
    """Return a sentence for each node that is put where hardly anybody was seen.

    Parameters
    ----------
    spec : ModelSpec
        Of any hypothesis that knows the nodes.
    seen, acted : mapping of str to array, shape (N,)
        All rows, and those that are acted on.
    worlds : sequence of sequence of Setting
    seed : int
        Of which row gets which value of a range.
    """
    at: dict[str, list[str]] = {}
    told: list[str] = []
    for setting in dict.fromkeys(setting for world in worlds for setting in world):
        levels = column_of(spec, setting.node).response.levels
        share = _beyond(seen[setting.node], acted, setting, bool(levels), seed)
        if share <= MANY:
            continue
        if setting.way == "set":
            at.setdefault(setting.node, []).append(levels[int(setting.amount)] if levels else number(setting.amount))
        else:
            told.append(
                f"with {setting.node} {_moved(setting)}, {100 * share:.0f} % of rows are where hardly anybody was seen "
                f"({_between(seen[setting.node])}): there the answer rests on the form of the model"
            )
    for node, values in at.items():
        of_levels = bool(column_of(spec, node).response.levels)
        where = "under 1 % of rows" if of_levels else _between(seen[node])
        told.append(
            f"hardly anybody was seen at {node} {joined(values)} ({where}): the answer rests on the form of the model"
        )
    return told


def _beyond(seen: FloatArray, acted: Mapping[str, FloatArray], setting: Setting, of_levels: bool, seed: int) -> float:
    """Return the share of rows, of those that are acted on, that a setting puts where hardly anybody was seen."""
    if of_levels:
        return float(np.mean(seen == setting.amount) < _TAIL)
    after = setting.applied(acted, seed)
    if setting.where is not None:
        after = after[acted[setting.where[0]] == setting.where[1]]
    low, high = np.quantile(seen, (_TAIL, 1.0 - _TAIL))
    return float(np.mean((after < low) | (after > high))) if after.size else 0.0


def _moved(setting: Setting) -> str:
    if setting.way == "spread":
        return f"from {number(setting.amount)} to {number(setting.top)}"
    if setting.way == "scale":
        return f"times {number(setting.amount)}"
    return f"{'+' if setting.amount >= 0 else ''}{number(setting.amount)}"


def _between(seen: FloatArray) -> str:
    low, high = np.quantile(seen, (_TAIL, 1.0 - _TAIL))
    return f"98 % of rows lie between {number(float(low))} and {number(float(high))}"


def about_overflow(answers: Sequence[Forecast]) -> list[str]:
    """Return a sentence on the hypotheses whose numbers were too large to be computed, and so are null."""
    names = [one.name for one in answers if not _finite(one)]
    return [f"under {joined(names)} a number is null: too large to be computed"] if names else []


def _finite(answer: Forecast) -> bool:
    parts = [answer.contrast, *(part for one in answer.predictions for part in (one.row, one.average))]
    return all(bool(np.isfinite([part["mean"], part["sd"]]).all()) for part in parts if part is not None)
