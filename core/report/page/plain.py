"""What is commonly computed of the same rows without a graph, and why it differs from what the hypotheses say."""

from core.report.page.about import Told
from core.report.page.followed import Followed
from core.report.page.markup import Html, el, joined_html, note, table
from core.report.page.parted import NOT_ASKED, from_rows_alone
from core.study.plainly import Beside
from core.words import interval, number, sentence

__all__ = ["why_plain"]


def why_plain(told: Told, found: Followed | str | None) -> Html:
    """Return plain estimates of the same step, each with the reason; where there are none, why."""
    if not isinstance(found, Followed):
        return note(sentence(found) if found else NOT_ASKED)
    if isinstance(found.plain, str):
        return note(sentence(found.plain))
    if not found.plain:
        return note("Of an outcome with several levels no single number is commonly computed.")
    x, y = told.title(found.node), told.title(found.outcome)
    times = any(one.estimate.scale == "ratio" for one in found.plain)
    what = f"by how many times {y} changes" if times else f"the change of {y}{told.unit(found.outcome)}"
    caption = f"{x} from {found.low} to {found.high}{told.unit(found.node)}: {what}, with 90 % intervals"
    head = ["what is computed", "says", "why it differs"]
    body = [_row(told, one) for one in found.plain]
    more = note("Boosted trees, which take longer, stand beside these on the Act page and in effect --naive.")
    return joined_html([*from_rows_alone(found), table(head, body, "lrl", caption), more])


def _row(told: Told, one: Beside) -> list[object]:
    estimate = one.estimate
    sign = "×" if estimate.scale == "ratio" else ""
    says = f"{sign}{number(estimate.mean)} {interval(estimate.q05, estimate.q95)}" if estimate.known else "no number"
    why = [
        el("div", joined_html((told.chip(name, full=False) for name in names), " "), f" {_reason(words)}")
        for names, words in one.why
    ]
    return [estimate.words[:1].upper() + estimate.words[1:], says, joined_html(why)]


def _reason(words: str) -> str:
    """Return the reason alone: the numbers stand beside it."""
    head, colon, rest = words.partition(": ")
    return rest[:1].upper() + rest[1:] if colon and rest else head
