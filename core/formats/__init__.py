"""Text to hypothesis and back: DAGitty, DOT, GraphML and the native JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from core.errors import FormatError, WhyboardError
from core.formats.dagitty import read_dagitty, write_dagitty
from core.formats.dot import read_dot, write_dot
from core.formats.graphml import read_graphml, write_graphml
from core.formats.limits import MAX_BYTES
from core.formats.native import hypothesis_from_record, read_native, write_native
from core.hypothesis import Hypothesis

__all__ = [
    "FORMATS",
    "Format",
    "format_hypothesis",
    "format_of",
    "hypothesis_from_record",
    "parse_hypothesis",
    "read_dagitty",
    "read_dot",
    "read_graphml",
    "read_hypothesis",
    "read_native",
    "what_is_lost",
    "write_dagitty",
    "write_dot",
    "write_graphml",
    "write_native",
]


@dataclass(frozen=True)
class Format:
    """A text format: its key (``--to``), its title, the endings of its files, how it is read and written."""

    key: str
    title: str
    endings: tuple[str, ...]
    read: Callable[..., Hypothesis]
    write: Callable[[Hypothesis], str]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        found.key: found
        for found in (
            Format("dagitty", "DAGitty", (".dagitty", ".txt"), read_dagitty, write_dagitty),
            Format("dot", "Graphviz DOT", (".dot", ".gv"), read_dot, write_dot),
            Format("graphml", "GraphML", (".graphml",), read_graphml, write_graphml),
            Format("json", "Whyboard's own JSON", (".json",), read_native, write_native),
        )
    }
)
"""The formats that can be read and written, by key."""

_NOT_YET = {"lavaan": (".lavaan",), "bif": (".bif",)}


def read_hypothesis(path: str | Path, name: str | None = None) -> Hypothesis:
    """Read a file in the format that its ending names.

    Parameters
    ----------
    path : str or Path
        ``.dagitty``, ``.txt``, ``.dot``, ``.gv``, ``.graphml`` or ``.json``; UTF-8, with or
        without a byte mark, at most 5 MB.
    name : str, optional
        The hypothesis's name; the one in the file if it has one (JSON), else the file's stem.

    Raises
    ------
    WhyboardError
        Whose place begins with the path: FormatError if the file cannot be read so, GraphError,
        CycleError or HypothesisError if what it says is inconsistent.
    """
    file = Path(path)
    try:
        kind = format_of(file)
        text = _file_text(file)
        if kind == "json":
            hypothesis = read_native(text, name, default=file.stem)
        else:
            hypothesis = parse_hypothesis(text, kind, file.stem if name is None else name)
        if not hypothesis.nodes:
            raise FormatError(
                "the graph has no nodes", hint="Write at least one node, for example dag { ads -> sales }"
            )
    except WhyboardError as error:
        raise error.at(str(path)) from None
    return hypothesis


def format_of(path: str | Path) -> str:
    """Return the key of the format that a file's ending names; :class:`FormatError` if it names none."""
    ending = Path(path).suffix.lower()
    for key, found in FORMATS.items():
        if ending in found.endings:
            return key
    what = f"Whyboard cannot read {ending} files" if ending else "the file's name has no ending"
    yet = " yet" if any(ending in endings for endings in _NOT_YET.values()) else ""
    endings = ", ".join(ending for found in FORMATS.values() for ending in found.endings)
    raise FormatError(f"{what}{yet}", hint=f"It reads {endings}; save the graph as one of these.")


def parse_hypothesis(text: str, format: str = "dagitty", name: str | None = None) -> Hypothesis:
    """Read text in a named format; a graph of no nodes is allowed here.

    Without ``name`` the hypothesis is called what the text calls it (JSON), else "hypothesis".

    Raises
    ------
    WhyboardError
        As each reader; places name the line, not a file.
    """
    return _known(format).read(text) if name is None else _known(format).read(text, name)


def format_hypothesis(hypothesis: Hypothesis, format: str = "dagitty") -> str:
    """Write a hypothesis as text in a named format."""
    return _known(format).write(hypothesis)


def what_is_lost(hypothesis: Hypothesis, format: str) -> tuple[str, ...]:
    """Return, in words, what a format has no place for; empty if nothing is lost."""
    if _known(format).key == "json":
        return ()
    nodes, edges = hypothesis.nodes, hypothesis.edges
    parts = (
        ("the note", bool(hypothesis.note)),
        ("kinds of nodes", any(node.kind for node in nodes)),
        ("families and links", any(node.family or node.link for node in nodes)),
        ("groups", any(node.group is not None for node in nodes)),
        ("priors", any(node.priors for node in nodes) or any(edge.prior for edge in edges)),
        ("forms and signs of arrows", any(edge.form != "linear" or edge.sign for edge in edges)),
    )
    return tuple(words for words, there in parts if there)


def _known(key: str) -> Format:
    if key in FORMATS:
        return FORMATS[key]
    message = f"Whyboard cannot read or write {key} yet" if key in _NOT_YET else f"there is no format {key!r}"
    raise FormatError(message, hint=f"Choose one of: {', '.join(FORMATS)}.")


def _file_text(file: Path) -> str:
    try:
        if not file.is_file():
            raise FormatError(
                "this is a folder, not a file" if file.is_dir() else "there is no such file",
                hint="Check the path of the hypothesis.",
            )
        if file.stat().st_size > MAX_BYTES:
            raise FormatError(
                f"the file is over {MAX_BYTES // 1_000_000} MB", hint="Keep the variables that the question needs."
            )
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not a file's name"
        raise FormatError(f"the file cannot be read: {reason}", hint="Check the path and its permissions.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FormatError("the file is not UTF-8 text", place=f"line {line}", hint="Save it as UTF-8.") from None
    if not text.strip():
        raise FormatError("the file is empty", hint="Write a graph into it, for example dag { ads -> sales }")
    return text
