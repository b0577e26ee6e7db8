"""Projects with data and rivals, for the pages of results."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from core.hypothesis import Edge, Hypothesis, Node
from core.store import Store
from ui import session


def table(names: list[str], rows: int = 120) -> bytes:
    """A chain from the first column to the last, and the first also directly to the last."""
    rng = np.random.default_rng(5)
    columns = {names[0]: rng.normal(size=rows)}
    for before, name in pairwise(names):
        columns[name] = 0.9 * columns[before] + rng.normal(size=rows)
    columns[names[-1]] = columns[names[-1]] + columns[names[0]]
    return pd.DataFrame(columns).round(4).to_csv(index=False).encode()


def graph(name: str, *edges: tuple[str, str], **options: Any) -> Hypothesis:
    nodes = tuple(dict.fromkeys(node for edge in edges for node in edge))
    return Hypothesis(name, tuple(Node(n) for n in nodes), tuple(Edge(a, b) for a, b in edges), **options)


def project_of(store: Store, names: list[str], *hypotheses: Hypothesis, **settings: Any) -> str:
    made = session.new_project("Test", "Does it?", exposure=names[0], outcome=names[-1], settings=settings)
    store.save_upload(made.token, "table.csv", table(names))
    for hypothesis in hypotheses:
        store.add_hypothesis(made.token, hypothesis.to_dict())
    return made.token


def rivals(names: list[str]) -> list[Hypothesis]:
    chain = list(pairwise(names))
    return [graph("Direct too", *chain, (names[0], names[-1])), graph("Only through", *chain)]


def view(store: Store, token: str) -> session.ProjectView:
    kept = store.project(token)
    return session.ProjectView(
        token, kept.title, kept.question, kept.exposure, kept.outcome, kept.settings, store.upload(token)
    )


def button(test: AppTest, key: str) -> Any:
    return next(found for found in test.button if found.key == key)
