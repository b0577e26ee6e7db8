"""A block of several nodes: what is added up counts it once, and what belongs to one node finds it."""

from dataclasses import replace

import numpy as np
import pytest
from fit_helpers import fit_of, hypothesis

from core.comparison.differences import all_differences
from core.comparison.rival import Rival
from core.comparison.scores import elpd_of, evidence_of
from core.fit.arrows import edges_into
from core.fit.gates import gates
from core.fit.result import BlockFit, Diagnostics, Fit


def together(fit: Fit, *nodes: str) -> Fit:
    """Return the same fit with some nodes in one block, as if it had been sampled whole."""
    parts = [fit.by_node[node] for node in nodes]
    draws = {f"{i}.{name}": values for i, part in enumerate(parts) for name, values in part.draws.items()}
    sweep = tuple(float(value) for value in np.sum([part.sweep for part in parts], axis=0))
    one = BlockFit(
        "+".join(part.key for part in parts),
        "nuts",
        draws,
        sum(part.elpd_i for part in parts),
        sum(part.lppd_i for part in parts),
        sum(part.log_evidence for part in parts),
        log_evidence_se=0.3,
        elpd_mcse=0.2,
        sweep=sweep,  # type: ignore[arg-type]
    )
    rest = {key: part for key, part in fit.blocks.items() if not set(key) & set(nodes)}
    return Fit(fit.spec, {tuple(nodes): one, **rest})


def test_sums_count_it_once(gaussian) -> None:  # type: ignore[no-untyped-def]
    apart = fit_of(gaussian, hypothesis("a>b b>c"))
    whole = together(apart, "b", "c")
    assert whole.log_evidence == pytest.approx(apart.log_evidence)
    assert whole.elpd == pytest.approx(apart.elpd)
    np.testing.assert_allclose(whole.elpd_i, apart.elpd_i)
    found, known = evidence_of(whole), evidence_of(apart)
    assert found.estimate == pytest.approx(known.estimate)
    assert found.se == pytest.approx(0.3)
    np.testing.assert_allclose(found.sweep, known.sweep)
    assert elpd_of(whole, None, True).p == pytest.approx(elpd_of(apart, None, True).p)


def test_each_node_finds_its_draws_and_its_arrows(gaussian) -> None:  # type: ignore[no-untyped-def]
    apart = fit_of(gaussian, hypothesis("a>b b>c"))
    whole = together(apart, "c", "b")
    raw = {name: gaussian.values(name) for name in gaussian.names}
    for model in apart.spec.nodes:
        assert dict(whole.draws(model.node)).keys() == dict(apart.draws(model.node)).keys()
        ours = edges_into(whole.spec, model, whole.draws(model.node), raw)
        theirs = edges_into(apart.spec, model, apart.draws(model.node), raw)
        assert [edge.to_dict() for edge in ours] == [edge.to_dict() for edge in theirs]


def test_what_fails_in_it_fails_for_each_of_its_nodes(gaussian) -> None:  # type: ignore[no-untyped-def]
    whole = together(fit_of(gaussian, hypothesis("a>b b>c")), "b", "c")
    bad = replace(whole.blocks["b", "c"], diagnostics=Diagnostics(rhat_max=1.4))
    report = gates(Fit(whole.spec, {**whole.blocks, ("b", "c"): bad}))
    assert [failure.node for failure in report.failed] == ["b", "c"]
    assert report.rhat_max == 1.4


def test_rivals_differ_by_the_smallest_sets_of_whole_blocks(gaussian) -> None:  # type: ignore[no-untyped-def]
    """One ties b and c together, the other does not: their difference is that of both, once."""
    one, other = fit_of(gaussian, hypothesis("a>b b>c")), fit_of(gaussian, hypothesis("a>b a>c"))
    rivals = [Rival(name, h.graph, fit, place) for place, (name, h, fit) in enumerate((
        ("A", hypothesis("a>b b>c"), one), ("B", hypothesis("a>b a>c"), other)))]  # fmt: skip
    (plain,) = all_differences(rivals)
    tied = replace(rivals[0], fit=together(one, "b", "c"))
    (found,) = all_differences([tied, rivals[1]])
    assert set(plain.by_node) == {"c"}
    assert set(found.by_node) == {"b, c"}
    assert found.elpd == pytest.approx(plain.elpd)
    assert found.log_bayes_factor == pytest.approx(plain.log_bayes_factor)
    (mirrored,) = all_differences([rivals[1], tied])
    assert mirrored.elpd == pytest.approx(-plain.elpd)
    assert all_differences([tied, replace(tied, name="C")])[0].by_node == {}
