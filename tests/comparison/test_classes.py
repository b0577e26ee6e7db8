"""Scores belong to classes: mean evidence, equal prior mass, one predictive density."""

import numpy as np
import pytest
from scipy.special import logsumexp

from core.comparison.classes import class_facts, log_mean_exp


def test_log_mean_exp_far_down() -> None:
    values = np.array([-5000.0, -5001.0])
    assert log_mean_exp(values) == pytest.approx(logsumexp(values) - np.log(2))


def test_classes_have_equal_prior_mass_and_members_no_probability() -> None:
    rows = np.random.default_rng(0).normal(size=(3, 80))
    alone, pair = class_facts(["A", "B", "C"], [(0,), (1, 2)], [-10.0, -11.0, -13.0], list(rows))
    expected = np.exp([-10.0, logsumexp([-11.0, -13.0]) - np.log(2)])
    assert pair.log_evidence == pytest.approx(np.log(expected[1]))
    assert [alone.probability, pair.probability] == pytest.approx(list(expected / expected.sum()))
    assert pair.members == ("B", "C")
    assert alone.stacking_weight is not None
    assert pair.stacking_weight is not None
    assert alone.stacking_weight + pair.stacking_weight == pytest.approx(1.0)


def test_a_copy_of_a_hypothesis_changes_no_class() -> None:
    rows = np.random.default_rng(1).normal(size=(2, 80))
    once = class_facts(["A", "B"], [(0,), (1,)], [-10.0, -11.0], list(rows))
    twice = class_facts(["A", "B", "B2"], [(0,), (1, 2)], [-10.0, -11.0, -11.0], [*rows, rows[1]])
    assert [c.probability for c in twice] == pytest.approx([c.probability for c in once])
    assert [c.stacking_weight for c in twice] == pytest.approx([c.stacking_weight for c in once])


def test_nothing_is_ranked_where_a_gate_failed() -> None:
    rows = np.zeros((2, 10))
    for found in class_facts(["A", "B"], [(0,), (1,)], [-1.0, -2.0], list(rows), ranked=False):
        assert (found.probability, found.stacking_weight) == (None, None)
    for found in class_facts(["A", "B"], [(0,), (1,)], [-1.0, -2.0], list(rows), predictive=False):
        assert found.probability is not None
        assert found.stacking_weight is None
