"""docs/contract.md and docs/statistics.md say what the code does: every field, command, option and number."""

import argparse
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.cli.parser import build_parser
from core.data.dataset import Dataset
from core.hypothesis import Hypothesis
from core.study import compare

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
STATISTICS = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
_WORD = re.compile(r"`([^`]+)`")


def documented() -> dict[str, set[str]]:
    """Return the fields that the contract names, by the object that has them (``""``: the record itself)."""
    found: dict[str, set[str]] = {}
    part = CONTRACT.split("## `compare --json`")[1].split("\n## ")[0]
    for section in part.split("\n### ")[1:]:
        head, *lines = section.splitlines()
        owners = [""] if head == "record" else _WORD.findall(head)
        rows = [line.split("|")[1] for line in lines if line.startswith("| `")]
        for owner in owners:
            found.setdefault(owner, set()).update(name for row in rows for name in _WORD.findall(row))
    return found


def fields(value: Any, owner: str = "") -> Iterator[tuple[str, str]]:
    """Yield every field of a record, with the object that has it; users' names are no fields."""
    if isinstance(value, list):
        for part in value:
            yield from fields(part, f"{owner}[]")
    elif isinstance(value, dict) and not owner.endswith("by_node"):
        for name, part in value.items():
            yield owner.removesuffix("."), name
            yield from fields(part, f"{owner}.{name}".lstrip("."))


def rows(seed: int = 0, size: int = 300) -> Dataset:
    rng = np.random.default_rng(seed)
    season = rng.normal(size=size)
    ads = season + rng.normal(size=size)
    visits = ads + season**2 + rng.normal(size=size)
    region = rng.choice(["north", "south", "west"], size)
    bought = rng.integers(0, 2, size)
    cost = np.exp(0.4 * ads + rng.normal(size=size))
    frame = pd.DataFrame(
        {"season": season, "ads": ads, "visits": visits, "region": region, "bought": bought, "cost": cost}
    )
    return Dataset.from_frame(frame, kinds={"cost": "positive"})


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    """A comparison with numbers, categories, a median, an importance block and a bad family."""
    texts = {
        "A": "dag { season -> ads season -> visits ads -> visits region -> bought ads -> bought ads -> cost }",
        "B": "dag { season -> ads ads -> visits region -> ads season -> bought ads -> cost }",
    }
    rivals = [Hypothesis.from_dagitty(text, name=name) for name, text in texts.items()]
    effects = [("ads", "visits"), ("region", "bought"), ("ads", "cost")]
    return compare(rows(), rivals, effects=effects, cache=None).to_dict()


def test_every_field_of_a_comparison_is_documented(record: dict[str, Any]) -> None:
    known = documented()
    missing = {(owner, name) for owner, name in fields(record) if name not in known.get(owner, set())}
    assert not missing


def test_what_is_documented_is_there(record: dict[str, Any]) -> None:
    """Of the objects that this comparison has; a field that is only sometimes there is named here."""
    sometimes = {("hypotheses[].effects[]", "ratio"), ("hypotheses[].effects[]", "on_mean")}
    sometimes |= {("hypotheses[].effects[].quartiles", "ratio")}
    there: dict[str, set[str]] = {}
    for owner, name in fields(record):
        there.setdefault(owner, set()).add(name)
    extra = {(owner, name) for owner, names in documented().items() for name in names if owner in there
             and name not in there[owner]}  # fmt: skip
    assert extra <= sometimes


def parsers() -> dict[str, argparse.ArgumentParser]:
    (commands,) = [a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(commands.choices)


@pytest.mark.parametrize("command", parsers())
def test_every_command_and_option_is_documented(command: str) -> None:
    parts = {part.split()[1].strip("`"): part for part in CONTRACT.split("\n### `")[1:] if part.startswith("whyboard ")}
    assert command in parts, f"docs/contract.md has no `whyboard {command}`"
    section = parts[command].split("\n## ")[0]
    for action in parsers()[command]._actions:
        for option in action.option_strings:
            where = CONTRACT if option in {"--json", "--quiet"} else section
            if option not in {"-h", "--help"}:
                assert re.search(rf"`[^`]*{re.escape(option)}\b", where), f"{command} {option}"


def numbers() -> list[tuple[str, str, str]]:
    lines = re.findall(r"^\| (.+?) \| ([\d.]+) \| `([\w.]+:[\w.]+)` \|$", STATISTICS, re.M)
    return [(what, number, constant) for what, number, constant in lines]


def test_there_are_numbers() -> None:
    assert len(numbers()) == STATISTICS.count("` |\n") > 30


@pytest.mark.parametrize(("what", "number", "constant"), numbers(), ids=lambda text: str(text)[:40])
def test_a_number_of_the_page_is_that_of_the_code(what: str, number: str, constant: str) -> None:
    module, name = constant.split(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    assert float(number) == pytest.approx(float(found)), what


def test_every_page_that_is_named_exists() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for link in re.findall(r"\]\(([\w./-]+\.md)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
