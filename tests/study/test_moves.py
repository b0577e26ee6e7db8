"""One step on every page: round numbers around the middle half of the rows, and never two equal ends."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.study.moves import default_ends, default_levels, on_grid, span_of


def column(kind: str = "real") -> Any:
    return SimpleNamespace(kind=kind)


def test_the_ends_are_quartiles_in_round_numbers() -> None:
    values = np.linspace(2.9512, 9.1187, 401)
    low, high = default_ends(column(), values)
    bottom, top, step = span_of(column(), values)
    for end, quartile in zip((low, high), np.quantile(values, (0.25, 0.75)), strict=True):
        assert abs(end - quartile) <= step / 2
        assert end == on_grid(end, bottom, step)
        assert bottom <= end <= top


@pytest.mark.parametrize("share", [0.8, 0.98, 1.0])
def test_ends_stand_apart_where_most_rows_are_one_value(share: float) -> None:
    values = np.where(np.arange(200) < 200 * share, 3.0, 7.0)
    low, high = default_ends(column("count"), values)
    assert low < high


def test_levels_are_the_first_and_the_second_of_two_else_the_commonest() -> None:
    assert default_levels(np.array([1.0, 1.0, 0.0]), 2) == (0, 1)
    assert default_levels(np.array([2.0, 2.0, 2.0, 0.0, 1.0, 1.0]), 3) == (2, 1)
