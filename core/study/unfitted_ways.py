"""How an effect under a graph with unmeasured causes is estimated, or what is left of it: the first way there is."""

from dataclasses import replace
from math import log

import numpy as np
from numpy.typing import NDArray

from core.effects.bow import bow
from core.effects.front_door import through
from core.effects.naive import Estimate, naive_estimates
from core.effects.plugged import columns_of, plugged
from core.errors import WhyboardError
from core.fit.exact import gaussian_prior
from core.fit.gaussian import GaussianPrior
from core.fit.posterior import summary
from core.graph.causal_graph import CausalGraph
from core.graph.identify import identify
from core.graph.paths import nodes_on_directed_paths
from core.graph.projection import latent_projection
from core.hypothesis import Edge, Hypothesis, Node
from core.model.design import design_matrix, response
from core.model.resolve import resolve
from core.study.unfitted_records import Estimated, PriorBesidePosterior, Unfitted, spread_of
from core.study.unfitted_rows import Rows
from core.words import joined

__all__ = ["answered"]

FloatArray = NDArray[np.float64]

_GRID = (np.arange(2000) + 0.5) / 2000  # of an interval's draws


def answered(one: Unfitted, rows: Rows) -> Unfitted:
    """Return the record with the first answer there is: an estimate, bounds, prior beside posterior; or why none."""
    one = replace(one, scale="median" if rows.skewed else "mean")
    found = one.identification
    assert found is not None
    estimate, why = _identified(one, rows) if found.identified else _by_instrument(one, rows)
    if estimate is not None:
        one = replace(one, estimate=estimate)
    if found.identified:
        return one if estimate is not None else replace(one, because=why)
    bounds, no_bounds = rows.bounded()
    one = replace(one, bounds=bounds, no_bounds=no_bounds)
    if estimate is not None or bounds is not None:
        return one
    beside, no_prior = _prior_beside(one, rows)
    if beside is not None:
        return replace(one, beside=beside)
    reasons = [why for why in (no_prior, no_bounds) if why]
    return replace(one, because="; ".join([_tied(one, rows), *reasons]))


def _tied(one: Unfitted, rows: Rows) -> str:
    found = one.identification
    if found is None or found.hedge is None:
        return "what is observed fits more than one effect"
    names = joined(map(rows.title, found.hedge[0]))
    return f"unmeasured causes tie {names} together, so that what is observed fits more than one effect"


# -- identified ---------------------------------------------------------------------------


def _identified(one: Unfitted, rows: Rows) -> tuple[Estimated | None, str]:
    found = one.identification
    assert found is not None
    several = len(rows.levels(rows.asking.outcome)) > 2
    if found.by == "adjustment" and not several:
        return _adjusted(one, rows)
    columns = sorted(columns_of(found.estimand)) if found.estimand is not None else []
    numbers = rows.numbers([name for name in columns if name in rows.raw])
    if not numbers and not found.given:
        return _by_formula(one, rows)
    if found.by == "front door" and not several:
        return _front_door(one, rows, found.front_door.sets[0])
    if found.given:
        return None, "it takes the formula, which is worked out for all rows only"
    if not several:
        steps = _two_steps(one, rows)
        if steps is not None:
            return steps, ""
    what = "an outcome of several levels" if several else "numbers"
    return (
        None,
        f"it takes the formula, which is not worked out for {what} ({joined(map(rows.title, numbers or columns))})",
    )


def _adjusted(one: Unfitted, rows: Rows) -> tuple[Estimated | None, str]:
    found = one.identification
    assert found is not None
    sets = found.adjustment_sets.sets
    if found.given:  # what is given is in the set, and has no descendant of the treatment
        asked = found.estimand
        sets = () if asked is None else (tuple(sorted(columns_of(asked) - {found.treatment, found.outcome})),)
    smallest = min(sets, key=len)
    adjusts = tuple(name for name in smallest if len(np.unique(rows.raw[name])) > 1)
    estimates = _naive(rows, adjustment_sets=[adjusts])
    wanted = next(e for e in estimates if e.kind == ("adjusted" if adjusts else "raw"))
    if not wanted.known:
        return None, wanted.note
    what = f"by adjusting for {joined(map(rows.title, adjusts))}" if adjusts else "as the rows show it"
    line = "in a straight line; " if "difference of means" not in wanted.note else ""
    return _of_estimate("adjustment", adjusts, wanted, f"{what}, {line}not the fitted model", rows), ""


def _naive(rows: Rows, **ways: object) -> tuple[Estimate, ...]:
    asking, raw = rows.asking, dict(rows.raw)
    levels = rows.levels(asking.treatment)
    if len(levels) > 2:  # one contrast: only the rows of its two levels
        keep = np.isin(raw[asking.treatment], rows.step.codes)
        raw = {name: values[keep] for name, values in raw.items()}
    raw[asking.outcome] = rows.y if len(levels) <= 2 else rows.y[keep]
    return naive_estimates(
        raw,
        rows.roles,
        asking.treatment,
        asking.outcome,
        rows.step,
        log_outcome=rows.skewed,
        black_box=False,
        title=rows.title,
        **ways,  # type: ignore[arg-type]
    )


def _of_estimate(by: str, names: tuple[str, ...], found: Estimate, assumes: str, rows: Rows) -> Estimated:
    """Return an estimate on the outcome's scale; of a logarithm by draws of its Normal error."""
    own = {"mean": found.mean, "sd": found.se, "q05": found.q05, "q95": found.q95}
    if not rows.skewed:
        return Estimated(by, names, own, assumes=assumes)  # type: ignore[arg-type]
    from scipy.special import ndtri

    half = (log(found.q95) - log(found.q05)) / 2.0 / float(ndtri(0.95))  # as wide as the t interval
    change, ratio = rows.said(log(found.mean) + half * ndtri(_GRID))
    assert ratio is not None
    return Estimated(by, names, summary(change), summary(ratio), assumes=assumes)


def _by_formula(one: Unfitted, rows: Rows) -> tuple[Estimated | None, str]:
    found, asking = one.identification, rows.asking
    assert found is not None
    assert found.estimand is not None
    if rows.step.low is None:
        return None, "the formula is of a step from one level to another"
    names = columns_of(found.estimand) | {asking.treatment, asking.outcome}
    levels = {name: rows.levels(name) for name in names}
    try:
        draws = plugged(
            found.estimand, rows.raw, levels, asking.treatment, asking.outcome, rows.step.codes, seed=rows.seed
        )
    except WhyboardError as error:
        return None, error.message
    assumes = "by the formula, each chance from the shares of the rows; not the fitted model"
    by = "front door" if found.by == "front door" else "adjustment" if found.by == "adjustment" else "formula"
    if found.by == "adjustment":
        via = found.adjustment_sets.sets[0]
    else:
        via = found.front_door.sets[0] if found.by == "front door" else ()
    own = levels[asking.outcome]
    if len(own) == 2:
        return Estimated(by, via, summary(draws[:, 1]), assumes=assumes), ""
    contrasts = {level: summary(draws[:, place]) for place, level in enumerate(own)}
    return Estimated(by, via, None, contrasts=contrasts, assumes=assumes), ""


def _two_steps(one: Unfitted, rows: Rows) -> Estimated | None:
    """Return the effect through the first mediator that all ways lead through, where each step is by adjustment."""
    found = one.identification
    assert found is not None
    graph, x, y = found.graph, found.treatment, found.outcome
    for middle in graph.topological_order:
        on_the_way = middle in graph.descendants(x) and middle in graph.ancestors(y)
        if middle in (x, y) or middle in graph.latents or not on_the_way or not _all_through(graph, x, middle, y):
            continue
        sets = [identify(graph, *pair, found.background).adjustment_sets.sets for pair in ((x, middle), (middle, y))]
        if not all(sets):
            continue
        first, second = (min(each, key=len) for each in sets)
        columns, change, _ = rows.moved
        role = rows.roles[middle]
        draws = through(
            rows.y, columns, role.regressors(rows.raw[middle]), change, (_held(rows, first), _held(rows, second)),
            seed=rows.seed,
        )  # fmt: skip
        if draws is None:
            continue
        moved, ratio = rows.said(draws)
        m, a, b = (rows.title(name) for name in (middle, x, y))
        given = [f" given {joined(map(rows.title, names))}" if names else "" for names in (first, second)]
        assumes = (
            f"in two steps: what {a} does to {m}{given[0]}, times what {m} does to {b}{given[1]}; in straight lines, "
            "the same for every row; not the fitted model"
        )
        ratios = None if ratio is None else summary(ratio)
        return Estimated("two steps", (middle,), summary(moved), ratios, assumes=assumes)
    return None


def _all_through(graph: CausalGraph, x: str, middle: str, y: str) -> bool:
    """Return whether every directed path from ``x`` to ``y`` leads through ``middle``."""
    cut = graph.replace_edges(edge for edge in graph.edges if edge[0] != middle)
    return y not in cut.descendants(x)


def _held(rows: Rows, names: tuple[str, ...]) -> FloatArray:
    parts = [rows.roles[name].regressors(rows.raw[name]) for name in names]
    return np.column_stack(parts) if parts else np.empty((len(rows.y), 0))


def _front_door(one: Unfitted, rows: Rows, between: tuple[str, ...]) -> tuple[Estimated | None, str]:
    columns, change, _ = rows.moved
    middle = _held(rows, between)
    draws = through(rows.y, columns, middle, change, (_held(rows, ()), columns), seed=rows.seed)
    names = joined(map(rows.title, between))
    if draws is None:
        return None, f"{rows.title(rows.asking.treatment)} determines {names}, or too few rows are left"
    moved, ratio = rows.said(draws)
    x, y = rows.title(rows.asking.treatment), rows.title(rows.asking.outcome)
    assumes = (
        f"through {names} (front door): what {x} does to {'it' if len(between) == 1 else 'them'}, times what that does "
        f"to {y} with {x} held fixed; in straight lines, the same for every row; not the fitted model"
    )
    return Estimated(
        "front door", between, summary(moved), None if ratio is None else summary(ratio), assumes=assumes
    ), ""


# -- not identified -----------------------------------------------------------------------


def _by_instrument(one: Unfitted, rows: Rows) -> tuple[Estimated | None, str]:
    found = one.identification
    assert found is not None
    if not found.instruments or found.given or len(rows.levels(rows.asking.outcome)) > 2:
        return None, ""
    way = min(found.instruments, key=lambda each: len(each.given))
    wanted = next(e for e in _naive(rows, instruments=[(way.instrument, tuple(way.given))]) if e.kind == "instrument")
    if not wanted.known:
        return None, wanted.note
    given = f" given {joined(map(rows.title, way.given))}" if way.given else ""
    assumes = (
        f"by the instrument {rows.title(way.instrument)}{given} (two-stage least squares), if effects are straight "
        f"lines and the same for every row; {wanted.note}"
    )
    return _of_estimate("instrument", (way.instrument, *way.given), wanted, assumes, rows), ""


def _prior_beside(one: Unfitted, rows: Rows) -> tuple[PriorBesidePosterior | None, str]:
    """Return prior beside posterior where denying one arc, between treatment and outcome, would leave adjustment."""
    asking, found = rows.asking, one.identification
    assert found is not None
    x, y = asking.treatment, asking.outcome
    roles = rows.roles
    if found.given:
        return None, "prior beside posterior is of all rows"
    if roles[y].response != "gaussian" or roles[y].to_response not in ("identity", "log"):
        return None, f"prior beside posterior is of outcomes that are numbers, which {rows.title(y)} is not"
    if len(rows.levels(x)) > 2:
        return None, f"prior beside posterior is of a number or of two levels, and {rows.title(x)} has several"
    whole = latent_projection(found.graph)
    arc = frozenset((x, y))
    if arc not in set(map(frozenset, whole.bidirected)):
        return None, f"no unmeasured cause of both {rows.title(x)} and {rows.title(y)} alone stands in the way"
    without = replace(whole, bidirected=tuple(pair for pair in whole.bidirected if frozenset(pair) != arc))
    sets = identify(without, x, y).adjustment_sets.sets
    if not sets:
        return None, f"more stands in the way than one unmeasured cause of {rows.title(x)} and {rows.title(y)}"
    given = min(sets, key=len)
    try:
        return _bowed(rows, given, bool(nodes_on_directed_paths(without, x, y) - {x, y})), ""
    except WhyboardError as error:
        return None, error.message


def _bowed(rows: Rows, given: tuple[str, ...], mediated: bool) -> PriorBesidePosterior:
    """Return prior and posterior under the families that the columns have by default, x and ``given`` causing y."""
    x, y = rows.asking.treatment, rows.asking.outcome
    names = (x, *given)
    drawn = {n.name: Node(n.name, kind=n.kind, family=n.family, link=n.link) for n in rows.hypothesis.nodes}
    both = Hypothesis("given", tuple(drawn[n] for n in (*names, y)), tuple(Edge(n, y) for n in names))
    treated = replace(both, edges=tuple(Edge(n, x) for n in given))
    family = resolve(both, rows.dataset, given=()).node(y)
    x_family = resolve(treated, rows.dataset, given=()).node(x)
    design = design_matrix(family, rows.raw, len(rows.y))
    place = family.coefficient_of(x)
    order = [place, *(k for k in range(design.shape[1]) if k != place)]
    prior = gaussian_prior(family)
    of_y = GaussianPrior(prior.a, prior.t[order], prior.alpha, prior.beta)
    of_x = gaussian_prior(x_family) if x_family.conjugate and not x_family.response.levels else (
        GaussianPrior.bge(len(order) - 1, of_columns=list(of_y.t[1:]))
    )  # fmt: skip
    z = design[:, order[1:]]
    found = bow(response(family, rows.raw[y]), design[:, place], z, of_y, of_x, seed=rows.seed)
    low, high = (
        design_matrix(family, {**rows.raw, x: end}, len(rows.y))[:, place] for end in rows.step.ends(rows.raw[x])
    )
    by = float(np.mean(high - low)) * family.response.scale
    parts = [rows.said(by * draws) for draws in (found.prior, found.posterior, found.without)]
    prior_, posterior_, without_ = (spread_of(moved) for moved, _ in parts)
    ratios = tuple(spread_of(ratio) for _, ratio in parts if ratio is not None)
    return PriorBesidePosterior(
        prior_,
        posterior_,
        without_,
        ratios if len(ratios) == 3 else None,  # type: ignore[arg-type]
        given,
        _assumed(rows, given, mediated),
    )


def _assumed(rows: Rows, given: tuple[str, ...], mediated: bool) -> str:
    x, y = rows.title(rows.asking.treatment), rows.title(rows.asking.outcome)
    held = f", given {joined(map(rows.title, given))}," if given else ","
    between = f"; what lies between {x} and {y} is taken together with {y}" if mediated else ""
    prior = "every correlation that an unmeasured cause may leave being as likely beforehand"
    return f"in straight lines{held} {prior}{between}"
