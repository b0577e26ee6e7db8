"""A page resolves what is drawn once: its rows, its settings and its estimate take the same specification."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pandas as pd
import pytest

import core.study.modelling as modelling
from core.data.dataset import Dataset
from core.hypothesis import Hypothesis
from core.store import Store
from tests.ui.conftest import Fit, Open
from tests.ui.made_projects import project_of, rivals, table
from ui import asking

Calls = Counter[tuple[object, ...]]


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Count, for each graph over the same nodes, how often it is resolved."""
    seen: Calls = Counter()
    for module in (modelling, asking):
        resolve = module.resolve

        def counting(hypothesis: Hypothesis, *data: Any, _resolve: Any = resolve, **options: Any) -> Any:
            seen[hypothesis.edges, tuple(options["nodes"])] += 1
            return _resolve(hypothesis, *data, **options)

        monkeypatch.setattr(module, "resolve", counting)
    return seen


@pytest.mark.parametrize("page", ["simulate", "fit", "check", "compare"])
def test_a_page_resolves_each_hypothesis_once(
    open_page: Open, store: Store, fit: Fit, resolved: Calls, page: str
) -> None:
    token = project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"]))
    fit(token)
    test = open_page(page, token)
    assert len(resolved) == 2
    assert set(resolved.values()) == {1}
    test.run()
    assert set(resolved.values()) == {1}


def test_a_drawing_that_is_called_otherwise_or_moved_is_not_resolved_again(store: Store, resolved: Calls) -> None:
    names = ["x", "m", "y"]
    one, two = rivals(names)
    dataset = Dataset.from_frame(pd.read_csv(io.BytesIO(table(names))))
    first = modelling.modelled([one, two], dataset)
    moved = one.with_node("x", position=(3.0, 4.0)).renamed("A")
    again = modelling.modelled([moved, two], dataset)
    specs = first.spec(0, dataset), again.spec(0, dataset)
    assert [spec.name for spec in specs] == ["Direct too", "A"]
    assert specs[0].nodes == specs[1].nodes
    assert list(resolved.values()) == [1]
    other = modelling.modelled([one.with_node("y", family="StudentT"), two], dataset)
    assert other.spec(0, dataset).node("y").family == "StudentT"
