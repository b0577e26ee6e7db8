"""A node of the joint model (``core.model.pymc_model``) as source text, statement for statement."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from core.families import get_family
from core.families.linear import LinearFamily
from core.families.parameter import Parameter
from core.forms import get_form
from core.forms.base import matrix, number
from core.forms.term import Term
from core.hypothesis import Prior
from core.model.names import run_name
from core.model.spec import NodeModel
from core.report.arrows import earlier_of
from core.report.named import Names
from core.report.source import SOURCE, Text, line_of, number_text, repeated, runs

__all__ = ["INCREASING", "LOG_NDTR", "node_lines", "own_density", "words_of"]

_WHOLE = ("binary", "category", "ordered", "count")
_WIDTH = 100  # of a line that can be parted

LOG_NDTR = '''def log_ndtr(z):
    """Return the logarithm of the Normal distribution function, good to the far left."""
    scaled = -z / np.sqrt(2.0)
    far = pt.log(0.5 * pt.erfcx(pt.maximum(scaled, 0.0))) - pt.maximum(scaled, 0.0) ** 2
    near = pt.log1p(-0.5 * pt.erfc(-pt.minimum(scaled, 0.0)))
    return pt.switch(scaled > 0, far, near)
'''

INCREASING = '''class Increasing(Ordered):
    """PyMC's transform of ordered values, from the middle one on, which is known best."""

    def forward(self, value, *inputs):
        gaps = value[..., 1:] - value[..., :-1]
        logs = pt.log(pt.switch(gaps > 0, gaps, 1.0))
        middle = value.shape[-1] // 2
        return pt.concatenate([value[..., middle : middle + 1], logs], axis=-1)

    def backward(self, value, *inputs):
        middle, anchor, gaps = value.shape[-1] // 2, value[..., :1], pt.exp(value[..., 1:])
        below = anchor - pt.cumsum(gaps[..., :middle][..., ::-1], axis=-1)[..., ::-1]
        return pt.concatenate([below, anchor, anchor + pt.cumsum(gaps[..., middle:], axis=-1)], axis=-1)


def increasing(name, mu, sigma, count):
    """Make values that increase: independent Normal(mu, sigma), sorted."""

    def draw(mu, sigma, size):
        return pt.sort(pm.Normal.dist(mu, sigma, shape=(count,)))

    def logp(value, mu, sigma):
        return lgamma(count + 1) + pm.logp(pm.Normal.dist(mu, sigma), value).sum()

    return pm.CustomDist(name, mu, sigma, dist=draw, logp=logp, signature="(),()->(k)", transform=Increasing())
'''


def words_of(node: NodeModel) -> str:
    """Return in words how a node comes about."""
    family = get_family(node.family)
    said = f"{line_of(node.node)}: {node.family}, {family.words}"
    if family.form != "cells" and node.link != "identity":
        said += f"; on the {node.link} scale"
    if not node.terms:
        return f"{said}; no arrow leads to it"
    if family.form == "cells":
        return f"{said}; from " + ", ".join(line_of(term.parent) for term in node.terms)
    slopes = (node.prior[f"slopes[{node.coefficient_of(term.parent)}]"] for term in node.terms)
    return f"{said}; from " + ", ".join(map(_term_words, node.terms, slopes))


def _term_words(term: Term, slope: Prior) -> str:
    said = line_of(term.parent)
    if term.form != "linear":
        said += f" ({get_form(term.form).words})"
    if sign := dict(slope.parameters).get("sign"):
        said += f" (which only {'raises' if sign > 0 else 'lowers'} it)"
    if term.by is not None:
        said += f" (which differs by {line_of(term.by.parent)})"
    return said


def node_lines(node: NodeModel, names: Names, was_set: bool, functions: Mapping[str, str]) -> list[str]:
    """Return the statements that make a node's variables, to stand inside ``with pm.Model():``.

    Parameters
    ----------
    node : NodeModel
    names : Names
    was_set : bool
        Whether some of its rows were set by intervention; those are no part of the observed variable.
    functions : mapping of str to str
        What the script calls the density of each family that has one of its own.
    """
    return _Node(node, names, was_set).lines(functions)


class _Node:
    """What is written of one node, in the order in which the joint model makes it."""

    def __init__(self, node: NodeModel, names: Names, was_set: bool) -> None:
        self.node, self.names, self.was_set = node, names, was_set
        self.own = names.columns[node.node]
        self.observed = f"data[{node.node!r}]"
        self.parents = {parent: names.columns[parent] for parent in node.parents}
        self.written: list[str] = []

    def lines(self, functions: Mapping[str, str]) -> list[str]:
        node, family = self.node, get_family(self.node.family)
        if node.kind in _WHOLE and family.discrete:
            self.observed += ".astype(int)"
        if self.was_set:
            self._leave_out()
        at: dict[str, Any] = {one.name: self._parameter(one) for one in family.declared if not one.coefficient}
        match family.form:
            case "cells":
                eta = self._cell()
            case "lines":
                eta = self._predictors()
            case _:
                eta = self._predictor(at["sigma"] if family.relative else None)
        part = node.response
        if (part.center, part.scale) != (0.0, 1.0):  # back to the data's own units
            self.written.append(f"{eta} = {part.center + part.scale * eta}")
            in_units = {one.name for one in family.declared if one.in_units}
            at = {name: part.scale * value if name in in_units else value for name, value in at.items()}
        self._distribution(family, eta, at, functions)
        return self.written

    def make(self, parameter: str, distribution: str, *numbers: str) -> Text:
        """Write one of PyMC's variables; return its name in Python."""
        own, quoted = self.names.variable(self.node.node, parameter)
        self.written.append(_call(f"{own} = {distribution}", [quoted, *numbers]))
        return Text(own)

    def _leave_out(self) -> None:
        """Take the rows that were not set; children see the others as they were set."""
        rows = self.names.identifier(f"{self.own}_rows")
        self.whole, self.rows = self.observed, rows
        self.written.append(f"{rows} = np.flatnonzero(used[{self.node.node!r}])  # the others were set from outside")
        self.observed = f"{self.observed}[{rows}]"
        self.parents = {parent: f"{own}[{rows}]" for parent, own in self.parents.items()}

    def _distribution(self, family: Any, eta: Text, at: Mapping[str, Any], functions: Mapping[str, str]) -> None:
        quoted = repr(self.names.pymc[self.node.node])
        if own := functions.get(family.name):
            made = "pm.CustomDist"
            numbers = [*(str(value) for value in (eta, *at.values())), f"dist={own}_draw", f"logp={own}_logp"]
        else:
            name, values = family.pymc(SOURCE, eta, at, self.node.link)
            made, numbers = f"pm.{name}", [f"{key}={value}" for key, value in values.items()]
        numbers = [quoted, *numbers, f"observed={self.observed}"]
        self.written.append(_call(f"{self.own} = {made}", numbers))
        if self.was_set:
            whole = f"pt.as_tensor({self.whole})[{self.rows}]"
            self.written.append(_call(f"{self.own} = pt.set_subtensor", [whole, self.own]))

    # -- parameters beside the predictor ---------------------------------------------------

    def _parameter(self, parameter: Parameter) -> Text:
        node = self.node
        prior = node.prior[parameter.prior]
        shape = parameter.sizes(node.columns, node.levels)
        if prior.distribution == "Dirichlet":
            share = number_text(prior["equivalent_sample_size"] / prod(shape))
            made = self.make(parameter.prior, "pm.Dirichlet", f"np.full({shape}, {share})", f"shape={shape}")
        elif prior.distribution == "OrderedNormal":
            numbers = (number_text(prior["mu"]), number_text(prior["sigma"]), str(shape[0]))
            made = self.make(parameter.prior, "increasing", *numbers)
        else:
            made = self.make(parameter.prior, f"pm.{prior.distribution}", *_numbers(prior))
        if parameter.prior == parameter.name:
            return made
        return self.make(parameter.name, "pm.Deterministic", str(parameter.forward(SOURCE, made)))

    # -- predictors --------------------------------------------------------------------------

    def _prior_of_slopes(self, number: str) -> list[float]:
        prior = self.node.prior
        return [dict(prior[f"slopes[{j}]"].parameters).get(number, 0.0) for j in range(self.node.coefficients)]

    def _predictor(self, sigma: Text | None) -> Text:
        node = self.node
        start = Text(f"pt.zeros(len({self.observed}))")
        if "intercept" in node.prior:
            numbers = dict(node.prior["intercept"].parameters)
            spread = _relative(number_text(numbers["sigma"]), [numbers.get("relative", 0.0)], sigma)
            start = self.make("intercept", "pm.Normal", number_text(numbers["mu"]), spread)
        if not node.columns:
            return self._eta(start)
        if node.signs or node.shaped:
            return self._eta(start, self._made_slopes(sigma))
        spread = _relative(repeated(self._prior_of_slopes("sigma")), self._prior_of_slopes("relative"), sigma)
        mu = repeated(self._prior_of_slopes("mu"))
        return self._eta(start, self._slopes("pm.Normal", mu, spread, f"shape={node.columns}"))

    def _predictors(self) -> Text:
        node = self.node
        spread = number_text(node.prior["intercept"]["sigma"])
        level = self.make("intercept", "pm.ZeroSumNormal", f"sigma={spread}", f"shape={node.levels}")
        start = Text(f"pt.zeros((len({self.observed}), 1)) + {level}")
        if not node.columns:
            return self._eta(start)
        values = self._prior_of_slopes("sigma")
        spreads = f"sigma={repeated(values)}" + ("" if len(set(values)) == 1 else "[:, None]")
        return self._eta(start, self._slopes("pm.ZeroSumNormal", spreads, f"shape={(node.columns, node.levels)}"))

    def _made_slopes(self, sigma: Text | None) -> Text:
        """Write the slopes part by part, where some have a sign, or share a height and a shape."""
        node, at, shaped = self.node, 0, 0
        factors = self._factors() if node.taus else ""
        made = {start: str(self._run(start, stop, sigma)) for start, stop in node.coefficient_runs}
        parts: list[str] = []
        for term in node.terms:
            own = [run for start, run in made.items() if at <= start < at + term.coefficients]
            if term.shape is None:
                parts += own
            else:
                bent = self.names.identifier(f"{self.own}_bent_{shaped}")
                self.written.append(f"{bent} = {own[0]} * {self._shape(term, shaped)}")
                parts.append(bent)
                shaped += 1
            at += term.coefficients
        whole = parts[0] if len(parts) == 1 else f"pt.concatenate([{', '.join(parts)}])"
        if not node.taus:
            return self.make("slopes", "pm.Deterministic", whole)
        free = self.make("free_slopes", "pm.Deterministic", whole)
        return self.make("slopes", "pm.Deterministic", f"{free} * {factors}")

    def _run(self, start: int, stop: int, sigma: Text | None) -> Text:
        """Write coefficients that stand together; they have a sign, or none."""
        own = slice(start, stop)
        spread = _relative(repeated(self._prior_of_slopes("sigma")[own]), self._prior_of_slopes("relative")[own], sigma)
        given = [repeated(self._prior_of_slopes("mu")[own]), spread]
        name, shape = run_name(start, stop), f"shape={stop - start}"
        if not (sign := self._prior_of_slopes("sign")[start]):
            return self.make(name, "pm.Normal", *given, shape)
        return self.make(name, "pm.TruncatedNormal", *given, "lower=0.0" if sign > 0 else "upper=0.0", shape)

    def _shape(self, term: Term, place: int) -> str:
        """Write what a curve's columns share of its height; return the expression of their weights."""
        shape = term.shape
        assert shape is not None
        priors = self.node.priors_of_shape(place)
        prior = priors[0]
        if prior.distribution == "Dirichlet":
            share = number_text(prior["equivalent_sample_size"] / term.columns)
            given = [f"np.full({term.columns}, {share})", f"shape={term.columns}"]
            return str(self.make(f"{shape.quantities[0]}[{place}]", "pm.Dirichlet", *given))
        made = [
            str(self.make(f"{name}[{place}]", f"pm.{one.distribution}", *_numbers(one)))
            for name, one in zip(shape.quantities, priors, strict=True)
        ]
        if "half" not in shape.quantities:
            return f"weights_of_carry(pt, {made[0]}, {term.columns})"
        given = [*made, number_text(number(term.curve, "log_median"))]
        if not term.earlier:
            return f"weights_of_half(pt, {', '.join(given)}, {term.columns})"
        counts = (matrix(term.curve, "halves").size, matrix(term.curve, "carries").size)
        return f"weights_of_half_and_carry(pt, {', '.join(given)}, {counts})"

    def _slopes(self, distribution: str, *numbers: str) -> Text:
        """Write the slopes, those of scaled columns times their tau."""
        node = self.node
        if not node.taus:
            return self.make("slopes", distribution, *numbers)
        one = self._factors()
        free = self.make("free_slopes", distribution, *numbers)
        lines = get_family(node.family).form == "lines" and "(" in one  # a row of slopes for each level
        return self.make("slopes", "pm.Deterministic", f"{free} * {one}[:, None]" if lines else f"{free} * {one}")

    def _factors(self) -> str:
        """Write the taus; return what multiplies each free slope."""
        node, taus = self.node, []
        for i in range(node.taus):
            prior = node.prior[f"tau[{i}]"]
            sigma = number_text(prior["sigma"])
            if prior.distribution == "HalfNormal":
                taus.append(self.make(f"tau[{i}]", "pm.HalfNormal", sigma))
            else:  # nothing at all with probability 1/2
                free = self.make(f"bend[{i}]", "pm.Normal", "0.0", sigma)
                taus.append(self.make(f"tau[{i}]", "pm.Deterministic", f"pt.maximum({free}, 0.0)"))
        each, counts = runs(node.scaled_by)
        factors = [str(taus[int(i)]) if i >= 0 else "1.0" for i in each]
        return factors[0] if len(each) == 1 else f"pt.repeat(pt.stack([{', '.join(factors)}]), {counts})"

    def _eta(self, start: Text, slopes: Text | None = None) -> Text:
        """Write the predictor: what it starts from, and what each arrow adds."""
        eta, place = Text(self.names.identifier(f"{self.own}_eta")), 0
        parts = [str(start)]
        for term in self.node.terms if slopes is not None else ():
            given = ", ".join(["pt", *(self.parents[name] for name in term.parents), *self._earlier(term)])
            function = self.names.arrows[term]
            parts.append(f"{function}({given}) @ {slopes}[{place}:{place + term.columns}]")
            place += term.columns
        line = f"{eta} = {' + '.join(parts)}"
        if len(line) > _WIDTH:
            line = "\n".join([f"{eta} = (", f"    {parts[0]}", *(f"    + {part}" for part in parts[1:]), ")"])
        self.written.append(line)
        return eta

    def _earlier(self, term: Term) -> list[str]:
        """Return what stands for a parent's earlier values, as they were, where it carries over."""
        rows = f"[{self.rows}]" if self.was_set else ""
        return [f"{earlier_of(term)}{rows}"] if term.earlier else []

    def _cell(self) -> Text:
        eta = Text(self.names.identifier(f"{self.own}_place"))
        if self.node.terms:
            given = ", ".join(f'pt.cast({self.parents[term.parent]}, "int64")' for term in self.node.terms)
            self.written.append(f"{eta} = {self.names.cells[self.node.node]}({given})")
        else:
            self.written.append(f'{eta} = pt.zeros(len({self.observed}), dtype="int64")')
        return eta


def _call(head: str, given: list[str]) -> str:
    """Return a call, an argument a line where it would be long."""
    line = f"{head}({', '.join(given)})"
    return line if len(line) <= _WIDTH else "\n".join([f"{head}(", *(f"    {one}," for one in given), ")"])


def _numbers(prior: Prior) -> list[str]:
    return [f"{name}={number_text(value)}" for name, value in prior.parameters]


def _relative(spread: str, relative: list[float], sigma: Text | None) -> str:
    """Return a spread in units of the residual standard deviation, where the prior is relative to it."""
    if sigma is None or not any(relative):
        return spread
    if all(one == 1.0 for one in relative):
        return str(sigma) if spread == "1.0" else f"{spread} * {sigma}"
    share = repeated(relative)
    return f"{spread} * ({share} * {sigma} + 1.0 - {share})"


def own_density(family_name: str, link: str, called: str) -> str:
    """Return the functions of a family whose density PyMC has less exactly; empty for the others."""
    family = get_family(family_name)
    if not (isinstance(family, LinearFamily) and family.own_density):
        return ""
    at = [one.name for one in family.declared if not one.coefficient]
    values = {name: Text(name) for name in at}
    drawn, numbers = family.pymc(SOURCE, Text("eta"), values, link)
    density = family.log_density(SOURCE, Text("value"), Text("eta"), values, link)
    given = ", ".join(["eta", *at])
    said = ", ".join(f"{key}={value}" for key, value in numbers.items())
    return (
        f"def {called}_draw({given}, size):\n    return pm.{drawn}.dist({said}, size=size)\n\n\n"
        f"def {called}_logp(value, {given}):\n    return {density}\n"
    )
