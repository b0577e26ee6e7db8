"""Data files on Start and Data: read apart, with progress, called off by a button or by leaving."""

import pytest
from streamlit.testing.v1 import AppTest

from core.data.apart import Reading
from core.errors import DataError
from core.store import Store
from tests.ui.conftest import CSV, AtOnce, Open, shown, token_of
from ui import session, uploading


class InHand:
    """Reads nothing by itself: a test says how far a file is and how it ends."""

    def __init__(self) -> None:
        self.begun: list[Reading] = []

    def read(self, content: bytes, name: str, alive: object = None) -> Reading:
        self.begun.append(Reading(name))
        return self.begun[-1]

    @property
    def last(self) -> Reading:
        return self.begun[-1]

    def finish(self) -> None:
        self.last.end(AtOnce().read(CSV, self.last.name).result())


@pytest.fixture
def readers(store: Store, monkeypatch: pytest.MonkeyPatch) -> InHand:
    made = InHand()
    monkeypatch.setattr(session, "get_readers", lambda: made)
    monkeypatch.setattr(uploading, "PATIENCE", 0.05)
    return made


def give(test: AppTest, key: str = "start_upload", name: str = "shop.csv") -> AppTest:
    test.file_uploader(key=key).set_value((name, CSV, "text/csv")).run()
    assert not test.exception, [e.value for e in test.exception]
    return test


def run(test: AppTest) -> AppTest:
    test.run()
    assert not test.exception, [e.value for e in test.exception]
    return test


def bar(test: AppTest) -> list[tuple[int, str]]:
    return [(element.proto.value, element.proto.text.replace("\\", "")) for element in test.get("progress")]


def cancel(test: AppTest) -> bool:
    return any(button.label == "Cancel" for button in test.button)


def test_a_file_shows_how_far_it_is_and_then_opens_once(open_page: Open, readers: InHand, store: Store) -> None:
    test = give(open_page())
    assert bar(test) == [(0, "Reading shop.csv")]
    readers.last.tell("reading the cells", 0.5)
    run(test)
    assert bar(test) == [(50, "Reading shop.csv")]
    assert "Reading the cells" in shown(test)
    readers.last.tell("finding the rows", 0.0)
    run(test)
    assert bar(test) == [(50, "Reading shop.csv")]  # it never goes back
    assert cancel(test)
    assert "p" not in test.query_params
    readers.finish()
    run(test)
    assert store.upload(token_of(test)).name == "shop.csv"  # type: ignore[union-attr]
    assert store.table(store.upload(token_of(test))) is not None  # type: ignore[arg-type]
    run(test)
    assert len(readers.begun) == 1
    assert not readers.last.cancelled


def test_who_waits_is_told_how_many_come_before(open_page: Open, readers: InHand) -> None:
    test = give(open_page())
    for ahead, said in ((2, "Waiting: 2 other files are read first"), (1, "Waiting: another file is read first")):
        readers.last.tell("waiting", ahead=ahead)
        assert said in shown(run(test))


def test_cancel_ends_the_reading_and_empties_the_uploader(open_page: Open, readers: InHand) -> None:
    test = give(open_page())
    next(button for button in test.button if button.label == "Cancel").click().run()
    assert readers.last.cancelled
    assert "shop.csv was not read: you called it off." in shown(test)
    assert test.file_uploader(key="start_upload_1").value is None
    run(test)
    assert len(readers.begun) == 1
    give(test, "start_upload_1", "again.csv")
    assert len(readers.begun) == 2
    assert "called it off" not in shown(test)


def test_taking_the_file_away_or_another_in_its_place_ends_the_reading(open_page: Open, readers: InHand) -> None:
    test = give(open_page())
    give(test, name="other.csv")
    first, second = readers.begun
    assert (first.cancelled, second.cancelled) == (True, False)
    test.file_uploader(key="start_upload").clear()
    run(test)
    assert second.cancelled
    assert not bar(test)


def test_going_elsewhere_in_the_same_tab_ends_the_reading(open_page: Open, marketing: str, readers: InHand) -> None:
    test = give(open_page())
    run(test)
    assert not readers.last.cancelled
    test.query_params["p"] = marketing
    run(test)
    assert readers.last.cancelled
    assert not bar(test)


def test_a_reading_that_ended_while_one_was_away_begins_anew(open_page: Open, readers: InHand) -> None:
    test = give(open_page())
    readers.last.cancel()  # as its readers do where nobody is there
    readers.last.end()
    run(test)
    assert len(readers.begun) == 2
    assert cancel(test)


def test_a_refusal_stays_while_the_file_does_and_is_not_tried_again(
    open_page: Open, uploaded: str, readers: InHand, store: Store
) -> None:
    test = give(open_page("data", uploaded), "new_file", "bad.csv")
    readers.last.end(error=DataError("it is too much", place="bad.csv", hint="Take less."))
    for _ in range(3):
        text = shown(run(test))
        assert "it is too much" in text.lower()
        assert "shop.csv is still here, as it was." in text
    assert len(readers.begun) == 1
    assert store.upload(uploaded).name == "shop.csv"  # type: ignore[union-attr]


def test_a_replacement_is_made_once(open_page: Open, uploaded: str, readers: InHand, store: Store) -> None:
    test = give(open_page("data", uploaded), "new_file", "more.csv")
    readers.finish()
    run(test)
    first = store.upload(uploaded)
    run(test)
    assert first is not None
    assert (first.name, store.upload(uploaded).created) == ("more.csv", first.created)  # type: ignore[union-attr]


def test_a_tab_counts_as_gone_when_its_session_has_been_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    class Runtime:
        there = True

        def is_active_session(self, id: str) -> bool:
            return self.there

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now[0]

    found, now = Runtime(), [100.0]
    monkeypatch.setattr(uploading.runtime, "exists", lambda: True)
    monkeypatch.setattr(uploading.runtime, "get_instance", lambda: found)
    monkeypatch.setattr(uploading, "time", Clock)
    alive = uploading._alive()
    now[0] += 60
    assert alive()
    found.there = False
    now[0] += uploading.AWAY_SECONDS - 0.1
    assert alive()  # the network may have dropped
    now[0] += 0.2
    assert not alive()
