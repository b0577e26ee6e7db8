"""Requests: comparisons that were asked for, their blocks and their results."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from core.errors import StoreError
from core.store import tables
from core.store.artifacts import Artifacts
from core.store.database import Database
from core.store.hypotheses import new_id
from core.store.projects import token_folder, touch
from core.store.records import LIVE_STATES, BlockRow, LiveRequest, Request

__all__ = ["Requests"]

_table = tables.requests


class Requests:
    """The part of :class:`core.store.Store` that keeps requests."""

    database: Database
    artifacts: Artifacts

    def create_request(self, token: str, payload: Mapping[str, Any], owner: str | None = None) -> Request:
        """Write a request down, queued."""
        now = time.time()
        request = Request(new_id(), token, dict(payload), "queued", 0.0, (), None, owner, now, now, None)
        with self.database.write() as connection:
            touch(connection, token)
            connection.execute(sa.insert(_table).values(**{**vars(request), "errors": []}))
        return request

    def request(self, id: str) -> Request:
        """Return one request; :class:`StoreError` if there is none."""
        with self.database.read() as connection:
            row = connection.execute(sa.select(_table).where(_table.c.id == id)).one_or_none()
        if row is None:
            raise StoreError("this request is not known any more", hint="Ask for the fit again.")
        return _request(row)

    def requests(
        self, token: str | None = None, states: Iterable[str] | None = None, limit: int = 200
    ) -> tuple[Request, ...]:
        """Return requests, latest first, of one project or of all, in any of ``states``."""
        query = sa.select(_table).order_by(_table.c.created.desc(), _table.c.id).limit(limit)
        if token is not None:
            query = query.where(_table.c.project == token)
        if states is not None:
            query = query.where(_table.c.state.in_(list(states)))
        with self.database.read() as connection:
            return tuple(_request(row) for row in connection.execute(query))

    def live_requests(self) -> tuple[LiveRequest, ...]:
        """Return all requests that have not ended, of all projects, oldest first."""
        query = sa.select(_table.c.id, _table.c.owner, _table.c.heartbeat).where(_table.c.state.in_(LIVE_STATES))
        with self.database.read() as connection:
            return tuple(LiveRequest(*row) for row in connection.execute(query.order_by(_table.c.created)))

    def request_states(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the states of requests by id; those that are gone are left out."""
        found: dict[str, str] = {}
        with self.database.read() as connection:
            for first in range(0, len(ids), 500):  # databases bound the length of a query
                query = sa.select(_table.c.id, _table.c.state).where(_table.c.id.in_(ids[first : first + 500]))
                found |= {row.id: row.state for row in connection.execute(query)}
        return found

    def update_request(self, id: str, *, only_live: bool = True, **changes: Any) -> bool:
        """Change a request's state, fraction, errors, result or finished time.

        Returns False where nothing was changed: the request is gone, or (``only_live``) it
        has ended already, so that what was cancelled never turns into done.
        """
        query = sa.update(_table).where(_table.c.id == id)
        if only_live:
            query = query.where(_table.c.state.in_(LIVE_STATES))
        with self.database.write() as connection:
            return connection.execute(query.values(**changes)).rowcount > 0

    def end_request(self, id: str, state: str, errors: Sequence[str] = (), result: bytes | None = None) -> bool:
        """End a live request as done, failed or cancelled; keep its result's bytes."""
        path = None
        if result is not None:
            path = f"{token_folder(self.request(id).project)}/results/{id}"
            self.artifacts.write(path, result)
        changes: dict[str, Any] = {"state": state, "errors": list(errors), "result": path, "finished": time.time()}
        if state == "done":
            changes["fraction"] = 1.0
        ended = self.update_request(id, **changes)
        if path and not ended:
            self.artifacts.delete(path)
        return ended

    def result(self, id: str) -> bytes:
        """Return the bytes of a finished request's result; :class:`StoreError` if it has none."""
        request = self.request(id)
        if request.result is None:
            raise StoreError("this request has no result", hint="Wait until it is done, or ask for the fit again.")
        return self.artifacts.read(request.result)

    # -- who works on it ------------------------------------------------------------

    def claim_request(self, id: str, owner: str, before: str | None) -> bool:
        """Take over a live request from ``before``; False if another service was quicker."""
        same = _table.c.owner.is_(None) if before is None else _table.c.owner == before
        query = sa.update(_table).where(_table.c.id == id, same, _table.c.state.in_(LIVE_STATES))
        with self.database.write() as connection:
            return connection.execute(query.values(owner=owner, heartbeat=time.time())).rowcount > 0

    def beat(self, owner: str, fractions: Mapping[str, float]) -> None:
        """Say that ``owner`` lives, and how far its requests (id to fraction) are."""
        with self.database.write() as connection:
            for id, fraction in fractions.items():
                query = sa.update(_table).where(_table.c.id == id, _table.c.owner == owner)
                connection.execute(query.values(heartbeat=time.time(), fraction=fraction))

    # -- blocks ----------------------------------------------------------------------

    def save_blocks(self, rows: Iterable[BlockRow]) -> None:
        """Write blocks of requests down, new or changed, in one transaction."""
        with self.database.write() as connection:
            for row in rows:
                values = {**vars(row), "nodes": list(row.nodes), "hypotheses": list(row.hypotheses)}
                self.database.upsert(connection, tables.blocks, values, ("request", "key"))

    def blocks(self, request: str) -> tuple[BlockRow, ...]:
        """Return the blocks of a request, as last written down."""
        query = sa.select(tables.blocks).where(tables.blocks.c.request == request).order_by(tables.blocks.c.key)
        with self.database.read() as connection:
            found = [row._mapping for row in connection.execute(query)]
        return tuple(
            BlockRow(**{**row, "nodes": tuple(row["nodes"]), "hypotheses": tuple(row["hypotheses"])}) for row in found
        )

    def other_live_requests(self, key: str, without: str) -> tuple[str, ...]:
        """Return the live requests, other than one, that wait for a block."""
        query = (
            sa.select(_table.c.id)
            .join(tables.blocks, tables.blocks.c.request == _table.c.id)
            .where(tables.blocks.c.key == key, _table.c.id != without, _table.c.state.in_(LIVE_STATES))
        )
        with self.database.read() as connection:
            return tuple(connection.execute(query).scalars())

    # -- how long blocks took ----------------------------------------------------------

    def record_timing(self, kind: str, rows: int, seconds: float) -> None:
        """Remember how long the latest block of a kind took."""
        values = {"kind": kind[:200], "rows": rows, "seconds": seconds, "updated": time.time()}
        with self.database.write() as connection:
            self.database.upsert(connection, tables.timings, values, ("kind",))

    def timings(self) -> dict[str, tuple[int, float]]:
        """Return kind to (rows, seconds) of every remembered block."""
        with self.database.read() as connection:
            found = connection.execute(sa.select(tables.timings))
            return {row.kind: (row.rows, row.seconds) for row in found}


def _request(row: sa.Row[Any]) -> Request:
    return Request(**{**row._mapping, "errors": tuple(row.errors)})
