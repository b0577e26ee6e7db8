"""Names that are cut: in the middle, to the room there is, and never two to the same words."""

import doctest

from hypothesis import example, given
from hypothesis import strategies as st

from core.figures import cutting
from core.figures.cutting import cut, cut_all
from core.figures.theme import lines

names = st.text(st.sampled_from("ab …"), max_size=30).map(str.strip)


def test_what_the_documentation_shows() -> None:
    failed, tried = doctest.testmod(cutting)
    assert (failed, tried) == (0, 2)


@given(st.text(max_size=40), st.integers(1, 30))
def test_a_cut_keeps_both_ends_and_the_room(text: str, most: int) -> None:
    said = cut(text, most)
    assert len(said) <= most
    if len(text) <= most:
        assert said == text
    else:
        head, tail = said.split("…", 1) if text.count("…") == 0 else (said[:1], said[-1:])
        assert text.startswith(head)
        assert text.endswith(tail) or "…" in text


@given(st.lists(names, max_size=8), st.integers(5, 28))
@example(["Season drives ads and sales", "Season drives ads and prices, sales"], 10)
@example([f"The same beginning {n} the same end of it" for n in range(20)], 12)
@example(["aaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaa"], 5)
@example(["aa…aa", "aaaaaaaaa"], 5)
def test_different_names_stay_different(texts: list[str], most: int) -> None:
    said = cut_all(texts, most)
    assert len(said) == len(texts)
    assert all(len(one) <= most for one in said)
    assert len(set(said)) == len(set(texts))
    assert [s for t, s in zip(texts, said, strict=True) if len(t) <= most] == [t for t in texts if len(t) <= most]


def test_what_differs_can_be_read() -> None:
    """Rivals' names often begin alike and end alike."""
    said = cut_all([f"Season moves {what} and then sales in the long run" for what in ("ads", "price", "visits")], 26)
    assert [what in one for what, one in zip(("ads", "price", "visits"), said, strict=True)] == [True] * 3
    assert all(one.startswith("Season mo") for one in said)


@given(st.text(st.sampled_from("ab <"), max_size=80), st.integers(8, 20), st.integers(1, 3))
def test_a_label_in_a_figure_takes_its_lines_and_keeps_its_end(text: str, wrap: int, most: int) -> None:
    said = lines(text, wrap, most).replace("&lt;", "<").split("<br>")
    assert len(said) <= most
    assert all(len(line) <= wrap for line in said)
    words = text.split()
    if words and len(words[-1]) < wrap // 3:
        assert said[-1].endswith(words[-1])
