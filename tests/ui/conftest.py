"""Pages under AppTest: one store in a temporary home, no workers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.store import Store
from ui import doors, session

ROOT = Path(__file__).resolve().parents[2]

CSV = b"""ads,season,visits,sales
1.5,peak,12,20.5
2.5,off,14,22.5
3.1,peak,18,25.1
2.2,off,11,21.0
4.0,peak,25,30.2
3.6,off,17,27.7
1.1,off,9,18.4
2.9,peak,19,26.0
"""

Open = Callable[..., AppTest]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path))
    for name in ("WHYBOARD_DATABASE_URL", "WHYBOARD_ARTIFACTS"):
        monkeypatch.delenv(name, raising=False)
    st.cache_resource.clear()
    kept = session.get_store()
    monkeypatch.setattr(session, "warm_up", lambda: None)
    monkeypatch.setattr(session, "get_jobs", lambda: SimpleNamespace(delete_project_data=kept.delete_project_data))
    yield kept
    kept.close()
    st.cache_resource.clear()


@pytest.fixture
def open_page(store: Store) -> Open:
    """Open a page of the app, of a project if a token is given, and run it."""

    def open_(page: str = "start", token: str = "", **state: object) -> AppTest:
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        for key, value in state.items():
            test.session_state[key] = value
        if token:
            test.query_params["p"] = token
        test.run()
        if page != "start":
            test.switch_page(f"pages/{page}.py")
            if token:
                test.query_params["p"] = token
            test.run()
        assert not test.exception, [e.value for e in test.exception]
        return test

    return open_


@pytest.fixture
def uploaded(store: Store) -> str:
    """Return the token of a project with the small table."""
    return doors.open_upload("shop.csv", CSV, doors.Asked("ads", "Sales")).token


@pytest.fixture
def marketing(store: Store) -> str:
    """Return the token of a project of the marketing sample."""
    return doors.open_sample(doors.samples()["marketing"]).token


def shown(test: AppTest) -> str:
    """Return all HTML and Markdown of the page as one text."""
    parts = [str(element.proto.body) for element in test.get("html")]
    parts += [str(element.value) for element in test.markdown]
    return "\n".join(parts)


def token_of(test: AppTest) -> str:
    """Return the project that the address names."""
    found = test.query_params["p"]
    return found if isinstance(found, str) else found[0]
