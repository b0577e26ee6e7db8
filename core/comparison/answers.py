"""What each hypothesis answers to the question, in one sentence, and whether the answers differ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from core.comparison.amounts import percent_said
from core.comparison.facts import label_in
from core.comparison.resting import effect_rests_on
from core.comparison.result import ColumnFacts, HypothesisFacts
from core.effects.steps import SHARE, Step, reads_wide
from core.effects.total import Effect, Quartiles
from core.fit.posterior import Contrast, Summary
from core.words import either, interval, joined, number

__all__ = ["Answer", "answer_sentences", "answers_of", "differing", "reads_better_wide", "tied_answers"]

_SHOWN = 6  # hypotheses in one sentence; the picture below it has all


@dataclass(frozen=True)
class Answer:
    """One hypothesis' answer; ``mean`` is None where there is no number, and ``words`` say why."""

    name: str
    words: str
    mean: float | None = None
    low: float = 0.0
    high: float = 0.0

    @property
    def none(self) -> bool:
        """Whether no path leads from the one to the other."""
        return self.mean == 0 and self.low == 0 and self.high == 0


def answers_of(
    facts: Sequence[HypothesisFacts], pair: tuple[str, str], columns: Mapping[str, ColumnFacts]
) -> tuple[Answer, ...]:
    """Return every hypothesis' answer to one question.

    Parameters
    ----------
    facts : sequence of HypothesisFacts
    pair : (str, str)
        Exposure and outcome.
    columns : mapping of str to ColumnFacts
    """
    step, wide = _common_step(facts, pair), reads_better_wide(facts, pair)
    return tuple(
        replace(found, words=_with_percent(found.words, effect, columns))
        for h in facts
        for effect in _effects(h, pair)
        for found in (_answer(h, effect, step, wide, columns[pair[1]]),)
    )


def reads_better_wide(facts: Sequence[HypothesisFacts], pair: tuple[str, str]) -> bool:
    """Return whether the step from quartile to quartile says more than that of one unit (:func:`reads_wide`)."""
    found = next((e.quartiles for h in facts for e in _effects(h, pair) if e.quartiles is not None), None)
    return found is not None and reads_wide(Step(found.low, found.high))


def differing(answers: Sequence[Answer]) -> bool:
    """Return whether two answers differ by more than their intervals: each leaves the other's mean out."""
    known = [one for one in answers if one.mean is not None]
    return any(
        not (a.low <= (b.mean or 0.0) <= a.high or b.low <= (a.mean or 0.0) <= b.high)
        for i, a in enumerate(known)
        for b in known[:i]
    )


def answer_sentences(
    facts: Sequence[HypothesisFacts], pair: tuple[str, str], columns: Mapping[str, ColumnFacts]
) -> list[str]:
    """Return the sentence with all answers, and one on whether they differ where there are several."""
    found = answers_of(facts, pair, columns)
    if not found:
        return []
    step = _common_step(facts, pair)
    x, y = (_titled(columns[name]) for name in pair)
    what = f"{_step_words(step, columns[pair[0]], x, _quartiles(facts, pair))} changes {y}{_level(step)} by"
    by_words: dict[str, list[str]] = {}
    for one in found:
        by_words.setdefault(one.words, []).append(one.name)
    shown = list(by_words.items())
    though = _though(facts, pair, label_in(columns))
    if len(found) == 1:
        return [f"{what} {found[0].words} if {found[0].name} is right{though}."]
    parts = [f"{words} if {either(names)} is right" for words, names in shown[:_SHOWN]]
    more = f"; {len(shown) - _SHOWN} more answers stand below" if len(shown) > _SHOWN else ""
    return [f"{what} {_listed(parts)}{more}{though}.", *_whether(found)]


def _though(facts: Sequence[HypothesisFacts], pair: tuple[str, str], title: Callable[[str], str]) -> str:
    """Say which answers pass through a family that does not fit, as the end of their sentence."""
    flags = {h.name: effect_rests_on(h, pair) for h in facts}
    resting = [name for name, found in flags.items() if found]
    if not resting:
        return ""
    words = dict.fromkeys(shape.short(title) for name in resting for shape in flags[name])
    shown = joined(list(words)[:2])
    whose = "this" if len(resting) == len(facts) else f"what {joined(resting)} {'says' if len(resting) == 1 else 'say'}"
    return f"; {whose} rests on a model that does not fit there ({shown})"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"


def _whether(found: Sequence[Answer]) -> list[str]:
    known = [one for one in found if one.mean is not None]
    if len(known) < 2:
        return []
    if differing(known):
        return ["The answers differ, so it matters which graph is right."]
    return ["The answers are about the same, whichever of these graphs is right."]


def _effects(facts: HypothesisFacts, pair: tuple[str, str]) -> list[Effect]:
    return [effect for effect in facts.effects if (effect.treatment, effect.outcome) == pair][:1]


def _common_step(facts: Sequence[HypothesisFacts], pair: tuple[str, str]) -> Contrast | None:
    """Return, of an effect that has several contrasts, the one that is largest under any hypothesis."""
    every = [c for h in facts for effect in _effects(h, pair) for c in effect.contrasts or ()]
    return max(every, key=lambda c: abs(c.mean)) if every else None


def _quartiles(facts: Sequence[HypothesisFacts], pair: tuple[str, str]) -> Quartiles | None:
    """Return the step from quartile to quartile, where that is the one to be said."""
    if not reads_better_wide(facts, pair):
        return None
    return next(e.quartiles for h in facts for e in _effects(h, pair) if e.quartiles is not None)


def _answer(facts: HypothesisFacts, effect: Effect, step: Contrast | None, wide: bool, outcome: ColumnFacts) -> Answer:
    name = facts.name
    if not effect.identified:
        return Answer(name, "what cannot be known from this")
    if step is not None:
        same = [c for c in effect.contrasts or () if (c.low, c.high, c.level) == (step.low, step.high, step.level)]
        if not same:
            return Answer(name, "an amount that is held back (a gate failed)")
        return _number(name, same[0].mean, same[0].q05, same[0].q95, outcome, effect, step.level is not None)
    if effect.mean is None or effect.q05 is None or effect.q95 is None:
        why = "that is held back (a gate failed)" if not facts.gates.passed else "that has no mean"
        return Answer(name, f"an amount {why}")
    if wide and effect.quartiles is not None:
        q = effect.quartiles
        return _number(name, q.mean, q.q05, q.q95, outcome, replace(effect, ratio=q.ratio))
    return _number(name, effect.mean, effect.q05, effect.q95, outcome, effect)


def _number(
    name: str, mean: float, low: float, high: float, outcome: ColumnFacts, effect: Effect, share: bool = False
) -> Answer:
    if mean == low == high == 0:
        return Answer(name, "nothing at all", 0.0)
    if share or (outcome.kind == "binary" and effect.scale == "mean"):
        said = f"{_signed(100 * mean)} {interval(100 * low, 100 * high)} in 100"
    elif effect.scale == "median" and effect.ratio is not None:
        ratio = effect.ratio
        times = f"×{number(ratio['mean'])} {interval(ratio['q05'], ratio['q95'])}"
        said = f"{_signed(mean)} {interval(low, high)} in the median ({times})"
    else:
        said = f"{_signed(mean)} {interval(low, high)}"
    return Answer(name, said, mean, low, high)


def _with_percent(words: str, effect: Effect, columns: Mapping[str, ColumnFacts]) -> str:
    """Return an answer with what one per cent more brings in brackets behind it, where it is spoken of so."""
    if effect.percent is None:
        return words
    amount = percent_said(cast(Summary, effect.percent), columns[effect.outcome])
    said = f"1 % more {columns[effect.treatment].label}: {amount}"
    return f"{words[:-1]}; {said})" if words.endswith(")") else f"{words} ({said})"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{number(value)}"


def _titled(column: ColumnFacts) -> str:
    return f"{column.label} [{column.unit}]" if column.unit else column.label


def _level(step: Contrast | None) -> str:
    return f" = {step.level}" if step is not None and step.level is not None else ""


def _step_words(step: Contrast | None, exposure: ColumnFacts, title: str, wide: Quartiles | None) -> str:
    if step is not None and step.low != "as observed":
        return f"{title} going from {step.low} to {step.high} (the step that does most)"
    if exposure.kind == "binary" and len(exposure.levels) == 2:
        return f"{title} going from {exposure.levels[0]} to {exposure.levels[1]}"
    if wide is not None:
        return f"{title} going from {number(wide.low)} to {number(wide.high)} (the middle half of the rows)"
    return f"{SHARE:g} more in {title}" if exposure.kind == "proportion" else f"One more in {title}"


def tied_answers(answers: Sequence[Answer], members: Sequence[str]) -> str:
    """Return what tied hypotheses say, in brackets: ``"+1.5 and nothing at all"``."""
    words = dict.fromkeys(one.words for one in answers if one.name in members)
    return joined(words)
