"""Experiments in the likelihood of rival hypotheses: against conjugate calculations, and what is said of them."""

from dataclasses import replace
from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.check.dependence import Dependence
from core.data.dataset import Dataset
from core.effects.experiments import Experiment
from core.effects.settings import Setting
from core.errors import UsageError
from core.fit import gaussian
from core.fit.exact import gaussian_prior
from core.fit.memory import BlockMemory
from core.fit.rows import entering
from core.model.design import block_data
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.experiment_texts import experiment_of, experiments_in
from core.study.experiment_words import experiment_words
from core.study.experimenting import experimented
from tests.effects.test_experiments import by_quadrature
from tests.study.study_cases import named

CACHE = BlockMemory()
ONE_MORE = ((), (Setting("x", 1.0, "shift"),))


def pair(rows: int = 500, seed: int = 1) -> Dataset:
    rng = np.random.default_rng(seed)
    x = 3.0 * rng.normal(size=rows)
    return Dataset.from_frame(pd.DataFrame({"x": x, "y": 0.5 * x + 2.0 * rng.normal(size=rows)}))


def opened(data: Dataset, **texts: str) -> Acting:
    hypotheses = named(**texts)
    return acting_on(reopen(compare(data, hypotheses, cache=CACHE, rows="none"), data, CACHE))


def slope_of(acting: Acting, node: str = "y") -> stats.rv_continuous:
    """Return the exact posterior of a node's only slope, on the columns' own scale."""
    model = acting.reopened.fits[0].spec.node(node)
    block = entering(block_data(model, acting.reopened.complete))
    post = gaussian.posterior(gaussian.reduce_rows(block.y, block.x), block.rows, gaussian_prior(model))
    per = model.response.scale / model.terms[0].scale
    return stats.t(
        2 * post.alpha, per * post.mean[1], per * sqrt(post.beta / post.alpha) * np.linalg.norm(post.r_inverse[1])
    )


def lift(estimate: float, se: float, name: str = "lift") -> Experiment:
    return Experiment(name, ONE_MORE, "y", estimate, se)


@pytest.mark.parametrize(
    ("rows", "away", "sharp"), [(500, 0.5, 1.0), (500, -1.0, 0.5), (15, 0.5, 1.0), (500, 7.0, 0.5)]
)
def test_an_interval_shrinks_as_the_conjugate_calculation_says(rows: int, away: float, sharp: float) -> None:
    acting = opened(pair(rows), A="x -> y")
    posterior = slope_of(acting)
    estimate, se = posterior.mean() + away * posterior.std(), sharp * posterior.std()
    found = experimented(acting, [lift(estimate, se)])
    total, mean, sd = by_quadrature(posterior, estimate, se)
    after = found.acting.act(ONE_MORE, "y", draws=4000).forecasts[0].contrast
    assert found.gains[0] == pytest.approx(log(total), abs=0.1)
    assert after["mean"] == pytest.approx(mean, abs=0.08 * sd)
    assert after["sd"] == pytest.approx(sd, rel=0.05)
    if rows == 500 and abs(away) < 2:
        assert sd == pytest.approx(1 / sqrt(posterior.std() ** -2 + se**-2), rel=0.01)
    assert found.acting.weights == (1.0,)


def test_a_result_that_disagrees_is_said_with_its_gap() -> None:
    acting = opened(pair(), A="x -> y")
    posterior = slope_of(acting)
    near, far = (experimented(acting, [lift(posterior.mean() + by * 0.3, 0.1)]) for by in (0.3, 1.0))
    assert not any("disagree" in words for words in experiment_words(near))
    gap = 0.3 / sqrt(0.1**2 + posterior.var())
    assert far.learned[0].foreseen[0].disagreement.gap == pytest.approx(gap, rel=0.02)
    (words,) = [words for words in experiment_words(far) if "disagree" in words]
    assert words.startswith(f"the experiment and the data disagree under A by {gap:.1f}")


def test_several_need_not_be_weighed_by_themselves() -> None:
    acting = opened(pair(), A="x -> y", B="y -> x")
    cells = [lift(0.3, 0.2), lift(0.4, 0.3)]
    each, together = (experimented(acting, cells, alone=alone) for alone in (True, False))
    assert together.gains == each.gains
    assert together.acting.weights == each.acting.weights
    for one, other in zip(each.learned, together.learned, strict=True):
        assert [found.disagreement for found in one.foreseen] == [found.disagreement for found in other.foreseen]
        assert all(found.log_evidence is not None for found in one.foreseen)
        assert all(found.log_evidence is None for found in other.foreseen)


def test_a_tied_pair_is_told_apart_by_the_bayes_factor_by_hand() -> None:
    acting = opened(pair(), A="x -> y", B="y -> x")
    posterior = slope_of(acting)
    estimate, se = 0.3, 0.2
    total, *_ = by_quadrature(posterior, estimate, se)
    factor = total / stats.norm.pdf(estimate, 0, se)
    found = experimented(acting, [lift(estimate, se)])
    assert acting.weights == (0.5, 0.5)
    assert exp(found.gains[0] - found.gains[1]) == pytest.approx(factor, rel=0.02)
    assert found.acting.weights == pytest.approx((factor / (1 + factor), 1 / (1 + factor)), abs=0.005)
    words = experiment_words(experimented(acting, [lift(0.6, 0.2)]))
    assert any(
        said.startswith("no observation of these columns can tell A from B; the experiment can") for said in words
    )
    assert any(said.startswith("the probability of A from 50% to") for said in words)
    none = experiment_words(experimented(acting, [lift(0.3, 2.0)]))
    assert none == ("the experiment does not tell A from B",)


def test_where_no_path_leads_a_result_far_from_nothing_counts_against_it() -> None:
    found = experimented(opened(pair(), A="x -> y", B="y -> x"), [lift(0.5, 0.1)])
    other = found.learned[0].foreseen[1]
    assert not other.leads
    assert other.disagreement.gap == pytest.approx(5)
    assert other.log_evidence == pytest.approx(stats.norm.logpdf(0.5, 0, 0.1))
    assert found.acting.weights[1] < 1e-4
    assert any(said.startswith("under B no path leads from x to y") for said in experiment_words(found))
    against = experimented(opened(pair(), A="x -> y", B="y -> x"), [lift(0.0, 0.1)])
    assert against.acting.weights[0] < 1e-3


def test_several_cells_are_one_pooled_result() -> None:
    acting = opened(pair(), A="x -> y", B="y -> x")
    cells = [lift(0.4, 0.3, "1"), lift(0.7, 0.4, "2"), lift(0.5, 0.2, "3")]
    precision = sum(one.se**-2 for one in cells)
    pooled = lift(sum(one.estimate / one.se**2 for one in cells) / precision, precision**-0.5)
    many, one = experimented(acting, cells), experimented(acting, [pooled])
    assert many.acting.weights == pytest.approx(one.acting.weights, rel=1e-6)
    np.testing.assert_allclose(
        many.acting.reopened.fits[0].draws("y")["slopes"], one.acting.reopened.fits[0].draws("y")["slopes"]
    )


def test_an_endless_error_changes_nothing() -> None:
    acting = opened(pair(), A="x -> y", B="y -> x")
    found = experimented(acting, [lift(4.0, 1e6)])
    assert found.acting.weights == pytest.approx(acting.weights, abs=1e-6)
    before, after = (one.act(ONE_MORE, "y").forecasts[0].contrast for one in (acting, found.acting))
    assert after == pytest.approx(before, rel=1e-2)


def test_rows_that_say_less_leave_more_to_the_experiment() -> None:
    """Where rows depend on one another what is foreseen is wider, and the experiment moves it by more."""
    acting = opened(pair(), A="x -> y")
    posterior = slope_of(acting)
    wide = Dependence(base=9.0)
    acting.reopened.__dict__["dependence"] = wide
    spread, se = 3 * posterior.std(), 2 * posterior.std()
    estimate = posterior.mean() + 2 * posterior.std()
    found = experimented(acting, [lift(estimate, se)])
    found.acting.reopened.__dict__["dependence"] = wide
    assert found.gains[0] == pytest.approx(
        stats.norm.logpdf(estimate, posterior.mean(), sqrt(spread**2 + se**2)), abs=0.05
    )
    precision = spread**-2 + se**-2
    after = found.acting.act(ONE_MORE, "y", draws=4000).forecasts[0].contrast
    sd = precision**-0.5
    assert after["mean"] == pytest.approx((posterior.mean() / spread**2 + estimate / se**2) / precision, abs=0.1 * sd)
    assert after["sd"] == pytest.approx(sd, rel=0.06)


def test_what_foresees_nothing_keeps_its_probability() -> None:
    acting = opened(pair(), A="x -> y", B="y -> x", C="x -> y")
    withheld = _Deaf(acting.reopened, acting.weights, acting.alike)
    found = experimented(withheld, [lift(0.5, 0.1)])
    assert found.gains[2] is None
    assert found.acting.weights[2] == pytest.approx(acting.weights[2])
    assert sum(found.acting.weights) == pytest.approx(1)
    assert any("C foresees nothing here" in said for said in experiment_words(found))


class _Deaf(Acting):
    """Hypotheses of which the third gives no answer."""

    def withheld(self, place: int, touched, outcome: str) -> str:  # type: ignore[no-untyped-def]
        return "not identified: a test says so" if place == 2 else ""


def test_a_population_is_that_of_the_experiment() -> None:
    rng = np.random.default_rng(2)
    region = rng.choice(["north", "south"], 600)
    x = np.where(region == "north", 2.0, 6.0) + rng.normal(size=600)
    frame = pd.DataFrame({"region": region, "x": x, "y": 3 * np.log(x.clip(0.3)) + rng.normal(size=600)})
    acting = opened(Dataset.from_frame(frame), A="region -> x x -> y region -> y")
    spec = acting.comparison.specs[0]
    everybody, north = (experiment_of(spec, f"x+=1: y=0.5±0.1{tail}") for tail in ("", " @ region=north"))
    assert (everybody.given, north.given) == (None, ("region", 0.0))
    found = experimented(acting, [everybody, north])
    predicted = [one.foreseen[0].predicted["mean"] for one in found.learned]
    assert predicted[0] == pytest.approx(predicted[1])  # a straight arrow is the same everywhere
    with pytest.raises(UsageError, match="follows from what is set"):
        experimented(acting, [replace(north, given=("y", 1.0))])
    with pytest.raises(UsageError, match="no row is left"):
        experimented(acting, [replace(north, given=("x", 1e9))])


# -- as it is typed ----------------------------------------------------------------------


def test_experiments_are_read(tmp_path: Path) -> None:
    spec = opened(pair(), A="x -> y").comparison.specs[0]
    one = experiment_of(spec, "x=1,2: y = -1.2 ± 0.3")
    assert (one.name, one.outcome, one.estimate, one.se) == ("x 1 -> 2", "y", -1.2, 0.3)
    assert one.worlds == ((Setting("x", 1.0),), (Setting("x", 2.0),))
    other = experiment_of(spec, "spring: 2024: x+=1:y=1e-1+/-.3")
    assert (other.name, other.worlds) == ("spring: 2024", ONE_MORE)
    assert experiment_of(spec, "x+=1: y=1 +- 2").se == 2
    file = tmp_path / "cells.csv"
    file.write_text("name;do;estimate;se;given\nlow;x=1,2;0.5;0.2;\n;x=2,4;1.0;0.3;y=1..2\n\n", encoding="utf-8")
    first, second = experiments_in(spec, str(file), "y")
    assert (first.name, first.given, first.outcome) == ("low", None, "y")
    assert (second.name, second.given, second.se) == ("x 2 -> 4", ("y", (1.0, 2.0)), 0.3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x=1,2: y=1", "no result"),
        ("x=1,2: z=1±0.1", "no outcome"),
        ("z=1,2: y=1±0.1", "no node"),
        ("x=1,2,3: y=1±0.1", "two worlds"),
        ("x=1,2: y=one±0.1", "no number"),
        ("x=1,2: y=1±0", "no standard error"),
        ("x=1,2: y=1±0.1 @ nobody=3", "no node"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, words: str) -> None:
    spec = opened(pair(), A="x -> y").comparison.specs[0]
    with pytest.raises(UsageError, match=words) as error:
        experiment_of(spec, text)
    assert error.value.hint


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("do,estimate\nx+=1,1\n", "no column 'se'"),
        ("do,estimate,se\n", "0 experiments"),
        ("do,estimate,se\nx+=1,1,a\n", "line 2"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path, table: str, words: str) -> None:
    spec = opened(pair(), A="x -> y").comparison.specs[0]
    file = tmp_path / "cells.csv"
    file.write_text(table, encoding="utf-8")
    with pytest.raises(UsageError) as error:
        experiments_in(spec, str(file), "y")
    assert words in str(error.value)
    with pytest.raises(UsageError, match="cannot be read"):
        experiments_in(spec, str(tmp_path / "none.csv"), "y")
