"""The last choice: among few actions, on more draws and rows than the search had, before others score it.

The search tries hundreds of actions on few draws and rows, whose noise can put a poor action ahead where two are about
as good. So the best that it found by each yardstick, the frontier between them and what is done today are played once
more, all on the same many draws, rows and noise; these choose. As few are compared, little is left of the luck of the
first (subset selection before comparing; Nelson, Swann, Goldsman & Song 2001).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.decide.choosing import Aims, Chosen, sums_of, yardsticks
from core.decide.criteria import widened
from core.decide.frontier import efficient, thinned
from core.decide.levers import Levers
from core.decide.utility import Outcomes, Utility, worth

__all__ = ["chosen_again"]

FloatArray = NDArray[np.float64]

_MOST = 15  # points of the frontier that are played once more
_TRIES = 8  # times that an action without a utility in these draws is replaced
_NOTHING = 1e-9  # of a yardstick's range: what differs by less is the same, and the first of them is taken


def chosen_again(found: Chosen, outcomes: Outcomes, utility: Utility, levers: Levers, aims: Aims) -> Chosen:
    """Return the choice among the best of a search, its frontier and today's action, on other outcomes.

    Today's action comes first: where nothing is better than it, it stays. Where every one of these has no utility in
    some of the draws, the choice of the search stands.

    Parameters
    ----------
    found : Chosen
        Of :func:`core.decide.choosing.choose`.
    outcomes : Outcomes
        More precise than those of the search.
    utility, levers, aims
        As there.
    """
    first, lost = found, 0
    for turn in range(_TRIES):
        known = np.flatnonzero(np.isfinite(found.scores[0]))
        edge = known[efficient(found.expected[known], found.cvar[known])]
        edge = edge[thinned(found.expected[edge], found.cvar[edge], _MOST)]
        places = list(dict.fromkeys([*found.own, *found.best.values(), *edge.tolist()]))
        actions = np.vstack([levers.today, found.actions[places]])
        values = worth(outcomes, utility, levers, actions, settled=True).values
        good = np.isfinite(values).all(axis=(0, 2))
        now = len(levers.today)
        bad = [place for place, is_good in zip(places, good[now:], strict=True) if not is_good]
        lost += len(bad)
        done = len(bad) == len(known) or turn + 1 == _TRIES
        if good.any() and (done or not {*found.own, *found.best.values()} & set(bad)):
            return replace(_among(found, actions[good], values[:, good], aims), lost=first.lost + lost)
        if len(bad) == len(known):
            break
        found = found.without([*bad, *np.flatnonzero(~np.isfinite(found.scores[0])).tolist()])
    return first


def _among(found: Chosen, actions: FloatArray, values: FloatArray, aims: Aims) -> Chosen:
    values = widened(values, aims.widened)
    means, sums = values.mean(axis=2).T, sums_of(values, aims)
    scores = yardsticks(means, sums, aims, np.ones(len(actions), dtype=bool))
    tops = [_first_of_best(row) for row in scores]
    count = len(found.own)
    return replace(
        found,
        actions=actions,
        means=means,
        expected=sums[:, 0],
        cvar=sums[:, 1],
        own=tuple(tops[:count]),
        best=dict(zip(found.best, tops[count:], strict=True)),
        scores=scores,
    )


def _first_of_best(row: FloatArray) -> int:
    top = float(row.max())
    return int(np.flatnonzero(row >= top - _NOTHING * (abs(top) + float(np.ptp(row))))[0])
