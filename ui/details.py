"""Below the Compare page: every number as a table, what was assumed, and downloads."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from core.comparison.arrow_scale import arrow_scale
from core.comparison.result import BlockFacts, Comparison, HypothesisFacts
from core.comparison.ways import way
from ui import exporting, results, widgets, words
from ui.results import Fitted
from ui.session import ProjectView

__all__ = ["sections"]


def sections(project: ProjectView, last: Fitted) -> None:
    """Draw the closed sections and the downloads."""
    comparison = last.comparison
    facts = comparison.hypotheses
    _section(
        "Every pair: differences, Bayes factors over the prior's scale, and what may be said",
        "differences",
        lambda: _pairs(comparison),
    )
    _section(
        "Every arrow: its slope, on which scale, and standardised",
        "arrows",
        lambda: [_edge(project, f, e.to_dict()) for f in facts for e in f.edges],
    )
    _section(
        "Every node: how it was fitted, and how well",
        "nodes",
        lambda: [_block(project, f.name, block) for f in facts for block in f.blocks],
    )
    _section(
        "Every claim of every graph, tested",
        "claims",
        lambda: [_claim(project, f.name, t) for f in facts for t in _by_bearing(f)],
    )
    assumed = results.opened("What was assumed: families, priors and rows", "assumed")
    if assumed.open:
        with assumed:
            _assumed(project, last)
    exporting.section(project, last)
    if comparison.warnings:
        with st.expander(f"{words.count(len(comparison.warnings), 'remark')} on this comparison"):
            st.html(widgets.warnings_html(comparison.warnings))
    st.download_button(
        "The whole comparison as JSON",
        lambda: json.dumps(comparison.to_dict(), ensure_ascii=False, indent=1),
        "comparison.json",
        "application/json",
        key="comparison_json",
        on_click="ignore",
    )


def _section(label: str, name: str, rows: Callable[[], list[dict[str, Any]]]) -> None:
    """Offer a table: its rows are put together, and sent, for who opens it."""
    section = results.opened(label, name)
    if section.open:
        with section:
            results.listed(rows(), name)


def _block(project: ProjectView, name: str, block: BlockFacts) -> dict[str, Any]:
    return {
        "hypothesis": name,
        "node": words.listing(project.title_of(node) for node in block.nodes),
        "way": way(block),
        "Pareto k of the weights": block.proposal_k,
        "effective draws": block.effective_draws,
        "R-hat": block.rhat,
        "ESS": block.ess,
        "divergences": block.divergences,
        "Pareto k, leave-one-out": block.pareto_k,
        "elpd": block.elpd,
        "Monte Carlo error of elpd": block.elpd_mcse,
        "log evidence": block.log_evidence,
        "its error": block.log_evidence_se,
        "log evidence, prior half, one, two times as wide": _sweep(block.log_evidence_sweep),
        "rows sampled": block.rows_sampled,
        "rows scored": block.rows_scored,
    }


def _pairs(comparison: Comparison) -> list[dict[str, Any]]:
    """Return every pair, in the question's scope first where one is asked."""
    if comparison.question is None:
        return [_pair(d) for d in comparison.differences]
    both = (("the question", comparison.question.differences), ("all columns", comparison.differences))
    return [{"over": scope, **_pair(d)} for scope, differences in both for d in differences]


def _sweep(values: Sequence[float] | None) -> str | None:
    return None if values is None else ", ".join(f"{value:,.1f}" for value in values)


def _pair(found: Any) -> dict[str, Any]:
    sweep = found.log_bayes_factor_sweep
    return {
        "a": found.a,
        "b": found.b,
        "elpd, a minus b": found.elpd,
        "se": found.se,
        "log Bayes factor": found.log_bayes_factor,
        "at half, one and two times the prior scale": _sweep(sweep),
        "what may be said": found.verdict,
    }


def _edge(project: ProjectView, facts: HypothesisFacts, record: dict[str, Any]) -> dict[str, Any]:
    made = {node.name: asdict(node) for node in facts.columns}
    scale = arrow_scale(made[record["source"]], made[record["target"]], record["working_scale"])
    ends = {"from": project.title_of(record["source"]), "to": project.title_of(record["target"])}
    columns = ("mean", "sd", "q05", "q95", "standardized_mean", "probability_positive")
    contrasts = record.get("contrasts")
    text = None if not contrasts else "; ".join(f"{c['name']}: {c['mean']:.3g}" for c in contrasts)
    on = scale.meaning.scale if contrasts else scale.words  # a contrast has its step in its name
    numbers = {column: record[column] for column in columns}
    return {"hypothesis": facts.name, **ends, **numbers, "by level": text, "numbers are": on}


def _claim(project: ProjectView, name: str, test: Any) -> dict[str, Any]:
    given = words.listing(project.title_of(node) for node in test.given) or "nothing"
    return {
        "hypothesis": name,
        "denied link": f"{project.title_of(test.x)} – {project.title_of(test.y)}",
        "given": given,
        "association": test.association,
        "q05": test.q05,
        "q95": test.q95,
        "p": test.p_value,
        "p adjusted": test.p_adjusted,
        "predictive p": test.predictive_p,
        "p in curves": test.p_curved,
        "p without the rows that carry most": test.p_without_few,
        "contradicted": test.contradicted,
        "in doubt": test.shape,
        "where it bends": None if test.about is None else project.title_of(test.about),
        "rows that carry it": None if test.rows is None else words.listing([f"{row:,}" for row in test.rows], 12),
        "rules out over": test.rules_out,
        "bears on the question": test.bears,
    }


def _by_bearing(facts: HypothesisFacts) -> list[Any]:
    """Return the claims, those that bear on the question first."""
    return sorted(facts.implications, key=lambda test: test.bears is False)


def _background(project: ProjectView, last: Fitted) -> str:
    given = dict.fromkeys(project.title_of(node.name) for h in last.comparison.hypotheses for node in h.given)
    if not given:
        return ""
    return words.html(
        f" Background, taken as it was observed: {words.listing(given)}. How these are related nobody claims, and "
        "nothing of them is scored."
    )


def _assumed(project: ProjectView, last: Fitted) -> None:
    facts = last.comparison.data
    dropped = facts.rows_read - facts.rows
    left = f" ({dropped:,} of {facts.rows_read:,} were left out: a modelled column is missing there)" if dropped else ""
    taken = last.comparison.rows
    as_what = "taken as exchangeable" if not taken.grade else f"which depend on one another{left}. {taken.said}"
    left = "" if taken.grade else left
    st.html(
        f'<div class="wb-small">{facts.rows:,} rows, {words.html(as_what.removesuffix("."))}{left}. Every comparison is of the joint '
        "density of the same columns over the same rows; a variable that a hypothesis leaves out is still predicted by "
        f"it, as an unconnected node.{_background(project, last)}</div>"
    )
    rows = []
    for spec in last.comparison.specs:
        for model in spec.nodes:
            priors = "; ".join(
                f"{name} ~ {prior.distribution}({', '.join(f'{k} {v:.3g}' for k, v in prior.parameters)})"
                for name, prior in model.priors
            )
            rows.append(
                {
                    "hypothesis": spec.name,
                    "node": project.title_of(model.node),
                    "family": model.family,
                    "link": model.link,
                    "because": model.reason,
                    "priors (standardised scale)": priors,
                }
            )
    results.listed(rows, "assumed")
