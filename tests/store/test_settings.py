"""Where things are kept."""

from pathlib import Path

from core.settings import load_settings, user_data_folder


def test_everything_lies_under_one_folder_by_default(tmp_path: Path) -> None:
    found = load_settings(environ={"WHYBOARD_HOME": str(tmp_path)})
    assert found.home == tmp_path
    assert found.database_url == f"sqlite:///{tmp_path}/whyboard.db"
    assert Path(found.artifacts).is_relative_to(tmp_path)
    assert found.blocks.is_relative_to(tmp_path)
    assert found.scheduler == ""


def test_the_environment_names_other_services(tmp_path: Path) -> None:
    environ = {
        "WHYBOARD_HOME": str(tmp_path),
        "WHYBOARD_DATABASE_URL": "postgresql+pg8000://db/why",
        "WHYBOARD_ARTIFACTS": "memory://why",
        "WHYBOARD_DASK_SCHEDULER": "tcp://scheduler:8786",
    }
    found = load_settings(environ=environ)
    assert (found.database_url, found.artifacts, found.scheduler) == tuple(environ.values())[1:]
    assert load_settings(tmp_path / "other", environ).home == tmp_path / "other"


def test_the_users_data_folder_by_platform() -> None:
    assert user_data_folder({"XDG_DATA_HOME": "/data"}, "linux") == Path("/data")
    assert user_data_folder({}, "linux") == Path.home() / ".local" / "share"
    assert user_data_folder({}, "darwin") == Path.home() / "Library" / "Application Support"
    assert user_data_folder({"LOCALAPPDATA": "L"}, "win32") == Path("L")


def test_files_can_lie_on_any_fsspec_file_system(tmp_path: Path) -> None:
    from core.store.artifacts import Artifacts

    files = Artifacts("memory://whyboard-test")
    files.write("p/uploads/a.csv", b"x")
    assert files.read("p/uploads/a.csv") == b"x"
    assert files.exists("p/uploads/a.csv")
    assert files.where("p").startswith("memory://")
    assert files.delete("p") == (1, 1)
    assert files.delete("p") == (0, 0)
