"""Workers killed again and again in the middle of real fits, and blocks that kill their worker."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import Dataset, Hypothesis
from core.comparison.storage import comparison_from_bytes
from core.fit.cache import BlockCache
from core.fit.result import BlockFit
from core.jobs import JobService
from core.jobs.blocks import ENDED, BlockRun
from core.store import Store
from core.study import plan

pytestmark = pytest.mark.workers

FEW, TWENTY = {"quick": 5, "nuts": 0}, {"quick": 17, "nuts": 3}
PATIENCE = 900.0  # bounds a hang
ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def rows() -> Dataset:
    rng = np.random.default_rng(5)
    x = rng.normal(size=600)
    z = 0.4 * x + rng.normal(size=600)
    return Dataset.from_frame(
        pd.DataFrame(
            {
                "x": x,
                "z": z,
                "n": rng.poisson(np.exp(0.3 * x - 0.2 * z + 0.5)),
                "b": rng.binomial(1, 1 / (1 + np.exp(-z))),
            }
        )
    )


DRAWN = [
    Hypothesis.from_dagitty("dag { x -> z x -> n z -> n z -> b }", name="A"),
    Hypothesis.from_dagitty("dag { z -> x x -> n b }", name="B"),
]
SAMPLED = [Hypothesis.from_dagitty("dag { x -> n x -> z }", name="A")]
NUTS = {"methods": {"n": "nuts", "z": "nuts"}, "draws": 400}  # two signatures, so two compilations a life

REFERENCE = """
import json, sys
sys.path.insert(0, sys.argv[2])
from test_killed import question_of, rows
from core.fit.cache import BlockCache
from core.fit.engine import fit_blocks
from core.study import plan

cache = BlockCache(sys.argv[1])
for number, sampled in json.loads(sys.argv[3]):
    fit_blocks(plan(rows(), **question_of(number, sampled)).blocks, cache)
print("fitted")
"""


def question_of(number: int, sampled: bool) -> dict[str, Any]:
    """What is asked, each time with another seed."""
    return {"hypotheses": SAMPLED, **NUTS, "seed": number} if sampled else {"hypotheses": DRAWN, "seed": number}


class Killer:
    """Kills the worker of a role at random moments while it runs a block; gives it blocks if it has none.

    Only a kill after which a block has to be run again counts: at the others the last block had just ended.
    """

    def __init__(self, service: JobService, role: str, kills: int, more: Any, seed: int) -> None:
        self.service, self.role, self.more, self.random = service, role, more, random.Random(seed)
        self.left = kills
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _running(self) -> list[tuple[BlockRun, int]]:
        """What runs there now, and how often its worker was lost before."""
        worker = self.service.cluster._children.get(self.role)
        runs = list(self.service.runs._named.values())
        exact_too = self.left % 2 == 0  # every other time it must be in the middle of importance sampling
        up = worker is not None and worker.up and worker.process.poll() is None
        if not up:
            return []
        there = [run for run in runs if run.role == self.role and run.state == "running"]
        return [(run, run.losses.total) for run in there if exact_too or run.way != "exact"]

    @staticmethod
    def _hit(running: list[tuple[BlockRun, int]]) -> bool:
        """Whether one of these has to be run again, once that is known."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not all(run.state in ENDED for run, _ in running):
            if any(run.losses.total > before for run, before in running):
                return True
            time.sleep(0.01)
        return any(run.losses.total > before for run, before in running)

    def _run(self) -> None:
        while self.left:
            since = time.monotonic()
            while not self._running():
                if not self.service.runs._turns.waiting(self.role) and time.monotonic() - since > 0.5:
                    self.more()
                    since = time.monotonic()
                time.sleep(0.01)
            time.sleep(self.random.uniform(0.0, 3.0 if self.role == "nuts" else 0.4))
            if running := self._running():
                os.kill(self.service.cluster.pids()[self.role], signal.SIGKILL)
                self.left -= self._hit(running)


def same(one: BlockFit, other: BlockFit) -> None:
    """Equal to the last digit; of NUTS, the same draws but for rounding.

    What PyTensor finds in its compile folder is not compiled together with the rest, so a
    worker's second life rounds some sums otherwise than its first.
    """
    assert one.method == other.method
    assert list(one.draws) == list(other.draws)
    equal = np.array_equal if one.method != "nuts" else partial(np.allclose, rtol=1e-6, atol=1e-8)
    for name, draws in one.draws.items():
        assert equal(draws, other.draws[name]), name
    assert equal(one.elpd_i, other.elpd_i)
    assert equal([one.log_evidence, one.elpd_mcse], [other.log_evidence, other.elpd_mcse])


@pytest.mark.parametrize(
    "kills", [FEW, pytest.param(TWENTY, marks=[pytest.mark.slow, pytest.mark.pymc])], ids=["few", "twenty"]
)
def test_kills_in_the_middle_of_fits_lose_and_double_nothing(kills: dict[str, int], tmp_path: Path, until: Any) -> None:
    data = rows()
    with Store(home=tmp_path) as store, JobService(store, warm=False, threads=2) as service:
        finished: Counter[str] = Counter()
        note = service.runs._on_done

        def count(run: BlockRun) -> None:
            finished[run.key] += 1
            if note is not None:
                note(run)

        service.runs._on_done = count
        asked: dict[str, tuple[int, bool]] = {}
        numbers = {False: itertools.count(), True: itertools.count()}

        def ask(sampled: bool) -> None:
            number = next(numbers[sampled])
            request = service.submit(store.create_project().token, data, **question_of(number, sampled))
            asked[request] = (number, sampled)

        killers = []
        for role, many in kills.items():
            sampled = role == "nuts"
            if many:
                ask(sampled)
                ask(sampled)
                killers.append(Killer(service, role, many, partial(ask, sampled), 1 + sampled))
        for killer in killers:
            killer.thread.join(PATIENCE)
            assert killer.left == 0
        until(lambda: not any(service.status(request).live for request in asked))
        statuses = {request: service.status(request) for request in asked}
        assert {request: (s.state, s.errors) for request, s in statuses.items()} == dict.fromkeys(asked, ("done", ()))
        assert sum(block.attempts for s in statuses.values() for block in s.blocks) >= sum(kills.values())
        service.shutdown()
        expected = reference(tmp_path / "reference", asked.values())
        for request, question in asked.items():
            made = plan(data, **question_of(*question))
            fits = {}
            for key in made.blocks:
                fits[key], kept = expected.get(key), service.cache.get(key)
                assert fits[key] is not None
                assert kept is not None
                same(kept, fits[key])
            told = comparison_from_bytes(service.result(request)).to_dict()
            for hypothesis in told["hypotheses"]:
                for block in hypothesis["blocks"]:
                    fit = fits[made.keys[hypothesis["name"]][block["nodes"][0]]]
                    withheld = question[1] and block["elpd"] is None  # so few draws pass no gate
                    assert withheld or block["elpd"] == pytest.approx(fit.elpd, abs=1e-6)
            assert {key: finished[key] for key in made.blocks} == dict.fromkeys(made.blocks, 1)


def reference(folder: Path, questions: Iterable[tuple[int, bool]]) -> BlockCache:
    """Fit the same in one process, nothing in its way, with one thread a matrix product as workers have it."""
    environment = os.environ | dict.fromkeys(ONE_THREAD, "1")
    here = Path(__file__).parent
    command = [sys.executable, "-c", REFERENCE, str(folder), str(here), json.dumps(list(questions))]
    done = subprocess.run(command, cwd=here.parents[1], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "fitted\n", done.stderr
    return BlockCache(folder)
