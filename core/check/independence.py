"""Each independence that a graph implies, tested on the data.

The first look at a claim is in a line, on the working scales, over all rows: it accuses where the
adjusted p-value is under 0.05 and the association over 0.1 in size, both adjustable: effect size
first, then whether chance could give it. The adjustment is that of Benjamini & Hochberg (1995) over
the claims of one hypothesis. What it accuses is looked at twice more (:mod:`core.check.looks`).
Beside it stands the posterior predictive p-value of the same association: a diagnostic, conservative
because it uses the data twice.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.check.adjusted import adjust
from core.check.association import Association, widened
from core.check.batches import associations, estimates
from core.check.linear import Kept, Question
from core.check.looks import Looks, three_looks
from core.check.roles import Role
from core.check.tested import IndependenceTest, Observed, Replicates, Rules
from core.graph.causal_graph import CausalGraph
from core.graph.implications import Independence
from core.memory import Memory

__all__ = ["adjust", "run_tests"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_CELLS = 100_000  # replicates times rows that a predictive p-value takes
_FEWEST = 50
_LEAST_ROWS = 4
_MOST_PICTURES = 200

T = TypeVar("T")


def run_tests(
    graph: CausalGraph,
    claims: Sequence[Independence],
    roles: Mapping[str, Role],
    observed: Observed,
    replicates: Replicates | None = None,
    rules: Rules | None = None,
    suspended: bool = False,
    memory: Memory | None = None,
    inflation: Callable[[str, str], float] | None = None,
    crossed: Sequence[tuple[str, str]] = (),
    everywhere: bool = True,
) -> tuple[IndependenceTest, ...]:
    """Test every claim.

    Parameters
    ----------
    graph : CausalGraph
        Tells which end of a pair is regressed on the conditioning set: the one whose
        parents they are, where there is one.
    claims : sequence of Independence
    roles : mapping of str to Role
    observed : Observed
    replicates : Replicates, optional
        Without them ``predictive_p`` is ``None``.
    rules : Rules, optional
    suspended : bool
        The rows are not exchangeable: no p-value holds, and nothing is called contradicted.
    memory : Memory, optional
        Where answers are kept, so that hypotheses share the claims that they have in common.
    inflation : callable, optional
        The factor on the variance of the association of two columns, where rows depend on one another.
    crossed : sequence of (str, str)
        Pairs of columns of which the hypothesis says that the effect of one on something differs by the other.
    everywhere : bool
        Whether claims that the first look does not accuse are looked at in curves, too.

    Returns
    -------
    tuple of IndependenceTest
        In the order of ``claims``.
    """
    rules = rules or Rules()
    memory = Memory() if memory is None else memory
    questions = [_question(graph, claim, roles, crossed) for claim in claims]
    keeps = [_rows(graph, question, observed) for question in questions]
    found = _observed_tests(claims, questions, keeps, roles, observed, replicates, memory, inflation)
    if suspended:
        return tuple(replace(test, p_value=None, predictive_p=None) for test in found)
    adjusted = adjust([test.p_value for test in found])
    first = [
        replace(test, p_adjusted=q, accused=_accuses(test, q, rules)) for test, q in zip(found, adjusted, strict=True)
    ]
    further = Looks(roles, observed, memory, inflation)
    return three_looks(first, questions, keeps, further, rules, everywhere=everywhere)


def _accuses(test: IndependenceTest, p_adjusted: float | None, rules: Rules) -> bool | None:
    if p_adjusted is None or test.association is None:
        return None
    return p_adjusted < rules.p_adjusted and abs(test.association) > rules.association


def _observed_tests(
    claims: Sequence[Independence],
    questions: Sequence[Question],
    keeps: Sequence[BoolArray | None],
    roles: Mapping[str, Role],
    observed: Observed,
    replicates: Replicates | None,
    memory: Memory,
    inflation: Callable[[str, str], float] | None = None,
) -> list[IndependenceTest]:
    """Test the claims without adjustment, those that hold in the same rows together."""
    groups: dict[bytes, list[int]] = {}
    masks: dict[bytes, BoolArray] = {}
    for place, keep in enumerate(keeps):
        rows = b"" if keep is None else keep.tobytes()
        groups.setdefault(rows, []).append(place)
        masks[rows] = np.ones(observed.rows, dtype=bool) if keep is None else keep
    found: dict[int, IndependenceTest] = {}
    for rows, places in groups.items():
        asked = {place: questions[place] for place in places}
        found |= _Asked(asked, roles, observed, masks[rows], memory, inflation).tests(claims, replicates)
    return [found[place] for place in range(len(claims))]


class _Asked:
    """Questions about the same rows."""

    def __init__(
        self,
        questions: Mapping[int, Question],
        roles: Mapping[str, Role],
        observed: Observed,
        keep: BoolArray,
        memory: Memory,
        inflation: Callable[[str, str], float] | None,
    ) -> None:
        enough = {place: q for place, q in questions.items() if keep.sum() >= _LEAST_ROWS + len(q.given)}
        self._too_few = [place for place in questions if place not in enough]
        self._places, self._questions = list(enough), list(enough.values())
        self._roles, self._observed, self._keep, self._memory = roles, observed, keep, memory
        self._inflation = inflation
        self._names = {name for question in self._questions for name in question.names}

    def tests(self, claims: Sequence[Independence], replicates: Replicates | None) -> dict[int, IndependenceTest]:
        """Return the tests by place."""
        untested = {place: _blank(claims[place]) for place in self._too_few}
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
            if len(claims) <= _MOST_PICTURES:
                pictures = drawn
        if (by := self._inflation) is not None:
            answers = [widened(a, by(q.x, q.y)) for a, q in zip(answers, self._questions, strict=True)]
        return untested | {
            place: _test(claims[place], answer, p, values)
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


def _blank(claim: Independence) -> IndependenceTest:
    return IndependenceTest(claim.x, claim.y, claim.given)


def _test(
    claim: Independence, answer: Association, predictive_p: float | None, replicated: FloatArray
) -> IndependenceTest:
    if not answer.testable[0]:
        return _blank(claim)
    return IndependenceTest(
        claim.x,
        claim.y,
        claim.given,
        association=float(answer.estimate[0]),
        q05=float(answer.q05[0]),
        q95=float(answer.q95[0]),
        p_value=float(answer.p_value[0]),
        predictive_p=predictive_p,
        signed=answer.signed,
        replicated=replicated,
    )


def _question(
    graph: CausalGraph, claim: Independence, roles: Mapping[str, Role], crossed: Sequence[tuple[str, str]]
) -> Question:
    """Choose the response: the node whose parents the claim conditions on."""
    given = set(claim.given)
    own = [name for name in (claim.y, claim.x) if set(graph.parents(name)) == given]
    candidates = own or [claim.y, claim.x]
    scalar = [name for name in candidates if roles[name].response != "category"]
    y = (scalar or candidates)[0]
    within = tuple(pair for pair in crossed if given.issuperset(pair))
    return Question(y, claim.x if y == claim.y else claim.y, claim.given, within)


def _rows(graph: CausalGraph, question: Question, observed: Observed) -> BoolArray | None:
    """Return the rows in which the claim must hold; ``None`` for all.

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
