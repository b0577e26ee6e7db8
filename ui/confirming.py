"""Confirm with NUTS: sample the joint model of each hypothesis in the background, and say whether it agrees."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.comparison.agreement import Agreement, parameter_words, summary
from core.comparison.ways import WAYS
from core.errors import WhyboardError
from core.store.records import Request
from ui import results, session, widgets, words
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["panel"]


def panel(project: ProjectView, last: Fitted) -> None:
    """Draw the button, how far it is, or what it found."""
    if results.live_request(project) is not None:
        return
    latest = last.confirmation
    if latest is not None and latest.live:
        st.fragment(_progress, run_every=0.5)(project, latest.id)
    elif latest is not None and latest.state == "done" and last.agreements is not None:
        _found(project, last, last.agreements)
    elif last.changed or not all(h.gates.passed for h in last.comparison.hypotheses):
        return  # a failed gate has a remedy of its own, which comes first
    elif any(b.method != "nuts" for h in last.comparison.hypotheses for b in h.blocks):
        _offer(last, latest)


def _offer(last: Fitted, before: Request | None) -> None:
    quick = sorted({b.method for h in last.comparison.hypotheses for b in h.blocks} - {"nuts"})
    ways = words.listing(WAYS.get(method, method) for method in quick)
    with st.container(key="gate_confirm"):
        left, right = st.columns([2, 7], vertical_alignment="center")
    pressed = left.button("Confirm with NUTS", key="confirm_nuts", icon=":material/verified:", width="stretch")
    with right:
        if before is not None and before.state == "failed":
            reasons = " ".join(words.sentence(line) for line in before.errors) or "It did not finish."
            widgets.note(f"The confirmation did not finish: {reasons}")
        elif before is not None and before.state == "cancelled":
            widgets.note("The confirmation was cancelled; what stands here is as it was.")
        else:
            widgets.note(
                f"What stands here came from {ways}, node by node. This samples each hypothesis as one joint model, the "
                "one that is exported, in the background, and says whether they agree; you can go on meanwhile."
            )
    if pressed:
        try:
            session.get_jobs().confirm(last.request.id)
        except WhyboardError as error:
            widgets.refusal(error)
            return
        st.rerun()


def _progress(project: ProjectView, request: str) -> None:
    jobs = session.get_jobs()
    status = jobs.status(request)
    if not status.live:
        st.rerun()
    left = f", about {words.duration(status.seconds_left)} left" if status.seconds_left is not None else ""
    bar, stop = st.columns([5, 1], vertical_alignment="center")
    bar.progress(
        min(1.0, status.fraction), text=f"Confirming with NUTS, {words.duration(status.seconds_elapsed)}{left}"
    )
    if stop.button("Stop confirming", key="cancel_confirm", width="stretch"):
        jobs.cancel(request)
        st.rerun()
    running = [name for b in status.blocks if b.state == "running" and b.method == "nuts" for name in b.hypotheses]
    said = f"Sampling the joint model of {words.listing(dict.fromkeys(running))}. " if running else ""
    widgets.note(f"{said}What stands on this page stays as it is.")


def _found(project: ProjectView, last: Fitted, found: Sequence[Agreement]) -> None:
    differs = any(one.agrees is False for one in found)
    told = [words.html(sentence) for sentence in summary(found, project.title_of)]
    skipped = _not_confirmed(last, found)
    if skipped:
        said = words.html(words.listing(map(project.title_of, skipped)))
        told.append(f"Not sampled anew, since the table is large: {said}.")
    kind, head = "wb-gate", ""
    if differs:
        head = "≠ Sampling the joint model with NUTS found something else."
    elif any(one.agrees is None for one in found):
        head = "NUTS could not confirm all of it."
    elif found:
        kind, head = "wb-agrees", "✓ Confirmed with NUTS."
    st.html(
        f'<div class="{kind}" role="status" data-testid="confirmation">{why("agreement")}'
        f"<b>{head}</b> {' '.join(told)}</div>"
    )
    if found:
        with st.expander("Agreement node by node"):
            results.listed([_row(project, one) for one in found], "agreement")


def _not_confirmed(last: Fitted, found: Sequence[Agreement]) -> list[str]:
    """Return the nodes that NUTS did not sample anew: tables too large for it."""
    seen = {(name, one.node) for one in found for name in one.hypotheses}
    missing = [
        node for h in last.comparison.hypotheses for b in h.blocks for node in b.nodes if (h.name, node) not in seen
    ]
    return list(dict.fromkeys(missing))


def _row(project: ProjectView, one: Agreement) -> dict[str, object]:
    return {
        "node": project.title_of(one.node),
        "in": ", ".join(one.hypotheses),
        "shown from": WAYS.get(one.method, one.method),
        "agrees": {True: "yes", False: "no", None: "cannot be compared"}[one.agrees],
        "largest difference of a mean, in Monte Carlo errors": round(one.worst_z, 2),
        "of": parameter_words(one.worst, project.title_of),
        "largest difference of a mean, in standard deviations": round(one.largest_share, 3),
        "spread shown / NUTS": round(one.sd_ratio, 3),
        "up to this is chance": round(one.bound, 2),
    }
