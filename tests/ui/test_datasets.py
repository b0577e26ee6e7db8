"""Data sets in the web process: bounded by bytes, read once, forgotten by project."""

import threading

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.store import Store
from ui import datasets, session
from ui.datasets import Datasets


def made(rows: int) -> Dataset:
    return Dataset.from_frame(pd.DataFrame({"x": np.linspace(0.1, 1, rows) ** 2}))


def test_the_bound_is_on_bytes_and_what_was_not_used_longest_goes_first() -> None:
    kept = Datasets(max_bytes=1_000_000)
    for index in range(100):
        kept.put(f"p{index}", "1", made(10_000))  # 8 bytes as read, 8 as numbers, 1 for what is missing
        kept.get("p0", "1")
        assert kept.size <= 1_000_000
    assert 3 <= len(kept) <= 6
    assert kept.get("p0", "1")[0] is not None
    kept.put("small", "1", made(10))
    assert len(kept) > 3


def test_one_that_is_larger_than_the_bound_is_kept_alone() -> None:
    kept = Datasets(max_bytes=100_000)
    kept.put("a", "1", made(10))
    large = made(50_000)
    kept.put("b", "1", large)
    assert len(kept) == 1
    assert kept.get("b", "1")[0] is large


def test_a_data_set_is_read_once_whoever_asks(store: Store, uploaded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, reads, gate = Datasets(), [], threading.Event()
    load = datasets.load_dataset

    def slow(*given: object) -> Dataset:
        reads.append(given)
        gate.wait(30)
        return load(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(datasets, "load_dataset", slow)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(kept.get(uploaded, "1")[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert len(reads) == 1
    assert len({id(one) for one in found}) == 1
    assert found[0] is not None


def test_deleting_one_projects_data_forgets_its_rows_only(store: Store, uploaded: str, marketing: str) -> None:
    kept = session.get_datasets()
    views = [view_of(store, token) for token in (uploaded, marketing)]
    assert all(view.dataset() is not None for view in views)
    before = len(kept)
    session.delete_data(views[0])
    assert len(kept) == before - 1
    assert views[1].upload is not None
    assert (marketing, views[1].upload.version) in kept


def view_of(store: Store, token: str) -> session.ProjectView:
    from tests.ui.made_projects import view

    return view(store, token)
