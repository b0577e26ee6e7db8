"""From data and hypotheses to the blocks that must be fitted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any

from core.check.one_each import one_of_each
from core.check.rows_as import LOOK, RowsAs, in_order, rows_as
from core.check.tested import Rules
from core.comparison.scope import Scope, scope_of
from core.data.dataset import Dataset
from core.errors import UsageError, WhyboardError
from core.fit.blocks import make_blocks
from core.fit.cache import BlockCache
from core.fit.memory import BlockMemory
from core.fit.result import Block
from core.graph.causal_graph import CausalGraph
from core.graph.equivalence import equivalence_classes
from core.hypothesis import Hypothesis
from core.model.design import BlockData
from core.model.earlier import with_time
from core.model.groups import groups_as_categories, with_groups
from core.model.resolve import check_columns, complete_rows
from core.model.spec import ModelSpec
from core.model.suitable import check_supported
from core.study.modelling import Modelled, modelled

__all__ = ["Plan", "effects_of", "plan"]


@dataclass(frozen=True, eq=False)
class Plan:
    """What will be compared, and the work that it takes.

    Parameters
    ----------
    dataset : Dataset
        As read, but for the rows that the user keeps out (``rows``).
    complete : Dataset
        The rows with a value in every node of every hypothesis.
    hypotheses : tuple of Hypothesis
        Each with the others' nodes added, unconnected.
    graphs : tuple of CausalGraph
        The same with every arrow among a hypothesis' background.
    specs : tuple of ModelSpec
    keys : mapping of str to mapping of str to str
        By hypothesis, node to content key.
    blocks : mapping of str to (Block, BlockData)
        Content key to work: shared families once.
    nodes : tuple of str
        The union of the hypotheses' nodes.
    given : tuple of str
        Those that all is conditioned on: background in every hypothesis that has them.
    order : tuple of str
        All nodes in one order for all, in which nothing that is drawn has a part.
    effects : tuple of (str, str)
        Treatment and outcome.
    rows : RowsAs
        What the user says of the rows.
    """

    dataset: Dataset
    complete: Dataset
    hypotheses: tuple[Hypothesis, ...]
    graphs: tuple[CausalGraph, ...]
    specs: tuple[ModelSpec, ...]
    keys: Mapping[str, Mapping[str, str]]
    blocks: Mapping[str, tuple[Block, BlockData]]
    nodes: tuple[str, ...]
    given: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    effects: tuple[tuple[str, str], ...] = ()
    seed: int = 0
    rules: Rules = field(default_factory=Rules)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    rows: RowsAs = LOOK

    @cached_property
    def scope(self) -> Scope | None:
        """The question: the first effect that is asked for, and the columns that it depends on."""
        if not self.effects:
            return None
        return scope_of(*self.effects[0], self.graphs, self.order, self.given)

    @property
    def targets(self) -> frozenset[frozenset[str]]:
        """The sets of modelled nodes that some complete rows were set in; the empty set for observed rows."""
        known = frozenset(self.nodes)
        return frozenset(row & known for row in self.complete.set_by_row) or frozenset({frozenset()})

    @cached_property
    def classes(self) -> tuple[tuple[int, ...], ...]:
        """The hypotheses' places by what no data on these rows can separate (:func:`equivalence_classes`)."""
        return equivalence_classes(self.graphs, self.targets)

    @cached_property
    def _titles(self) -> Mapping[str, str]:
        return {column.name: column.title for column in self.complete.columns}

    def title(self, node: str) -> str:
        """Return the user's word for a node; its own name where there is none."""
        return self._titles.get(node, node)

    def only(self, names: Collection[str]) -> "Plan":
        """Return the plan of some of its hypotheses, over the same rows of the same columns."""
        places = [place for place, hypothesis in enumerate(self.hypotheses) if hypothesis.name in names]
        keys = {name: found for name, found in self.keys.items() if name in names}
        wanted = {key for found in keys.values() for key in found.values()}
        return replace(
            self,
            hypotheses=tuple(self.hypotheses[place] for place in places),
            graphs=tuple(self.graphs[place] for place in places),
            specs=tuple(self.specs[place] for place in places),
            keys=keys,
            blocks={key: found for key, found in self.blocks.items() if key in wanted},
            left_out={name: nodes for name, nodes in self.left_out.items() if name in names},
        )

    def missing(self, cache: BlockCache | BlockMemory | None = None) -> tuple[str, ...]:
        """Return the content keys that no cache holds yet."""
        return tuple(key for key in self.blocks if cache is None or key not in cache)


def plan(
    data: Dataset | str | Path,
    hypotheses: Iterable[Hypothesis],
    *,
    effects: Iterable[tuple[str, str]] = (),
    method: str = "auto",
    draws: int = 4000,
    seed: int = 0,
    rules: Rules | Mapping[str, Any] | None = None,
    methods: Mapping[str, str] | None = None,
    rows: str | RowsAs | None = None,
) -> Plan:
    """Resolve hypotheses against data and cut them into blocks.

    Parameters
    ----------
    data : Dataset or path
    hypotheses : iterable of Hypothesis
        At least one; names must differ.
    effects : iterable of (str, str)
        Total effects to report, (treatment, outcome). Without any, those of the hypotheses'
        marked exposure and outcome.
    method, draws, seed, methods
        See :func:`core.fit.blocks.make_blocks`.
    rules : Rules, or mapping of its fields, optional
        When something counts as contradicted or flagged.
    rows : str, optional
        ``"none"``, ``"time:COL"``, ``"group:COL"``, ``"one:COL"`` or ``"one"``
        (:func:`core.check.rows_as.rows_as`); by what is found unless given.

    Raises
    ------
    WhyboardError
        For anything that cannot be a model of these data; the place names the hypothesis.
    """
    start = perf_counter()
    dataset = data if isinstance(data, Dataset) else Dataset.read(data)
    read = perf_counter() - start
    rivals = tuple(hypotheses)
    _check_names(rivals)
    _check_seed(seed)
    taken = rows_as(rows, dataset)
    dataset = _in_time(rivals, groups_as_categories(rivals, in_order(one_of_each(dataset, taken), taken)))
    start = perf_counter()
    for hypothesis in rivals:
        _check_columns(hypothesis, dataset)
    for hypothesis in rivals:  # before what one of them lacks is looked for in the data on behalf of another
        try:
            check_supported(with_groups(hypothesis))
        except WhyboardError as error:
            raise _of(error, hypothesis) from None
    together = modelled(rivals, dataset)
    nodes = together.nodes
    specs = tuple(_resolved(together, position, dataset) for position in range(len(rivals)))
    complete = complete_rows(dataset, nodes)
    keys: dict[str, dict[str, str]] = {}
    blocks: dict[str, tuple[Block, BlockData]] = {}
    for hypothesis, spec in zip(rivals, specs, strict=True):
        try:
            made = make_blocks(spec, complete, method=method, methods=methods, draws=draws, seed=seed)
        except UsageError:
            raise
        except WhyboardError as error:
            raise _of(error, hypothesis) from None
        keys[hypothesis.name] = {node: block.key for node, (block, _) in made.items()}
        blocks.update({block.key: (block, values) for block, values in made.values()})
    left_out = {h.name: tuple(n for n in nodes if n not in h.graph.nodes) for h in map(with_groups, rivals)}
    return Plan(
        dataset,
        complete,
        together.hypotheses,
        together.graphs,
        specs,
        keys,
        blocks,
        nodes,
        together.given,
        together.order,
        _effects(effects, rivals, nodes),
        seed,
        rules if isinstance(rules, Rules) else Rules(**(rules or {})),
        {name: names for name, names in left_out.items() if names},
        {"read": read, "summarise": perf_counter() - start},
        taken,
    )


def _resolved(together: Modelled, position: int, dataset: Dataset) -> ModelSpec:
    try:
        return together.spec(position, dataset)
    except WhyboardError as error:
        raise _of(error, together.hypotheses[position]) from None


def _in_time(hypotheses: Sequence[Hypothesis], dataset: Dataset) -> Dataset:
    """Return the data with what carries over in any of the hypotheses; a refusal names the first that asks for it."""
    for hypothesis in hypotheses:
        try:
            with_time((hypothesis,), dataset)
        except WhyboardError as error:
            raise _of(error, hypothesis) from None
    return with_time(hypotheses, dataset)


def _check_columns(hypothesis: Hypothesis, dataset: Dataset) -> None:
    """Refuse a node that is no column, before the union of nodes makes it every hypothesis's."""
    try:
        check_columns(dataset, hypothesis.graph.observed)
    except WhyboardError as error:
        raise _of(error, hypothesis) from None


def _of(error: WhyboardError, hypothesis: Hypothesis) -> WhyboardError:
    """Return the error with the hypothesis that it is about, in words and as an attribute."""
    named = error.at(f"hypothesis {hypothesis.name}")
    named.__dict__["hypothesis"] = hypothesis.name
    return named


def _check_names(hypotheses: Sequence[Hypothesis]) -> None:
    if not hypotheses:
        raise UsageError("there is no hypothesis to compare", hint="Give at least one, as -H NAME=FILE.")
    seen: set[str] = set()
    for hypothesis in hypotheses:
        if hypothesis.name in seen:
            raise UsageError(
                f"two hypotheses are called {hypothesis.name!r}",
                place=f"hypothesis {hypothesis.name}",
                hint="Give each a name of its own.",
            )
        seen.add(hypothesis.name)


def _check_seed(seed: int) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise UsageError(f"{seed!r} is not a seed", place="seed", hint="Give a whole number from 0 on.")


def effects_of(asked: Iterable[tuple[str, str]], hypotheses: Sequence[Hypothesis]) -> tuple[tuple[str, str], ...]:
    """Return the effects that a comparison reports: those ``asked`` for, else those of the marks."""
    pairs = tuple(dict.fromkeys((str(x), str(y)) for x, y in asked))
    if pairs:
        return pairs
    marked = [(h.exposure, h.outcome) for h in hypotheses]
    return tuple((x, y) for x, y in dict.fromkeys(marked) if x is not None and y is not None and x != y)


def _effects(
    asked: Iterable[tuple[str, str]], hypotheses: Sequence[Hypothesis], nodes: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    pairs = effects_of(asked, hypotheses)
    for x, y in pairs:
        place = f"effect {x}:{y}"
        for name in (x, y):
            if name not in nodes:
                raise UsageError(
                    f"{name!r} is not a node of any hypothesis",
                    place=place,
                    hint=f"The nodes are: {', '.join(nodes[:8])}.",
                )
        if x == y:
            raise UsageError(
                f"the effect of {x!r} on itself was asked for", place=place, hint="Name two different nodes."
            )
    return pairs
