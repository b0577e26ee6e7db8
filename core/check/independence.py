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

from core.check.association import Association
from core.check.batches import Question, associations, estimates
from core.check.roles import Role
from core.graph.causal_graph import CausalGraph
from core.graph.implications import Independence

__all__ = ["IndependenceTest", "Observed", "Replicates", "Rules", "adjust", "run_tests"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_CELLS = 200_000  # replicates times rows that a predictive p-value takes
_FEWEST = 50
_LEAST_ROWS = 4


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
    association: float | None = None
    q05: float | None = None
    q95: float | None = None
    p_value: float | None = None
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
    found = _observed_tests(graph, statements, roles, observed, replicates)
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


def _observed_tests(
    graph: CausalGraph,
    statements: Sequence[Independence],
    roles: Mapping[str, Role],
    observed: Observed,
    replicates: Replicates | None,
) -> list[IndependenceTest]:
    """Test the statements without adjustment, those that hold in the same rows together."""
    groups: dict[bytes, list[int]] = {}
    questions, rows = [], []
    for place, statement in enumerate(statements):
        question = _question(graph, statement, roles)
        keep = _rows(graph, question, observed)
        questions.append(question)
        rows.append(keep)
        groups.setdefault(keep.tobytes(), []).append(place)
    found: dict[int, IndependenceTest] = {}
    for places in groups.values():
        keep = rows[places[0]]
        asked = {place: questions[place] for place in places}
        found |= _same_rows(statements, asked, roles, observed, replicates, keep)
    return [found[place] for place in range(len(statements))]


def _same_rows(
    statements: Sequence[Independence],
    asked: Mapping[int, Question],
    roles: Mapping[str, Role],
    observed: Observed,
    replicates: Replicates | None,
    keep: BoolArray,
) -> dict[int, IndependenceTest]:
    untested = {
        place: IndependenceTest(statements[place].x, statements[place].y, statements[place].given) for place in asked
    }
    enough = {place: q for place, q in asked.items() if keep.sum() >= _LEAST_ROWS + len(q.given)}
    names = {name for question in enough.values() for name in question.names}
    raw = {name: observed.raw[name][None, keep] for name in names}
    answers = associations(list(enough.values()), roles, raw)
    tests = {place: _test(untested[place], answer) for place, answer in zip(enough, answers, strict=True)}
    if replicates is None or replicates.count == 0 or not tests:
        return untested | tests
    again = [answer.estimate for answer in answers]
    beside = keep
    if replicates.rows is not None:
        beside = keep[replicates.rows]
        part = {name: observed.raw[name][None, replicates.rows][:, beside] for name in names}
        again = [answer.estimate for answer in associations(list(enough.values()), roles, part)]
    many = int(np.clip(_CELLS // max(int(beside.sum()), 1), _FEWEST, replicates.count))
    drawn = {name: replicates.raw[name][:many][:, beside] for name in names}
    replicated = estimates(list(enough.values()), roles, drawn)
    for place, seen, values in zip(enough, again, replicated, strict=True):
        p = _predictive_p(float(seen[0]), values, tests[place].signed)
        tests[place] = replace(tests[place], replicated=values, predictive_p=p)
    return untested | tests


def _test(blank: IndependenceTest, answer: Association) -> IndependenceTest:
    return replace(
        blank,
        association=float(answer.estimate[0]),
        q05=float(answer.q05[0]),
        q95=float(answer.q95[0]),
        p_value=float(answer.p_value[0]),
        signed=answer.signed,
    )


def _question(graph: CausalGraph, statement: Independence, roles: Mapping[str, Role]) -> Question:
    """Choose the response: the node whose parents the statement conditions on."""
    given = set(statement.given)
    own = [name for name in (statement.y, statement.x) if set(graph.parents(name)) == given]
    candidates = own or [statement.y, statement.x]
    scalar = [name for name in candidates if roles[name].response != "category"]
    y = (scalar or candidates)[0]
    return Question(y, statement.x if y == statement.y else statement.y, statement.given)


def _rows(graph: CausalGraph, question: Question, observed: Observed) -> BoolArray:
    """Return the rows in which the statement must hold.

    A node given its parents behaves the same whatever else was set; where the set is not
    that of the parents, only rows in which nothing was set are sure.
    """
    keep = np.ones(observed.rows, dtype=bool)
    local = set(graph.parents(question.y)) == set(question.given)
    for name in (question.y,) if local else tuple(observed.was_set):
        if name in observed.was_set:
            keep &= ~observed.was_set[name]
    return keep


def _predictive_p(observed: float, drawn: FloatArray, signed: bool) -> float | None:
    finite = drawn[np.isfinite(drawn)]
    if len(finite) == 0:
        return None
    above = float(np.mean(finite >= observed))
    return min(1.0, 2.0 * min(above, float(np.mean(finite <= observed)))) if signed else above
