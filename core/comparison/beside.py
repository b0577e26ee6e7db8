"""What the verdict says of what does not bear on the question: one line each, and where the scopes differ."""

from collections.abc import Callable, Collection, Sequence

from core.comparison.differences import shows_difference
from core.comparison.result import ClassFacts, Difference, HypothesisFacts, Question
from core.comparison.ways import share
from core.words import joined

__all__ = ["beside_sentences", "gap_sources"]

Title = Callable[[str], str]

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORTH = 0.05  # a probability that differs by less between the scopes is not spoken of


def beside_sentences(
    facts: Sequence[HypothesisFacts],
    classes: Sequence[ClassFacts],
    differences: Sequence[Difference],
    question: Question,
    title: Title,
) -> list[str]:
    """Return the rest in one line, and why all columns say something else than the question, if they do.

    Parameters
    ----------
    facts : sequence of HypothesisFacts
    classes, differences
        Over all columns.
    question : Question
    title : callable
    """
    return [*_scopes_differ(classes, differences, question, title), *_claims_beside(facts)]


def _claims_beside(facts: Sequence[HypothesisFacts]) -> list[str]:
    counts = [len(h.contradicted_beside) for h in facts]
    failing = [(h.name, count) for h, count in zip(facts, counts, strict=True) if count]
    if not failing:
        return []
    several = sum(counts) > 1
    they = "they do" if several else "it does"
    if len(set(counts)) == 1:
        one = counts[0] == 1
        many = "" if len(facts) == 1 else f" in {'both' if len(facts) == 2 else f'all {_word(len(facts))}'}"
        return [
            f"{counts[0]} {'claim' if one else 'claims'} among background columns {'fails' if one else 'fail'}{many}; "
            f"{'it does' if one else 'they do'} not bear on the question."
        ]
    listed = joined(f"{count} in {name}" for name, count in failing)
    return [f"Claims among background columns fail too ({listed}); {they} not bear on the question."]


def _word(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def _scopes_differ(
    classes: Sequence[ClassFacts], differences: Sequence[Difference], question: Question, title: Title
) -> list[str]:
    inside = {frozenset((d.a, d.b)): d for d in question.differences}
    found = [d for d in differences if _says_more(d, inside[frozenset((d.a, d.b))])]
    if found:
        widest = max(found, key=lambda d: abs(d.elpd or 0.0))
        return [_gap(widest, inside[frozenset((widest.a, widest.b))], classes, question, title)]
    moved = _moved(classes, question)
    if moved is None:
        return []
    members, everywhere, here = moved
    sources = gap_sources(differences, question, members)
    because = f": the gap comes from {joined(map(title, sources))}" if sources else ""
    name = " = ".join(members)
    return [f"Over all columns {name} has probability {share(everywhere)}, for the question {share(here)}{because}."]


def _says_more(everywhere: Difference, here: Difference) -> bool:
    """Return whether all columns show a difference that the question does not."""
    if everywhere.same_class or not shows_difference(everywhere.elpd, everywhere.se):
        return False
    same_way = (everywhere.elpd or 0.0) * (here.elpd or 0.0) > 0
    return here.same_class or not (shows_difference(here.elpd, here.se) and same_way)


def _gap(found: Difference, here: Difference, classes: Sequence[ClassFacts], question: Question, title: Title) -> str:
    better, other = (found.a, found.b) if (found.elpd or 0.0) > 0 else (found.b, found.a)
    sources = _upstream(found, question)
    opposite = shows_difference(here.elpd, here.se) and not here.same_class
    said = f"it is {other} that does" if opposite else "they do not differ"
    words = (
        f"{better} predicts all columns better than {other} by {abs(found.elpd or 0.0):,.0f} ± {found.se or 0.0:,.0f}; "
        f"for the question {said}"
    )
    if sources:
        words += f", the gap comes from {joined(map(title, sources))}"
    moved = _moved(classes, question)
    if moved is not None:
        members, everywhere, there = moved
        name = " = ".join(members)
        words += f" (probability of {name} over all columns {share(everywhere)}, for the question {share(there)})"
    return f"{words}."


def _upstream(found: Difference, question: Question) -> list[str]:
    """Return the columns upstream of the question that a difference comes from, at most two."""
    outside = {node: value for node, value in found.by_node.items() if node in question.upstream}
    sign = 1.0 if (found.elpd or 0.0) > 0 else -1.0
    pulling = [node for node in outside if sign * outside[node] > 0]
    return sorted(pulling, key=lambda node: -abs(outside[node]))[:2]


def gap_sources(differences: Sequence[Difference], question: Question, members: Collection[str]) -> list[str]:
    """Return the columns upstream of the question that move the probability of a class, at most two."""
    own = [d for d in differences if (d.a in members) != (d.b in members) and not d.same_class]
    best = max(own, key=lambda d: abs(d.elpd or 0.0), default=None)
    return [] if best is None else _upstream(best, question)


def _moved(classes: Sequence[ClassFacts], question: Question) -> tuple[tuple[str, ...], float, float] | None:
    """Return the hypotheses whose probability the scope moves most: names, over all columns, for the question."""
    here = {name: group for group in question.classes for name in group.members}
    moves = [
        (group.members, group.spoken_probability, probability)
        for group in classes
        if group.spoken_probability is not None
        and (probability := here[group.members[0]].spoken_probability) is not None
        and set(here[group.members[0]].members) == set(group.members)
    ]
    far = max(moves, key=lambda move: abs(move[1] - move[2]), default=None)
    return far if far is not None and abs(far[1] - far[2]) > _WORTH else None
