"""Curves, groups and products in the PyMC models: the joint one against numpy and by hand, the block's against both."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.data.dataset import Dataset
from core.families import get_family
from core.families.namespace import NUMPY
from core.fit.target import Target
from core.hypothesis import Edge, Hypothesis, Node, Prior
from core.model.coordinates import coordinates_of
from core.model.design import block_data
from core.model.earlier import timed_as, with_time
from core.model.groups import groups_as_categories
from core.model.names import run_name
from core.model.resolve import resolve
from core.model.scaling import column_factors, may_be_nothing
from core.model.spec import ModelSpec

pytestmark = pytest.mark.pymc

FAST = {"mode": "FAST_COMPILE"}
ROWS = 40


def table() -> Dataset:
    rng = np.random.default_rng(4)
    x, g = rng.normal(size=ROWS), np.arange(ROWS) % 4
    frame = pd.DataFrame(
        {
            "x": x, "m": rng.normal(size=ROWS), "y": np.sin(2 * x) + rng.normal(size=ROWS), "g": g + 300,
            "b": np.where(rng.random(ROWS) < 0.5, "no", "yes"), "n": rng.poisson(2.0 + np.exp(x)),
            "c": np.array(["u", "v", "w"])[np.arange(ROWS) % 3], "p": np.exp(rng.normal(size=ROWS)),
            "o": np.arange(ROWS) * 7 % 4 + 1,
            "day": pd.date_range("2024-03-01", periods=ROWS).strftime("%Y-%m-%d")[np.arange(ROWS) * 7 % ROWS],
        }
    )  # fmt: skip
    return Dataset.from_frame(frame)


CASES = {
    "smooth": ("y", {}, [Edge("x", "y", form="smooth")]),
    "everything": (
        "y",
        {"group": "g"},
        [Edge("x", "y", form="auto", by="m"), Edge("m", "y", form="quadratic", by="g"), Edge("p", "y", scale="raw")],
    ),
    "LogNormal": ("p", {"group": "g", "family": "LogNormal"}, [Edge("x", "p", form="smooth", by="g")]),
    "Bernoulli": ("b", {"group": "g"}, [Edge("x", "b", form="auto")]),
    "NegativeBinomial": ("n", {"family": "NegativeBinomial"}, [Edge("x", "n", form="smooth"), Edge("m", "n", by="x")]),
    "Categorical": ("c", {"group": "g"}, [Edge("x", "c", form="smooth")]),
    "signs": ("y", {}, [Edge("x", "y", sign="+"), Edge("m", "y", form="smooth", sign="-"), Edge("p", "y")]),
    "monotone": ("y", {"group": "g"}, [Edge("x", "y", form="monotone", sign="-"), Edge("o", "y", form="monotone")]),
    "saturating": ("n", {}, [Edge("p", "n", form="saturating", sign="+"), Edge("x", "n", form="auto")]),
    "carried": (
        "n",
        {},
        [Edge("p", "n", form="saturating", carry=3, sign="+"), Edge("x", "n", form="monotone"), Edge("m", "n")],
    ),
    "carried line": (
        "y",
        {},
        [Edge("p", "y", carry=5, sign="+"), Edge("n", "y", form="saturating", carry=2), Edge("m", "y", form="auto")],
    ),
    "carried twice": (
        "y",
        {"group": "g"},
        [Edge("p", "y", form="saturating", carry=8), Edge("n", "y", form="saturating", carry=1, sign="-")],
    ),
    "lifted": (
        "p",
        {"family": "LogNormal"},
        [Edge("x", "p", sign="+", prior=Prior("Normal", (("mu", 0.4), ("sigma", 0.5), ("relative", 1.0))))],
    ),
    "OrderedLogit": (
        "o",
        {"family": "OrderedLogit"},
        [Edge("p", "o", form="saturating"), Edge("x", "o", form="monotone"), Edge("m", "o", sign="+")],
    ),
    "SkewNormal": ("y", {"family": "SkewNormal"}, [Edge("x", "y", form="monotone", sign="+"), Edge("m", "y")]),
    "StudentT": ("y", {"family": "StudentT", "group": "g"}, [Edge("x", "y", by="g")]),
}


@pytest.fixture(scope="module", params=CASES)
def case(request):  # type: ignore[no-untyped-def]
    child, settings, edges = CASES[request.param]
    names = dict.fromkeys(
        name for edge in edges for name in (edge.source, *([edge.by] if edge.by not in (None, "g") else []))
    )
    kinds = {"o": {"kind": "ordered"}}
    nodes = tuple(Node(name, **kinds.get(name, {}), **(settings if name == child else {})) for name in (*names, child))
    hypothesis = Hypothesis("h", nodes, tuple(edges))
    data = with_time([hypothesis], groups_as_categories([hypothesis], table()))
    spec = resolve(hypothesis, data)
    return hypothesis, data, spec, spec.node(child)


def points(model, count=3):  # type: ignore[no-untyped-def]
    """Return draws of the parameters at random unconstrained points, taus above 0, and the points."""
    data = case_rows(model)
    target = Target.of(model, data)
    rng = np.random.default_rng(1)
    theta = 0.4 * rng.normal(size=(count, target.dimension))
    if model.taus:
        theta[:, -model.taus :] = np.abs(theta[:, -model.taus :]) + 0.05
    return target, theta, target.constrain(theta)


def case_rows(model):  # type: ignore[no-untyped-def]
    data = groups_as_categories([Hypothesis("g", (Node("y", group="g"),))], table())
    return block_data(model, timed_as(ModelSpec("g", (model,)), data))


def joint_point(model, draws, s):  # type: ignore[no-untyped-def]
    node, family = model.node, get_family(model.family)
    point = {f"{node}.intercept": draws["intercept"][s]} if "intercept" in draws else {}
    slopes = draws["slopes"][s]
    if model.taus:
        factors = column_factors(model, draws["tau"])[s]
        slopes = slopes / (factors if slopes.ndim == 1 else factors[:, None])
    its = coordinates_of(model)
    if its is None:
        point[f"{node}.free_slopes" if model.taus else f"{node}.slopes"] = slopes
    else:
        theta = its.theta(
            {name: value[s : s + 1] for name, value in {**draws, "slopes": draws["slopes"] * 0 + slopes}.items()}
        )
        free = its.free(theta)[0, its.first : its.first + model.coefficients]
        point |= {f"{node}.{run_name(*run)}": free[slice(*run)] for run in model.coefficient_runs}
        for i, place in enumerate(its.places):
            quantity = place.shape.at(place.priors, theta[:, place.coordinates])[0]
            own = quantity if place.shape.kept else [quantity]
            point |= {f"{node}.{name}[{i}]": one for name, one in zip(place.shape.quantities, own, strict=True)}
    for i in range(model.taus):
        name = "bend" if may_be_nothing(model.prior[f"tau[{i}]"]) else "tau"
        point[f"{node}.{name}[{i}]"] = draws["tau"][s, i]
    for one in family.declared:
        if not one.coefficient:
            point[f"{node}.{one.prior}"] = one.backward(NUMPY, draws[one.name][s])
    return point


@pytest.fixture(scope="module")
def joint(case):  # type: ignore[no-untyped-def]
    from pymc.model.transform.conditioning import remove_value_transforms

    from core.model.pymc_model import build_model

    hypothesis, data, _, model = case
    return remove_value_transforms(build_model(hypothesis, data)), model


def test_the_likelihood_is_that_of_numpy(case, joint) -> None:  # type: ignore[no-untyped-def]
    built, model = joint
    _, _, draws = points(model)
    rows = block_data(model, case[1])
    ours = get_family(model.family).log_likelihood(draws, rows.y, rows.x, model.link) + rows.log_jacobian
    logp = built.compile_fn(built.logp(built[model.node], sum=False), on_unused_input="ignore", **FAST)
    for s in range(len(ours)):
        (theirs,) = logp(joint_point(model, draws, s))
        np.testing.assert_allclose(np.ravel(theirs), ours[s], rtol=1e-9, atol=1e-9)


def prior_by_hand(model, point, sigma):  # type: ignore[no-untyped-def]
    total = 0.0
    for j in range(model.coefficients):
        numbers = dict(model.prior[f"slopes[{j}]"].parameters)
        normal = stats.norm(numbers.get("mu", 0.0), numbers["sigma"] * (sigma if numbers.get("relative") else 1.0))
        start, stop = next(run for run in model.coefficient_runs if run[0] <= j < run[1])
        name = f"{model.node}.{run_name(start, stop)}"
        value = (
            point[name][j - start]
            if name in point
            else point.get(f"{model.node}.free_slopes", point.get(f"{model.node}.slopes"))[j]
        )
        total += normal.logpdf(value).sum()
        if numbers.get("sign"):
            assert value * numbers["sign"] > 0
            total -= np.log(normal.sf(0.0) if numbers["sign"] > 0 else normal.cdf(0.0))
    for i in range(model.taus):
        nothing = may_be_nothing(model.prior[f"tau[{i}]"])
        total += (stats.norm if nothing else stats.halfnorm).logpdf(
            point[f"{model.node}.{'bend' if nothing else 'tau'}[{i}]"]
        )
    for name, value in point.items():
        if ".shares[" in name:
            total += stats.dirichlet(np.ones(len(value))).logpdf(value)
        if ".half[" in name:
            prior = model.prior[name.partition(".")[2]]
            total += stats.lognorm(prior["sigma"], scale=np.exp(prior["mu"])).logpdf(value)
        if ".carry[" in name:
            total += stats.beta(1.0, 3.0).logpdf(value)
    return total


def test_the_prior_is_that_by_hand(case, joint) -> None:  # type: ignore[no-untyped-def]
    built, model = joint
    _, _, draws = points(model)
    starts = ("free_slopes", "slopes", "coefficient[", "tau[", "bend[", "shares[", "half[", "carry[")
    names = [rv.name for rv in built.free_RVs if rv.name.startswith(tuple(f"{model.node}.{one}" for one in starts))]
    logp = built.compile_fn(built.logp([built[name] for name in names], sum=False), on_unused_input="ignore", **FAST)
    taken = {part.variable.name for part in logp.f.maker.inputs}
    gaps = []
    for s in range(3):
        point = {name: value for name, value in joint_point(model, draws, s).items() if name in taken}
        expected = prior_by_hand(model, point, draws["sigma"][s] if "sigma" in draws else 1.0)
        gaps.append(sum(np.sum(part) for part in logp(point)) - expected)
    if model.family == "Categorical":  # on the zero-sum space: the same up to the volume of its coordinates
        np.testing.assert_allclose(gaps, gaps[0], atol=1e-9)
    else:
        # Where a sign cuts a Normal off, PyMC's tail of it has the root of 2 in single precision.
        # Its Beta has the normaliser so.
        carries = any(term.earlier for term in model.terms)
        np.testing.assert_allclose(gaps, 0.0, atol=1e-7 if carries else 1e-8 if model.signs else 1e-9)


def test_numpy_and_the_block_model_are_one_density(case) -> None:  # type: ignore[no-untyped-def]
    """Up to a constant: the coordinates of the slopes, and the logarithms of what is positive."""
    import pymc as pm
    from pymc.model.transform.conditioning import remove_value_transforms

    from core.model.block_model import block_inputs, block_model, draws_from_samples, samples_from_draws, signature

    _, data, _, model = case
    rows = block_data(model, data)
    target, theta, draws = points(model)
    np.testing.assert_allclose(target.constrain(target.unconstrain(draws))["slopes"], draws["slopes"], rtol=1e-9)
    samples = samples_from_draws(model, draws)
    for name, value in draws_from_samples(model, samples).items():
        np.testing.assert_allclose(value, draws[name], rtol=1e-9, atol=1e-12)
    block = block_model(signature(model))
    pm.set_data(block_inputs(model, rows), model=block)
    block = remove_value_transforms(block)
    values = [block.rvs_to_values[rv] for rv in block.free_RVs]
    function = block.compile_fn(block.logp(), inputs=values, point_fn=False, **FAST)
    theirs = np.array([float(function(*(samples[rv.name][s] for rv in block.free_RVs))) for s in range(3)])
    above = [
        rv.name
        for rv in block.free_RVs
        if rv.name in ("held", "spread")
        or (rv.name.startswith("shape_") and samples[rv.name].ndim == 2)
        or (rv.name.startswith("tau_") and not may_be_nothing(model.prior[f"tau[{rv.name[4:]}]"]))
    ]
    above += [
        one.prior
        for one in get_family(model.family).declared
        if not one.coefficient and one.support == "positive" and not one.shape and one.prior in samples
    ]
    logs = [np.log(samples[name]).reshape(3, -1).sum(axis=1) for name in above]
    for name in (rv.name for rv in block.free_RVs if rv.name.endswith("_carry")):  # its coordinate is a Normal quantile
        of_carry = stats.beta(1.0, 3.0)
        logs.append(stats.norm.logpdf(stats.norm.ppf(of_carry.cdf(samples[name]))) - of_carry.logpdf(samples[name]))
    if "z_cutpoints" in samples:
        logs.append(np.log(np.diff(samples["z_cutpoints"], axis=1)).sum(axis=1))
    gap = target(theta) - theirs - sum(logs, np.zeros(3))
    np.testing.assert_allclose(gap, gap[0], atol=1e-8 * max(1.0, abs(theirs[0])))


def test_draws_of_the_joint_model_run_through_curves() -> None:
    import pymc as pm

    from core.model.pymc_model import build_model

    hypothesis = Hypothesis("h", (Node("x"), Node("y", group="g")), (Edge("x", "y", form="auto", by="g"),))
    built = build_model(hypothesis, table())
    found = pm.sample_prior_predictive(20, model=built, random_seed=1, compile_kwargs=FAST)
    assert np.isfinite(found["prior_predictive"]["y"].values).all()
    assert found["prior"]["y.tau[0]"].values.min() >= 0.0
