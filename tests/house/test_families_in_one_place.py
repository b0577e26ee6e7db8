"""What a family is stands in its own file: nobody else asks for one by its name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.families import FAMILIES
from core.hypothesis import FAMILIES as NAMES

ROOT = Path(__file__).resolve().parents[2]
OWN = {Path(__import__(type(family).__module__, fromlist=["_"]).__file__ or "") for family in FAMILIES.values()}

ALLOWED = {
    "core/vocabulary.py": set(NAMES),  # the contract: what a drawing may say
    "core/families/distributions.py": {"Normal", "LogNormal", "Gamma", "Beta"},  # of priors, not families
    "core/families/linear.py": {"Normal"},  # a prior
    "core/families/parameter.py": {"Normal"},  # a prior
    "core/families/sampled.py": {"Normal"},  # a prior
    "core/forms/carried.py": {"Beta"},  # a prior
    "core/forms/saturating.py": {"Normal", "LogNormal"},  # priors
    "pages/draw.py": {"Table"},  # a tab
}


def named(tree: ast.Module) -> Iterator[str]:
    """The families named by a string of a module, outside ``__all__``."""
    exported = {
        id(part)
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
        for part in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in FAMILIES and id(node) not in exported:
            yield str(node.value)


def modules() -> list[Path]:
    folders = [path for folder in ("core", "ui", "pages") for path in (ROOT / folder).rglob("*.py")]
    return sorted({*folders, ROOT / "app.py", ROOT / "whyboard.py"} - OWN)


def test_no_module_but_its_own_names_a_family() -> None:
    found = {}
    for path in modules():
        name = path.relative_to(ROOT).as_posix()
        more = set(named(ast.parse(path.read_text(encoding="utf-8")))) - ALLOWED.get(name, set())
        if more:
            found[name] = more
    assert not found, "say it as data or a method of the family, in its own file (core/families/base.py)"


@pytest.mark.parametrize("name", ALLOWED)
def test_nothing_is_allowed_that_is_not_needed(name: str) -> None:
    assert set(named(ast.parse((ROOT / name).read_text(encoding="utf-8")))) == ALLOWED[name] & set(FAMILIES)


def test_a_drawing_may_name_every_family_and_one_that_is_to_come() -> None:
    assert set(NAMES) == {*FAMILIES, "Binomial"}
    assert len(set(NAMES)) == len(NAMES)
