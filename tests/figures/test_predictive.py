"""What is drawn is what was given: heights, bands, labels; and what is drawn is small, and valid."""

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.predictive import (
    MOST_POINTS,
    NodePanel,
    _heights,
    pair_figure,
    predictive_figure,
    predictive_rows,
)
from core.figures.scores import Interval, claims_figure, disagreement_figure, interval_figure
from core.figures.theme import Style, restored

A, B = Style("Ads first", "A", "#0072B2"), Style("<b>x</b>", "B", "#D55E00")
RNG = np.random.default_rng(0)


def panel(kind: str = "real", observed: bool = True, **options: object) -> NodePanel:
    values = RNG.normal(5, 2, 300) if kind == "real" else RNG.integers(0, 3, 300).astype(float)
    replicated = {s.letter: np.stack([RNG.permutation(values) for _ in range(20)]) for s in (A, B)}
    return NodePanel("n", "n [kg]", kind, values if observed else None, replicated, **options)  # type: ignore[arg-type]


def written(figure: go.Figure) -> list[tuple[str, float]]:
    """Words that stand over rows, and at which height."""
    traces = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text"]
    return [row for trace in traces for row in zip(trace.text, trace.y, strict=True)]


def notes(figure: go.Figure) -> list[str]:
    """All words of a figure: over rows as text traces, over columns as annotations."""
    return [text for text, _ in written(figure)] + [note.text for note in figure.layout.annotations]


def every_figure(dark: bool = False) -> dict[str, go.Figure]:
    discrete = panel("category", levels=("a", "b", "c"))
    values = RNG.normal(5, 2, 5000)
    return {
        "predictive": predictive_figure([panel(notes={"A": "spread not reproduced"}), discrete], [A, B], dark=dark),
        "counts": predictive_figure([panel("count")], [A], dark=dark),
        "pair": pair_figure(panel(), discrete, values, RNG.integers(0, 3, 5000) * 1.0, name="Observed", dark=dark),
        "interval": interval_figure(
            [Interval("A", 0.4, 0.3, 0.5, 0.35, 0.45, "#0072B2"), Interval("B", None, note="not identified")],
            axis="x",
            dark=dark,
        ),
        "claims": claims_figure(
            [("A", [("a – b", 0.3, 0.2, 0.4, "contradicted"), ("a – c", 0.0, -0.1, 0.1, "")])], dark=dark
        ),
        "disagreement": disagreement_figure({"sales": -40.0, "ads": 2.0}, A, B, {"sales": "Sales"}, dark=dark),
    }


@pytest.mark.parametrize("dark", [False, True])
def test_every_figure_is_valid_though_it_is_not_checked_when_it_is_drawn(dark: bool) -> None:
    for name, figure in every_figure(dark).items():
        checked = go.Figure(json.loads(figure.to_json()))  # raises on any word that Plotly does not know
        assert len(checked.data) == len(figure.data), name


def test_a_figure_comes_back_from_its_text_as_it_was() -> None:
    for name, figure in every_figure().items():
        assert json.loads(restored(figure.to_json()).to_json()) == json.loads(figure.to_json()), name


def test_figures_say_all_that_a_browser_would_else_find_out_by_drawing_twice() -> None:
    """No margins to be found, no ranges, no template of thousands of letters; and the same again is known as such."""
    for name, figure in every_figure().items():
        layout = figure.to_dict()["layout"]
        axes = {key: value for key, value in layout.items() if key[:5] in ("xaxis", "yaxis")}
        assert all(value["automargin"] is False and len(value["range"]) == 2 for value in axes.values()), name
        assert layout["template"] is None, name  # two that are the same are a change to Plotly, and all is drawn anew
        assert all(isinstance(trace[key], list | tuple) for trace in figure.to_dict()["data"] for key in "xy"), name
        assert all(trace.type in ("scatter", "bar") for trace in figure.data), name  # none that needs WebGL
        assert layout["datarevision"], name
        assert all((trace.hoverinfo == "skip") == (trace.hovertemplate is None) for trace in figure.data), name
        assert len(figure.to_json()) < 20_000, name
    again = [every["claims"].layout.datarevision for every in (every_figure(), every_figure(), every_figure(True))]
    assert again[0] == again[1] != again[2]


def test_observed_shares_are_those_of_the_column() -> None:
    one = panel("category", levels=("low", "mid", "high"))
    figure = predictive_figure([one], [A, B])
    drawn = next(trace for trace in figure.data if trace.type == "scatter")
    assert one.observed is not None
    expected = np.bincount(one.observed.astype(int), minlength=3) / len(one.observed)
    np.testing.assert_allclose(list(drawn.y[::3]), expected, rtol=1e-4)


def test_bars_and_their_errors_are_the_quantiles_of_the_shares() -> None:
    one = panel("category", levels=("low", "mid", "high"))
    bar = next(trace for trace in predictive_figure([one], [A]).data if trace.type == "bar")
    shares = np.stack([[(data == code).mean() for code in range(3)] for data in one.replicated["A"]])
    q05, q50, q95 = np.quantile(shares, [0.05, 0.5, 0.95], axis=0)
    np.testing.assert_allclose(bar.y, q50, rtol=1e-4)
    np.testing.assert_allclose(np.add(bar.y, bar.error_y.array), q95, rtol=1e-4)
    np.testing.assert_allclose(np.subtract(bar.y, bar.error_y.arrayminus), q05, rtol=1e-4, atol=1e-7)


def test_band_of_identical_replicates_is_the_observed_line() -> None:
    figure = predictive_figure([panel()], [A])
    generated, observed = (trace for trace in figure.data if trace.line.width >= 1.5)
    np.testing.assert_allclose(generated.y, observed.y)
    assert sum(observed.y) == pytest.approx(1, abs=1e-3)


def test_works_before_there_are_data_and_with_overflows() -> None:
    wild = {A.letter: np.full((5, 20), np.inf), B.letter: np.exp(RNG.normal(0, 5, (5, 20)))}
    figure = predictive_figure([NodePanel("n", "n", "positive", None, wild)], [A, B])
    assert len(figure.data) >= 2


def test_names_are_not_markup() -> None:
    assert any("&lt;b&gt;x" in note for note in notes(predictive_figure([panel()], [B])))
    assert "<img" not in str(notes(interval_figure([Interval("<img src=x>", 1.0, note="<img>")], axis="x")))
    assert "<img" not in str(notes(disagreement_figure({"x": 1.0}, A, B, {"x": "<img src=x>"})))


def test_figures_of_the_same_rows_stand_over_the_same_axes() -> None:
    """One figure a hypothesis, beside or below each other: what is higher is more."""
    rows = predictive_rows([panel(notes={"B": "too large"}), panel("count")])
    first, second = (predictive_figure(rows, [style]).to_dict()["layout"] for style in (A, B))
    for name in ("xaxis", "yaxis", "xaxis2", "yaxis2"):
        assert first[name] == second[name]
    assert first["height"] == second["height"]


def test_no_more_points_are_drawn_than_can_be_told_apart() -> None:
    figure = every_figure()["pair"]
    assert len(figure.data[0].x) == MOST_POINTS
    few = pair_figure(panel(), panel(), np.arange(300.0), np.arange(300.0), name="A")
    np.testing.assert_array_equal(few.data[0].x, np.arange(300.0))
    np.testing.assert_array_equal(few.data[0].y, few.data[0].x)  # rows stay rows


def test_an_interval_without_a_number_says_why() -> None:
    figure = interval_figure([Interval("A", 0.4, 0.3, 0.5), Interval("B", None, note="not identified")], axis="x")
    assert any("not identified" in note for note in notes(figure))
    assert [len(trace.x) for trace in figure.data if trace.mode == "markers"] == [1]


def test_disagreement_points_to_who_predicts_better() -> None:
    figure = disagreement_figure({"sales": -40.0, "ads": 2.0}, A, B, {})
    colours = dict(zip(figure.data[0].customdata, figure.data[0].marker.color, strict=True))
    assert colours == {"sales": B.colour, "ads": A.colour}


def test_claims() -> None:
    figure = claims_figure(
        [("A", [("given season, ads and sales", 0.31, 0.22, 0.39, "contradicted")]), ("B: nothing", [])]
    )
    assert any("contradicted" in note for note in notes(figure))
    assert any("<b>0.31 [0.22, 0.39]</b>" in note for note in notes(figure))
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"] == [(-0.1, 0.1)]


@pytest.mark.parametrize("reach", [None, (-0.3, 1.0), (-1.2, 1.4)])
def test_an_association_ends_at_one_and_so_does_its_axis(reach: Any) -> None:
    low, high = claims_figure([("A", [("a – b", 0.97, 0.95, 0.99, "contradicted")])], reach=reach).layout.xaxis.range
    assert -1 <= low < 0.95
    assert 0.99 <= high <= 1


def test_hypotheses_whose_names_are_cut_to_the_same_words_stay_apart() -> None:
    """Pictures cut long names; what is drawn in a column is that of its own letter."""
    first, second = Style("A long name that is…", "A", "#0072B2"), Style("A long name that is…", "B", "#D55E00")
    low, high = np.full((5, 50), 1.0), np.full((5, 50), 9.0)
    one = NodePanel("n", "n", "real", np.linspace(0, 10, 50), {"A": low, "B": high}, notes={"B": "too large"})
    figure = predictive_figure([one], [first, second])
    lines = [t for t in figure.data if t.line.color in (first.colour, second.colour)]
    assert [float(t.x[np.argmax(t.y)]) < 5 for t in lines] == [True, False]
    assert [note.xref for note in figure.layout.annotations if note.text == "too large"] == ["x2 domain"]


def test_the_words_of_an_axis_stand_nearer_to_it_than_to_the_next_row() -> None:
    layout = predictive_figure([panel(), panel()], [A, B]).to_dict()["layout"]
    axes = [value for key, value in layout.items() if key.startswith("xaxis")]
    assert {axis["title"]["standoff"] for axis in axes} == {3}


def test_columns_with_the_same_label_keep_bars_of_their_own() -> None:
    figure = disagreement_figure({"x1": -40.0, "x2": 2.0}, A, B, {"x1": "size", "x2": "size"})
    assert list(figure.data[0].x) == [-40.0, 2.0]
    assert figure.data[0].y[0] != figure.data[0].y[1]
    assert sum(note.startswith("size ") for note in notes(figure)) == 2


def test_words_over_a_row_never_stand_on_another() -> None:
    """Whatever their length: each row's picture has its words above it, and the row before above those."""
    long = "the average number of visits a week, given everything else that was measured in spring"
    for figure in (
        claims_figure(
            [
                ("A", [(long, 0.1, 0.0, 0.2, "contradicted"), ("a – b", 0.1, 0.0, 0.2, "")]),
                (long, [(long, 0, 0, 0, "")]),
            ]
        ),
        disagreement_figure({"a": 3.0, "b": -2.0}, A, B, {"a": long, "b": long}),
    ):
        top = 0.0
        for text, y in written(figure):
            assert y - 16 * (text.count("<br>") + 1) >= top  # where its first line begins
            top = y + (0 if text.startswith("<b>") else 7 + 6)  # the picture under it ends
        assert figure.layout.yaxis.range[0] >= top


def test_many_data_sets_are_counted_at_once_as_numpy_counts_one() -> None:
    rng = np.random.default_rng(0)
    values, edges = rng.normal(size=(5, 200)).round(1), np.linspace(-2, 2, 21).round(1)
    values[0, :3] = np.nan, np.inf, -np.inf
    one_by_one = [np.histogram(one[np.isfinite(one)], edges)[0] / one.size for one in values]
    assert np.array_equal(_heights(values, edges), one_by_one)
    assert np.array_equal(_heights(values[0], edges), one_by_one[0])
