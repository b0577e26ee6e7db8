"""The second and third look at a claim: against worlds whose true graph is known, and as properties."""

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.worlds import fork
from core.check.curves import Leftovers, bends_most
from core.check.few import without_few
from core.check.independence import run_tests
from core.check.linear import Question
from core.check.roles import Role
from core.check.tested import CURVED, FEW_ROWS, NOT_IN_A_LINE, IndependenceTest, Observed, Rules
from core.fit.flexible import column_basis, design_of
from core.fit.unseen import PENALTIES, predicted_unseen, turned
from core.graph.causal_graph import CausalGraph
from core.graph.implications import Independence, implications
from core.memory import Memory

FloatArray = NDArray[np.float64]
FORK = CausalGraph(("x", "y", "z"), (("x", "y"), ("x", "z")))


def role(name: str, values: FloatArray) -> Role:
    if set(np.unique(values)) <= {0.0, 1.0}:
        return Role(name, "binary", to_regressor="levels", levels=2)
    return Role(name, "gaussian")


def world(name: str, seed: int, rows: int, slope: float = 0.0) -> tuple[dict[str, Role], Observed, CausalGraph]:
    drawn = fork(name, seed, rows, slope)
    raw = {column: drawn.table[column].to_numpy(float) for column in drawn.table}
    return {n: role(n, v) for n, v in raw.items()}, Observed(raw), CausalGraph(drawn.nodes, drawn.edges)


def of_the_fork(name: str, seed: int, rows: int = 300, slope: float = 0.0) -> IndependenceTest:
    roles, observed, graph = world(name, seed, rows, slope)
    tests = run_tests(graph, implications(graph), roles, observed)
    return next(test for test in tests if {test.x, test.y} == {"y", "z"})


@pytest.mark.parametrize(
    ("name", "shape"),
    [("quadratic", CURVED), ("half zeros", CURVED), ("u-shaped", CURVED), ("modifier", "by g"), ("odd rows", FEW_ROWS)],
)
def test_what_bends_is_not_contradicted_and_said_to_bend(name: str, shape: str) -> None:
    found = [of_the_fork(name, seed) for seed in range(12)]
    accused = [test for test in found if test.accused]
    assert len(accused) >= 7  # what the first look alone would have contradicted
    assert sum(bool(test.contradicted) for test in accused) <= 1
    named = [test for test in accused if not test.contradicted]
    assert sum(test.shape == shape for test in named) >= 0.7 * len(named)
    if shape == CURVED:
        assert {test.about for test in named if test.shape == shape} <= {"x"}


@pytest.mark.parametrize("name", ["straight", "quadratic", "half zeros", "modifier"])
def test_a_real_arrow_is_contradicted_all_the_same(name: str) -> None:
    found = [of_the_fork(name, seed, slope=0.4) for seed in range(10)]
    accused = [test for test in found if test.accused]
    assert len(accused) >= 9
    assert sum(bool(test.contradicted) for test in accused) >= 9 / 10 * len(accused)


def test_odd_rows_are_named_as_they_stand_in_the_file() -> None:
    roles, observed, graph = world("odd rows", 3, 300)
    odd = {int(row) + 1 for row in np.argsort(-observed.raw["y"] - observed.raw["z"])[:3]}
    found = next(t for t in run_tests(graph, implications(graph), roles, observed) if {t.x, t.y} == {"y", "z"})
    assert found.shape == FEW_ROWS
    assert set(found.rows or ()) == odd
    # Of a file with five rows that are left out before them, they stand five further down.
    moved = Observed(observed.raw, places=np.arange(300) + 5)
    again = next(t for t in run_tests(graph, implications(graph), roles, moved) if {t.x, t.y} == {"y", "z"})
    assert set(again.rows or ()) == {row + 5 for row in odd}


def test_what_is_related_but_not_in_a_line_is_said_so_and_not_contradicted() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=400)
    y = x + rng.normal(size=400)
    left = y - x
    z = x + 1.2 * (left**2 - 1) + rng.normal(size=400)
    raw = {"x": x, "y": y, "z": z}
    found = run_tests(FORK, implications(FORK), {n: role(n, v) for n, v in raw.items()}, Observed(raw))
    test = next(t for t in found if {t.x, t.y} == {"y", "z"})
    assert (test.accused, test.contradicted, test.shape) == (False, False, NOT_IN_A_LINE)


def test_the_second_look_alone_holds_its_level_where_nothing_bends() -> None:
    p_values = []
    for seed in range(150):
        roles, observed, _ = world("straight", seed, 150)
        look = Leftovers(roles, observed.raw).look(Question("y", "z", ("x",)))
        assert look is not None
        p_values.append(look.p_value)
    assert sum(p < 0.05 for p in p_values) <= 15  # 7.5 are expected; over 15 in one of 200 runs


def test_what_bends_is_found_among_several_given() -> None:
    rng = np.random.default_rng(7)
    raw = {name: rng.normal(size=500) for name in ("a", "b", "c")}
    raw["y"] = raw["a"] + raw["b"] ** 2 + rng.normal(size=500)
    raw["z"] = raw["c"] + raw["b"] ** 2 + rng.normal(size=500)
    roles = {name: role(name, values) for name, values in raw.items()}
    assert bends_most(Leftovers(roles, raw), Question("y", "z", ("a", "b", "c"))) == "b"


def test_leaving_one_out_is_leaving_one_out() -> None:
    """Against ridge regressions each without one row, at the penalty that was chosen."""
    rng = np.random.default_rng(8)
    x, g = rng.normal(size=40), rng.integers(0, 3, 40).astype(float)
    y = np.sin(x) + 0.2 * rng.normal(size=40)
    design = design_of([column_basis("x", x), column_basis("g", g, 3)], 40)
    found = y - predicted_unseen(turned(design), y[:, None])[:, 0]
    matrix = design.matrix - design.matrix.mean(axis=0)

    def brute(penalty: float) -> FloatArray:
        left = np.empty(40)
        for row in range(40):
            keep = np.arange(40) != row
            ones = np.column_stack([np.ones(39), matrix[keep]])
            # The penalty is that of all rows' mean square, so that it does not move with the row left out.
            root = np.sqrt(40 * penalty) * np.eye(ones.shape[1])
            root[0, 0] = 0.0
            beta = np.linalg.lstsq(
                np.vstack([ones, root]), np.concatenate([y[keep], np.zeros(ones.shape[1])]), rcond=None
            )[0]
            left[row] = y[row] - np.concatenate([[1.0], matrix[row]]) @ beta
        return left

    candidates = [brute(penalty) for penalty in PENALTIES]
    best = min(candidates, key=lambda left: float(np.mean(left**2)))
    np.testing.assert_allclose(found, best, atol=1e-5)


def test_the_third_look_takes_little_of_a_real_association() -> None:
    rng = np.random.default_rng(9)
    gaps = []
    for _ in range(40):
        x = rng.normal(size=500)
        raw = {"x": x, "y": 0.3 * x + rng.normal(size=500)}
        roles = {name: role(name, values) for name, values in raw.items()}
        without = without_few(Question("y", "x", ()), roles, raw)
        assert without is not None
        assert len(without.places) == 5
        gaps.append(float(np.corrcoef(raw["x"], raw["y"])[0, 1] - without.association.estimate[0]))
    assert abs(float(np.mean(gaps))) < 0.05  # of 0.29


def test_two_categories_have_no_odd_rows_and_a_determined_end_no_second_look() -> None:
    rng = np.random.default_rng(10)
    raw = {"a": rng.integers(0, 2, 100).astype(float), "b": rng.integers(0, 2, 100).astype(float)}
    roles = {name: role(name, values) for name, values in raw.items()}
    assert without_few(Question("a", "b", ()), roles, raw) is None
    x = rng.normal(size=100)
    told = {"x": x, "y": 2.0 * x, "z": rng.normal(size=100)}
    looks = Leftovers({name: role(name, values) for name, values in told.items()}, told)
    look = looks.look(Question("y", "z", ("x",)))
    assert look is None or look.p_value > 0.001


def test_a_node_that_is_taken_as_it_is_marks_its_claims() -> None:
    roles, observed, graph = world("quadratic", 1, 300)
    rules = Rules(overruled=("z",))
    found = run_tests(graph, implications(graph), roles, observed, rules=rules)
    test = next(t for t in found if {t.x, t.y} == {"y", "z"})
    assert test.shape == CURVED
    assert test.overruled


def test_dependent_rows_weaken_every_look() -> None:
    roles, observed, graph = world("straight", 2, 300, slope=0.3)
    claims = implications(graph)
    plain = next(t for t in run_tests(graph, claims, roles, observed) if {t.x, t.y} == {"y", "z"})
    few = run_tests(graph, claims, roles, observed, inflation=lambda x, y: 3.0)
    weak = next(t for t in few if {t.x, t.y} == {"y", "z"})
    for name in ("p_value", "p_curved", "p_without_few"):
        assert getattr(weak, name) is None or getattr(weak, name) > getattr(plain, name)


def test_the_looks_of_a_claim_do_not_hang_on_memory_or_on_other_columns() -> None:
    roles, observed, graph = world("quadratic", 4, 300)
    named = Observed(observed.raw, digests={name: name for name in observed.raw})
    memory = Memory()
    first = run_tests(graph, implications(graph), roles, named, memory=memory)
    again = run_tests(graph, implications(graph), roles, named, memory=memory)
    plain = run_tests(graph, implications(graph), roles, observed)
    more = Observed({**observed.raw, "other": np.arange(300.0)})
    wide = {**roles, "other": Role("other", "gaussian")}
    beside = run_tests(graph, [Independence("y", "z", ("x",))], wide, more)
    for one, two, three in zip(first, again, plain, strict=True):
        assert (one.p_curved, one.shape, one.about) == (two.p_curved, two.shape, two.about)
        assert (one.p_curved, one.shape, one.about) == (three.p_curved, three.shape, three.about)
    assert beside[0].p_curved == plain[0].p_curved
