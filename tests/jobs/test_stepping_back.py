"""What nobody waits for steps back: at low priority, after the quick worker, and not while somebody waits."""

import os
import sys
import threading
import types
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.jobs import JobService, warm
from core.jobs.children import Child
from core.jobs.cluster import Cluster
from core.jobs.priority import PATIENT_NICENESS, raise_priority
from core.settings import load_settings

pytestmark = pytest.mark.workers


def priorities(pid: int) -> list[int]:
    """Niceness of each thread of a process (Linux)."""
    found = []
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        found.append(int(stat.read_text().rpartition(")")[2].split()[16]))
    return found


def loaded(pid: int, name: str) -> bool:
    """Whether a process has loaded a library whose path has this name in it (Linux)."""
    return any(name in part.path for part in psutil.Process(pid).memory_maps())


@pytest.mark.pymc
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_sampler_is_not_prepared_while_somebody_waits(bench: Any, ended: Any, until: Any) -> None:
    """Judged by what the workers have loaded and by their priorities, not by the clock."""
    from tests.jobs.conftest import made_up_work

    with JobService(bench.store, work=made_up_work(bench.folder), warm=True, threads=2) as service:
        told: list[tuple[str, str]] = []
        note = service.cluster._on_event

        def listen(message: Any) -> None:
            if "warm" in message:
                told.append((message["warm"], message["kind"]))
            if note is not None:
                note(message)

        service.cluster._on_event = listen
        asked = bench.ask(service, "slow-first-minute")
        until(lambda: bench.begun("slow-first-minute"))
        until(lambda: ("quick", "importance") in told)
        until(lambda: service.cluster._children["nuts"].up)
        nuts = service.cluster.pids()["nuts"]
        # Its warming thread has begun to wait, at low priority; tasks of the same process have theirs.
        until(lambda: PATIENT_NICENESS in priorities(nuts))
        assert set(priorities(nuts)) == {os.getpriority(os.PRIO_PROCESS, 0), PATIENT_NICENESS}
        assert PATIENT_NICENESS not in priorities(service.cluster.pids()["quick"])
        # Niceness weighs only inside of one session; signals of the terminal stay away all the same.
        assert os.getsid(nuts) == os.getsid(0)
        assert os.getpgid(nuts) != os.getpgid(0)
        assert not loaded(nuts, "llvmlite")
        assert not [kind for role, kind in told if role == "nuts"]
        bench.go("slow-first-minute")
        assert ended(service, asked).state == "done"
        until(lambda: ("nuts", "imports") in told)
        assert loaded(nuts, "llvmlite")


def test_every_step_of_warming_waits_until_nobody_does(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    sampling = types.SimpleNamespace(prewarm=lambda signs: steps.append(f"compile {signs[0].family}"))
    monkeypatch.setitem(sys.modules, "core.fit.nuts_sampling", sampling)  # type: ignore[arg-type]
    monkeypatch.setattr(warm, "import_module", lambda name: steps.append(f"import {name}"))
    monkeypatch.setattr(warm, "load", lambda method: steps.append(f"load {method}"))
    monkeypatch.setattr(warm, "LIMIT", 2)
    seen: list[int] = []
    turn = threading.Semaphore(0)

    def busy() -> bool:
        """Somebody waits, until this test lets one step through."""
        seen.append(len(steps))
        return not turn.acquire(timeout=0.001)

    thread = threading.Thread(target=lambda: list(warm.warm_up("nuts", (), busy)), daemon=True)
    thread.start()
    for number in range(1, 8):
        before = len(seen)
        while len(seen) < before + 3:  # it looks again and again, and does nothing
            pass
        assert len(steps) <= number
        turn.release()
    thread.join(60)
    assert [step.split()[0] for step in steps] == ["import"] * 5 + ["load"] + ["compile"] * 2


def test_who_waits_is_told_to_the_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(load_settings(tmp_path, {}))
    now = [1000.0]
    monkeypatch.setattr("core.jobs.cluster.time", types.SimpleNamespace(monotonic=lambda: now[0]))
    quick = Child("quick", None, now[0])  # type: ignore[arg-type]
    cluster._children["quick"] = quick
    assert not cluster._must_wait("quick")
    assert cluster._must_wait("nuts")  # the first fit needs the quick one, and the processor
    quick.warm = True
    assert not cluster._must_wait("nuts")
    with cluster.waited_for(), cluster.waited_for():
        assert cluster._must_wait("nuts")
        assert cluster._must_wait("quick")
    assert cluster._must_wait("nuts")  # who has just got an answer asks the next thing
    now[0] += 10
    assert not cluster._must_wait("nuts")
    quick.warm, now[0] = False, now[0] + 600  # it could not warm up: the other does not wait for ever
    assert not cluster._must_wait("nuts")


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities on Linux only")
def test_what_somebody_waits_for_now_is_not_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fit that needs the sampler gives the warming thread its priority back, as far as that is permitted."""
    raised: list[int] = []
    monkeypatch.setattr(warm, "raise_priority", raised.append)
    monkeypatch.setattr(warm, "_loaded", {"steps", "importance", "nuts"})
    begun, waits = threading.Event(), threading.Event()

    def busy() -> bool:
        begun.set()
        return not waits.wait(0.01)

    thread = threading.Thread(target=warm._wait, args=(busy,))
    thread.start()
    begun.wait()
    assert os.getpriority(os.PRIO_PROCESS, thread.native_id or 0) >= PATIENT_NICENESS
    warm.load("exact")
    warm.load("auto", sampler=False)  # what the quick worker does
    assert raised == []
    warm.load("auto")
    assert raised == [thread.native_id]
    raise_priority(thread.native_id or 0)
    allowed = os.getpriority(os.PRIO_PROCESS, thread.native_id or 0)
    assert allowed in (os.getpriority(os.PRIO_PROCESS, os.getpid()), PATIENT_NICENESS)
    waits.set()
    thread.join()
