"""The samples: whole, small, and with the facts that their cards tell."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.profile import profile
from core.data.samples import SAMPLE_FOLDER, Sample, get_sample, list_samples
from core.errors import DataError
from core.graph.equivalence import class_members, markov_equivalent
from core.graph.implications import implications
from core.hypothesis import Hypothesis
from core.study.claims import check_claims

KEYS = ("marketing", "penguins", "lalonde", "kielmc", "asia", "mediation", "channels", "smoking")
SIMULATED = ("asia", "marketing", "mediation", "channels")


def rivals(key: str) -> list[Hypothesis]:
    return [Hypothesis.read(rival.path, rival.name) for rival in get_sample(key).hypotheses]


def slopes(y: pd.Series, *columns: pd.Series) -> np.ndarray:
    design = np.column_stack([np.ones(len(y)), *columns]).astype(float)
    return np.linalg.lstsq(design, y.to_numpy(float), rcond=None)[0][1:]


def test_all_are_there_in_order():
    assert tuple(sample.key for sample in list_samples()) == KEYS
    with pytest.raises(DataError, match="no sample 'iris'"):
        get_sample("iris")
    assert list_samples(SAMPLE_FOLDER / "nowhere") == ()


@pytest.mark.parametrize("key", KEYS)
def test_a_sample_is_whole(key: str):
    sample = get_sample(key)
    assert sample.title
    assert sample.question.endswith("?")
    for file in sample.files:
        assert file.path.stat().st_size < 1_000_000
        dataset = sample.read(file.path)
        assert set(sample.words) == set(dataset.names)
        assert all(column.label for column in dataset.columns)
        assert dataset.warnings == ()
        assert not any(column.kind in ("identifier", "date") for column in dataset.columns)
    for word in ("**Origin.**", "**Licence.**", "**What to look for.**"):
        assert word in sample.card
    assert sample.question in sample.card
    assert not re.search(r"significant|proves|best model", sample.card)


@pytest.mark.parametrize("key", KEYS)
def test_rivals_are_of_the_data_and_differ(key: str):
    sample = get_sample(key)
    names = set(sample.read().names)
    graphs = rivals(key)
    assert 2 <= len(graphs) <= 3
    for hypothesis in graphs:
        assert {node.name for node in hypothesis.nodes} <= names
        assert {node.name for node in hypothesis.nodes} == {node.name for node in graphs[0].nodes}
        assert all(node.position is not None for node in hypothesis.nodes)
        assert (hypothesis.exposure, hypothesis.outcome) == (sample.exposure, sample.outcome)
    assert len({hypothesis.graph.edges for hypothesis in graphs}) == len(graphs)
    true = [rival for rival in sample.hypotheses if rival.true]
    assert len(true) == (1 if key in SIMULATED else 0)


@pytest.mark.parametrize(
    ("key", "tied"), [("marketing", (0, 2)), ("asia", (0, 1)), ("mediation", (0, 2)), ("channels", (0, 2))]
)
def test_the_ties_that_the_cards_tell_of(key: str, tied: tuple[int, int]):
    graphs = [hypothesis.graph for hypothesis in rivals(key)]
    for a in range(3):
        for b in range(a + 1, 3):
            assert markov_equivalent(graphs[a], graphs[b]) is ((a, b) == tied)


@pytest.mark.parametrize(
    ("key", "file", "wrong"),
    [
        ("marketing", 0, "B"), ("penguins", 0, "BC"), ("lalonde", 0, "C"), ("lalonde", 1, "AC"),
        ("kielmc", 0, ""), ("asia", 0, "C"), ("mediation", 0, "B"),
        ("channels", 0, "B"), ("smoking", 0, "BC"),
    ],
)  # fmt: skip
def test_what_the_cards_call_contradicted_is_and_nothing_else(key: str, file: int, wrong: str):
    sample = get_sample(key)
    dataset = sample.read(sample.files[file].path)
    found = [any(test.contradicted for test in check_claims(hypothesis, dataset).tests) for hypothesis in rivals(key)]
    assert "".join(letter for letter, broken in zip("ABC", found, strict=True) if broken) == wrong


def test_asia_s_class_has_six_members_and_saturated_graphs_imply_nothing():
    assert len(tuple(class_members(rivals("asia")[0].graph))) == 6
    assert implications(rivals("mediation")[0].graph) == ()


def test_penguins_turn_around_within_species():
    frame = get_sample("penguins").read().table.dropna(subset=["bill_length_mm", "bill_depth_mm"])
    assert len(frame) == 342
    pooled = slopes(frame["bill_depth_mm"], frame["bill_length_mm"])[0]
    species = pd.get_dummies(frame["species"], drop_first=True)
    within = slopes(frame["bill_depth_mm"], frame["bill_length_mm"], *(species[name] for name in species))[0]
    assert pooled == pytest.approx(-0.08, abs=0.0055)
    assert within == pytest.approx(0.20, abs=0.005)


def test_lalonde_s_experiment_and_its_comparison():
    sample = get_sample("lalonde")
    experiment, survey = (sample.read(file.path).table for file in sample.files)
    assert experiment["treat"].value_counts().to_dict() == {0: 260, 1: 185}
    assert survey["treat"].value_counts().to_dict() == {0: 15_992, 1: 185}
    effect = {name: t.groupby("treat")["re78"].mean().diff().iloc[-1] for name, t in (("e", experiment), ("s", survey))}
    assert effect["e"] == pytest.approx(1794, abs=0.5)
    assert effect["s"] == pytest.approx(-8498, abs=0.5)
    adjusted = slopes(survey["re78"], *(survey[name] for name in ("treat", "black", "married", "re75")))[0]
    assert adjusted == pytest.approx(614, abs=1)


def test_kielmc_s_difference_in_differences():
    frame = get_sample("kielmc").read().table
    both = frame["y81"] * frame["nearinc"]
    assert slopes(frame["rprice"], frame["nearinc"], frame["y81"], both)[2] == pytest.approx(-11.8639, abs=1e-3)


def test_asia_has_the_published_probabilities():
    frame = get_sample("asia").read().table == "yes"
    assert (frame["either"] == (frame["tub"] | frame["lung"])).all()
    for child, given, share in (
        ("bronc", frame["smoke"], 0.6), ("bronc", ~frame["smoke"], 0.3), ("lung", frame["smoke"], 0.1),
        ("lung", ~frame["smoke"], 0.01), ("xray", frame["either"], 0.98), ("xray", ~frame["either"], 0.05),
        ("dysp", frame["bronc"] & ~frame["either"], 0.8), ("dysp", ~frame["bronc"] & ~frame["either"], 0.1),
        ("dysp", frame["bronc"] & frame["either"], 0.9), ("dysp", ~frame["bronc"] & frame["either"], 0.7),
        ("tub", ~frame["asia"], 0.01), ("smoke", frame["smoke"] | True, 0.5), ("asia", frame["smoke"] | True, 0.01),
    ):  # fmt: skip
        error = np.sqrt(share * (1 - share) / given.sum())
        assert frame.loc[given, child].mean() == pytest.approx(share, abs=3.5 * error)


def test_marketing_and_mediation_follow_their_cards():
    frame = get_sample("marketing").read().table
    peak = (frame["season"] == "peak").astype(float)
    found = slopes(frame["sales"], np.log1p(frame["visits"]), frame["price"], peak)
    assert (np.abs(found - [12.0, -1.5, 6.0]) < [1.5, 0.3, 0.9]).all()
    assert slopes(np.log(frame["visits"]), frame["ads"], peak) == pytest.approx([0.12, 0.25], abs=0.06)
    frame = get_sample("mediation").read().table
    assert slopes(frame["performance"], frame["coaching"], frame["confidence"]) == pytest.approx([0.9, 0.6], abs=0.45)
    assert slopes(frame["performance"], frame["coaching"])[0] == pytest.approx(1.65, abs=0.45)


def test_channels_follow_their_card_and_smoking_its_book():
    frame = get_sample("channels").read().table
    peak = (frame["season"] == "peak").astype(float)
    found = slopes(frame["sales"], np.log(frame["tv"]), np.log(frame["search"]), peak)
    assert (np.abs(found - [9.0, 6.0, 8.0]) < [4.5, 1.7, 1.8]).all()
    frame = get_sample("smoking").read().table
    assert len(frame) == 1566  # Hernan & Robins, chapter 12: 1.98 kg without, 4.53 kg with quitting
    means = frame.groupby("quit", observed=True)["gain"].mean()
    assert [means["kept smoking"], means["quit"]] == pytest.approx([1.98, 4.53], abs=0.006)


def script():
    spec = importlib.util.spec_from_file_location("make_samples", SAMPLE_FOLDER / "make_samples.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("key", SIMULATED)
def test_simulated_samples_come_out_the_same_again(key: str, tmp_path: Path):
    script().write(key, tmp_path)
    assert (tmp_path / key / "data.csv").read_bytes() == get_sample(key).data_path.read_bytes()


def test_samples_without_their_card_s_kinds_read_without_alarm():
    for sample in list_samples():
        assert isinstance(sample, Sample)
        found = profile(sample.read())
        assert found.constants == ()
        assert found.rows == sample.read().rows
