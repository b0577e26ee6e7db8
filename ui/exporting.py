"""Below the Compare page: each hypothesis as PyMC, to read, to copy and to take along."""

from __future__ import annotations

import streamlit as st

from core.check.one_each import one_of_each
from core.check.rows_as import rows_as
from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.model.spec import ModelSpec
from core.report.model_graph import dot_of, model_graph
from core.report.notebook import notebook_of
from core.report.rows import Rows, needed, plain_rows
from core.report.script import script_of
from ui import results, theme, widgets
from ui.results import Fitted
from ui.session import ProjectView

__all__ = ["section", "spec_and_rows"]


def spec_and_rows(dataset: Dataset, last: Fitted, name: str) -> tuple[ModelSpec, Rows]:
    """Return one hypothesis as it was fitted, and how plain pandas reads its rows; WhyboardError where it cannot."""
    spec = next(spec for spec in last.comparison.specs if spec.name == name)
    kept = one_of_each(dataset, rows_as(last.comparison.rows.taken or None, dataset))
    return spec, plain_rows(spec, dataset.source or "data.csv", kept)


def section(project: ProjectView, last: Fitted) -> None:
    """Offer the code of each model, made of the specifications as they were fitted for who opens it."""
    specs = {spec.name: spec for spec in last.comparison.specs}
    dataset = project.dataset()
    if not specs or dataset is None:
        return
    place = results.opened("Each hypothesis as PyMC: the code of its model", "as_pymc")
    if not place.open:
        return
    with place:
        name = next(iter(specs))
        if len(specs) > 1:
            name = st.selectbox("Hypothesis", list(specs), key="as_pymc_which")
        try:
            spec, rows = spec_and_rows(dataset, last, name)
            script, notebook = script_of(spec, rows), notebook_of(spec, rows)
            graph = model_graph(spec, rows)
        except WhyboardError as error:
            widgets.note(str(error))
            return
        widgets.note(
            f"The same priors and the same rows. {needed(rows.path)} It reads your file from beside it and prints the "
            "number of each arrow; the notebook draws too, with matplotlib."
        )
        with st.container(horizontal=True):
            st.download_button(
                "Script", script, "hypothesis.py", "text/x-python", key="as_pymc_script", on_click="ignore"
            )
            st.download_button(
                "Notebook", notebook, "hypothesis.ipynb", "application/json", key="as_pymc_notebook", on_click="ignore"
            )
            picture = dot_of(graph, rows.count)
            st.download_button(
                "Graph of the model (DOT)",
                picture,
                "model.gv",
                "text/vnd.graphviz",
                key="as_pymc_graph",
                on_click="ignore",
            )
        st.graphviz_chart(dot_of(graph, rows.count, theme.tone().ink))
        st.caption(
            "Filled: observed. Ellipses are random variables with their distributions, boxes are computed of others. "
            "A frame holds what there are several of, with their number."
        )
        st.code(script, language="python", height=480)
