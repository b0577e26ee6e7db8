"""Nothing that a user can reach is ever evaluated, and nothing of one machine is committed."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [p for folder in ("core", "ui", "pages") for p in sorted((ROOT / folder).rglob("*.py"))] + [ROOT / "app.py"]
FORBIDDEN_CALLS = {"eval", "exec", "sympify", "compile"}
FORBIDDEN_METHODS = {("pickle", "load"), ("pickle", "loads"), ("cloudpickle", "loads"), ("joblib", "load")}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_text_is_run_as_code(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name):
            assert called.id not in FORBIDDEN_CALLS, f"{path}:{node.lineno}"
        elif isinstance(called, ast.Attribute):
            owner = called.value.id if isinstance(called.value, ast.Name) else ""
            assert (owner, called.attr) not in FORBIDDEN_METHODS, f"{path}:{node.lineno}"
            if called.attr == "read_pickle":
                pytest.fail(f"{path}:{node.lineno}")
        for keyword in node.keywords:
            if keyword.arg == "allow_pickle":
                assert isinstance(keyword.value, ast.Constant), f"{path}:{node.lineno}"
                assert keyword.value.value is False, f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_nothing_of_one_machine_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so there is no list of committed files")
    home = str(Path.home()) + "/"
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not name or not path.is_file():
            continue
        text = path.read_bytes()
        if b"\0" in text[:1024]:
            continue
        assert home.encode() not in text, f"{name} names the home folder"
        assert (str(ROOT) + "/").encode() not in text, f"{name} names this checkout's folder"
        if name.endswith(("package-lock.json", "requirements.txt", "requirements-dev.txt")):
            assert b'"resolved"' not in text, name
            assert b"index-url" not in text, name
            assert b"find-links" not in text, name
