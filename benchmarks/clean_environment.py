"""A Python environment without Whyboard: what an exported script says that it needs, at the versions of this one."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["clean_environment", "pinned"]

LOCK = Path(__file__).resolve().parents[1] / "requirements.txt"


def pinned() -> dict[str, str]:
    """Return the version of each package that ``requirements.txt`` pins."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def clean_environment(folder: Path, packages: Sequence[str]) -> Path:
    """Make an environment that has some packages and what these need; return its Python.

    Parameters
    ----------
    folder : Path
        Of the environment; if it stands, what it lacks is added.
    packages : sequence of str
        What Whyboard pins comes at that version, anything else at its newest that goes with these.

    Raises
    ------
    RuntimeError
        If the packages cannot be had, with pip's last words.
    """
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    versions = folder / "versions.txt"
    versions.write_text("".join(f"{name}=={version}\n" for name, version in pinned().items()), encoding="utf-8")
    command = [str(python), "-m", "pip", "install", "--quiet", "--constraint", str(versions), *packages]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["pip ended without a word"])[-1])
    return python
