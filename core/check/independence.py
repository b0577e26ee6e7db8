"""Each independence that a graph implies, tested on the data.

"Contradicted" means an adjusted p-value under 0.05 and an association over 0.1 in size,
both adjustable: effect size first, then whether chance could give it. The adjustment is
that of Benjamini & Hochberg (1995) over the statements of one hypothesis. Beside it stands
the posterior predictive p-value of the same association: a diagnostic, conservative
because it uses the data twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.check.association import Association, associate, design
from core.check.roles import Role
from core.graph.causal_graph import CausalGraph
from core.graph.implications import Independence

__all__ = ["IndependenceTest", "Observed", "Replicates", "Rules", "adjust", "run_tests"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_CHUNK = 3_000_000  # numbers held at a time for a batch of replicates
_WORK = 40_000_000
_FEWEST = 40
_LEAST_ROWS = 4
_HUGE = 1e100


@dataclass(frozen=True)
class Rules:
    """When an independence counts as contradicted, and a check as flagged."""

    p_adjusted: float = 0.05
    association: float = 0.1
    predictive_p: float = 0.01


@dataclass(frozen=True, eq=False)
class Observed:
    """Complete rows: raw values by node, and which cells were set by intervention."""

    raw: Mapping[str, FloatArray]
    was_set: Mapping[str, BoolArray] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.raw.values()))) if self.raw else 0


@dataclass(frozen=True, eq=False)
class Replicates:
    """Data sets drawn from the posterior predictive of one hypothesis.

    Parameters
    ----------
    raw : mapping of str to array, shape (R, n)
    rows : array of int, shape (n,), or None
        The rows of the observed data that the replicates stand beside; ``None``: all.
    """

    raw: Mapping[str, FloatArray]
    rows: NDArray[np.intp] | None = None

    @property
    def count(self) -> int:
        """R, the number of replicates."""
        return len(next(iter(self.raw.values()))) if self.raw else 0


@dataclass(frozen=True, eq=False)
class IndependenceTest:
    """One implied independence, tested; the fields are those of the contract.

    ``signed`` is false where the association is a size without direction (categories).
    ``replicated`` holds the association in each replicate, shape (R,), for pictures.
    """

    x: str
    y: str
    given: tuple[str, ...]
    association: float | None
    q05: float | None
    q95: float | None
    p_value: float | None
    p_adjusted: float | None = None
    predictive_p: float | None = None
    contradicted: bool | None = None
    signed: bool = True
    replicated: FloatArray = field(default_factory=lambda: np.empty(0))

    def to_dict(self) -> dict[str, object]:
        """Return the contract's record."""
        names = ("association", "q05", "q95", "p_value", "p_adjusted", "predictive_p", "contradicted")
        return {"x": self.x, "y": self.y, "given": list(self.given), **{name: getattr(self, name) for name in names}}


def run_tests(
    graph: CausalGraph,
    statements: Sequence[Independence],
    roles: Mapping[str, Role],
    observed: Observed,
    replicates: Replicates | None = None,
    rules: Rules | None = None,
    suspended: bool = False,
) -> tuple[IndependenceTest, ...]:
    """Test every statement.

    Parameters
    ----------
    graph : CausalGraph
        Tells which end of a pair is regressed on the conditioning set: the one whose
        parents they are, where there is one.
    statements : sequence of Independence
    roles : mapping of str to Role
    observed : Observed
    replicates : Replicates, optional
        Without them ``predictive_p`` is ``None``.
    rules : Rules, optional
    suspended : bool
        The rows are not exchangeable: no p-value holds, and nothing is called contradicted.

    Returns
    -------
    tuple of IndependenceTest
        In the order of ``statements``.
    """
    rules = rules or Rules()
    found = [_one(graph, statement, roles, observed, replicates) for statement in statements]
    if suspended:
        return tuple(replace(test, p_value=None, predictive_p=None) for test in found)
    adjusted = adjust([test.p_value for test in found])
    return tuple(
        replace(
            test,
            p_adjusted=q,
            contradicted=_contradicts(test, q, rules),
        )
        for test, q in zip(found, adjusted, strict=True)
    )


def _contradicts(test: IndependenceTest, p_adjusted: float | None, rules: Rules) -> bool | None:
    if p_adjusted is None or test.association is None:
        return None
    return p_adjusted < rules.p_adjusted and abs(test.association) > rules.association


def adjust(p_values: Sequence[float | None]) -> list[float | None]:
    """Return Benjamini-Hochberg adjusted p-values, in the same order; ``None`` stays and does not count.

    Examples
    --------
    >>> adjust([0.01, 0.04, None, 0.03])
    [0.03, 0.04, None, 0.04]
    """
    order = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    result: list[float | None] = [None] * len(p_values)
    least = 1.0
    for rank in range(len(order), 0, -1):
        p, i = order[rank - 1]
        least = min(least, p * len(order) / rank)
        result[i] = least
    return result


def _one(
    graph: CausalGraph,
    statement: Independence,
    roles: Mapping[str, Role],
    observed: Observed,
    replicates: Replicates | None,
) -> IndependenceTest:
    y, x = _response_first(graph, statement, roles)
    keep = _rows(graph, statement, y, observed)
    if keep.sum() < _LEAST_ROWS + len(statement.given):
        return IndependenceTest(statement.x, statement.y, statement.given, None, None, None, None)
    named = (y, x, *statement.given)
    result = _batch(y, x, statement.given, roles, {name: observed.raw[name][None, keep] for name in named})
    test = IndependenceTest(
        statement.x,
        statement.y,
        statement.given,
        association=float(result.estimate[0]),
        q05=float(result.q05[0]),
        q95=float(result.q95[0]),
        p_value=float(result.p_value[0]),
        signed=result.signed,
    )
    if replicates is None or replicates.count == 0:
        return test
    beside = keep if replicates.rows is None else keep[replicates.rows]
    again = test.association
    if replicates.rows is not None:
        part = {name: observed.raw[name][None, replicates.rows][:, beside] for name in named}
        again = float(_batch(y, x, statement.given, roles, part).estimate[0])
    drawn = _replicated(y, x, statement.given, roles, replicates, beside)
    return replace(test, replicated=drawn, predictive_p=_predictive_p(again, drawn, result.signed))


def _response_first(graph: CausalGraph, statement: Independence, roles: Mapping[str, Role]) -> tuple[str, str]:
    """Return (response, tested): the response is the node whose parents the statement conditions on."""
    given = set(statement.given)
    own = [name for name in (statement.y, statement.x) if set(graph.parents(name)) == given]
    candidates = own or [statement.y, statement.x]
    scalar = [name for name in candidates if roles[name].response != "category"]
    y = (scalar or candidates)[0]
    return y, statement.x if y == statement.y else statement.y


def _rows(graph: CausalGraph, statement: Independence, y: str, observed: Observed) -> BoolArray:
    """Return the rows in which the statement must hold.

    A node given its parents behaves the same whatever else was set; where the set is not
    that of the parents, only rows in which nothing was set are sure.
    """
    keep = np.ones(observed.rows, dtype=bool)
    if not observed.was_set:
        return keep
    local = set(graph.parents(y)) == set(statement.given)
    for name in (y,) if local else tuple(observed.was_set):
        keep &= ~observed.was_set.get(name, np.zeros(observed.rows, dtype=bool))
    return keep


def _batch(
    y: str, x: str, given: tuple[str, ...], roles: Mapping[str, Role], raw: Mapping[str, FloatArray]
) -> Association:
    batch, rows = raw[y].shape
    z = design(tuple(roles[name] for name in given), tuple(raw[name] for name in given), batch, rows)
    return associate(roles[y], raw[y], roles[x], raw[x], z)


def _replicated(
    y: str, x: str, given: tuple[str, ...], roles: Mapping[str, Role], replicates: Replicates, keep: BoolArray
) -> FloatArray:
    """Return the association in each replicate, a bounded amount of work at a time."""
    width = 1 + sum(roles[name].width for name in given) + roles[x].width
    each = int(keep.sum()) * width * (roles[y].levels ** 2 if roles[y].response == "category" else 1)
    count = int(np.clip(_WORK // max(each, 1), _FEWEST, replicates.count))
    count = min(count, replicates.count)
    step = max(1, _CHUNK // max(each, 1))
    found = []
    for start in range(0, count, step):
        chosen = slice(start, min(start + step, count))
        raw = {name: replicates.raw[name][chosen][:, keep] for name in (y, x, *given)}
        # A replicate in which a chain of log links overflowed has no association.
        whole = np.all([(np.abs(values) < _HUGE).all(axis=1) for values in raw.values()], axis=0)
        if whole.any():
            found.append(_batch(y, x, given, roles, {name: values[whole] for name, values in raw.items()}).estimate)
    return np.concatenate(found) if found else np.empty(0)


def _predictive_p(observed: float | None, drawn: FloatArray, signed: bool) -> float | None:
    finite = drawn[np.isfinite(drawn)]
    if observed is None or len(finite) == 0:
        return None
    above = float(np.mean(finite >= observed))
    return min(1.0, 2.0 * min(above, float(np.mean(finite <= observed)))) if signed else above
