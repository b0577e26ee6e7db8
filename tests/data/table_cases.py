"""Forty and more tables as people save them, what each is taken for, and what is said of it.

``python -m tests.data.table_cases`` writes them into docs/tables.md.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"


@dataclass(frozen=True)
class Case:
    """A file, and either what it is read as or how it is refused.

    ``columns`` maps a name to kind and values (None where missing; text as text). ``said`` holds a part of
    every warning, no more and no fewer. ``refused`` is place and message, or their beginning.
    """

    title: str
    raw: bytes | Callable[[], bytes]
    columns: Mapping[str, tuple[str, Sequence[Any]]] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    refused: str = ""
    name: str = "t.csv"
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.raw if isinstance(self.raw, bytes) else self.raw()


def book(*sheets: list[list[Any]], merged: Sequence[str] = ()) -> Callable[[], bytes]:
    """Return what writes a workbook; cells are merged on its first sheet."""

    def write() -> bytes:
        from openpyxl import Workbook

        made = Workbook()
        for index, rows in enumerate(sheets):
            sheet = made.active if index == 0 else made.create_sheet()
            for row in rows:
                sheet.append(row)
        for where in merged:
            made.worksheets[0].merge_cells(where)
        stream = io.BytesIO()
        made.save(stream)
        return stream.getvalue()

    return write


def text(*lines: str, encoding: str = "utf-8") -> bytes:
    """Return a text file of these lines."""
    return ("\n".join(lines) + "\n").encode(encoding)


X = {"x": ("positive", [1.5, 2.5, 4.25])}
REGIONS = {"region": ("category", ["north", "south", "west"]), "ads": ("positive", [1.5, 2.5, 3.5]),
           "sales": ("positive", [20.5, 22.5, 25.25])}  # fmt: skip
BODY = ("region,ads,sales", "north,1.5,20.5", "south,2.5,22.5", "west,3.5,25.25")
ROWS: list[list[Any]] = [["region", "ads", "sales"], ["north", 1.5, 20.5], ["south", 2.5, 22.5], ["west", 3.5, 25.25]]
DAY = datetime.datetime

CASES = (
    Case(
        "a title above the names",
        text("Sales 2024", *BODY),
        REGIONS,
        ("line 1 above the names is left out: 'Sales 2024'",),
    ),
    Case(
        "a title, padded with commas, and an empty line",
        text("Sales 2024,,", ",,", *BODY),
        REGIONS,
        ("line 1 above the names is left out: 'Sales 2024'",),
    ),
    Case(
        "lines about the export above the names",
        text("Exported:;2024-05-01;", "By;Ann;", "", *(b.replace(",", ";") for b in BODY)),
        REGIONS,
        (
            "line 1 above the names is left out: 'Exported: | 2024-05-01'",
            "line 2 above the names is left out: 'By | Ann'",
        ),
    ),
    Case(
        "remarks that begin with #",
        text("# made by a script, 2024", *BODY),
        REGIONS,
        ("line 1 above the names is left out: '# made by a script | 2024'",),
    ),
    Case(
        "a title that could be the names",
        text("name", "Ann,Berlin", "Bob,Paris"),
        refused="t.csv, row 1 (line 2): expected 1 field, saw 2: 'Ann,Berlin'",
    ),
    Case(
        "percent signs",
        text("x,y", "12%,a", "13.5 %,b", "0,a"),
        {"x": ("real", [12, 13.5, 0]), "y": ("binary", "aba")},
        ("2 values with a % sign, kept in percent; '12%' is 12",),
        words={"x": ("", "%")},
    ),
    Case(
        "percent signs on some values",
        text("x,y", "12%,a", "0.13,b", "14%,a"),
        {"x": ("category", ["12%", "0.13", "14%"]), "y": ("binary", "aba")},
        ("1 value of 3 lack the '%' of the others: row 2 (line 3) is '0.13'",),
    ),
    Case(
        "a euro sign behind, commas for decimals",
        text("x;y", "1,50 €;a", "2,25 €;b", "1.234,00 €;a"),
        {"x": ("positive", [1.5, 2.25, 1234]), "y": ("binary", "aba")},
        ("3 values with '€', with points between thousands, with a decimal comma; '1,50 €' is 1.5",),
        words={"x": ("", "€")},
    ),
    Case(
        "dollars as accountants write them",
        text("x,y", '"$1,234.50",a', '"($2,000.00)",b', '"$12.00",a'),
        {"x": ("real", [1234.5, -2000, 12]), "y": ("binary", "aba")},
        ("with '$', with commas between thousands, in parentheses where below 0; '$1,234.50' is 1234.5",),
        words={"x": ("", "$")},
    ),
    Case(
        "two currencies in one column",
        text("x,y", "$5,a", "€6,b", "$7,a"),
        {"x": ("category", ["$5", "€6", "$7"]), "y": ("binary", "aba")},
        ("not all values have the same unit: row 2 (line 3) is '€6' where others have '$'",),
    ),
    Case(
        "semicolons and decimal commas",
        text("x;y", "1,5;a", "2,5;b", "4,25;a"),
        {**X, "y": ("binary", "aba")},
        ("read with a decimal comma",),
    ),
    Case(
        "points between thousands",
        text("x;y;z", "1.234;a;0,5", "12.500;b;1,5", "2.000;a;2,5"),
        {"x": ("count", [1234, 12500, 2000]), "y": ("binary", "aba"), "z": ("positive", [0.5, 1.5, 2.5])},
        ("3 values with points between thousands; '1.234' is 1234", "read with a decimal comma"),
    ),
    Case(
        "gaps between thousands that do not break",
        text("x;y", "1\u00a0234,5;a", "2\u202f000,25;b", "3;a"),
        {"x": ("positive", [1234.5, 2000.25, 3]), "y": ("binary", "aba")},
        ("2 values with gaps between thousands, with a decimal comma",),
    ),
    Case(
        "apostrophes between thousands",
        text("x,y", "1'234.5,a", "2’000,b", "3,a"),
        {"x": ("positive", [1234.5, 2000, 3]), "y": ("binary", "aba")},
        ('2 values with apostrophes between thousands; "1\'234.5" is 1234.5',),
    ),
    Case(
        "commas that may be decimal or between thousands",
        text("x,y", '"1,234",a', '"2,500",b', '"9,125",a'),
        {"x": ("category", ["1,234", "2,500", "9,125"]), "y": ("binary", "aba")},
        ("it could be two numbers: row 1 (line 2) is '1,234', 1234 or 1.234",),
    ),
    Case(
        "the minus behind the number",
        text("x,y", "12.5-,a", "13,b", "4,a"),
        {"x": ("real", [-12.5, 13, 4]), "y": ("binary", "aba")},
        ("1 value with the minus behind the number; '12.5-' is -12.5",),
    ),
    Case(
        "units in the cells",
        text("x,y", "12 kg,a", "13.5 kg,b", "9kg,a"),
        {"x": ("positive", [12, 13.5, 9]), "y": ("binary", "aba")},
        ("3 values with 'kg'; '12 kg' is 12",),
        words={"x": ("", "kg")},
    ),
    Case(
        "units in the names",
        text("Income (EUR),weight [kg]", "1,50", "2,60", "4,70"),
        {"Income (EUR)": ("positive", [1, 2, 4]), "weight [kg]": ("positive", [50, 60, 70])},
        words={"Income (EUR)": ("Income", "EUR"), "weight [kg]": ("weight", "kg")},
    ),
    Case(
        "units in a row below the names",
        text("g,height,weight", ",cm,(kg)", "a,171.5,60.5", "b,180.5,70.5", "a,165.5,55.5", "b,175,66"),
        {
            "g": ("binary", "abab"),
            "height": ("positive", [171.5, 180.5, 165.5, 175]),
            "weight": ("positive", [60.5, 70.5, 55.5, 66]),
        },
        ("line 2 below the names holds units, not values, and is taken as such: 'cm | (kg)'",),
        words={"height": ("", "cm"), "weight": ("", "kg")},
    ),
    Case(
        "the questions of a survey below the names",
        text("q1,q2", "How tall are you?,How heavy?", "1.7,60.5", "1.8,70.5", "1.6,55.5", "1.75,66"),
        {"q1": ("positive", [1.7, 1.8, 1.6, 1.75]), "q2": ("positive", [60.5, 70.5, 55.5, 66])},
        ("line 2 below the names holds words where all below are numbers, and is taken for labels",),
        words={"q1": ("How tall are you?", ""), "q2": ("How heavy?", "")},
    ),
    Case(
        "names in two rows",
        text(",Height,,Weight,", "id,2019,2020,2019,2020", "a,1.5,1.6,50.5,51.5", "b,1.7,1.8,60.5,61.5"),
        {
            "id": ("binary", "ab"),
            "Height 2019": ("positive", [1.5, 1.7]),
            "Height 2020": ("positive", [1.6, 1.8]),
            "Weight 2019": ("positive", [50.5, 60.5]),
            "Weight 2020": ("positive", [51.5, 61.5]),
        },
        ("the names stand in two rows (lines 1 and 2) and are joined",),
    ),
    Case(
        "codes for missing",
        text("x,y,z", "1.5,7.5,NA", "NA,6.5,p", "-,5.5,q", ".,4.5,p", "n/a,3.5,q", "2.5,2.5,p"),
        {
            "x": ("positive", [1.5, None, None, None, None, 2.5]),
            "y": ("positive", [7.5, 6.5, 5.5, 4.5, 3.5, 2.5]),
            "z": ("binary", [None, *"pqpqp"]),
        },
        (
            "'-' and '.' count as missing (2 rows, first in row 3 (line 4))",
            "'NA' counts as missing (1 row, first in row 1 (line 2))",
        ),
    ),
    Case(
        "999 among small numbers is asked about, not changed",
        text("x,y", *(f"{1 + i % 7 / 2},{1 + i % 5}.{i}" for i in range(18)), "999,7.5", "999,8.5"),
        {
            "x": ("positive", [*(1 + i % 7 / 2 for i in range(18)), 999, 999]),
            "y": ("positive", [*(float(f"{1 + i % 5}.{i}") for i in range(18)), 7.5, 8.5]),
        },
        ("999 stands in 2 rows far from the rest; is it a code for missing?",),
    ),
    Case(
        "words in several cases",
        text("x,y", "Yes,1.5", "yes,2.5", "YES,3.5", "no,4.5", "No,5", "Yes,6"),
        {"x": ("binary", ["Yes", "Yes", "Yes", "No", "No", "Yes"]), "y": ("positive", [1.5, 2.5, 3.5, 4.5, 5, 6])},
        ("'yes' and 'YES' are taken as 'Yes' (2 rows, first in row 2 (line 3))", "'no' is taken as 'No' (1 row"),
    ),
    Case(
        "case that means something",
        text("x,y", "AA,1.5", "Aa,2.5", "aa,3.5", "AA,4.5"),
        {"x": ("category", ["AA", "Aa", "aa", "AA"]), "y": ("positive", [1.5, 2.5, 3.5, 4.5])},
    ),
    Case(
        "yes and no in several words",
        text("x,y", "yes,1.5", "y,2.5", "TRUE,3.5", "no,4.5", "n,5.5", "yes,6", "no,7"),
        {
            "x": ("binary", ["yes", "yes", "yes", "no", "no", "yes", "no"]),
            "y": ("positive", [1.5, 2.5, 3.5, 4.5, 5.5, 6, 7]),
        },
        ("'y' and 'TRUE' are taken as 'yes' (2 rows", "'n' is taken as 'no' (1 row"),
    ),
    Case(
        "spaces around values",
        text("x,y", " a,1.5", "b ,2.5", "a,3.5"),
        {"x": ("binary", "aba"), "y": ("positive", [1.5, 2.5, 3.5])},
        ("spaces around values were removed (2 rows",),
    ),
    Case(
        "dates, day first or month first",
        text("d,y", "03/04/2024,1.5", "05/06/2024,2.5", "07/08/2024,3.5"),
        {"d": ("date", [19816, 19879, 19942]), "y": ("positive", [1.5, 2.5, 3.5])},
        ("read day first: '03/04/2024' is 3 April 2024; month first would fit as well", "may not be exchangeable"),
    ),
    Case(
        "dates, month first",
        text("d,y", "03/14/2024,1.5", "05/16/2024,2.5", "07/08/2024,3.5"),
        {"d": ("date", [19796, 19859, 19912]), "y": ("positive", [1.5, 2.5, 3.5])},
        ("read month first: '03/14/2024' is 14 March 2024", "may not be exchangeable"),
    ),
    Case(
        "dates in two orders",
        text("d,y", "2024-03-14,1.5", "15.03.2024,2.5", "2024-03-16,3.5"),
        {"d": ("category", ["2024-03-14", "15.03.2024", "2024-03-16"]), "y": ("positive", [1.5, 2.5, 3.5])},
        ("not all dates are written alike: row 2 (line 3) is '15.03.2024'",),
    ),
    Case(
        "years of two digits",
        text("d,y", "03/04/24,1.5", "05/06/24,2.5", "07/08/24,3.5"),
        {"d": ("category", ["03/04/24", "05/06/24", "07/08/24"]), "y": ("positive", [1.5, 2.5, 3.5])},
        ("a year of two digits may be several: row 1 (line 2) is '03/04/24'",),
    ),
    Case(
        "a source below the table",
        text(*BODY, "", "Source: Statistical Office, 2024"),
        REGIONS,
        ("1 line below the table is left out: line 6 is 'Source: Statistical Office, 2024'",),
    ),
    Case(
        "a last row that adds up the others",
        text(*BODY, "Total,7.5,68.25"),
        REGIONS,
        ("the last row is left out: row 4 (line 5), 'Total', adds up the rows above",),
    ),
    Case(
        "a last row that only says so",
        text(*BODY, "Total,7.5,99"),
        {
            "region": ("category", ["north", "south", "west", "Total"]),
            "ads": ("positive", [1.5, 2.5, 3.5, 7.5]),
            "sales": ("positive", [20.5, 22.5, 25.25, 99]),
        },
        ("the last row is kept: row 4 (line 5), 'Total', does not add up the rows above",),
    ),
    Case(
        "empty rows and an empty column",
        text("x,,y", "1.5,,a", ",,", "2.5,,b", "4.25,,a", ",,"),
        {**X, "y": ("binary", "aba")},
        ("column 2 has neither name nor values and is left out", "2 empty rows are left out (first in row 2 (line 3))"),
    ),
    Case(
        "one name twice",
        text("x,y,x", "1,2,3"),
        refused="t.csv: several columns have the same name: 'x' (columns 1, 3)",
    ),
    Case(
        "a row with a cell too many",
        text("x,y", "1,2", "1,2,3"),
        refused="t.csv, row 2 (line 3): expected 2 fields, saw 3: '1,2,3'",
    ),
    Case(
        "a row that was cut off",
        text("x,y,z", "1,2,3", "4"),
        refused="t.csv, row 2 (line 3): expected 3 fields, saw 1: '4'",
    ),
    Case(
        "letters of Windows",
        text("x,ort", "1.5,Köln", "2.5,Ulm", "4.25,Köln", encoding="cp1252"),
        {**X, "ort": ("binary", ["Köln", "Ulm", "Köln"])},
        ("not UTF-8 (first at line 2); read as Windows-1252",),
    ),
    Case(
        "Unicode text of Excel",
        text("x\tort", "1.5\tKöln", "2.5\tUlm", "4.25\tKöln", encoding="utf-16"),
        {**X, "ort": ("binary", ["Köln", "Ulm", "Köln"])},
        ("read as UTF-16",),
        name="t.txt",
    ),
    Case(
        "a byte mark and sep= in the first line",
        text("\ufeffsep=;", "x;y", "1.5;a", "2.5;b", "4.25;a"),
        {**X, "y": ("binary", "aba")},
    ),
    Case(
        "lines within quotes",
        text("x,y", '1.5,"one\ntwo"', "2.5,three", '4.25,"one\ntwo"'),
        {**X, "y": ("binary", ["one\ntwo", "three", "one\ntwo"])},
    ),
    Case(
        "postal codes",
        text("zip,x", "01234,1.5", "20095,2.5", "01234,4.25"),
        {"zip": ("binary", ["01234", "20095", "01234"]), **X},
        ("kept as text because some values begin with a zero",),
    ),
    Case(
        "values below what can be measured",
        text("x,y", "1.5,a", "<0.5,b", "2.5,a"),
        {"x": ("category", ["1.5", "<0.5", "2.5"]), "y": ("binary", "aba")},
        ("1 row of 3 is no number: row 2 (line 3) is '<0.5'",),
    ),
    Case(
        "grades from 1 to 5",
        text("x,y", *(f"{1 + i % 5},{i}.5" for i in range(20))),
        {"x": ("ordered", [1 + i % 5 for i in range(20)]), "y": ("positive", [i + 0.5 for i in range(20)])},
        asked={"x": "count"},
    ),
    Case(
        "very small amounts",
        text("x,y", "1.5e-12,a", "2.5e-12,b", "9e-12,a"),
        {"x": ("positive", [1.5e-12, 2.5e-12, 9e-12]), "y": ("binary", "aba")},
        asked={"x": "proportion"},
    ),
    Case(
        "a merged title above the names",
        book([["Sales 2024"], [], *ROWS], merged=["A1:C1"]),
        REGIONS,
        ("line 1 above the names is left out: 'Sales 2024'",),
        name="t.xlsx",
    ),
    Case(
        "names in two rows, merged",
        book(
            [
                ["who", "Height", None, "Weight", None, "age"],
                [None, 2019, 2020, 2019, 2020, "years"],
                ["a", 1.5, 1.6, 50.5, 51.5, 33.5],
                ["b", 1.7, 1.8, 60.5, 61.5, 44.5],
            ],
            merged=["A1:A2", "B1:C1", "D1:E1"],
        ),
        {
            "who": ("binary", "ab"),
            "Height 2019": ("positive", [1.5, 1.7]),
            "Height 2020": ("positive", [1.6, 1.8]),
            "Weight 2019": ("positive", [50.5, 60.5]),
            "Weight 2020": ("positive", [51.5, 61.5]),
            "age years": ("positive", [33.5, 44.5]),
        },
        ("the names stand in two rows (lines 1 and 2) and are joined",),
        name="t.xlsx",
    ),
    Case(
        "merged cells down a column",
        book([["g", "x"], ["a", 1.5], [None, 2.5], ["b", 4.25]], merged=["A2:A3"]),
        {"g": ("binary", "aab"), **X},
        ("merged cells count for every row that they reach over (1 cell filled, first from line 2: 'a')",),
        name="t.xlsx",
    ),
    Case(
        "cells merged across the names",
        book([["size", None, "b"], [1, 2, 3]], merged=["A1:B1"]),
        refused="t.xlsx, column 2: column 2 has no name in the first row",
        name="t.xlsx",
    ),
    Case(
        "an empty sheet before the table, another behind",
        book([], ROWS, [["z"], [1]]),
        REGIONS,
        ("only the first sheet with cells, 'Sheet1', is read; not read: 'Sheet', 'Sheet2'",),
        name="t.xlsx",
    ),
    Case(
        "formulas that failed",
        book([["x", "y"], [1.5, "a"], ["#DIV/0!", "b"], [2.5, "a"], ["#N/A", "a"]]),
        {"x": ("positive", [1.5, None, 2.5, None]), "y": ("binary", "abaa")},
        ("#DIV/0! and #N/A count as missing (2 rows, first in row 2 (line 3))",),
        name="t.xlsx",
    ),
    Case(
        "numbers stored as text",
        book([["x", "y"], ["1.5", "a"], ["2.5", "b"], [4.25, "a"]]),
        {**X, "y": ("binary", "aba")},
        ("2 numbers stored as text: read as numbers",),
        name="t.xlsx",
    ),
    Case(
        "a date that a spreadsheet made of a word",
        book([["gene", "x"], ["TP53", 1.5], [DAY(2024, 9, 2), 2.5], ["TP53", 4.25]]),
        {"gene": ("binary", ["TP53", "2024-09-02T00:00:00", "TP53"]), **X},
        ("a date among other entries (1 row, first in row 2 (line 3): 2024-09-02)",),
        name="t.xlsx",
    ),
    Case(
        "a total and a note below",
        book([*ROWS, ["Total", 7.5, 68.25], [], ["* preliminary"]]),
        REGIONS,
        (
            "1 line below the table is left out: line 7 is '* preliminary'",
            "the last row is left out: row 4 (line 5), 'Total', adds up the rows above",
        ),
        name="t.xlsx",
    ),
    Case(
        "a table that begins at C3",
        book([[], [], *([None, None, *row] for row in ROWS)]),
        REGIONS,
        ("column 1 has neither name nor values", "column 2 has neither name nor values"),
        name="t.xlsx",
    ),
    Case(
        "a cell right of the table",
        book([*ROWS, ["east", 4.5, 26.5, "?"]]),
        refused="t.xlsx, row 4 (line 5): there are 4 cells under 3 names",
        name="t.xlsx",
    ),
)


def page() -> str:
    """Return docs/tables.md."""
    lines = [
        "# Tables as people have them",
        "",
        "What is read as what, and what is said of it. Whatever is not read as it stands in the file is said beside",
        "the table or its column; what cannot be read safely stays text, or is refused with its line. Made from the",
        "tests (`python -m tests.data.table_cases`).",
        "",
        "| in the file | read as | said |",
        "|---|---|---|",
    ]
    for case in CASES:
        read = "refused" if case.refused else ", ".join(f"{name}: {kind}" for name, (kind, _) in case.columns.items())
        said = [case.refused] if case.refused else [*case.said]
        said += [f"asked: is {name} {kind}?" for name, kind in case.asked.items()]
        said += [f"{name}: label {label or '-'}, unit {unit or '-'}" for name, (label, unit) in case.words.items()]
        lines.append(f"| {case.title} | {read} | {'; '.join(said)} |".replace("\n", " "))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
