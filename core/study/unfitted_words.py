"""What a hypothesis that could not be fitted says of an action, in sentences: for the terminal and the page alike."""

from collections.abc import Callable
from dataclasses import dataclass

from core.fit.posterior import Summary
from core.graph.remedies import WayOut
from core.study.denying import Exit
from core.study.unfitted_records import Estimated, PriorBesidePosterior, Spread, Unfitted
from core.words import either, interval, joined, number, sentence

__all__ = ["ANSWERS", "Told", "exits_said", "told_of"]

_MOST_WAYS = 4

ANSWERS = {
    "adjustment": "by adjustment, not fitted",
    "front door": "through the front door, not fitted",
    "two steps": "in two steps, not fitted",
    "formula": "by the formula, not fitted",
    "instrument": "by an instrument, if effects are straight lines",
    "no effect": "no path leads there",
}
"""Each way of estimating, as a note of a few words beside its number."""


@dataclass(frozen=True)
class Told:
    """The answer in one sentence, and what it rests on in others."""

    answer: str
    more: tuple[str, ...] = ()


def told_of(one: Unfitted, title: Callable[[str], str] = str, unit: str = "") -> Told:
    """Return what is said of one hypothesis; ``title`` gives the user's word for a column, ``unit`` the outcome's."""
    if one.estimate is not None:
        told = _estimated(one.estimate, one.identified, unit)
    elif one.bounds is not None:
        told = Told("")
    elif one.beside is not None:
        told = _beside(one.beside, one.scale, unit)
    elif one.identified:
        told = Told(f"It could be known from the rows, and is not worked out here: {_plain(one.because)}.")
    else:
        told = Told(f"Cannot be known from this, because {_plain(one.because)}.")
    if one.bounds is not None:
        told = _bounded(one, told)
    ways = exits_said(one, title)
    return Told(told.answer, (*told.more, *([ways] if ways else [])))


def _plain(words: str) -> str:
    return words.rstrip(".")


def _estimated(found: Estimated, identified: bool, unit: str) -> Told:
    if found.by == "no effect":
        return Told("None: no path leads there.")
    if found.contrasts is not None:
        parts = [f"{level} {_short(one)}" for level, one in found.contrasts.items()]
        value = f"the chance of each level changes by {joined(parts)}"
    elif found.ratio is not None:
        value = f"{_short(found.ratio)} times, {_signed(found.contrast, unit)} in the middle"
    else:
        value = _signed(found.contrast, unit)
    head = "" if identified else "The graph alone leaves it open; "
    return Told(sentence(f"{head}{value}, {found.assumes}"))


def _bounded(one: Unfitted, told: Told) -> Told:
    assert one.bounds is not None
    effect = one.bounds.effect
    words = f"Bounds, no estimate: the rows leave from {number(effect.low)} to {number(effect.high)}"
    if effect.q05 is not None and effect.q95 is not None:
        words += f" (for another sample, from {number(effect.q05)} to {number(effect.q95)})"
    note = [sentence(effect.note)] if effect.note else []
    if not told.answer:
        return Told(f"{words}.", tuple(note))
    return Told(told.answer, (*told.more, f"With no assumption on form, {words[0].lower()}{words[1:]}.", *note))


def _beside(found: PriorBesidePosterior, scale: str, unit: str) -> Told:
    what = "the median" if scale == "median" else "it"
    prior, rows = (f"{number(one['q05'])} to {number(one['q95'])}" for one in (found.prior, found.posterior))
    without = _with(number(found.without["q50"]), unit)
    answer = (
        f"Prior beside posterior, no estimate: with no unmeasured cause {what} would change by {without}; how strong "
        f"one is the data cannot say: your prior says {prior}, the rows leave {rows} (90 %)."
    )
    more = [sentence(found.assumes)]
    if found.ratios is not None:
        before, after, none = found.ratios
        said = f"As a ratio: {number(none['q50'])} with no unmeasured cause, your prior {_ends(before)}"
        more.insert(0, f"{said}, the rows {_ends(after)}.")
    return Told(answer, tuple(more))


def exits_said(one: Unfitted, title: Callable[[str], str] = str) -> str:
    """Return how the effect could be known, and which rivals say so; empty where no few changes would do."""
    if not one.exits:
        return ""
    said = [f"{_way(each.way, title)}{_who(each) if one.rivals else ''}" for each in one.exits[:_MOST_WAYS]]
    rest = len(one.exits) - len(said)
    more = f" (or in {rest} other {'way' if rest == 1 else 'ways'})" if rest else ""
    return sentence(f"It could be known if {either(said)}{more}")


def _way(way: WayOut, title: Callable[[str], str]) -> str:
    return str(WayOut(tuple((title(a), title(b)) for a, b in way.deny), tuple(map(title, way.measure))))


def _who(one: Exit) -> str:
    if not one.denied_by:
        return " (no rival says so)"
    names, alone = joined(one.denied_by), len(one.denied_by) == 1
    if one.way.measure:
        return f" ({names} {'has' if alone else 'have'} nothing unmeasured there)"
    return f" (so {'says' if alone else 'say'} {names})"


def _short(found: Summary) -> str:
    return f"{number(found['mean'])} {interval(found['q05'], found['q95'])}"


def _signed(found: Summary | None, unit: str) -> str:
    if found is None:
        return "-"
    return _with(f"{'+' if found['mean'] > 0 else ''}{_short(found)}", unit)


def _with(value: str, unit: str) -> str:
    return f"{value} ({unit})" if unit else value


def _ends(found: Spread) -> str:
    return f"{number(found['q05'])} to {number(found['q95'])}"
