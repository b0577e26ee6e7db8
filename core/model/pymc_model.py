"""The joint PyMC model of a hypothesis: what is exported, and the oracle of everything else.

One observed variable a column, named as the column and on the data's own scale, so that
the log density is that of the data as they are. A child's predictor is built from its
parents' *variables*: in the log density PyMC puts the data in their place, and in forward
sampling (prior and posterior predictive, ``pm.do``) what was drawn runs through the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import lgamma
from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray

from core.hypothesis import Hypothesis
from core.model.block_likelihood import INCREASING, log_ndtr
from core.model.names import free_name, variable_names
from core.model.resolve import complete_rows, resolve
from core.model.spec import ModelSpec, NodeModel

if TYPE_CHECKING:
    from core.data.dataset import Dataset

__all__ = ["build_from_spec", "build_model"]

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
    complete = complete_rows(dataset, names)
    raw = {name: complete.values(name) for name in names}
    return build_from_spec(spec, raw, {name: ~complete.was_set(name) for name in names})


def build_from_spec(
    spec: ModelSpec, raw: Mapping[str, FloatArray], used: Mapping[str, BoolArray] | None = None
) -> pm.Model:
    """Return the PyMC model of a specification for some rows.

    Parameters
    ----------
    spec : ModelSpec
    raw : mapping of str to array, shape (N,)
        Every column on its own scale, what is given among them, levels as codes, nothing missing.
    used : mapping of str to array of bool, shape (N,), optional
        False where the node was set by intervention. Such rows are no part of the observed
        variable, which is then shorter; children still see them.
    """
    names = variable_names(model.node for model in spec.columns)
    taken = set(names.values())
    columns: dict[str, Any] = {}
    with pm.Model() as model:
        for node in spec.given:
            columns[node.node] = pm.Data(names[node.node], raw[node.node])
        for node in spec.nodes:
            builder = _Builder(node, names[node.node], taken)
            columns[node.node] = _column(builder, columns, raw, used)
    return model


@dataclass
class _Builder:
    """One node's variables, under names that no column has."""

    model: NodeModel
    observed: str
    taken: set[str]

    def name(self, parameter: str) -> str:
        """Return ``node.parameter``, with underscores until it is free."""
        name = free_name(f"{self.observed}.{parameter}", self.taken)
        self.taken.add(name)
        return name

    def slopes_prior(self, number: str) -> FloatArray:
        """Return one number of every slope's prior, shape (p,)."""
        prior = self.model.prior
        return np.array([dict(prior[f"slopes[{j}]"].parameters).get(number, 0.0) for j in range(self.model.columns)])


def _column(
    builder: _Builder, columns: Mapping[str, Any], raw: Mapping[str, FloatArray], used: Mapping[str, BoolArray] | None
) -> Any:
    """Make a node's observed variable; return the whole column, with set rows as they were set."""
    node = builder.model
    values = raw[node.node]
    whole: Any = values if node.kind not in _WHOLE_KINDS or node.family in _REAL else values.astype(np.int64)
    rows = None if used is None or used[node.node].all() else np.flatnonzero(used[node.node])
    parents = {parent: columns[parent] if rows is None else columns[parent][rows] for parent in node.parents}
    observed = whole if rows is None else whole[rows]
    variable = _LIKELIHOODS[node.family](builder, parents, observed)
    if rows is None:
        return variable
    return pt.set_subtensor(pt.as_tensor(whole)[rows], variable)


_WHOLE_KINDS = ("binary", "category", "ordered", "count")
_REAL = ("Normal", "StudentT", "SkewNormal", "LogNormal", "Gamma", "Weibull", "Beta")


# -- predictors -----------------------------------------------------------------------


def _design(node: NodeModel, parents: Mapping[str, Any]) -> list[Any]:
    """Return each term's design columns, shape (N, width)."""
    return [term.matrix(pt, {name: parents[name] for name in term.parents}) for term in node.terms]


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


def _scale_of(relative: Any, sigma: Any) -> Any:
    """Return 1, or the residual standard deviation where a prior is relative to it."""
    return 1.0 if sigma is None else relative * sigma + (1.0 - relative)


def _predictor(builder: _Builder, parents: Mapping[str, Any], sigma: Any = None) -> Any:
    """Make intercept and slopes; return the linear predictor, shape (N,) (or () without parents)."""
    node = builder.model
    numbers = dict(node.prior["intercept"].parameters)
    unit = _scale_of(numbers.get("relative", 0.0), sigma)
    eta = pm.Normal(builder.name("intercept"), numbers["mu"], numbers["sigma"] * unit)
    if node.columns:
        spread = builder.slopes_prior("sigma") * _scale_of(builder.slopes_prior("relative"), sigma)
        mu = builder.slopes_prior("mu")
        slopes = _scaled(builder, lambda name: pm.Normal(name, mu, spread, shape=node.columns))
        eta = _add_terms(node, parents, eta, slopes)
    return eta


def _auxiliary(builder: _Builder, prior_name: str) -> Any:
    prior = builder.model.prior[prior_name]
    make = {
        "Normal": pm.Normal,
        "HalfNormal": pm.HalfNormal,
        "LogNormal": pm.LogNormal,
        "Gamma": pm.Gamma,
        "Beta": pm.Beta,
        "InverseGamma": pm.InverseGamma,
    }[prior.distribution]
    return make(builder.name(prior_name), **dict(prior.parameters))


# -- one likelihood a family ------------------------------------------------------------


def _linear_gaussian(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    node, part = builder.model, builder.model.response
    sigma = pm.Deterministic(builder.name("sigma"), pt.sqrt(_auxiliary(builder, "variance")))
    mu = part.center + part.scale * _predictor(builder, parents, sigma)
    make = pm.LogNormal if node.family == "LogNormal" else pm.Normal
    return make(builder.observed, mu=mu, sigma=part.scale * sigma, observed=observed)


def _student_t(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    part = builder.model.response
    sigma = _auxiliary(builder, "sigma")
    nu = pm.Deterministic(builder.name("nu"), 2.0 + _auxiliary(builder, "nu_minus_2"))
    mu = part.center + part.scale * _predictor(builder, parents)
    return pm.StudentT(builder.observed, nu=nu, mu=mu, sigma=part.scale * sigma, observed=observed)


def _skew_normal(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    part = builder.model.response
    sigma, alpha = part.scale * _auxiliary(builder, "sigma"), _auxiliary(builder, "alpha")
    mu = part.center + part.scale * _predictor(builder, parents)
    return pm.CustomDist(
        builder.observed, mu, sigma, alpha, dist=_draw_skew_normal, logp=_skew_normal_logp, observed=observed
    )


def _draw_skew_normal(mu: Any, sigma: Any, alpha: Any, size: Any) -> Any:
    return pm.SkewNormal.dist(mu=mu, sigma=sigma, alpha=alpha, size=size)


def _skew_normal_logp(value: Any, mu: Any, sigma: Any, alpha: Any) -> Any:
    """Return the log density; PyMC's takes the logarithm of 1 + erf, which rounds to 0 in one tail."""
    residual = (value - mu) / sigma
    normal = -0.5 * residual**2 - pt.log(sigma) - 0.5 * np.log(2.0 * np.pi)
    return np.log(2.0) + normal + log_ndtr(alpha * residual)


def _gamma(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    shape = _auxiliary(builder, "shape")
    mean = pt.exp(_predictor(builder, parents))
    return pm.Gamma(builder.observed, alpha=shape, beta=shape / mean, observed=observed)


def _weibull(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    shape = _auxiliary(builder, "shape")
    scale = pt.exp(_predictor(builder, parents) - pt.gammaln(1.0 + 1.0 / shape))
    return pm.Weibull(builder.observed, alpha=shape, beta=scale, observed=observed)


def _beta(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    precision = _auxiliary(builder, "precision")
    eta = _predictor(builder, parents)
    # expit(-eta) keeps what 1 - expit(eta) would round away.
    shapes = pt.sigmoid(eta) * precision, pt.sigmoid(-eta) * precision
    return pm.Beta(builder.observed, alpha=shapes[0], beta=shapes[1], observed=observed)


def _bernoulli(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    eta = _predictor(builder, parents)
    if builder.model.link == "probit":
        # pm.math.invprobit takes the root of 2 in single precision, and is off by 1e-8.
        return pm.Bernoulli(builder.observed, p=0.5 * pt.erfc(-eta / np.sqrt(2.0)), observed=observed)
    return pm.Bernoulli(builder.observed, logit_p=eta, observed=observed)


def _poisson(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    return pm.Poisson(builder.observed, mu=pt.exp(_predictor(builder, parents)), observed=observed)


def _negative_binomial(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    dispersion = _auxiliary(builder, "overdispersion") ** -2.0
    mean = pt.exp(_predictor(builder, parents))
    return pm.NegativeBinomial(builder.observed, mu=mean, alpha=dispersion, observed=observed)


def _zero_inflated_poisson(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    share = _auxiliary(builder, "zero_share")
    mean = pt.exp(_predictor(builder, parents))
    return pm.ZeroInflatedPoisson(builder.observed, psi=1.0 - share, mu=mean, observed=observed)


def _zero_inflated_negative_binomial(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    dispersion = _auxiliary(builder, "overdispersion") ** -2.0
    share = _auxiliary(builder, "zero_share")
    mean = pt.exp(_predictor(builder, parents))
    return pm.ZeroInflatedNegativeBinomial(
        builder.observed, psi=1.0 - share, mu=mean, alpha=dispersion, observed=observed
    )


def _categorical(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    node = builder.model
    spread = node.prior["intercept"]["sigma"]
    eta = pm.ZeroSumNormal(builder.name("intercept"), sigma=spread, shape=node.levels)
    eta = pt.zeros((len(observed), 1)) + eta
    if node.columns:
        spreads = builder.slopes_prior("sigma")[:, None]
        shape = (node.columns, node.levels)
        slopes = _scaled(builder, lambda name: pm.ZeroSumNormal(name, sigma=spreads, shape=shape))
        eta = _add_terms(node, parents, eta, slopes)
    return pm.Categorical(builder.observed, logit_p=eta, observed=observed)


def _table(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    node = builder.model
    shape = (node.columns, node.levels)
    count = node.prior["probabilities"]["equivalent_sample_size"] / (node.columns * node.levels)
    probabilities = pm.Dirichlet(builder.name("probabilities"), np.full(shape, count), shape=shape)
    place: Any = pt.zeros(len(observed), dtype="int64")
    for term in node.terms:
        place = place * len(term.levels) + pt.cast(parents[term.parent], "int64")
    return pm.Categorical(builder.observed, p=probabilities[place], observed=observed)


def _increasing(name: str, mu: float, sigma: float, count: int) -> Any:
    """Make values that increase: independent Normal(mu, sigma), sorted.

    A transform alone would leave ``count``! times too little mass, and draws from the prior
    without their order.
    """

    def draw(mu: Any, sigma: Any, size: Any) -> Any:
        return pt.sort(pm.Normal.dist(mu, sigma, shape=(count,)))

    def logp(value: Any, mu: Any, sigma: Any) -> Any:
        return lgamma(count + 1) + pm.logp(pm.Normal.dist(mu, sigma), value).sum()

    return pm.CustomDist(name, mu, sigma, dist=draw, logp=logp, signature="(),()->(k)", transform=INCREASING)


def _ordered_logit(builder: _Builder, parents: Mapping[str, Any], observed: Any) -> Any:
    node = builder.model
    prior = node.prior["cutpoints"]
    cuts = _increasing(builder.name("cutpoints"), prior["mu"], prior["sigma"], node.levels - 1)
    eta: Any = pt.zeros(len(observed))
    if node.columns:
        mu, sigma = builder.slopes_prior("mu"), builder.slopes_prior("sigma")
        slopes = _scaled(builder, lambda name: pm.Normal(name, mu, sigma, shape=node.columns))
        eta = _add_terms(node, parents, eta, slopes)
    # expit(b) - expit(a) is expit(b) expit(-a) (1 - exp(a - b)), which loses no digits far out.
    edge = pt.ones((len(observed), 1))
    below = pt.concatenate([pt.sigmoid(cuts - eta[:, None]), edge], axis=1)
    above = pt.concatenate([edge, pt.sigmoid(eta[:, None] - cuts)], axis=1)
    gaps = pt.concatenate([[1.0], -pt.expm1(cuts[:-1] - cuts[1:]), [1.0]])
    return pm.Categorical(builder.observed, p=below * above * gaps, observed=observed)


_LIKELIHOODS: Mapping[str, Callable[[_Builder, Mapping[str, Any], Any], Any]] = {
    "Normal": _linear_gaussian,
    "LogNormal": _linear_gaussian,
    "StudentT": _student_t,
    "SkewNormal": _skew_normal,
    "Gamma": _gamma,
    "Weibull": _weibull,
    "Beta": _beta,
    "Bernoulli": _bernoulli,
    "Poisson": _poisson,
    "NegativeBinomial": _negative_binomial,
    "ZeroInflatedPoisson": _zero_inflated_poisson,
    "ZeroInflatedNegativeBinomial": _zero_inflated_negative_binomial,
    "Categorical": _categorical,
    "Table": _table,
    "OrderedLogit": _ordered_logit,
}
