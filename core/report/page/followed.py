"""What follows from an action: the exposure over its middle half in round numbers, or from level to level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.effects.experiments import Experiment
from core.effects.settings import Setting, column_of
from core.effects.steps import Step
from core.errors import WhyboardError
from core.hypothesis import Hypothesis
from core.study.acting import Acting, acting_on
from core.study.elastic import beside_all
from core.study.experimenting import Experimented
from core.study.forecast import Acted
from core.study.moves import default_ends, default_levels
from core.study.plainly import Beside, plainly
from core.study.reopening import Reopened
from core.study.said import amount_said
from core.study.unfitted import unfitted
from core.study.unfitted_records import Asking, Unfitted
from core.study.ways import Ways, ways_of
from core.words import number, sentence

__all__ = ["Followed", "followed"]

_DRAWS, _ROWS = 400, 100  # as on the Act page


@dataclass(frozen=True, eq=False)
class Followed:
    """An action and what each hypothesis says of it.

    ``low`` and ``high`` are the two values in words, ``experiments`` those that are taken into account; ``sentences``
    say by how much the outcome moves, by hypothesis. ``unfitted`` are the answers of hypotheses that could not be
    fitted. ``ways`` part the effect, and ``plain`` are plain estimates of the same step, both from the rows alone; a
    text says why there are none. ``levels`` are the outcome's.
    """

    node: str
    outcome: str
    low: str
    high: str
    acted: Acted
    sentences: Mapping[str, str] = field(default_factory=dict)
    experiments: tuple[Experiment, ...] = ()
    unfitted: tuple[Unfitted, ...] = ()
    ways: tuple[Ways, ...] | str = ""
    plain: tuple[Beside, ...] | str = ""
    levels: tuple[str, ...] = ()


def followed(
    reopened: Reopened,
    pair: tuple[str, str],
    *,
    seed: int = 0,
    learned: Experimented | None = None,
    left: Sequence[tuple[Hypothesis, str]] = (),
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
    left : sequence of (Hypothesis, str)
        Those that could not be fitted, each with the reason.

    Raises
    ------
    WhyboardError
        If no hypothesis can be acted on so.
    """
    node, outcome = pair
    columns = {column.name: column for column in reopened.comparison.data.columns}
    levels = column_of(reopened.fits[0].spec, node).response.levels
    values = reopened.observed.raw[node]
    if levels:
        first, last = default_levels(values, len(levels))
        low, high = float(first), float(last)
        words = levels[first], levels[last]
    else:
        low, high = default_ends(columns[node], values)
        words = number(low), number(high)
    worlds = [[Setting(node, low)], [Setting(node, high)]]
    plain = acting_on(reopened, seed=seed)
    before = plain.act(worlds, outcome, draws=_DRAWS, rows=_ROWS)
    acting, acted = plain, before
    taken: tuple[Experiment, ...] = ()
    if learned is not None:
        acting = learned.acting
        acted = acting.act(worlds, outcome, draws=_DRAWS, rows=_ROWS)
        taken = tuple(one.experiment for one in learned.learned)
    beside = beside_all(acting, worlds, outcome, draws=_DRAWS, rows=_ROWS)
    sentences = {
        one.name: sentence(amount_said(one, columns, outcome, beside.get(one.name))) for one in acted.forecasts
    }
    asking = Asking(node, outcome, Step(low, high))
    return Followed(
        node,
        outcome,
        *words,
        acted,
        sentences,
        taken,
        _left(reopened, left, asking, seed),
        _ways(plain, (node, low, high), outcome, seed),
        _plain(plain, before, (node, low, high), seed),
        column_of(reopened.fits[0].spec, outcome).response.levels,
    )


def _left(
    reopened: Reopened, left: Sequence[tuple[Hypothesis, str]], asking: Asking, seed: int
) -> tuple[Unfitted, ...]:
    """Return what each hypothesis that could not be fitted says all the same."""
    drawn = [*reopened.comparison.drawn, *(hypothesis for hypothesis, _ in left)]
    columns = [column.name for column in reopened.comparison.data.columns]
    titles = {column.name: column.label for column in reopened.comparison.data.columns}
    return tuple(
        unfitted(
            hypothesis,
            reopened.dataset,
            asking,
            reason,
            rivals=[rival for rival in drawn if rival is not hypothesis],
            also=columns,
            titles=titles,
            seed=seed,
        )
        for hypothesis, reason in left
    )


def _ways(acting: Acting, moved: tuple[str, float, float], outcome: str, seed: int) -> tuple[Ways, ...] | str:
    try:
        return ways_of(acting, moved, outcome, seed=seed)
    except WhyboardError as error:
        return str(error)


def _plain(acting: Acting, found: Acted, moved: tuple[str, float, float], seed: int) -> tuple[Beside, ...] | str:
    titles = {column.name: column.label for column in acting.comparison.data.columns}
    try:
        return plainly(acting, found, moved, titles=titles, trees=False, seed=seed)
    except WhyboardError as error:
        return str(error)
