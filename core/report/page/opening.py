"""The head of the report: the question, the answers side by side, and the verdict sentence by sentence."""

from core.comparison.answers import answer_sentences, reads_better_wide
from core.figures.compared import effect_axis, effect_rows
from core.report.page.about import Told
from core.report.page.markup import Html, el, joined_html, listing, note, typeset
from core.report.page.svg import intervals_picture
from core.words import number

__all__ = ["effect_picture", "header", "the_answer"]


def header(told: Told) -> Html:
    """Return the title, what it is about, and from what and when it was made."""
    data, about = told.comparison.data, told.about
    pair = told.pair
    asked = (
        f"What does {told.title(pair[0])} do to {told.title(pair[1])}?" if pair else "Rival hypotheses, side by side"
    )
    many = len(told.names)
    rows = f"{data.rows:,} rows" + (f" of {data.rows_read:,}" if data.rows_read > data.rows else "")
    parts = [
        f"{many} {'hypothesis' if many == 1 else 'hypotheses'}",
        f"{rows} and {len(data.columns)} columns" + (f" of {about.source}" if about.source else ""),
        *([about.date] if about.date else []),
    ]
    ends: list[object] = []
    if pair:
        x, y = pair
        ends = [
            el("span", el("b", "exposure"), f" {told.title(x)}{told.unit(x)}", class_="end"),
            el("span", el("b", "outcome"), f" {told.title(y)}{told.unit(y)}", class_="end"),
        ]
    return el(
        "header",
        el("p", "Whyboard report", class_="brand"),
        el("h1", about.question or asked),
        el("p", *ends, class_="ends") if ends else "",
        el("p", " · ".join(parts), class_="note"),
        el("p", joined_html((told.chip(name) for name in told.names), " "), class_="whos"),
    )


def the_answer(told: Told) -> Html:
    """Return what each hypothesis answers, first in a sentence and then as a picture, and the rest of the verdict."""
    comparison, pair = told.comparison, told.pair
    sentences = list(comparison.sentences)
    parts: list[object] = []
    if pair is not None:
        first = answer_sentences(comparison.hypotheses, pair, told.columns)[:1]
        if first and first[0] in sentences:  # what stops a verdict stands before it, and stays before it
            place = sentences.index(first[0])
            parts += [el("p", words, class_="stops") for words in sentences[:place]]
            parts.append(el("p", typeset(first[0]), class_="lead"))
            sentences = sentences[place + 1 :]
        parts.append(effect_picture(told, pair))
    parts.append(listing([typeset(words) for words in sentences], class_="verdict"))
    if pair is None:
        parts.append(note("No exposure and outcome are marked, so that no effect is asked about."))
    missing = [f"{told.called(name)} is not in these numbers: {reason}" for name, reason in told.about.missing]
    missing += [one.said for one in comparison.left_out if one.name not in dict(told.about.missing)]
    return joined_html([*parts, listing(missing, class_="amber")])


def effect_picture(told: Told, pair: tuple[str, str]) -> Html:
    """Draw every hypothesis' effect on one axis, with its title."""
    comparison = told.comparison
    wide = reads_better_wide(comparison.hypotheses, pair)
    rows = [
        row
        for facts in comparison.hypotheses
        for row in effect_rows(facts, pair, told.called(facts.name), told.colour(facts.name), wide)
    ]
    titles = {name: column.label for name, column in told.columns.items()}
    units = {name: column.unit for name, column in told.columns.items()}
    axis = effect_axis(comparison, pair, titles, units, wide)
    title = f"What {titles[pair[0]]} does to {titles[pair[1]]}, if each is right"
    drawn = intervals_picture(rows, axis, title, number)
    if not drawn:
        return listing([f"{row.label}: {row.note}" for row in rows])
    return el("figure", el("figcaption", el("b", title), " dot: posterior mean; bar: 90 % interval"), drawn)
