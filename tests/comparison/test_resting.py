"""What a verdict says where what is favoured rests on a bend, on few rows, or on a family that does not fit."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.worlds import fork
from core.check.tested import CURVED, FEW_ROWS, NOT_IN_A_LINE, IndependenceTest, Rules
from core.comparison.doubts import doubt_words
from core.comparison.result import Comparison
from core.data.dataset import Dataset
from core.hypothesis import Edge, Hypothesis, Node
from core.study.comparing import compare


def told(world: str, seed: int, slope: float = 0.0, rows: int = 300, **settings: object) -> Comparison:
    drawn = fork(world, seed, rows, slope)
    nodes = tuple(Node(name) for name in drawn.nodes)
    arrows = tuple(Edge(*edge) for edge in drawn.edges)
    rivals = [
        Hypothesis("true", nodes, arrows),
        Hypothesis("rival", nodes, (*arrows, Edge(*drawn.superfluous)), exposure="x", outcome="z"),
    ]
    return compare(Dataset.from_frame(drawn.table), rivals, draws=400, cache=None, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(("world", "words"), [("quadratic", "bends with x"), ("odd rows", "of the rows")])
def test_a_probability_that_rests_on_a_bend_is_withheld_in_the_same_sentence(world: str, words: str) -> None:
    found = told(world, 2)
    assert found.question is not None
    assert all(group.probability is None for group in (*found.classes, *found.question.classes))
    assert all(group.bagged_probability is None for group in (*found.classes, *found.question.classes))
    sentence = next(one for one in found.sentences if "predicts better" in one or "no difference in prediction" in one)
    assert "but that rests on" in sentence
    assert "no probability is given until this is" in sentence
    assert words in sentence
    assert not any("has probability" in one for one in found.sentences)
    assert any(warning.startswith("Probabilities are null (withheld)") for warning in found.warnings)
    assert not found.hypothesis("true").contradicted


def test_straight_worlds_have_a_probability_and_no_but() -> None:
    found = told("straight", 3)
    assert all(group.bagged_probability is not None for group in found.classes)
    assert "rests on" not in found.verdict


def test_taken_as_it_is_the_probability_is_given() -> None:
    found = told("quadratic", 2, rules=Rules(overruled=("y", "z")))
    assert all(group.bagged_probability is not None for group in found.classes)
    assert "no probability is given" not in found.verdict
    assert found.hypothesis("true").doubted == ()
    assert any(test.shape == CURVED for test in found.hypothesis("true").implications)  # it stays in the record


def test_an_answer_that_passes_through_a_bend_says_so_in_its_sentence() -> None:
    found = told("quadratic", 2)
    first = found.sentences[0]
    assert first.startswith("One more in x changes z by")
    assert "rests on a model that does not fit there" in first
    assert "z bends with x" in first


def test_a_contradiction_at_a_family_that_does_not_fit_names_the_remedy() -> None:
    found = told("quadratic", 2, slope=0.5)
    sentence = next(one for one in found.sentences if one.startswith("true is contradicted"))
    assert "though" in sentence
    assert "would mend it" in sentence


def test_the_record_has_the_fields_of_the_contract() -> None:
    record = told("odd rows", 2).to_dict()
    claim = next(c for c in record["hypotheses"][0]["implications"] if {c["x"], c["y"]} == {"y", "z"})
    assert claim["shape"] == FEW_ROWS
    assert claim["contradicted"] is False
    assert claim["p_adjusted"] < 0.05
    assert claim["p_without_few"] > 0.05
    assert isinstance(claim["p_curved"], float)
    assert len(claim["rows"]) == 3
    assert all(isinstance(row, int) and 1 <= row <= 300 for row in claim["rows"])
    straight = told("straight", 3).to_dict()
    assert all(c["rows"] is None for h in straight["hypotheses"] for c in h["implications"])


def test_words_of_each_kind_of_doubt() -> None:
    base = IndependenceTest("y", "z", ("x",), 0.31, 0.2, 0.4)

    def words(**fields: object) -> str:
        return doubt_words(IndependenceTest(**{**vars(base), **fields}), str.upper)  # type: ignore[arg-type]

    start = "a link between Y and Z, once X is known"
    assert words(shape=NOT_IN_A_LINE) == f"{start}: they are related, though not in a line"
    assert words(shape=FEW_ROWS, rows=(3,)).endswith("but that rests on row 3; look at it")
    assert words(shape=FEW_ROWS, rows=(3, 17, 88)).endswith("but that rests on rows 3, 17 and 88; look at them")
    assert words(shape=CURVED, about="x").endswith("or X acts in a curve (letting it bend would show which)")
    assert "differently by X" in words(shape="by x", about="x")
    assert words(shape=CURVED).endswith("or what causes both acts in a curve, or on their spread")


def test_nothing_is_in_doubt_where_nothing_bends() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    table = pd.DataFrame({"x": x, "y": x + rng.normal(size=200), "z": -x + rng.normal(size=200)})
    found = compare(
        Dataset.from_frame(table),
        [Hypothesis("A", (Node("x"), Node("y"), Node("z")), (Edge("x", "y"), Edge("x", "z")))],
        draws=400,
        cache=None,
    )
    assert all(test.shape is None for test in found.hypotheses[0].implications)
