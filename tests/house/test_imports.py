"""The rules of the house on who may import whom, read from the source itself."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Lowest first; a module may import from its own part and from parts of a lower rank.
# Parts of one rank are siblings and do not know each other.
RANK = {
    "errors": 0,
    "settings": 0,
    "names": 0,
    "words": 0,
    "memory": 0,
    "contrasts": 0,
    "graph": 1,
    "data": 1,
    "vocabulary": 1,
    "hypothesis": 2,
    "formats": 3,
    "families": 3,
    "forms": 3,
    "store": 3,
    "model": 4,
    "fit": 5,
    "simulate": 6,
    "check": 6,
    "effects": 6,
    "decide": 6,
    "comparison": 7,
    "study": 8,
    "figures": 9,
    "jobs": 9,
    "report": 10,
    "cli": 11,
    "__main__": 12,
}
# ``Hypothesis.read`` and its like hand on to the readers, which need Hypothesis, and ``result.plot()``
# to the figures, which need Comparison: the faces that the contract names. Their imports stand inside the methods.
FACES = {("hypothesis", "formats"), ("comparison", "figures")}
HEAVY = {"pymc", "pytensor", "numba", "nutpie", "arviz", "arviz_stats", "arviz_base", "xarray"}


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        path = ROOT / folder
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


@functools.cache  # several rules are about the same files
def imports(path: Path, top_level_only: bool = False) -> tuple[tuple[str, int], ...]:
    return tuple(_imports(path, top_level_only))


def _imports(path: Path, top_level_only: bool) -> Iterator[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    inside = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if inner is not node
    }
    for node in ast.walk(tree):
        if id(node) in guarded or (top_level_only and id(node) in inside):
            continue
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "core":
                for name in node.names:
                    yield f"core.{name.name}", node.lineno
            else:
                yield node.module or "", node.lineno


def part(module: str) -> str:
    return module.split(".")[1]


@pytest.mark.parametrize("path", list(modules("core")), ids=lambda p: str(p.relative_to(ROOT)))
def test_core_imports_run_one_way(path: Path) -> None:
    own = path.relative_to(ROOT / "core").parts[0].removesuffix(".py")
    if own == "__init__":
        return  # hands names on lazily
    assert own in RANK, f"core/{own} has no place in the order of imports"
    for module, line in imports(path):
        top = module.split(".")[0]
        assert top not in {"ui", "pages", "app", "streamlit"}, f"{path}:{line} imports {module}"
        if top != "core" or module == "core":
            continue
        other = part(module)
        if other == own or (own, other) in FACES:
            continue
        assert other in RANK, f"{path}:{line} imports {module}, which has no rank"
        assert RANK[other] < RANK[own], f"{path}:{line}: {own} must not import {other}"


def test_store_knows_only_data_and_hypothesis() -> None:
    for path in modules("core/store"):
        for module, line in imports(path):
            if module.startswith("core."):
                assert part(module) in {"errors", "settings", "names", "data", "hypothesis", "store"}, f"{path}:{line}"


def test_only_the_interface_imports_streamlit() -> None:
    for path in modules("core", "benchmarks"):
        if not path.exists():
            continue
        for module, line in imports(path):
            assert module.split(".")[0] != "streamlit", f"{path}:{line}"


def test_only_figures_draw() -> None:
    for path in modules("core"):
        if "figures" in path.parts or "report" in path.parts:
            continue
        for module, line in imports(path):
            assert module.split(".")[0] not in {"plotly", "pyvis"}, f"{path}:{line}"


def test_the_web_side_imports_nothing_heavy() -> None:
    for path in modules("app.py", "pages", "ui"):
        for module, line in imports(path):
            assert module.split(".")[0] not in HEAVY, f"{path}:{line}"


def test_heavy_packages_stand_only_in_the_model_and_the_fit() -> None:
    for path in modules("core"):
        own = path.relative_to(ROOT / "core").parts[0]
        for module, line in imports(path):
            if module.split(".")[0] in HEAVY:
                assert own in {"model", "fit", "jobs"}, f"{path}:{line} imports {module}"
