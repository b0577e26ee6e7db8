"""The Compare page's scores: one column a hypothesis, classes as brackets over them, one row a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.comparison.differences import shows_difference
from core.comparison.result import ClassFacts, Comparison, HypothesisFacts
from core.comparison.ways import GATES, share
from core.words import interval, number
from ui import results, theme, widgets, words
from ui.missing import Missing
from ui.session import ProjectView
from ui.why import STATISTICS, WHY, why

__all__ = ["class_word", "ordered", "table"]

HELD_BACK = '<span class="wb-amber">held back: a gate failed</span>'
WITHHELD = '<span class="wb-amber">withheld: it rests on what does not fit</span>'
UNKNOWN = '<span class="wb-muted">cannot be known from this</span>'

_WORTH = 0.02  # what takes less to get to is the same answer

Cell = Callable[[HypothesisFacts], str]


def ordered(comparison: Comparison) -> list[tuple[ClassFacts, list[HypothesisFacts]]]:
    """Return classes in the order of the first drawn member, each with its members' facts."""
    found = []
    for group in comparison.classes:
        members = [facts for facts in comparison.hypotheses if facts.name in group.members]
        found.append((group, members))
    first = {facts.name: index for index, facts in enumerate(comparison.hypotheses)}
    return sorted(found, key=lambda pair: first[pair[1][0].name])


def class_word(group: ClassFacts) -> str:
    """Return "A = C" for a tied class, the letter for a lone one."""
    return " = ".join(group.members)


def table(project: ProjectView, comparison: Comparison, missing: Sequence[Missing] = ()) -> None:
    """Draw the scores, each row with its "why?"; what could not be fitted keeps its place, with its reason."""
    groups = ordered(comparison)
    gaps = _gaps(project, groups, missing)
    members = [facts for _, several in groups for facts in several]
    best = max((f.elpd.estimate for f in members if f.elpd.estimate is not None), default=None)
    rows: list[tuple[str, str, list[tuple[str, int]]]] = [
        ("elpd", "Prediction of unseen rows <small>elpd ± se</small>", _each(members, _elpd)),
        (
            "difference",
            "… against the best <small>± se</small>",
            _each(members, lambda f: _against(comparison, f, best)),
        ),
        ("evidence", "Log evidence <small>± se</small>", _each(members, _evidence)),
        ("sweep", "… with priors half, and twice as wide", _each(members, _sweep)),
        (
            "bagged",
            "Probability (bagged) <small>of the class</small>",
            _by_class(groups, "bagged_probability"),
        ),
        (
            "probability",
            "… on these rows alone",
            _by_class(groups, "probability"),
        ),
        (
            "stacking",
            "Stacking weight <small>of the class</small>",
            _by_class(groups, "stacking_weight"),
        ),
        ("claims", "Contradicted claims", _each(members, lambda f: _claims(project, f))),
        ("checks", "Nodes not reproduced", _each(members, lambda f: _checks(project, f))),
        ("effect", _effect_title(project, comparison), _each(members, lambda f: _effect(f))),
        (
            "robustness",
            "… until an unmeasured cause explains",
            _each(members, lambda f: _robustness(project, comparison, f)),
        ),
        ("gates", "Gates <small>did it converge?</small>", _each(members, lambda f: _gates(project, f))),
    ]
    lines = "".join(
        f'<tr data-row="{key}"><th scope="row">{title}{why(key) if key in WHY else ""}</th>'
        + _row(cells, gaps, len(rows) if number == 0 else 0)
        + "</tr>"
        for number, (key, title, cells) in enumerate(rows)
    )
    st.html(
        '<div class="wb-scroll wb-scores-frame" data-testid="scores">'
        f'<table class="wb-table wb-scores">{_head(project, groups, gaps)}{lines}</table></div>'
    )


#: After so many hypotheses' columns stands one that could not be fitted.
Gaps = Mapping[int, list[Missing]]


def _gaps(
    project: ProjectView, groups: Sequence[tuple[ClassFacts, list[HypothesisFacts]]], missing: Sequence[Missing]
) -> Gaps:
    """Return where in the row of columns each missing hypothesis stands: before the first class that comes later."""
    order = {record.letter: place for place, record in enumerate(project.seen)}
    found: dict[int, list[Missing]] = {}
    for one in missing:
        at = 0
        for _, several in groups:
            if order.get(several[0].name, -1) > order.get(one.letter, len(order)):
                break
            at += len(several)
        found.setdefault(at, []).append(one)
    return found


def _row(cells: Sequence[tuple[str, int]], gaps: Gaps, rows: int) -> str:
    """Return the cells of a row; in the first one each missing hypothesis has a cell over all ``rows``."""
    parts, at = [], 0
    for cell, span in [*cells, ("", 0)]:
        if rows:
            parts += [_reason(one, rows) for one in gaps.get(at, ())]
        if span:
            parts.append(f'<td colspan="{span}">{cell}</td>')
        at += span
    return "".join(parts)


def _reason(one: Missing, rows: int) -> str:
    said = words.html(one.reason)
    return f'<td rowspan="{rows}" class="wb-missing" data-missing="{one.letter}">Not fitted: {said}</td>'


def _head(project: ProjectView, groups: Sequence[tuple[ClassFacts, list[HypothesisFacts]]], gaps: Gaps) -> str:
    tied, at = "", 0
    for group, several in groups:
        tied += "<td></td>" * len(gaps.get(at, ()))
        at += len(several)
        tied += (
            f'<th colspan="{len(several)}" scope="colgroup"><span class="wb-tie">{words.html(class_word(group))} · '
            "tied, no observational data can separate these (Markov equivalent)</span></th>"
            if len(several) > 1
            else "<td></td>"  # a lone hypothesis has its head below
        )
    tied += "<td></td>" * len(gaps.get(at, ()))
    colours = {record.letter: record.colour for record in project.seen}
    fitted = [facts.name for _, several in groups for facts in several]
    letters: list[str] = []
    for place, letter in enumerate([*fitted, ""]):
        letters += [one.letter for one in gaps.get(place, ())]
        letters += [letter] if letter else []
    short = results.short_names(project, letters, 24)
    names = "".join(
        f'<th scope="col">{widgets.chip(letter, colours.get(letter, theme.MUTED))} {words.html(short[letter])}</th>'
        for letter in letters
    )
    above = f"<tr><td></td>{tied}</tr>" if any(len(several) > 1 for _, several in groups) else ""
    return f"{above}<tr><td></td>{names}</tr>"


def _each(members: Sequence[HypothesisFacts], cell: Cell) -> list[tuple[str, int]]:
    return [(cell(facts), 1) for facts in members]


def _by_class(groups: Sequence[tuple[ClassFacts, list[HypothesisFacts]]], name: str) -> list[tuple[str, int]]:
    stuck = any(not facts.gates.passed for _, several in groups for facts in several)
    if len(groups) == 1:  # its share is 1 whatever the data say
        alone = "nothing else to weigh it against" if len(groups[0][1]) == 1 else "no other class to weigh it against"
        return [(HELD_BACK if stuck else f'<span class="wb-muted">{alone}</span>', len(groups[0][1]))]
    cells = []
    for group, several in groups:
        value = getattr(group, name)
        if value is None:
            # Where only a probability is missing, it rests on what does not hold, and the verdict says on what.
            withheld = WITHHELD if group.stacking_weight is not None else UNKNOWN
            cells.append((HELD_BACK if stuck else withheld, len(several)))
            continue
        bar = f'<span class="wb-bar"><span style="width:{100 * value:.1f}%"></span></span>'
        cells.append((f'<span class="wb-num" data-value="{value!r}">{share(value)}</span> {bar}', len(several)))
    return cells


def _elpd(facts: HypothesisFacts) -> str:
    found = facts.elpd
    if found.estimate is None:
        return HELD_BACK
    spread = f" ± {found.se:.1f}" if found.se is not None else ""
    return f'<span class="wb-num" data-value="{found.estimate!r}">{found.estimate:,.1f}{spread}</span>'


def _against(comparison: Comparison, facts: HypothesisFacts, best: float | None) -> str:
    if facts.elpd.estimate is None or best is None:
        return "–"
    top = next(f.name for f in comparison.hypotheses if f.elpd.estimate == best)
    tied = next(group.members for group in comparison.classes if top in group.members)
    if facts.name in tied and len(tied) > 1:
        return '<span class="wb-tie">= tied</span>'
    if facts.name == top:
        return "0"
    for found in comparison.differences:
        if {found.a, found.b} == {facts.name, top} and found.elpd is not None and found.se is not None:
            value = found.elpd if found.a == facts.name else -found.elpd
            told = f'<span class="wb-num" data-value="{value!r}">{value:+,.1f} ± {found.se:.1f}</span>'
            word = "" if shows_difference(value, found.se) else " <small>no difference these data can show</small>"
            return told + word
    return "–"


def _evidence(facts: HypothesisFacts) -> str:
    found = facts.log_evidence
    if found.estimate is None and not facts.gates.passed:
        return HELD_BACK
    if found.estimate is None:
        return '<span class="wb-muted">not available</span>'
    spread = f" ± {found.se:.2g}" if found.se else ""
    return f'<span class="wb-num" data-value="{found.estimate!r}">{found.estimate:,.1f}{spread}</span>'


def _sweep(facts: HypothesisFacts) -> str:
    """Return the evidence under half and twice the prior's scale: what depends on the prior."""
    swept = facts.log_evidence.sweep
    if swept is None or len(swept) < 3:
        return '<span class="wb-muted">–</span>'
    return f'<span class="wb-num">{swept[0]:,.1f}</span> · <span class="wb-num">{swept[2]:,.1f}</span>'


def _claims(project: ProjectView, facts: HypothesisFacts) -> str:
    if not facts.implications:
        return '<span class="wb-muted">claims nothing these columns can test</span>'
    broken = facts.contradicted
    counted = f"{len(broken)} of {len(facts.implications)}"
    if any(test.contradicted is None for test in facts.implications) and not broken:
        return f'<span class="wb-muted">{len(facts.implications)} claims, p-values suspended</span>'
    doubted = sum(bool(test.accused) for test in facts.doubted)
    if not broken:
        return f'{counted} <small class="wb-amber">{doubted} in doubt</small>' if doubted else counted
    worst = broken[0]
    pair = f"{project.title_of(worst.x)} – {project.title_of(worst.y)}"
    return f'<span class="wb-red">{counted}</span> <small>{words.html(pair)} {worst.association:+.2f}</small>'


def _checks(project: ProjectView, facts: HypothesisFacts) -> str:
    flagged: dict[str, list[str]] = {}
    for check in facts.checks:
        if check.flagged:
            flagged.setdefault(check.node, []).append(check.statistic)
    if not flagged:
        return "none"
    parts = [
        f"{project.title_of(node)} ({words.listing([STATISTICS.get(name, name) for name in names], 2)})"
        for node, names in flagged.items()
    ]
    return f'<span class="wb-amber">{words.html(words.listing(parts, 3))}</span>'


def _effect_title(project: ProjectView, comparison: Comparison) -> str:
    for facts in comparison.hypotheses:
        for effect in facts.effects:
            pair = f"{project.title_of(effect.treatment)} on {project.title_of(effect.outcome)}"
            return f"Effect of {words.html(pair)}"
    return "Effect"


def _effect(facts: HypothesisFacts) -> str:
    if not facts.effects:
        return '<span class="wb-muted">mark exposure and outcome on Draw</span>'
    effect = facts.effects[0]
    if not effect.identified:
        return '<span class="wb-amber">not identified</span>'
    if effect.mean is None and effect.contrasts:
        top = max(effect.contrasts, key=lambda c: abs(c.mean))
        span = interval(top.q05, top.q95)
        return f'<span class="wb-num">{signed(top.mean)} {span}</span> <small>{words.html(top.name)}</small>'
    if effect.mean is None:
        return HELD_BACK
    if effect.mean == 0 and not effect.sd:
        return '<span class="wb-num" data-value="0.0">none</span> <small>no path leads there</small>'
    scale = " <small>on the median</small>" if effect.scale == "median" else ""
    if effect.on_mean is not None:
        mean = effect.on_mean
        scale += f" <small>on the mean {signed(mean['mean'])} {interval(mean['q05'], mean['q95'])}</small>"
    return (
        f'<span class="wb-num" data-value="{effect.mean!r}">{signed(effect.mean)} '
        f"{interval(effect.q05, effect.q95)}</span>{scale}"
    )


def _robustness(project: ProjectView, comparison: Comparison, facts: HypothesisFacts) -> str:
    """Return how much of what is left of both an unmeasured cause must explain to take the effect to 0, or to a rival's."""
    found = facts.effects[0].robustness if facts.effects else None
    if found is None:
        return '<span class="wb-muted">–</span>'
    parts = [f'<span class="wb-num">{_percent(found.value)}</span> of both to be 0']
    parts.append(f"{_percent(found.value_at_level)} until it may be 0")
    for rival in comparison.hypotheses:
        other = rival.effects[0].robustness if rival.effects else None
        towards = None if other is None or rival.name == facts.name else found.towards(other.estimate)
        if towards is not None and towards > _WORTH:
            parts.append(f"{_percent(towards)} to be {rival.name}’s")
    if (bench := found.benchmark) is not None:
        left = "nothing" if bench.left <= 0 else _percent(bench.left)
        parts.append(f"one as strong as {words.html(project.title_of(bench.name))} leaves {left}")
    return f"{parts[0]}<br><small>{'; '.join(parts[1:])}</small>"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 or share == 0 else "under 1 %"


def signed(value: float) -> str:
    """Return a number with its sign."""
    return f"{'+' if value > 0 else ''}{number(value)}"


def _gates(project: ProjectView, facts: HypothesisFacts) -> str:
    if facts.gates.passed:
        return "passed" if any(block.method != "exact" for block in facts.blocks) else "nothing sampled"
    said = [
        f"{GATES[f.gate][0] if f.gate in GATES else f.gate} at {project.title_of(f.node)}" for f in facts.gates.failed
    ]
    return f'<span class="wb-amber">failed: {words.html(words.listing(dict.fromkeys(said), 3))}</span>'
