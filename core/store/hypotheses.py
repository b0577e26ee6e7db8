"""Hypotheses of a project: kept at every gesture, deleted with a way back."""

import json
import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.errors import ChangedError, StoreError
from core.names import fault_in
from core.store import tables
from core.store.database import Database
from core.store.projects import touch
from core.store.records import COLOURS, StoredHypothesis, letter_of

__all__ = ["Hypotheses"]

LIMIT_BYTES = 2_000_000
LIMIT_COUNT = 60

_table = tables.hypotheses


class Hypotheses:
    """The part of :class:`core.store.Store` that keeps drawings.

    Every writing transaction touches the project first: on PostgreSQL that locks its row, so
    letters are given one at a time, and two writers never wait for each other in a circle.
    """

    database: Database

    def hypotheses(self, token: str, *, deleted: bool = False) -> tuple[StoredHypothesis, ...]:
        """Return a project's drawings in their order, or the deleted ones, latest first."""
        query = sa.select(_table).where(_table.c.project == token)
        if deleted:
            query = query.where(_table.c.deleted_at.is_not(None)).order_by(_table.c.deleted_at.desc())
        else:
            query = query.where(_table.c.deleted_at.is_(None)).order_by(_table.c.position, _table.c.id)
        with self.database.read() as connection:
            return tuple(StoredHypothesis(**row._mapping) for row in connection.execute(query))

    def hypothesis(self, token: str, id: str) -> StoredHypothesis:
        """Return one drawing, deleted or not; :class:`StoreError` if there is none."""
        with self.database.read() as connection:
            return _find(connection, token, id)

    def add_hypothesis(
        self, token: str, document: Mapping[str, Any], *, note: str = "", id: str | None = None
    ) -> StoredHypothesis:
        """Add a drawing at the end, under the first free letter and its colour."""
        with self.database.write() as connection:
            touch(connection, token)
            return _add(connection, token, id or new_id(), document, note=note)

    def save_hypothesis(
        self,
        token: str,
        id: str,
        document: Mapping[str, Any],
        *,
        rev: int = 0,
        seq: int = 0,
        seen: float | None = None,
    ) -> StoredHypothesis:
        """Keep a drawing as it is now; it is added if it is not known yet.

        One short transaction, meant to be called at the end of every gesture.

        Parameters
        ----------
        seen : float, optional
            ``updated`` of the drawing as the caller last read or wrote it. Left out, the last
            writer wins.

        Raises
        ------
        ChangedError
            If the drawing was written since it was ``seen``.
        """
        with self.database.write() as connection:
            touch(connection, token)
            change = sa.update(_table).where(_table.c.id == id, _table.c.project == token)
            if seen is not None:
                change = change.where(_table.c.updated == seen)
            values = {"document": _checked(document), "rev": rev, "seq": seq, "updated": time.time()}
            if connection.execute(change.values(**values)).rowcount == 0:
                if seen is not None and _exists(connection, id, token):
                    raise ChangedError(
                        "this hypothesis was changed in another tab meanwhile; it is shown as it is now",
                        hint="Make your last change again.",
                    )
                _add(connection, token, id, document, rev=rev, seq=seq)
            return _find(connection, token, id)

    def update_hypothesis(
        self, token: str, id: str, *, note: str | None = None, colour: str | None = None
    ) -> StoredHypothesis:
        """Change a drawing's note or colour; its name is part of the document.

        ``updated`` stays, which says when the drawing itself was written.
        """
        changes = {name: value for name, value in {"note": note, "colour": colour}.items() if value is not None}
        with self.database.write() as connection:
            touch(connection, token)
            _find(connection, token, id)
            if changes:
                connection.execute(sa.update(_table).where(_table.c.id == id).values(**changes))
            return _find(connection, token, id)

    def delete_hypothesis(self, token: str, id: str) -> StoredHypothesis:
        """Delete a drawing; :meth:`restore_hypothesis` brings it back."""
        with self.database.write() as connection:
            touch(connection, token)
            _find(connection, token, id)
            connection.execute(sa.update(_table).where(_table.c.id == id).values(deleted_at=time.time()))
            return _find(connection, token, id)

    def restore_hypothesis(self, token: str, id: str) -> StoredHypothesis:
        """Bring a deleted drawing back, under its old letter unless another has it by now."""
        with self.database.write() as connection:
            touch(connection, token)
            found = _find(connection, token, id)
            taken = [row.letter for row in _live(connection, token) if row.id != id]
            letter, colour = found.letter, found.colour
            if letter in taken:
                letter, colour = _free(taken)
            change = sa.update(_table).where(_table.c.id == id)
            connection.execute(change.values(deleted_at=None, letter=letter, colour=colour))
            return _find(connection, token, id)


def new_id() -> str:
    """Return a fresh id for a hypothesis or a request."""
    return secrets.token_hex(8)


def _add(
    connection: Connection, token: str, id: str, document: Mapping[str, Any], note: str = "", rev: int = 0, seq: int = 0
) -> StoredHypothesis:
    live = list(_live(connection, token))
    if len(live) >= LIMIT_COUNT:
        raise StoreError(f"a project holds at most {LIMIT_COUNT} hypotheses", hint="Delete one first.")
    if _exists(connection, id):
        raise StoreError("this hypothesis belongs to another project", hint="Add it under a new id.")
    letter, colour = _free(row.letter for row in live)
    found = StoredHypothesis(
        id=id,
        project=token,
        position=max((row.position for row in live), default=-1) + 1,
        letter=letter,
        colour=colour,
        document=_checked(document),
        rev=rev,
        seq=seq,
        note=note,
        deleted_at=None,
        updated=time.time(),
    )
    connection.execute(sa.insert(_table).values(**vars(found)))
    return found


def _exists(connection: Connection, id: str, token: str | None = None) -> bool:
    query = sa.select(_table.c.id).where(_table.c.id == id)
    if token is not None:
        query = query.where(_table.c.project == token)
    return connection.execute(query).first() is not None


def _live(connection: Connection, token: str) -> sa.CursorResult[Any]:
    columns = (_table.c.id, _table.c.letter, _table.c.position)
    query = sa.select(*columns).where(_table.c.project == token, _table.c.deleted_at.is_(None))
    return connection.execute(query.order_by(_table.c.position, _table.c.id))


def _find(connection: Connection, token: str, id: str) -> StoredHypothesis:
    query = sa.select(_table).where(_table.c.id == id, _table.c.project == token)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise StoreError("this hypothesis is not there any more", hint="Reload the page to see what the project holds.")
    return StoredHypothesis(**row._mapping)


def _free(taken: Iterable[str]) -> tuple[str, str]:
    used = set(taken)
    index = next(i for i in range(len(used) + 1) if letter_of(i) not in used)
    return letter_of(index), COLOURS[index % len(COLOURS)]


def _checked(document: Mapping[str, Any]) -> dict[str, Any]:
    nodes = document.get("nodes") or ()
    said = [document.get("name"), *(node.get(key) for node in nodes for key in ("name", "group"))]
    for name in filter(None, said):
        if fault := fault_in(str(name)):
            raise StoreError(f"the name {name!r} holds {fault}", place="the drawing", hint="Type the name again.")
    try:
        size = len(json.dumps(document, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise StoreError(f"the drawing cannot be kept as JSON ({error})", hint="Undo the last change.") from error
    if size > LIMIT_BYTES:
        raise StoreError(
            f"the drawing takes {size / 1e6:.1f} MB; at most {LIMIT_BYTES / 1e6:.0f} MB are kept",
            hint="Shorten notes and names, or split the graph.",
        )
    return dict(document)
