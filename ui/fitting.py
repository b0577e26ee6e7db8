"""The parts of the Fit page: refusals, settings, families, quality and recovery."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.comparison.result import BlockFacts
from core.comparison.ways import WAYS, meaning_of, way
from core.comparison.ways import quality as figures_of
from core.errors import StoreError
from core.figures.scores import Interval, interval_figure
from core.fit.blocks import MAX_DRAWS, MIN_DRAWS
from core.model.spec import ModelSpec
from core.words import number
from ui import results, session, theme, widgets, words
from ui.families import FAMILY_WORDS
from ui.session import ProjectView
from ui.why import heading

__all__ = ["families", "quality", "recovery", "refusals", "settings"]

#: Way to (what it is called here, what it does).
WAYS_OFFERED = {
    "auto": (
        "Let Whyboard choose",
        "Exactly where that can be done, else by weighted draws, and by sampling where the weights are too uneven. "
        "Each node says which it was.",
    ),
    "exact": (
        "Exactly or not at all (closed form only)",
        "Only what can be computed without drawing: Normal, LogNormal and tables with their usual priors. "
        "Other nodes are refused.",
    ),
    "importance": (
        "By weighted draws (importance sampling)",
        "Draws around the most probable values, weighted until they are right. Quick; a node whose weights are too "
        "uneven fails a gate.",
    ),
    "nuts": (
        "By sampling every node (NUTS)",
        "The most general way and the slowest: chains explore what is possible, also where it could be computed "
        "exactly.",
    ),
}


def refusals(found: results.Candidates) -> None:
    """Say which hypotheses cannot be fitted as they are, and why; the others go on without them."""
    for record, error in found.refused:
        mark = widgets.chip(record.letter, record.colour)
        st.html(f'<div class="wb-warn">{mark} is not fitted. {words.html_error(error)}</div>')


def settings(project: ProjectView, found: results.Candidates) -> None:
    """Draw the way to fit, draws and seed."""
    kept = results.fit_settings(project)
    for name, value in kept.items():  # a remedy, or another tab, may have changed it since
        st.session_state[f"fit_{name}"] = value
    with st.expander("How it is fitted"):
        st.radio(
            "Way",
            list(WAYS_OFFERED),
            format_func=lambda way: WAYS_OFFERED[way][0],
            captions=[said for _, said in WAYS_OFFERED.values()],
            key="fit_method",
            on_change=partial(_take_setting, project, "method"),
        )
        _own_ways(project, found)
        one, two = st.columns(2)
        one.number_input(
            "Posterior draws a node", MIN_DRAWS, MAX_DRAWS, step=400, key="fit_draws",
            on_change=partial(_take_setting, project, "draws"),
        )  # fmt: skip
        two.number_input(
            "Seed", 0, 2**31, step=1, key="fit_seed", on_change=partial(_take_setting, project, "seed")
        )  # fmt: skip
        widgets.note("The same data, drawings and seed give the same numbers to the last digit on one machine.")


def _take_setting(project: ProjectView, name: str) -> None:
    kept = session.get_store().project(project.token).settings.get("fit") or {}
    session.put_setting(project, fit={**kept, name: st.session_state[f"fit_{name}"]})


def _own_ways(project: ProjectView, found: results.Candidates) -> None:
    """Say which nodes are fitted in a way of their own, with the way back."""
    own = results.own_ways(project, found.nodes)
    if not own:
        return
    said = words.listing(f"{project.title_of(node)} by {WAYS.get(way, way)}" for node, way in own.items())
    with st.container(horizontal=True, vertical_alignment="center"):
        widgets.note(f"Whatever is chosen here: {said}.")
        if st.button("As chosen here, all of them", key="own_ways", type="tertiary"):
            kept = {name: v for name, v in project.settings["fit"].items() if name != results.OWN_WAYS}
            session.put_setting(project, fit=kept or None)
            st.rerun()


def families(project: ProjectView, found: results.Candidates) -> None:
    """Show, node by node, what each hypothesis makes of it."""
    with st.expander("What each node is made of", expanded=True):
        head = "".join(
            f"<th>{widgets.chip(r.letter, r.colour)} {words.html(name)}</th>"
            for r, name in zip(found.ready, words.clip_all(r.name for r in found.ready), strict=True)
        )
        lines = []
        method, own = results.fit_settings(project)["method"], results.own_ways(project, found.nodes)
        for node in found.nodes:
            asked = own.get(node, method)
            cells = "".join(f"<td>{_family(project, spec, node, asked)}</td>" for spec in found.specs)
            reason = words.html(found.specs[0].node(node).reason)
            lines.append(
                f"<tr><td><b>{words.html(project.title_of(node))}</b><br><small>{reason}</small></td>{cells}</tr>"
            )
        st.html(
            f'<div class="wb-scroll"><table class="wb-table"><tr><td></td>{head}</tr>{"".join(lines)}</table></div>'
        )


def _family(project: ProjectView, spec: ModelSpec, node: str, asked: str) -> str:
    model = spec.node(node)
    if model in spec.given:
        return "background<br><small>taken as observed, not modelled</small>"
    causes = words.html(words.listing(project.title_of(parent) for parent in model.parents)) or "nothing here"
    link = f", {model.link}" if model.link not in ("identity",) else ""
    auto = WAYS["exact"] if model.conjugate else f"{WAYS['importance']}, else {WAYS['nuts']}"
    way_words = auto if asked == "auto" else WAYS.get(asked, asked)
    told = words.html(FAMILY_WORDS.get(model.family, ""))
    return f'from {causes}<br><small><span title="{told}">{model.family}</span>{link} · {way_words}</small>'


def quality(project: ProjectView, last: results.Fitted) -> None:
    """Show how each block was fitted, how well, and what that means."""
    heading("Did it converge?", "gates")
    lines, seen = [], set()
    failed = {(f.node, h.name): f.gate for h in last.comparison.hypotheses for f in h.gates.failed}
    for facts in last.comparison.hypotheses:
        for block in facts.blocks:
            if block.key in seen:
                continue
            seen.add(block.key)
            users = [h.name for h in last.comparison.hypotheses if any(b.key == block.key for b in h.blocks)]
            name = words.listing(project.title_of(node) for node in block.nodes)
            parents = next(n.parents for n in facts.nodes if n.name == block.nodes[0])
            causes = words.listing(project.title_of(p) for p in parents) or "–"
            stuck = any((node, facts.name) in failed for node in block.nodes)
            figures = words.html(figures_of(block)) or "nothing to converge"
            sign = '<span class="wb-amber">failed a gate</span>' if stuck else "passed"
            lines.append(
                f"<tr><td>{words.html(name)}</td><td>{words.html(causes)}</td><td>{words.html(', '.join(users))}</td>"
                f"<td>{words.html(way(block))}<br><small>{figures}</small></td><td>{sign}</td>"
                f"<td class='wb-num'>{words.number(block.elpd, 5)}</td>"
                f"<td class='wb-num'>{words.number(block.log_evidence, 5)}</td>"
                f"<td class='wb-num'>{_time(block.seconds)}</td></tr>"
            )
    heads = ("node", "causes", "in", "way, and its quality", "gates", "elpd", "log evidence", "time")
    head = "".join(f"<th>{name}</th>" for name in heads)
    st.html(
        f'<div class="wb-scroll"><table class="wb-table" data-testid="quality"><tr>{head}</tr>{"".join(lines)}'
        "</table></div>"
    )
    _meanings([block for h in last.comparison.hypotheses for block in h.blocks])


def _meanings(blocks: Sequence[BlockFacts]) -> None:
    """Say, for each way that occurs, what it is and what its worst figures mean."""
    used = [method for method in WAYS if any(block.method == method for block in blocks)]
    said = "".join(
        f"<li><b>{words.html(WAYS[method])}</b>: "
        f"{words.html(words.sentence(meaning_of([b for b in blocks if b.method == method])))}</li>"
        for method in used
    )
    st.html(f'<ul class="wb-claims wb-small" data-testid="ways">{said}</ul>')


def _time(seconds: float) -> str:
    return f"{1000 * seconds:,.0f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def recovery(project: ProjectView, last: results.Fitted) -> None:
    """For data that a hypothesis generated: what was put in, beside what came out."""
    truth = project.settings.get("truth")
    if not truth:
        return
    try:
        facts = last.comparison.hypothesis(truth["letter"])
    except (KeyError, StoreError):
        return
    rows, hit = [], 0
    for edge in facts.edges:
        true = (truth["parameters"].get(edge.target) or {}).get(f"slope[{edge.source}]")
        if true is None or edge.mean is None or edge.q05 is None or edge.q95 is None:
            continue
        inside = edge.q05 <= true <= edge.q95
        hit += inside
        label = f"{project.title_of(edge.source)} → {project.title_of(edge.target)}"
        rows.append(
            Interval(label, edge.mean - true, edge.q05 - true, edge.q95 - true,
                     colour=theme.colour_of(0), note=f"(put in {number(true)}, came out {number(edge.mean)})")
        )  # fmt: skip
    if rows:
        heading("Does it recover what was put in?", "recovery")
        title = f"{hit} of {len(rows)} arrows: the 90 % interval holds what was put in"
        results.said(title, "dot and bar: posterior mean and 90 % interval, moved so that the truth is at 0")
        figure = results.picture(
            interval_figure, tuple(rows), axis="posterior minus what was put in", dark=theme.is_dark(), write=number
        )
        results.plot(figure, "recovery", "recovery", title)
        told = [{"arrow": r.label, "off by": r.mean, "q05": r.q05, "q95": r.q95, "note": r.note} for r in rows]
        results.offer(lambda: told, "recovery", "recovery")
