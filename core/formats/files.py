"""Graph files: which format a file is in, and its text."""

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from core.errors import FormatError, WhyboardError
from core.formats.kinds import FORMATS, known_format
from core.formats.limits import MAX_BYTES
from core.formats.native import native_reading
from core.formats.reading import Reading

__all__ = ["format_of", "format_of_text", "parse_graph", "read_content", "read_graph"]

_LINE = r"(?:\s++|//[^\n]*+|\#[^\n]*+|/\*.*?\*/)*+"
_BY_CONTENT = {
    "graphml": re.compile(r"\s*+<"),
    "json": re.compile(r'\s*+\{\s*+"(?:format|name|note|nodes|edges)"\s*+:'),
    "bnlearn": re.compile(r"\s*+\["),
    "gml": re.compile(
        r'(?:\s++|\#[^\n]*+\n)*+(?:(?:Creator|Version|Comment)\s++(?:"[^"]*+"|\S++)\s++)*+graph\s*+\[\s*+'
        r'(?:(?!node\b|edge\b)\w++\s++(?:"[^"]*+"|[^\s\[\]"]++)\s++)*+(?:node|edge)\s*+\[|\s*+Creator\s++"',
        re.IGNORECASE,
    ),
    "bif": re.compile(_LINE + r'network\b\s*+(?:"[^"]*+"|[^\s{}";]++)?\s*+\{', re.IGNORECASE | re.DOTALL),
    "lavaan": re.compile(
        r"""\s*+\#\s*+whyboard:|(?:\s++|[\#!][^\n]*+\n)*+(?:[A-Za-z.][\w.]*+\s*+(?:<-|=(?!~))\s*+)?(?:['"](?:\s++|[\#!][^\n]*+\n)*+)?
        (?:[^\W\d]|\.)[\w.]*+(?:\s*+\+\s*+(?:[^\W\d]|\.)[\w.]*+)*+\s*+(?:=\s*+~|<~|~)""",
        re.VERBOSE,
    ),
    "dagitty": re.compile(_LINE + r"(?:dag|pdag|mag|pag)\b\s*+(?:\w+\s*+)?\{", re.IGNORECASE | re.DOTALL),
}
# Which readers give way to what a text plainly is: of a file that says dag { … } or [a][b|a], the
# ending says less than the text.
_OTHERS = {
    "dagitty": ("graphml", "json", "bnlearn", "gml", "bif", "lavaan"),
    "dot": ("graphml", "json", "bnlearn", "gml", "dagitty", "bif", "lavaan"),
    "gml": ("graphml", "json", "bnlearn", "dagitty", "bif", "lavaan"),
    "bnlearn": ("graphml", "json", "gml", "dagitty", "bif", "lavaan"),
    "graphml": ("json", "gml", "dagitty", "bif", "lavaan"),
    "lavaan": ("graphml", "json", "bnlearn", "gml", "dagitty", "bif"),
    "bif": ("graphml", "json", "bnlearn", "gml", "dagitty", "lavaan"),
    "json": ("graphml", "gml", "dagitty", "bif", "lavaan"),
}


def format_of(path: str | Path) -> str:
    """Return the key of the format that a file's ending names; :class:`FormatError` if it names none."""
    ending = Path(path).suffix.lower()
    for key, found in FORMATS.items():
        if ending in found.endings:
            return key
    what = f"Whyboard cannot read {ending} files" if ending else "the file's name has no ending"
    endings = ", ".join(ending for found in FORMATS.values() for ending in found.endings)
    raise FormatError(what, hint=f"It reads {endings}; save the graph as one of these.")


def format_of_text(text: str, supposed: str = "dagitty") -> str:
    """Return the key of the format that a text is in: ``supposed``, unless it plainly is in another."""
    start = text[:20_000]
    return next((key for key in _OTHERS[known_format(supposed).key] if _BY_CONTENT[key].match(start)), supposed)


def parse_graph(
    text: str, format: str = "dagitty", name: str | None = None, *, columns: Collection[str] = (), strict: bool = False
) -> Reading:
    """Read text, in the named format or in what it plainly is instead; a graph of no nodes is allowed here.

    Parameters
    ----------
    text, format : str
    name : str, optional
        The hypothesis's name; else what the text of Whyboard's calls it, else "hypothesis".
    columns : collection of str
        Columns of the data that the graph is for, where known; of identifiers and labels the
        nodes are called by what names more of them.
    strict : bool
        Whether the text is in that format and in no other.

    Raises
    ------
    WhyboardError
        As each reader; places name the line, not a file.
    """
    key = known_format(format).key if strict else format_of_text(text, format)
    read = FORMATS[key].read
    reading = (
        read(text, columns=columns).called(None, "hypothesis") if name is None else read(text, name, columns=columns)
    )
    return reading if key == format else _recognised(reading, key)


def _recognised(reading: Reading, key: str) -> Reading:
    remark = f"read as {FORMATS[key].title}, which is what it holds"
    return replace(reading, told=(remark, *reading.told))


def read_graph(path: str | Path, name: str | None = None, *, columns: Collection[str] = ()) -> Reading:
    """Read a file in the format that its ending names, or in what it plainly is instead.

    Parameters
    ----------
    path : str or Path
        ``.dagitty``, ``.txt``, ``.dot``, ``.gv``, ``.graphml``, ``.gml``, ``.bn``, ``.lavaan``, ``.bif`` or ``.json``;
        UTF-8, with or without a byte mark, at most 5 MB.
    name : str, optional
        The hypothesis's name; else the file's own for it, where Whyboard wrote one into it, else the file's stem.
    columns : collection of str
        See :func:`parse_graph`.

    Raises
    ------
    WhyboardError
        Whose place begins with the path: FormatError if the file cannot be read so, GraphError,
        CycleError or HypothesisError if what it says is inconsistent.
    """
    file = Path(path)
    try:
        kind = format_of(file)
        return _read(_bytes(file), kind, file.stem, name, columns)
    except WhyboardError as error:
        raise error.at(str(path)) from None


def read_content(content: bytes, file: str, name: str | None = None, *, columns: Collection[str] = ()) -> Reading:
    """Read a file that was uploaded: its bytes and what it was called; else as :func:`read_graph`.

    The ending may be any: a text of an ending that says nothing is taken for what it plainly
    is, else for DAGitty's. Places do not name the file.
    """
    stem, ending = Path(file).stem, Path(file).suffix.lower()
    kind = next((key for key, known in FORMATS.items() if ending in known.endings), "dagitty")
    if len(content) > MAX_BYTES:
        raise _too_large()
    return _read(content, kind, stem, name, columns)


def _read(content: bytes, kind: str, stem: str, name: str | None, columns: Collection[str]) -> Reading:
    text = _decoded(content)
    key = format_of_text(text, kind)
    if key == "json":
        reading = native_reading(text, name, default=stem)
        reading = reading if key == kind else _recognised(reading, key)
    else:
        reading = parse_graph(text, kind, name, columns=columns).called(name, stem)
    if not reading.hypothesis.nodes:
        raise FormatError("the graph has no nodes", hint="Write at least one node, for example dag { ads -> sales }")
    return reading


def _bytes(file: Path) -> bytes:
    try:
        if not file.is_file():
            raise FormatError(
                "this is a folder, not a file" if file.is_dir() else "there is no such file",
                hint="Check the path of the hypothesis.",
            )
        if file.stat().st_size > MAX_BYTES:
            raise _too_large()
        return file.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not a file's name"
        raise FormatError(f"the file cannot be read: {reason}", hint="Check the path and its permissions.") from None


def _too_large() -> FormatError:
    return FormatError(
        f"the file is over {MAX_BYTES // 1_000_000} MB", hint="Keep the variables that the question needs."
    )


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FormatError("the file is not UTF-8 text", place=f"line {line}", hint="Save it as UTF-8.") from None
    if not text.strip():
        raise FormatError("the file is empty", hint="Write a graph into it, for example dag { ads -> sales }")
    return text
