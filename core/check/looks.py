"""Three looks at each claim: in a line, in curves, and without the few rows that carry most of it.

A cause that acts in a curve, differently by group, or through a few odd rows leaves a linear association
over where no arrow is missing. So a claim that the first look accuses (:mod:`core.check.independence`) is
contradicted only if the second (:mod:`core.check.curves`) and the third (:mod:`core.check.few`) find it too,
each adjusted over the accused. Where they do not, the claim says on what: either an arrow is missing, or
something bends; or it rests on some rows. Where the second alone accuses, the two are related, though not in
a line. It is taken of all claims while they are few, else of the accused.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.check.adjusted import adjust
from core.check.association import widened
from core.check.curves import Curved, Leftovers, bends_most
from core.check.few import WithoutFew, without_few
from core.check.linear import Question
from core.check.roles import Role
from core.check.tested import CURVED, FEW_ROWS, NOT_IN_A_LINE, IndependenceTest, Observed, Rules, by_group
from core.memory import Memory

__all__ = ["Looks", "three_looks"]

BoolArray = NDArray[np.bool_]

T = TypeVar("T")

_LEAST_ROWS = 30  # a regression that bends says nothing on fewer
_MOST_ROWS = 100_000  # of the third look, which an association over 0.1 does not need more of


class Looks:
    """The further looks at claims about some rows.

    Parameters
    ----------
    roles : mapping of str to Role
    observed : Observed
    memory : Memory
        What regressions leave of a node given a set is kept there, for all claims that need it.
    inflation : callable, optional
        The factor on the variance of the association of two columns.
    """

    def __init__(
        self,
        roles: Mapping[str, Role],
        observed: Observed,
        memory: Memory,
        inflation: Callable[[str, str], float] | None = None,
    ) -> None:
        self._roles, self._observed, self._memory = roles, observed, memory
        self._inflation = inflation or (lambda x, y: 1.0)
        self._leftovers: dict[bytes, Leftovers] = {}
        digests = observed.digests
        # What a column's values and its role are, as a text each: its hash is computed once.
        self._tokens = {name: f"{digests[name]} {role}" for name, role in roles.items() if name in digests}

    def curved(self, question: Question, keep: BoolArray | None) -> Curved | None:
        """Take the second look; None where too few rows are left for it, or nothing to be linked."""
        factor = self._inflation(question.x, question.y)

        def compute() -> Curved | None:
            leftovers = self._among(keep)
            return leftovers.look(question, inflation=factor) if leftovers.rows >= _LEAST_ROWS else None

        return self._recalled(keep, _in_curves(question, factor), question.names, compute)

    def bends(self, question: Question, keep: BoolArray | None) -> str | None:
        """Return the given column whose bend makes the link vanish; None without one."""
        return bends_most(self._among(keep), question, self._inflation(question.x, question.y))

    def few(self, question: Question, keep: BoolArray | None) -> tuple[float, tuple[int, ...]] | None:
        """Take the third look: its p-value, and the rows left out, from 1 on as they stand in the file."""
        found = self._recalled(keep, "without few", question.names, lambda: self._few(question, keep))
        if found is None or not found.association.testable[0]:
            return None
        answer = widened(found.association, self._inflation(question.x, question.y))
        places = self._observed.places
        rows = found.places if places is None else places[found.places]
        return float(answer.p_value[0]), tuple(int(row) + 1 for row in rows)

    def _few(self, question: Question, keep: BoolArray | None) -> WithoutFew | None:
        """Return the third look, its rows by their places among all observed ones."""
        places = np.arange(self._observed.rows) if keep is None else np.flatnonzero(keep)
        if len(places) > _MOST_ROWS:
            chosen = np.random.default_rng([len(places), 19]).choice(len(places), _MOST_ROWS, replace=False)
            places = places[np.sort(chosen)]
        whole = len(places) == self._observed.rows
        raw = {name: self._observed.raw[name] for name in question.names}
        found = without_few(question, self._roles, raw if whole else {n: v[places] for n, v in raw.items()})
        return None if found is None else WithoutFew(found.association, places[found.places])

    def is_category(self, name: str) -> bool:
        """Return whether a column is a category."""
        return self._roles[name].discrete

    def _among(self, keep: BoolArray | None) -> Leftovers:
        rows = b"" if keep is None else np.packbits(keep).tobytes()
        if rows not in self._leftovers:
            raw = self._observed.raw
            if keep is not None:
                raw = {name: values[keep] for name, values in raw.items()}
            self._leftovers[rows] = Leftovers(self._roles, raw, partial(self._recalled, keep))
        return self._leftovers[rows]

    def _recalled(self, keep: BoolArray | None, what: str, names: tuple[str, ...], compute: Callable[[], T]) -> T:
        """Return what was found of some columns before; computed, where their contents are not known to be the same."""
        if not all(name in self._tokens for name in names):
            return compute()
        rows = None if keep is None else hashlib.blake2b(np.packbits(keep).tobytes(), digest_size=16).hexdigest()
        return self._memory.recall((what, rows, *map(self._tokens.__getitem__, names)), compute)


def _in_curves(question: Question, factor: float) -> str:
    """Name the second look at a question among those at the same columns."""
    places = [tuple(question.given.index(one) for one in pair) for pair in question.crossed]
    return f"in curves, over {factor}" + (f", crossed {places}" if places else "")


def three_looks(
    tests: Sequence[IndependenceTest],
    questions: Sequence[Question],
    keeps: Sequence[BoolArray | None],
    looks: Looks,
    rules: Rules,
    everywhere: bool = True,
) -> tuple[IndependenceTest, ...]:
    """Return claims with all looks taken.

    Parameters
    ----------
    tests : sequence of IndependenceTest
        After the first look, ``accused`` among their fields.
    questions : sequence of Question
        Of each claim.
    keeps : sequence of array of bool or None
        The rows in which each must hold, shape (n,); None: all.
    looks : Looks
    rules : Rules
    everywhere : bool
        Whether the second look is taken of claims that the first does not accuse, too.
    """
    accused = [place for place, test in enumerate(tests) if test.accused]
    others = [place for place, test in enumerate(tests) if test.accused is False and everywhere]
    curved = {place: looks.curved(questions[place], keeps[place]) for place in (*accused, *others)}
    few = {place: looks.few(questions[place], keeps[place]) for place in accused}
    bent = _adjusted(accused, curved)
    rest = dict(zip(accused, adjust([None if few[place] is None else few[place][0] for place in accused]), strict=True))  # type: ignore[index]
    alone = _adjusted(others, curved)
    found = []
    taken = frozenset(rules.overruled)
    for place, test in enumerate(tests):
        look = curved.get(place)
        p_curved = None if look is None else look.p_value
        as_it_is = not taken.isdisjoint((test.x, test.y))
        done = replace(test, p_curved=p_curved, contradicted=test.accused, overruled=as_it_is)
        if test.accused:
            done = _accused(done, bent[place], rest[place], few[place], rules)
            if done.shape == CURVED:
                done = _named(done, looks.bends(questions[place], keeps[place]), looks)
        elif look is not None and alone.get(place) is not None:
            p = alone[place]
            if p is not None and p < rules.p_adjusted and look.size > rules.association:
                done = replace(done, shape=NOT_IN_A_LINE)
        found.append(done)
    return tuple(found)


def _adjusted(places: Sequence[int], curved: Mapping[int, Curved | None]) -> dict[int, float | None]:
    p_values = [look.p_value if (look := curved[place]) is not None else None for place in places]
    return dict(zip(places, adjust(p_values), strict=True))


def _accused(
    test: IndependenceTest,
    p_curved: float | None,
    p_without_few: float | None,
    few: tuple[float, tuple[int, ...]] | None,
    rules: Rules,
) -> IndependenceTest:
    """Return an accused claim as the other looks leave it; a look that could not be taken acquits nobody."""
    done = replace(test, p_without_few=None if few is None else few[0])
    if few is not None and p_without_few is not None and p_without_few >= rules.p_adjusted:
        return replace(done, contradicted=False, shape=FEW_ROWS, rows=few[1])
    if p_curved is not None and p_curved >= rules.p_adjusted:
        # Without a given column nothing can bend: the link is then too unsure to be called one.
        return replace(done, contradicted=False, shape=CURVED if test.given else None)
    return done


def _named(test: IndependenceTest, name: str | None, looks: Looks) -> IndependenceTest:
    """Return a claim that a curve acquits with what bends: a number's curve, or a difference by group."""
    if name is None:
        return test
    return replace(test, about=name, shape=by_group(name) if looks.is_category(name) else CURVED)
