"""Whether the store can be used, found out by writing: read only, damaged, replaced, gone, silent."""

import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from core.errors import StoreError
from core.store import Store


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    """A store whose database lies in one file, as after a checkpoint."""
    with Store(home=tmp_path) as store:
        store.create_project()
        with store.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        yield store


def test_a_store_that_can_be_used_passes_and_stays_as_it_was(kept: Store) -> None:
    token = kept.create_project("mine").token
    kept.check(thorough=True)
    kept.check()
    assert kept.project(token).title == "mine"
    assert not list((kept.settings.home / "artifacts").rglob("*/*"))


def test_a_database_that_is_read_only_is_noticed(kept: Store, tmp_path: Path) -> None:
    readonly = f"sqlite:///file:{tmp_path}/whyboard.db?mode=ro&uri=true"
    kept.database._url = make_url(readonly)  # as if it had been mounted so meanwhile
    with pytest.raises(StoreError, match="readonly"):
        kept.check()


def test_a_database_that_is_no_database_any_more_is_noticed(kept: Store, tmp_path: Path) -> None:
    (tmp_path / "whyboard.db").write_bytes(b"no database at all, " * 500)
    with pytest.raises(StoreError, match="not a database"):
        kept.check()
    kept.close()
    with pytest.raises(StoreError, match="not a database"):
        Store(home=tmp_path)


def test_damage_inside_is_found_by_the_look_at_the_start(kept: Store, tmp_path: Path) -> None:
    path = tmp_path / "whyboard.db"
    with sqlite3.connect(path) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'projects'").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : (page - 1) * size + 200] = b"\xff" * 200
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        kept.check(thorough=True)


def test_a_database_without_its_tables_or_its_file_is_noticed(kept: Store, tmp_path: Path) -> None:
    path = tmp_path / "whyboard.db"
    with kept.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    with pytest.raises(StoreError, match="no tables"):
        kept.check()
    path.rename(tmp_path / "elsewhere.db")  # connections that are open would not notice
    with pytest.raises(StoreError, match="gone"):
        kept.check()
    assert not path.exists()


def test_a_folder_of_files_that_cannot_be_written_is_noticed(kept: Store, tmp_path: Path) -> None:
    folder = tmp_path / "artifacts"
    folder.rename(tmp_path / "away")
    folder.write_text("a file in its place")
    with pytest.raises(StoreError, match="stored file"):
        kept.check()


@pytest.mark.parametrize("listening", [True, False])
def test_a_postgresql_that_is_gone_or_silent_is_noticed_soon(kept: Store, listening: bool) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if listening:  # takes the connection and says nothing
            server.listen()
        port = server.getsockname()[1]
        kept.database._url = make_url(f"postgresql+pg8000://whyboard:secret@127.0.0.1:{port}/whyboard")
        with pytest.raises(StoreError) as refused:
            kept.check()
    assert "secret" not in f"{refused.value} {refused.value.hint}"


def test_a_home_made_beforehand_is_closed_to_others(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with Store(home=home) as store:
        token = store.create_project().token
        store.save_upload(token, "a.csv", b"x\n1\n")
    for path in (home, home / "whyboard.db", home / "artifacts"):  # as an earlier version left them
        path.chmod(0o755 if path.is_dir() else 0o644)
    with Store(home=home):
        assert modes(home) == {0o700}
        assert modes(*home.glob("whyboard.db*")) == {0o600}


def test_in_a_folder_that_others_use_too_only_ours_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "shared"
    home.mkdir()
    home.chmod(0o755)
    (home / "notes.txt").write_text("somebody else's")
    (home / "notes.txt").chmod(0o644)
    (home / "artifacts").mkdir()
    (home / "artifacts").chmod(0o755)
    with Store(home=home) as store:
        store.save_upload(store.create_project().token, "a.csv", b"x\n1\n")
        assert modes(home, home / "notes.txt") == {0o755, 0o644}
        assert modes(home / "artifacts", home / "cache", home / "logs") == {0o700}
        assert modes(*home.glob("whyboard.db*")) == {0o600}
    sticky = tmp_path / "sticky"
    sticky.mkdir()
    sticky.chmod(0o1777)
    with Store(home=sticky):
        assert sticky.stat().st_mode & 0o7777 == 0o1777


def test_what_cannot_be_closed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    home = tmp_path / "home"
    (home / "artifacts").mkdir(parents=True)
    for path in (home, home / "artifacts"):
        path.chmod(0o755)

    def not_mine(self: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", not_mine)
    with Store(home=home):
        assert "artifacts can be read by other users" in caplog.text


def test_files_elsewhere_are_their_owners_alone(tmp_path: Path) -> None:
    from core.store.artifacts import Artifacts

    old = tmp_path / "files" / ("ab" * 12)
    old.mkdir(parents=True)
    for path in (old, tmp_path / "files"):
        path.chmod(0o755)
    files = Artifacts(str(tmp_path / "files"))
    files.write(f"{'cd' * 12}/uploads/a.csv", b"x")
    assert modes(old, tmp_path / "files" / ("cd" * 12)) == {0o700}


def modes(*paths: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in paths}
