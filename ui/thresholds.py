"""Thresholds: when a claim counts as contradicted and a check as flagged, for Check and Compare."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import streamlit as st

from core.check.tested import Rules
from ui import results, session, widgets
from ui.results import Candidates, Fitted
from ui.session import ProjectView

__all__ = ["kept_rules", "rules_setting", "thresholds"]


def kept_rules(project: ProjectView) -> Rules:
    """Return the thresholds that this project uses."""
    return Rules(**(project.settings.get("rules") or {}))


def rules_setting(rules: Rules) -> dict[str, Any] | None:
    """Return rules as they are kept with a project: nothing where they are the usual ones."""
    return None if rules == Rules() else {**asdict(rules), "overruled": list(rules.overruled)}


def thresholds(project: ProjectView, found: Candidates, last: Fitted) -> None:
    """Draw the thresholds; a change is applied at once, without fitting anything again."""
    kept = kept_rules(project)
    with st.expander("Thresholds: what counts as contradicted, and as not reproduced"):
        one, two, three = st.columns(3)
        p = one.number_input(
            "A claim is contradicted if its adjusted p is under",
            0.0001, 0.5, kept.p_adjusted, 0.01, format="%.4g", key="rule_p",
        )  # fmt: skip
        size = two.number_input(
            "… and the association left over is above", 0.0, 0.9, kept.association, 0.05, format="%.3g", key="rule_size"
        )
        check = three.number_input(
            "A check is flagged if its predictive p is under",
            0.0001, 0.5, kept.predictive_p, 0.01, format="%.4g", key="rule_check",
        )  # fmt: skip
        chosen = replace(kept, p_adjusted=float(p), association=float(size), predictive_p=float(check))
        widgets.note("Usual: 0.05, 0.1 and 0.01. They decide what is named in red and amber, never a number.")
    if chosen != kept:
        session.put_setting(project, rules=rules_setting(chosen))
        st.rerun()  # the page asks for the same fit under them
    if results.live_request(project) is not None:
        widgets.note("A newer fit is on its way; this page shows it when it is there.")
