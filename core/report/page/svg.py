"""Small pictures as SVG inside the page: they need no script, print as they stand, and take the page's own colours.

Colours are the page's (``var(--ink)`` and so on), so that one picture is right on light, on dark and on paper.
"""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10

from core.figures.cutting import cut
from core.figures.scores import Interval
from core.report.page.markup import Html, el, joined_html, voided

__all__ = [
    "WIDTHS",
    "Range",
    "intervals_picture",
    "line",
    "range_picture",
    "reach",
    "shares_picture",
    "svg",
    "text",
    "tick_said",
    "ticks",
]

Range = tuple[float, float]

_ROW, _HEADING, _AXIS = 42, 30, 46
_SIDE = 14
WIDTHS = ((900.0, 108, "on-wide"), (520.0, 64, "on-narrow"))
"""Of a picture that is drawn twice: pixels, letters over a row, and where it is shown."""


def svg(wide: float, high: float, alt: str, *inside: object, class_: str = "picture") -> Html:
    """Return a picture; ``alt`` says what it shows to who cannot see it."""
    return el(
        "svg",
        *inside,
        class_=class_,
        viewBox=f"0 0 {wide:g} {high:g}",
        role="img",
        aria_label=alt,
        style=f"max-width:{wide:g}px;--least:{0.86 * wide:.0f}px",
    )


def intervals_picture(
    rows: Sequence[Interval],
    axis: str,
    alt: str,
    write: Callable[[float], str],
    reference: float | None = 0.0,
) -> Html:
    """Draw intervals under one another on one axis, words over each; rows without a number say why in their note.

    Twice, for a wide and for a narrow page, of which the page shows one: letters keep their size.
    """
    return joined_html(
        _intervals(rows, axis, alt, write, reference, wide, room, class_) for wide, room, class_ in WIDTHS
    )


def _intervals(
    rows: Sequence[Interval],
    axis: str,
    alt: str,
    write: Callable[[float], str],
    reference: float | None,
    wide: float,
    room: int,
    class_: str,
) -> Html:
    ends = [v for row in rows for v in (row.mean, row.q05, row.q95) if v is not None]
    if not ends:
        return Html("")
    low, high = reach([*ends, *([] if reference is None else [reference])])

    def across(value: float) -> float:
        return _SIDE + (wide - 2 * _SIDE) * (value - low) / (high - low)

    parts: list[Html] = []
    at = 4.0
    tops: list[float] = []
    for row in rows:
        tops.append(at)
        at += _HEADING if row.heading else _ROW
    bottom = at + 2
    for tick in ticks(low, high, 7 if wide > room * 8 else 4):
        parts.append(line(across(tick), 0, across(tick), bottom, "grid"))
        parts.append(text(across(tick), bottom + 16, tick_said(tick), "tick", "middle"))
    if reference is not None:
        parts.append(line(across(reference), 0, across(reference), bottom, "zero"))
    for row, top in zip(rows, tops, strict=True):
        parts += _row(row, top, across, write, room)
    parts.append(text(wide / 2, bottom + 36, cut(axis, room + 12), "axis", "middle"))
    return svg(wide, bottom + _AXIS, alt, *parts, class_=f"picture {class_}")


def _row(
    row: Interval, top: float, across: Callable[[float], float], write: Callable[[float], str], room: int
) -> list[Html]:
    label = cut(row.label, room - 30)
    if row.heading:
        return [text(_SIDE, top + 20, label, "label strong")]
    if row.bounds and row.q05 is not None and row.q95 is not None:
        return _bounds(row, (row.q05, row.q95), top, across, write, room)
    if row.mean is None:
        return [_words(top, label, "", row.note, room)]
    said = write(row.mean)
    if row.q05 is not None and row.q95 is not None:
        said += f" [{write(row.q05)}, {write(row.q95)}]"
    place, own = top + 28, f"--own:{row.colour}" if row.colour else None
    parts = [_words(top, label, said, row.note, room)]
    if row.q05 is not None and row.q95 is not None:
        parts.append(line(across(row.q05), place, across(row.q95), place, "bar90", own))
    if row.q25 is not None and row.q75 is not None:
        parts.append(line(across(row.q25), place, across(row.q75), place, "bar50", own))
    parts.append(voided("circle", cx=f"{across(row.mean):.1f}", cy=f"{place:.1f}", r=5, class_="dot", style=own))
    return parts


def _bounds(
    row: Interval, ends: Range, top: float, across: Callable[[float], float], write: Callable[[float], str], room: int
) -> list[Html]:
    """Draw bounds: a line with an end mark on either side, and no dot."""
    low, high = map(across, ends)
    place, own = top + 28, f"--own:{row.colour}" if row.colour else None
    said = f"{write(ends[0])} to {write(ends[1])}"
    marks = [line(x, place - 6, x, place + 6, "bar90", own) for x in (low, high)]
    return [
        _words(top, cut(row.label, room - 30), said, row.note, room),
        line(low, place, high, place, "bar90", own),
        *marks,
    ]


def _words(top: float, label: str, said: str, more: str, room: int) -> Html:
    room -= len(label) + len(said)
    spans = [el("tspan", label), el("tspan", f"   {said}", class_="strong")]
    if more:
        spans.append(el("tspan", f"  {cut(more, max(room, 12))}", class_="amber" if not said else "muted"))
    return el("text", *spans, x=_SIDE, y=f"{top + 14:.1f}", class_="label", **{"xml:space": "preserve"})


def line(x1: float, y1: float, x2: float, y2: float, class_: str, style: str | None = None) -> Html:
    """Return a straight line."""
    where = {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}
    return voided("line", **where, class_=class_, style=style)


def text(x: float, y: float, words: str, class_: str, anchor: str | None = None) -> Html:
    """Return words at a place; ``anchor`` is SVG's: start unless given."""
    return el("text", words, x=f"{x:.1f}", y=f"{y:.1f}", class_=class_, text_anchor=anchor)


def reach(values: Sequence[float]) -> Range:
    """Return the ends of an axis that holds values, with a little room."""
    low, high = min(values), max(values)
    span = (high - low) or abs(high) or 1.0
    return low - 0.05 * span, high + 0.05 * span


def tick_said(value: float) -> str:
    """Return the words at a tick."""
    return f"{value:,.6g}"


def ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Return round numbers between two ends, ``most`` of them at most."""
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(unit for unit in (power, 2 * power, 5 * power, 10 * power) if unit >= rough)
    first, last = ceil(low / step), floor(high / step)
    return [round(place * step, 12) for place in range(first, last + 1)]


def range_picture(observed: float, replicated: Range, alt: str) -> Html:
    """Draw what was observed beside what a hypothesis generates: a tick and a bar of nine in ten data sets."""
    wide, high = 150, 18
    low, top = reach([observed, *replicated])

    def across(value: float) -> float:
        return 6 + (wide - 12) * (value - low) / (top - low)

    left, right = map(across, replicated)
    bar = voided("rect", x=f"{left:.1f}", y=5, width=f"{max(right - left, 2):.1f}", height=8, rx=2, class_="made")
    return svg(wide, high, alt, bar, line(across(observed), 1, across(observed), high - 1, "seen"), class_="strip")


def shares_picture(rows: Sequence[tuple[str, Sequence[tuple[str, float]]]], alt: str) -> Html:
    """Draw bars that are each divided into shares, for a wide and for a narrow page.

    A share's word is its class, ``share-WORD``.
    """
    return joined_html(_shares(rows, alt, wide, class_) for wide, _, class_ in WIDTHS)


def _shares(rows: Sequence[tuple[str, Sequence[tuple[str, float]]]], alt: str, wide: float, class_: str) -> Html:
    parts: list[Html] = []
    start = 0.28 * wide + 40
    room = wide - start - _SIDE
    for place, (label, shares) in enumerate(rows):
        top = 4.0 + 28 * place
        parts.append(text(_SIDE, top + 15, cut(label, int((start - _SIDE) / 8)), "label"))
        at = start
        for name, share in shares:
            long = room * share
            parts.append(
                voided("rect", x=f"{at:.1f}", y=f"{top:.1f}", width=f"{long:.1f}", height=20, class_=f"share-{name}")
            )
            if long > 40:
                parts.append(text(at + long / 2, top + 14.5, f"{share:.0%}", f"on on-{name}", "middle"))
            at += long
    return svg(wide, 8 + 28 * len(rows), alt, *parts, class_=f"picture {class_}")
