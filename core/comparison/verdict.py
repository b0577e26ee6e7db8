"""The verdict in a few plain sentences, under the rules of STATISTICS ("What must be said").

In order: what stops a verdict (dependent rows, failed gates), which hypotheses the data
contradict, which are tied for good, what predicts better and whether an additional arrow is
there. Nothing here ranks inside an equivalence class, and no sentence goes from prediction
to causation.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from math import inf

from core.check.rows import Dependence
from core.comparison.differences import Rival, clauses, families_differ, shows_difference
from core.comparison.result import ClassFacts, Difference, HypothesisFacts
from core.comparison.ways import gate_words
from core.graph.words import joined

__all__ = ["verdict"]

Title = Callable[[str], str]


def verdict(
    facts: Sequence[HypothesisFacts],
    rivals: Sequence[Rival],
    classes: Sequence[ClassFacts],
    differences: Sequence[Difference],
    dependence: Dependence,
    title: Title = str,
) -> tuple[str, ...]:
    """Return the sentences.

    Parameters
    ----------
    facts : sequence of HypothesisFacts
    rivals : sequence of Rival
        The same hypotheses, same order.
    classes : sequence of ClassFacts
    differences : sequence of Difference
    dependence : Dependence
        Whether rows are exchangeable.
    title : callable
        From a column's name to the user's words for it.
    """
    found: list[str] = []
    if dependence:
        found.append(
            f"No verdict: {'; '.join(dependence.reasons)}, and every p-value and score here takes rows as exchangeable."
        )
        found.extend(dependence.advice)
    found.extend(_gates(facts, title))
    if not dependence:
        found.extend(_contradictions(facts, title))
    found.extend(_ties(classes, differences))
    ranked = all(rival.sampled_well and rival.scored_well for rival in rivals)
    if len(classes) > 1 and ranked and not dependence:
        found.extend(_prediction(classes, differences, {h.name for h in facts if h.contradicted}))
    found.extend(_families(rivals, title))
    return tuple(found)


def _gates(facts: Sequence[HypothesisFacts], title: Title) -> list[str]:
    """Say which gates failed: one sentence for what several hypotheses share."""
    found: dict[str, list[str]] = {}
    for hypothesis in facts:
        for failure in hypothesis.gates.failed[:1]:
            more = len(hypothesis.gates.failed) - 1
            rest = f" (and {more} more)" if more else ""
            words = f"{gate_words(failure, title)}{rest}. {_sentence(failure.advice)}"
            found.setdefault(words, []).append(hypothesis.name)
    return [f"{joined(names)} {_is(names)} not ranked: {words}" for words, names in found.items()]


def _sentence(words: str) -> str:
    words = words[:1].upper() + words[1:]
    return words if words.endswith(".") else f"{words}."


def _contradictions(facts: Sequence[HypothesisFacts], title: Title) -> list[str]:
    found = []
    for hypothesis in facts:
        broken = hypothesis.contradicted
        if not broken:
            continue
        worst = broken[0]
        given = f" given {joined(title(name) for name in worst.given)}" if worst.given else ""
        tested = sum(test.contradicted is not None for test in hypothesis.implications)
        more = f" ({len(broken)} of its {tested} tested claims fail)" if len(broken) > 1 else ""
        found.append(
            f"{hypothesis.name} is contradicted: it says that {title(worst.x)} and {title(worst.y)} are unrelated"
            f"{given}, but an association of {worst.association:.2f} "
            f"(90 % interval {worst.q05:.2f} to {worst.q95:.2f}) "
            f"is left over{more}."
        )
    rest = _not_contradicted([hypothesis for hypothesis in facts if not hypothesis.contradicted])
    return [*found, *rest]


def _not_contradicted(facts: Sequence[HypothesisFacts]) -> list[str]:
    """Say of hypotheses without a contradiction whether there was anything to contradict: in one sentence."""
    tested = [h for h in facts if any(test.contradicted is not None for test in h.implications)]
    blind = [h for h in facts if h.implications and h not in tested]
    saturated = [h for h in facts if not h.implications]
    parts = []
    if tested:
        names = joined(h.name for h in tested)
        parts.append(f"{names} {_is(tested)} not contradicted by these data, which is not the same as supported")
    if blind:
        names = joined(h.name for h in blind)
        parts.append(
            f"the claims of {names} cannot be tested: too few rows are left, or columns that determine one another"
        )
    if saturated:
        verb = "claims" if len(saturated) == 1 else "claim"
        parts.append(f"{joined(h.name for h in saturated)} {verb} nothing that these columns can test")
    if not parts:
        return []
    # A name keeps its own letters; only our own words begin with a capital.
    first = f"The{parts[0][3:]}" if parts[0].startswith("the claims of ") else parts[0]
    return [f"{'; '.join([first, *parts[1:]])}."]


def _is(many: Sequence[object]) -> str:
    return "is" if len(many) == 1 else "are"


def _ties(classes: Sequence[ClassFacts], differences: Sequence[Difference]) -> list[str]:
    found = []
    for group in classes:
        if len(group.members) < 2:
            continue
        gaps = [d for d in differences if d.same_class and d.a in group.members and d.b in group.members]
        words = f"{joined(group.members)} are tied: no observational data can separate them (Markov equivalent)"
        largest = max((abs(d.log_bayes_factor or 0.0) for d in gaps), default=0.0)
        score = max((abs(d.elpd or 0.0) for d in gaps), default=0.0)
        if max(largest, score) > 1e-6:
            words += (
                f"; the gap between them (up to {largest:.2g} in log evidence, {score:.2g} in elpd) is due to the "
                "assumed families and no reason to prefer a member"
            )
        found.append(f"{words}.")
    return found


def _name(group: ClassFacts) -> str:
    return group.members[0] if len(group.members) == 1 else f"the class {' = '.join(group.members)}"


def _prediction(
    classes: Sequence[ClassFacts], differences: Sequence[Difference], contradicted: Collection[str]
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
    if _always(pairs, 1.0):
        least = min(pairs, key=lambda d: d.elpd or 0.0)
        words = f"{_upper(_name(first))} predicts better than {_name(second)} (elpd {least.elpd:+.1f} ± {least.se:.1f})"
    elif ahead:
        least = max(pairs, key=lambda d: d.elpd or 0.0)
        words = (
            f"{_upper(_name(second))} predicts better than {_name(first)} "
            f"(elpd {-(least.elpd or 0.0):+.1f} ± {least.se:.1f})"
        )
        if first.log_evidence is not None and second.log_evidence is not None:
            words += f", while {_name(first)} has the higher evidence: read both"
    else:
        closest = min(pairs, key=lambda d: abs(d.elpd or 0.0))
        words = (
            f"Between {_name(first)} and {_name(second)} there is no difference in prediction that this data can show "
            f"(elpd {closest.elpd:+.1f} ± {closest.se:.1f})"
        )
    extra = next((clause for d in pairs if (clause := clauses(d)[1])), None)
    if extra is not None:
        words += f"; {extra}"
    found.append(f"{words}.")
    if first.probability is not None:
        found.append(_probability(classes, first, contradicted))
    return found


def _weight(group: ClassFacts) -> float:
    return -inf if group.log_evidence is None else group.log_evidence


def _always(pairs: Sequence[Difference], sign: float) -> bool:
    """Return whether every pair of members shows a difference of this sign."""
    return all(shows_difference(d.elpd, d.se) and sign * (d.elpd or 0.0) > 0 for d in pairs)


def _least(pairs: Sequence[Difference]) -> float:
    """Return the difference nearest to zero among negative ones."""
    return max(d.elpd or 0.0 for d in pairs)


def _probability(classes: Sequence[ClassFacts], first: ClassFacts, contradicted: Collection[str]) -> str:
    """Say how probable the first class is, and that this is a share among these, however wrong all are."""
    alone = all(len(group.members) == 1 for group in classes)
    words = (
        f"If one of these {len(classes)} {'hypotheses' if alone else 'classes'} is right, each taken as equally likely "
        f"before, {_name(first)} has probability {_share(first.probability or 0.0)}"
    )
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

    return replace(found, a=found.b, b=found.a, elpd=None if found.elpd is None else -found.elpd)


def _upper(words: str) -> str:
    return "The" + words[3:] if words.startswith("the class ") else words


def _share(value: float) -> str:
    if value > 0.995:
        return "over 0.99"
    return "under 0.01" if value < 0.005 else f"{value:.2f}"


def _families(rivals: Sequence[Rival], title: Title) -> list[str]:
    nodes = sorted({node for rival in rivals[1:] for node in families_differ(rivals[0].fit, rival.fit)})
    if not nodes:
        return []
    names = joined(title(node) for node in nodes)
    return [
        f"The hypotheses give {names} different families, so part of every difference is due to that and not to arrows."
    ]
