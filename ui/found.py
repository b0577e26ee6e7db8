"""What stands on the drawing itself: what it is made of, and what the latest fit says of it.

Groups and effects that differ always; effects, curves and links that it denies and the data show only on a
drawing that still says what was fitted, of the same data.
"""

from __future__ import annotations

from core.comparison.result import HypothesisFacts
from core.data.dataset import Dataset
from core.errors import StoreError
from core.figures.graph import graph_view
from core.hypothesis import Hypothesis
from core.study.modelling import meaning
from ui import grouping, results
from ui.editor import Overlay, overlay_of
from ui.session import HypothesisRecord, ProjectView

__all__ = ["SAID", "facts_of", "overlay"]

SAID = "Numbers and red dots: what the latest fit says of this drawing. A dashed arrow may be zero."


def facts_of(
    project: ProjectView, record: HypothesisRecord, drawn: Hypothesis, dataset: Dataset | None
) -> HypothesisFacts | None:
    """Return what the latest fit says of a drawing; None where it does not speak of it."""
    done = results.fits(project, ("done",))
    if dataset is None or not done or done[0].payload["fingerprint"] != dataset.fingerprint:
        return None
    was = next((h for h in done[0].payload["hypotheses"] if h["name"] == record.letter), None)
    if was is None or meaning(Hypothesis.from_dict(was)) != meaning(drawn):
        return None
    try:
        return results.comparison_of(done[0].id).hypothesis(record.letter)
    except (StoreError, KeyError):  # gone, or not all of it could be fitted
        return None


def overlay(
    project: ProjectView, record: HypothesisRecord, drawn: Hypothesis, facts: HypothesisFacts | None
) -> Overlay:
    """Return what is shown over a drawing; ``facts`` are those of :func:`facts_of`."""
    names = [node.name for node in drawn.nodes]
    titles = results.titles(project, (*names, *grouping.groups_of([drawn])))
    known = facts.to_dict() if facts is not None else None
    return overlay_of(graph_view(drawn, record.colour, {}, titles, known, results.units(project, names)))
