"""Acting by worlds against ``pm.do`` with the posterior predictive, on the same draws of the parameters."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.effects.settings import Setting
from core.effects.worlds import play, staged
from core.fit.result import Fit
from core.hypothesis import Hypothesis
from core.study import compare, reopen
from core.study.reopening import Reopened

pytestmark = pytest.mark.pymc

FAST = {"mode": "FAST_COMPILE"}
KEPT = 400  # draws
ROWS = 120


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    z = rng.normal(2.0, 1.0, ROWS)
    x = 0.5 * z + rng.normal(size=ROWS)
    m = 3.0 + 0.8 * x + 0.3 * z + rng.normal(0.0, 0.5, ROWS)
    bought = (rng.random(ROWS) < 1 / (1 + np.exp(-x))).astype(int)
    y = 10.0 + 1.5 * m - 0.7 * x + 3.0 * bought + z + rng.normal(size=ROWS)
    return pd.DataFrame({"z": z, "x": x, "m": m, "bought": bought, "y": y})


def opened(text: str) -> Reopened:
    hypothesis = Hypothesis.from_dagitty(f"dag {{ {text} }}", "H")
    data = Dataset.from_frame(frame()[list(hypothesis.graph.nodes)])
    return reopen(compare(data, [hypothesis]), data)


def thinned(fit: Fit) -> dict[str, dict[str, np.ndarray]]:
    """Return every tenth draw."""
    found = {model.node: fit.draws(model.node) for model in fit.spec.nodes}
    step = len(next(iter(next(iter(found.values())).values()))) // KEPT
    return {node: {name: values[::step] for name, values in own.items()} for node, own in found.items()}


def by_pymc(opened: Reopened, parameters: dict[str, dict[str, np.ndarray]], end: float) -> np.ndarray:
    """Return drawn outcomes, (draws, rows), with x set and z, which x does not reach, as observed."""
    import arviz
    import pymc as pm

    from core.model.pymc_model import build_model

    model = build_model(opened.comparison.drawn[0], opened.complete)
    posterior = {}
    for variable in model.free_RVs:
        node, name = variable.name.rsplit(".", 1)
        own = parameters[node]
        posterior[variable.name] = (own["sigma"] ** 2 if name == "variance" else own[name])[None]
    tree = arviz.from_dict({"posterior": posterior})
    with pm.do(model, {"x": np.full(ROWS, end), "z": opened.complete.values("z")}):
        found = pm.sample_posterior_predictive(
            tree, var_names=["y"], random_seed=3, progressbar=False, compile_kwargs=FAST
        )
    drawn: np.ndarray = found["posterior_predictive"].dataset["y"].values[0]
    return drawn


@pytest.mark.parametrize(
    "text", ["z -> x z -> m x -> m m -> y x -> y z -> y", "z -> x x -> bought bought -> y x -> y z -> y"]
)
def test_the_effect_of_doing_is_that_of_pymc_on_the_same_draws(text: str) -> None:
    reopened = opened(text)
    parameters = thinned(reopened.fits[0])
    graph, spec = reopened.comparison.drawn[0].graph, reopened.fits[0].spec
    raw = {name: reopened.complete.values(name) for name in graph.nodes}
    stage = staged(graph, spec, parameters, raw, draws=KEPT, rows=ROWS)
    ours = play(stage, [[Setting("x", -0.5)], [Setting("x", 1.5)]], "y", cells=True)
    low, high = (by_pymc(reopened, parameters, end) for end in (-0.5, 1.5))
    assert low.shape == (KEPT, ROWS)

    # The worlds hang on the same draws, so what they differ by, draw by draw, is the noise of rows alone.
    gap = (high - low).mean(axis=1) - (ours.centre[1] - ours.centre[0])
    assert gap.std() < 1.5 * np.sqrt((low.var(axis=1).mean() + high.var(axis=1).mean()) / ROWS)
    assert abs(gap.mean()) < 4.5 * gap.std() / np.sqrt(KEPT)
    assert gap.mean() == pytest.approx(0.0, abs=0.03 * (high - low).mean())

    # So does each world by itself, and single rows have the spread of PyMC's.
    assert ours.cells is not None
    for centre, cells, theirs in zip(ours.centre, ours.cells, (low, high), strict=True):
        apart = theirs.mean(axis=1) - centre
        assert abs(apart.mean()) < 4.5 * apart.std() / np.sqrt(KEPT)
        assert cells.std() == pytest.approx(theirs.std(), rel=0.03)
