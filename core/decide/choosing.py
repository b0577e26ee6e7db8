"""The search for the best actions, by several yardsticks at once.

Outcomes share their noise from action to action, so each yardstick is a fixed surface over actions: smooth in the
mean, with edges where it is a maximum over hypotheses or a mean of the worst draws. The search asks for no gradient. A
design fills what is allowed; then each yardstick goes on from the best action found, by steps of a pattern search
(Torczon 1997) whose directions follow levers, limits and chance, and which is cut to a third when none leads up. All
yardsticks are asked about all actions that any of them tried. The same seed gives the same actions.

**One half of the draws chooses, the other says what the choice is worth.** The largest of many noisy numbers is large
in part by its noise (the optimiser's curse; Smith & Winkler 2006), and draws that took no part do not have that noise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.decide.criteria import cvar, expected, pooled_variance, widened
from core.decide.feasible import all_actions, design, distinct, polled, repaired
from core.decide.levers import Levers
from core.decide.utility import Outcomes, Utility, worth
from core.errors import ModelError, UsageError

__all__ = ["FEWEST_DRAWS", "LITTLE", "Aims", "Chosen", "choose", "halves", "sums_of", "yardsticks"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Progress = Callable[[str, float], None]

FEWEST_DRAWS = 20
_FIRST = {1: 1 / 64, 2: 1 / 12}  # the first step by the number of levers, a share of their ranges
_FIRST_OF_MANY = 1 / 6
_LAST = 1 / 2048
_ROUNDS = 40
_MOST_TRIED = 4000
_APART = 0.25  # a second start is as far from the first, in units of the ranges
_PATIENCE = 3  # rounds in which a second start must become the better one
_MIXED = (0.25, 0.5, 0.75)  # shares of CVaR in yardsticks between it and the mean, which lead along the frontier
_NOTHING = 1e-9  # of a yardstick's size: what differs by less is the same
LITTLE = 0.01  # a hypothesis that counts for less: the safest is also found without it
_BETWEEN = {1: 4, 2: 4}  # parts of the way between two best actions, by the number of levers
_BETWEEN_OF_MANY = 8


@dataclass(frozen=True)
class Aims:
    """By what actions are judged.

    Attributes
    ----------
    weights : array, shape (H,)
        Of the hypotheses, adding up to 1.
    risk : float
        The share of worst draws whose mean is CVaR, over 0 and at most 1.
    spread : float, optional
        How many standard deviations are taken off the mean; without it actions are not judged so.
    widened : float
        By what the spread over draws is multiplied: rows that depend on one another know less than as many others.

    Raises
    ------
    UsageError
        For a risk or a spread that is none.
    """

    weights: FloatArray
    risk: float = 0.1
    spread: float | None = None
    widened: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.risk <= 1:
            hint = "Give a number over 0 and at most 1."
            raise UsageError(f"{self.risk:g} is no share of draws", place="risk", hint=hint)
        if self.spread is not None and not 0 <= self.spread < np.inf:
            hint = "Give 0 or more, such as 0.5."
            raise UsageError(f"{self.spread:g} is no number of standard deviations", place="spread", hint=hint)

    @property
    def names(self) -> tuple[str, ...]:
        """The yardsticks: ``expected``, ``cvar``, ``regret``; ``spread`` and ``likely`` where there is cause.

        ``likely`` is regret without the hypotheses that count for less than :data:`LITTLE`.
        """
        spread = ("spread",) if self.spread is not None else ()
        return ("expected", "cvar", "regret", *spread, *(() if self.likely.all() else ("likely",)))

    @property
    def likely(self) -> NDArray[np.bool_]:
        """Which hypotheses count for :data:`LITTLE` or more, shape (H,)."""
        found: NDArray[np.bool_] = self.weights >= LITTLE
        return found if found.any() else np.ones(len(found), dtype=bool)


@dataclass(frozen=True)
class Chosen:
    """What a search found.

    Attributes
    ----------
    actions : array, shape (A, L)
        Every action that was tried and has a utility.
    means : array, shape (A, H)
        Their utility under each hypothesis, over the draws that choose.
    expected, cvar : array, shape (A,)
        Over the draws that choose, and over hypotheses.
    own : tuple of int
        For each hypothesis, which action is best if it is right.
    best : dict of str to int
        For each yardstick, which action is best.
    scoring : array of int
        The draws that took no part in choosing; none where all of them did.
    lost : int
        Actions left out because their utility has no value in some draw.
    scores : array, shape (H + K, A)
        Under each hypothesis, and by each of the K yardsticks of ``best`` in their order.
    likely : array of bool, shape (H,)
        See :attr:`Aims.likely`.
    """

    actions: FloatArray
    means: FloatArray
    expected: FloatArray
    cvar: FloatArray
    own: tuple[int, ...]
    best: dict[str, int]
    scoring: IntArray
    lost: int
    scores: FloatArray
    likely: NDArray[np.bool_]

    def without(self, places: Sequence[int]) -> "Chosen":
        """Return what was found had these actions not been tried: the next best in their place."""
        left = np.ones(len(self.actions), dtype=bool)
        left[list(places)] = False
        scores = np.where(left, self.scores, -np.inf)
        count = len(self.own)
        with np.errstate(invalid="ignore"):
            lost = self.means[left].max(axis=0) - self.means
        for name, some in (("regret", slice(None)), ("likely", self.likely)):
            if name in self.best:
                scores[count + list(self.best).index(name)] = np.where(left, -lost[:, some].max(axis=1), -np.inf)
        tops = [int(top) for top in scores.argmax(axis=1)]
        best = {name: tops[count + k] for k, name in enumerate(self.best)}
        return replace(self, own=tuple(tops[:count]), best=best, scores=scores)


def halves(draws: int, seed: int) -> tuple[IntArray, IntArray]:
    """Return which draws choose and which score, a random half each.

    At random, since draws may come in an order: chain by chain, or from one component of a mixture after another.
    """
    order = np.random.default_rng(seed).permutation(draws)
    return np.sort(order[: draws // 2]), np.sort(order[draws // 2 :])


def choose(
    outcomes: Outcomes,
    utility: Utility,
    levers: Levers,
    aims: Aims,
    seed: int = 0,
    progress: Progress | None = None,
    *,
    halved: bool = True,
) -> Chosen:
    """Search for the best allowed action by each yardstick, and under each hypothesis alone.

    With ``halved`` a half of the draws takes no part, to score what is chosen; else they all do.

    Raises
    ------
    UsageError
        Where nothing is allowed.
    ModelError
        Where no action has a utility, or there are under :data:`FEWEST_DRAWS` draws.
    """
    search = _Search(outcomes, utility, levers, aims, seed, halved)
    listed = all_actions(levers)
    if progress is not None:
        progress("trying what can be chosen", 0.0)
    search.look(design(levers, seed) if listed is None else listed)
    if listed is None:
        search.between()
        search.climb(progress)
    return search.chosen()


def sums_of(values: FloatArray, aims: Aims) -> FloatArray:
    """Return mean, CVaR and standard deviation of each action over draws and hypotheses, shape (A, 3).

    Parameters
    ----------
    values : array, shape (H, A, S)
        Utility, widened already.
    aims : Aims
    """
    within, between = pooled_variance(values, aims.weights)
    tail = cvar(values, aims.weights, aims.risk)
    return np.stack([expected(values, aims.weights), tail, np.sqrt(within + between)], axis=1)


def yardsticks(means: FloatArray, sums: FloatArray, aims: Aims, good: NDArray[np.bool_]) -> FloatArray:
    """Return every action under each hypothesis and by each yardstick that has a name, more is better: (H + K, A).

    Parameters
    ----------
    means : array, shape (A, H)
    sums : array, shape (A, 3)
        Of :func:`sums_of`.
    aims : Aims
    good : array of bool, shape (A,)
        Which actions have a utility: against the best of these others lose.
    """
    lost = means[good].max(axis=0) - means
    rows = {"expected": sums[:, 0], "cvar": sums[:, 1], "regret": -lost.max(axis=1)}
    if aims.spread is not None:
        rows["spread"] = sums[:, 0] - aims.spread * sums[:, 2]
    if not aims.likely.all():
        rows["likely"] = -lost[:, aims.likely].max(axis=1)
    return np.array([*means.T, *(rows[name] for name in aims.names)])


@dataclass
class _Track:
    """One way up: of which yardstick, from which action, by which steps."""

    of: int
    at: int
    step: float
    second: bool = False


class _Search:
    def __init__(
        self, outcomes: Outcomes, utility: Utility, levers: Levers, aims: Aims, seed: int, halved: bool
    ) -> None:
        self.outcomes, self.utility, self.levers, self.aims = outcomes, utility, levers, aims
        self.seed, self.halved = seed, halved
        self.rng = np.random.default_rng([seed, 1])
        self.choosing: IntArray | None = None
        self.scoring: IntArray = np.empty(0, dtype=np.intp)
        self.place: dict[bytes, int] = {}
        count = len(levers.all)
        self.actions = np.empty((0, count))
        self.means = np.empty((0, len(aims.weights)))
        self.sums = np.empty((0, 3))  # mean, CVaR, standard deviation

    def look(self, actions: FloatArray) -> IntArray:
        """Compute what is not known yet of these actions; return where each stands."""
        keys = [(np.round(action, 12) + 0.0).tobytes() for action in actions]
        new = {key: action for key, action in zip(keys, actions, strict=True) if key not in self.place}
        if new:
            self._add(np.array(list(new.values())))
            for key in new:
                self.place[key] = len(self.place)
        return np.array([self.place[key] for key in keys], dtype=np.intp)

    def _add(self, actions: FloatArray) -> None:
        values = worth(self.outcomes, self.utility, self.levers, actions).values
        if len(values) != len(self.aims.weights):
            raise ModelError(
                f"there are {len(self.aims.weights)} weights and outcomes of {len(values)} hypotheses", place="weights"
            )
        if self.choosing is None:
            if values.shape[2] < FEWEST_DRAWS:
                raise ModelError(
                    f"{values.shape[2]} posterior draws are too few to choose with one half and score with the other",
                    place="draws",
                    hint=f"Take {FEWEST_DRAWS} or more.",
                )
            self.choosing = np.arange(values.shape[2])
            if self.halved:
                self.choosing, self.scoring = halves(values.shape[2], self.seed)
        some = widened(values[:, :, self.choosing], self.aims.widened)
        with np.errstate(all="ignore"):
            sums = sums_of(some, self.aims)
            # An action must have a utility in all draws, those that will score it too.
            means = np.where(np.isfinite(values).all(axis=(0, 2)), some.mean(axis=2), np.nan).T
        self.actions = np.vstack([self.actions, actions])
        self.means = np.vstack([self.means, means])
        self.sums = np.vstack([self.sums, sums])

    def scores(self) -> FloatArray:
        """Return every yardstick of every action, more is better: -inf where it has none.

        Shape (H + K + 3, A): under each hypothesis, by each of the K that have names, and between mean and CVaR.
        """
        good = np.isfinite(self.means).all(axis=1)
        if not good.any():
            raise ModelError(
                "the utility has no value for any action",
                place=f"utility {self.utility}",
                hint="Look for a division by 0, a logarithm of something negative, or outcomes that overflow.",
            )
        mixed = [(1 - share) * self.sums[:, 0] + share * self.sums[:, 1] for share in _MIXED]
        return np.where(good, np.vstack([yardsticks(self.means, self.sums, self.aims, good), *mixed]), -np.inf)

    def between(self) -> None:
        """Try what lies between the best actions of different yardsticks: the safest often does."""
        tops = distinct(self.levers.unit(self.actions[self.scores().argmax(axis=1)]))
        pairs = list(combinations(range(len(tops)), 2))[:10]
        if pairs:
            parts = _BETWEEN.get(len(self.levers.all), _BETWEEN_OF_MANY)
            way = np.arange(1, parts)[:, None] / parts
            cloud = np.vstack([tops[i] + way * (tops[j] - tops[i]) for i, j in pairs])
            self.look(repaired(self.levers, cloud))

    def climb(self, progress: Progress | None) -> None:
        """Go up from the best actions until no step of the last length leads up."""
        first = _FIRST.get(len(self.levers.all), _FIRST_OF_MANY)
        tracks = self._tracks(first)
        for turn in range(_ROUNDS):
            going = [track for track in tracks if track.step >= _LAST]
            if not going or len(self.actions) >= _MOST_TRIED:
                break
            if progress is not None:
                done = float(np.mean([np.log(first / t.step) for t in tracks])) / float(np.log(first / _LAST))
                progress("looking for better choices", min(1.0, done))
            # Yardsticks that agree so far take the same steps, once.
            tried = {
                (at, step): self.look(polled(self.levers, self.actions[at], step, self.rng))
                for at, step in dict.fromkeys((track.at, track.step) for track in going)
            }
            scores = self.scores()
            for track in going:
                self._move(track, tried[track.at, track.step], scores[track.of])
            if turn + 1 == _PATIENCE:
                tops = scores.max(axis=1)
                tracks = [t for t in tracks if not t.second or scores[t.of, t.at] >= tops[t.of]]

    def _tracks(self, step: float) -> list[_Track]:
        scores = self.scores()
        unit = self.levers.unit(self.actions)
        found = []
        for of, row in enumerate(scores):
            top = int(row.argmax())
            found.append(_Track(of, top, step))
            far = np.abs(unit - unit[top]).max(axis=1) > _APART
            if far.any() and of < len(scores) - len(_MIXED):
                found.append(_Track(of, int(np.where(far, row, -np.inf).argmax()), step, second=True))
        return [track for track in found if np.isfinite(scores[track.of, track.at])]

    @staticmethod
    def _move(track: _Track, places: IntArray, row: FloatArray) -> None:
        known = np.arange(len(row)) if not track.second else places
        best = int(known[row[known].argmax()]) if len(known) else track.at
        finite = row[np.isfinite(row)]
        if row[best] > row[track.at] + 1e-10 * float(np.ptp(finite)):
            track.at = best
        else:
            track.step /= 3

    def unchanged(self) -> dict[int, int]:
        """Return, for yardsticks that have a name, the best action with every lever left as it is today that may be.

        A lever that changes nothing would else end wherever the search last put it.
        """
        now = np.array([np.nan if lever.now is None else lever.now for lever in self.levers.all])
        scores = self.scores()[: -len(_MIXED)]
        found = {}
        for of, top in enumerate(scores.argmax(axis=1)):
            at = int(top)
            for column in np.flatnonzero(np.isfinite(now)):
                other = self.actions[at].copy()
                other[column] = now[column]
                if other[column] != self.actions[at, column] and self.levers.allows(other[None])[0]:
                    place = int(self.look(other[None])[0])
                    row = self.scores()[of]
                    if row[place] >= row[at] - _NOTHING * (abs(row[at]) + float(np.ptp(row[np.isfinite(row)]))):
                        at = place
            found[of] = at
        return found

    def chosen(self) -> Chosen:
        unchanged = self.unchanged()
        scores = self.scores()
        good = np.flatnonzero(np.isfinite(scores[0]))
        new = {int(old): place for place, old in enumerate(good)}
        count = len(self.aims.weights)
        return Chosen(
            actions=self.actions[good],
            means=self.means[good],
            expected=self.sums[good, 0],
            cvar=self.sums[good, 1],
            own=tuple(new[unchanged[h]] for h in range(count)),
            best={name: new[unchanged[count + k]] for k, name in enumerate(self.aims.names)},
            scoring=self.scoring,
            lost=len(self.actions) - len(good),
            scores=scores[: -len(_MIXED), good],
            likely=self.aims.likely,
        )
