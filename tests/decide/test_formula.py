"""Typed formulas: what they mean, what they refuse, and that no text does anything else."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.decide.formula import Formula, evaluate, is_affine, written
from core.decide.reading import LONGEST, FormulaError, parse_formula
from tests.decide.decide_cases import COLUMNS, ONE, formulas

NAN = math.nan
VALUES = {
    name: np.array(column)
    for name, column in zip(
        COLUMNS,
        ([3.0, -1.0, NAN], [2.0, 0.0, 1.0], [1.0, 5.0, -2.0], [4.0] * 3, [0.0, 1.0, 0.0], [7.0] * 3, [-3.0] * 3),
        strict=True,
    )
}


def value(text: str, **columns: float) -> float:
    return float(evaluate(parse_formula(text, list(columns)), {k: np.float64(v) for k, v in columns.items()}))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("12 / 2 / 3", 2),
        ("2 ^ 3 ^ 2", 512),
        ("2 ** 3", 8),
        ("-2 ^ 2", -4),
        ("(-2) ^ 2", 4),
        ("2 ^ -1", 0.5),
        ("x * -x", -9),
        ("--x", 3),
        ("+x - +1", 2),
        ("1.5e2 + .5", 150.5),
        ("x > 3", 0),
        ("x >= 3", 1),
        ("x < 4 and x > 4", 0),
        ("x < 4 or x > 4", 1),
        ("not x > 3", 1),
        ("not x > 3 and x > 3", 0),
        ("1 or 0 and 0", 1),
        ("min(x, 2, 5)", 2),
        ("max(x, 2, 5)", 5),
        ("abs(-x)", 3),
        ("log(exp(x))", 3),
        ("sqrt(x * x)", 3),
        ("clip(x, 0, 2)", 2),
        ("clip(-x, 0, 2)", 0),
        ("if(x > 2, 10, 20)", 10),
        ("if(x > 3, 10, 20)", 20),
        ("if(x < 0, log(-x), 0)", 0),
        ("x − 1 ≤ 2 × x", 1),
    ],
)
def test_it_means_what_it_says(text: str, wanted: float) -> None:
    assert value(text, x=3) == pytest.approx(wanted)


def test_names_with_spaces_and_signs_stand_in_quotes() -> None:
    columns = {"tv spend": 2.0, 'say "hi"': 3.0, "or": 5.0, "max": 7.0, "größe": 11.0}
    assert value("`tv spend` + 1", **columns) == 3
    assert value("'tv spend' * \"tv spend\"", **columns) == 4
    assert value('"say ""hi"""', **columns) == 3
    assert value("`or` + max(max, 1)", **columns) == 12
    assert value("größe", **columns) == 11


def test_what_is_not_known_stays_so() -> None:
    """A comparison with NaN would be "no", and an action that overflows would look like a bad one."""
    for text in ("x > 1", "x < 1", "not x", "x and 0", "x or 1", "if(x, 1, 2)", "min(x, 1)", "clip(x, 0, 1)", "x ^ 2"):
        assert math.isnan(value(text, x=NAN)), text
    assert math.isnan(value("log(x)", x=-1)), "nothing is raised"
    assert value("1 / x", x=0) == math.inf


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("sales - 2 * cots", 12, "there is no 'cots' here"),
        ("sales -", 7, "ends too early"),
        ("(sales", 0, "not closed"),
        ("sales)", 5, "closes nothing"),
        ("2 sales", 2, "no sign between '2' and 'sales'"),
        ("tv spend", 0, "there is no 'tv' here"),
        ("0 < sales < 5", 10, "cannot be chained"),
        ("sales = 5", 6, "equality"),
        ("10% * sales", 2, "percent"),
        ("1,000 * sales", 1, "comma"),
        ("foo(sales)", 0, "no function 'foo'"),
        ("max(sales)", 0, "takes 2 or more arguments, not 1"),
        ("clip(sales, 1)", 0, "takes 3 arguments, not 2"),
        ("`sales", 0, "quote is not closed"),
        ("sales; ads", 5, "means nothing here"),
        ("sales.__class__", 5, "means nothing here"),
        ("1e999 * sales", 0, "too large"),
        ("", 0, "no formula"),
        ("and", 0, "cannot stand here"),
        ("(" * 31 + "1", 30, "nested too deeply"),
        ("-" * 31 + "1", 30, "nested too deeply"),
        ("+".join("1" * 300), 399, "too many parts"),
        ("1" * (LONGEST + 1), LONGEST, "characters long"),
        ("٣ + 1", 0, "no number"),
    ],
)
def test_a_refusal_names_the_place(text: str, position: int, words: str) -> None:
    with pytest.raises(FormulaError, match=words) as caught:
        parse_formula(text, ["sales", "ads"])
    assert caught.value.position == position
    assert caught.value.place == f"utility, character {position + 1}"
    assert caught.value.hint


def test_a_caret_stands_below_the_place_and_the_error_crosses_processes() -> None:
    with pytest.raises(FormulaError) as caught:
        parse_formula("sales - 2 * cots", ["sales", "costs"])
    assert caught.value.picture == "sales - 2 * cots\n            ^"
    assert "costs" in caught.value.hint, "the nearest name comes first"
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.position, again.picture, str(again)) == (12, caught.value.picture, str(caught.value))


@given(formulas)
def test_what_is_written_reads_back_as_the_same(formula: Formula) -> None:
    text = written(formula)
    if len(text) <= LONGEST:
        again = parse_formula(text, COLUMNS)
        assert again == formula
        np.testing.assert_array_equal(evaluate(again, VALUES), evaluate(formula, VALUES))
        assert written(again) == text


_letters = st.text(st.sampled_from("ab01 .,+-*/^()<>=!`'\"%eE\n") | st.characters(), max_size=60)
_words = st.lists(
    st.sampled_from(["a", "or", "and", "not", "if", "max", "(", ")", ",", "<", "-", "^", "1", "2e5", "`a b`", " "]),
    max_size=40,
).map("".join)


@given(_letters | _words)
@example("1e" + "9" * 900)
@example("\x00")
@example("²")
@example("(" * 999)
@example("not " * 249 + "1")
@example("2^" * 400 + "2")
@example("min(" * 200)
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        formula = parse_formula(text, ["a", "a b", "if"])
    except FormulaError as caught:
        error = caught
    else:
        assert evaluate(formula, {"a": ONE, "a b": ONE, "if": ONE}).shape in ((), (1,))
        return
    assert 0 <= error.position <= len(text)
    assert error.hint


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a - 2 * b", True),
        ("-(3 * a + b ^ 2) / b", True),
        ("b * (a + 1) * b", True),
        ("max(b, 1)", True),
        ("a > 3", False),
        ("a * a", False),
        ("a ^ 2", False),
        ("b / a", False),
        ("max(a, 1)", False),
        ("not a", False),
        ("if(b > 1, a, 0)", False),
    ],
)
def test_a_line_in_one_name(text: str, line: bool) -> None:
    assert is_affine(parse_formula(text, ["a", "b"]), "a") == line
