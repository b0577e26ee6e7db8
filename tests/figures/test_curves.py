"""Arrows as curves: each once over hypotheses, those that bend first, with their band and in words."""

from dataclasses import dataclass

import numpy as np

from core.comparison.result import HypothesisFacts
from core.figures.curves import curve_figure, curve_title, strips_of, with_rows
from core.figures.theme import Style
from core.fit.arrows import ArrowCurve, EdgeSummary

AT = np.linspace(-1.0, 1.0, 5)


def edge(source: str, bends: float | None, form: str = "auto") -> EdgeSummary:
    curve = ArrowCurve(AT, AT**2, AT**2 - 0.1, AT**2 + 0.1)
    return EdgeSummary(source, "y", 0.1, 0.1, -0.1, 0.2, 0.1, 0.8, 0.5, form=form, bends=bends, curve=curve)


@dataclass(frozen=True)
class Facts:
    """What of a hypothesis' facts is looked at here."""

    name: str
    edges: tuple[EdgeSummary, ...]


def facts_of(name: str, edges: list[EdgeSummary]) -> HypothesisFacts:
    return Facts(name, tuple(edges))  # type: ignore[return-value]


STYLES = {name: Style(name, name, colour) for name, colour in (("A", "#0072B2"), ("B", "#D55E00"))}


def test_once_an_arrow_and_those_that_bend_first() -> None:
    one = facts_of("A", [edge("x", 0.2), edge("z", 0.999)])
    hypotheses = [one, facts_of("B", [edge("z", 0.99), edge("w", None, "smooth")])]
    strips = strips_of(hypotheses, STYLES)
    assert [strip.source for strip in strips] == ["w", "z", "x"]
    assert [strip.bent for strip in strips] == [True, True, False]
    assert [len(strip.ribbons) for strip in strips] == [1, 2, 1]
    titles = {"y": "Sales", "z": "<Season>"}
    assert curve_title(strips[1], titles) == "What <Season> does to Sales bends (probability over 0.99)"
    assert curve_title(strips[0], titles) == "What w does to Sales is drawn as a curve"
    assert curve_title(strips[2], titles) == "What x does to Sales is probably straight (bends: 0.20)"


def test_the_figure_has_a_line_and_a_band_each_and_escapes_names() -> None:
    strips = strips_of([facts_of("A", [edge("z", 0.9)]), facts_of("B", [edge("z", 0.8)])], STYLES)
    figure = curve_figure(strips, {"z": "<Season>"}, {"y": "EUR"}, dark=True)
    lines = [trace for trace in figure.data if trace.mode == "lines" and trace.fill is None]
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    assert [line.line.color for line in lines] == ["#0072B2", "#D55E00"]
    assert len(bands) == 2
    np.testing.assert_allclose(lines[0].y, AT**2)
    written = figure.to_json()
    assert "<Season>" not in written
    assert "y (EUR)" in written


def test_rows_stand_behind_the_curve_where_it_is_drawn() -> None:
    (strip,) = strips_of([facts_of("A", [edge("x", 0.9)])], STYLES)
    x = np.array([-3.0, -0.5, 0.5, np.nan])
    seen = with_rows(strip, x, np.array([1.0, 2.0, 6.0, 100.0]))
    assert seen.rows == ((-0.5, -1.0), (0.5, 3.0))  # less the average of the rows that are known: 3
    many = with_rows(strip, np.linspace(-1, 1, 5_000), np.zeros(5_000))
    assert 200 < len(many.rows) <= 300
    assert with_rows(strip, x[3:], x[3:]) == strip
    marks = [trace for trace in curve_figure((seen,), {}, {}).data if trace.mode == "markers"]
    assert [list(trace.y) for trace in marks] == [[-1.0, 3.0]]
    assert [trace.mode for trace in curve_figure((strip,), {}, {}).data] == ["lines", "lines", "text"]


def test_without_a_head_the_finding_is_said_elsewhere() -> None:
    strips = strips_of([facts_of("A", [edge("x", 0.9)])], STYLES)
    assert "bends" in str(curve_figure(strips, {}, {}).layout.annotations)
    assert "bends" not in str(curve_figure(strips, {}, {}, headed=False).layout.annotations)


def test_drawn_as_a_curve_by_one_it_still_says_how_sure_another_is() -> None:
    hypotheses = [facts_of("A", [edge("x", None, "smooth")]), facts_of("B", [edge("x", 0.995)])]
    (strip,) = strips_of(hypotheses, STYLES)
    assert strip.bent
    assert curve_title(strip, {}) == "What x does to y is drawn as a curve; left open, it bends (probability over 0.99)"
    (doubted,) = strips_of([hypotheses[0], facts_of("B", [edge("x", 0.2)])], STYLES)
    assert doubted.bent  # one drew it so
    assert curve_title(doubted, {}).endswith("left open, it is probably straight (bends: 0.20)")
