"""Why a best is what it is, in sentences: what the safest guards against, and why risk moves the choice."""

from collections.abc import Collection
from dataclasses import replace

from core.decide.choosing import LITTLE
from core.decide.deciding import Decision
from core.decide.levers import Levers
from core.decide.scoring import Scored
from core.words import either, joined, number, sentence

__all__ = ["about_risk", "about_safest", "in_hundred", "said_action"]

_BINDING = 0.9  # of the most that the safest loses: a hypothesis under which it loses that much shapes it
_SHARE = 0.01  # of a lever's range: it is moved by less, it is as it was
_LESS = 0.95  # of the spread: by less than that nothing is better known


def said_action(levers: Levers, action: dict[str, float], only: Collection[str] | None = None) -> str:
    """Return an action in words, ``"ads 3.00, price 16.0"``: of some of its levers, if ``only`` they are asked for."""
    some = [lever for lever in levers.all if only is None or lever.name in only]
    return ", ".join(f"{lever.said} {number(action[lever.name])}" for lever in some)


def about_safest(decision: Decision, levers: Levers, contradicted: Collection[str] = ()) -> list[str]:
    """Say that the safest guards against a hypothesis that hardly counts, and what is safest without it.

    Parameters
    ----------
    decision : Decision
    levers : Levers
    contradicted : collection of str
        Hypotheses of which the data contradict something.
    """
    if "likely" not in decision.best:
        return []
    row = next(row for row in decision.regret_matrix if row.name == "safest")
    most = max(row.regrets)
    against = [
        own.name
        for own, lost in zip(decision.hypotheses, row.regrets, strict=True)
        if most > 0 and own.weight < LITTLE and lost >= _BINDING * most
    ]
    safest, other = decision.best["regret"], decision.best["likely"]
    if not against or not _moved(levers, safest, other):
        return []
    few = len(against) == 1
    refuted = set(against) <= set(contradicted)
    counts = f"which {'counts' if few else 'count'} for under 1 %"
    also = f" and {'is' if few else 'are'} contradicted by the data" if refuted else ""
    return [
        sentence(
            f"the safest guards against {either(against)}, {counts}{also}: without what counts for under 1 % the "
            f"safest is {said_action(levers, other.action)}"
        )
    ]


def about_risk(decision: Decision, levers: Levers) -> list[str]:
    """Say how the best by its worst draws differs from the best on average, and why.

    The reason is what the two leave open in the mean: less of what differs between hypotheses, or less of what the
    parameters leave open, whichever part shrinks by more.
    """
    mean, tail = decision.best["expected"], decision.best["cvar"]
    moved = _moved(levers, mean, tail)
    if not moved or tail.sd > _LESS * mean.sd:
        return []
    ways = [_way(levers, mean, tail, name) for name in moved]
    inner, between = (b - a for a, b in zip(_parts(tail), _parts(mean), strict=True))
    why = "the hypotheses differ less about what that brings" if between > inner else "what that brings is better known"
    given, gained = mean.mean - tail.mean, tail.cvar - mean.cvar
    price = f", for {number(given)} less on average and {number(gained)} more when it goes badly"
    return [
        sentence(f"by its worst draws {joined(ways)} than on average: {why}{price if given > 0 and gained > 0 else ''}")
    ]


def _parts(scored: Scored) -> tuple[float, float]:
    """Return what parameters and what structure leave open in the mean, as variances."""
    inner, between = (scored.uncertainty.get(name, 0.0) for name in ("parameters", "structure"))
    whole = inner + between
    return (scored.sd**2 * inner / whole, scored.sd**2 * between / whole) if whole > 0 else (scored.sd**2, 0.0)


def _moved(levers: Levers, one: Scored, other: Scored) -> list[str]:
    return [
        lever.name
        for lever in levers.all
        if abs(one.action[lever.name] - other.action[lever.name]) > _SHARE * lever.width
    ]


def _way(levers: Levers, mean: Scored, tail: Scored, name: str) -> str:
    said = next(lever.said for lever in levers.all if lever.name == name)
    more = tail.action[name] - mean.action[name]
    return f"{said} is {number(abs(more))} {'higher' if more > 0 else 'lower'}"


def in_hundred(decision: Decision) -> Decision:
    """Return a decision on shares with every share, and every difference of two, as so many of a hundred."""

    def many(one: Scored) -> Scored:
        numbers = {name: 100 * getattr(one, name) for name in ("mean", "sd", "q05", "q95", "cvar")}
        return replace(one, **numbers)

    return replace(
        decision,
        best={name: many(one) for name, one in decision.best.items()},
        now=None if decision.now is None else many(decision.now),
        hypotheses=tuple(replace(own, best=many(own.best), regret=100 * own.regret) for own in decision.hypotheses),
        frontier=tuple(many(one) for one in decision.frontier),
        regret_matrix=tuple(
            replace(
                row,
                means=tuple(100 * value for value in row.means),
                regrets=tuple(100 * value for value in row.regrets),
            )
            for row in decision.regret_matrix
        ),
        information=100 * decision.information,
    )
