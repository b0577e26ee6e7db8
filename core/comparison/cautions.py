"""What stands beside an effect in the expert's words: overlap, a second opinion, and what would overturn it."""

from collections.abc import Callable, Mapping, Sequence
from math import exp

from core.comparison.facts import label_in
from core.comparison.result import ColumnFacts, HypothesisFacts
from core.effects.opinions import GAP, Overlap, SecondOpinion
from core.effects.robustness import Robustness
from core.effects.total import Effect
from core.words import either, interval, joined, number

__all__ = ["FRAGILE", "HALF", "beside_effect", "effect_cautions", "opinion_amount"]

FRAGILE = 0.1
"""An effect whose robustness value is less than that, though its interval leaves zero out, is said to be fragile."""

HALF = 0.5
"""And one of which a cause as strong as the strongest measured one would leave less."""


def effect_cautions(
    facts: Sequence[HypothesisFacts], pair: tuple[str, str], columns: Mapping[str, ColumnFacts]
) -> list[str]:
    """Return what must be said of an effect before anybody relies on it: one sentence for what several share.

    Parameters
    ----------
    facts : sequence of HypothesisFacts
    pair : (str, str)
        Exposure and outcome.
    columns : mapping of str to ColumnFacts
        The user's words for columns.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for hypothesis in facts:
        for effect in hypothesis.effects:
            if (effect.treatment, effect.outcome) == pair:
                for words, own in _cautions(effect, columns):
                    found.setdefault(words, []).append((hypothesis.name, own))
    return [_told(words, shared) for words, shared in found.items()]


_WHO, _OWN = "\0", "\1"  # where names, and what is each one's own, come in; no name can hold it


def _told(words: str, shared: Sequence[tuple[str, str]]) -> str:
    """Put in who says it, and what of it is their own: once where it is the same."""
    own = list(dict.fromkeys(part for _, part in shared))
    whose = f"the model's is {own[0]}" if len(own) == 1 else f"the models' are {joined(own)}"
    return words.replace(_WHO, either(name for name, _ in shared)).replace(_OWN, whose)


def _cautions(effect: Effect, columns: Mapping[str, ColumnFacts]) -> list[tuple[str, str]]:
    """Return sentences, each with the part that is this hypothesis' own."""
    x, y = map(label_in(columns), (effect.treatment, effect.outcome))
    found: list[tuple[str, str]] = []
    overlap, second = effect.overlap, effect.second
    if overlap is not None and overlap.lacks:
        words = (
            f"If {_WHO} is right, for {_percent(overlap.share)} of rows there is nobody to compare with: rows like "
            f"them are as good as never seen at {_other(overlap, x)}"
        )
        if overlap.comparable is not None:
            words += f"; among the others the effect is {opinion_amount(overlap, columns[effect.outcome])}"
        found.append((f"{words}.", ""))
    elif second is not None and second.differs:
        found.append(_gap(second, columns[effect.outcome]))
    if second is not None and second.bends:
        words = f"{x} acts on {y} in a curve if {_WHO} is right, and its model has a straight line there"
        found.append((f"{words}: one number for the effect says too little.", ""))
    robust = effect.robustness
    if robust is not None and robust.value_at_level > 0 and _clear(effect, robust.estimate):
        found += [(words, "") for words in _unmeasured(robust, x, y, label_in(columns))]
    return found


def _unmeasured(robust: Robustness, x: str, y: str, title: Callable[[str], str]) -> list[str]:
    """Say what would overturn an effect, where a cause as strong as a measured one would, or a weak one."""
    bench = robust.benchmark
    if bench is not None and (bench.possible or bench.left < HALF):
        much = "could be all there is to" if bench.possible else "would take over half of"
        return [
            f"Something unmeasured that acts on both {x} and {y} as strongly as {title(bench.name)} does {much} the "
            f"effect if {_WHO} is right."
        ]
    if robust.value < FRAGILE:
        return [
            f"Something unmeasured that explains {_percent(robust.value)} of what is left of both {x} and {y} would "
            f"take the effect to zero if {_WHO} is right."
        ]
    return []


def _clear(effect: Effect, estimate: float) -> bool:
    """Return whether the reported interval leaves zero out too, on the same side: there is something to overturn."""
    low, high = effect.q05, effect.q95
    return low is not None and high is not None and low * high > 0 and low * estimate > 0


def _gap(second: SecondOpinion, outcome: ColumnFacts) -> tuple[str, str]:
    opinion, where = second, ""
    if second.gap <= GAP and second.on_mean is not None:
        opinion, where = second.on_mean, " on the mean"
    words = (
        f"If {_WHO} is right, the answer depends on the form of the model: a regression that may bend gives "
        f"{opinion_amount(opinion, outcome)}{where}{_between(second)}, where {_OWN}."
    )
    return words, _amount(opinion.reported, opinion.scale, outcome)


def beside_effect(effect: Effect, columns: Mapping[str, ColumnFacts]) -> list[str]:
    """Return what stands beside one effect, each in a few words: overlap, second opinion, robustness.

    Parameters
    ----------
    effect : Effect
    columns : mapping of str to ColumnFacts
    """
    outcome, x = columns[effect.outcome], label_in(columns)(effect.treatment)
    found = []
    if effect.overlap is not None:
        overlap = effect.overlap
        words = f"for {_percent(overlap.share)} of rows there is nobody to compare with"
        if overlap.lacks and overlap.comparable is not None:
            words += f" at {_other(overlap, x)}; among the others {opinion_amount(overlap, outcome)}"
        found.append("every row has others to compare with" if overlap.share == 0 else words)
    if effect.second is not None:
        found.append(_opinion(effect.second, outcome))
    elif effect.second_reason is not None and (effect.sd or any(c.sd for c in effect.contrasts or ())):
        found.append(f"no second opinion: {effect.second_reason}")
    if effect.robustness is not None:
        found.append(_overturned(effect.robustness, label_in(columns)))
    return found


def _overturned(robust: Robustness, title: Callable[[str], str]) -> str:
    words = f"zero if something unmeasured explains {_percent(robust.value)} of what is left of both"
    bench = robust.benchmark
    if bench is None or robust.value == 0:
        return words
    left = "nothing" if bench.left <= 0 else _percent(bench.left)
    maybe = " or nothing" if bench.possible and bench.left > 0 else ""
    return f"{words}; one as strong as {title(bench.name)} would leave {left} of it{maybe}"


def _opinion(second: SecondOpinion, outcome: ColumnFacts) -> str:
    between = _between(second)
    words = f"a regression that may bend gives {opinion_amount(second, outcome)}{between}"
    if second.gap > GAP:
        words += f": the answer depends on the form of the model, whose own is {_own(second, outcome)}"
    else:
        words += f", near enough to the model’s {_own(second, outcome)}"
    if second.on_mean is not None and second.on_mean.differs:
        mean = second.on_mean
        words += f"; on the mean {opinion_amount(mean, outcome)}, not the model’s {_own(mean, outcome)}"
    if second.bends:
        words += "; the effect is a curve, not a straight line"
    return words


def _between(second: SecondOpinion) -> str:
    """Return which step was compared, where it is not the effect's own."""
    if second.low is not None:
        return f" from {second.low} to {second.high}"
    return " between the quartiles" if second.step == "quartiles" else ""


def _own(second: SecondOpinion, outcome: ColumnFacts) -> str:
    return _amount(second.reported, second.scale, outcome)


def opinion_amount(found: SecondOpinion | Overlap, outcome: ColumnFacts) -> str:
    """Return an estimate with its 90 % interval: in 100 for a chance, as a factor for a ratio."""
    if isinstance(found, SecondOpinion):
        said = found.said
    else:
        assert found.comparable is not None
        said = found.comparable.factor if found.scale == "ratio" else found.comparable.to_dict()
    if found.scale == "ratio":
        return f"×{number(said['mean'])} {interval(said['q05'], said['q95'])}"
    if outcome.kind == "binary":
        return f"{_signed(100 * said['mean'])} {interval(100 * said['q05'], 100 * said['q95'])} in 100"
    return f"{_signed(said['mean'])} {interval(said['q05'], said['q95'])}"


def _amount(value: float, scale: str, outcome: ColumnFacts) -> str:
    if scale == "ratio":
        return f"×{number(exp(value))}"
    return f"{_signed(100 * value)} in 100" if outcome.kind == "binary" else _signed(value)


def _other(overlap: Overlap, x: str) -> str:
    if overlap.low is not None:
        return f"{x} = {overlap.low} or {overlap.high}"
    return f"the other value of {x}" if overlap.step == "own" else f"both values of {x} that are compared"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{number(value)}"
