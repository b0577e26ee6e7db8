"""What was taken for what: nothing that a file says and a hypothesis cannot hold vanishes without a word."""

import json
import warnings

import pytest

from core.errors import FormatError, HypothesisError, WhyboardError
from core.formats import FORMATS, ReadingRemark, parse_graph, read_content, read_graph
from core.formats.two_part import is_two_part
from core.hypothesis import Hypothesis


def said(text: str, key: str = "dagitty", **named: object) -> str:
    return "\n".join(parse_graph(text, key, "h", **named).remarks)  # type: ignore[arg-type]


def test_two_exposures_are_asked_about() -> None:
    reading = parse_graph("dag { a [exposure] b [e] c [outcome] d [o] a -> c b -> d }", "dagitty", "h")
    assert (reading.hypothesis.exposure, reading.hypothesis.outcome) == (None, None)
    assert reading.open_roles == {"exposure": ("a", "b"), "outcome": ("c", "d")}
    assert "2 nodes are marked as exposure (a, b)" in reading.remarks[0]
    one = parse_graph("dag { a [exposure] a [exposure] c [outcome] }", "dagitty", "h")
    assert (one.hypothesis.exposure, one.remarks, one.open_roles) == ("a", (), {})
    both = parse_graph("dag { a [exposure,outcome] }", "dagitty", "h")
    assert (both.hypothesis.exposure, both.hypothesis.outcome) == (None, None)
    assert "as exposure and as outcome" in both.remarks[0]


def test_a_mark_that_was_chosen_is_not_said_to_be_left() -> None:
    reading = parse_graph("dag { a [exposure] b [e] c [outcome] d [o,beta=1] a -> c b -> d }", "dagitty", "h")
    assert ["none of the marks was taken" in remark for remark in reading.remarks] == [True, True, False]
    answered = reading.answered("b", "somebody else")
    assert answered.hypothesis.exposure == "b"
    assert answered.remarks == (reading.remarks[1], *reading.told)
    assert reading.answered("a", "d").remarks == reading.told


def test_what_is_not_kept_is_said() -> None:
    nodes = 'season [a] age [adjusted] s [selected,pos="1,2"] b [label="Sales"] c [foo=1]'
    text = f'dag {{ a -> b [beta=0.3,pos="0,1"] {nodes} }}'
    assert said(text).splitlines() == [
        "beta was not kept (a -> b: 0.3): Whyboard learns the size of effects from data",
        "adjusted was not kept (season, age): Whyboard works out by itself what to adjust for",
        "selected was not kept (s): the graph is read as if no rows had been left out because of it",
        "label was not kept (b: Sales): nodes go by their own names",
        "foo was not kept (c: 1)",
    ]
    many = said("dag { " + " ".join(f"n{i} [a{i}=1]" for i in range(900)) + "}")
    assert len(many) < 5_000
    assert (
        said('dag { bb="0,0,1,1" graph [bgcolor=red] node [shape=box] a [pos="0,0",color=red] a -> b [style=dashed] }')
        == ""
    )


def test_blanks_at_the_ends_of_names_find_their_column() -> None:
    reading = parse_graph('dag { "Ad spend " -> sales ; " Ad spend" [exposure] "two\nlines" }', "dagitty", "h")
    assert reading.hypothesis.graph.nodes == ("Ad spend", "sales", "two lines")
    assert reading.hypothesis.exposure == "Ad spend"
    assert any("'Ad spend ' was read as 'Ad spend'" in remark for remark in reading.remarks)
    record = {"format": "whyboard-hypothesis/1", "nodes": [{"name": "a "}, {"name": "b"}], "outcome": " b",
              "edges": [{"source": "a", "target": "b "}], "bidirected": [["b", " a"]]}  # fmt: skip
    native = parse_graph(json.dumps(record), "json")
    assert native.hypothesis.graph.nodes == ("a", "b")
    assert native.hypothesis.outcome == "b"
    assert native.remarks == ("the name 'a ' was read as 'a', without the blanks",)


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\x7f", "\x9f", "\u202e", "\u2066", "\ud800"])
@pytest.mark.parametrize("key", FORMATS)
def test_what_nobody_can_see_is_refused_in_every_format(key: str, letter: str) -> None:
    name = f"sal{letter}es"
    texts = {
        "dagitty": f'dag {{ "{name}" -> b }}',
        "dot": f'digraph {{ "{name}" -> b }}',
        "graphml": f"<graphml><graph><node id='{name}'/></graph></graphml>",
        "gml": f'graph [ directed 1 node [ id 0 label "{name}" ] ]',
        "bnlearn": f"[{name}][b]",
        "lavaan": f"y ~ {name}",
        "bif": f'network n {{ }} variable "{name}" {{ type discrete [ 2 ] {{ a, b }}; }}',
        "json": json.dumps({"format": "whyboard-hypothesis/1", "nodes": [{"name": name}]}),
    }
    with pytest.raises(FormatError):
        parse_graph(texts[key], key)


def test_dot_is_called_by_what_says_most() -> None:
    codes = 'digraph { n1 [label="Ad spend"]; n2 [label="Sales\\nEUR"]; n1 -> n2 }'
    assert parse_graph(codes, "dot").hypothesis.graph.nodes == ("Ad spend", "Sales EUR")
    assert "labels: 'n1' is 'Ad spend'" in said(codes, "dot")
    words = 'digraph { ads [label="Ad spend"]; ads -> sales }'
    assert parse_graph(words, "dot").hypothesis.graph.nodes == ("ads", "sales")
    assert "labels were not kept" in said(words, "dot")
    assert parse_graph(words, "dot", columns=("Ad spend", "sales")).hypothesis.graph.nodes == ("Ad spend", "sales")
    assert parse_graph(codes, "dot", columns=("n1", "n2")).hypothesis.graph.nodes == ("n1", "n2")
    same = 'digraph { n1 [label="x"]; n2 [label="x"]; n1 -> n2 }'
    assert parse_graph(same, "dot").hypothesis.graph.nodes == ("n1", "n2")
    assert said('digraph { a [label="a"]; b [label="\\N"]; a -> b }', "dot") == ""


@pytest.mark.parametrize("mark", ['observed="no"', "observed=0", "observed=false", "latent=1", "unobserved=yes"])
def test_dot_says_what_was_not_observed(mark: str) -> None:
    assert parse_graph(f"digraph {{ U [{mark}]; U -> y; y [observed=yes] }}", "dot").hypothesis.graph.latents == {"U"}


@pytest.mark.parametrize(
    ("attributes", "arrow"),
    [
        ("dir=both", "<->"),
        ("dir=both, arrowtail=none, arrowhead=normal", "->"),  # as programs write it that learn graphs
        ("dir=both, arrowtail=normal, arrowhead=none", "<-"),
        ("dir=back", "<-"),
        ("dir=back, arrowtail=none", None),
        ("arrowhead=none", None),
        ("dir=both, arrowtail=odot, arrowhead=normal", None),
        ("dir=none", None),
        ("arrowhead=vee, color=red", "->"),
    ],
)
def test_the_heads_of_dot_count(attributes: str, arrow: str | None) -> None:
    text = f"digraph {{\n a -> b [{attributes}] }}"
    if arrow is None:
        with pytest.raises(FormatError, match="what causes what") as caught:
            parse_graph(text, "dot")
        assert caught.value.place == "line 2"
        return
    graph = parse_graph(text, "dot").hypothesis.graph
    assert {"->": graph.edges == (("a", "b"),), "<-": graph.edges == (("b", "a"),),
            "<->": graph.bidirected == (("a", "b"),)}[arrow]  # fmt: skip


# The parts of DAGitty's language, each with the numbers of nodes, arrows and arcs that DAGitty's parser gives for
# it, and what DAGitty reads that is no DAG (github.com/jtextor/dagitty at 7a65777, run in Node).
LANGUAGE = [
    ("p->q", 2, 1, 0), (" Dag { p ; q \n r } ", 3, 0, 0), ("dag{;q}", 1, 0, 0), ("dag{;;}", 0, 0, 0),
    ("dag{p }", 1, 0, 0),
    ("dag{{w->{p q}}}", 3, 2, 0), ("dag{{w->{p ; q}}}", 3, 2, 0), ("dag{p->{q->{r->{s->t}}}}", 5, 10, 0),
    ("dag{w->{p->q}}", 3, 3, 0), ("{p q} -> r <- {s t}", 5, 4, 0), ("{p[e]} -> {r[o]} <- {s [a]}", 3, 2, 0),
    ("p -> q <-> r [pos=\"1,1\"]", 3, 1, 1), ("q -> p q <-> p p -> r", 3, 2, 1),
    ("graph G {\np [ exposure , pos =\" 12. , .13 \"]\nq [outcome]\n}", 2, 0, 0), ("dag G { p [] \n q [] }", 2, 0, 0),
    ("digraph G { graph [bb=\"0,0,100,100\"] p }", 1, 0, 0), ("map -> pop", 2, 1, 0),
    ("dag{ \"ᚠᛇᚻ\" -> \"a\\\"b\" }", 2, 1, 0), ("p 1\nq O @1.5,2\nr U\n\np q @0,1 r\nq\nr p\n", 3, 1, 1),
    ("p 1\nq 1\n\n0 1\n0 0", 2, 1, 0), ("net%20income E\nb c 1\n\nnet%20income b c", 2, 1, 0), ("p\nq\n\np q", 2, 1, 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "nodes", "arrows", "arcs"), LANGUAGE)
def test_the_language_as_dagitty_counts_it(text: str, nodes: int, arrows: int, arcs: int) -> None:
    graph = parse_graph(text, "dagitty", "h").hypothesis.graph
    assert (len(graph.nodes), len(graph.edges), len(graph.bidirected)) == (nodes, arrows, arcs)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("p -> q\nq -- r", 2), ("p -> q\nq @-@ r", 2), ("pag{\np @-> q}", 1),
        ("p <- q\np <-@ q", 2), ("p -> q\np --@ q", 2),
        ("p -> q\np @-- q", 2), ("pdag { p -> q }", 1), ("mag { p <-> q }", 1), ("p -> q\nq -> r\nr -> p", 3),
        ("p -> q\nq -> q", 2), ("p 1\nq 1\n\np z", 4), ("p 1\nq 1\n\n0 1 0\n0 0 0", 4), ("p 1\nq 1\n\n0 1\n1 0", 5),
        ("p 1\np 1\n\np", 2), ("p 1\nq 1 @left,2\n\np q", 2), ("p 1\n%ff 1\n\np", 2), ("p 1\nq 1\n\n0 1", 4),
    ],
)  # fmt: skip
def test_what_is_no_dag_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(WhyboardError) as caught:
        parse_graph(text, "dagitty", "h")
    assert caught.value.place == f"line {line}"


def test_nodes_that_point_at_each_other_in_lists_share_a_cause_and_that_is_said() -> None:
    assert "p <-> q" in said("p 1\nq 1\n\np q\nq p")


@pytest.mark.parametrize(
    ("file", "text", "key"),
    [
        ("a.txt", "graph [ directed 1 node [ id 0 ] ]", "GML"),
        ("a.txt", '# made by x\nCreator "x"\nVersion 1\ngraph [ comment "c" directed 1 node [ id 0 ] ]', "GML"),
        ("a.txt", "[a][b|a]", "bnlearn"),
        ("a.dagitty", '{ "format": "whyboard-hypothesis/1", "name": "N", "nodes": [{"name": "a"}] }', "JSON"),
        ("a.dagitty", "<?xml version='1.0'?><graphml><graph><node id='a'/></graph></graphml>", "GraphML"),
        ("a.dot", "// x\ndag { a -> b [beta=1] }", "DAGitty"),
        ("a.gml", "dag { a }", "DAGitty"),
        ("a.graph", "a -> b", None),
        ("a", "digraph { a -> b }", None),
    ],
)
def test_what_a_text_plainly_is_counts_more_than_the_ending(file: str, text: str, key: str | None) -> None:
    reading = read_content(text.encode(), file, "h")
    assert "a" in {name.replace("0", "a") for name in reading.hypothesis.graph.nodes}
    assert any(f"{key}" in remark and "which is what it holds" in remark for remark in reading.remarks) is (
        key is not None
    )


def test_a_notebook_is_told_by_warnings(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.dagitty"
    path.write_text("dag { a [adjusted] a -> b }")
    with pytest.warns(ReadingRemark, match="adjusted was not kept") as caught:
        hypothesis = Hypothesis.read(path)
    assert isinstance(hypothesis, Hypothesis)
    assert caught[0].filename == __file__
    with pytest.warns(ReadingRemark):
        Hypothesis.from_dagitty("dag { a [adjusted] }")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Hypothesis.from_dagitty("dag { a -> b }")
    assert read_graph(path).remarks


@pytest.mark.parametrize(
    "text",
    ["a 1 " * 250_000, "a 1\n" * 250_000 + "\na", "a 1\nb 1\n\n" + "a " * 500_000, "a 1\n\n" + "x" * 1_000_000,
     "a b c d 1\n\n" + "a b c " * 160_000, "a 1\n\n" + "0 1 " * 250_000, "->" + "{" * 1_000_000, "->" + "a " * 500_000,
     "a " * 500_000 + "->", "/*" * 500_000 + "->", "# \n" * 300_000 + "->", '"' + "\\" * 1_000_000 + "->",
     "graph [" * 140_000, "graph [ a " * 100_000, 'Creator "' * 110_000, "{" + " " * 1_000_000,
     "%41" * 330_000 + " 1\n\na", "y ~ " + "a + " * 140_000 + "a ~ a", "a + " * 70_000 + "a ~ " + "b + " * 70_000 + "b",
     "y ~ " + "(" * 500_000, "y ~ " + "x " * 149_000, "y ~ 0*" * 140_000, "y ~ \n" * 250_000, "#!" * 500_000 + "\ny ~",
     "a ~~ a\n" * 140_000 + "a ~ a", "# whyboard: {" * 70_000 + "\ny ~ y", "network n {" + "/*" * 500_000,
     "network n { }" + "variable a {" * 70_000, "network n { } probability (" + "a " * 290_000 + ")",
     "network n { } variable a { type discrete [2] {" + "x " * 290_000, "network n { property " + '"' * 999_999 + ";}",
     "network n { }" + "property x;" * 90_000 + "{", "network n {} variable a {} probability ( a ) {" + "/" * 900_000],
    ids=range(33),
)  # fmt: skip
def test_a_megabyte_that_means_no_good_is_refused_within_seconds(text: str) -> None:
    with pytest.raises(WhyboardError):
        read_content(text.encode(), "a.txt")
    is_two_part(text)


def test_what_background_is_not_is_said() -> None:
    assert said("dag { a [background=red] a -> b [background] }") == "background was not kept (a: red, a -> b: 1)"
    for key, text in {
        "dot": 'digraph { a [background="#ffffff"]; a -> b }',
        "gml": 'graph [ directed 1 node [ id "a" background "#ffffff" ] ]',
        "graphml": "<graphml><key id='k' for='node' attr.name='background'/><graph><node id='a'><data key='k'>#ffffff"
        "</data></node></graph></graphml>",
    }.items():
        assert said(text, key) == "background was not kept (a: #ffffff)"
        reading = parse_graph(text.replace("#ffffff", "true"), key)
        assert (reading.hypothesis.background, reading.remarks) == (("a",), ())


def test_a_background_is_refused_before_anyone_is_asked_which_of_two_exposures_it_is() -> None:
    with pytest.raises(HypothesisError, match="exposure and as background"):
        parse_graph("dag { a [exposure,background] b [exposure] }")
