"""A news story about immigration, and a letter to Congress (Brader, Valentino & Suhay 2008): by way of anxiety or not.

The example of the R package mediation (Tingley et al. 2014), whose data lie in statsmodels' wheel: emotion on the
treatment by least squares, the letter on both by probit. Neither package is used by Whyboard.
"""

from importlib.metadata import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from core.data.dataset import Dataset
from core.data.read import read_dataset
from core.effects.mediation import Mediation
from core.hypothesis import Edge, Hypothesis, Node
from core.study import compare, reopen
from core.study.acting import acting_on
from core.study.ways import ways_of

COVARIATES = ("age", "educ", "gender", "income")
COLUMNS = ("treat", "emo", "cong_mesg", *COVARIATES)


def rows() -> pd.DataFrame:
    file = next(file for file in files("statsmodels") or [] if file.name == "framing.csv")
    return pd.read_csv(file.locate())[list(COLUMNS)].astype({"treat": int})


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Mediation:
    path: Path = tmp_path_factory.mktemp("framing") / "framing.csv"
    rows().to_csv(path, index=False)
    data: Dataset = read_dataset(path)
    ends = [("treat", "emo"), ("treat", "cong_mesg"), ("emo", "cong_mesg")]
    ends += [(name, child) for name in COVARIATES for child in ("emo", "cong_mesg")]
    drawn = Hypothesis(
        "Framing",
        (
            *(Node(name) for name in ("treat", "educ", "gender")),
            *(Node(name, kind="real", family="Normal") for name in ("age", "income")),  # not as counts, on a log scale
            Node("emo", kind="real", family="Normal"),
            Node("cong_mesg", kind="binary", family="Bernoulli", link="probit"),
        ),
        tuple(Edge(*pair) for pair in ends),
        background=COVARIATES,
        exposure="treat",
        outcome="cong_mesg",
    )
    (found,) = ways_of(acting_on(reopen(compare(data, [drawn]), data)), ("treat", 0.0, 1.0), "cong_mesg")
    assert not found.reason
    (one,) = found.parts
    assert one.mediators == ("emo",)
    assert one.witnesses == ()
    return one


def test_what_was_published(parted: Mediation) -> None:
    """Indirect (ACME) of the control .079 [.035, .15], of the treated .080; direct (ADE) of the control .021."""
    mean = {name: float(draws.mean()) for name, draws in parted.parts.items()}
    spread = {name: float(draws.std()) for name, draws in parted.parts.items()}
    # Theirs are simulated, and differ from seed to seed by as much.
    assert mean["pure_indirect"] == pytest.approx(0.079, abs=0.2 * spread["pure_indirect"])
    assert mean["indirect"] == pytest.approx(0.080, abs=0.2 * spread["indirect"])
    low, high = np.quantile(parted.parts["pure_indirect"], (0.025, 0.975))
    assert low == pytest.approx(0.035, abs=0.01)
    assert high == pytest.approx(0.15, abs=0.03)
    assert mean["direct"] == pytest.approx(0.021, abs=0.2 * spread["direct"])


def test_against_the_same_models_by_least_squares_and_maximum_likelihood(parted: Mediation) -> None:
    data = rows()
    design = pd.get_dummies(data[["treat", *COVARIATES]], drop_first=True).astype(float)
    design.insert(0, "one", 1.0)
    emotion = sm.OLS(data["emo"], design).fit()
    both = design.assign(emo=data["emo"].astype(float))
    letter = sm.GLM(
        data["cong_mesg"], both, family=sm.families.Binomial(link=sm.families.links.Probit())
    ).fit()  # fmt: skip
    noise = np.sqrt(emotion.scale) * np.random.default_rng(1).standard_normal((1000, len(data)))

    def chance(told: float, seen: float) -> float:
        """The letter's mean where the story is ``told`` and emotion is what it would be had it been ``seen``."""
        base = (both.assign(treat=told, emo=0.0) @ letter.params).to_numpy()
        moved = emotion.predict(design.assign(treat=seen)).to_numpy() + noise
        return float(letter.model.family.link.inverse(base + letter.params["emo"] * moved).mean())

    expected = {
        "total": chance(1, 1) - chance(0, 0),
        "direct": chance(1, 0) - chance(0, 0),
        "indirect": chance(1, 1) - chance(1, 0),
        "pure_indirect": chance(0, 1) - chance(0, 0),
    }
    for name, value in expected.items():
        draws = parted.parts[name]
        assert draws.mean() == pytest.approx(value, abs=0.2 * draws.std()), name  # the prior draws in a little
