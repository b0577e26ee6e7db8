"""The hypotheses as pictures, with what their makers say of them: notes, and why arrows are there or not."""

from dataclasses import replace

from core.comparison.arrow_scale import arrow_scale
from core.comparison.result import HypothesisFacts
from core.figures.compared import common_arrows, places_of
from core.figures.graph import graph_view
from core.fit.arrows import EdgeSummary
from core.hypothesis import Edge, Hypothesis
from core.report.page.about import Told
from core.report.page.graph_svg import graph_pictures
from core.report.page.markup import Html, el, joined_html, listing, note, table
from core.words import interval, joined, number

__all__ = ["the_hypotheses"]

_BESIDE = 4  # hypotheses beside each other in a table
_DIRECT = "Every arrow: a direct effect with its 90 % interval, all other causes held fixed, if the hypothesis is right"
_READING = (
    "×1.2 multiplies by 1.2 for one more of the cause; +3 per ×2 adds 3 where the cause doubles. Standardised: in "
    "standard deviations of both."
)
_LINES = (
    ("strong", "wide: strong"),
    ("dashed", "dashed: may be zero"),
    ("grey", "grey: carries nothing"),
    ("shared", "pale: in every hypothesis"),
    ("denied", "red, dotted: no arrow, but a link that is there"),
)


def the_hypotheses(told: Told) -> Html:
    """Draw every hypothesis in one layout, and say what stands behind its arrows."""
    comparison = told.comparison
    drawn = {hypothesis.name: hypothesis for hypothesis in comparison.drawn}
    if not drawn:
        return note("This comparison was kept without its drawings; compare again to see them here.")
    places, common = places_of(comparison.drawn), common_arrows(comparison.drawn)
    titles = {name: column.label for name, column in told.columns.items()}
    units = {name: column.unit for name, column in told.columns.items()}
    names = [name for name in told.names if name in drawn]
    views = [
        graph_view(
            _marked(told, drawn[name]),
            told.colour(name),
            places,
            titles,
            comparison.hypothesis(name).to_dict(),
            units,
            common,
        )
        for name in names
    ]
    pictures, small = graph_pictures(views)
    cards = [
        _card(told, drawn[name], picture, view.more) for name, view, picture in zip(names, views, pictures, strict=True)
    ]
    grid = el("div", *cards, class_="cards two" if small and len(cards) > 1 else "cards")
    occur: set[str] = {arrow.style for view in views for arrow in view.arrows}
    occur |= (
        {"strong"} | ({"shared"} if common else set()) | ({"denied"} if any(v.contradicted for v in views) else set())
    )
    key = [el("span", el("i", class_=f"key {line}"), f" {words}") for line, words in _LINES if line in occur]
    reasons = [part for name in names for part in _reasons(told, drawn[name])]
    return joined_html([el("p", *key, class_="legend"), grid, *reasons, _arrows(told, drawn)])


def _marked(told: Told, hypothesis: Hypothesis) -> Hypothesis:
    """Return a hypothesis with the question's exposure and outcome marked, where nobody marked others."""
    pair = told.pair
    if pair is None or hypothesis.exposure or hypothesis.outcome or not set(pair) <= set(hypothesis.graph.nodes):
        return hypothesis
    return replace(hypothesis, exposure=pair[0], outcome=pair[1])


def _card(told: Told, hypothesis: Hypothesis, picture: Html, more: int) -> Html:
    left = f"and {more} more contradicted claim{'s' if more > 1 else ''}" if more else ""
    background = [told.title(name) for name in hypothesis.background]
    open_ = f"Grey frame, the background: {joined(background)} may be related in any way." if background else ""
    said = [el("p", words) for words in (hypothesis.note, open_, left) if words]
    return el("section", el("h3", told.chip(hypothesis.name)), picture, *said, class_="card")


def _reasons(told: Told, hypothesis: Hypothesis) -> list[Html]:
    """Return why arrows are there and why others are not, where somebody said so."""

    def line(words: str, reason: str, citation: str) -> Html:
        return joined_html(
            [el("b", words), f" {reason}" if reason else "", el("cite", f" ({citation})") if citation else ""]
        )

    found = [
        line(f"{told.title(edge.source)} → {told.title(edge.target)}:", edge.reason, edge.citation)
        for edge in hypothesis.edges
        if edge.reason or edge.citation
    ]
    found += [
        line(f"no arrow {told.title(one.source)} → {told.title(one.target)}:", one.reason, one.citation)
        for one in hypothesis.absences
        if one.reason or one.citation
    ]
    if not found:
        return []
    return [el("h4", "Reasons for ", told.chip(hypothesis.name)), listing(found)]


def _arrows(told: Told, drawn: dict[str, Hypothesis]) -> Html:
    """Return every arrow in a row, a hypothesis a column; of many hypotheses some at a time."""
    tables = []
    facts = told.comparison.hypotheses
    for at in range(0, len(facts), _BESIDE):
        some = facts[at : at + _BESIDE]
        arrows = dict.fromkeys((edge.source, edge.target) for one in some for edge in one.edges)
        found = [{(edge.source, edge.target): edge for edge in one.edges} for one in some]
        rows = [
            [
                f"{told.title(arrow[0])} → {told.title(arrow[1])}",
                *(
                    _cell(told, one, edges.get(arrow), drawn.get(one.name))
                    for one, edges in zip(some, found, strict=True)
                ),
            ]
            for arrow in arrows
        ]
        tables.append(
            table(["arrow", *(told.chip(one.name) for one in some)], rows, "", "" if at else _DIRECT, even=True)
        )
    return joined_html([*tables, note(_READING)])


def _cell(told: Told, facts: HypothesisFacts, edge: EdgeSummary | None, hypothesis: Hypothesis | None) -> Html:
    if edge is None:
        return el("span", "no arrow", class_="muted")
    shape = _shape(told, edge, hypothesis)
    made = {node.name: vars(node) for node in facts.columns}
    scale = arrow_scale(made.get(edge.source), made.get(edge.target), edge.working_scale)
    if edge.contrasts is not None:
        each = "; ".join(f"{c.name}: {number(c.mean)} {interval(c.q05, c.q95)}" for c in edge.contrasts)
        of = "" if scale.meaning.unit == "data" else scale.meaning.scale
        return joined_html([each, *(el("small", words) for words in (of, shape) if words)])
    if edge.mean is None or edge.q05 is None or edge.q95 is None:
        return el("span", "held back: a gate failed", class_="amber")
    slope = f"{number(edge.mean)} {interval(edge.q05, edge.q95)}"
    small = [f"standardised {number(edge.standardized_mean)}"] if edge.standardized_mean is not None else []
    small += [shape] if shape else []
    if scale.plain:
        return joined_html([slope, el("small", "; ".join(small)) if small else ""])
    if scale.step == "identity" and not scale.meaning.factor:
        return joined_html([slope, el("small", "; ".join([scale.words, *small]))])
    small.insert(0, f"{slope} {scale.words}")
    return joined_html([scale.label(edge.mean), el("small", "; ".join(small))])


def _shape(told: Told, edge: EdgeSummary, hypothesis: Hypothesis | None) -> str:
    """Return the form of an arrow where it is no straight line of its own."""
    drawn = next(
        (
            one
            for one in (hypothesis.edges if hypothesis else ())
            if (one.source, one.target) == (edge.source, edge.target)
        ),
        Edge(edge.source, edge.target),
    )
    words = [] if drawn.form == "linear" else [f"{drawn.form} form"]
    if edge.bends is not None:
        words.append(f"bends with probability {edge.bends:.2f}")
    if drawn.by:
        words.append(f"differs by {told.title(drawn.by)}")
    if drawn.carry:
        words.append("carries over to later rows")
    return joined(words) if words else ""
