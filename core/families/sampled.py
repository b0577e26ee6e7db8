"""The model of a block as it is sampled: free variables, and the family's parameters made from them.

A family writes this once (``Family.sampled``), against whatever makes the variables: PyMC
(``core.model.block_likelihood``), or samples that are at hand (:class:`Known`), with a leading
axis. The numbers of the priors arrive packed in one vector, because a compiled model takes them
as data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.families.base import Family, FloatArray, Priors
from core.families.namespace import Array, Namespace

__all__ = ["Free", "Known", "Numbers", "length", "packed"]

_OF_COEFFICIENTS = ("mu", "sigma", "relative")


class Free(Protocol):
    """What makes the free variables of a block."""

    def variable(
        self, name: str, distribution: str, shape: tuple[int, ...] = (), *, transform: str = "", **numbers: Array
    ) -> Array:
        """Make a variable; ``distribution`` and its numbers by PyMC's names, ``transform`` by ``core.model``'s."""

    def term(self, name: str, value: Array) -> None:
        """Add to the log density what no variable's own prior says."""


@dataclass(frozen=True)
class Known:
    """Samples of the free variables, each (S, …), in place of variables."""

    samples: Mapping[str, FloatArray]

    def variable(
        self, name: str, distribution: str, shape: tuple[int, ...] = (), *, transform: str = "", **numbers: Array
    ) -> Array:
        """See :meth:`Free.variable`."""
        return self.samples[name]

    def term(self, name: str, value: Array) -> None:
        """See :meth:`Free.term`; nobody asks for a density."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of a node's priors.

    Parameters
    ----------
    mu, sigma, relative : array, shape (C,)
        Of intercept (if there is one) and slopes, in order.
    others : mapping of str to mapping of str to array, shape ()
        Of the other quantities, by name and by the number's name.
    signs : tuple of int, C long
        Of the coefficients that have one, 0 for the others; empty if none has.
    """

    mu: Array
    sigma: Array
    relative: Array
    others: Mapping[str, Mapping[str, Array]]
    signs: tuple[int, ...] = ()

    @classmethod
    def of(cls, family: Family, vector: Array, p: int, signs: Sequence[int] = ()) -> "Numbers":
        """Take a packed vector apart, of ``p`` free slopes of these signs."""
        n = len(_coefficients(family, p))
        mu, sigma, relative = (vector[n * row : n * (row + 1)] for row in range(3))
        others, place = {}, 3 * n
        for parameter in family.declared:
            if not parameter.coefficient:
                names = [name for name, _ in parameter.default.parameters]
                others[parameter.prior] = {name: vector[place + at] for at, name in enumerate(names)}
                place += len(names)
        every = (*(0,) * (n - len(signs)), *signs) if any(signs) else ()
        return cls(mu, sigma, relative, others, every)

    def coefficients(self, xp: Namespace, free: Free, count: int, spread: Array = 1.0) -> Array:
        """Make the free variables of the coefficients, and return these, shape (…, C), ``count`` of them.

        ``spread`` (…, C), or one number, multiplies each one's sigma. Of unit spread are ``z``, Normal, and, of those
        that have a sign, ``held``, above 0.
        """
        if not self.signs:
            return self.mu + self.sigma * free.variable("z", "Normal", (count,), mu=0.0, sigma=spread)
        held = [j for j, sign in enumerate(self.signs) if sign]
        loose = [j for j, sign in enumerate(self.signs) if not sign]
        signs = np.array([self.signs[j] for j in held], dtype=float)
        of_held = {
            "mu": signs * self.mu[held] / self.sigma[held],
            "sigma": spread if isinstance(spread, float) else spread[..., held],
        }
        above = free.variable("held", "TruncatedNormal", (len(held),), **of_held, lower=0.0)
        made = signs * self.sigma[held] * above
        if not loose:
            return made
        of_loose = spread if isinstance(spread, float) else spread[..., loose]
        z = free.variable("z", "Normal", (len(loose),), mu=0.0, sigma=of_loose)
        both = xp.concatenate([self.mu[loose] + self.sigma[loose] * z, made])
        return both[..., [int(at) for at in np.argsort([*loose, *held])]]

    def free_coefficients(self, coefficients: FloatArray) -> dict[str, FloatArray]:
        """Return the values of these variables at some coefficients, shape (S, C)."""
        if not self.signs:
            return {"z": (coefficients - self.mu) / self.sigma}
        signs = np.array(self.signs)
        held, loose = signs != 0, signs == 0
        found = {"held": (signs * coefficients / self.sigma)[:, held]}
        return found | ({"z": ((coefficients - self.mu) / self.sigma)[:, loose]} if loose.any() else {})


def _coefficients(family: Family, p: int) -> list[str]:
    named = {parameter.name for parameter in family.declared if parameter.coefficient}
    return [*(["intercept"] if "intercept" in named else []), *(f"slopes[{j}]" for j in range(p) if "slopes" in named)]


def length(family: Family, p: int) -> tuple[int, int]:
    """Return how many coefficients a packed vector has, and how many numbers come after theirs."""
    rest = sum(len(parameter.default.parameters) for parameter in family.declared if not parameter.coefficient)
    return len(_coefficients(family, p)), rest


def packed(family: Family, priors: Priors, p: int) -> list[float]:
    """Return the priors' numbers: of the coefficients by number (mu of all, sigma of all, …), then the rest."""
    table = [dict(priors[name].parameters) for name in _coefficients(family, p)]
    numbers = [row.get(number, 0.0) for number in _OF_COEFFICIENTS for row in table]
    for parameter in family.declared:
        if not parameter.coefficient:
            numbers += [priors[parameter.prior][name] for name, _ in parameter.default.parameters]
    return numbers
