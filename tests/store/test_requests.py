"""Requests, their blocks and results; what is deleted with a project's data."""

import io

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.errors import StoreError
from core.store import BlockRow, Store, load_dataset
from core.store.load import load_snapshot, save_snapshot
from tests.store.store_cases import bytes_of


def row(request: str, key: str, **changes: object) -> BlockRow:
    values = {"nodes": ("x",), "hypotheses": ("A", "B"), "method": "exact", "state": "queued", **changes}
    return BlockRow(request, key, **values)  # type: ignore[arg-type]


def test_a_request_goes_its_way_once(store: Store) -> None:
    token = store.create_project().token
    request = store.create_request(token, {"draws": 4000}, owner="me")
    assert store.request(request.id) == request
    assert request.live
    assert store.update_request(request.id, state="running")
    with pytest.raises(StoreError):
        store.result(request.id)
    assert store.end_request(request.id, "done", result=b"facts")
    done = store.request(request.id)
    assert (done.state, done.fraction, done.live) == ("done", 1.0, False)
    assert store.result(request.id) == b"facts"
    assert not store.end_request(request.id, "cancelled")
    assert not store.update_request(request.id, state="running")
    assert store.request(request.id).state == "done"


def test_what_was_cancelled_never_becomes_done(store: Store) -> None:
    request = store.create_request(store.create_project().token, {})
    assert store.end_request(request.id, "cancelled")
    assert not store.end_request(request.id, "done", result=b"late")
    with pytest.raises(StoreError):
        store.result(request.id)


def test_only_one_service_takes_a_request_over(store: Store) -> None:
    request = store.create_request(store.create_project().token, {}, owner="dead")
    assert store.claim_request(request.id, "one", "dead")
    assert not store.claim_request(request.id, "two", "dead")
    store.beat("one", {request.id: 0.4})
    assert store.request(request.id).fraction == 0.4
    store.beat("two", {request.id: 0.9})
    assert store.request(request.id).fraction == 0.4


def test_blocks_and_their_other_subscribers(store: Store) -> None:
    one, two = (store.create_request(store.create_project().token, {}) for _ in range(2))
    store.save_blocks([row(one.id, "aa"), row(one.id, "bb"), row(two.id, "bb")])
    store.save_blocks([row(one.id, "aa", state="done", fraction=1.0, attempts=2)])
    assert store.blocks(one.id) == (row(one.id, "aa", state="done", fraction=1.0, attempts=2), row(one.id, "bb"))
    assert store.other_live_requests("bb", one.id) == (two.id,)
    assert store.other_live_requests("aa", one.id) == ()
    store.end_request(two.id, "cancelled")
    assert store.other_live_requests("bb", one.id) == ()


def test_deleting_a_projects_data_spares_drawings_and_what_others_use(store: Store) -> None:
    ours, theirs = store.create_project().token, store.create_project().token
    store.save_upload(ours, "a.csv", b"x\n1\n")
    store.save_upload(theirs, "b.csv", b"x\n1\n")
    drawn = store.add_hypothesis(ours, {"name": "A"})
    one, two = store.create_request(ours, {}), store.create_request(theirs, {})
    store.save_blocks([row(one.id, "aa"), row(one.id, "bb"), row(two.id, "bb")])
    store.end_request(one.id, "done", result=b"facts")
    deletion = store.delete_project_data(ours)
    assert (deletion.upload, deletion.files, deletion.requests) == ("a.csv", 2, 1)
    assert deletion.block_keys == ("aa",)
    assert "'a.csv'" in str(deletion)
    assert "1 cached block" in str(deletion)
    assert "blocks" not in str(deletion)
    assert store.upload(ours) is None
    assert store.requests(ours) == ()
    assert store.hypotheses(ours) == (drawn,)
    assert bytes_of(store, theirs) == b"x\n1\n"
    assert str(store.delete_project_data(ours)) == "There was nothing to delete."


def test_where_names_every_place(store: Store) -> None:
    token = store.create_project().token
    store.save_upload(token, "a.csv", b"x\n1\n")
    places = store.where(token)
    assert set(places) == {"drawings and settings", "upload", "results of fits", "cache of fitted blocks"}
    with open(places["upload"], "rb") as file:
        assert file.read() == b"x\n1\n"


def test_timings_keep_the_latest(store: Store) -> None:
    store.record_timing("Poisson/log/2/0", 100, 2.0)
    store.record_timing("Poisson/log/2/0", 200, 1.0)
    assert store.timings() == {"Poisson/log/2/0": (200, 1.0)}


def test_a_data_set_is_read_with_the_users_corrections(store: Store) -> None:
    token = store.create_project().token
    frame = pd.DataFrame({"ads": [1.5, 2.5, 3.5, 0.5], "treated": ["yes", "no", "no", "yes"]})
    store.save_upload(token, "mix.csv", frame.to_csv(index=False).encode())
    store.set_column(token, "ads", label="Ad spend", unit="EUR")
    store.set_column(token, "treated", levels=["yes", "no"])
    store.set_column(token, "gone", unit="kg")  # a column of an earlier file
    dataset = load_dataset(store, token)
    assert dataset.column("ads").axis == "Ad spend [EUR]"
    assert dataset.column("treated").levels == ("yes", "no")
    assert dataset.values("treated").tolist() == [0, 1, 1, 0]


def test_a_snapshot_gives_the_same_numbers_back(store: Store) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "real": [*rng.normal(size=5), np.nan],
            "count": [1, 2, 3, 0, 7, 2],
            "level": ["a", "b", None, "a", "c", "b"],
            "when": pd.to_datetime(["2024-01-01", "2024-02-01", None, "2024-03-01", "2024-04-01", "2024-05-01"]),
            "mixed": [1, "two", 3.5, None, "five", 6],
        }
    )
    dataset = Dataset.from_frame(frame).with_words("real", label="R", unit="m")
    token = store.create_project().token
    path = save_snapshot(store, token, dataset)
    again = load_snapshot(store, path, dataset.fingerprint)
    assert again.columns == dataset.columns
    for name in dataset.names:
        np.testing.assert_array_equal(again.values(name), dataset.values(name))
    with pytest.raises(StoreError):
        load_snapshot(store, path, "another")


def test_a_snapshot_keeps_what_was_set(store: Store) -> None:
    text = '_set,x,y\n,1.5,2.5\nx,2.5,3.0\n"x,y",0.1,7.2\n'
    from core.data.read import read_dataset

    dataset = read_dataset(io.BytesIO(text.encode()), name="e.csv")
    path = save_snapshot(store, store.create_project().token, dataset)
    assert load_snapshot(store, path, dataset.fingerprint).set_by_row == dataset.set_by_row
