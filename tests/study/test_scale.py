"""Many nodes, hypotheses and rows: what is done once is done once, and memory is bounded."""

import pickle
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import compare
from core.check import independence, linear
from core.data.dataset import Dataset
from core.fit import result
from core.fit.cache import BlockCache, fit_from_bytes, fit_to_bytes
from core.fit.engine import fit_blocks
from core.fit.summary import forget_summaries, summarise
from core.hypothesis import Edge, Hypothesis, Node
from core.memory import Memory
from core.model.design import ColumnData
from core.study import plan, replicating
from core.study.replicating import CHECK_ROWS, FEWEST_ROWS, REPLICATES, Replicator, check_rows, observed_of
from tests.study.study_cases import chain_data, named

Parents = dict[str, tuple[str, ...]]


def random_graph(nodes: int, seed: int = 0) -> Parents:
    rng = np.random.default_rng(seed)
    found: Parents = {"v0": ()}
    for child in range(1, nodes):
        count = min(child, int(rng.poisson(2.0)))
        found[f"v{child}"] = tuple(f"v{i}" for i in sorted(rng.choice(child, count, replace=False)))
    return found


def rivals(nodes: int, count: int, changes: int) -> list[Hypothesis]:
    """Graphs that differ from the first in some of their families."""
    base, rng = random_graph(nodes), np.random.default_rng(1)
    graphs = [base]
    for _ in range(count - 1):
        graph = dict(base)
        for child in rng.choice(np.arange(1, nodes), changes, replace=False):
            other = f"v{rng.integers(child)}"
            graph[f"v{child}"] = tuple(sorted(set(base[f"v{child}"]) ^ {other}, key=lambda name: int(name[1:])))
        graphs.append(graph)
    return [
        Hypothesis(
            f"H{number}",
            tuple(Node(name) for name in graph),
            tuple(Edge(parent, child) for child, parents in graph.items() for parent in parents),
        )
        for number, graph in enumerate(graphs)
    ]


def gaussian_data(nodes: int, rows: int) -> Dataset:
    rng = np.random.default_rng(2)
    found: dict[str, np.ndarray] = {}
    for child, parents in random_graph(nodes).items():
        values = rng.normal(size=rows) + sum(0.4 * found[parent] for parent in parents)
        found[child] = values / values.std()
    return Dataset.from_frame(pd.DataFrame(found))


def peak(work: Callable[[], Any]) -> tuple[int, int, Any]:
    """Return the most memory that was held at a time, what is still held, in bytes, and the result."""
    tracemalloc.start()
    try:
        found = work()
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return most, held, found


class TestMemoryBound:
    """Sixty families over 40,000 rows: a column is 0.3 MB, the design matrices of all would be 50."""

    ROWS = 40_000

    @pytest.fixture(scope="class")
    def data(self) -> Dataset:
        found = gaussian_data(20, self.ROWS)
        found.values("v0")
        return found

    def test_planning_makes_no_arrays_a_family(self, data: Dataset) -> None:
        column = 8 * self.ROWS
        most, held, work = peak(lambda: plan(data, rivals(20, 5, 10)))
        assert len(work.blocks) > 50
        assert most < 10 * column  # the moments of one column at a time
        assert held < 2 * column

    def test_fitting_holds_results_and_some_chunks(self, data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(result, "MANY_ROWS", 20_000)
        monkeypatch.setattr("core.fit.exact.MANY_ROWS", 20_000)
        work = plan(data, rivals(20, 5, 10), draws=400)
        forget_summaries()
        summarise(work.blocks.values())
        most, held, fits = peak(lambda: fit_blocks(work.blocks))
        a_family = 4 * self.ROWS  # row-wise scores in single precision; draws beside them
        assert held < len(fits) * (a_family + 60_000)
        assert most - held < 12_000_000  # chunks and draws of the families in the threads

    def test_a_plan_weighs_what_its_data_weigh(self, data: Dataset) -> None:
        work = plan(data, rivals(20, 5, 10))
        alone = len(pickle.dumps(data))
        assert len(pickle.dumps(work)) < 1.2 * alone + 1_000_000


def test_block_data_travel_with_their_columns_only_or_without() -> None:
    work = plan(gaussian_data(5, 2_000), rivals(5, 2, 2))
    for block, data in work.blocks.values():
        assert isinstance(data, ColumnData)
        y, x = data.y.copy(), data.x.copy()
        content = pickle.dumps(data)
        assert len(content) < (1 + len(block.model.parents)) * 8 * 2_000 + 5_000
        light = data.detached()
        assert len(pickle.dumps(light)) < 5_000
        columns = {data.fingerprints[name]: values for name, values in data.columns.items()}
        for other in (pickle.loads(content), pickle.loads(pickle.dumps(light)).attached(columns)):
            assert other.rows == 2_000
            np.testing.assert_array_equal(other.y, y)
            np.testing.assert_array_equal(other.x, x)
            np.testing.assert_array_equal(other.log_jacobian, data.log_jacobian)
        for rows, part_y, part_x, _ in data.chunks():
            np.testing.assert_array_equal(part_y, y[rows])
            np.testing.assert_array_equal(part_x, x[rows])


def test_scores_of_very_many_rows_keep_their_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    data, graphs = gaussian_data(6, 3_000), rivals(6, 3, 3)
    double = compare(data, graphs)
    monkeypatch.setattr(result, "MANY_ROWS", 1_000)
    monkeypatch.setattr("core.fit.exact.MANY_ROWS", 1_000)
    work = plan(data, graphs)
    for key, fit in fit_blocks(work.blocks).items():
        assert fit.elpd_i.dtype == np.float32
        assert len(fit.lppd_i) == 0
        again = fit_from_bytes(fit_to_bytes(fit))
        assert (again.elpd, again.lppd) == (fit.elpd, fit.lppd)
        assert again.elpd_i.dtype == np.float32
        assert work.blocks[key]
    single = compare(data, graphs)
    for one, other in zip(double.hypotheses, single.hypotheses, strict=True):
        assert other.elpd.estimate == pytest.approx(one.elpd.estimate, abs=1e-8)
        assert other.elpd.p == pytest.approx(one.elpd.p, abs=1e-8)
        assert other.elpd.se == pytest.approx(one.elpd.se, rel=1e-6)
    for one, other in zip(double.differences, single.differences, strict=True):
        assert other.elpd == pytest.approx(one.elpd, abs=1e-8)
        assert other.se == pytest.approx(one.se, rel=1e-4)


def test_many_nodes_and_hypotheses_are_compared_and_what_they_share_is_done_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[str] = []
    original = Replicator._draw

    def draw(self: Replicator, fit: Any, models: Any, model: Any, raw: Any, digest: str) -> Any:
        drawn.append(digest)
        return original(self, fit, models, model, raw, digest)

    asked: list[int] = []
    estimates = independence.estimates
    monkeypatch.setattr(Replicator, "_draw", draw)
    monkeypatch.setattr(independence, "estimates", lambda *args: (asked.append(len(args[0])), estimates(*args))[1])
    passes: list[int] = []
    factor = linear._factor
    monkeypatch.setattr(linear, "_factor", lambda *args: (passes.append(args[2]), factor(*args))[1])
    found = compare(gaussian_data(25, 300), rivals(25, 4, 4), draws=400)
    assert passes.count(300) == 1  # over the observed rows, for all statements of all hypotheses
    statements = sum(len(h.implications) for h in found.hypotheses)
    assert statements > 1_000
    assert len(set(drawn)) == len(drawn) < 100
    assert sum(asked) < statements
    assert all(t.p_value is not None and t.predictive_p is not None for h in found.hypotheses for t in h.implications)
    assert all(len(t.replicated) == 0 for h in found.hypotheses for t in h.implications)


def test_another_seed_draws_other_replicates_of_the_same_fit() -> None:
    work = plan(chain_data(), named(chain="a -> b b -> c"), draws=400)
    fits = fit_blocks(work.blocks)
    fit = result.Fit.of(work.specs[0], {node: fits[key] for node, key in work.keys["chain"].items()})
    observed, memory = observed_of(work.complete, work.nodes), Memory()
    one, two, again = (Replicator(observed, seed, memory=memory).replicate(fit) for seed in (1, 2, 1))
    for node in work.nodes:
        assert one.digests[node] != two.digests[node]
        assert not np.array_equal(one.raw[node], two.raw[node])
        assert np.array_equal(one.raw[node], again.raw[node])


def test_after_one_changed_arrow_only_what_it_changes_is_done_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    drawn: list[str] = []
    original = Replicator._draw

    def draw(self: Replicator, fit: Any, models: Any, model: Any, raw: Any, digest: str) -> Any:
        drawn.append(model.node)
        return original(self, fit, models, model, raw, digest)

    monkeypatch.setattr(Replicator, "_draw", draw)
    data, cache = chain_data(), BlockCache(tmp_path)
    before = named(chain="a -> b b -> c", fork="b -> a b -> c")
    first = compare(data, before, cache=cache)
    assert sorted(drawn) == ["a", "a", "b", "b", "c", "c"]
    drawn.clear()
    again = compare(data, before, cache=cache)
    assert drawn == []
    strip = [record.to_dict() for record in (first, again)]
    assert strip[0]["hypotheses"] == strip[1]["hypotheses"]
    changed = compare(data, named(chain="a -> b", fork="b -> a b -> c"), cache=cache)
    assert drawn == ["c"]
    alone = compare(data, named(chain="a -> b", fork="b -> a b -> c"))
    for one, other in zip(changed.hypotheses, alone.hypotheses, strict=True):
        assert [t.to_dict() for t in one.implications] == [t.to_dict() for t in other.implications]
        assert [c.to_dict() for c in one.checks] == [c.to_dict() for c in other.checks]
        assert [e.to_dict() for e in one.edges] == [e.to_dict() for e in other.edges]


@pytest.mark.parametrize(
    ("rows", "nodes", "hypotheses", "expected"),
    [
        (500, 6, 4, 500),
        (1_000_000, 6, 4, CHECK_ROWS),
        (1_000_000, 50, 2, 2_000),
        (1_000_000, 50, 10, 1_200),
        (1_000_000, 200, 10, FEWEST_ROWS),
    ],
)
def test_simulated_rows_follow_from_nodes_and_hypotheses(rows: int, nodes: int, hypotheses: int, expected: int) -> None:
    assert check_rows(rows, nodes, hypotheses) == expected


def test_how_many_rows_were_simulated_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicating, "_HELD", 8 * REPLICATES * 1_200)  # as if there were many more nodes
    found = compare(gaussian_data(8, 1_500), rivals(8, 2, 2), draws=400)
    assert check_rows(1_500, 8, 2) == 1_200
    assert any("Checks by simulation use 1,200 rows" in warning for warning in found.warnings)
    assert REPLICATES == 200
