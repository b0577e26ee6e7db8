"""Where things are kept and what runs them, read from the environment in one place.

============================  ============================================================
``WHYBOARD_HOME``             one folder for everything (default: ``whyboard`` in the
                              user's data folder)
``WHYBOARD_DATABASE_URL``     tables (default: SQLite in the home folder); PostgreSQL as
                              ``postgresql+pg8000://user:password@host/name``
``WHYBOARD_ARTIFACTS``        uploads and results, any fsspec URL (default: a folder in
                              the home folder)
``WHYBOARD_DASK_SCHEDULER``   address of a Dask scheduler to use instead of starting one
``WHYBOARD_SCHEDULER_PATIENCE``  seconds for which fits wait for that scheduler while
                              it is away (default: 600)
``WHYBOARD_WARM``             ``0``: workers do not import and compile in advance (tests)
============================  ============================================================
"""

import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PRIVATE_FOLDER", "Settings", "close_to_others", "load_settings", "make_home", "user_data_folder"]

PATIENCE = 600.0
PRIVATE_FOLDER = 0o700
OTHERS = stat.S_IRWXG | stat.S_IRWXO
KEPT_FOLDERS = ("artifacts", "cache", "logs")
DATABASE = "whyboard.db"  # and what SQLite puts beside it


@dataclass(frozen=True)
class Settings:
    """Resolved settings; nothing else reads ``WHYBOARD_*`` for places or services.

    Parameters
    ----------
    home : Path
        The data folder. It may not exist yet.
    database_url : str
        An SQLAlchemy URL.
    artifacts : str
        An fsspec URL, or a path.
    scheduler : str
        Address of an existing Dask scheduler; empty to start a local one.
    patience : float
        Seconds for which fits wait for that scheduler while it is away.
    warm : bool
        Whether local workers import and compile before they are asked.
    """

    home: Path
    database_url: str
    artifacts: str
    scheduler: str = ""
    patience: float = PATIENCE
    warm: bool = True

    @property
    def blocks(self) -> Path:
        """Folder of the cache of fitted blocks."""
        return self.home / "cache" / "blocks"

    @property
    def compiled(self) -> Path:
        """Folder under which each worker keeps what PyTensor compiled."""
        return self.home / "cache" / "compiled"


def load_settings(home: str | Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; ``home`` overrides ``WHYBOARD_HOME``."""
    environ = os.environ if environ is None else environ
    folder = Path(home or environ.get("WHYBOARD_HOME") or user_data_folder(environ) / "whyboard")
    folder = folder.expanduser().absolute()
    return Settings(
        home=folder,
        database_url=environ.get("WHYBOARD_DATABASE_URL") or f"sqlite:///{(folder / DATABASE).as_posix()}",
        artifacts=environ.get("WHYBOARD_ARTIFACTS") or str(folder / "artifacts"),
        scheduler=environ.get("WHYBOARD_DASK_SCHEDULER", ""),
        patience=_seconds(environ.get("WHYBOARD_SCHEDULER_PATIENCE", ""), PATIENCE),
        warm=environ.get("WHYBOARD_WARM", "1") != "0",
    )


def _seconds(text: str, default: float) -> float:
    """Read a number of seconds; one that is none becomes NaN, and is refused where it is needed."""
    try:
        return float(text) if text.strip() else default
    except ValueError:
        return float("nan")


def make_home(settings: Settings) -> tuple[str, ...]:
    """Make the data folder, for its owner alone: uploads and the addresses of projects lie in it.

    A folder that is there already is closed to others too, if it is ours and holds nothing
    but what we keep; else what we keep in it is.

    Returns
    -------
    tuple of str
        What others can still read, and why: sentences for whoever starts Whyboard.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    settings.home.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        settings.home.mkdir(mode=PRIVATE_FOLDER)
        return ()
    if not _has_modes(settings.home):
        return ()
    found = sorted(settings.home.iterdir())
    ours = [path for path in found if path.name in KEPT_FOLDERS or path.name.startswith(DATABASE)]
    if ours == found and not settings.home.stat().st_mode & stat.S_ISVTX and close_to_others(settings.home):
        return ()
    open_still = [path for path in ours if not close_to_others(path)]
    for name in KEPT_FOLDERS:  # what will be made later lies in these
        with suppress(FileExistsError):
            (settings.home / name).mkdir(mode=PRIVATE_FOLDER)
    return tuple(
        f"{path} can be read by other users of this machine, and is not ours to change; make it the property of the "
        "user that runs Whyboard, or set WHYBOARD_HOME to a folder of its own."
        for path in open_still
    )


def close_to_others(path: Path) -> bool:
    """Take a file or folder away from everybody but its owner; return whether nobody else can read it now."""
    if not _has_modes(path):
        return True
    try:
        state = path.lstat()
        if stat.S_ISLNK(state.st_mode):
            return close_to_others(path.resolve())
        if state.st_mode & OTHERS:
            path.chmod(stat.S_IMODE(state.st_mode) & ~OTHERS)
    except OSError:
        return False
    return True


def _has_modes(path: Path) -> bool:
    """Tell whether permissions mean anything here: not on Windows."""
    return os.name == "posix" and path.exists()


def user_data_folder(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """Return the folder in which this platform keeps a user's application data."""
    environ = os.environ if environ is None else environ
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
