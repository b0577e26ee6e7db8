"""The third step of a comparison: the hypotheses held against one another, over all columns and for the question."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.comparison.classes import class_facts
from core.comparison.differences import all_differences
from core.comparison.question import in_scope, question_of
from core.comparison.resting import Rest, resting, without_probability
from core.comparison.result import ClassFacts, Difference, HypothesisFacts, Question
from core.comparison.rival import Rival
from core.fit.result import BlockFit
from core.memory import Memory
from core.study.bagging import Bag, bag
from core.study.checking import Checked
from core.study.grounding import Ground
from core.study.planning import Plan

__all__ = ["Scored", "score"]


@dataclass(frozen=True, eq=False)
class Scored:
    """How the hypotheses stand beside one another.

    Parameters
    ----------
    seen : tuple of Rival
        The hypotheses as the question sees them; as they are where nothing is asked.
    classes, differences
        Over all columns.
    question : Question or None
        The same for the question.
    rests : (Rest, Rest)
        What the scores over all columns, and those for the question, rest on and does not hold.
    """

    seen: tuple[Rival, ...]
    classes: tuple[ClassFacts, ...]
    differences: tuple[Difference, ...]
    question: Question | None
    rests: tuple[Rest, Rest]


def score(plan: Plan, fits: Mapping[str, BlockFit], ground: Ground, checked: Checked, memory: Memory) -> Scored:
    """Compare the hypotheses in both scopes; a probability that rests on what does not hold is withheld."""
    rivals, scope, dependence = checked.rivals, plan.scope, ground.dependence
    seen = tuple(rivals) if scope is None else in_scope(rivals, scope, plan.targets)
    several = len(plan.classes) > 1 or len({rival.group for rival in seen}) > 1
    # One class has probability 1 on whatever rows; dependent rows have none.
    resampled = bag(plan, fits, memory, clusters=ground.together) if several and not dependence else None
    classes = _classes(plan, ground, rivals, resampled)
    question = None
    if scope is not None:
        names = [rival.name for rival in rivals]
        inside = resampled.of(names, scope.columns) if resampled is not None else None
        question = question_of(seen, scope, bool(dependence), plan.title, inside, ground.clusters)
    differences = all_differences(rivals, bool(dependence), plan.title, ground.clusters)
    return _withheld(
        Scored(seen, classes, differences, question, _rests(checked.facts, rivals, seen, classes, question))
    )


def _classes(plan: Plan, ground: Ground, rivals: tuple[Rival, ...], resampled: Bag | None) -> tuple[ClassFacts, ...]:
    names = [rival.name for rival in rivals]
    return class_facts(
        names,
        plan.classes,
        [rival.fit.log_evidence for rival in rivals],
        [rival.fit.elpd_i for rival in rivals],
        ranked=all(rival.sampled_well for rival in rivals) and not ground.dependence,
        predictive=all(rival.scored_well for rival in rivals),
        resampled=resampled.of(names) if resampled is not None else None,
    )


def _rests(
    facts: tuple[HypothesisFacts, ...],
    rivals: tuple[Rival, ...],
    seen: tuple[Rival, ...],
    classes: tuple[ClassFacts, ...],
    question: Question | None,
) -> tuple[Rest, Rest]:
    everywhere = resting(facts, rivals, classes)
    return everywhere, everywhere if question is None else resting(facts, seen, question.classes)


def _withheld(found: Scored) -> Scored:
    """Withhold probabilities that rest on what does not hold, in each scope by itself."""
    everywhere, inside = found.rests
    classes, question = found.classes, found.question
    if everywhere:
        classes = without_probability(classes)
    if inside and question is not None:
        question = replace(question, classes=without_probability(question.classes))
    return replace(found, classes=classes, question=question)
