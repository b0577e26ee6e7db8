"""How rows' effects lie: one axis, a density a hypothesis, a line where all are alike."""

import numpy as np
import plotly.graph_objects as go

from core.figures.by_row import Strip, by_row_figure
from core.figures.theme import Style

A, B, C = (
    Style(letter, letter, colour) for letter, colour in zip("ABC", ("#0072B2", "#D55E00", "#009E73"), strict=True)
)
EFFECTS = tuple(np.random.default_rng(0).normal(1.0, 0.5, 400).tolist())
STRIPS = (
    Strip(A, "A Ads < bring", EFFECTS),
    Strip(B, "B", (2.0,) * 400),
    Strip(C, "C", note="no path leads there"),
)


def test_a_density_a_line_and_a_note() -> None:
    figure = by_row_figure(STRIPS, axis_title="change of sales (EUR)", write="{:.2f}".format)
    go.Figure(figure.to_dict())  # Plotly takes it
    filled = [trace for trace in figure.data if trace.fill == "toself"]
    assert len(filled) == 1
    words = next(trace for trace in figure.data if trace.mode == "text").text
    assert words[0].startswith("A Ads &lt; bring")
    assert "2.00" in words[1]
    assert words[2].endswith("no path leads there")
    low, high = figure.layout.xaxis.range
    assert low < min(0, *EFFECTS)
    assert high > max(EFFECTS)
    assert len(figure.layout.shapes) == 2  # where zero is, beside each density and not through its words


def test_every_row_has_a_tick_until_there_are_too_many() -> None:
    ticks = [trace for trace in by_row_figure(STRIPS, axis_title="change").data if trace.mode == "markers"]
    assert len(ticks) == 1
    assert len(ticks[0].x) == 300


def test_groups_that_lie_apart_stay_apart() -> None:
    two = Strip(A, "A", (0.0,) * 200 + (5.0,) * 200)
    (outline,) = (t for t in by_row_figure((two,), axis_title="change").data if t.fill == "toself")
    foot = max(outline.y)
    at = np.asarray(outline.x[:-1])
    between = np.asarray(outline.y[:-1])[(at > 2) & (at < 3)]
    assert (foot - between).max() < 0.05 * (foot - min(outline.y))
