import json

import pytest

from core.errors import CycleError, FormatError, GraphError, WhyboardError
from core.formats import FORMATS, format_hypothesis, format_of, parse_hypothesis, read_hypothesis
from core.hypothesis import Hypothesis


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    "ending", [".dagitty", ".txt", ".DAGITTY", ".dot", ".gv", ".graphml", ".gml", ".lavaan", ".bif", ".json"]
)
def test_the_ending_chooses_the_format_and_the_stem_the_name(write, ending):
    hypothesis = Hypothesis.from_dagitty("dag { ads -> sales }", name="Ads first")
    path = write(f"rival{ending}", format_hypothesis(hypothesis, format_of(f"x{ending}")))
    found = read_hypothesis(path)
    assert found.graph == hypothesis.graph
    assert found.name == ("rival" if ending.lower() in (".dagitty", ".txt") else "Ads first")
    assert read_hypothesis(str(path), "B").name == "B"
    assert Hypothesis.read(path, "B").name == "B"


def test_json_without_a_name_takes_the_stem(write):
    record = {"format": "whyboard-hypothesis/1", "nodes": [{"name": "a"}]}
    assert read_hypothesis(write("rival.json", json.dumps(record))).name == "rival"
    assert read_hypothesis(write("rival.json", json.dumps({**record, "name": "hypothesis"}))).name == "hypothesis"


def test_a_byte_mark_is_read_cleanly(write):
    assert read_hypothesis(write("a.dagitty", b"\xef\xbb\xbfdag { a -> b }")).graph.edges == (("a", "b"),)
    text = '{"format": "whyboard-hypothesis/1", "nodes": [{"name": "a"}]}'
    assert read_hypothesis(write("a.json", b"\xef\xbb\xbf" + text.encode())).graph.nodes == ("a",)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.dagitty", "", "empty"),
        ("a.json", " \n", "empty"),
        ("a.dagitty", "dag { }", "no nodes"),
        ("a.json", '{"format": "whyboard-hypothesis/1", "nodes": []}', "no nodes"),
        ("a.dot", "digraph { }", "no nodes"),
        ("a.graphml", "<graphml><graph/></graphml>", "no nodes"),
        ("a.dagitty", "dag { größe -> b }".encode("latin-1"), "UTF-8"),
        ("a.dagitty", "dag { a -> b }".encode("utf-16"), "UTF-8"),
        ("a.dagitty", b"x" * 5_000_001, "5 MB"),
        ("a.lavaan", "y ~ x\nx ~ y", "line 2, column 5: the arrows form a cycle"),
        ("a.bif", "network {}", "no nodes"),
        ("a.csv", "a,b", "cannot read .csv files"),
        ("a", "dag { a -> b }", "no ending"),
        ("a.dagitty", "dag { a -> b b -> a }", "cycle"),
        ("a.dagitty", "dag {\n a -- b }", "what causes what"),
        ("a.dagitty", "dag { a -> a }", "itself"),
    ],
)
def test_every_refusal_names_the_file_first(write, name, content, words):
    path = write(name, content)
    with pytest.raises(WhyboardError, match=words) as caught:
        read_hypothesis(path)
    assert caught.value.place.startswith(str(path))
    assert caught.value.hint
    assert len(caught.value.lines().splitlines()) == 2


def test_kinds_of_error(write):
    with pytest.raises(CycleError) as cycle:
        read_hypothesis(write("a.dagitty", "dag {\n a -> b\n b -> a }"))
    assert cycle.value.path in (("a", "b", "a"), ("b", "a", "b"))
    assert cycle.value.place.endswith("a.dagitty, line 3")
    with pytest.raises(GraphError):
        read_hypothesis(write("a.dagitty", "dag { a -> a }"))
    with pytest.raises(FormatError) as honest:
        read_hypothesis(write("a.xmlbif", "y ~ x"))
    for ending in (".dagitty", ".txt", ".dot", ".gv", ".graphml", ".json"):
        assert ending in honest.value.hint


def test_paths_that_are_no_files(tmp_path):
    for path, words in (
        (tmp_path / "none.dagitty", "no such file"),
        (tmp_path / "x\0.dagitty", "no such file|cannot be read"),
        (tmp_path / ("x" * 5_000 + ".dagitty"), "no such file|cannot be read"),
    ):
        with pytest.raises(FormatError, match=words) as caught:
            read_hypothesis(path)
        assert caught.value.hint
    folder = tmp_path / "folder.json"
    folder.mkdir()
    with pytest.raises(FormatError, match="folder"):
        read_hypothesis(folder)


@pytest.mark.parametrize("key", ["xmlbif", "svg", ""])
def test_formats_that_are_not_there_are_refused_with_those_that_are(key):
    hypothesis = Hypothesis.from_dagitty("dag { a -> b }")
    for call in (lambda: format_hypothesis(hypothesis, key), lambda: parse_hypothesis("dag { }", key)):
        with pytest.raises(FormatError) as caught:
            call()
        assert all(found.key in caught.value.hint for found in FORMATS.values() if found.write is not None)


def test_what_is_only_read_is_not_written():
    with pytest.raises(FormatError, match="does not write") as caught:
        format_hypothesis(Hypothesis.from_dagitty("dag { a -> b }"), "bnlearn")
    assert "dagitty" in caught.value.hint
    assert "bnlearn" not in caught.value.hint


def test_the_editor_may_hold_an_empty_graph():
    for key, text in (("dagitty", "dag { }"), ("dot", "digraph {}"), ("graphml", "<graphml><graph/></graphml>")):
        assert parse_hypothesis(text, key).nodes == ()
        assert parse_hypothesis(text, key).name == "hypothesis"
