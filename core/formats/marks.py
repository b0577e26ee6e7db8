"""The marks of nodes and the heads of arrows, as DAGitty, DOT, GML and GraphML write them.

What a node or an arrow says beyond that is either about looks, and passed over, or about the
model, and then named in a remark: nothing that could matter vanishes without a word.
"""

import re
from collections.abc import Collection, Mapping

from core.formats.draft import Draft
from core.formats.words import WORDS_OF_ARROWS, WORDS_OF_NODES
from core.names import tidy_name

__all__ = ["TRUE", "arrow_of", "names_for", "not_kept", "take_marks"]

TRUE = frozenset({"1", "true", "yes", "1.0"})
_FALSE = frozenset({"0", "false", "no", "0.0"})
_LATENT = frozenset({"latent", "unobserved"})
_ROLES = {"exposure": "exposure", "outcome": "outcome"}
#: DAGitty's own short and older words.
_SHORT = {"l": "latent", "u": "latent", "e": "exposure", "source": "exposure", "o": "outcome", "target": "outcome",
          "a": "adjusted", "s": "selected"}  # fmt: skip

_WHY = {
    "adjusted": "Whyboard works out by itself what to adjust for",
    "selected": "the graph is read as if no rows had been left out because of it",
    "beta": "Whyboard learns the size of effects from data",
    "label": "nodes go by their own names",
}

# What only says how a graph is drawn: Graphviz's attributes, DAGitty's, yEd's and Gephi's.
_LOOKS = frozenset(
    """
    pos bb x y z w h width height size color fillcolor fontcolor bgcolor colorscheme gradientangle fontname
    fontsize fontpath shape style penwidth pencolor peripheries margin image imagescale imagepos fixedsize
    regular sides skew distortion orientation rotate rank rankdir ranksep nodesep splines overlap layout
    ordering clusterrank compound constraint minlen len weight samehead sametail headport tailport headclip
    tailclip lhead ltail arrowhead arrowtail arrowsize dir decorate labelangle labeldistance labelfloat
    labelfontcolor labelfontname labelfontsize labelloc labeljust nojustify lp lwidth lheight xlp xlabel
    headlabel taillabel head_lp tail_lp tooltip edgetooltip headtooltip labeltooltip tailtooltip url href target
    edgeurl edgehref edgetarget headurl headhref tailurl tailhref labelurl labelhref id class comment group
    sortv showboxes pin root vertices rects nodegraphics edgegraphics description r g b name source bidirected
    directed key port
    """.split()  # noqa: SIM905
)

# By the ends of an edge, left and right.
_ARROWS = {
    ("", "head"): "->", ("head", ""): "<-", ("head", "head"): "<->", ("", ""): "--", ("round", "head"): "@->",
    ("head", "round"): "<-@", ("round", "round"): "@-@", ("round", ""): "@--", ("", "round"): "--@",
}  # fmt: skip
_CODE = re.compile(r"(?:[A-Za-z]|[A-Za-z]{0,4}_?\d+)\Z", re.ASCII)


def take_marks(draft: Draft, node: str, attributes: Mapping[str, str], line: int, *, short: bool = False) -> None:
    """Take a node's marks: latent, exposure, outcome, background; say of the rest what is not kept.

    Parameters
    ----------
    attributes : mapping
        Keys in lower case; a flag's value is ``"1"``.
    short : bool
        Whether DAGitty's one-letter words are read too.
    """
    for key, value in attributes.items():
        word = _SHORT.get(key, key) if short else key
        said = value.strip().lower()
        if word == "observed":
            if said in _FALSE:
                draft.latent(node, line)
        elif word in _LATENT or word in _ROLES or word in ("adjusted", "selected"):
            if said in _FALSE or (not short and said not in TRUE):
                continue
            if word in _LATENT:
                draft.latent(node, line)
            elif word in _ROLES:
                draft.mark(_ROLES[word], node, line)
            else:
                not_kept(draft, {word: "1"}, draft.call(node, line))
        elif word == "background" and said in TRUE | _FALSE:  # else it is a colour or the like
            if said in TRUE:
                draft.background(node, line)
        elif word in WORDS_OF_NODES:
            draft.say(node, word, value, line)
        else:
            not_kept(draft, {word: value}, draft.call(node, line))


def not_kept(draft: Draft, attributes: Mapping[str, str], of: str) -> None:
    """Note the attributes of a node or an arrow that a hypothesis has no place for, except looks.

    Words of ours about arrows go to the draft with the arrow.
    """
    for key, value in attributes.items():
        if key in _LOOKS or key in WORDS_OF_ARROWS or not key.strip() or (key == "label" and not value.strip()):
            continue
        draft.drop(key, "" if key in ("adjusted", "selected") else value, of, _WHY.get(key, ""))


def arrow_of(arrow: str, attributes: Mapping[str, str]) -> str:
    """Return which arrow an edge of DOT stands for, from its direction and the shape of its heads.

    ``dir=both`` alone has two heads; with ``arrowtail=none``, as programs write it that draw
    every end by itself, it has one. A round head is a circle mark, of which nobody knows.
    """
    if attributes.get("bidirected", "").lower() in TRUE:
        return "<->"
    if arrow not in ("->", "<-"):
        return arrow
    direction = attributes.get("dir", "forward").lower()
    head = _end(attributes, "arrowhead", direction in ("forward", "both"))
    tail = _end(attributes, "arrowtail", direction in ("back", "both"))
    if arrow == "<-":
        head, tail = tail, head
    return _ARROWS[tail, head]


def _end(attributes: Mapping[str, str], key: str, there: bool) -> str:
    shape = attributes.get(key, "normal").lower() if there else "none"
    if shape == "none":
        return ""
    return "round" if shape in ("dot", "odot", "circle") else "head"


def names_for(
    draft: Draft, labels: Mapping[str, str], columns: Collection[str], *, labels_first: bool
) -> Mapping[str, str]:
    """Return by identifier what each node is called: its identifier or its label.

    Parameters
    ----------
    labels : mapping
        By identifier the label, ``""`` where there is none.
    columns : collection of str
        Columns of the data, where known; what names more of them wins.
    labels_first : bool
        Where columns do not decide: whether labels are taken whenever there are any (GraphML,
        GML), or only where the identifiers are codes such as ``n1`` that say nothing.
    """
    own = {id: id for id in labels}
    said = {id: tidy_name(label) or id for id, label in labels.items()}
    differ = [id for id in labels if said[id] != tidy_name(id)]
    if not differ:
        return own
    chosen = said if labels_first or all(_CODE.match(id) for id in differ) else own
    known = frozenset(columns)
    by_label, by_id = (sum(tidy_name(name) in known for name in found.values()) for found in (said, own))
    if by_label != by_id:
        chosen = said if by_label > by_id else own
    if len(set(said.values())) < len(said):
        chosen = own
    example = f"{differ[0]!r} is {said[differ[0]]!r}" + (f", and so on for {len(differ)} nodes" if differ[1:] else "")
    if chosen is said:
        draft.remark(f"the nodes are called by their labels: {example}")
    else:
        draft.remark(f"the nodes are called by their identifiers, labels were not kept: {example}")
    return chosen
