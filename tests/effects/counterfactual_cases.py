"""Worlds of which all is known, for the tests of counterfactuals: specifications and parameters made by hand."""

from collections.abc import Collection, Mapping

import numpy as np

from core.effects.evidence import evidence_of
from core.effects.same_units import Worlds, two_worlds
from core.families.base import Draws
from core.model.spec import ModelSpec, NodeModel, Response, Term

LEVELS = {"two": ("0", "1"), "three": ("a", "b", "c")}
HALVES = ((-0.5,), (0.5,))


def number(name: str) -> Term:
    """Return the term of a parent that is a number, as it is."""
    return Term(name, "real")


def yes_or_no(name: str) -> Term:
    return Term(name, "binary", "levels", levels=LEVELS["two"], basis=HALVES)


def node(name: str, family: str, link: str, *terms: Term, levels: str = "", transform: str = "identity") -> NodeModel:
    kind = {"": "real", "two": "binary", "three": "category"}[levels]
    return NodeModel(name, kind, family, link, Response(transform, levels=LEVELS.get(levels, ())), terms)


def spec_of(*models: NodeModel) -> ModelSpec:
    return ModelSpec("H", models)


def draws_of(count: int = 1, **values: object) -> Draws:
    """Return parameters that are the same in every draw."""
    return {name: np.repeat(np.asarray(value, dtype=np.float64)[None], count, axis=0) for name, value in values.items()}


def worlds_of(
    spec: ModelSpec,
    parameters: Mapping[str, Draws],
    rows: Mapping[str, np.ndarray],
    do: Mapping[str, float],
    missing: Collection[str] = (),
    seed: int = 0,
) -> Worlds:
    """Return both worlds of some rows that lack the same values."""
    return two_worlds(spec, parameters, rows, do, evidence_of(spec, do, missing), np.random.default_rng(seed))
