"""A comparison as one HTML page that opens anywhere: no script, no network, every picture inside it."""

from core.comparison.result import Comparison
from core.report.page.about import About, Told
from core.report.page.assumed import assumptions, rows_taken
from core.report.page.chosen import Choice, how_much
from core.report.page.claimed import not_reproduced, what_the_data_say
from core.report.page.estimated import how_far_to_trust, what_follows
from core.report.page.followed import Followed
from core.report.page.knowing import how_it_is_known
from core.report.page.making import how_it_was_made
from core.report.page.markup import Html, el, joined_html, voided
from core.report.page.opening import header, the_answer
from core.report.page.paper import for_your_paper, paper_text
from core.report.page.parted import which_way
from core.report.page.pictured import the_hypotheses
from core.report.page.plain import why_plain
from core.report.page.scored import side_by_side
from core.report.page.style import STYLE

__all__ = ["About", "paper_of", "report_of"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def report_of(
    comparison: Comparison,
    about: About | None = None,
    followed: Followed | str | None = None,
    choice: Choice | None = None,
) -> str:
    """Return the report as one self-contained page.

    Parameters
    ----------
    comparison : Comparison
    about : About, optional
        What the comparison does not know: the question in the user's words, names, colours, seed, date.
    followed : Followed or str, optional
        What follows from moving the exposure (:func:`core.report.page.followed.followed`), or why it cannot be said.
    choice : Choice, optional
        A decision that was made; without one there is no section on it.

    Returns
    -------
    str
        HTML without scripts and without a reference to anything outside it. Whatever users named is escaped.
    """
    told = Told(comparison, about or About())
    parts = [
        ("answer", "The answer", the_answer(told)),
        ("hypotheses", "The hypotheses", the_hypotheses(told)),
        ("known", "How each can know the effect", how_it_is_known(told)),
        ("claims", "What the data say", what_the_data_say(told)),
        ("checks", "Where each fails to reproduce the data", not_reproduced(told)),
        ("comparison", "Side by side", side_by_side(told)),
        ("effects", "The effects, and how far to trust them", how_far_to_trust(told)),
        ("follows", "What follows from an action", what_follows(told, followed)),
        ("ways", "Which way does it go", which_way(told, followed)),
        ("plain", "Why plain estimates differ", why_plain(told, followed)),
        *([] if choice is None else [("choose", "How much to choose", how_much(told, choice))]),
        ("assumptions", "Every assumption, by who made it", assumptions(told)),
        ("rows", "Rows", rows_taken(told)),
        ("paper", "Assumptions for your paper", for_your_paper(told)),
        ("made", "How this was made", how_it_was_made(told)),
    ]
    links = el("nav", joined_html((el("a", title, href=f"#{key}") for key, title, _ in parts), " "))
    sections = [el("section", el("h2", title), inside, id=key) for key, title, inside in parts]
    body = el("body", header(told), links, el("main", *sections))
    return f"<!doctype html>\n{_whole(told, body)}\n"


def _whole(told: Told, body: Html) -> Html:
    title = told.about.question or "Whyboard report"
    head = el(
        "head",
        Html('<meta charset="utf-8">'),
        voided("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        voided("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", title),
        el("style", Html(STYLE)),
    )
    dark = told.about.dark
    scheme = None if dark is None else "dark" if dark else "light"
    return el("html", joined_html([head, body]), lang="en", data_scheme=scheme)


def paper_of(comparison: Comparison, about: About | None = None) -> str:
    """Return the paragraph for a paper as plain text."""
    return paper_text(Told(comparison, about or About()))
