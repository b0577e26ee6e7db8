"""Check: where does each hypothesis fail to reproduce what was seen, and which of its claims fail?"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.check.tested import IndependenceTest
from core.comparison.reach import reach_words
from core.comparison.result import Comparison, HypothesisFacts
from core.figures.predictive import NodePanel, predictive_rows
from core.figures.scores import Claim, claims_figure
from core.figures.theme import Style
from ui import doubts, exchangeable, frame, kept, predictive, remedies, results, session, shapes, theme, widgets, words
from ui.missing import missing
from ui.results import Fitted
from ui.session import ProjectView
from ui.thresholds import thresholds
from ui.why import STATISTICS, heading

#: Claims drawn of one hypothesis; all of them stand in the table on Compare.
SHOWN = 10


def main() -> None:
    project = session.require()
    frame.header(project)
    found, last = results.shown(
        project,
        "Here each hypothesis is held against what you observed: the data it would generate beside yours, and each "
        "link it denies, tested.",
    )
    if last is None:
        return
    comparison = last.comparison
    remedies.panel(project, last)
    exchangeable.panel(project, last, say=True)
    summaries(project, found, last)
    doubts.panel(project, last)
    shapes.panel(project, last)
    generated(project, last)
    claims(project, comparison)
    table(project, comparison)
    thresholds(project, found, last)
    if not last.changed and st.button(
        "Compare them side by side", type="primary", key="to_compare", icon=":material/arrow_forward:"
    ):
        session.go("compare", project)


def summaries(project: ProjectView, found: results.Candidates, last: Fitted) -> None:
    """Say in one line a hypothesis where it fails; one that could not be fitted keeps its place, with its reason."""
    fitted = {facts.name: facts for facts in last.comparison.hypotheses}
    lost = {one.letter: one for one in missing(project, found, last)}
    letters = [record.letter for record in project.seen if record.letter in {*fitted, *lost}]
    for letter in dict.fromkeys([*letters, *fitted]):
        if letter in fitted:
            summary(project, fitted[letter])
        else:
            mark = widgets.chip(letter, lost[letter].colour)
            name = words.html(results.name_of(project, letter))
            st.html(
                f'<div class="wb-line" data-missing="{letter}">{mark} <b>{name}:</b> '
                f'<span class="wb-amber">not fitted: {words.html(lost[letter].reason)}</span></div>'
            )


def summary(project: ProjectView, facts: HypothesisFacts) -> None:
    """Say in one line where a hypothesis fails."""
    colours = {record.letter: record.colour for record in project.seen}
    mark = widgets.chip(facts.name, colours.get(facts.name, theme.MUTED))
    name = words.html(results.name_of(project, facts.name))
    flagged = flagged_nodes(facts)
    parts = []
    if facts.bearing:
        broken, total = facts.contradicted_bearing, len(facts.bearing)
        if broken:
            distinct = dict.fromkeys(f"{project.title_of(t.x)} – {project.title_of(t.y)}" for t in broken)
            pairs = words.listing(distinct)
            parts.append(
                f'<span class="wb-red">{len(broken)} of {total} denied {"link" if total == 1 else "links"} '
                f"{'is' if len(broken) == 1 else 'are'} there</span> "
                f"({words.html(pairs)})"
            )
        elif any(test.contradicted is None for test in facts.bearing):
            parts.append("its denied links are measured, p-values are suspended")
        elif any(test.accused for test in facts.doubted_bearing):
            many = sum(bool(test.accused) for test in facts.doubted_bearing)
            of = f"{many} of {total} denied {'link' if total == 1 else 'links'}"
            parts.append(f'<span class="wb-amber">{of} {"is" if many == 1 else "are"} in doubt</span>')
        else:
            reach = words.html(reach_words(facts.bearing))
            parts.append(f"none of its {words.count(total, 'claim')}{about(facts)} is contradicted ({reach})")
    elif facts.implications:
        parts.append("it claims nothing about the question that these columns can test")
    else:
        parts.append(words.html(facts.untestable or "it claims nothing that these columns can test"))
    if facts.contradicted_beside:
        parts.append(f'<span class="wb-muted">{beside(facts)}</span>')
    if flagged:
        said = words.listing(f"{project.title_of(node)} ({words.listing(names, 3)})" for node, names in flagged.items())
        parts.append(f'<span class="wb-amber">does not reproduce {words.html(said)}</span>')
    else:
        parts.append("reproduces every column that is checked")
    if bent := shapes.flag_words(project, facts):
        parts.append(f'<span class="wb-amber">{words.html(bent)}</span>')
    st.html(f'<div class="wb-line">{mark} <b>{name}{":" if name else ""}</b> {"; ".join(parts)}.</div>')


def about(facts: HypothesisFacts) -> str:
    """Return which claims are counted, where some do not bear on the question."""
    return " about the question" if any(test.bears for test in facts.implications) else ""


def beside(facts: HypothesisFacts) -> str:
    """Return in words how many claims fail that do not bear on the question."""
    many = len(facts.contradicted_beside)
    if many == 1:
        return "1 claim among background columns fails, which does not bear on the question"
    return f"{many} claims among background columns fail, which do not bear on the question"


def flagged_nodes(facts: HypothesisFacts) -> dict[str, list[str]]:
    """Return node to the statistics that are not reproduced, in words."""
    found: dict[str, list[str]] = {}
    for check in facts.checks:
        if check.flagged:
            found.setdefault(check.node, []).append(STATISTICS.get(check.statistic, check.statistic))
    return found


def generated(project: ProjectView, last: Fitted) -> None:
    """Draw observed columns over what each hypothesis generates, one figure a hypothesis over the same axes."""
    comparison = last.comparison
    heading("What each would generate, beside what was seen", "checks")
    flags = {facts.name: flagged_nodes(facts) for facts in comparison.hypotheses}
    columns = {column.name: column for column in comparison.data.columns}
    asked = comparison.question.columns if comparison.question is not None else ()
    # What the question is about first, then what is not reproduced.
    nodes = sorted(columns, key=lambda node: (node not in asked, -sum(node in flag for flag in flags.values())))
    given = {node.name for facts in comparison.hypotheses for node in facts.given}
    nodes = [node for node in nodes if node not in given]
    shown = nodes
    if len(nodes) > 6:
        shown = st.multiselect(
            "Columns",
            nodes,
            default=nodes[:6],
            format_func=project.title_of,
            key="checked_columns",
            placeholder="Choose columns to draw",
        )
    if not shown:
        return
    results.said(
        finding(project, comparison),
        f"{predictive.observed_line()}; coloured bands: 50 % and 90 % of the data sets that each generates",
    )
    axes = tuple((node, predictive.axis_of(project, node)) for node in shown)
    letters = [facts.name for facts in comparison.hypotheses]
    names = results.short_names(project, letters, 22)
    rows = kept.recall("checked", (last.request.id, axes), lambda: predictive_rows(panels(comparison, flags, axes)))
    styles = [Style(names[s.name] or s.name, s.letter, s.colour) for s in results.styles(project, letters)]
    predictive.abreast(rows, styles, (last.request.id, axes), "predictive")
    results.offer(lambda: table_rows(project, comparison, frozenset(shown)), "predictive", "predictive-checks")


def panels(
    comparison: Comparison, flags: Mapping[str, Mapping[str, Sequence[str]]], axes: Sequence[tuple[str, str]]
) -> list[NodePanel]:
    """Return what the rows of the figures are made from."""
    columns = {column.name: column for column in comparison.data.columns}
    pictures = comparison.pictures
    return [
        NodePanel(
            node,
            axis,
            columns[node].kind,
            pictures.observed.get(node),
            {name: drawn[node] for name, drawn in pictures.replicated.items() if node in drawn},
            columns[node].levels,
            {name: f"{words.listing(flag[node], 2)} not reproduced" for name, flag in flags.items() if node in flag},
        )
        for node, axis in axes
    ]


def finding(project: ProjectView, comparison: Comparison) -> str:
    """Return the title of the figure: what it shows."""
    worst = [
        (check.predictive_p, facts.name, check)
        for facts in comparison.hypotheses
        for check in facts.checks
        if check.flagged and check.predictive_p is not None
    ]
    if not worst:
        return "Every column is reproduced"
    _, name, check = min(worst, key=lambda found: (found[0], found[1]))
    more = check.replicated_mean is not None and check.replicated_mean > check.observed
    way = "too large" if more else "too small"
    what = STATISTICS.get(check.statistic, check.statistic)
    return f"{name} makes the {what} of {project.title_of(check.node)} {way}"


def claims(project: ProjectView, comparison: Comparison) -> None:
    """Draw what is left over of the links that each hypothesis denies, on one axis."""
    heading("The links that each denies", "claims")
    short = results.short_titles(project, (column.name for column in comparison.data.columns), 26)
    measured = [(facts, strongest(facts)) for facts in comparison.hypotheses]
    groups = tuple(
        (said_of(project, facts, bool(tests)), tuple(drawn_claim(short, test) for test in tests[:SHOWN]))
        for facts, tests in measured
    )
    ends = [end for _, rows in groups for _, _, low, high, _ in rows for end in (low, high)]
    if not ends:
        for title, _ in groups:
            st.html(f'<div class="wb-small">{words.html(title)}.</div>')
        return
    limit = 1.3 * comparison.rules.association
    cut = any(len(tests) > SHOWN for _, tests in measured)
    results.said(
        "What is left over of each denied link",
        "dot and bar: partial association and 90 % interval; grey band: too small to count"
        + (f"; of each hypothesis the {SHOWN} largest" if cut else ""),
    )
    figure = results.picture(
        claims_figure,
        groups,
        threshold=comparison.rules.association,
        dark=theme.is_dark(),
        reach=(min([-limit, *ends]), max([limit, *ends])),
    )
    results.plot(figure, "claims", "claims", "; ".join(title for title, _ in groups))
    results.offer(functools.partial(claim_rows, project, comparison), "claims", "claims")
    folded(project, comparison)


def folded(project: ProjectView, comparison: Comparison) -> None:
    """Say in one line what of the claims among background columns fails."""
    parts = [f"{facts.name}: {beside(facts)}" for facts in comparison.hypotheses if facts.contradicted_beside]
    if parts:
        widgets.note(f"{'. '.join(parts)}. The table of claims on Compare lists them.")


def said_of(project: ProjectView, facts: HypothesisFacts, measured: bool) -> str:
    """Return what the claims of a hypothesis come to, if any could be ``measured``."""
    name, broken = results.named(project, facts.name), len(facts.contradicted_bearing)
    if not measured and facts.implications and not facts.bearing:
        return f"{name}: nothing about the question that these columns can test"
    if not measured:
        return f"{name}: {facts.untestable or 'nothing that these columns can test'}"
    if broken:
        return f"{name}: {broken} of {len(facts.bearing)}{about(facts)} contradicted"
    return f"{name}: nothing{about(facts)} contradicted, which is not the same as supported"


def drawn_claim(short: Mapping[str, str], test: IndependenceTest) -> Claim:
    """Return a claim as it is drawn; one without an interval ends where it stands."""
    middle = float(test.association or 0.0)
    low = middle if test.q05 is None else float(test.q05)
    high = middle if test.q95 is None else float(test.q95)
    return short_claim(short, test), middle, low, high, doubts.short(test)


def claim_rows(project: ProjectView, comparison: Comparison) -> list[dict[str, Any]]:
    """Return the claims of the figure as rows."""
    return [
        {
            "hypothesis": facts.name,
            "claim": denied(project, test),
            "association": test.association,
            "q05": test.q05,
            "q95": test.q95,
            "contradicted": test.contradicted,
            "in doubt": test.shape,
        }
        for facts in comparison.hypotheses
        for test in strongest(facts)[:SHOWN]
    ]


def strongest(facts: HypothesisFacts) -> list[IndependenceTest]:
    """Return the claims that bear on the question and could be measured, those with most left over first."""
    found = [test for test in facts.bearing if test.association is not None]
    return sorted(found, key=lambda test: -abs(test.association or 0.0))


def denied(project: ProjectView, test: IndependenceTest) -> str:
    """Return the link that a claim denies, in few words."""
    pair = f"{project.title_of(test.x)} – {project.title_of(test.y)}"
    return f"{pair}, given {words.listing(map(project.title_of, test.given), 4)}" if test.given else pair


def short_claim(short: Mapping[str, str], test: IndependenceTest) -> str:
    """Return :func:`denied` in the words that fit beside a row."""
    x, y, *given = (short[node] for node in (test.x, test.y, *test.given))
    return f"{x} – {y}, given {words.listing(given, 3)}" if given else f"{x} – {y}"


def table_rows(
    project: ProjectView, comparison: Comparison, nodes: frozenset[str] | None = None
) -> list[dict[str, Any]]:
    """Return every check as a row, or those of some nodes."""
    return [
        {
            "hypothesis": facts.name,
            "column": project.title_of(check.node),
            "statistic": STATISTICS.get(check.statistic, check.statistic),
            "observed": check.observed,
            "generated, on average": check.replicated_mean,
            "predictive p": check.predictive_p,
            "flagged": check.flagged,
        }
        for facts in comparison.hypotheses
        for check in facts.checks
        if nodes is None or check.node in nodes
    ]


def table(project: ProjectView, comparison: Comparison) -> None:
    """Offer every check as a table."""
    section = results.opened("Every check as a table", "checks")
    if section.open:
        with section:
            results.listed(table_rows(project, comparison), "checks")


main()
