"""Round trips, and bytes that mean nothing."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from core.data.dataset import Dataset
from core.data.profile import profile
from core.data.read import read_dataset
from core.data.text import MISSING, UNUSUAL_MISSING
from core.errors import WhyboardError

PLAIN = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs", "Cf"), blacklist_characters=",;|"),
    min_size=1,
    max_size=12,
)
NAMES = st.lists(PLAIN.filter(lambda name: name != "_set"), min_size=1, max_size=5, unique=True)
WORDS = PLAIN.filter(lambda word: word not in MISSING + UNUSUAL_MISSING)


@st.composite
def frames(draw) -> pd.DataFrame:
    names = draw(NAMES)
    rows = draw(st.integers(1, 12))
    columns = {}
    for name in names:
        cells = draw(
            st.sampled_from(
                [
                    st.floats(-1e15, 1e15, allow_subnormal=False) | st.none(),
                    st.integers(-(2**50), 2**50),
                    WORDS.map(lambda word: "w" + word) | st.none(),
                    st.booleans(),
                ]
            )
        )
        columns[name] = draw(st.lists(cells, min_size=rows, max_size=rows))
    return pd.DataFrame(columns)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(frames(), st.sampled_from([",", ";", "\t", "|"]))
def test_csv_round_trip(frame: pd.DataFrame, separator: str):
    raw = frame.to_csv(index=False, sep=separator).encode()
    dataset = read_dataset(raw, name="t.tsv" if separator == "\t" else "t.csv")
    assume(dataset.rows == len(frame) and len(dataset.columns) == frame.shape[1])
    direct = Dataset.from_frame(frame)
    assert dataset.names == direct.names
    for name in frame.columns:
        assert dataset.column(name).kind == direct.column(name).kind
        assert dataset.column(name).levels == direct.column(name).levels
        np.testing.assert_allclose(dataset.values(name), direct.values(name), rtol=1e-12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(frames(), st.sampled_from(["parquet", "feather"]))
def test_binary_round_trip(frame: pd.DataFrame, ending: str):
    stream = io.BytesIO()
    frame.to_parquet(stream, index=False) if ending == "parquet" else frame.to_feather(stream)
    dataset, direct = read_dataset(stream.getvalue(), name=f"t.{ending}"), Dataset.from_frame(frame)
    assert dataset.names == direct.names
    for name in frame.columns:
        np.testing.assert_array_equal(dataset.values(name), direct.values(name))


ENDINGS = ["csv", "tsv", "csv.gz", "csv.bz2", "csv.xz", "csv.zip", "parquet", "feather", "arrow", "dta", "xlsx", "txt"]


def only_refusals(raw: bytes, ending: str) -> None:
    refused = None
    try:
        profile(read_dataset(raw, name=f"t.{ending}")).to_dict()
    except WhyboardError as error:
        refused = error
    assert refused is None or (refused.hint and "t." in str(refused))


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(ENDINGS))
@example(b'"', "csv")
@example(b'a,"', "csv")
@example(b"\r", "csv")
@example(b"a\r1\r2", "csv")
@example(b"sep=;\na;b\n1;2\n", "csv")
@example(b"ARROW1\0\0", "feather")
@example(b"<stata_dta><header>", "dta")
@example(b"\x73\x01\x01\x00", "dta")
def test_any_bytes_are_read_or_refused(raw: bytes, ending: str):
    only_refusals(raw, ending)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from(list('ab,;\t|"\n\r 01.-_=é%')), max_size=60), st.sampled_from(["csv", "tsv", "txt"]))
def test_any_text_is_read_or_refused(text: str, ending: str):
    only_refusals(text.encode(), ending)


def _written(ending: str) -> bytes:
    frame = pd.DataFrame({"x": [1.5, 2.5, -1.0], "c": ["a", "b", "a"], "n": [1, 2, 3]})
    stream = io.BytesIO()
    match ending:
        case "parquet":
            frame.to_parquet(stream)
        case "feather":
            frame.to_feather(stream)
        case "dta":
            frame.to_stata(stream, write_index=False)
        case "xlsx":
            frame.to_excel(stream, index=False)
        case _:
            frame.to_csv(stream, index=False, compression={"gz": "gzip", "zip": "zip"}[ending.split(".")[1]])
    return stream.getvalue()


@pytest.mark.parametrize("ending", ["parquet", "feather", "dta", "xlsx", "csv.gz", "csv.zip"])
def test_a_file_with_broken_bytes_is_read_or_refused(ending: str):
    whole = _written(ending)
    rng = np.random.default_rng(len(ending))
    for _ in range(60):
        broken = bytearray(whole)
        for place in rng.integers(0, len(whole), rng.integers(1, 6)):
            broken[place] = rng.integers(0, 256)
        only_refusals(bytes(broken[: rng.integers(1, len(whole) + 1)] if rng.random() < 0.3 else broken), ending)
