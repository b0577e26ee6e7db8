"""Each independence that a graph implies, tested on the data.

"Contradicted" means an adjusted p-value under 0.05 and an association over 0.1 in size,
both adjustable: effect size first, then whether chance could give it. The adjustment is
that of Benjamini & Hochberg (1995) over the statements of one hypothesis. Beside it stands
the posterior predictive p-value of the same association: a diagnostic, conservative
because it uses the data twice.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.check.association import Association
from core.check.batches import associations, estimates
from core.check.linear import Kept, Question
from core.check.roles import Role
from core.fit.memory import Memory
from core.graph.causal_graph import CausalGraph
from core.graph.implications import Independence

__all__ = ["NOT_YET", "REACH", "IndependenceTest", "Observed", "Replicates", "Rules", "adjust", "run_tests"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_CELLS = 100_000  # replicates times rows that a predictive p-value takes
_FEWEST = 50
_LEAST_ROWS = 4
_MOST_PICTURES = 200

REACH = 0.3
"""An association that is not ruled out up to this size is out of reach of the data."""
_REACH_STEP = 0.05

NOT_YET = ("p_curved", "p_without_few", "shape", "rows")
"""Fields of the contract that need the second and third look at a claim, which this version does not take."""

T = TypeVar("T")


@dataclass(frozen=True)
class Rules:
    """When an independence counts as contradicted, and a check as flagged."""

    p_adjusted: float = 0.05
    association: float = 0.1
    predictive_p: float = 0.01
    overruled: tuple[str, ...] = ()  # nodes whose shape the user takes as it is

    def __post_init__(self) -> None:  # out of JSON it comes as a list
        object.__setattr__(self, "overruled", tuple(self.overruled))


@dataclass(frozen=True, eq=False)
class Observed:
    """Complete rows: raw values by node, and which cells were set by intervention.

    ``digests`` are those of the columns; without them nothing is remembered of the tests.
    """

    raw: Mapping[str, FloatArray]
    was_set: Mapping[str, BoolArray] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

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
    digests : mapping of str to str
        Digests of what each node's values were drawn from.
    """

    raw: Mapping[str, FloatArray]
    rows: NDArray[np.intp] | None = None
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """R, the number of replicates."""
        return len(next(iter(self.raw.values()))) if self.raw else 0


@dataclass(frozen=True, eq=False)
class IndependenceTest:
    """One implied independence, tested; the fields are those of the contract.

    ``signed`` is false where the association is a size without direction (categories).
    Numbers are None where there are too few rows, or where a column does not vary once the
    given ones are known: nothing is then left to be associated.
    ``bears`` says whether the claim bears on the question: whether one of its ends is among the
    question's columns; None where no question is asked. Claims that bear are adjusted among
    themselves, and so are the others.
    ``replicated`` holds the association in each replicate, shape (R,), for pictures; it is
    empty where a hypothesis makes more than 200 statements.
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
    bears: bool | None = None
    replicated: FloatArray = field(default_factory=lambda: np.empty(0))

    @property
    def rules_out(self) -> float | None:
        """The size of association that the 90 % interval rules out, in steps of 0.05; None if none up to 0.3 is.

        A claim that is not contradicted says little where the rows are too few to have shown it.
        """
        if self.q05 is None or self.q95 is None:
            return None
        steps = max(1, math.ceil(max(abs(self.q05), abs(self.q95)) / _REACH_STEP - 1e-9))
        size = round(steps * _REACH_STEP, 2)
        return size if size <= REACH else None

    def to_dict(self) -> dict[str, object]:
        """Return the contract's record."""
        names = (
            "association", "q05", "q95", "p_value", "p_adjusted", "predictive_p", "contradicted", "bears", "rules_out",
        )  # fmt: skip
        tested = {name: getattr(self, name) for name in names}
        return {"x": self.x, "y": self.y, "given": list(self.given), **tested, **dict.fromkeys(NOT_YET)}


def run_tests(
    graph: CausalGraph,
    statements: Sequence[Independence],
    roles: Mapping[str, Role],
    observed: Observed,
    replicates: Replicates | None = None,
    rules: Rules | None = None,
    suspended: bool = False,
    memory: Memory | None = None,
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
    memory : Memory, optional
        Where answers are kept, so that hypotheses share the statements that they have in common.

    Returns
    -------
    tuple of IndependenceTest
        In the order of ``statements``.
    """
    rules = rules or Rules()
    found = _observed_tests(graph, statements, roles, observed, replicates, Memory() if memory is None else memory)
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
    memory: Memory,
) -> list[IndependenceTest]:
    """Test the statements without adjustment, those that hold in the same rows together."""
    groups: dict[bytes, list[int]] = {}
    masks: dict[bytes, BoolArray] = {}
    questions = [_question(graph, statement, roles) for statement in statements]
    for place, question in enumerate(questions):
        keep = _rows(graph, question, observed)
        rows = b"" if keep is None else keep.tobytes()
        groups.setdefault(rows, []).append(place)
        masks[rows] = np.ones(observed.rows, dtype=bool) if keep is None else keep
    found: dict[int, IndependenceTest] = {}
    for rows, places in groups.items():
        asked = {place: questions[place] for place in places}
        found |= _Asked(asked, roles, observed, masks[rows], memory).tests(statements, replicates)
    return [found[place] for place in range(len(statements))]


class _Asked:
    """Questions about the same rows."""

    def __init__(
        self,
        questions: Mapping[int, Question],
        roles: Mapping[str, Role],
        observed: Observed,
        keep: BoolArray,
        memory: Memory,
    ) -> None:
        enough = {place: q for place, q in questions.items() if keep.sum() >= _LEAST_ROWS + len(q.given)}
        self._too_few = [place for place in questions if place not in enough]
        self._places, self._questions = list(enough), list(enough.values())
        self._roles, self._observed, self._keep, self._memory = roles, observed, keep, memory
        self._names = {name for question in self._questions for name in question.names}

    def tests(self, statements: Sequence[Independence], replicates: Replicates | None) -> dict[int, IndependenceTest]:
        """Return the tests by place."""
        untested = {place: _blank(statements[place]) for place in self._too_few}
        if not self._questions:
            return untested
        answers = self._answers(self._keep)
        chances: list[float | None] = [None] * len(answers)
        pictures = [np.empty(0)] * len(answers)
        if replicates is not None and replicates.count:
            drawn = self._replicated(replicates)
            again = answers
            if replicates.rows is not None:
                part = np.zeros_like(self._keep)
                part[replicates.rows] = self._keep[replicates.rows]
                again = self._answers(part)
            chances = _predictive_p(again, drawn)
            if len(statements) <= _MOST_PICTURES:
                pictures = drawn
        return untested | {
            place: _test(statements[place], answer, p, values)
            for place, answer, p, values in zip(self._places, answers, chances, pictures, strict=True)
        }

    def _answers(self, keep: BoolArray) -> list[Association]:
        """Return the associations among some of the observed rows."""

        def compute(missing: list[int]) -> list[Association]:
            questions = [self._questions[i] for i in missing]
            names = {name for question in questions for name in question.names}
            kept = None
            if 2 * len(names) > len(self._observed.raw) and self._known(self._observed.raw, self._observed.digests):
                names = set(self._observed.raw)
                kept = Kept(self._memory, _digest(keep), self._tokens(names, self._observed.digests))
            raw = {name: self._observed.raw[name] for name in names}
            if not keep.all():
                raw = {name: values[keep] for name, values in raw.items()}
            raw = {name: values[None] for name, values in raw.items()}
            return associations(questions, self._roles, raw, kept=kept)

        return self._recall("observed", self._observed.digests, keep, compute)

    def _replicated(self, replicates: Replicates) -> list[FloatArray]:
        """Return the associations in each of some replicates, over the same rows."""
        beside = self._keep if replicates.rows is None else self._keep[replicates.rows]
        many = int(np.clip(_CELLS // max(int(beside.sum()), 1), _FEWEST, replicates.count))

        def compute(missing: list[int]) -> list[FloatArray]:
            questions = [self._questions[i] for i in missing]
            names = {name for question in questions for name in question.names}
            raw = {name: replicates.raw[name][:many] for name in names}
            if not beside.all():
                raw = {name: values[:, beside] for name, values in raw.items()}
            return estimates(questions, self._roles, raw)

        return self._recall(f"replicated {many}", replicates.digests, beside, compute)

    def _recall(
        self, what: str, digests: Mapping[str, str], rows: BoolArray, compute: Callable[[list[int]], Sequence[T]]
    ) -> list[T]:
        if not self._known(self._names, digests):
            return list(compute(list(range(len(self._questions)))))
        where = f"{what} {_digest(rows)}"
        token = self._tokens(self._names, digests)
        keys = [(where, token[q.y], token[q.x], *map(token.__getitem__, q.given)) for q in self._questions]
        return self._memory.recall_all(keys, compute)

    def _known(self, names: Iterable[str], digests: Mapping[str, str]) -> bool:
        return all(name in digests for name in names)

    def _tokens(self, names: Iterable[str], digests: Mapping[str, str]) -> dict[str, str]:
        """Return, by name, what its values and its role are, as a text each: its hash is computed once."""
        return {name: f"{digests[name]} {self._roles[name]}" for name in names}


def _digest(rows: BoolArray) -> str:
    return hashlib.blake2b(np.packbits(rows).tobytes(), digest_size=16).hexdigest()


def _blank(statement: Independence) -> IndependenceTest:
    return IndependenceTest(statement.x, statement.y, statement.given)


def _test(
    statement: Independence, answer: Association, predictive_p: float | None, replicated: FloatArray
) -> IndependenceTest:
    if not answer.testable[0]:
        return _blank(statement)
    return IndependenceTest(
        statement.x,
        statement.y,
        statement.given,
        association=float(answer.estimate[0]),
        q05=float(answer.q05[0]),
        q95=float(answer.q95[0]),
        p_value=float(answer.p_value[0]),
        predictive_p=predictive_p,
        signed=answer.signed,
        replicated=replicated,
    )


def _question(graph: CausalGraph, statement: Independence, roles: Mapping[str, Role]) -> Question:
    """Choose the response: the node whose parents the statement conditions on."""
    given = set(statement.given)
    own = [name for name in (statement.y, statement.x) if set(graph.parents(name)) == given]
    candidates = own or [statement.y, statement.x]
    scalar = [name for name in candidates if roles[name].response != "category"]
    y = (scalar or candidates)[0]
    return Question(y, statement.x if y == statement.y else statement.y, statement.given)


def _rows(graph: CausalGraph, question: Question, observed: Observed) -> BoolArray | None:
    """Return the rows in which the statement must hold; ``None`` for all.

    A node given its parents behaves the same whatever else was set; where the set is not
    that of the parents, only rows in which nothing was set are sure.
    """
    if not observed.was_set:
        return None
    keep = np.ones(observed.rows, dtype=bool)
    local = set(graph.parents(question.y)) == set(question.given)
    for name in (question.y,) if local else tuple(observed.was_set):
        if name in observed.was_set:
            keep &= ~observed.was_set[name]
    return None if keep.all() else keep


def _predictive_p(observed: Sequence[Association], drawn: Sequence[FloatArray]) -> list[float | None]:
    """Return, for each association, how far out it lies among those of the replicates; ``None`` without any."""
    values = np.array(drawn)
    seen = np.array([answer.estimate[0] for answer in observed])[:, None]
    finite = np.isfinite(values).sum(axis=1)
    share = np.maximum(finite, 1)
    above, below = (values >= seen).sum(axis=1) / share, (values <= seen).sum(axis=1) / share
    two_sided = np.minimum(1.0, 2.0 * np.minimum(above, below))
    signed = np.array([answer.signed for answer in observed])
    found = np.where(signed, two_sided, above)
    return [float(p) if known else None for p, known in zip(found, finite > 0, strict=True)]
