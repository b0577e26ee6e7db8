"""Strategies: what a user could have drawn, with names as odd as users' names are."""

import functools
from dataclasses import replace

from hypothesis import strategies as st

from core.hypothesis import FAMILIES, FORMS, KINDS, LINKS, Absence, Edge, Hypothesis, Node, Prior, still_possible
from core.names import fault_in, tidy_name

ODD_NAMES = (
    "net income", "a \"quoted\" name", "back\\slash", "ends in \\", 'run \\\\" of', "\\\"", "=1+1", "-3", "1e-5",
    "größe", "🦊", "<b>bold</b>", "a->b", "{x}", "[latent]", "a;b", "a,b", "# no comment", "// nor this", "/* or */",
    "dag", "digraph", "graph", "node", "edge", "subgraph", "strict", "42", "x.1", "_", "'", "&amp;", "]]>", "bb", "pos",
    "a:b", "a/b", "e\u0301", "%20", "None", "two  blanks", "\u05d0\u200f", "pos=1", "[a][b|a]", "x E @1,2",
    "x:m", "TRUE", "variable",
)  # fmt: skip

# Strategies that no drawing changes are made here, once: making one costs more than drawing from it.
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-2000, 2000).map(float)
positions = st.none() | st.tuples(numbers, numbers)
priors = st.builds(
    Prior,
    st.sampled_from(("Normal", "HalfNormal", "Beta")),
    st.dictionaries(st.sampled_from(("mu", "sigma", "alpha", "größe")), numbers).map(lambda d: tuple(d.items())),
)
prior_of_an_arrow = st.none() | priors
priors_of_a_node = st.dictionaries(st.sampled_from(("intercept", "slope")), priors).map(lambda d: tuple(d.items()))
kinds, families, links = (st.none() | st.sampled_from(options) for options in (KINDS, FAMILIES, LINKS))
groups, signs = (st.none() | st.sampled_from(options) for options in (("north", "süd", ""), ("+", "-")))
forms = st.sampled_from(FORMS)
flags = st.booleans()
carries = st.sampled_from((0, 0, 1, 8))
scales, lags = st.sampled_from((None, None, "raw", "log")), st.sampled_from((0, 0, 1, 12))
notes = st.text(st.characters(exclude_categories=("Cs",)), max_size=10)
texts = (
    st.just("") | notes | st.sampled_from(('"', "a\nb", " x ", "http://x.org/a;b#c", "variable", "*/", "ends in \\"))
)


@functools.cache
def names(xml: bool = False):
    """Return names of any characters that a name may hold; with ``xml`` of those that XML has too."""
    letters = st.characters(exclude_categories=("Cs", "Cc", "Cn") if xml else ("Cs", "Cc"))
    drawn = st.sampled_from(ODD_NAMES) | st.text(letters, min_size=1, max_size=12)
    return drawn.filter(lambda name: bool(name) and name == tidy_name(name) and not fault_in(name))


@functools.cache
def lists_of_names(xml: bool):
    """Return the names of up to 7 nodes."""
    return st.lists(names(xml), min_size=1, max_size=7, unique=True)


titles = st.just("") | names()


@st.composite
def hypotheses(draw, xml: bool = False, full: bool = False):
    """Return hypotheses of up to 7 nodes, with a background where one can be.

    ``full`` ones also say what each node and arrow is made of.
    """
    nodes = draw(lists_of_names(xml))
    order = draw(st.permutations(nodes))
    pairs = [(a, b) for i, a in enumerate(order) for b in order[i + 1 :]]
    arrows = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    arcs = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=3)) if pairs else []
    exposure = draw(st.none() | st.sampled_from(nodes))
    others = [name for name in nodes if name != exposure]
    outcome = draw(st.none() | st.sampled_from(others)) if others else None
    latents = {name for name in nodes if draw(flags)}
    barred = {exposure, outcome, *latents, *(end for arc in arcs for end in arc)}
    background: list[str] = []
    for name in order:  # causes first
        causes = {a for a, b in arrows if b == name}
        if name not in barred and causes <= set(background) and draw(flags):
            background.append(name)
    made = Hypothesis(
        name=draw(titles) if full else "h",
        nodes=tuple(
            Node(
                name,
                kind=draw(kinds) if full else None,
                family=draw(families) if full else None,
                link=draw(links) if full else None,
                latent=name in latents,
                group=draw(groups) if full else None,
                position=draw(positions),
                priors=draw(priors_of_a_node) if full else (),
                unit=draw(texts) if full else "",
                description=draw(texts) if full else "",
            )
            for name in nodes
        ),
        edges=tuple(Edge(a, b) for a, b in arrows),
        bidirected=tuple(arcs),
        exposure=exposure,
        outcome=outcome,
        note=draw(notes) if full else "",
        background=tuple(background),
    )
    return draw(_said_of_arrows(made)) if full else made


@st.composite
def _said_of_arrows(draw, hypothesis: Hypothesis):
    """Return a hypothesis with all that can be said of its arrows, and of those that are not there."""
    whole = {
        node.name for node in hypothesis.nodes if node.kind not in (None, "real", "positive", "proportion", "count")
    }
    edges = [
        Edge(
            edge.source,
            edge.target,
            form=draw(forms),
            sign=draw(signs),
            prior=draw(prior_of_an_arrow),
            scale=draw(scales.filter(lambda scale, e=edge: scale != "log" or e.source not in whole)),
            by=draw(st.none() | st.sampled_from((*hypothesis.graph.nodes, hypothesis.node(edge.target).group))),
            lag=draw(lags),
            carry=draw(carries),
            reason=draw(texts),
            citation=draw(texts),
        )
        for edge in hypothesis.edges
    ]
    pairs = [(a, b) for a in hypothesis.graph.nodes for b in hypothesis.graph.nodes if a != b]
    drawn = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=3)) if pairs else []
    absences = [Absence(a, b, draw(texts), draw(texts)) for a, b in drawn]
    possible, absent = still_possible(hypothesis.nodes, edges, absences, hypothesis.background)
    return replace(hypothesis, edges=possible, absences=absent)
