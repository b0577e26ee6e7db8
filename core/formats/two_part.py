"""DAGitty's older form in two parts, as many published supplements print it.

Names with their marks, one a line, then a blank line, then for each node what it points at::

    ads E @0.1,0.5
    sales O @0.9,0.5
    season 1 @0.5,0.1

    ads sales
    season ads sales

Marks are letters (E exposure, O outcome, U unobserved, A adjusted) or a number that says
nothing. Instead of the second part a matrix of noughts and ones may stand, a row a cause.
There is no letter for background: one of ours could be a name's last word.
Names may hold blanks, and be written as in web addresses (``net%20income``). Two nodes that
point at each other share an unmeasured cause, as DAGitty reads it.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from core.errors import FormatError
from core.formats.draft import Draft
from core.formats.limits import MAX_TOKENS, check_length
from core.formats.reading import Reading

__all__ = ["is_two_part", "two_part_reading"]

Line = tuple[int, list[str]]

_PLACE = re.compile(r"@([+-]?\d*\.?\d+),([+-]?\d*\.?\d+)\Z", re.ASCII)
_MARKS = re.compile(r"[EOAU\d.]+\Z", re.ASCII)
_HINT = "Write names with their marks first, then a blank line, then a line for each node with what it points at."


def is_two_part(text: str) -> bool:
    """Return whether a text looks like this form: marked names, a blank line, and no arrows or braces."""
    if any(sign in text for sign in ("->", "<-", "{", "[", '"')):
        return False
    first, second = _parts(text)
    if not first or not second or any(len(words) > 1 and _split(words)[1] is None for _, words in first):
        return False
    if any(len(words) > 1 for _, words in first):
        return True
    known = {words[0] for _, words in first}  # nothing is marked: then it is this form if all else fits
    return any(len(words) > 1 for _, words in second) and all(known.issuperset(words) for _, words in second)


def _parts(text: str) -> tuple[list[Line], list[Line]]:
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1)]
    start = next((i for i, (_, words) in enumerate(lines) if words), len(lines))
    cut = next((i for i, (_, words) in enumerate(lines) if i > start and not words), len(lines))
    return lines[start:cut], [line for line in lines[cut:] if line[1]]


def _split(words: Sequence[str]) -> tuple[str, str | None, str]:
    """Split a line of the first part into name, marks (None if there are none) and place."""
    rest, place = list(words), ""
    if len(rest) > 2 and rest[-1].startswith("@"):
        place = rest.pop()
    marks = rest[-1] if len(rest) > 1 and _MARKS.match(rest[-1]) else None
    return " ".join(rest[:-1] if marks is not None else rest), marks, place


def two_part_reading(text: str, name: str = "hypothesis") -> Reading:
    """Read the form.

    Raises
    ------
    FormatError
        With the line, for a name that the first part lacks, or a matrix of another size.
    GraphError, CycleError
        If what it says is no causal graph.
    """
    first, second = _parts(check_length(text))
    if sum(len(words) for _, words in (*first, *second)) > MAX_TOKENS:
        raise FormatError("the text is too long", hint="Draw a smaller graph.")
    draft = Draft()
    names: list[str] = []
    for line, words in first:
        raw, marks, place = _split(words)
        node = draft.call(_decoded(raw, line), line)
        if node in names:
            raise FormatError(f"the node {node!r} stands twice", place=f"line {line}", hint="Remove one of them.")
        names.append(node)
        draft.node(node, line)
        _mark(draft, node, marks or "", place, line)
    matrix = all(set(word) <= {"0", "1"} for _, words in second for word in words) and not {"0", "1"} >= set(names)
    arrows = _matrix(second, names) if matrix else _lists(second, names)
    _join(draft, list(arrows), both_ways=not matrix)
    return draft.reading(name)


def _mark(draft: Draft, node: str, marks: str, place: str, line: int) -> None:
    for role, letter in (("exposure", "E"), ("outcome", "O")):
        if letter in marks:
            draft.mark(role, node, line)
    if "U" in marks:
        draft.latent(node, line)
    if "A" in marks:
        draft.drop("adjusted", "", node, "Whyboard works out by itself what to adjust for")
    found = _PLACE.match(place)
    if found:
        draft.position(node, float(found[1]), float(found[2]), line)
    elif place:
        raise FormatError(
            f"the position {place!r} of {node!r} is not two numbers", place=f"line {line}", hint="Write it as @1.5,-0.3"
        )


def _join(draft: Draft, arrows: list[tuple[str, str, int]], both_ways: bool) -> None:
    pairs = {(a, b) for a, b, _ in arrows}
    arcs: dict[tuple[str, str], None] = {}
    for a, b, line in arrows:
        if both_ways and a != b and (b, a) in pairs:
            if (b, a) not in arcs:
                arcs[a, b] = None
                draft.join(a, "<->", b, line)
        else:
            draft.join(a, "->", b, line)
    if arcs:
        said = ", ".join(f"{a} <-> {b}" for a, b in list(arcs)[:3]) + (", …" if len(arcs) > 3 else "")
        draft.remark(f"nodes that point at each other are read as sharing an unmeasured cause, as DAGitty does: {said}")


def _decoded(word: str, line: int) -> str:
    try:
        return unquote(word, errors="strict")
    except UnicodeDecodeError:
        raise FormatError(f"the name {word[:40]!r} cannot be decoded", place=f"line {line}", hint=_HINT) from None


def _lists(lines: Sequence[Line], names: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    known = frozenset(names)
    most = max(name.count(" ") + 1 for name in names)
    for line, words in lines:
        source = None
        place = 0
        while place < len(words):
            if words[place].startswith("@"):  # where the arrow bends
                place += 1
                continue
            node, place = _next_name(words, place, known, most, line)
            if source is None:
                source = node
            else:
                yield source, node, line


def _next_name(words: Sequence[str], start: int, known: frozenset[str], most: int, line: int) -> tuple[str, int]:
    said = ""
    for end in range(start, min(len(words), start + most)):
        said = f"{said} {_decoded(words[end], line)}".strip()
        if said in known:
            return said, end + 1
    raise FormatError(
        f"{_decoded(words[start], line)!r} is not among the names above",
        place=f"line {line}",
        hint="Add it to the first part, or correct the name.",
    )


def _matrix(lines: Sequence[Line], names: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    for row, (line, words) in enumerate(lines):
        if row >= len(names) or len(words) != len(names):
            raise FormatError(
                f"the matrix is not {len(names)} by {len(names)}, one row and one column for each name",
                place=f"line {line}",
                hint="Write a 1 where the row's node points at the column's, else a 0.",
            )
        yield from ((names[row], names[column], line) for column, word in enumerate(words) if word == "1")
    if len(lines) < len(names):
        raise FormatError(
            f"the matrix has {len(lines)} rows for {len(names)} names", place=f"line {lines[-1][0]}", hint=_HINT
        )
