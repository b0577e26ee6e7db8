"""The web server: ``python -m ui.serving --port 8501``, as ``whyboard app`` starts it.

Streamlit's own server, with three things added. It does not begin to serve over a store
that cannot be used, but says why and ends with status 2. While it serves,
``/_stcore/health`` answers 503, with the reason, as long as the store cannot be used; a page
that is opened meanwhile shows that reason and goes on by itself once all is well again. And
workers, and whatever an earlier server left unfinished, start with the server, not with the
first visitor.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse

from core.errors import StoreError, WhyboardError
from core.jobs.lifeline import end_with_parent
from core.store import Store
from ui import session

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Health", "HealthAnswer", "main"]

APP = Path(__file__).resolve().parent.parent / "app.py"
HEALTH = "/_stcore/health"
ANSWER_SECONDS = 3.0  # after which a store that does not answer is one that cannot be used
FRESH_SECONDS = 1.0  # for so long one look at the store does for all who ask
REFUSED = 2


class Health:
    """Whether the store can be used: one look at a time, however many ask."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looks = ThreadPoolExecutor(1, thread_name_prefix="whyboard-health")
        self._look: Future[str] | None = None
        self._ended = 0.0

    async def problem(self) -> str:
        """Return why the store cannot be used; empty if it can."""
        if self._look is None or (self._look.done() and time.monotonic() - self._ended > FRESH_SECONDS):
            self._look = self._looks.submit(self._check)
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._look)), ANSWER_SECONDS)
        except TimeoutError:
            return f"The database at {self._store.database.place} does not answer."

    def _check(self) -> str:
        try:
            self._store.check()
        except StoreError as error:
            return f"{error}. {error.hint}"
        finally:
            self._ended = time.monotonic()
        return ""


class HealthAnswer:
    """Answers for Streamlit's health check where the store cannot be used."""

    def __init__(self, app: ASGIApp, health: Health) -> None:
        self._app, self._health = app, health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let everything else through."""
        asked = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].endswith(HEALTH)
        if asked and (problem := await self._health.problem()):
            await PlainTextResponse(problem, 503, {"Cache-Control": "no-cache"})(scope, receive, send)
        else:
            await self._app(scope, receive, send)


@asynccontextmanager
async def _with_workers(app: Any) -> AsyncIterator[None]:
    await asyncio.to_thread(session.warm_up)
    yield


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until stopped; 2 if there is no store to serve from."""
    parser = argparse.ArgumentParser(prog="python -m ui.serving", description="Serve the web app.")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.child:
        end_with_parent()
    try:
        store = session.get_store()
        store.check(thorough=True)
    except WhyboardError as error:
        print(error.lines(), file=sys.stderr)
        return REFUSED
    sys.argv = [str(APP)]  # Streamlit takes its settings, and the pages their imports, from beside it
    served = st.App(APP, middleware=[Middleware(HealthAnswer, health=Health(store))], lifespan=_with_workers)
    served.run(
        config={
            "server.port": options.port,
            "server.address": options.host,
            "server.headless": True,
            "browser.gatherUsageStats": False,
        }
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
