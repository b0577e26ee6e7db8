"""Where rivals differ in more than their arrows: in form, sign, scale, interaction, family or group. One sentence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from core.forms import FORMS
from core.hypothesis import Edge, Hypothesis, Node
from core.words import joined

__all__ = ["differing"]

_NAMED = 2

Title = Callable[[str], str]
Said = dict[str, list[str]]
"""What is said of an arrow or a node, to the letters of those that say it."""

Arrows = dict[tuple[str, str], dict[str, Edge]]

_BENT = {"linear", "auto"}
_SIGNS = {"": "may raise or lower", "+": "can only raise", "-": "can only lower"}
_SCALES = {None: "on its own scale", "raw": "per unit", "log": "per doubling"}


def differing(
    hypotheses: Mapping[str, Hypothesis], title: Title, usual: Mapping[str, str], levelled: Collection[str] = ()
) -> str:
    """Say where rivals that share an arrow or a node make it of something else; empty where none does.

    Parameters
    ----------
    hypotheses : mapping of letter to Hypothesis
    title : callable
        The user's label of a node.
    usual : mapping of node to str
        The family that the data say, where a drawing names none.
    levelled : collection of str
        Nodes with levels, each with an effect of its own: an arrow from one has no form.

    Examples
    --------
    >>> one = Hypothesis.from_dagitty("dag { a -> b }")
    >>> differing({"A": one.with_edge("a", "b", form="auto"), "B": one}, str, {})
    'A lets a -> b bend, B does not: a difference between them is then also one of form.'
    """
    arrows: Arrows = {}
    nodes: dict[str, dict[str, Node]] = {}
    for letter, hypothesis in hypotheses.items():
        for edge in hypothesis.edges:
            arrows.setdefault((edge.source, edge.target), {})[letter] = edge
        for node in hypothesis.nodes:
            if node.name not in hypothesis.background:
                nodes.setdefault(node.name, {})[letter] = node
    found = [("form", said) for said in _bends(arrows, title, levelled)]
    for pair, edges in arrows.items():
        found += [("form", said) for said in _of_arrow(pair, edges, title, pair[0] in levelled)]
    found += [("family", said) for name, ones in nodes.items() for said in _of_node(name, ones, title, usual)]
    if not found:
        return ""
    parts = [said for _, said in found[:_NAMED]]
    if len(found) > _NAMED:
        parts.append(f"and so in {len(found) - _NAMED} more")
    kinds = list(dict.fromkeys(kind for kind, _ in found))
    return f"{'; '.join(parts)}: a difference between them is then also one of {' and '.join(kinds)}."


def _grouped[One](ones: Mapping[str, One], say: Callable[[One], str]) -> Said | None:
    """Return who says what; None where all say the same."""
    said: Said = {}
    for letter, one in ones.items():
        said.setdefault(say(one), []).append(letter)
    return said if len(said) > 1 else None


def _bends(arrows: Arrows, title: Title, levelled: Collection[str]) -> list[str]:
    """Say who lets arrows bend that others draw straight, arrows of the same letters together."""
    together: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (source, target), edges in arrows.items():
        said = _grouped(edges, lambda edge: edge.form)
        if said and set(said) == _BENT and source not in levelled:
            sides = tuple(said["auto"]), tuple(said["linear"])
            together.setdefault(sides, []).append(f"{title(source)} -> {title(target)}")
    found = []
    for (yes, no), names in together.items():
        most = [
            *names[:_NAMED],
            *([f"{len(names) - _NAMED} more arrows"] if len(names) > _NAMED + 1 else names[_NAMED:]),
        ]
        verb, answer = "lets" if len(yes) == 1 else "let", "does" if len(no) == 1 else "do"
        found.append(f"{joined(yes)} {verb} {joined(most)} bend, {joined(no)} {answer} not")
    return found


def _of_arrow(pair: tuple[str, str], edges: Mapping[str, Edge], title: Title, levelled: bool) -> list[str]:
    name = f"{title(pair[0])} -> {title(pair[1])}"
    found = []
    # Between levels there is no line that could bend.
    said = _grouped(edges, lambda edge: "linear" if levelled and edge.form == "auto" else edge.form)
    if said and set(said) != _BENT:
        found.append(f"{name} is {_each(said, lambda form: FORMS[form].called if form in FORMS else form)}")
    if said := _grouped(edges, lambda edge: edge.sign or ""):
        found.append(f"{name} {_each(said, lambda sign: _SIGNS[sign])}")
    if said := _grouped(edges, lambda edge: edge.scale or ""):
        found.append(f"{name} is taken {_each(said, lambda scale: _SCALES[scale or None])}")
    if said := _grouped(edges, lambda edge: edge.by or ""):
        found.append(f"{name} {_each(said, partial(_differs, title))}")
    if said := _grouped(edges, lambda edge: str(edge.carry)):
        found.append(f"{name} {_each(said, _carries)}")
    return found


def _of_node(name: str, ones: Mapping[str, Node], title: Title, usual: Mapping[str, str]) -> list[str]:
    found = []
    if said := _grouped(ones, lambda node: node.family or usual.get(name, "")):
        found.append(f"{title(name)} is {_each(said, lambda family: family or 'as the data say')}")
    elif said := _grouped(ones, lambda node: node.link or ""):
        found.append(f"{title(name)} has {_each(said, lambda link: f'the link {link}' if link else 'its usual link')}")
    if said := _grouped(ones, lambda node: node.group or ""):
        found.append(f"{title(name)} {_each(said, partial(_varies, title))}")
    return found


def _differs(title: Title, by: str) -> str:
    return f"differs by {title(by)}" if by else "is the same for all"


def _carries(rows: str) -> str:
    if rows == "0":
        return "takes each row by itself"
    return f"carries over for {rows} {'row' if rows == '1' else 'rows'}"


def _varies(title: Title, group: str) -> str:
    return f"varies by {title(group)}" if group else "does not vary by group"


def _each(said: Said, word: Callable[[str], str]) -> str:
    return ", ".join(f"{word(what)} in {joined(letters)}" for what, letters in said.items())
