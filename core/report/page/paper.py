"""A paragraph of text for a paper, and the works that it cites: what was done, and under which assumptions."""

from collections.abc import Iterable

from core.comparison.answers import answers_of
from core.comparison.result import Comparison
from core.comparison.viewing import for_question
from core.comparison.ways import share
from core.families import get_family
from core.report.page.about import Told
from core.report.page.knowing import known_by
from core.report.page.making import versions
from core.report.page.markup import Html, el, joined_html, listing, note
from core.words import joined, number

__all__ = ["for_your_paper", "paper_text", "works_cited"]

_WORKS = {
    "Abril-Pla et al. 2023": "Abril-Pla, O. et al. (2023). PyMC: a modern, and comprehensive probabilistic "
    "programming framework in Python. PeerJ Computer Science 9, e1516.",
    "Benjamini & Hochberg 1995": "Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate: a "
    "practical and powerful approach to multiple testing. Journal of the Royal Statistical Society B 57, 289-300.",
    "Chernozhukov et al. 2018": "Chernozhukov, V. et al. (2018). Double/debiased machine learning for treatment and "
    "structural parameters. The Econometrics Journal 21, C1-C68.",
    "Cinelli & Hazlett 2020": "Cinelli, C. & Hazlett, C. (2020). Making sense of sensitivity: extending omitted "
    "variable bias. Journal of the Royal Statistical Society B 82, 39-67.",
    "Draper 1995": "Draper, D. (1995). Assessment and propagation of model uncertainty. Journal of the Royal "
    "Statistical Society B 57, 45-97.",
    "Geiger & Heckerman 2002": "Geiger, D. & Heckerman, D. (2002). Parameter priors for directed acyclic graphical "
    "models and the characterization of several probability distributions. Annals of Statistics 30, 1412-1440.",
    "Gelman, Meng & Stern 1996": "Gelman, A., Meng, X.-L. & Stern, H. (1996). Posterior predictive assessment of "
    "model fitness via realized discrepancies. Statistica Sinica 6, 733-807.",
    "Heckerman, Geiger & Chickering 1995": "Heckerman, D., Geiger, D. & Chickering, D. M. (1995). Learning Bayesian "
    "networks: the combination of knowledge and statistical data. Machine Learning 20, 197-243.",
    "Hoffman & Gelman 2014": "Hoffman, M. D. & Gelman, A. (2014). The No-U-Turn Sampler: adaptively setting path "
    "lengths in Hamiltonian Monte Carlo. Journal of Machine Learning Research 15, 1593-1623.",
    "Huggins & Miller 2023": "Huggins, J. H. & Miller, J. W. (2023). Reproducible model selection using bagged "
    "posteriors. Bayesian Analysis 18, 79-104.",
    "Kuipers, Moffa & Heckerman 2014": "Kuipers, J., Moffa, G. & Heckerman, D. (2014). Addendum on the scoring of "
    "Gaussian directed acyclic graphical models. Annals of Statistics 42, 1689-1691.",
    "Pearl 2009": "Pearl, J. (2009). Causality: models, reasoning, and inference, 2nd ed. Cambridge University Press.",
    "Shah & Peters 2020": "Shah, R. D. & Peters, J. (2020). The hardness of conditional independence testing and the "
    "generalised covariance measure. Annals of Statistics 48, 1514-1538.",
    "Shpitser & Pearl 2006": "Shpitser, I. & Pearl, J. (2006). Identification of joint interventional distributions "
    "in recursive semi-Markovian causal models. Proceedings of AAAI 2006, 1219-1226.",
    "Sivula et al. 2020": "Sivula, T., Magnusson, M., Matamoros, A. A. & Vehtari, A. (2020). Uncertainty in Bayesian "
    "leave-one-out cross-validation based model comparison. arXiv 2008.10296.",
    "Vehtari et al. 2024": "Vehtari, A., Simpson, D., Gelman, A., Yao, Y. & Gabry, J. (2024). Pareto smoothed "
    "importance sampling. Journal of Machine Learning Research 25 (72), 1-58.",
    "Vehtari, Gelman & Gabry 2017": "Vehtari, A., Gelman, A. & Gabry, J. (2017). Practical Bayesian model evaluation "
    "using leave-one-out cross-validation and WAIC. Statistics and Computing 27, 1413-1432.",
    "Verma & Pearl 1990": "Verma, T. & Pearl, J. (1990). Equivalence and synthesis of causal models. Proceedings of "
    "the Sixth Conference on Uncertainty in Artificial Intelligence.",
}


def works_cited(text: str) -> list[str]:
    """Return the works that a text cites, in full, in the order of their authors."""
    return [work for short, work in _WORKS.items() if short in text]


def for_your_paper(told: Told) -> Html:
    """Return the paragraph, and its works in full."""
    text = paper_text(told)
    return joined_html(
        [
            note(
                "Ready to paste: what was done, under which assumptions. Say in your own words why the arrows are "
                "there."
            ),
            el("blockquote", text),
            el("h4", "Works cited"),
            listing(works_cited(text), class_="works"),
        ]
    )


def paper_text(told: Told) -> str:
    """Return the paragraph."""
    comparison = told.comparison
    parts = [_data(told), _graphs(told), _families(comparison), _fitting(comparison), _identified(told), _effects(told)]
    parts += [_claims(told), _prediction(told), _sensitivity(comparison), _software(told)]
    return " ".join(part for part in parts if part)


def _data(told: Told) -> str:
    data = told.comparison.data
    dropped = data.rows_read - data.rows
    left = f" ({dropped:,} rows with a missing value in a modelled column were left out)" if dropped > 0 else ""
    pair = told.pair
    many = "one causal hypothesis" if len(told.names) == 1 else f"{len(told.names)} rival causal hypotheses"
    about = f" about the effect of {told.title(pair[0])} on {told.title(pair[1])}" if pair else ""
    rows = told.comparison.rows
    taken = f" Rows were taken as {rows.taken}." if rows.taken else ""
    taken += f" {rows.said}" if rows.said else ""
    return f"We held {many}{about} ({joined(_each(told, told.names))}) against {data.rows:,} rows{left}.{taken}"


def _named(told: Told, name: str) -> str:
    """Return what a hypothesis is called in a sentence: its own name in quotes, else its letter."""
    own = told.own(name)
    return f'"{own}"' if own and own != told.letter(name) else told.letter(name)


def _each(told: Told, names: Iterable[str]) -> list[str]:
    return [_named(told, name) for name in names]


def _graphs(told: Told) -> str:
    arrows = [len(one.edges) for one in told.comparison.drawn]
    latents = any(node.latent for one in told.comparison.drawn for node in one.nodes)
    unmeasured = any(one.bidirected for one in told.comparison.drawn) or latents
    drawn = " with unmeasured causes where drawn" if unmeasured else "; no unmeasured common cause was assumed"
    span = "" if not arrows else f" with {min(arrows)} to {max(arrows)} arrows" if min(arrows) < max(arrows) else (
        f" with {arrows[0]} {'arrow' if arrows[0] == 1 else 'arrows'}{' each' if len(arrows) > 1 else ''}"
    )  # fmt: skip
    background = dict.fromkeys(told.title(name) for one in told.comparison.drawn for name in one.background)
    open_ = f" How {joined(background)} are related among themselves was left open." if len(background) > 1 else ""
    graphs = "The hypothesis is a directed acyclic graph" if len(arrows) == 1 else "Each is a directed acyclic graph"
    return f"{graphs}{span} (Pearl 2009){drawn}.{open_}"


def _families(comparison: Comparison) -> str:
    found: dict[str, None] = {}
    for facts in comparison.hypotheses:
        for node in facts.nodes:
            found.setdefault(f"{node.family} ({node.link} link)", None)
    curved = any(edge.form != "linear" for one in comparison.drawn for edge in one.edges)
    forms = ", in straight lines on the link's scale unless an arrow was said to bend" if curved else (
        ", in a straight line on the link's scale"
    )  # fmt: skip
    return f"Each column was modelled given its causes by one of these families: {joined(found)}{forms}."


def _fitting(comparison: Comparison) -> str:
    methods = {block.method for facts in comparison.hypotheses for block in facts.blocks}
    forms = {
        get_family(node.family).form
        for facts in comparison.hypotheses
        for node in facts.nodes
        if any(node.name in block.nodes and block.method == "exact" for block in facts.blocks)
    }
    cited = ["Geiger & Heckerman 2002", "Kuipers, Moffa & Heckerman 2014"] if forms - {"cells"} else []
    cited += ["Heckerman, Geiger & Chickering 1995"] if "cells" in forms else []
    parts = [f"in closed form ({'; '.join(cited)})"] if cited else []
    if "importance" in methods:
        parts.append("by Pareto-smoothed importance sampling (Vehtari et al. 2024)")
    if "nuts" in methods:
        parts.append("with the No-U-Turn sampler of PyMC (Hoffman & Gelman 2014; Abril-Pla et al. 2023)")
    if not parts:
        return ""
    failed = [facts.name for facts in comparison.hypotheses if not facts.gates.passed]
    gates = f" Convergence was not reached in {joined(failed)}." if failed else ""
    return f"Posteriors were computed {joined(parts)}, with weakly informative default priors unless stated.{gates}"


def _identified(told: Told) -> str:
    found = [(hypothesis.name, known_by(told, hypothesis)) for hypothesis in told.comparison.drawn]
    said: dict[str, list[str]] = {}
    for name, one in found:
        if one is None:
            continue
        if one.no_effect:
            words = "there is no effect"
        elif one.left_open or not one.identified:
            words = "the effect is not identified"
        elif one.by == "adjustment":
            sets = joined(one.adjustment_sets.sets[0])
            words = f"the effect is identified {f'by adjustment for {sets}' if sets else 'with nothing to adjust for'}"
        else:
            words = f"the effect is identified ({one.by})"
        said.setdefault(words, []).append(_named(told, name))
    if not said:
        return ""
    parts = [f"under {joined(names)} {words}" for words, names in said.items()]
    whole = "; ".join(parts)
    return f"{whole[0].upper()}{whole[1:]} (Shpitser & Pearl 2006)."


def _effects(told: Told) -> str:
    pair = told.pair
    found = answers_of(told.comparison.hypotheses, pair, told.columns) if pair else ()
    if not found or pair is None:
        return ""
    scale = next((e.scale for f in told.comparison.hypotheses for e in f.effects), "mean")
    parts = [f"{one.words} under {_named(told, one.name)}" for one in found]
    of = "posterior mean and 90 % interval" + (", on the median" if scale == "median" else "")
    what = f"The total effect of {told.title(pair[0])} on {told.title(pair[1])}{_step(told, pair)}"
    return f"{what} was, as {of}, {joined(parts)}."


def _step(told: Told, pair: tuple[str, str]) -> str:
    """Return of which step the effect is, as the first sentence says it."""
    sentences = [words for words in told.comparison.sentences if f" changes {told.title(pair[1])}" in words]
    step = sentences[0].partition(" changes ")[0] if sentences else ""
    return f" for {step[:1].lower()}{step[1:]}" if step else ""


def _claims(told: Told) -> str:
    comparison = told.comparison
    tests = sum(len(facts.bearing) for facts in comparison.hypotheses)
    if not tests:
        return "No implied independence could be tested with these columns."
    parts = [
        f"{len(facts.contradicted_bearing)} of {len(facts.bearing)} claims of {_named(told, facts.name)}"
        for facts in comparison.hypotheses
    ]
    rules = comparison.rules
    return (
        "Independences that the graphs imply were tested in a straight line, with curves out of fold (Shah & Peters "
        "2020) and without the rows that carry most of the association; a claim counted as contradicted where the "
        f"association exceeded {rules.association:g} and all three adjusted p-values (Benjamini & Hochberg 1995) were "
        f"under {rules.p_adjusted:g}. Contradicted were {joined(parts)}. Each hypothesis was also checked by "
        "posterior predictive data sets (Gelman, Meng & Stern 1996)."
    )


def _prediction(told: Told) -> str:
    seen = for_question(told.comparison)
    if len(told.names) < 2:
        return ""
    tied = [joined(_each(told, group.members)) for group in seen.classes if len(group.members) > 1]
    parts = []
    if tied:
        each = "form an equivalence class" if len(tied) == 1 else "each form an equivalence class"
        parts.append(f"{'; '.join(tied)} {each}, whose members no observation can separate (Verma & Pearl 1990).")
    known = [group for group in seen.classes if group.spoken_probability is not None]
    if len(seen.classes) > 1:
        parts.append(
            "Predictions were compared by leave-one-out cross-validation (Vehtari, Gelman & Gabry 2017; Sivula et "
            f"al. 2020){_gap(told, seen)}."
        )
    if len(known) == len(seen.classes) > 1:
        said = [f"{share(group.spoken_probability or 0.0)} for {joined(_each(told, group.members))}"
                for group in known]  # fmt: skip
        bagged = any(group.bagged_probability is not None for group in known)
        how = "averaged over bootstrapped data sets (Huggins & Miller 2023)" if bagged else "on these rows"
        parts.append(
            "If one of these classes is right and all were equally likely before, their posterior probabilities, "
            f"{how}, are {joined(said)}."
        )
    return " ".join(parts)


def _gap(told: Told, seen: Comparison) -> str:
    """Return the largest difference in elpd between classes, with its error."""
    found = [one for one in seen.differences if one.elpd is not None and one.se is not None and not one.same_class]
    if not found:
        return ""
    top = max(found, key=lambda one: abs(one.elpd or 0.0))
    first, second = (top.a, top.b) if (top.elpd or 0.0) >= 0 else (top.b, top.a)
    names = f"{_named(told, first)} over {_named(told, second)}"
    size = f"{number(abs(top.elpd or 0.0))} (standard error {number(top.se)})"
    return f"; the largest difference in elpd was {size}, {names}"


def _sensitivity(comparison: Comparison) -> str:
    effects = [effect for facts in comparison.hypotheses for effect in facts.effects]
    parts = []
    if any(effect.second is not None for effect in effects):
        parts.append("a doubly robust estimate with flexible regressions out of fold (Chernozhukov et al. 2018)")
    if any(effect.robustness is not None for effect in effects):
        parts.append("robustness values against unmeasured causes (Cinelli & Hazlett 2020)")
    return f"Beside the effects stand {joined(parts)}." if parts else ""


def _software(told: Told) -> str:
    found = versions()
    own = f"Whyboard {found.pop('whyboard')}" if "whyboard" in found else "Whyboard"
    names = {"python": "Python", "numpy": "NumPy", "scipy": "SciPy", "pymc": "PyMC"}
    others = joined(f"{names[name]} {number_}" for name, number_ in found.items())
    seed = "" if told.about.seed is None else f", seed {told.about.seed}"
    return f"Computed with {own} ({others}{seed})."
