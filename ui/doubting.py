"""Where the doubt about an answer comes from, as bars.

A bar is a variance, and its parts are shares of it: what the world does at random, what the parameters leave open, what
the structure leaves open.
"""

from __future__ import annotations

import streamlit as st

from core.study.forecast import Acted, Share
from ui import words
from ui.session import ProjectView
from ui.why import why

__all__ = ["doubt"]


def doubt(project: ProjectView, found: Acted) -> None:
    """Draw where the doubt comes from: of the difference, and of one more row."""
    bars = []
    if found.averaged.share is not None and len(found.forecasts) > 1:
        bars.append(("the difference, all together", found.averaged.share))
    bars += [
        (f"one row{', all together' if one is found.averaged else f', {one.name}'}", one.predictions[-1].share)
        for one in ([found.averaged] if len(found.forecasts) > 1 else []) + list(found.forecasts)
        if one.known and one.predictions[-1].share is not None
    ]
    lines = "".join(
        f"<div class='wb-doubt'><span>{words.html(name)}</span>{_bar(share)}</div>" for name, share in bars if share
    )
    told = "".join(f"<li>{words.html(words.sentence(text))}</li>" for text in found.told)
    if lines:
        st.html(
            f'<div class="wb-small" data-testid="doubt"><b>Where the doubt comes from</b> {why("doubt")}'
            f'<div class="wb-legend"><span><i class="wb-d-chance"></i>chance in the world</span>'
            f'<span><i class="wb-d-parameters"></i>unknown strengths</span>'
            f'<span><i class="wb-d-structure"></i>whose graph is right</span></div>{lines}'
            f"{f'<ul>{told}</ul>' if told else ''}</div>"
        )


def _bar(share: Share) -> str:
    parts = [("chance", share.chance), ("parameters", share.parameters), ("structure", share.structure or 0.0)]
    inside = "".join(
        f'<i class="wb-d-{name}" style="width:{100 * value:.1f}%">{f"{value:.0%}" if value > 0.12 else ""}</i>'
        for name, value in parts
        if value > 0
    )
    said = ", ".join(f"{name} {value:.0%}" for name, value in parts if value > 0) or "nothing is left open"
    return f'<b class="wb-doubt-bar" role="img" aria-label="{words.html(said)}">{inside or said}</b>'
