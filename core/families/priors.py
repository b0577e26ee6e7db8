"""The default priors of a node, which its family says, and what a user may change about them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.errors import HypothesisError
from core.families import get_family
from core.families.base import NamedPriors
from core.families.distributions import DISTRIBUTIONS
from core.families.normal import INTERCEPT_PRECISION
from core.families.parameter import PRIOR_SCALE, SLOPE_PRECISION, prior_of
from core.hypothesis import Prior

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = [
    "INTERCEPT_PRECISION",
    "PRIOR_SCALE",
    "SLOPE_PRECISION",
    "allowed_priors",
    "change_priors",
    "default_priors",
    "own_prior_scale",
    "scale_priors",
]


def default_priors(
    family: str,
    link: str,
    constants: ColumnConstants,
    p: int,
    t: float = SLOPE_PRECISION,
    of_columns: Sequence[float] | None = None,
) -> NamedPriors:
    """Return the default prior of each parameter of a node with ``p`` design columns.

    Parameters
    ----------
    family, link : str
    constants : ColumnConstants
        Of the node's own column; its mean enters the intercept behind a log link.
    p : int
        Number of design columns; it enters the variance's prior of Normal and LogNormal.
    t : float
        The prior scale of the node's own column; Normal and LogNormal only, as ``of_columns``.
    of_columns : sequence of float, p long, optional
        That of each design column, its parent's; 1/2 unless given.

    Returns
    -------
    tuple of (name, Prior)
        ``intercept`` (``cutpoints`` of an OrderedLogit), ``slopes[0] … slopes[p-1]``, then the others.
        Normal and LogNormal end with ``t``, a Constant from which ``variance`` is made and, in the
        node's children, their slopes.
    """
    columns = [SLOPE_PRECISION] * p if of_columns is None else of_columns
    return get_family(family).default_priors(link, constants, p, t, columns)


# -- what a user changes ------------------------------------------------------------


def allowed_priors(priors: NamedPriors) -> tuple[tuple[str, str], ...]:
    """Return (name, distribution) of what a user can change: ``("slopes", "Normal(mu, sigma, relative)")``."""
    found: dict[str, str] = {}
    for name, prior in priors:
        found.setdefault(name.partition("[")[0], _example(prior))
    return tuple(found.items())


def _example(default: Prior) -> str:
    known = [name for name, _ in default.parameters]
    return f"{default.distribution}({', '.join(known)})"


def own_prior_scale(node: str, changes: NamedPriors, t: float = SLOPE_PRECISION) -> float:
    """Return the t that a user gave a column of numbers, by the name ``t`` among its priors; else ``t``.

    It must be known before any prior is made, since it stands in the variance of the node and in
    the slopes of its children.

    Raises
    ------
    HypothesisError
        For another distribution than a Constant, or a value that is not above 0.
    """
    given = dict(changes).get(PRIOR_SCALE)
    if given is None:
        return t
    default = prior_of("Constant", value=t)
    return _complete(given, default, f"node {node}, prior of {PRIOR_SCALE}", ((PRIOR_SCALE, default),))["value"]


def change_priors(
    priors: NamedPriors, node: str, changes: NamedPriors, slopes: Mapping[int, tuple[str, Prior]]
) -> NamedPriors:
    """Return the priors with a user's changes put in.

    Parameters
    ----------
    priors
        The defaults.
    node : str
        For messages.
    changes
        By parameter: ``Node.priors``. ``slopes`` there means every slope.
    slopes
        By design column: the parent's name and the prior of its arrow (``Edge.prior``);
        it goes before ``changes``.

    Raises
    ------
    HypothesisError
        For an unknown parameter, another distribution, or numbers that it cannot have.
    """
    given = dict(changes)
    names = [name for name, _ in allowed_priors(priors)]
    for name in given:
        if name not in names and not (name in dict(priors) and name.startswith("slopes[")):
            raise HypothesisError(
                f"there is no parameter {name!r} to give a prior", place=f"node {node}", hint=_choices(priors)
            )
    found = []
    for name, default in priors:
        base, _, column = name.partition("[")
        if base == "slopes" and int(column[:-1]) in slopes:
            parent, prior = slopes[int(column[:-1])]
            found.append((name, _complete(prior, default, f"arrow {parent} -> {node}", priors)))
        elif name in given or base in given:
            prior = given[name] if name in given else given[base]
            found.append((name, _complete(prior, default, f"node {node}, prior of {base}", priors)))
        else:
            found.append((name, default))
    return tuple(found)


def _choices(priors: NamedPriors) -> str:
    return "These can be changed: " + "; ".join(f"{name}: {example}" for name, example in allowed_priors(priors)) + "."


def _complete(prior: Prior, default: Prior, place: str, priors: NamedPriors) -> Prior:
    """Return the user's prior with its numbers in order; the same distribution only."""
    hint = _choices(priors)
    if prior.distribution != default.distribution:
        raise HypothesisError(
            f"the prior is {prior.distribution}, but only {default.distribution} can stand here", place=place, hint=hint
        )
    rules = DISTRIBUTIONS[default.distribution]
    wanted, given = [name for name, _ in default.parameters], dict(prior.parameters)
    for name, value in given.items():
        if name not in wanted:
            raise HypothesisError(f"{prior.distribution} has no number {name!r} here", place=place, hint=hint)
        if not math.isfinite(value) or (name in rules.positive and value <= 0):
            raise HypothesisError(
                f"{name} is {value:g}, which it cannot be",
                place=place,
                hint=f"Give a {'number above 0' if name in rules.positive else 'finite number'}. {hint}",
            )
        if name == "relative" and value not in (0.0, 1.0):
            raise HypothesisError(f"relative is {value:g}, not 0 or 1", place=place, hint=hint)
    numbers = []
    for name in wanted:
        if name not in given and name not in rules.optional:
            raise HypothesisError(f"the prior lacks its {name}", place=place, hint=hint)
        numbers.append((name, given[name] if name in given else rules.optional[name]))
    if all(math.isclose(value, default[name], rel_tol=1e-6) for name, value in numbers):
        return default  # as written in decimals: the closed form stays
    return Prior(prior.distribution, tuple(numbers))


def scale_priors(family: str, priors: NamedPriors, factor: float) -> NamedPriors:
    """Return the priors at another prior scale, for the sweep of the evidence (half, one, two times).

    Slopes get ``factor`` times their standard deviation. For Normal and LogNormal that is
    t / factor^2, in both its places: the variance's ``beta = t / 2`` changes with it, so
    that equivalent graphs keep equal evidence. A Table has no scale: its sweep is over the
    equivalent sample size, which ``factor`` multiplies.
    """
    swept, found = get_family(family).swept, []
    for name, prior in priors:
        numbers = dict(prior.parameters)
        number, power = swept.get(name.partition("[")[0], ("", 0.0))
        if number:
            numbers[number] *= factor**power
        found.append((name, Prior(prior.distribution, tuple(numbers.items()))))
    return tuple(found)
