"""What the latest fit says on the drawing itself: effects on its arrows, and links that it denies and the data show.

Only on a drawing that still says what was fitted, of the same data; whatever is drawn otherwise stands bare.
"""

from __future__ import annotations

from core.data.dataset import Dataset
from core.errors import StoreError
from core.figures.graph import graph_view
from core.hypothesis import Hypothesis
from core.study.modelling import meaning
from ui import results
from ui.editor import Overlay, overlay_of
from ui.session import HypothesisRecord, ProjectView

__all__ = ["SAID", "overlay"]

SAID = "Numbers and red dots: what the latest fit says of this drawing. A dashed arrow may be zero."


def overlay(
    project: ProjectView, record: HypothesisRecord, drawn: Hypothesis, dataset: Dataset | None
) -> Overlay | None:
    """Return what the latest fit says of a drawing; None where it does not speak of it."""
    done = results.fits(project, ("done",))
    if dataset is None or not done or done[0].payload["fingerprint"] != dataset.fingerprint:
        return None
    was = next((h for h in done[0].payload["hypotheses"] if h["name"] == record.letter), None)
    if was is None or meaning(Hypothesis.from_dict(was)) != meaning(drawn):
        return None
    try:
        facts = results.comparison_of(done[0].id).hypothesis(record.letter)
    except (StoreError, KeyError):  # gone, or not all of it could be fitted
        return None
    places = results.positions([drawn])
    titles, units = results.titles(project, places), results.units(project, places)
    return overlay_of(graph_view(drawn, record.colour, places, titles, facts.to_dict(), units))
