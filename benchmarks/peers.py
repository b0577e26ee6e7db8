"""Processes of the peers, and the environment for those that Whyboard does not install."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO

from benchmarks.timing import Took

__all__ = ["Absent", "Peer", "environment"]

ROOT = Path(__file__).resolve().parents[1]
_SAME = ("arviz", "arviz-base", "arviz-stats", "numba", "numpy", "nutpie", "pandas", "pymc", "pytensor", "scipy")
_PACKAGES = ("pathmc", "bambi", "nutpie")


class Absent(Exception):  # noqa: N818 (not an error: a peer that this machine cannot have)
    """A peer cannot run here; the words say why."""


class Peer:
    """One peer's process; it has imported all that it needs once this is made."""

    def __init__(self, python: str | Path, module: str, arguments: Sequence[str] = ()) -> None:
        self.module = module
        self._said = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115 (held as long as the process)
        self._process = subprocess.Popen(
            [str(python), "-m", module, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )
        self.about: dict[str, str] = self._answer()["about"]

    def _answer(self) -> dict:
        line = _pipe(self._process.stdout).readline()
        if not line:
            status = self._process.wait()
            self._said.seek(0)
            last = [words for words in self._said.read().splitlines() if words.strip()][-1:]
            raise Absent(f"{self.module} ended with status {status}: {' '.join(last)}")
        return json.loads(line)

    def do(self, task: str) -> Took:
        """Let it do one task; return what that took, by its own clock."""
        pipe = _pipe(self._process.stdin)
        pipe.write(task + "\n")
        pipe.flush()
        found = self._answer()
        return Took(found["wall"], found["cpu"])

    def end(self) -> None:
        """Close its input, and wait."""
        _pipe(self._process.stdin).close()
        self._process.wait(timeout=60)


def _pipe(found: IO[str] | None) -> IO[str]:
    assert found is not None
    return found


def environment(folder: Path) -> Path:
    """Make a Python environment with pathmc and bambi, on the versions of everything else that stand here.

    Returns
    -------
    Path
        Its Python.

    Raises
    ------
    Absent
        If the packages cannot be had beside these versions; with pip's last words.
    """
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
    pins = []
    for package in _SAME:
        try:
            pins.append(f"{package}=={version(package)}")
        except PackageNotFoundError:
            continue
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_PACKAGES, *pins]
    found = subprocess.run(command, capture_output=True, text=True)
    if found.returncode:
        words = [line for line in found.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed"]
        raise Absent(words[-1].removeprefix("ERROR: "))
    return python
