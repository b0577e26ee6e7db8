"""The scores of a comparison as pictures: one axis for all hypotheses, direct labels.

Words stand over what they speak of, not beside it: so a picture holds on a telephone, and a long
name takes nothing from the picture's width.
"""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.figures.theme import Ink, Part, Style, axis, finish, ink, lines, plain, translucent

__all__ = ["Claim", "Interval", "claims_figure", "disagreement_figure", "interval_figure"]

_LABEL = 50  # characters a line of what stands over a row: what a telephone has room for
_LINE, _BAR = 17, 24  # pixels of a line of words, and of the picture under it
_APART = 12  # pixels between a row and the heading of the next ones
_AXIS = 24  # pixels of the ticks' labels
_PALE = 0.4  # of what stands beside another: a prior


@dataclass(frozen=True)
class Interval:
    """One row: a mean with 50 % and 90 % intervals; ``colour`` empty for neutral.

    A ``heading`` is words alone, over the rows that follow it. ``bounds`` without a mean are drawn with an end mark on
    either side and no dot; what is ``pale`` stands beside what follows it, such as a prior.
    """

    label: str
    mean: float | None
    q05: float | None = None
    q95: float | None = None
    q25: float | None = None
    q75: float | None = None
    colour: str = ""
    note: str = ""
    heading: bool = False
    bounds: bool = False
    pale: bool = False


def interval_figure(
    rows: Sequence[Interval],
    *,
    axis: str,
    dark: bool = False,
    reference: float | None = 0.0,
    reach: tuple[float, float] | None = None,
    band: tuple[float, float] | None = None,
    loud: str = "",
    write: Callable[[float], str] = "{:.3g}".format,
) -> go.Figure:
    """Draw intervals under one another on one axis; rows without a number say why in their note.

    Parameters
    ----------
    rows : sequence of Interval
    axis : str
        What the axis measures.
    reference : float or None
        Where a dotted line stands.
    reach : (float, float), optional
        Ends of the axis, for figures that share one.
    band : (float, float), optional
        Where a value is too small to count.
    loud : str, optional
        The colour of notes beside numbers.
    write : callable
        Number to text.
    """
    tone = ink(dark)
    heads = [_head(row, tone, write, loud) for row in rows]
    places, height = _places(heads, [row.heading for row in rows])
    low, high = reach or _ends(rows, reference)
    shapes: list[Part] = []
    if band is not None:
        shapes.append(_shape("rect", band, "paper", {"fillcolor": tone.grid, "opacity": 0.55, "line": {"width": 0}}))
    placed = list(zip(rows, places, strict=True))
    numbers = [(row, place) for row, place in placed if row.mean is not None]
    bounds = [(row, place) for row, place in placed if row.bounds and row.mean is None]
    data = [] if reference is None else _reference(reference, [place for _, place in numbers + bounds], tone)
    data += [*_bars(numbers, tone, ("q05", "q95"), 2.5), *_bars(numbers, tone, ("q25", "q75"), 6)]
    data += _bounded(bounds, tone, write)
    if numbers:
        data.append(
            {
                "x": [row.mean for row, _ in numbers],
                "y": [place for _, place in numbers],
                "mode": "markers",
                "cliponaxis": False,
                "marker": {
                    "size": 10,
                    "color": [_tint(row, tone) for row, _ in numbers],
                    "line": {"color": tone.paper, "width": 1.5},
                },
                "text": [f"{plain(row.label)}: {plain(_said(row, write))}" for row, _ in numbers],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    return _stacked(data, heads, places, height, tone, (low, high), axis, shapes)


def _ends(rows: Sequence[Interval], reference: float | None) -> tuple[float, float]:
    ends = [v for row in rows for v in (row.mean, row.q05, row.q95, reference) if v is not None] or [0.0]
    span = (max(ends) - min(ends)) or abs(max(ends)) or 1.0
    return min(ends) - 0.06 * span, max(ends) + 0.06 * span


def _reference(at: float, places: Sequence[float], tone: Ink) -> list[Part]:
    """Return a dotted line beside each row's picture, and not through the words over it."""
    ends = [(place - 8, place + 13) for place in places]
    dots = {"color": tone.muted, "width": 1, "dash": "dot"}
    up = [end for pair in ends for end in (*pair, None)]
    return [{"x": [at, at, None] * len(ends), "y": up, "mode": "lines", "line": dots}] if ends else []


def _shape(kind: str, across: tuple[float, float], up: str, options: Part) -> Part:
    return {"type": kind, "layer": "below", "x0": across[0], "x1": across[1], "yref": up, "y0": 0, "y1": 1, **options}


def _said(row: Interval, write: Callable[[float], str]) -> str:
    return " ".join(part for part in (_numbers(row, write), row.note) if part)


def _tint(row: Interval, tone: Ink) -> str:
    """Return the colour of a row's dot, paler where it stands beside another."""
    colour = row.colour or tone.muted
    return translucent(colour, _PALE) if row.pale and colour.startswith("#") else colour


def _bounded(rows: Sequence[tuple[Interval, float]], tone: Ink, write: Callable[[float], str]) -> list[Part]:
    """Return bars between bounds: ends that stand across, and no dot between them."""
    return [
        {
            "x": [row.q05, row.q95],
            "y": [place, place],
            "mode": "lines+markers",
            "cliponaxis": False,
            "line": {"color": row.colour or tone.muted, "width": 2.5},
            "marker": {
                "symbol": "line-ns",
                "size": 10,
                "line": {"color": row.colour or tone.muted, "width": 3},
            },
            "text": [f"{plain(row.label)}: {plain(_said(row, write))}"] * 2,
            "hovertemplate": "%{text}<extra></extra>",
        }
        for row, place in rows
    ]


def _numbers(row: Interval, write: Callable[[float], str]) -> str:
    if row.mean is None:
        return f"{write(row.q05)} to {write(row.q95)}" if row.q05 is not None and row.q95 is not None else ""
    span = f" [{write(row.q05)}, {write(row.q95)}]" if row.q05 is not None and row.q95 is not None else ""
    return f"{write(row.mean)}{span}"


def _head(row: Interval, tone: Ink, write: Callable[[float], str], loud: str) -> str:
    """Return a row's words: its label, then its numbers and its note, on the same line where there is room."""
    if row.heading:
        return f"<b>{lines(row.label, _LABEL, 3)}</b>"
    label = lines(row.label, _LABEL, 2)
    taken = len(html.unescape(label.rpartition("<br>")[2]))
    between = "  " if taken + len(_said(row, write)) + 2 <= _LABEL else "<br>"
    note = plain(row.note)
    if note and (loud or (row.mean is None and not row.bounds)):
        # A row that is in doubt says so in its own colour.
        note = f'<span style="color:{row.colour if row.colour == tone.amber else loud or tone.amber}">{note}</span>'
    value = " ".join(part for part in (f"<b>{plain(_numbers(row, write))}</b>" if _numbers(row, write) else "", note))
    return f"{label}{between}{value.strip()}"


def _bars(rows: Sequence[tuple[Interval, float]], tone: Ink, ends: tuple[str, str], width: float) -> list[Part]:
    """Return the bars of one kind of interval, a trace a colour."""
    found: dict[tuple[str, float], list[tuple[float, float, float]]] = {}
    for row, place in rows:
        low, high = getattr(row, ends[0]), getattr(row, ends[1])
        if low is not None and high is not None:
            found.setdefault((row.colour or tone.muted, _PALE if row.pale else 0.9), []).append((low, high, place))
    return [
        {
            "x": [value for low, high, _ in bars for value in (low, high, None)],
            "y": [value for _, _, place in bars for value in (place, place, None)],
            "mode": "lines",
            "line": {"color": translucent(colour, share) if colour.startswith("#") else colour, "width": width},
        }
        for (colour, share), bars in found.items()
    ]


def _places(heads: Sequence[str], headings: Sequence[bool] = ()) -> tuple[list[float], int]:
    """Return how many pixels from the top each row's picture stands, and the height of all rows.

    A heading has none; its words keep away from the row before, and near to the next.
    """
    places, height = [], 0
    for head, alone in zip(heads, headings or [False] * len(heads), strict=True):
        words = _LINE * (head.count("<br>") + 1)
        if alone:
            height += words + (_APART if height else 0)
            places.append(float(height + 7))
        else:
            height += words + _BAR
            places.append(float(height - _BAR + 9))
    return places, height


def _stacked(
    data: Sequence[Part],
    heads: Sequence[str],
    places: Sequence[float],
    height: int,
    tone: Ink,
    reach: tuple[float, float],
    said: str,
    shapes: Sequence[Part] = (),
) -> go.Figure:
    """Return rows under one another, each with its words above; heights are pixels from the top."""
    words = {  # one trace, not an annotation a row
        "x": [reach[0]] * len(heads),
        "y": [place - 7 for place in places],
        "text": list(heads),
        "mode": "text",
        "textposition": "top right",
        "textfont": {"size": 12.5, "color": tone.text},
        "cliponaxis": False,
    }
    title = lines(said, _LABEL, 3)
    room = _AXIS + 17 * (title.count("<br>") + 1) + 4
    layout = {
        "xaxis": axis(
            tone, anchor="y", range=list(reach), nticks=6, showline=True,
            title={"text": title, "font": {"size": 12.5}, "standoff": 3},
        ),
        "yaxis": axis(tone, anchor="x", range=[max(height, 1), 0], visible=False),
        "shapes": list(shapes),
    }  # fmt: skip
    return finish([*data, words], layout, tone, height=max(height, 1) + room + 4, margin={"b": room, "l": 4, "r": 14})


def disagreement_figure(
    by_node: Mapping[str, float], first: Style, second: Style, titles: Mapping[str, str], *, dark: bool = False
) -> go.Figure:
    """Draw, node by node, which of two hypotheses predicts better: first to the right, second to the left."""
    tone = ink(dark)
    order = sorted(by_node, key=lambda node: -abs(by_node[node]))
    heads = [f"{lines(titles.get(node, node), _LABEL - 8, 2)}  <b>{by_node[node]:+.1f}</b>" for node in order]
    places, height = _places(heads)
    data: list[Part] = [
        {
            "type": "bar",
            "orientation": "h",
            "x": [by_node[node] for node in order],
            "y": places,
            "width": 13,
            "marker": {"color": [(first if by_node[node] > 0 else second).colour for node in order]},
            "customdata": [plain(titles.get(node, node)) for node in order],
            "hovertemplate": "%{customdata}: %{x:+.2f}<extra></extra>",
        }
    ]
    reach = 1.08 * max([abs(value) for value in by_node.values()] + [1.0])
    zero = {"line": {"color": tone.muted, "width": 1}}
    said = f"← {second.title} predicts better · {first.title} predicts better → (elpd)"
    return _stacked(
        data, heads, places, height, tone, (-reach, reach), said, [_shape("line", (0.0, 0.0), "paper", zero)]
    )


CONTRADICTED = "contradicted"

Claim = tuple[str, float, float, float, str]
"""What is left over of a link: claim in words, association, q05, q95, and what is said of it: nothing, or
:data:`CONTRADICTED`, or why it is in doubt."""


def claims_figure(
    groups: Sequence[tuple[str, Sequence[Claim]]],
    *,
    threshold: float = 0.1,
    dark: bool = False,
    reach: tuple[float, float] | None = None,
) -> go.Figure:
    """Draw what is left over of each link that each graph denies, all on one axis.

    Each group is what is said of a graph, and its claims; the grey band is where a link is too
    small to count; ``reach`` are the ends of the axis. An association ends at -1 and 1, and so
    does its axis.
    """
    tone = ink(dark)
    drawn: list[Interval] = []
    for title, claims in groups:
        drawn.append(Interval(title, None, heading=True))
        for words, value, low, high, note in claims:
            colour = tone.red if note == CONTRADICTED else tone.amber if note else tone.observed
            drawn.append(Interval(words, value, low, high, colour=colour, note=note))
    low, high = reach or _ends(drawn, 0.0)
    low, high = low - 0.03 * (high - low), high + 0.03 * (high - low)  # a bar ends inside
    return interval_figure(
        drawn,
        axis="association left over (partial, −1 to 1)",
        dark=dark,
        reach=(max(low, -1.0), min(high, 1.0)),
        band=(-threshold, threshold),
        loud=tone.red,
        write=lambda value: f"{round(value, 2) + 0.0:.2f}",
    )
