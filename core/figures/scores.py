"""The scores of a comparison as pictures: one axis for all hypotheses, direct labels."""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import plotly.graph_objects as go

from core.figures.theme import Ink, Style, finish, ink, lines, plain, translucent

__all__ = ["Interval", "claims_figure", "disagreement_figure", "interval_figure", "label_room"]

_LABEL = 50  # characters a line of what stands beside a row
_LETTER = 6.6  # pixels, of a wide face at 13 pixels


@dataclass(frozen=True)
class Interval:
    """One row: a mean with 50 % and 90 % intervals; ``colour`` empty for neutral."""

    label: str
    mean: float | None
    q05: float | None = None
    q95: float | None = None
    q25: float | None = None
    q75: float | None = None
    colour: str = ""
    note: str = ""


def interval_figure(
    rows: Sequence[Interval],
    *,
    axis: str,
    dark: bool = False,
    title: str = "",
    subtitle: str = "",
    reference: float | None = 0.0,
    reach: tuple[float, float] | None = None,
    write: Callable[[float], str] = "{:.3g}".format,
    wrap: int = 92,
) -> go.Figure:
    """Draw intervals under one another on one axis; rows without a number say why in their note.

    Parameters
    ----------
    rows : sequence of Interval
    axis, title, subtitle : str
    reference : float or None
        Where a dotted line stands.
    reach : (float, float), optional
        Ends of the axis, for figures that share one.
    write : callable
        Number to text.
    wrap : int
        Characters a line of the title.
    """
    tone = ink(dark)
    fig = go.Figure()
    if reference is not None:
        fig.add_vline(x=reference, line={"color": tone.muted, "width": 1, "dash": "dot"})
    shown = list(reversed(rows))
    for height, row in enumerate(shown):
        if row.mean is None:
            fig.add_annotation(
                x=reference or 0.0, y=height, text=plain(row.note), showarrow=False, xanchor="left", xshift=8,
                font={"color": tone.amber, "size": 12.5},
            )  # fmt: skip
        else:
            _interval(fig, row, height, tone, write, "<br>" if reach else " ")
    fig.update_yaxes(
        tickvals=list(range(len(shown))), ticktext=[lines(row.label, _LABEL, 2) for row in shown], showgrid=False,
        range=[-0.6, len(shown) - 0.4], zeroline=False,
    )  # fmt: skip
    ends = [v for row in rows for v in (row.mean, row.q05, row.q95, reference) if v is not None] or [0.0]
    low, high = reach or (min(ends), max(ends))
    span = (high - low) or abs(high) or 1.0
    words = max((len(_said(row, write)) for row in rows), default=0)
    # For what is written beside the longest bar; the same for figures that share an axis.
    room = 0.75 * span if reach else span * min(1.1, 0.017 * words * 92 / wrap)
    fig.update_xaxes(
        title={"text": lines(axis, wrap), "font": {"size": 12.5}}, zeroline=False, nticks=6,
        range=[low - 0.06 * span, high + room],
    )  # fmt: skip
    return finish(fig, tone, title=title, subtitle=subtitle, height=34 * max(1, len(rows)) + 74, wrap=wrap)


def _said(row: Interval, write: Callable[[float], str]) -> str:
    if row.mean is None:
        return row.note
    span = f" [{write(row.q05)}, {write(row.q95)}]" if row.q05 is not None and row.q95 is not None else ""
    return f"{write(row.mean)}{span}{' ' if row.note else ''}{row.note}"


def _interval(
    fig: go.Figure, row: Interval, height: int, tone: Ink, write: Callable[[float], str], between: str
) -> None:
    """Draw one row; ``between`` parts numbers from note: where several share an axis there is no room for both."""
    colour = row.colour or tone.muted
    for low, high, width in ((row.q05, row.q95, 2.5), (row.q25, row.q75, 6)):
        if low is not None and high is not None:
            fig.add_trace(
                go.Scatter(
                    x=[low, high], y=[height, height], mode="lines", hoverinfo="skip",
                    line={"color": translucent(colour, 0.9) if colour.startswith("#") else colour, "width": width},
                )
            )  # fmt: skip
    text = _said(row, write)
    fig.add_trace(
        go.Scatter(
            x=[row.mean], y=[height], mode="markers", cliponaxis=False,
            marker={"size": 10, "color": colour, "line": {"color": tone.paper, "width": 1.5}},
            text=[plain(text)], hovertemplate=f"{plain(row.label)}: {plain(text)}<extra></extra>",
        )
    )  # fmt: skip
    beside = plain(_said(replace(row, note=""), write)) + (f"{between}{plain(row.note)}" if row.note else "")
    edge = row.mean if row.q95 is None else max(row.q95, row.mean or row.q95)
    fig.add_annotation(
        x=edge, y=height, text=beside, showarrow=False, xanchor="left", xshift=9, align="left",
        font={"size": 12, "color": tone.text},
    )  # fmt: skip


def disagreement_figure(
    by_node: Mapping[str, float],
    first: Style,
    second: Style,
    titles: Mapping[str, str],
    *,
    dark: bool = False,
    title: str = "",
    subtitle: str = "",
    wrap: int = 92,
) -> go.Figure:
    """Draw, node by node, which of two hypotheses predicts better: first to the right, second to the left."""
    tone = ink(dark)
    order = sorted(by_node, key=lambda node: abs(by_node[node]))
    fig = go.Figure(
        go.Bar(
            x=[by_node[node] for node in order],
            y=order,
            customdata=[plain(titles.get(node, node)) for node in order],
            orientation="h",
            marker={"color": [(first if by_node[node] > 0 else second).colour for node in order]},
            text=[f"{by_node[node]:+.1f}" for node in order],
            width=0.6,
            textposition="outside",
            textfont={"color": tone.text},
            cliponaxis=False,
            hovertemplate="%{customdata}: %{x:+.2f}<extra></extra>",
        )
    )
    reach = 1.35 * max([abs(value) for value in by_node.values()] + [1.0])
    fig.update_xaxes(
        range=[-reach, reach],
        zeroline=True,
        zerolinecolor=tone.muted,
        title={
            "text": f"← {plain(second.title)} predicts better · {plain(first.title)} predicts better → (elpd)",
            "font": {"size": 12.5},
        },
        nticks=6,
    )
    # Places are by name, which is unique; two labels may be the same words.
    said = [plain(titles.get(node, node)) for node in order]
    fig.update_yaxes(showgrid=False, type="category", tickmode="array", tickvals=order, ticktext=said)
    return finish(fig, tone, title=title, subtitle=subtitle, height=34 * max(1, len(order)) + 74, wrap=wrap)


def claims_figure(
    rows: Sequence[tuple[str, float, float, float, bool]],
    *,
    threshold: float = 0.1,
    dark: bool = False,
    title: str = "",
    subtitle: str = "",
    reach: tuple[float, float] | None = None,
    room: int | None = None,
) -> go.Figure:
    """Draw what is left over of each link that a graph denies.

    Each row is (claim in words, association, q05, q95, contradicted); the grey band is
    where a link is too small to count; ``reach`` are the ends of the axis and ``room`` the
    pixels left of it (:func:`label_room`), the same for every hypothesis of a page.
    """
    tone: Ink = ink(dark)
    figure = interval_figure(
        [
            Interval(
                label, value, low, high, colour=tone.red if bad else tone.observed, note="contradicted" if bad else ""
            )
            for label, value, low, high, bad in rows
        ],
        axis="association left over (partial, −1 to 1)",
        dark=dark,
        title=title,
        subtitle=subtitle,
        reach=reach,
        write=lambda value: f"{round(value, 2) + 0.0:.2f}",
    )
    figure.add_vrect(x0=-threshold, x1=threshold, fillcolor=tone.grid, opacity=0.55, line_width=0, layer="below")
    if room is not None:
        figure.update_yaxes(automargin=False)
        figure.update_layout(margin={"l": room})
    return figure


def label_room(labels: Iterable[str]) -> int:
    """Return the pixels that the longest of these labels needs, for figures that stand under one another."""
    longest = max((len(part) for label in labels for part in textwrap.wrap(label, _LABEL)), default=0)
    return int(_LETTER * longest) + 14
