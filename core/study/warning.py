"""What a comparison must say beside its numbers: what was left out, and why something is missing."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.check.dependence import Dependence
from core.check.one_each import left_out_words
from core.comparison.resting import NOTHING, Rest
from core.comparison.result import Comparison
from core.comparison.ways import gate_words
from core.fit.result import BlockFit
from core.graph.equivalence import UNINFORMATIVE, equivalence_classes, informativeness
from core.study.bending import bent_words
from core.study.planning import Plan
from core.words import joined, sentence

__all__ = ["all_warnings"]

Title = Callable[[str], str]

_RELABELLINGS = 500  # where there are too many to go through all: the share to a hundredth


def all_warnings(
    plan: Plan,
    found: Comparison,
    fits: Sequence[BlockFit],
    dependence: Dependence,
    rows: NDArray[np.intp] | None,
    rests: tuple[Rest, Rest] = (NOTHING, NOTHING),
    left_out: bool = False,
) -> tuple[str, ...]:
    """Return the sentences, without repeats, in the order of the work: data, models, fits, checks, comparison.

    ``rests`` are what the probabilities over all columns, and those in the question's scope, rest on.
    """
    title = plan.title
    parts = [
        *_about_data(plan, title),
        *_about_interventions(plan, title),
        *_about_models(plan, title),
        *_about_fits(plan, found, fits, title),
        *_about_contrasts(found),
        *bent_words(found.hypotheses, title),
        *_about_rows(found, dependence, rows, left_out),
        *_about_gates(found, title),
        *_about_rest(rests, title),
        *_about_claims(found),
        *_about_weak_claims(plan, found),
    ]
    return tuple(dict.fromkeys(parts))


def _about_data(plan: Plan, title: Title) -> list[str]:
    found = list(plan.dataset.warnings)
    found += left_out_words(plan.dataset, plan.rows)
    entering = plan.dataset.entering
    dropped = entering - plan.complete.rows
    if dropped:
        lacking = [title(name) for name in plan.nodes if np.isnan(plan.dataset.values(name)).any()]
        found.append(
            f"{dropped:,} of {entering:,} rows are left out, because {joined(lacking)} "
            f"{'is' if len(lacking) == 1 else 'are'} missing there: only rows with every modelled column are compared."
        )
    for name in plan.nodes:
        found.extend(f"{title(name)}: {warning}" for warning in plan.dataset.column(name).warnings)
    return found


def _about_interventions(plan: Plan, title: Title) -> list[str]:
    """Name the assumption that separates what observation alone could not."""
    names = [title(name) for name in sorted(frozenset().union(*plan.targets))]
    if not names:
        return []
    graphs = plan.graphs
    found = [
        f"{joined(names)} {'was' if len(names) == 1 else 'were'} set by intervention in some rows: there "
        f"{'it enters' if len(names) == 1 else 'they enter'} neither evidence nor elpd of "
        f"{'its' if len(names) == 1 else 'their'} own node."
    ]
    if len(equivalence_classes(graphs, plan.targets)) > len(equivalence_classes(graphs)):
        found.append(
            "Hypotheses that no observation could separate are told apart here by the rows that were set, taken as "
            "set from outside and with nothing else changed (interventional equivalence, Hauser & Buehlmann 2012)."
        )
    return found


def _about_models(plan: Plan, title: Title) -> list[str]:
    found = [sentence(warning) for spec in plan.specs for warning in spec.warnings]
    given = frozenset(plan.given)
    for name, all_nodes in plan.left_out.items():
        open_nodes = [title(node) for node in all_nodes if node in given]
        if open_nodes:
            found.append(
                f"{name} leaves out {joined(open_nodes)}, which the others leave open (background): it is taken as "
                f"unrelated to all that {name} models."
            )
        nodes = [node for node in all_nodes if node not in given]
        if not nodes:
            continue
        one = len(nodes) == 1
        found.append(
            f"{name} leaves out {joined(map(title, nodes))}: {'it stands' if one else 'they stand'} there as "
            f"{'an unconnected node' if one else 'unconnected nodes'}, which {name} predicts too, "
            "and as unrelated to the rest."
        )
    return found


def _about_fits(plan: Plan, found: Comparison, fits: Sequence[BlockFit], title: Title) -> list[str]:
    node = {fit.key: title(plan.blocks[fit.key][0].model.node) for fit in fits}
    said = [f"{node[fit.key]}: {sentence(warning)}" for fit in fits for warning in fit.warnings]
    if any(fit.method == "exact" for fit in fits):
        said.append(
            "R-hat, effective draws, divergences and Pareto k are null for blocks in closed form: "
            "no chains were run there."
        )
    if any(fit.method == "importance" for fit in fits):
        said.append(
            "R-hat and divergences are null for blocks fitted by importance sampling: no chains were run there; "
            "proposal_k and effective_draws say how good the weights are."
        )
    if any(fit.sweep is None for fit in fits) and len(found.hypotheses) > 1:
        nodes = joined(dict.fromkeys(node[fit.key] for fit in fits if fit.sweep is None))
        said.append(f"The sweep of the prior scale is null for pairs that differ at {nodes}: it was not computed.")
    if any(not np.isfinite(fit.log_evidence) for fit in fits):
        said.append("The log evidence of a block could not be computed; what needs it is null.")
    return said


def _about_contrasts(found: Comparison) -> list[str]:
    """Say where the one mean is that a category has not."""
    arrows = any(edge.contrasts is not None for h in found.hypotheses for edge in h.edges)
    effects = any(effect.contrasts is not None for h in found.hypotheses for effect in h.effects)
    if not arrows and not effects:
        return []
    what = "An arrow from or to a category" if arrows else "The effect of a category"
    also = " (and the effect of a category)" if arrows and effects else ""
    return [f"{what}{also} has no single mean: it is null, and contrasts between levels stand in its place."]


def _about_rows(found: Comparison, dependence: Dependence, rows: NDArray[np.intp] | None, left_out: bool) -> list[str]:
    said = list(dependence.notes)
    if dependence:
        said.append(
            f"{sentence('; '.join(dependence.reasons))} So p-values, what is contradicted, probabilities, stacking "
            "weights and the verdict are null or withheld, and intervals may be too narrow: all of them take rows as "
            "exchangeable."
        )
    if dependence.computed:
        said.append(dependence.said)
        if left_out:
            said.append(
                "So elpd leaves out whole groups (or stretches) of such rows, each predicted from all others, and its "
                "errors are those of groups."
            )
        elif dependence.clusters is not None:
            said.append(
                "elpd leaves out single rows, since a node that hypotheses differ in has no closed form (or rows are "
                "too many); its errors are those of groups."
            )
        said.append(
            "P-values, and intervals of associations, arrows and effects, are as wide as that makes them, and bagged "
            "probabilities draw such rows together. Log Bayes factors and probabilities that are not bagged take rows "
            "as independent still. Predictive p-values of such associations are null."
        )
    if rows is not None:
        said.append(
            f"Checks by simulation use {len(rows):,} rows drawn at random of {found.data.rows:,}; "
            "tests of independence use all."
        )
    return said


def _about_gates(found: Comparison, title: Title) -> list[str]:
    said = []
    for hypothesis in found.hypotheses:
        for failure in hypothesis.gates.failed:
            said.append(f"{hypothesis.name}: {gate_words(failure, title)}; {failure.advice}.")
        if hypothesis.gates.failed:
            kept = hypothesis.log_evidence.estimate is not None
            held = "elpd is" if kept else "elpd and log evidence, and the arrows into the node that failed, are"
            said.append(f"{hypothesis.name}: {held} null, and so are the differences from it that rest on them.")
        for effect in hypothesis.effects:
            if not effect.identified:
                said.append(
                    f"{hypothesis.name}: the effect of {title(effect.treatment)} on {title(effect.outcome)} is not "
                    f"identified and null: {title(effect.treatment)} is background, so what it does to other causes "
                    "is left open."
                )
        if any(effect.identified and effect.mean is None and effect.contrasts is None for effect in hypothesis.effects):
            why = "a node on its way failed a gate"
            if hypothesis.gates.passed:
                why = (
                    "its mean does not exist: the tails of a StudentT pass through an exponential on the way (give "
                    "that node another family)"
                )
            said.append(f"{hypothesis.name}: an effect is null, because {why}.")
    if any(not h.gates.passed for h in found.hypotheses):
        said.append("Probabilities and stacking weights are null: no hypothesis is ranked while a gate has failed.")
    return said


def _about_rest(rests: tuple[Rest, Rest], title: Title) -> list[str]:
    everywhere, inside = (rest.words(title) for rest in rests)
    scopes = (
        {"": everywhere} if everywhere == inside else {" over all columns": everywhere, " for the question": inside}
    )
    return [
        f"Probabilities{scope} are null (withheld): what is favoured rests on {words}. Mend it, or take the node as it "
        "is (--overrule)."
        for scope, words in scopes.items()
        if words
    ]


def _about_claims(found: Comparison) -> list[str]:
    said = []
    for hypothesis in found.hypotheses:
        if hypothesis.untestable:
            said.append(f"{hypothesis.name} cannot be tested with these columns: {hypothesis.untestable}.")
        if any(test.association is None for test in hypothesis.implications):
            said.append(
                f"{hypothesis.name}: a claim is not tested, because too few rows are left for it or a column in it is "
                "determined by the others."
            )
    tested = [test for h in found.hypotheses for test in h.implications if test.accused is not None]
    if any(test.p_curved is None for test in tested):
        said.append(
            "p_curved is null where the second look was not taken: of few rows, of columns that the given ones "
            "determine, and of claims that the first does not accuse while a hypothesis makes over 200."
        )
    if any(test.accused and test.p_without_few is None for test in tested):
        said.append("p_without_few is null where both ends are categories: no single row is odd there.")
    if found.data.rows < 100 and any(d.elpd is not None and not d.same_class for d in found.differences):
        said.append(
            f"With {found.data.rows} rows, standard errors of differences in elpd are themselves uncertain, and often "
            "too small (Sivula, Magnusson, Matamoros & Vehtari 2020)."
        )
    return said


def _about_weak_claims(plan: Plan, found: Comparison) -> list[str]:
    """Say where not being contradicted is no feat: many a graph with its nodes shuffled makes the same claims."""
    weak: dict[float, list[str]] = {}
    for graph, facts in zip(plan.graphs, found.hypotheses, strict=True):
        tested = any(test.contradicted is not None for test in facts.implications)
        if facts.contradicted or not tested or not graph.edges:
            continue
        share = informativeness(graph, samples=_RELABELLINGS)
        if share > UNINFORMATIVE:
            weak.setdefault(share, []).append(facts.name)
    return [
        f"That {joined(names)} {'is' if len(names) == 1 else 'are'} not contradicted says little about which node goes "
        f"where: {100 * share:.0f} % of the ways to shuffle the nodes of {'its' if len(names) == 1 else 'each'} graph "
        f"imply the same independences (uninformative: over {100 * UNINFORMATIVE:.0f} %; Eulig et al. 2023)."
        for share, names in weak.items()
    ]
