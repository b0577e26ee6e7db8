"""Whose turn it is: a few blocks at the workers, the others wait here, fairly.

Dask takes tasks in the order in which they come, so sixty blocks of one user would stand
before the one block of the next. Here a worker is given little more than it can run at
once, and whoever was served longest ago comes next: first among projects, then among the
requests of that project, then the block that is expected to be done soonest. Confirmations
by NUTS, which nobody waits for, come after everything else and never take the last thread.
"""

from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

__all__ = ["Turns", "Waiter"]


@dataclass(frozen=True)
class Waiter:
    """A request that waits for a block."""

    project: str
    patient: bool = False  # a confirmation: others first


class _Run(Protocol):
    """What is asked of a run here."""

    subscribers: dict[str, Waiter]
    weight: float

    @property
    def role(self) -> str: ...

    @property
    def suspect(self) -> bool: ...


class Turns:
    """Who waits and who was served. Not locked: :class:`core.jobs.blocks.BlockRuns` holds its lock."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[Any, int]] = {}
        self._away: dict[str, set[Any]] = {}
        self._served: dict[str, int] = {}
        self._clock = count(1)

    def add(self, run: _Run) -> None:
        """Let a run wait for its turn."""
        self._waiting.setdefault(run.role, {}).setdefault(run, next(self._clock))

    def leave(self, run: _Run) -> None:
        """Forget a run, waiting or at a worker."""
        for runs in self._waiting.values():
            runs.pop(run, None)
        for away in self._away.values():
            away.discard(run)

    def waiting(self, role: str) -> tuple[Any, ...]:
        """Return the runs that wait for workers of a role."""
        return tuple(self._waiting.get(role, ()))

    def take(self, role: str, room: int) -> Any | None:
        """Return the run whose turn it is, now counted as being at a worker; None if there is no room.

        ``room`` is the number of blocks that may be at the workers of this role at once.
        """
        waiting, away = self._waiting.get(role, {}), self._away.setdefault(role, set())
        room = max(1, room)
        if not waiting or len(away) >= room or any(run.suspect for run in away):
            return None
        eager = {run: since for run, since in waiting.items() if not _patient(run)}
        if not eager and sum(_patient(run) for run in away) >= max(1, room - 1):
            return None
        run = min(eager or waiting, key=lambda run: self._rank(run, waiting[run]))
        if run.suspect and away:  # its worker died under it: the next time it is alone there
            return None
        del waiting[run]
        away.add(run)
        now = next(self._clock)
        for request, waiter in run.subscribers.items():
            self._served[waiter.project] = self._served[request] = now
        self._forget()
        return run

    def _rank(self, run: _Run, since: int) -> tuple[int, int, float, int]:
        best = min(
            (self._served.get(waiter.project, 0), self._served.get(request, 0))
            for request, waiter in run.subscribers.items()
        )
        return (*best, run.weight, since)

    def _forget(self) -> None:
        """Drop the marks of those who are long gone."""
        if len(self._served) > 2_000:
            known = {name for runs in self._waiting.values() for run in runs for name in run.subscribers}
            known |= {w.project for runs in self._waiting.values() for run in runs for w in run.subscribers.values()}
            self._served = {name: when for name, when in self._served.items() if name in known}


def _patient(run: _Run) -> bool:
    return bool(run.subscribers) and all(waiter.patient for waiter in run.subscribers.values())
