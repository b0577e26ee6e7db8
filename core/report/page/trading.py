"""The frontier of a decision as a small picture: what actions bring on average over what is left in bad draws."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.figures.cutting import cut
from core.report.page.markup import Html, joined_html, voided
from core.report.page.svg import WIDTHS, line, reach, svg, text, tick_said, ticks

__all__ = ["Point", "frontier_picture"]

_LEFT, _RIGHT, _TOP, _BOTTOM, _HIGH = 84.0, 16.0, 30.0, 46.0, 300.0
_LINE = 17  # pixels of a line of words
_LETTER = 7.2  # pixels of a letter


@dataclass(frozen=True)
class Point:
    """An action: its mean over the worst draws and over all, and words where it is marked."""

    worst: float
    mean: float
    words: str = ""


def frontier_picture(edge: Sequence[Point], marked: Sequence[Point], across: str, up: str, alt: str) -> Html:
    """Draw the frontier as a line with dots, and marked actions with their words, for a wide and for a narrow page."""
    return joined_html(_drawn(edge, marked, across, up, alt, wide, class_) for wide, _, class_ in WIDTHS)


def _drawn(
    edge: Sequence[Point], marked: Sequence[Point], across: str, up: str, alt: str, wide: float, class_: str
) -> Html:
    points = [*edge, *marked]
    left, right = reach([one.worst for one in points])
    low, high = reach([one.mean for one in points])
    bottom = _HIGH - _BOTTOM

    def x(value: float) -> float:
        return _LEFT + (wide - _LEFT - _RIGHT) * (value - left) / (right - left)

    def y(value: float) -> float:
        return bottom - (bottom - _TOP) * (value - low) / (high - low)

    parts: list[Html] = [text(4, 14, cut(up, int(wide / _LETTER)), "axis")]
    for tick in ticks(left, right, 6 if wide > 600 else 4):
        parts += [
            line(x(tick), _TOP, x(tick), bottom, "grid"),
            text(x(tick), bottom + 16, tick_said(tick), "tick", "middle"),
        ]
    for tick in ticks(low, high, 5):
        parts += [
            line(_LEFT, y(tick), wide - _RIGHT, y(tick), "grid"),
            text(_LEFT - 8, y(tick) + 4, tick_said(tick), "tick", "end"),
        ]
    path = "M" + "L".join(f"{x(one.worst):.1f} {y(one.mean):.1f}" for one in edge)
    parts.append(voided("path", d=path, class_="frontier"))
    parts += [_dot(x(one.worst), y(one.mean), 3) for one in edge]
    taken: list[tuple[float, float, float]] = []
    for one in marked:
        parts += [_dot(x(one.worst), y(one.mean), 6), _words(one.words, x(one.worst), y(one.mean), wide, taken)]
    parts.append(
        text(_LEFT + (wide - _LEFT - _RIGHT) / 2, _HIGH - 8, cut(across, int(wide / _LETTER)), "axis", "middle")
    )
    return svg(wide, _HIGH, alt, *parts, class_=f"picture {class_}")


def _dot(x: float, y: float, radius: int) -> Html:
    return voided("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=radius, class_="dot")


def _words(words: str, x: float, y: float, wide: float, taken: list[tuple[float, float, float]]) -> Html:
    """Write words beside a dot: above or under it, to the right or to the left, where nothing else is written."""
    said = cut(words, int(0.55 * wide / _LETTER))
    long = _LETTER * len(said)
    lines = [start + way * _LINE * far for far in range(4) for start, way in ((y - 9, -1), (y + 20, 1))]
    places = [(first, line_) for line_ in lines for first in (x + 10, x - 10 - long)]
    free = [
        (first, line_)
        for first, line_ in places
        if first > 0 and first + long < wide and line_ > _LINE and all(
            abs(line_ - at) >= _LINE or first > right or left > first + long for left, right, at in taken
        )
    ]  # fmt: skip
    first, line_ = (free or places)[0]
    taken.append((first, first + long, line_))
    return text(first, line_, said, "label")
