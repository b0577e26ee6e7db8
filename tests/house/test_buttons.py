"""Every button and every upload of every page is pressed by some test, which says what it did."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [p for folder in ("ui", "pages") for p in sorted((ROOT / folder).glob("*.py"))]
KINDS = ("button", "download_button", "file_uploader", "form_submit_button")


def words_of(node: ast.expr | None) -> list[str]:
    """Return the text that is written there, as far as it does not depend on what is shown."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if isinstance(node, ast.IfExp):
        return words_of(node.body) + words_of(node.orelse)
    return []


def controls() -> dict[str, tuple[str, ...]]:
    """Return the names by which a test can find each control, by the place where it is made."""
    found: dict[str, tuple[str, ...]] = {}
    for path in PAGES:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in KINDS):
                continue
            key = next((keyword.value for keyword in call.keywords if keyword.arg == "key"), None)
            names = words_of(key) + words_of(call.args[0] if call.args else None)
            found[f"{path.relative_to(ROOT)}:{' '.join(names) or call.lineno}"] = tuple(
                name for name in names if len(name) > 3
            )
    return found


CONTROLS = controls()
#: What takes a table is made in one place for three others, each with a key of its own.
UPLOADS = ("start_upload", "first_file", "new_file")
CONTROLS = {place: names for place, names in CONTROLS.items() if not place.startswith("ui/uploading.py:_")}
CONTROLS |= {f"ui/uploading.py:{key}": (key,) for key in UPLOADS}


@pytest.fixture(scope="module")
def said() -> frozenset[str]:
    """Return every text that stands in a test of pages."""
    found: set[str] = set()
    for folder in ("ui", "e2e"):
        for path in (ROOT / "tests" / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return frozenset(found)


def test_there_are_controls() -> None:
    assert len(CONTROLS) > 40


@pytest.mark.parametrize("place", CONTROLS)
def test_each_is_pressed_by_a_test(place: str, said: frozenset[str]) -> None:
    names = CONTROLS[place]
    assert names, f"{place} has neither a key nor words by which a test could find it"
    assert any(name == text or (name.endswith("_") and text.startswith(name)) for name in names for text in said), (
        f"no test of pages names {' or '.join(names)}"
    )
