"""Published posteriors, reached by way of a hypothesis: means within four Monte Carlo errors, theirs and ours.

Our columns are standardised with frozen constants and the published ones are not. The
regression is the same function of the raw columns either way, so published coefficients are read
off it: the intercept is its value at raw zeros, a slope its change over one unit.

Our prior of a coefficient is a wide Normal on the standardised scale and the published one mostly
flat; our prior of the variance is an InverseGamma and theirs is flat, or Cauchy, on sigma. Neither
difference is waved away: our draws are reweighted by their prior over ours, which turns them
into draws of exactly the published posterior (the map between the scales is linear given the
constants, so its Jacobian is a number), and the weights' effective sample size is asked for.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import Dataset, Hypothesis
from core.families import get_family
from core.fit.blocks import make_blocks
from core.fit.engine import fit_block
from core.fit.result import Block
from core.hypothesis import Edge, Node, Prior
from core.model.design import block_data, design_matrix
from core.model.resolve import resolve

sys.path.insert(0, str(Path(__file__).parent))

from published_posteriors import DRAWS, POSTERIORS, Published

DATA = Path(__file__).parent / "data"
WIDE = 100.0  # sd of a standardised coefficient; its posterior sd is under 1 in every case here
CATEGORIES = {"mom_work", "age_discrete"}
BINARY = {"mom_hs", "male", "group"}


@cache
def columns(name):
    """The published data with the columns that the Stan programs compute in ``transformed data``."""
    frame = pd.read_csv(DATA / f"{name}.csv")
    if name == "kidiq":
        hs, iq = frame["mom_hs"], frame["mom_iq"]
        frame["hs_iq"] = hs * iq
        for prefix, a, b in (
            ("c", hs - hs.mean(), iq - iq.mean()),
            ("c2", hs - 0.5, iq - 100.0),
            ("z", (hs - hs.mean()) / (2 * hs.std()), (iq - iq.mean()) / (2 * iq.std())),
        ):
            frame[f"{prefix}_hs"], frame[f"{prefix}_iq"], frame[f"{prefix}_hs_iq"] = a, b, a * b
    elif name == "earnings":
        frame["z_height"] = (frame["height"] - frame["height"].mean()) / frame["height"].std()
        frame["height_male"] = frame["height"] * frame["male"]
        frame["z_height_male"] = frame["z_height"] * frame["male"]
    elif name == "mesquite":
        frame["area"] = frame["diam1"] * frame["diam2"]
        frame["volume"] = frame["area"] * frame["canopy_height"]
        frame["shape"] = frame["diam1"] / frame["diam2"]
    elif name == "arK":
        for lag in range(1, 6):
            frame[f"lag{lag}"] = frame["y"].shift(lag)
        frame = frame.iloc[5:].reset_index(drop=True)
    return frame


def node(name):
    """A parent, of a family whose working scale is the published one: LogNormal where that is the logarithm."""
    if name.startswith("log "):
        return Node(name.removeprefix("log "), kind="positive", family="LogNormal")
    if name in CATEGORIES:
        return Node(name, kind="category", family="Categorical")
    if name in BINARY:
        return Node(name, kind="binary", family="Bernoulli")
    return Node(name, kind="real", family="Normal")


def stated(case, relative):
    """The hypothesis, with priors that are wide or proper as published, and its data.

    ``relative`` 1 keeps the closed form: coefficients' priors in units of sigma.
    """
    parents = tuple(node(name) for name in case.parents.split(", "))
    frame = columns(case.data)[[case.outcome, *(parent.name for parent in parents)]]
    kind, family = ("positive", "LogNormal") if case.log else ("real", "Normal")
    data = Dataset.from_frame(frame, kinds={case.outcome: kind} | {parent.name: parent.kind for parent in parents})
    wide = Prior("Normal", (("mu", 0.0), ("sigma", WIDE), ("relative", relative)))
    variance = Prior("InverseGamma", (("alpha", 0.1), ("beta", 0.01)))
    edges = tuple(
        Edge(parent.name, case.outcome, prior=slope_prior(case, frame, parent.name) or wide) for parent in parents
    )
    outcome = Node(
        case.outcome, kind=kind, family=family, priors=(("intercept", wide), ("slopes", wide), ("variance", variance))
    )
    return Hypothesis(case.name, (*parents, outcome), edges), data


def slope_prior(case, frame, parent):
    """The published proper prior of a raw slope on our scale: times sd(x) / sd(y)."""
    if case.slope_sd is None:
        return None
    sigma = case.slope_sd * frame[parent].std() / frame[case.outcome].std()
    return Prior("Normal", (("mu", 0.0), ("sigma", sigma), ("relative", 0.0)))


def published_parameters(case, model, draws):
    """Our draws as the published parameters, shape (S, P)."""
    at = {parent.name: 1.0 if name.startswith("log ") else 0.0 for name, parent in named(case)}
    points = [at]
    for name, parent in named(case):
        if parent.name in CATEGORIES:
            levels = next(len(term.levels) for term in model.terms if term.parent == parent.name)
            points += [at | {parent.name: float(code)} for code in range(1, levels)]
        else:
            points.append(at | {parent.name: np.e if name.startswith("log ") else 1.0})
    raw = {parent.name: np.array([point[parent.name] for point in points]) for _, parent in named(case)}
    eta = get_family(model.family).predictor(draws, design_matrix(model, raw, len(points)))
    on_scale = (eta * model.response.scale + model.response.center) / case.unit
    sigma = draws["sigma"] * model.response.scale / case.unit
    return np.column_stack([on_scale[:, 0], on_scale[:, 1:] - on_scale[:, :1], sigma])


def named(case):
    return [(name, node(name)) for name in case.parents.split(", ")]


def weights_of(case, model, draws, found):
    """Their prior over ours at each draw, normalised."""
    family = get_family(model.family)
    ours = family.log_prior(family.unconstrain(draws), model.prior, model.columns, model.levels)
    # Ours is a density of (coefficients, log variance): the last line is |d sigma / d log variance|.
    theirs = case.coefficients(found[:, :-1]) + case.sigma(found[:, -1]) + np.log(found[:, -1])
    weights = np.exp(theirs - ours - (theirs - ours).max())
    return weights / weights.sum()


def compare(case, model, fit):
    """Return the distances of means and of sds in combined Monte Carlo errors, and the weights' share that counts."""
    found = published_parameters(case, model, fit.draws)
    weights = weights_of(case, model, fit.draws, found)
    share = 1.0 / (weights**2).sum() / len(weights)
    told = fit.diagnostics
    effective = min(e for e in (told.effective_draws, told.ess_bulk_min, len(weights)) if e is not None)
    slack = np.sqrt(len(weights) / effective)  # draws that are not independent
    mean = weights @ found
    error = slack * np.sqrt(weights**2 @ (found - mean) ** 2)
    sd = np.sqrt(weights @ (found - mean) ** 2)
    sd_error = np.sqrt(1 / (2 * DRAWS) + 1 / (2 * share * effective)) * np.array(case.sds)
    by_mean = (mean - np.array(case.means)) / np.hypot(error, case.mcse)
    return by_mean, (sd - np.array(case.sds)) / sd_error, share


def check(case, model, fit, share_wanted):
    by_mean, by_sd, share = compare(case, model, fit)
    assert share > share_wanted
    assert np.abs(by_mean).max() < 4.0, by_mean
    assert np.abs(by_sd).max() < 5.0, by_sd


def identity(case: Published):
    return case.name


@pytest.mark.parametrize("case", POSTERIORS, ids=identity)
def test_closed_form(case):
    hypothesis, data = stated(case, 1.0)
    if case.slope_sd is not None:  # the closed form takes priors in units of sigma only
        hypothesis = Hypothesis(case.name, hypothesis.nodes, tuple(Edge(e.source, e.target) for e in hypothesis.edges))
    model = resolve(hypothesis, data).node(case.outcome)
    fit = fit_block(Block(case.name, model, "exact", 40_000, 1), block_data(model, data))
    check(case, model, fit, 0.2)


def sampled(case, method, draws):
    """Fit with independent priors, which have no closed form."""
    hypothesis, data = stated(case, 0.0)
    block, rows = make_blocks(resolve(hypothesis, data), data, method=method, draws=draws)[case.outcome]
    return block.model, fit_block(block, rows)


@pytest.mark.parametrize("case", POSTERIORS, ids=identity)
def test_importance(case):
    model, fit = sampled(case, "importance", 10_000)
    assert fit.method == "importance"
    assert fit.diagnostics.proposal_k < 0.5
    check(case, model, fit, 0.2)


@pytest.mark.pymc
@pytest.mark.slow
def test_nuts():
    """Those of three slopes: one compiled model serves them all."""
    chosen = [case for case in POSTERIORS if case.name.startswith("earnings") and len(case.means) == 5]
    assert len(chosen) == 2
    for case in chosen:
        model, fit = sampled(case, "nuts", 4_000)
        assert fit.diagnostics.rhat_max < 1.01
        check(case, model, fit, 0.2)
