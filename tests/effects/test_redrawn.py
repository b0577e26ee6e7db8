"""A posterior drawn again where an experiment is far from the data: against quadrature and brute force."""

from math import exp, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.data.dataset import Dataset
from core.effects.experiments import evidence
from core.effects.redrawn import Part, redrawn
from core.families.base import Draws
from core.fit import gaussian
from core.fit.exact import gaussian_prior
from core.fit.rows import entering
from core.fit.target import Target
from core.hypothesis import Hypothesis
from core.model.design import block_data
from core.model.resolve import resolve
from tests.effects.test_experiments import by_quadrature

DRAWS = 4000


def chain(rows: int) -> tuple[dict[str, Part], dict[str, stats.rv_continuous], dict[str, float]]:
    """Return the families of x -> m -> y, each slope's exact posterior on the columns' own scale, and its unit."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=rows)
    m = 0.8 * x + rng.normal(size=rows)
    data = Dataset.from_frame(pd.DataFrame({"x": x, "m": m, "y": 1.5 * m + rng.normal(size=rows)}))
    spec = resolve(Hypothesis.from_dagitty("dag { x -> m m -> y }", name="A"), data)
    parts, slopes, units = {}, {}, {}
    for node in ("m", "y"):
        model = spec.node(node)
        block = entering(block_data(model, data))
        post = gaussian.posterior(gaussian.reduce_rows(block.y, block.x), rows, gaussian_prior(model))
        draws = gaussian.draw(post, DRAWS, rng)
        parts[node] = Part(Target.of(model, block), draws, post.log_evidence)
        per = units[node] = model.response.scale / model.terms[0].scale
        root = post.r_inverse
        scale = sqrt(post.beta / post.alpha * float(root[1] @ root[1]))
        slopes[node] = stats.t(2 * post.alpha, per * post.mean[1], per * scale)
    return parts, slopes, units


def products(units: dict[str, float], *nodes: str):  # type: ignore[no-untyped-def]
    def contrasts(parameters: dict[str, Draws]) -> np.ndarray:
        slopes = [units[node] * parameters[node]["slopes"][:, 0] for node in nodes]
        return np.prod(slopes, axis=0)[None]

    return contrasts


@pytest.mark.parametrize("rows", [12, 40, 400])
@pytest.mark.parametrize(("away", "sharp"), [(0.0, 0.1), (5.0, 0.5), (-8.0, 1.0), (12.0, 0.5)])
def test_one_arrow_is_what_quadrature_says(rows: int, away: float, sharp: float) -> None:
    parts, slopes, units = chain(rows)
    posterior = slopes["y"]
    estimate, se = posterior.mean() + away * posterior.std(), sharp * posterior.std()
    contrasts, own = products(units, "y"), {"y": parts["y"]}
    found = redrawn(own, contrasts, contrasts({"y": own["y"].draws}), np.array([estimate]), np.array([se]))
    total, mean, sd = by_quadrature(posterior, estimate, se)
    after = contrasts(found.parameters)[0]
    assert not found.approximate
    error = 1 / sqrt(found.effective)
    assert exp(found.log_evidence) == pytest.approx(total, rel=4 * error)
    assert after.mean() == pytest.approx(mean, abs=4 * error * sd)
    assert after.std() == pytest.approx(sd, rel=4 * error)


def test_a_path_of_two_arrows_is_what_a_million_draws_say() -> None:
    parts, slopes, units = chain(60)
    rng = np.random.default_rng(0)
    many = np.prod([slopes[node].rvs(1_000_000, random_state=rng) for node in ("m", "y")], axis=0)
    estimate, se = many.mean() + 4 * many.std(), 0.8 * many.std()
    contrasts = products(units, "m", "y")
    said = contrasts({node: part.draws for node, part in parts.items()})
    found = redrawn(parts, contrasts, said, np.array([estimate]), np.array([se]))
    truth = evidence(many, estimate, se)
    mean = float(truth.weights @ many)
    sd = sqrt(float(truth.weights @ (many - mean) ** 2))
    after = contrasts(found.parameters)[0]
    assert not found.approximate
    assert found.log_evidence == pytest.approx(truth.log_evidence, abs=0.08)
    assert after.mean() == pytest.approx(mean, abs=0.08 * sd)
    assert after.std() == pytest.approx(sd, rel=0.06)


def test_without_a_normaliser_it_is_a_normal_approximation_and_says_so() -> None:
    parts, slopes, units = chain(400)
    part = Part(parts["y"].target, parts["y"].draws, float("nan"))
    posterior, contrasts = slopes["y"], products(units, "y")
    estimate, se = posterior.mean() + 6 * posterior.std(), posterior.std()
    found = redrawn({"y": part}, contrasts, contrasts({"y": part.draws}), np.array([estimate]), np.array([se]))
    total, mean, sd = by_quadrature(posterior, estimate, se)
    after = contrasts(found.parameters)[0]
    assert found.approximate
    assert found.log_evidence == pytest.approx(np.log(total), abs=0.5)
    assert after.mean() == pytest.approx(mean, abs=0.2 * sd)
    assert after.std() == pytest.approx(sd, rel=0.1)
