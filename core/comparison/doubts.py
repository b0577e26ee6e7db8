"""What the verdict says of claims on which the three looks disagree."""

from collections.abc import Callable, Sequence

from core.check.tested import FEW_ROWS, NOT_IN_A_LINE, IndependenceTest
from core.comparison.result import HypothesisFacts
from core.words import joined

__all__ = ["doubt_sentences", "doubt_words"]

Title = Callable[[str], str]

_ROWS = 5


def doubt_sentences(facts: Sequence[HypothesisFacts], title: Title) -> list[str]:
    """Return one sentence for each thing that the looks disagree on, with the hypotheses that deny it.

    Parameters
    ----------
    facts : sequence of HypothesisFacts
    title : callable
        From a column's name to the user's words for it.
    """
    said: dict[str, list[str]] = {}
    for hypothesis in facts:
        found = hypothesis.doubted_bearing
        if not found:
            continue
        more = f" ({len(found) - 1} more of its claims are in doubt)" if len(found) > 1 else ""
        said.setdefault(f"{doubt_words(found[0], title)}{more}", []).append(hypothesis.name)
    return [f"{joined(names)} {'denies' if len(names) == 1 else 'deny'} {words}." for words, names in said.items()]


def doubt_words(test: IndependenceTest, title: Title) -> str:
    """Return what the looks say of one denied link, as it follows on "A denies"."""
    given = (
        f", once {joined(map(title, test.given))} {'is' if len(test.given) == 1 else 'are'} known" if test.given else ""
    )
    pair = f"a link between {title(test.x)} and {title(test.y)}{given}"
    if test.shape == NOT_IN_A_LINE:
        return f"{pair}: they are related, though not in a line"
    size = f"{test.association or 0.0:.2f} [{test.q05 or 0.0:.2f}, {test.q95 or 0.0:.2f}]"
    if test.shape == FEW_ROWS and test.rows:
        shown = [f"{row:,}" for row in test.rows[:_ROWS]]
        rest = [f"{len(test.rows) - _ROWS} more"] if len(test.rows) > _ROWS else []
        rows = f"row {shown[0]}" if len(test.rows) == 1 else f"rows {joined([*shown, *rest])}"
        return (
            f"{pair}: {size} is left over, but that rests on {rows}; look at {'it' if len(test.rows) == 1 else 'them'}"
        )
    return f"{pair}: {size} is left over in a straight line, so either an arrow is missing, or {_bends(test, title)}"


def _bends(test: IndependenceTest, title: Title) -> str:
    if test.about is None:
        return "what causes both acts in a curve, or on their spread"
    if test.differs_by_group:
        return f"what causes both acts differently by {title(test.about)} (letting it differ would show which)"
    return f"{title(test.about)} acts in a curve (letting it bend would show which)"
