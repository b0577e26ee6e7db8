"""Effects with what stands beside them, and what follows from an action with where the doubt comes from."""

import numpy as np

from core.comparison.cautions import beside_effect
from core.comparison.result import HypothesisFacts
from core.effects.steps import SHARE
from core.effects.total import Effect
from core.figures.compared import effect_pairs
from core.figures.scores import Interval
from core.fit.posterior import Summary
from core.report.page.about import Told
from core.report.page.followed import Followed
from core.report.page.left_open import answers_left_open, rows_left_open
from core.report.page.markup import Html, el, joined_html, listing, note, table
from core.report.page.opening import effect_picture
from core.report.page.svg import intervals_picture, shares_picture
from core.study.experiment_words import taken_words
from core.study.forecast import Forecast, Share
from core.words import interval, number, sentence

__all__ = ["how_far_to_trust", "what_follows"]

_WORDS = {
    "chance": "chance in the world",
    "parameters": "unknown strengths",
    "structure": "whose graph is right",
    "forms": "curve or family",
}


def how_far_to_trust(told: Told) -> Html:
    """Return every effect's numbers, and beside each overlap, a second opinion and what would overturn it."""
    pairs = effect_pairs(told.comparison)
    parts: list[Html] = []
    for pair in pairs:
        if len(pairs) > 1:
            parts.append(el("h4", f"{told.title(pair[0])} on {told.title(pair[1])}"))
        if pair != told.pair:
            parts.append(effect_picture(told, pair))
        for facts in told.comparison.hypotheses:
            for effect in facts.effects:
                if (effect.treatment, effect.outcome) == pair:
                    parts.append(_effect(told, facts, effect))
    about = note(
        "The second opinion is a regression that may bend, fitted out of fold, with the columns that the graph says "
        "to adjust for. The robustness value is the share of what is left of both exposure and outcome that "
        "something unmeasured would have to explain to take the effect to zero."
    )
    return joined_html([*parts, about]) if pairs else note("No effect is asked about.")


def _effect(told: Told, facts: HypothesisFacts, effect: Effect) -> Html:
    beside = [sentence(words) for words in beside_effect(effect, told.columns)]
    steps = table(("step", "effect", "90 %"), _steps(told, effect), "lrr")
    return el("section", el("h4", told.chip(facts.name)), steps, listing(beside), class_="effect")


def _steps(told: Told, effect: Effect) -> list[list[object]]:
    x, y = told.title(effect.treatment), told.title(effect.outcome)
    if not effect.identified:
        return [[f"{x} on {y}", el("span", "cannot be known from this (not identified)", class_="amber"), "-"]]
    if effect.mean == 0 and not effect.sd and effect.contrasts is None:
        return [[f"{x} on {y}: no path leads there", "none", "-"]]
    scale = " (median)" if effect.scale == "median" else ""
    rows: list[list[object]] = []
    for one in effect.contrasts or ():
        level = f", {y} = {one.level}" if one.level else ""
        rows.append([f"{one.low} to {one.high}{level}{scale}", number(one.mean), interval(one.q05, one.q95)])
    if effect.contrasts is None:
        rows.append(
            [f"{_own_step(told, effect.treatment)}{scale}", number(effect.mean), interval(effect.q05, effect.q95)]
        )
    if effect.ratio is not None:
        rows.append(["the same as a factor", f"×{number(effect.ratio['mean'])}",
                     interval(effect.ratio["q05"], effect.ratio["q95"])])  # fmt: skip
    if (q := effect.quartiles) is not None:
        step = f"{x} from {number(q.low)} to {number(q.high)}{told.unit(effect.treatment)}, the middle half of the rows"
        rows.append([f"{step}{scale}", number(q.mean), interval(q.q05, q.q95)])
    if (mean := effect.on_mean) is not None:
        rows.append(["one step, on the mean", number(mean["mean"]), interval(mean["q05"], mean["q95"])])
    return rows


def _own_step(told: Told, name: str) -> str:
    """Return the step of an effect's own in words."""
    column, title = told.columns.get(name), told.title(name)
    if column is not None and column.kind == "binary" and len(column.levels) == 2:
        return f"{title} from {column.levels[0]} to {column.levels[1]}"
    more = f"{SHARE:g}" if column is not None and column.kind == "proportion" else "1"
    return f"{more} more {title}{told.unit(name)}"


# -- what follows -------------------------------------------------------------------------


def what_follows(told: Told, found: Followed | str | None) -> Html:
    """Return what each hypothesis says follows; where there is nothing to say it from, the reason."""
    if not isinstance(found, Followed):
        return note(found or "No exposure and outcome are marked, so that there is no action to follow.")
    acted, x, y = found.acted, told.title(found.node), told.title(found.outcome)
    title = f"{y[:1].upper()}{y[1:]}, if {x} were {found.high} instead of {found.low}{told.unit(found.node)}"
    answers = [*acted.forecasts, *([acted.averaged] if len(acted.forecasts) > 1 and acted.averaged.known else [])]
    rows = [row for one in acted.forecasts for row in _rows(told, one)] + rows_left_open(told, found.unfitted)
    rows += [row for one in answers[len(acted.forecasts) :] for row in _rows(told, one)]
    median = "the median of " if acted.averaged.scale == "median" else ""
    drawn = intervals_picture(rows, f"change of {median}{y}{told.unit(found.outcome)}", title, number)
    said = " dot: posterior mean; bars: 50 % and 90 % intervals"
    figure = el("figure", el("figcaption", el("b", title), said), drawn) if drawn else listing(
        [f"{row.label}: {row.note}" for row in rows]
    )  # fmt: skip
    head = ["", f"{x} = {found.low}", f"{x} = {found.high}", "difference", "one row in the second", "weight"]
    body = [_numbers(told, one) for one in answers if one.contrast is not None]
    caption = f"{'The median' if median else 'The average'} of {y} if everybody were set there, with 90 % intervals"
    told_ = [sentence(words) for words in acted.told]
    sentences = listing([el("span", told.chip(name), f" {words}") for name, words in found.sentences.items()])
    doubt = _doubt(told, acted.averaged, answers)
    words = sentence(taken_words(found.experiments))
    taken = [note(f"{words} The scores and effects above rest on the rows alone.")] if found.experiments else []
    numbers = table(head, body, "lrrrrr", caption)
    unit = told.columns[found.outcome].unit if found.outcome in told.columns else ""
    left = answers_left_open(told, found.unfitted, unit)
    return joined_html([*taken, figure, sentences, numbers, doubt, listing(told_), left])


def _called(told: Told, one: Forecast) -> str:
    return "All, by their probabilities" if one.together else told.called(one.name)


def _rows(told: Told, one: Forecast) -> list[Interval]:
    colour, label = "" if one.together else told.colour(one.name), _called(told, one)
    if not one.known:
        return [Interval(label, None, note=one.reason, colour=colour)]
    if one.contrasts is not None:
        levels = [_interval(level, part, None, colour) for level, part in one.contrasts.items()]
        return [Interval(label, None, heading=True), *levels]
    return [] if one.contrast is None else [_interval(label, one.contrast, one.draws, colour, one.reason)]


def _interval(label: str, found: Summary, draws: object, colour: str, words: str = "") -> Interval:
    q25, q75 = (None, None) if draws is None else (float(q) for q in np.quantile(np.asarray(draws), (0.25, 0.75)))
    if not found["sd"]:  # no path leads there
        return Interval(label, found["mean"], colour=colour, note=words)
    return Interval(label, found["mean"], found["q05"], found["q95"], q25, q75, colour, words)


def _numbers(told: Told, one: Forecast) -> list[object]:
    first, last = one.predictions[0], one.predictions[-1]
    who = el("b", "all, by their probabilities") if one.together else told.chip(one.name)
    weight = "" if one.together else f"{one.weight:.2f}"
    return [who, _short(first.average), _short(last.average), _short(one.contrast), _short(last.row), weight]


def _short(found: Summary | None) -> str:
    return "-" if found is None else f"{number(found['mean'])} {interval(found['q05'], found['q95'])}"


def _doubt(told: Told, averaged: Forecast, answers: list[Forecast]) -> Html:
    """Draw where the doubt comes from: of the difference, and of one more row."""
    bars: list[tuple[str, Share]] = []
    if averaged.share is not None and averaged.share.structure is not None:
        bars.append(("the difference, all together", averaged.share))
    for one in answers:
        share = one.predictions[-1].share if one.known else None
        if share is not None:
            bars.append((f"one row, {'all together' if one.together else told.called(one.name)}", share))
    shares = [(label, _parts(share)) for label, share in bars if _parts(share)]
    if not shares:
        return Html("")
    used = {name for _, parts in shares for name, _ in parts}
    key = [
        el("span", el("i", class_=f"key share-{name}"), f" {words}") for name, words in _WORDS.items() if name in used
    ]
    title = "Where the doubt comes from"
    drawn = shares_picture(shares, title)
    return el(
        "figure", el("figcaption", el("b", title), " shares of the variance"), el("p", *key, class_="legend"), drawn
    )


def _parts(share: Share) -> list[tuple[str, float]]:
    return [(name, value) for name, value in share.parts.items() if value > 0]
