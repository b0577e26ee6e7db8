"""Who is looking at what: the services of this process and the project of this browser tab.

For a page
----------
::

    from ui import frame, session

    project = session.require()        # the project that ?p= names; otherwise says so and stops the page
    frame.header(project)              # the question, exposure and outcome; the same over every page
    dataset = project.dataset()        # core Dataset with the user's kinds, labels, units, levels; None without data
    records = project.hypotheses()     # tuple of HypothesisRecord: .id .letter .colour .name .hypothesis .problem
    project.title_of("ads")            # the user's label for a node, plain text: words.md / words.html on the way out

    session.get_store()                # core.store.Store, one a process
    session.get_jobs()                 # core.jobs.JobService, one a process, started in the background
    session.put_setting(project, fit={"draws": 4000})         # small page settings, kept with the project
    project.settings.get("fit", {})
    session.page_link("fit", "Fit them", project)             # keeps ?p=; st.page_link alone would lose it
    session.go("compare", project)                            # switches page, keeps ?p=

What is kept where
------------------
The store holds whatever must survive; ``st.session_state`` only what a tab is in the
middle of. A project is found by the token in the address (``?p=…``), so a reload, another
tab or a colleague with the link finds the same project. Tokens are never listed; the
recent projects on the Start page come from the browser's own memory (``ui.recent``).

What is handed out is frozen. To change something call a function of this module; the next
run of the page reads it again (a few queries, and the data set from a cache by its version).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.check.rows_as import in_order, rows_as
from core.data.apart import MEMORY, Readers
from core.data.dataset import Dataset
from core.errors import StoreError, WhyboardError
from core.hypothesis import Hypothesis
from core.store import Deletion, Store, StoredHypothesis, Upload, load_dataset
from ui import kept, served
from ui.datasets import get_datasets
from ui.journey import PAGES

if TYPE_CHECKING:
    from core.jobs import JobService

__all__ = [
    "PAGES",
    "HypothesisRecord",
    "ProjectView",
    "current",
    "delete_data",
    "get_jobs",
    "get_readers",
    "get_store",
    "go",
    "new_project",
    "page_link",
    "put_setting",
    "require",
    "save_hypothesis",
]

_FILES = {key: path for key, path, _ in PAGES}
_ROOT = Path(__file__).resolve().parent.parent
_FRAMED = "whyboard_framed"
_TOKEN = "whyboard_token"  # noqa: S105 — the name of a session key


# -- services ---------------------------------------------------------------------


@st.cache_resource(show_spinner=False)
def get_store() -> Store:
    """Return the store of this process."""
    return Store()


@st.cache_resource(show_spinner=False)
def get_jobs() -> JobService:
    """Return the job service of this process; its workers start in the background."""
    from core.jobs import JobService

    service = JobService(get_store())
    service.start()
    return service


@st.cache_resource(show_spinner=False)
def get_readers() -> Readers:
    """Return what reads uploads in this process's name, each in a process of its own."""
    from core.jobs.losses import memory_bytes

    return Readers(memory=min(MEMORY, memory_bytes() * 6 // 10))


def read_apart(content: bytes, name: str) -> bytes:
    """Read a stored file in a process of its own; DataError if it is refused."""
    return get_readers().read(content, name).result().table


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Start the workers with the first visit, without keeping it waiting for their imports.

    What pages import too comes first, in this thread: two threads that import parts of one
    package at once may see each other's half finished modules. Dask is left for the other.
    """
    import pandas  # noqa: F401

    import core.jobs.service
    import core.study  # noqa: F401

    thread = threading.Thread(target=_start, name="whyboard-start", daemon=True)
    thread.start()
    return thread


def _start() -> None:
    get_jobs()
    if get_store().settings.warm:
        get_readers().warm()


# -- the project ------------------------------------------------------------------


@dataclass(frozen=True)
class HypothesisRecord:
    """One hypothesis as pages see it.

    ``hypothesis`` is None only where the stored record cannot be read; ``problem`` then
    says why, and the drawing can still be deleted.
    """

    id: str
    letter: str
    colour: str
    name: str
    note: str
    rev: int
    seq: int
    updated: float
    hypothesis: Hypothesis
    problem: WhyboardError | None = None

    @property
    def title(self) -> str:
        """Letter and name; the letter alone where they are the same. Plain text."""
        return self.letter if self.name == self.letter else f"{self.letter} {self.name}"


@dataclass(frozen=True)
class ProjectView:
    """A project as it is in this run of the page."""

    token: str
    title: str
    question: str
    exposure: str | None
    outcome: str | None
    settings: Mapping[str, Any]
    upload: Upload | None

    def dataset(self) -> Dataset | None:
        """Return the project's data with the user's corrections, and the order that rows are said to have; None if none.

        A view asks for them once, so that asking again costs nothing. What could not be read is :func:`data_problem`.
        """
        return self._read[0]

    def data_problem(self) -> WhyboardError | None:
        """Return why the stored file cannot be read any more, if so."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[Dataset | None, WhyboardError | None]:
        if self.upload is None:
            return None, None
        read = partial(load_dataset, get_store(), self.token, read_apart)
        found, problem = get_datasets().get(self.token, self.upload.version, read)
        return found and in_order(found, rows_as(self.settings.get("rows"))), problem

    @cached_property
    def _words(self) -> Mapping[str, tuple[str, str]]:
        """Title and unit of every column."""
        dataset = self.dataset()
        return {} if dataset is None else {c.name: (c.title, c.unit) for c in map(dataset.column, dataset.names)}

    def hypotheses(self) -> tuple[HypothesisRecord, ...]:
        """Return the project's drawings in their order."""
        return tuple(_record(record) for record in get_store().hypotheses(self.token))

    @cached_property
    def seen(self) -> tuple[HypothesisRecord, ...]:
        """The drawings as a run of a page first saw them, for what only shows them: read once a run."""
        return self.hypotheses()

    def title_of(self, node: str) -> str:
        """Return the user's label for a node, its name where there is none (plain text)."""
        return self._words[node][0] if node in self._words else node

    def unit_of(self, node: str) -> str:
        """Return the user's unit for a node; empty where there is none."""
        return self._words[node][1] if node in self._words else ""

    @property
    def name(self) -> str:
        """The title, or words in its place."""
        return self.title or "Untitled project"


def current(restore: bool = True) -> ProjectView | None:
    """Return the project that the address names; None if it names none.

    With ``restore`` a page reached without ``?p=`` takes the project this tab had open.
    The Start page does not restore: without ``?p=`` it is the way to begin anew.

    Raises
    ------
    StoreError
        If the address leads nowhere.
    """
    token = st.query_params.get("p") or ""
    if not token and restore:
        token = st.session_state.get(_TOKEN, "")
        if token:
            st.query_params["p"] = token
    if not token:
        return None
    store = get_store()
    project = store.project(token)
    st.session_state[_TOKEN] = token
    return ProjectView(
        token,
        project.title,
        project.question,
        project.exposure,
        project.outcome,
        project.settings,
        store.upload(token),
    )


def leave() -> None:
    """Leave the project: the next run has none."""
    st.session_state.pop(_TOKEN, None)
    st.query_params.pop("p", None)


def framed() -> None:
    """Note that this tab's pages run inside the frame (``app.py``)."""
    served.spare_a_look_around()
    st.session_state[_FRAMED] = True


def _insist_on_frame() -> None:
    """Send a page that runs without its frame through ``app.py``.

    Beside a folder called ``pages`` a fresh server takes the first address it is asked for
    to be a script of that folder, until ``st.navigation`` was called once. After a restart
    a reloaded page would stand there without sidebar, style and project.
    """
    if not st.session_state.get(_FRAMED):
        st.navigation([st.Page(_ROOT / path, url_path=key) for key, path, _ in PAGES], position="hidden")
        framed()
        st.rerun()


def require() -> ProjectView:
    """Return the project, or say what to do and stop the page."""
    from ui import widgets

    _insist_on_frame()
    try:
        project = current()
    except StoreError as error:
        st.session_state.pop(_TOKEN, None)
        widgets.refusal(error)
        page_link("start", "Start a new project", None, icon=":material/arrow_back:")
        st.stop()
    if project is None:
        widgets.empty_page(
            "Nothing is open yet.",
            "Open a sample, upload data or draw a graph first; this page then shows it.",
        )
        page_link("start", "Go to the start", None, icon=":material/arrow_back:")
        st.stop()
    return project


def new_project(
    title: str = "",
    question: str = "",
    *,
    exposure: str | None = None,
    outcome: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> ProjectView:
    """Create a project and make it this tab's."""
    made = get_store().create_project(title, question, exposure=exposure, outcome=outcome, settings=settings or {})
    st.session_state[_TOKEN] = made.token
    return ProjectView(made.token, title, question, exposure, outcome, made.settings, None)


def put_setting(project: ProjectView, **settings: Any) -> None:
    """Keep small JSON settings with the project; None removes one."""
    get_store().change_settings(project.token, **settings)


def delete_data(project: ProjectView) -> Deletion:
    """Delete the project's upload, fits and caches; its rows leave this process's memory too."""
    done = get_jobs().delete_project_data(project.token)
    kept.clear()
    get_datasets().forget(project.token)
    return done


def save_hypothesis(
    project: ProjectView,
    id: str,
    hypothesis: Hypothesis,
    *,
    rev: int | None = None,
    seq: int | None = None,
    seen: float | None = None,
) -> HypothesisRecord:
    """Keep a drawing. Without counters (an edit made outside the canvas) the canvas is told to reload it.

    ``seen`` is the ``updated`` of the record that was changed: where another tab has written the
    drawing since, :class:`core.errors.ChangedError` says so and nothing is kept.
    """
    store = get_store()
    if rev is None or seq is None:
        rev, seq = store.hypothesis(project.token, id).rev + 1, 0
    return _record(store.save_hypothesis(project.token, id, hypothesis.to_dict(), rev=rev, seq=seq, seen=seen))


def _record(record: StoredHypothesis) -> HypothesisRecord:
    problem: WhyboardError | None = None
    try:
        hypothesis = record.hypothesis
    except WhyboardError as error:
        hypothesis, problem = Hypothesis(record.name), error
    return HypothesisRecord(
        record.id,
        record.letter,
        record.colour,
        record.name,
        record.note,
        record.rev,
        record.seq,
        record.updated,
        hypothesis,
        problem,
    )


# -- moving between pages ---------------------------------------------------------


def page_link(
    key: str, label: str, project: ProjectView | None, *, icon: str | None = None, disabled: bool = False
) -> None:
    """Draw a link to a page of ``PAGES`` that keeps the project. ``label`` is Markdown."""
    query = {"p": project.token} if project else None
    st.page_link(_FILES[key], label=label, icon=icon, query_params=query, disabled=disabled, width="stretch")


def go(key: str, project: ProjectView | None = None) -> None:
    """Switch to a page of ``PAGES``; ends this run."""
    query = {"p": project.token} if project else None
    st.switch_page(_FILES[key], query_params=query)


def address(project: ProjectView, key: str = "data") -> str:
    """Return the address of a page of this project, to copy; relative where the browser does not tell its own."""
    base = (st.context.url or "").split("?")[0].rstrip("/")
    for other, _, _ in PAGES:
        base = base.removesuffix(f"/{other}")
    return f"{base}/{key}?p={project.token}"
