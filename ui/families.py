"""Families in the expert's words, one line each: what the chooser says under a node."""

from __future__ import annotations

from collections.abc import Iterable

from ui import words

__all__ = ["FAMILY_WORDS", "families_html"]

FAMILY_WORDS = {
    "Normal": "scatters evenly on both sides of what its causes predict (bell curve)",
    "StudentT": "a bell curve with heavier tails: a few far-off values do not sway the rest",
    "SkewNormal": "a bell curve that leans to one side, with a longer tail there",
    "LogNormal": "positive and skewed to the right: causes multiply instead of adding",
    "Gamma": "positive and skewed to the right; its spread grows with its average",
    "Weibull": "positive: times until something happens, lifetimes, strengths",
    "Beta": "a share strictly between 0 and 1",
    "Bernoulli": "yes or no; causes shift the odds",
    "Binomial": "how many out of a known number of tries",
    "Poisson": "a count of rare, separate events; it varies about as much as its average",
    "NegativeBinomial": "a count that varies more than its average, in bursts or clusters",
    "ZeroInflatedPoisson": "a count with more zeros than events alone explain: some cases could never have any",
    "ZeroInflatedNegativeBinomial": "a count in clusters, and with more zeros than these explain",
    "Categorical": "one of several kinds without an order; causes shift the odds of each",
    "Table": "a table of frequencies, one row for each combination of its causes; nothing is assumed about their form",
    "OrderedLogit": "steps in an order, as in a rating; causes push towards the higher or the lower ones",
}


def families_html(names: Iterable[str], chosen: str | None) -> str:
    """Return a closed list of what each offered family is, with the chosen one's line before it."""
    offered = [name for name in names if name in FAMILY_WORDS]
    said = ""
    if chosen in FAMILY_WORDS:
        said = f"<b>{words.html(chosen)}</b>: {words.html(FAMILY_WORDS[chosen])}."
    lines = "".join(f"<li><b>{words.html(name)}</b>: {words.html(FAMILY_WORDS[name])}.</li>" for name in offered)
    return (
        f'<div class="wb-small wb-families">{said}'
        f'<details><summary>what each family is</summary><ul class="wb-claims">{lines}</ul></details></div>'
    )
