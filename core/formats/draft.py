"""What the readers of text formats build up, statement by statement, before it is checked as a whole."""

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import islice, pairwise

from core.errors import CycleError, FormatError, GraphError, HypothesisError
from core.formats.graph_text import EdgeStatement
from core.formats.limits import MAX_ARROWS, MAX_NAME, MAX_NODES, MAX_REMARKS
from core.formats.reading import Reading
from core.formats.words import WORDS_OF_ARROWS, own_name, said_of
from core.hypothesis import Edge, Hypothesis, Node
from core.names import fault_in, tidy_name

__all__ = ["Draft", "check_name", "sayable_name"]


def sayable_name(name: str, place: str) -> str:
    """Return a name of anything, tidied; :class:`FormatError` if it holds what no name may."""
    fault = fault_in(tidied := tidy_name(name))
    if fault:
        raise FormatError(f"a name holds {fault}", place=place, hint="Type the name again.")
    return tidied


def check_name(name: str, place: str) -> str:
    """Return a node's name, tidied; :class:`FormatError` if it is blank, over 500 characters or no text at all."""
    tidied = sayable_name(name, place)
    if not tidied:
        raise FormatError("a node has no name", place=place, hint="Give each node a name.")
    if len(tidied) > MAX_NAME:
        raise FormatError(
            f"a name is longer than {MAX_NAME} characters: {tidied[:30]}…",
            place=place,
            hint="Give the node a short name.",
        )
    return tidied


class Draft:
    """A hypothesis in the making; remembers on which line each arrow stood, and what there is to say.

    Lines count from 1 and only serve messages. Names are tidied here, for all formats: whoever
    needs to know what a node is called asks :meth:`call`.
    """

    def __init__(self) -> None:
        self._called: dict[str, str] = {}
        self._nodes: dict[str, tuple[float, float] | None] = {}
        self._latents: set[str] = set()
        self._background: dict[str, int] = {}
        self._arrows: dict[tuple[str, str], int] = {}
        self._arcs: dict[tuple[str, str], int] = {}
        self._marks: dict[str, dict[str, None]] = {"exposure": {}, "outcome": {}}
        self._remarks: list[str] = []
        self._dropped: dict[tuple[str, str], dict[str, None]] = {}
        self._joined = 0
        self._words_of_nodes: dict[str, dict[str, str]] = {}
        self._words_of_arrows: dict[tuple[str, str], dict[str, str]] = {}
        self._words: dict[str, str] = {}

    def call(self, name: str, line: int) -> str:
        """Return what a node is called that the text calls ``name``."""
        called = self._called.get(name)
        if called is None:
            called = self._called[name] = check_name(name, f"line {line}")
        return called

    def node(self, name: str, line: int) -> None:
        """Add a node if it is new."""
        name = self.call(name, line)
        if name in self._nodes:
            return
        if len(self._nodes) == MAX_NODES:
            raise FormatError(
                f"there are more than {MAX_NODES:,} nodes",
                place=f"line {line}",
                hint="Keep the variables that the question needs.",
            )
        self._nodes[name] = None

    def latent(self, name: str, line: int) -> None:
        """Mark a node that was added as never observed."""
        self._latents.add(self.call(name, line))

    def background(self, name: str, line: int) -> None:
        """Mark a node that was added as one of the causes that may be related in any way."""
        self._background.setdefault(self.call(name, line), line)

    def position(self, name: str, x: float, y: float, line: int) -> None:
        """Place a node that was added."""
        if not (math.isfinite(x) and math.isfinite(y)):
            raise FormatError(
                f"the position of {name!r} is not two finite numbers", place=f"line {line}", hint="Write two numbers."
            )
        self._nodes[self.call(name, line)] = (x, y)

    def mark(self, role: str, name: str, line: int) -> None:
        """Mark a node as ``"exposure"`` or ``"outcome"``; where several are, none is taken, and that is said."""
        self._marks[role][self.call(name, line)] = None

    def say(self, name: str, word: str, value: str, line: int) -> None:
        """Take a word of :mod:`core.formats.words` about a node that was added."""
        self._words_of_nodes.setdefault(self.call(name, line), {})[word] = value

    def say_of_all(self, words: Mapping[str, str]) -> None:
        """Take what the text says of the graph as a whole."""
        self._words.update(words)

    def remark(self, text: str) -> None:
        """Note something about how the text was read; beyond a screenful nobody would read on."""
        if len(self._remarks) < MAX_REMARKS:
            self._remarks.append(text)

    def drop(self, what: str, value: str, of: str, why: str = "") -> None:
        """Note that ``what`` (an attribute, with its value) is not kept of a node or arrow ``of``."""
        said = f"{_clip(of)}: {_clip(value)}" if value else _clip(of)
        self._dropped.setdefault((_clip(what), why), {})[said] = None

    def join(self, a: str, arrow: str, b: str, line: int, attributes: Mapping[str, str] | None = None) -> None:
        """Add ``a -> b``, ``a <- b`` or ``a <-> b``; a repeat counts once, and so do its words in ``attributes``.

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
        a, b = self.call(a, line), self.call(b, line)
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
        words = {key: value for key, value in (attributes or {}).items() if key in WORDS_OF_ARROWS}
        if arrow == "<->":
            for key, value in words.items():
                self.drop(key, value, f"{a} <-> {b}")
            if (b, a) not in self._arcs:
                self._arcs.setdefault((a, b), line)
        else:
            pair = (a, b) if arrow == "->" else (b, a)
            self._arrows.setdefault(pair, line)
            self._words_of_arrows.setdefault(pair, {}).update(words)

    def chain(
        self,
        statement: EdgeStatement,
        turned: Callable[[str], str],
        names: Mapping[str, str] | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        """Add a chain's nodes and arrows, with its own or these attributes.

        ``names`` says by identifier what a node is called, if not so.
        """
        named = names or {}
        for left, arrow, right in zip(statement.ends, statement.arrows, statement.ends[1:], strict=False):
            for a in left:
                self.node(named.get(a, a), statement.line)
                for b in right:
                    self.node(named.get(b, b), statement.line)
                    self.join(
                        named.get(a, a),
                        turned(arrow),
                        named.get(b, b),
                        statement.line,
                        attributes or statement.attributes,
                    )

    def reading(self, name: str) -> Reading:
        """Return the whole.

        Raises
        ------
        CycleError
            With the line that closes the cycle.
        HypothesisError
            For a background that cannot be one, with the line of the mark, arrow or arc that it cannot have.
        """
        exposures, outcomes = tuple(self._marks["exposure"]), tuple(self._marks["outcome"])
        chosen = {role: next(iter(found)) if len(found) == 1 else None for role, found in self._marks.items()}
        if chosen["exposure"] is not None and chosen["exposure"] == chosen["outcome"]:
            chosen = {}
        self._check_asked()
        try:
            hypothesis = Hypothesis(
                name=sayable_name(name, "name"),
                nodes=tuple(
                    Node(node, latent=node in self._latents, position=position)
                    for node, position in self._nodes.items()
                ),
                edges=tuple(Edge(a, b) for a, b in self._arrows),
                bidirected=tuple(self._arcs),
                exposure=chosen.get("exposure"),
                outcome=chosen.get("outcome"),
                background=tuple(self._background),
            )
        except CycleError as error:
            line = max(self._arrows[pair] for pair in pairwise(error.path))
            raise CycleError(error.path, place=f"line {line}") from None
        except HypothesisError as error:
            at = self._lines().get(error.place)
            raise (error if at is None else error.at(f"line {at}")) from None
        hypothesis, dropped = said_of(hypothesis, self._words_of_nodes, self._words_of_arrows, self._words)
        for word, value, of in dropped:
            self.drop(word, value, of)
        return Reading(hypothesis, tuple(self._said(chosen)), exposures, outcomes, own_name(self._words))

    def _check_asked(self) -> None:
        """Refuse a background that the question is about, also where it is left open which node that is."""
        for role, marked in self._marks.items():
            for name in marked:
                if name in self._background:
                    raise HypothesisError(
                        f"{name!r} is marked as {role} and as background, which the question cannot be about",
                        place=f"line {self._background[name]}, node {name}",
                        hint=f"Leave one of the two marks: {role} or background.",
                    )

    def _lines(self) -> dict[str, int]:
        """Return on which line stands what a hypothesis calls the place of an error."""
        arcs = {f"arc {x} <-> {y}": line for pair, line in self._arcs.items() for x, y in (pair, pair[::-1])}
        arrows = {f"arrow {a} -> {b}": line for (a, b), line in self._arrows.items()}
        return {**{f"node {name}": line for name, line in self._background.items()}, **arrows, **arcs}

    def _said(self, chosen: dict[str, str | None]) -> Iterator[str]:
        for raw, called in islice(((raw, name) for raw, name in self._called.items() if raw != name), 5):
            yield f"the name {raw!r} was read as {called!r}, without the blanks"
        if not chosen:
            both = next(iter(self._marks["exposure"]))
            yield f"{both!r} is marked as exposure and as outcome: neither mark was taken"
        yield from self._remarks
        for (what, why), places in islice(self._dropped.items(), MAX_REMARKS):
            said = ", ".join(list(places)[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
            yield f"{what} was not kept ({said})" + (f": {why}" if why else "")
        if len(self._dropped) > MAX_REMARKS:
            yield f"{len(self._dropped) - MAX_REMARKS} other attributes were not kept"


def _clip(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
