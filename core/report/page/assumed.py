"""Every assumption by who made it: the data, the house's defaults, or the user."""

from core.comparison.result import Comparison
from core.hypothesis import Edge, Hypothesis, Node
from core.model.spec import NodeModel
from core.report.page.about import Told
from core.report.page.markup import Html, el, joined_html, listing, note, table
from core.vocabulary import Prior
from core.words import joined, number

__all__ = ["assumptions", "rows_taken"]

CHOSEN = "chosen by you"


def assumptions(told: Told) -> Html:
    """Return the three lists."""
    return joined_html(
        [
            el("h4", "Chosen by the data"),
            note("By a rule that looks at the column alone, never at a graph, so that rivals share it."),
            _families(told),
            el("h4", "Defaults of Whyboard"),
            listing(_defaults(told.comparison)),
            _priors(told),
            el("h4", "Made by the user"),
            _user(told),
        ]
    )


# -- by the data --------------------------------------------------------------------------


def _families(told: Told) -> Html:
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for facts in told.comparison.hypotheses:
        for node in facts.columns:
            if node.reason not in (CHOSEN, "background"):
                rows.setdefault((node.name, node.family, node.link, node.reason), []).append(facts.name)
    body = [
        [f"{told.title(name)}{told.unit(name)}", told.columns[name].kind if name in told.columns else "", family, link,
         reason, "all" if len(names) == len(told.names) else _letters(told, names)]
        for (name, family, link, reason), names in rows.items()
    ]  # fmt: skip
    return table(("column", "kind", "family", "link", "because", "in"), body)


def _letters(told: Told, names: list[str]) -> Html:
    return joined_html((told.chip(name, full=False) for name in names), " ")


# -- by default ---------------------------------------------------------------------------


def _defaults(comparison: Comparison) -> list[str]:
    rules = comparison.rules
    found = [
        "All causes that two columns share are drawn, or marked as unmeasured: what no graph has, no number here "
        "allows for.",
        "Rows are complete, and what is missing in the others is missing whatever its value.",
        "An arrow is a straight line on its scale, without sign, and acts alike on every row, unless the user says "
        "otherwise.",
        "Each class of hypotheses is equally likely before the data; members of a class count alike.",
        f"A claim counts as contradicted from an adjusted p-value under {rules.p_adjusted:g} and an association over "
        f"{rules.association:g} on; a statistic as not reproduced from a predictive p-value under "
        f"{rules.predictive_p:g} on.",
    ]
    if not comparison.rows.taken:
        depend = "which depend on one another, as was found" if comparison.rows.grade else "taken as exchangeable"
        found.append(f"Rows are {depend}: every column of the file and their order were looked at.")
    return found


def _priors(told: Told) -> Html:
    rows: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    drawn = {hypothesis.name: hypothesis for hypothesis in told.comparison.drawn}
    for spec in told.comparison.specs:
        for model in spec.nodes:
            own = _users_own(drawn.get(spec.name), model)
            said = tuple(f"{name} {prior}" for name, prior in _prior_words(told, model, own))
            rows.setdefault((model.node, said), []).append(spec.name)
    body = [
        [told.title(node), "; ".join(said), "all" if len(names) == len(told.names) else _letters(told, names)]
        for (node, said), names in rows.items()
    ]
    order = [column.name for column in told.comparison.data.columns]
    body = [row for _, row in sorted(zip(rows, body, strict=True), key=lambda pair: order.index(pair[0][0]))]
    caption = "Priors, of standardised columns; sigma is the spread of what is left of the column, t its prior scale"
    return table(("column", "priors", "in"), body, caption=caption)


def _prior_words(told: Told, model: NodeModel, own: set[str]) -> list[tuple[str, str]]:
    """Return every prior but the user's ``own``, as a name and a distribution; slopes that share one stand together."""
    found: dict[str, list[str]] = {}
    parents = [term.parent for term in model.terms for _ in range(term.coefficients)]
    for name, prior in (one for one in model.priors if one[0] not in own):
        found.setdefault(_distribution(prior), []).append(name)
    said = []
    for text, names in found.items():
        slopes = [name for name in names if name.startswith("slopes[")]
        places = [int(name[7:-1]) for name in slopes]
        of = dict.fromkeys(told.title(parents[place]) for place in places if place < len(parents))
        rest = [name for name in names if name not in slopes]
        if slopes:
            said.append((f"slopes of {joined(of)}" if of else "slopes", text))
        if rest:
            said.append((joined(rest), text))
    return said


def _distribution(prior: Prior) -> str:
    given = dict(prior.parameters)
    relative = given.pop("relative", 0.0)
    if prior.distribution == "Constant":
        return f"= {number(given['value'])}"
    parts = [f"{number(v)}{' sigma' if relative and name == 'sigma' else ''}" for name, v in given.items()]
    return f"~ {prior.distribution}({', '.join(parts)})"


def _users_own(hypothesis: Hypothesis | None, model: NodeModel) -> set[str]:
    """Return the names of the priors that the user has set, on the node or on an arrow into it."""
    if hypothesis is None or model.node not in hypothesis.graph.nodes:
        return set()
    given = {edge.source for edge in hypothesis.edges if edge.target == model.node and edge.prior is not None}
    parents = [term.parent for term in model.terms for _ in range(term.coefficients)]
    slopes = {f"slopes[{place}]" for place, parent in enumerate(parents) if parent in given}
    return slopes | {name for name, _ in hypothesis.node(model.node).priors}


# -- by the user --------------------------------------------------------------------------


def _user(told: Told) -> Html:
    parts: list[object] = []
    for hypothesis in told.comparison.drawn:
        parts += [el("h5", told.chip(hypothesis.name)), listing(_drawn(told, hypothesis))]
    comparison = told.comparison
    common = []
    if comparison.rows.taken:
        common.append(f"Rows are taken as {comparison.rows.taken}.")
    overruled = dict.fromkeys(
        f"{told.title(shape.node)} is taken as it is, though {shape.short(told.title)}."
        for facts in comparison.hypotheses
        for shape in facts.overruled_shapes
    )
    common += [*overruled]
    silent = [name for name in comparison.rules.overruled if not any(told.title(name) in words for words in overruled)]
    common += [f"The family of {told.title(name)} is taken as it is, whatever its shape." for name in silent]
    if common:
        parts += [el("h5", "For all of them"), listing(common)]
    return joined_html(parts)


def _drawn(told: Told, hypothesis: Hypothesis) -> list[str]:
    arrows = [f"{told.title(edge.source)} → {told.title(edge.target)}" for edge in hypothesis.edges]
    found = [f"Arrows: {', '.join(arrows)}." if arrows else "No arrows: all columns are unrelated."]
    found.append("Every other arrow is denied.")
    found += [words for edge in hypothesis.edges if (words := _edge(told, edge))]
    found += [words for node in hypothesis.nodes if (words := _node(told, node))]
    if hypothesis.bidirected:
        pairs = [f"{told.title(a)} and {told.title(b)}" for a, b in hypothesis.bidirected]
        found.append(f"An unmeasured common cause of {joined(pairs)}.")
    if hypothesis.background:
        found.append(f"Background, which may be related in any way: {joined(map(told.title, hypothesis.background))}.")
    return found


def _edge(told: Told, edge: Edge) -> str:
    words = [f"of the form {edge.form}"] if edge.form != "linear" else []
    if edge.sign:
        words.append("raises it" if edge.sign == "+" else "lowers it")
    if edge.scale:
        words.append(f"on the {edge.scale} scale")
    if edge.by:
        words.append(f"differs by {told.title(edge.by)}")
    if edge.carry:
        words.append(f"carries over {edge.carry} rows")
    if edge.prior is not None:
        words.append(f"its slope {_distribution(edge.prior)}")
    return f"{told.title(edge.source)} → {told.title(edge.target)}: {', '.join(words)}." if words else ""


def _node(told: Told, node: Node) -> str:
    words = ["unmeasured"] if node.latent else []
    if node.kind:
        words.append(f"of kind {node.kind}")
    if node.family:
        words.append(f"family {node.family}")
    if node.link:
        words.append(f"link {node.link}")
    if node.group:
        words.append(f"varies by {told.title(node.group)}")
    words += [f"{name} {_distribution(prior)}" for name, prior in node.priors]
    return f"{told.title(node.name)}: {', '.join(words)}." if words else ""


# -- rows ---------------------------------------------------------------------------------


def rows_taken(told: Told) -> Html:
    """Return which rows were used, why others were not, and what was said of them."""
    data, rows = told.comparison.data, told.comparison.rows
    dropped = data.rows_read - data.rows
    words = [f"{data.rows:,} rows were used{f' of {data.rows_read:,}' if dropped > 0 else ', all that there are'}."]
    if dropped > 0:
        words.append(f"{dropped:,} were left out, since a column that some hypothesis has is missing there.")
        lacking = [f"{told.title(c.name)} ({c.missing:,})" for c in data.columns if c.missing]
        if lacking:
            words.append(f"Missing values: {joined(lacking)}.")
    if rows.said:
        words.append(rows.said)
    return listing(words)
