import pytest

from core.errors import FormatError
from core.formats.dot import read_dot, write_dot
from core.hypothesis import Edge, Hypothesis, Node


def test_what_graphviz_users_write():
    hypothesis = read_dot(
        """
        /* a picture */
        strict digraph "G" {
          rankdir = LR; graph [bgcolor="#ffffff"];
          node [shape=circle, style="filled,rounded"];
          ads [label="Ad spend", pos="10,20!"];
          season [label=<<b>the</b> season>];
          subgraph cluster_0 { label = "web"; visits; clicks }
          ads -> visits [color=red, weight=2];
          season -> {ads sales};
          visits:e -> sales:w:n;
          ads -> sales [dir=both];
          sales -> u [dir=back];
          u [latent=true];
          ads [exposure=true]; sales [outcome="1"]
        }
        """,
        "web",
    )
    assert hypothesis.graph.nodes == ("ads", "season", "visits", "clicks", "sales", "u")
    assert set(hypothesis.graph.edges) == {
        ("ads", "visits"),
        ("season", "ads"),
        ("season", "sales"),
        ("visits", "sales"),
        ("u", "sales"),
    }
    assert hypothesis.graph.bidirected == (("ads", "sales"),)
    assert hypothesis.graph.latents == {"u"}
    assert (hypothesis.exposure, hypothesis.outcome) == ("ads", "sales")
    assert hypothesis.node("ads").position == (10, -20)  # Graphviz counts upwards


def test_edge_defaults_count_from_where_they_stand():
    hypothesis = read_dot("digraph { a -> b; edge [dir=both]; b -> c; c -> d [dir=forward] }")
    assert hypothesis.graph.edges == (("a", "b"), ("c", "d"))
    assert hypothesis.graph.bidirected == (("b", "c"),)


def test_what_is_written():
    hypothesis = Hypothesis(
        "h",
        (Node("a b", position=(1, 2)), Node("node", latent=True)),
        (Edge("a b", "node"),),
        (("a b", "node"),),
        "a b",
    )
    assert write_dot(hypothesis).splitlines() == [
        "digraph {",
        '  graph [whyboard="whyboard-hypothesis/1", title=h];',
        '  "a b" [exposure=true, shape=box, pos="1,-2!"];',
        '  "node" [latent=true, style=dashed];',
        '  "a b" -> "node";',
        '  "a b" -> "node" [dir=both, style=dashed];',
        "}",
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("graph {\n a -- b }", "line 2", "what causes what"),
        ("digraph { a -> b [dir=none] }", "line 1", "what causes what"),
        ("dag { a -> b }", "line 1", "'dag'"),
        ("digraph { a -> b", "line 1", "ends"),
        ("digraph { a [label=<b] }", "line 1", "never closed"),
        ("", "", "empty"),
    ],
)
def test_refusals(text, line, words):
    with pytest.raises(FormatError, match=words) as caught:
        read_dot(text)
    assert caught.value.place == line
    assert caught.value.hint
