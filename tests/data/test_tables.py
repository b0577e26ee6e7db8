"""Tables as people save them: what each is taken for, and not one silent misreading."""

import numpy as np
import pandas as pd
import pytest

from core.data.profile import profile
from core.data.read import read_dataset
from core.errors import DataError
from tests.data.table_cases import CASES, PAGE, Case, page


def test_there_are_forty_and_more():
    assert len(CASES) >= 40
    assert len({case.title for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_what_is_taken_for_what(case: Case):
    if case.refused:
        with pytest.raises(DataError) as caught:
            read_dataset(case.content, name=case.name)
        assert str(caught.value).startswith(case.refused)
        assert caught.value.hint
        return
    dataset = read_dataset(case.content, name=case.name)
    found = profile(dataset)
    assert list(dataset.names) == list(case.columns)
    for name, (kind, values) in case.columns.items():
        assert (name, dataset.column(name).kind) == (name, kind)
        wanted = pd.Series(list(values), dtype=object)
        table = dataset.table[name]
        if isinstance(wanted.dropna().iloc[0], str):
            assert [None if pd.isna(v) else v for v in table] == list(values)
        else:
            numbers = dataset.values(name) if kind != "ordered" else table
            np.testing.assert_allclose(np.asarray(numbers, dtype=float), wanted.astype(float), rtol=1e-12)
        assert (dataset.column(name).label, dataset.column(name).unit) == tuple(case.words.get(name, ("", "")))
        question = found.column(name).question
        assert (question.kind if question else None) == case.asked.get(name)
    said = [*found.warnings, *(text for column in found.columns for text in column.warnings)]
    said = [
        text
        for text in said
        if not text.startswith("fewer than 5 rows have") and "of the values are missing" not in text
    ]
    assert len(said) == len(case.said), said
    for part in case.said:
        assert any(part in text for text in said), (part, said)


def test_the_page_tells_the_same():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.data.table_cases"
