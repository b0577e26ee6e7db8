"""Several users on the same workers: fair, sharing blocks, none in another's way; and three ways to fit."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import core
from core.errors import UsageError

pytestmark = pytest.mark.workers

ROOT = Path(core.__file__).parents[1]


def test_a_flood_of_one_project_does_not_starve_another(bench: Any, service: Any, ended: Any, until: Any) -> None:
    mine = bench.store.create_project().token
    flood = [
        bench.ask(service, " ".join(f"timed-flood{request}x{node}" for node in range(10)), token=mine)
        for request in range(6)
    ]
    until(lambda: bench.begun("timed-flood0x0") or bench.begun("timed-flood1x0"))
    before = len(begun_by("timed-flood", bench.folder))
    other = ended(service, bench.ask(service, "timed-other1 timed-other2"))
    assert other.state == "done"
    served = max(begun_by("timed-other", bench.folder))
    between = sum(when < served for when in begun_by("timed-flood", bench.folder)) - before
    # In order of arrival thirty would come first: three requests of ten blocks. By turns it is a few; how
    # many exactly is for the machine to say, but not how long anything takes.
    assert between < 15
    for request in flood:
        service.cancel(request)
    for request in flood:
        ended(service, request)


def begun_by(name: str, folder: Path) -> list[float]:
    """When the blocks of this name began."""
    return [trace.stat().st_mtime for trace in folder.glob(f"{name}*.begun")]


def test_the_quick_way_first_and_the_sampler_where_it_does_not_do(bench: Any, service: Any, ended: Any) -> None:
    status = ended(service, bench.ask(service, "auto1 hard1 quick-h"))
    assert status.state == "done"
    ways = {block.nodes[0]: (block.method, block.attempts) for block in status.blocks}
    assert ways == {"auto1": ("importance", 0), "hard1": ("nuts", 0), "quick-h": ("exact", 0)}
    assert (bench.folder / "hard1.tried").exists()
    assert bench.begun("hard1") == 1
    again = ended(service, bench.ask(service, "auto1 hard1"))
    assert {block.nodes[0]: block.method for block in again.blocks} == {"auto1": "importance", "hard1": "nuts"}
    assert all(block.cached for block in again.blocks)


def test_a_block_that_is_handed_over_says_so(bench: Any, service: Any, ended: Any, until: Any) -> None:
    request = bench.ask(service, "hard-slowly")
    until(lambda: bench.begun("hard-slowly"))
    # the made-up fit of "nuts" blocks alone is slow; this one is over soon, so its traces are looked at
    status = ended(service, request)
    assert status.blocks[0].method == "nuts"
    block, data = next(iter(service._work.plan(bench.dataset, _drawn("hard-said")).blocks.values()))
    run = service.runs.subscribe("nobody", block, data)
    until(lambda: run.handed_over)
    from core.jobs.job import Job, Planned, status_of

    job = Job("id", "project", {}, time.time(), state="running")
    job.planned, job.runs = {block.key: Planned(block, data, ("hard-said",), ("H0",))}, {block.key: run}
    run.state, run.fraction = "running", 0.4
    assert status_of(job).blocks[0].message == "quick way not good enough, sampling"
    run.state = "queued"
    assert status_of(job).blocks[0].message == "quick way not good enough, sampling"
    service.runs.leave("nobody", [block.key])


def _drawn(*names: str) -> list[Any]:
    from core.hypothesis import Hypothesis, Node

    return [Hypothesis("H0", tuple(Node(name) for name in names))]


def test_what_is_whole_is_compared_and_what_is_left_out_is_named(bench: Any, service: Any, ended: Any) -> None:
    status = ended(service, bench.ask(service, "quick-p1 quick-p2", "quick-p1 refused-p"))
    assert status.state == "done"
    assert status.errors == ("refused-p: no starting point was found. Give it a tighter prior.",)
    keys, left_out = service.result(status.id).decode().split("\n")
    assert keys.split(",") == sorted(b.key for b in status.blocks if b.nodes[0].startswith("quick"))
    assert left_out.startswith("Hypothesis H1 is left out of this comparison")
    assert left_out.endswith("refused-p: no starting point was found. Give it a tighter prior.")
    assert {name: h.state for name, h in status.hypotheses.items()} == {"H0": "done", "H1": "failed"}
    assert bench.store.request(status.id).errors == status.errors


def test_a_confirmation_is_patient_and_in_nobodys_way(bench: Any, service: Any, ended: Any, until: Any) -> None:
    names = ["quick-slowly1", "quick-slowly2", "sampled-c"]
    quick = ended(service, bench.ask(service, " ".join(names)))
    assert quick.state == "done"
    confirming = service.confirm(quick.id)
    assert service.confirm(quick.id) == confirming
    until(lambda: any(bench.begun(name) == 2 for name in names[:2]))
    assert service.latest(quick.project).id == quick.id
    # Of two threads one stays free for others, who come at once.
    assert ended(service, bench.ask(service, "sampled-d")).state == "done"
    assert sorted(bench.begun(name) for name in names) == [1, 1, 2]
    status = service.status(confirming)
    assert {block.method for block in status.blocks} == {"nuts"}
    waiting = next(name for name in names[:2] if bench.begun(name) == 1)
    for name in names[:2]:
        bench.go(name)
    done = ended(service, confirming)
    assert (done.state, done.errors) == ("done", ())
    ways = json.loads(service.result(confirming).decode().replace("'", '"'))
    assert [sorted(found) for found in ways] == [["exact", "exact", "nuts"], ["nuts", "nuts", "nuts"]]
    assert bench.begun("sampled-c") == 1  # NUTS made it before
    ours = os.getpriority(os.PRIO_PROCESS, 0)  # the tests themselves may have been told to be nice
    assert int((bench.folder / f"{waiting}.niceness").read_text()) == max(ours, 10)
    assert int((bench.folder / "sampled-d.niceness").read_text()) == ours
    with pytest.raises(UsageError):
        service.confirm(confirming)


def test_a_confirmation_is_cancelled_and_resumed(new_bench: Any, ended: Any, until: Any) -> None:
    with new_bench() as bench:
        first = bench.service()
        quick = ended(first, bench.ask(first, "quick-slowly3"))
        dropped = first.confirm(quick.id)
        until(lambda: bench.begun("quick-slowly3") == 2)
        assert first.cancel(dropped)
        until(lambda: bench.stopped("quick-slowly3"))
        asked = first.confirm(quick.id)
        assert asked != dropped
        until(lambda: bench.begun("quick-slowly3") == 3)
        first.shutdown()
        assert bench.store.request(asked).live
        second = bench.service()
        until(lambda: bench.begun("quick-slowly3") == 4)
        bench.go("quick-slowly3")
        assert ended(second, asked).state == "done"
        assert second.result(asked) == b"[['exact'], ['nuts']]"


OTHER = """
import sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from conftest import Bench, finished

bench = Bench(Path(sys.argv[1]))
service = bench.service(settings=replace(bench.store.settings, scheduler=sys.argv[2]))
for names in ("slow-both quick-both", "slow-left-here"):
    asked = bench.ask(service, names)
    print(asked, flush=True)
    if sys.stdin.readline().strip() == "cancel":
        service.cancel(asked)
    print(finished(service, asked).state, flush=True)
bench.close()
"""


def test_two_servers_on_one_scheduler_share_blocks(new_bench: Any, ended: Any, until: Any) -> None:
    """Each block once; whoever leaves does not stop what the other waits for."""
    from distributed import LocalCluster

    options = {"processes": False, "protocol": "tcp", "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=1, threads_per_worker=2, **options) as cluster, new_bench() as bench:
        here = bench.service(settings=replace(bench.store.settings, scheduler=cluster.scheduler_address))
        other = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(bench.folder), cluster.scheduler_address, str(Path(__file__).parent)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert other.stdin is not None
        assert other.stdout is not None

        def tell(word: str) -> None:
            print(word, file=other.stdin, flush=True)

        def wanted_by_both(request: str, node: str) -> bool:
            keys = [block.key for block in here.status(request).blocks if block.nodes == (node,)]
            tasks = list(cluster.scheduler.tasks.values())
            return any(key in str(task.key) and len(task.who_wants) == 2 for key in keys for task in tasks)

        try:
            mine = bench.ask(here, "slow-both quick-both")
            theirs = other.stdout.readline().strip()
            assert theirs
            until(lambda: wanted_by_both(mine, "slow-both") and bench.begun("slow-both"))
            here.cancel(mine)  # the other goes on
            tell("wait")
            time.sleep(0.5)
            assert not bench.stopped("slow-both")
            bench.go("slow-both")
            assert other.stdout.readline() == "done\n"
            mine = bench.ask(here, "slow-left-here")
            theirs = other.stdout.readline().strip()
            assert theirs
            until(lambda: wanted_by_both(mine, "slow-left-here") and bench.begun("slow-left-here"))
            tell("cancel")
            assert other.stdout.readline() == "cancelled\n"
            time.sleep(0.5)
            assert not bench.stopped("slow-left-here")
            bench.go("slow-left-here")
            assert ended(here, mine).state == "done"
        finally:
            other.kill()
            other.communicate()
        assert [bench.begun(node) for node in ("slow-both", "quick-both", "slow-left-here")] == [1, 1, 1]
