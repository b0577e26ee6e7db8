"""What is supposed of a node's own numbers before the data are seen: its priors, as numbers that can be changed.

They are on the standardised scale (docs/families.md); how strong one arrow may be is said at the arrow, in the units of
the data (:mod:`ui.strength`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.families.distributions import DISTRIBUTIONS
from core.hypothesis import Hypothesis, Prior
from core.model.spec import NodeModel
from ui import implied, words

__all__ = ["panel"]

NamedPriors = tuple[tuple[str, Prior], ...]
Take = Callable[[NamedPriors], None]

#: What a number is, said before its name; the others go by their name alone.
_SAID = {
    "intercept": "Its level, where its causes are at their mean",
    "slopes": "Each arrow into it, unless the arrow says another",
    "variance": "The square of what its causes leave open",
    "sigma": "What its causes leave open",
    "tau": "How far bends, groups or slopes spread",
    "cutpoints": "Where one level ends and the next begins",
    "probabilities": "The chance of each level, for each combination of causes",
    "shares": "How a rise is shared among its steps",
    "half": "Of how much half of the effect comes",
    "carry": "What is left of it after a row",
    "t": "How freely its column may be moved (prior scale)",
}
_FIXED = ("relative", "sign")
_LEAST = 1e-6  # of what must be above 0


def panel(id: str, hypothesis: Hypothesis, dataset: Dataset | None, name: str, take: Take) -> None:
    """Show the priors of one node, closed until asked for; nothing where it cannot be resolved."""
    if dataset is None:
        return
    try:
        usual = _model(hypothesis.with_node(name, priors=()), dataset, name)
    except WhyboardError:
        return  # what it is stands elsewhere in the panel
    if usual is None:
        return
    own = dict(hypothesis.node(name).priors)
    defaults: dict[str, Prior] = {}
    for parameter, prior in usual.priors:
        defaults.setdefault(parameter.partition("[")[0], prior)
    with st.expander("Priors", expanded=bool(own), key=f"priors_{id}_{name}"):
        for parameter, default in defaults.items():
            _row(f"prior_{id}_{name}_{parameter}", parameter, default, own, take)
        st.button(
            "Back to the usual priors",
            key=f"priors_default_{id}",
            type="tertiary",
            disabled=not own,
            on_click=take,
            args=((),),
        )


def _model(hypothesis: Hypothesis, dataset: Dataset, name: str) -> NodeModel | None:
    """Return the node as it would be if no arrow into it said anything of its own; None for what is given."""
    for edge in hypothesis.edges:
        if edge.target == name and (edge.prior is not None or edge.sign is not None):
            hypothesis = hypothesis.with_edge(edge.source, name, prior=None, sign=None)
    spec = implied.spec_of(hypothesis, dataset)
    return next((model for model in spec.nodes if model.node == name), None)


def _row(key: str, parameter: str, default: Prior, own: dict[str, Prior], take: Take) -> None:
    now = own.get(parameter, default)
    numbers = [(number, value) for number, value in default.parameters if number not in _FIXED]
    said = f"{_SAID[parameter]}: {parameter}" if parameter in _SAID else parameter
    st.caption(words.md(f"{said} ~ {default.distribution}"))
    above = DISTRIBUTIONS[default.distribution].positive
    for at, (number, usual) in zip(st.columns(max(len(numbers), 2)), numbers, strict=False):
        field = f"{key}_{number}"
        value = float(dict(now.parameters).get(number, usual))
        if field not in st.session_state or st.session_state[field] != value:  # after an undo, or in another tab
            st.session_state[field] = value
        change = partial(_take, key, parameter, default, own, take)
        with at:
            least = _LEAST if number in above else None
            st.number_input(number, least, key=field, format="%.4g", step=_step(usual), on_change=change)


def _step(value: float) -> float:
    return max(0.1, round(abs(value) / 10, 1))


def _take(key: str, parameter: str, default: Prior, own: dict[str, Prior], take: Take) -> None:
    """Take a row's numbers; the usual ones are no change."""
    told = tuple(
        (number, float(st.session_state[f"{key}_{number}"]) if number not in _FIXED else value)
        for number, value in default.parameters
    )
    said = {name: prior for name, prior in own.items() if name != parameter}
    if told != default.parameters:
        said[parameter] = Prior(default.distribution, told)
    take(tuple(said.items()))
