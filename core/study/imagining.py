"""What one row, or a group of rows, would have shown had something been set, if one hypothesis is right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.comparison.scope import LEAVE_ONE_OUT
from core.data.dataset import Dataset
from core.effects.counterfactual import ImaginedNode, counterfactual
from core.effects.coupling import can_be_bounded, loose_above
from core.effects.evidence import Evidence, downstream, evidence_of
from core.errors import ModelError, UsageError, WhyboardError
from core.fit.cache import BlockCache
from core.fit.engine import fit_blocks
from core.fit.gates import gates
from core.fit.result import Fit
from core.graph.background import total_effect_left_open
from core.hypothesis import Hypothesis
from core.model.earlier import timed_as
from core.model.groups import as_modelled
from core.model.spec import ModelSpec
from core.simulate.ancestral import do_values
from core.simulate.prior import thin
from core.study.comparing import tell_blocks
from core.study.planning import plan
from core.study.supposing import straight_of
from core.words import joined, number

__all__ = ["Imagined", "imagine", "imagine_from"]

FloatArray = NDArray[np.float64]

DRAWS = 2000
"""A row is answered with so many posterior draws."""

MOST_ROWS = 1000
"""Of a larger group, so many rows are answered, drawn at random."""

_CELLS = 400_000  # draws times rows


@dataclass(frozen=True, eq=False)
class Imagined:
    """The answer; the fields are those of the contract.

    Parameters
    ----------
    hypothesis : str
    row : int or None
        From 1 on as it stands in the file; None for a group.
    where : (str, str) or None
        The group: a column and its value.
    rows : int
        How many rows were answered.
    do : mapping of str to (str or float)
        What is set, levels by name.
    nodes : tuple of ImaginedNode
        Every column of the hypothesis.
    warnings : tuple of str
    straight : tuple of str
        Nodes that what is set moves alike in every row: by the same amount, or by the same factor.
    """

    hypothesis: str
    row: int | None
    where: tuple[str, str] | None
    rows: int
    do: Mapping[str, str | float]
    nodes: tuple[ImaginedNode, ...]
    warnings: tuple[str, ...] = ()
    straight: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        return {
            "format": "whyboard-counterfactual/1",
            "hypothesis": self.hypothesis,
            "row": self.row,
            "where": None if self.where is None else {"column": self.where[0], "value": self.where[1]},
            "rows": self.rows,
            "do": dict(self.do),
            "observed": {node.name: node.observed for node in self.nodes},
            "nodes": [node.to_dict() for node in self.nodes],
            "straight": list(self.straight),
            "warnings": list(self.warnings),
        }


def imagine(
    hypothesis: Hypothesis,
    dataset: Dataset,
    settings: Mapping[str, str | float],
    *,
    row: int | None = None,
    where: tuple[str, str] | None = None,
    draws: int = 4000,
    seed: int = 0,
    rows: str | None = None,
    cache: BlockCache | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Imagined:
    """Fit a hypothesis, and say what would have been (:func:`imagine_from`).

    What is asked is looked at before anything is fitted. ``rows`` says how rows are taken
    (:func:`core.check.rows_as.rows_as`); whichever enter the fit, they keep their numbers.
    """
    work = plan(dataset, [hypothesis], draws=draws, seed=seed, rows=rows)
    _asked(work.specs[0], _as_fitted(work.specs[0], work.dataset), settings, row, where)
    fits = fit_blocks(work.blocks, cache, tell_blocks(work.blocks, progress))
    keys = work.keys[hypothesis.name]
    fit = Fit.of(work.specs[0], {model.node: fits[keys[model.node]] for model in work.specs[0].nodes})
    return imagine_from(work.hypotheses[0], fit, work.dataset, settings, row=row, where=where, seed=seed)


def imagine_from(
    hypothesis: Hypothesis,
    fit: Fit,
    dataset: Dataset,
    settings: Mapping[str, str | float],
    *,
    row: int | None = None,
    where: tuple[str, str] | None = None,
    seed: int = 0,
) -> Imagined:
    """Say what one row, or each row of a group, would have shown had something been set.

    Parameters
    ----------
    hypothesis : Hypothesis
        As it was fitted.
    fit : Fit
    dataset : Dataset
        The table, with its incomplete rows. Earlier values stay as they were, and later rows are not followed.
    settings : mapping of str to text or number
        What is set, levels by name.
    row : int, optional
        From 1 on as it stands in the file.
    where : (str, str), optional
        A column and a value: all rows that have it, each by itself, averaged. Exactly one of the two is given.
    seed : int

    Raises
    ------
    UsageError
        For a row or a group that is not there.
    ModelError
        For a value that a node cannot have, incomplete evidence about the unit, and what the hypothesis leaves open.
    """
    spec = fit.spec
    dataset = _as_fitted(spec, dataset)
    do, evidence, places, told = _asked(spec, dataset, settings, row, where)
    _check_background(hypothesis, do, evidence)
    rng = np.random.default_rng([seed, 23])
    if len(places) > MOST_ROWS:
        told = [*told, f"Of {len(places):,} rows, {MOST_ROWS:,} are answered, drawn at random."]
        places = np.sort(rng.choice(places, MOST_ROWS, replace=False))
    count = int(np.clip(_CELLS // len(places), 1, DRAWS))
    needed = (*evidence.changed, *evidence.drawn)
    parameters = {name: thin(fit.draws(name), count) for name in needed}
    rows = {name: values[places] for name, values in _columns(spec, dataset).items()}
    nodes = counterfactual(spec, parameters, rows, do, evidence, rng)
    told = [*told, *_cautions(spec, dataset, do, evidence, nodes)]
    nodes, withheld = _without_failed(fit, evidence, nodes)
    told += withheld
    said = {name: _level(spec, name, value) for name, value in do.items()}
    straight = straight_of(spec, do, evidence)
    return Imagined(hypothesis.name, row, where, len(places), said, nodes, tuple(told), straight)


def _as_fitted(spec: ModelSpec, dataset: Dataset) -> Dataset:
    return timed_as(spec, as_modelled(spec, dataset))


def _columns(spec: ModelSpec, dataset: Dataset) -> dict[str, FloatArray]:
    """Return all columns, and their earlier values where something carries over."""
    names = [model.node for model in spec.columns]
    return {**{name: dataset.values(name) for name in names}, **{n: dataset.values(n) for n in spec.earlier}}


# -- what is asked ------------------------------------------------------------------------


def _asked(
    spec: ModelSpec,
    dataset: Dataset,
    settings: Mapping[str, str | float],
    row: int | None,
    where: tuple[str, str] | None,
) -> tuple[dict[str, float], Evidence, NDArray[np.intp], list[str]]:
    """Return what is set, what the rows are evidence of, their places from 0 on, and what must be said of them."""
    if not settings:
        raise UsageError("nothing is set", place="--do", hint="Say what had been otherwise, as --do ads=100.")
    if (row is None) == (where is None):
        raise UsageError("exactly one of a row and a group is asked about", hint="Give --row I, or --where COL=VALUE.")
    do = do_values(spec, settings)
    if row is not None:
        if not 1 <= row <= dataset.rows:
            raise UsageError(
                f"there is no row {row:,}",
                place=f"--row {row}",
                hint=f"Rows are numbered from 1 to {dataset.rows:,}, as they stand in the file.",
            )
        return do, _of_row(spec, dataset, do, row - 1), np.array([row - 1]), []
    assert where is not None
    if spec.earlier:
        raise UsageError(
            "effects carry over from row to row here, and rows of a group are answered each by itself",
            place="--where",
            hint="Ask about one row at a time (--row I).",
        )
    return _of_group(spec, dataset, do, where)


def _of_row(spec: ModelSpec, dataset: Dataset, do: Mapping[str, float], place: int) -> Evidence:
    values = {name: float(column[place]) for name, column in _columns(spec, dataset).items()}
    missing = {name for name, value in values.items() if np.isnan(value)}
    was_set = {model.node for model in spec.columns if dataset.was_set(model.node)[place]}
    try:
        evidence = evidence_of(spec, do, missing, was_set)
        _check_earlier(spec, evidence, missing)
        _check_known(spec, evidence, values)
    except WhyboardError as error:
        raise error.at(f"row {place + 1}") from None
    return evidence


def _check_earlier(spec: ModelSpec, evidence: Evidence, missing: set[str]) -> None:
    for name in evidence.changed:
        for term in spec.node(name).terms:
            if missing.intersection(term.earlier):
                raise ModelError(
                    f"an earlier value of {term.parent!r}, which carries over to {name!r}, is missing",
                    place=f"node {name}",
                    hint="Choose a row before which no value is missing, or fill it in.",
                )


def _check_known(spec: ModelSpec, evidence: Evidence, values: Mapping[str, float]) -> None:
    """Refuse a value that no family could have given: it says nothing about the unit's noise."""
    for name in evidence.changed:
        if name in evidence.unseen:
            continue
        if spec.node(name).response.transform == "log" and not values[name] > 0:
            raise ModelError(
                f"{values[name]:g} has no logarithm", place=f"node {name}", hint="Choose another row, or correct it."
            )


def _of_group(
    spec: ModelSpec, dataset: Dataset, do: Mapping[str, float], where: tuple[str, str]
) -> tuple[dict[str, float], Evidence, NDArray[np.intp], list[str]]:
    member = _members(dataset, *where)
    changed = downstream(spec, do)
    needed = [*changed, *(name for one in changed for name in spec.node(one).parents)]
    columns = _columns(spec, dataset)
    whole, by_itself = member.copy(), member.copy()
    for name in needed:
        whole &= ~np.isnan(columns[name])
    for name in changed:
        by_itself &= ~dataset.was_set(name)
    answered = whole & by_itself
    told = []
    if lacking := int((member & ~whole).sum()):
        told.append(f"{lacking:,} of {int(member.sum()):,} rows lack a value that their answer depends on: left out.")
    if kept := int((member & whole & ~by_itself).sum()):
        told.append(f"In {kept:,} rows something that would change had been set by intervention: left out.")
    if not answered.any():
        raise UsageError(
            f"no row with {where[0]} = {where[1]} says enough about its unit",
            place=f"--where {where[0]}={where[1]}",
            hint=" ".join(told),
        )
    evidence = evidence_of(spec, do, ())
    return dict(do), evidence, np.flatnonzero(answered), told


def _members(dataset: Dataset, name: str, value: str) -> NDArray[np.bool_]:
    """Return which rows have a value in a column, (rows,); levels by name."""
    column, text = dataset.column(name), value.strip()
    if column.discrete:
        if text not in column.levels:
            raise UsageError(
                f"{name!r} has no level {text!r}",
                place=f"--where {name}={text}",
                hint=f"Its levels are: {', '.join(column.levels[:12])}.",
            )
        return np.asarray(dataset.values(name) == column.levels.index(text))
    try:
        found = np.asarray(dataset.values(name) == float(text))
    except ValueError:
        found = np.asarray(dataset.table[name].astype(str) == text)
    if not found.any():
        raise UsageError(
            f"no row has {name} = {text}", place=f"--where {name}={text}", hint="Give a value that some rows have."
        )
    return found


def _check_background(hypothesis: Hypothesis, do: Mapping[str, float], evidence: Evidence) -> None:
    """Refuse what hangs on how the background is related, which nobody says."""
    for name in do:
        if name not in hypothesis.graph.nodes:
            continue
        others = [one for one in evidence.changed if one in hypothesis.graph.nodes]
        if any(total_effect_left_open(hypothesis.graph, hypothesis.background, name, one) for one in others):
            raise ModelError(
                f"{name!r} is background: nobody says what it does to the rest of the background, and by that way to "
                f"{joined(others[:3])}",
                place=f"node {name}",
                hint=f"Take {name!r} out of the background, and draw what it acts on.",
            )


# -- what must be said --------------------------------------------------------------------


def _without_failed(
    fit: Fit, evidence: Evidence, nodes: Sequence[ImaginedNode]
) -> tuple[tuple[ImaginedNode, ...], list[str]]:
    """Return the nodes without numbers that pass through one whose sampling failed a gate."""
    failures = [failure for failure in gates(fit).failed if failure.gate not in LEAVE_ONE_OUT]
    failed = {failure.node for failure in failures}
    bad: set[str] = set()
    for name in (*evidence.drawn, *evidence.changed):
        if name in failed or bad.intersection(fit.spec.node(name).parents):
            bad.add(name)
    if not bad:
        return tuple(nodes), []
    empty = tuple(
        ImaginedNode(one.name, one.role, one.observed, exact=one.exact, differs=None) if one.name in bad else one
        for one in nodes
    )
    first = next(failure for failure in failures if failure.node in bad)
    why = f"{joined(sorted(bad))}: not given, since the sampling of {first.node} failed a gate ({first.gate})."
    return empty, [f"{why} {first.advice}"]


def _cautions(
    spec: ModelSpec, dataset: Dataset, do: Mapping[str, float], evidence: Evidence, nodes: Sequence[ImaginedNode]
) -> list[str]:
    found = [_beyond(spec, dataset, name, value) for name, value in do.items()]
    for name in evidence.drawn:
        found.append(f"{name} is missing: it is drawn from what is known of its own causes.")
    for name in evidence.changed:
        if name in evidence.unseen:
            found.append(f"{name} is missing: nothing is known of its own noise, which is drawn.")
        elif loose_above(spec, evidence, name) and not can_be_bounded(spec, evidence, name):
            found.append(f"{name}: no bounds are given, since what lies above it has too many values to go through.")
    for node in nodes:
        if node.role == "changes" and node.mean is None and node.levels is None and node.observed is not None:
            found.append(f"{node.name} has no number: under some draws it is too large to write (overflow).")
    if not evidence.changed:
        found.append(f"Nothing depends on {joined(do)}: all stays as it was.")
    if any(term.earlier for name in evidence.changed for term in spec.node(name).terms):
        found.append("What carries over from earlier rows stays as it was, and later rows are not followed.")
    return [words for words in found if words]


def _beyond(spec: ModelSpec, dataset: Dataset, name: str, value: float) -> str:
    """Return a warning of a value beyond all that were seen, or nothing."""
    if spec.node(name).response.levels:
        return ""
    seen = dataset.values(name)
    low, high = float(np.nanmin(seen)), float(np.nanmax(seen))
    if low <= value <= high:
        return ""
    return f"{name} was seen from {number(low)} to {number(high)}: at {number(value)} the model is on its own."


def _level(spec: ModelSpec, name: str, value: float) -> str | float:
    levels = spec.node(name).response.levels
    return levels[int(value)] if levels else value
