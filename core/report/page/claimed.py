"""What the data say to what each hypothesis claims, and where each fails to reproduce what was seen."""

import numpy as np

from core.check.predictive import Check
from core.check.tested import IndependenceTest
from core.comparison.doubts import doubt_words
from core.comparison.reach import reach_words
from core.comparison.result import HypothesisFacts
from core.report.page.about import Told
from core.report.page.markup import Html, el, joined_html, listing, note, table
from core.report.page.svg import range_picture
from core.words import chance, joined, number, sentence

__all__ = ["claims_said", "not_reproduced", "what_the_data_say"]

_MOST = 12  # claims of one hypothesis in a table; more where more fail
_STATISTICS = {
    "mean": "average",
    "sd": "spread",
    "min": "smallest value",
    "max": "largest value",
    "zeros": "share of zeros",
    "dispersion": "variance over mean",
}


def claims_said(facts: HypothesisFacts) -> str:
    """Return in a line how many claims that bear on the question fail, are in doubt, and hold."""
    tests = facts.bearing
    broken, doubted = len(facts.contradicted_bearing), len(facts.doubted_bearing)
    unknown = sum(test.contradicted is None for test in tests)
    if not tests:
        return facts.untestable or "claims nothing about the question that these columns can test"
    parts = [f"{broken or 'none'} contradicted"]
    parts += [f"{doubted} in doubt"] if doubted else []
    parts += [f"{unknown} not judged"] if unknown else []
    return f"{len(tests)} {'claim' if len(tests) == 1 else 'claims'}: {joined(parts)}"


def what_the_data_say(told: Told) -> Html:
    """Return each hypothesis' claims: contradicted, in doubt, holding, with sizes and what is ruled out."""
    parts: list[Html] = []
    for facts in told.comparison.hypotheses:
        head = el("h4", told.chip(facts.name), el("span", f" {claims_said(facts)}", class_="plain"))
        words = [sentence(f"it denies {doubt_words(test, told.title)}") for test in facts.doubted_bearing]
        reach = reach_words(facts.bearing)
        held = note(f"Of those that are not contradicted: {reach}. That is not the same as supported.") if reach else ""
        beside = len(facts.contradicted_beside)
        aside = note(f"{beside} more contradicted among background columns, which do not bear on it.") if beside else ""
        parts.append(el("section", head, listing(words, class_="amber"), _tests(told, facts), held, aside))
    rules = told.comparison.rules
    about = note(
        f"Contradicted: an association over {rules.association:g} on a scale from -1 to 1 with an adjusted p-value "
        f"under {rules.p_adjusted:g} in a straight line, and as clear in curves, and without the few rows that carry "
        "most of it. "
        'The association is what is left over between the two once the columns behind "given" are known.'
    )
    return joined_html([*parts, about])


def _tests(told: Told, facts: HypothesisFacts) -> Html:
    tests = sorted(facts.bearing, key=lambda t: (not t.contradicted, not t.accused, -abs(t.association or 0.0)))
    shown = max(_MOST, sum(bool(test.contradicted or test.shape is not None) for test in tests))
    rows = [
        [
            _claim(told, test),
            _state(test),
            _left_over(test),
            f"over {test.rules_out:g}" if test.rules_out is not None else "-",
            chance(test.p_adjusted),
        ]
        for test in tests[:shown]
    ]
    head = ["the hypothesis claims", "the data", "left over [90 %]", "ruled out", "adjusted p"]
    more = note(f"And {len(tests) - shown} more, which hold better.") if len(tests) > shown else ""
    return joined_html([table(head, rows, "llrrr"), more])


def _left_over(test: IndependenceTest) -> str:
    if test.association is None:
        return "-"
    mean, low, high = (f"{value + 0.0:.2f}" for value in (test.association, test.q05 or 0.0, test.q95 or 0.0))
    return f"{mean} [{low}, {high}]".replace("-0.00", "0.00")


def _claim(told: Told, test: IndependenceTest) -> str:
    given = f", given {joined(map(told.title, test.given))}" if test.given else ""
    return f"{told.title(test.x)} and {told.title(test.y)} are unrelated{given}"


def _state(test: IndependenceTest) -> Html:
    if test.contradicted:
        return el("b", "contradicted", class_="red")
    if test.contradicted is None:
        return el("span", "not judged", class_="muted")
    if test.shape is not None and not test.overruled:
        return el("b", "in doubt", class_="amber")
    return el("span", "not contradicted")


def not_reproduced(told: Told) -> Html:
    """Return the statistics that a hypothesis' own data sets do not show, and families whose shape does not fit."""
    rows: list[list[object]] = []
    for facts in told.comparison.hypotheses:
        rows += [_check(told, facts.name, check) for check in facts.checks if check.flagged]
    shapes: dict[tuple[str, str], list[str]] = {}
    for facts in told.comparison.hypotheses:
        for shape in (*facts.flagged_shapes, *facts.overruled_shapes):
            mend = "you take it as it is" if shape.overruled else shape.mended(told.title)
            shapes.setdefault((sentence(shape.said(told.title)), mend), []).append(facts.name)
    said = [
        joined_html([joined_html((told.chip(name, full=False) for name in names), " "), " ", words,
                     f" {sentence(mend)}" if mend else ""])
        for (words, mend), names in shapes.items()
    ]  # fmt: skip
    head = ["", "column", "what", "observed", "generated", "", "predictive p"]
    checked = sum(len(facts.checks) for facts in told.comparison.hypotheses)
    shown = table(head, rows, "lllrrlr", "What is seen, and what each hypothesis generates (bar: 90 of 100 data sets)")
    clean = (
        note(f"Each of the {checked:,} statistics that were looked at is reproduced.") if checked and not rows else ""
    )
    families = joined_html([el("h4", "Families that do not fit"), listing(said)]) if said else note(
        "No family is flagged: what each leaves over has the shape that it expects."
    )  # fmt: skip
    return joined_html([shown, clean, families])


def _check(told: Told, name: str, check: Check) -> list[object]:
    what = _STATISTICS.get(check.statistic, check.statistic)
    made: object = ""
    if len(check.replicated):
        low, high = (float(v) for v in np.nanquantile(check.replicated, (0.05, 0.95)))
        if np.isfinite([low, high, check.observed]).all():
            made = range_picture(
                check.observed, (low, high), f"observed {number(check.observed)} beside what is generated"
            )
    least = f"<{2 / len(check.replicated):.2g}" if check.predictive_p == 0 and len(check.replicated) else ""
    return [
        told.chip(name, full=False), f"{told.title(check.node)}{told.unit(check.node)}", what, number(check.observed),
        number(check.replicated_mean), made, least or number(check.predictive_p),
    ]  # fmt: skip
