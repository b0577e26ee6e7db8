"""The verdict in a few plain sentences, under the rules of docs/statistics.md ("What must be said").

The question comes first: what each hypothesis answers and whether they differ; then what the data
say about the claims that bear on it; then ties that leave the answer open, with what would settle
them; then prediction and probability in the question's scope; then the rest in one line. Before
all stands what stops a verdict (dependent rows, failed gates). Nothing here ranks inside an
equivalence class, and no sentence goes from prediction to causation. Terms that only an analyst
knows stand in the tables, not here.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import inf

from core.check.dependence import Dependence
from core.check.rows import REMARK
from core.check.tested import IndependenceTest
from core.comparison.answers import Answer, answer_sentences, answers_of, differing, tied_answers
from core.comparison.beside import beside_sentences
from core.comparison.cautions import effect_cautions
from core.comparison.differences import families_differ, same_arrows, shows_difference
from core.comparison.doubts import doubt_sentences
from core.comparison.extra import expert_words, extra_arrows
from core.comparison.facts import label_in
from core.comparison.reach import reach_words
from core.comparison.resting import NOTHING, Rest
from core.comparison.result import ClassFacts, ColumnFacts, Difference, HypothesisFacts, Question
from core.comparison.rival import Rival
from core.comparison.ways import gate_words, share
from core.words import joined, sentence

__all__ = ["verdict"]

Title = Callable[[str], str]


def verdict(
    facts: Sequence[HypothesisFacts],
    rivals: Sequence[Rival],
    classes: Sequence[ClassFacts],
    differences: Sequence[Difference],
    question: Question | None,
    dependence: Dependence,
    columns: Mapping[str, ColumnFacts],
    rest: Rest = NOTHING,
) -> tuple[str, ...]:
    """Return the sentences.

    Parameters
    ----------
    facts : sequence of HypothesisFacts
    rivals : sequence of Rival
        The same hypotheses, same order; as the question sees them where there is one.
    classes, differences
        Over all columns.
    question : Question or None
        Classes and differences in the question's scope.
    dependence : Dependence
        Whether rows are exchangeable.
    columns : mapping of str to ColumnFacts
        The user's words for columns, and their units.
    rest : Rest
        What the scores rest on that does not hold, in the question's scope where there is one.
    """
    title = label_in(columns)
    found: list[str] = []
    if dependence:
        found.append(dependence.withheld)
        found.extend(dependence.advice)
    answers: tuple[Answer, ...] = ()
    if question is not None:
        pair = question.exposure, question.outcome
        answers = answers_of(facts, pair, columns)
        found.extend(answer_sentences(facts, pair, columns))
        found.extend(effect_cautions(facts, pair, columns))
    if dependence.computed:
        found.append(dependence.said)
    found.extend(_gates(facts, title))
    if not dependence:
        found.extend(_contradictions(facts, title, question is not None))
        found.extend(doubt_sentences(facts, title))
    seen_classes = classes if question is None else question.classes
    seen = differences if question is None else question.differences
    found.extend(
        _ties(seen_classes, seen, answers, question, title, {rival.name: rival for rival in rivals}, bool(dependence))
    )
    ranked = all(rival.sampled_well and rival.scored_well for rival in rivals)
    if len(seen_classes) > 1 and ranked and not dependence:
        broken = {h.name: {frozenset((test.x, test.y)) for test in h.contradicted_bearing} for h in facts}
        by_name, asked = {r.name: r for r in rivals}, question is not None
        found.extend(_prediction(seen_classes, seen, by_name, broken, asked, title, dependence, rest))
    found.extend(_families(rivals, title))
    if question is not None and not dependence:
        found.extend(beside_sentences(facts, classes, differences, question, title))
    return tuple(found)


def _gates(facts: Sequence[HypothesisFacts], title: Title) -> list[str]:
    """Say which gates failed: one sentence for what several hypotheses share."""
    found: dict[str, list[str]] = {}
    for hypothesis in facts:
        for failure in hypothesis.gates.failed[:1]:
            more = len(hypothesis.gates.failed) - 1
            rest = f" (and {more} more)" if more else ""
            words = f"{gate_words(failure, title)}{rest}. {sentence(failure.advice)}"
            found.setdefault(words, []).append(hypothesis.name)
    return [f"{joined(names)} {_is(names)} not ranked: {words}" for words, names in found.items()]


def _contradictions(facts: Sequence[HypothesisFacts], title: Title, asked: bool) -> list[str]:
    found = []
    where = " where it matters" if asked else ""
    for hypothesis in facts:
        broken = hypothesis.contradicted_bearing
        if not broken:
            continue
        worst = broken[0]
        given = f", once {joined(title(name) for name in worst.given)} {_is(worst.given)} known," if worst.given else ""
        tested = sum(test.contradicted is not None for test in hypothesis.bearing)
        claims = "claims that bear on the question" if asked else "tested claims"
        more = f" ({len(broken)} of its {tested} {claims} fail)" if len(broken) > 1 else ""
        scale = "from -1 to 1" if worst.signed else "from 0 to 1"
        found.append(
            f"{hypothesis.name} is contradicted{where}: it denies a link between {title(worst.x)} and "
            f"{title(worst.y)}{given} that is there: {worst.association:.2f} [{worst.q05:.2f}, {worst.q95:.2f}] on a "
            f"scale {scale} is left over{more}{_although(hypothesis, worst, title)}."
        )
    others = [h for h in facts if not h.contradicted_bearing and not any(t.accused for t in h.doubted_bearing)]
    return [*found, *_not_contradicted(others, where)]


def _although(facts: HypothesisFacts, test: IndependenceTest, title: Title) -> str:
    """Say where a contradiction rests on a family that does not fit: its own sentence says so, with the remedy."""
    flags = [shape for shape in facts.flagged_shapes if shape.node in (test.x, test.y)]
    if not flags:
        return ""
    mended = next((words for shape in flags if (words := shape.mended(title))), "")
    return f", though {flags[0].short(title)}{f' ({mended})' if mended else ''}"


def _not_contradicted(facts: Sequence[HypothesisFacts], where: str) -> list[str]:
    """Say of hypotheses without a contradiction whether there was anything to contradict: in one sentence."""
    tested = [h for h in facts if any(test.contradicted is not None for test in h.bearing)]
    blind = [h for h in facts if h.bearing and h not in tested]
    saturated = [h for h in facts if not h.bearing]
    about = " about the question" if where else ""
    parts = []
    if tested:
        names = joined(h.name for h in tested)
        reach = reach_words(test for h in tested for test in h.bearing)
        parts.append(f"{names} {_is(tested)} not contradicted{where} ({reach}), which is not the same as supported")
    if blind:
        names = joined(h.name for h in blind)
        # A name keeps its own letters; only our own words begin with a capital.
        the = "the" if parts else "The"
        parts.append(
            f"{the} claims of {names}{about} cannot be tested: too few rows are left, or columns that determine one "
            "another"
        )
    if saturated:
        verb = "claims" if len(saturated) == 1 else "claim"
        parts.append(f"{joined(h.name for h in saturated)} {verb} nothing{about} that these columns can test")
    if not parts:
        return []
    return [f"{'; '.join(parts)}."]


def _is(many: Sequence[object]) -> str:
    return "is" if len(many) == 1 else "are"


def _ties(
    classes: Sequence[ClassFacts],
    differences: Sequence[Difference],
    answers: Sequence[Answer],
    question: Question | None,
    title: Title,
    rivals: Mapping[str, Rival],
    dependent: bool,
) -> list[str]:
    found = []
    for group in classes:
        if len(group.members) < 2:
            continue
        names = joined(group.members)
        gaps = [d for d in differences if d.same_class and d.a in group.members and d.b in group.members]
        own = [one for one in answers if one.name in group.members]
        if question is not None and not any(d.by_node for d in gaps) and len({one.words for one in own}) == 1:
            found.append(
                f"{names} say the same about the question: they differ only in what is upstream of it, or not at all."
            )
            continue
        first, *others = (rivals[name] for name in group.members)
        if all(same_arrows(first, other) for other in others) and any(d.by_node for d in gaps):
            said = tied_answers(answers, group.members) if differing(own) else ""
            found.append(_of_form(group.members, () if dependent else gaps, said))
            continue
        words = f"{names} are tied for good: no observation can separate them (Markov equivalent)"
        if question is not None and differing(own):
            words += (
                f", and yet they say different things about the effect ({tied_answers(answers, group.members)}); "
                f"an experiment on {title(question.exposure)} would"
            )
        largest = max((abs(d.log_bayes_factor or 0.0) for d in gaps), default=0.0)
        score = max((abs(d.elpd or 0.0) for d in gaps), default=0.0)
        if max(largest, score) > 1e-6:
            words += (
                "; the gap in their scores is due to the assumed families and forms and no reason to prefer a member"
            )
        found.append(f"{words}.")
    return found


def _of_form(members: Sequence[str], gaps: Sequence[Difference], answers: str) -> str:
    """Say of hypotheses that draw one graph what tells their forms apart: that ranks no graph."""
    words = f"{joined(members)} draw the same arrows and differ in form or family alone"
    if answers:
        words += f", and yet they say different things about the effect ({answers})"
    if not gaps:
        return f"{words}."
    for name in members:
        ahead = [(d.elpd if d.a == name else -(d.elpd or 0.0), d.se) for d in gaps if name in (d.a, d.b)]
        if all(shows_difference(elpd, se) and (elpd or 0.0) > 0 for elpd, se in ahead):
            elpd, se = min(ahead, key=lambda one: one[0] or 0.0)
            return f"{words}; left-out rows speak for the form of {name} ({elpd:+.1f} ± {se:.1f})."
    return f"{words}; left-out rows speak for none of these forms."


def _name(group: ClassFacts, the: str = "the") -> str:
    return group.members[0] if len(group.members) == 1 else f"{the} class {' = '.join(group.members)}"


def _prediction(
    classes: Sequence[ClassFacts],
    differences: Sequence[Difference],
    rivals: Mapping[str, Rival],
    broken: Mapping[str, Collection[frozenset[str]]],
    asked: bool,
    title: Title,
    dependence: Dependence,
    rest: Rest,
) -> list[str]:
    """Compare the class of highest evidence, member by member, with the one that rivals it most.

    That is the one that predicts better by most, where one does; else the next in evidence.
    """
    order = sorted(classes, key=lambda group: -_weight(group))
    first = order[0]
    between = {
        group.members: [_oriented(d, first) for d in differences if _joins(d, first, group)] for group in order[1:]
    }
    ahead = [group for group in order[1:] if _always(between[group.members], -1.0)]
    second = min(ahead, key=lambda group: _least(between[group.members])) if ahead else order[1]
    pairs = between[second.members]
    found = []
    scope = "For the question " if asked else ""
    name = partial(_name, the="the" if asked else "The")
    if _always(pairs, 1.0):
        least = min(pairs, key=lambda d: d.elpd or 0.0)
        words = f"{scope}{name(first)} predicts better than {_name(second)} ({least.elpd:+.1f} ± {least.se:.1f})"
    elif ahead:
        least = max(pairs, key=lambda d: d.elpd or 0.0)
        words = (
            f"{scope}{name(second)} predicts better than {_name(first)} ({-(least.elpd or 0.0):+.1f} ± {least.se:.1f})"
        )
        if first.log_evidence is not None and second.log_evidence is not None:
            words += f", while {_name(first)} has the higher evidence: read both"
    else:
        closest = min(pairs, key=lambda d: abs(d.elpd or 0.0))
        words = (
            f"{scope}{'b' if asked else 'B'}etween {_name(first)} and {_name(second)} there is no difference in "
            f"prediction that this data can show ({closest.elpd:+.1f} ± {closest.se:.1f})"
        )
    extra = next((said for d in pairs if (said := _extra(d, rivals, broken, title, dependence))), None)
    if extra is not None:
        words += f"; {extra}"
    if rest:
        remedy = rest.remedy(title)
        mended = f"mended ({remedy})" if remedy else "settled"
        words += f"; but that rests on {rest.words(title)}, so no probability is given until this is {mended} or you "
        words += "take it as it is"
    found.append(f"{words}.")
    likely = max(classes, key=lambda group: group.spoken_probability or 0.0)
    if likely.spoken_probability is not None:
        found.append(_probability(classes, likely, [name for name, pairs in broken.items() if pairs], asked))
    return found


def _extra(
    found: Difference,
    rivals: Mapping[str, Rival],
    broken: Mapping[str, Collection[frozenset[str]]],
    title: Title,
    dependence: Dependence,
) -> str | None:
    """Say of a nested pair whether the additional arrows are there.

    Evidence for or against an arrow takes rows as independent: between columns that resemble each other within
    groups or over time it is not spoken of.
    """
    if found.nested is None or found.same_class:
        return None
    a, b = rivals[found.a], rivals[found.b]
    small, large = (a, b) if found.nested == b.name else (b, a)
    first = found.nested == a.name
    extra = extra_arrows(small, large, found.log_bayes_factor, found.log_bayes_factor_sweep, first)
    if any(dependence.inflation(*arrow.edge) > REMARK for arrow in extra.arrows):
        extra = replace(extra, bayes=None)
    return expert_words(extra, title, broken.get(small.name, ()))


def _weight(group: ClassFacts) -> float:
    return -inf if group.log_evidence is None else group.log_evidence


def _always(pairs: Sequence[Difference], sign: float) -> bool:
    """Return whether every pair of members shows a difference of this sign."""
    return all(shows_difference(d.elpd, d.se) and sign * (d.elpd or 0.0) > 0 for d in pairs)


def _least(pairs: Sequence[Difference]) -> float:
    """Return the difference nearest to zero among negative ones."""
    return max(d.elpd or 0.0 for d in pairs)


def _probability(classes: Sequence[ClassFacts], first: ClassFacts, contradicted: Collection[str], asked: bool) -> str:
    """Say how probable the likeliest class is, and that this is a share among these, however wrong all are.

    The probability is the bagged one: that of the rows as they are over-reacts where all are somewhat wrong.
    """
    alone = all(len(group.members) == 1 for group in classes)
    words = (
        f"If one of these {len(classes)} {'hypotheses' if alone else 'classes'} is right, each taken as equally likely "
        f"before, {_name(first)} has probability {share(first.spoken_probability or 0.0)}"
    )
    words += " for the question" if asked else ""
    if all(name in contradicted for group in classes for name in group.members):
        return f"{words}; but the data contradict every one of them, so a graph that is not here may be right."
    if all(name in contradicted for name in first.members):
        return f"{words}, although the data contradict it."
    return f"{words}."


def _joins(found: Difference, first: ClassFacts, second: ClassFacts) -> bool:
    return (found.a in first.members and found.b in second.members) or (
        found.b in first.members and found.a in second.members
    )


def _oriented(found: Difference, first: ClassFacts) -> Difference:
    """Return the difference with the member of ``first`` in front."""
    if found.a in first.members:
        return found
    sweep = found.log_bayes_factor_sweep
    return replace(
        found,
        a=found.b,
        b=found.a,
        elpd=None if found.elpd is None else -found.elpd,
        log_bayes_factor=None if found.log_bayes_factor is None else -found.log_bayes_factor,
        log_bayes_factor_sweep=None if sweep is None else tuple(-value for value in sweep),
    )


def _families(rivals: Sequence[Rival], title: Title) -> list[str]:
    nodes = sorted({node for rival in rivals[1:] for node in families_differ(rivals[0].fit, rival.fit)})
    if not nodes:
        return []
    names = joined(title(node) for node in nodes)
    return [
        f"The hypotheses give {names} different families, so part of every difference is due to that and not to arrows."
    ]
