"""Many open projects: what a page asks for does not grow with rows, and memory is bounded by bytes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from core.store import Store, load_dataset
from tests.ui.conftest import Fit, Open
from tests.ui.made_projects import project_of, rivals, table
from ui import kept, session

PAGES = ("data", "draw", "simulate", "fit", "check", "compare")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, store: Store) -> Counter[str]:
    """Count reads of data sets, with a cache that never has what is asked for (so many projects are open)."""
    count: Counter[str] = Counter()
    title_of = session.ProjectView.title_of

    class NothingKept:
        def get(self, token: str, version: str, read: Any) -> tuple[Any, None]:
            count["reads"] += 1
            return load_dataset(store, token), None

    def title(self: session.ProjectView, node: str) -> str:
        count["titles"] += 1
        return title_of(self, node)

    monkeypatch.setattr(session, "get_datasets", NothingKept)
    monkeypatch.setattr(session.ProjectView, "title_of", title)
    return count


def test_a_page_reads_the_data_a_few_times_however_many_rows_there_are(
    open_page: Open, store: Store, fit: Fit, counted: Counter[str]
) -> None:
    """It was twice a row of the CSV: past the cache's twelfth project, thousands of readings of the file."""
    tokens = []
    for rows in (60, 600):
        tokens.append(project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"])))
        store.save_upload(tokens[-1], "table.csv", table(["x", "m", "y"], rows))
        fit(tokens[-1])
    for page in PAGES:
        asked = []
        for token in tokens:
            kept.clear()  # each page makes its own, as where it is the first that is opened
            counted.clear()
            open_page(page, token)
            asked.append(dict(counted))
        assert asked[0] == asked[1], page
        assert asked[1]["reads"] <= 4, page  # the frame, and the page; twice, since opening a page runs two scripts
        assert 0 < asked[1]["titles"] < 200, page


def test_what_is_kept_is_bounded_in_bytes_not_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_BYTES", 8_000_000)
    kept.clear()
    made: Counter[int] = Counter()

    def make(number: int, size: int) -> dict[str, np.ndarray]:
        made[number] += 1
        return {"a": np.zeros(size // 8)}

    for _ in range(3):
        for number in range(100):  # all of these fit
            kept.recall("test", number, lambda number=number: make(number, 10_000))  # type: ignore[misc]
    assert set(made.values()) == {1}
    for number in range(200, 208):  # these push the others out
        kept.recall("test", number, lambda number=number: make(number, 1_500_000))  # type: ignore[misc]
    kept.recall("test", 0, lambda: make(0, 10_000))
    assert made[0] == 2
    assert kept._memory().size <= 8_000_000
    kept.clear()


def test_deleting_a_projects_data_forgets_what_was_made_of_them(open_page: Open, store: Store, fit: Fit) -> None:
    token = project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"]))
    fit(token)
    open_page("compare", token)
    assert len(kept._memory())
    project = session.ProjectView(token, "", "", None, None, {}, store.upload(token))
    session.delete_data(project)
    assert not len(kept._memory())
