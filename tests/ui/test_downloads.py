"""Every download of every page: what is in the file that somebody takes."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

from core.comparison.storage import comparison_from_bytes
from core.store import Store
from tests.ui.conftest import Fit, Open
from tests.ui.made_projects import button, project_of, rivals

NODES = ["x", "m", "y"]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Every download that pages have offered, by its key, or by its words where it has none."""
    files: dict[str, Any] = {}
    original = DeltaGenerator.download_button

    def offer(self: DeltaGenerator, label: str, data: Any, *rest: Any, **named: Any) -> bool:
        files[named.get("key") or label] = data
        return original(self, label, data, *rest, **named)

    monkeypatch.setattr(DeltaGenerator, "download_button", offer)
    monkeypatch.setattr(st, "download_button", lambda *given, **named: offer(st._main, *given, **named))
    return files


@pytest.fixture
def token(store: Store, fit: Fit) -> str:
    made = project_of(store, NODES, *rivals(NODES))
    fit(made)
    return made


def taken(content: Any) -> str:
    """Return a file's text; what is made when it is asked for is made now."""
    made = content() if callable(content) else content
    return made if isinstance(made, str) else made.decode("utf-8-sig")


def table(content: Any) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(taken(content)))


def opened(test: AppTest, *names: str) -> AppTest:
    """Open closed sections: what they hold is made for who looks."""
    for name in names:
        test.session_state[f"open_{name}"] = True
    test.run()
    assert not test.exception
    return test


def test_a_synthetic_data_set_is_the_one_that_is_shown(open_page: Open, token: str, offered: dict[str, Any]) -> None:
    test = open_page("simulate", token, simulated="One data set to keep")
    shown = test.dataframe[-1].value
    found = table(offered["Download as CSV"])
    assert list(found.columns) == NODES
    pd.testing.assert_frame_equal(found.head(100), shown.reset_index(drop=True), check_dtype=False)
    assert button(test, "fit_synthetic")


@pytest.mark.parametrize("page", ["simulate", "check", "compare"])
def test_numbers_behind_figures(open_page: Open, token: str, offered: dict[str, Any], page: str) -> None:
    """A table for each figure that says it, with a number in every row."""
    open_page(page, token)
    numbers = {key: table(content) for key, content in offered.items() if key.startswith("offer_")}
    assert numbers
    for name, found in numbers.items():
        assert len(found), name
        assert found.select_dtypes("number").notna().any(axis=1).all(), name


def test_tables_of_compare_hold_every_arrow_node_and_claim(
    open_page: Open, store: Store, token: str, offered: dict[str, Any]
) -> None:
    opened(open_page("compare", token), "arrows", "nodes", "claims")
    facts = comparison_from_bytes(store.result(store.requests(token)[0].id))
    assert json.loads(taken(offered["comparison_json"])) == json.loads(json.dumps(facts.to_dict()))
    count = {"csv_arrows": "edges", "csv_nodes": "blocks", "csv_claims": "implications"}
    for key, field in count.items():
        assert len(table(offered[key])) == sum(len(getattr(h, field)) for h in facts.hypotheses)


def test_a_picture_is_a_page_with_its_graph(open_page: Open, token: str, offered: dict[str, Any]) -> None:
    open_page("compare", token)
    pages = {key: taken(content) for key, content in offered.items() if key.startswith("page_")}
    assert set(pages) == {"page_A", "page_B"}
    assert all(f'"{node}"' in page for page in pages.values() for node in NODES)
    assert pages["page_A"] != pages["page_B"]


def test_a_hypothesis_as_pymc(open_page: Open, token: str, offered: dict[str, Any]) -> None:
    """The code on the page is the script that is taken; the notebook has it in cells."""
    test = opened(open_page("compare", token), "as_pymc")
    script = taken(offered["as_pymc_script"])
    assert test.code[0].value == script.rstrip()
    compile(script, "script", "exec")
    assert "with pm.Model() as model:" in script
    notebook = json.loads(taken(offered["as_pymc_notebook"]))
    assert notebook["nbformat"] == 4
    assert any("def build(" in "".join(cell["source"]) for cell in notebook["cells"])
    picture = taken(offered["as_pymc_graph"])
    assert picture.startswith("digraph model {")
    assert all(f'"{node}" [label="{node}' in picture for node in NODES)
    assert len(test.get("graphviz_chart")) == 1
