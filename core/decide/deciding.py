"""The face of decisions: outcomes, levers and a utility in; the best actions, what they risk and what they lose out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.decide.choosing import Aims, choose
from core.decide.formula import is_condition
from core.decide.levers import Levers
from core.decide.scoring import Scored, scored
from core.decide.shortlist import chosen_again
from core.decide.telling import Telling
from core.decide.utility import Outcomes, Utility
from core.decide.warning import about_beaten, about_bounds, about_curves, about_limits, about_seen, about_today, curves
from core.errors import UsageError

__all__ = ["Decision", "Owned", "Regretted", "Scored", "decide"]

FloatArray = NDArray[np.float64]

#: What a yardstick is called in a sentence.
_BY = {
    "expected": "by expectation",
    "cvar": "by its worst draws",
    "regret": "by regret",
    "spread": "by mean and spread",
    "likely": "by regret without what hardly counts",
}
_ROW = {
    "expected": "best by expectation",
    "cvar": "best by its worst draws",
    "regret": "safest",
    "likely": "safest without what hardly counts",
}


@dataclass(frozen=True)
class Owned:
    """One hypothesis: its weight, the best action if it is right, and what the overall best then loses.

    ``indifferent`` says that if it is right all actions that were compared are worth the same, whichever is taken.
    """

    name: str
    weight: float
    best: Scored
    regret: float
    indifferent: bool = False


@dataclass(frozen=True)
class Regretted:
    """A row of the regret matrix: an action, and what it is worth and loses under each hypothesis.

    ``means`` and ``regrets`` stand in the order of the hypotheses, in units of utility.
    """

    name: str
    action: dict[str, float]
    means: tuple[float, ...]
    regrets: tuple[float, ...]


@dataclass(frozen=True)
class Decision:
    """What to choose.

    Attributes
    ----------
    utility : str
        As it is computed.
    share : bool
        Whether it is yes or no for each row, so that its mean is a share of rows.
    risk : float
    spread : float or None
    best : dict of str to Scored
        By ``expected``, ``cvar``, ``regret``; by ``spread`` where it was asked for, and by ``likely``, which is regret
        without hypotheses that count for less than :data:`core.decide.choosing.LITTLE`, where there are such.
    now : Scored or None
        What is done today, where every lever has it and it is allowed.
    hypotheses : tuple of Owned
    frontier : tuple of Scored
        Pareto efficient in mean and CVaR, from the largest mean to the largest CVaR
        on the draws that chose as on those that score.
    regret_matrix : tuple of Regretted
        The best of each hypothesis, the safest, the best by expectation and by its worst draws.
    information : float
        Expected value of perfect information on the structure, in units of utility.
    tried : int
        How many actions were looked at.
    warnings : tuple of str
    """

    utility: str
    share: bool
    risk: float
    spread: float | None
    best: dict[str, Scored]
    now: Scored | None
    hypotheses: tuple[Owned, ...]
    frontier: tuple[Scored, ...]
    regret_matrix: tuple[Regretted, ...]
    information: float
    tried: int
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain facts, as docs/contract.md has them."""
        return {
            "utility": self.utility,
            "share": self.share,
            "risk": self.risk,
            "spread": self.spread,
            "best": {name: scored.to_dict() for name, scored in self.best.items()},
            "now": None if self.now is None else self.now.to_dict(),
            "hypotheses": [
                {
                    "name": own.name,
                    "weight": own.weight,
                    "best": own.best.to_dict(),
                    "regret": own.regret,
                    "indifferent": own.indifferent,
                }
                for own in self.hypotheses
            ],
            "frontier": [scored.to_dict() for scored in self.frontier],
            "regret_matrix": [
                {"name": row.name, "action": row.action, "means": list(row.means), "regrets": list(row.regrets)}
                for row in self.regret_matrix
            ],
            "information": self.information,
            "tried": self.tried,
            "warnings": list(self.warnings),
        }


def decide(
    outcomes: Outcomes,
    levers: Levers,
    utility: Utility,
    weights: Sequence[float],
    names: Sequence[str],
    risk: float = 0.1,
    spread: float | None = None,
    seed: int = 0,
    *,
    wider: float = 1.0,
    again: Outcomes | None = None,
    scoring: Outcomes | None = None,
    by_row: Outcomes | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Decision:
    """Choose by several yardsticks, and score each choice on the draws that did not make it.

    Parameters
    ----------
    outcomes : Outcomes
        What actions bring: actions (A, L) to outcomes (H, A, S, R).
    levers : Levers
    utility : Utility
    weights : sequence of float, one a hypothesis
        0 or more; they are divided by their sum. Regret does not look at them.
    names : sequence of str
        Of the hypotheses.
    risk : float
        The share of worst draws whose mean is CVaR, over 0 and at most 1.
    spread : float, optional
        How many standard deviations are taken off the mean for one more yardstick.
    seed : int
        The same gives the same decision to the last digit.
    wider : float
        By what the spread over draws is multiplied, for rows that depend on one another.
    again : Outcomes, optional
        Outcomes over more draws and rows than those of the search, none of which score: the best that it found are
        compared on these (:mod:`core.decide.shortlist`).
    scoring : Outcomes, optional
        Outcomes over other draws, and more of them: all draws of ``outcomes`` then choose, and these score, settled
        (:func:`core.decide.utility.worth`). Without them a random half of the draws of ``outcomes`` chooses and the
        other half scores.
    by_row : Outcomes, optional
        Outcomes of single rows with their own noise, for what is left to chance, where those that score are means.
    progress : callable, optional
        Told words and the share done, many times a second; what it raises ends the decision.

    Raises
    ------
    UsageError
        For weights, risk or spread that are none, and where no action is allowed.
    ModelError
        Where utilities cannot be computed; see :func:`core.decide.choosing.choose`.
    """
    aims = Aims(_weights(weights, names), risk, spread, wider)
    if utility.outcome in levers.names:
        raise UsageError(
            f"{utility.outcome!r} is both lever and outcome", place=utility.outcome, hint="Choose another outcome."
        )
    telling = Telling(progress)
    halved, others = scoring is None, telling.outcomes(scoring or outcomes)
    outcomes = telling.outcomes(outcomes)
    found = choose(outcomes, utility, levers, aims, seed, telling.search, halved=halved)
    tried = len(found.actions) + found.lost
    telling.scoring()
    if again is not None:
        found = chosen_again(found, telling.outcomes(again), utility, levers, aims)
    score, edge, more = scored(found, others, utility, levers, aims, by_row, halved=halved)
    found = score.found
    best = {name: score.of(at) for name, at in found.best.items()}
    lost = score.lost()
    chosen = {_BY[name]: found.actions[at] for name, at in found.best.items() if name != "likely"}
    bends = curves(outcomes, utility, levers, found.actions[found.best["expected"]])
    warnings = [
        *about_curves(bends, names),
        *about_bounds(levers, chosen, [bend.name for bend in bends if all(bend.flat)]),
        *about_limits(levers, chosen),
        *about_seen(levers, chosen),
        *about_today(levers),
        *about_beaten([(_BY[by], one.action) for by, one in score.beaten()], levers),
        *_about_lost(found.lost + more, tried - found.lost - more),
    ]
    rows = [(f"best if {name} is right", at) for name, at in zip(names, found.own, strict=True)]
    rows += [(_ROW[name], found.best[name]) for name in ("likely", "regret", "expected", "cvar") if name in found.best]
    return Decision(
        utility=str(utility),
        share=is_condition(utility.formula),
        risk=aims.risk,
        spread=aims.spread,
        best=best,
        now=score.now(),
        hypotheses=tuple(
            Owned(
                name,
                float(aims.weights[h]),
                score.of(at, h),
                float(lost[found.best["expected"]][h]),
                score.indifferent(h),
            )
            for h, (name, at) in enumerate(zip(names, found.own, strict=True))
        ),
        frontier=tuple(score.of(at) for at in edge),
        regret_matrix=tuple(
            Regretted(name, levers.named(found.actions[at]), tuple(score.means(at)), tuple(lost[at].tolist()))
            for name, at in rows
        ),
        information=score.information(),
        tried=tried,
        warnings=tuple(warnings),
    )


def _about_lost(lost: int, left: int) -> list[str]:
    if not lost:
        return []
    return [f"{lost:,} of {lost + left:,} choices were left out: their utility has no value in some of the draws."]


def _weights(weights: Sequence[float], names: Sequence[str]) -> FloatArray:
    found = np.asarray(weights, dtype=np.float64)
    if found.shape != (len(names),) or not np.isfinite(found).all() or (found < 0).any() or not found.sum() > 0:
        raise UsageError(
            "the hypotheses' weights are no weights", place="weights", hint="Give each hypothesis one, 0 or more."
        )
    return np.asarray(found / found.sum(), dtype=np.float64)
