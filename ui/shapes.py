"""Families that do not fit: what the looks at their shape found, each with what would mend it, on Check.

A flag is listed once over hypotheses, node by node. Where another family takes it, a button gives it
to every hypothesis; where nothing in this version does, the words say what would. "Take it as it is" keeps
the flag in the list and out of the verdict. Either can be undone (:mod:`ui.remedies`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from core.check.shape import Shape
from core.comparison.result import HypothesisFacts
from ui import bending, remedies, results, words
from ui.families import FAMILY_WORDS
from ui.remedies import Remedy
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import heading

__all__ = ["Finding", "findings", "flag_words", "panel"]

#: Flags named in the one line of a hypothesis.
_NAMED = 3


@dataclass(frozen=True)
class Finding:
    """A flag, once over hypotheses: with its size where it is largest, and the letters that have it."""

    shape: Shape
    letters: tuple[str, ...]


def findings(hypotheses: Iterable[HypothesisFacts]) -> dict[str, list[Finding]]:
    """Return node to its flags, overruled ones too; what two hypotheses share stands once."""
    gathered: dict[tuple[str, str, str | None, str | None], list[tuple[Shape, str]]] = {}
    for facts in hypotheses:
        for shape in (*facts.flagged_shapes, *facts.overruled_shapes):
            key = (shape.node, shape.aspect, shape.about, shape.cause)
            gathered.setdefault(key, []).append((shape, facts.name))
    found: dict[str, list[Finding]] = {}
    for (node, *_), shared in gathered.items():
        largest = max((shape for shape, _ in shared), key=lambda shape: abs(shape.size))
        found.setdefault(node, []).append(Finding(largest, tuple(dict.fromkeys(name for _, name in shared))))
    return found


def flag_words(project: ProjectView, facts: HypothesisFacts) -> str:
    """Return in few words what the flags of a hypothesis say, plain text; empty without any."""
    told = list(dict.fromkeys(shape.short(project.title_of) for shape in facts.flagged_shapes))
    more = [f"{len(told) - _NAMED} more of the kind"] if len(told) > _NAMED else []
    return words.listing([*told[:_NAMED], *more], _NAMED + 1)


def panel(project: ProjectView, last: Fitted) -> None:
    """Draw each node whose family does not fit: what is wrong, what would mend it, and the buttons that do."""
    found = findings(last.comparison.hypotheses)
    if not found:
        return
    heading("Families that do not fit", "shapes")
    if not last.changed and results.live_request(project) is None and _several_bend(found):
        hint = f"In all hypotheses, which are fitted again. {bending.HINT}"
        if st.button(bending.EVERY, key="shape_bend_all", help=hint, type="tertiary", icon=":material/show_chart:"):
            remedies.press(project, last, Remedy("bend", "", "", ()))
    for place, (node, flags) in enumerate(found.items()):
        with st.container(key=f"gate_shape_{place}"):
            text, buttons = st.columns([7, 2], vertical_alignment="center", gap="small")
            taken = flags[0].shape.overruled
            text.html(_told(project, node, flags, taken))
            if not last.changed and results.live_request(project) is None:
                with buttons:
                    _offer(project, last, node, flags, taken, place)


def _several_bend(found: dict[str, list[Finding]]) -> bool:
    """Return whether more than one arrow should bend: one button for all is less to press."""
    flags = [flag for flags in found.values() for flag in flags if not flag.shape.overruled]
    return sum(flag.shape.remedy == "bend" for flag in flags) > 1


def _told(project: ProjectView, node: str, flags: list[Finding], taken: bool) -> str:
    lines = []
    for flag in flags:
        said = words.html(words.sentence(flag.shape.said(project.title_of)))
        mended = words.html(words.sentence(flag.shape.mended(project.title_of) or "no family here takes it"))
        who = words.html(words.listing(flag.letters, 8))
        lines.append(f"<b>{who}: {said}</b>" + ("" if taken else f" {mended}"))
    rest = "You take it as it is: it stays in this list and no longer speaks in the verdict."
    end = f" <small>{rest}</small>" if taken else ""
    style = "wb-agrees" if taken else "wb-gate"
    return f'<div class="{style}" data-testid="shape" data-node="{words.html(node)}">{"<br>".join(lines)}{end}</div>'


def _offer(project: ProjectView, last: Fitted, node: str, flags: list[Finding], taken: bool, place: int) -> None:
    if taken:
        again = Remedy("restore", node, "", ())
        if st.button("Let it count again", key=f"shape_restore_{place}", width="stretch"):
            remedies.press(project, last, again)
        return
    families = dict.fromkeys(flag.shape.family for flag in flags if flag.shape.remedy == "family")
    for family in families:
        told = FAMILY_WORDS.get(family or "", "")
        hint = words.md(f"{family}: {told}. Every hypothesis gets it, so that rivals share it.") if told else None
        label = words.md(f"Use {family} for {project.title_of(node)}")
        if st.button(label, key=f"shape_{family}_{place}", help=hint, width="stretch"):
            remedies.press(project, last, Remedy("family", node, family or "", ()))
    for number, remedy in enumerate(_forms(node, flags)):
        if st.button(
            _label(project, remedy), key=f"shape_{remedy.action}_{place}_{number}", help=_FORM_HINT, width="stretch"
        ):
            remedies.press(project, last, remedy)
    hint = "It stays in this list, and the verdict no longer rests on it. You can undo it."
    if st.button("Take it as it is", key=f"shape_take_{place}", help=hint, width="stretch"):
        remedies.press(project, last, Remedy("overrule", node, "", ()))


_FORM_HINT = "In every hypothesis that has the arrow, which is fitted again. You can undo it."


def _forms(node: str, flags: list[Finding]) -> list[Remedy]:
    """Return the remedies that give an arrow another form, each once."""
    found = []
    for flag in flags:
        if flag.shape.remedy == "bend":
            found.append(Remedy("bend", node, "", (), about=flag.shape.about))
        elif flag.shape.remedy == "interact":
            found.append(Remedy("differ", node, "", (), about=flag.shape.about, cause=flag.shape.cause))
    return list(dict.fromkeys(found))


def _label(project: ProjectView, remedy: Remedy) -> str:
    title = project.title_of
    if remedy.action == "bend":
        return words.md(f"Let {'its causes' if remedy.about is None else title(remedy.about)} bend")
    return words.md(f"Let it differ by {title(remedy.about or '')}")
