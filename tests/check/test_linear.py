"""Answers from inner products are those of a regression over the rows."""

import numpy as np
import pytest

from core.check.association import Conditional, design
from core.check.batches import associations, estimates
from core.check.linear import Question, is_linear, linear_associations, linear_estimates
from core.check.roles import Role

ROLES = {
    "y": Role("y", "gaussian"),
    "u": Role("u", "gaussian"),
    "price": Role("price", "gaussian", "log", "log"),
    "visits": Role("visits", "count", to_regressor="log1p"),
    "group": Role("group", "category", to_regressor="levels", levels=3),
    "sex": Role("sex", "binary", to_regressor="levels", levels=2),
    "share": Role("share", "gaussian", "logit", "identity"),
}


def draw(rows: int, batch: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    u = 100.0 + rng.normal(size=(batch, rows))
    group = rng.integers(0, 3, (batch, rows)).astype(float)
    sex = (rng.random((batch, rows)) < 0.4).astype(float)
    price = np.exp(0.3 * (u - 100.0) + 0.5 * rng.normal(size=(batch, rows)))
    visits = rng.poisson(2.0 + sex).astype(float)
    share = 1.0 / (1.0 + np.exp(-rng.normal(size=(batch, rows)) - 0.5 * sex))
    y = 0.4 * u + 0.3 * group + np.log1p(visits) + rng.normal(size=(batch, rows))
    return {"y": y, "u": u, "price": price, "visits": visits, "group": group, "sex": sex, "share": share}


QUESTIONS = [
    Question(y, x, given)
    for y in ("y", "u", "price", "share")
    for given in ((), ("visits",), ("u", "group"), ("price", "visits", "sex"))
    for x in ROLES
    if y not in given and x != y and x not in given
]


def over_rows(question: Question, raw: dict[str, np.ndarray]):
    values = raw[question.y]
    roles = tuple(ROLES[name] for name in question.given)
    z = design(roles, tuple(raw[name] for name in question.given), values.shape)
    return Conditional(ROLES[question.y], values, z).associate(ROLES[question.x], raw[question.x])


def test_observed_answers_are_those_over_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.check.linear._CHUNK", 100)
    raw = draw(350, 1)
    answers = linear_associations(QUESTIONS, ROLES, raw)
    for question, ours in zip(QUESTIONS, answers, strict=True):
        theirs = over_rows(question, raw)
        assert ours.signed == theirs.signed
        for name in ("estimate", "q05", "q95", "p_value"):
            found, wanted = getattr(ours, name)[0], getattr(theirs, name)[0]
            assert found == pytest.approx(wanted, rel=1e-7, abs=1e-10), (question, name)


def test_estimates_of_many_data_sets_are_those_of_each() -> None:
    raw = draw(200, 7)
    answers = linear_estimates(QUESTIONS, ROLES, raw)
    for question, ours in zip(QUESTIONS, answers, strict=True):
        np.testing.assert_allclose(ours, over_rows(question, raw).estimate, atol=1e-9, err_msg=str(question))


def test_what_is_collinear_has_no_direction() -> None:
    raw = draw(120, 1)
    raw["price"] = np.exp(2.0 * raw["u"] - 150.0)  # on its working scale the same as u
    question = Question("y", "price", ("u",))
    assert linear_associations([question], ROLES, raw)[0].estimate[0] == 0.0
    assert linear_estimates([question], ROLES, raw)[0][0] == 0.0
    assert linear_associations([question], ROLES, raw)[0].p_value[0] == 1.0


def test_a_constant_column_has_no_association() -> None:
    raw = draw(60, 2)
    raw["u"] = np.full_like(raw["u"], 3.0)
    (found,) = linear_estimates([Question("y", "u", ("price",))], ROLES, raw)
    assert found.tolist() == [0.0, 0.0]


def test_a_table_of_levels_as_condition_is_not_linear() -> None:
    assert not is_linear(Question("y", "u", ("group", "sex")), ROLES, 500)
    assert is_linear(Question("y", "u", ("group", "visits")), ROLES, 500)
    assert not is_linear(Question("visits", "u", ("y",)), ROLES, 500)


def test_mixed_questions_come_back_in_their_order_and_overflows_are_nan() -> None:
    raw = draw(150, 3)
    questions = [
        Question("y", "u", ("price",)),
        Question("visits", "y", ("sex",)),
        Question("sex", "group", ()),
        Question("share", "group", ("u",)),
        Question("sex", "visits", ("y",)),
    ]
    found = estimates(questions, ROLES, raw)
    for question, values in zip(questions, found, strict=True):
        each = [
            associations([question], ROLES, {name: part[i : i + 1] for name, part in raw.items()})[0].estimate[0]
            for i in range(3)
        ]
        np.testing.assert_allclose(values, each, atol=1e-5)  # replicates stop a Newton step earlier
    raw["u"] = raw["u"].copy()
    raw["u"][1, 3] = np.nan
    again = estimates(questions, ROLES, raw)
    assert all(np.isnan(values).tolist() == [False, True, False] for values in again)
    np.testing.assert_allclose(again[1][[0, 2]], found[1][[0, 2]], atol=1e-12)
