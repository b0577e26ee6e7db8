"""Whether rows can be taken as exchangeable, which every score and p-value here assumes.

Rows that follow one another, or belong together, resemble each other beyond what the columns explain;
:mod:`core.check.resemblance` says how that is measured. Looked at are the order of the rows, every date,
every column of the file whose values repeat, modelled or not and whatever it is called, and whole rows that
stand there several times. A modelled category has no say, since its levels are taken out of what is looked at. A
number, drawn or not, is a group only beyond what a curve or a threshold in it can do, and a column of two values is
none: what acts so is a cause, which a hypothesis may name or leave out, and its claims are tested as they stand.

What is found has three steps, by the design effect (the factor on the variance of an association) of the pair of
columns that suffers most: up to :data:`REMARK` it is a remark; up to :data:`WITHHELD` p-values, intervals, errors and
bagged probabilities are computed with it; above, and in a series (:data:`SERIES`), the verdict is withheld. What
the user says of the rows (:class:`core.check.rows_as.RowsAs`) goes before what is found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from core.check.dependence import Dependence
from core.check.left_over import MOST_ROWS, left_over, working_columns
from core.check.resemblance import (
    CHANCE,
    LEAST_ROWS,
    Worst,
    around_means,
    copies,
    labels_of,
    order_factors,
    size_of_repeats,
    stacked,
    typical_size,
    worst_of,
)
from core.check.roles import Role
from core.check.row_look import Look, acts_on, follows
from core.check.rows_as import LOOK, RowsAs
from core.check.rows_words import Tie, advice_about, computed_words, ignored_words, reason_about, remark_about
from core.data.dataset import Column, Dataset

__all__ = ["REMARK", "SERIES", "WITHHELD", "find_dependence"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

REMARK = 1.2
"""Up to this design effect (standard errors 10 % too small) a remark is enough."""

WITHHELD = 4.0
"""Above this one (standard errors half of what they should be) the verdict is withheld."""

SERIES = 2.0
"""Above this one in the order of the rows, or of a date, the rows are a series: the verdict is withheld."""

_FEWEST_ALIKE = 20  # rows that a series must be worth to be computed with
_ROUNDS = 4  # ties that are told apart at most
_FEW_BLOCKS = 10
_NAMES = ("category", "identifier")  # kinds whose values are names; those of all others are further apart or nearer


def find_dependence(
    dataset: Dataset,
    roles: Mapping[str, Role],
    raw: Mapping[str, FloatArray],
    rows: NDArray[np.bool_] | None = None,
    taken: RowsAs = LOOK,
) -> Dependence:
    """Look for rows that depend on one another.

    Parameters
    ----------
    dataset : Dataset
        All of its columns, modelled or not: a date that no hypothesis names still orders the rows.
    roles, raw : mapping
        The modelled columns and their values over complete rows, in row order.
    rows : array of bool, optional
        Which rows of ``dataset`` these are; all unless given.
    taken : RowsAs
        What the user says of the rows.
    """
    keep = np.ones(dataset.rows, dtype=bool) if rows is None else rows
    if taken.way == "one":  # done already: what is left is looked at
        taken = LOOK
    numbers = tuple(name for name in raw if not roles[name].discrete)
    whole = {**raw, **_beside(dataset, raw, keep)}
    place = copies({name: values[:MOST_ROWS] for name, values in whole.items()}, numbers)
    alone = np.ones(min(int(keep.sum()), MOST_ROWS), dtype=bool)
    if place is not None:  # copies resemble each other in every way: what else is looked at is one row of each
        alone[:] = False
        alone[np.unique(place, return_index=True)[1]] = True
    residuals = {name: values[alone] for name, values in left_over(dataset, roles, raw, keep).items()}
    # Where cells were set, what rows have in common is what was done to them.
    columns = {} if dataset.set_by_row else working_columns(dataset, roles, raw, keep)
    columns = {name: values[alone] for name, values in columns.items()}
    few = not residuals or int(alone.sum()) < LEAST_ROWS
    looks = [look for look in _looks(dataset, roles, raw, keep, alone, taken) if look.asked or not few]
    titled = {name: dataset.column(name).title for name in residuals}
    return _Seen(dataset, keep, whole, numbers, place, tuple(titled), few, taken).settled(
        _ties(residuals, columns, titled, looks)
    )


@dataclass(frozen=True, eq=False)
class _Seen:
    """The rows that were looked at: ``place`` says of which distinct row each is a copy, ``few`` that they are few."""

    dataset: Dataset
    keep: NDArray[np.bool_]
    raw: Mapping[str, FloatArray]
    numbers: tuple[str, ...]
    place: IntArray | None
    names: tuple[str, ...]
    few: bool
    taken: RowsAs

    @property
    def rows(self) -> int:
        return int(self.keep.sum())

    @property
    def times(self) -> float:
        """How many times the typical row stands there."""
        return 1.0 if self.place is None else typical_size(self.place)

    def settled(self, found: list[Tie]) -> Dependence:
        """Decide what follows."""
        rows, times = self.rows, self.times
        if self.taken.way == "none":
            notes = [ignored_words(tie, rows) for tie in found if tie.worst.factor > REMARK]
            ties: list[Tie] = []
        else:
            notes = [remark_about(tie, rows) for tie in found if not tie.asked and tie.worst.factor <= REMARK]
            notes += [] if self.few else self._kept_in_mind(found)
            ties = [tie for tie in found if tie.asked or tie.worst.factor > REMARK]
        if 1.0 < times <= REMARK:
            notes.append(f"Some rows are copies of others: {rows:,} rows say about as much as {rows / times:,.0f}.")
            times = 1.0
        total = self._total(ties, times)
        worst = self._worst(total, times)
        offers = self._offers(ties)
        reasons = self._reasons(ties, times)
        if reasons:
            return Dependence(tuple(reasons), tuple(notes), tuple(advice_about(ties, times > 1.0)), offers=offers)
        if worst.factor <= REMARK and not any(tie.asked for tie in ties):
            return Dependence(notes=tuple(notes), offers=offers)
        total = _few_groups(ties) * total
        factors = {
            frozenset((self.names[a], self.names[b])): max(1.0, float(total[a, b]))
            for a, b in zip(*np.triu_indices(len(self.names), 1), strict=True)
            if total[a, b] != times
        }
        said = computed_words(ties, times, worst, rows)
        return Dependence((), tuple(notes), (), said, offers, self._clusters(ties), factors, times)

    def _total(self, ties: list[Tie], times: float) -> FloatArray:
        """Return the factors of all pairs: what ties rows adds up, and copies multiply it."""
        found = np.ones((len(self.names), len(self.names)))
        for tie in ties:
            found += tie.factors - 1.0
        return times * found

    def _worst(self, total: FloatArray, times: float) -> Worst:
        found = worst_of(self.names, total)
        titled = {name: self.dataset.column(name).title for name in found.pair if name}
        return Worst((titled[found.pair[0]], titled[found.pair[1]]), found.factor) if titled else Worst(factor=times)

    def _reasons(self, ties: list[Tie], times: float) -> list[str]:
        """Say why the verdict is withheld, if it is."""
        if self.few and self.taken.way != "none":
            found = [
                f"the column {words}, and there are too few rows to see whether that matters"
                for column, words in _telling(self.dataset)
                if column.name != self.taken.column
            ]
            if found:
                return found
        looked = [tie for tie in ties if not tie.asked]
        series = any(tie.way != "group" and tie.worst.factor > SERIES for tie in looked)
        lost = [t for t in ties if t.asked and t.way == "time" and self.rows / t.worst.factor < _FEWEST_ALIKE]
        if not series and not lost and self._worst(self._total(looked, times), times).factor <= WITHHELD:
            return []
        said = [reason_about(tie, self.rows) for tie in (*lost, *looked)]
        if times > 1.0:
            said.append(f"whole rows are copies of others, {times:.1f} of each on average")
        return said

    def _kept_in_mind(self, ties: list[Tie]) -> list[str]:
        """Say of dates and repeated identifiers that were looked at and do no visible harm."""
        told = {tie.column.name for tie in ties if tie.column is not None}
        return [
            f"The column {words}: scores leave out single rows, not blocks of them. What the modelled columns leave "
            f"unexplained does not visibly resemble {_likeness(column)}, so p-values and the verdict stand."
            for column, words in _telling(self.dataset)
            if column.name not in told
        ]

    def _offers(self, ties: list[Tie]) -> tuple[str, ...]:
        """Return the ways out of what was found: groups as groups or one row of each, dates, no order, no copies."""
        grouped = [t for t in ties if t.way == "group" and not t.asked and t.column is not None]
        found = [f"group:{t.column.name}" for t in grouped if t.column is not None]
        found += [f"one:{t.column.name}" for t in grouped if t.column is not None and t.groups >= _FEWEST_ALIKE]
        ordered = [tie for tie in ties if tie.way != "group"]
        found += [f"group:{column.name}" for tie in ordered if not tie.asked for column in tie.stretches]
        if any(not tie.asked for tie in ordered):
            found += [f"time:{column.name}" for column in self.dataset.columns if column.kind == "date"]
        copied = ["one"] if self.times > REMARK else []
        return (*dict.fromkeys(found), *(["none"] if ordered else []), *copied)

    def _clusters(self, ties: list[Tie]) -> IntArray | None:
        """Return which rows are resampled and summed together: as was said, else by the worst tie, else copies."""
        first = max(ties, key=lambda tie: (tie.asked, tie.worst.factor), default=None)
        if first is None:
            return self.place if self.rows <= MOST_ROWS else copies(self.raw, self.numbers)
        labels = None if first.column is None else labels_of(self.dataset.values(first.column.name)[self.keep])
        if first.way == "group":
            return labels
        # Blocks twice as long as the memory lasts, and longer the more rows there are (Kuensch 1989).
        longest = max(1, self.rows // _FEW_BLOCKS)
        length = min(longest, max(2 * first.lags, round(self.rows ** (1 / 3)), 1))
        order = np.arange(self.rows) if labels is None else np.argsort(labels, kind="stable")
        blocks = np.empty(self.rows, dtype=np.intp)
        blocks[order] = np.arange(self.rows) // length
        return blocks


def _few_groups(ties: list[Tie]) -> float:
    """Return the factor that few groups add to a variance: their own scatter is known from so many (a t on G - 1).

    Only of groups that the user names: one that is merely found in a column may be a cause that nobody drew, and
    then hardly any pair has it in both ends.
    """
    fewest = min((tie.groups for tie in ties if tie.asked and tie.way == "group" and tie.groups > 1), default=0)
    return float(stdtrit(fewest - 1, 0.975) / ndtri(0.975)) ** 2 if fewest else 1.0


def _likeness(column: Column) -> str:
    return "the time before" if column.kind == "date" else "the other rows of the same one"


def _telling(dataset: Dataset) -> Iterator[tuple[Column, str]]:
    """Give the columns that by their kind alone say that rows may depend on each other."""
    for column in dataset.columns:
        if column.kind == "date":
            yield column, f"{column.title} is a date"
        elif column.kind == "identifier" and _repeats(dataset, column.name) > 1.0:
            yield column, f"{column.title} is an identifier that repeats"


# -- looking -------------------------------------------------------------------------


def _looks(
    dataset: Dataset,
    roles: Mapping[str, Role],
    raw: Mapping[str, FloatArray],
    keep: NDArray[np.bool_],
    alone: NDArray[np.bool_],
    taken: RowsAs,
) -> Iterator[Look]:
    """Give what may tie rows together: what the user says, else dates and row order; then every column that repeats."""
    if taken.column:
        column = dataset.column(taken.column)
        labels = labels_of(dataset.values(column.name)[keep][:MOST_ROWS][alone])
        yield Look(taken.way, column, labels, asked=True)
    if taken.way != "time":
        for column in dataset.columns:
            if column.kind == "date" and column.name != taken.column:
                yield Look("time", column, labels_of(dataset.values(column.name)[keep][:MOST_ROWS][alone]))
        yield Look("order")
    for column in dataset.columns:
        name = column.name
        if name == taken.column or (name in roles and roles[name].discrete) or _repeats(dataset, name) <= REMARK:
            continue
        values = dataset.values(name)[keep][:MOST_ROWS][alone]
        labels = labels_of(values)
        if typical_size(labels) > REMARK and labels.max(initial=0) > 1:  # two groups do not show how groups vary
            yield Look("group", column, labels, column.kind not in _NAMES)


def _beside(dataset: Dataset, raw: Mapping[str, FloatArray], keep: NDArray[np.bool_]) -> dict[str, FloatArray]:
    """Return what else stands in a row, modelled or not: a copy repeats all of it but a name of its own."""
    others = (column for column in dataset.columns if column.name not in raw)
    found = {column.name: (column.kind, dataset.values(column.name)[keep]) for column in others}
    return {
        name: values for name, (kind, values) in found.items() if kind != "identifier" or _repeats(dataset, name) > 1
    }


def _repeats(dataset: Dataset, name: str) -> float:
    """Return in how many rows the value of the typical row stands."""

    def count() -> float:
        values = dataset.values(name)
        return size_of_repeats(values if dataset.kept is None else values[dataset.kept])

    return dataset.remembered(("repeats", name), count)


def _ties(
    residuals: Mapping[str, FloatArray],
    columns: Mapping[str, FloatArray],
    titled: Mapping[str, str],
    looks: list[Look],
) -> list[Tie]:
    """Return what ties rows together: what the user says, then the worst, then what that leaves, and so on.

    Weaker than a remark, all that is found is taken down at once and nothing is looked for behind it. Of what is
    found and was not said, the columns that it acts on itself count (:mod:`core.check.acted_on`).
    """
    if not residuals:  # nothing to look at: what the user says stands
        return [_tie(titled, Worst(), look, np.empty((0, 0)), 0) for look in looks if look.asked]
    names, left = tuple(residuals), stacked(residuals)
    level = CHANCE / max(1, len(names) * sum(look.way == "group" for look in looks))
    found: list[Tie] = []
    direct: dict[Look, FloatArray] = {}  # looks compare by identity
    while looks and len(found) < _ROUNDS:
        ranked = []
        for look in looks:
            factors, lags = look.factors(left, level)
            if columns and not look.asked and worst_of(names, factors).factor > REMARK:
                if look not in direct:
                    direct[look] = acts_on(look, columns, residuals)
                factors = 1.0 + (factors - 1.0) * np.outer(direct[look], direct[look])
            ranked.append((worst_of(names, factors), look, factors, lags))
        ranked.sort(key=lambda one: (-one[1].asked, -one[0].factor))
        worst, look, factors, lags = ranked[0]
        if not look.asked and worst.factor <= REMARK:
            return found + [_tie(titled, *one) for one in ranked if one[0].factor > 1.0]
        stretches = () if look.way != "order" else _stretches(look, [one[:2] for one in ranked], left)
        found.append(replace(_tie(titled, worst, look, factors, lags), stretches=stretches))
        looks = [other for other in looks if other is not look]
        if look.way == "group" and look.labels is not None:
            left = around_means(left, look.labels)
        else:  # what lasts makes neighbours alike however they are grouped
            looks = [other for other in looks if other.way == "group" and not follows(other, look)]
    return found


def _stretches(order: Look, others: list[tuple[Worst, Look]], left: FloatArray) -> tuple[Column, ...]:
    """Return the columns whose groups are stretches of the order of the rows, and leave hardly anything of it."""
    found = []
    for worst, look in others:
        if look.way == "group" and look.column is not None and look.labels is not None and worst.factor > REMARK:
            rest = order_factors(around_means(left, look.labels))[0] if follows(look, order) else None
            if rest is not None and np.triu(rest, 1).max(initial=0.0) <= SERIES:
                found.append(look.column)
    return tuple(found)


def _tie(titled: Mapping[str, str], worst: Worst, look: Look, factors: FloatArray, lags: int) -> Tie:
    a, b = (titled.get(name, name) for name in worst.pair)
    groups = 0 if look.labels is None or look.way != "group" else int(look.labels.max(initial=-1)) + 1
    return Tie(look.way, look.column, Worst((a, b), worst.factor), factors, lags, look.asked, groups)
