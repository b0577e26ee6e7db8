"""``whyboard app`` as processes: what a killed launcher or server leaves, and what its health check says."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.ports import free_port

pytestmark = pytest.mark.workers

ROOT = Path(__file__).parents[2]
PATIENCE = 180.0  # bounds a hang; every step takes some seconds on a quiet machine


class App:
    """A launcher, its server and the server's workers."""

    def __init__(self, home: Path, port: int) -> None:
        self.port = port
        self.log = home.parent / f"app-{time.monotonic_ns()}.log"
        environment = {**os.environ, "WHYBOARD_HOME": str(home), "WHYBOARD_WARM": "0"}
        with self.log.open("wb") as out:
            self.launcher = subprocess.Popen(
                [sys.executable, "-m", "core", "app", "--port", str(port)],
                cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip

    def health(self) -> tuple[int, str]:
        """Status and text of the health check; 0 if nobody answers."""
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}/_stcore/health", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def until_up(self) -> list[psutil.Process]:
        """Wait for the server and both its workers; return these three."""
        until(lambda: self.health()[0] == 200 or self.launcher.poll() is not None, "healthy")
        assert self.launcher.poll() is None, self.log.read_text()
        server = psutil.Process(self.launcher.pid).children()[0]
        until(lambda: len(server.children()) == 2, "two workers")
        return [server, *server.children()]

    def close(self) -> None:
        """Stop what is left, by its id."""
        left = [psutil.Process(self.launcher.pid)] if psutil.pid_exists(self.launcher.pid) else []
        left += [child for process in left for child in process.children(recursive=True)]
        for process in left:
            process.kill()
        self.launcher.wait()


def until(what: Callable[[], object], words: str) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, f"not {words} within {PATIENCE:.0f} s"
        time.sleep(0.1)


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[int], App]]:
    made: list[App] = []

    def run(port: int) -> App:
        made.append(App(tmp_path / "home", port))
        return made[-1]

    yield run
    for app in made:
        app.close()


def test_nothing_outlives_a_launcher_or_a_server_that_was_killed(start: Callable[[int], App], tmp_path: Path) -> None:
    port = free_port()
    first = start(port)
    family = first.until_up()
    family[1].suspend()  # one that cannot read its pipe ends too, where the kernel sees to it
    if sys.platform != "linux":
        family[1].resume()
    first.launcher.kill()
    first.launcher.wait()
    second = start(port)  # at once, on the same port
    until(lambda: gone(family), "ended with the launcher")
    server, *workers = second.until_up()

    database = tmp_path / "home" / "whyboard.db"
    database.rename(tmp_path / "kept.db")
    until(lambda: second.health()[0] == 503, "unhealthy without its database")
    assert "database file is gone" in second.health()[1]
    (tmp_path / "kept.db").rename(database)
    until(lambda: second.health() == (200, "ok"), "healthy again")

    server.kill()
    until(lambda: gone(workers), "ended with the server")
    assert second.launcher.wait(PATIENCE) == 1


def test_a_store_that_cannot_be_used_is_not_served(start: Callable[[int], App], tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "whyboard.db").write_bytes(b"no database at all, " * 500)
    app = start(free_port())
    assert app.launcher.wait(PATIENCE) == 2
    said = app.log.read_text().splitlines()
    assert len(said) == 2
    assert said[0].startswith("error: sqlite:///")
    assert "not a database" in said[0]
    assert said[1].startswith("hint: ")


PARENT = """
import json, subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-c", "from core.jobs import lifeline; lifeline._ask_the_kernel = lambda: None;"
     "lifeline.end_with_parent(); import time; print('ready', flush=True); time.sleep(600)"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
holder = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], close_fds=False)
child.stdout.readline()
print(json.dumps([child.pid, holder.pid]), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("held", [False, True])
def test_a_child_ends_with_its_parent_without_the_kernels_help(held: bool) -> None:
    """Also where another process holds the pipe open: then its parent's id tells."""
    hold = "import os; os.set_inheritable(child.stdin.fileno(), True); holder = "
    script = PARENT.replace("holder = ", hold) if held else PARENT
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child, holder = (psutil.Process(pid) for pid in json.loads(parent.stdout.readline()))
    try:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        until(lambda: gone([child]), "ended with its parent")
        assert not gone([holder])
    finally:
        for process in (child, holder):
            with suppress(psutil.NoSuchProcess):
                process.kill()
