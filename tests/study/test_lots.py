"""Rows that stand for all."""

import numpy as np
import pytest

from core.study.lots import Rows


def test_a_lot_has_its_share_of_every_kind_and_knows_what_it_lacks() -> None:
    expected = np.random.default_rng(0).lognormal(size=1001)
    rows = Rows({"x": np.arange(1001.0), "y": 2 * expected}, expected)
    lot = rows.lot(40)
    assert len(lot.raw["x"]) == 40
    some = lot.raw["x"].astype(int)
    assert (np.diff(some) > 0).all(), "in their order"
    assert expected[some].mean() + lot.more == pytest.approx(expected.mean())
    assert abs(lot.more) < 0.1 * expected.std(), "little is left to put right"
    assert np.quantile(expected[some], [0.1, 0.5, 0.9]) == pytest.approx(
        np.quantile(expected, [0.1, 0.5, 0.9]), rel=0.1
    )


def test_few_rows_and_rows_that_need_others_are_all_taken() -> None:
    raw = {"x": np.arange(30.0)}
    assert Rows(raw, np.arange(30.0)).lot(40).raw is raw
    assert Rows(raw, None).lot(5).raw is raw
    assert Rows(raw, None).lot(5).more == 0
