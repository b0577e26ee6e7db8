"""On the Act page: what is commonly computed without a graph, and what would overturn an answer."""

from __future__ import annotations

import streamlit as st

from core.effects.contour import Contour
from core.effects.robustness import Robustness
from core.figures.contour import contour_figure
from core.figures.theme import Figure
from core.study.acting import acting_on
from core.study.plainly import Beside, contour_for, plainly
from core.study.reopening import Reopened
from core.words import interval, number
from ui import follows, kept, results, theme, widgets, words
from ui.acting import Asked
from ui.entered import NOTHING, Taken
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["naive", "overturned"]


def naive(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked) -> None:
    """List plain estimates beside what the hypotheses say of the same rows, each with why it differs."""
    place = results.opened("Why plain estimates differ", "act_naive")
    if not place.open:
        return
    with place:
        titles = results.titles(project, [column.name for column in last.comparison.data.columns])
        beside = kept.recall(
            "naive",
            (last.request.id, asked, tuple(titles.items())),
            lambda: plainly(
                acting_on(reopened, given=asked.given),
                follows.acted(last, reopened, asked),  # without experiments, which the plain estimates do not know
                (asked.node, *asked.ends),
                titles=titles,
            ),
        )
        if not beside:
            widgets.note("Of an outcome with several levels no single number is commonly computed.")
            return
        st.html(f'<div class="wb-small">The same step, without a graph {why("naive")}</div>')
        rows = "".join(_line(project, one) for one in beside)
        st.html(
            f'<div class="wb-scroll"><table class="wb-table" data-testid="naive"><tr><th>What is computed</th>'
            f"<th>says</th><th>why it differs</th></tr>{rows}</table></div>"
        )


def _line(project: ProjectView, one: Beside) -> str:
    estimate = one.estimate
    says = f"{number(estimate.mean)} {interval(estimate.q05, estimate.q95)}" if estimate.known else "no number"
    score = "" if estimate.skill is None else f"<br><small>predicts {estimate.skill:.0%} of unseen variation</small>"
    said = "".join(
        "<div>"
        + " ".join(widgets.chip(style.letter, style.colour) for style in results.styles(project, names))
        + f" {words.html(_without_head(sentence))}</div>"
        for names, sentence in one.why
    )
    name = estimate.words[:1].upper() + estimate.words[1:]
    return f"<tr><td>{words.html(name)}{score}</td><td class='wb-num'>{words.html(says)}</td><td>{said}</td></tr>"


def _without_head(sentence: str) -> str:
    """Return the reason alone: the numbers stand beside it."""
    head, colon, rest = sentence.partition(": ")
    return rest[:1].upper() + rest[1:] if colon and rest else head


def overturned(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, taken: Taken = NOTHING) -> None:
    """Draw how strong an unmeasured cause would have to be to overturn one hypothesis' answer."""
    place = results.opened("What would overturn it?", "act_overturn")
    if not place.open:
        return
    with place:
        names = [facts.name for facts in last.comparison.hypotheses]
        name = names[0]
        if len(names) > 1:
            name = (
                st.segmented_control(
                    "The answer of", names, default=name, required=True, key="act_overturn_which", persist_state="page"
                )
                or name
            )
        found = kept.recall(
            "contour",
            (last.request.id, name, asked.node, asked.outcome, asked.given, taken),
            lambda: contour_for(acting_on(reopened), names.index(name), (asked.node, asked.outcome), taken.experiments),
        )
        if found is None:
            widgets.note("There is nothing to overturn: no path leads there, or an end has several levels.")
            return
        robust, contour = found
        x, y = (project.title_of(node) for node in (asked.node, asked.outcome))
        results.said(
            _finding(robust, x, y), f"what would be left of {name}'s answer, on the scale of the columns' model"
        )
        titles = results.titles(project, {mark.name for mark in contour.marks})
        figure = results.picture_of(
            ("contour", last.request.id, name, asked.node, asked.outcome, asked.given, taken, theme.is_dark()),
            lambda: _map(project, contour, names, x, y, titles),
        )
        results.plot(figure, "act_contour", "overturn", _finding(robust, x, y))
        hidden = [
            f"To say what {line.name} says, it would have to hide some of the effect: {line.value:.0%} of what is left of "
            "both, the other way round."
            for line in contour.others
            if line.away and line.value > 0
        ]
        for text in [*hidden, *_experiments(contour, taken, x, y)]:
            widgets.note(text)


def _experiments(contour: Contour, taken: Taken, x: str, y: str) -> list[str]:
    """Say that experiments do not enter here, and how strong a cause would explain what each found."""
    if not taken.experiments:
        return []
    return ["Experiments do not enter here: the map is about what your rows alone say.", *(
        f"To say what {line.name} found, an unmeasured cause would have to "
        f"{'hide some of the effect and ' if line.away else ''}explain {line.value:.0%} of what is left of {x} and of {y}."
        for line in contour.experiments
    )]  # fmt: skip


def _map(project: ProjectView, contour: Contour, names: list[str], x: str, y: str, titles: dict[str, str]) -> Figure:
    styles = dict(zip(names, results.styles(project, names), strict=True))
    return contour_figure(
        contour,
        styles,
        across=f"what an unmeasured cause explains of the rest of {x}",
        up=f"… of the rest of {y}",
        titles=titles,
        dark=theme.is_dark(),
    )


def _finding(robust: Robustness, x: str, y: str) -> str:
    return (
        f"An unmeasured cause of both would have to explain {robust.value:.0%} of what is left of {x} and of {y} to take "
        "the effect to nothing"
    )
