"""Compare: side by side, who is tied with whom, and where rivals disagree."""

import json

import streamlit as st

from core.figures.graph import graph_page, graph_view
from core.figures.scores import Interval, disagreement_figure, interval_figure
from core.figures.theme import Style
from ui import details, frame, results, scores, session, theme, widgets, words
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why


def main() -> None:
    project = session.require()
    frame.header(project)
    dataset = project.dataset()
    found = results.candidates(project, dataset)
    last = results.fitted(project, dataset, found) if dataset is not None else None
    if last is None:
        widgets.empty_page(
            "Here your hypotheses stand side by side: what each predicts, what each denies that is there, and which "
            "cannot be told apart.",
            "First fit them to your data.",
        )
        session.page_link("fit", "Go to Fit", project, icon=":material/arrow_back:")
        return
    if last.changed:
        st.html(
            f'<div class="wb-warn">Changed since this was fitted: {words.html(", ".join(last.changed))}. '
            "What stands here is the comparison before that.</div>"
        )
        session.page_link("fit", "Fit again", project, icon=":material/refresh:")
    verdict(last)
    graphs(project, last)
    scores.table(project, last.comparison)
    pictures(project, last)
    details.sections(project, last)


def verdict(last: Fitted) -> None:
    lines = "".join(f"<li>{words.html(sentence)}</li>" for sentence in last.comparison.sentences)
    left, right = st.columns([12, 1], gap="small")
    left.html(f'<div class="wb-verdict" data-testid="verdict"><b>Verdict</b><ul>{lines}</ul></div>')
    with right:
        why("class")


def graphs(project: ProjectView, last: Fitted) -> None:
    """Draw the hypotheses in one layout, members of a class beside each other."""
    comparison = last.comparison
    groups = scores.ordered(comparison)
    names = [facts.name for _, several in groups for facts in several]
    style = {s.name: s for s in results.styles(project, names)}
    places = results.positions(last.hypotheses.values())
    nodes = list(places)
    dark = theme.is_dark()
    per_row = 3 if len(names) > 2 else max(1, len(names))
    for start in range(0, len(names), per_row):
        columns = st.columns(per_row, gap="small")
        for name, column in zip(names[start : start + per_row], columns, strict=False):
            facts = comparison.hypothesis(name).to_dict()
            view = graph_view(
                last.hypotheses[name],
                style[name].colour,
                places,
                results.titles(project, nodes),
                facts,
                results.units(project, nodes),
            )
            with column:
                mark = widgets.chip(name, style[name].colour)
                group = next(group for group, several in groups if any(f.name == name for f in several))
                tie = (
                    f' <span class="wb-tie">{words.html(scores.class_word(group))}</span>'
                    if len(group.members) > 1
                    else ""
                )
                st.html(f"{mark} {words.html(results.named(project, name).removeprefix(name).strip())}{tie}")
                st.iframe(graph_page(view, dark=dark, height=270), height=278)
                st.download_button(
                    "This picture as a page",
                    lambda view=view, dark=dark: graph_page(view, dark=dark, height=640, zoom=True),
                    f"hypothesis-{name}.html",
                    "text/html",
                    key=f"page_{name}",
                    type="tertiary",
                    on_click="ignore",
                )
    why("arrows", "what do the arrows say?")


def pictures(project: ProjectView, last: Fitted) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        effects(project, last)
    with right:
        disagreement(project, last)


def effects(project: ProjectView, last: Fitted) -> None:
    """Draw what each hypothesis says would happen, on one axis."""
    comparison = last.comparison
    pairs = list(dict.fromkeys((e.treatment, e.outcome) for f in comparison.hypotheses for e in f.effects))
    if not pairs:
        widgets.note("Mark an exposure and an outcome on the Draw page to see what each hypothesis says would happen.")
        return
    treatment, outcome = pairs[0]
    rows: list[Interval] = []
    for style in results.styles(project, [f.name for f in comparison.hypotheses]):
        for effect in comparison.hypothesis(style.name).effects:
            if (effect.treatment, effect.outcome) != (treatment, outcome):
                continue
            label = words.clip(results.named(project, style.name), 26)
            if effect.contrasts and effect.mean is None:
                rows += [
                    Interval(f"{style.letter} {c.name}", c.mean, c.q05, c.q95, colour=style.colour)
                    for c in effect.contrasts[:4]
                ]
            elif effect.mean is None:
                rows.append(Interval(label, None, note="not identified" if not effect.identified else "held back"))
            else:
                rows.append(Interval(label, effect.mean, effect.q05, effect.q95, colour=style.colour))
    x, y = project.title_of(treatment), project.title_of(outcome)
    unit = project.unit_of(outcome)
    per = project.unit_of(treatment)
    results.plot(
        interval_figure(
            rows,
            axis=f"change in {y}{f' [{unit}]' if unit else ''} for one more {x}{f' [{per}]' if per else ''}",
            dark=theme.is_dark(),
            title=f"What {x} does to {y}, if each is right",
            subtitle="dot: posterior mean; bar: 90 % interval",
        ),
        "effects",
        "effects",
    )


def disagreement(project: ProjectView, last: Fitted) -> None:
    """Draw where two hypotheses predict differently, node by node."""
    pairs = [d for d in last.comparison.differences if d.elpd is not None and d.by_node]
    if not pairs:
        return
    pairs.sort(key=lambda d: -abs(d.elpd or 0.0))
    chosen = pairs[0]
    if len(pairs) > 1:
        chosen = st.selectbox(
            "Where they disagree",
            pairs,
            format_func=lambda d: f"{d.a} and {d.b}",
            key="pair",
        )
    first, second = (_style(project, name) for name in (chosen.a, chosen.b))
    nodes = results.titles(project, chosen.by_node)
    worst = max(chosen.by_node, key=lambda node: abs(chosen.by_node[node]))
    if chosen.same_class:
        title = f"{chosen.a} and {chosen.b} are tied; what is left is due to the assumed families"
    elif abs(chosen.elpd or 0.0) < 4 or abs(chosen.elpd or 0.0) < 2 * (chosen.se or 0.0):
        title = f"{chosen.a} and {chosen.b}: no difference in prediction that these data can show"
    else:
        title = f"{chosen.a} and {chosen.b} disagree most on {nodes[worst]}"
    results.plot(
        disagreement_figure(
            chosen.by_node,
            first,
            second,
            nodes,
            dark=theme.is_dark(),
            title=title,
            subtitle=words.clip(chosen.verdict, 90),
        ),
        "disagreement",
        f"disagreement-{chosen.a}-{chosen.b}",
    )
    why("where")


def _style(project: ProjectView, name: str) -> Style:
    return results.styles(project, [name])[0]


def as_json(last: Fitted) -> str:
    """Return the contract's JSON of the comparison."""
    return json.dumps(last.comparison.to_dict(), ensure_ascii=False, indent=1)


main()
