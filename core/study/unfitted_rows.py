"""The rows that a hypothesis without a fit is asked about, and the form that each of its columns has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.check.roles import Role, roles_of
from core.data.dataset import Dataset
from core.effects.steps import Step
from core.errors import NotYetError
from core.hypothesis import Hypothesis
from core.model.groups import groups_as_categories, with_groups
from core.model.resolve import complete_rows, resolve
from core.model.spec import ModelSpec
from core.model.suitable import check_supported
from core.study.bounding import Bounded, bounds_for
from core.study.unfitted_records import Asking
from core.words import joined

__all__ = ["Rows", "columns_of_all", "has_unmeasured", "why_not_fitted"]

FloatArray = NDArray[np.float64]

_MOST_BOUNDED = 5


def has_unmeasured(hypothesis: Hypothesis) -> bool:
    """Return whether a hypothesis draws unmeasured causes: arcs, or latent nodes."""
    return bool(hypothesis.graph.bidirected or hypothesis.graph.latents)


def columns_of_all(hypotheses: Sequence[Hypothesis], dataset: Dataset) -> tuple[ModelSpec, int]:
    """Return the specification of every observed node by itself, and how many rows have a value in all of them.

    Raises
    ------
    WhyboardError
        If a node is no column, or a column cannot be modelled.
    """
    first, *others = (_bare(with_groups(hypothesis)) for hypothesis in hypotheses)
    whole = first.with_unconnected(dict.fromkeys(node.name for other in others for node in other.nodes))
    dataset = groups_as_categories(hypotheses, dataset)
    return resolve(whole, dataset, given=()), complete_rows(dataset, whole.graph.nodes).rows


def why_not_fitted(hypothesis: Hypothesis) -> str:
    """Return why a hypothesis with unmeasured causes cannot be fitted; empty where that is no reason."""
    try:
        check_supported(with_groups(hypothesis))
    except NotYetError as error:
        return error.message
    return ""


def _bare(whole: Hypothesis) -> Hypothesis:
    """Return the observed nodes, none of which causes another: the form of each column is known of it alone."""
    return replace(
        whole,
        nodes=tuple(replace(node, group=None) for node in whole.nodes if not node.latent),
        edges=(),
        bidirected=(),
        exposure=None,
        outcome=None,
        background=(),
    )


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows that a hypothesis without a fit is asked about.

    Parameters
    ----------
    hypothesis : Hypothesis
    dataset : Dataset
        The complete rows, in which none of its nodes was set.
    asking : Asking
    spec : ModelSpec
        Of its observed nodes, each by itself.
    raw : mapping of str to array, shape (N,)
    titles : mapping of str to str
    seed : int
    """

    hypothesis: Hypothesis
    dataset: Dataset
    asking: Asking
    spec: ModelSpec
    raw: Mapping[str, FloatArray]
    titles: Mapping[str, str]
    seed: int

    @classmethod
    def of(
        cls,
        whole: Hypothesis,
        dataset: Dataset,
        asking: Asking,
        also: Sequence[str],
        titles: Mapping[str, str],
        seed: int,
    ) -> "Rows":
        """Return them; WhyboardError where a node is no column, or a column cannot be modelled."""
        observed = whole.graph.observed
        dataset = groups_as_categories((whole,), dataset)
        complete = complete_rows(dataset, tuple(dict.fromkeys((*observed, *also))))
        spec = resolve(_bare(whole), complete, given=())
        keep = np.ones(complete.rows, dtype=bool)
        for name in observed:
            keep &= ~complete.was_set(name)
        if asking.given is not None:
            column, wanted = asking.given
            values = complete.values(column)
            keep &= (values >= wanted[0]) & (values <= wanted[1]) if isinstance(wanted, tuple) else values == wanted
        complete = complete if keep.all() else complete.take(keep)
        raw = {name: complete.values(name) for name in observed}
        return cls(whole, complete, asking, spec, raw, titles, seed)

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        """How each column enters a regression."""
        return roles_of(self.spec)

    @property
    def step(self) -> Step:
        """From where to where the treatment goes."""
        assert self.asking.step is not None
        return self.asking.step

    def title(self, name: str) -> str:
        """Return the user's word for a column."""
        return self.titles.get(name, name)

    def levels(self, name: str) -> tuple[str, ...]:
        """Return a column's levels; none of a number."""
        return next(model.response.levels for model in self.spec.columns if model.node == name)

    def numbers(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return which of some columns are numbers."""
        return tuple(name for name in names if not self.levels(name))

    @property
    def skewed(self) -> bool:
        """Whether the outcome is told by its median."""
        return self.roles[self.asking.outcome].to_response == "log"

    @property
    def y(self) -> FloatArray:
        """The outcome as it is regressed, (N,): its logarithm where it is skewed."""
        return self.roles[self.asking.outcome].responses(self.raw[self.asking.outcome]) if self.skewed else self.raw[
            self.asking.outcome
        ]  # fmt: skip

    @cached_property
    def moved(self) -> tuple[FloatArray, FloatArray, float]:
        """The treatment's columns, (N, k), their mean change, (k,), and by how many steps a middling row is below."""
        role, own = self.roles[self.asking.treatment], self.raw[self.asking.treatment]
        low, high = (role.regressors(end) for end in self.step.ends(own))
        columns = role.regressors(own)
        change = np.mean(high - low, axis=0)
        away = float(np.mean(low - columns) / change[0]) if len(change) == 1 and change[0] else 0.0
        return columns, change, away

    def said(self, change: FloatArray) -> tuple[FloatArray, FloatArray | None]:
        """Return draws on the outcome's scale, and as ratios, of draws of a change of what is regressed, (S,).

        Of a logarithm the change is that of the median of a row in the middle of all columns.
        """
        if not self.skewed:
            return change, None
        with np.errstate(over="ignore"):
            ratio = np.exp(change)
            return np.exp(float(self.y.mean()) + change * self.moved[2]) * (ratio - 1.0), ratio

    def bounded(self) -> tuple[Bounded | None, str]:
        """Return bounds on the effect, columns of numbers and what is too many left aside; or why there are none."""
        x, y, graph = self.asking.treatment, self.asking.outcome, self.hypothesis.graph
        if numbers := self.numbers((x, y)):
            words = f"{joined(map(self.title, numbers))} {'is a number' if len(numbers) == 1 else 'are numbers'}"
            return None, f"bounds need few levels, and {words}"
        if self.asking.given is not None:
            return None, "bounds are of all rows"
        ends = self.step.low, self.step.high
        if ends[0] is None or ends[1] is None:
            return None, "bounds are of a step from one level to another"
        aside = set(self.numbers(graph.observed))
        for name in reversed(graph.topological_order):
            if len(set(graph.observed) - aside) > _MOST_BOUNDED and name not in graph.ancestors(y) | {x, y}:
                aside |= {name} & set(graph.observed)
        less = replace(
            self.hypothesis,
            nodes=tuple(replace(node, latent=node.latent or node.name in aside) for node in self.hypothesis.nodes),
            background=(),
        )
        found, why = bounds_for(less, self.dataset, x, y, self.seed, contrast=(int(ends[0]), int(ends[1])))
        if found is None or not aside:
            return found, why
        note = f"{found.effect.note}; {joined(map(self.title, sorted(aside)))} left aside"
        return replace(found, effect=replace(found.effect, note=note)), why
