"""Simulation-based calibration of every family and way to fit (Talts et al. 2018).

Parameters are drawn from the prior, data from the likelihood with the frozen constants of
one specification, and the block is fitted as a user's would be. If prior, likelihood and
sampler agree, the rank of each true parameter (and of the log likelihood at it, Modrak et
al. 2023) among its posterior draws is uniform. Ranks are held against a simultaneous band
of their ECDF (Saeilynoja, Buerkner & Vehtari 2022), and all tests together against Holm's
bound.

    make calibrate                      all, writes docs/calibration.md
    python -m benchmarks.calibrate --simulations 50 --only Poisson
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc

from core import Dataset, Hypothesis
from core.families import get_family
from core.fit.engine import fit_block
from core.fit.result import Block
from core.model.design import BlockData, design_matrix
from core.model.resolve import resolve
from core.model.spec import NodeModel
from core.simulate.prior import draw_parameters

FloatArray = NDArray[np.float64]

ROWS = 60
THINNED = 99  # posterior draws kept for a rank: about independent, and ranks 0 … 99
PAGE = Path(__file__).resolve().parents[1] / "docs" / "calibration.md"


@dataclass(frozen=True)
class Case:
    """One family and link, fitted in one way."""

    family: str
    link: str
    kind: str
    method: str
    make: Callable[[np.random.Generator], NDArray]

    @property
    def title(self) -> str:
        """Family, link and way, as the table names them."""
        return f"{self.family} ({self.link}), {self.method}"


def _levels(names: str) -> Callable[[np.random.Generator], NDArray]:
    return lambda rng: np.array(list(names))[rng.integers(0, len(names), ROWS)]


CASES = (
    Case("Normal", "identity", "real", "exact", lambda rng: rng.normal(5, 2, ROWS)),
    Case("LogNormal", "identity", "positive", "exact", lambda rng: np.exp(rng.normal(1, 0.8, ROWS))),
    Case("Table", "identity", "category", "exact", _levels("xyz")),
    Case("Normal", "identity", "real", "nuts", lambda rng: rng.normal(5, 2, ROWS)),
    Case("StudentT", "identity", "real", "nuts", lambda rng: rng.normal(5, 2, ROWS)),
    Case("Gamma", "log", "positive", "nuts", lambda rng: rng.gamma(3, 2, ROWS)),
    Case("Beta", "logit", "proportion", "nuts", lambda rng: rng.beta(3, 2, ROWS)),
    Case("Bernoulli", "logit", "binary", "nuts", lambda rng: rng.integers(0, 2, ROWS)),
    Case("Bernoulli", "probit", "binary", "nuts", lambda rng: rng.integers(0, 2, ROWS)),
    Case("Poisson", "log", "count", "nuts", lambda rng: rng.poisson(3, ROWS)),
    Case("NegativeBinomial", "log", "count", "nuts", lambda rng: rng.negative_binomial(2, 0.4, ROWS)),
    Case("Categorical", "softmax", "category", "nuts", _levels("xyz")),
)


def specification(case: Case, seed: int) -> tuple[NodeModel, FloatArray, tuple]:
    """Return the family with its frozen constants, its design matrix, and all models of the graph."""
    rng = np.random.default_rng(seed)
    table = case.family == "Table"
    frame = pd.DataFrame({"u": rng.integers(0, 2, ROWS), "y": case.make(rng)})
    if not table:
        frame["v"] = rng.normal(size=ROWS) + 0.5 * frame["u"]
    data = Dataset.from_frame(frame, kinds={"y": case.kind, "u": "binary"})
    text = "dag { u -> y }" if table else "dag { u -> y v -> y u -> v }"
    hypothesis = Hypothesis.from_dagitty(text, case.title)
    nodes = tuple(
        replace(node, family=case.family, link=case.link) if node.name == "y" else node for node in hypothesis.nodes
    )
    spec = resolve(replace(hypothesis, nodes=nodes), data)
    model = spec.node("y")
    x = design_matrix(model, {name: data.values(name) for name in model.parents}, ROWS)
    return model, x, (spec,)


def ranks(case: Case, simulations: int, seed: int) -> tuple[dict[str, NDArray[np.intp]], int]:
    """Return, for each scalar parameter and the log likelihood, the rank of the truth; and the fits that failed."""
    model, x, (spec,) = specification(case, seed)
    family = get_family(model.family)
    rng = np.random.default_rng(seed + 1)
    truths = draw_parameters(spec, simulations, rng)["y"]
    found: dict[str, list[int]] = {}
    failed = 0
    for index in range(simulations):
        truth = {name: values[index : index + 1] for name, values in truths.items()}
        y = family.sample(truth, x, model.link, rng)[0]
        if not np.isfinite(y).all() or (case.family in ("Poisson", "NegativeBinomial") and y.max() > 1e6):
            failed += 1  # an overflow of the prior: counted, and shown
            continue
        block = Block(f"{case.title}:{seed}:{index}", model, case.method, 1200, index)
        fit = fit_block(block, BlockData(y, x, np.zeros(ROWS), np.ones(ROWS, dtype=bool)))
        size = len(next(iter(fit.draws.values())))
        kept = np.linspace(0, size - 1, THINNED).astype(int)
        draws = {name: values[kept] for name, values in fit.draws.items()}
        for name, value, sample in _scalars(truth, draws):
            found.setdefault(name, []).append(int((sample < value).sum()))
        here = family.log_likelihood(truth, y, x, model.link).sum()
        there = family.log_likelihood(draws, y, x, model.link).sum(axis=1)
        found.setdefault("log likelihood", []).append(int((there < here).sum()))
    return {name: np.array(values) for name, values in found.items()}, failed


def _scalars(truth: dict, draws: dict) -> Iterator[tuple[str, float, FloatArray]]:
    for name, sample in draws.items():
        flat, true = sample.reshape(len(sample), -1), np.asarray(truth[name]).reshape(-1)
        for index in range(flat.shape[1]):
            label = name if flat.shape[1] == 1 else f"{name}[{index}]"
            yield label, float(true[index]), flat[:, index]


def discrepancy(rank: NDArray[np.intp]) -> float:
    """Return the smallest pointwise binomial tail of the ranks' ECDF (Saeilynoja et al. 2022, eq. 7)."""
    n = len(rank)
    share = np.arange(1, THINNED + 1) / (THINNED + 1)
    counts = np.searchsorted(np.sort(rank), np.arange(1, THINNED + 1), side="left")
    low, high = bdtr(counts, n, share), bdtrc(counts - 1, n, share)
    high = np.where(counts == 0, 1.0, high)
    return float(2 * np.minimum(low, high).min())


def p_value(rank: NDArray[np.intp], null: FloatArray) -> float:
    """Return the share of uniform ranks that are at least as far off."""
    return (1 + int((null <= discrepancy(rank)).sum())) / (1 + len(null))


def null_distribution(n: int, rng: np.random.Generator, size: int = 4000) -> FloatArray:
    """Return the discrepancy of ``size`` sets of ``n`` uniform ranks."""
    return np.array([discrepancy(rng.integers(0, THINNED + 1, n)) for _ in range(size)])


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and (for a full run) write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=200)
    parser.add_argument("--only", default="", help="families whose title holds this text")
    parser.add_argument("--seed", type=int, default=20261123)
    asked = parser.parse_args(arguments)
    lines, tests = [], []
    nulls: dict[int, FloatArray] = {}
    for case in CASES:
        if asked.only and asked.only.lower() not in case.title.lower():
            continue
        start = time.perf_counter()
        found, failed = ranks(case, asked.simulations, asked.seed)
        seconds = time.perf_counter() - start
        worst, worst_name = 1.0, ""
        for name, values in found.items():
            null = nulls.setdefault(len(values), null_distribution(len(values), np.random.default_rng(1)))
            p = p_value(values, null)
            tests.append((p, case.title, name))
            if p <= worst:
                worst, worst_name = p, name
        line = f"| {case.title} | {len(found)} | {asked.simulations - failed} | {failed} | {worst:.3f} ({worst_name}) |"
        lines.append(line)
        print(f"{line}  {seconds:.0f} s", flush=True)
    tests.sort()
    outside = [
        (name, title)
        for rank, (p, title, name) in enumerate(tests)
        if all(q <= 0.05 / (len(tests) - i) for i, (q, *_) in enumerate(tests[: rank + 1]))
    ]
    verdict = f"{len(tests)} tests, family-wise 5 % (Holm): " + (
        "all inside the band." if not outside else f"outside: {', '.join(f'{t}: {n}' for n, t in outside)}."
    )
    print(verdict)
    if not asked.only:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(lines, verdict, asked.simulations), encoding="utf-8")
    return 1 if outside else 0


def page(lines: list[str], verdict: str, simulations: int) -> str:
    """Return the page that is committed."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("pymc", "nutpie", "pytensor", "numpy"))
    return "\n".join(
        [
            "# Calibration",
            "",
            f"Simulation-based calibration, {simulations} simulations a row of {ROWS} rows each, written by "
            f"`make calibrate` on {date.today().isoformat()} with {packages}.",
            "",
            "Every scalar parameter and the log likelihood are ranked; the last column is the smallest p-value of",
            "a case (before Holm's correction) and what it belongs to.",
            "",
            "| family (link), way | tests | simulations | prior overflows left out | smallest p |",
            "|---|---|---|---|---|",
            *lines,
            "",
            verdict,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
