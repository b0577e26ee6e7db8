import pytest

from core.errors import CycleError, FormatError, WhyboardError
from core.formats import format_of_text, parse_graph
from core.formats.bnlearn import read_bnlearn

# The network of Lauritzen and Spiegelhalter (1988), in the form that bnlearn's modelstring() has.
ASIA = "[Asia][Smoke][Tub|Asia][Lung|Smoke][Bronc|Smoke][Either|Tub:Lung][Xray|Either][Dysp|Bronc:Either]"


def test_a_model_string() -> None:
    hypothesis = read_bnlearn(ASIA, "Asia")
    assert hypothesis.graph.nodes == ("Asia", "Smoke", "Tub", "Lung", "Bronc", "Either", "Xray", "Dysp")
    assert set(hypothesis.graph.edges) == {
        ("Asia", "Tub"), ("Smoke", "Lung"), ("Smoke", "Bronc"), ("Tub", "Either"), ("Lung", "Either"),
        ("Either", "Xray"), ("Bronc", "Dysp"), ("Either", "Dysp"),
    }  # fmt: skip


def test_it_is_known_by_what_it_holds() -> None:
    spaced = "\n [ ad spend ]\n\t[sales | ad spend:price]\n[price]\n"
    assert format_of_text(spaced) == "bnlearn"
    reading = parse_graph(spaced, "dagitty", "h")
    assert set(reading.hypothesis.graph.edges) == {("ad spend", "sales"), ("price", "sales")}
    assert reading.remarks[0] == "read as a model string of bnlearn, which is what it holds"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", "", "empty"),
        ("[a][b|a", "line 1", "model string"),
        ("[a]\n[b|a]\n\n c", "line 4", "model string"),
        ("[a]\n[b|z]", "line 2", "'z'"),
        ("[a]\n[b]\n[a|b]", "line 3", "twice"),
        ("[a]\n[]", "line 2", "no name"),
        ("[a]\n[b|]", "line 2", "no name"),
        ("[a]\n[b|a:]", "line 2", "no name"),
        ("[a]\n[b|b]", "line 2", "itself"),
        ("[a|b|c]", "line 1", "model string"),
        ("[a\0]", "line 1", "control character"),
    ],
)
def test_refusals(text: str, line: str, words: str) -> None:
    with pytest.raises(WhyboardError, match=words) as caught:
        read_bnlearn(text)
    assert caught.value.place == line
    assert caught.value.hint


def test_a_cycle_names_its_line() -> None:
    with pytest.raises(CycleError) as caught:
        read_bnlearn("[a|b]\n[b|a]")
    assert caught.value.place == "line 2"


@pytest.mark.parametrize(
    "text",
    ["[" * 4_900_000, "[a" * 2_400_000, "[a|" + "b:" * 2_400_000, "[" + "x" * 4_900_000 + "]", " " * 4_900_000 + "x",
     "".join(f"[n{i}]" for i in range(400_000)), "[a]" + "\n" * 4_900_000 + "x"],
    ids=range(7),
)  # fmt: skip
def test_large_text_is_refused_within_seconds(text: str) -> None:
    with pytest.raises(FormatError):
        read_bnlearn(text)
