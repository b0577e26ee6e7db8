"""Uploads: a project's data file, kept as it came and as it was read, and what the user corrected about it."""

import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from core.errors import StoreError
from core.store import tables
from core.store.artifacts import Artifacts
from core.store.database import Database
from core.store.projects import token_folder, touch
from core.store.records import Upload

__all__ = ["Uploads"]

_ENDING = re.compile(r"(\.[A-Za-z0-9]{1,8}){0,2}$")


class Uploads:
    """The part of :class:`core.store.Store` that keeps data files."""

    database: Database
    artifacts: Artifacts

    def save_upload(
        self,
        token: str,
        name: str,
        content: bytes,
        *,
        table: bytes | None = None,
        sample: str | None = None,
        overrides: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Upload:
        """Keep a project's data file, replacing the one before and its corrections.

        Parameters
        ----------
        name : str
            The file's own name, shown to the user and used to tell its format.
        content : bytes
        table : bytes, optional
            What was read of it (:mod:`core.data.kept`), kept beside it so that it is read once.
        sample : str, optional
            Key of the sample that it came from.
        overrides : mapping, optional
            Column name to any of ``kind``, ``label``, ``unit``, ``levels``.
        """
        ending = (_ENDING.search(name) or [""])[0].lower()
        row = {
            "project": token,
            "name": name,
            "path": f"{token_folder(token)}/uploads/{secrets.token_hex(8)}{ending}",
            "bytes": len(content),
            "digest": hashlib.blake2b(content, digest_size=16).hexdigest(),
            "sample": sample,
            "overrides": {column: dict(given) for column, given in (overrides or {}).items()},
            "created": time.time(),
        }
        try:
            self.artifacts.write(str(row["path"]), content)
            if table is not None:
                self.artifacts.write(_table_path(str(row["path"])), table)
            with self.database.write() as connection:
                touch(connection, token)  # first: of two tabs that upload at once each sees the other's file
                query = sa.select(tables.uploads.c.path).where(tables.uploads.c.project == token)
                before = connection.execute(query).scalar_one_or_none()
                self.database.upsert(connection, tables.uploads, row, ("project",))
        except Exception:
            self._drop(str(row["path"]))
            raise
        if before is not None:  # the new file is there; the old one goes with the project's folder
            self._drop(before)
        return _upload(row)

    def table(self, upload: Upload) -> bytes | None:
        """Return what was read of an upload; None where that was not kept (projects of an earlier version)."""
        path = _table_path(upload.path)
        return self.artifacts.read(path) if self.artifacts.exists(path) else None

    def keep_table(self, upload: Upload, table: bytes) -> None:
        """Keep what was read of an upload that is there already."""
        self.artifacts.write(_table_path(upload.path), table)
        now = self.upload(upload.project)
        if now is None or now.path != upload.path:  # it was replaced or deleted meanwhile
            self._drop(upload.path)

    def _drop(self, path: str) -> None:
        for file in (path, _table_path(path)):
            with suppress(StoreError):
                self.artifacts.delete(file)

    def upload(self, token: str) -> Upload | None:
        """Return what is known of a project's data file; ``None`` if it has none."""
        query = sa.select(tables.uploads).where(tables.uploads.c.project == token)
        with self.database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _upload(dict(row._mapping))

    def set_column(
        self,
        token: str,
        column: str,
        *,
        kind: str | None = None,
        label: str | None = None,
        unit: str | None = None,
        levels: Sequence[str] | None = None,
    ) -> Upload:
        """Keep a correction of one column; ``None`` leaves that one as it is.

        A new kind forgets the order of levels, which belonged to the old kind.
        """
        given = {"kind": kind, "label": label, "unit": unit, "levels": None if levels is None else list(levels)}
        changes = {name: value for name, value in given.items() if value is not None}
        query = sa.select(tables.uploads.c.overrides).where(tables.uploads.c.project == token).with_for_update()
        with self.database.write() as connection:
            touch(connection, token)
            row = connection.execute(query).one_or_none()
            if row is None:
                raise _no_upload()
            overrides = {name: dict(value) for name, value in row.overrides.items()}
            known = overrides.get(column, {})
            if kind is not None and levels is None and known.get("kind") != kind:
                known.pop("levels", None)
            overrides[column] = {**known, **changes}
            connection.execute(
                sa.update(tables.uploads).where(tables.uploads.c.project == token).values(overrides=overrides)
            )
        return self.needed_upload(token)

    def needed_upload(self, token: str) -> Upload:
        """Return what is known of a project's data file; :class:`StoreError` if it has none."""
        upload = self.upload(token)
        if upload is None:
            raise _no_upload()
        return upload


def _table_path(path: str) -> str:
    folder, _, file = path.rpartition("/")
    return f"{folder}/{file.partition('.')[0]}.table"


def _upload(row: Mapping[str, Any]) -> Upload:
    corrections = json.dumps(row["overrides"], sort_keys=True)
    seen = f"{row['name']}\n{row['digest']}\n{corrections}".encode()
    return Upload(**row, version=hashlib.blake2b(seen, digest_size=12).hexdigest())


def _no_upload() -> StoreError:
    return StoreError("this project has no data yet", hint="Upload a file or open a sample on the Data page.")
