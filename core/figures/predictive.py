"""Observed beside generated: one row a node, one column a hypothesis, one axis a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.theme import Ink, Part, Style, axis, finish, ink, lines, plain, translucent

__all__ = ["MOST_POINTS", "NodePanel", "Row", "pair_figure", "predictive_figure", "predictive_rows"]

FloatArray = NDArray[np.float64]

#: Points drawn of one data set: more would hide one another.
MOST_POINTS = 400
_ROW, _PLOT = 150, 92  # pixels of a row, and of the picture in it: below it stand ticks and words
_HEAD = 26  # pixels over the rows, for the hypothesis' name
_WIDE = 100  # characters across the whole figure
_NEAR = 3  # pixels from the ticks to the axis' words, which else stand nearer to the row below
_BINS = (12, 32)
_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, eq=False)
class NodePanel:
    """What one row of the figure is made from.

    Parameters
    ----------
    node : str
    axis : str
        Title and unit.
    kind : str
        The column's kind; discrete kinds are drawn as shares, counts as counts.
    observed : array, shape (N,), or None
        ``None`` before there are data.
    replicated : mapping of hypothesis letter to array, shape (R, N)
        Data sets that each hypothesis generates. By letter: names may be cut to the same words.
    levels : tuple of str
        Of a discrete column, in code order.
    notes : mapping of hypothesis letter to str
        A short finding to write above its panel ("spread too small").
    """

    node: str
    axis: str
    kind: str
    observed: FloatArray | None
    replicated: Mapping[str, FloatArray]
    levels: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Row:
    """What one row draws: the same bins, and the same height, for every hypothesis.

    Parameters
    ----------
    node, axis, kind, levels, notes
        As in :class:`NodePanel`; every discrete column has levels here.
    places : array, shape (B,)
        Middles of the bins; of a discrete column the codes of its levels.
    ends : (float, float)
        Of the axis.
    observed : array, shape (B,), or None
        Share of the rows in each bin.
    generated : mapping of hypothesis letter to array, shape (5, B)
        The shares' 5, 25, 50, 75 and 95 % quantiles over the generated data sets.
    top : float
        Of the axis upwards, a share.
    """

    node: str
    axis: str
    kind: str
    levels: tuple[str, ...]
    notes: Mapping[str, str]
    places: FloatArray
    ends: tuple[float, float]
    observed: FloatArray | None
    generated: Mapping[str, FloatArray]
    top: float


def predictive_rows(panels: Sequence[NodePanel]) -> tuple[Row, ...]:
    """Return what is drawn of each panel: everything that takes longer than drawing."""
    return tuple(_shares(panel) if _discrete(panel) else _density(panel) for panel in panels)


def _discrete(panel: NodePanel) -> bool:
    return bool(panel.levels) or panel.kind in ("binary", "category", "ordered")


def predictive_figure(
    rows: Sequence[Row] | Sequence[NodePanel], styles: Sequence[Style], *, dark: bool = False
) -> go.Figure:
    """Draw what was observed (a line) over what each hypothesis generates (bands: 50 % and 90 % of data sets).

    Figures of the same rows have the same axes, so that one a hypothesis may stand beside others.
    """
    tone = ink(dark)
    drawn = [row if isinstance(row, Row) else predictive_rows([row])[0] for row in rows]
    columns, height = max(1, len(styles)), _ROW * max(1, len(drawn))
    width = (1 - 0.04 * (columns - 1)) / columns
    data: list[Part] = []
    notes: list[Part] = []
    layout: Part = {"annotations": notes, "barmode": "overlay"}
    for column, style in enumerate(styles):
        left = column * (width + 0.04)
        notes.append(
            {
                "text": f"<b>{plain(style.title)}</b>", "showarrow": False, "font": {"size": 12.5},
                "xref": "paper", "x": left + width / 2, "xanchor": "center",
                "yref": "paper", "y": 1, "yanchor": "bottom",
            }
        )  # fmt: skip
        for number, row in enumerate(drawn):
            name = str(number * columns + column + 1) if number or column else ""
            said = lines(row.notes.get(style.letter, ""), max(22, _WIDE // columns), 2)
            headroom = 1.6 if any(len(note) > 22 for note in row.notes.values()) else 1.3 if row.notes else 1.08
            layout[f"xaxis{name}"] = _across(row, tone, name, (left, left + width), columns)
            layout[f"yaxis{name}"] = axis(
                tone, anchor=f"x{name}", range=[0, row.top * headroom], visible=False,
                domain=[1 - (number * _ROW + _PLOT) / height, 1 - number * _ROW / height],
            )  # fmt: skip
            place = {"xaxis": f"x{name}", "yaxis": f"y{name}"}
            data += [{**trace, **place} for trace in _traces(row, style, tone)]
            if said:
                notes.append(
                    {
                        "text": said, "showarrow": False, "font": {"size": 12, "color": tone.amber}, "align": "left",
                        "xref": f"x{name} domain", "x": 0.01, "xanchor": "left",
                        "yref": f"y{name} domain", "y": 1.0, "yanchor": "top",
                    }
                )  # fmt: skip
    return finish(data, layout, tone, height=height + _HEAD, margin={"t": _HEAD, "b": 0})


def _across(row: Row, tone: Ink, name: str, domain: tuple[float, float], columns: int) -> Part:
    words = {"text": lines(row.axis, max(18, _WIDE // columns), 2), "font": {"size": 12.5}, "standoff": _NEAR}
    options: Part = {
        "anchor": f"y{name}",
        "domain": list(domain),
        "title": words,
        "showline": True,
        "range": list(row.ends),
    }
    if row.levels:
        names = [lines(level, max(6, _WIDE // columns // max(1, len(row.levels))), 1) for level in row.levels]
        return axis(tone, **options, showgrid=False, tickvals=_small(row.places), ticktext=names)
    return axis(tone, **options, nticks=6)


def _traces(row: Row, style: Style, tone: Ink) -> list[Part]:
    generated = row.generated.get(style.letter)
    if row.levels:
        return _bars(row, style, tone, generated)
    shape = "hvh" if row.kind == "count" else "linear"
    traces: list[Part] = []
    if generated is not None:
        for low, high, alpha in ((0, 4, 0.18), (1, 3, 0.30)):
            traces.append(
                {
                    "x": _small(np.concatenate([row.places, row.places[::-1]])),
                    "y": _small(np.concatenate([generated[high], generated[low][::-1]])),
                    "mode": "lines",
                    "fill": "toself",
                    "fillcolor": translucent(style.colour, alpha),
                    "line": {"width": 0},
                }
            )
        traces.append(
            {
                "x": _small(row.places),
                "y": _small(generated[2]),
                "mode": "lines",
                "line": {"color": style.colour, "width": 1.5, "shape": shape},
                "hovertemplate": f"{plain(style.title)}: %{{y:.1%}} near %{{x:.3g}}<extra></extra>",
            }
        )
    if row.observed is not None:
        traces.append(
            {
                "x": _small(row.places),
                "y": _small(row.observed),
                "mode": "lines",
                "line": {"color": tone.observed, "width": 2, "shape": shape},
                "hovertemplate": "observed: %{y:.1%} near %{x:.3g}<extra></extra>",
            }
        )
    return traces


def _bars(row: Row, style: Style, tone: Ink, generated: FloatArray | None) -> list[Part]:
    names = [plain(level) for level in row.levels]
    traces: list[Part] = []
    if generated is not None:
        q05, _, q50, _, q95 = generated
        traces.append(
            {
                "type": "bar",
                "x": _small(row.places),
                "y": _small(q50),
                "width": 0.75,
                "marker": {"color": translucent(style.colour, 0.35), "line": {"color": style.colour, "width": 1}},
                "error_y": {
                    "type": "data", "symmetric": False, "array": _small(q95 - q50), "arrayminus": _small(q50 - q05),
                    "color": style.colour, "thickness": 2, "width": 4,
                },
                "customdata": names,
                "hovertemplate": f"{plain(style.title)}: %{{y:.1%}} %{{customdata}}<extra></extra>",
            }
        )  # fmt: skip
    if row.observed is not None:
        dashes = np.array([[place - 0.25, place + 0.25, np.nan] for place in row.places]).ravel()
        traces.append(
            {
                "x": _small(dashes),
                "y": _small(np.repeat(row.observed, 3)),
                "mode": "lines",
                "line": {"color": tone.observed, "width": 3},
                "customdata": np.repeat(names, 3).tolist(),
                "hovertemplate": "observed: %{y:.1%} %{customdata}<extra></extra>",
            }
        )
    return traces


def _small(values: FloatArray) -> list[float | None]:
    """Return numbers in few letters, still a hundred times finer than pixels; as a list, which a browser compares."""
    return [float(f"{value:.5g}") if np.isfinite(value) else None for value in values]


def _edges(panel: NodePanel) -> FloatArray:
    """Bin edges that serve every panel of a row: what was observed, or else the bulk of what is generated."""
    if panel.observed is not None and np.isfinite(panel.observed).any():
        seen = panel.observed[np.isfinite(panel.observed)]
        low, high = float(seen.min()), float(seen.max())
        margin = 0.25 * (high - low or abs(high) or 1.0)
        low, high = low - margin, high + margin
        if panel.kind in ("positive", "count", "proportion") and seen.min() >= 0:
            low = max(low, 0.0)
        if panel.kind == "proportion":
            high = min(high, 1.0)
    else:
        every = np.concatenate([np.ravel(r) for r in panel.replicated.values()])
        every = every[np.isfinite(every)]
        low, high = np.quantile(every, [0.01, 0.99]) if every.size else (0.0, 1.0)
        if low == high:
            low, high = low - 0.5, high + 0.5
    if panel.kind == "count":
        step = max(1, int(np.ceil((high - low) / 40)))
        return np.arange(np.floor(low), np.ceil(high) + step + 0.5, step) - 0.5
    return np.linspace(low, high, _bins(panel, high - low) + 1)


def _bins(panel: NodePanel, span: float) -> int:
    """Number of bins by Freedman and Diaconis' rule over ``span``, within what can be seen."""
    seen = panel.observed
    if seen is None:
        return _BINS[1]
    seen = seen[np.isfinite(seen)]
    middle = float(np.subtract(*np.quantile(seen, [0.75, 0.25]))) if seen.size else 0.0
    width = 2 * middle / max(seen.size, 1) ** (1 / 3)
    return int(np.clip(span / width if width > 0 else _BINS[1], *_BINS))


def _heights(values: FloatArray, edges: FloatArray) -> FloatArray:
    """Share of ``values`` per bin, shape (..., B); what falls outside keeps its weight (no rescaling).

    Of many data sets at once, shape (..., N): bin by bin as ``numpy.histogram`` counts one.
    """
    sets, bins = values.reshape(-1, values.shape[-1]), len(edges) - 1
    found = np.searchsorted(edges, sets, side="right") - 1
    found[sets == edges[-1]] = bins - 1  # the last bin has both its ends
    inside = (found >= 0) & (found < bins)  # a nan sorts past the end
    rows = np.broadcast_to(np.arange(len(sets))[:, None], sets.shape)
    counts = np.bincount(rows[inside] * bins + found[inside], minlength=len(sets) * bins)
    return counts.reshape(*values.shape[:-1], bins) / max(1, values.shape[-1])


def _density(panel: NodePanel) -> Row:
    edges = _edges(panel)
    observed = None if panel.observed is None else _heights(panel.observed, edges)
    top = float(observed.max()) if observed is not None else 0.0
    # A wild band may leave the panel at the top; what was observed stays readable.
    most = np.inf if observed is None else 2.2 * top
    generated = {}
    for letter, replicated in panel.replicated.items():
        if replicated.size:
            generated[letter] = np.quantile(_heights(replicated, edges), _SHARES, axis=0)
            top = max(top, min(float(generated[letter][4].max()), most))
    places = 0.5 * (edges[1:] + edges[:-1])
    return _row(panel, panel.levels, places, (float(edges[0]), float(edges[-1])), observed, generated, top)


def _shares(panel: NodePanel) -> Row:
    levels = panel.levels or ("0", "1")
    count = len(levels)
    share = lambda values: np.array([(values == code).mean() for code in range(count)])  # noqa: E731
    observed = None if panel.observed is None else share(panel.observed[np.isfinite(panel.observed)])
    top = float(observed.max()) if observed is not None else 0.0
    generated = {}
    for letter, replicated in panel.replicated.items():
        if replicated.size:
            generated[letter] = np.quantile(np.stack([share(one) for one in replicated]), _SHARES, axis=0)
            top = max(top, float(generated[letter][4].max()))
    return _row(panel, levels, np.arange(count, dtype=float), (-0.6, count - 0.4), observed, generated, top)


def _row(
    panel: NodePanel,
    levels: tuple[str, ...],
    places: FloatArray,
    ends: tuple[float, float],
    observed: FloatArray | None,
    generated: Mapping[str, FloatArray],
    top: float,
) -> Row:
    return Row(
        panel.node, panel.axis, panel.kind, levels, panel.notes, places, ends, observed, generated, top or 1.0
    )  # fmt: skip


def pair_figure(
    x: NodePanel,
    y: NodePanel,
    xs: FloatArray,
    ys: FloatArray,
    *,
    name: str,
    colour: str = "",
    dark: bool = False,
) -> go.Figure:
    """Draw one data set as points of two nodes: what was observed, or what a hypothesis generates.

    Parameters
    ----------
    x, y : NodePanel
        They give the axes, so that several figures have the same.
    xs, ys : arrays, shape (N,)
        Row i is one unit; at most :data:`MOST_POINTS` of them are drawn.
    name, colour : str
        Whose data these are; the colour of what was observed where there is none.
    """
    tone = ink(dark)
    spread = np.random.default_rng(0)
    shown = slice(None) if len(xs) <= MOST_POINTS else spread.choice(len(xs), MOST_POINTS, replace=False)
    data: list[Part] = [
        {
            "x": _small(_jitter(xs[shown], x, spread)),
            "y": _small(_jitter(ys[shown], y, spread)),
            "mode": "markers",
            "marker": {"size": 4.5, "color": translucent(colour or tone.observed, 0.5)},
        }
    ]
    across, up = _pair_axis(x), _pair_axis(y)
    words = {"text": lines(x.axis, 30, 2), "font": {"size": 12.5}, "standoff": _NEAR}
    note = {"showarrow": False, "xref": "paper", "yref": "paper", "y": 1, "yanchor": "bottom", "x": 0, "align": "left"}
    layout = {
        "xaxis": axis(tone, anchor="y", title=words, **across, nticks=5),
        "yaxis": axis(tone, anchor="x", **up, nticks=6),
        "annotations": [
            {**note, "text": f"<b>{plain(name)}</b>", "xanchor": "left", "font": {"size": 12.5}, "yshift": 18},
            {**note, "text": f"↑ {lines(y.axis, 34, 1)}", "xanchor": "left", "font": {"size": 12.5}},
        ],
    }
    return finish(data, layout, tone, height=310, margin={"t": 46, "b": 46, "l": _room(up), "r": 10})


def _room(axis: Part) -> int:
    """Return the pixels that the ticks' labels need beside an axis upwards."""
    said = axis.get("ticktext") or [f"{end:.3g}" for end in (*axis["range"], sum(axis["range"]) / 2)]
    return 12 + 7 * max(len(word) for word in said)


def _jitter(values: FloatArray, panel: NodePanel, spread: np.random.Generator) -> FloatArray:
    """Levels and counts are spread a little, so that points do not hide one another."""
    if panel.levels or panel.kind in ("binary", "count"):
        return values + spread.uniform(-0.18, 0.18, values.shape)
    return values


def _pair_axis(panel: NodePanel) -> Part:
    if panel.levels:
        names = [lines(level, 12, 1) for level in panel.levels]
        return {"tickvals": list(range(len(names))), "ticktext": names, "range": [-0.5, len(names) - 0.5]}
    edges = _edges(panel)
    return {"range": [float(edges[0]), float(edges[-1])]}
