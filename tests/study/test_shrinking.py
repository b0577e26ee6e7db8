"""What to measure next, for each source of the doubt, and how many rows tell two hypotheses apart."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.effects.experiments import Experiment
from core.effects.settings import Setting
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.experimenting import experimented
from core.study.separating import Foretold, more_rows, rows_apart
from core.study.shrinking import Measurement, next_measurements
from core.study.weighing import apart_in
from tests.study.study_cases import chain_data, named, table_data

WORLDS = [[Setting("a", 0.0)], [Setting("a", 2.0)]]


def measured(acting: Acting, outcome: str = "c") -> dict[str, Measurement]:
    found = acting.act(WORLDS, outcome)
    return {one.source: one for one in next_measurements(acting, WORLDS, found)}


def opened(data: Dataset, **texts: str) -> Acting:
    return acting_on(reopen(compare(data, named(**texts)), data))


def test_strengths_shrink_with_rows_and_with_an_experiment_on_the_arrow() -> None:
    rng = np.random.default_rng(1)
    a = rng.normal(size=150)
    b = 0.7 * a + rng.normal(size=150)
    data = Dataset.from_frame(pd.DataFrame({"a": a, "b": b, "c": 2 * b + 0.1 * rng.normal(size=150)}))
    acting = opened(data, A="a -> b b -> c")
    found = measured(acting)
    one = found["parameters"]
    assert one.arrow == ("a", "b")
    assert one.share > 0.95
    whole = acting.act(WORLDS, "c").averaged.share
    assert whole is not None
    assert one.remaining_sd == pytest.approx(np.sqrt(whole.variance * (1 - one.share / 2)))
    assert "how strongly a moves b" in one.sentence
    assert "chance" in found


def test_what_is_tied_is_set_by_lot() -> None:
    acting = opened(chain_data(), A="a -> b b -> c", B="b -> a b -> c")
    one = measured(acting)["structure"]
    assert "no rows like these tell A from B" in one.sentence
    assert "Set a to 0 or 2 by lot" in one.sentence
    assert one.node == "a"
    share = acting.act(WORLDS, "c").averaged.share
    assert share is not None
    assert one.share == share.structure
    assert one.remaining_sd == pytest.approx(np.sqrt(share.variance * share.parameters))


def test_so_many_rows_by_lot_part_what_is_foretold() -> None:
    """With the number of rows that is told the ranges of simulated experiments hardly meet, with a quarter they do."""
    one, other = Foretold(1.0, 0.02, (4.0, 5.0)), Foretold(0.5, 0.03, (4.0, 4.0))
    rows = rows_apart(one, other)
    assert rows is not None
    rng = np.random.default_rng(0)

    def results(who: Foretold, many: int) -> np.ndarray:
        arms = [np.sqrt(s / (many / 2)) * rng.normal(size=20_000) for s in who.spread]
        return who.mean + who.sd * rng.normal(size=20_000) + arms[1] - arms[0]

    assert np.quantile(results(one, rows), 0.025) == pytest.approx(np.quantile(results(other, rows), 0.975), abs=0.02)
    assert np.quantile(results(one, rows // 4), 0.025) < np.quantile(results(other, rows // 4), 0.975) - 0.1
    assert rows_apart(one, replace(other, mean=0.95)) is None


def test_more_rows_are_asked_for_where_rows_tell() -> None:
    data = chain_data(60)
    comparison = compare(data, named(A="a -> b b -> c", B="a -> b a -> c"), effects=[("a", "c")])
    assert comparison.question is not None
    (pair,) = comparison.question.differences
    assert pair.elpd is not None
    assert pair.se is not None
    assert pair.log_bayes_factor is not None
    more = more_rows(comparison, "A", "B")
    assert more is not None
    whole = max(np.log(19) / abs(pair.log_bayes_factor), (1.96 * pair.se / pair.elpd) ** 2) * 60
    assert more == max(0, int(np.ceil(whole - 60)))
    assert more_rows(comparison, "A", "nobody") is None


def test_forms_are_told_apart_where_their_curves_are() -> None:
    rng = np.random.default_rng(9)
    a = rng.uniform(0, 4, 60)
    data = Dataset.from_frame(pd.DataFrame({"a": a, "c": a + 0.12 * a**2 + rng.normal(size=60)}))
    line = named(A="a -> c")[0]
    bent = replace(line, name="B", edges=tuple(replace(edge, form="quadratic") for edge in line.edges))
    acting = acting_on(reopen(compare(data, [line, bent]), data))
    acting = replace(acting, weights=(0.5, 0.5))
    found = measured(acting)
    assert "structure" not in found
    assert "more rows where a is" in found["forms"].sentence
    assert apart_in([line, bent]) == "whether it bends"
    assert apart_in([line, line.with_node("c", family="StudentT")]) == "which family it is"


def test_after_an_experiment_no_strength_carries_it_by_itself() -> None:
    acting = opened(chain_data(80), A="a -> b b -> c")
    before = acting.act(WORLDS, "c").averaged.contrast
    assert before is not None
    trial = Experiment("trial", (tuple(WORLDS[0]), tuple(WORLDS[1])), "c", before["mean"], before["sd"] / 20)
    learned = experimented(acting, [trial]).acting
    found = {one.source: one for one in next_measurements(learned, WORLDS, learned.act(WORLDS, "c"))}
    assert found["parameters"].arrow is None
    assert "experiment" not in found["parameters"].sentence


def test_of_levels_and_of_no_path_nothing_is_said_of_the_difference() -> None:
    data = table_data()
    acting = opened(data, A="smoke -> cough smoke -> stain cough")
    worlds = [[Setting("smoke", 0.0)], [Setting("smoke", 1.0)]]
    assert next_measurements(acting, worlds, acting.act(worlds, "stain")) == ()
    nowhere = opened(chain_data(), A="b -> a b -> c")
    assert set(measured(nowhere)) == {"chance"}
