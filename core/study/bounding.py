"""What the rows rule out of an effect that a graph does not identify, where few levels make that a finite question."""

from dataclasses import dataclass

import numpy as np

from core.data.dataset import Dataset
from core.effects.bounds import Bounds, chance_bounds, effect_bounds, joint_of
from core.errors import WhyboardError
from core.hypothesis import Hypothesis
from core.words import joined

__all__ = ["Bounded", "bounds_for"]

_MOST_NODES = 5


@dataclass(frozen=True)
class Bounded:
    """Bounds on an effect, and on the chance of the outcome's last level once the treatment is set.

    Parameters
    ----------
    effect : Bounds
        Of the mean outcome at the treatment's last level less that at its first; of levels by their places.
    chances : tuple of (str, Bounds)
        By the level to which the treatment is set.
    level : str
        The outcome's last level.
    rows : int
    of_two : bool
        Whether the outcome has two levels, so that the effect is of a chance.
    """

    effect: Bounds
    chances: tuple[tuple[str, Bounds], ...]
    level: str
    rows: int
    of_two: bool = True

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        chances = [{"do": level, **found.to_dict()} for level, found in self.chances]
        return {**self.effect.to_dict(), "level": self.level, "chances": chances, "rows": self.rows}


def bounds_for(
    hypothesis: Hypothesis,
    dataset: Dataset,
    treatment: str,
    outcome: str,
    seed: int = 0,
    *,
    contrast: tuple[int, int] | None = None,
) -> tuple[Bounded | None, str]:
    """Return bounds, or None and why there are none.

    Parameters
    ----------
    hypothesis : Hypothesis
        Its unmeasured causes and arcs are what leaves the effect open.
    dataset : Dataset
        Rows with a value in every observed node are used.
    treatment, outcome : str
    seed : int
        Of the interval for sampling.
    contrast : (int, int), optional
        From which level of the treatment to which, as places; from the first to the last unless given.
    """
    graph = hypothesis.graph
    if lacking := [name for name in graph.observed if name not in dataset.names]:
        return None, f"the data have no column {joined(lacking)}"
    if numbers := [name for name in graph.observed if not dataset.column(name).discrete]:
        return (
            None,
            f"bounds need few levels, and {joined(numbers)} {'is a number' if len(numbers) == 1 else 'are numbers'}",
        )
    if len(graph.observed) > _MOST_NODES:
        return None, f"bounds are found for up to five columns, and there are {len(graph.observed)}"
    complete = np.flatnonzero(dataset.complete(list(graph.observed)))
    if not len(complete):
        return None, "no row has a value in every column"
    levels = {name: dataset.column(name).levels for name in graph.observed}
    codes = {name: dataset.values(name)[complete] for name in graph.observed}
    joint = joint_of(codes, levels, graph.observed)
    try:
        effect = effect_bounds(
            graph, joint, levels, treatment, outcome, contrast=contrast, rows=len(complete), seed=seed
        )
        last = len(levels[outcome]) - 1
        chances = tuple(
            (name, chance_bounds(graph, joint, levels, treatment, outcome, at=place, level=last))
            for place, name in enumerate(levels[treatment])
        )
    except WhyboardError as error:
        return None, str(error)
    return Bounded(effect, chances, levels[outcome][last], len(complete), last == 1), ""
