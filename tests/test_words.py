"""Plain text: aligned, short, and safe whatever a name holds."""

import pytest

from core.words import chance, interval, number, table, width


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (float("nan"), "-"), (0.0, "0"), (1e-13, "0"), (0.04238, "0.0424"), (12.345, "12.3"),
     (-1234.5, "-1,234"), (113012.0, "113,000"), (-2.5e7, "-25,000,000"),
     (2.5e12, "2.50e+12"), (0.00012, "1.20e-04")],
)  # fmt: skip
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text


def test_intervals_and_chances() -> None:
    assert interval(None, 1.0) == "-"
    assert interval(-0.5, 1.0) == "[-0.500, 1.00]"
    assert chance(1e-9) == "<0.001"
    assert chance(0.04) == "0.0400"


def test_columns_are_aligned_also_with_wide_letters() -> None:
    lines = table(["name", "n"], [["売上", "1"], ["ads", "20"]], "lr")
    assert len({width(line) for line in lines}) == 1


def test_a_name_cannot_break_a_line_or_steer_a_terminal() -> None:
    lines = table(["name"], [["a\nb\x1b[31m"]])
    assert len(lines) == 2
    assert "\x1b" not in lines[1]
