"""Every family and link: value and gradient of the numpy target are those of the block's PyMC model.

The target lives on the family's own unconstrained space, PyMC's on the value vector that
NUTS walks (``z`` of unit spread, logarithms, log-odds, ordered differences). The map from
one to the other is affine, which is checked; so its matrix A follows from its values at 0
and at the unit vectors, without differences of nearly equal numbers, and the two densities
are held against each other in PyMC's space: log p(theta) = log p(v) + log |det A|, and
gradient(theta) = A' gradient(v).
"""

import dataclasses
from functools import cache

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.families import FAMILIES
from core.fit.target import Target
from core.hypothesis import Edge, Hypothesis, Node
from core.model.block_model import block_inputs, block_model, samples_from_draws, signature
from core.model.design import BlockData
from core.model.resolve import resolve

pytestmark = pytest.mark.pymc

CASES = [(name, link) for name, family in FAMILIES.items() for link in family.links]
ROWS, SPREADS = 40, (0.5, 0.5, 0.5, 1.5)

COLUMNS = {
    "real": lambda rng: rng.normal(3.0, 2.0, ROWS),
    "positive": lambda rng: rng.lognormal(1.0, 0.8, ROWS),
    "proportion": lambda rng: rng.beta(2.0, 3.0, ROWS),
    "count": lambda rng: rng.poisson(2.0, ROWS),
    "binary": lambda rng: np.arange(ROWS) % 2,
    "category": lambda rng: np.array(["a", "b", "c", "d"])[np.arange(ROWS) % 4],
    "ordered": lambda rng: np.array(["1", "2", "3", "4"])[np.arange(ROWS) % 4],
}


def node_model(name, link):
    """The specification of one node with a real and a three-level parent (two discrete ones for a table)."""
    rng, kind = np.random.default_rng(1), FAMILIES[name].kinds[-1 if name == "Table" else 0]
    frame = pd.DataFrame(
        {
            "first": rng.choice(["n", "y"], ROWS) if name == "Table" else rng.normal(5.0, 2.0, ROWS),
            "second": np.array(["p", "q", "r"])[np.arange(ROWS) % 3],
            "y": COLUMNS[kind](rng),
        }
    )
    kinds = {"first": "binary" if name == "Table" else "real", "second": "category", "y": kind}
    nodes = (Node("first"), Node("second"), Node("y", family=name, link=link))
    hypothesis = Hypothesis("h", nodes, (Edge("first", "y"), Edge("second", "y")))
    return resolve(hypothesis, Dataset.from_frame(frame, kinds=kinds)).node("y")


def problems(name, link):
    """Three data sets that the family made itself: as it comes; with repeated rows; with every prior changed."""
    model, family = node_model(name, link), FAMILIES[name]
    p, k = model.columns, model.levels
    for number in range(3):
        rng = np.random.default_rng([number, len(name)])
        x = rng.integers(0, p, (ROWS, 1)).astype(float) if name == "Table" else rng.normal(size=(ROWS, p))
        if number == 1 and name != "Table":
            x = np.sign(x)
        truth = family.constrain(0.5 * rng.normal(size=(1, family.dimension(p, k))), p, k)
        y = family.sample(truth, x, link, rng)[0]
        assert np.isfinite(y).all()
        if number == 2:
            model = dataclasses.replace(model, priors=tuple((of, changed(prior, rng)) for of, prior in model.priors))
        theta = np.array(SPREADS)[:, None] * rng.normal(size=(len(SPREADS), family.dimension(p, k)))
        yield model, BlockData(y, x, np.zeros(ROWS), np.ones(ROWS, dtype=bool)), theta


def changed(prior, rng):
    """The same distribution with other numbers."""
    moved = {
        name: value + rng.normal(0, 0.3)
        if name == "mu"
        else float(rng.integers(0, 2))
        if name == "relative"
        else value * rng.uniform(0.5, 2.0)
        for name, value in prior.parameters
    }
    return dataclasses.replace(prior, parameters=tuple(moved.items()))


@cache
def compiled(sign):
    """The block model, its value and gradient, and constrained values to PyMC's value vector; once a signature."""
    import pytensor

    model = block_model(sign)
    values = model.value_vars
    logp = model.logp()
    gradient = pytensor.gradient.grad(logp, values)
    function = model.compile_fn([logp, *gradient], inputs=values, mode="FAST_COMPILE", point_fn=False)
    constrained = [rv.type() for rv in model.free_RVs]
    forward = [
        value if (transform := model.rvs_to_transforms[rv]) is None else transform.forward(value, *rv.owner.inputs)
        for rv, value in zip(model.free_RVs, constrained, strict=True)
    ]
    onto = pytensor.function(constrained, forward, mode="FAST_COMPILE", on_unused_input="ignore")
    return model, function, onto


def value_vectors(model, theta, built, onto):
    """PyMC's value vector of each theta, one flat row each, and the shapes of its parts."""
    family = FAMILIES[model.family]
    samples = samples_from_draws(model, family.constrain(theta, model.columns, model.levels))
    points = [onto(*(samples[rv.name][s] for rv in built.free_RVs)) for s in range(len(theta))]
    return np.array([np.concatenate([np.ravel(part) for part in point]) for point in points]), [
        np.shape(part) for part in points[0]
    ]


@pytest.mark.parametrize(("name", "link"), CASES)
def test_value_and_gradient_are_those_of_pymc(name, link):
    import pymc as pm

    family = FAMILIES[name]
    for model, data, theta in problems(name, link):
        built, function, onto = compiled(signature(model))
        pm.set_data(block_inputs(model, data), model=built)
        dimension = theta.shape[1]
        vectors, shapes = value_vectors(model, np.vstack([np.zeros(dimension), np.eye(dimension)]), built, onto)
        start, matrix = vectors[0], (vectors[1:] - vectors[0]).T  # v = start + matrix @ theta
        assert matrix.shape == (dimension, dimension)
        at, _ = value_vectors(model, theta, built, onto)
        np.testing.assert_allclose(at, start + theta @ matrix.T, rtol=1e-9, atol=1e-9)
        _, log_volume = np.linalg.slogdet(matrix)

        value, gradient = Target.of(model, data).gradient(theta)
        cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        for s, vector in enumerate(at):
            parts = [part.reshape(shape) for part, shape in zip(np.split(vector, cuts), shapes, strict=True)]
            found, *slopes = function(*parts)
            expected = matrix.T @ np.concatenate([np.ravel(slope) for slope in slopes])
            assert value[s] == pytest.approx(float(found) + log_volume, rel=1e-8, abs=1e-8)
            np.testing.assert_allclose(gradient[s], expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())

        # The parts that the target adds up, without its gathering of repeated rows.
        p, k, priors = model.columns, model.levels, model.prior
        one, steep = family.log_likelihood_gradient(theta, data.y, data.x, np.ones(ROWS), link, k)
        np.testing.assert_allclose(one + family.log_prior(theta, priors, p, k), value, rtol=1e-11)
        steep = steep + family.log_prior_gradient(theta, priors, p, k)
        np.testing.assert_allclose(steep, gradient, rtol=1e-10, atol=1e-10 * np.abs(gradient).max())
