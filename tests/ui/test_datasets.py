"""Data sets in the web process: bounded by bytes, read once, forgotten by project."""

import threading

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.store import Store
from ui import session
from ui.datasets import Datasets


def never() -> Dataset:
    raise AssertionError("it is kept, and need not be read")


def made(rows: int) -> Dataset:
    return Dataset.from_frame(pd.DataFrame({"x": np.linspace(0.1, 1, rows) ** 2}))


def test_the_bound_is_on_bytes_and_what_was_not_used_longest_goes_first() -> None:
    kept = Datasets(max_bytes=1_000_000)
    for index in range(100):
        kept.put(f"p{index}", "1", made(10_000))  # 8 bytes as read, 8 as numbers, 1 for what is missing
        kept.get("p0", "1", never)
        assert kept.size <= 1_000_000
    assert 3 <= len(kept) <= 6
    assert kept.get("p0", "1", never)[0] is not None
    kept.put("small", "1", made(10))
    assert len(kept) > 3


def test_one_that_is_larger_than_the_bound_is_kept_alone() -> None:
    kept = Datasets(max_bytes=100_000)
    kept.put("a", "1", made(10))
    large = made(50_000)
    kept.put("b", "1", large)
    assert len(kept) == 1
    assert kept.get("b", "1", never)[0] is large


def test_a_data_set_is_read_once_whoever_asks() -> None:
    kept, reads, gate = Datasets(), [], threading.Event()

    def slow() -> Dataset:
        reads.append("once")
        gate.wait(30)
        return made(10)

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(kept.get("p", "1", slow)[0])) for _ in range(4)]
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
