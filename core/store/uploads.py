"""Uploads: a project's data file, kept as it came, and what the user corrected about it."""

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
        sample: str | None = None,
        overrides: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Upload:
        """Keep a project's data file, replacing the one before and its corrections.

        Parameters
        ----------
        name : str
            The file's own name, shown to the user and used to tell its format.
        content : bytes
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
        self.artifacts.write(str(row["path"]), content)
        try:
            with self.database.write() as connection:
                touch(connection, token)  # first: of two tabs that upload at once each sees the other's file
                query = sa.select(tables.uploads.c.path).where(tables.uploads.c.project == token)
                before = connection.execute(query).scalar_one_or_none()
                self.database.upsert(connection, tables.uploads, row, ("project",))
        except Exception:
            with suppress(StoreError):
                self.artifacts.delete(str(row["path"]))
            raise
        if before is not None:
            with suppress(StoreError):  # the new file is there; the old one goes with the project's folder
                self.artifacts.delete(before)
        return _upload(row)

    def upload(self, token: str) -> Upload | None:
        """Return what is known of a project's data file; ``None`` if it has none."""
        query = sa.select(tables.uploads).where(tables.uploads.c.project == token)
        with self.database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _upload(dict(row._mapping))

    def dataset_source(self, token: str) -> tuple[bytes, str, Mapping[str, Mapping[str, Any]]]:
        """Return (bytes, name, overrides) of a project's data; :class:`StoreError` if it has none."""
        upload = self._upload(token)
        return self.artifacts.read(upload.path), upload.name, upload.overrides

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
        return self._upload(token)

    def _upload(self, token: str) -> Upload:
        upload = self.upload(token)
        if upload is None:
            raise _no_upload()
        return upload


def _upload(row: Mapping[str, Any]) -> Upload:
    corrections = json.dumps(row["overrides"], sort_keys=True)
    seen = f"{row['name']}\n{row['digest']}\n{corrections}".encode()
    return Upload(**row, version=hashlib.blake2b(seen, digest_size=12).hexdigest())


def _no_upload() -> StoreError:
    return StoreError("this project has no data yet", hint="Upload a file or open a sample on the Data page.")
