"""Labels in typed formulas."""

import pytest

from ui.formulas import in_labels, in_names, listed

LABELS = {"ads": "ad spend", "sales": "sales", "tv spend": "ad spend on tv", "a": "same", "b": "same", "price": "ads"}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("sales - 2 * ad spend", "sales - 2 * ads"),
        ("ad spend on tv + ad spend", "`tv spend` + ads"),
        ('"ad spend" > 3', "ads > 3"),
        ("'tv spend' > 3", "'tv spend' > 3"),
        ("bad spends + ads", "bad spends + ads"),
        ("same > 1", "same > 1"),
    ],
)
def test_labels_are_read_as_names_where_they_mean_one(typed: str, read: str) -> None:
    assert in_names(typed, LABELS) == read


def test_what_is_listed_and_how_a_formula_is_said() -> None:
    assert listed(LABELS) == "ad spend = ads, ad spend on tv = `tv spend`"
    assert listed({"x": "x"}) == ""
    assert in_names("x > 1", {"x": "x"}) == "x > 1"
    assert in_labels("ads - `tv spend`", ["ads", "tv spend"], LABELS) == "ad spend - ad spend on tv"
