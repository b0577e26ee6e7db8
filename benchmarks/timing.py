"""Wall and processor time of a piece of work, and rows of the table of ratios."""

import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter, process_time
from typing import Any

__all__ = ["Row", "Section", "Took", "children_cpu", "middle", "timed"]


@dataclass(frozen=True)
class Took:
    """Seconds on the clock, and of processors (all threads)."""

    wall: float
    cpu: float


def timed(work: Callable[[], Any]) -> tuple[Took, Any]:
    """Run something in this process; return what it took and its result."""
    wall, cpu = perf_counter(), process_time()
    found = work()
    return Took(perf_counter() - wall, process_time() - cpu), found


def children_cpu() -> float:
    """Return the processor seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def middle(times: Sequence[Took]) -> Took:
    """Return the median of each."""
    return Took(median(took.wall for took in times), median(took.cpu for took in times))


@dataclass(frozen=True)
class Row:
    """One comparison: what a user would run instead, Whyboard, and what was aimed at.

    Parameters
    ----------
    what : str
    theirs, ours : Took or None
        None where there is no such side, or it could not run.
    target : float, optional
        The ratio aimed at, theirs over ours; with ``at_most`` the most that ours may take, in seconds, or
        the most that ``growth`` may be.
    at_most : bool
    growth : float, optional
        Given instead of a ratio of the two sides.
    note : str
    """

    what: str
    theirs: Took | None = None
    ours: Took | None = None
    target: float | None = None
    at_most: bool = False
    growth: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Theirs over ours on the clock, or the growth."""
        if self.growth is not None:
            return self.growth
        if self.theirs is None or self.ours is None:
            return None
        return self.theirs.wall / self.ours.wall

    @property
    def cpu_ratio(self) -> float | None:
        """Theirs over ours in processor seconds: what a busy machine changes least."""
        if self.theirs is None or self.ours is None:
            return None
        return self.theirs.cpu / self.ours.cpu

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none or nothing was measured."""
        if self.target is None:
            return None
        if self.at_most:
            value = self.growth if self.growth is not None else self.ours.wall if self.ours else None
            return None if value is None else value <= self.target
        return None if self.ratio is None else self.ratio >= self.target


@dataclass(frozen=True)
class Section:
    """Rows that belong together, what the two columns of times are, and how they were measured."""

    title: str
    theirs: str
    ours: str
    how: str
    rows: tuple[Row, ...]
    lines: tuple[str, ...] = field(default_factory=tuple)
