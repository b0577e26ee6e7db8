"""The joint PyMC model of a hypothesis: what is exported, and the oracle of everything else.

One observed variable a column, named as the column and on the data's own scale, so that
the log density is that of the data as they are. A child's predictor is built from its
parents' *variables*: in the log density PyMC puts the data in their place, and in forward
sampling (prior and posterior predictive, ``pm.do``) what was drawn runs through the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import lgamma, prod
from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray

from core.families import get_family
from core.families.linear import LinearFamily
from core.families.parameter import Parameter
from core.hypothesis import Hypothesis, Prior
from core.model.block_likelihood import INCREASING
from core.model.earlier import with_earlier, with_time
from core.model.names import free_name, run_name, variable_names
from core.model.resolve import complete_rows, resolve
from core.model.spec import ModelSpec, NodeModel
from core.model.tensors import TENSORS
from core.names import TIME

if TYPE_CHECKING:
    from core.data.dataset import Dataset

__all__ = ["build_from_spec", "build_model", "joint_model"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def build_model(hypothesis: Hypothesis, dataset: Dataset) -> pm.Model:
    """Return the PyMC model of a hypothesis for a data set.

    Parameters
    ----------
    hypothesis : Hypothesis
    dataset : Dataset
        Rows with a missing value in a column of the hypothesis are left out.

    Returns
    -------
    pymc.Model
        One observed variable a column, named as the column, on its own scale (levels as
        codes); what is background is ``pm.Data`` under the column's name. Parameters are called
        ``node.parameter``: ``sales.intercept``, ``sales.slopes``, ``sales.sigma``; an underscore is
        added where a column has that name. They are on the family's scale (``core.model.spec``).
        A column whose name PyMC cannot take is called as :func:`core.model.names.variable_names` says.

    Raises
    ------
    ModelError, NotYetError, HypothesisError
        As :func:`core.model.resolve.resolve`.
    """
    spec = resolve(hypothesis, dataset)
    names = [model.node for model in spec.columns]
    complete = complete_rows(with_time((hypothesis,), dataset), names)
    raw = {name: complete.values(name) for name in names}
    before = complete.before(names)
    if complete.rows == dataset.rows:  # earlier values are then those of the variables, drawn with them
        before = {name: values for name, values in before.items() if name == TIME}
    raw |= before
    return build_from_spec(spec, raw, {name: ~complete.was_set(name) for name in names})


def build_from_spec(
    spec: ModelSpec, raw: Mapping[str, FloatArray], used: Mapping[str, BoolArray] | None = None
) -> pm.Model:
    """Return the PyMC model of a specification for some rows.

    Parameters
    ----------
    spec : ModelSpec
    raw : mapping of str to array, shape (N,)
        Every column on its own scale, what is given among them, levels as codes, nothing missing. Beside them, where
        something carries over, what is known of earlier rows (:meth:`core.data.dataset.Dataset.before`): without
        earlier values they are those of the parent's variable, in the order of time, or of the rows as they stand.
    used : mapping of str to array of bool, shape (N,), optional
        False where the node was set by intervention. Such rows are no part of the observed
        variable, which is then shorter; children still see them.
    """
    return joint_model(spec, raw, used)[0]


def joint_model(
    spec: ModelSpec, raw: Mapping[str, FloatArray], used: Mapping[str, BoolArray] | None = None
) -> tuple[pm.Model, dict[tuple[str, str], str]]:
    """Return the model as :func:`build_from_spec` does, and what PyMC calls each node's parameters.

    The second is by node and parameter, a family's own and what they are made from alike: ``("sales", "sigma")``.
    """
    names = variable_names(model.node for model in spec.columns)
    taken = set(names.values())
    columns: dict[str, Any] = {}
    made: dict[tuple[str, str], str] = {}
    with pm.Model() as model:
        for node in spec.given:
            columns[node.node] = pm.Data(names[node.node], raw[node.node])
        columns |= {name: pt.as_tensor(raw[name]) for name in spec.earlier if name in raw}
        columns[TIME] = raw.get(TIME, np.arange(len(next(iter(raw.values())))))
        for node in spec.nodes:
            builder = _Builder(node, names[node.node], taken)
            columns[node.node] = _column(builder, columns, raw, used)
            made |= {(node.node, parameter): name for parameter, name in builder.made.items()}
    return model, made


@dataclass
class _Builder:
    """One node's variables, under names that no column has."""

    model: NodeModel
    observed: str
    taken: set[str]
    rows: int = 0
    made: dict[str, str] = field(default_factory=dict)

    def name(self, parameter: str) -> str:
        """Return ``node.parameter``, with underscores until it is free."""
        name = free_name(f"{self.observed}.{parameter}", self.taken)
        self.taken.add(name)
        self.made[parameter] = name
        return name

    def slopes_prior(self, number: str) -> FloatArray:
        """Return one number of every slope's prior, shape (p,)."""
        prior = self.model.prior
        return np.array(
            [dict(prior[f"slopes[{j}]"].parameters).get(number, 0.0) for j in range(self.model.coefficients)]
        )


def _column(
    builder: _Builder, columns: Mapping[str, Any], raw: Mapping[str, FloatArray], used: Mapping[str, BoolArray] | None
) -> Any:
    """Make a node's observed variable; return the whole column, with set rows as they were set."""
    node = builder.model
    values = raw[node.node]
    whole: Any = values.astype(np.int64) if node.kind in _WHOLE_KINDS and get_family(node.family).discrete else values
    rows = None if used is None or used[node.node].all() else np.flatnonzero(used[node.node])
    inputs = with_earlier(node, columns)
    parents = {name: inputs[name] if rows is None else inputs[name][rows] for name in node.inputs}
    observed = whole if rows is None else whole[rows]
    builder.rows = len(observed)
    variable = _observed(builder, parents, observed)
    if rows is None:
        return variable
    return pt.set_subtensor(pt.as_tensor(whole)[rows], variable)


_WHOLE_KINDS = ("binary", "category", "ordered", "count")


# -- predictors -----------------------------------------------------------------------


def _design(node: NodeModel, parents: Mapping[str, Any]) -> list[Any]:
    """Return each term's design columns, shape (N, width)."""
    return [term.matrix(pt, {name: parents[name] for name in term.inputs}) for term in node.terms]


def _add_terms(node: NodeModel, parents: Mapping[str, Any], eta: Any, slopes: Any) -> Any:
    """Return the predictor with what each term adds."""
    start = 0
    for term, columns in zip(node.terms, _design(node, parents), strict=True):
        eta = eta + columns @ slopes[start : start + term.columns]
        start += term.columns
    return eta


def _scaled(builder: _Builder, make: Callable[[str], Any]) -> Any:
    """Return the slopes that ``make`` gives a name to, those of scaled columns times their tau."""
    node = builder.model
    if not node.taus:
        return make(builder.name("slopes"))
    each = []
    for i in range(node.taus):
        prior = node.prior[f"tau[{i}]"]
        if prior.distribution == "HalfNormal":
            each.append(pm.HalfNormal(builder.name(f"tau[{i}]"), prior["sigma"]))
        else:  # nothing at all with probability 1/2
            free = pm.Normal(builder.name(f"bend[{i}]"), 0.0, prior["sigma"])
            each.append(pm.Deterministic(builder.name(f"tau[{i}]"), pt.maximum(free, 0.0)))
    factors = pt.stack([each[i] if i >= 0 else pt.as_tensor(1.0) for i in node.scaled_by])
    free = make(builder.name("free_slopes"))
    return pm.Deterministic(builder.name("slopes"), (free.T * factors).T)


def _coefficients(builder: _Builder, name: str, mu: FloatArray, spread: Any) -> Any:
    """Make the slopes of the design columns: free, of one sign, or made of a height and a shape."""
    node = builder.model
    if not node.signs and not node.shaped:
        return pm.Normal(name, mu, spread, shape=node.columns)
    made_of = {start: _run(builder, start, stop, mu, spread) for start, stop in node.coefficient_runs}
    parts, at, shaped = [], 0, 0
    for term in node.terms:
        own = [run for start, run in made_of.items() if at <= start < at + term.coefficients]
        if term.shape is None:
            parts += own
        else:
            made = [
                _MAKERS.get(prior.distribution, _number)(builder.name(f"{name}[{shaped}]"), prior, (term.columns,))
                for name, prior in zip(term.shape.quantities, node.priors_of_shape(shaped), strict=True)
            ]
            quantity = pt.stack(made) if term.shape.kept else made[0]
            parts.append(own[0] * term.shape.weights(pt, quantity, term.curve))
            shaped += 1
        at += term.coefficients
    return pm.Deterministic(name, pt.concatenate(parts))


def _run(builder: _Builder, start: int, stop: int, mu: FloatArray, spread: Any) -> Any:
    """Make free coefficients that stand together, cut off at 0 where their arrow has a sign."""
    sign = (builder.model.signs or (0,) * builder.model.coefficients)[start]
    name, own = builder.name(run_name(start, stop)), slice(start, stop)
    if not sign:
        return pm.Normal(name, mu[own], spread[own], shape=stop - start)
    bound = {"lower": 0.0} if sign > 0 else {"upper": 0.0}
    return pm.TruncatedNormal(name, mu[own], spread[own], shape=1, **bound)


def _scale_of(relative: Any, sigma: Any) -> Any:
    """Return 1, or the residual standard deviation where a prior is relative to it."""
    return 1.0 if sigma is None else relative * sigma + (1.0 - relative)


def _predictor(builder: _Builder, parents: Mapping[str, Any], sigma: Any = None) -> Any:
    """Make intercept and slopes; return the linear predictor, shape (N,) (or () without parents)."""
    node = builder.model
    if "intercept" in node.prior:
        numbers = dict(node.prior["intercept"].parameters)
        unit = _scale_of(numbers.get("relative", 0.0), sigma)
        eta = pm.Normal(builder.name("intercept"), numbers["mu"], numbers["sigma"] * unit)
    else:
        eta = pt.zeros(builder.rows)
    if node.columns:
        spread = builder.slopes_prior("sigma") * _scale_of(builder.slopes_prior("relative"), sigma)
        mu = builder.slopes_prior("mu")
        slopes = _scaled(builder, lambda name: _coefficients(builder, name, mu, spread))
        eta = _add_terms(node, parents, eta, slopes)
    return eta


def _predictors(builder: _Builder, parents: Mapping[str, Any]) -> Any:
    """Make intercept and slopes of every level, each zero-sum; return the predictors, shape (N, K)."""
    node = builder.model
    spread = node.prior["intercept"]["sigma"]
    eta = pm.ZeroSumNormal(builder.name("intercept"), sigma=spread, shape=node.levels)
    eta = pt.zeros((builder.rows, 1)) + eta
    if node.columns:
        spreads = builder.slopes_prior("sigma")[:, None]
        shape = (node.columns, node.levels)
        slopes = _scaled(builder, lambda name: pm.ZeroSumNormal(name, sigma=spreads, shape=shape))
        eta = _add_terms(node, parents, eta, slopes)
    return eta


def _cells(builder: _Builder, parents: Mapping[str, Any]) -> Any:
    """Return the number of the parents' configuration, shape (N,)."""
    place: Any = pt.zeros(builder.rows, dtype="int64")
    for term in builder.model.terms:
        place = place * len(term.levels) + pt.cast(parents[term.parent], "int64")
    return place


# -- the other parameters, and what is observed ---------------------------------------


def _parameter(builder: _Builder, parameter: Parameter) -> Any:
    """Make a parameter beside intercept and slopes, from the quantity that has the prior."""
    node = builder.model
    prior = node.prior[parameter.prior]
    made = _MAKERS.get(prior.distribution, _number)(
        builder.name(parameter.prior), prior, parameter.sizes(node.columns, node.levels)
    )
    if parameter.prior == parameter.name:
        return made
    return pm.Deterministic(builder.name(parameter.name), parameter.forward(TENSORS, made))


def _number(name: str, prior: Prior, shape: tuple[int, ...]) -> Any:
    return getattr(pm, prior.distribution)(name, **dict(prior.parameters))


def _dirichlet(name: str, prior: Prior, shape: tuple[int, ...]) -> Any:
    return pm.Dirichlet(name, np.full(shape, prior["equivalent_sample_size"] / prod(shape)), shape=shape)


def _increasing(name: str, prior: Prior, shape: tuple[int, ...]) -> Any:
    """Make values that increase: independent Normal(mu, sigma), sorted.

    A transform alone would leave ``count``! times too little mass, and draws from the prior
    without their order.
    """
    (count,) = shape

    def draw(mu: Any, sigma: Any, size: Any) -> Any:
        return pt.sort(pm.Normal.dist(mu, sigma, shape=(count,)))

    def logp(value: Any, mu: Any, sigma: Any) -> Any:
        return lgamma(count + 1) + pm.logp(pm.Normal.dist(mu, sigma), value).sum()

    return pm.CustomDist(
        name, prior["mu"], prior["sigma"], dist=draw, logp=logp, signature="(),()->(k)", transform=INCREASING
    )


_MAKERS: Mapping[str, Callable[[str, Prior, tuple[int, ...]], Any]] = {
    "Dirichlet": _dirichlet,
    "OrderedNormal": _increasing,
}


def _observed(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    """Make the observed variable, with the distribution that its family names."""
    node = builder.model
    family, part = get_family(node.family), node.response
    at = {one.name: _parameter(builder, one) for one in family.declared if not one.coefficient}
    if family.form == "cells":
        eta = _cells(builder, parents)
    elif family.form == "lines":
        eta = _predictors(builder, parents)
    else:
        eta = _predictor(builder, parents, at["sigma"] if family.relative else None)
    if (part.center, part.scale) != (0.0, 1.0):
        eta = part.center + part.scale * eta
        in_units = {one.name for one in family.declared if one.in_units}
        at = {name: part.scale * value if name in in_units else value for name, value in at.items()}
    if isinstance(family, LinearFamily) and family.own_density:
        return _custom(builder.observed, family, node.link, eta, at, observed)
    name, numbers = family.pymc(TENSORS, eta, at, node.link)
    return getattr(pm, name)(builder.observed, **numbers, observed=observed)


def _custom(name: str, family: LinearFamily, link: str, eta: Any, at: Mapping[str, Any], observed: Any) -> Any:
    """Make a variable that is drawn as PyMC draws it, and whose density is the family's own."""

    def draw(eta: Any, *others: Any) -> Any:
        *values, size = others
        distribution, numbers = family.pymc(TENSORS, eta, dict(zip(at, values, strict=True)), link)
        return getattr(pm, distribution).dist(**numbers, size=size)

    def logp(value: Any, eta: Any, *others: Any) -> Any:
        return family.log_density(TENSORS, value, eta, dict(zip(at, others, strict=True)), link)

    return pm.CustomDist(name, eta, *at.values(), dist=draw, logp=logp, observed=observed)
