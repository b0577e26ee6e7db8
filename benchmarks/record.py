"""What was measured, kept as it comes, so that a run that is cut short has not run in vain."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.timing import Took, middle

__all__ = ["Record"]


@dataclass
class Record:
    """Times by what was timed, sizes of the scale part, versions, loads, and sentences.

    Parameters
    ----------
    times : dict of str to list of Took
    points : dict of str to list
        Of :mod:`benchmarks.point`.
    versions : dict
        Of the peers' packages.
    absent : dict
        Why a peer could not run.
    loads : list of float
        Load of the machine, as it was now and then.
    lines : dict of str to str
        How Whyboard fitted, and its verdict.
    file : Path, optional
        Written at every :meth:`save`.
    """

    times: dict[str, list[Took]] = field(default_factory=dict)
    points: dict[str, list[Any]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    loads: list[float] = field(default_factory=list)
    lines: dict[str, str] = field(default_factory=dict)
    file: Path | None = None

    def add(self, what: str, took: Took) -> None:
        """Add one time."""
        self.times.setdefault(what, []).append(took)

    def middle(self, what: str) -> Took | None:
        """Return the median of what was timed; None if nothing was."""
        return middle(self.times[what]) if self.times.get(what) else None

    def save(self) -> None:
        """Write all to the file."""
        if self.file is None:
            return
        times = {what: [[took.wall, took.cpu] for took in found] for what, found in self.times.items()}
        parts = {name: getattr(self, name) for name in ("points", "versions", "absent", "loads", "lines")}
        self.file.write_text(json.dumps({"times": times, **parts}, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, files: Iterable[Path]) -> "Record":
        """Return several records as one."""
        whole = cls()
        for file in files:
            found = json.loads(file.read_text(encoding="utf-8"))
            for what, times in found["times"].items():
                whole.times.setdefault(what, []).extend(Took(*took) for took in times)
            for what, points in found["points"].items():
                whole.points.setdefault(what, []).extend(points)
            whole.loads += found["loads"]
            for name in ("versions", "absent", "lines"):
                getattr(whole, name).update(found[name])
        return whole
