"""What the readers of text formats build up, statement by statement, before it is checked as a whole."""

import math
from itertools import pairwise

from core.errors import CycleError, FormatError, GraphError
from core.formats.limits import MAX_ARROWS, MAX_NAME, MAX_NODES
from core.hypothesis import Edge, Hypothesis, Node

__all__ = ["Draft", "check_name"]


def check_name(name: str, place: str) -> str:
    """Return a node's name; :class:`FormatError` if it is blank, over 500 characters or no text at all."""
    if not name.strip():
        raise FormatError("a node has no name", place=place, hint="Give each node a name.")
    if len(name) > MAX_NAME:
        raise FormatError(
            f"a name is longer than {MAX_NAME} characters: {name[:30]}…",
            place=place,
            hint="Give the node a short name.",
        )
    # Half of a surrogate pair ("\ud800") can stand in a Python or JSON string, but no file can hold it.
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        raise FormatError("a name holds half a character", place=place, hint="Type the name again.")
    return name


class Draft:
    """A hypothesis in the making; remembers on which line each arrow stood.

    Lines count from 1 and only serve messages.
    """

    def __init__(self) -> None:
        self._nodes: dict[str, tuple[float, float] | None] = {}
        self._latents: set[str] = set()
        self._arrows: dict[tuple[str, str], int] = {}
        self._arcs: dict[tuple[str, str], int] = {}
        self._marks: dict[str, str] = {}
        self._joined = 0

    def node(self, name: str, line: int) -> None:
        """Add a node if it is new."""
        if name in self._nodes:
            return
        check_name(name, f"line {line}")
        if len(self._nodes) == MAX_NODES:
            raise FormatError(
                f"there are more than {MAX_NODES:,} nodes",
                place=f"line {line}",
                hint="Keep the variables that the question needs.",
            )
        self._nodes[name] = None

    def latent(self, name: str) -> None:
        """Mark a node that was added as never observed."""
        self._latents.add(name)

    def position(self, name: str, x: float, y: float, line: int) -> None:
        """Place a node that was added."""
        if not (math.isfinite(x) and math.isfinite(y)):
            raise FormatError(
                f"the position of {name!r} is not two finite numbers", place=f"line {line}", hint="Write two numbers."
            )
        self._nodes[name] = (x, y)

    def mark(self, role: str, name: str, line: int) -> None:
        """Mark a node as the one ``"exposure"`` or the one ``"outcome"``."""
        before = self._marks.setdefault(role, name)
        if before != name:
            raise FormatError(
                f"two nodes are marked as {role}: {before!r} and {name!r}",
                place=f"line {line}",
                hint=f"Leave the mark {role} on one node; Whyboard looks at one effect at a time.",
            )

    def join(self, a: str, arrow: str, b: str, line: int) -> None:
        """Add ``a -> b``, ``a <- b`` or ``a <-> b``; a repeat counts once.

        Raises
        ------
        FormatError
            For an edge that says less than that, such as ``a -- b``.
        """
        self._joined += 1
        if self._joined > MAX_ARROWS:
            raise FormatError(
                f"there are more than {MAX_ARROWS:,} arrows", place=f"line {line}", hint="Draw a smaller graph."
            )
        if arrow not in ("->", "<-", "<->"):
            raise FormatError(
                f"the edge {a} {arrow} {b} does not say what causes what",
                place=f"line {line}",
                hint=f"Give it a direction ({a} -> {b} or {a} <- {b}), or write {a} <-> {b} for an unmeasured "
                "common cause.",
            )
        if a == b:
            raise GraphError(
                f"the node {a!r} has an {'arc' if arrow == '<->' else 'arrow'} to itself",
                place=f"line {line}",
                hint="Remove it; a variable is not its own cause.",
            )
        if arrow == "<->":
            if (b, a) not in self._arcs:
                self._arcs.setdefault((a, b), line)
        else:
            self._arrows.setdefault((a, b) if arrow == "->" else (b, a), line)

    def hypothesis(self, name: str) -> Hypothesis:
        """Return the whole; :class:`CycleError` names the line that closes a cycle."""
        try:
            return Hypothesis(
                name=name,
                nodes=tuple(
                    Node(node, latent=node in self._latents, position=position)
                    for node, position in self._nodes.items()
                ),
                edges=tuple(Edge(a, b) for a, b in self._arrows),
                bidirected=tuple(self._arcs),
                exposure=self._marks.get("exposure"),
                outcome=self._marks.get("outcome"),
            )
        except CycleError as error:
            line = max(self._arrows[pair] for pair in pairwise(error.path))
            raise CycleError(error.path, place=f"line {line}") from None
