"""Workers that cannot be started, a scheduler that is away, floods, and what is dropped while it is finished."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.errors import FitError, UsageError
from core.fit.result import BlockFit
from core.jobs import cluster as cluster_module
from core.jobs import elsewhere as elsewhere_module
from core.jobs import service as service_module
from core.jobs.blocks import BlockRun
from core.jobs.children import Child
from core.jobs.cluster import Cluster
from core.settings import load_settings
from tests.jobs.conftest import key_of, made_up_plan

pytestmark = pytest.mark.workers


def dies_at_once(self: Cluster, role: str, failures: int = 0) -> Child:
    process = subprocess.Popen([sys.executable, "-S", "-c", "raise SystemExit(3)"], stdin=subprocess.PIPE, text=True)
    return Child(role, process, time.monotonic(), failures)


def test_a_worker_that_dies_at_its_start_is_said_in_words(
    new_bench: Any, ended: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "GIVE_UP", 2)
    monkeypatch.setattr(Cluster, "_spawn", dies_at_once)
    with new_bench() as bench:
        service = bench.service()
        sent = bench.ask(service, "quick1 sampled1")  # waits at workers that never come
        later = bench.ask(service, "quick2")
        for asked in (sent, later):
            status = ended(service, asked)
            assert status.state == "failed"
            assert "while it was starting" in status.errors[0]
            assert "logs/worker-" in status.errors[0]
        with pytest.raises(FitError, match="while it was starting"):
            service.run_quick(os.getpid)


def test_a_worker_is_replaced_once_there_is_room_for_it(
    service: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = service.run_quick(os.getpid)
    spawn, refused = Cluster._spawn, []

    def short_of_memory(self: Cluster, role: str, failures: int = 0) -> Child:
        if not refused:
            refused.append(role)
            raise OSError(12, "Cannot allocate memory")
        return spawn(self, role, failures)

    monkeypatch.setattr(Cluster, "_spawn", short_of_memory)
    os.kill(before, signal.SIGKILL)
    until(lambda: service.cluster.pids()["quick"] != before)
    assert refused == ["quick"]
    assert service.run_quick(os.getpid) == service.cluster.pids()["quick"]


def test_a_scheduler_that_comes_late_or_goes_is_looked_for_again(
    tmp_path: Path, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    open_to = threading.Event()

    def connect(self: Cluster, address: str, **_: Any) -> Any:
        if not open_to.is_set():
            raise OSError(f"Timed out trying to connect to {address}")
        comm = SimpleNamespace(closed=lambda: False)
        made.append(SimpleNamespace(status="running", scheduler_comm=comm, subscribe_topic=lambda *_: None))
        return made[-1]

    monkeypatch.setattr(Cluster, "_connect", connect)
    monkeypatch.setattr(elsewhere_module, "RETRY_SECONDS", 0.01)
    seen: list[Any] = []
    settings = load_settings(tmp_path, {"WHYBOARD_DASK_SCHEDULER": "tcp://scheduler:8786"})
    assert settings.patience == 600
    elsewhere = Cluster(settings, seen.append)
    assert elsewhere.connection == 0
    with pytest.raises(FitError, match="scheduler at tcp://scheduler:8786 has been away") as refused:
        elsewhere.client(0)  # a page does not wait for long
    assert "WHYBOARD_SCHEDULER_PATIENCE" in refused.value.hint
    assert "10 min at most" in elsewhere.waiting_for
    assert elsewhere.client(stopped=lambda: True) is None
    open_to.set()
    first = elsewhere.client()
    assert elsewhere.client() is first
    assert (elsewhere.connection, elsewhere.lost(1), elsewhere.waiting_for) == (1, False, "")

    first.scheduler_comm = SimpleNamespace(closed=lambda: False)  # Dask has found one again, which knows nothing
    assert elsewhere.lost(1)
    until(lambda: elsewhere.connection == 2)
    second = elsewhere.client()
    assert second is not first
    second.scheduler_comm.closed = lambda: True
    until(lambda: elsewhere.connection == 3)
    assert elsewhere.client() is made[-1]
    assert elsewhere.lost(2)
    assert not elsewhere.lost(3)
    assert [event["scheduler"] for event in seen] == [1, 1, 2, 2, 3]  # came, went, came, went, came
    elsewhere.close()
    with pytest.raises(FitError, match="shutting down"):
        elsewhere.client()


def test_a_patience_that_is_no_number_is_refused(tmp_path: Path) -> None:
    for text in ("soon", "-1", "inf"):
        with pytest.raises(UsageError) as refused:
            Cluster(load_settings(tmp_path, {"WHYBOARD_SCHEDULER_PATIENCE": text}))
        assert refused.value.place == "WHYBOARD_SCHEDULER_PATIENCE"


@pytest.fixture
def many(bench: Any) -> Iterator[list[str]]:
    """More live requests of another server than a query is wont to return."""
    token = bench.store.create_project().token
    yield [bench.store.create_request(token, {}, "elsewhere/1/ab").id for _ in range(201)]
    bench.store.delete_project(token)


def test_others_flood_cancels_nobody(
    bench: Any, service: Any, ended: Any, until: Any, request: pytest.FixtureRequest
) -> None:
    asked = bench.ask(service, "slow-first")
    until(lambda: bench.begun("slow-first"))
    request.getfixturevalue("many")
    service._upkeep()
    assert service.status(asked).state == "running"
    bench.go("slow-first")
    assert ended(service, asked).state == "done"


def test_upkeep_takes_an_end_for_no_cancel(
    bench: Any, service: Any, ended: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tables say done a moment before the request's own thread does."""
    asked = bench.ask(service, "slow-moment")
    until(lambda: bench.begun("slow-moment"))
    monkeypatch.setattr(bench.store, "request_states", lambda ids: dict.fromkeys(ids, "done"))
    service._upkeep()
    assert not service._jobs[asked].cancelled.is_set()
    bench.go("slow-moment")
    assert ended(service, asked).state == "done"


def test_a_project_may_not_ask_without_end(
    bench: Any, service: Any, ended: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "WAITING_LIMIT", 2)
    token = bench.store.create_project().token
    asked = [bench.ask(service, f"slow-crowd{number}", token=token) for number in range(2)]
    with pytest.raises(UsageError, match="2 fits of this project"):
        bench.ask(service, "slow-crowd2", token=token)
    assert ended(service, bench.ask(service, "quick-crowd")).state == "done"  # another project's
    for one in asked:
        service.cancel(one)
        ended(service, one)


def test_what_was_dropped_is_not_kept(bench: Any, service: Any) -> None:
    """A result that arrives while its project is deleted must not come back into the cache."""
    from core.hypothesis import Hypothesis, Node

    plan = made_up_plan(bench.dataset, [Hypothesis("A", (Node("quick-dropped"),))])
    block, data = plan.blocks[key_of("quick-dropped")]
    ones = np.ones(3)
    fit = BlockFit(block.key, "exact", {"intercept": ones}, -ones, -ones, -3.0, seconds={"fit": 0.1})
    dropped = BlockRun(block, data, state="cancelled")
    service.runs._finish(dropped, fit)
    assert block.key not in service.cache
    assert dropped.fit is None
