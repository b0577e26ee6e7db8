"""By which ways an effect comes, in sentences."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.effects.mediation import Mediation
from core.effects.shares import shares_of
from core.study.ways import Ways
from core.words import joined, number, sentence

__all__ = ["by_way_of", "other_ways", "ways_said"]

_NOTHING = 1e-9
_SHOWN = 0.02  # of the total: what less is, goes without saying


def ways_said(
    ways: Ways, title: Callable[[str], str] = str, *, right: str = "", unit: str = "", levels: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Say what comes by which way, if one hypothesis is right.

    Parameters
    ----------
    ways : Ways
    title : callable
        Node to the user's words for it.
    right : str, optional
        A hypothesis in words, for "…, if A is right"; unless given a sentence has no condition.
    unit : str, optional
        Of the outcome.
    levels : tuple of str
        Of the outcome.
    """
    if ways.reason:
        reason = "no path leads from {} to {}".format(*map(title, ways.apart)) if ways.apart else ways.reason
        return (sentence(f"{right}: {reason}" if right else reason),)
    found: list[str] = []
    for one in ways.parts:
        level = one.level or (levels[1] if len(levels) == 2 else "")
        found.append(_split(one, level, title, f", if {right} is right" if right else "", unit))
        found += _more(one, title) if one.level is None else []
    witnesses = dict.fromkeys(name for one in ways.parts for name in one.witnesses)
    for name in witnesses:
        one = ways.parts[0]
        found.append(
            f"This split rests on how {title(name)} under one value is tied to {title(name)} under the other, which no "
            f"data could tell: it acts on what counts as on the way ({_listed(one, title)}) and, by another way, on "
            f"{title(one.outcome)}."
        )
    return tuple(found)


def by_way_of(one: Mediation, title: Callable[[str], str] = str) -> str:
    """Return by which way the indirect part comes: "by way of visits"."""
    return f"by way of {_listed(one, title)}" if one.mediators else "by way of others"


def _listed(one: Mediation, title: Callable[[str], str]) -> str:
    names = [title(name) for name in one.mediators]
    return joined(names) if len(names) < 5 else f"{', '.join(names[:3])} and {len(names) - 3} others"


def other_ways(one: Mediation) -> str:
    """Return by which way the rest comes: directly, or, where not all that lies between was named, by other ways."""
    return "by other ways" if set(one.arrows) - {one.outcome, *one.mediators} else "directly"


def _split(one: Mediation, level: str, title: Callable[[str], str], right: str, unit: str) -> str:
    total, direct, indirect = (float(one.parts[name].mean()) for name in ("total", "direct", "indirect"))
    via, rest, outcome = by_way_of(one, title), other_ways(one), title(one.outcome)
    against = " The ways pull against each other." if _apart(one) else ""
    if one.scale == "ratio":
        times = [number(float(np.exp(part))) for part in (total, indirect, direct)]
        return (
            f"The median of {outcome} is multiplied by {times[0]}: by {times[1]} {via}, by {times[2]} {rest}{right}."
            f"{against}"
        )
    what = f"the chance that {outcome} is {level}" if level else outcome
    of = f" ({unit})" if unit and not level else ""
    if shares_of(one) is None:
        if not one.parts["total"].any():
            return f"{_capital(what)} does not change{right}."
        return (
            f"{_capital(what)} changes by {_signed(total)}{of}: by {_signed(indirect)} {via}, by {_signed(direct)} "
            f"{rest}{right}.{against}"
        )
    more, size = "more" if total > 0 else "fewer" if level else "less", 100.0 if level else 1.0
    whole = f"{number(size * abs(total))} {more} " + (
        f"in 100 whose {outcome} is {level}" if level else f"{outcome}{of}"
    )
    if not one.parts["indirect"].any():
        return f"Of {whole}, all comes {rest}{right}."
    if not one.parts["direct"].any():
        return f"Of {whole}, all comes {via}{right}."
    if total < 0:
        size = -size
    return f"Of {whole}, {number(size * indirect)} come {via}, {number(size * direct)} {rest}{right}."


def _more(one: Mediation, title: Callable[[str], str]) -> list[str]:
    """Return what is said beside the two parts, where it is there: arrow by arrow, and what ways do together."""
    if one.scale == "ratio":
        return []
    found, size = [], max(abs(float(one.parts[name].mean())) for name in ("total", "direct", "indirect"))
    if sum(child != one.outcome for child in one.arrows) > 1:
        listed = joined(f"{_signed(float(draws.mean()))} along that to {title(n)}" for n, draws in one.arrows.items())
        found.append(f"By the arrow out of {title(one.treatment)}: {listed}.")
    if _clear(one.together) and abs(float(one.together.mean())) > _SHOWN * size:
        found.append(f"{_signed(float(one.together.mean()))} is what these do only together.")
    apart = one.parts["indirect"] - one.parts["pure_indirect"]
    if _clear(apart) and abs(float(apart.mean())) > _SHOWN * size:
        alone = _signed(float(one.parts["pure_indirect"].mean()))
        found.append(f"Without the direct way beside it, what comes {by_way_of(one, title)} would be {alone}.")
    return found


def _apart(one: Mediation) -> bool:
    parts = [one.parts["direct"], one.parts["indirect"], *one.arrows.values()]
    signs = {bool(part.mean() > 0) for part in parts if _clear(part)}
    return len(signs) > 1


def _clear(draws: NDArray[np.float64]) -> bool:
    low, high = np.quantile(draws, (0.05, 0.95))
    return bool(low > _NOTHING or high < -_NOTHING)


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{number(value)}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
