"""A counterfactual in sentences that an expert could say to a colleague, with units."""

from collections.abc import Mapping

from core.comparison.result import HypothesisFacts
from core.data.dataset import Column, Dataset
from core.effects.counterfactual import ImaginedLevel, ImaginedNode
from core.study.imagining import Imagined
from core.study.supposing import rests_said
from core.words import either, interval, joined, number, sentence

__all__ = ["sentences_of"]

_ASSUMES = (
    "Where levels or counts are on the way, a row does not decide what would have been: this assumes that a unit keeps "
    "its rank among its like in both worlds (its quantile: comonotone coupling)."
)
_LEAST = 0.0005  # of the chance of a level that is named


def sentences_of(found: Imagined, dataset: Dataset, facts: HypothesisFacts | None = None) -> list[str]:
    """Return the answer: a sentence for each node that changes, one for those that stay, and what must be said.

    Parameters
    ----------
    found : Imagined
    dataset : Dataset
        Whose labels and units are used.
    facts : HypothesisFacts, optional
        The hypothesis as it was compared: an answer that passes through a family that does not fit says so.
    """
    columns = {column.name: column for column in dataset.columns}
    who = f"In row {found.row:,}" if found.row is not None else _group(found, columns)
    had = joined(f"{_title(columns, name)} been {_value(value)}" for name, value in found.do.items())
    lines = []
    for node in found.nodes:
        if node.role == "changes":
            rests = "" if facts is None else rests_said(facts, [*found.do], node.name, lambda one: _title(columns, one))
            lines.append(f"{who}, had {had}, {_would(node, columns, found)}, if {found.hypothesis} is right{rests}.")
            lines += _open(node)
    lines += _supposed(found, columns)
    if any(_open(node) for node in found.nodes):
        lines.append(_ASSUMES)
    stays = [_title(columns, node.name) for node in found.nodes if node.role == "stays"]
    if stays:
        one = len(stays) == 1
        lines.append(sentence(f"{joined(stays)} {'stays' if one else 'stay'} as {'it was' if one else 'they were'}"))
    return [*lines, *(f"note: {words}" for words in found.warnings)]


def _supposed(found: Imagined, columns: Mapping[str, Column]) -> list[str]:
    """Say what the intervals are, and what they are not; nothing where none was told."""
    told = [node for node in found.nodes if _has_interval(node)]
    if not told:
        return []
    alike = {"amount (straight lines)": "mean", "factor (straight lines on a logarithm)": "median"}
    parts = []
    for words, scale in alike.items():
        names = [_title(columns, node.name) for node in told if node.name in found.straight and node.scale == scale]
        if names:
            parts.append(f"{joined(names)} in every such row by the same {words}")
    if bent := [_title(columns, node.name) for node in told if node.name not in found.straight]:
        parts.append(f"{joined(bent)} by what curves and chances in the hypothesis say of any row with these values")
    rest = "" if all(node.exact for node in told) else ", and what the row leaves open"
    what = f"what is unknown about the average strengths (90 %){rest}"
    moves = f"that what is set moves {joined(parts)}"
    other = (
        "this row takes it otherwise than others like it"
        if found.row is not None
        else "rows take it each in their own way"
    )
    if len(told) == 1:
        return [f"The interval is {what}. It supposes {moves}: that {other} is not in it."]
    return [f"The intervals are {what}. They suppose {moves}: that {other} is not in them."]


def _has_interval(node: ImaginedNode) -> bool:
    known = node.role == "changes" and node.levels is None and node.q05 is not None and node.q95 is not None
    return known and bool(node.differs or node.observed is None)


def _group(found: Imagined, columns: Mapping[str, Column]) -> str:
    assert found.where is not None
    return f"In {found.rows:,} rows with {_title(columns, found.where[0])} = {found.where[1]}"


def _title(columns: Mapping[str, Column], name: str) -> str:
    return columns[name].title if name in columns else name


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else number(value)


def _would(node: ImaginedNode, columns: Mapping[str, Column], found: Imagined) -> str:
    title, group = _title(columns, node.name), found.where is not None
    if node.levels is not None:
        return f"{title} would have been {_levels(node.levels, group)}{_instead(node, group)}"
    middle = node.median if node.scale == "median" else node.mean
    if middle is None:
        return f"{title} cannot be given a number"
    unit = columns[node.name].unit if node.name in columns else ""
    words = f"{title} would have been {number(middle)}"
    if not node.differs and isinstance(node.observed, float):
        return f"{words}{' ' * bool(unit)}{unit}, as it was"
    words = f"{words} {interval(node.q05, node.q95)}{' ' * bool(unit)}{unit}{' on average' if group else ''}"
    return words if node.observed is None else f"{words} instead of {_value(node.observed)}"


def _levels(levels: tuple[ImaginedLevel, ...], group: bool) -> str:
    """Return the levels that may have been, the likeliest first."""
    likely = sorted((level for level in levels if level.probability >= _LEAST), key=lambda level: -level.probability)
    if len(likely) == 1:
        return f"{likely[0].level}{' in all of them' if group else ''}"
    chances = [f"{level.level} ({_in_100(level.probability)})" for level in likely[:6]]
    return joined(chances) if group else either(chances)


def _in_100(share: float) -> str:
    """Return a share as a plain count; no chance is none, and none is certain, because it was rounded."""
    if share == round(share):
        return f"{100 * share:.0f} in 100"
    return "under 1 in 100" if share < 0.005 else "over 99 in 100" if share > 0.995 else f"{100 * share:.0f} in 100"


def _instead(node: ImaginedNode, group: bool) -> str:
    if group:
        assert node.levels is not None
        seen = [level for level in node.levels if level.observed]
        return f"; it was {joined(f'{one.level} ({_in_100(one.observed or 0.0)})' for one in seen[:6])}"
    was = [one.probability for one in node.levels or () if one.level == node.observed]
    if was and was[0] > 0.995:
        return ", as it was"
    return "" if node.observed is None else f" instead of {node.observed}"


def _open(node: ImaginedNode) -> list[str]:
    """Return what is possible where the row leaves the unit's noise open."""
    if node.levels is not None:
        likely = sorted(node.levels, key=lambda level: -level.probability)
        shown = likely[:1] if len(likely) == 2 else likely[:6]
        ranges = [f"{one.level} {_hundred(one.bounds)}" for one in shown if one.bounds and _apart(one.bounds)]
        return [f"  Whatever ties the two worlds: {joined(ranges)} in 100."] if ranges else []
    if node.bounds is None or not _apart(node.bounds):
        return []
    return [f"  Whatever ties the two worlds: a mean from {number(node.bounds[0])} to {number(node.bounds[1])}."]


def _apart(bounds: tuple[float, float]) -> bool:
    return bounds[1] - bounds[0] > 1e-9


def _hundred(bounds: tuple[float, float]) -> str:
    return f"from {100 * bounds[0]:.0f} to {100 * bounds[1]:.0f}"
