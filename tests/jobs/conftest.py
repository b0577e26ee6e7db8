"""A job service with two real workers, and work whose course the tests decide."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.fit.result import Block
from core.hypothesis import Hypothesis, Node
from core.jobs import JobService, RequestStatus
from core.jobs.flow import Work
from core.model.design import BlockData
from core.model.spec import ModelSpec, NodeModel, Response
from core.store import Store
from core.study.planning import Plan

PATIENCE = 600.0  # bounds a hang; on two cores that others use too everything may take its time


def key_of(node: str) -> str:
    """The content key that the made-up plan gives a node."""
    return hashlib.blake2b(node.encode(), digest_size=20).hexdigest()


def made_up_plan(dataset: Dataset, hypotheses: Sequence[Hypothesis], **_: Any) -> Plan:
    """One block a node; nodes called quick… are exact, auto… and hard… leave the way open, the others are sampled."""
    blocks, keys, specs = {}, {}, []
    rows = np.ones(3)
    for hypothesis in hypotheses:
        keys[hypothesis.name] = {node.name: key_of(node.name) for node in hypothesis.nodes}
        models = tuple(NodeModel(node.name, "real", "Normal", "identity", Response()) for node in hypothesis.nodes)
        specs.append(ModelSpec(hypothesis.name, models))
        for model in models:
            method = {"quick": "exact", "auto": "auto", "hard": "auto"}.get(
                model.node.split("-")[0].rstrip("0123456789")
            )
            method = method or "nuts"
            data = BlockData(rows, np.empty((3, 0)), rows * 0, rows > 0)
            blocks[key_of(model.node)] = (Block(key_of(model.node), model, method, 400, 0), data)
    nodes = tuple(dict.fromkeys(node for own in keys.values() for node in own))
    graphs = tuple(hypothesis.graph for hypothesis in hypotheses)
    return Plan(dataset, dataset, tuple(hypotheses), graphs, tuple(specs), keys, blocks, nodes)


def made_up_resample(plan: Plan, fits: Any) -> Plan:
    """The same nodes, sampled, but for those that were sampled before."""
    blocks, keys = dict(plan.blocks), {name: dict(nodes) for name, nodes in plan.keys.items()}
    for name, nodes in plan.keys.items():
        for node, key in nodes.items():
            if fits[key].method != "nuts":
                block, data = plan.blocks[key]
                again = key_of(node + " again")
                blocks.pop(key, None)
                blocks[again] = (Block(again, block.model, "nuts", 400, 0), data)
                keys[name][node] = again
    return replace(plan, blocks=blocks, keys=keys)


def made_up_work(folder: Path) -> Work:
    """Work that follows a node's name and leaves traces in a folder.

    Defined inside a function, so that it reaches the workers by value: they cannot import tests.
    """
    place = str(folder)

    def fit(block: Any, data: Any, progress: Any, cancelled: Any, sampler: bool = True) -> Any:
        import os
        import signal
        import threading
        import time
        from pathlib import Path

        import numpy as np

        from core.errors import FitError
        from core.fit.result import BlockFit, FitCancelledError, NeedsSamplerError

        folder, node = Path(place), block.model.node
        if block.method == "auto" and node.startswith("hard") and not sampler:
            (folder / f"{node}.tried").touch()
            raise NeedsSamplerError("the weights are too uneven", place=f"node {node}")
        with open(folder / f"{node}.begun", "a") as file:
            file.write("x")
        niceness = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        (folder / f"{node}.niceness").write_text(str(niceness))
        if "timed" in node:
            time.sleep(0.25)
        if node.startswith("refused"):
            raise FitError("no starting point was found", hint="Give it a tighter prior.")
        if node.startswith("broken"):
            raise ZeroDivisionError("oh")
        if node.startswith("deadly") or (
            node.startswith("unlucky") and len((folder / f"{node}.begun").read_text()) == 1
        ):
            time.sleep(0.5)  # long enough for the report of its start
            if node.startswith("deadly"):
                os.abort()
            os.kill(os.getpid(), signal.SIGKILL)
        if node.startswith("slow") or (block.method == "nuts" and "slowly" in node):
            progress(0.3)
            end = time.monotonic() + 100
            while not (folder / f"{node}.go").exists() and time.monotonic() < end:
                if cancelled():
                    (folder / f"{node}.stopped").touch()
                    raise FitCancelledError(f"node {node}")
                time.sleep(0.02)
        ones = np.ones(3)
        way = {"auto": "importance" if not sampler else "nuts"}.get(block.method, block.method)
        return BlockFit(block.key, way, {"intercept": ones}, -ones, -ones, -3.0, seconds={"fit": 0.1})

    def assemble(plan: Any, fits: Any, left_out: Any) -> bytes:
        return "\n".join([",".join(sorted(fits)), *(one.said for one in left_out)]).encode()

    def confirm(quick_plan: Any, quick_fits: Any, plan: Any, fits: Any) -> bytes:
        ways = [
            [found[key].method for key in sorted(made.blocks)]
            for made, found in ((quick_plan, quick_fits), (plan, fits))
        ]
        return repr(ways).encode()

    return Work(made_up_plan, fit, assemble, made_up_resample, confirm)


class Bench:
    """A home folder with a store, and services on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(home=folder / "home")
        self.dataset = Dataset.from_frame(pd.DataFrame({"x": [1.5, 2.5, 0.5, 1.25]}))
        self.services: list[JobService] = []

    def service(self, **options: Any) -> JobService:
        """Start a service of made-up work."""
        service = JobService(self.store, work=made_up_work(self.folder), warm=False, threads=2, **options)
        self.services.append(service)
        service.start()
        return service

    def ask(self, service: JobService, *names: str, token: str | None = None) -> str:
        """Ask for hypotheses, each written as its nodes: ``"quick1 slow1"``."""
        drawn = [Hypothesis(f"H{i}", tuple(Node(node) for node in name.split())) for i, name in enumerate(names)]
        return service.submit(token or self.store.create_project().token, self.dataset, drawn)

    def begun(self, node: str) -> int:
        """How many times the fit of a node began."""
        trace = self.folder / f"{node}.begun"
        return len(trace.read_text()) if trace.exists() else 0

    def go(self, node: str) -> None:
        """Let a slow node finish."""
        (self.folder / f"{node}.go").touch()

    def stopped(self, node: str) -> bool:
        """Whether a slow node saw that it was cancelled."""
        return (self.folder / f"{node}.stopped").exists()

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Shut all services down."""
        for service in self.services:
            service.shutdown()
        self.store.close()


def eventually(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} s")


def finished(service: JobService, request: str) -> RequestStatus:
    """Wait for a request to end."""
    return eventually(lambda: None if (status := service.status(request)).live else status)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("jobs"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def service(bench: Bench) -> JobService:
    return bench.service()


@pytest.fixture
def new_bench(tmp_path: Path) -> Callable[[], Bench]:
    """A bench of one test's own, whose services it starts and stops."""
    return lambda: Bench(tmp_path)


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    return eventually


@pytest.fixture(scope="session")
def ended() -> Callable[[JobService, str], RequestStatus]:
    return finished
