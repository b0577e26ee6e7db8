"""The log density of each family equals that of a PyMC model written by hand.

The model below is written from docs/families.md with plain ``pm`` distributions and numpy, and
uses nothing of ``core.families`` or ``core.model``: standardisation, working scales, bases
and priors are spelt out. Against it stand the joint model (``build_model``), the compiled
block models and the families in numpy, at random points, without sampling.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from core.families import get_family
from core.model.design import block_data
from core.model.resolve import resolve

pytestmark = pytest.mark.pymc

_found = importlib.util.spec_from_file_location("mixed", Path(__file__).parent / "mixed.py")
mixed = importlib.util.module_from_spec(_found)
_found.loader.exec_module(mixed)

POINTS = 4


def written_by_hand(frame):
    """Return the joint model of ``mixed.everything()``, by hand."""
    import pymc as pm
    from pytensor.tensor import constant, gamma

    def standard(values):
        return (values - values.mean()) / values.std(ddof=1)

    real, size, visits = (frame[name].to_numpy(dtype=float) for name in ("real", "size", "visits"))
    member = (frame["member"] == "yes").to_numpy(dtype=int)
    region = frame["region"].map({"east": 0, "north": 1, "west": 2}).to_numpy()
    # Helmert: second against first, third against the first two; orthonormal, over sqrt(2).
    helmert = np.array([[-1, -1], [1, -1], [0, 2]]) / np.sqrt([2, 6]) / np.sqrt(2)
    x = np.column_stack(
        [standard(real), standard(np.log(size)), standard(np.log1p(visits)), member - 0.5, helmert[region]]
    )
    p = 6
    with pm.Model() as model:
        for name, p_own in (("real", 0), ("size", 0), ("gaussian", p), ("skewed", p)):
            y = frame[name].to_numpy()
            scale = np.log(y) if name in ("size", "skewed") else y
            variance = pm.InverseGamma(f"{name}.variance", (p_own + 3) / 2, 0.25)
            sigma = variance**0.5
            eta = pm.Normal(f"{name}.intercept", 0, sigma)
            if p_own:
                eta = eta + x @ pm.Normal(f"{name}.slopes", 0, sigma * np.sqrt(2), shape=p)
            family = pm.LogNormal if name in ("size", "skewed") else pm.Normal
            family(name, scale.mean() + scale.std(ddof=1) * eta, scale.std(ddof=1) * sigma, observed=y)

        pm.Poisson(
            "visits", pm.math.exp(pm.Normal("visits.intercept", np.log(visits.mean()), 1)), observed=frame["visits"]
        )
        pm.Bernoulli("member", logit_p=pm.Normal("member.intercept", 0, 1.5), observed=member)
        shares = pm.math.softmax(pm.ZeroSumNormal("region.intercept", 1.5, shape=3))
        pm.Categorical("region", p=shares, observed=region)

        y = frame["heavy"].to_numpy()
        eta = pm.Normal("heavy.intercept", 0, 1) + x @ pm.Normal("heavy.slopes", 0, 1, shape=p)
        spread = pm.HalfNormal("heavy.sigma", 1)
        freedom = 2 + pm.Gamma("heavy.nu_minus_2", 2, 0.1)
        pm.StudentT("heavy", freedom, mu=y.mean() + y.std(ddof=1) * eta, sigma=y.std(ddof=1) * spread, observed=y)

        y = frame["amount"].to_numpy()
        eta = pm.Normal("amount.intercept", np.log(y.mean()), 1) + x @ pm.Normal("amount.slopes", 0, 1, shape=p)
        shape = pm.LogNormal("amount.shape", 0, 1)
        pm.Gamma("amount", mu=pm.math.exp(eta), sigma=pm.math.exp(eta) / shape**0.5, observed=y)

        eta = pm.Normal("share.intercept", 0, 1.5) + x @ pm.Normal("share.slopes", 0, 1, shape=p)
        precision = pm.LogNormal("share.precision", 2, 1)
        pm.Beta("share", mu=pm.math.sigmoid(eta), nu=precision, observed=frame["share"].to_numpy())

        # pm.math.invprobit takes the root of 2 in single precision, and is off by 1e-8.
        for name, link in (("bought", pm.math.invlogit), ("liked", lambda z: pm.math.erfc(-z / np.sqrt(2)) / 2)):
            eta = pm.Normal(f"{name}.intercept", 0, 1.5) + x @ pm.Normal(f"{name}.slopes", 0, 1, shape=p)
            pm.Bernoulli(name, link(eta), observed=(frame[name] == "y").to_numpy(dtype=int))

        y = frame["calls"].to_numpy()
        eta = pm.Normal("calls.intercept", np.log(y.mean()), 1) + x @ pm.Normal("calls.slopes", 0, 1, shape=p)
        pm.Poisson("calls", pm.math.exp(eta), observed=y)

        y = frame["events"].to_numpy()
        eta = pm.Normal("events.intercept", np.log(y.mean()), 1) + x @ pm.Normal("events.slopes", 0, 1, shape=p)
        root = pm.HalfNormal("events.overdispersion", 1)  # 1 / sqrt(dispersion)
        pm.NegativeBinomial("events", mu=pm.math.exp(eta), alpha=1 / root**2, observed=y)

        slopes = pm.ZeroSumNormal("colour.slopes", 1, shape=(p, 3))
        eta = pm.ZeroSumNormal("colour.intercept", 1.5, shape=3) + x @ slopes
        codes = frame["colour"].map({"blue": 0, "green": 1, "red": 2}).to_numpy()
        pm.Categorical("colour", p=pm.math.softmax(eta, axis=-1), observed=codes)

        table = pm.Dirichlet("grade.probabilities", np.full((6, 3), 1 / 18), shape=(6, 3))
        codes = frame["grade"].map({"a": 0, "b": 1, "c": 2}).to_numpy()
        pm.Categorical("grade", p=table[member * 3 + region], observed=codes)

        y = frame["lopsided"].to_numpy()
        eta = pm.Normal("lopsided.intercept", 0, 1) + x @ pm.Normal("lopsided.slopes", 0, 1, shape=p)
        spread, alpha = pm.HalfNormal("lopsided.sigma", 1), pm.Normal("lopsided.alpha", 0, 4)
        mu, sigma = y.mean() + y.std(ddof=1) * eta, y.std(ddof=1) * spread

        def skew_normal(value, mu, sigma, alpha):
            # pm.SkewNormal as it is written, but for its root of 2 in single precision.
            z = alpha * (value - mu) / sigma / np.sqrt(2)
            return pm.logp(pm.Normal.dist(mu, sigma), value) + pm.math.log(pm.math.erfc(-z))

        pm.CustomDist("lopsided", mu, sigma, alpha, logp=skew_normal, observed=y)

        y = frame["lifetime"].to_numpy()
        eta = pm.Normal("lifetime.intercept", np.log(y.mean()), 1) + x @ pm.Normal("lifetime.slopes", 0, 1, shape=p)
        shape = pm.LogNormal("lifetime.shape", 0, 1)  # the mean of a Weibull is beta Gamma(1 + 1 / shape)
        pm.Weibull("lifetime", shape, pm.math.exp(eta) / gamma(1 + 1 / shape), observed=y)

        y = frame["claims"].to_numpy()
        eta = pm.Normal("claims.intercept", np.log(y.mean()), 1) + x @ pm.Normal("claims.slopes", 0, 1, shape=p)
        share = pm.Beta("claims.zero_share", 1, 1)
        pm.ZeroInflatedPoisson("claims", 1 - share, pm.math.exp(eta), observed=y)

        y = frame["losses"].to_numpy()
        eta = pm.Normal("losses.intercept", np.log(y.mean()), 1) + x @ pm.Normal("losses.slopes", 0, 1, shape=p)
        root, share = pm.HalfNormal("losses.overdispersion", 1), pm.Beta("losses.zero_share", 1, 1)
        pm.ZeroInflatedNegativeBinomial("losses", 1 - share, mu=pm.math.exp(eta), alpha=1 / root**2, observed=y)

        cuts = pm.Normal("mood.cutpoints", 0, 2.5, shape=3)
        pm.Potential("mood.cutpoints!", constant(np.log(6)))  # 3! orders, of which one is kept
        eta = x @ pm.Normal("mood.slopes", 0, 1, shape=p)
        codes = frame["mood"].str[0].astype(int).to_numpy() - 1
        pm.OrderedLogistic("mood", eta, cuts, compute_p=False, observed=codes)
    return model


def log_densities(model):
    """Return a function: constrained values by name -> log density of each variable, by name."""
    import pytensor
    from pymc.model.transform.conditioning import remove_value_transforms

    model = remove_value_transforms(model)
    variables = model.free_RVs + model.observed_RVs + model.potentials
    inputs = [model.rvs_to_values[rv] for rv in model.free_RVs]
    function = pytensor.function(inputs, model.logp(variables, sum=False), mode="FAST_COMPILE")

    def evaluate(values):
        found = function(*(values[rv.name] for rv in model.free_RVs))
        total: dict[str, float] = {}
        for variable, value in zip(
            variables, found, strict=True
        ):  # a potential belongs to the variable it is named after
            name = variable.name.rstrip("!")
            total[name] = total.get(name, 0.0) + float(np.sum(value))
        return total

    return evaluate


def constrained(model, draws, s):
    """Return one draw as the values of ``node.parameter`` in both joint models."""
    values = {}
    for name, value in draws.items():
        if name == "sigma" and "variance" in model.prior:
            values[f"{model.node}.variance"] = value[s] ** 2
        elif name == "nu":
            values[f"{model.node}.nu_minus_2"] = value[s] - 2
        elif value[s].shape != (0,) and value[s].shape[:1] != (0,):
            values[f"{model.node}.{name}"] = value[s]
    return values


@pytest.fixture(scope="module")
def case():
    """Everything that the tests compare: the specification, random draws, and the joint densities at them."""
    from core.model.pymc_model import build_model

    data, hypothesis = mixed.mixed_data(), mixed.everything()
    spec = resolve(hypothesis, data)
    rng = np.random.default_rng(11)
    draws = {}
    for model in spec.nodes:
        family = get_family(model.family)
        theta = 0.7 * rng.standard_normal((POINTS, family.dimension(model.columns, model.levels)))
        draws[model.node] = family.constrain(theta, model.columns, model.levels)
    by_hand = log_densities(written_by_hand(mixed.mixed_frame()))
    built = log_densities(build_model(hypothesis, data))
    points = [
        {name: value for model in spec.nodes for name, value in constrained(model, draws[model.node], s).items()}
        for s in range(POINTS)
    ]
    return data, spec, draws, [by_hand(point) for point in points], [built(point) for point in points]


def test_the_joint_model_has_one_observed_variable_a_column(case):
    data, spec, _, by_hand, built = case
    assert set(built[0]) == set(by_hand[0])
    assert {model.node for model in spec.nodes} == set(data.names)


@pytest.mark.parametrize("node", [*mixed.PARENTS, *mixed.CHILDREN])
def test_build_model_equals_the_model_by_hand(case, node):
    _, _, _, by_hand, built = case
    names = [name for name in by_hand[0] if name == node or name.startswith(f"{node}.")]
    assert len(names) >= 2
    for expected, found in zip(by_hand, built, strict=True):
        for name in names:
            assert found[name] == pytest.approx(expected[name], rel=1e-10, abs=1e-10), name


@pytest.mark.parametrize("node", [*mixed.PARENTS, *mixed.CHILDREN])
def test_numpy_equals_the_model_by_hand(case, node):
    data, spec, draws, by_hand, _ = case
    model = spec.node(node)
    family, rows = get_family(model.family), block_data(model, data)
    likelihood = family.log_likelihood(draws[node], rows.y, rows.x, model.link) + rows.log_jacobian
    expected = [point[node] for point in by_hand]
    np.testing.assert_allclose(likelihood.sum(axis=1), expected, rtol=1e-10)

    theta = family.unconstrain(draws[node])
    prior = family.log_prior(theta, model.prior, model.columns, model.levels)
    priors = [sum(value for name, value in point.items() if name.startswith(f"{node}.")) for point in by_hand]
    # PyTensor folds log(1.5), a constant exact in single precision, in single precision: 1e-8 a parameter.
    np.testing.assert_allclose(prior - log_jacobian(family, model, theta), priors, rtol=1e-9, atol=3e-7)


def log_jacobian(family, model, theta):
    """Return log |d constrained / d theta|, over what PyMC's priors are densities of; by complex steps, so exact."""

    def flat(vector):
        draws = family.constrain(vector[None], model.columns, model.levels)
        point = constrained(model, draws, 0)
        parts = []
        for name, value in point.items():
            value = np.atleast_1d(value)
            if model.family == "Categorical":  # a density on the zero-sum space: in orthonormal coordinates
                q, _ = np.linalg.qr(np.eye(value.shape[-1])[:, 1:] - 1 / value.shape[-1])
                value = value @ q
            elif name.endswith("probabilities"):  # a density of the first K - 1 of each row
                value = value[:, :-1]
            parts.append(value.ravel())
        return np.concatenate(parts)

    found = []
    for vector in theta:
        rows = [flat(vector + 1e-30j * unit).imag / 1e-30 for unit in np.eye(len(vector))]
        found.append(np.linalg.slogdet(np.array(rows))[1])
    return np.array(found)


@pytest.mark.parametrize("node", [*mixed.PARENTS, *mixed.CHILDREN])
def test_the_block_model_equals_numpy_and_so_the_model_by_hand(case, node):
    """On the unconstrained space; the block's own coordinates differ by a constant Jacobian."""
    import pymc as pm
    from pymc.model.transform.conditioning import remove_value_transforms

    from core.model.block_model import block_inputs, block_model, draws_from_samples, samples_from_draws, signature

    data, spec, draws, _, _ = case
    model = spec.node(node)
    family, rows = get_family(model.family), block_data(model, data)
    inputs = block_inputs(model, rows)
    theta = family.unconstrain(draws[node])
    expected = family.log_prior(theta, model.prior, model.columns, model.levels)
    expected = expected - log_jacobian(family, model, theta)
    expected = expected + family.log_likelihood(draws[node], rows.y, rows.x, model.link).sum(axis=1)

    samples = samples_from_draws(model, draws[node])
    back = draws_from_samples(model, samples)
    for name, value in draws[node].items():
        np.testing.assert_allclose(back[name], value, rtol=1e-9, atol=1e-12)

    block = block_model(signature(model))
    pm.set_data(inputs, model=block)
    block = remove_value_transforms(block)
    values = [block.rvs_to_values[rv] for rv in block.free_RVs]
    function = block.compile_fn(block.logp(), inputs=values, mode="FAST_COMPILE", point_fn=False)
    # coefficients = mu + sigma * z: their density is that of z over the product of the sigmas.
    coefficients = [prior for name, prior in model.priors if name.startswith(("intercept", "slopes"))]
    constant = -np.log([prior["sigma"] for prior in coefficients]).sum()
    constant *= model.levels - 1 if model.family == "Categorical" else 1
    if model.family == "OrderedLogit":
        constant -= (model.levels - 1) * np.log(model.prior["cutpoints"]["sigma"])
    if model.family == "SkewNormal":  # its block samples the noise's standard deviation, not sigma
        constant = constant - np.log(draws[node]["sigma"] / samples["spread"])
    constant = np.broadcast_to(constant, POINTS)
    for s in range(POINTS):
        found = float(function(*(samples[rv.name][s] for rv in block.free_RVs)))
        assert found + constant[s] == pytest.approx(expected[s], rel=1e-10, abs=1e-9)
