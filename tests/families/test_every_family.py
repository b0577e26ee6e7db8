"""Every family, link and place: whatever asks a family something gets an answer that fits the others."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from core.check.roles import role_of
from core.data.constants import assumed_constants
from core.families import FAMILIES
from core.families.choose import DISCRETE_KINDS, choose_family, families_for
from core.families.distributions import DISTRIBUTIONS
from core.families.linear import LinearFamily
from core.families.namespace import NUMPY
from core.families.page import families_page
from core.families.priors import default_priors, scale_priors
from core.families.sampled import Numbers, length, packed
from ui.families import FAMILY_WORDS

K, P, N, S = 4, 3, 30, 5
CASES = [(name, link) for name, family in FAMILIES.items() for link in family.links]
LINEAR = [(name, link) for name, link in CASES if isinstance(FAMILIES[name], LinearFamily)]
KINDS = ("real", "positive", "proportion", "count", "binary", "category", "ordered")

families = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


def problem(name, link, seed=0):
    """Return a family, draws of its parameters, and rows that it generated itself."""
    family, rng = FAMILIES[name], np.random.default_rng(seed)
    theta = 0.7 * rng.normal(size=(S, family.dimension(P, K)))
    x = rng.integers(0, P, (N, 1)).astype(float) if family.form == "cells" else rng.normal(size=(N, P))
    truth = family.constrain(0.5 * rng.normal(size=(1, theta.shape[1])), P, K)
    return family, family.constrain(theta, P, K), family.sample(truth, x, link, rng)[0], x


# -- words, kinds, ranges ---------------------------------------------------------------


def test_the_page_is_what_the_families_say():
    """``python -m core.families.page > docs/families.md`` mends it."""
    page = Path(__file__).parents[2] / "docs" / "families.md"
    assert page.read_text(encoding="utf-8") == families_page()


@families
def test_labels_and_words(family):
    assert len(family.links) == len(family.meanings)
    for link in family.links:
        meaning = family.meaning(link)
        assert meaning.of
        assert meaning.scale
    assert FAMILY_WORDS[family.name] == family.words
    for line in (family.words, family.says, family.column):
        assert line
        assert not line.endswith(".")
        assert "|" not in line


@families
def test_kinds_and_places_in_the_chooser(family):
    assert set(family.offered) <= set(family.kinds) <= set(KINDS)
    assert family.assumed_kind in family.kinds
    for kind in family.offered:
        assert family.name in families_for(kind)
    assert family.has_levels <= family.discrete
    assert family.is_count <= family.discrete


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_families_have_one_place_for_a_kind(kind):
    places = sorted(family.offered[kind] for family in FAMILIES.values() if kind in family.offered)
    assert places == list(range(1, len(places) + 1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("all_discrete", [False, True])
def test_exactly_one_family_is_chosen_for_a_column(kind, all_discrete):
    levels = ("1", "2", "3") if kind in ("category", "ordered") else ()
    constants = assumed_constants("y", kind, levels=levels)
    assert sum(bool(family.chosen(constants, all_discrete)) for family in FAMILIES.values()) == 1
    choice = choose_family(constants, all_discrete)
    assert choice.family in families_for(kind)
    assert choice.link == FAMILIES[choice.family].links[0]


@families
def test_draws_lie_in_the_range_that_a_node_can_be_set_to(family):
    low, high = family.settable
    for link in family.links:
        _, _, y, _ = problem(family.name, link)
        y = np.exp(y) if family.response == "log" else y
        assert ((y > low) & (y < high)).all()
    assert (family.working == "identity") or low > -1.0


@families
def test_the_role_in_tests_is_on_the_scale_of_the_family(family):
    role = role_of("y", family.name, 0, family.response or "identity")
    assert role.response == family.role
    assert role.to_regressor == family.working
    y = np.array([0.2, 0.7]) if not family.discrete else np.array([0.0, 1.0])
    assert np.isfinite(role.responses(y)).all()
    assert np.isfinite(role.regressors(y)).all()


@families
def test_what_answers_a_fault_is_a_family_that_some_column_of_this_one_can_take(family):
    for names in (*family.remedies.values(), *([(family.heavier,)] if family.heavier else [])):
        for name in names:
            assert name != family.name
            assert any(set(FAMILIES[name].offered) & {kind} for kind in family.kinds)
    assert (family.residual == "count") == family.is_count
    assert bool(family.looks) <= family.is_count


# -- parameters and priors -----------------------------------------------------------------


@families
def test_parameters_and_priors_are_data(family):
    assert len({parameter.name for parameter in family.declared}) == len(family.declared)
    for parameter in family.declared:
        rules = DISTRIBUTIONS[parameter.default.distribution]
        assert {name for name, _ in parameter.default.parameters} <= set(rules.parameters)
        assert parameter.least < parameter.most
        value = np.array([0.3, 2.5])
        np.testing.assert_allclose(parameter.backward(NUMPY, parameter.forward(NUMPY, value)), value)
        np.testing.assert_allclose(parameter.coordinate(parameter.at(value / 3)), value / 3)
    link = family.links[0]
    priors = default_priors(family.name, link, assumed_constants("y", "real", 0.5, 2.0), P)
    named = dict(priors)
    drawn = [name for name, prior in priors if prior.distribution != "Constant"]
    expected = [
        name
        for parameter in family.declared
        for name in ([f"slopes[{j}]" for j in range(P)] if parameter.name == "slopes" else [parameter.prior])
    ]
    assert drawn == expected
    for parameter in family.declared:  # the packed numbers stand in the order of the default's
        name = "slopes[0]" if parameter.name == "slopes" else parameter.prior
        kept = [number for number, _ in parameter.default.parameters]
        assert [number for number, _ in named[name].parameters if number != "relative"] == kept
    vector = np.array(packed(family, named, P))
    n, rest = length(family, P)
    assert len(vector) == 3 * n + rest
    numbers = Numbers.of(family, vector, P)
    assert len(numbers.mu) == len(numbers.sigma) == len(numbers.relative) == n
    for quantity, found in numbers.others.items():
        assert found == dict(named[quantity].parameters)


@families
def test_twice_the_prior_scale_and_half_of_it_are_the_prior(family):
    priors = default_priors(family.name, family.links[0], assumed_constants("y", "real", 0.5, 2.0), P)
    twice = scale_priors(family.name, priors, 2.0)
    assert twice != priors
    assert scale_priors(family.name, twice, 0.5) == priors


# -- noise in common -------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "link"), CASES)
def test_a_unit_responds_to_its_noise_as_the_family_draws(name, link):
    family, rng = FAMILIES[name], np.random.default_rng(1)
    one_draw = {key: value[:1] for key, value in problem(name, link, 2)[1].items()}
    if "nu" in one_draw:
        one_draw["nu"] = np.array([8.0])
    draws = {key: np.repeat(value, 4000, axis=0) for key, value in one_draw.items()}
    x = np.array([[0.0], [2.0]]) if family.form == "cells" else np.array([[0.1, -0.2, 0.3], [0.5, 0.4, -0.1]])
    mean = family.mean(draws, x, link)
    one, other = family.pair(mean[:, :1], mean[:, 1:], family.aux(draws), rng)
    plain = family.sample(draws, x, link, rng)
    for paired, drawn in ((one[:, 0], plain[:, 0]), (other[:, 0], plain[:, 1])):
        error = math.sqrt((paired.var() + drawn.var()) / 4000)
        assert paired.mean() == pytest.approx(drawn.mean(), abs=5 * error + 1e-12)
    same, again = family.pair(mean[:, :1], mean[:, :1], family.aux(draws), rng)
    np.testing.assert_array_equal(same, again)  # nothing changed, so nothing happens


@pytest.mark.parametrize(("name", "link"), CASES)
@pytest.mark.parametrize("seed", range(8))
def test_the_noise_of_a_unit_gives_back_the_unit(name, link, seed):
    """Of rows that the parameters generate, and of rows that others did, far out in the tails."""
    family, draws, others, x = problem(name, link, seed)
    rng = np.random.default_rng(seed)
    mean, aux = family.mean(draws, x, link), family.aux(draws)
    for y in (family.sample(draws, x, link, rng), others):
        noise = family.noise_of(y, mean, aux, rng)
        back = family.respond(mean, noise, aux)
        expected = np.broadcast_to(y, back.shape)
        if family.discrete:
            np.testing.assert_array_equal(back, expected)
        np.testing.assert_allclose(back, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("name", "link"), CASES)
def test_noise_found_in_draws_is_distributed_as_noise(name, link):
    """Abduction averaged over what a family draws is the noise before anything was seen: no draw was favoured."""
    family, rng = FAMILIES[name], np.random.default_rng(5)
    draws = {key: np.repeat(value[:1], 4000, axis=0) for key, value in problem(name, link, 2)[1].items()}
    if "nu" in draws:
        draws["nu"] = np.full(4000, 8.0)
    x = np.ones((1, 1)) if family.form == "cells" else np.array([[0.1, -0.2, 0.3]])
    mean, aux = family.mean(draws, x, link), family.aux(draws)
    found = family.noise_of(family.sample(draws, x, link, rng), mean, aux, rng)[:, 0]
    plain = family.noise(aux, (4000, 1), rng)[:, 0]
    assert stats.ks_2samp(found, plain).pvalue > 1e-3


@pytest.mark.parametrize(
    "name", [name for name, family in FAMILIES.items() if family.residual in ("quantile", "share")]
)
def test_tails_are_those_of_the_draws(name):
    family, rng = FAMILIES[name], np.random.default_rng(3)
    assert isinstance(family, LinearFamily)
    draws = {key: value[:1] for key, value in problem(name, family.links[0], 2)[1].items()}
    aux, eta = family.aux(draws), np.full((1, 20_000), 0.3)
    y = family.draw(eta, aux, family.links[0], rng)[0]
    below, above = family.tails(y, eta, aux)
    np.testing.assert_allclose(below + above, 1.0, atol=1e-9)
    assert np.abs(np.sort(below[0]) - (np.arange(20_000) + 0.5) / 20_000).max() < 1.9 / math.sqrt(20_000)


# -- numpy, PyTensor and PyMC ----------------------------------------------------------------


@pytest.mark.pymc
@pytest.mark.parametrize(("name", "link"), CASES)
def test_the_log_density_of_rows_is_one_in_numpy_and_pytensor(name, link):
    import pytensor.tensor as pt

    from core.model.tensors import TENSORS

    family, draws, y, x = problem(name, link)
    expected = family.log_likelihood(draws, y, x, link)
    rows = pt.as_tensor(y.astype(np.int64) if family.discrete else y)
    design = pt.as_tensor(x[:, 0].astype(np.int64) if family.form == "cells" else x)
    for s in range(S):
        at = {key: pt.as_tensor(value[s]) for key, value in draws.items()}
        found = family.row_density(TENSORS, rows, design, at, link, K)
        if family.is_count:
            found = found + family.count_constant(TENSORS, pt.as_tensor(y), at)
        np.testing.assert_allclose(found.eval(mode="FAST_COMPILE"), expected[s], rtol=1e-9, atol=1e-9)


@pytest.mark.pymc
@pytest.mark.parametrize(("name", "link"), LINEAR)
def test_the_score_is_the_gradient_of_the_one_density(name, link):
    """By the predictor, and by the coordinate of each quantity that has a prior; at rows far out too."""
    import pytensor
    import pytensor.tensor as pt

    from core.model.tensors import TENSORS

    family, draws, y, x = problem(name, link, 4)
    aux = family.aux(draws)
    reach = 6.0 if link in ("logit", "probit", "identity") else 1.5
    eta = family.predictor(draws, x) + np.linspace(-reach, reach, N)
    at = pt.matrix("eta", dtype="float64")
    quantities = [pt.matrix(extra.prior, dtype="float64") for extra in family.auxiliaries]
    made = {extra.name: extra.forward(TENSORS, q) for extra, q in zip(family.auxiliaries, quantities, strict=True)}
    total = family.log_density(TENSORS, pt.as_tensor(y), at, made, link)
    if family.is_count:
        total = total + family.count_constant(TENSORS, pt.as_tensor(y), made)
    # Each quantity once a cell, so that its derivative is that of the cell.
    slopes = pytensor.gradient.grad(total.sum(), [at, *quantities])
    function = pytensor.function([at, *quantities], [total, *slopes], mode="FAST_COMPILE", on_unused_input="ignore")
    values = [extra.backward(NUMPY, aux[extra.name]) + np.zeros_like(eta) for extra in family.auxiliaries]
    found, by_eta, *others = function(eta, *values)
    np.testing.assert_allclose(found, family.whole_log_density(y, eta, aux, link), rtol=1e-9, atol=1e-9)
    score, scores = family.score(y, eta, aux, link)
    np.testing.assert_allclose(by_eta, np.broadcast_to(score, eta.shape), rtol=1e-8, atol=1e-9)
    for extra, slope, value, expected in zip(family.auxiliaries, others, values, scores, strict=True):
        jacobian = np.exp(extra.log_jacobian(extra.coordinate(value)))
        np.testing.assert_allclose(slope * jacobian, np.broadcast_to(expected, eta.shape), rtol=1e-7, atol=1e-8)


@pytest.mark.pymc
@pytest.mark.parametrize(("name", "link"), CASES)
def test_the_distribution_that_pymc_is_told_has_the_same_density(name, link):
    import pymc as pm
    import pytensor.tensor as pt

    from core.model.tensors import TENSORS

    family, draws, y, x = problem(name, link)
    expected = family.log_likelihood(draws, y, x, link)
    for s in range(2):
        at = {key: pt.as_tensor(value[s]) for key, value in draws.items()}
        if family.form == "cells":
            eta = pt.as_tensor(x[:, 0].astype(np.int64))
        elif "intercept" in at:
            eta = at["intercept"] + pt.as_tensor(x) @ at["slopes"]
        else:
            eta = pt.as_tensor(x) @ at["slopes"]
        distribution, numbers = family.pymc(TENSORS, eta, at, link)
        variable = getattr(pm, distribution).dist(**numbers)
        if family.response == "log":  # the family has the logarithm, PyMC the column itself
            found = pm.logp(variable, np.exp(y)).eval(mode="FAST_COMPILE") + y
        else:
            found = pm.logp(variable, y.astype(np.int64) if family.discrete else y).eval(mode="FAST_COMPILE")
        np.testing.assert_allclose(found, expected[s], rtol=1e-7 if family.own_density else 1e-9, atol=1e-9)


def test_discrete_kinds_are_those_of_families_with_levels():
    assert {kind for family in FAMILIES.values() if family.has_levels for kind in family.kinds} == set(DISCRETE_KINDS)
