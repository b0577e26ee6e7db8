"""What was read of a file, as bytes and back."""

import io
import json
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.data.kept import from_bytes, to_bytes
from core.data.read import read_dataset
from core.errors import StoreError

FRAME = pd.DataFrame(
    {
        "real": [1.5, np.nan, -2.25, 1e-300],
        "count": [3, 0, 7, 12],
        "flag": [True, False, True, True],
        "text": ["ä", "b", None, "ä"],
        "level": pd.Categorical(["lo", "hi", "lo", None], categories=["lo", "mid", "hi"], ordered=True),
        "when": pd.to_datetime(["2024-01-01", "2024-02-03 04:05:06", None, "1969-12-31"], format="mixed"),
        "zone": pd.to_datetime(["2024-01-01", "2024-02-03", None, "1969-12-31"]).tz_localize("Europe/Berlin"),
        "maybe": pd.Series([True, None, False, True], dtype=object),
    }
)


def written(write: Callable[[pd.DataFrame, io.BytesIO], None], frame: pd.DataFrame, name: str) -> Dataset:
    stream = io.BytesIO()
    write(frame, stream)
    return read_dataset(stream.getvalue(), name=name)


MADE = {
    "frame": lambda: Dataset.from_frame(FRAME).with_words("real", label="R", unit="m"),
    "parquet": lambda: written(lambda f, s: f.to_parquet(s), FRAME, "t.parquet"),
    "csv": lambda: written(lambda f, s: f.to_csv(s, index=False), FRAME, "t.csv"),
    "xlsx": lambda: written(lambda f, s: f.to_excel(s, index=False), FRAME.drop(columns="zone"), "t.xlsx"),
    "stata": lambda: written(lambda f, s: f.to_stata(s, write_index=False), FRAME[["real", "count", "level"]], "t.dta"),
    "set": lambda: read_dataset(b'_set,x,y\n,1.5,2.5\nx,2.5,3.0\n"x,y",0.1,7.2\n', name="t.csv"),
    "warned": lambda: read_dataset(b"a,b,\n1,x,\n.,y ,\n3,y,\n", name="t.csv"),
}


@pytest.mark.parametrize("what", MADE)
def test_a_table_comes_back_as_it_was(what: str) -> None:
    dataset = MADE[what]()
    again = from_bytes(to_bytes(dataset))
    pd.testing.assert_frame_equal(again.table, dataset.table)
    assert again.columns == dataset.columns
    assert again.fingerprint == dataset.fingerprint
    for part in ("source", "set_by_row", "warnings", "line_offset"):
        assert getattr(again, part) == getattr(dataset, part)


def test_what_was_kept_before_there_was_a_format_is_read() -> None:
    dataset = MADE["set"]()
    stream = io.BytesIO()
    dataset.table.to_parquet(stream, index=False)
    head = json.dumps(
        {
            "columns": [asdict(column) for column in dataset.columns],
            "source": dataset.source,
            "sets": [sorted(names) for names in dataset.set_by_row],
            "warnings": [],
        }
    ).encode()
    again = from_bytes(len(head).to_bytes(8, "big") + head + stream.getvalue())
    assert again.fingerprint == dataset.fingerprint
    assert again.set_by_row == dataset.set_by_row


@pytest.mark.parametrize("cut", [0, 5, 40, -400, -10])
def test_what_is_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        from_bytes(to_bytes(MADE["frame"]())[:cut])


def test_a_head_of_another_table_or_a_later_format_is_refused() -> None:
    content = to_bytes(MADE["csv"]())
    for old, new in ((b'"real"', b'"reel"'), (b"whyboard-table/1", b"whyboard-table/9")):
        with pytest.raises(StoreError, match="cannot be read"):
            from_bytes(content.replace(old, new, 1))
