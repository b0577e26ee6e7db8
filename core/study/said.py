"""What follows from an action, in one sentence that an expert could say to a colleague.

A number is told with its 90 % interval, in the outcome's unit; a yes or no, and a level, in plain counts ("14 [10, 18]
more in 100"); a LogNormal outcome by how many per cent its median is higher or lower; and where cause and outcome both
work on logarithms, what one per cent more of the cause brings. An interval on both sides of zero has no "more" in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.comparison.amounts import NOTHING, OPEN, Way, less_of, percent_said, told
from core.comparison.facts import ColumnFacts
from core.effects.settings import Setting
from core.fit.posterior import Summary
from core.study.forecast import Forecast
from core.words import joined, spanned

__all__ = ["Beside", "amount_said", "ends_said", "moved_said"]

_OPEN_ALL = "it is open which way"

_TIMES = 2.5  # a median that is so many times as large is told as a factor: "150 % higher" is hard to see

Columns = Mapping[str, ColumnFacts]


@dataclass(frozen=True)
class Beside:
    """What is said beside the amount.

    Parameters
    ----------
    percent : Summary or None
        By how many per cent the outcome moves with one per cent more of the cause.
    cause : str
        The column of which that is one per cent.
    direct : Summary or None
        What of the effect comes along the arrow from the cause itself.
    all_of_it : bool
        Whether one per cent more is what is done.
    """

    percent: Summary | None = None
    cause: str = ""
    direct: Summary | None = None
    all_of_it: bool = False


def moved_said(worlds: Sequence[Sequence[Setting]], columns: Columns) -> str:
    """Return what is done: ``"if ads were 7 instead of 6 (1,000 EUR a week)"``, ``"1 % more price"``."""
    first, last = ({(one.node, one.where): one for one in world} for world in (worlds[0], worlds[-1]))
    moved = [one for key, one in last.items() if first.get(key) != one]
    held = [one for key, one in last.items() if first.get(key) == one]
    if not moved:
        return "if nothing were different"
    with_ = f", with {joined(_held(one, columns) for one in held)}" if held else ""
    more = [_more(one, columns) for one in moved]
    if all(more) and not any((one.node, one.where) in first for one in moved):
        return f"{joined(more)}{with_}"
    return f"if {joined(_moved(one, first.get((one.node, one.where)), columns) for one in moved)}{with_}"


def amount_said(answer: Forecast, columns: Columns, outcome: str, beside: Beside | None = None) -> str:
    """Return by how much the outcome moves, or why nobody says, without a capital and a full stop.

    Parameters
    ----------
    answer : Forecast
    columns : mapping of str to ColumnFacts
    outcome : str
    beside : Beside, optional
    """
    if answer.reason == "no path leads there":
        return "none: no path leads there"
    if not answer.known:
        return _withheld(answer)
    column, beside = columns[outcome], beside or Beside()
    doubt = _OPEN_ALL if answer.name == "all" else OPEN
    if beside.percent is not None and beside.all_of_it:
        return percent_said(beside.percent, column, doubt)
    found, way = _main(answer, column)
    if found is None:
        return "no number can be given"
    said = told(found, way, doubt)
    if beside.direct is not None:
        said += _directly(found, beside.direct, way)
    if beside.percent is not None and beside.cause in columns:
        said += f"; 1 % more {columns[beside.cause].label}: {percent_said(beside.percent, column, doubt)}"
    return said


def ends_said(low: float, high: float, outcome: ColumnFacts, *, median: bool = False) -> str:
    """Return between which amounts something lies: ``"between 0.3 and 2.1 more sales (EUR)"``.

    Parameters
    ----------
    low, high : float
        On the outcome's own scale; a chance from 0 to 1.
    outcome : ColumnFacts
    median : bool
        Whether it is one of the outcome's median.
    """
    way = _plain(outcome, median=median)
    first, last = way.size * low, way.size * high
    if first < 0 < last:
        _, one, other = spanned(0.5 * (first + last), first, last)
        return f"between {one.removeprefix('-')} {way.less} and {other} {way.more}{way.what}"
    if last <= 0:
        first, last = -last, -first
    _, one, other = spanned(0.5 * (first + last), first, last)
    return f"between {one} and {other} {way.less if high <= 0 and low < 0 else way.more}{way.what}"


# -- what is done -------------------------------------------------------------------------


def _more(one: Setting, columns: Columns) -> str:
    """Return what is added or multiplied: ``"2 more ads (EUR)"``; empty where a node is set."""
    column, only = columns[one.node], _where(one, columns)
    if one.way == "shift":
        return f"{abs(one.amount):,.6g} {'more' if one.amount >= 0 else less_of(column)} {_united(column)}{only}"
    if one.way != "scale":
        return ""
    percent = round(100 * (one.amount - 1), 9)
    if one.amount > 0 and abs(percent) < 100:
        return f"{abs(percent):,.6g} % {'more' if percent >= 0 else less_of(column)} {column.label}{only}"
    return f"{one.amount:,.6g} times the {column.label}{only}"


def _moved(one: Setting, before: Setting | None, columns: Columns) -> str:
    more = _more(one, columns)
    if more:
        return f"there were {more}"
    column = columns[one.node]
    unit = f" ({column.unit})" if column.unit and not column.levels else ""
    low = "" if before is None else f" instead of {_value(before, column)}"
    return f"{column.label} were {_value(one, column)}{low}{unit}{_where(one, columns)}"


def _held(one: Setting, columns: Columns) -> str:
    return _more(one, columns) or f"{columns[one.node].label} held at {_value(one, columns[one.node])}"


def _value(one: Setting, column: ColumnFacts) -> str:
    if one.way == "spread":
        return f"anything from {one.amount:,.6g} to {one.top:,.6g}"
    place = round(one.amount)
    if column.levels and 0 <= place < len(column.levels):
        return column.levels[place]
    return f"{one.amount:,.6g}"


def _where(one: Setting, columns: Columns) -> str:
    if one.where is None:
        return ""
    column = columns[one.where[0]]
    return f" where {column.label} is {column.levels[int(one.where[1])]}"


# -- by how much --------------------------------------------------------------------------


def _withheld(answer: Forecast) -> str:
    mark = "not identified: "
    if not answer.identified:
        return f"cannot be known from this: {answer.reason.removeprefix(mark)}"
    return f"held back: {answer.reason}" if answer.reason else "no number can be given"


def _main(answer: Forecast, column: ColumnFacts) -> tuple[Summary | None, Way]:
    """Return the number that is told, and in which words."""
    if answer.contrasts is not None:
        level = max(answer.contrasts, key=lambda name: abs(answer.contrasts[name]["mean"]))  # type: ignore[index]
        return answer.contrasts[level], _in_100(column, level)
    if answer.scale == "median" and answer.ratio is not None:
        return _ratio(answer.ratio, column)
    return answer.contrast, _plain(column, median=answer.scale == "median")


def _plain(column: ColumnFacts, *, median: bool) -> Way:
    if len(column.levels) == 2:
        return _in_100(column, column.levels[1])
    if column.kind == "proportion":
        points = "percentage points"
        return Way(f"{points} more", f"{points} less", 100.0, what=f" {column.label}")
    return Way(less=less_of(column), what=f"{' in the median of' if median else ''} {_united(column)}")


def _in_100(column: ColumnFacts, level: str) -> Way:
    return Way(less="fewer", size=100.0, what=f" in 100 whose {column.label} is {level}")


def _ratio(ratio: Summary, column: ColumnFacts) -> tuple[Summary, Way]:
    """Return a factor of a median as per cent, or as it is where it is large."""
    if ratio["q05"] > 1 and ratio["mean"] > _TIMES:
        return ratio, Way(more=f"times the {column.label} (median)")
    shifted = Summary(
        mean=ratio["mean"] - 1, sd=ratio["sd"], q05=ratio["q05"] - 1, q95=ratio["q95"] - 1
    )  # fmt: skip
    way = Way("higher", "lower", 100.0, " %", " (median)", before=f"{column.label} ")
    return shifted, way


def _directly(total: Summary, direct: Summary, way: Way) -> str:
    """Return what of an effect comes directly, as the end of its sentence: nothing where its sign is open."""
    if total["q05"] * total["q95"] <= 0:
        return ""
    sign = 1.0 if total["mean"] > 0 else -1.0
    size = sign * way.size
    if max(abs(direct["q05"]), abs(direct["q95"])) <= NOTHING:
        return ", all of it through others"
    if abs(direct["mean"] - total["mean"]) <= NOTHING * abs(total["mean"]):
        return ", all of it directly"
    ends = sorted((size * direct["q05"], size * direct["q95"]))
    middle, one, other = spanned(size * direct["mean"], *ends)
    return f", of which {middle}{way.after} [{one}, {other}] directly"


def _united(column: ColumnFacts) -> str:
    return f"{column.label} ({column.unit})" if column.unit else column.label
