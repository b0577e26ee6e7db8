"""The priors of a node's design columns, from those of its straight ones."""

from collections.abc import Sequence

from core.families.priors import NamedPriors
from core.forms.term import Term
from core.hypothesis import Prior

__all__ = ["priors_of_terms"]

_INTERACTION = 0.5
"""A product's slope has half the prior's standard deviation of a slope."""


def priors_of_terms(terms: Sequence[Term], straight: NamedPriors, slope: Prior) -> NamedPriors:
    """Return the default priors of a node with terms of any form.

    Parameters
    ----------
    terms : sequence of Term
    straight : tuple of (name, Prior)
        Those of the same node with the straight columns alone: what is bent leaves the
        residual's prior as it is, so that a curve without a bend is the straight line.
    slope : Prior
        Of a slope of this family where no column says another.

    Returns
    -------
    tuple of (name, Prior)
        A slope for each design column. That of a column which is scaled is of its slope over
        ``tau[i]``, whose prior follows the slopes.
    """
    if all(term.is_straight for term in terms):
        return straight
    mains = iter([prior for name, prior in straight if name.startswith("slopes[")])
    slopes: list[Prior] = []
    for term in terms:
        own = [next(mains) for _ in range(term.main)]
        like = own[0] if own else slope
        for by in term.scaled_by[term.main : term.main + term.bent]:
            own.append(like if by < 0 else _with_sd(slope, 1.0))
        own += [_with_sd(slope, 1.0 if term.varying else _INTERACTION * slope["sigma"])] * term.products
        slopes += own
    found = [(name, prior) for name, prior in straight if not name.startswith("slopes[")]
    first = next((place for place, (name, _) in enumerate(found) if name in ("intercept", "cutpoints")), -1) + 1
    columns = [(f"slopes[{j}]", prior) for j, prior in enumerate(slopes)]
    taus = [prior for term in terms for prior in term.taus]
    return (*found[:first], *columns, *((f"tau[{i}]", prior) for i, prior in enumerate(taus)), *found[first:])


def _with_sd(prior: Prior, sd: float) -> Prior:
    return Prior(
        prior.distribution, tuple((name, sd if name == "sigma" else value) for name, value in prior.parameters)
    )
