"""Resolve a hypothesis against a data set: every default filled in, every constant a number.

A parent enters on *its own* node's working scale, which follows from the parent's family
in the same hypothesis: the logarithm for LogNormal, Gamma and Weibull, log(1 + y) for counts,
itself otherwise. So a graph of Normal and LogNormal nodes is jointly Gaussian there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.families import FAMILIES, get_family
from core.families.choose import DISCRETE_KINDS, Choice, choose_family, families_for
from core.families.priors import (
    PRIOR_SCALE,
    SLOPE_PRECISION,
    NamedPriors,
    change_priors,
    default_priors,
    own_prior_scale,
)
from core.hypothesis import Hypothesis, Node
from core.model.earlier import with_time
from core.model.groups import groups_as_categories, with_groups
from core.model.priors import priors_of_terms, with_signs
from core.model.spec import ModelSpec, NodeModel, Response
from core.model.suitable import check_column, check_given, check_shapes, check_supported, check_table, constant_warnings
from core.model.terms import Sources, centre_and_scale, term_of

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants
    from core.data.dataset import Dataset

__all__ = ["MINIMUM_ROWS", "check_columns", "complete_rows", "resolve", "working_transform"]

FloatArray = NDArray[np.float64]

MINIMUM_ROWS = 3

# A category of which nothing is known, for a graph that is drawn before there are data.
_LEVELS = {"category": ("1", "2", "3"), "ordered": ("1", "2", "3")}


def working_transform(family: str) -> str:
    """Return how a node of this family enters the nodes that it points to: ``"identity"``, ``"log"`` or ``"log1p"``."""
    return get_family(family).working


def resolve(
    hypothesis: Hypothesis,
    dataset: Dataset | None = None,
    *,
    nodes: Sequence[str] | None = None,
    assumed: Mapping[str, ColumnConstants] | None = None,
    given: Collection[str] | None = None,
) -> ModelSpec:
    """Return the model specification of a hypothesis.

    Parameters
    ----------
    hypothesis : Hypothesis
    dataset : Dataset, optional
        Without it the constants come from ``assumed``, else 0 and 1.
    nodes : sequence of str, optional
        The union of the nodes of the hypotheses that are compared: rows are those complete
        over them, and nodes that this hypothesis lacks are added unconnected.
    assumed : mapping of str to ColumnConstants, optional
        Used without data only (:func:`core.data.constants.assumed_constants`).
    given : collection of str, optional
        Columns to condition on, closed under causes: they get no family. Unless said, the
        hypothesis' background. Without data there are no rows to condition on: then each is a
        column without causes.

    Raises
    ------
    NotYetError
        For latent nodes, bidirected arcs, signs, delays and forms that cannot be fitted.
    ModelError, HypothesisError
        For what cannot be a model of these data; the hint says what to change.
    """
    hypothesis = with_groups(hypothesis)
    check_supported(hypothesis)
    dataset = None if dataset is None else with_time((hypothesis,), groups_as_categories((hypothesis,), dataset))
    held = frozenset(hypothesis.background if given is None else given)
    whole = _without_arrows_into(hypothesis.with_unconnected(nodes or ()), held)
    fixed = held if dataset is not None else frozenset()
    if not whole.nodes:
        raise ModelError(
            f"the graph of {hypothesis.name!r} has no nodes", hint="Draw at least one node, named as a column."
        )
    constants = _assumed(whole, assumed or {}) if dataset is None else _constants(whole, dataset)
    all_discrete = all(found.kind in DISCRETE_KINDS for found in constants.values())
    choices = {node.name: _choice(node, constants[node.name], all_discrete) for node in whole.nodes}
    for name, choice in choices.items():
        if name in fixed:
            check_given(constants[name])
        else:
            check_column(choice.family, constants[name])
    scales = _prior_scales(whole, dataset, choices, constants)
    # One order of parents for all hypotheses, so that those that share a family share its block.
    rank = {name: place for place, name in enumerate(sorted(constants) if dataset is None else dataset.names)}
    sources = _sources(constants, choices, dataset)
    models = tuple(
        _node_model(whole, name, sorted(whole.graph.parents(name), key=rank.__getitem__), choices, sources, scales)
        for name in whole.graph.topological_order
        if name not in fixed
    )
    if not models:
        raise ModelError(
            f"all of {hypothesis.name!r} is background, so there is nothing to model",
            hint="Take what the question is about out of the background.",
        )
    taken = tuple(_given(constants[name], choices[name]) for name in rank if name in fixed & constants.keys())
    return ModelSpec(hypothesis.name, models, constant_warnings(constants.values()), taken)


def _without_arrows_into(hypothesis: Hypothesis, held: frozenset[str]) -> Hypothesis:
    """Return the hypothesis without arrows among what is conditioned on: they say nothing."""
    kept = tuple(edge for edge in hypothesis.edges if edge.target not in held)
    return hypothesis if len(kept) == len(hypothesis.edges) else replace(hypothesis, edges=kept)


def complete_rows(dataset: Dataset, names: Sequence[str]) -> Dataset:
    """Return the rows that have a value in every one of ``names``.

    Raises
    ------
    ModelError
        If a name is no column, or fewer than 3 rows are left.
    """
    complete = _complete(dataset, names)
    if complete.all():
        return dataset
    rows = hashlib.blake2b(complete.tobytes(), digest_size=16).digest()
    kept: dict[bytes, Dataset] = dataset.remembered("complete rows", dict)
    if rows not in kept:
        kept.clear()  # one selection of rows is kept with the data: rivals are compared on the same
        kept[rows] = dataset.take(complete)
    return kept[rows]


def check_columns(dataset: Dataset, names: Sequence[str]) -> None:
    """Raise what :func:`complete_rows` would, and take no rows."""
    _complete(dataset, names)


def _complete(dataset: Dataset, names: Sequence[str]) -> NDArray[np.bool_]:
    for name in names:
        _known(dataset, name)
    complete = dataset.complete(names)
    if complete.sum() < MINIMUM_ROWS:
        missing = max(names, key=lambda name: dataset.column(name).missing)
        worst = dataset.column(missing).missing
        rows = f"{worst} row" if worst == 1 else f"{worst} rows"
        words = f" {missing!r} is missing in {rows}: take it out of the graph, or fill it in." if worst else ""
        raise ModelError(
            f"only {int(complete.sum())} of {dataset.rows} rows have a value in every modelled column",
            place=dataset.source,
            hint=f"At least {MINIMUM_ROWS} are needed.{words}",
        )
    return complete


# -- constants ------------------------------------------------------------------------


def _known(dataset: Dataset, name: str) -> None:
    if name in dataset.names:
        return
    near = get_close_matches(name, dataset.names, n=3, cutoff=0.5) or list(dataset.names[:6])
    raise ModelError(
        f"the data have no column {name!r}",
        place=f"node {name}",
        hint=f"Rename the node to a column (such as {', '.join(near)}), or mark it as unmeasured (latent).",
    )


def _constants(hypothesis: Hypothesis, dataset: Dataset) -> dict[str, ColumnConstants]:
    from core.data.constants import column_constants

    names = [node.name for node in hypothesis.nodes]
    complete = complete_rows(dataset, names)

    def constants(name: str) -> ColumnConstants:
        observed = ~complete.was_set(name)
        # A column that was set in every row has no rows of its own to be described by.
        return column_constants(complete, name, observed if observed.any() else None)

    # Rivals ask for the same columns over the same rows.
    return {
        node.name: _as_kind(complete.remembered(("constants", node.name), partial(constants, node.name)), node)
        for node in hypothesis.nodes
    }


def _assumed(hypothesis: Hypothesis, assumed: Mapping[str, ColumnConstants]) -> dict[str, ColumnConstants]:
    from core.data.constants import assumed_constants

    found = {}
    for node in hypothesis.nodes:
        if node.name in assumed:
            found[node.name] = _as_kind(assumed[node.name], node)
        else:
            family = FAMILIES.get(node.family or "")
            kind = node.kind or ("real" if family is None else family.assumed_kind)
            found[node.name] = assumed_constants(node.name, kind, levels=_LEVELS.get(kind, ()))
    return found


def _as_kind(constants: ColumnConstants, node: Node) -> ColumnConstants:
    """Return the constants under the kind that the hypothesis gives the node, where the values allow it."""
    if node.kind in (None, constants.kind):
        return constants
    numbers = ("real", "positive", "proportion", "count")
    fits = {
        "real": constants.kind in numbers,
        "positive": constants.kind in numbers and not constants.minimum <= 0,
        "proportion": constants.kind in numbers and not (constants.minimum < 0 or constants.maximum > 1),
        "category": constants.kind in DISCRETE_KINDS,
        "ordered": constants.kind in DISCRETE_KINDS,
        "binary": constants.kind in DISCRETE_KINDS and len(constants.levels) == 2,
    }
    if not fits.get(node.kind or "", False):
        raise ModelError(
            f"the hypothesis says that {node.name!r} is {node.kind}, but the column is {constants.kind}",
            place=f"node {node.name}",
            hint="Correct the column's kind on the Data page, or leave the node's kind out of the hypothesis.",
        )
    return replace(constants, kind=node.kind)


def _prior_scales(
    hypothesis: Hypothesis,
    dataset: Dataset | None,
    choices: Mapping[str, Choice],
    constants: Mapping[str, ColumnConstants],
) -> dict[str, float]:
    """Return the prior scale t of each column of numbers: from the data, unless the hypothesis says another.

    The data's depends on all columns that are compared and on their working scales, on no arrow, and
    is one for all rivals: else equivalent graphs would not tie.
    """
    transforms = {
        name: working_transform(choices[name].family)
        for name in (sorted(constants) if dataset is None else dataset.names)
        if name in constants and constants[name].kind not in DISCRETE_KINDS
    }
    found = (
        dict.fromkeys(transforms, SLOPE_PRECISION) if dataset is None else _from_data(dataset, constants, transforms)
    )
    return {name: own_prior_scale(name, hypothesis.node(name).priors, t) for name, t in found.items()}


def _from_data(dataset: Dataset, names: Collection[str], transforms: Mapping[str, str]) -> dict[str, float]:
    from core.data.prior_scales import scales_of

    complete = complete_rows(dataset, tuple(names))

    def scales() -> dict[str, float]:
        return dict(zip(transforms, (scale.t for scale in scales_of(complete, transforms)), strict=True))

    return complete.remembered(("prior scales", tuple(transforms.items())), scales)


# -- one node -------------------------------------------------------------------------


def _given(constants: ColumnConstants, choice: Choice) -> NodeModel:
    """Return a column that is conditioned on: the form in which it explains others, and nothing else."""
    own = _response(constants, choice)
    return NodeModel(constants.name, constants.kind, choice.family, choice.link, own, reason="background")


def _choice(node: Node, constants: ColumnConstants, all_discrete: bool) -> Choice:
    place = f"node {node.name}"
    if node.family is None:
        default = choose_family(constants, all_discrete)
        if node.link is None or node.link in get_family(default.family).links:
            return replace(default, link=node.link or default.link)
        for other in families_for(constants.kind):
            if node.link in get_family(other).links:
                return Choice(other, node.link, f"the family that goes with the link {node.link}")
        raise ModelError(
            f"no family of a {constants.kind} column has the link {node.link}", place=place, hint="Leave the link out."
        )
    family = get_family(node.family, node.name)
    link = node.link or family.links[0]
    if link not in family.links:
        raise ModelError(
            f"{family.name} has no link {link}", place=place, hint=f"Its links are: {', '.join(family.links)}."
        )
    return Choice(family.name, link, "chosen by you")


def _sources(
    constants: Mapping[str, ColumnConstants], choices: Mapping[str, Choice], dataset: Dataset | None
) -> Sources:
    transforms = {name: working_transform(choice.family) for name, choice in choices.items()}
    if dataset is None:
        return Sources(constants, transforms)
    complete = complete_rows(dataset, tuple(constants))

    def values(name: str) -> FloatArray:
        observed = ~complete.was_set(name)
        return complete.values(name)[observed] if observed.any() else complete.values(name)

    return Sources(constants, transforms, values)


def _node_model(
    hypothesis: Hypothesis,
    name: str,
    parents: Sequence[str],
    choices: Mapping[str, Choice],
    sources: Sources,
    scales: Mapping[str, float],
) -> NodeModel:
    node, choice, own = hypothesis.node(name), choices[name], sources.constants[name]
    edges = [hypothesis.edge(parent, name) for parent in parents]
    if get_family(choice.family).form == "cells":  # a Table, which has a probability for each combination anyway
        edges = [replace(edge, form="linear", by=None) for edge in edges]
    terms = tuple(term_of(edge, node.group, sources) for edge in edges)
    model = NodeModel(name, own.kind, choice.family, choice.link, _response(own, choice), terms, reason=choice.reason)
    check_table(model)
    check_shapes(model)
    closed_form = get_family(choice.family).closed_form
    gaussian = closed_form == "gaussian"
    if get_family(choice.family).form == "cells":
        defaults = default_priors(choice.family, choice.link, own, model.columns)
    else:
        of_columns = [scales.get(term.parent, SLOPE_PRECISION) for term in terms for _ in range(term.like_straight)]
        straight = default_priors(
            choice.family, choice.link, own, len(of_columns), scales.get(name, SLOPE_PRECISION), of_columns
        )
        slope = dict(default_priors(choice.family, choice.link, own, 1))["slopes[0]"]
        defaults = priors_of_terms(terms, straight, slope)
    # Of other families than these t is only in their children's slopes.
    changes = tuple(one for one in node.priors if gaussian or name not in scales or one[0] != PRIOR_SCALE)
    priors = with_signs(change_priors(defaults, name, changes, _arrow_priors(hypothesis, model)), model, edges)
    # A tau is integrated over on a grid, whatever its scale.
    conjugate = closed_form == "table" or (gaussian and not model.shaped and _but_taus(priors) == _but_taus(defaults))
    return replace(model, priors=priors, conjugate=conjugate)


def _but_taus(priors: NamedPriors) -> NamedPriors:
    return tuple(one for one in priors if not one[0].startswith("tau["))


def _arrow_priors(hypothesis: Hypothesis, model: NodeModel) -> dict[int, tuple]:
    found = {}
    for parent in (term.parent for term in model.terms):
        prior = hypothesis.edge(parent, model.node).prior
        if prior is None:
            continue
        if get_family(model.family).form == "cells":
            raise ModelError(
                "an arrow into a Table has no slope to give a prior",
                place=f"arrow {parent} -> {model.node}",
                hint="Leave the arrow's prior out, or choose Bernoulli or Categorical for the node.",
            )
        first = model.coefficient_of(parent)
        found.update(dict.fromkeys(range(first, first + model.term(parent).like_straight), (parent, prior)))
    return found


def _response(constants: ColumnConstants, choice: Choice) -> Response:
    transform = get_family(choice.family).response
    if transform:
        return Response(transform, *centre_and_scale(constants, transform))
    return Response(levels=constants.levels if constants.kind in DISCRETE_KINDS else ())
