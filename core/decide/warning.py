"""What to know before acting on a choice: bounds, levers without a curve, values that hardly anybody had."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.decide.levers import BUDGET, Levers
from core.decide.utility import Outcomes, Utility, worth
from core.words import either, joined, number, sentence

__all__ = [
    "STRAIGHT",
    "Curve",
    "about_beaten",
    "about_bounds",
    "about_curves",
    "about_limits",
    "about_seen",
    "about_today",
    "curves",
    "unseen",
]

FloatArray = NDArray[np.float64]

#: Off the straight line by less than this share of the lever's whole effect, a lever has no curve.
STRAIGHT = 1e-3
_FLAT = 1e-9  # of what utility varies by over all levers: an effect smaller than this is none
_POINTS = 5
_ON = 1e-6  # of a lever's range: as near to a bound is on it


@dataclass(frozen=True)
class Curve:
    """How utility goes along one lever, the others as chosen.

    Attributes
    ----------
    name : str
        The lever.
    straight : tuple of bool
        For each hypothesis, whether utility has no curve in the lever.
    flat : tuple of bool
        For each hypothesis, whether it does not change with it at all.
    said : str
        What sentences call the lever.
    """

    name: str
    straight: tuple[bool, ...]
    flat: tuple[bool, ...]
    said: str


def curves(outcomes: Outcomes, utility: Utility, levers: Levers, action: FloatArray) -> tuple[Curve, ...]:
    """Look along each lever through an action, over all of its bounds whatever limits say, for a curve.

    A utility is straight along a lever if no point between is off the line between its ends by more than
    :data:`STRAIGHT` of what lies between its highest and its lowest value there (second differences, for points that
    need not be evenly spaced). As outcomes share their noise from action to action, the noise does not bend the line.

    Parameters
    ----------
    action : array, shape (L,)

    Returns
    -------
    tuple of Curve
        Of the levers that can take three values or more.
    """
    found = []
    for column, lever in enumerate(levers.all):
        every = np.array(lever.values) if lever.values else np.linspace(lever.low, lever.high, _POINTS)
        at = every[np.unique(np.linspace(0, len(every) - 1, _POINTS).round().astype(int))]
        if len(at) < 3:
            continue
        along = np.repeat(action[None], len(at), axis=0)
        along[:, column] = at
        means = worth(outcomes, utility, levers, along).values.mean(axis=2)
        share = (at - at[0]) / (at[-1] - at[0])
        line = means[:, :1] + share * (means[:, -1:] - means[:, :1])
        found.append((lever, np.ptp(means, axis=1), np.abs(means - line).max(axis=1)))
    if not found:
        return ()
    known = [effect[np.isfinite(effect)] for _, effect, _ in found]
    whole = max((float(effect.max()) for effect in known if effect.size), default=0.0)
    return tuple(
        Curve(
            lever.name,
            straight=tuple(bool(x) for x in off <= STRAIGHT * effect),
            flat=tuple(bool(x) for x in effect <= _FLAT * whole),
            said=lever.said,
        )
        for lever, effect, off in found
    )


def about_curves(found: Sequence[Curve], names: Sequence[str]) -> list[str]:
    """Return sentences on levers that change nothing, and on those without a curve."""
    told = []
    for curve in found:
        flat = [name for name, is_flat in zip(names, curve.flat, strict=True) if is_flat]
        straight = [
            name
            for name, is_straight, is_flat in zip(names, curve.straight, curve.flat, strict=True)
            if is_straight and not is_flat
        ]
        if flat:
            told.append(sentence(f"{_under(flat, names)} {curve.said} changes nothing that counts here"))
        if straight:
            words = (
                f"the model has no curve in {curve.said}: on average the best is all or nothing, as far as limits "
                "allow, and what lies between is chosen for a smaller risk or regret alone"
            )
            told.append(sentence(f"{_under(straight, names)} {words}" if len(straight) < len(names) else words))
    return told


def _under(some: Sequence[str], names: Sequence[str]) -> str:
    if len(some) == len(names):
        return "under every hypothesis" if len(names) > 1 else f"under {names[0]}"
    return f"if {either(some)} is right,"


def about_bounds(levers: Levers, actions: Mapping[str, FloatArray], idle: Collection[str] = ()) -> list[str]:
    """Return a sentence for each bound of a lever on which a best action lies.

    Parameters
    ----------
    levers : Levers
    actions : mapping of str to array, shape (L,)
        The best actions, by the words for what they are best by.
    idle : collection of str
        Levers that change nothing, where a bound keeps nobody from anything.
    """
    told = []
    for column, lever in enumerate(levers.all):
        if len(lever.values) in (1, 2) or lever.name in idle:
            continue
        for bound, words in ((lever.low, "least"), (lever.high, "most")):
            on = [by for by, action in actions.items() if abs(action[column] - bound) <= _ON * lever.width]
            if on:
                told.append(
                    f"The best {lever.said} {joined(on)} is {number(bound)}, the {words} that is allowed: "
                    "beyond it there may be something better."
                )
    return told


def about_limits(levers: Levers, actions: Mapping[str, FloatArray]) -> list[str]:
    """Return a sentence for each limit that a best action meets to the last: what it costs is not said by bounds.

    Parameters as of :func:`about_bounds`.
    """
    told = []
    for limit in levers.bounds:
        row = np.array(limit.coefficients)
        size = float(np.abs(row) @ np.array([lever.width for lever in levers.all]))
        on = [by for by, action in actions.items() if size > 0 and limit.most - float(row @ action) <= _ON * size]
        if on:
            words = "the whole budget" if limit.words == BUDGET else f"all that {limit.words} allows"
            told.append(f"The best {joined(on)} takes {words}: with more there may be something better.")
    return list(dict.fromkeys(told))


def unseen(levers: Levers, action: FloatArray) -> tuple[str, ...]:
    """Return the levers that an action, shape (L,), sets to something that lies outside of what was seen."""
    return tuple(
        lever.name
        for lever, value in zip(levers.all, action, strict=True)
        if lever.seen is not None
        and not lever.seen[0] - _ON * lever.width <= value <= lever.seen[1] + _ON * lever.width
    )


def about_seen(levers: Levers, actions: Mapping[str, FloatArray]) -> list[str]:
    """Return a sentence for each lever that a best action sets where hardly anybody was seen.

    Parameters as of :func:`about_bounds`.
    """
    told = []
    for column, lever in enumerate(levers.all):
        out = {by: action[column] for by, action in actions.items() if lever.name in unseen(levers, action)}
        if out and lever.seen is not None:
            values = joined(dict.fromkeys(number(value) for value in out.values()))
            low, high = lever.seen
            told.append(
                f"The best {lever.said} {joined(out)} is {values}, and hardly anybody was seen there: 98 % of rows lie "
                f"between {number(low)} and {number(high)}."
            )
    return told


def about_today(levers: Levers) -> list[str]:
    """Say why what is done today is no choice, where it is known and not allowed."""
    if any(lever.now is None for lever in levers.all) or len(levers.today):
        return []
    now = np.array([lever.now for lever in levers.all], dtype=np.float64)
    out = [lever.said for lever, value in zip(levers.all, now, strict=True) if not lever.low <= value <= lever.high]
    over = [limit.words for limit in levers.bounds if float(np.array(limit.coefficients) @ now) > limit.most]
    whys = [*(f"the bounds of {said}" for said in out), *dict.fromkeys(over)]
    return [
        sentence(f"as it is today is not among the choices: it breaks {joined(whys) if whys else 'what is allowed'}")
    ]


def about_beaten(beaten: Sequence[tuple[str, Mapping[str, float]]], levers: Levers) -> list[str]:
    """Say which bests another action beats in mean and CVaR on the draws that score, by more than their chance."""
    said = {lever.name: lever.said for lever in levers.all}
    told = []
    for by, action in beaten:
        other = ", ".join(f"{said[name]} {number(value)}" for name, value in action.items())
        told.append(
            f"On the draws that score, {other} is better than the best {by} both on average and in the worst draws: "
            "the draws that chose were not enough to tell."
        )
    return told
