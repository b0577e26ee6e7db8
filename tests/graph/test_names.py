"""What may stand in a name: the same for columns, nodes, groups and hypotheses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.frame import check_names
from core.errors import GraphError, HypothesisError
from core.graph.causal_graph import CausalGraph
from core.hypothesis import Hypothesis, Node
from core.names import fault_in, tidy_name


@given(st.text())
def test_tidying_twice_is_tidying_once_and_leaves_no_breaks_or_outer_blanks(name: str) -> None:
    once = tidy_name(name)
    assert tidy_name(once) == once
    assert once == once.strip()
    assert "line break" not in fault_in(once)


@given(st.characters())
def test_only_what_nobody_can_see_is_refused(letter: str) -> None:
    import unicodedata

    refused = bool(fault_in(f"a{letter}b"))
    kind = unicodedata.category(letter)
    turns = unicodedata.bidirectional(letter) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert refused is (kind in {"Cc", "Cs", "Zl", "Zp"} or turns)


def test_a_column_and_its_node_are_called_the_same() -> None:
    for raw in (" ads ", "net\nincome", "a\tb", "\ufeffid", "x\u2028y", "\u200bads", "two  blanks"):
        (column,), _ = check_names([raw], "a.csv")
        assert column == tidy_name(raw)
        assert Hypothesis("h", (Node(column),)).graph.nodes == (column,)


@pytest.mark.parametrize("name", ["a\0b", "a\nb", "a\u202eb", "\ud800"])
def test_no_graph_or_hypothesis_holds_such_a_name(name: str) -> None:
    with pytest.raises(GraphError, match="holds"):
        CausalGraph((name,))
    with pytest.raises(GraphError, match="holds"):
        Hypothesis("h", (Node(name),))
    with pytest.raises(HypothesisError, match="holds"):
        Hypothesis(name, (Node("a"),))
    with pytest.raises(HypothesisError, match="holds"):
        Hypothesis("h", (Node("a", group=name),))
