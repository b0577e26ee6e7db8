"""Whether an answer still holds: what it rests on, and what of that has changed since.

An answer rests on what was modelled, which the content keys of its blocks say, on the rows, and
on what was asked of the fit: which effects, under which thresholds. Nothing here lists the fields
of a drawing: what a drawing *means* is what it is resolved to, so that a name, a note or a place
on the canvas leaves an answer as it was, and a field that somebody adds to a family changes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.check.one_each import one_of_each
from core.check.rows_as import RowsAs, in_order, rows_as
from core.check.tested import Rules
from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.fit.blocks import block_keys
from core.hypothesis import Hypothesis
from core.model.earlier import with_time
from core.model.groups import groups_as_categories
from core.model.resolve import complete_rows
from core.model.spec import NodeModel
from core.study.modelling import modelled
from core.study.planning import effects_of

__all__ = ["Basis", "Changes", "answer_keys", "basis", "changes"]

Keys = Mapping[str, Mapping[str, str]]

#: What of the settings reaches an answer through its keys only, and what is compared by its meaning.
_THROUGH_KEYS = ("method", "methods", "draws", "seed")
_BY_MEANING = ("effects", "rules", "rows")


@dataclass(frozen=True)
class Basis:
    """What an answer rests on.

    Parameters
    ----------
    hypotheses : tuple of Hypothesis
    settings : mapping
        What :func:`core.study.plan` takes beside them.
    data : str
        The data set's fingerprint.
    keys : mapping of str to mapping of str to str
        :func:`answer_keys`; empty where these hypotheses cannot be fitted.
    """

    hypotheses: tuple[Hypothesis, ...]
    settings: Mapping[str, Any]
    data: str
    keys: Keys

    @property
    def effects(self) -> tuple[tuple[str, str], ...]:
        """The effects that are reported: those asked for, else those of the marks."""
        return effects_of(self.settings.get("effects") or (), self.hypotheses)

    @property
    def rules(self) -> Rules:
        """When something counts as contradicted or flagged."""
        rules = self.settings.get("rules")
        return rules if isinstance(rules, Rules) else Rules(**(rules or {}))

    @property
    def rows(self) -> RowsAs:
        """How rows are taken."""
        return rows_as(self.settings.get("rows"))


@dataclass(frozen=True)
class Changes:
    """What is no longer as it was when an answer was given.

    ``hypotheses`` names those that are drawn otherwise, are new or are gone. ``settings`` is how
    it is fitted; ``version`` that Whyboard itself computes it otherwise by now. ``effects``,
    ``rules`` and ``rows`` need no fit: the blocks are there, and what is asked of them is another thing;
    ``kept`` says that other rows are kept, which does.
    """

    data: bool = False
    hypotheses: tuple[str, ...] = ()
    settings: bool = False
    version: bool = False
    effects: bool = False
    rules: bool = False
    rows: bool = False
    kept: bool = False

    def __bool__(self) -> bool:
        return self.fit or self.effects or self.rules or self.rows

    @property
    def fit(self) -> bool:
        """Whether the fit itself is one of something else."""
        return self.data or bool(self.hypotheses) or self.settings or self.version or self.kept


def answer_keys(
    dataset: Dataset,
    hypotheses: Iterable[Hypothesis],
    *,
    method: str = "auto",
    methods: Mapping[str, str] | None = None,
    draws: int = 4000,
    seed: int = 0,
    rows: str | RowsAs | None = None,
    **_: Any,
) -> dict[str, dict[str, str]]:
    """Return, by hypothesis and node, a digest of everything that its part of an answer rests on.

    That is the content key of its block, which leaves names out, and its whole family with the
    names: a comparison is told in them. Words that only explain stay out.

    Parameters
    ----------
    method, methods, draws, seed
        See :func:`core.fit.blocks.make_blocks`; further settings of a plan are ignored.
    rows : str or RowsAs, optional
        Which rows are kept (:func:`core.check.one_each.one_of_each`).

    Raises
    ------
    WhyboardError
        For what :func:`core.study.plan` refuses of hypotheses and ways.
    """
    rivals = tuple(hypotheses)
    taken = rows_as(rows)
    if taken.way == "one":
        dataset = one_of_each(dataset, rows_as(taken, dataset))
    dataset = with_time(rivals, groups_as_categories(rivals, in_order(dataset, taken)))
    together = modelled(rivals, dataset)
    complete = complete_rows(dataset, together.nodes)
    found: dict[str, dict[str, str]] = {}
    for position, hypothesis in enumerate(rivals):
        spec = together.spec(position, dataset)
        keys = block_keys(spec, complete, method=method, methods=methods, draws=draws, seed=seed)
        found[hypothesis.name] = {model.node: _digest(model, keys[model.node]) for model in spec.nodes}
        graph = hypothesis.graph
        if graph.bidirected or graph.latents or hypothesis.background:
            unseen = (sorted(map(sorted, graph.bidirected)), sorted(graph.latents), sorted(hypothesis.background))
            found[hypothesis.name][""] = _short(repr(unseen))
    return found


def _digest(model: NodeModel, key: str) -> str:
    return _short(f"{key} {replace(model, reason='', priors=model.distributions)!r}")


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def basis(dataset: Dataset, hypotheses: Iterable[Hypothesis], **settings: Any) -> Basis:
    """Return what a comparison of these would rest on; the arguments are those of :func:`core.study.plan`.

    Raises
    ------
    WhyboardError
        What :func:`answer_keys` raises.
    """
    rivals = tuple(hypotheses)
    return Basis(rivals, settings, dataset.fingerprint, answer_keys(dataset, rivals, **settings))


def changes(before: Basis, now: Basis, dataset: Dataset) -> Changes:
    """Return what has changed from ``before`` to ``now``, each thing by itself.

    Whether a fit holds is a matter of the keys alone. What to call the change is found by holding
    the rest as it is ``now``: a hypothesis is drawn otherwise if its two drawings mean different
    things for the same rows and settings, and so on.

    Parameters
    ----------
    before, now : Basis
    dataset : Dataset
        That of ``now``.
    """
    # The first effect is the question, and decides what bears on it.
    effects = set(before.effects) != set(now.effects) or before.effects[:1] != now.effects[:1]
    rules, rows = before.rules != now.rules, before.rows != now.rows
    data = before.data != now.data
    if now.keys and before.keys == now.keys and not data and not _others(before, now):
        return Changes(effects=effects, rules=rules, rows=rows)
    # Another order of the rows is another fit where something carries over.
    carries = any(edge.carry for hypothesis in now.hypotheses for edge in hypothesis.edges)
    kept = rows and ("one" in (before.rows.way, now.rows.way) or (carries and before.keys != now.keys))
    drawn = _drawn_otherwise(before, now, dataset)
    settings = _others(before, now) or (
        _ways(before) != _ways(now) and _keys(dataset, now.hypotheses, {**before.settings, **_rows(now)}) != now.keys
    )
    if not (data or drawn or settings or kept):
        if _keys(dataset, before.hypotheses, before.settings) == now.keys:
            return Changes(version=True, effects=effects, rules=rules, rows=rows)
        drawn = _different(before.keys, now.keys)
    return Changes(data, drawn, settings, False, effects, rules, rows, kept)


def _ways(basis: Basis) -> dict[str, Any]:
    return {name: basis.settings[name] for name in _THROUGH_KEYS if basis.settings.get(name)}


def _rows(basis: Basis) -> dict[str, Any]:
    return {"rows": basis.settings.get("rows")}


def _others(before: Basis, now: Basis) -> bool:
    """Return whether a setting differs that neither goes through the keys nor is compared by its meaning."""
    known = {*_THROUGH_KEYS, *_BY_MEANING}
    one, two = ({k: v for k, v in b.settings.items() if k not in known and v is not None} for b in (before, now))
    return one != two


def _drawn_otherwise(before: Basis, now: Basis, dataset: Dataset) -> tuple[str, ...]:
    """Return the names under which two drawings mean different things for the rows of now."""

    def meant(basis: Basis) -> dict[str, Keys | None]:
        return {h.name: _keys(dataset, [h], {}) for h in basis.hypotheses}

    return _different(meant(before), meant(now))


def _different(before: Mapping[str, object], now: Mapping[str, object]) -> tuple[str, ...]:
    names = before.keys() | now.keys()
    return tuple(sorted((n for n in names if before.get(n) != now.get(n)), key=lambda name: (len(name), name)))


def _keys(dataset: Dataset, hypotheses: Iterable[Hypothesis], settings: Mapping[str, Any]) -> Keys | None:
    """Return the keys, None where these cannot be fitted to these rows."""
    rivals = tuple(hypotheses)
    nodes = {node.name for hypothesis in rivals for node in hypothesis.nodes}
    own = {node: way for node, way in (settings.get("methods") or {}).items() if node in nodes}
    try:
        return answer_keys(dataset, rivals, **{**settings, "methods": own})
    except WhyboardError:
        return None
