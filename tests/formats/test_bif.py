"""BIF, in the styles of bnlearn, pgmpy, GeNIe and JavaBayes."""

import pytest

from core.errors import CycleError, FormatError
from core.formats import parse_graph
from core.formats.bif import called_in_bif, read_bif, write_bif
from core.hypothesis import Edge, Hypothesis, Node

BNLEARN = """network unknown {
}
variable cloudy {
  type discrete [ 2 ] { no, yes };
}
variable wet-grass.now {
  type discrete [ 3 ] { "<5", 5-10, >10 };
}
variable rain {
  type discrete [ 2 ] { no, yes };
}
probability ( cloudy ) {
  table 0.5, 0.5;
}
probability ( rain | cloudy ) {
  (no) 0.9, 0.1;
  (yes) 0.2, 0.8;
}
probability ( wet-grass.now | rain, cloudy ) {
  default 0.2, 0.3, 0.5;
}
"""

JAVABAYES = """// Bayesian network
/* written by
   a program { */
network "Dog problem" { //1 variable
   property "credal-set constant-density-bounded 1.1" ;
   property version 1 ;
}
variable  "light on" { //2 values
   type discrete[2] {  "true"  "false" };
   property "position = (218, -195.5)" ;
   property "author = me" ;
}
variable  bowel { type discrete[2] { true false }; property 'position = (1e1, 2)'; }
variable  dog { type discrete[3] { in, out, on the way } ; }
variable  age { type continuous; }
probability (  "light on"  dog ) { //2 variable(s) and 4 values
   table 0.6 0.05 // }
     0.4 0.95;
   property "x }" ;
}
probability ( bowel ) { table 0.01 0.99; }
probability ( dog | bowel, age ) { default 1 0 0; /* } */ }
"""


def test_a_network_of_bnlearn() -> None:
    reading = parse_graph(BNLEARN, "bif", "h")
    found = reading.hypothesis
    assert found.graph.nodes == ("cloudy", "wet-grass.now", "rain")
    assert set(found.graph.edges) == {("cloudy", "rain"), ("rain", "wet-grass.now"), ("cloudy", "wet-grass.now")}
    assert [node.kind for node in found.nodes] == ["binary", "category", "binary"]
    assert reading.told == (
        "the tables of probabilities were not kept: Whyboard learns them from data",
        "of the states only how many there are was taken (cloudy: no, yes): they come from the data",
    )


def test_a_network_of_javabayes_with_texts_comments_properties_and_places() -> None:
    reading = parse_graph(JAVABAYES, "dagitty", "h")
    found = reading.hypothesis
    assert found.graph.nodes == ("light on", "bowel", "dog", "age")
    assert set(found.graph.edges) == {("dog", "light on"), ("bowel", "dog"), ("age", "dog")}
    assert [node.kind for node in found.nodes] == ["binary", "binary", "category", "real"]
    assert [node.position for node in found.nodes] == [(218.0, -195.5), (10.0, 2.0), None, None]
    told = "\n".join(reading.told)
    assert "read as a Bayesian network in BIF" in told
    assert "property was not kept (light on: author = me, the network: credal-set" in told


def test_tables_may_stand_before_variables_and_names_hold_a_slash() -> None:
    text = (
        "network unknown {}variable raf {  type discrete[2] { 0 1 }  }probability ( raf | p44/42 PKC ) {\n"
        "  default 0.5 0.5 ;\n ( 0 1 ) 0.8 0.2 ;\n}variable p44/42 { type discrete[2] { 0 1 } }\n"
        "probability ( p44/42 ) {  table 0.9 0.1 ; }variable PKC { type discrete[3] { 0 1 2 } }"
    )
    found = read_bif(text)
    assert set(found.graph.edges) == {("p44/42", "raf"), ("PKC", "raf")}
    assert [node.kind for node in found.nodes] == ["binary", "binary", "category"]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "", "empty"),
        ("network a {", "line 1, column 12", "ends within a block"),
        ("network a { }\nvariable x { type discrete [ 2 ] { a, b };", "line 2, column 43", "ends within a block"),
        ("variable x { }\n  variable x { }", "line 2, column 3", "stands twice"),
        ("variable x { }\nprobability ( x | y ) { }", "line 2, column 1", "'y' is not among the variables"),
        ("variable x { } probability ( ) { }", "line 1, column 16", "not among"),
        ("variable x { } probability ( x ) { table 1", "line 1, column 16", "never closed"),
        ("variable x { } probability ( x ) { } probability ( x ) { }", "line 1, column 38", "stands twice"),
        ("variable x { colour red; }", "line 1, column 14", "not read in this block"),
        ("factor x { }", "line 1, column 1", "no block of a network"),
        ('variable "x', "line 1, column 10", "never closed"),
        ("variable x { /* }", "line 1, column 14", "never closed"),
        ("variable x { property y }", "line 1, column 14", "a property is never closed"),
        ("variable x { type discrete [ 2 } }", "line 1, column 32", "should be"),
        ("variable x { }\nvariable y { }\nprobability ( x | y ) { }\nprobability ( y | x ) { }", "line 4, column 1",
         "cycle"),
    ],
)  # fmt: skip
def test_refusals_name_line_and_column(text: str, place: str, words: str) -> None:
    with pytest.raises((FormatError, CycleError), match=words) as caught:
        read_bif(text)
    assert caught.value.place == place
    assert caught.value.hint


HYPOTHESIS = Hypothesis(
    "Odd; // it's \"so\" {",
    (Node("net income", kind="binary", position=(1.5, -2.0)), Node("größe", kind="category"), Node("L", latent=True),
     Node("table")),
    (Edge("net income", "größe", form="table", by="table", reason="a variable; its probability /* } */ 'so'"),
     Edge("L", "größe")),
    (("net income", "table"),),
    outcome="größe",
)  # fmt: skip


def test_what_is_written_has_placeholders_and_says_so() -> None:
    text = write_bif(HYPOTHESIS)
    assert called_in_bif(HYPOTHESIS) == {"net income": "net_income", "größe": "groesse", "L": "L", "table": "table_2"}
    assert text.startswith("// States and tables are placeholders")
    assert '  property "position = (1.5, -2.0)" ;' in text
    assert "probability ( groesse | net_income, L ) {\n  (no, no) 0.3333333333, 0.3333333333, 0.3333333333;" in text
    own = text.splitlines()[2]
    assert not any(word in own.partition("{")[2] for word in ("variable", "probability", "//", "/*"))
    assert own.count(";") == 1
    assert own.count('"') == 2
    assert parse_graph(text, "bif").hypothesis == HYPOTHESIS
    wide = Hypothesis("w", tuple(Node(f"n{i}") for i in range(14)), tuple(Edge(f"n{i}", "n13") for i in range(13)))
    assert write_bif(wide).count("\n") < 200
    assert parse_graph(write_bif(wide), "bif").hypothesis == wide


def test_a_network_that_was_changed_since_counts() -> None:
    text = write_bif(HYPOTHESIS).replace("| net_income, L )", "| net_income, table_2 )")
    wider = text.replace(
        "variable table_2 {\n  type discrete [ 2 ] { no,", "variable table_2 {\n  type discrete [ 3 ] { no, so,"
    )
    reading = parse_graph(wider, "bif")
    found = reading.hypothesis
    assert set(found.graph.edges) == {("net income", "größe"), ("table", "größe")}
    assert found.edge("net income", "größe") == HYPOTHESIS.edges[0]
    assert found.node("table").kind == "category"
    assert (found.bidirected, found.graph.latents, found.outcome) == (HYPOTHESIS.bidirected, {"L"}, "größe")
    assert "changed since Whyboard wrote it" in reading.told[0]
    broken = parse_graph(
        "network n { property \"whyboard: {'a'\" ; } variable x { type discrete [2] { a, b }; }", "bif"
    )
    assert broken.hypothesis.graph.nodes == ("x",)
    assert "could not be read" in broken.told[-1]
