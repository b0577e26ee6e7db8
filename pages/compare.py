"""Compare: side by side, who is tied with whom, and where rivals disagree."""

import streamlit as st

from core.comparison.answers import reads_better_wide
from core.comparison.result import Comparison
from core.comparison.viewing import for_question
from core.effects.steps import SHARE
from core.figures import compared
from core.figures.scores import Interval, disagreement_figure, interval_figure
from core.figures.theme import Figure, Style
from core.words import number
from ui import (
    beside,
    confirming,
    curves,
    details,
    doubts,
    exchangeable,
    frame,
    graphs,
    remedies,
    results,
    scores,
    session,
    theme,
    widgets,
    words,
)
from ui.missing import missing
from ui.results import Fitted
from ui.session import ProjectView
from ui.thresholds import thresholds
from ui.why import heading, why

QUESTION, ALL = "The question", "All columns"
#: More pairs than this do not stand in one row.
SEGMENTS = 6


def main() -> None:
    project = session.require()
    frame.header(project)
    found, last = results.shown(
        project,
        "Here your hypotheses stand side by side: what each predicts, what each denies that is there, and which "
        "cannot be told apart.",
    )
    if last is None:
        return
    remedies.panel(project, last)
    verdict(last)
    doubts.signpost(project, last.comparison)
    exchangeable.panel(project, last)
    effects(project, found, last)
    confirming.panel(project, last)
    seen = scope(project, last.comparison)
    graphs.panel(project, found, last, seen)
    heading("Side by side", "sides", "how to read this")
    scores.table(project, seen, missing(project, found, last))
    disagreement(project, seen)
    curves.panel(project, last)
    details.sections(project, last)
    thresholds(project, found, last)


def verdict(last: Fitted) -> None:
    lines = "".join(f"<li>{words.html(sentence)}</li>" for sentence in last.comparison.sentences)
    st.html(
        f'<div class="wb-verdict" data-testid="verdict">{why("verdict")}<b>Verdict</b><ul>{lines}</ul></div>',
    )


def scope(project: ProjectView, comparison: Comparison) -> Comparison:
    """Ask what is looked at, the question or all columns, and return the comparison as it is seen so."""
    asked = comparison.question
    if asked is None:
        return comparison
    chosen = st.segmented_control(
        "Scores and classes of",
        [QUESTION, ALL],
        default=QUESTION,
        required=True,
        key="scope",
        persist_state="page",
        help="The question's columns are the exposure, the outcome and all that comes after them in any hypothesis. "
        "What is upstream of them is background to the question: how it is related has no part in the answer.",
    )
    if chosen == ALL:
        return comparison
    columns = words.listing((project.title_of(node) for node in asked.columns), 8)
    st.html(f'<div class="wb-small">{words.html(columns)}, given all that is upstream of them {why("scope")}</div>')
    return for_question(comparison)


def effects(project: ProjectView, found: results.Candidates, last: Fitted) -> None:
    """Draw what each hypothesis says would happen, on one axis."""
    comparison = last.comparison
    pairs = compared.effect_pairs(comparison)
    if not pairs:
        widgets.note("Mark an exposure and an outcome on the Draw page to see what each hypothesis says would happen.")
        return
    pair = pairs[0]
    if len(pairs) > 1:
        said = {f"{project.title_of(x)} on {project.title_of(y)}": (x, y) for x, y in pairs}
        pair = said[st.selectbox("Effect of", list(said), key="effect_pair") or next(iter(said))]
    x, y = (project.title_of(node) for node in pair)
    wide = which_step(project, comparison, pair)
    rows = [row for facts in comparison.hypotheses for row in effect_rows(project, facts.name, last, pair, wide)]
    rows += [
        Interval(results.named(project, one.letter), None, note="not fitted") for one in missing(project, found, last)
    ]
    if all(row.mean is None for row in rows):
        listed = "".join(f"<li>{words.html(f'{row.label}: {row.note}')}</li>" for row in rows)
        st.html(f'<div class="wb-small"><b>What {words.html(x)} does to {words.html(y)}</b><ul>{listed}</ul></div>')
        return
    title = "What {} does to {}, if each is right".format(*words.clip_all((x, y), 30))
    results.said(title, "dot: posterior mean; bar: 90 % interval")
    figure = results.picture(
        interval_figure, tuple(rows), axis=effect_axis(project, last, pair, wide), dark=theme.is_dark(), write=number
    )
    results.plot(figure, "effects", "effects", title)
    data = [{"hypothesis": r.label, "mean": r.mean, "q05": r.q05, "q95": r.q95, "note": r.note} for r in rows]
    results.offer(lambda: data, "effects", "effects")
    beside.panel(comparison, pair)


def which_step(project: ProjectView, comparison: Comparison, pair: tuple[str, str]) -> bool:
    """Ask by how much the exposure is moved: one unit, or from quartile to quartile; return whether it is the latter."""
    found = compared.quartiles_of(comparison, pair)
    if found is None:
        return False
    column = next(c for c in comparison.data.columns if c.name == pair[0])
    one = f"{SHARE:g} more" if column.kind == "proportion" else "1 more"
    unit = f" {project.unit_of(pair[0])}" if project.unit_of(pair[0]) else ""
    middle = f"from {number(found.low)} to {number(found.high)}{unit} (the middle half of the rows)"
    chosen = st.segmented_control(
        f"Moving {words.md(project.title_of(pair[0]))} by",
        [one, middle],
        default=middle if reads_better_wide(comparison.hypotheses, pair) else one,
        required=True,
        key=f"step_{pair[0]}_{pair[1]}",
        persist_state="page",
    )
    return chosen == middle


def effect_rows(
    project: ProjectView, name: str, last: Fitted, pair: tuple[str, str], wide: bool = False
) -> list[Interval]:
    """Return one row, or one a contrast, for what a hypothesis says of an effect."""
    colour = results.styles(project, [name])[0].colour
    names = results.short_names(project, (facts.name for facts in last.comparison.hypotheses), 24)
    label = f"{name} {names[name]}".strip()
    return compared.effect_rows(last.comparison.hypothesis(name), pair, label, colour, wide)


def effect_axis(project: ProjectView, last: Fitted, pair: tuple[str, str], wide: bool = False) -> str:
    """Return what the axis measures, with units."""
    named = results.titles(project, pair), results.units(project, pair)
    return compared.effect_axis(last.comparison, pair, *named, wide)


def disagreement(project: ProjectView, comparison: Comparison) -> None:
    """Draw where two hypotheses predict differently, node by node."""
    pairs = {f"{d.a} and {d.b}": d for d in comparison.differences if d.elpd is not None and d.by_node}
    if not pairs:
        widgets.note("Where two hypotheses predict differently, node by node, is shown here when two are ranked.")
        return
    order = sorted(pairs, key=lambda name: -abs(pairs[name].elpd or 0.0))
    chosen = pairs[order[0]]
    st.html(f'<div class="wb-small">Where they disagree {why("where")}</div>')
    if len(pairs) > SEGMENTS:
        chosen = pairs[st.selectbox("Where they disagree", order, key="pair_of_many", label_visibility="collapsed")]
    elif len(pairs) > 1:
        chosen = pairs[
            st.segmented_control(
                "Where they disagree", order, default=order[0], required=True, key="pair", label_visibility="collapsed"
            )
        ]
    first, second = results.styles(project, [chosen.a, chosen.b])
    nodes = results.titles(project, chosen.by_node)
    title = compared.disagreement_title(chosen, nodes)
    results.said(title, "by how much one predicts a column better than the other, summed over rows")
    figure = results.picture(
        _disagreement, tuple(chosen.by_node.items()), first, second, tuple(nodes.items()), theme.is_dark()
    )
    name = f"disagreement-{chosen.a}-{chosen.b}"
    results.plot(figure, "disagreement", name, title)
    data = [{"node": nodes[n], f"elpd, {chosen.a} minus {chosen.b}": v} for n, v in chosen.by_node.items()]
    results.offer(lambda: data, "disagreement", name)


def _disagreement(
    by_node: tuple[tuple[str, float], ...], first: Style, second: Style, titles: tuple[tuple[str, str], ...], dark: bool
) -> Figure:
    return disagreement_figure(dict(by_node), first, second, dict(titles), dark=dark)


main()
