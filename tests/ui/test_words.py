"""What users named is shown letter for letter, wherever it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.read import read_dataset
from core.errors import DataError
from ui import words
from ui.doors import Asked

NASTY = ("*ads*", "_x_", "$a$", ":smile:", "<script>alert(1)</script>", "[a](b)", "`c`", "a\nb", "=1+1", '"q"', "a->b")


@pytest.mark.parametrize("name", NASTY)
def test_html_leaves_no_markup(name: str) -> None:
    assert "<" not in words.html(name)
    assert '"' not in words.html(name)


@given(st.text(max_size=40))
def test_every_mark_of_markdown_is_escaped(text: str) -> None:
    rest = words.md(text)
    while rest:
        if rest[0] == "\\":
            rest = rest[2:]
            continue
        assert rest[0] not in "*_`[]<>$#~|{}()!&^=:+-."
        rest = rest[1:]


@given(st.text(max_size=40))
def test_markdown_says_the_same_text(text: str) -> None:
    import re

    assert re.sub(r"\\(.)", r"\1", words.md(text)).replace("\u2060", "") == words.one_line(text).replace("\u2060", "")


def test_marks_that_turn_the_reading_direction_are_dropped() -> None:
    assert words.one_line("abc\u202ecba\u2066") == "abc cba"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (412, "412"),
        (1234567, "1,234,567"),
        (0.123456, "0.123"),
        (3.14159, "3.14"),
        (99999, "99,999"),
        (None, "–"),
    ],
)
def test_numbers_as_people_write_them(value: float | None, said: str) -> None:
    assert words.number(value) == said


def test_listing_and_counting() -> None:
    assert words.listing(["a"]) == "a"
    assert words.listing(["a", "b", "c"]) == "a, b and c"
    assert words.listing("abcdefg", 3) == "a, b and 5 more"
    assert words.count(1, "row") == "1 row"
    assert words.count(1200, "row") == "1,200 rows"
    assert words.size(200_000_000) == "200 MB"


def test_an_error_is_shown_with_place_and_hint() -> None:
    said = words.html_error(DataError("<b> is wrong", place="a.csv, row 3", hint="Use & instead."))
    assert "&lt;b&gt; is wrong." in said
    assert "a.csv, row 3" in said
    assert "Use &amp; instead." in said


@pytest.mark.parametrize(
    ("change", "move", "meant"),
    [
        ("quit smoking", "Weight change", ("quit_smoking", "weight_change_kg")),
        ("quit_smoking", "weight", ("quit_smoking", None)),  # two columns begin so
        ("weight.change.kg", "weight change", ("weight_change_kg", None)),  # never the same twice
        ("smoking", "", (None, None)),
    ],
)
def test_columns_that_were_meant(change: str, move: str, meant: tuple[str | None, str | None]) -> None:
    data = read_dataset(b"quit_smoking,weight_change_kg,weight_before\n0,1.5,60.5\n1,2.5,70.5\n", name="x.csv")
    assert Asked(change, move).among(data) == meant
