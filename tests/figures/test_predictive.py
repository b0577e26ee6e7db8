"""What is drawn is what was given: heights, bands, labels."""

import numpy as np
import pytest

from core.figures.predictive import NodePanel, pair_figure, predictive_figure
from core.figures.scores import Interval, claims_figure, disagreement_figure, interval_figure, label_room
from core.figures.theme import Style

A, B = Style("Ads first", "A", "#0072B2"), Style("<b>x</b>", "B", "#D55E00")
RNG = np.random.default_rng(0)


def panel(kind: str = "real", observed: bool = True, **options: object) -> NodePanel:
    values = RNG.normal(5, 2, 300) if kind == "real" else RNG.integers(0, 3, 300).astype(float)
    replicated = {s.letter: np.stack([RNG.permutation(values) for _ in range(20)]) for s in (A, B)}
    return NodePanel("n", "n [kg]", kind, values if observed else None, replicated, **options)  # type: ignore[arg-type]


def test_observed_shares_are_those_of_the_column() -> None:
    one = panel("category", levels=("low", "mid", "high"))
    figure = predictive_figure([one], [A, B])
    drawn = next(trace for trace in figure.data if trace.type == "scatter")
    assert one.observed is not None
    expected = np.bincount(one.observed.astype(int), minlength=3) / len(one.observed)
    np.testing.assert_allclose(drawn.y, expected)


def test_band_of_identical_replicates_is_the_observed_line() -> None:
    figure = predictive_figure([panel()], [A])
    lines = [trace for trace in figure.data if trace.mode == "lines" and trace.line.width >= 1.5]
    generated, observed = lines
    np.testing.assert_allclose(generated.y, observed.y)
    assert observed.y.sum() == pytest.approx(1)


def test_works_before_there_are_data_and_with_overflows() -> None:
    wild = {A.letter: np.full((5, 20), np.inf), B.letter: np.exp(RNG.normal(0, 5, (5, 20)))}
    figure = predictive_figure([NodePanel("n", "n", "positive", None, wild)], [A, B])
    assert len(figure.data) >= 2


def test_names_are_not_markup() -> None:
    text = predictive_figure([panel()], [B]).to_json()
    assert "&lt;b&gt;x" in text


def test_pair_shows_observed_first_and_one_data_set_a_hypothesis() -> None:
    figure = pair_figure(panel(), panel("category", levels=("a", "b", "c")), [A, B])
    assert len(figure.data) == 3
    assert all(len(trace.x) == 300 for trace in figure.data)


def test_an_interval_without_a_number_says_why() -> None:
    figure = interval_figure([Interval("A", 0.4, 0.3, 0.5), Interval("B", None, note="not identified")], axis="x")
    assert "not identified" in [note.text for note in figure.layout.annotations]


def test_disagreement_points_to_who_predicts_better() -> None:
    figure = disagreement_figure({"sales": -40.0, "ads": 2.0}, A, B, {})
    colours = dict(zip(figure.data[0].y, figure.data[0].marker.color, strict=True))
    assert colours == {"sales": B.colour, "ads": A.colour}


def test_claims() -> None:
    figure = claims_figure([("given season, ads and sales", 0.31, 0.22, 0.39, True)])
    assert any("contradicted" in str(trace.text) for trace in figure.data)
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"] == [(-0.1, 0.1)]


def test_hypotheses_whose_names_are_cut_to_the_same_words_stay_apart() -> None:
    """Pictures cut long names; what is drawn in a column is that of its own letter."""
    first, second = Style("A long name that is…", "A", "#0072B2"), Style("A long name that is…", "B", "#D55E00")
    low, high = np.full((5, 50), 1.0), np.full((5, 50), 9.0)
    one = NodePanel("n", "n", "real", np.linspace(0, 10, 50), {"A": low, "B": high}, notes={"B": "too large"})
    figure = predictive_figure([one], [first, second])
    lines = [t for t in figure.data if t.mode == "lines" and t.line.color in (first.colour, second.colour)]
    assert [float(t.x[np.argmax(t.y)]) < 5 for t in lines] == [True, False]
    assert [note.xref for note in figure.layout.annotations if note.text == "too large"] == ["x2 domain"]


def test_the_words_of_an_axis_stand_nearer_to_it_than_to_the_next_row() -> None:
    figure = predictive_figure([panel(), panel()], [A, B])
    figure.for_each_xaxis(lambda axis: pytest.fail("far") if axis.title.standoff != 3 else None)


def test_columns_with_the_same_label_keep_bars_of_their_own() -> None:
    figure = disagreement_figure({"x1": -40.0, "x2": 2.0}, A, B, {"x1": "size", "x2": "size"})
    assert list(figure.data[0].y) == ["x2", "x1"]
    assert list(figure.layout.yaxis.ticktext) == ["size", "size"]


def test_claims_of_all_hypotheses_stand_over_one_axis() -> None:
    """The same ends and the same room beside them, whatever the words."""
    short, long = "a – b", "a – b, given everything else that was measured in spring"
    room = label_room([short, long])
    figures = [claims_figure([(label, 0.1, 0.0, 0.2, False)], reach=(-0.1, 0.3), room=room) for label in (short, long)]
    assert len({figure.layout.margin.l for figure in figures}) == 1
    assert len({figure.layout.xaxis.range for figure in figures}) == 1
    assert all(figure.layout.yaxis.automargin is False for figure in figures)


def test_a_contradicted_claim_says_so_below_its_numbers() -> None:
    """Beside them it would be cut off where the page is narrow."""
    figure = claims_figure([("a – b", 0.13, 0.06, 0.21, True)], reach=(-0.1, 0.3))
    assert "0.13 [0.06, 0.21]<br>contradicted" in [note.text for note in figure.layout.annotations]
