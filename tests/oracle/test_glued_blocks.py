"""The glued blocks are the joint PyMC model, sampled whole: six hypotheses of mixed families.

The joint model of a hypothesis (``build_model``, what an export runs) is sampled by NUTS in
one piece; beside it stand the blocks, fitted one family at a time. Means within a tenth of a
standard deviation, standard deviations within 10 %, and the joint leave-one-out score, by
ArviZ from the row-wise log likelihood summed over the nodes, within 0.5 of the sum of ours.
"""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from core.data.dataset import Dataset
from core.families import get_family
from core.fit.blocks import make_blocks
from core.fit.engine import fit_blocks
from core.hypothesis import Edge, Hypothesis, Node, Prior
from core.model.design import block_data
from core.model.resolve import resolve

pytestmark = pytest.mark.pymc

ROWS = 200
CHAINS, DRAWS = 4, 1000

KINDS = {
    "rain": "real", "price": "positive", "spend": "positive", "member": "binary", "visits": "count",
    "orders": "count", "noise": "real", "region": "category", "share": "proportion", "lean": "real",
    "life": "positive", "faults": "count", "spills": "count", "grade": "ordered", "cell": "category",
    "gauge": "positive", "river": "real",
}  # fmt: skip

# name: (arrows, families that are not the default of their kind, priors of arrows)
HYPOTHESES = {
    "normal lognormal gamma": (
        "rain>price price>spend rain>spend",
        {"rain": "Normal", "price": "LogNormal", "spend": "Gamma"},
    ),
    "binary and counts": (
        "rain>member member>visits rain>orders visits>orders",
        {"rain": "Normal", "member": "Bernoulli", "visits": "Poisson", "orders": "NegativeBinomial"},
    ),
    "heavy tails and categories": (
        "region>noise rain>noise rain>region region>member",
        {"rain": "Normal", "noise": "StudentT", "region": "Categorical", "member": "Bernoulli"},
    ),
    "columns that nearly determine each other": (
        "rain>gauge gauge>river rain>river visits>river",
        {"rain": "Normal", "gauge": "LogNormal", "river": "Normal", "visits": "Poisson"},
    ),
    "shares and a prior of one's own": (
        "price>share member>share visits>price",
        {"price": "Normal", "share": "Beta", "member": "Bernoulli", "visits": "Poisson"},
    ),
    "skew, lifetimes, many zeros and order": (
        "rain>lean rain>life lean>faults rain>grade",
        {"rain": "Normal", "lean": "SkewNormal", "life": "Weibull", "faults": "ZeroInflatedPoisson",
         "grade": "OrderedLogit"},
    ),
}  # fmt: skip
OWN_PRIORS = {("price", "share"): Prior("Normal", (("mu", 0.2), ("sigma", 0.3)))}


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(12)
    rain = rng.normal(20.0, 5.0, ROWS)
    z = (rain - 20.0) / 5.0
    price = np.exp(1.0 + 0.4 * z + 0.5 * rng.normal(size=ROWS))
    member = (rng.random(ROWS) < 1 / (1 + np.exp(-0.8 * z))).astype(int)
    visits = rng.poisson(np.exp(0.7 + 0.5 * member))
    region = np.array(["east", "north", "west"])[np.argmax(rng.gumbel(size=(ROWS, 3)) + z[:, None] * [0, 0.6, -0.6], 1)]
    centre = 1 / (1 + np.exp(-(0.3 * np.log(price) + 0.5 * member - 0.5)))
    lean = 2.0 + 1.5 * z + np.abs(rng.normal(size=ROWS)) * 3.0
    eta = 0.9 * z + rng.logistic(size=ROWS)
    log_gauge = 0.995 * z + 0.1 * np.random.default_rng(13).normal(size=ROWS)  # R2 .99 with rain, the next too
    return pd.DataFrame(
        {
            "rain": rain,
            "price": price,
            "spend": rng.gamma(3.0, np.exp(1.0 + 0.5 * np.log(price) - 0.2 * z) / 3.0),
            "member": member,
            "visits": visits,
            "orders": rng.negative_binomial(2.0, 2.0 / (2.0 + np.exp(0.5 + 0.3 * z + 0.3 * np.log1p(visits)))),
            "noise": 5.0 + z + (region == "west") + 0.7 * rng.standard_t(4, size=ROWS),
            "region": region,
            "share": np.clip(rng.beta(8 * centre, 8 * (1 - centre)), 1e-4, 1 - 1e-4),
            "lean": lean,
            "life": np.exp(0.5 - 0.3 * z) * rng.weibull(1.7, size=ROWS),
            "faults": rng.poisson(np.exp(0.8 + 0.1 * lean)) * (rng.random(ROWS) > 0.3),
            "gauge": np.exp(1.0 + 0.5 * log_gauge),
            "river": 3.0 + 2.0 * log_gauge + 0.2 * np.random.default_rng(14).normal(size=ROWS),
            "grade": np.array(["1", "2", "3", "4"])[np.searchsorted([-1.2, 0.1, 1.4], eta)],
        }
    )


def hypothesis_of(name):
    arrows, families = HYPOTHESES[name]
    edges = [Edge(*arrow.split(">")) for arrow in arrows.split()]
    edges = tuple(Edge(e.source, e.target, prior=OWN_PRIORS.get((e.source, e.target))) for e in edges)
    return Hypothesis(name, tuple(Node(node, family=family) for node, family in families.items()), edges)


_whole = {}


def sampled_whole(hypothesis, data, seed=3):
    """The joint PyMC model and its draws by nutpie, variable name to (S, …); kept, since compiling is what costs."""
    if hypothesis.name in _whole:
        return _whole[hypothesis.name]
    import nutpie

    from core.model.pymc_model import build_model

    model = build_model(hypothesis, data)
    trace = nutpie.sample(
        nutpie.compile_pymc_model(model), draws=DRAWS, tune=500, chains=CHAINS, seed=seed, progress_bar=False
    )
    posterior = trace["posterior"].dataset
    draws = {
        str(name): posterior[name].values.reshape(CHAINS * DRAWS, *posterior[name].shape[2:]) for name in posterior
    }
    _whole[hypothesis.name] = model, draws
    return model, draws


def parameters(spec, joint):
    """The joint draws in the families' terms: node to parameter to (S, …)."""
    found = {}
    for model in spec.nodes:
        shapes = dict(get_family(model.family).parameters(model.columns, model.levels))
        found[model.node] = {
            name: joint[f"{model.node}.{name}"] if 0 not in shape else np.empty((CHAINS * DRAWS, *shape))
            for name, shape in shapes.items()
        }
    return found


def rowwise(spec, draws, data):
    """The log likelihood of whole rows, on the data's own scale, (S, N): summed over the nodes."""
    total = 0.0
    for model in spec.nodes:
        rows = block_data(model, data)
        total = total + get_family(model.family).log_likelihood(draws[model.node], rows.y, rows.x, model.link)
        total = total + rows.log_jacobian
    return total


# The blocks by NUTS too where that compiles little.
QUICK = ("normal lognormal gamma", "binary and counts", "columns that nearly determine each other")
CASES = [
    *(pytest.param("auto", name, marks=() if name in QUICK else pytest.mark.slow) for name in HYPOTHESES),
    pytest.param("nuts", "normal lognormal gamma", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("method", "name"), CASES)
def test_blocks_and_joint_model_agree(method, name, frame):
    from arviz_stats import loo

    hypothesis = hypothesis_of(name)
    names = [node.name for node in hypothesis.nodes]
    data = Dataset.from_frame(frame[names], kinds={node: KINDS[node] for node in names})
    spec = resolve(hypothesis, data)
    assert ("nearly" in name) == any("t" in m.prior and m.prior["t"]["value"] < 0.05 for m in spec.nodes)
    blocks = make_blocks(spec, data, method=method, draws=8000)
    fits = fit_blocks({block.key: (block, rows) for block, rows in blocks.values()})
    ours = {node: fits[block.key] for node, (block, _) in blocks.items()}
    assert {fit.method for fit in ours.values()} <= ({"nuts"} if method == "nuts" else {"exact", "importance"})

    model, joint = sampled_whole(hypothesis, data)
    theirs = parameters(spec, joint)
    for node, fit in ours.items():
        for parameter, draws in theirs[node].items():
            mean, sd = fit.draws[parameter].mean(axis=0), fit.draws[parameter].std(axis=0)
            assert np.all(np.abs(mean - draws.mean(axis=0)) < 0.1 * draws.std(axis=0)), (node, parameter)
            np.testing.assert_allclose(sd, draws.std(axis=0), rtol=0.1, err_msg=f"{node} {parameter}")

    log_likelihood = rowwise(spec, theirs, data)
    assert_pymc_says_the_same(model, joint, log_likelihood)
    tree = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset({"a": (("chain", "draw"), np.zeros((CHAINS, DRAWS)))}),
            "log_likelihood": xr.Dataset(
                {"row": (("chain", "draw", "obs"), log_likelihood.reshape(CHAINS, DRAWS, ROWS))}
            ),
        }
    )
    found = loo(tree, reff=1.0)
    assert sum(fit.elpd for fit in ours.values()) == pytest.approx(float(found.elpd), abs=0.5)


def assert_pymc_says_the_same(model, joint, log_likelihood, points=3):
    """The row-wise log likelihood in numpy is that of the joint model itself, at a few of its draws."""
    import pytensor
    from pymc.model.transform.conditioning import remove_value_transforms

    plain = remove_value_transforms(model)
    inputs = [plain.rvs_to_values[rv] for rv in plain.free_RVs]
    function = pytensor.function(
        inputs, plain.logp(plain.observed_RVs, sum=False), mode="FAST_COMPILE", on_unused_input="ignore"
    )
    for s in range(points):
        terms = function(*(joint[rv.name][s] for rv in plain.free_RVs))
        np.testing.assert_allclose(sum(terms), log_likelihood[s], rtol=1e-8)
