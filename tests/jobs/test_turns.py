"""Whose turn it is, who is let in, and whose fault the end of a worker was."""

import signal
import threading
import time
from dataclasses import dataclass, field

import pytest

from core.jobs.losses import MAX_OWN, MAX_UNLUCKY, Losses, cause_of, memory_bytes, memory_kills, worker_died
from core.jobs.slots import Slots
from core.jobs.turns import Turns, Waiter
from tests.jobs.conftest import eventually


@dataclass(eq=False)
class Run:
    name: str
    subscribers: dict[str, Waiter]
    weight: float = 1.0
    suspect: bool = False
    role: str = field(default="nuts")


def run(project: str, request: str, weight: float = 1.0, patient: bool = False, suspect: bool = False) -> Run:
    return Run(f"{project}/{request}/{weight:g}", {request: Waiter(project, patient)}, weight, suspect)


def order(turns: Turns, room: int = 1) -> list[str]:
    """Serve one after another until nobody waits."""
    names = []
    while (one := turns.take("nuts", room)) is not None:
        names.append(one.name)
        turns.leave(one)
    return names


def test_projects_take_turns_then_requests_then_the_cheaper_first() -> None:
    turns = Turns()
    for weight in (5, 3, 4):
        turns.add(run("flood", "one", weight))
    turns.add(run("flood", "two", 9))
    turns.add(run("small", "only", 7))
    assert order(turns) == ["flood/one/3", "small/only/7", "flood/two/9", "flood/one/4", "flood/one/5"]


def test_a_newcomer_comes_before_those_who_were_served() -> None:
    turns = Turns()
    for weight in range(60):
        turns.add(run("flood", f"r{weight}", weight))
    for _ in range(5):
        turns.leave(turns.take("nuts", 1))
    turns.add(run("late", "r", 99))
    assert turns.take("nuts", 1).name == "late/r/99"


def test_no_more_than_there_is_room_for() -> None:
    turns = Turns()
    for weight in range(4):
        turns.add(run("a", "r", weight))
    assert [turns.take("nuts", 2) is not None for _ in range(3)] == [True, True, False]
    assert turns.take("quick", 2) is None


def test_confirmations_come_last_and_leave_a_thread_free() -> None:
    turns = Turns()
    for weight in range(3):
        turns.add(run("a", "patient", weight, patient=True))
    turns.add(run("b", "eager", 99))
    first = turns.take("nuts", 2)
    assert first.name == "b/eager/99"
    assert turns.take("nuts", 2).name == "a/patient/0"
    turns.leave(first)
    assert turns.take("nuts", 2) is None  # the last thread stays free
    turns.add(run("b", "eager", 98))
    assert turns.take("nuts", 2).name == "b/eager/98"


def test_who_joins_a_confirmations_block_makes_it_urgent() -> None:
    turns = Turns()
    block = run("a", "patient", patient=True)
    turns.add(block)
    turns.add(run("b", "eager", 0.5))
    block.subscribers["eager too"] = Waiter("c")
    assert sorted(order(turns)) == ["a/patient/1", "b/eager/0.5"]
    block.subscribers["last"] = Waiter("d")
    turns.add(block)
    assert turns.take("nuts", 1) is block


def test_a_suspect_runs_alone() -> None:
    turns = Turns()
    turns.add(run("a", "r", 1))
    turns.add(run("b", "r", 2, suspect=True))
    turns.add(run("a", "r", 3))
    first = turns.take("nuts", 2)
    assert first.name == "a/r/1"
    assert turns.take("nuts", 2) is None  # its turn, once the worker is empty
    turns.leave(first)
    suspect = turns.take("nuts", 2)
    assert suspect.name == "b/r/2"
    assert turns.take("nuts", 2) is None
    turns.leave(suspect)
    assert turns.take("nuts", 2).name == "a/r/3"


def test_marks_of_those_who_are_gone_are_dropped() -> None:
    turns = Turns()
    for number in range(3_000):
        turns.add(run(f"p{number}", f"r{number}"))
        turns.leave(turns.take("nuts", 1))
    assert len(turns._served) <= 2_002


def test_slots_are_shared_between_projects() -> None:
    slots = Slots(at_once=4, of_a_project=2, patient=1)
    entered: list[str] = []

    def enter(project: str) -> None:
        if slots.enter(project, False, lambda: False):
            entered.append(project)

    for project in ("a", "a", "a", "a", "b"):
        threading.Thread(target=enter, args=(project,), daemon=True).start()
    eventually(lambda: len(entered) == 3)
    time.sleep(0.3)
    assert sorted(entered) == ["a", "a", "b"]
    slots.leave("a", False)
    eventually(lambda: len(entered) == 4)
    time.sleep(0.3)
    assert entered[3:] == ["a"]
    assert slots.enter("a", True, lambda: False)  # confirmations have their own
    assert not slots.enter("c", True, lambda: True)
    stop = threading.Event()
    threading.Timer(0.2, lambda: (stop.set(), slots.wake())).start()
    assert not slots.enter("c", True, stop.is_set)  # comes back, though the slot is still taken


@pytest.mark.parametrize(
    ("status", "share", "starved", "cause"),
    [
        (-signal.SIGKILL, 0.1, False, "killed"),
        (-signal.SIGKILL, 0.1, True, "memory"),
        (-signal.SIGKILL, 0.9, False, "memory"),
        (-signal.SIGTERM, 0.9, False, "killed"),
        (-signal.SIGSEGV, 0.1, False, "crash"),
        (-signal.SIGABRT, 0.1, False, "crash"),
        (0, 0.9, False, "killed"),
        (1, 0.1, True, "killed"),
        (134, 0.1, False, "crash"),
    ],
)
def test_why_a_worker_ended(status: int, share: float, starved: bool, cause: str) -> None:
    assert cause_of(status, share, starved) == cause


def test_twenty_kills_from_outside_are_nobodys_fault_and_three_of_its_own_are() -> None:
    unlucky, guilty = Losses(), Losses()
    for _ in range(20):
        unlucky.count("killed")
        assert unlucky.refusal("it ran") is None
    for _ in range(MAX_UNLUCKY - 20):
        unlucky.count("queued")
    assert "stopped 30 times while it ran" in str(unlucky.refusal("it ran"))
    for number in range(MAX_OWN):
        assert guilty.refusal("it ran") is None, number
        guilty.count("memory")
    refusal = guilty.refusal("it ran")
    assert refusal is not None
    assert refusal.message == "the worker ran out of memory 3 times while it ran"


def test_memory_is_known() -> None:
    assert memory_bytes() > 100_000_000
    assert memory_kills() >= 0


def test_what_dask_says_of_a_lost_worker() -> None:
    class KilledWorker(Exception):  # noqa: N818 — Dask's name
        pass

    assert worker_died(KilledWorker())
    assert not worker_died(ZeroDivisionError())
