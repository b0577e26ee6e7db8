"""The log evidence on resampled data sets, beside the same computed on tables of resampled rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fit_helpers import blocks_of, hypothesis

from core.data.dataset import Dataset
from core.fit import resampled_modes, resamples
from core.fit.engine import fit_block
from core.fit.resampled import resampled_evidence
from core.fit.resamples import Resamples
from core.hypothesis import Edge, Hypothesis, Node
from core.model.design import block_data


def _resampled(data: Dataset, resamples: Resamples, number: int) -> Dataset:
    """The rows of one resampled data set, as a table of its own."""
    times = resamples.weights[number].astype(int)[resamples.group_of]
    rows = np.repeat(np.arange(data.rows), times)
    sets = tuple(data.set_by_row[i] for i in rows) if data.set_by_row else ()
    table = data.table.iloc[rows].reset_index(drop=True)
    return replace(data, table=table, set_by_row=sets)


def _columns(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    a = rng.normal(3.0, 2.0, size=rows)
    b = rng.choice(["u", "v", "w"], size=rows)
    c = 0.6 * a + np.where(b == "u", 1.0, 0.0) + rng.normal(size=rows)
    d = np.where(rng.random(rows) < np.where(b == "u", 0.8, 0.3), "yes", "no")
    return {"a": a, "b": b, "c": c, "d": d, "e": np.exp(0.3 * c + rng.normal(size=rows))}


CLOSED = {
    "parents": ("c", hypothesis("a>c b>c")),
    "logarithm": ("e", hypothesis("c>e", e="LogNormal")),
    "raw": ("e", hypothesis("c>e", e="Normal")),
    "alone": ("a", hypothesis("", nodes=["a"])),
    "table": ("d", hypothesis("b>d", d="Table", b="Table")),
    "table alone": ("b", hypothesis("", nodes=["b"], b="Table")),
}


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("case", CLOSED)
def test_closed_forms_are_those_of_the_resampled_table(
    case: str, grouped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if grouped:
        monkeypatch.setattr(resamples, "SINGLE_ROWS", 100)
        monkeypatch.setattr(resamples, "GROUPS", 16)
    node, graph = CLOSED[case]
    data = Dataset.from_frame(pd.DataFrame(_columns(123)))
    block, rows = blocks_of(data, graph)[node]
    drawn = Resamples.of(data.rows, 5, 6)
    found = resampled_evidence(block.model, rows, fit_block(block, rows), drawn)
    for number in range(6):
        again = fit_block(block, block_data(block.model, _resampled(data, drawn, number)))
        assert found[number] == pytest.approx(again.log_evidence, abs=1e-8)


def test_rows_that_were_set_do_not_enter() -> None:
    frame = pd.DataFrame(_columns(90))
    frame["_set"] = np.where(np.arange(90) % 3 == 0, "c", "")
    data = Dataset.from_frame(frame)
    drawn = Resamples.of(90, 5, 4)
    for node in ("c", "e"):
        block, rows = blocks_of(data, hypothesis("a>c c>e"))[node]
        assert rows.used.all() == (node == "e")
        found = resampled_evidence(block.model, rows, fit_block(block, rows), drawn)
        for number in range(4):
            again = fit_block(block, block_data(block.model, _resampled(data, drawn, number)))
            assert found[number] == pytest.approx(again.log_evidence, abs=1e-8)


@pytest.mark.parametrize("case", ["nearly collinear", "constant", "exact"])
def test_closed_forms_stand_hard_columns(case: str) -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=60)
    frame = {
        "nearly collinear": {"a": a, "b": a + 1e-7 * rng.normal(size=60), "c": a + rng.normal(size=60)},
        "constant": {"a": a, "b": rng.normal(size=60), "c": np.full(60, 2.5)},
        "exact": {"a": a, "b": rng.normal(size=60), "c": 2.0 * a - 1.0},
    }[case]
    data = Dataset.from_frame(pd.DataFrame(frame))
    block, rows = blocks_of(data, hypothesis("a>c b>c", c="Normal"))["c"]
    drawn = Resamples.of(60, 5, 4)
    found = resampled_evidence(block.model, rows, fit_block(block, rows), drawn)
    for number in range(4):
        again = fit_block(block, block_data(block.model, _resampled(data, drawn, number)))
        assert found[number] == pytest.approx(again.log_evidence, abs=1e-6)


# -- blocks without a closed form ---------------------------------------------------------


def _sampled(family: str, rows: int, seed: int = 0) -> tuple[Dataset, Hypothesis]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2))
    eta = x @ np.array([0.6, -0.4])
    y = {
        "Poisson": lambda: rng.poisson(np.exp(0.5 + eta)),
        "NegativeBinomial": lambda: rng.negative_binomial(2, 2 / (2 + np.exp(0.5 + eta))),
        "Bernoulli": lambda: (rng.random(rows) < 1 / (1 + np.exp(-2 * eta))).astype(int),
        "StudentT": lambda: eta + rng.standard_t(3, size=rows),
        "SkewNormal": lambda: eta + rng.gamma(2, 1, size=rows),
        "Gamma": lambda: rng.gamma(2, np.exp(eta) / 2),
        "Categorical": lambda: np.array(["a", "b", "c"])[
            np.argmax(np.stack([eta, -eta, 0 * eta], 1) + rng.gumbel(size=(rows, 3)), axis=1)
        ],
    }[family]()
    data = Dataset.from_frame(pd.DataFrame({"u": x[:, 0], "v": x[:, 1], "y": y}))
    nodes = (Node("u"), Node("v"), Node("y", family=family))
    return data, Hypothesis("h", nodes, (Edge("u", "y"), Edge("v", "y")))


TOLERANCE = {
    "Poisson": 0.1,
    "Bernoulli": 0.2,
    "Gamma": 0.2,
    "NegativeBinomial": 0.7,
    "Categorical": 0.4,
    "StudentT": 0.5,
    "SkewNormal": 0.8,
}


@pytest.mark.parametrize("family", TOLERANCE)
def test_sampled_blocks_beside_refits(family: str) -> None:
    """The data sets' evidences differ by 5 to 15 in standard deviation; draws weighed anew miss them by up to 2."""
    data, graph = _sampled(family, 100)
    block, rows = blocks_of(data, graph, draws=2000)["y"]
    drawn = Resamples.of(data.rows, 2, 8)
    found = resampled_evidence(block.model, rows, fit_block(block, rows), drawn)
    again = [
        fit_block(replace(block, key=f"{number}"), block_data(block.model, _resampled(data, drawn, number)))
        for number in range(8)
    ]
    refits = np.array([fit.log_evidence for fit in again])
    assert np.abs(found - refits).max() < TOLERANCE[family]
    assert refits.std() > 8 * np.sqrt(np.mean((found - refits) ** 2))


def test_one_look_does_where_rows_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    data, graph = _sampled("Poisson", 4_000)
    block, rows = blocks_of(data, graph, draws=2000)["y"]
    fit = fit_block(block, rows)
    drawn = Resamples.of(data.rows, 2, 10)
    careful = resampled_evidence(block.model, rows, fit, drawn)
    monkeypatch.setattr(resampled_modes, "_LOOKS", 0)
    assert resampled_evidence(block.model, rows, fit, drawn) == pytest.approx(careful, abs=0.1)
    monkeypatch.setattr(resampled_modes, "_PAIRS", 0)
    assert resampled_evidence(block.model, rows, fit, drawn) == pytest.approx(careful, abs=0.6)


def test_sums_by_group_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resamples, "SINGLE_ROWS", 500)
    monkeypatch.setattr(resamples, "GROUPS", 100)
    monkeypatch.setattr(resampled_modes, "_LOOKS", 0)
    data, graph = _sampled("Gamma", 1_111)
    block, rows = blocks_of(data, graph, draws=2000)["y"]
    fit = fit_block(block, rows)
    drawn = Resamples.of(data.rows, 2, 10)
    by_row = resampled_evidence(block.model, rows, fit, drawn)
    monkeypatch.setattr(resampled_modes, "_FEW_DISTINCT", 0)
    assert resampled_evidence(block.model, rows, fit, drawn) == pytest.approx(by_row, abs=1e-6)


@pytest.mark.parametrize("family", ["Normal", "LogNormal", "Table", "Poisson", "StudentT"])
def test_weights_of_one_give_the_evidence_itself(family: str) -> None:
    if family in ("Poisson", "StudentT"):
        data, graph = _sampled(family, 80)
        block, rows = blocks_of(data, graph, draws=2000)["y"]
    else:
        data = Dataset.from_frame(pd.DataFrame(_columns(300)))
        node, arrows = {"Normal": ("c", "a>c b>c"), "LogNormal": ("e", "a>e c>e"), "Table": ("d", "b>d")}[family]
        block, rows = blocks_of(data, hypothesis(arrows, **{node: family}))[node]
    fit = fit_block(block, rows)
    ones = Resamples(np.ones((2, data.rows)), None, data.rows)
    assert resampled_evidence(block.model, rows, fit, ones) == pytest.approx(fit.log_evidence, abs=1e-9)
