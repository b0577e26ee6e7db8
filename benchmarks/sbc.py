"""Simulation-based calibration of one family, link and way to fit (Talts et al. 2018).

Parameters are drawn from the prior, data from the likelihood with the frozen constants of
one specification, and the block is fitted as a user's would be. If prior, likelihood and
sampler agree, the rank of each true parameter (and of the log likelihood at it, Modrak et
al. 2023) among its posterior draws is uniform. Ranks are held against a simultaneous band
of their ECDF (Saeilynoja, Buerkner & Vehtari 2022).

Of NUTS only the sampler runs, with the engine's seed and settings: ranks look at draws, and scores of
sampled blocks cost more than the draws (a test holds these draws against the engine's own).

A simulated data set that no fit of that family can take (a count over a million, a zero that
underflow made of a positive value) is replaced by the next. That looks at the data alone, so it
leaves ranks uniform: given the data, the truth is a draw of the posterior. Nothing is dropped
for how its fit went.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc

from core import Dataset, Hypothesis
from core.families import Draws, get_family
from core.fit.blocks import block_seed
from core.fit.engine import fit_block
from core.fit.result import Block, NeedsSamplerError
from core.model.design import BlockData, design_matrix
from core.model.earlier import with_time
from core.model.resolve import resolve
from core.model.spec import ModelSpec, NodeModel
from core.simulate.prior import draw_parameters

__all__ = ["CASES", "FORM_CASES", "Case", "Drawn", "Ranked", "case", "fit", "p_value", "ranked", "specification"]

FloatArray = NDArray[np.float64]

ROWS = 60
THINNED = 99  # posterior draws kept for a rank: about independent, and ranks 0 … 99
MOST_RANKED = 40  # numbers of one parameter: what carries over has 224 columns, made of three numbers
LARGEST_COUNT = 1e6
DRAWS = {"exact": 1000, "importance": 4000, "nuts": 1200}
_NULLS = 100_000


@dataclass(frozen=True)
class Case:
    """One family and link, fitted in one way, for a node ``y``.

    ``form``, ``sign`` and ``by`` are those of the arrow from ``v``, positive where the form needs it; with ``group``
    the intercept varies by six groups ``g``, and so does that arrow's slope if ``by`` is ``g``. ``carry`` is over how
    many earlier rows ``v`` carries over.
    ``way`` is ``"exact"``, ``"importance"`` (what "auto" does: importance sampling, and NUTS for a
    data set where that misses its gate) or ``"nuts"``. ``parents`` are ``u``, binary, or
    that and ``v``, real, which depends on it. ``make`` draws the column that the constants come from.
    """

    family: str
    link: str
    kind: str
    way: str
    make: Callable[[np.random.Generator, int], NDArray]
    rows: int = ROWS
    parents: str = "uv"
    form: str = "linear"
    sign: str | None = None
    by: str | None = None
    group: bool = False
    carry: int = 0

    @property
    def title(self) -> str:
        """Family, link and way, as the table names them, and what the arrow from ``v`` is."""
        return f"{self.family} ({self.link}{self.said}), {self.way}"

    @property
    def said(self) -> str:
        """What the arrow from ``v`` is, where it is no straight line alone; with a comma in front."""
        said = [] if self.form == "linear" else [self.form]
        said += [f"sign {self.sign}"] if self.sign else []
        said += [f"differs by {self.by}"] if self.by else []
        said += ["varies by group"] if self.group else []
        said += [f"carries over {self.carry}"] if self.carry else []
        return "".join(f", {one}" for one in said)


def _levels(names: str) -> Callable[[np.random.Generator, int], NDArray]:
    return lambda rng, n: np.array(list(names))[rng.integers(0, len(names), n)]


_BASES: tuple[tuple[str, str, str, Callable[[np.random.Generator, int], NDArray]], ...] = (
    ("Normal", "identity", "real", lambda rng, n: rng.normal(5, 2, n)),
    ("LogNormal", "identity", "positive", lambda rng, n: np.exp(rng.normal(1, 0.8, n))),
    ("StudentT", "identity", "real", lambda rng, n: rng.normal(5, 2, n)),
    ("SkewNormal", "identity", "real", lambda rng, n: rng.gamma(2, 2, n)),
    ("Gamma", "log", "positive", lambda rng, n: rng.gamma(3, 2, n)),
    ("Weibull", "log", "positive", lambda rng, n: 3 * rng.weibull(1.5, n)),
    ("Beta", "logit", "proportion", lambda rng, n: rng.beta(3, 2, n)),
    ("Bernoulli", "logit", "binary", lambda rng, n: rng.integers(0, 2, n)),
    ("Bernoulli", "probit", "binary", lambda rng, n: rng.integers(0, 2, n)),
    ("Poisson", "log", "count", lambda rng, n: rng.poisson(3, n)),
    ("NegativeBinomial", "log", "count", lambda rng, n: rng.negative_binomial(2, 0.4, n)),
    ("ZeroInflatedPoisson", "log", "count", lambda rng, n: rng.poisson(3, n) * rng.integers(0, 2, n)),
    (
        "ZeroInflatedNegativeBinomial",
        "log",
        "count",
        lambda rng, n: rng.negative_binomial(2, 0.4, n) * rng.integers(0, 2, n),
    ),
    ("Categorical", "softmax", "category", _levels("xyz")),
    ("Table", "identity", "category", _levels("xyz")),
    ("OrderedLogit", "cumulative", "ordered", _levels("123")),
)

CLOSED = ("Normal", "LogNormal", "Table")


def _cases() -> Iterator[Case]:
    for way in ("exact", "importance", "nuts"):
        for family, link, kind, make in _BASES:
            if (way == "exact" and family not in CLOSED) or (way == "importance" and family == "Table"):
                continue
            yield Case(family, link, kind, way, make, parents="u" if family == "Table" else "uv")


CASES = tuple(_cases())
"""Every family and link, in each way that it can be fitted; a Table's posterior is not one to approximate."""


_BENT: tuple[dict[str, object], ...] = (
    {"form": "quadratic"}, {"form": "smooth"}, {"form": "auto"}, {"by": "u"}, {"group": True},
    {"group": True, "by": "g"}, {"form": "smooth", "group": True},
)  # fmt: skip
_SHAPED: tuple[dict[str, object], ...] = (
    {"sign": "+"}, {"form": "smooth", "sign": "-"}, {"form": "monotone"}, {"form": "monotone", "sign": "+"},
    {"form": "saturating"}, {"form": "saturating", "sign": "+"}, {"form": "saturating", "sign": "+", "carry": 4},
    {"carry": 4},
)  # fmt: skip


def _form_cases() -> Iterator[Case]:
    for family, way, arrows in (
        ("Normal", "exact", _BENT),
        ("Normal", "importance", _SHAPED),
        ("Poisson", "importance", _BENT + _SHAPED),
        ("Bernoulli", "importance", _SHAPED),
        ("OrderedLogit", "importance", ({"sign": "+"}, {"form": "monotone"}, {"form": "smooth"})),
        ("Normal", "nuts", ({"form": "smooth"}, {"group": True}, {"form": "monotone", "sign": "+"})),
    ):
        for arrow in arrows:
            yield case(family, way, **arrow)


def case(family: str, way: str, link: str = "", **changes: object) -> Case:
    """Return one of :data:`CASES`, with other rows, parents or column."""
    found = next(c for c in CASES if c.family == family and c.way == way and link in ("", c.link))
    return replace(found, **changes)


FORM_CASES = tuple(_form_cases())
"""Arrows of every form, with signs, products and groups, in the ways in which each is fitted."""


def specification(case: Case, seed: int) -> tuple[NodeModel, FloatArray, ModelSpec]:
    """Return the family with its frozen constants, its design matrix, and all models of the graph."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"u": rng.permutation(np.arange(case.rows) % 2), "y": case.make(rng, case.rows)})
    if "v" in case.parents:
        v = rng.normal(size=case.rows) + 0.5 * frame["u"]
        frame["v"] = np.exp(v) if case.form == "saturating" else v
    if case.carry:
        frame["t"] = pd.date_range("2025-01-01", periods=case.rows).strftime("%Y-%m-%d")
    if case.group:
        frame["g"] = [f"g{i % 6}" for i in range(case.rows)]
    kinds = {"y": case.kind, "u": "binary", "g": "category"}
    data = Dataset.from_frame(frame, kinds={name: kind for name, kind in kinds.items() if name in frame})
    text = "dag { u -> y v -> y u -> v }" if "v" in case.parents else "dag { u -> y }"
    hypothesis = Hypothesis.from_dagitty(text, case.title)
    own = {"family": case.family, "link": case.link, "group": "g" if case.group else None}
    nodes = tuple(replace(node, **own) if node.name == "y" else node for node in hypothesis.nodes)
    hypothesis = replace(hypothesis, nodes=nodes)
    if "v" in case.parents:
        hypothesis = hypothesis.with_edge("v", "y", form=case.form, sign=case.sign, by=case.by, carry=case.carry)
        data = with_time([hypothesis], data)
    spec = resolve(hypothesis, data)
    model = spec.node("y")
    x = design_matrix(model, {name: data.values(name) for name in model.inputs}, case.rows)
    return model, x, spec


@dataclass(frozen=True)
class Ranked:
    """Ranks of the truth by parameter (and of the log likelihood), and how the fits went.

    ``replaced`` counts simulated data sets that no fit can take; ``ways`` how many fits each
    way made.
    """

    ranks: dict[str, NDArray[np.intp]]
    replaced: int
    ways: Counter[str]


@dataclass(frozen=True)
class Drawn:
    """Posterior draws, and the way that they were made."""

    draws: Draws
    way: str


Fit = Callable[[Block, BlockData], Drawn]


def fit(block: Block, data: BlockData) -> Drawn:
    """Fit a block as the engine does, without the scores of what NUTS sampled."""
    if block.method != "nuts":
        try:
            found = fit_block(block, data, sampler=False)
        except NeedsSamplerError:
            pass
        else:
            return Drawn(found.draws, found.method)
    from core.fit.nuts import CHAINS
    from core.fit.nuts_sampling import sample

    run = sample(block.model, data, draws=DRAWS["nuts"], chains=CHAINS, seed=block_seed(block))
    return Drawn(run.draws, "nuts")


def ranked(case: Case, simulations: int, seed: int, fit: Fit = fit, threads: int = 1) -> Ranked:
    """Simulate, fit and rank.

    ``fit`` may have a fault in it.
    """
    model, x, spec = specification(case, seed)
    data, replaced = _simulations(case, model, x, spec, simulations, np.random.default_rng([seed, 1]))
    family = get_family(model.family)
    method = "auto" if case.way == "importance" else case.way

    def one(index: int) -> tuple[dict[str, int], str]:
        truth, y = data[index]
        block = Block(f"{case.title}:{seed}:{index}", model, method, DRAWS[case.way], index)
        found = fit(block, BlockData(y, x, np.zeros(len(y)), np.ones(len(y), dtype=bool)))
        size = len(next(iter(found.draws.values())))
        kept = np.linspace(0, size - 1, THINNED).astype(int)
        draws = {name: values[kept] for name, values in found.draws.items()}
        rng = np.random.default_rng([seed, 2, index])
        ranks = {name: _rank(value, sample, rng) for name, value, sample in _scalars(truth, draws)}
        here = family.log_likelihood(truth, y, x, model.link).sum()
        there = family.log_likelihood(draws, y, x, model.link).sum(axis=1)
        return ranks | {"log likelihood": _rank(here, there, rng)}, found.way

    with ThreadPoolExecutor(threads) as pool:
        done = list(pool.map(one, range(simulations)))
    names = done[0][0]
    return Ranked(
        {name: np.array([ranks[name] for ranks, _ in done]) for name in names},
        replaced,
        Counter(way for _, way in done),
    )


def _simulations(
    case: Case, model: NodeModel, x: FloatArray, spec: ModelSpec, wanted: int, rng: np.random.Generator
) -> tuple[list[tuple[Draws, FloatArray]], int]:
    """Return pairs of truth and data, and how many data sets were replaced."""
    found: list[tuple[Draws, FloatArray]] = []
    replaced = 0
    family = get_family(model.family)
    while len(found) < wanted:
        truths = draw_parameters(spec, wanted, rng)["y"]
        for index in range(wanted):
            truth = {name: values[index : index + 1] for name, values in truths.items()}
            y = family.sample(truth, x, model.link, rng)[0]
            if not _usable(model, y):
                replaced += 1
            elif len(found) < wanted:
                found.append((truth, y))
    return found, replaced


def _usable(model: NodeModel, y: FloatArray) -> bool:
    """Say whether a column of that kind could hold these values; it looks at the data alone."""
    if not np.isfinite(y).all():
        return False
    match model.kind:
        case "positive":
            return model.response.transform == "log" or bool((y > 0).all())
        case "proportion":
            return bool(((y > 0) & (y < 1)).all())
        case "count":
            return bool(y.max() <= LARGEST_COUNT)
    return True


def _rank(value: float, sample: FloatArray, rng: np.random.Generator) -> int:
    """Return the truth's rank; ties (resampled draws, discrete likelihoods) are broken at random, evenly."""
    return int((sample < value).sum() + rng.integers(0, (sample == value).sum() + 1))


def _scalars(truth: Draws, draws: Draws) -> Iterator[tuple[str, float, FloatArray]]:
    for name, sample in draws.items():
        flat, true = sample.reshape(len(sample), -1), np.asarray(truth[name]).reshape(-1)
        for index in range(min(flat.shape[1], MOST_RANKED)):
            label = name if flat.shape[1] == 1 else f"{name}[{index}]"
            yield label, float(true[index]), flat[:, index]


# -- the simultaneous band ---------------------------------------------------------------


@cache
def _tails(n: int) -> FloatArray:
    """Return the smaller binomial tail at each count 0 … n and each point of the ECDF, shape (n + 1, THINNED)."""
    share = np.arange(1, THINNED + 1) / (THINNED + 1)
    counts = np.arange(n + 1)[:, None]
    high = np.where(counts == 0, 1.0, bdtrc(np.maximum(counts - 1, 0), n, share))
    return np.minimum(bdtr(counts, n, share), high)


def _discrepancy(counts: NDArray[np.intp]) -> FloatArray:
    """Return the smallest pointwise tail of the ECDF (Saeilynoja et al. 2022, eq. 7); counts are (…, THINNED + 1)."""
    below = np.cumsum(counts, axis=-1)[..., :-1]
    return 2 * _tails(int(counts.sum(axis=-1).flat[0]))[below, np.arange(THINNED)].min(axis=-1)


@cache
def _null(n: int) -> FloatArray:
    """Return the sorted discrepancies of many sets of ``n`` uniform ranks."""
    rng = np.random.default_rng(n)
    even = np.full(THINNED + 1, 1 / (THINNED + 1))
    return np.sort(
        np.concatenate([_discrepancy(rng.multinomial(n, even, size=10_000)) for _ in range(_NULLS // 10_000)])
    )


def p_value(ranks: NDArray[np.intp]) -> float:
    """Return the share of sets of uniform ranks that leave the simultaneous band as far as these, or farther."""
    seen = float(_discrepancy(np.bincount(ranks, minlength=THINNED + 1)))
    null = _null(len(ranks))
    return (1 + int(np.searchsorted(null, seen * (1 + 1e-12), side="right"))) / (1 + len(null))
