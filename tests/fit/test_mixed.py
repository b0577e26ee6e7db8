"""Scaled columns in closed form: evidence, draws and leave-one-out against dense quadrature, and against other ways."""

from dataclasses import replace
from math import log, pi, sqrt

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.fit import mixed, summary
from core.fit.blocks import make_blocks
from core.fit.exact import fit_exact, gaussian_prior, scaled_columns
from core.fit.importance import fit_importance
from core.fit.resampled import resampled_evidence
from core.fit.resamples import Resamples
from core.fit.summary import reduce_block, summarise
from core.fit.taus import explore
from core.hypothesis import Edge, Hypothesis, Node
from core.model.resolve import resolve


def table(n: int = 120, seed: int = 0, bend: float = 0.6, spread: float = 0.5) -> Dataset:
    rng = np.random.default_rng(seed)
    x, g = rng.normal(size=n), rng.integers(0, 6, n)
    y = bend * np.sin(2 * x) + x + spread * rng.normal(size=6)[g] + rng.normal(size=n)
    frame = pd.DataFrame({"x": x, "y": y, "z": np.exp(0.5 * y), "b": (y > 0).astype(int), "g": [f"g{i}" for i in g]})
    return Dataset.from_frame(frame, kinds={"g": "category", "z": "positive"})


def drawn(child: str = "y", form: str = "smooth", group: bool = False, by: str | None = None) -> Hypothesis:
    node = Node(child, group="g" if group else None)
    return Hypothesis("h", (Node("x"), node), (Edge("x", child, form=form, by=by),))


def block_of(hypothesis: Hypothesis, data: Dataset, child: str = "y", **settings):  # type: ignore[no-untyped-def]
    return make_blocks(resolve(hypothesis, data), data, **settings)[child]


def log_share(prior, u):  # type: ignore[no-untyped-def]
    """Return the log density of log tau, and the log of the mass at 0 (None for a HalfNormal)."""
    sigma = prior["sigma"]
    density = log(2 / (sigma * sqrt(2 * pi))) - 0.5 * (np.exp(u) / sigma) ** 2 + u
    return (density, None) if prior.distribution == "HalfNormal" else (density + log(0.5), log(0.5))


def dense(factor, n, prior, scaled):  # type: ignore[no-untyped-def]
    """Return the log evidence and the taus' means by a fine product grid, mass at 0 included."""
    u = np.linspace(-12, 4, 161 if len(scaled.priors) > 1 else 2001)
    axes = []
    for one in scaled.priors:
        density, nothing = log_share(one, u)
        weights, taus = density + log(u[1] - u[0]), np.exp(u)
        if nothing is not None:
            weights, taus = np.append(weights, nothing), np.append(taus, 0.0)
        axes.append((taus, weights))
    grid = np.stack([part.ravel() for part in np.meshgrid(*(taus for taus, _ in axes), indexing="ij")], axis=1)
    shares = sum(part.ravel() for part in np.meshgrid(*(weights for _, weights in axes), indexing="ij"))
    joint = shares + mixed.evidences(factor, n, prior, mixed.column_scales(scaled, grid))
    total = np.logaddexp.reduce(joint)
    return total, np.exp(joint - total) @ grid


CASES = [
    ("smooth", False, None, 0.6), ("smooth", False, None, 0.0), ("auto", False, None, 0.6), ("auto", False, None, 0.0),
    ("linear", True, None, 0.6), ("smooth", True, None, 0.6), ("auto", True, None, 0.0), ("linear", True, "g", 0.6),
]  # fmt: skip


@pytest.mark.parametrize(("form", "group", "by", "bend"), CASES)
def test_evidence_and_taus_against_dense_quadrature(form: str, group: bool, by: str | None, bend: float) -> None:
    for seed in range(3):
        data = table(seed=seed, bend=bend)
        block, rows = block_of(drawn(form=form, group=group, by=by), data)
        prior, scaled = gaussian_prior(block.model), scaled_columns(block.model)
        assert scaled is not None
        reduced = reduce_block(block.model, rows)
        found = mixed.mixture(reduced.factor, reduced.rows, prior, scaled)
        total, means = dense(reduced.factor, reduced.rows, prior, scaled)
        assert found.log_evidence == pytest.approx(total, abs=0.02)
        np.testing.assert_allclose(found.points.weights @ found.points.taus, means, atol=0.02)


def test_many_taus_are_drawn_and_agree_with_all_of_them_visited() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(200, 4))
    frame = pd.DataFrame({f"x{i}": x[:, i] for i in range(4)}).assign(y=np.sin(2 * x[:, 0]) + rng.normal(size=200))
    edges = tuple(Edge(f"x{i}", "y", form="auto") for i in range(4))
    data = Dataset.from_frame(frame)
    block, rows = block_of(Hypothesis("h", tuple(Node(name) for name in frame), edges), data)
    prior, scaled = gaussian_prior(block.model), scaled_columns(block.model)
    assert scaled is not None
    reduced = reduce_block(block.model, rows)

    def evidence(taus):  # type: ignore[no-untyped-def]
        return mixed.evidences(reduced.factor, reduced.rows, prior, mixed.column_scales(scaled, taus))

    drawn_points = explore(evidence, scaled.priors)
    assert 0 < drawn_points.se < 0.05
    # Another set of random points: from the same lattices, by the other route of three of the taus and a sum over one.
    spread = np.concatenate([[0.0], np.exp(np.linspace(-5, 2, 15))])
    density, nothing = log_share(scaled.priors[3], np.log(spread[1:]))
    shares = np.append(nothing, density + log(0.5))
    parts = [
        explore(lambda three, last=last: evidence(np.column_stack([three, np.full(len(three), last)])),
                scaled.priors[:3]).total
        for last in spread
    ]  # fmt: skip
    assert drawn_points.total == pytest.approx(np.logaddexp.reduce(shares + parts), abs=0.12)


def test_a_straight_line_is_the_curve_without_its_bend() -> None:
    data = table()
    line, _ = block_of(drawn(form="linear"), data)
    block, rows = block_of(drawn(form="auto"), data)
    prior, scaled = gaussian_prior(block.model), scaled_columns(block.model)
    assert scaled is not None
    reduced = reduce_block(block.model, rows)
    nothing = mixed.evidences(reduced.factor, reduced.rows, prior, mixed.column_scales(scaled, np.zeros((1, 1))))
    fit = fit_exact(line, block_of(drawn(form="linear"), data)[1])
    assert nothing[0] + reduced.log_jacobian == pytest.approx(fit.log_evidence, abs=1e-9)


@pytest.mark.parametrize(("form", "group"), [("smooth", False), ("auto", True)])
def test_leave_one_out_is_the_ratio_of_evidences(form: str, group: bool) -> None:
    data = table(60)
    block, rows = block_of(drawn(form=form, group=group), data)
    fit = fit_exact(block, rows)
    prior, scaled = gaussian_prior(block.model), scaled_columns(block.model)
    assert scaled is not None
    whole = dense(mixed.gaussian.reduce_rows(rows.y, rows.x), 60, prior, scaled)[0]
    for row in (0, 7, 31):
        kept = np.arange(60) != row
        without = dense(mixed.gaussian.reduce_rows(rows.y[kept], rows.x[kept]), 59, prior, scaled)[0]
        assert fit.elpd_i[row] - rows.log_jacobian[row] == pytest.approx(whole - without, abs=0.02)
        assert fit.lppd_i[row] > fit.elpd_i[row]


def test_draws_have_the_moments_of_the_mixture() -> None:
    data = table()
    block, rows = block_of(drawn(form="smooth", group=True), data, draws=20_000)
    fit = fit_exact(block, rows)
    prior, scaled = gaussian_prior(block.model), scaled_columns(block.model)
    assert scaled is not None
    reduced = reduce_block(block.model, rows)
    found = mixed.mixture(reduced.factor, reduced.rows, prior, scaled)
    weights = found.points.weights / found.points.weights.sum()
    mean = sum(w * part.mean for w, part in zip(weights, found.parts, strict=True))
    drawn_mean = np.column_stack([fit.draws["intercept"], fit.draws["slopes"]])
    sd = drawn_mean.std(axis=0)
    np.testing.assert_allclose(drawn_mean.mean(axis=0), mean, atol=5 * sd.max() / sqrt(20_000))
    np.testing.assert_allclose(fit.draws["tau"].mean(axis=0), weights @ found.points.taus, atol=0.01)
    assert fit.draws["slopes"].shape == (20_000, block.model.columns)


@pytest.mark.parametrize(
    ("child", "form", "group"), [("y", "smooth", False), ("y", "auto", False), ("z", "auto", True)]
)
def test_importance_sampling_gives_the_closed_form(child: str, form: str, group: bool) -> None:
    """The same family by the way that other families go; a LogNormal among them."""
    data = table()
    exact = fit_exact(*block_of(drawn(child, form, group), data, child))
    block, rows = block_of(drawn(child, form, group), data, child, method="importance")
    other = fit_importance(block, rows)
    assert other.log_evidence == pytest.approx(exact.log_evidence, abs=5 * other.log_evidence_se + 0.02)
    for name in ("slopes", "tau"):
        gap = np.abs(other.draws[name].mean(axis=0) - exact.draws[name].mean(axis=0))
        assert (gap < 0.15 * exact.draws[name].std(axis=0) + 0.01).all()
    assert other.elpd == pytest.approx(exact.elpd, abs=0.4)
    assert exact.sweep is not None
    assert other.sweep == pytest.approx(exact.sweep, abs=0.15)


def test_resampled_evidence_is_that_of_the_repeated_rows() -> None:
    data = table(80)
    block, rows = block_of(drawn(form="auto", group=True), data)
    fit = fit_exact(block, rows)
    weights = np.vstack([np.ones(80), np.random.default_rng(0).multinomial(80, np.full(80, 1 / 80))])
    found = resampled_evidence(block.model, rows, fit, Resamples(weights, None, 80, np.arange(80)))
    assert found[0] == pytest.approx(fit.log_evidence, abs=1e-3)
    prior, scaled = gaussian_prior(block.model), scaled_columns(block.model)
    assert scaled is not None
    again = np.repeat(np.arange(80), weights[1].astype(int))
    whole = dense(mixed.gaussian.reduce_rows(rows.y[again], rows.x[again]), 80, prior, scaled)[0]
    assert found[1] == pytest.approx(whole + rows.log_jacobian[again].sum(), abs=0.05)


def test_one_pass_over_the_rows_serves_curves_and_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    data = table(400)
    hypothesis = replace(
        drawn(form="smooth", group=True), nodes=(Node("x"), Node("z"), Node("y", group="g")),
        edges=(Edge("x", "y", form="smooth"), Edge("x", "z", form="quadratic")),
    )  # fmt: skip
    blocks = make_blocks(resolve(hypothesis, data), data)
    direct = {node: fit_exact(*blocks[node]).log_evidence for node in ("y", "z")}
    monkeypatch.setattr(summary, "FEW_ROWS", 10)
    summary.forget_summaries()
    assert summarise(blocks.values()) is not None
    for node, value in direct.items():
        assert fit_exact(*blocks[node]).log_evidence == pytest.approx(value, abs=1e-7)
    summary.forget_summaries()


def test_forms_and_groups_are_in_the_key() -> None:
    data = table()
    keys = {
        block_of(drawn(form=form, group=group), data)[0].key
        for form in ("linear", "quadratic", "smooth", "auto")
        for group in (False, True)
    }
    assert len(keys) == 8


def test_one_tree_for_arviz_with_taus_by_name() -> None:
    from core.fit.glue import to_datatree
    from core.fit.result import Fit
    from core.model.groups import with_groups

    data = table()
    hypothesis = with_groups(drawn(form="smooth", group=True, by="g"))
    spec = resolve(hypothesis, data)
    blocks = {node: fit_exact(*pair) for node, pair in make_blocks(spec, data).items()}
    tree = to_datatree(Fit.of(spec, blocks), data)
    assert list(tree["posterior"]["y tau"].values) == ["tau[x]", "tau[x | g]", "tau[g]"]
    assert tree["posterior"]["y.slopes"].shape[-1] == spec.node("y").columns
    assert "g" in tree["constant_data"]
