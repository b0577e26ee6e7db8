"""Real fits on real workers: somebody else's scheduler gives the same digits; cancel stops the sampler soon."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest

from core import Dataset, Hypothesis
from core.jobs import JobService
from core.store import Store

pytestmark = pytest.mark.workers

ROOT = Path(__file__).parents[2]
DRAWN = [Hypothesis.from_dagitty("dag { x -> n x -> z }", name="A")]
QUICK_WAYS = {"methods": {"n": "importance"}, "draws": 1000}
ALL_WAYS = {"methods": {"n": "nuts"}, "draws": 1000}  # x exact, b by importance sampling, n by NUTS


def rows(size: int = 200) -> Dataset:
    rng = np.random.default_rng(3)
    x = rng.normal(size=size)
    b = rng.binomial(1, 1 / (1 + np.exp(-x)))
    return Dataset.from_frame(pd.DataFrame({"x": x, "n": rng.poisson(np.exp(0.4 * x)), "z": b}))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobService]:
    with Store(home=tmp_path_factory.mktemp("real")) as store, JobService(store, warm=False, threads=2) as made:
        yield made


def ask(service: JobService, data: Dataset, **settings: Any) -> str:
    return service.submit(service.store.create_project().token, data, DRAWN, **settings)


def without_times(content: bytes) -> dict[str, Any]:
    from core.comparison.storage import comparison_from_bytes

    facts = comparison_from_bytes(content).to_dict()
    for hypothesis in facts["hypotheses"]:
        for block in hypothesis["blocks"]:
            block.pop("seconds")
    return {name: value for name, value in facts.items() if name != "seconds"}


@pytest.mark.parametrize("ways", [QUICK_WAYS, pytest.param(ALL_WAYS, marks=[pytest.mark.slow, pytest.mark.pymc])])
def test_an_external_scheduler_gives_the_same_digits(
    service: JobService, tmp_path: Path, ended: Any, until: Any, ways: dict[str, Any]
) -> None:
    """On a scheduler and a worker that were started by hand."""
    mine = ask(service, rows(), **ways)
    status = ended(service, mine)
    assert (status.state, status.errors) == ("done", ())
    taken = {block.nodes[0]: block.method for block in status.blocks}
    assert taken == {"x": "exact", "n": ways["methods"]["n"], "z": "importance"}
    told = tmp_path / "scheduler.json"
    scheduler = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    quiet = {"cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [subprocess.Popen([sys.executable, "-m", *scheduler, "--scheduler-file", str(told)], **quiet)]
    until(lambda: told.exists() and told.read_text().strip().endswith("}"))
    address = json.loads(told.read_text())["address"]
    worker = ["core.jobs.worker", address, "--threads", "2", "--cold", "--compiled", str(tmp_path / "compiled")]
    started.append(subprocess.Popen([sys.executable, "-m", *worker], **quiet))
    try:
        with Store(home=tmp_path / "home") as store:
            settings = replace(store.settings, scheduler=address)
            with JobService(store, settings=settings, warm=False) as other:
                theirs = ask(other, rows(), **ways)
                assert ended(other, theirs).errors == ()
                assert other.cluster.pids() == {}
                assert without_times(other.result(theirs)) == without_times(service.result(mine))
                for block in other.status(theirs).blocks:
                    one, two = other.cache.get(block.key), service.cache.get(block.key)
                    assert one is not None
                    assert two is not None
                    # Both workers compiled with an empty folder, so NUTS too rounds alike.
                    assert all(np.array_equal(draws, two.draws[name]) for name, draws in one.draws.items())
                    assert np.array_equal(one.elpd_i, two.elpd_i)
                    assert one.log_evidence == two.log_evidence
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.mark.pymc
@pytest.mark.slow
def test_the_last_ones_cancel_stops_the_sampler_within_a_second(service: JobService, until: Any) -> None:
    """The worker's processor time soon stands still; the model was compiled by the test before, or is now.

    Measured in processor time of the worker, a second for each of its two threads: on a machine
    that does other work besides, seconds on the clock would say nothing about the sampler.
    """
    data = rows(30_000)
    long = {"methods": {"n": "nuts"}, "draws": 40_000}
    one, two = ask(service, data, **long), ask(service, data, **long)
    sampling = lambda id: any(b.method == "nuts" and b.fraction > 0 for b in service.status(id).blocks)  # noqa: E731
    until(lambda: sampling(one) and sampling(two))
    worker = psutil.Process(service.cluster.pids()["nuts"])
    service.cancel(one)
    before = used(worker)
    until(lambda: used(worker) - before > 1.0)  # the other's sampler goes on
    before = used(worker)
    service.cancel(two)
    assert service.status(two).state == "cancelled"
    until(lambda: is_idle(worker))
    taken = used(worker) - before
    print(f"from cancel to idle: {taken:.2f} s of the processor")
    assert taken < 2.0


def used(process: psutil.Process) -> float:
    """Return the seconds of processor time that a process has used."""
    return sum(process.cpu_times()[:2])


def is_idle(process: psutil.Process) -> bool:
    """Whether a process uses next to nothing for two seconds: less than it would if it only got crumbs."""
    before = used(process)
    time.sleep(2.0)
    return used(process) - before < 0.15


@pytest.mark.pymc
@pytest.mark.slow
def test_a_cancel_while_compiling_is_told_at_once_and_the_thread_is_free_afterwards(
    service: JobService, ended: Any, until: Any
) -> None:
    drawn = [Hypothesis.from_dagitty("dag { x -> n z -> n }", name="A")]  # a signature of its own
    token = service.store.create_project().token
    asked = service.submit(token, rows(), drawn, methods={"n": "nuts"}, draws=400)
    compiling = lambda: any(b.message == "compiling the model" for b in service.status(asked).blocks)  # noqa: E731
    until(compiling)
    start = time.monotonic()
    service.cancel(asked)
    assert service.status(asked).state == "cancelled"
    assert time.monotonic() - start < 5.0
    other = ask(service, rows(150), methods={"n": "nuts"}, draws=400)
    assert ended(service, other).state == "done"
