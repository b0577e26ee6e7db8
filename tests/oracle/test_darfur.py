"""Attitudes to peace among refugees from Darfur: the example of Cinelli & Hazlett 2020, from the published moments."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from twins import twin

from core.effects.contour import contour_of
from core.effects.robustness import robustness_of, strengths_of

GIVEN = ("female", "age", "farmer_dar", "herder_dar", "pastvoted", "hhsize_darfur")
DARFUR = twin("darfur", 791)  # 1,276 rows within 486 villages: 485 degrees of freedom are theirs
PLACES = {name: slice(place, place + 1) for place, name in enumerate(GIVEN)}

# As sensemakr prints them for one, two and three times as strong as female.
PUBLISHED = [(0.00916, 0.1246, 0.0752, 0.0219), (0.0183, 0.2493, 0.0529, 0.0204), (0.0275, 0.3741, 0.0304, 0.0187)]


def test_the_published_numbers() -> None:
    given = np.column_stack([DARFUR[name] for name in GIVEN])
    y, x = DARFUR["peacefactor"], DARFUR["directlyharmed"]
    found = robustness_of(y, x, given, PLACES)
    assert found is not None
    assert found.df == 783
    assert (found.estimate, found.se) == pytest.approx((0.0973, 0.0233), abs=5e-5)
    assert (found.value, found.value_at_level) == pytest.approx((0.1388, 0.0763), abs=5e-5)
    assert found.partial_r2 == pytest.approx(0.0219, abs=5e-5)
    drawn = contour_of(found, strengths_of(y, x, given, PLACES))
    assert len(drawn.marks) == 3 * len(GIVEN)
    assert [mark.times for mark in drawn.marks[:3]] == [1, 2, 3]
    for mark, (treatment, outcome, left, error) in zip(drawn.marks[:3], PUBLISHED, strict=True):
        assert mark.name == "female"
        assert mark.treatment == pytest.approx(treatment, abs=6e-5)
        assert (mark.outcome, mark.estimate, mark.se) == pytest.approx((outcome, left, error), abs=5e-5)
    # What their text says: one three times as strong takes the interval no longer clear of zero.
    assert [mark.possible for mark in drawn.marks[:3]] == [False, False, True]
