"""Whole comparisons of Gaussian and discrete columns: facts that must hold, and the contract's shape."""

import json
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import compare
from core.check.tested import Rules
from core.comparison.storage import comparison_from_bytes, comparison_to_bytes
from core.comparison.ways import GATES
from core.data.dataset import Dataset
from core.errors import ModelError, NotYetError, StoreError, UsageError
from core.fit import leaving_out, subsample
from core.hypothesis import Hypothesis
from core.study import plan
from tests.study.study_cases import chain_data, named, table_data, with_diagnostics

NUMBER = (int, float)
CONTRACT: dict[str, Any] = {
    "format": str,
    "data": {"rows": int, "columns": [{"name": str, "kind": str, "missing": int}], "fingerprint": str},
    "hypotheses": [
        {
            "name": str,
            "nodes": [{"name": str, "family": str, "link": str, "parents": list}],
            "blocks": [{"nodes": list, "method": str, "elpd": NUMBER, "log_evidence": NUMBER, "seconds": NUMBER}],
            "edges": [
                {
                    **{"source": str, "target": str, "mean": NUMBER, "sd": NUMBER, "q05": NUMBER, "q95": NUMBER},
                    **{"standardized_mean": NUMBER, "probability_positive": NUMBER},
                }
            ],
            "elpd": {"estimate": NUMBER, "se": NUMBER, "p": NUMBER, "pareto_k_max": NUMBER},
            "log_evidence": {"estimate": NUMBER, "se": NUMBER},
            "equivalence_class": int,
            "gates": {"passed": bool, "rhat_max": NUMBER, "ess_min": NUMBER, "divergences": int, "failed": list},
            "implications": [
                {
                    **{"x": str, "y": str, "given": list, "association": NUMBER, "q05": NUMBER, "q95": NUMBER},
                    **{"p_value": NUMBER, "p_adjusted": NUMBER, "predictive_p": NUMBER, "contradicted": bool},
                }
            ],
            "checks": [
                {
                    **{"node": str, "statistic": str, "observed": NUMBER, "replicated_mean": NUMBER},
                    **{"predictive_p": NUMBER, "flagged": bool},
                }
            ],
            "effects": [
                {
                    **{"treatment": str, "outcome": str, "identified": bool, "scale": str, "mean": NUMBER},
                    **{"sd": NUMBER, "q05": NUMBER, "q95": NUMBER, "contrasts": list},
                }
            ],
        }
    ],
    "classes": [{"members": list, "log_evidence": NUMBER, "probability": NUMBER, "stacking_weight": NUMBER}],
    "differences": [
        {
            **{"a": str, "b": str, "elpd": NUMBER, "se": NUMBER, "by_node": dict, "log_bayes_factor": NUMBER},
            **{"log_bayes_factor_sweep": list, "same_class": bool, "verdict": str},
        }
    ],
    "verdict": str,
    "warnings": [str],
    "seconds": dict.fromkeys(("read", "summarise", "fit", "score", "check", "total"), NUMBER),
}
NULLS = {"pareto_k_max", "rhat_max", "ess_min", "divergences", "contrasts"}  # of exact blocks; of plain numbers


def agree(found: Any, wanted: Any, path: str = "") -> None:
    if isinstance(wanted, dict):
        for name, part in wanted.items():
            assert name in found, f"{path}.{name} is missing"
            agree(found[name], part, f"{path}.{name}")
    elif isinstance(wanted, list):
        assert isinstance(found, list), path
        assert found, f"{path} is empty"
        for part in found:
            agree(part, wanted[0], path)
    elif found is None:
        assert path.rsplit(".", 1)[1] in NULLS, f"{path} is null"
    else:
        assert isinstance(found, wanted), f"{path} is {found!r}"
        assert not (isinstance(found, bool) and bool not in (wanted, *np.atleast_1d(wanted))), path


def three_ways():
    return named(chain="a -> b b -> c", back="c -> b b -> a", fork="b -> a b -> c", collider="a -> b c -> b")


def test_every_field_of_the_contract_is_there() -> None:
    hypotheses = named(chain="a -> b b -> c", collider="a -> b c -> b")
    result = compare(chain_data(), hypotheses, effects=[("a", "c")])
    record = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    agree(record, CONTRACT)
    assert record["format"] == "whyboard-comparison/1"
    assert "null" in " ".join(record["warnings"])


def test_chain_reversed_chain_and_fork_are_one_class_and_the_collider_is_not() -> None:
    result = compare(chain_data(), three_ways())
    assert [c.members for c in result.classes] == [("chain", "back", "fork"), ("collider",)]
    evidence = [h.log_evidence.estimate for h in result.hypotheses]
    assert evidence[:3] == pytest.approx([evidence[0]] * 3, abs=1e-8)
    assert evidence[3] is not None
    assert evidence[0] is not None
    assert evidence[0] - evidence[3] > 3
    assert result.classes[0].probability == pytest.approx(1.0, abs=1e-3)
    assert "chain, back and fork are tied" in result.verdict
    assert "collider is contradicted" in result.verdict
    same = [d for d in result.differences if d.same_class]
    assert {(d.a, d.b) for d in same} == {("chain", "back"), ("chain", "fork"), ("back", "fork")}
    assert not any("predicts better" in d.verdict for d in same)
    assert not any(name in " ".join(c.members) and c.probability is None for c in result.classes for name in c.members)


def test_not_being_contradicted_is_weak_where_most_shuffled_graphs_would_not_be_either() -> None:
    weak = compare(chain_data(), three_ways()).warnings
    assert [words for words in weak if "uninformative" in words] == [
        "That chain, back and fork are not contradicted says little about which node goes where: 33 % of the ways to "
        "shuffle the nodes of each graph imply the same independences (uninformative: over 5 %; Eulig et al. 2023)."
    ]
    few = compare(Dataset.from_frame(chain_data().table.head(20)), named(chain="a -> b b -> c"))
    assert any("With 20 rows" in words for words in few.warnings) is False  # nothing is compared
    pair = compare(Dataset.from_frame(chain_data().table.head(20)), named(chain="a -> b b -> c", none="a b c"))
    assert any("With 20 rows" in words for words in pair.warnings)


def test_an_effect_without_a_mean_is_null_and_says_why() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=150)
    m = x + rng.standard_t(3, size=150)
    frame = pd.DataFrame({"x": x, "m": m, "n": rng.poisson(np.exp(0.1 * m))})
    (hypothesis,) = named(through="x -> m m -> n")
    result = compare(Dataset.from_frame(frame), [hypothesis.with_node("m", family="StudentT")], effects=[("x", "n")])
    assert result.hypotheses[0].gates.passed
    assert result.hypotheses[0].effects[0].mean is None
    assert any("an effect is null, because its mean does not exist" in words for words in result.warnings)


def test_all_orders_of_a_complete_graph_have_the_same_evidence() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(120, 4)) @ rng.normal(size=(4, 4)), columns=list("abcd"))
    hypotheses = []
    for order in permutations("abcd"):
        arrows = " ".join(f"{a} -> {b}" for i, a in enumerate(order) for b in order[i + 1 :])
        hypotheses += named(**{"".join(order): arrows})
    work = plan(Dataset.from_frame(frame), hypotheses)
    from core.fit.engine import fit_blocks

    fits = fit_blocks(work.blocks)
    evidence = [sum(fits[key].log_evidence for key in keys.values()) for keys in work.keys.values()]
    assert np.ptp(evidence) < 1e-8
    assert len(work.blocks) == 32  # shared families once: 4 nodes, 8 sets of parents each


def test_an_additional_arrow_gets_two_clauses() -> None:
    result = compare(chain_data(), named(chain="a -> b b -> c", full="a -> b b -> c a -> c"))
    (found,) = result.differences
    assert found.nested == "full"
    assert found.by_node.keys() == {"c"}
    assert found.log_bayes_factor is not None
    assert found.log_bayes_factor > 0
    assert "no difference in prediction that this data can show" in result.verdict
    assert "full adds a -> c" in result.verdict
    assert "against needing it" in result.verdict
    assert result.hypothesis("full").untestable is not None


def test_tables_compare_too() -> None:
    hypotheses = named(
        fork="smoke -> cough smoke -> stain", cause="stain -> cough smoke -> stain", none="smoke cough stain"
    )
    result = compare(table_data(), hypotheses, effects=[("stain", "cough"), ("smoke", "cough")])
    assert result.classes[0].probability == pytest.approx(1.0, abs=0.01)
    assert result.hypothesis("cause").contradicted
    assert result.hypothesis("none").contradicted
    assert not result.hypothesis("fork").contradicted
    assert result.hypothesis("fork").effects[0].contrasts is not None
    smoke = result.hypothesis("fork").effects[1]
    assert smoke.mean == pytest.approx(0.5, abs=0.1)
    json.dumps(result.to_dict(), allow_nan=False)
    assert any("no single mean" in warning for warning in result.warnings)


def test_what_a_hypothesis_leaves_out_stands_unconnected() -> None:
    result = compare(chain_data(), named(small="a -> b", chain="a -> b b -> c"))
    small = result.hypothesis("small")
    assert [(n.name, n.parents) for n in small.nodes if n.name == "c"] == [("c", ())]
    assert any("small leaves out c" in warning for warning in result.warnings)
    assert {column.name for column in result.data.columns} == {"a", "b", "c"}


def test_rows_with_a_missing_value_are_left_out_and_counted() -> None:
    frame = chain_data().table.copy()
    frame.loc[:9, "b"] = np.nan
    frame["other"] = np.nan
    result = compare(Dataset.from_frame(frame), named(chain="a -> b b -> c"))
    assert (result.data.rows, result.data.rows_read) == (390, 400)
    assert any("10 of 400 rows are left out" in warning for warning in result.warnings)


def test_marked_exposure_and_outcome_are_the_default_effect() -> None:
    marked = [Hypothesis.from_dagitty("dag { a [exposure] c [outcome] a -> b b -> c }", "A"), *named(B="b -> a b -> c")]
    result = compare(chain_data(), marked)
    assert [(e.treatment, e.outcome) for e in result.hypothesis("A").effects] == [("a", "c")]
    zero = result.hypothesis("B").effects[0]
    assert (zero.mean, zero.sd) == (0.0, 0.0)
    one = result.hypothesis("A").effects[0]
    assert one.mean == pytest.approx(0.42, abs=0.12)


def test_the_same_seed_gives_the_same_digits_and_another_does_not() -> None:
    def facts(seed: int) -> dict[str, Any]:
        record = compare(chain_data(), three_ways(), effects=[("a", "c")], seed=seed).to_dict()
        record.pop("seconds")
        for hypothesis in record["hypotheses"]:
            for block in hypothesis["blocks"]:
                block.pop("seconds")
        return record

    assert facts(1) == facts(1)
    assert facts(1) != facts(2)


def autoregressive(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    series = np.zeros((rows, 2))
    for i in range(1, rows):
        series[i] = 0.8 * series[i - 1] + rng.normal(size=2)
    return pd.DataFrame(series, columns=["x", "y"])


@pytest.mark.parametrize("dated", [True, False])
def test_rows_that_depend_suspend_p_values_and_verdict(dated: bool) -> None:
    frame = autoregressive(200, 5)
    if dated:
        frame = frame.assign(day=pd.date_range("2024-01-01", periods=200)).sample(frac=1, random_state=1)
    result = compare(Dataset.from_frame(frame), named(A="x -> y", B="x y"))
    (test,) = result.hypothesis("B").implications
    assert (test.p_value, test.p_adjusted, test.predictive_p, test.contradicted) == (None, None, None, None)
    assert test.association is not None
    assert all(c.probability is None and c.stacking_weight is None for c in result.classes)
    assert "No verdict" in result.verdict
    assert "predicts better" not in result.verdict
    assert "autocorrelated residuals" in " ".join(result.warnings)
    assert ("day is a date" in " ".join(result.warnings)) is dated


def test_a_date_beside_independent_rows_is_noted_only() -> None:
    frame = chain_data().table.assign(day=pd.date_range("2024-01-01", periods=400))
    result = compare(Dataset.from_frame(frame), three_ways())
    assert "collider is contradicted" in result.verdict
    assert any("day is a date" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    ("diagnostics", "gate"),
    [({"rhat_max": 1.05}, "rhat"), ({"ess_bulk_min": 120.0}, "ess_bulk"), ({"divergences": 3}, "divergences")],
)
def test_no_rank_and_no_effect_of_a_block_that_failed_a_gate(diagnostics: dict[str, Any], gate: str) -> None:
    sound = {"rhat_max": 1.0, "ess_bulk_min": 900.0, "ess_tail_min": 900.0, "divergences": 0}
    hypotheses = named(chain="a -> b b -> c", collider="a -> b c -> b")
    fit = with_diagnostics("c", **{**sound, **diagnostics})
    result = compare(chain_data(), hypotheses, effects=[("a", "c"), ("a", "b")], fit_blocks=fit)
    chain = result.hypothesis("chain")
    assert not chain.gates.passed
    assert [failure.gate for failure in chain.gates.failed] == [gate]
    assert chain.effects[0].mean is None
    assert chain.effects[1].mean is not None
    assert all(c.probability is None and c.stacking_weight is None for c in result.classes)
    assert "predicts better" not in result.verdict
    assert f"the gate {GATES[gate][0]} failed at c" in result.verdict
    assert any(GATES[gate][0] in warning for warning in result.warnings)
    assert any("elpd and log evidence, and the arrows into" in warning for warning in result.warnings)
    held = [edge for edge in chain.edges if edge.target == "c"]
    assert [(edge.mean, edge.standardized_mean, edge.contrasts) for edge in held] == [(None, None, None)]
    assert all(edge.mean is not None for edge in chain.edges if edge.target != "c")
    assert (chain.elpd.estimate, chain.log_evidence.estimate) == (None, None)
    assert all(d.elpd is None and d.log_bayes_factor is None for d in result.differences)


def test_sentences_have_the_user_s_words_for_columns() -> None:
    told = chain_data().with_words("a", label="Ad spend").with_words("c", label="Sales")
    fit = with_diagnostics("c", rhat_max=1.2, ess_bulk_min=900.0, ess_tail_min=900.0, divergences=0)
    failed = compare(told, named(chain="a -> b b -> c"), effects=[("a", "c")], fit_blocks=fit)
    assert "the gate R-hat failed at Sales (1.200, limit 1.010)" in failed.verdict
    assert any("failed at Sales" in warning for warning in failed.warnings)
    nested = compare(told, named(chain="a -> b b -> c", more="a -> b b -> c a -> c"))
    assert "more adds Ad spend -> Sales (" in nested.verdict


def test_a_block_says_how_it_was_fitted_and_how_well() -> None:
    fit = with_diagnostics("c", rhat_max=1.001, ess_bulk_min=900.0, ess_tail_min=700.0, divergences=0)
    record = compare(chain_data(), named(chain="a -> b b -> c"), fit_blocks=fit).to_dict()["hypotheses"][0]
    blocks = {block["nodes"][0]: block for block in record["blocks"]}
    assert (blocks["c"]["rhat"], blocks["c"]["ess"], blocks["c"]["divergences"]) == (1.001, 700.0, 0)
    assert blocks["a"]["method"] == "exact"
    figures = ("rhat", "ess", "divergences", "proposal_k", "effective_draws", "pareto_k", "rows_sampled", "rows_scored")
    assert [blocks["a"][name] for name in figures] == [None] * 8
    swept = record["log_evidence"]["sweep"]
    assert swept[1] == pytest.approx(record["log_evidence"]["estimate"])
    assert swept == pytest.approx(np.sum([block["log_evidence_sweep"] for block in blocks.values()], axis=0))


def test_the_k_of_a_block_is_that_of_the_rows_that_were_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 800 rows, 100 scored, the others have no k of their own: the largest is of those, not "not a number"."""
    monkeypatch.setattr(leaving_out, "is_large", lambda draws, distinct: True)
    monkeypatch.setattr(subsample, "SCORED_ROWS", 100)
    rng = np.random.default_rng(5)
    a = rng.normal(size=800)
    data = Dataset.from_frame(pd.DataFrame({"a": a, "b": rng.poisson(np.exp(0.5 + 0.5 * a))}))
    record = compare(data, named(chain="a -> b"), cache=None).to_dict()
    block = next(one for one in record["hypotheses"][0]["blocks"] if one["nodes"] == ["b"])
    assert block["rows_scored"] == 100
    assert block["pareto_k"] == record["hypotheses"][0]["elpd"]["pareto_k_max"]
    assert block["pareto_k"] < 0.7
    assert not any("null: not finite" in warning for warning in record["warnings"])


def test_rules_can_be_changed() -> None:
    strict = compare(chain_data(), three_ways(), rules=Rules(association=0.9))
    assert not strict.hypothesis("collider").contradicted
    loose = compare(chain_data(), three_ways(), rules={"predictive_p": 0.9})
    assert any(check.flagged for h in loose.hypotheses for check in h.checks)


def test_a_comparison_is_kept_and_read_back_to_the_last_digit() -> None:
    result = compare(chain_data(), three_ways(), effects=[("a", "c")])
    content = comparison_to_bytes(result)
    again = comparison_from_bytes(content)
    assert again.to_dict() == result.to_dict()
    assert again.verdict == result.verdict
    assert again.rules == result.rules
    kept = again.pictures.replicated["chain"]["b"]
    assert kept.tolist() == result.pictures.replicated["chain"]["b"].tolist()
    assert again.hypotheses[0].implications[0].replicated.shape == result.hypotheses[0].implications[0].replicated.shape
    for broken in (b"", content[:100], content[:-50], b"x" + content[1:]):
        with pytest.raises(StoreError):
            comparison_from_bytes(broken)


def test_the_text_shows_what_matters() -> None:
    text = repr(compare(chain_data(), three_ways(), effects=[("a", "c")]))
    for words in ("Verdict", "chain = back = fork", "Contradicted claims", "a on c", "a -> b"):
        assert words in text
    assert max(map(len, text.splitlines())) < 200


def test_many_rows_are_checked_on_a_part() -> None:
    result = compare(chain_data(25_000), named(chain="a -> b b -> c"))
    assert any("10,000 rows drawn at random of 25,000" in warning for warning in result.warnings)
    assert not result.hypothesis("chain").contradicted


def test_a_constant_column_is_named_and_harms_nothing() -> None:
    frame = chain_data().table.assign(flat=2.5)
    result = compare(Dataset.from_frame(frame, kinds={"flat": "real"}), named(A="a -> b flat -> c", B="a -> b b -> c"))
    assert any("flat" in warning for warning in result.warnings)
    json.dumps(result.to_dict(), allow_nan=False)


@pytest.mark.parametrize("name", ["<b>x</b>", "a b", 'say "hi"', "=1+1", "😀", "x:y", "ads/day", "Größe"])
def test_odd_names_go_through(name: str) -> None:
    frame = chain_data(60).table.rename(columns={"a": name})
    hypothesis = Hypothesis.from_dict(
        {
            "format": "whyboard-hypothesis/1",
            "nodes": [{"name": n} for n in (name, "b", "c")],
            "edges": [{"source": name, "target": "b"}, {"source": "b", "target": "c"}],
        },
        name,
    )
    result = compare(Dataset.from_frame(frame), [hypothesis], effects=[(name, "c")])
    assert result.to_dict()["hypotheses"][0]["edges"][0]["source"] == name
    assert comparison_from_bytes(comparison_to_bytes(result)).to_dict() == result.to_dict()


def test_what_cannot_be_compared_is_refused() -> None:
    data = chain_data()
    with pytest.raises(UsageError, match="no hypothesis"):
        compare(data, [])
    with pytest.raises(UsageError, match="two hypotheses"):
        compare(data, [*named(A="a -> b"), *named(A="b -> a")])
    with pytest.raises(ModelError, match="no column 'ghost'") as caught:
        compare(data, named(A="a -> ghost"))
    assert caught.value.place.startswith("hypothesis A")
    with pytest.raises(NotYetError):
        compare(data, [Hypothesis.from_dagitty("dag { u [latent] u -> a u -> b }", "A")])
    with pytest.raises(UsageError, match="'z' is not a node"):
        compare(data, named(A="a -> b"), effects=[("a", "z")])
    with pytest.raises(UsageError, match="on itself"):
        compare(data, named(A="a -> b"), effects=[("a", "a")])
    with pytest.raises(UsageError, match="method"):
        compare(data, named(A="a -> b"), method="magic")
    with pytest.raises(UsageError, match="seed"):
        compare(data, named(A="a -> b"), seed=-1)


def test_the_effect_is_the_sum_over_paths_in_a_whole_comparison() -> None:
    result = compare(chain_data(), named(full="a -> b b -> c a -> c"), effects=[("a", "c")])
    edges = {(e.source, e.target): e.mean for e in result.hypotheses[0].edges}
    ab, bc, ac = (edges[pair] for pair in (("a", "b"), ("b", "c"), ("a", "c")))
    assert ab is not None
    assert bc is not None
    assert ac is not None
    # Blocks are independent, so the mean of the product is the product of the means.
    assert result.hypotheses[0].effects[0].mean == pytest.approx(ac + ab * bc, abs=0.005)


@pytest.mark.pymc
def test_a_binary_and_a_real_node_joined_by_one_arrow_are_not_ranked() -> None:
    rng = np.random.default_rng(0)
    real = rng.normal(size=300)
    frame = pd.DataFrame({"real": real, "yes": (rng.random(300) < 1 / (1 + np.exp(-1.5 * real))).astype(int)})
    result = compare(Dataset.from_frame(frame), named(A="real -> yes", B="yes -> real"), draws=2000)
    assert [c.members for c in result.classes] == [("A", "B")]
    (found,) = result.differences
    assert found.same_class
    assert found.log_bayes_factor is not None
    assert abs(found.log_bayes_factor) > 1e-3
    assert "due to the assumed families and forms" in found.verdict
    assert "due to the assumed families and forms" in result.verdict
    assert "predicts better" not in result.verdict + found.verdict


def test_what_hypotheses_say_alike_they_generate_alike() -> None:
    result = compare(chain_data(), named(chain="a -> b b -> c", collider="a -> b c -> b", back="c -> b b -> a"))
    made = result.pictures.replicated
    assert np.array_equal(made["chain"]["a"], made["collider"]["a"])
    assert not np.array_equal(made["chain"]["b"], made["collider"]["b"])
    checks = {h.name: {(c.node, c.statistic): c.predictive_p for c in h.checks} for h in result.hypotheses}
    assert checks["chain"]["a", "sd"] == checks["collider"]["a", "sd"]


def test_equal_columns_are_replicated_independently() -> None:
    frame = chain_data().table.assign(copy=chain_data().table["a"])
    made = compare(Dataset.from_frame(frame), named(A="a copy")).pictures.replicated["A"]
    assert abs(np.corrcoef(made["a"].ravel(), made["copy"].ravel())[0, 1]) < 0.05


def test_cells_that_were_set_stay_as_they_were_set() -> None:
    frame = chain_data(300).table.assign(_set=["b"] * 100 + [""] * 200)
    frame.loc[:99, "b"] = 7.5
    result = compare(Dataset.from_frame(frame), named(chain="a -> b b -> c"), effects=[("a", "c")])
    rows = result.pictures.observed["b"] == 7.5
    assert (result.pictures.replicated["chain"]["b"][:, rows] == 7.5).all()
    block = next(b for b in result.hypotheses[0].blocks if b.nodes == ("b",))
    scores = result.pictures.scores[block.key]
    assert (scores[:100] == 0).all()
    assert (scores[100:] != 0).all()
