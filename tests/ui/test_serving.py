"""The health check: one look at the store for all who ask, and 503 where there is no answer."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import StoreError
from ui import serving
from ui.serving import Health, HealthAnswer


class Checked:
    """A store that waits, then says what it was told to."""

    def __init__(self, *answers: StoreError | None) -> None:
        self.database = SimpleNamespace(place="postgresql+pg8000://db/whyboard")
        self.answers, self.looks = list(answers), 0
        self.go = threading.Event()

    def check(self) -> None:
        """Be looked at."""
        self.looks += 1
        self.go.wait(60)
        if (answer := self.answers.pop(0)) is not None:
            raise answer


async def asked(answer: HealthAnswer, path: str = "/_stcore/health", method: str = "GET") -> tuple[int, str]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await answer({"type": "http", "method": method, "path": path, "headers": []}, None, send)  # type: ignore[arg-type]
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent).decode()


def run(asking: Coroutine[Any, Any, None]) -> None:
    """Run it in a thread of its own: a browser's tests, run before in this process, leave a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asking).result()


async def streamlit(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


def test_the_health_check_says_what_is_wrong_with_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "FRESH_SECONDS", 0.0)
    store = Checked(StoreError("the disk is full", place="db", hint="Make room."), None)
    store.go.set()

    async def ask() -> None:
        answer = HealthAnswer(streamlit, Health(store))  # type: ignore[arg-type]
        assert await asked(answer) == (503, "db: the disk is full. Make room.")
        assert await asked(answer, "/below/_stcore/health", "HEAD") == (200, "ok")
        assert await asked(answer, "/_stcore/host-config") == (200, "ok")

    run(ask())
    assert store.looks == 2


def test_a_store_that_is_silent_is_one_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "ANSWER_SECONDS", 0.05)
    store = Checked(None, None)

    async def ask() -> None:
        answer = HealthAnswer(streamlit, Health(store))  # type: ignore[arg-type]
        for status, text in await asyncio.gather(*(asked(answer) for _ in range(20))):
            assert status == 503
            assert text == "The database at postgresql+pg8000://db/whyboard does not answer."
        assert store.looks == 1  # twenty questions, one look
        store.go.set()
        while await asked(answer) != (200, "ok"):
            await asyncio.sleep(0.01)

    run(ask())
    assert store.looks == 1
