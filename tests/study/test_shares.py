"""Where the doubt comes from: parts of a variance that add up, between graphs and between forms of one graph."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.effects.settings import Setting
from core.hypothesis import Hypothesis
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.forecast import Acted
from core.study.shares import between, share_of
from tests.study.study_cases import chain_data, named, table_data


def world(**values: float) -> list[Setting]:
    return [Setting(name, value) for name, value in values.items()]


def with_form(hypothesis: Hypothesis, name: str, form: str) -> Hypothesis:
    edges = tuple(replace(edge, form=form) for edge in hypothesis.edges)
    return replace(hypothesis, name=name, edges=edges)


def opened(data: Dataset, hypotheses: list[Hypothesis]) -> Acting:
    return acting_on(reopen(compare(data, hypotheses), data))


@pytest.mark.parametrize("seed", range(20))
def test_between_hypotheses_is_between_graphs_and_within_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    many = int(rng.integers(2, 8))
    graphs = rng.integers(0, 3, many).tolist()
    weights, means = rng.dirichlet(np.ones(many)), rng.normal(size=many)
    structure, forms = between(means.tolist(), weights.tolist(), graphs)
    assert structure + (forms or 0.0) == pytest.approx(weights @ (means - weights @ means) ** 2)
    assert (forms is None) == (len(set(graphs)) == many)


def test_shares_add_up_to_one_and_nothing_open_is_nothing() -> None:
    share = share_of(2.0, 1.0, (0.5, 0.5))
    assert sum(share.to_dict().values()) == pytest.approx(1)
    assert share.variance == 4.0
    assert "forms" not in share_of(2.0, 1.0, (0.5, None)).to_dict()
    assert sum(share_of(0.0, 0.0, (0.0, None)).to_dict().values()) == 0.0


def curved(rows: int = 300) -> Dataset:
    rng = np.random.default_rng(4)
    x = rng.uniform(-2, 2, rows)
    return Dataset.from_frame(pd.DataFrame({"x": x, "y": x**2 + 0.3 * x + rng.normal(size=rows)}))


def test_a_line_beside_a_curve_of_the_same_graph_counts_by_its_evidence() -> None:
    line = named(A="x -> y")[0]
    acting = opened(curved(), [line, with_form(line, "B", "auto")])
    assert acting.weights[1] > 0.99
    assert acting.act([world(x=-1.0), world(x=1.0)], "y").averaged.share is not None


def test_forms_of_one_graph_are_no_structure() -> None:
    data = chain_data(60)
    line, other = named(A="a -> b b -> c", C="b -> a b -> c")
    both = opened(data, [line, with_form(line, "B", "quadratic")])
    found = both.act([world(a=0.0), world(a=2.0)], "c")
    share = found.averaged.share
    assert share is not None
    assert share.structure == 0.0
    assert share.forms is not None
    assert share.forms > 0.0
    three = opened(data, [line, with_form(line, "B", "quadratic"), other]).act([world(a=0.0), world(a=2.0)], "c")
    assert three.averaged.share is not None
    assert set(three.averaged.share.to_dict()) == {"chance", "parameters", "structure", "forms"}
    # C is of A's and B's class: its graph counts as much as theirs.
    assert three.forecasts[2].weight == pytest.approx(0.5)


def test_families_of_one_graph_stand_side_by_side() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=120)
    data = Dataset.from_frame(pd.DataFrame({"x": x, "y": 0.5 * x + rng.standard_t(2, size=120)}))
    normal = named(A="x -> y")[0]
    student = replace(normal.with_node("y", family="StudentT"), name="B")
    acting = opened(data, [normal, student])
    assert acting.weights[1] > acting.weights[0]
    share = acting.act([world(x=0.0), world(x=1.0)], "y").averaged.share
    assert share is not None
    assert share.forms is not None


def totals(found: Acted) -> list[tuple[float, float]]:
    """Return the sum of the parts, and the variance of what is shown, of every number that is shown."""
    pairs = []
    for one in (*found.forecasts, found.averaged):
        assert one.share is not None
        assert one.draws is not None
        pairs.append((one.share.variance, float(one.draws.var())))
        for prediction in one.predictions:
            assert prediction.share is not None
            assert prediction.row is not None
            pairs.append((prediction.share.variance, prediction.row["sd"] ** 2))
    return pairs


@pytest.mark.parametrize("seed", range(6))
def test_the_parts_add_up_to_the_total_on_random_graphs(seed: int) -> None:
    """Of every difference and every row, of each hypothesis and of all together, in a linear world and a bent one."""
    rng = np.random.default_rng(seed)
    names = ["a", "b", "c", "d"]
    values = {name: rng.normal(size=150) for name in names}
    for k, name in enumerate(names):
        for cause in names[:k]:
            values[name] = values[name] + rng.normal() * values[cause]
    texts = {}
    for letter in "ABC":
        order = [*rng.permutation(names[:3]), "d"]
        arrows = [f"{p} -> {q}" for k, q in enumerate(order) for p in order[:k] if rng.random() < 0.7]
        texts[letter] = " ".join([*names, *arrows])
    hypotheses = named(**texts)
    hypotheses.append(with_form(hypotheses[0], "D", "quadratic"))
    acting = opened(Dataset.from_frame(pd.DataFrame(values)), hypotheses)
    found = acting.act([world(a=0.0), world(a=1.0)], "d", draws=1500, rows=150)
    for parts, whole in totals(found):
        assert parts == pytest.approx(whole, rel=0.08, abs=1e-9)
    for one in (*found.forecasts, found.averaged):
        for share in (one.share, *(p.share for p in one.predictions)):
            assert share is not None
            assert sum(share.to_dict().values()) == pytest.approx(1 if share.variance > 0 else 0)


def test_of_levels_each_has_its_parts() -> None:
    acting = opened(table_data(), named(A="smoke -> cough smoke -> stain cough", B="stain -> smoke smoke -> cough"))
    found = acting.act([[Setting("smoke", 0.0)], [Setting("smoke", 1.0)]], "stain")
    assert found.averaged.contrasts is not None
    for level, share in found.averaged.shares.items():
        assert share.variance == pytest.approx(found.averaged.contrasts[level]["sd"] ** 2, rel=0.05)
        assert sum(share.to_dict().values()) == pytest.approx(1)
    for one in (*found.forecasts, found.averaged):
        for prediction in one.predictions:
            for level, share in prediction.shares.items():
                mean = prediction.levels[level]["mean"]
                assert share.variance == pytest.approx(mean * (1 - mean), rel=0.02)
