"""Requests on two real workers: once for all, in words, cancelled, killed, resumed."""

import os
import signal
import time
from typing import Any

import pytest

from core.errors import FitError, StoreError, UsageError
from core.hypothesis import Hypothesis, Node

pytestmark = pytest.mark.workers


def test_a_request_is_answered(bench: Any, service: Any, ended: Any) -> None:
    request = bench.ask(service, "quick1 quick2", "quick1 quick3")
    status = ended(service, request)
    assert (status.state, status.fraction, status.errors) == ("done", 1.0, ())
    assert {block.nodes: block.hypotheses for block in status.blocks} == {
        ("quick1",): ("H0", "H1"),
        ("quick2",): ("H0",),
        ("quick3",): ("H1",),
    }
    assert {name: h.state for name, h in status.hypotheses.items()} == {"H0": "done", "H1": "done"}
    keys = sorted(block.key for block in status.blocks)
    assert service.result(request).decode().split(",") == keys
    assert all(key in service.cache for key in keys)
    assert bench.begun("quick1") == 1
    again = ended(service, bench.ask(service, "quick1 quick2"))
    assert all(block.cached for block in again.blocks)
    assert bench.begun("quick1") == 1


def test_status_is_cheap_live_and_from_the_tables(bench: Any, service: Any, ended: Any) -> None:
    request = bench.ask(service, "quick1")
    live = ended(service, request)
    for forget in (False, True):
        if forget:
            service._jobs.pop(request)
        start = time.thread_time()  # of this thread alone: other work on the machine does not change it
        for _ in range(50):
            status = service.status(request)
        assert (time.thread_time() - start) / 50 < 0.02
        assert (status.state, status.fraction) == (live.state, live.fraction)
        assert [block.nodes for block in status.blocks] == [("quick1",)]
    with pytest.raises(StoreError):
        service.status("unknown")


def test_two_requests_for_one_block_compute_it_once(bench: Any, service: Any, ended: Any, until: Any) -> None:
    one, two = bench.ask(service, "slow-shared"), bench.ask(service, "slow-shared quick4")
    until(lambda: service.status(two).blocks and bench.begun("slow-shared"))
    until(lambda: service.status(one).blocks[0].fraction >= 0.3)
    status = service.status(one)
    assert (status.state, status.stage, status.blocks[0].message) == ("running", "fitting", "sampling")
    assert 0.2 < status.fraction < 0.3
    assert status.seconds_left is not None
    assert status.seconds_left > 0
    # One of the two gives up: the other's block goes on.
    assert service.cancel(one)
    assert not service.cancel(one)
    assert ended(service, one).state == "cancelled"
    time.sleep(0.5)
    assert not bench.stopped("slow-shared")
    bench.go("slow-shared")
    assert ended(service, two).state == "done"
    assert bench.begun("slow-shared") == 1


def test_the_last_to_leave_stops_the_sampler(bench: Any, service: Any, ended: Any, until: Any) -> None:
    one, two = bench.ask(service, "slow-left"), bench.ask(service, "slow-left")
    until(lambda: bench.begun("slow-left") and service.status(two).blocks)
    service.cancel(one)
    service.cancel(two)
    until(lambda: bench.stopped("slow-left"))
    assert bench.begun("slow-left") == 1
    # and asking again begins again
    three = bench.ask(service, "slow-left")
    bench.go("slow-left")
    assert ended(service, three).state == "done"
    assert bench.begun("slow-left") == 2


def test_asking_twice_is_one_request(bench: Any, service: Any, ended: Any) -> None:
    token = bench.store.create_project().token
    one = bench.ask(service, "slow-twice", token=token)
    assert bench.ask(service, "slow-twice", token=token) == one
    assert service.latest(token).id == one
    bench.go("slow-twice")
    assert ended(service, one).state == "done"


def test_errors_are_words_and_other_blocks_go_on(bench: Any, service: Any, ended: Any) -> None:
    status = ended(service, bench.ask(service, "refused1 quick5", "broken1 quick6"))
    assert status.state == "failed"
    words = "\n".join(status.errors)
    assert "refused1: no starting point was found. Give it a tighter prior." in words
    assert "broken1: this could not be fitted (ZeroDivisionError)" in words
    assert "Traceback" not in words
    states = {block.nodes[0]: block.state for block in status.blocks}
    assert states == {"refused1": "failed", "quick5": "done", "broken1": "failed", "quick6": "done"}
    assert status.hypotheses["H0"].state == "failed"


def test_a_killed_workers_block_runs_again(bench: Any, service: Any, ended: Any, until: Any) -> None:
    request = bench.ask(service, "slow-killed")
    until(lambda: bench.begun("slow-killed") and service.status(request).blocks[0].state == "running")
    before = service.cluster.pids()["nuts"]
    os.kill(before, signal.SIGKILL)
    until(lambda: bench.begun("slow-killed") == 2)
    assert service.status(request).blocks[0].attempts == 1
    bench.go("slow-killed")
    assert ended(service, request).state == "done"
    assert service.cluster.pids()["nuts"] != before


def test_a_block_that_kills_its_worker_is_given_up(bench: Any, service: Any, ended: Any) -> None:
    status = ended(service, bench.ask(service, "deadly1"))
    assert status.state == "failed"
    assert "the worker crashed 3 times" in status.errors[0]
    assert 3 <= bench.begun("deadly1") < 30  # a death before the report of its start is out counts for nothing
    assert ended(service, bench.ask(service, "quick7")).state == "done"


def test_quick_calls(bench: Any, service: Any) -> None:
    assert service.run_quick(os.getpid) == service.cluster.pids()["quick"]
    assert service.run_quick(divmod, 17, 5, key="same") == (3, 2)
    with pytest.raises(FitError, match="takes longer"):
        service.run_quick(time.sleep, 5, timeout=0.3)
    with pytest.raises(ZeroDivisionError):
        service.run_quick(divmod, 1, 0)


def test_nothing_to_fit_is_refused(bench: Any, service: Any) -> None:
    with pytest.raises(UsageError):
        service.submit(bench.store.create_project().token, bench.dataset, [])
    with pytest.raises(StoreError):
        service.submit("nobody", bench.dataset, [Hypothesis("A", (Node("x"),))])


def test_deleting_a_projects_data_stops_and_forgets(bench: Any, service: Any, ended: Any, until: Any) -> None:
    mine, other = (bench.store.create_project().token for _ in range(2))
    own = ended(service, bench.ask(service, "quick8 quick9", token=mine))
    ended(service, bench.ask(service, "quick9", token=other))
    running = bench.ask(service, "slow-deleted", token=mine)
    until(lambda: bench.begun("slow-deleted"))
    deletion = service.delete_project_data(mine)
    until(lambda: bench.stopped("slow-deleted"))
    keys = {block.nodes[0]: block.key for block in own.blocks}
    assert keys["quick8"] in deletion.block_keys
    assert keys["quick9"] not in deletion.block_keys
    assert keys["quick8"] not in service.cache
    assert keys["quick9"] in service.cache
    assert service.latest(mine) is None
    with pytest.raises(StoreError):
        service.status(running)


def test_what_another_server_cancelled_stops_here(bench: Any, service: Any, ended: Any, until: Any) -> None:
    request = bench.ask(service, "slow-elsewhere")
    until(lambda: bench.begun("slow-elsewhere"))
    bench.store.end_request(request, "cancelled")
    until(lambda: bench.stopped("slow-elsewhere"))
    assert ended(service, request).state == "cancelled"


def test_the_estimate_learns_from_what_blocks_took(bench: Any, service: Any, ended: Any) -> None:
    plan = service._work.plan(bench.dataset, [Hypothesis("A", (Node("unlucky-estimate"),))])
    service._warm.discard("Normal/identity/0/0")
    cold = service.estimate(plan)
    service._warm.add("Normal/identity/0/0")
    warm = service.estimate(plan)
    assert warm < cold
    bench.store.record_timing("Normal/identity/0/0", 3, 40.0)
    assert service.estimate(plan) > 40
