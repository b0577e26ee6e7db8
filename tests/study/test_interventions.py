"""Rows in which something was set: they separate what observation cannot, and leave their node's score."""

import numpy as np
import pandas as pd
import pytest

from core import Dataset, Hypothesis, compare


@pytest.fixture
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    x = rng.normal(size=300)
    was_set = np.arange(300) < 120
    x[was_set] = rng.uniform(-3, 3, was_set.sum())
    return pd.DataFrame({"x": x, "y": 0.9 * x + rng.normal(size=300), "_set": np.where(was_set, "x", "")})


def rivals() -> list[Hypothesis]:
    return [Hypothesis.from_dagitty("dag { x -> y }", name="A"), Hypothesis.from_dagitty("dag { y -> x }", name="B")]


def test_the_cause_that_was_set_is_told_from_its_effect(rows: pd.DataFrame, tmp_path) -> None:
    rows.to_csv(tmp_path / "set.csv", index=False)
    found = compare(Dataset.read(tmp_path / "set.csv"), rivals())
    assert [group.members for group in found.classes] == [("A",), ("B",)]
    assert found.classes[0].probability > 0.99
    assert not found.differences[0].same_class
    assert any("told apart here by the rows that were set" in warning for warning in found.warnings)


def test_without_such_rows_the_two_are_tied(rows: pd.DataFrame, tmp_path) -> None:
    rows.drop(columns="_set").to_csv(tmp_path / "seen.csv", index=False)
    found = compare(Dataset.read(tmp_path / "seen.csv"), rivals())
    assert [group.members for group in found.classes] == [("A", "B")]
    assert found.hypotheses[0].log_evidence.estimate == pytest.approx(
        found.hypotheses[1].log_evidence.estimate, abs=1e-8
    )
