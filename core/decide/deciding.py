"""The face of decisions: outcomes, levers and a utility in; the best actions, what they risk and what they lose out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.decide.choosing import Aims, Chosen, choose
from core.decide.criteria import cvar, expected, pooled_variance, quantiles, widened
from core.decide.frontier import between, efficient, thinned
from core.decide.levers import Levers
from core.decide.regret import information, regrets
from core.decide.telling import Telling
from core.decide.utility import Outcomes, Utility, worth
from core.decide.warning import about_bounds, about_curves, about_limits, about_seen, curves, unseen
from core.errors import ModelError, UsageError

__all__ = ["Decision", "Owned", "Regretted", "Scored", "decide"]

FloatArray = NDArray[np.float64]

#: What a yardstick is called in a sentence.
_BY = {
    "expected": "by expectation",
    "cvar": "by its worst draws",
    "regret": "by regret",
    "spread": "by mean and spread",
}
_TRIES = 8  # times that actions without a utility in the draws that score are replaced
_ROW = {"expected": "best by expectation", "cvar": "best by its worst draws", "regret": "safest"}


@dataclass(frozen=True)
class Scored:
    """An action, and what it is worth on draws that did not choose it.

    Attributes
    ----------
    action : dict of str to float
        By the levers' names, in their own units.
    mean, sd, q05, q95, cvar : float
        Of utility, averaged over rows: over draws, and over hypotheses by their weights.
    uncertainty : dict of str to float
        Shares of the variance of one row's utility, which add up to 1: ``chance`` (what the world does at random,
        and how rows differ), ``parameters``, ``structure``; all 0 where nothing is uncertain, and none of those that
        are on the frontier alone.
    unseen : tuple of str
        Levers that are set outside of what was seen.
    """

    action: dict[str, float]
    mean: float
    sd: float
    q05: float
    q95: float
    cvar: float
    uncertainty: dict[str, float] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain facts."""
        numbers = {"mean": self.mean, "sd": self.sd, "q05": self.q05, "q95": self.q95, "cvar": self.cvar}
        return {"action": self.action, **numbers, "uncertainty": self.uncertainty, "unseen": list(self.unseen)}


@dataclass(frozen=True)
class Owned:
    """One hypothesis: its weight, the best action if it is right, and what the overall best then loses."""

    name: str
    weight: float
    best: Scored
    regret: float


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
    risk : float
    spread : float or None
    best : dict of str to Scored
        By ``expected``, ``cvar``, ``regret``, and ``spread`` where it was asked for.
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
            "risk": self.risk,
            "spread": self.spread,
            "best": {name: scored.to_dict() for name, scored in self.best.items()},
            "now": None if self.now is None else self.now.to_dict(),
            "hypotheses": [
                {"name": own.name, "weight": own.weight, "best": own.best.to_dict(), "regret": own.regret}
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
    telling.scoring()
    score, edge, more = _scored(found, others, utility, levers, aims, by_row, halved=halved)
    found = score.found
    best = {name: score.of(at) for name, at in found.best.items()}
    lost = score.lost()
    chosen = {_BY[name]: found.actions[at] for name, at in found.best.items()}
    bends = curves(outcomes, utility, levers, found.actions[found.best["expected"]])
    warnings = [
        *about_curves(bends, names),
        *about_bounds(levers, chosen, [bend.name for bend in bends if all(bend.flat)]),
        *about_limits(levers, chosen),
        *about_seen(levers, chosen),
        *_about_lost(found.lost + more, len(found.actions) - more),
    ]
    rows = [(f"best if {name} is right", at) for name, at in zip(names, found.own, strict=True)]
    rows += [(_ROW[name], found.best[name]) for name in ("regret", "expected", "cvar")]
    return Decision(
        utility=str(utility),
        risk=aims.risk,
        spread=aims.spread,
        best=best,
        now=score.now(),
        hypotheses=tuple(
            Owned(name, float(aims.weights[h]), score.of(at, h), float(lost[found.best["expected"]][h]))
            for h, (name, at) in enumerate(zip(names, found.own, strict=True))
        ),
        frontier=tuple(score.of(at) for at in edge),
        regret_matrix=tuple(
            Regretted(name, levers.named(found.actions[at]), tuple(score.means(at)), tuple(lost[at].tolist()))
            for name, at in rows
        ),
        information=score.information(),
        tried=len(found.actions) + found.lost,
        warnings=tuple(warnings),
    )


def _scored(
    found: Chosen,
    scoring: Outcomes,
    utility: Utility,
    levers: Levers,
    aims: Aims,
    by_row: Outcomes | None,
    *,
    halved: bool,
) -> tuple["_Scores", list[int], int]:
    """Score what was found; return also the frontier, and how many actions were found out to have no utility.

    An action that has a utility in all draws that choose may have none in others: the next best then takes its place.
    Of the frontier those are left that no other of it beats on the draws that score either, its ends before others.
    """
    bad: list[int] = []
    for _ in range(_TRIES):
        at = efficient(*(np.where(np.isin(np.arange(len(x)), bad), -np.inf, x) for x in (found.expected, found.cvar)))
        at = at[np.isfinite(found.expected[at]) & ~np.isin(at, bad)]
        edge = [int(one) for one in at[thinned(found.expected[at], found.cvar[at])]]
        score = _Scores(scoring, utility, levers, aims, found, edge, by_row, halved=halved)
        unknown = [place for place in score.places if not score.known(place)]
        bad += unknown
        if not {*found.own, *found.best.values()} & set(unknown):
            edge = [one for one in edge if one not in unknown]
            scored = [score.of(one) for one in edge]
            kept = between(np.array([one.mean for one in scored]), np.array([one.cvar for one in scored]))
            return score, [edge[place] for place in kept], len(bad)
        if len(bad) >= len(found.actions):
            break
        found = found.without(bad)
    raise ModelError(
        "the utility has no value in some of the draws, whatever is done",
        place=f"utility {utility}",
        hint="Look for a division by 0, or a logarithm of something that can be negative: log(max(x, 0.01)).",
    )


class _Scores:
    """Actions on the draws that did not choose them."""

    def __init__(
        self,
        outcomes: Outcomes,
        utility: Utility,
        levers: Levers,
        aims: Aims,
        found: Chosen,
        edge: Sequence[int] | NDArray[np.intp],
        by_row: Outcomes | None,
        *,
        halved: bool,
    ) -> None:
        self.levers, self.aims, self.found = levers, aims, found
        best = list(dict.fromkeys([*found.own, *found.best.values()]))
        today = np.array([[np.nan if lever.now is None else lever.now for lever in levers.all]])
        self.today = len(best) if np.isfinite(today).all() and levers.allows(today)[0] else None
        first = np.vstack([found.actions[best], today[: self.today is not None]])
        rest = [int(at) for at in edge if at not in best]
        self.places = {at: row for row, at in enumerate(best)} | {at: len(first) + row for row, at in enumerate(rest)}
        self.scored = np.vstack([first, found.actions[rest]])
        made = worth(outcomes, utility, levers, self.scored, settled=not halved)
        self.values = widened(made.values[:, :, found.scoring] if halved else made.values, aims.widened)
        # What is left to chance is not asked of the frontier, since single rows can take long.
        self.chance = made.chance[:, : len(first)]
        if by_row is not None:
            self.chance = worth(by_row, utility, levers, first).chance
        self.by_hypothesis = self.values.mean(axis=2).T

    def means(self, at: int) -> list[float]:
        return [float(x) for x in self.by_hypothesis[self.places[at]]]

    def known(self, at: int) -> bool:
        """Return whether an action has a utility in all draws that score."""
        return bool(np.isfinite(self.values[:, self.places[at]]).all())

    def lost(self) -> dict[int, FloatArray]:
        """Return what each scored action loses under each hypothesis, shape (H,) each."""
        lost = regrets(self.by_hypothesis, [self.places[at] for at in self.found.own])
        return {at: lost[row] for at, row in self.places.items()}

    def information(self) -> float:
        own = [self.places[at] for at in self.found.own]
        return information(self.by_hypothesis, self.aims.weights, own, self.places[self.found.best["expected"]])

    def now(self) -> Scored | None:
        return (
            None if self.today is None or not np.isfinite(self.values[:, self.today]).all() else self._row(self.today)
        )

    def of(self, at: int, hypothesis: int | None = None) -> Scored:
        """Return an action as it scores over all hypotheses, or under one alone."""
        return self._row(self.places[at], hypothesis)

    def _row(self, row: int, hypothesis: int | None = None) -> Scored:
        only = slice(None) if hypothesis is None else slice(hypothesis, hypothesis + 1)
        values = self.values[only, row : row + 1]
        weights = self.aims.weights if hypothesis is None else np.ones(1)
        within, between = (float(part[0]) for part in pooled_variance(values, weights))
        parts = {}
        if row < self.chance.shape[1]:
            parts = {"chance": float(weights @ self.chance[only, row]), "parameters": within, "structure": between}
        whole = sum(parts.values())
        low, high = quantiles(values, weights, (0.05, 0.95))[0]
        action = self.scored[row]
        return Scored(
            action=self.levers.named(action),
            mean=float(expected(values, weights)[0]),
            sd=float(np.sqrt(within + between)),
            q05=float(low),
            q95=float(high),
            cvar=float(cvar(values, weights, self.aims.risk)[0]),
            uncertainty={name: part / whole if whole > 0 else 0.0 for name, part in parts.items()},
            unseen=unseen(self.levers, action),
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
