"""What stands in the house is reached by what runs: nothing public is known to tests alone."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN = [path for folder in ("core", "ui") for path in sorted((ROOT / folder).rglob("*.py"))]
USERS = [*OWN, ROOT / "app.py", ROOT / "whyboard.py"]
USERS += [path for folder in ("pages", "benchmarks", "scripts") for path in sorted((ROOT / folder).rglob("*.py"))]
#: What only tests know, and why it stays.
KNOWN_TO_TESTS = {
    "d_separated": "the question that every other rule of graphs is held against; for a notebook",
    "markov_equivalent": "the same of two graphs",
    "separating_set": "a separator by names; for a notebook, and what the same in bits is held against",
    "parse_hypothesis": "a face of core.formats for a notebook: what runs also tells what was taken for what",
    "read_bif": "likewise",
    "read_bnlearn": "likewise",
    "read_dagitty": "likewise",
    "read_dot": "likewise",
    "read_gml": "likewise",
    "read_graphml": "likewise",
    "read_lavaan": "likewise",
    "read_native": "likewise",
    "directed_paths": "the paths themselves, which sums of products of slopes are held against",
    "samples_from_draws": "draws as the block's PyMC model names them, to hold the two against each other",
    "bge": "the published score that the closed form is held against",
    "forget_summaries": "what a process keeps of rows, forgotten between two measurements",
    "upgrade": "alembic calls it",
    "downgrade": "alembic calls it",
}


def names_in(path: Path) -> Iterator[str]:
    """Yield every name that a file uses; not those that it defines, exports or imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lists = [n for n in ast.walk(tree) if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"]
    exported = {id(inner) for node in lists for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in exported:
            yield node.value.rpartition(".")[2]  # named in a table of what is imported when it is asked for


USED = Counter(name for path in USERS for name in names_in(path))


def public() -> list[str]:
    """Return the public functions and classes of every file."""
    found = []
    for path in OWN:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                found.append(f"{path.relative_to(ROOT)}:{node.name}")
    return found


@pytest.mark.parametrize("place", public())
def test_it_is_used(place: str) -> None:
    name = place.rpartition(":")[2]
    if name not in KNOWN_TO_TESTS:
        assert USED[name], "plug it in, or take it out"
