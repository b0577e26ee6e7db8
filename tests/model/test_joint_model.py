"""What the joint PyMC model generates, under ``do`` too, and how it handles odd names and set rows."""

import importlib.util
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.families import get_family
from core.hypothesis import Edge, Hypothesis, Node, Prior
from core.model.resolve import resolve
from core.simulate.ancestral import ancestral

pytestmark = pytest.mark.pymc

_found = importlib.util.spec_from_file_location("mixed", Path(__file__).parent / "mixed.py")
mixed = importlib.util.module_from_spec(_found)
_found.loader.exec_module(mixed)

FAST = {"mode": "FAST_COMPILE"}


def chain(*names):
    nodes = tuple(Node(name, family="Normal") for name in names)
    return Hypothesis("chain", nodes, tuple(Edge(a, b) for a, b in pairwise(names)))


def linear_data(rows=30, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.normal(5, 2, rows)
    b = 1 + 0.5 * a + rng.normal(0, 1, rows)
    return pd.DataFrame({"a": a, "b": b, "c": 3 - b + rng.normal(0, 0.5, rows)})


def test_numpy_draws_match_pymc_draws_for_every_family():
    """Fixed parameters, one large data set each way: rows are exchangeable, so means of products tell all."""
    import pymc as pm

    from core.model.pymc_model import build_model

    rows = 8000
    data, hypothesis = mixed.mixed_data(rows), mixed.everything()
    spec = resolve(hypothesis, data)
    rng = np.random.default_rng(5)
    parameters, fixed = {}, {}
    for model in spec.nodes:
        family = get_family(model.family)
        theta = 0.3 * rng.standard_normal((1, family.dimension(model.columns, model.levels)))
        found = family.constrain(theta, model.columns, model.levels)
        parameters[model.node] = found
        for name, value in found.items():
            if name == "sigma" and "variance" in model.prior:
                fixed[f"{model.node}.variance"] = value[0] ** 2
            elif name == "nu":
                fixed[f"{model.node}.nu_minus_2"] = value[0] - 2
            elif value[0].shape[:1] != (0,):
                fixed[f"{model.node}.{name}"] = value[0]
    numpy_draws = ancestral(spec, parameters, rows, rng)
    built = pm.do(build_model(hypothesis, data), fixed)
    names = [model.node for model in spec.nodes]
    found = pm.draw([built[name] for name in names], draws=1, random_seed=1, **FAST)
    ours, theirs = [], []
    for name, drawn in zip(names, found, strict=True):
        pair = [numpy_draws[name][0], np.asarray(drawn, dtype=float)]
        assert not np.isnan(pair[0]).any()
        if spec.node(name).family in ("LogNormal", "Gamma", "Poisson", "NegativeBinomial"):
            pair = [np.log1p(values) for values in pair]  # whose moments have a Monte Carlo error to speak of
        if spec.node(name).family == "StudentT":
            pair = [np.arctan(values - data.values(name).mean()) for values in pair]
        shift, scale = pair[1].mean(), pair[1].std()
        ours.append((pair[0] - shift) / scale)
        theirs.append((pair[1] - shift) / scale)
    a, b = np.array(ours), np.array(theirs)
    for first in range(len(names)):
        for second in range(first, len(names)):
            for x, y in ((a[first], b[first]), (a[first] * a[second], b[first] * b[second])):
                error = np.sqrt((x.var() + y.var()) / rows)
                assert abs(x.mean() - y.mean()) < 4.5 * error, (names[first], names[second])


def test_cut_points_and_levels_drawn_from_the_prior_are_those_of_numpy():
    """An ordering transform alone would leave PyMC's prior draws without their order."""
    import pymc as pm

    from core.model.pymc_model import build_model
    from core.simulate.prior import prior_predictive

    levels = [f"{level}" for level in range(1, 5)]
    frame = pd.DataFrame({"x": np.linspace(-1, 1, 40), "y": np.tile(levels, 10)})
    data = Dataset.from_frame(frame, kinds={"y": "ordered"})
    hypothesis = Hypothesis("h", (Node("x"), Node("y")), (Edge("x", "y"),))
    ours = prior_predictive(resolve(hypothesis, data), 40, 3000, seed=1, do={"x": data.values("x")}).values["y"]
    built = pm.do(build_model(hypothesis, data), {"x": data.values("x")})
    theirs, cuts = pm.draw([built["y"], built["y.cutpoints"]], draws=3000, random_seed=2, **FAST)
    assert (np.diff(cuts, axis=1) > 0).all()
    assert theirs.min() >= 0
    assert theirs.max() == 3
    for level in range(4):
        one, other = (ours == level).mean(axis=1), (theirs == level).mean(axis=1)  # a share a draw of the prior
        assert one.mean() == pytest.approx(other.mean(), abs=4.5 * np.sqrt((one.var() + other.var()) / 3000))
        assert one.std() == pytest.approx(other.std(), rel=0.1)


def test_do_runs_through_the_graph_in_pymc_as_in_numpy():
    import pymc as pm

    from core.model.pymc_model import build_model

    data = Dataset.from_frame(linear_data())
    built = build_model(chain("a", "b", "c"), data)
    slopes = {"b.slopes": np.array([0.9]), "c.slopes": np.array([-0.8])}
    rest = {f"{node}.{name}": value for node in "abc" for name, value in (("intercept", 0.0), ("variance", 0.1))}
    fixed = pm.do(built, slopes | rest)
    sd = {name: data.values(name).std(ddof=1) for name in "abc"}
    expected = 0.9 * -0.8 * sd["c"] / sd["a"]  # units of c for one unit of a
    means = [
        pm.draw(pm.do(fixed, {"a": np.full(30, value)})["c"], draws=400, random_seed=2, **FAST).mean()
        for value in (4.0, 6.0)
    ]
    assert (means[1] - means[0]) / 2 == pytest.approx(expected, abs=0.05)

    spec = resolve(chain("a", "b", "c"), data)
    parameters = {
        node: {
            "intercept": np.zeros(400),
            "slopes": np.full((400, 0 if node == "a" else 1), {"a": 0, "b": 0.9, "c": -0.8}[node]),
            "sigma": np.full(400, np.sqrt(0.1)),
        }
        for node in "abc"
    }
    ours = [ancestral(spec, parameters, 30, np.random.default_rng(3), do={"a": v})["c"].mean() for v in (4.0, 6.0)]
    assert (ours[1] - ours[0]) / 2 == pytest.approx(expected, abs=0.05)
    np.testing.assert_allclose(ours, means, atol=0.1)


def test_prior_and_posterior_predictive_run_through_the_chain():
    """Were a child built from the data, its draws would follow the observed parent, not the drawn one."""
    import arviz as az
    import pymc as pm

    from core.model.pymc_model import build_model

    with build_model(chain("a", "b"), Dataset.from_frame(linear_data())):
        prior = pm.sample_prior_predictive(50, random_seed=1, compile_kwargs=FAST)
        draws = prior["prior"].dataset
        a, b = (prior["prior_predictive"].dataset[name].values[0] for name in "ab")
        slopes = draws["b.slopes"].values[0, :, 0]
        strong = np.flatnonzero(np.abs(slopes) > 2 * draws["b.sigma"].values[0])
        assert len(strong) > 3
        for draw in strong:
            assert np.corrcoef(a[draw], b[draw])[0, 1] * np.sign(slopes[draw]) > 0.6

        known = {name: draws[name].values[:, :5] for name in draws if name != "b.slopes"}
        posterior = az.from_dict({"posterior": known | {"b.slopes": np.full((1, 5, 1), 50.0)}})
        replicated = pm.sample_posterior_predictive(posterior, random_seed=1, progressbar=False, compile_kwargs=FAST)[
            "posterior_predictive"
        ].dataset
        for draw in range(5):
            assert np.corrcoef(replicated["a"].values[0, draw], replicated["b"].values[0, draw])[0, 1] > 0.9


def test_columns_named_as_parameters_get_underscores_out_of_the_way():
    from core.model.pymc_model import build_model

    frame = linear_data().rename(columns={"a": "c.slopes", "b": "c.sigma"})
    nodes = tuple(Node(name, family="Normal") for name in ("c.slopes", "c.sigma", "c"))
    hypothesis = Hypothesis("odd", nodes, (Edge("c.slopes", "c"), Edge("c.sigma", "c")))
    built = build_model(hypothesis, Dataset.from_frame(frame))
    assert {"c.slopes", "c.sigma", "c"} == {rv.name for rv in built.observed_RVs}
    assert {"c.slopes_", "c.sigma_", "c.intercept"} <= set(built.named_vars)
    assert np.isfinite(built.compile_logp(**FAST)(built.initial_point()))


def test_rows_set_by_intervention_are_no_part_of_their_own_nodes_density():
    """The child sees the value that was set; the node itself is scored on the other rows."""
    from core.model.pymc_model import build_from_spec
    from core.model.resolve import resolve

    frame, hypothesis = linear_data(), chain("a", "b")
    spec = resolve(hypothesis, Dataset.from_frame(frame))
    raw = {name: frame[name].to_numpy() for name in "ab"}
    used = {"a": np.arange(30) >= 10, "b": np.ones(30, dtype=bool)}
    whole, partly = build_from_spec(spec, raw), build_from_spec(spec, raw, used)
    point = whole.initial_point()

    def by_variable(built):
        values = built.compile_fn(built.logp(built.observed_RVs, sum=False), on_unused_input="ignore", **FAST)(point)
        return dict(zip([rv.name for rv in built.observed_RVs], values, strict=True))

    all_rows, some_rows = by_variable(whole), by_variable(partly)
    np.testing.assert_allclose(some_rows["a"], all_rows["a"][10:])
    np.testing.assert_allclose(some_rows["b"], all_rows["b"])


def test_a_changed_prior_gives_the_same_density_in_all_three_forms():
    """One slope absolute, the others relative to sigma: no closed form, one compiled model for both."""
    import pymc as pm
    from pymc.model.transform.conditioning import remove_value_transforms

    from core.model.block_model import block_inputs, block_model, samples_from_draws, signature
    from core.model.design import block_data
    from core.model.pymc_model import build_model

    frame = linear_data()
    prior = Prior("Normal", (("mu", 0.5), ("sigma", 0.2)))
    hypothesis = Hypothesis(
        "prior",
        tuple(Node(name, family="Normal") for name in "abc"),
        (Edge("a", "c", prior=prior), Edge("b", "c")),
    )
    data = Dataset.from_frame(frame)
    model = resolve(hypothesis, data).node("c")
    assert not model.conjugate
    family, rows = get_family("Normal"), block_data(model, data)
    theta = np.array([[0.1, 0.4, -0.8, np.log(0.3)]])
    draws = family.constrain(theta, 2, 0)

    # By hand: densities of intercept, slopes, and of the variance's logarithm (hence "+ log variance").
    from scipy import stats

    s = np.sqrt(0.3)
    expected = stats.norm(0, s).logpdf(0.1) + stats.norm(0.5, 0.2).logpdf(0.4) + stats.norm(0, s * 2**0.5).logpdf(-0.8)
    expected += stats.invgamma(2.5, scale=0.25).logpdf(0.3) + np.log(0.3)
    assert family.log_prior(theta, model.prior, 2, 0)[0] == pytest.approx(expected, rel=1e-12)

    likelihood = family.log_likelihood(draws, rows.y, rows.x, "identity").sum()
    block = block_model(signature(model))
    pm.set_data(block_inputs(model, rows), model=block)
    block = remove_value_transforms(block)
    values = {name: value[0] for name, value in samples_from_draws(model, draws).items()}
    inputs = [block.rvs_to_values[rv] for rv in block.free_RVs]
    found = block.compile_fn(block.logp(), inputs=inputs, point_fn=False, **FAST)(
        *(values[rv.name] for rv in block.free_RVs)
    )
    constant = -np.log(0.2) - np.log(np.sqrt(2))  # of slopes = mu + sigma * z
    assert float(found) + constant == pytest.approx(expected - np.log(0.3) + likelihood, rel=1e-9)

    joint = remove_value_transforms(build_model(hypothesis, data))
    chosen = [rv for rv in joint.free_RVs if rv.name.startswith("c.")] + [joint["c"]]
    point = {"c.intercept": 0.1, "c.slopes": np.array([0.4, -0.8]), "c.variance": 0.3}
    values = joint.compile_fn(joint.logp(chosen, sum=False), **FAST)(point)
    total = sum(np.sum(value) for value in values)
    jacobian = rows.log_jacobian.sum()
    assert total == pytest.approx(expected - np.log(0.3) + likelihood + jacobian, rel=1e-7)


def test_names_that_pymc_cannot_take_become_ones_that_it_can():
    from core.model.names import variable_names
    from core.model.pymc_model import build_model

    odd = ["price/unit", "price_unit", "end:", "=1+1", '<b>"x"</b>', "\N{GRINNING FACE}", "a::b", "y"]
    assert variable_names(odd)["price/unit"] == "price_unit_"
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.normal(size=20) for name in odd})
    nodes = tuple(Node(name, family="Normal") for name in odd)
    hypothesis = Hypothesis("odd", nodes, tuple(Edge(name, "y") for name in odd[:-1]))
    built = build_model(hypothesis, Dataset.from_frame(frame))
    assert [rv.name for rv in built.observed_RVs] == list(variable_names(odd).values())
    assert set(pm_prior(built)) == set(variable_names(odd).values())


def pm_prior(built):
    import pymc as pm

    tree = pm.sample_prior_predictive(3, model=built, random_seed=0, compile_kwargs=FAST)
    return tree["prior_predictive"].dataset.data_vars
