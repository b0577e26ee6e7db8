"""The default priors of each family, and what a user may change about them.

The numbers are those of STATISTICS ("The conjugate default for linear-Gaussian
families", "Strong relations", "Defaults for the other families"): on standardised columns,
or, behind a log link, in the node's own units.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.data.prior_scales import LARGEST
from core.errors import HypothesisError
from core.families.distributions import DISTRIBUTIONS
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

INTERCEPT_PRECISION = 1.0
"""a of the conjugate default: intercept | sigma ~ Normal(0, sigma / sqrt(a))."""

SLOPE_PRECISION = LARGEST
"""t of the conjugate default: slope | sigma ~ Normal(0, sigma / sqrt(t)), and t/2 in the variance's prior.

It is that of a category, and of a number that no other column nearly determines; else each column
has its own (:mod:`core.data.prior_scales`): that of the parent in a slope, of the child in the variance."""

PRIOR_SCALE = "t"
"""The name under which a column's t stands among the priors."""

EQUIVALENT_SAMPLE_SIZE = 1.0

NamedPriors = tuple[tuple[str, Prior], ...]


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
    if family == "Table":
        return (("probabilities", _prior("Dirichlet", equivalent_sample_size=EQUIVALENT_SAMPLE_SIZE)),)
    if family in ("Normal", "LogNormal"):
        return _linear_gaussian(t, [SLOPE_PRECISION] * p if of_columns is None else of_columns)
    if family == "Categorical":
        return (
            ("intercept", _prior("ZeroSumNormal", sigma=1.5)),
            *_slopes(p, _prior("ZeroSumNormal", sigma=1.0)),
        )
    slopes = _slopes(p, _prior("Normal", mu=0.0, sigma=1.0))
    if family == "OrderedLogit":
        return (("cutpoints", _prior("OrderedNormal", mu=0.0, sigma=2.5)), *slopes)
    return (("intercept", _intercept(link, constants)), *slopes, *_OTHERS.get(family, ()))


def _prior(distribution: str, **numbers: float) -> Prior:
    return Prior(distribution, tuple(numbers.items()))


_OTHERS: Mapping[str, NamedPriors] = {
    "StudentT": (
        ("sigma", _prior("HalfNormal", sigma=1.0)),
        ("nu_minus_2", _prior("Gamma", alpha=2.0, beta=0.1)),
    ),
    "SkewNormal": (
        ("sigma", _prior("HalfNormal", sigma=1.0)),
        ("alpha", _prior("Normal", mu=0.0, sigma=4.0)),
    ),
    "Gamma": (("shape", _prior("LogNormal", mu=0.0, sigma=1.0)),),
    "Weibull": (("shape", _prior("LogNormal", mu=0.0, sigma=1.0)),),
    "Beta": (("precision", _prior("LogNormal", mu=2.0, sigma=1.0)),),
    "NegativeBinomial": (("overdispersion", _prior("HalfNormal", sigma=1.0)),),
    "ZeroInflatedPoisson": (("zero_share", _prior("Beta", alpha=1.0, beta=1.0)),),
    "ZeroInflatedNegativeBinomial": (
        ("overdispersion", _prior("HalfNormal", sigma=1.0)),
        ("zero_share", _prior("Beta", alpha=1.0, beta=1.0)),
    ),
}


def _slopes(p: int, prior: Prior) -> NamedPriors:
    return tuple((f"slopes[{j}]", prior) for j in range(p))


def _linear_gaussian(t: float, of_columns: Sequence[float]) -> NamedPriors:
    """Return BGe's prior with the diagonal T of the columns' own t, family by family.

    Of a Wishart matrix with 3 degrees of freedom (over the columns' number) and a diagonal scale, a
    column given its parents has this variance and these slopes (Geiger & Heckerman 2002, theorem 3),
    so that equivalent graphs keep equal evidence whatever the t are.
    """
    slopes = (_prior("Normal", mu=0.0, sigma=1 / math.sqrt(one), relative=1.0) for one in of_columns)
    return (
        ("intercept", _prior("Normal", mu=0.0, sigma=1 / math.sqrt(INTERCEPT_PRECISION), relative=1.0)),
        *((f"slopes[{j}]", slope) for j, slope in enumerate(slopes)),
        ("variance", _prior("InverseGamma", alpha=(len(of_columns) + 3) / 2, beta=t / 2)),
        (PRIOR_SCALE, _prior("Constant", value=t)),
    )


def _intercept(link: str, constants: ColumnConstants) -> Prior:
    if link == "log":
        # A column of zeros only has no log-mean of its own; half an event stands for it.
        return _prior("Normal", mu=math.log(constants.mean if constants.mean > 0 else 0.5), sigma=1.0)
    return _prior("Normal", mu=0.0, sigma=1.0 if link == "identity" else 1.5)


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
    default = _prior("Constant", value=t)
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
        if column and int(column[:-1]) in slopes:
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
    found = []
    for name, prior in priors:
        numbers = dict(prior.parameters)
        if name.startswith("slopes["):
            numbers["sigma"] *= factor
        elif name == "variance" and family in ("Normal", "LogNormal"):
            numbers["beta"] /= factor**2
        elif name == PRIOR_SCALE:
            numbers["value"] /= factor**2
        elif name == "probabilities":
            numbers["equivalent_sample_size"] *= factor
        found.append((name, Prior(prior.distribution, tuple(numbers.items()))))
    return tuple(found)
