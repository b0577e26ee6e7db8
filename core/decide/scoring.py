"""Actions that were chosen, on the draws that did not choose them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.decide.choosing import Aims, Chosen
from core.decide.criteria import cvar, expected, pooled_variance, quantiles, widened
from core.decide.frontier import between, efficient, thinned
from core.decide.levers import Levers
from core.decide.regret import information, regrets
from core.decide.utility import Outcomes, Utility, worth
from core.decide.warning import unseen
from core.errors import ModelError

__all__ = ["Scored", "Scores", "scored"]

FloatArray = NDArray[np.float64]

_TRIES = 8  # times that actions without a utility in the draws that score are replaced
_BATCHES = 10  # of draws, whose spread says how far chance in the draws moves a mean or a CVaR
_ERRORS = 2.0  # Monte Carlo errors by which an action must be better to be called so


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


def scored(
    found: Chosen,
    scoring: Outcomes,
    utility: Utility,
    levers: Levers,
    aims: Aims,
    by_row: Outcomes | None,
    *,
    halved: bool,
) -> tuple["Scores", list[int], int]:
    """Score what was found; return also the frontier, and how many actions were found out to have no utility.

    An action that has a utility in all draws that choose may have none in others: the next best then takes its place.
    Of the frontier those are left that on the draws that score neither today's action nor any other of it beats
    either, its ends before others.
    """
    bad: list[int] = []
    for _ in range(_TRIES):
        at = efficient(*(np.where(np.isin(np.arange(len(x)), bad), -np.inf, x) for x in (found.expected, found.cvar)))
        at = at[np.isfinite(found.expected[at]) & ~np.isin(at, bad)]
        edge = [int(one) for one in at[thinned(found.expected[at], found.cvar[at])]]
        score = Scores(scoring, utility, levers, aims, found, edge, by_row, halved=halved)
        unknown = [place for place in score.places if not score.known(place)]
        bad += unknown
        if not {*found.own, *found.best.values()} & set(unknown):
            return score, score.frontier([one for one in edge if one not in unknown]), len(bad)
        if len(bad) >= len(found.actions):
            break
        found = found.without(bad)
    raise ModelError(
        "the utility has no value in some of the draws, whatever is done",
        place=f"utility {utility}",
        hint="Look for a division by 0, or a logarithm of something that can be negative: log(max(x, 0.01)).",
    )


class Scores:
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
        self.today = len(best) if len(levers.today) else None
        first = np.vstack([found.actions[best], levers.today])
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
        """Return what an action is worth under each hypothesis."""
        return [float(x) for x in self.by_hypothesis[self.places[at]]]

    def known(self, at: int) -> bool:
        """Return whether an action has a utility in all draws that score."""
        return bool(np.isfinite(self.values[:, self.places[at]]).all())

    def lost(self) -> dict[int, FloatArray]:
        """Return what each scored action loses under each hypothesis, shape (H,) each."""
        lost = regrets(self.by_hypothesis, [self.places[at] for at in self.found.own])
        return {at: lost[row] for at, row in self.places.items()}

    def indifferent(self, hypothesis: int) -> bool:
        """Return whether all actions are worth the same if a hypothesis is right."""
        own = self.by_hypothesis[:, hypothesis]
        whole = float(np.ptp(self.by_hypothesis, axis=0).max())
        return len(own) > 1 and bool(whole > 0 and float(np.ptp(own)) <= 1e-9 * whole)

    def information(self) -> float:
        """Return what it is worth to know who is right."""
        own = [self.places[at] for at in self.found.own]
        return information(self.by_hypothesis, self.aims.weights, own, self.places[self.found.best["expected"]])

    def frontier(self, edge: Sequence[int]) -> list[int]:
        """Return which of a frontier's actions are one here too: none that another of it, or today's, beats in both."""
        today = self.now()
        some = [(at, self.of(at)) for at in edge]
        if today is not None:
            some = [(at, one) for at, one in some if not (today.mean > one.mean and today.cvar > one.cvar)]
        if not some:
            return []
        kept = between(np.array([one.mean for _, one in some]), np.array([one.cvar for _, one in some]))
        return [some[place][0] for place in kept]

    def beaten(self) -> list[tuple[str, Scored]]:
        """Return the yardsticks whose best is, on these draws, beaten in mean and CVaR by more than their chance.

        With the action that beats it: of several today's, else the one of the largest mean. By how much two actions
        differ is known from batches of draws, in which they share draws, rows and noise (batch means).
        """
        by = [name for name in self.found.best if name in ("expected", "cvar", "spread")]
        parts = [self.values[:, :, k::_BATCHES] for k in range(_BATCHES)]
        tops = np.stack([[expected(x, self.aims.weights), cvar(x, self.aims.weights, self.aims.risk)] for x in parts])
        told = []
        for name in by:
            more = tops - tops[:, :, [self.places[self.found.best[name]]]]
            error = more.std(axis=0, ddof=1) / np.sqrt(len(parts))
            better = (more.mean(axis=0) > _ERRORS * error + 1e-9 * np.abs(tops).max()).all(axis=0)
            if better.any():
                row = int(np.where(better, self.by_hypothesis @ self.aims.weights, -np.inf).argmax())
                row = self.today if self.today is not None and better[self.today] else row
                told.append((name, self._row(row)))
        return told

    def now(self) -> Scored | None:
        """Return today's action, where it is allowed and has a utility."""
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
