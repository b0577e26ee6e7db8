"""The Data page: facts, corrections, refusals, deletion."""

from dataclasses import replace

import pandas as pd
import pytest

from core.errors import StoreError
from core.store import Store
from tests.ui.conftest import CSV, Open, shown
from ui import doors, session


def kind_box(test, name: str):  # type: ignore[no-untyped-def]
    return next(box for box in test.selectbox if box.label == f"Kind of {name}")


def test_each_column_is_shown_with_kind_family_and_reason(open_page: Open, uploaded: str) -> None:
    test = open_page("data", uploaded)
    text = shown(test)
    assert kind_box(test, "visits").value == "count"
    assert kind_box(test, "season").value == "binary"
    assert "Modelled as Bernoulli" in text
    assert "Modelled as NegativeBinomial" in text  # variance 26.8, mean 15.6
    assert "<b>8</b> rows in shop.csv" in text


def test_a_corrected_kind_is_kept_and_used(open_page: Open, uploaded: str, store: Store) -> None:
    test = open_page("data", uploaded)
    kind_box(test, "visits").set_value("positive").run()
    assert not test.exception
    assert kind_box(test, "visits").value == "positive"
    assert store.upload(uploaded).overrides["visits"]["kind"] == "positive"  # type: ignore[union-attr]


def test_a_kind_that_the_values_do_not_allow_is_refused_and_changes_nothing(
    open_page: Open, uploaded: str, store: Store
) -> None:
    test = open_page("data", uploaded)
    kind_box(test, "sales").set_value("proportion").run()
    text = shown(test)
    assert "strictly between 0 and 1" in text
    assert "column sales" in text
    assert "It stays positive." in text
    assert "sales" not in store.upload(uploaded).overrides  # type: ignore[union-attr]


def test_labels_units_and_which_level_is_one(open_page: Open, uploaded: str, store: Store) -> None:
    test = open_page("data", uploaded)
    next(f for f in test.text_input if f.label == "Label of ads").set_value("ad spend").run()
    next(f for f in test.text_input if f.label == "Unit of ads").set_value("EUR").run()
    next(b for b in test.selectbox if "season counts as 1" in b.label).set_value("off").run()
    assert not test.exception
    overrides = store.upload(uploaded).overrides  # type: ignore[union-attr]
    assert overrides["ads"] == {"label": "ad spend", "unit": "EUR"}
    assert overrides["season"]["levels"] == ["peak", "off"]
    assert "ad spend" in shown(test)  # the header's exposure


def test_a_failed_replacement_loses_nothing(open_page: Open, uploaded: str, store: Store) -> None:
    test = open_page("data", uploaded)
    test.file_uploader(key="new_file").set_value(("empty.csv", b"", "text/csv")).run()
    text = shown(test)
    assert "empty.csv" in text
    assert "shop.csv is still here, as it was." in text
    assert store.upload(uploaded).name == "shop.csv"  # type: ignore[union-attr]


def test_a_replacement_keeps_what_fits_and_says_what_does_not(open_page: Open, uploaded: str, store: Store) -> None:
    store.set_column(uploaded, "ads", label="ad spend", kind="real")
    store.set_column(uploaded, "visits", kind="ordered", unit="people")
    store.set_column(uploaded, "season", levels=["peak", "off"])
    store.set_column(uploaded, "sales", kind="positive", label="sold")
    test = open_page("data", uploaded)
    test.file_uploader(key="new_file").set_value(("more.csv", CSV + b"2.0,off,10,-19.0\n", "text/csv")).run()
    upload = store.upload(uploaded)
    assert upload is not None
    assert upload.name == "more.csv"
    assert upload.overrides == {
        "ads": {"label": "ad spend", "kind": "real"},
        "visits": {"kind": "ordered", "unit": "people"},
        "season": {"levels": ["peak", "off"]},
        "sales": {"label": "sold"},
    }
    text = shown(test)
    assert "was positive and is real now" in text
    assert "more.csv, row 9 (line 10), column sales" in text
    assert "was positive" not in shown(open_page("data", uploaded))  # said in the tab where it happened


def test_deleting_asks_first(open_page: Open, marketing: str, store: Store) -> None:
    test = open_page("data", marketing)
    test.button(key="delete_data").click().run()
    assert "This cannot be undone." in shown(test)
    assert store.upload(marketing) is not None


def test_it_says_where_uploads_are_kept(open_page: Open, uploaded: str, store: Store) -> None:
    assert store.where(uploaded)["upload"] in shown(open_page("data", uploaded))


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "*b*", "=cmd()", 'it\'s "q"', "emoji 🙂", "a  b"])
def test_names_are_shown_as_they_are(open_page: Open, store: Store, name: str) -> None:
    table = pd.DataFrame({name: [1.5, 2.5, 3.5, 4.25], "y": [2.0, 1.0, 4.0, 3.5]})
    project = session.new_project("x")
    store.save_upload(project.token, "odd.csv", table.to_csv(index=False).encode())
    test = open_page("data", project.token)
    assert "<img" not in shown(test).replace('<img src="data:image/svg+xml;base64,', "")


def test_columns_without_a_distribution_are_shown_too(open_page: Open, store: Store) -> None:
    """An identifier, a column of nothing, a constant: there is no picture, and the page stands."""
    table = pd.DataFrame({"id": [f"P{i}" for i in range(40)], "void": [None] * 40, "one": 1, "y": range(40)})
    project = session.new_project("ids")
    store.save_upload(project.token, "ids.csv", table.to_csv(index=False).encode())
    test = open_page("data", project.token)
    assert "values that name, nothing to draw" in shown(test)
    assert "no values" in shown(test)
    assert [button.label for button in test.button if button.key == "to_draw"]


def test_many_columns_come_in_pages_and_can_be_found(open_page: Open, store: Store) -> None:
    table = pd.DataFrame({f"column {i}": [0.5 * i, 1.0, 2.5, 3.25] for i in range(30)})
    project = session.new_project("wide")
    store.save_upload(project.token, "wide.csv", table.to_csv(index=False).encode())
    test = open_page("data", project.token)
    assert sum(box.label.startswith("Kind of") for box in test.selectbox) == 12
    test.text_input(key="find").set_value("column 29").run()
    assert sum(box.label.startswith("Kind of") for box in test.selectbox) == 1


def test_dates_are_shown_as_dates(open_page: Open, store: Store) -> None:
    days = pd.date_range("2024-01-01", periods=8).strftime("%Y-%m-%d")
    table = pd.DataFrame({"day": days, "year": range(1990, 1998), "y": [1.5, 2, 3, 4, 5, 6, 7, 8]})
    project = session.new_project("days")
    store.save_upload(project.token, "days.csv", table.to_csv(index=False).encode())
    text = shown(open_page("data", project.token))
    assert "2024-01-01" in text
    assert "2024-01-08" in text
    assert "<span>1990</span>" in text


def test_a_file_that_cannot_be_read_any_more_can_still_be_deleted(open_page: Open, uploaded: str, store: Store) -> None:
    upload = store.upload(uploaded)
    assert upload is not None
    store.artifacts.delete(upload.path.rpartition("/")[0])
    session.get_datasets().forget(uploaded)  # as after a restart
    test = open_page("data", uploaded)
    assert "stored file is gone" in shown(test)
    test.button(key="delete_data").click().run()
    assert "This cannot be undone." in shown(test)


def test_deleted_rows_leave_the_memory_too(open_page: Open, uploaded: str) -> None:
    project = view_of(uploaded)
    before = project.dataset()
    assert project.dataset() is before
    session.delete_data(project)
    assert replace(project).dataset() is None  # asked for anew by its old version: neither file nor memory has it


def test_what_a_page_did_not_expect_is_said_in_words(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreError("the database did not answer as expected (disk I/O error)", hint="Try again.")

    monkeypatch.setattr(doors, "samples", away)
    assert "disk I/O error" in shown(open_page())


def view_of(token: str) -> session.ProjectView:
    project = session.get_store().project(token)
    return session.ProjectView(token, project.title, "", None, None, {}, session.get_store().upload(token))


GRADES = b"grade,kids,share,y\n" + b"".join(
    b"%d,%d,%.13f,%.1f\n" % (1 + i % 5, i % 3, (i + 1) * 1e-12, i * 0.7 - 3) for i in range(40)
)


def table_of(store: Store, raw: bytes) -> str:
    token = session.new_project("t").token
    store.save_upload(token, "t.csv", raw)
    return token


def test_a_column_of_grades_is_asked_about_and_one_click_answers(open_page: Open, store: Store) -> None:
    token = table_of(store, GRADES)
    test = open_page("data", token)
    assert kind_box(test, "grade").value == "ordered"
    assert "grades rather than a count. Do they count something?" in shown(test)
    assert "Are they shares of a whole?" in shown(test)
    asked = [button for button in test.button if button.key and button.key.startswith("ask_")]
    assert len(asked) == 6  # three columns, yes and no
    next(button for button in asked if button.key.startswith("ask_count_0")).click().run()
    assert not test.exception
    assert kind_box(test, "grade").value == "count"
    no = next(button for button in test.button if button.key and button.key.startswith("ask_ordered_1"))
    no.click().run()
    assert kind_box(test, "kids").value == "ordered"
    assert store.upload(token).overrides == {"grade": {"kind": "count"}, "kids": {"kind": "ordered"}}  # type: ignore[union-attr]
    assert "Do they count something?" not in shown(test)


def test_several_columns_are_set_at_once_and_what_cannot_be_is_named(open_page: Open, store: Store) -> None:
    token = table_of(store, GRADES)
    test = open_page("data", token)
    several = next(box for box in test.multiselect if box.label == "Columns")
    assert "all 2 that are now: ordered category" in several.options
    several.set_value(["every:ordered", "y"])
    next(box for box in test.selectbox if box.label == "Kind").set_value("count")
    next(box for box in test.text_input if box.label == "Unit").set_value("points")
    next(button for button in test.button if button.label == "Set them").click().run()
    assert not test.exception
    assert store.upload(token).overrides == {  # type: ignore[union-attr]
        "grade": {"kind": "count", "unit": "points"},
        "kids": {"kind": "count", "unit": "points"},
    }
    text = shown(test)
    assert "2 columns set." in text
    assert "row 1 (line 2), column y" in text


def test_the_first_rows_are_shown_as_read(open_page: Open, store: Store) -> None:
    token = table_of(store, b'day,x,y\n03/04/2024,"1,234.5",a\n05/06/2024,,b\n07/08/2024,2.5,\n')
    test = open_page("data", token)
    assert "The first 3 rows, as read" in [expander.label for expander in test.expander]
    frame = test.dataframe[0].value
    assert frame.index.name == "row"  # no table header is empty
    assert frame.index.tolist() == [1, 2, 3]
    assert frame["x"].isna().tolist() == [False, True, False]
    assert frame["x"].tolist()[0] == 1234.5


def test_an_exact_function_of_other_columns_is_said(open_page: Open, store: Store) -> None:
    raw = b"men,women,total\n" + b"".join(b"%d,%d,%d\n" % (i * i % 7, i % 5, i * i % 7 + i % 5) for i in range(30))
    assert "is the sum of" in shown(open_page("data", table_of(store, raw)))


def test_a_correction_that_a_newer_reading_does_not_fit_is_said_and_the_data_stay(
    open_page: Open, store: Store
) -> None:
    token = table_of(store, b"x,y\nYes,1.5\nyes,2.5\nno,3.5\n")
    store.set_column(token, "x", levels=["no", "yes", "Yes"])  # as read before spellings were joined
    test = open_page("data", token)
    assert not test.exception
    assert kind_box(test, "x").value == "binary"
