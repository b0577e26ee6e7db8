"""Risk against return as a picture: it is a figure, and says what it shows."""

import plotly.graph_objects as go

from core.figures.deciding import Point, frontier_figure

EDGE = [Point(1.0, 5.0, "ads 9, price <3>"), Point(2.0, 4.0, "ads 5"), Point(3.0, 2.0, "ads 1")]
MARKED = [Point(1.0, 5.0, "ads 9", "best on average"), Point(1.1, 4.9, "ads 8.9", "safest")]


def made(dark: bool = False) -> go.Figure:
    figure = frontier_figure(EDGE, MARKED, EDGE[1], across="worst (EUR)", up="mean (EUR)", dark=dark)
    go.Figure(figure.to_dict())  # which Plotly checks
    return figure


def test_each_point_says_its_action_and_the_chosen_ones_stand_beside_it() -> None:
    line, dots, labels, ring = made().data
    assert line["text"][0].startswith("ads 9, price &lt;3&gt;<br>5 on average, 1 in its worst draws")
    assert dots["text"][1].startswith("<b>safest</b>")
    assert list(labels["text"]) == ["safest", "best on average"]
    assert [*ring["x"], *ring["y"]] == [2.0, 4.0]


def test_labels_keep_apart_and_inside() -> None:
    for dark in (False, True):
        figure = made(dark)
        heights = figure.data[2]["y"]
        low, high = figure.layout["yaxis"]["range"]
        assert heights[1] - heights[0] >= 0.07 * (high - low)
        assert all(low < height < high for height in heights)


def test_points_that_are_all_alike_still_have_axes() -> None:
    same = [Point(2.0, 2.0, "ads 1"), Point(2.0, 2.0, "ads 1")]
    figure = frontier_figure(same, same, None, across="worst", up="mean")
    assert len(figure.data) == 3
    for name in ("xaxis", "yaxis"):
        low, high = figure.layout[name]["range"]
        assert low < 2.0 < high
