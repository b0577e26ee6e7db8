"""Comparisons of rows that belong together: errors, bagged probabilities, tests and words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.comparison.storage import comparison_from_bytes, comparison_to_bytes
from core.data.dataset import Dataset
from core.errors import UsageError
from core.fit.exact import fit_exact
from core.model.design import block_data
from core.study import compare, plan
from core.study.claims import check_claims
from tests.study.study_cases import chain_data, named

RIVALS = {"A": "x -> y x -> z", "B": "x -> y x -> z y -> z"}


def schools(seed: int, icc: float, many: int = 80, each: int = 5) -> Dataset:
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(np.arange(many), each))
    noise = [
        np.sqrt(icc) * rng.normal(size=many)[group] + np.sqrt(1 - icc) * rng.normal(size=len(group)) for _ in "xyz"
    ]
    frame = pd.DataFrame({"x": noise[0], "y": 0.8 * noise[0] + noise[1], "z": 0.8 * noise[0] + noise[2]})
    return Dataset.from_frame(frame.assign(school=[f"s{one}" for one in group]))


def test_what_is_found_is_computed_with_and_said_once() -> None:
    data = schools(0, 0.4)
    found, plain = compare(data, named(**RIVALS)), compare(data, named(**RIVALS), rows="none")
    assert found.rows.grade == "computed"
    assert [s for s in found.sentences if s.startswith("Rows of one school resemble each other")] == [found.rows.said]
    assert not any("resemble" in sentence for sentence in plain.sentences)
    assert any("yet rows of one school resemble each other" in warning for warning in plain.warnings)
    (wide,), (narrow,) = found.hypothesis("A").implications, plain.hypothesis("A").implications
    assert wide.association == narrow.association
    assert wide.q95 - wide.q05 > 1.2 * (narrow.q95 - narrow.q05)  # type: ignore[operator]
    assert wide.p_value > narrow.p_value  # type: ignore[operator]
    assert (wide.predictive_p, narrow.predictive_p is None) == (None, False)
    assert found.hypothesis("A").elpd.se > plain.hypothesis("A").elpd.se  # type: ignore[operator]
    assert found.classes[0].probability == plain.classes[0].probability
    assert found.classes[0].bagged_probability != plain.classes[0].bagged_probability
    assert "the data" not in " ".join(s for s in found.sentences if "B adds y -> z" in s)  # evidence is not spoken of
    assert any("Intervals of arrows and effects" in warning for warning in found.warnings)


def test_scores_leave_whole_groups_out_in_closed_form() -> None:
    """Each group is predicted from all others: what a fit without it gives, by the ratio of evidences."""
    data = schools(2, 0.7, 20, 20)
    found = compare(data, named(**RIVALS), rows="group:school", cache=None)
    group = data.values("school")
    frozen = plan(data, named(**RIVALS))
    parts = dict.fromkeys(RIVALS, 0.0)
    for one in range(20):
        for name in RIVALS:
            for key in frozen.keys[name].values():
                block, _ = frozen.blocks[key]
                whole, rest = (
                    fit_exact(block, block_data(block.model, rows)).log_evidence
                    for rows in (data, data.take(group != one))
                )
                parts[name] += whole - rest
    for name, expected in parts.items():
        assert found.hypothesis(name).elpd.estimate == pytest.approx(expected, abs=1e-6)
    (pair,) = found.differences
    assert pair.elpd == pytest.approx(parts["A"] - parts["B"], abs=1e-6)
    assert pair.elpd == pytest.approx(sum(pair.by_node.values()), abs=1e-9)
    assert any("leaves out whole groups" in warning for warning in found.warnings)
    alone = compare(data, named(**RIVALS), rows="none")
    assert found.hypothesis("A").elpd.p == pytest.approx(alone.hypothesis("A").elpd.p)
    assert found.hypothesis("A").elpd.estimate < alone.hypothesis("A").elpd.estimate  # type: ignore[operator]


def test_where_a_form_is_not_closed_errors_alone_are_those_of_groups() -> None:
    data = schools(0, 0.4, 40, 5)
    rivals = [hypothesis.with_node("z", family="StudentT") for hypothesis in named(**RIVALS)]
    found = compare(data, rivals, rows="group:school", draws=400, method="importance")
    alone = compare(data, rivals, rows="none", draws=400, method="importance")
    assert found.hypothesis("A").elpd.estimate == alone.hypothesis("A").elpd.estimate
    assert found.hypothesis("A").elpd.se > alone.hypothesis("A").elpd.se  # type: ignore[operator]
    assert any("elpd leaves out single rows, since a node" in warning for warning in found.warnings)


def test_a_group_that_is_said_gives_a_verdict_where_none_was() -> None:
    data = schools(2, 0.7, 20, 20)
    assert compare(data, named(**RIVALS)).verdict.startswith("No verdict: rows of one school resemble each other")
    found = compare(data, named(**RIVALS), rows="group:school")
    assert found.rows.taken == "group:school"
    assert "Rows of one school are taken as a group, as you say" in found.verdict
    assert found.classes[0].bagged_probability is not None
    assert found.hypothesis("A").implications[0].contradicted is not None


def test_rows_change_no_block() -> None:
    data = schools(2, 0.7, 20, 20)
    one, two = (plan(data, named(**RIVALS), rows=rows) for rows in (None, "group:school"))
    assert one.keys == two.keys
    assert str(two.rows) == "group:school"


def test_what_was_found_is_kept_with_the_comparison_and_not_in_the_json() -> None:
    found = compare(schools(2, 0.7, 20, 20), named(**RIVALS))
    again = comparison_from_bytes(comparison_to_bytes(found))
    assert again.rows == found.rows
    assert again.rows.offers == ("group:school",)
    assert "rows" not in found.to_dict()
    assert any("rows of one school" in warning.lower() for warning in found.to_dict()["warnings"])


def test_independent_rows_are_as_they_were() -> None:
    found, plain = (
        compare(chain_data(), named(A="a -> b -> c")),
        compare(chain_data(), named(A="a -> b -> c"), rows="none"),
    )
    assert found.to_dict()["hypotheses"] == plain.to_dict()["hypotheses"]
    assert found.rows.grade == ""


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no column 'scool'") as refused:
        compare(chain_data(), named(A="a -> b -> c"), rows="group:scool")
    assert refused.value.place == "rows group:scool"


def test_claims_alone_take_rows_too() -> None:
    data = schools(0, 0.4)
    (hypothesis,) = named(A=RIVALS["A"])
    counted, plain = check_claims(hypothesis, data), check_claims(hypothesis, data, rows="none")
    assert counted.tests[0].p_value > plain.tests[0].p_value  # type: ignore[operator]
    assert any(warning.startswith("Rows of one school resemble each other: 400 rows") for warning in counted.warnings)
    said = check_claims(hypothesis, schools(2, 0.7, 20, 20), rows="group:school")
    assert said.tests[0].p_value is not None
