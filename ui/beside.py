"""What stands beside an effect, in plain words below its picture: overlap, a second opinion, robustness."""

import streamlit as st

from core.comparison.cautions import beside_effect
from core.comparison.result import Comparison
from core.words import joined
from ui import words
from ui.why import why

__all__ = ["panel"]


def panel(comparison: Comparison, pair: tuple[str, str]) -> None:
    """Draw one line a hypothesis, one for what several share; nothing where there is nothing to say."""
    columns = {column.name: column for column in comparison.data.columns}
    found: dict[tuple[str, ...], list[str]] = {}
    for facts in comparison.hypotheses:
        for effect in facts.effects:
            if (effect.treatment, effect.outcome) == pair and (said := beside_effect(effect, columns)):
                found.setdefault(tuple(said), []).append(facts.name)
    if not found:
        return
    lines = "".join(f"<li><b>{words.html(joined(names))}</b>: {_listed(said)}.</li>" for said, names in found.items())
    st.html(
        f'<div class="wb-small" data-testid="beside"><b>How far to trust these</b> {why("beside")}<ul>{lines}</ul></div>'
    )


def _listed(said: tuple[str, ...]) -> str:
    return "; ".join(words.html(part) for part in said)
