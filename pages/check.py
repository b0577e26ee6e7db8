"""Check: where does each hypothesis fail to reproduce what was seen, and which of its claims fail?"""

import pandas as pd
import streamlit as st

from core.comparison.result import Comparison, HypothesisFacts
from core.figures.predictive import NodePanel, predictive_figure
from core.figures.scores import claims_figure
from core.figures.theme import Style
from core.graph.implications import Independence
from core.graph.words import say
from ui import frame, results, session, theme, widgets, words
from ui.session import ProjectView
from ui.why import why

STATISTICS = {
    "mean": "average",
    "sd": "spread",
    "skew": "skew",
    "min": "smallest value",
    "max": "largest value",
    "zeros": "share of zeros",
    "dispersion": "spread beside the average",
}


def main() -> None:
    project = session.require()
    frame.header(project)
    dataset = project.dataset()
    found = results.candidates(project, dataset)
    last = results.fitted(project, dataset, found) if dataset is not None else None
    if last is None:
        widgets.empty_page(
            "Here each hypothesis is held against what you observed: the data it would generate beside yours, and each "
            "link it denies, tested.",
            "First fit your hypotheses.",
        )
        session.page_link("fit", "Go to Fit", project, icon=":material/arrow_back:")
        return
    if last.changed:
        st.html(
            f'<div class="wb-warn">Changed since this was fitted: {words.html(", ".join(last.changed))}. '
            "What stands here is the fit before that.</div>"
        )
    comparison = last.comparison
    for facts in comparison.hypotheses:
        summary(project, facts)
    generated(project, comparison)
    claims(project, comparison)
    table(project, comparison)
    session.page_link("compare", "Compare them", project, icon=":material/arrow_forward:")


def summary(project: ProjectView, facts: HypothesisFacts) -> None:
    """Say in one line where a hypothesis fails."""
    colours = {record.letter: record.colour for record in project.hypotheses()}
    mark = widgets.chip(facts.name, colours.get(facts.name, theme.MUTED))
    name = words.html(results.named(project, facts.name).removeprefix(facts.name).strip())
    flagged = flagged_nodes(facts)
    parts = []
    if facts.implications:
        broken = facts.contradicted
        if broken:
            pairs = words.listing(f"{project.title_of(t.x)} – {project.title_of(t.y)}" for t in broken)
            parts.append(
                f'<span class="wb-red">{len(broken)} of {len(facts.implications)} denied links are there</span> '
                f"({words.html(pairs)})"
            )
        elif any(test.contradicted is None for test in facts.implications):
            parts.append("its denied links are measured, p-values are suspended")
        else:
            parts.append(f"none of its {words.count(len(facts.implications), 'claim')} is contradicted")
    else:
        parts.append(words.html(facts.untestable or "it claims nothing that these columns can test"))
    if flagged:
        said = words.listing(f"{project.title_of(node)} ({words.listing(names, 3)})" for node, names in flagged.items())
        parts.append(f'<span class="wb-amber">does not reproduce {words.html(said)}</span>')
    else:
        parts.append("reproduces every column that is checked")
    st.html(f'<div class="wb-line">{mark} <b>{name}</b> {"; ".join(parts)}.</div>')


def flagged_nodes(facts: HypothesisFacts) -> dict[str, list[str]]:
    """Return node to the statistics that are not reproduced, in words."""
    found: dict[str, list[str]] = {}
    for check in facts.checks:
        if check.flagged:
            found.setdefault(check.node, []).append(STATISTICS.get(check.statistic, check.statistic))
    return found


def generated(project: ProjectView, comparison: Comparison) -> None:
    """Draw observed columns over what each hypothesis generates."""
    left, right = st.columns([8, 1])
    left.subheader("What each would generate, beside what was seen")
    with right:
        why("checks")
    styles = [
        Style(words.clip(results.named(project, s.name).removeprefix(s.name).strip() or s.name, 22), s.letter, s.colour)
        for s in results.styles(project, [facts.name for facts in comparison.hypotheses])
    ]
    flags = {facts.name: flagged_nodes(facts) for facts in comparison.hypotheses}
    columns = {column.name: column for column in comparison.data.columns}
    nodes = sorted(columns, key=lambda node: -sum(node in flag for flag in flags.values()))
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
    panels = []
    for node in shown:
        column = columns[node]
        panels.append(
            NodePanel(
                node,
                f"{project.title_of(node)}{f' [{project.unit_of(node)}]' if project.unit_of(node) else ''}",
                column.kind,
                comparison.pictures.observed.get(node),
                {
                    style.name: comparison.pictures.replicated[facts.name][node]
                    for style, facts in zip(styles, comparison.hypotheses, strict=True)
                    if node in comparison.pictures.replicated.get(facts.name, {})
                },
                column.levels,
                {
                    style.name: f"{words.listing(flags[facts.name][node], 2)} not reproduced"
                    for style, facts in zip(styles, comparison.hypotheses, strict=True)
                    if node in flags[facts.name]
                },
            )
        )
    if panels:
        figure = predictive_figure(
            panels,
            styles,
            dark=theme.is_dark(),
            title=finding(project, comparison),
            subtitle="dark: observed; coloured bands: 50 % and 90 % of the data sets that each generates",
        )
        results.plot(figure, "predictive", "predictive-checks")


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
    return (
        f"{name} makes the {STATISTICS.get(check.statistic, check.statistic)} of {project.title_of(check.node)} {way}"
    )


def claims(project: ProjectView, comparison: Comparison) -> None:
    """Draw, for each hypothesis, what is left over of the links that it denies."""
    left, right = st.columns([8, 1])
    left.subheader("The links that each denies")
    with right:
        why("claims")
    for facts in comparison.hypotheses:
        tests = [test for test in facts.implications if test.association is not None]
        if not tests:
            st.html(
                f'<div class="wb-small">{words.html(facts.name)}: '
                f"{words.html(facts.untestable or 'nothing that these columns can test')}.</div>"
            )
            continue
        tests.sort(key=lambda test: -abs(test.association or 0.0))
        rows = [
            (
                words.clip(say(Independence(t.x, t.y, t.given), project.title_of), 64),
                float(t.association or 0.0),
                float(t.q05 if t.q05 is not None else t.association or 0.0),
                float(t.q95 if t.q95 is not None else t.association or 0.0),
                bool(t.contradicted),
            )
            for t in tests[:12]
        ]
        broken = len(facts.contradicted)
        title = (
            f"{results.named(project, facts.name)}: {broken} of {len(facts.implications)} contradicted"
            if broken
            else f"{results.named(project, facts.name)}: nothing contradicted, which is not the same as supported"
        )
        figure = claims_figure(
            rows,
            threshold=comparison.rules.association,
            dark=theme.is_dark(),
            title=title,
            subtitle="dot and bar: partial association and 90 % interval; grey: too small to count",
        )
        results.plot(figure, f"claims_{facts.name}", f"claims-{facts.name}")


def table(project: ProjectView, comparison: Comparison) -> None:
    with st.expander("Every check as a table"):
        rows = [
            {
                "hypothesis": facts.name,
                "column": project.title_of(check.node),
                "statistic": check.statistic,
                "observed": check.observed,
                "generated, on average": check.replicated_mean,
                "predictive p": check.predictive_p,
                "flagged": check.flagged,
            }
            for facts in comparison.hypotheses
            for check in facts.checks
        ]
        frame_ = pd.DataFrame(rows)
        st.dataframe(frame_, hide_index=True, width="stretch")
        st.download_button(
            "As CSV", frame_.to_csv(index=False), "checks.csv", "text/csv", key="csv_checks", on_click="ignore"
        )


main()
