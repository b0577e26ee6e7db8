"""What rows would have shown, asked of a fitted hypothesis: rows, groups, what is refused and what must be said."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.effects.counterfactual import ImaginedNode
from core.errors import DataError, ModelError, UsageError
from core.fit.engine import fit_blocks
from core.fit.result import Diagnostics, Fit
from core.hypothesis import Hypothesis
from core.study import compare, reopen
from core.study.imagined_words import sentences_of
from core.study.imagining import Imagined, imagine, imagine_from
from core.study.planning import plan


def frame(rows: int = 200, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.normal(40, 10, rows).round(1)
    quit_ = np.where(rng.random(rows) < 1 / (1 + np.exp(-(age - 40) / 10)), "yes", "no")
    weight = 60 + 0.3 * age + 3 * (quit_ == "yes") + rng.normal(size=rows)
    region = rng.choice(["east", "north"], rows)
    sick = np.where(rng.random(rows) < 1 / (1 + np.exp(-(weight - 73) / 3)), "yes", "no")
    cost = np.exp(0.02 * weight + 0.3 * rng.normal(size=rows))
    return pd.DataFrame({"age": age, "quit": quit_, "weight": weight, "region": region, "sick": sick, "cost": cost})


TEXT = "dag { age -> {quit weight} quit -> weight weight -> {sick cost} }"
SMOKING = Hypothesis.from_dagitty(TEXT, "A")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset.from_frame(frame()).with_words("weight", unit="kg")


def fitted(dataset: Dataset, hypothesis: Hypothesis = SMOKING) -> Fit:
    work = plan(dataset, [hypothesis], draws=1000)
    fits = fit_blocks(work.blocks)
    return Fit.of(work.specs[0], {node: fits[key] for node, key in work.keys[hypothesis.name].items()})


@pytest.fixture(scope="module")
def fit(dataset: Dataset) -> Fit:
    return fitted(dataset)


def by_name(found: Imagined) -> dict[str, ImaginedNode]:
    return {node.name: node for node in found.nodes}


def test_a_row_is_the_one_of_the_file_and_moves_by_the_slope(dataset: Dataset, fit: Fit) -> None:
    other = {"yes": "no", "no": "yes"}
    for row in (1, 17, 200):
        was = str(dataset.table["quit"].iloc[row - 1])
        found = by_name(imagine_from(SMOKING, fit, dataset, {"quit": other[was]}, row=row))
        weight = dataset.table["weight"].iloc[row - 1]
        assert found["weight"].observed == weight
        assert (found["weight"].mean or 0.0) - weight == pytest.approx(3.0 if was == "no" else -3.0, abs=0.6)
        assert found["weight"].exact
        assert found["weight"].bounds is None
        assert (found["age"].role, found["age"].sd, found["age"].differs) == ("stays", 0.0, 0.0)
        assert (found["quit"].role, found["quit"].observed, found["quit"].differs) == ("set", was, 1.0)
        assert [level.probability for level in found["quit"].levels or ()] == [was == "yes", was == "no"]


def test_levels_have_chances_and_bounds(dataset: Dataset, fit: Fit) -> None:
    row = int(np.flatnonzero((dataset.table["sick"] == "no") & (dataset.table["quit"] == "no"))[0]) + 1
    sick = by_name(imagine_from(SMOKING, fit, dataset, {"quit": "yes"}, row=row))["sick"]
    no, yes = sick.levels or ()
    assert (no.observed, yes.observed) == (1.0, 0.0)
    assert no.probability + yes.probability == pytest.approx(1.0)
    assert sick.bounds == yes.bounds
    assert yes.bounds is not None
    assert yes.bounds[0] <= yes.probability <= yes.bounds[1]
    assert sick.mean == pytest.approx(yes.probability, abs=1e-9)
    assert 0.0 < yes.probability < 1.0
    assert not sick.exact


def test_at_what_was_observed_nothing_differs(dataset: Dataset, fit: Fit) -> None:
    for row in (3, 90):
        found = imagine_from(SMOKING, fit, dataset, {"quit": str(dataset.table["quit"].iloc[row - 1])}, row=row)
        for node in found.nodes:
            assert node.differs == 0.0
            if isinstance(node.observed, float):
                assert node.mean == pytest.approx(node.observed, abs=1e-9)
                assert node.sd == pytest.approx(0.0, abs=1e-9)


def test_a_group_is_the_average_of_its_rows(dataset: Dataset, fit: Fit) -> None:
    rows = np.flatnonzero(dataset.table["region"] == "north") + 1
    group = imagine_from(SMOKING, fit, dataset, {"quit": "yes"}, where=("region", "north"))
    assert group.rows == len(rows)
    each = [by_name(imagine_from(SMOKING, fit, dataset, {"quit": "yes"}, row=int(row))) for row in rows]
    mean = np.mean([one["weight"].mean for one in each])
    found = by_name(group)
    assert found["weight"].mean == pytest.approx(mean, abs=1e-3)
    assert found["weight"].observed == pytest.approx(dataset.table["weight"].iloc[rows - 1].mean())
    stopped = (dataset.table["quit"].iloc[rows - 1] == "yes").mean()
    assert found["weight"].differs == pytest.approx(1 - stopped)
    chance = np.mean([one["sick"].levels[1].probability for one in each])  # type: ignore[index]
    assert found["sick"].levels[1].probability == pytest.approx(chance, abs=0.01)  # type: ignore[index]
    assert found["quit"].observed == pytest.approx(stopped)


def test_a_group_of_a_number_and_one_of_too_many_rows(monkeypatch: pytest.MonkeyPatch, dataset: Dataset,
                                                      fit: Fit) -> None:  # fmt: skip
    age = dataset.table["age"].iloc[4]
    found = imagine_from(SMOKING, fit, dataset, {"quit": "yes"}, where=("age", f"{age:g}"))
    assert found.rows == int((dataset.table["age"] == age).sum())
    monkeypatch.setattr("core.study.imagining.MOST_ROWS", 20)
    some = imagine_from(SMOKING, fit, dataset, {"quit": "yes"}, where=("quit", "no"))
    assert some.rows == 20
    assert any("20 are answered, drawn at random" in words for words in some.warnings)


def test_rows_of_a_group_that_say_too_little_are_left_out_and_counted() -> None:
    table = frame()
    table.loc[[3, 8], "weight"] = np.nan
    table["_set"] = ""
    table.loc[[10], "_set"] = "weight"
    dataset = with_sets(table)
    found = imagine_from(SMOKING, fitted(dataset), dataset, {"quit": "yes"}, where=("region", table["region"][3]))
    members = table["region"] == table["region"][3]
    lacking = int(members[[3, 8]].sum())
    kept = int(members[[10]].sum())
    assert found.rows == int(members.sum()) - lacking - kept
    assert f"{lacking} of {int(members.sum())} rows lack a value" in found.warnings[0]


def with_sets(table: pd.DataFrame) -> Dataset:
    found = Dataset.from_frame(table.drop(columns="_set"))
    return replace(found, set_by_row=tuple(frozenset(text.split(",")) - {""} for text in table["_set"]))


def test_an_incomplete_row_is_refused_by_its_number_or_answered_where_nothing_depends_on_it() -> None:
    table = frame()
    table.loc[16, "weight"] = np.nan
    table.loc[20, ["weight", "sick", "cost"]] = np.nan
    dataset = Dataset.from_frame(table)
    fit = fitted(dataset)
    with pytest.raises(ModelError, match="no value of 'weight'") as refused:
        imagine_from(SMOKING, fit, dataset, {"quit": "yes"}, row=17)
    assert refused.value.place == "row 17, node weight"
    found = imagine_from(SMOKING, fit, dataset, {"quit": "yes"}, row=21)
    weight = by_name(found)["weight"]
    assert (weight.observed, weight.differs, weight.exact) == (None, None, False)
    assert weight.sd == pytest.approx(1.0, abs=0.15)
    assert sum("is missing" in words for words in found.warnings) == 3


@pytest.mark.parametrize("row", [0, -1, 201])
def test_a_row_that_is_not_there_is_refused(dataset: Dataset, fit: Fit, row: int) -> None:
    with pytest.raises(UsageError, match="there is no row") as refused:
        imagine_from(SMOKING, fit, dataset, {"quit": "yes"}, row=row)
    assert "from 1 to 200" in refused.value.hint


def test_what_is_asked_is_looked_at(dataset: Dataset, fit: Fit) -> None:
    def ask(settings: dict[str, str | float], **rows: object) -> None:
        imagine_from(SMOKING, fit, dataset, settings, **rows)  # type: ignore[arg-type]

    with pytest.raises(UsageError, match="nothing is set"):
        ask({}, row=1)
    with pytest.raises(UsageError, match="exactly one"):
        ask({"quit": "yes"})
    with pytest.raises(UsageError, match="exactly one"):
        ask({"quit": "yes"}, row=1, where=("region", "north"))
    with pytest.raises(ModelError, match="cannot be set to 'maybe'"):
        ask({"quit": "maybe"}, row=1)
    with pytest.raises(ModelError, match="no node 'gone'"):
        ask({"gone": 1.0}, row=1)
    with pytest.raises(UsageError, match="no level 'west'"):
        ask({"quit": "yes"}, where=("region", "west"))
    with pytest.raises(UsageError, match="no row has age = 1000"):
        ask({"quit": "yes"}, where=("age", "1000"))
    with pytest.raises(DataError, match="no column 'gone'"):
        ask({"quit": "yes"}, where=("gone", "1"))


def test_what_lies_beyond_all_that_was_seen_is_said(dataset: Dataset, fit: Fit) -> None:
    found = imagine_from(SMOKING, fit, dataset, {"age": 200.0}, row=1)
    assert any("the model is on its own" in words for words in found.warnings)
    inside = imagine_from(SMOKING, fit, dataset, {"age": 40.0}, row=1)
    assert not inside.warnings
    nothing = imagine_from(SMOKING, fit, dataset, {"cost": 4.0}, row=1)
    assert any("Nothing depends on cost" in words for words in nothing.warnings)


def test_no_number_passes_through_a_node_that_failed_a_gate(dataset: Dataset, fit: Fit) -> None:
    worse = replace(fit.by_node["weight"], method="nuts", diagnostics=Diagnostics(rhat_max=1.2))
    bad = Fit.of(fit.spec, {**fit.by_node, "weight": worse})
    found = imagine_from(SMOKING, bad, dataset, {"quit": "yes"}, row=1)
    for name in ("weight", "sick", "cost"):
        node = by_name(found)[name]
        assert (node.mean, node.levels, node.differs) == (None, None, None)
    assert any("failed a gate (rhat)" in words for words in found.warnings)
    assert all("cannot be given a number" in line for line in sentences_of(found, dataset) if ", had " in line)


def test_what_a_background_leaves_open_is_refused(dataset: Dataset) -> None:
    hypothesis = replace(
        Hypothesis.from_dagitty("dag { age -> weight region -> weight quit -> weight }", "B"),
        background=("age", "region"),
    )
    fit = fitted(dataset, hypothesis)
    with pytest.raises(ModelError, match="nobody says what it does"):
        imagine_from(hypothesis, fit, dataset, {"age": 30.0}, row=1)
    found = by_name(imagine_from(hypothesis, fit, dataset, {"quit": "yes"}, row=1))
    assert found["age"].role == "stays"


def test_what_carried_over_stays_as_it_was() -> None:
    rng, rows = np.random.default_rng(0), 120
    spend = rng.gamma(2.0, 2.0, rows)
    kept = spend.copy()
    for week in range(1, rows):
        kept[week] += 0.5 * kept[week - 1]
    table = pd.DataFrame({"week": pd.date_range("2020-01-06", periods=rows, freq="7D"), "spend": spend})
    table["sales"] = 2.0 * kept + 0.3 * rng.normal(size=rows)
    dataset = Dataset.from_frame(table)
    hypothesis = Hypothesis.from_dagitty("dag { spend -> sales }", "H")
    (edge,) = hypothesis.edges
    hypothesis = replace(hypothesis, edges=(replace(edge, carry=4),))
    found = imagine(hypothesis, dataset, {"spend": float(spend[49]) + 1.0}, row=50, draws=500)
    sales = by_name(found)["sales"]
    assert (sales.mean or 0.0) - float(table["sales"][49]) == pytest.approx(2.0, abs=0.4)
    assert any("later rows are not followed" in words for words in found.warnings)
    with pytest.raises(UsageError, match="carry over"):
        imagine(hypothesis, dataset, {"spend": 3.0}, where=("spend", f"{spend[49]!r}"), draws=500)


def test_a_comparison_opened_again_answers_as_a_fit_does(dataset: Dataset) -> None:
    again = reopen(compare(dataset, [SMOKING]), dataset)
    found = again.counterfactual("A", {"quit": "yes"}, row=5)
    direct = imagine(SMOKING, dataset, {"quit": "yes"}, row=5)
    assert found.to_dict() == direct.to_dict()


def test_sentences_carry_units_and_what_is_possible(dataset: Dataset, fit: Fit) -> None:
    row = int(np.flatnonzero((dataset.table["sick"] == "no") & (dataset.table["quit"] == "no"))[0]) + 1
    lines = sentences_of(imagine_from(SMOKING, fit, dataset, {"quit": "yes"}, row=row), dataset)
    (weight,) = (line for line in lines if "weight would" in line)
    assert weight.startswith(f"In row {row}, had quit been yes, weight would have been ")
    assert " kg instead of " in weight
    assert weight.endswith(", if A is right.")
    assert any(line.startswith("  Whatever ties the two worlds:") for line in lines)
    assert any("comonotone coupling" in line for line in lines)
    assert any(line.startswith("Age stays as it was") for line in lines)
    group = sentences_of(imagine_from(SMOKING, fit, dataset, {"quit": "yes"}, where=("region", "north")), dataset)
    assert group[0].startswith("In ")
    assert "rows with region = north" in group[0]
    assert " on average instead of " in group[0]
