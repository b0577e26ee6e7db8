"""A family's parameters under names that a user can read and set, on the data's own scale.

========================  =====================================================================
name                      meaning
========================  =====================================================================
``intercept``             of the linear predictor at average parents (for a category: over its
                          levels), in the child's units: log units for LogNormal, the link's
                          scale for families with a link
``slope[ads]``            units of the child (as above) per unit of ads on its working scale
``slope[member]``         the same from the first to the second level of a binary parent
``bend[ads, 1]`` …        what a curve adds to the slope, on its own columns (``core.forms``)
``rise[dose]``            what a monotone curve rises in all, in the child's units, and ``share[dose, 1]`` … each step
``most[ads]``             what a saturating cause brings at most, and ``half[ads]``, which brings half of that
``carry[ads]``            what is left of it after a row, where it carries over
``slope[ads | member]``   how much the slope differs by another column, on its own columns
``level[school=a]``       how far a group lies from the intercept
``tau[ads]`` …            what scales these: the standard deviation of bends, groups or varying slopes
``slope[region=north]``   how far a level lies from the average of the levels
``… [blue]``              the same of one level of a Categorical child, against their average
``cutpoint[low | high]``  between two neighbouring levels of an OrderedLogit child, at average
                          parents, in log-odds
``sigma``                 residual standard deviation (SkewNormal: scale), units as above
``alpha``, ``zero_share`` skewness of a SkewNormal; share of rows of a zero-inflated count that
                          are zero by themselves
``probability[yes | …]``  of a Table, one for each configuration of the parents
========================  =====================================================================
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.families import Draws, get_family
from core.forms.shape import KEPT
from core.forms.term import Input, Term
from core.model.spec import NodeModel

__all__ = ["from_named", "named_parameters"]

FloatArray = NDArray[np.float64]


def named_parameters(model: NodeModel, draws: Draws) -> dict[str, FloatArray]:
    """Return every parameter by name, each of shape (S,)."""
    if get_family(model.family).form == "cells":
        table = draws["probabilities"]
        return {name: table[:, c, k] for c, k, name in _cells(model)}
    found: dict[str, FloatArray] = {}
    scale = model.response.scale
    if _cuts(model):
        found |= {name: draws["cutpoints"][:, j] for j, name in enumerate(_cut_names(model))}
    else:
        for level, suffix in _suffixes(model):
            intercept = draws["intercept"] if level is None else draws["intercept"][:, level]
            found[f"intercept{suffix}"] = model.response.center + scale * intercept
    start = kept = 0
    for term in model.terms:
        columns = slice(start, start + term.columns)
        start += term.columns
        if term.shape is not None:
            many = len(term.shape.quantities) if term.shape.kept else 0
            quantity = draws[KEPT][:, kept : kept + many] if many else None
            found |= term.shape.named(term.parent, term.curve, draws["slopes"][:, columns], quantity, scale)
            kept += many
            continue
        for level, suffix in _suffixes(model):
            slopes = draws["slopes"][:, columns] if level is None else draws["slopes"][:, columns, level]
            for row, name in _effects(term):
                found[f"{name}{suffix}"] = scale * (slopes @ row)
    found |= {name: draws["tau"][:, i] for i, name in enumerate(model.tau_names)}
    for name, unit in _others(model).items():
        found[name] = draws[name] * unit
    return found


def from_named(model: NodeModel, named: Mapping[str, float]) -> Draws:
    """Return the parameters of the family as one draw, each with a leading axis of 1.

    Effects of levels need not add up to zero: their average is taken off. Probabilities of
    a configuration are divided by their sum.

    Raises
    ------
    ModelError
        For a name that is missing or unknown, or a number that the parameter cannot have.
    """
    _check_names(model, named)
    if get_family(model.family).form == "cells":
        table = np.zeros((model.columns, model.levels))
        for c, k, name in _cells(model):
            table[c, k] = named[name]
        if (table < 0).any() or (table.sum(axis=1) <= 0).any():
            raise ModelError(
                "a probability is below 0, or a configuration has none above 0",
                place=f"node {model.node}",
                hint="Give numbers of at least 0, some above 0 in each configuration.",
            )
        return {"probabilities": (table / table.sum(axis=1, keepdims=True))[None]}
    scale = model.response.scale
    suffixes = _suffixes(model)
    slopes = np.zeros((model.columns, len(suffixes)))
    shapes: dict[str, list[float]] = {}
    start = 0
    for term in model.terms:
        if term.shape is not None:
            own = slice(start, start + term.columns)
            slopes[own, 0], quantities = term.shape.from_named(term.parent, term.curve, term.columns, named, scale)
            if term.shape.kept:
                shapes.setdefault(KEPT, []).extend(quantities)
            start += term.columns
            continue
        rows = np.array([row for row, _ in _effects(term)])
        values = [[named[f"{name}{suffix}"] / scale for _, suffix in suffixes] for _, name in _effects(term)]
        slopes[start : start + term.columns] = np.linalg.lstsq(rows, np.array(values), rcond=None)[0]
        start += term.columns
    taus = {"tau": np.array([[named[name] for name in model.tau_names]])} if model.taus else {}
    taus |= {name: np.array([values]) for name, values in shapes.items()}
    if _cuts(model):
        return {"cutpoints": _cut_points(model, named)[None], "slopes": slopes[None, :, 0], **taus}
    intercept = np.array([(named[f"intercept{suffix}"] - model.response.center) / scale for _, suffix in suffixes])
    if get_family(model.family).form == "lines":
        intercept = intercept - intercept.mean()
        slopes = slopes - slopes.mean(axis=1, keepdims=True)
        return {"intercept": intercept[None], "slopes": slopes[None], **taus}
    others = {name: np.array([named[name] / unit]) for name, unit in _others(model).items()}
    return {"intercept": intercept, "slopes": slopes[None, :, 0], **others, **taus}


def _cut_names(model: NodeModel) -> list[str]:
    return [f"cutpoint[{low} | {high}]" for low, high in pairwise(model.response.levels)]


def _cut_points(model: NodeModel, named: Mapping[str, float]) -> FloatArray:
    names = _cut_names(model)
    cuts = np.array([named[name] for name in names])
    if (np.diff(cuts) <= 0).any():
        raise ModelError(
            "the cut points do not increase",
            place=f"node {model.node}",
            hint=f"Give numbers that grow in the order {', '.join(names)}.",
        )
    return cuts


def _check_names(model: NodeModel, named: Mapping[str, float]) -> None:
    family = get_family(model.family)
    example = {name: np.ones((1, *shape)) for name, shape in family.parameters(model.columns, model.levels)}
    example |= {"tau": np.ones((1, model.taus)), KEPT: np.ones((1, len(model.kept)))}
    wanted = set(named_parameters(model, example))
    place = f"node {model.node}"
    for name in sorted(wanted ^ set(named)):
        wrong = "is missing" if name in wanted else "is unknown"
        raise ModelError(
            f"the parameter {name!r} {wrong}", place=place, hint=f"The parameters are: {', '.join(sorted(wanted))}."
        )
    ranges = {one.name: (one.least, one.most) for one in family.declared if not one.coefficient and not one.shape}
    for name, value in named.items():
        least, most = ranges.get(name, (-np.inf, np.inf))
        if not least < value < most:
            hint = f"Give a number above {least:g}" if np.isfinite(least) else "Give a finite number"
            hint += f" and below {most:g}." if np.isfinite(most) else "."
            raise ModelError(f"{name} cannot be {value:g}", place=place, hint=hint)


def _others(model: NodeModel) -> dict[str, float]:
    """Return the names of what stands beside intercept (cut points) and slopes, and the unit of each."""
    beside = [one for one in get_family(model.family).declared if not one.shape and not one.coefficient]
    return {one.name: model.response.scale if one.in_units else 1.0 for one in beside}


def _cuts(model: NodeModel) -> bool:
    return any("cuts" in one.shape for one in get_family(model.family).declared)


def _suffixes(model: NodeModel) -> list[tuple[int | None, str]]:
    if get_family(model.family).form != "lines":
        return [(None, "")]
    return [(k, f"[{level}]") for k, level in enumerate(model.response.levels)]


def _effects(term: Term) -> list[tuple[FloatArray, str]]:
    """Return how a parent's named effects follow from its slopes: (row, name), effect = slopes @ row."""
    unit = np.eye(term.columns)
    found = [(np.pad(row, (0, term.columns - term.main)), f"slope[{name}]") for row, name in _straight(term)]
    bent = range(term.main, term.main + term.bent)
    if not term.main:
        return [(unit[j], f"level[{term.parent}={level}]") for j, level in zip(bent, term.levels, strict=True)]
    found += [(unit[j], f"bend[{term.parent}, {j - term.main + 1}]") for j in bent]
    if term.by is not None:
        names = _names_of_products(term, term.by)
        found += [(unit[bent.stop + j], f"slope[{name}]") for j, name in enumerate(names)]
    return found


def _straight(term: Term) -> list[tuple[FloatArray, str]]:
    if not term.main:
        return []
    if not term.levels:
        return [(np.array([1.0 / term.scale]), term.parent)]
    basis = np.array(term.basis).reshape(len(term.levels), -1)
    if len(term.levels) == 2:
        return [(basis[1] - basis[0], term.parent)]
    return [(basis[code], f"{term.parent}={level}") for code, level in enumerate(term.levels)]


def _names_of_products(term: Term, by: Input) -> list[str]:
    own = [term.parent] if term.main == 1 else [f"{term.parent}, {j + 1}" for j in range(term.main)]
    if term.varying:
        other = [f"{by.parent}={level}" for level in by.levels]
    else:
        other = [by.parent] if by.straight == 1 else [f"{by.parent}, {j + 1}" for j in range(by.straight)]
    return [f"{mine} | {theirs}" for mine in own for theirs in other]


def _cells(model: NodeModel) -> Iterable[tuple[int, int, str]]:
    """Return configuration, level and name of every cell of a table, in the order of the design."""
    for c, chosen in enumerate(product(*(term.levels for term in model.terms))):
        given = ", ".join(f"{term.parent}={level}" for term, level in zip(model.terms, chosen, strict=True))
        for k, level in enumerate(model.response.levels):
            yield c, k, f"probability[{level} | {given}]" if given else f"probability[{level}]"
