"""Projects: what a link leads to."""

import hashlib
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.errors import StoreError
from core.store import tables
from core.store.artifacts import Artifacts
from core.store.database import Database
from core.store.records import Project

__all__ = ["Projects"]

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Projects:
    """The part of :class:`core.store.Store` that keeps projects."""

    database: Database
    artifacts: Artifacts

    def create_project(
        self,
        title: str = "",
        question: str = "",
        *,
        exposure: str | None = None,
        outcome: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Project:
        """Create a project under a new unguessable token."""
        now = time.time()
        project = Project(
            token=secrets.token_urlsafe(24),
            title=title,
            question=question,
            exposure=exposure,
            outcome=outcome,
            settings=dict(settings or {}),
            created=now,
            updated=now,
        )
        with self.database.write() as connection:
            connection.execute(sa.insert(tables.projects).values(**vars(project)))
        return project

    def project(self, token: str) -> Project:
        """Return a project; :class:`StoreError` if the token leads nowhere."""
        if not _TOKEN.fullmatch(token):  # an address can hold what a database refuses, such as NUL
            raise unknown_project()
        query = sa.select(tables.projects).where(tables.projects.c.token == token)
        with self.database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise unknown_project()
        return Project(**row._mapping)

    def update_project(self, token: str, **changes: Any) -> Project:
        """Change any of title, question, exposure, outcome; return the project as it is now.

        Settings have their own door, :meth:`change_settings`, since two tabs may change
        different ones.
        """
        unknown = set(changes) - {"title", "question", "exposure", "outcome"}
        if unknown:
            raise TypeError(f"a project has no {', '.join(sorted(unknown))} to update")
        with self.database.write() as connection:
            touch(connection, token, **changes)
        return self.project(token)

    def change_settings(self, token: str, **changes: Any) -> Project:
        """Set the given settings and keep the others; ``None`` removes one."""
        query = sa.select(tables.projects.c.settings).where(tables.projects.c.token == token).with_for_update()
        with self.database.write() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                raise unknown_project()
            merged = {k: v for k, v in {**row.settings, **changes}.items() if v is not None}
            touch(connection, token, settings=merged)
        return self.project(token)

    def delete_project(self, token: str) -> None:
        """Delete a project with all that it holds, drawings included."""
        with self.database.write() as connection:
            touch(connection, token)
            self.artifacts.delete(token_folder(token))
            connection.execute(sa.delete(tables.projects).where(tables.projects.c.token == token))


def touch(connection: Connection, token: str, **changes: Any) -> None:
    """Note inside a transaction that a project changed; :class:`StoreError` if there is none."""
    query = sa.update(tables.projects).where(tables.projects.c.token == token).values(updated=time.time(), **changes)
    if connection.execute(query).rowcount == 0:
        raise unknown_project()


def token_folder(token: str) -> str:
    """Return the folder of a project's files; a digest, so that a path gives no address away."""
    return hashlib.blake2b(token.encode(), digest_size=12).hexdigest()


def unknown_project() -> StoreError:
    """Return the error for a token that leads nowhere; it does not repeat the token."""
    return StoreError(
        "this address leads to no project",
        hint="Check that the whole link was copied, or start a new project.",
    )
