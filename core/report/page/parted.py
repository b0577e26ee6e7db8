"""By which ways the question's effect comes, under each hypothesis."""

import numpy as np
from numpy.typing import NDArray

from core.effects.mediation import Mediation
from core.report.page.about import Told
from core.report.page.followed import Followed
from core.report.page.markup import Html, el, joined_html, listing, note, table
from core.study.ways import Ways
from core.study.ways_words import by_way_of, other_ways, ways_said
from core.words import interval, number, sentence

__all__ = ["NOT_ASKED", "from_rows_alone", "which_way"]

NOT_ASKED = "No exposure and outcome are marked, so that there is no action to look at."


def from_rows_alone(found: Followed) -> list[Html]:
    """Return a line that experiments have no part in what follows, where some are taken into account."""
    return [note("From the rows alone: experiments have no part in this.")] if found.experiments else []


def which_way(told: Told, found: Followed | str | None) -> Html:
    """Return what comes directly and what through others; where the effect cannot be parted, the reason."""
    if not isinstance(found, Followed):
        return note(sentence(found) if found else NOT_ASKED)
    if isinstance(found.ways, str):
        return note(sentence(found.ways))
    x, y = told.title(found.node), told.title(found.outcome)
    rest = next((other_ways(part) for one in found.ways for part in one.parts), "directly")
    times = any(part.scale == "ratio" for one in found.ways for part in one.parts)
    head = ["", "in all", "through others", rest]
    body = [_row(told, one, part) for one in found.ways for part in one.parts]
    what = f"by how many times the median of {y} changes" if times else f"the change of {y}{told.unit(found.outcome)}"
    step = f"{x} from {found.low} to {found.high}{told.unit(found.node)}"
    caption = f"{step}: {what}, with 90 % intervals"
    return joined_html([*from_rows_alone(found), table(head, body, "lrrr", caption), _sentences(told, found)])


def _row(told: Told, one: Ways, part: Mediation) -> list[object]:
    level = f" {told.title(part.outcome)} = {part.level}" if part.level is not None else ""
    via = el("small", by_way_of(part, told.title)) if part.mediators else ""
    times = part.scale == "ratio"
    total, indirect, direct = (_short(part.parts[name], times) for name in ("total", "indirect", "direct"))
    return [joined_html([told.chip(one.name), level]), total, joined_html([indirect, via]), direct]


def _short(draws: NDArray[np.float64], times: bool) -> str:
    values = np.exp(draws) if times else draws
    if not draws.any():
        return "no such way"
    low, high = (float(end) for end in np.quantile(values, (0.05, 0.95)))
    return f"{'×' if times else ''}{number(float(values.mean()))} {interval(low, high)}"


def _sentences(told: Told, found: Followed) -> Html:
    """Return what the parts come to; hypotheses that say the same stand together."""
    by_words: dict[tuple[str, ...], list[str]] = {}
    unit = told.columns[found.outcome].unit if found.outcome in told.columns else ""
    for one in found.ways:
        assert isinstance(one, Ways)
        by_words.setdefault(ways_said(one, told.title, unit=unit, levels=found.levels), []).append(one.name)
    return listing(
        joined_html([joined_html((told.chip(name) for name in names), " "), " ", " ".join(words)])
        for words, names in by_words.items()
    )
