"""The model specification: a hypothesis resolved against a data set.

Every default is filled in and every constant is a number. A :class:`ModelSpec` alone is
enough to simulate, to build the PyMC model and to export; the rows it is fitted to come
from a :class:`core.data.dataset.Dataset`.

Notation, for one family (a node given its parents): ``y`` is the node's column, ``X``
the N x p design matrix of its parents, on the scale in which the family takes them
(:class:`core.forms.term.Term`), and the linear predictor is ``eta = intercept + X @ slopes``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod

from core.families import get_family
from core.forms.term import NAME, Term
from core.hypothesis import Prior

__all__ = ["ModelSpec", "NodeModel", "Response", "Term"]


@dataclass(frozen=True)
class Response:
    """How the node's own column is given to its family.

    ``transform`` is ``"identity"`` or ``"log"``; the family sees
    ``(transform(y) - center) / scale``. Families on the data's own scale (Gamma, Beta,
    counts, categories) have center 0 and scale 1. ``levels`` are those of a discrete node
    (code 0 … L-1; for binary nodes the second is "1").
    """

    transform: str = "identity"
    center: float = 0.0
    scale: float = 1.0
    levels: tuple[str, ...] = field(default=(), metadata={"key": "length"})


@dataclass(frozen=True)
class NodeModel:
    """One family: a node, its distribution, its parents' terms and its priors.

    ``priors`` maps each parameter's name to its prior with every number filled in;
    slopes have one entry per free coefficient, named ``slopes[0] …``: one a design column, but one, the height, for
    a term with a shape (:mod:`core.forms.shape`), whose quantities have priors ``shares[i]``, ``half[i]`` or
    ``carry[i]``, i counting such terms. A slope whose arrow has a sign is TruncatedNormal: the Normal of the same
    numbers, above 0 (``sign`` 1) or below it (-1). A few priors
    are of a function of the parameter: ``variance`` (sigma squared, Normal and LogNormal),
    ``nu_minus_2`` (StudentT). ``relative`` 1 in a Normal prior multiplies its ``sigma`` by
    the residual standard deviation of the family. ``t`` (Normal, LogNormal) is a Constant,
    the prior scale of the node's column, of which ``variance`` and its children's slopes
    are made. Some columns are scaled (:attr:`Term.scaled_by`): their slope is ``tau[i]``
    times what the prior ``slopes[j]`` is of.
    ``reason`` says in words why this family was chosen ("chosen by you", "a count whose
    variance is 3.2 times its mean").
    """

    node: str = field(metadata=NAME)
    kind: str
    family: str
    link: str
    response: Response
    terms: tuple[Term, ...] = ()
    priors: tuple[tuple[str, Prior], ...] = ()
    conjugate: bool = False
    reason: str = field(default="", metadata=NAME)

    @property
    def parents(self) -> tuple[str, ...]:
        """Parents, in the order of the design matrix."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.parents))

    @property
    def inputs(self) -> tuple[str, ...]:
        """Whose values the design matrix is made of: the parents', then their earlier ones (:attr:`Term.inputs`)."""
        return tuple(dict.fromkeys([*self.parents, *(name for term in self.terms for name in term.earlier)]))

    @property
    def columns(self) -> int:
        """p: the width of the design matrix, or for a Table the number C of parents' configurations."""
        if get_family(self.family).form == "cells":
            return prod(len(term.levels) for term in self.terms)
        return sum(term.columns for term in self.terms)

    @property
    def coefficients(self) -> int:
        """How many slopes are free: as many as design columns, less those whose term has a shape."""
        if get_family(self.family).form == "cells":
            return self.columns
        return sum(term.coefficients for term in self.terms)

    @property
    def shaped(self) -> tuple[Term, ...]:
        """The terms whose columns share one height."""
        return tuple(term for term in self.terms if term.shape is not None)

    def priors_of_shape(self, place: int) -> tuple[Prior, ...]:
        """Return the priors of the quantities of one of the terms that are ``shaped``, counted from 0."""
        shape, prior = self.shaped[place].shape, self.prior
        assert shape is not None
        return tuple(prior[f"{name}[{place}]"] for name in shape.quantities)

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """The shapes' quantities that are kept with draws, in their order: what each is, and of which parent."""
        return tuple(
            (name, term.parent)
            for term in self.terms
            if term.shape is not None and term.shape.kept
            for name in term.shape.quantities
        )

    @property
    def signs(self) -> tuple[int, ...]:
        """The sign of each free coefficient, 0 for none; empty if none has one."""
        found = [0] * self.coefficients
        for name, prior in self.priors:
            if prior.distribution == "TruncatedNormal":
                found[int(name[7:-1])] = int(prior["sign"])
        return tuple(found) if any(found) else ()

    @property
    def coefficient_runs(self) -> tuple[tuple[int, int], ...]:
        """Which coefficients stand together, from where to where: of one term, and of no sign or by themselves."""
        signs = self.signs or (0,) * self.coefficients
        found: list[tuple[int, int]] = []
        at = 0
        for term in self.terms:
            for j in range(at, at + term.coefficients):
                if j > at and not signs[j] and not signs[j - 1]:
                    found[-1] = (found[-1][0], j + 1)
                else:
                    found.append((j, j + 1))
            at += term.coefficients
        return tuple(found)

    @property
    def column_coefficients(self) -> tuple[int, ...]:
        """Which free coefficient each design column's slope is made of."""
        found: list[int] = []
        at = 0
        for term in self.terms:
            found += [at] * term.columns if term.shape is not None else range(at, at + term.columns)
            at += term.coefficients
        return tuple(found)

    @property
    def scaled_by(self) -> tuple[int, ...]:
        """Which ``tau`` scales each design column, -1 for none; empty if none scales any."""
        found: list[int] = []
        taus = 0
        for term in self.terms:
            found += [taus + one if one >= 0 else -1 for one in term.scaled_by]
            taus += len(term.taus)
        return tuple(found) if taus else ()

    def tau_of(self, parent: str) -> int:
        """Return which tau is the first of one parent's term (KeyError if there is none)."""
        before = 0
        for term in self.terms:
            if term.parent == parent:
                return before
            before += len(term.taus)
        raise KeyError(parent)

    @property
    def taus(self) -> int:
        """How many numbers scale columns."""
        return sum(len(term.taus) for term in self.terms)

    @property
    def tau_names(self) -> tuple[str, ...]:
        """What to call each tau: ``tau[ads]`` of its form, ``tau[ads | region]`` of a slope that varies."""
        found: list[str] = []
        for term in self.terms:
            own = [f"tau[{term.parent}]"] * (len(term.taus) - term.varying)
            found += own + [f"tau[{' | '.join(term.parents)}]"] * term.varying
        return tuple(found)

    @property
    def levels(self) -> int:
        """K, the number of levels of a discrete node; 0 for the others."""
        return len(self.response.levels)

    @property
    def distributions(self) -> tuple[tuple[str, Prior], ...]:
        """The priors that something is drawn from: all but Constants, whose number stands in the others."""
        return tuple((name, prior) for name, prior in self.priors if prior.distribution != "Constant")

    @property
    def prior(self) -> Mapping[str, Prior]:
        """The priors as a mapping, as families take them."""
        return dict(self.priors)

    def term(self, parent: str) -> Term:
        """Return the term of one parent's arrow (KeyError if there is none)."""
        for term in self.terms:
            if term.parent == parent:
                return term
        raise KeyError(parent)

    def coefficient_of(self, parent: str) -> int:
        """Return which free coefficient is the first of one parent's arrow (KeyError if there is none)."""
        at = 0
        for term in self.terms:
            if term.parent == parent:
                return at
            at += term.coefficients
        raise KeyError(parent)

    def columns_of(self, parent: str) -> slice:
        """Return which design columns belong to one parent (not for a Table; KeyError if none)."""
        start = 0
        for term in self.terms:
            if term.parent == parent:
                return slice(start, start + term.columns)
            start += term.columns
        raise KeyError(parent)


@dataclass(frozen=True)
class ModelSpec:
    """All families of one hypothesis, causes before effects.

    ``warnings`` say what is odd but no reason to refuse ("price is the same in every row").
    ``given`` are the columns that all is conditioned on, the background: they have the form in
    which they explain others, no terms and no priors, and enter no likelihood.
    """

    name: str
    nodes: tuple[NodeModel, ...]
    warnings: tuple[str, ...] = ()
    given: tuple[NodeModel, ...] = ()

    @property
    def columns(self) -> tuple[NodeModel, ...]:
        """All columns that take part: what is given, then what is modelled."""
        return (*self.given, *self.nodes)

    @property
    def earlier(self) -> tuple[str, ...]:
        """What the earlier values are called that some family takes; none where nothing carries over."""
        return tuple(dict.fromkeys(name for model in self.nodes for term in model.terms for name in term.earlier))

    def node(self, name: str) -> NodeModel:
        """Return one column, modelled or given, by its name (KeyError if there is none)."""
        for model in self.columns:
            if model.node == name:
                return model
        raise KeyError(name)
