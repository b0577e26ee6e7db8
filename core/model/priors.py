"""The priors of a node's design columns, from those of its straight ones."""

from collections.abc import Sequence

from core.errors import ModelError
from core.families import get_family
from core.families.priors import NamedPriors
from core.forms.term import Term
from core.hypothesis import Edge, Prior
from core.model.spec import NodeModel

__all__ = ["priors_of_terms", "with_signs"]

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
        A slope for each free coefficient (:attr:`Term.coefficients`). That of a column which is scaled is of its
        slope over ``tau[i]``, whose prior follows the slopes; then come those of ``shares[i]``,
        ``half[i]`` and ``carry[i]``.
    """
    if all(term.is_straight for term in terms):
        return straight
    mains = iter([prior for name, prior in straight if name.startswith("slopes[")])
    slopes: list[Prior] = []
    for term in terms:
        own = [next(mains) for _ in range(term.like_straight)]
        if term.shape is not None:
            slopes += own
            continue
        like = own[0] if own else slope
        for by in term.scaled_by[term.main : term.main + term.bent]:
            own.append(like if by < 0 else _with_sd(slope, 1.0))
        own += [_with_sd(slope, 1.0 if term.varying else _INTERACTION * slope["sigma"])] * term.products
        slopes += own
    found = [(name, prior) for name, prior in straight if not name.startswith("slopes[")]
    first = next((place for place, (name, _) in enumerate(found) if name in ("intercept", "cutpoints")), -1) + 1
    columns = [(f"slopes[{j}]", prior) for j, prior in enumerate(slopes)]
    taus = [prior for term in terms for prior in term.taus]
    shaped = [(term.shape, term.curve) for term in terms if term.shape is not None]
    scaling = [(f"tau[{i}]", prior) for i, prior in enumerate(taus)]
    shaping = [
        (f"{name}[{i}]", prior)
        for i, (shape, curve) in enumerate(shaped)
        for name, prior in zip(shape.quantities, shape.priors(curve), strict=True)
    ]
    return (*found[:first], *columns, *scaling, *shaping, *found[first:])


def with_signs(priors: NamedPriors, model: NodeModel, edges: Sequence[Edge]) -> NamedPriors:
    """Return the priors with those of slopes whose arrow has a sign cut off at 0.

    Of a curve that is the sign of its slope on average, or, where it has a height, of that.

    Raises
    ------
    ModelError
        Where an arrow has no single slope that could have a sign.
    """
    signs: dict[str, int] = {}
    for edge in edges:
        if edge.sign is None:
            continue
        term = model.term(edge.source)
        _check_sign(model, term)
        signs[f"slopes[{model.coefficient_of(edge.source)}]"] = 1 if edge.sign == "+" else -1
    return tuple(
        (
            name,
            prior if name not in signs else Prior("TruncatedNormal", (*prior.parameters, ("sign", float(signs[name])))),
        )
        for name, prior in priors
    )


def _check_sign(model: NodeModel, term: Term) -> None:
    place = f"arrow {term.parent} -> {model.node}"
    if get_family(model.family).form != "line":
        raise ModelError(
            f"an arrow into a {model.family} has no single slope that could have a sign",
            place=place,
            hint="Leave the sign out, or choose another family for the node.",
        )
    if term.like_straight != 1:
        hint = f"Leave the sign out{', or choose the form monotone' if term.kind == 'ordered' else ''}."
        raise ModelError(f"{term.parent!r} has several levels, whose effects have no one sign", place=place, hint=hint)


def _with_sd(prior: Prior, sd: float) -> Prior:
    return Prior(
        prior.distribution, tuple((name, sd if name == "sigma" else value) for name, value in prior.parameters)
    )
