"""On the Act page: what one row would have shown had something been otherwise."""

from __future__ import annotations

import functools

import streamlit as st

from core.errors import WhyboardError
from core.study.experiment_words import taken_words
from core.study.imagined_words import sentences_of
from core.study.imagining import imagine_from
from core.study.moves import span_of
from core.study.reopening import Reopened
from ui import kept, results, widgets, words
from ui.acting import Asked, levels_of, values_of
from ui.entered import NOTHING, Taken
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["section"]


def section(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, taken: Taken = NOTHING) -> None:
    """Ask for a row and a value, and say in sentences what each hypothesis says."""
    place = results.opened("This one row: what would have happened?", "act_row")
    if not place.open:
        return
    with place:
        st.html(
            f'<div class="wb-small">An average says nothing of one row. Here its own circumstances, as they show in what '
            f"was observed of it, stay what they were. {why('counterfactual')}</div>"
        )
        dataset = reopened.dataset
        left, right = st.columns(2, vertical_alignment="bottom")
        row = int(left.number_input("Row, as it stands in the file", 1, dataset.rows, 1, key="act_row_number"))
        title, levels = words.md(project.title_of(asked.node)), levels_of(reopened, asked.node)
        if levels:
            value: str | float = right.selectbox(f"Had {title} been", levels, int(asked.ends[1]), key="act_row_level")
        else:
            column = next(one for one in last.comparison.data.columns if one.name == asked.node)
            low, high, step = span_of(column, values_of(reopened, asked.node))
            value = right.slider(f"Had {title} been", low, high, value=asked.ends[1], step=step, key="act_row_value")
        by_words: dict[tuple[str, ...], list[str]] = {}
        fits = taken.acting(reopened, None).reopened.fits
        for hypothesis, fit in zip(last.comparison.drawn, fits, strict=True):
            try:
                key = (last.request.id, hypothesis.name, row, asked.node, value, taken)
                settings = {asked.node: value}
                ask = functools.partial(imagine_from, hypothesis, fit, dataset, settings, row=row)
                found = kept.recall("imagined", key, ask)
            except WhyboardError as error:
                widgets.refusal(error)
                continue
            by_words.setdefault(tuple(sentences_of(found, dataset)), []).append(hypothesis.name)
        if taken.experiments:
            widgets.note(words.sentence(taken_words(taken.experiments)))
        for said, names in by_words.items():
            chips = " ".join(widgets.chip(style.letter, style.colour) for style in results.styles(project, names))
            listed = "".join(f"<li>{words.html(text)}</li>" for text in said)
            st.html(f'<div class="wb-small" data-testid="imagined">{chips}<ul class="wb-claims">{listed}</ul></div>')
