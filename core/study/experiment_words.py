"""What experiments change, in sentences: who had foreseen what, whom they tell apart, what moves by how much."""

from collections.abc import Sequence
from itertools import combinations
from math import exp

from core.comparison.extra import BARE_MENTION
from core.effects.experiments import LEVEL, Experiment
from core.study.experimenting import Experimented, Foreseen
from core.words import interval, joined, number

__all__ = ["experiment_words", "taken_words", "told_apart"]

_MOST = 6  # sentences of a kind
_FEW = 3  # experiments that are named
_COUNTLESS = 14.0  # a log factor over which it is no number that anybody reads


def experiment_words(found: Experimented) -> tuple[str, ...]:
    """Return what a reader must know beside the numbers, one sentence each."""
    return (*_disagreeing(found), *_apart(found), *_moved(found), *_limits(found))


def taken_words(experiments: Sequence[Experiment]) -> str:
    """Return that experiments are taken into account beside the rows, by their names; empty without any."""
    if not experiments:
        return ""
    names = [one.name for one in experiments if one.name]
    few = len(names) == len(experiments) <= _FEW
    which = joined(names) if few else "an experiment" if len(experiments) == 1 else f"{len(experiments):,} experiments"
    return f"beside the rows, what was found by {which} is taken into account"


def told_apart(found: Experimented) -> tuple[str, ...]:
    """Return whom experiments tell apart, and what cannot be said: what no table of the numbers says."""
    return (*_apart(found), *_limits(found))


def _many(sentences: Sequence[str], more: str) -> list[str]:
    left = len(sentences) - _MOST
    return [*sentences[:_MOST], *([f"{left} more {more}"] if left > 0 else [])]


def _disagreeing(found: Experimented) -> list[str]:
    """Say where a result is none that a hypothesis, with what it learnt from the rows, would have foreseen.

    Of several experiments some are far off by chance: the level is shared out among them (Bonferroni).
    """
    many = len(found.learned)
    told, lost = [], set(range(many))
    for place in range(len(found.acting.names)):
        seen = [(one.experiment, one.foreseen[place]) for one in found.learned]
        gaps = {k: each.disagreement for k, (_, each) in enumerate(seen) if each.disagreement is not None}
        far = {k: abs(gap.gap) for k, gap in gaps.items() if gap.p * many < LEVEL}
        lost &= far.keys()
        if far:
            told.append(_disagrees(*seen[max(far, key=far.__getitem__)], len(far), many))
    told = _many(told, "hypotheses disagree with what was found")
    if lost and len(found.acting.names) > 1:
        which = joined(found.learned[k].experiment.name for k in sorted(lost)[:_MOST])
        told.append(
            f"no hypothesis had foreseen what was found ({which}): the experiment may have been about other units than "
            "the rows, or every graph lacks something"
        )
    return told


def _disagrees(one: Experiment, each: Foreseen, far: int, many: int) -> str:
    assert each.disagreement is not None
    assert each.predicted is not None
    gap = number(abs(each.disagreement.gap))
    more = "" if many == 1 else f" ({far} of {many} results are so far off; this is the farthest)"
    if not each.leads:
        return (
            f"under {each.name} no path leads from {joined(one.touched)} to {one.outcome}, and the experiment found "
            f"{_result(one)}, which is {gap} standard errors from 0{more}"
        )
    foresaw = f"{number(each.predicted['mean'])} {interval(each.predicted['q05'], each.predicted['q95'])}"
    return (
        f"the experiment and the data disagree under {each.name} by {gap} standard errors: for {one.name} it foresaw "
        f"{foresaw}, and the experiment found {_result(one)}{more}"
    )


def _result(one: Experiment) -> str:
    return f"{number(one.estimate)} ± {number(one.se)}"


def _apart(found: Experimented) -> list[str]:
    """Say which hypotheses the experiments tell apart, and that they can do what no observation can."""
    classes = found.acting.comparison.classes
    members = {name: k for k, one in enumerate(classes) for name in one.members}
    gains = dict(zip(found.acting.names, found.gains, strict=True))
    what = "the experiment" if len(found.learned) == 1 else "the experiments"
    told = []
    for a, b in combinations(found.acting.names, 2):
        one, other = gains[a], gains[b]
        if one is None or other is None:
            continue
        up, down, factor = (a, b, one - other) if one >= other else (b, a, other - one)
        tied = a in members and members.get(a) == members.get(b)
        if factor <= BARE_MENTION:
            told.append(f"{what} {'do' if len(found.learned) > 1 else 'does'} not tell {a} from {b}")
        elif tied:
            told.append(
                f"no observation of these columns can tell {a} from {b}; {what} can: {_times(factor)} as likely "
                f"under {up} as under {down}"
            )
        else:
            told.append(f"what was found is {_times(factor)} as likely under {up} as under {down}")
    return _many(told, "pairs of hypotheses are not listed")


def _times(factor: float) -> str:
    return f"{number(exp(factor))} times" if factor < _COUNTLESS else "over a million times"


def _moved(found: Experimented) -> list[str]:
    before, after = found.before.weights, found.acting.weights
    if len(before) < 2:
        return []
    moves = [
        f"of {name} from {was:.0%} to {now:.0%}"
        for name, was, now in zip(found.acting.names, before, after, strict=True)
        if round(was, 2) != round(now, 2)
    ]
    start = "; all were taken as equally probable before, since the rows alone tell no probability"
    return [f"the probability {joined(moves)}{start if found.before.alike else ''}"] if moves else []


def _limits(found: Experimented) -> list[str]:
    told = []
    for name, gain in zip(found.acting.names, found.gains, strict=True):
        if gain is None:
            reasons = {each.reason for one in found.learned for each in one.foreseen if each.name == name}
            why = next(reason for reason in sorted(reasons, reverse=True) if reason)
            told.append(f"{name} foresees nothing here, so that its probability stays as it was ({why})")
    if found.approximate:
        told.append(
            f"under {joined(found.approximate)} the experiment lies so far from the data that the numbers are a Normal "
            "approximation"
        )
    return told
