"""Expressions as readable mathematics: ``Σ_season P(sales | ads, season) P(season)``."""

from collections.abc import Iterable, Sequence

from core.graph.expression import Expression, Fraction, Prob, Product, Sum

__all__ = ["adjustment_formula", "front_door_formula", "rendered"]


def adjustment_formula(
    treatments: Iterable[str], outcome: str, adjusted: Iterable[str], given: Iterable[str] = ()
) -> Expression:
    """Return the outcome's distribution averaged over the adjusted: Σ_s P(y | x, s) P(s | given), Pearl (1993).

    ``given`` is part of ``adjusted``.
    """
    held = frozenset(given)
    over = frozenset(adjusted) - held
    inner = Prob(frozenset([outcome]), frozenset(treatments) | over | held)
    return Sum(over, Product((inner, Prob(over, held)))) if over else inner


def front_door_formula(treatment: str, outcome: str, through: Iterable[str]) -> Expression:
    """Return Σ_m P(m | x) Σ_x′ P(y | x′, m) P(x′), Pearl (1995)."""
    x, y, carriers = frozenset([treatment]), frozenset([outcome]), frozenset(through)
    behind = Sum(x, Product((Prob(y, x | carriers), Prob(x))))
    return Sum(carriers, Product((Prob(carriers, x), behind)))


def rendered(expression: Expression, order: Sequence[str], first: str | None = None) -> str:
    """Return the expression as a line of text.

    Parameters
    ----------
    expression : Expression
    order : sequence of str
        The nodes, causes before effects: so do names stand beside each other, and factors the other way round.
    first : str, optional
        A name that stands before all others.

    Notes
    -----
    A variable that is summed over, while it also has a value outside, gets a prime: the front door
    asks for the treatment's value and averages over all its values.
    """
    rank = {name: place for place, name in enumerate(order)}
    return _Writer(rank, first).line(expression, {name: name for name in expression.free})


class _Writer:
    def __init__(self, rank: dict[str, int], first: str | None) -> None:
        self._rank = rank
        self._first = first

    def _names(self, names: Iterable[str], called: dict[str, str]) -> str:
        return ", ".join(called[name] for name in sorted(names, key=lambda n: (n != self._first, self._rank[n])))

    def line(self, expression: Expression, called: dict[str, str]) -> str:
        """Return the text of a tree, whose variables are called so out here."""
        match expression:
            case Prob(of, given, set_to, target):
                held = [f"do({called[name]})" for name in sorted(set_to, key=self._rank.__getitem__)]
                behind = ", ".join([*held, *([self._names(given, called)] if given else [])])
                return f"P{'*' if target else ''}({self._names(of, called)}{behind and f' | {behind}'})"
            case Product(factors):
                ordered = sorted(factors, key=self._place)
                words = [self.line(factor, called) for factor in ordered]
                last = len(words) - 1
                for place, factor in enumerate(ordered):
                    # a sum reaches as far as the text goes, and a fraction would not be told from its neighbours
                    if isinstance(factor, Fraction) or (isinstance(factor, Sum) and place < last):
                        words[place] = f"[{words[place]}]"
                return " ".join(words) or "1"
            case Sum(over, body):
                inner = dict(called)
                for name in over:
                    inner[name] = f"{called[name]}′" if name in called else name
                names = self._names(over, inner)
                sign = f"Σ_{{{names}}}" if len(over) > 1 or " " in names else f"Σ_{names}"
                return f"{sign} {self.line(body, inner)}"
            case Fraction(above, below):
                return f"{self._whole(above, called)} / {self._whole(below, called)}"

    def _whole(self, expression: Expression, called: dict[str, str]) -> str:
        words = self.line(expression, called)
        return words if isinstance(expression, Prob) else f"[{words}]"

    def _place(self, factor: Expression) -> tuple[int, int]:
        """Sums stand last, effects before causes else."""
        first = factor.of if isinstance(factor, Prob) else factor.free
        return (
            {Prob: 0, Fraction: 1, Product: 1, Sum: 2}[type(factor)],
            -max((self._rank[name] for name in first), default=0),
        )
