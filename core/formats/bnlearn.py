"""bnlearn's model strings: ``[A][B|A][C|A:B]``, a node with its parents in each pair of brackets."""

import re
from collections.abc import Collection

from core.errors import FormatError
from core.formats.draft import Draft
from core.formats.limits import check_length
from core.formats.reading import Reading
from core.hypothesis import Hypothesis

__all__ = ["bnlearn_reading", "read_bnlearn"]

_HINT = "Write each node once, with its parents after a bar, as [season][ads|season][sales|ads:season]."
_NODE = re.compile(r"\s*\[([^\[\]|]*)(\|[^\[\]|]*)?\]\s*")


def bnlearn_reading(text: str, name: str = "hypothesis", columns: Collection[str] = ()) -> Reading:
    """Read a model string.

    Parameters
    ----------
    text : str
        As bnlearn's ``modelstring()`` writes it; blanks and line breaks around names and
        brackets are allowed.
    name : str
        The hypothesis's name.
    columns : collection of str
        Not asked: a model string has no labels.

    Raises
    ------
    FormatError
        With the line, for other text, a node that stands twice, or a parent that stands nowhere.
    CycleError
        If the arrows form a cycle.
    """
    text = check_length(text)
    found: list[tuple[str, str | None, int]] = []
    place, line = 0, 1
    while place < len(text):
        match = _NODE.match(text, place)
        if match is None:
            blank = len(text) - place - len(text[place:].lstrip())
            line += text.count("\n", place, place + blank)
            raise FormatError("this is not a model string of bnlearn", place=f"line {line}", hint=_HINT)
        found.append((match[1], match[2], line + text.count("\n", place, match.start(1))))
        line += text.count("\n", place, match.end())
        place = match.end()
    if not found:
        raise FormatError("the text is empty", hint=_HINT)
    draft = Draft()
    known: set[str] = set()
    for node, _, at in found:
        called = draft.call(node, at)
        if called in known:
            raise FormatError(f"the node {called!r} stands twice", place=f"line {at}", hint=_HINT)
        known.add(called)
        draft.node(node, at)
    for node, parents, at in found:
        for parent in parents[1:].split(":") if parents else ():
            called = draft.call(parent, at)
            if called not in known:
                raise FormatError(
                    f"{called!r} is a parent of {node.strip()!r} and stands nowhere as a node",
                    place=f"line {at}",
                    hint=f"Add [{called}], or correct the name.",
                )
            draft.join(called, "->", node, at)
    return draft.reading(name)


def read_bnlearn(text: str, name: str = "hypothesis") -> Hypothesis:
    """Read a model string; see :func:`bnlearn_reading`, which also says what was taken for what."""
    return bnlearn_reading(text, name).hypothesis
