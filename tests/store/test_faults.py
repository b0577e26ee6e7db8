"""What goes wrong around a store: two tabs, a full disk, other versions, other users of the machine."""

import threading
from pathlib import Path

import pytest

from core.errors import ChangedError, StoreError
from core.hypothesis import Hypothesis, Node
from core.jobs.service import _abandoned
from core.settings import load_settings, make_home
from core.store import Store
from core.store.artifacts import Artifacts
from core.store.records import LiveRequest
from tests.store.store_cases import bytes_of


def drawing(*nodes: str) -> dict[str, object]:
    return Hypothesis("A", tuple(Node(node) for node in nodes)).to_dict()


def test_what_another_tab_drew_is_not_overwritten_unseen(store: Store) -> None:
    token = store.create_project().token
    both = store.add_hypothesis(token, drawing("x"))
    mine = store.save_hypothesis(token, both.id, drawing("x", "mine"), rev=1, seq=1, seen=both.updated)
    with pytest.raises(ChangedError, match="another tab"):
        store.save_hypothesis(token, both.id, drawing("x", "theirs"), rev=1, seq=1, seen=both.updated)
    assert store.hypothesis(token, both.id) == mine
    store.update_hypothesis(token, both.id, note="why", colour="#000000")  # is no change of the drawing
    theirs = store.save_hypothesis(token, both.id, drawing("theirs"), rev=2, seq=0, seen=mine.updated)
    assert (theirs.document, theirs.note) == (drawing("theirs"), "why")
    new = store.save_hypothesis(token, "unknown", drawing("x"), seen=1.0)
    assert new.letter == "B"


def test_of_uploads_at_once_one_file_is_left(store: Store, tmp_path: Path) -> None:
    token = store.create_project().token
    contents = [f"x\n{number}\n".encode() for number in range(6)]
    threads = [threading.Thread(target=store.save_upload, args=(token, "a.csv", content)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [path for path in (tmp_path / "artifacts").rglob("*.csv") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [bytes_of(store, token)]


def test_a_deletion_that_fails_forgets_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    token = store.create_project().token
    store.save_upload(token, "a.csv", b"x\n1\n")
    store.create_request(token, {})

    def refuse(path: str) -> tuple[int, int]:
        raise StoreError("a stored file cannot be used (Permission denied)", place=path)

    with monkeypatch.context() as patched:
        patched.setattr(store.artifacts, "delete", refuse)
        for delete in (store.delete_project_data, store.delete_project):
            with pytest.raises(StoreError, match="Permission"):
                delete(token)
    assert bytes_of(store, token) == b"x\n1\n"
    deletion = store.delete_project_data(token)
    assert (deletion.upload, deletion.files, deletion.requests) == ("a.csv", 1, 1)


def test_a_full_disk_leaves_no_halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = Artifacts(str(tmp_path / "files"))
    files.write("p/whole", b"first")
    write = files._fs.pipe_file

    def full(path: str, content: bytes) -> None:
        write(path, content[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files._fs, "pipe_file", full)
    with pytest.raises(StoreError, match="No space left"):
        files.write("p/whole", b"second")
    assert [path.name for path in (tmp_path / "files" / "p").iterdir()] == ["whole"]
    assert files.read("p/whole") == b"first"


def test_tables_of_a_newer_version_are_refused_in_words(url: str, tmp_path: Path) -> None:
    with Store(url=url, home=tmp_path) as store, store.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version of Whyboard"):
        Store(url=url, home=tmp_path)


def test_errors_of_the_database_do_not_tell_addresses_of_projects(store: Store) -> None:
    import sqlalchemy as sa

    token = store.create_project().token
    with pytest.raises(StoreError) as refused, store.database.read() as connection:
        connection.execute(sa.text("SELECT nonsense FROM projects WHERE token = :token"), {"token": token})
    assert token not in f"{refused.value} {refused.value.__cause__}"


def test_the_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    with Store(home=tmp_path / "new" / "home") as store:
        assert store.settings.home.stat().st_mode & 0o777 == 0o700
    (tmp_path / "given").mkdir(mode=0o750)
    assert make_home(load_settings(tmp_path / "given", {})) == ()
    assert (tmp_path / "given").stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as refused:
        Store(home=tmp_path / "file" / "home")
    assert "WHYBOARD_HOME" in refused.value.hint


def test_all_live_requests_are_found_however_many(store: Store) -> None:
    token = store.create_project().token
    made = [store.create_request(token, {}, owner="me").id for _ in range(205)]
    store.end_request(made[3], "cancelled")
    live = store.live_requests()
    assert [request.id for request in live] == [id for id in made if id != made[3]]
    assert {request.owner for request in live} == {"me"}
    states = store.request_states([*made, "gone"])
    assert states == {**dict.fromkeys(made, "queued"), made[3]: "cancelled"}


@pytest.mark.parametrize("away", [-3600.0, 3600.0])
def test_a_clock_that_jumps_leaves_no_request_lying(away: float) -> None:
    import time

    assert _abandoned(LiveRequest("id", "elsewhere/1/ab", time.time() + away))
    assert not _abandoned(LiveRequest("id", "elsewhere/1/ab", time.time()))
