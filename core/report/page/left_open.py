"""Hypotheses that could not be fitted, and what they say of an action: bounds, prior beside posterior, or why not."""

from collections.abc import Sequence

from core.figures.scores import Interval
from core.fit.posterior import Summary
from core.report.page.about import Told
from core.report.page.markup import Html, el, joined_html, listing
from core.study.unfitted_records import Spread, Unfitted
from core.study.unfitted_words import ANSWERS, told_of
from core.words import sentence

__all__ = ["answers_left_open", "rows_left_open"]


def rows_left_open(told: Told, left: Sequence[Unfitted]) -> list[Interval]:
    """Return a row, or some, for each where there is an interval; else its name with a note."""
    return [row for one in left for row in _rows(told, one)]


def _rows(told: Told, one: Unfitted) -> list[Interval]:
    label, colour = told.called(one.name), told.colour(one.name)
    drawn = []
    if one.estimate is not None and one.estimate.contrasts is not None:
        levels = [_interval(level, part, colour) for level, part in one.estimate.contrasts.items()]
        return [Interval(f"{label}, {ANSWERS[one.estimate.by]}", None, heading=True), *levels]
    if one.estimate is not None and one.estimate.contrast is not None:
        drawn.append(_interval(label, one.estimate.contrast, colour, ANSWERS[one.estimate.by]))
    if one.bounds is not None and len(one.bounds.chances) and one.bounds.of_two:
        effect = one.bounds.effect
        words = "bounds, whatever the form" if drawn else "bounds, no estimate"
        drawn.append(Interval(label, None, effect.low, effect.high, colour=colour, note=words, bounds=True))
    if one.beside is not None:
        before = _interval("before any row (the prior)", one.beside.prior, colour)
        after = _interval("what the rows leave", one.beside.posterior, colour, "no estimate")
        return [Interval(label, None, heading=True), before, after]
    words = "not worked out" if one.identified else "cannot be known from this"
    return drawn or [Interval(label, None, colour=colour, note=words)]


def _interval(label: str, found: Summary | Spread, colour: str, words: str = "") -> Interval:
    middle = float(found.get("q50", found["mean"]))  # type: ignore[arg-type]
    if not found["sd"]:  # no path leads there
        return Interval(label, middle, colour=colour, note=words)
    return Interval(label, middle, found["q05"], found["q95"], colour=colour, note=words)


def answers_left_open(told: Told, left: Sequence[Unfitted], unit: str) -> Html:
    """Return in sentences what each says all the same, how it could be known, and why it is not fitted."""
    if not left:
        return Html("")
    parts: list[object] = [el("h4", "Not fitted, and what they say all the same")]
    for one in left:
        said = told_of(one, told.title, unit)
        more = [*said.more, *([sentence(f"it is not fitted: {one.reason}")] if one.reason else [])]
        parts.append(el("section", el("p", told.chip(one.name), f" {said.answer}"), listing(more)))
    return joined_html(parts)
