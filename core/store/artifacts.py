"""Files that the store keeps: uploads, data snapshots and results, on any fsspec file system.

Paths inside are made by us only (tokens, ids and digests), never from a user's file name.
A file appears whole or not at all.
"""

import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import fsspec

from core.errors import StoreError
from core.settings import PRIVATE_FOLDER, close_to_others

__all__ = ["Artifacts"]

_SAFE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_OF_A_PROJECT = re.compile(r"[0-9a-f]{24}")  # core.store.projects.token_folder


class Artifacts:
    """A folder of files at ``url``: a path, or any URL that fsspec knows (``s3://…``)."""

    def __init__(self, url: str) -> None:
        try:
            self._fs, root = fsspec.core.url_to_fs(url)
            self._local = "file" in self._fs.protocol or "local" in self._fs.protocol
            if self._local:
                _make_private(Path(root))
            else:
                self._fs.makedirs(root, exist_ok=True)
        except (ValueError, ImportError, OSError) as error:
            raise StoreError(
                f"the place for files cannot be used ({error})",
                place="WHYBOARD_ARTIFACTS",
                hint="Give a writable folder or an fsspec URL whose package is installed.",
            ) from error
        self._root = str(root).rstrip("/")

    def where(self, path: str = "") -> str:
        """Return the full address of a file or folder inside, for people."""
        full = self._full(path) if path else self._root
        return full if self._local else str(self._fs.unstrip_protocol(full))

    def write(self, path: str, content: bytes) -> None:
        """Write a file, replacing what was there."""
        full = self._full(path)
        with _told(full):
            if self._local:
                with suppress(FileExistsError):
                    Path(self._root, path.partition("/")[0]).mkdir(mode=PRIVATE_FOLDER)
            self._fs.makedirs(full.rpartition("/")[0], exist_ok=True)
            if not self._local:  # object stores show an object only when it is complete
                self._fs.pipe_file(full, content)
                return
            draft = f"{full}.{secrets.token_hex(6)}.part"
            try:
                self._fs.pipe_file(draft, content)
                self._fs.mv(draft, full)
            except BaseException:  # a full disk must not fill up with halves
                with suppress(OSError):
                    self._fs.rm_file(draft)
                raise

    def read(self, path: str) -> bytes:
        """Return a file's bytes; :class:`StoreError` if it is gone."""
        full = self._full(path)
        with _told(full):
            return bytes(self._fs.cat_file(full))

    def check(self) -> None:
        """Write and delete a small file, where that costs nothing; :class:`StoreError` if it cannot be."""
        if self._local:
            place = f"check/{secrets.token_hex(6)}"
            self.write(place, b"")
            self.delete(place)

    def exists(self, path: str) -> bool:
        """Return whether there is such a file."""
        return bool(self._fs.isfile(self._full(path)))

    def delete(self, path: str) -> tuple[int, int]:
        """Delete a file or folder; return how many files and bytes went."""
        full = self._full(path)
        with _told(full):
            self._fs.invalidate_cache()
            if not self._fs.exists(full):
                return 0, 0
            found = self._fs.find(full, detail=True)
            self._fs.rm(full, recursive=True)
            return len(found), int(sum(info.get("size") or 0 for info in found.values()))

    def _full(self, path: str) -> str:
        if not _SAFE.fullmatch(path):
            raise StoreError(f"{path!r} is no path of the store", hint="This is a fault of ours; please report it.")
        return f"{self._root}/{path}"


def _make_private(folder: Path) -> None:
    """Make the folder for its owner alone; in one that is there, close the folders of projects to others."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=PRIVATE_FOLDER)
    except FileExistsError:
        for path in folder.iterdir():
            if _OF_A_PROJECT.fullmatch(path.name):
                close_to_others(path)


class _told:  # noqa: N801
    """Turn file system errors into a StoreError that names the file."""

    def __init__(self, full: str) -> None:
        self._full = full

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, FileNotFoundError):
            raise StoreError("a stored file is gone", place=self._full, hint="Upload the data again.") from error
        if isinstance(error, OSError):
            raise StoreError(
                f"a stored file cannot be used ({error.strerror or error})",
                place=self._full,
                hint="Check the folder's permissions and the free space.",
            ) from error
