"""What a user corrected is carried over to a new table where it fits; the rest is said."""

import pytest

from core.data.corrections import carry_over
from core.data.read import read_dataset

NEW = read_dataset(b"x,n,g,when\n1.5,1,low,a\n2.5,2,high,b\n-1,3,low,a\n", name="new.csv")


@pytest.mark.parametrize(
    ("given", "kept", "lost"),
    [
        ({"x": {"kind": "real", "label": "X", "unit": "kg"}}, {"x": {"label": "X", "unit": "kg", "kind": "real"}}, ()),
        (
            {"n": {"kind": "ordered", "levels": ["3", "2", "1"]}},
            {"n": {"kind": "ordered", "levels": ["3", "2", "1"]}},
            (),
        ),
        (
            {"n": {"kind": "ordered", "levels": ["4", "3", "2", "1"]}},
            {"n": {"kind": "ordered", "levels": ["3", "2", "1"]}},
            (),
        ),
        (
            {"n": {"kind": "ordered", "levels": ["2", "1"], "unit": "points"}},
            {"n": {"unit": "points", "kind": "ordered"}},
            ("the order of the levels of 'n' is gone: '3' is new",),
        ),
        (
            {"x": {"kind": "positive", "label": "X"}},
            {"x": {"label": "X"}},
            ("'x' was positive and is real now: '-1.0' is not above 0 (new.csv, row 3 (line 4), column x)",),
        ),
        ({"g": {"levels": ["low", "high"]}}, {"g": {"levels": ["low", "high"]}}, ()),
        ({"x": {"levels": ["a", "b"]}}, {}, ("'x' is real now and has no levels; their order is gone",)),
        (
            {"old": {"kind": "count", "label": "Old", "levels": ["1"]}, "x": {}},
            {},
            (
                "'old' is not in the new table; its kind (count), the order of its levels and its label ('Old') are "
                "gone",
            ),
        ),
        ({"old": {"unit": "kg"}}, {}, ("'old' is not in the new table; its unit ('kg') is gone",)),
    ],
)
def test_what_fits_is_kept_and_the_rest_is_said(given, kept, lost):
    carried = carry_over(given, NEW)
    assert carried.kept == kept
    assert carried.lost == lost
