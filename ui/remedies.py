"""When a gate has failed: which one, at which node, why it matters, and one button where it can be done at once.

Shown on Fit, Check and Compare, wherever the failure holds something back. What a button
changes is kept with the project, is fitted at once, and can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.comparison.result import BlockFacts
from core.comparison.ways import gate_words
from core.errors import WhyboardError
from core.families import FAMILIES
from core.families.choose import families_for
from core.fit.blocks import MAX_DRAWS
from core.fit.gates import GateFailure
from core.hypothesis import Hypothesis, Prior
from ui import bending, drawing, results, session, steps, widgets, words
from ui.families import FAMILY_WORDS
from ui.results import Fitted
from ui.session import ProjectView
from ui.thresholds import kept_rules, rules_setting

__all__ = ["Remedy", "apply", "panel", "press", "remedies", "undo"]

_TIMES = 4
_DONE = steps.KEPT  # the project's setting: what the last button changed, to undo it


@dataclass(frozen=True)
class Remedy:
    """What can be done about failed gates.

    ``action`` is ``"draws"``, ``"nuts"``, ``"family"`` or ``"none"``; of a family's shape also
    ``"overrule"`` and ``"restore"``, which takes that back, ``"bend"`` (the arrow from ``about``, or all
    into the node; every arrow without a node) and ``"differ"`` (by ``about``, the effect of ``cause`` or of
    all others). ``failed`` holds each failure with the letters of the hypotheses it concerns.
    """

    action: str
    node: str
    family: str
    failed: tuple[tuple[GateFailure, tuple[str, ...]], ...]
    about: str | None = None
    cause: str | None = None

    @property
    def label(self) -> str:
        """What the button says."""
        match self.action:
            case "draws":
                return f"Fit again with {_TIMES}x the draws"
            case "nuts":
                return "Fit this node with NUTS"
            case "family":
                return f"Use {self.family} for this node"
        return ""


def remedies(project: ProjectView, last: Fitted) -> tuple[Remedy, ...]:
    """Return what can be done about the failed gates of a comparison, one entry a button."""
    draws = int(last.request.payload["draws"])
    gathered: dict[tuple[str, str, str], dict[tuple[str, str, float], tuple[GateFailure, list[str]]]] = {}
    for facts in last.comparison.hypotheses:
        for node in dict.fromkeys(failure.node for failure in facts.gates.failed):
            failures = [failure for failure in facts.gates.failed if failure.node == node]
            block = next(block for block in facts.blocks if node in block.nodes)
            made = next(found for found in facts.nodes if found.name == node)
            action, family = _action({f.gate for f in failures}, block, made.family, made.kind, draws)
            key = (action, "" if action == "draws" else node, family)
            for failure in failures:
                same = gathered.setdefault(key, {})
                same.setdefault((failure.gate, node, failure.value), (failure, []))[1].append(facts.name)
    return tuple(
        Remedy(action, node, family, tuple((failure, tuple(names)) for failure, names in found.values()))
        for (action, node, family), found in gathered.items()
    )


def _action(gates: set[str], block: BlockFacts, family: str, kind: str, draws: int) -> tuple[str, str]:
    """Return what helps a node, the most direct first: other draws, more draws, heavier tails."""
    if gates & {"proposal_k", "effective_draws"}:
        return "nuts", ""
    if "divergences" in gates:
        return "none", ""  # more draws of a sampler that misses a region only miss it more surely
    if gates & {"rhat", "ess_bulk", "ess_tail"}:
        return ("draws", "") if draws * _TIMES <= MAX_DRAWS else ("none", "")
    heavier = FAMILIES[family].heavier if family in FAMILIES else ""
    if "pareto_k" in gates and heavier in families_for(kind):
        return "family", heavier
    return "none", ""


# -- doing and undoing --------------------------------------------------------------


def apply(project: ProjectView, last: Fitted, remedy: Remedy) -> None:
    """Change what a remedy changes, and remember how it was.

    Raises
    ------
    WhyboardError
        If a drawing cannot be changed.
    """
    kept = dict(project.settings.get("fit") or {})
    before: dict[str, Any] = {"fit": {}, "nodes": {}}
    if remedy.action == "draws":
        draws = min(_TIMES * int(last.request.payload["draws"]), MAX_DRAWS)
        said, fit = f"Every node is fitted with {draws:,} draws now", {**kept, "draws": draws}
        before["fit"] = {"draws": kept.get("draws")}
    elif remedy.action == "nuts":
        own = {**(kept.get(results.OWN_WAYS) or {}), remedy.node: "nuts"}
        said, fit = f"{project.title_of(remedy.node)} is fitted with NUTS now", {**kept, results.OWN_WAYS: own}
        before["fit"] = {results.OWN_WAYS: kept.get(results.OWN_WAYS)}
    elif remedy.action in ("overrule", "restore"):
        _overrule(project, remedy)
        return
    elif remedy.action in ("bend", "differ"):
        said, before["step"], fit = *_change_arrows(project, remedy), kept
    else:
        letters, before["nodes"] = _use_family(project, remedy.node, remedy.family)
        title = project.title_of(remedy.node)
        said, fit = f"{title} is {remedy.family} now in {words.listing(letters, 8)}, so that rivals share it", kept
    session.put_setting(project, fit=fit or None, **{_DONE: {"said": said, "node": remedy.node, **before}})


def _change_arrows(project: ProjectView, remedy: Remedy) -> bending.Changed:
    title = project.title_of
    if remedy.action == "bend":
        if not remedy.node:
            what = "Every arrow"
        elif remedy.about is None:
            what = f"Every arrow into {title(remedy.node)}"
        else:
            what = f"The arrow {title(remedy.about)} -> {title(remedy.node)}"
        return bending.bend(project, what, remedy.node, remedy.about)
    what = "its other causes do" if remedy.cause is None else f"{title(remedy.cause)} does"
    effect = f"What {what} to {title(remedy.node)}"
    return bending.differ(project, effect, remedy.node, remedy.about or "", remedy.cause)


def _overrule(project: ProjectView, remedy: Remedy) -> None:
    """Take a node's shape as it is, or let it count again; nothing is fitted anew."""
    kept, title = kept_rules(project), project.title_of(remedy.node)
    others = tuple(node for node in kept.overruled if node != remedy.node)
    if remedy.action == "overrule":
        now, said = (*others, remedy.node), f"{title} is taken as it is now"
    else:
        now, said = others, f"The shape of {title} counts again"
    done = {"said": said, "node": remedy.node, "fit": {}, "nodes": {}, "overruled": list(kept.overruled)}
    session.put_setting(project, rules=rules_setting(replace(kept, overruled=now)), **{_DONE: done})


def _use_family(project: ProjectView, node: str, family: str) -> tuple[list[str], dict[str, Any]]:
    """Give a node another family in every hypothesis: rivals keep one, also those that leave the node out."""
    letters: list[str] = []
    before: dict[str, Any] = {}
    for record in project.hypotheses():
        if record.problem is not None or not record.hypothesis.nodes:
            continue
        base = record.hypothesis
        if node in base.graph.nodes:
            old = next(entry for entry in base.to_dict()["nodes"] if entry["name"] == node)
            before[record.id] = {name: old[name] for name in ("family", "link", "priors")}
            changed = base.with_node(node, family=family, link=None, priors=())
        else:
            before[record.id] = None
            changed = base.with_unconnected([node]).with_node(node, family=family)
        session.save_hypothesis(project, record.id, changed)
        letters.append(record.letter)
    return letters, before


def undo(project: ProjectView) -> None:
    """Take back what the last button changed; other changes since stay."""
    done = project.settings.get(_DONE) or {}
    for record in project.hypotheses():
        if record.id not in done.get("nodes", {}) or record.problem is not None:
            continue
        restored = _restored(record.hypothesis, str(done["node"]), done["nodes"][record.id])
        session.save_hypothesis(project, record.id, restored)
    bending.undo(project, done.get("step") or {})
    fit = {**(project.settings.get("fit") or {}), **(done.get("fit") or {})}
    fit = {name: value for name, value in fit.items() if value is not None}
    more = {}
    if "overruled" in done:
        more = {"rules": rules_setting(replace(kept_rules(project), overruled=tuple(done["overruled"])))}
    session.put_setting(project, fit=fit or None, **more, **{_DONE: None})


def _restored(base: Hypothesis, node: str, old: Mapping[str, Any] | None) -> Hypothesis:
    if node not in base.graph.nodes:
        return base
    if old is None:
        touched = {end for edge in base.edges for end in (edge.source, edge.target)} | set().union(*base.bidirected)
        return base.with_node(node, family=None) if node in touched else drawing.without_node(base, node)
    priors = tuple((name, Prior.from_dict(prior)) for name, prior in old["priors"].items())
    return base.with_node(node, family=old["family"], link=old["link"], priors=priors)


# -- on the page ----------------------------------------------------------------------


def panel(project: ProjectView, last: Fitted) -> None:
    """Draw the failed gates of what a page shows, each with its remedy, and the way back from the last one."""
    running = results.live_request(project) is not None
    _taken_back(project, running)
    if running:
        return
    for place, remedy in enumerate(remedies(project, last)):
        with st.container(key=f"gate_{place}"):
            text, button = st.columns([7, 2], vertical_alignment="center", gap="small")
            text.html(f'<div class="wb-gate" role="alert" data-testid="gate">{_lines(project, remedy)}</div>')
            with button:
                _offer(project, last, remedy, f"{remedy.action}_{place}")


def _offer(project: ProjectView, last: Fitted, remedy: Remedy, key: str) -> None:
    if remedy.action == "none":
        session.page_link("draw", "Change this node on Draw", project, icon=":material/edit:")
    elif not last.changed:
        told = FAMILY_WORDS.get(remedy.family, "")
        hint = f"{remedy.family}: {told}. Every hypothesis gets it, so that rivals share it." if told else None
        pressed = st.button(remedy.label, key=f"remedy_{key}", help=words.md(hint) if hint else None, width="stretch")
        if pressed:
            press(project, last, remedy)


def _lines(project: ProjectView, remedy: Remedy) -> str:
    parts = []
    for failure, letters in remedy.failed:
        said = f"{words.html(gate_words(failure, project.title_of))}."
        parts.append(
            f"<b>{words.html(words.listing(letters, 8))}: {said}</b> {words.html(words.sentence(failure.advice))}"
        )
    held = "Until then no score is ranked and no effect is reported that depends on it."
    return f"{'<br>'.join(dict.fromkeys(parts))} <small>{held}</small>"


def press(project: ProjectView, last: Fitted, remedy: Remedy) -> None:
    """Do what a button offers, fit at once what it changes, and run the page again; or say why it cannot be."""
    try:
        apply(project, last, remedy)
        _fit_again(project)
    except WhyboardError as error:
        widgets.refusal(error)
        return
    st.rerun()


def _fit_again(project: ProjectView) -> None:
    """Fit what the project says now; what did not change comes from the cache."""
    now = session.current()
    dataset = now.dataset() if now is not None else None
    if now is None or dataset is None:
        return
    results.submit(now, dataset, results.candidates(now, dataset))


def _taken_back(project: ProjectView, running: bool) -> None:
    """Offer the way back from the last remedy, until it is taken or declined."""
    done = project.settings.get(_DONE)
    if not done:
        return
    text, back, keep = st.columns([7, 1, 1], vertical_alignment="center", gap="small")
    with text:
        widgets.note(words.sentence(str(done["said"])))
    if back.button("Undo", key="remedy_undo", type="tertiary", icon=":material/undo:"):
        try:
            undo(project)
            _fit_again(project)
        except WhyboardError as error:
            widgets.refusal(error)
        else:
            st.rerun()
    if not running and keep.button("Keep it", key="remedy_keep", type="tertiary"):
        session.put_setting(project, **{_DONE: None})
        st.rerun()
