"""The packages that the user named do work: what runs imports each, where its idea lives."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Where each is at home: a package that stands in requirements.txt and works nowhere is a promise not kept.
NAMED = {
    "streamlit": "ui",
    "pymc": "core/model",
    "networkx": "core/graph",
    "pyvis": "core/figures",
    "plotly": "core/figures",
    "pandas": "core/data",
}
DOORS = ("app.py", "core/__init__.py", "core/__main__.py", *(str(p.relative_to(ROOT)) for p in ROOT.glob("pages/*.py")))


def home_of(module: str) -> Path | None:
    """Return the file of a module of this project."""
    path = ROOT / module.replace(".", "/")
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def imported(path: Path) -> Iterator[str]:
    """Yield every module that a file names in an import that runs, or in a table of lazy ones."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(("core.", "ui.")):
            yield node.value


def reached() -> dict[Path, set[str]]:
    """Return every file that the doors lead to, with the packages of others that it imports."""
    todo = [ROOT / door for door in DOORS]
    found: dict[Path, set[str]] = {}
    while todo:
        path = todo.pop()
        if path in found:
            continue
        modules = set(imported(path))
        found[path] = {module.split(".")[0] for module in modules}
        todo.extend(file for module in modules if (file := home_of(module)) is not None)
    return found


REACHED = reached()


def test_the_doors_lead_to_most_of_the_house() -> None:
    every = {path for folder in ("core", "ui") for path in (ROOT / folder).rglob("*.py")}
    assert len(every & set(REACHED)) > 0.8 * len(every)


@pytest.mark.parametrize("package", NAMED)
def test_a_named_package_is_imported_by_what_runs(package: str) -> None:
    users = {path.relative_to(ROOT).as_posix() for path, packages in REACHED.items() if package in packages}
    assert any(user.startswith(f"{NAMED[package]}/") for user in users), f"{package} works nowhere in {NAMED[package]}"


def test_networkx_stands_only_in_the_graph_layer_and_its_exchange() -> None:
    users = [path.relative_to(ROOT) for path, packages in REACHED.items() if "networkx" in packages]
    assert {path.parts[:2] for path in users} <= {("core", "graph"), ("core", "formats")}
