"""What an effect is in terms of the distribution of observed variables: expressions, as trees.

A tree is of four kinds: a probability, a product, a sum over values, a fraction. The functions
here put trees together and keep them short; each is an identity of probabilities, so that whatever
order they are used in, the value is the same.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

__all__ = [
    "Expression",
    "Fraction",
    "Prob",
    "Product",
    "Sum",
    "conditional",
    "marginal",
    "of_target",
    "product",
    "tidied",
]


@dataclass(frozen=True)
class Prob:
    """P(of | do(set_to), given), of those who were observed or, with ``target``, of those the answer is for."""

    of: frozenset[str]
    given: frozenset[str] = frozenset()
    set_to: frozenset[str] = frozenset()
    target: bool = False

    @cached_property
    def free(self) -> frozenset[str]:
        """The variables on whose values it depends."""
        return self.of | self.given | self.set_to


@dataclass(frozen=True)
class Product:
    """A product; without factors it is one."""

    factors: tuple["Expression", ...]

    @cached_property
    def free(self) -> frozenset[str]:
        """The variables on whose values it depends."""
        return frozenset().union(*(factor.free for factor in self.factors))


@dataclass(frozen=True)
class Sum:
    """The sum of ``body`` over all values of ``over``."""

    over: frozenset[str]
    body: "Expression"

    @cached_property
    def free(self) -> frozenset[str]:
        """The variables on whose values it depends."""
        return self.body.free - self.over


@dataclass(frozen=True)
class Fraction:
    """One expression divided by another."""

    above: "Expression"
    below: "Expression"

    @cached_property
    def free(self) -> frozenset[str]:
        """The variables on whose values it depends."""
        return self.above.free | self.below.free


Expression = Prob | Product | Sum | Fraction


def factors_of(expression: Expression) -> list[Expression]:
    """Return the factors of a product, or the expression as the only one."""
    return list(expression.factors) if isinstance(expression, Product) else [expression]


def product(parts: Iterable[Expression]) -> Expression:
    """Return a product, flat; of one factor, that factor."""
    factors = [factor for part in parts for factor in factors_of(part)]
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


def marginal(over: Collection[str], expression: Expression) -> Expression:
    """Return the sum over all values of ``over``, as short as simple rules make it.

    A variable that stands in one probability only, before the bar, is dropped from it; two probabilities
    that make a joint one, P(a | b, c) P(b | c), become it where that lets ``b`` be dropped; what
    does not depend on ``over`` stands outside.
    """
    factors, left = factors_of(expression), set(over)
    dropped = True
    while dropped:
        dropped = False
        for name in sorted(left):
            held = [factor for factor in factors if name in factor.free]
            joint = _joint(held) if held else None
            if joint is None or name not in joint.of:
                continue
            rest = [factor for factor in factors if name not in factor.free]
            smaller = replace(joint, of=joint.of - {name})
            factors = [*rest, smaller] if smaller.of else rest
            left.discard(name)
            dropped = True
    inside = [factor for factor in factors if left & factor.free]
    outside = [factor for factor in factors if not left & factor.free]
    if not left:
        return product(outside)
    if len(inside) == 1 and isinstance(inside[0], Sum) and not left & inside[0].over:
        return product([*outside, marginal(left | inside[0].over, inside[0].body)])
    return product([*outside, Sum(frozenset(left), product(inside))])


def _joint(factors: Iterable[Expression]) -> Prob | None:
    """Return one probability that equals the product, by the chain rule; None if there is none."""
    parts: list[Prob] = []
    for factor in factors:
        if not isinstance(factor, Prob):
            return None
        parts.append(factor)
    parts.sort(key=lambda part: len(part.given))
    whole = parts[0]
    for part in parts[1:]:
        same = (part.set_to, part.target) == (whole.set_to, whole.target)
        if not same or part.given != whole.of | whole.given:
            return None
        whole = replace(whole, of=whole.of | part.of)
    return whole


def conditional(of: Collection[str], expression: Expression) -> Expression:
    """Return the expression divided by its own sum over ``of``: a distribution of ``of``."""
    names = frozenset(of)
    factors = [factor for factor in factors_of(expression) if names & factor.free]
    joint = _joint(factors) if factors else None
    if joint is not None and names <= joint.of:
        return replace(joint, of=names, given=joint.given | (joint.of - names))
    above = product(factors)
    below = marginal(names, above)
    return above if below == Product(()) else Fraction(above, below)


def tidied(expression: Expression) -> Expression:
    """Return the expression with joint probabilities for their factors: P(a, b | c) for P(a | b, c) P(b | c)."""
    match expression:
        case Sum(over, body):
            return Sum(over, tidied(body))
        case Fraction(above, below):
            return Fraction(tidied(above), tidied(below))
        case Product(factors):
            return product(_merged([tidied(factor) for factor in factors]))
    return expression


def _merged(factors: list[Expression]) -> list[Expression]:
    for one in factors:
        for other in factors:
            joint = _joint([one, other]) if one is not other else None
            if joint is not None:
                return _merged([joint, *(factor for factor in factors if factor is not one and factor is not other)])
    return factors


def of_target(expression: Expression) -> Expression:
    """Return the expression in terms of those the answer is for."""
    match expression:
        case Prob():
            return replace(expression, target=True)
        case Sum(over, body):
            return Sum(over, of_target(body))
        case Fraction(above, below):
            return Fraction(of_target(above), of_target(below))
        case Product(factors):
            return Product(tuple(of_target(factor) for factor in factors))
