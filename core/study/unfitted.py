"""What a hypothesis that cannot be fitted says of an action all the same.

A graph with unmeasured causes has no fit here; what follows from it is not therefore unknown. Where the graph
identifies the effect, it is estimated as the graph says: by adjustment, through the front door, or by the formula that
the ID algorithm gives. Where it does not, an instrument answers under a linear model, few levels leave bounds, and
numbers the prior beside what the rows leave of it (:mod:`core.effects.bow`). What is left cannot be known from the
rows, and why is said, with the smallest changes that would make it known and who of the rivals makes them already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.data.dataset import Dataset
from core.errors import GraphError, WhyboardError
from core.fit.posterior import Summary
from core.graph.identify import identify
from core.hypothesis import Hypothesis
from core.model.groups import with_groups
from core.study.denying import exits_of
from core.study.unfitted_records import Asking, Estimated, Unfitted
from core.study.unfitted_rows import Rows, has_unmeasured
from core.study.unfitted_ways import answered

__all__ = ["unfitted"]

_ONE_STEP = "of a hypothesis that cannot be fitted only this is asked: one column goes from one value to another"


def unfitted(
    hypothesis: Hypothesis,
    dataset: Dataset,
    asking: Asking,
    reason: str,
    *,
    rivals: Sequence[Hypothesis] = (),
    also: Sequence[str] = (),
    titles: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Unfitted:
    """Return what a hypothesis that could not be fitted says of one step.

    Parameters
    ----------
    hypothesis : Hypothesis
    dataset : Dataset
        Rows with a value in every observed node, and in each of ``also``, are used.
    asking : Asking
    reason : str
        Why it could not be fitted.
    rivals : sequence of Hypothesis
        The others, fitted or not.
    also : sequence of str
        Columns that its rivals are compared on.
    titles : mapping of str to str, optional
        The user's words for columns.
    seed : int
    """
    whole = with_groups(hypothesis).with_unconnected((asking.treatment, asking.outcome))
    held = [] if asking.given is None else [asking.given[0]]
    words = titles or {}
    try:
        if held and held[0] not in whole.graph.nodes:
            whole = whole.with_unconnected(held)
        found = identify(whole.graph, asking.treatment, asking.outcome, whole.background, held)
    except GraphError as error:
        return Unfitted(hypothesis.name, reason, because=error.message)
    one = Unfitted(hypothesis.name, reason, found, exits_of(found, rivals), rivals=len(rivals))
    if found.left_open:
        x = words.get(asking.treatment, asking.treatment)
        return replace(one, because=f"{x} is background, and how it is related to the others is left open")
    if set(held) & set(whole.graph.descendants(asking.treatment)):
        return replace(one, because=f"{words.get(held[0], held[0])} follows from what is set, and cannot say for whom")
    if found.no_effect:
        nothing: Summary = {"mean": 0.0, "sd": 0.0, "q05": 0.0, "q95": 0.0}
        return replace(one, estimate=Estimated("no effect", (), nothing, assumes="no path leads there"))
    if not has_unmeasured(hypothesis):
        return replace(one, because="it could not be fitted, though it draws no unmeasured cause")
    if asking.step is None:
        return replace(one, because=_ONE_STEP)
    try:
        rows = Rows.of(whole, dataset, asking, also, words, seed)
    except WhyboardError as error:
        return replace(one, because=error.message)
    return answered(one, rows)
