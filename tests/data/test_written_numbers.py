"""Numbers in the many ways in which people write them: the same numbers, or text and a reason; never others."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.dataset import Dataset
from core.data.read import read_dataset
from core.data.units import is_unit, units_in_names

SIGNS = {  # before, after
    "": ("", ""), "%": ("", "%"), " %": ("", " %"), "€": ("€", ""), " €": ("", " €"), "$": ("$", ""), "kg": ("", " kg"),
    "EUR": ("EUR ", ""), "°C": ("", "\u202f°C"),
}  # fmt: skip
MINUS = ("-", "\u2212", "()", "behind")


def table(cells: list[list[str]], separator: str) -> bytes:
    stream = io.StringIO()
    out = csv.writer(stream, delimiter=separator, lineterminator="\n")
    out.writerow([f"x{index}" for index in range(len(cells[0]))])
    out.writerows(cells)
    return stream.getvalue().encode()


def written(value: float, digits: int, group: str, decimal: str, sign: str, minus: str) -> str:
    """Write a number as a spreadsheet would, with Python's own formatting as the second opinion."""
    text = f"{abs(value):,.{digits}f}" if group else f"{abs(value):.{digits}f}"
    text = text.replace(",", "\0").replace(".", decimal).replace("\0", group)
    before, after = SIGNS[sign]
    text = f"{before}{text}{after}"
    if value >= 0:
        return text
    return {"-": f"-{text}", "\u2212": f"\u2212{text}", "()": f"({text})", "behind": f"{text}-"}[minus]


NUMBERS = st.integers(-(10**9), 10**9) | st.integers(-2000, 2000)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6),
    st.tuples(st.integers(0, 4), st.integers(0, 4)),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(
        [("", "."), ("", ","), (",", "."), (".", ","), (" ", "."), (" ", ","), ("'", "."), ("\u202f", ",")]
    ),
    st.tuples(st.sampled_from(sorted(SIGNS)), st.sampled_from(sorted(SIGNS))),
    st.sampled_from(MINUS),
)
def test_numbers_in_any_style_are_the_same_numbers_or_text(rows, digits, separator, marks, signs, minus):
    group, decimal = marks
    # In a file parted by commas a point is the decimal one: 1.234 is what it says.
    if separator == "," and group == ".":
        separator = ";"
    # Where a dollar sign stands before the number, commas are no decimals.
    signs = tuple("€" if sign == "$" and decimal == "," else sign for sign in signs)
    values = [[value / 10**d for value, d in zip(row, digits, strict=True)] for row in rows]
    cells = [
        [written(v, d, group, decimal, sign, minus) for v, d, sign in zip(row, digits, signs, strict=True)]
        for row in values
    ]
    dataset = read_dataset(table(cells, separator), name="t.tsv" if separator == "\t" else "t.csv")
    for index, column in enumerate(dataset.columns):
        found = dataset.table[column.name]
        if found.dtype.kind in "if":
            np.testing.assert_allclose(found, [row[index] for row in values], rtol=1e-12)
            literal = all(cell.lstrip("-").replace(".", "", 1).isdigit() for cell in (row[index] for row in cells))
            assert literal or column.warnings or minus == "\u2212"
        else:
            assert found.tolist() == [row[index] for row in cells]
            assert column.warnings
            assert column.warnings[0].startswith(("text, because", "kept as text"))


def read(cells: list[str], separator: str = ",", other: list[str] | None = None) -> Dataset:
    rows = [[cell, (other or ["x", "y"] * len(cells))[index]] for index, cell in enumerate(cells)]
    return read_dataset(table(rows, separator), name="t.csv")


@pytest.mark.parametrize(
    ("cells", "numbers", "unit", "said"),
    [
        (["12%", "13 %", "9.5%"], [12, 13, 9.5], "%", "3 values with a % sign, kept in percent; '12%' is 12"),
        (["€12", "€13", "€14.5"], [12, 13, 14.5], "€", "3 values with '€'; '€12' is 12"),
        (["$1,234", "$2,345", "12"], None, "", "1 value of 3 lack the '$' of the others: row 3 (line 4) is '12'"),
        (["$1,234", "$2,345", "0"], [1234, 2345, 0], "$", "2 values with '$', with commas between thousands"),
        (["1,234,567", "2,345", "12"], [1234567, 2345, 12], "", "2 values with commas between thousands"),
        (["1,23,456", "12,34,567", "5"], [123456, 1234567, 5], "", "'1,23,456' is 123456"),
        (["1,5", "2,25", "3,75"], [1.5, 2.25, 3.75], "", "read with a decimal comma"),
        (["1'234", "12", "1’000.25"], [1234, 12, 1000.25], "", "2 values with apostrophes between thousands"),
        (
            ["(1,234.50)", "12.00", "1.00"],
            [-1234.5, 12, 1],
            "",
            "in parentheses where below 0; '(1,234.50)' is -1234.5",
        ),
        (["12-", "13", "1"], [-12, 13, 1], "", "1 value with the minus behind the number; '12-' is -12"),
        (["12 kg", "13 kg", "0"], [12, 13, 0], "kg", "2 values with 'kg'"),
        (["12 kg", "13 g", "9 g"], None, "", "row 2 (line 3) is '13 g' where others have 'kg'"),
        (["12%", "13", "14%"], None, "", "1 value of 3 lack the '%' of the others: row 2 (line 3) is '13'"),
        (["12 apples", "13 apples", "4 apples"], None, "", "'apples' behind its numbers is no unit that is known"),
        (["1,234.5", "12,34", "3"], None, "", "not all written alike: row 1 (line 2) is '1,234.5', row 2 (line 3) is"),
        (["1.5", "2", "abc", "4"], None, "", "1 row of 4 is no number: row 3 (line 4) is 'abc'"),
        (["1.5", "2", "<0.5", "4"], None, "", "1 row of 4 is no number: row 3 (line 4) is '<0.5'"),
        (["1,234", "2,345", "12,000"], None, "", "row 1 (line 2) is '1,234', 1234 or 1.234, and nothing in the file"),
    ],
)
def test_what_numbers_are_read_as_is_said(cells, numbers, unit: str, said: str):
    dataset = read(cells)
    column = dataset.column("x0")
    assert said in column.warnings[0]
    assert column.unit == unit
    assert column.kind != "count" or not unit  # what has a unit is measured
    assert dataset.table["x0"].tolist() == (numbers or cells)


def test_another_column_shows_which_mark_is_the_decimal_one():
    assert read(["1,234", "2,345"], other=["0.5", "1.25"]).values("x0").tolist() == [1234, 2345]
    assert read(["1,234", "2,345"], other=["0,5", "1,25"]).values("x0").tolist() == [1.234, 2.345]
    assert read(["1.234", "2.345"], ";", other=["0,5", "1,25"]).values("x0").tolist() == [1234, 2345]
    assert read(["1.234", "2.345"], ";", other=["0.5", "1.25"]).values("x0").tolist() == [1.234, 2.345]
    both = read_dataset(table([["1,234", "0.5", "0,5"], ["2,345", "1.5", "1,5"]], ";"), name="t.csv")
    assert "nothing in the file shows which" in both.column("x0").warnings[0]


def test_a_point_in_a_file_parted_by_commas_is_what_it_is():
    dataset = read(["1.234", "2.345"])
    assert dataset.values("x0").tolist() == [1.234, 2.345]
    assert dataset.column("x0").warnings == ()


def test_what_could_be_two_numbers_is_read_once_a_user_says_that_it_is_one():
    dataset = read(["1,234", "2,345", "12,000"])
    assert "Choose a kind for numbers to read it as 1234" in dataset.column("x0").warnings[0]
    assert dataset.with_kind("x0", "positive").values("x0").tolist() == [1234, 2345, 12000]
    dataset = read(["1.234", "2.345", "3.450"], ";")
    assert "Choose a kind for numbers to read it as 1.234" in dataset.column("x0").warnings[0]
    assert dataset.with_kind("x0", "positive").values("x0").tolist() == [1.234, 2.345, 3.45]


def test_units_in_names_become_label_and_unit():
    frame_names = [
        "Income (EUR)",
        "weight [kg]",
        "Rent (1,000 EUR per month)",
        "BMI (kg/m²)",
        "say (hi)",
        "plan (A)",
        "x [5]",
    ]
    found = units_in_names(frame_names)
    assert found == {
        "Income (EUR)": ("Income", "EUR"), "weight [kg]": ("weight", "kg"), "BMI (kg/m²)": ("BMI", "kg/m²"),
        "Rent (1,000 EUR per month)": ("Rent", "1,000 EUR per month"),
    }  # fmt: skip
    assert units_in_names(["W (kg)", "W (lb)"]) == {"W (kg)": ("W (kg)", "kg"), "W (lb)": ("W (lb)", "lb")}
    assert units_in_names(["Temp (min)", "Temp (max)"]) == {}
    assert not any(is_unit(word) for word in ("hi", "A5", "max", "5", "", "apples", "men"))


def test_the_cells_know_their_unit_better_than_the_name():
    dataset = read_dataset(b"cost (EUR),y\n$5,a\n$6.5,b\n$7,a\n", name="t.csv")
    column = dataset.column("cost (EUR)")
    assert (column.label, column.unit) == ("cost", "$")
    assert "the name says 'EUR' and the cells say '$'; the cells' unit is kept" in column.warnings
