"""Claims of one graph on data, also of graphs that cannot be fitted yet."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.errors import ModelError
from core.hypothesis import Hypothesis
from core.study.claims import check_claims
from tests.study.study_cases import chain_data, named


def test_a_graph_in_closed_form_has_predictive_p_values() -> None:
    (chain,) = named(chain="a -> b b -> c")
    claims = check_claims(chain, chain_data())
    assert claims.untestable is None
    assert [test.contradicted for test in claims.tests] == [False]
    assert claims.tests[0].predictive_p is not None


def test_a_graph_with_an_unmeasured_cause_is_tested_without_a_fit() -> None:
    rng = np.random.default_rng(1)
    u = rng.normal(size=(500, 3))
    frame = pd.DataFrame({"a": u[:, 0] + u[:, 1], "b": u[:, 1] + u[:, 2], "c": 1.0 * u[:, 2] + 0.5 * u[:, 0]})
    text = "dag { u [latent] a u -> a u -> b c }"
    claims = check_claims(Hypothesis.from_dagitty(text, "H"), Dataset.from_frame(frame))
    found = {(test.x, test.y): test.contradicted for test in claims.tests}
    assert found == {("a", "c"): True, ("b", "c"): True}
    assert all(test.predictive_p is None for test in claims.tests)
    assert "predictive_p is null" in " ".join(claims.warnings)


def test_a_saturated_graph_says_why_nothing_can_be_tested() -> None:
    (full,) = named(full="a -> b b -> c a -> c")
    claims = check_claims(full, chain_data())
    assert claims.tests == ()
    assert claims.untestable is not None


def test_a_node_that_is_no_column_is_refused() -> None:
    (wrong,) = named(wrong="a -> ghost")
    with pytest.raises(ModelError, match="ghost"):
        check_claims(wrong, chain_data())


def test_a_column_that_is_a_copy_of_its_cause_leaves_nothing_to_test_and_it_is_said() -> None:
    a = np.random.default_rng(4).normal(size=80)
    frame = pd.DataFrame({"a": a, "b": 3.0 * a, "c": a + np.random.default_rng(5).normal(size=80)})
    found = check_claims(named(fork="a -> b a -> c")[0], Dataset.from_frame(frame))
    assert [(test.association, test.p_value, test.contradicted) for test in found.tests] == [(None, None, None)]
    assert any("determined by the others" in words for words in found.warnings)
