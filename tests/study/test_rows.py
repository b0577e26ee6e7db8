"""Comparisons of rows that belong together: errors, bagged probabilities, tests and words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.check.one_each import one_of_each
from core.check.rows_as import rows_as
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
    assert any("intervals of associations, arrows and effects" in warning for warning in found.warnings)


def test_one_row_of_each_group_is_what_those_rows_alone_give() -> None:
    data = schools(4, 0.4)
    found = compare(data, named(**RIVALS), rows="one:school")
    kept = one_of_each(data, rows_as("one:school")).kept
    assert kept is not None
    assert sorted(data.values("school")[kept]) == list(range(80))
    alone = compare(data.take(kept), named(**RIVALS))
    for name in RIVALS:
        assert found.hypothesis(name).elpd == alone.hypothesis(name).elpd
        assert found.hypothesis(name).log_evidence == alone.hypothesis(name).log_evidence
        assert [t.p_value for t in found.hypothesis(name).implications] == [
            t.p_value for t in alone.hypothesis(name).implications
        ]
    assert (found.data.rows, found.data.rows_read) == (80, 400)
    assert (found.rows.taken, found.rows.grade) == ("one:school", "")
    assert not any("resemble" in sentence for sentence in found.sentences)
    said = "320 of 400 rows are left out: one row of each school is kept, drawn at random, as you say."
    assert said in found.warnings
    assert said in check_claims(named(**RIVALS)[0], data, rows="one:school").warnings


def test_one_of_equal_rows_is_the_table_before_it_was_copied() -> None:
    data = Dataset.from_frame(schools(5, 0.0).table[["x", "y", "z"]][:100])
    five = Dataset.from_frame(pd.concat([data.table] * 5).sample(frac=1.0, random_state=2).reset_index(drop=True))
    withheld = compare(five, named(**RIVALS))
    assert withheld.rows.grade == "withheld"
    assert withheld.rows.offers == ("one",)
    found, once = compare(five, named(**RIVALS), rows="one"), compare(data, named(**RIVALS))
    assert found.rows.grade == ""
    for name in RIVALS:
        estimates = [c.hypothesis(name).log_evidence.estimate for c in (found, once)]
        assert estimates[0] == pytest.approx(estimates[1], rel=1e-9)
    assert any("one of equal rows is kept" in warning for warning in found.warnings)
    (same,) = [c.hypothesis("A").implications[0].p_value for c in (found,)]
    assert same == pytest.approx(once.hypothesis("A").implications[0].p_value, rel=1e-6)


def test_rows_that_are_left_out_keep_the_numbers_of_those_that_stay() -> None:
    """What is said of single rows names them as they stand in the file."""
    frame = pd.DataFrame({"x": np.arange(20.0), "g": np.repeat(list("abcdefghij"), 2)})
    data = Dataset.from_frame(frame, kinds={"g": "category"})
    kept = one_of_each(data, rows_as("one:g", data))
    assert kept.rows == 20
    assert kept.entering == 10
    assert kept.fingerprint == data.fingerprint
    assert (kept.complete(["x"]) == kept.kept).all()
    assert one_of_each(data, rows_as("group:g", data)) is data


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
    assert again.rows.offers == ("group:school", "one:school")
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
