"""Tables as people save them: what each is taken for, and not one silent misreading."""

import contextlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.profile import profile
from core.data.read import read_dataset
from core.data.samples import list_samples
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


# What the bundled files were before any of this was read: values, kinds and levels.
SAMPLES = {
    "asia/data.csv": "c2108a076bf927073e571ba7da0bc087",
    "kielmc/data.csv": "373640452529b050f47c68beca5236cc",
    "lalonde/data.csv": "676701947febd4a63fac3e645f22742e",
    "lalonde/observational.csv": "1e518a5b869dd75fc342621346053826",
    "marketing/data.csv": "ae79c2701a51820dd1ed300beac7bf5f",
    "mediation/data.csv": "b9d49cd895834d8a3006488d411b306c",
    "penguins/data.csv": "21144a84b48769b9986ef699aa93ced8",
}


def test_files_that_read_well_are_read_as_before():
    found = {f"{s.key}/{f.path.name}": s.read(f.path).fingerprint for s in list_samples() for f in s.files}
    assert {key: found[key] for key in SAMPLES} == SAMPLES


TITLES = st.lists(st.sampled_from(["Sales 2024", "Exported:SEP2024-05-01", "# by a script", "", "A, or B"]), max_size=3)
BELOW = st.lists(st.sampled_from(["", "Source: the office", "* preliminary", "Note: seeSEPbelow"]), max_size=3)
CELLS = st.lists(st.tuples(st.integers(-99, 999), st.integers(-99, 999)), min_size=3, max_size=8)


@settings(max_examples=80, deadline=None)
@given(TITLES, CELLS, BELOW, st.booleans(), st.sampled_from([";", "\t", "|"]))
def test_what_stands_around_a_table_never_changes_it(above, cells, below, padded, separator):
    def line(text: str) -> str:
        text = text.replace("SEP", separator)
        return text + separator * (3 - text.count(separator)) if padded and text else text

    rows = [f"g{i}{separator}{a / 10}{separator}{b / 4}{separator}w{i % 2}" for i, (a, b) in enumerate(cells)]
    lines = [*map(line, above), separator.join(["who", "x", "y", "z"]), *rows, *map(line, below)]
    raw = ("\n".join(lines) + "\n").encode()
    dataset = None
    with contextlib.suppress(DataError):
        dataset = read_dataset(raw, name="t.tsv" if separator == "\t" else "t.csv")
    if dataset is None:  # refused is no misreading
        return
    assert dataset.names == ("who", "x", "y", "z")
    assert dataset.rows == len(cells)
    np.testing.assert_allclose(dataset.values("x"), [a / 10 for a, _ in cells])
    np.testing.assert_allclose(dataset.values("y"), [b / 4 for _, b in cells])
    said = " ".join(dataset.warnings)
    assert said.count("above the names is left out") == sum(bool(text) for text in above)
    assert ("below the table" in said) == any(below)


@pytest.mark.parametrize(
    ("levels", "said"),
    [(("ja", "nein"), True), (("treated", "untreated"), True), (("no", "yes"), False), (("female", "male"), False)],
)
def test_a_no_that_counts_as_one_is_said(levels: tuple[str, str], said: bool):
    dataset = read_dataset(f"x,y\n{levels[0]},1.5\n{levels[1]},2.5\n{levels[0]},3\n".encode(), name="t.csv")
    assert any("counts as 1, because it sorts last" in text for text in dataset.column("x").warnings) == said
