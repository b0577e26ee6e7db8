"""Words of ours among the attributes of other formats: taken where they say something, else said not to be kept."""

import pytest

from core.formats import format_hypothesis, parse_graph
from core.hypothesis import Edge, Hypothesis, Node, Prior


def reading(text: str, key: str = "dagitty"):
    return parse_graph(text, key, "h")


def test_words_may_be_written_by_hand() -> None:
    found = reading(
        'dag { a [kind=count,unit="k€"] a -> b -> c [form=Smooth,sign="+",lag=2,reason="so it is"] m -> b }'
    )
    assert found.told == ()
    assert found.hypothesis.edge("a", "b") == Edge("a", "b", "smooth", "+", lag=2, reason="so it is")
    assert found.hypothesis.edge("b", "c").form == "smooth"
    assert (found.hypothesis.node("a").kind, found.hypothesis.node("a").unit) == ("count", "k€")
    by = reading('digraph { edge [by=m]; x -> y; edge [by=""]; m -> y; }', "dot")
    assert by.hypothesis.edge("x", "y").by == "m"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dag { a -> b [form=wavy] }", "form was not kept (a -> b: wavy)"),
        ("dag { a -> b [sign=up,lag=-1] }", "sign was not kept (a -> b: up)"),
        ("dag { a -> b [carry=31] }", "carry was not kept (a -> b: 31)"),
        ("dag { a -> b [lag=99999999999] }", "lag was not kept (a -> b: 99999999999)"),
        ("dag { a -> b [by=a] }", "by was not kept (a -> b: a)"),
        ("dag { a -> b [by=nobody] }", "by was not kept (a -> b: nobody)"),
        ("dag { a [kind=category] a -> b [scale=log] }", "scale was not kept (a -> b: log)"),
        ("dag { a <-> b [form=smooth] }", "form was not kept (a <-> b: smooth)"),
        ('dag { a -> b [prior="[[[["] }', "prior was not kept (a -> b: [[[[)"),
        ('dag { a -> b [prior="{}"] }', "prior was not kept (a -> b: {})"),
        ("dag { a [priors=3,family=Gauss] }", "priors was not kept (a: 3)"),
        ('dag { a -> b [reason="\\"\\ud800\\""] }', "reason was not kept"),
        ('graph [whyboard="whyboard-hypothesis/1",absences="[[1]]"] a -> b', "absences was not kept"),
        (
            'graph [whyboard="whyboard-hypothesis/1",absences="[[\\"a\\",\\"b\\",\\"\\",\\"\\"]]"] a -> b',
            "absences was not",
        ),
    ],
)
def test_what_says_nothing_to_us_is_not_kept_and_that_is_said(text: str, said: str) -> None:
    found = reading(text)
    assert said in "\n".join(found.told)
    assert found.hypothesis.edges in ((), (Edge("a", "b"),))


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000, "9" * 10_000, '{"distribution": "N", "mu": 1e999}'])
def test_an_attribute_that_means_no_good_is_passed_over(deep: str) -> None:
    escaped = deep.replace('"', '\\"')
    found = reading(f'dag {{ a [priors="{escaped}"] a -> b [prior="{escaped}"] }}')
    assert found.hypothesis.edges == (Edge("a", "b"),)


def test_groups_of_other_programs_are_not_ours() -> None:
    for text in ("digraph { a [group=g1]; a -> b }", "digraph { graph [name=x, note=y]; a [group=g1]; a -> b }"):
        found = parse_graph(text, "dot")
        assert found.hypothesis.node("a").group is None
        assert (found.hypothesis.name, found.hypothesis.note) == ("hypothesis", "")


def test_dagitty_reads_what_is_written_for_it() -> None:
    """DAGitty's grammar knows no comments and no control characters, and a backslash before a quote as an escape."""
    prior = Prior("Normal", (("mu", 0.0),))
    hypothesis = Hypothesis(
        "h",
        (Node("a", group="g", priors=(('a "b" \\ c', prior),), description="two\nlines"), Node("b")),
        (Edge("a", "b", prior=prior, reason='he said "so" /* and // more */ # yes; {}'),),
        note="\x00",
    )
    text = format_hypothesis(hypothesis, "dagitty")
    assert parse_graph(text, "dagitty", "h").hypothesis == hypothesis
    assert all(letter >= " " for letter in text.replace("\n", ""))
    assert format_hypothesis(Hypothesis("h", (Node("a", kind="count"),)), "dagitty") == "dag {\na [kind=count]\n}\n"
