"""lavaan's model syntax, as its users write it."""

import re

import pytest

from core.errors import CycleError, FormatError, GraphError
from core.formats import format_hypothesis, format_of_text, parse_graph, read_content
from core.formats.lavaan import called_in_lavaan, read_lavaan, write_lavaan
from core.hypothesis import Edge, Hypothesis, Node


def said(text: str) -> str:
    return "\n".join(parse_graph(text, "lavaan", "h").told)


def test_a_model_in_r_code_with_measurement_regressions_and_covariances() -> None:
    reading = read_content(
        b"""# a growth of trust
        model <- '
          # unmeasured
            trust =~ t1 + t2 +
                     t3     ! the third is short
            wealth =~ NA*w.1 + lambda*w_2
          # regressions
            votes ~ trust
                    + b*wealth; trust ~ wealth
            t1 ~~ t2
            wealth ~~ 1*wealth
            votes ~ 1
            indirect := a*b
        '
        fit <- sem(model, data = d)""",
        "model.R",
    )
    graph = reading.hypothesis.graph
    assert graph.nodes == ("trust", "t1", "t2", "t3", "wealth", "w.1", "w_2", "votes")
    assert set(graph.edges) == {
        ("trust", "t1"), ("trust", "t2"), ("trust", "t3"), ("wealth", "w.1"), ("wealth", "w_2"), ("trust", "votes"),
        ("wealth", "votes"), ("wealth", "trust"),
    }  # fmt: skip
    assert (graph.bidirected, graph.latents) == ((("t1", "t2"),), {"trust", "wealth"})
    told = "\n".join(reading.told)
    for words in (
        "read as lavaan's model syntax",
        "taken from its quotes",
        "label was not kept (wealth =~ w_2: lambda, wealth -> votes: b)",
        "variance was not kept (wealth)",
        "intercept was not kept (votes): every node has one",
        "constraint was not kept (indirect := a * b)",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("text", "edges", "words"),
    [
        ("y ~ 0*x + z", {("z", "y")}, "an arrow fixed to 0 was not kept (x -> y)"),
        ("y ~ c(0, 0)*x + z", {("z", "y")}, "fixed to 0"),
        ("y ~ c(0, NA)*x", {("x", "y")}, "fixed value was not kept (x -> y: c(0,NA))"),
        ("y ~ 0.5*x", {("x", "y")}, "fixed value was not kept (x -> y: 0.5)"),
        ("y ~ 0?x", {("x", "y")}, "start value was not kept (x -> y: 0)"),
        ("y ~ start(0.5)*x", {("x", "y")}, "start value was not kept"),
        ('y ~ equal("f=~x")*x', {("x", "y")}, "label was not kept"),
        ('y ~ c("a", "b")*x', {("x", "y")}, "label was not kept (x -> y: c(a,b))"),
        ("y ~ a*start(1)*x\na > 0; a == 2*a", {("x", "y")}, "constraint was not kept (a > 0, a == 2 * a)"),
        ("y1 + y2 ~ x", {("x", "y1"), ("x", "y2")}, ""),
        ("y ~\n\n  # why\n x\n\n + z", {("x", "y"), ("z", "y")}, "vary together (x, z)"),
        ("y ~ x ; z ~ y", {("x", "y"), ("y", "z")}, ""),
        ("f = ~ a + b\na ~ ~ b", {("f", "a"), ("f", "b")}, ""),
        ("f =~ 0\nf ~ x", {("x", "f")}, ""),
        ("f <~ x1 + x2", {("x1", "f"), ("x2", "f")}, ""),
        ("group: 1\ny ~ x\ngroup: 2\ny ~ x", {("x", "y")}, "are read as one graph"),
        ("u | t1 + t2\nu ~ x\nu ~*~ u", {("x", "u")}, "threshold or scale was not kept"),
        ("net income ~ größe", {("größe", "net income")}, ""),
        ("y ~ x + m + x:m:z", {("x", "y"), ("m", "y")}, "a product of more than two was not kept"),
        ("y ~ x\na ~~ x:y", {("x", "y")}, "a covariance with a product was not kept"),
        ("a ~~ 0*b\ny ~ a", {("a", "y")}, "a covariance fixed to 0 was not kept (a ~~ b)"),
        ("i =~ 1*t1 + 1*t2\ns =~ 0*t1 + 1*t2", {("i", "t1"), ("i", "t2"), ("s", "t2")}, "an arrow fixed to 0"),
    ],
)
def test_what_becomes_of_each_statement(text: str, edges: set[tuple[str, str]], words: str) -> None:
    assert set(read_lavaan(text).graph.edges) == edges
    assert words in said(text)
    assert text == "y ~ x ; z ~ y" or not words or said(text)


def test_products_say_by_what_an_effect_differs() -> None:
    both = parse_graph("y ~ x + m + x:m", "lavaan")
    assert both.hypothesis.edge("x", "y").by == "m"
    assert both.hypothesis.edge("m", "y").by is None
    assert "differs" not in "\n".join(both.told)
    other = parse_graph("y ~ m + x:m", "lavaan")
    assert other.hypothesis.edge("m", "y").by == "x"
    assert "the effect m -> y differs by x, which has no arrow of its own" in "\n".join(other.told)
    alone = parse_graph("y ~ x:m", "lavaan")
    assert alone.hypothesis.edges == (Edge("x", "y", by="m"),)
    assert "was read as an arrow x -> y" in "\n".join(alone.told)
    thrice = parse_graph("y ~ x + m + z + x:m + m:z + x:z", "lavaan")
    assert {e.source: e.by for e in thrice.hypothesis.edges} == {"x": "m", "m": "z", "z": "x"}
    many = parse_graph("y ~ x + m + x:m + x:m + x:m", "lavaan")
    assert "a product was not kept" in "\n".join(many.told)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "", "empty"),
        ("y", "line 1, column 1", "without an operator"),
        ("a ~ b\n\ny ~ ", "line 3, column 1", "nothing stands on the right"),
        ("a ~ b\n ~ y", "line 2, column 2", "not the name of a variable"),
        ("y ~ x & z", "line 1, column 7", "unexpected '&'"),
        ('y ~ "x', "line 1, column 5", "a quote is never closed"),
        ("y ~ x\n x*y ~ z", "line 2, column 3", "not the name"),
        ("x:m ~ y", "line 1, column 1", "is a product"),
        ("a: b", "line 1, column 1", "no statement"),
        ("y ~~ 1", "line 1, column 6", "not the name"),
        ("y ~ x\nx ~ z; z ~ y", "line 2, column 12", "cycle"),
        ("y ~ y", "line 1, column 5", "itself"),
        ("y ~ x:", "line 1, column 1", "not the name"),
        ("y ~ ?x", "", ""),
        ("y ~ *", "line 1, column 1", "not the name"),
    ],
)
def test_refusals_name_line_and_column(text: str, place: str, words: str) -> None:
    if not words and not place:
        assert read_lavaan(text).graph.edges == (("x", "y"),)
        return
    with pytest.raises((FormatError, GraphError, CycleError), match=words) as caught:
        read_lavaan(text)
    assert caught.value.place == place
    assert caught.value.hint


ODD = Hypothesis(
    "Odd",
    (Node("net income"), Node("größe", position=(1, 2)), Node("TRUE"), Node("L", latent=True), Node("P", latent=True),
     Node("alone"), Node("net_income", family="Gamma"), Node("\u4e2d")),
    (Edge("net income", "größe", form="smooth", by="TRUE"), Edge("L", "größe"), Edge("TRUE", "größe")),
    (("net income", "alone"),),
    exposure="net income",
)  # fmt: skip


def test_names_that_lavaan_cannot_hold_are_written_as_plain_words() -> None:
    assert called_in_lavaan(ODD) == {
        "net income": "net_income_2", "größe": "groesse", "TRUE": "TRUE_2", "L": "L", "P": "P", "alone": "alone",
        "net_income": "net_income", "\u4e2d": "v",
    }  # fmt: skip
    lines = write_lavaan(ODD).splitlines()
    assert lines[1:] == [
        "L =~ groesse",
        "P =~ 0",
        "groesse ~ net_income_2 + net_income_2:TRUE_2 + TRUE_2",
        "net_income_2 ~~ alone",
        "net_income ~~ net_income",
        "v ~~ v",
    ]
    assert re.match(r"# whyboard: \{.*\}\Z", lines[0])


def test_a_text_that_was_changed_since_counts_and_what_still_fits_is_kept() -> None:
    text = write_lavaan(ODD)
    changed = text.replace("+ TRUE_2", "+ new").replace("net_income_2 ~~ alone", "new ~~ alone").replace("v ~~ v\n", "")
    reading = parse_graph(changed, "lavaan")
    found = reading.hypothesis
    assert found.graph.nodes == ("net income", "größe", "TRUE", "L", "P", "alone", "net_income", "new")
    assert set(found.graph.edges) == {("net income", "größe"), ("L", "größe"), ("new", "größe")}
    assert found.edge("net income", "größe") == ODD.edge("net income", "größe")
    assert found.bidirected == (("new", "alone"),)
    assert (found.exposure, found.node("größe").position, found.name) == ("net income", (1.0, 2.0), "Odd")
    assert "changed since Whyboard wrote it" in reading.told[0]
    for broken in ("{", '{"format": 1}', "{}", '{"called": 3}', "{" * 100_000, '{"a": ' + "9" * 9_000 + "}"):
        found = parse_graph(f"# whyboard: {broken}\ny ~ x", "lavaan")
        assert found.hypothesis.graph.edges == (("x", "y"),)
        assert "could not be read" in found.told[-1]


def test_a_model_is_known_by_what_it_says() -> None:
    for text in ("y ~ x", "# c\n\nf =~ a + b", 'm = "\n y ~ x"', "'y ~ x'", "a1 + a2 ~ x", "x ~~ y", write_lavaan(ODD)):
        assert parse_graph(text, "dagitty").told[0].startswith("read as lavaan")
    for text in ("dag { y ~ x }", "a -> b", "x E @0,1\n\nx y"):
        assert format_of_text(text, "dagitty") == "dagitty"
    assert format_hypothesis(Hypothesis("empty"), "lavaan").count("\n") == 1
