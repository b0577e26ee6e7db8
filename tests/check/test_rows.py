"""Rows that resemble each other: what is looked at, what is said, and what is computed with."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.rows import CELLS, ROLES, measured
from benchmarks.worlds import fork
from core.check.dependence import Dependence
from core.check.roles import role_of
from core.check.rows import REMARK, WITHHELD, find_dependence
from core.check.rows_as import RowsAs, rows_as
from core.data.dataset import Dataset
from core.errors import UsageError

BY_NAME = {cell.name: cell for cell in CELLS}


def found(frame: pd.DataFrame, taken: str = "", **kinds: str) -> Dependence:
    dataset = Dataset.from_frame(frame, kinds={**dict.fromkeys("xyz", "real"), **kinds})
    raw = {name: dataset.values(name) for name in "xyz"}
    return find_dependence(dataset, ROLES, raw, taken=rows_as(taken, dataset))


def schools(seed: int, icc: float, many: int = 20, each: int = 20) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(np.arange(many), each))
    noise = [
        np.sqrt(icc) * rng.normal(size=many)[group] + np.sqrt(1 - icc) * rng.normal(size=len(group)) for _ in "xyz"
    ]
    return pd.DataFrame({"x": noise[0], "y": 0.8 * noise[0] + noise[1], "z": 0.8 * noise[0] + noise[2]}), group


def plain(seed: int, rows: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    return pd.DataFrame({"x": x, "y": 0.8 * x + rng.normal(size=rows), "z": 0.8 * x + rng.normal(size=rows)})


# -- groups ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["school", "kz_17", "Ort der Messung", "y2"])
@pytest.mark.parametrize("kind", ["category", "identifier", "number", "date"])
def test_a_group_that_nobody_drew_is_seen_whatever_its_name_and_kind(name: str, kind: str) -> None:
    frame, group = schools(1, 0.4)
    code = np.random.default_rng(5).permutation(20)[group]
    if kind == "date":
        frame[name] = pd.Timestamp("2020-01-01") + pd.to_timedelta(code, unit="D")
    else:
        frame[name] = code + 3 if kind == "number" else [f"no {one}" for one in code]
    seen = found(frame, **({} if kind == "number" else {name: kind}))
    assert seen or seen.computed
    assert name in " ".join((*seen.reasons, seen.said))
    assert f"group:{name}" in seen.offers


def test_what_is_said_counts_in_rows() -> None:
    frame, group = schools(3, 0.4)
    seen = found(frame.assign(school=[f"s{one}" for one in group]))
    assert seen.reasons[0].startswith("rows of one school resemble each other in what ")
    assert "so that 400 rows say about as much as " in seen.withheld
    assert "rows group:school" in seen.advice[0]
    assert "vary by school" in seen.advice[0]
    worth = int(seen.reasons[0].rsplit(" ", 1)[1])
    assert worth < 400 / WITHHELD + 5


def test_the_factor_of_a_pair_is_moultons() -> None:
    frame, group = schools(0, 0.4, many=80, each=5)
    seen = found(frame.assign(school=[f"s{one}" for one in group]))
    assert seen.computed
    assert seen.inflation("y", "z") == pytest.approx(1 + 4 * 0.16, abs=0.25)
    assert seen.inflation("y", "z") == seen.inflation("z", "y")
    assert seen.inflation("y", "of no other file") == 1.0
    assert seen.clusters is not None
    assert pd.Series(group).groupby(seen.clusters).nunique().max() == 1


def test_what_is_weak_is_a_remark_and_counts_for_nothing() -> None:
    frame, group = schools(2, 0.06)
    seen = found(frame.assign(school=[f"s{one}" for one in group]))
    assert not seen
    assert not seen.computed
    assert "Rows of one school resemble each other a little" in seen.notes[0]
    assert seen.inflation("y", "z") == 1.0
    assert seen.clusters is None


def test_a_class_within_a_school_is_told_from_it() -> None:
    """Of two columns that group rows alike, the one behind it has nothing left to say."""
    frame, group = schools(3, 0.3, many=40, each=10)
    seen = found(frame.assign(town=[f"t{one // 2}" for one in group], school=[f"s{one}" for one in group]))
    assert "school" in seen.said + seen.withheld
    assert "town" not in seen.said + seen.withheld


@pytest.mark.repeats
@pytest.mark.parametrize("name", ["independent", "independent, 8 columns beside that repeat"])
def test_independent_rows_raise_no_alarm(name: str) -> None:
    counted = measured(BY_NAME[name], 60)
    assert counted.withheld + counted.computed + counted.remark <= 2


@pytest.mark.parametrize("world", ["quadratic", "threshold", "spread", "half zeros", "modifier", "odd rows"])
@pytest.mark.parametrize("digits", [1, 0])
def test_a_column_that_acts_in_a_curve_is_no_group(world: str, digits: int) -> None:
    """Rows that share a value of a cause are alike where the cause bends: drawn or not, that is no dependence."""
    alarms = 0
    for seed in range(8):
        frame = fork(world, seed, 1000).table.round(digits)
        dataset = Dataset.from_frame(frame)
        roles = {
            c.name: role_of(c.name, "Normal", 2 if c.kind == "binary" else 0) for c in dataset.columns if c.name != "g"
        }
        seen = find_dependence(dataset, roles, {name: dataset.values(name) for name in roles})
        alarms += bool(seen) or seen.computed
    assert alarms <= 1


def test_a_cause_that_is_left_out_is_no_group() -> None:
    """Its claims are tested as they stand: they are wrong without it, and no error of rows."""
    rng = np.random.default_rng(0)
    age, smoker = rng.integers(18, 80, 500), rng.integers(0, 2, 500)
    frame = plain(1, 500)
    for name in "yz":
        frame[name] += 0.03 * age + 0.8 * smoker + 0.5 * np.abs(age - 50) / 10
    seen = found(frame.assign(age=age, smoker=np.where(smoker, "yes", "no")))
    assert not seen
    assert not seen.computed


def test_a_drawn_category_has_nothing_left() -> None:
    frame, group = schools(2, 0.4, many=8, each=50)
    dataset = Dataset.from_frame(frame.assign(region=[f"r{one}" for one in group]))
    roles = {**ROLES, "region": role_of("region", "Categorical", 8)}
    seen = find_dependence(dataset, roles, {name: dataset.values(name) for name in roles})
    assert not seen
    assert not seen.computed


# -- copies ----------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [12, 3])
def test_rows_that_stand_there_four_times_are_copies(digits: int) -> None:
    frame = pd.concat([plain(3, 100).round(digits)] * 4).sample(frac=1.0, random_state=1)
    seen = found(frame)
    assert seen.computed
    assert seen.inflation("y", "z") == 4.0
    assert "whole rows stand here 4.0 times" in seen.said.lower()
    assert "400 rows say about as much as 100" in seen.said
    assert seen.clusters is not None
    assert (np.bincount(seen.clusters) == 4).all()


def test_five_times_over_is_too_much_and_groups_multiply() -> None:
    assert found(pd.concat([plain(3, 100)] * 5)).reasons == ("whole rows are copies of others, 5.0 of each on average",)
    frame, group = schools(0, 0.3, many=80, each=5)
    twice = pd.concat([frame.assign(school=[f"s{one}" for one in group])] * 2, ignore_index=True)
    once, seen = found(twice.iloc[:400]), found(twice)
    assert seen.inflation("y", "z") == pytest.approx(2 * once.inflation("y", "z"))


@pytest.mark.parametrize("levels", [3, 9])
def test_coarse_columns_agree_by_chance(levels: int) -> None:
    """Answers on a scale, all alike: many equal rows, and none a copy."""
    rng = np.random.default_rng(0)
    shared = rng.normal(size=400)
    frame = pd.DataFrame({name: shared + 0.4 * rng.normal(size=400) for name in "xyz"})
    frame = frame.apply(lambda values: pd.qcut(values, levels, labels=False).astype(float))
    seen = found(frame)
    assert not seen
    assert not seen.computed


def test_a_bootstrap_is_seen() -> None:
    seen = found(plain(1).sample(300, replace=True, random_state=3))
    assert seen.computed
    assert seen.inflation("x", "y") == pytest.approx(2.0, abs=0.2)


# -- order ----------------------------------------------------------------------------


def autoregressive(memory: float, rows: int = 300, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = np.zeros((rows + 100, 3))
    for row in range(1, rows + 100):
        values[row] = memory * values[row - 1] + rng.normal(size=3)
    return pd.DataFrame(values[100:], columns=list("xyz"))


def test_a_series_is_withheld_and_a_short_memory_computed_with() -> None:
    strong = found(autoregressive(0.8))
    assert "resembles the row before" in strong.reasons[0]
    assert strong.offers == ("none",)
    weak = found(autoregressive(0.5))
    assert weak.computed
    assert 1.2 < weak.inflation("y", "z") < 2.0
    assert weak.clusters is not None
    assert (np.diff(weak.clusters) >= 0).all()  # blocks
    assert 10 <= weak.clusters.max() + 1 <= 60


def test_a_date_and_its_years_are_one_reason() -> None:
    frame = autoregressive(0.8)
    days = pd.date_range("2020-01-01", periods=300, freq="MS")
    seen = found(frame.assign(day=days, year=[f"y{day.year}" for day in days]), day="date")
    assert len(seen.reasons) == 1
    assert "day is a date" in seen.reasons[0]
    assert seen.offers == ("time:day", "none")


def test_sorted_by_group_the_group_is_the_reason() -> None:
    frame, group = schools(3, 0.4)
    frame = frame.assign(school=[f"s{one:02}" for one in group]).sort_values("school")
    seen = found(frame)
    assert len(seen.reasons) == 1
    assert "rows of one school" in seen.reasons[0]
    assert "none" not in seen.offers


# -- what the user says ------------------------------------------------------------------


def test_none_leaves_a_remark() -> None:
    frame, group = schools(3, 0.4)
    seen = found(frame.assign(school=[f"s{one}" for one in group]), "none")
    assert not seen
    assert not seen.computed
    assert "as you say; yet rows of one school resemble each other" in seen.notes[0]
    assert seen.inflation("y", "z") == 1.0
    assert seen.offers == ()


def test_copies_stay_copies_whatever_is_said() -> None:
    assert found(pd.concat([plain(3, 100)] * 3), "none").inflation("y", "z") == 3.0


def test_a_group_that_is_said_is_computed_with_however_strong() -> None:
    frame, group = schools(3, 0.6)
    frame = frame.assign(school=[f"s{one}" for one in group])
    assert found(frame)
    seen = found(frame, "group:school")
    assert seen.computed
    assert seen.inflation("y", "z") > WITHHELD
    assert "taken as a group, as you say: 400 rows say about as much as " in seen.said
    assert "uncertain" not in seen.said


def test_few_groups_are_known_as_little_as_a_t_knows_them() -> None:
    """Independent rows said to be groups: the factor is that of a t on groups less one, and falls to 1 with many."""
    frame = plain(7, 400)
    factors = [
        found(frame.assign(g=np.random.default_rng(3).permutation(np.arange(400) % many)), "group:g").inflation(
            "x", "y"
        )
        for many in (5, 20, 200)
    ]
    expected = [(t / 1.959964) ** 2 for t in (2.776445, 2.093024, 1.971957)]
    assert factors == pytest.approx(expected, rel=0.35)
    assert factors[0] >= 0.999 * expected[0]


def test_few_groups_are_said_to_be_few() -> None:
    frame, group = schools(3, 0.2, many=5, each=60)
    seen = found(frame.assign(lab=group.astype(str)), "group:lab", lab="category")
    assert seen.computed
    assert "With only 5 groups of lab, their errors are themselves uncertain." in seen.said


def test_a_group_that_is_said_does_not_hide_a_series() -> None:
    frame = autoregressive(0.8).assign(batch=np.tile(["a", "b", "c"], 100))
    seen = found(frame, "group:batch")
    assert "resembles the row before" in seen.reasons[0]


def test_a_time_that_is_said_is_computed_with_unless_hardly_anything_is_left() -> None:
    frame = autoregressive(0.8).assign(t=np.arange(300))
    shuffled = frame.sample(frac=1.0, random_state=2)
    seen = found(shuffled, "time:t")
    assert seen.computed
    assert seen.inflation("y", "z") > 2.0
    assert "taken in the order of t, as you say" in seen.said
    assert seen.clusters is not None
    ordered = seen.clusters[np.argsort(shuffled["t"])]
    assert (np.diff(ordered) >= 0).all()
    walk = frame.assign(**{name: np.cumsum(np.random.default_rng(i).normal(size=300)) for i, name in enumerate("xyz")})
    assert found(walk, "time:t").reasons


def test_other_columns_are_still_looked_at() -> None:
    frame, group = schools(3, 0.6)
    frame = frame.assign(school=[f"s{one}" for one in group], half=np.tile(["a", "b"], 200))
    assert "rows of one school" in found(frame, "group:half").withheld


@pytest.mark.parametrize(
    ("said", "error", "hint"),
    [
        ("shuffled", "'shuffled' is not a way to take rows", "time:COL"),
        ("none:x", "'none:x' is not a way to take rows", "time:COL"),
        ("group", "'group' is not a way to take rows", "group:COL"),
        ("group:", "no column is named", "group:COL"),
        ("group:scool", "there is no column 'scool'", "The columns are: x, y, z, name"),
        ("group:x", "'x' gives no groups: no value occurs twice", "whose values repeat"),
        ("one:x", "'x' gives no groups: no value occurs twice", "whose values repeat"),
        ("one:name", "'name' has 3 values: with one row of each too few would be left", "group:name"),
        ("time:name", "'name' gives no order (category)", "Name a date or a number"),
    ],
)
def test_what_cannot_be_is_refused(said: str, error: str, hint: str) -> None:
    dataset = Dataset.from_frame(plain(1).assign(name=np.tile(["a", "b", "c"], 100)))
    with pytest.raises(UsageError) as refused:
        rows_as(said, dataset, "--rows")
    assert str(refused.value.message) == error
    assert refused.value.place.startswith("--rows")
    assert hint in refused.value.hint


@pytest.mark.parametrize("taken", ["", "none", "group:pair", "time:day"])
def test_where_nothing_is_left_over_what_is_said_stands(taken: str) -> None:
    frame = pd.DataFrame(dict.fromkeys("xyz", np.ones(40))).assign(pair=np.repeat([f"p{i}" for i in range(20)], 2))
    seen = found(frame.assign(day=pd.date_range("2024-01-01", periods=40)), taken, pair="category", day="date")
    assert bool(seen.clusters is not None) == (":" in taken and not seen)
    assert seen.inflation("x", "y") == 1.0


def test_a_column_may_hold_a_colon() -> None:
    assert rows_as(" Group:a: b ") == RowsAs("group", "a: b")
    assert str(rows_as("time:day")) == "time:day"
    assert not rows_as(None)


# -- how often ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "20 schools by name, ICC 0.4, shuffled",
        "20 schools by number, ICC 0.4, sorted",
        "20 schools, not in the file, ICC 0.4, sorted",
        "rows four times over, one file after the other",
        "AR(0.8)",
        "AR(0.5)",
    ],
)
@pytest.mark.repeats
def test_no_true_claim_is_contradicted_without_a_word(name: str) -> None:
    counted = measured(BY_NAME[name], 40)
    assert counted.withheld + counted.computed + counted.remark >= 38
    assert counted.silent <= 1
    assert counted.spoken <= 6


def test_thresholds_are_in_order() -> None:
    assert 1.0 < REMARK < WITHHELD
