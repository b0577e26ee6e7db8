import pytest

from core.errors import CycleError, FormatError, GraphError, HypothesisError
from core.formats.dagitty import read_dagitty, write_dagitty
from core.hypothesis import Hypothesis, Node

# As dagitty.net shows it for its first example (Shrier & Platt 2008), shortened.
WEB = """dag {
bb="-5.47,-3.64,7.46,4.94"
"Warm-up exercises" [exposure,pos="-1.2,0.3"]
"connective tissue disorder" [pos="-2.6,-1.1"]
genetics [latent,pos="0.9,-2.8"]
injury [outcome,pos="2,0.3"]
coach [adjusted,pos="-2.6,-2.8"]
"Warm-up exercises" -> injury
coach -> "Warm-up exercises" [pos="-1.9,-1.2"]
genetics -> { "connective tissue disorder" injury }
}
"""


def edges(text):
    return read_dagitty(text).graph.edges


def test_what_dagitty_net_writes():
    hypothesis = read_dagitty(WEB, "Shrier")
    assert hypothesis.name == "Shrier"
    assert hypothesis.exposure == "Warm-up exercises"
    assert hypothesis.outcome == "injury"
    assert hypothesis.graph.latents == {"genetics"}
    assert hypothesis.node("genetics").position == (0.9, -2.8)
    assert {(edge.source, edge.target) for edge in hypothesis.edges} == {
        ("Warm-up exercises", "injury"),
        ("coach", "Warm-up exercises"),
        ("genetics", "connective tissue disorder"),
        ("genetics", "injury"),
    }


@pytest.mark.parametrize(
    ("text", "arrows"),
    [
        ("dag { a -> b }", {("a", "b")}),
        ("dag{a->b}", {("a", "b")}),
        ("DAG { a <- b }", {("b", "a")}),
        ("dag { a -> b -> c }", {("a", "b"), ("b", "c")}),
        ("dag { a -> b <- c }", {("a", "b"), ("c", "b")}),
        ("dag { A -> {B C} ; A <- D ; B <-> C }", {("A", "B"), ("A", "C"), ("D", "A")}),
        ("dag { {X V} -> U -> {Y; W} }", {("X", "U"), ("V", "U"), ("U", "Y"), ("U", "W")}),
        ("dag { a -> { b -> c } }", {("a", "b"), ("a", "c"), ("b", "c")}),
        ("dag { a b c a->b }", {("a", "b")}),
        ('dag "my graph" { a -> b }', {("a", "b")}),
        ("digraph G { a -> b; }", {("a", "b")}),
        ("graph { a -> b }", {("a", "b")}),
        ("strict digraph { a -> b }", {("a", "b")}),
        ("{ a -> b }", {("a", "b")}),
        ("# one\n// two\n/* three\nlines */ dag { a -> b # four\n }", {("a", "b")}),
        ("\ufeffdag { a -> b }", {("a", "b")}),
        ("dag {\r\n a -> b\r\n}\r\n", {("a", "b")}),
        ("dag { a -> b [beta=-.3, label=\"x y\"] c [foo; bar=1e-5] }", {("a", "b")}),
        ("dag { a -> b a -> b }", {("a", "b")}),
        ("dag { 1 -> x.2 }", {("1", "x.2")}),
        ("dag { größe -> 🦊 }", {("größe", "🦊")}),
        ('dag { "a" + "b" -> c }', {("ab", "c")}),
        ("dag { subgraph s { a b } -> c }", {("a", "c"), ("b", "c")}),
    ],
)  # fmt: skip
def test_the_language(text, arrows):
    assert set(edges(text)) == arrows


def test_arcs():
    assert read_dagitty("dag { a <-> b ; b <-> a ; {c d} <-> e }").graph.bidirected == (
        ("a", "b"),
        ("c", "e"),
        ("d", "e"),
    )


@pytest.mark.parametrize("mark", ["latent", "unobserved", "u", "l", "latent=1", "latent=true"])
def test_words_for_latent(mark):
    assert read_dagitty(f"dag {{ a [{mark}] }}").graph.latents == {"a"}
    assert read_dagitty("dag { a [latent=0] }").graph.latents == frozenset()


@pytest.mark.parametrize("mark", ["background", "background=1", 'background="true"', "BACKGROUND", "foo,background"])
def test_words_for_background(mark):
    text = f'dag {{ sex [background,pos="1,2"] ; age [{mark}] ; {{age sex}} -> y [beta=1] ; age -> sex }}'
    hypothesis = read_dagitty(text)
    assert hypothesis.background == ("sex", "age")
    assert 'sex [background,pos="1,2"]\nage [background]\n' in write_dagitty(hypothesis)
    assert read_dagitty("dag { age [background=0] }").background == ()


@pytest.mark.parametrize(
    ("inside", "place", "words"),
    [
        ("a [background]\n b -> a", "line 3, arrow b -> a", "comes into it from 'b'"),
        ("b -> {a c}\n a [background] b [background=0]", "line 2, arrow b -> a", "comes into it from 'b'"),
        ("a [background]\n b <-> a", "line 3, arc a <-> b", "an arc joins"),
        ("b <-> a\n a [background]", "line 2, arc b <-> a", "an arc joins"),
        ("b\n a [background,exposure]", "line 3, node a", "exposure and as background"),
        ("a [o]\n b [o]\n a [background]", "line 4, node a", "outcome and as background"),
        ("a [latent]\n a [background]", "line 3, node a", "unmeasured"),
    ],
)
def test_a_background_that_cannot_be_one_is_refused_with_its_line(inside, place, words):
    with pytest.raises(HypothesisError, match=words) as caught:
        read_dagitty(f"dag {{\n {inside}\n}}")
    assert caught.value.place == place
    assert caught.value.hint


def test_an_empty_graph_is_a_graph_that_one_has_begun():
    assert read_dagitty("dag { }").nodes == ()
    assert read_dagitty("dag { bb=\"0,0,1,1\" }").nodes == ()  # fmt: skip


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("ads", "ads"),
        ("net income", '"net income"'),
        ("=1+1", '"=1+1"'),
        ('5" pipe', '"5\\" pipe"'),
        ("C:\\dir", '"C:\\dir"'),
        ("dag", '"dag"'),
        ("🦊", '"🦊"'),
        ("end\\", '"end\\\\"'),
    ],
)
def test_names_are_quoted_as_dagitty_quotes_them(name, written):
    text = write_dagitty(Hypothesis("h", (Node(name),)))
    assert text == f"dag {{\n{written}\n}}\n"
    assert read_dagitty(text).nodes[0].name == name


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", "", "empty"),
        ("  \n ", "", "empty"),
        ("hello", "line 1", "begin with a graph"),
        ("hello\nworld\n\nhello all", "line 4", "begin with a graph"),
        ("dag {\n a -- b\n}", "line 2", "what causes what"),
        ("dag {\n a @-> b\n}", "line 2", "what causes what"),
        ("pdag { a -> b }", "line 1", "whole class"),
        ("mag { a -> b }", "line 1", "whole class"),
        ("\n\npag { a -> b }", "line 3", "whole class"),
        ("flowchart { a -> b }", "line 1", "'flowchart'"),
        ("dag {\n a -> \n}", "line 3", "a name"),
        ("dag {\n a -> b", "line 2", "ends"),
        ('dag {\n "a -> b\n}', "line 2", "quote"),
        ("dag { a } }", "line 1", "the end"),
        ("dag { a }\ndag { b }", "line 2", "the end"),
        ("dag {\n a-b -> c }", "line 2", "'-'"),
        ("dag {\n net income [latent }", "line 2", "a value"),
        ('dag { a [pos="left"] }', "line 1", "two numbers"),
        ('dag { a [pos="1e999,0"] }', "line 1", "finite"),
        ('dag { "" -> b }', "line 1", "no name"),
        ("dag { /* a -> b }", "line 1", "comment"),
        ("dag " + "{ " * 100 + "}" * 100, "line 1", "nested"),
    ],
)
def test_refusals_name_the_line_and_say_what_to_do(text, line, words):
    with pytest.raises(FormatError, match=words) as caught:
        read_dagitty(text)
    assert caught.value.place == line
    assert caught.value.hint


def test_cycles_and_loops_name_the_line_that_closes_them():
    with pytest.raises(CycleError) as caught:
        read_dagitty("dag {\n a -> b\n b -> c\n c -> a\n}")
    assert caught.value.path[0] == caught.value.path[-1]
    assert set(caught.value.path) == {"a", "b", "c"}
    assert caught.value.place == "line 4"
    with pytest.raises(GraphError, match="itself") as loop:
        read_dagitty("dag {\n a -> a }")
    assert loop.value.place == "line 2"


@pytest.mark.parametrize(
    "text",
    [
        "dag { " + "a;" * 600_000 + "}",
        "dag { " + " ".join(f"n{i}" for i in range(2_000)) + "}",
        "dag { {" + " ".join(f"a{i}" for i in range(400)) + "} -> {" + " ".join(f"b{i}" for i in range(400)) + "} }",
        "dag { " + "x" * 4_900_000 + "}",
        "dag { " + "1" * 4_900_000 + "x }",
        'dag { "' + "\\" * 4_900_000 + 'x" }',
        "x" * 4_900_000,
        'dag { a [pos="' + "1" * 4_900_000 + '"] }',
        "dag { " + "<" * 4_900_000,
        "dag { a=" + "<" * 4_900_000,
        " " * 4_900_000 + "x",
        "x" * 6_000_000,
    ],
    ids=range(12),
)
def test_large_text_is_refused_within_seconds(text):
    with pytest.raises(FormatError):
        read_dagitty(text)
