"""Denied links on which the looks disagree, on Check: what each says, and a button that settles it.

Where letting a cause bend would show which, the words say so: no arrow can bend in this version. "Take it as
it is" keeps the claim in the list and out of the verdict; it can be undone (:mod:`ui.remedies`).
"""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.check.tested import FEW_ROWS, IndependenceTest
from core.comparison.doubts import doubt_words
from core.comparison.result import Comparison, HypothesisFacts
from ui import remedies, results, session, words
from ui.remedies import Remedy
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import heading

__all__ = ["doubted", "panel", "short", "signpost"]

_SHOWN = 6
_ROWS = 12


def doubted(hypotheses: Iterable[HypothesisFacts]) -> list[tuple[IndependenceTest, tuple[str, ...]]]:
    """Return each link in doubt once over hypotheses, with the letters of those that deny it; taken ones last."""
    found: dict[tuple[frozenset[str], frozenset[str]], tuple[IndependenceTest, list[str]]] = {}
    for facts in hypotheses:
        for test in sorted(facts.bearing, key=lambda test: (test.overruled, -abs(test.association or 0.0))):
            if test.shape is None:
                continue
            key = (frozenset((test.x, test.y)), frozenset(test.given))
            found.setdefault(key, (test, []))[1].append(facts.name)
    return sorted(((test, tuple(letters)) for test, letters in found.values()), key=lambda one: one[0].overruled)


def short(test: IndependenceTest) -> str:
    """Return in few words what stands beside a claim in a picture: contradicted, or why not."""
    if test.contradicted:
        return "contradicted"
    return f"in doubt: {test.shape}" if test.shape is not None and not test.overruled else ""


def panel(project: ProjectView, last: Fitted) -> None:
    """Draw the links in doubt, each with what would settle it."""
    found = doubted(last.comparison.hypotheses)
    if not found:
        return
    heading("Links in doubt", "looks")
    for place, (test, letters) in enumerate(found[:_SHOWN]):
        with st.container(key=f"gate_doubt_{place}"):
            text, button = st.columns([7, 2], vertical_alignment="center", gap="small")
            text.html(_told(project, test, letters))
            if not last.changed and results.live_request(project) is None:
                _offer(project, last, test, button, place)
    if len(found) > _SHOWN:
        st.html(f'<div class="wb-small">{len(found) - _SHOWN} more stand in the table of claims on Compare.</div>')


def signpost(project: ProjectView, comparison: Comparison) -> None:
    """Show the way to what would mend a verdict that rests on what does not fit; nothing where it does not."""
    facts = comparison.hypotheses
    if any(one.flagged_shapes or one.doubted_bearing for one in facts):
        label = "What does not fit: mend it, or take it as it is"
        session.page_link("check", label, project, icon=":material/build:")


def _offer(project: ProjectView, last: Fitted, test: IndependenceTest, where: DeltaGenerator, place: int) -> None:
    if test.overruled:
        taken = next((name for name in (test.y, test.x) if name in last.comparison.rules.overruled), test.y)
        if where.button("Let it count again", key=f"doubt_restore_{place}", width="stretch"):
            remedies.press(project, last, Remedy("restore", taken, "", ()))
        return
    hint = "It stays in the table of claims, and the verdict no longer rests on it. You can undo it."
    if where.button("Take it as it is", key=f"doubt_take_{place}", help=hint, width="stretch"):
        remedies.press(project, last, Remedy("overrule", test.y, "", ()))


def _told(project: ProjectView, test: IndependenceTest, letters: tuple[str, ...]) -> str:
    who = words.html(words.listing(letters, 8))
    said = words.html(f"{'denies' if len(letters) == 1 else 'deny'} {doubt_words(test, project.title_of)}.")
    more = ""
    if test.shape == FEW_ROWS and test.rows and len(test.rows) > 1:
        more = f" <small>Rows {words.html(words.listing([f'{row:,}' for row in test.rows], _ROWS))}.</small>"
    if test.overruled:
        more += " <small>You take it as it is: it no longer speaks in the verdict.</small>"
    style = "wb-agrees" if test.overruled else "wb-gate"
    return f'<div class="{style}" data-testid="doubt"><b>{who}</b> {said}{more}</div>'
