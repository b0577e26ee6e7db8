"""A scheduler of one's own that goes away in the middle of fits: killed, closed in order, gone for good."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port

pytestmark = pytest.mark.workers

ROOT = Path(__file__).parents[2]


class Elsewhere:
    """A Dask scheduler and one worker of ours, as somebody starts them by hand."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.start()
        self.worker = self._run("core.jobs.worker", self.address, "--threads", "2", "--cold")

    def _run(self, *command: str) -> "subprocess.Popen[bytes]":
        with (self.folder / "elsewhere.log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stdout=log, stderr=log)

    def start(self) -> None:
        """Start a scheduler that knows nothing of an earlier one."""
        port = ("--port", str(self.port))
        self.scheduler = self._run("distributed.cli.dask_scheduler", "--host", "127.0.0.1", *port, "--no-dashboard")

    def kill(self) -> None:
        """Kill the scheduler without a word."""
        self.scheduler.kill()
        self.scheduler.wait()

    def stop(self) -> None:
        """Stop the scheduler in order; it says good-bye to workers and clients."""
        self.scheduler.terminate()
        self.scheduler.wait()

    def __enter__(self) -> "Elsewhere":
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.worker, self.scheduler):
            process.kill()
            process.wait()


@pytest.mark.parametrize("ways", [("stop",), pytest.param(("kill", "stop"), marks=pytest.mark.slow)])
def test_fits_wait_for_a_scheduler_that_goes_and_go_on_when_it_is_back(
    new_bench: Callable[[], Any], tmp_path: Path, ended: Any, until: Any, ways: tuple[str, ...]
) -> None:
    with Elsewhere(tmp_path) as elsewhere, new_bench() as bench:
        settings = replace(bench.store.settings, scheduler=elsewhere.address, patience=3600.0)
        service = bench.service(settings=settings)
        worker = service.run_quick(os.getpid)
        for number, way in enumerate(ways):
            quick, slow, other = f"quick-away{number}", f"slow-away{number}", f"slow-left{number}"
            asked, left = bench.ask(service, f"{quick} {slow}"), bench.ask(service, other)
            until(lambda slow=slow, other=other: bench.begun(slow) and bench.begun(other))
            until(lambda asked=asked: any(block.state == "done" for block in service.status(asked).blocks))
            getattr(elsewhere, way)()
            until(lambda asked=asked: "has been away for" in service.status(asked).stage)
            states = {quick: "done", slow: "queued"}
            now = lambda asked=asked: {block.nodes[0]: block.state for block in service.status(asked).blocks}  # noqa: E731
            until(lambda now=now, states=states: now() == states)
            status = service.status(asked)
            assert (status.state, status.errors, status.seconds_left) == ("running", (), None)
            assert elsewhere.address in status.stage
            assert service.cancel(left)
            assert ended(service, left).state == "cancelled"
            late = bench.ask(service, f"quick-late{number}")
            answers: list[int] = []
            waits = threading.Thread(target=lambda answers=answers: answers.append(service.run_quick(os.getpid)))
            waits.start()

            elsewhere.start()
            until(lambda slow=slow: bench.begun(slow) == 2)
            bench.go(slow)
            for one in (asked, late):
                status = ended(service, one)
                assert (status.state, status.errors) == ("done", ())
                assert [block.attempts for block in status.blocks] == [0] * len(status.blocks)  # no worker's doing
            assert bench.begun(quick) == 1
            assert bench.begun(other) == 1
            waits.join(600)
            assert answers == [worker]  # the worker too has looked for it again

        asked = bench.ask(service, "slow-lost")
        until(lambda: bench.begun("slow-lost"))
        elsewhere.kill()
        until(lambda: "has been away for" in service.status(asked).stage)
        assert service.cluster._elsewhere is not None
        service.cluster._elsewhere.patience = 0.5  # as if so long had passed
        for one in (asked, bench.ask(service, "quick-after")):
            status = ended(service, one)
            assert status.state == "failed"
            (sentence,) = status.errors
            assert f"the scheduler at {elsewhere.address} has been away for" in sentence
            assert "WHYBOARD_SCHEDULER_PATIENCE" in sentence
            assert "fault" not in sentence
        with pytest.raises(Exception, match="has been away"):
            service.run_quick(os.getpid)
