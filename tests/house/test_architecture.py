"""ARCHITECTURE.md is checked against the tree: every folder stands in it, and nothing else."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def drawn() -> set[str]:
    """Paths in the picture, from its indentation."""
    block = re.search(r"```text\n(.*?)```", PAGE, re.S)
    assert block, "ARCHITECTURE.md has no picture of the tree"
    found: set[str] = set()
    stack: list[str] = []
    for line in block[1].splitlines():
        entry = re.match(r"^( *)([\w.\-]+/?)(?:\s|$)", line)
        if not entry:
            continue
        depth = len(entry[1]) // 2
        stack[depth:] = [entry[2].rstrip("/")]
        found.add("/".join(stack))
    return found


def standing() -> set[str]:
    """Top-level packages, and every module or package directly inside ``core`` and ``ui``."""
    found = {"app.py", "whyboard.py", "pages", "ui", "core", "tests", "benchmarks", "sample_data", "scripts"}
    for folder in ("core", "ui"):
        for path in (ROOT / folder).iterdir():
            if path.name.startswith(("_", ".")) and path.name != "__main__.py":
                continue
            if path.suffix == ".py" or (path.is_dir() and any(path.rglob("*.py"))):
                found.add(f"{folder}/{path.name}")
    found |= {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")}
    return found


def test_the_picture_is_the_tree() -> None:
    assert drawn() == standing()


def test_every_path_that_the_page_names_exists() -> None:
    for path in re.findall(r"`((?:core|ui|pages|tests|benchmarks|sample_data|scripts)/[\w/.\-]+)`", PAGE):
        assert (ROOT / path).exists(), path
