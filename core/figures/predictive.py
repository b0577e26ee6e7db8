"""Observed beside generated: one row a node, one column a hypothesis, one axis a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from core.figures.theme import Ink, Style, finish, ink, lines, plain, translucent

__all__ = ["NodePanel", "pair_figure", "predictive_figure"]

FloatArray = NDArray[np.float64]

_ROW = 150  # pixels
_WIDE = 100  # characters across the whole figure
_NEAR = 3  # pixels from the ticks to the axis' words, which else stand nearer to the row below
_BINS = (12, 32)


@dataclass(frozen=True, eq=False)
class NodePanel:
    """One row of the figure.

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


def predictive_figure(
    panels: Sequence[NodePanel], styles: Sequence[Style], *, dark: bool = False, title: str = "", subtitle: str = ""
) -> go.Figure:
    """Draw observed data (dark line) over what each hypothesis generates (bands: 50 % and 90 % of replicates)."""
    tone = ink(dark)
    rows, columns = max(1, len(panels)), max(1, len(styles))
    fig = make_subplots(
        rows=rows,
        cols=columns,
        horizontal_spacing=0.04,
        vertical_spacing=min(0.12, 58 / (_ROW * rows)),
        subplot_titles=[f"<b>{plain(style.title)}</b>" for style in styles],
    )
    for note in fig.layout.annotations:
        note.update(font={"size": 12.5, "color": tone.text}, xanchor="center")
    for row, panel in enumerate(panels, start=1):
        draw = _shares if panel.levels or panel.kind in ("binary", "category", "ordered") else _density
        top = draw(fig, panel, styles, tone, row)
        said = {letter: lines(note, max(22, _WIDE // columns), 2) for letter, note in panel.notes.items()}
        headroom = 1.6 if any("<br>" in note for note in said.values()) else 1.3 if said else 1.08
        for column, style in enumerate(styles, start=1):
            if note := said.get(style.letter):
                fig.add_annotation(
                    text=note, x=0.01, y=1.0, xref="x domain", yref="y domain",
                    xanchor="left", yanchor="top", align="left", showarrow=False,
                    font={"size": 11.5, "color": tone.amber}, row=row, col=column,
                )  # fmt: skip
            fig.update_yaxes(
                range=[0, top * headroom],
                showticklabels=False,
                showgrid=False,
                row=row,
                col=column,
            )
            words = {"text": lines(panel.axis, max(18, _WIDE // columns), 2), "font": {"size": 12.5}, "standoff": _NEAR}
            fig.update_xaxes(title=words, row=row, col=column)
    return finish(fig, tone, title=title, subtitle=subtitle, height=_ROW * rows, top=30)


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
    """Share of ``values`` per bin; what falls outside keeps its weight (the bars are not rescaled)."""
    finite = values[np.isfinite(values)]
    return np.histogram(finite, edges)[0] / max(1, values.size)


def _density(fig: go.Figure, panel: NodePanel, styles: Sequence[Style], tone: Ink, row: int) -> float:
    edges = _edges(panel)
    middle = 0.5 * (edges[1:] + edges[:-1])
    shape = "hvh" if panel.kind == "count" else "linear"
    observed = None if panel.observed is None else _heights(panel.observed, edges)
    top = float(observed.max()) if observed is not None else 0.0
    for column, style in enumerate(styles, start=1):
        replicated = panel.replicated.get(style.letter)
        if replicated is not None and replicated.size:
            heights = np.stack([_heights(one, edges) for one in replicated])
            quantiles = np.quantile(heights, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
            # A wild band may leave the panel at the top; what was observed stays readable.
            most = np.inf if observed is None else 2.2 * observed.max()
            top = max(top, min(float(quantiles[4].max()), most))
            for low, high, alpha in ((0, 4, 0.18), (1, 3, 0.30)):
                fig.add_trace(
                    go.Scatter(
                        x=np.concatenate([middle, middle[::-1]]),
                        y=np.concatenate([quantiles[high], quantiles[low][::-1]]),
                        fill="toself",
                        fillcolor=translucent(style.colour, alpha),
                        line={"width": 0, "shape": "linear"},
                        hoverinfo="skip",
                    ),
                    row=row,
                    col=column,
                )
            fig.add_trace(
                go.Scatter(
                    x=middle,
                    y=quantiles[2],
                    line={"color": style.colour, "width": 1.5, "shape": shape},
                    mode="lines",
                    hovertemplate=f"{plain(style.title)}: %{{y:.1%}} near %{{x:.3g}}<extra></extra>",
                ),
                row=row,
                col=column,
            )
        if observed is not None:
            fig.add_trace(
                go.Scatter(
                    x=middle,
                    y=observed,
                    mode="lines",
                    line={"color": tone.observed, "width": 2, "shape": shape},
                    hovertemplate="observed: %{y:.1%} near %{x:.3g}<extra></extra>",
                ),
                row=row,
                col=column,
            )
    return top or 1.0


def _shares(fig: go.Figure, panel: NodePanel, styles: Sequence[Style], tone: Ink, row: int) -> float:
    count = len(panel.levels) or 2
    names = [plain(level) for level in (panel.levels or ("0", "1"))]
    share = lambda values: np.array([(values == code).mean() for code in range(count)])  # noqa: E731
    observed = None if panel.observed is None else share(panel.observed[np.isfinite(panel.observed)])
    top = float(observed.max()) if observed is not None else 0.0
    for column, style in enumerate(styles, start=1):
        replicated = panel.replicated.get(style.letter)
        if replicated is not None and replicated.size:
            shares = np.stack([share(one) for one in replicated])
            q05, q50, q95 = np.quantile(shares, [0.05, 0.5, 0.95], axis=0)
            top = max(top, float(q95.max()))
            fig.add_trace(
                go.Bar(
                    x=names,
                    y=q50,
                    marker={"color": translucent(style.colour, 0.35), "line": {"color": style.colour, "width": 1}},
                    error_y={"array": q95 - q50, "arrayminus": q50 - q05, "color": style.colour, "thickness": 2},
                    hovertemplate=f"{plain(style.title)}: %{{y:.1%}} %{{x}}<extra></extra>",
                ),
                row=row,
                col=column,
            )
        if observed is not None:
            fig.add_trace(
                go.Scatter(
                    x=names,
                    y=observed,
                    mode="markers",
                    marker={
                        "symbol": "line-ew",
                        "size": 34,
                        "line": {"width": 3, "color": tone.observed},
                    },
                    hovertemplate="observed: %{y:.1%} %{x}<extra></extra>",
                ),
                row=row,
                col=column,
            )
    fig.update_xaxes(type="category", showgrid=False, row=row)
    return top or 1.0


def pair_figure(
    x: NodePanel, y: NodePanel, styles: Sequence[Style], *, dark: bool = False, title: str = "", subtitle: str = ""
) -> go.Figure:
    """Draw one generated data set a hypothesis as points of two nodes, observed points beside them.

    Both panels' ``replicated`` arrays must come from the same draws, so that row i of the
    first replicate is one generated unit.
    """
    tone = ink(dark)
    names = (["Observed"] if x.observed is not None and y.observed is not None else []) + [
        style.title for style in styles
    ]
    fig = make_subplots(
        rows=1,
        cols=max(1, len(names)),
        shared_yaxes=True,
        horizontal_spacing=0.03,
        subplot_titles=[f"<b>{plain(name)}</b>" for name in names],
    )
    spread = np.random.default_rng(0)
    column = 0
    if x.observed is not None and y.observed is not None:
        column += 1
        _points(fig, x.observed, y.observed, x, y, tone.observed, column, spread)
    for style in styles:
        column += 1
        if style.letter in x.replicated and style.letter in y.replicated:
            _points(
                fig, x.replicated[style.letter][0], y.replicated[style.letter][0], x, y, style.colour, column, spread
            )
    for index in range(1, column + 1):
        _pair_axis(fig.update_xaxes, x, index)
    for index in range(1, column + 1):
        _pair_axis(fig.update_yaxes, y, index, titled=index == 1)
    for note in fig.layout.annotations:
        note.update(font={"size": 13, "color": tone.text})
    return finish(fig, tone, title=title, subtitle=subtitle, height=320, top=30)


def _points(
    fig: go.Figure,
    xs: FloatArray,
    ys: FloatArray,
    x: NodePanel,
    y: NodePanel,
    colour: str,
    column: int,
    spread: np.random.Generator,
) -> None:
    shown = slice(None) if len(xs) <= 1500 else spread.choice(len(xs), 1500, replace=False)
    fig.add_trace(
        go.Scattergl(
            x=_jitter(xs[shown], x, spread),
            y=_jitter(ys[shown], y, spread),
            mode="markers",
            marker={"size": 4, "color": translucent(colour, 0.45)},
            hoverinfo="skip",
        ),
        row=1,
        col=column,
    )


def _jitter(values: FloatArray, panel: NodePanel, spread: np.random.Generator) -> FloatArray:
    """Levels and counts are spread a little, so that points do not hide one another."""
    if panel.levels or panel.kind in ("binary", "count"):
        return values + spread.uniform(-0.18, 0.18, values.shape)
    return values


def _pair_axis(update: object, panel: NodePanel, index: int, titled: bool = True) -> None:
    options: dict[str, object] = {"row": 1, "col": index}
    if titled:
        options["title"] = {"text": plain(panel.axis), "font": {"size": 12.5}}
    if panel.levels:
        options |= {"tickvals": list(range(len(panel.levels))), "ticktext": [plain(level) for level in panel.levels]}
    edges = _edges(panel)
    if not panel.levels:
        options["range"] = [float(edges[0]), float(edges[-1])]
    update(**options)  # type: ignore[operator]
