"""A comparison opened again: its fits and its rows, from what it keeps, with nothing resolved or fitted anew.

What comes after a comparison starts here: another effect, an export, a decision. A comparison keeps its
specifications and the content keys of its blocks; the blocks are in the cache, the rows with the user.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.check.dependence import Dependence
from core.check.one_each import one_of_each
from core.check.roles import roles_of
from core.check.rows_as import in_order, rows_as
from core.check.tested import Observed
from core.comparison.result import Comparison
from core.comparison.scope import LEAVE_ONE_OUT
from core.data.dataset import Dataset
from core.effects.mediation import Mediation
from core.effects.total import Effect
from core.errors import FitError, UsageError
from core.fit.cache import BlockCache
from core.fit.glue import to_datatree
from core.fit.memory import BlockMemory
from core.fit.result import Fit
from core.memory import Memory
from core.model.earlier import timed_as
from core.model.groups import as_modelled
from core.model.resolve import complete_rows
from core.study.answering import effect_of
from core.study.comparing import KEPT
from core.study.depending import dependence_of
from core.study.imagining import Imagined, imagine_from
from core.study.mediating import mediation_of
from core.study.replicating import observed_of

if TYPE_CHECKING:
    from xarray import DataTree

__all__ = ["Reopened", "reopen"]

_WORLDS = 64_000_000  # bytes


@dataclass(frozen=True, eq=False)
class Reopened:
    """A comparison with its fits and its rows.

    Parameters
    ----------
    comparison : Comparison
    dataset : Dataset
        As it was compared: without the rows that the user keeps out.
    complete : Dataset
        The rows with a value in every node.
    fits : tuple of Fit
        In the order of the comparison's hypotheses.
    """

    comparison: Comparison
    dataset: Dataset
    complete: Dataset
    fits: tuple[Fit, ...]

    def fit(self, name: str) -> Fit:
        """Return the fit of one hypothesis by name (KeyError if there is none)."""
        return self.fits[self._place(name)]

    def effect(self, name: str, treatment: str, outcome: str, *, seed: int = 0) -> Effect:
        """Return a total effect under one hypothesis, as a comparison that had been asked for it reports it.

        Parameters
        ----------
        name : str
            The hypothesis.
        treatment, outcome : str
            Two of its nodes.
        seed : int
            Of effects by simulation.
        """
        nodes = self._nodes
        if missing := [node for node in (treatment, outcome) if node not in nodes]:
            raise UsageError(
                f"{missing[0]!r} is not a node of any hypothesis", hint=f"The nodes are: {', '.join(nodes[:8])}."
            )
        place = self._place(name)
        return effect_of(
            self.comparison.drawn[place],
            self.fits[place],
            self.observed,
            (treatment, outcome),
            seed,
            self.failed(place),
            self.dependence,
            self.memory,
        )

    @cached_property
    def memory(self) -> Memory:
        """What was found of these rows."""
        return Memory()

    @cached_property
    def worlds(self) -> Memory:
        """What was drawn of nodes in worlds that somebody acted in."""
        return Memory(_WORLDS)

    @cached_property
    def observed(self) -> Observed:
        """The complete rows."""
        return observed_of(self.complete, self._nodes, self.dataset)

    @cached_property
    def dependence(self) -> Dependence:
        """How much rows depend on one another."""
        rows = rows_as(self.comparison.rows.taken or None, self.dataset)
        return dependence_of(self.dataset, roles_of(self.fits[0].spec), self.observed, self._nodes, rows)

    def failed(self, place: int) -> set[str]:
        """Return the nodes of a hypothesis, by its place, whose sampling failed a gate."""
        failures = self.comparison.hypotheses[place].gates.failed
        return {failure.node for failure in failures if failure.gate not in LEAVE_ONE_OUT}

    def counterfactual(
        self,
        name: str,
        settings: Mapping[str, str | float],
        *,
        row: int | None = None,
        where: tuple[str, str] | None = None,
        seed: int = 0,
    ) -> Imagined:
        """Return what a row, or a group, would have shown under one hypothesis (:func:`imagine_from`)."""
        place = self._place(name)
        drawn, fit = self.comparison.drawn[place], self.fits[place]
        return imagine_from(drawn, fit, self.dataset, settings, row=row, where=where, seed=seed)

    def mediation(
        self,
        name: str,
        treatment: str,
        outcome: str,
        *,
        mediators: Collection[str] | None = None,
        values: tuple[str | float, str | float] | None = None,
        seed: int = 0,
    ) -> tuple[Mediation, ...]:
        """Return how a total effect under one hypothesis is made up (:func:`mediation_of`)."""
        place = self._place(name)
        drawn, fit = self.comparison.drawn[place], self.fits[place]
        asked = (drawn, fit, self.complete, treatment, outcome)
        return mediation_of(*asked, mediators=mediators, values=values, seed=seed)

    def to_datatree(self, name: str, log_likelihood: bool = True) -> "DataTree":
        """Return one hypothesis' fit as ArviZ takes it (:func:`core.fit.glue.to_datatree`)."""
        found: Any = to_datatree(self.fit(name), self.complete, log_likelihood)
        return found

    @property
    def _nodes(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.comparison.data.columns)

    def _place(self, name: str) -> int:
        names = [facts.name for facts in self.comparison.hypotheses]
        if name not in names:
            raise KeyError(name)
        return names.index(name)


def reopen(comparison: Comparison, data: Dataset | str | Path, cache: BlockCache | BlockMemory = KEPT) -> Reopened:
    """Return a comparison with its fits and its rows.

    Parameters
    ----------
    comparison : Comparison
    data : Dataset or path
        The rows that were compared on.
    cache : BlockCache or BlockMemory
        Where its blocks are kept; those that this process keeps from call to call unless given.

    Raises
    ------
    UsageError
        If the rows are others, or the comparison was stored before it kept its specifications.
    FitError
        If a block is no longer kept.
    """
    dataset = data if isinstance(data, Dataset) else Dataset.read(data)
    taken = rows_as(comparison.rows.taken or None, dataset)
    dataset = in_order(one_of_each(dataset, taken), taken)
    for spec in comparison.specs:  # what was taken level by level was compared as categories
        dataset = timed_as(spec, as_modelled(spec, dataset))
    if dataset.fingerprint != comparison.data.fingerprint:
        raise UsageError("these are not the data that were compared on", hint="Compare again.")
    if len(comparison.specs) != len(comparison.hypotheses):
        raise UsageError("this comparison was stored without its specifications", hint="Compare again.")
    nodes = [column.name for column in comparison.data.columns]
    fits = tuple(
        Fit(spec, {block.nodes: _kept(cache, block.nodes[0], block.key) for block in facts.blocks})
        for facts, spec in zip(comparison.hypotheses, comparison.specs, strict=True)
    )
    return Reopened(comparison, dataset, complete_rows(dataset, nodes), fits)


def _kept(cache: BlockCache | BlockMemory, node: str, key: str) -> Any:
    found = cache.get(key)
    if found is None:
        raise FitError(
            "a fitted block is no longer kept",
            place=f"node {node}",
            hint="Compare again: the others are not fitted anew.",
        )
    return found
