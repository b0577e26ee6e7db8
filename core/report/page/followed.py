"""What follows from an action: the question's exposure from its first to its third quartile, or from level to level."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.effects.experiments import Experiment
from core.effects.settings import Setting, column_of
from core.effects.steps import quartile_step
from core.study.acting import acting_on
from core.study.elastic import beside_all
from core.study.experimenting import Experimented
from core.study.forecast import Acted
from core.study.reopening import Reopened
from core.study.said import amount_said
from core.words import number, sentence

__all__ = ["Followed", "followed"]

_DRAWS, _ROWS = 400, 100  # as on the Act page
_WIDE = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class Followed:
    """An action and what each hypothesis says of it.

    ``low`` and ``high`` are the two values in words, ``experiments`` those that are taken into account; ``sentences``
    say by how much the outcome moves, by hypothesis.
    """

    node: str
    outcome: str
    low: str
    high: str
    acted: Acted
    sentences: Mapping[str, str] = field(default_factory=dict)
    experiments: tuple[Experiment, ...] = ()


def followed(
    reopened: Reopened, pair: tuple[str, str], *, seed: int = 0, learned: Experimented | None = None
) -> Followed:
    """Move the exposure and return what follows for the outcome.

    Parameters
    ----------
    reopened : Reopened
    pair : (str, str)
        Exposure and outcome.
    seed : int
    learned : Experimented, optional
        What the hypotheses learnt from experiments, which is then taken into account.

    Raises
    ------
    WhyboardError
        If no hypothesis can be acted on so.
    """
    node, outcome = pair
    model = column_of(reopened.fits[0].spec, node)
    values = np.asarray(reopened.observed.raw[node], dtype=np.float64)
    levels = model.response.levels
    if levels:
        low, high = _levels(values, len(levels))
        words = levels[int(low)], levels[int(high)]
    else:
        step = quartile_step(model, values)
        ends = np.quantile(values, _WIDE) if step is None else np.array([step.low, step.high])
        low, high = (float(end) for end in ends)
        words = number(low), number(high)
    worlds = [[Setting(node, low)], [Setting(node, high)]]
    acting = acting_on(reopened, seed=seed) if learned is None else learned.acting
    acted = acting.act(worlds, outcome, draws=_DRAWS, rows=_ROWS)
    taken = () if learned is None else tuple(one.experiment for one in learned.learned)
    columns = {column.name: column for column in reopened.comparison.data.columns}
    beside = beside_all(acting, worlds, outcome, draws=_DRAWS, rows=_ROWS)
    sentences = {
        one.name: sentence(amount_said(one, columns, outcome, beside.get(one.name))) for one in acted.forecasts
    }
    return Followed(node, outcome, *words, acted, sentences, taken)


def _levels(values: NDArray[np.float64], many: int) -> tuple[float, float]:
    """Return the first and the second of two levels; of more, the commonest and the second commonest."""
    if many == 2:
        return 0.0, 1.0
    order = np.argsort(-np.bincount(values.astype(np.intp), minlength=many), kind="stable")
    return float(order[0]), float(order[1])
