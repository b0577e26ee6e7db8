"""Pages under AppTest: one store in a temporary home, no workers."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from core.comparison.storage import comparison_to_bytes
from core.data.apart import Reading, Table
from core.data.kept import to_bytes
from core.data.read import read_dataset
from core.errors import WhyboardError
from core.jobs.job import Asked, status_from_rows
from core.jobs.status import RequestStatus
from core.store import Store
from core.study import compare
from core.study.comparing import KEPT
from tests.ui.made_projects import view
from ui import doors, results, session

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
Fit = Callable[..., str]


class AtOnce:
    """Reads files here and now, where what is tested is not how they are read."""

    def read(self, content: bytes, name: str, alive: object = None) -> Reading:
        reading = Reading(name)
        try:
            dataset = read_dataset(content, name=name)
            reading.end(Table(dataset, to_bytes(dataset)))
        except WhyboardError as error:
            reading.end(error=error)
        return reading


@pytest.fixture(autouse=True, scope="session")
def _packages_are_searched_once() -> Iterator[None]:
    """Each AppTest looks through all installed packages for components, which took longer than most pages do."""
    with pytest.MonkeyPatch.context() as patch:
        search = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", search)
        yield


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path))
    for name in ("WHYBOARD_DATABASE_URL", "WHYBOARD_ARTIFACTS"):
        monkeypatch.delenv(name, raising=False)
    st.cache_resource.clear()
    kept = session.get_store()
    monkeypatch.setattr(session, "warm_up", lambda: None)
    monkeypatch.setattr(session, "get_readers", AtOnce)
    jobs = SimpleNamespace(
        delete_project_data=kept.delete_project_data, status=lambda id: _status(kept, id), cache=KEPT
    )
    monkeypatch.setattr(session, "get_jobs", lambda: jobs)
    yield kept
    kept.close()
    st.cache_resource.clear()


@pytest.fixture
def open_page(store: Store) -> Open:
    """Open a page of the app, of a project if a token is given, and run it."""

    def open_(page: str = "start", token: str = "", **state: object) -> AppTest:
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
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


def _status(store: Store, id: str) -> RequestStatus:
    return status_from_rows(store.request(id), store.blocks(id))


@pytest.fixture
def fit_blocks() -> dict[str, Any]:
    """How the next fits are done: a test puts another function under ``"now"``."""
    return {"now": None}


@pytest.fixture
def fit(store: Store, monkeypatch: pytest.MonkeyPatch, fit_blocks: dict[str, Any]) -> Fit:
    """Fit a project in this process, as the workers would; also what the page's own button does here."""

    def now(token: str, dataset: Any, hypotheses: Any, **asked: Any) -> str:
        options = {name: asked.pop(name) for name in ("rules", "methods", "rows") if name in asked}
        what = Asked(tuple(hypotheses), options=options, **asked)
        request = store.create_request(token, what.to_payload(dataset), "test")
        found = compare(dataset, hypotheses, fit_blocks=fit_blocks["now"], **asked, **options)
        store.end_request(request.id, "done", result=comparison_to_bytes(found))
        return request.id

    jobs = SimpleNamespace(
        submit=now,
        estimate=lambda plan: 9.0,  # long enough to be offered; tests of what is fitted at once take less
        wait=lambda id, timeout=None: None,
        delete_project_data=store.delete_project_data,
        status=lambda id: _status(store, id),
        cancel=lambda id: store.end_request(id, "cancelled"),
        cache=KEPT,  # where compare keeps its blocks, as the workers keep theirs on disk
    )
    monkeypatch.setattr(session, "get_jobs", lambda: jobs)

    def fitted(token: str) -> str:
        project = view(store, token)
        dataset = project.dataset()
        assert dataset is not None
        return results.submit(project, dataset, results.candidates(project, dataset))

    return fitted


@pytest.fixture
def writes(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count what is written to the store from here on, by the name of the call."""
    made: list[str] = []

    def counting(name: str) -> Callable[..., Any]:
        call = getattr(store, name)

        def counted(*given: Any, **named: Any) -> Any:
            made.append(name)
            return call(*given, **named)

        return counted

    for name in ("add_hypothesis", "save_hypothesis", "update_hypothesis", "delete_hypothesis", "restore_hypothesis",
                 "update_project", "save_upload"):  # fmt: skip
        monkeypatch.setattr(store, name, counting(name))
    monkeypatch.setattr(session, "get_store", lambda: store)
    return made


def shown(test: AppTest) -> str:
    """Return all HTML and Markdown of the page as one text."""
    parts = [str(element.proto.body) for element in test.get("html")]
    parts += [str(element.value) for element in test.markdown]
    return "\n".join(parts)


def token_of(test: AppTest) -> str:
    """Return the project that the address names."""
    found = test.query_params["p"]
    return found if isinstance(found, str) else found[0]
