"""How long a fit of the marketing sample takes right after the start, and later; and the way of a request itself.

    python -m benchmarks.first_minute                 three starts, each in a folder of its own
    python -m benchmarks.first_minute --wait 60       on a busy machine: later is after so many seconds at most

Each start is a job service with its workers, as the web server starts them. The sample is asked for
at once, and again (with another seed, so that nothing is known from before) when the sampler's
imports and its first models are ready. Then a changed arrow whose blocks are all in closed form
is asked for: what it takes less what the workers say that they computed is the way there
and back. Beside the clock stand the processor seconds of the service and its quick worker, which
other work on the machine changes least.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any

import psutil

from core.data.samples import get_sample
from core.hypothesis import Hypothesis
from core.jobs import JobService
from core.store import Store

ENOUGH = 3  # models that the sampler has ready when it counts as later
MACHINE_QUIET = 0.7


class Watched:
    """A service on a new home, and what its workers told of their warming."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(home=folder)
        self.service = JobService(self.store)
        self.warm: list[str] = []
        note = self.service.cluster._on_event

        def listen(message: Any) -> None:
            if message.get("warm") == "nuts":
                self.warm.append(str(message["kind"]))
            if note is not None:
                note(message)

        self.service.cluster._on_event = listen
        self.sample = get_sample("marketing")
        self.data = self.sample.read()
        self.drawn = [Hypothesis.from_dagitty(h.path.read_text(), name=h.name) for h in self.sample.hypotheses]

    def fit(self, drawn: list[Hypothesis], seed: int) -> tuple[float, float, float]:
        """Seconds on the clock, of processors, and of the clock less what the workers computed."""
        before, start = self.cpu(), perf_counter()
        effects = [(self.sample.exposure, self.sample.outcome)]
        token = self.store.create_project().token
        asked = self.service.submit(token, self.data, drawn, effects=effects, seed=seed)
        status = self.service.wait(asked)
        took = perf_counter() - start
        if status.state != "done":
            raise RuntimeError(f"{status.state}: {status.errors}")
        fits = [self.service.cache.get(block.key) for block in status.blocks if not block.cached]
        computed = sum(sum(fit.seconds.values()) for fit in fits if fit is not None)
        return took, self.cpu() - before, took - computed

    def cpu(self) -> float:
        """Processor seconds of this process and the quick worker."""
        pids = [os.getpid(), *(pid for role, pid in self.service.cluster.pids().items() if role == "quick")]
        return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)

    def exact(self) -> list[Hypothesis]:
        """One drawing whose nodes all have a closed form: a table for yes or no, else Normal."""
        drawn = self.drawn[0]
        discrete = {column.name for column in self.data.columns if column.kind == "binary"}
        nodes = tuple(
            replace(node, family="Table", link=None)
            if node.name in discrete
            else replace(node, family="Normal", link="identity")
            for node in drawn.nodes
        )
        return [replace(drawn, nodes=nodes)]


def one_start(wait: float) -> None:
    """Print what one start took, as numbers on a line."""
    with tempfile.TemporaryDirectory() as folder:
        watched = Watched(Path(folder))
        watched.service.start()
        first = watched.fit(watched.drawn, 1)
        ahead = sum(psutil.Process(watched.service.cluster.pids()["nuts"]).cpu_times()[:2])
        end = monotonic() + wait
        while len(watched.warm) < 1 + ENOUGH and monotonic() < end:
            sleep(0.2)
        later = watched.fit(watched.drawn, 2)
        watched.fit(watched.exact(), 3)
        way = [watched.fit(watched.exact(), seed) for seed in range(4, 9)]
        watched.service.shutdown()
        watched.store.close()
    print(*(f"{number:.3f}" for row in (first, later, min(way), (ahead,)) for number in row), flush=True)


def main() -> int:
    """Start several times and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--wait", type=float, default=300.0, help="for the sampler's first models, in seconds")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        one_start(chosen.wait)
        return 0
    command = [sys.executable, "-m", "benchmarks.first_minute", "--one", "--wait", str(chosen.wait)]
    load = os.getloadavg()[0]
    rows = []
    for _ in range(chosen.starts):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows.append([float(number) for number in done.stdout.split()])
    first, first_cpu, _, later, later_cpu, _, exact, _, way, ahead = (
        statistics.median(column) for column in zip(*rows, strict=True)
    )
    print("the marketing sample, from asked to answered, median of", chosen.starts, "starts")
    print(f"  asked at the start    {first:6.2f} s  (processor {first_cpu:5.2f} s)")
    print(f"  meanwhile the other worker, for which nobody waited, used {ahead:.2f} s of a processor")
    print(f"  asked later           {later:6.2f} s  (processor {later_cpu:5.2f} s)   ratio {first / later:.1f}")
    print(f"  all in closed form    {exact:6.2f} s  of which the way there and back, checks included, {way:.2f} s")
    if load > MACHINE_QUIET:
        print(f"  Other work ran meanwhile (load {load:.1f} on {os.cpu_count()} cores).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
