"""The report is one page that opens anywhere, says what the comparison says, and runs nothing that a user wrote."""

import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from core.comparison.result import Comparison
from core.data.dataset import Dataset
from core.hypothesis import Absence, Edge, Hypothesis, Node
from core.report.html import About, paper_of, report_of
from core.report.page.chosen import Choice
from core.report.page.followed import Followed, followed
from core.report.page.markup import Html, el, listing, table
from core.report.page.paper import works_cited
from core.report.page.svg import ticks
from core.report.page.trading import Point, frontier_picture
from core.study import compare, reopen
from core.study.acting import acting_on
from core.study.deciding import decide_on, levers_of
from core.study.reopening import Reopened
from core.words import interval, number

SECTIONS = (
    "answer", "hypotheses", "known", "claims", "checks", "comparison", "effects", "follows", "ways", "plain",
    "assumptions", "rows", "paper", "made",
)  # fmt: skip
VOID = {"meta", "line", "rect", "circle", "path", "polygon"}
ODD = "<script>alert(1)</script>"


class Page(HTMLParser):
    """A page as a browser would read it: its tags, their attributes, its text, and whether each tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def ids(self) -> list[str]:
        return [found["id"] or "" for _, found in self.tags if "id" in found]


def rows(many: int = 240, seed: int = 4) -> Dataset:
    rng = np.random.default_rng(seed)
    season = rng.integers(0, 2, many)
    ads = 5 + season + rng.normal(0, 1, many)
    visits = rng.poisson(np.exp(1.5 + 0.2 * ads))
    sales = 10 + 2 * np.log1p(visits) + 3 * season + rng.normal(0, 1, many)
    frame = pd.DataFrame({"season": season, "ads": ads, "visits": visits, "sales": sales})
    frame.loc[:3, "ads"] = np.nan
    return Dataset.from_frame(frame)


def drawn() -> list[Hypothesis]:
    nodes = tuple(Node(name) for name in ("season", "ads", "visits", "sales"))
    edges = (
        Edge("season", "ads", reason="more is spent in season"), Edge("season", "sales"), Edge("ads", "visits"),
        Edge("visits", "sales", form="smooth", citation="Shop & Web 2020"),
    )  # fmt: skip
    first = Hypothesis(
        "Ads first", nodes, edges, exposure="ads", outcome="sales", note="what the shop believes",
        absences=(Absence("ads", "sales", "only those who come can buy"),),
    )  # fmt: skip
    fewer = tuple(edge for edge in edges if (edge.source, edge.target) != ("season", "sales"))
    second = replace(first, name="No season", edges=fewer, note="", absences=())
    third = replace(first, name="Demand first", note="", absences=(),
                    edges=(Edge("season", "visits"), Edge("visits", "ads"), Edge("season", "sales")))  # fmt: skip
    return [first, second, third]


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(rows(), drawn(), draws=800)


@pytest.fixture(scope="module")
def about() -> About:
    return About(question="Do ads raise sales?", source="shop.csv", seed=7, draws=800, date="2026-11-29")


@pytest.fixture(scope="module")
def reopened(found: Comparison) -> Reopened:
    return reopen(found, rows())


@pytest.fixture(scope="module")
def moved(reopened: Reopened) -> Followed:
    hidden = replace(drawn()[0], name="Hidden", bidirected=(("ads", "sales"),), absences=())
    return followed(reopened, ("ads", "sales"), left=[(hidden, "an unmeasured cause has no model")])


@pytest.fixture(scope="module")
def text(found: Comparison, about: About, moved: Followed) -> str:
    return report_of(found, about, moved)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_section_is_there_and_linked_to(page: Page) -> None:
    assert page.open == []
    assert [name for name in page.ids if name in SECTIONS] == list(SECTIONS)
    links = [given["href"] for tag, given in page.tags if tag == "a"]
    assert links == [f"#{name}" for name in SECTIONS]


def test_it_needs_nothing_from_outside_and_runs_nothing(text: str, page: Page) -> None:
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "foreignobject"}
    for _, given in page.tags:
        assert not any(name.startswith("on") for name in given)
        assert "src" not in given
        assert (given.get("href") or "#").startswith("#")
    assert "://" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in html.unescape(text)


def test_it_is_small(text: str) -> None:
    assert len(text.encode()) < 200_000


def test_it_prints_on_light_paper_and_is_dark_where_asked(found: Comparison, text: str) -> None:
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    assert style is not None
    assert "@page{size:A4" in style[1]
    assert "break-inside:avoid" in style[1]
    darks = re.findall(r"@media ([^{]*)\{:root[^{]*\{--pale:.72", style[1])
    assert darks
    assert all(given.startswith("screen") for given in darks)  # nothing dark reaches paper
    assert "data-scheme" not in text.split("<head>")[0]
    assert '<html lang="en" data-scheme="dark">' in report_of(found, About(dark=True))


def test_each_chart_is_there_for_wide_and_for_narrow_pages(text: str) -> None:
    assert text.count('class="picture on-wide"') == text.count('class="picture on-narrow"') >= 3
    assert ".on-narrow{display:none}" in text


def test_the_first_sentence_and_the_whole_verdict_stand_first(found: Comparison, text: str, page: Page) -> None:
    lead = re.search(r'<p class="lead">(.*?)</p>', text)
    assert lead is not None
    answer = next(words for words in found.sentences if "changes sales" in words)
    assert html.unescape(lead[1]) == answer.replace(" -> ", " → ")
    for sentence in found.sentences:
        assert sentence.replace(" -> ", " → ") in page.text


def test_every_hypothesis_is_drawn_with_its_arrows_and_reasons(text: str, page: Page) -> None:
    assert len(re.findall('<svg class="graph"', text)) == 3
    assert 'aria-label="Ads first: season to ads, season to sales, ads to visits, visits to sales"' in text
    for words in (
        "what the shop believes",
        "more is spent in season",
        "Shop & Web 2020",
        "only those who come can buy",
    ):
        assert words in page.text
    assert "no arrow ads → sales:" in page.text
    assert text.count('class="node exposure"') == text.count('class="node outcome"') == 3


def test_numbers_are_those_of_the_comparison(found: Comparison, page: Page) -> None:
    for facts in found.hypotheses:
        for effect in facts.effects:
            assert number(effect.mean) in page.text
            if effect.mean:
                assert interval(effect.q05, effect.q95) in page.text
        for edge in facts.edges:
            assert f"{number(edge.mean)} {interval(edge.q05, edge.q95)}" in page.text
    assert found.question is not None
    for one in found.question.standings:
        assert f"{number(one.elpd.estimate, 6)} ± {number(one.elpd.se)}" in page.text
    for pair in found.question.differences:
        assert f"{number(pair.elpd)} ± {number(pair.se)}" in page.text
    for facts in found.hypotheses:
        for test in facts.bearing:
            assert f"{test.association:.2f} [".replace("-0.00", "0.00") in page.text
            assert f"{test.x} and {test.y} are unrelated" in page.text


def test_how_each_can_know_it(page: Page) -> None:
    assert "The effect of ads on sales can be known from what is observed: adjust for season." in page.text
    assert "P(sales | do(ads)) = " in page.text
    assert "Do not condition on visits" in page.text


def test_what_follows_is_said_with_its_doubt(text: str, page: Page) -> None:
    assert "if ads were" in page.text
    assert "Where the doubt comes from" in page.text
    assert 'class="share-chance"' in text
    assert "all, by their probabilities" in page.text


def test_without_draws_it_says_so(found: Comparison, about: About) -> None:
    page = Page(report_of(found, about, "a fitted block is no longer kept"))
    assert "a fitted block is no longer kept" in page.text
    assert set(SECTIONS) <= set(page.ids)


def test_assumptions_are_parted_by_who_made_them(page: Page) -> None:
    data, rest = page.text.split("Chosen by the data")[1].split("Defaults of Whyboard")
    default, user = rest.split("Made by the user")
    user = user.split("Assumptions for your paper")[0]
    assert "a count whose variance" in data
    assert "Normal(0" in default
    assert "adjusted p-value under 0.05" in default
    assert "visits → sales: of the form smooth." in user
    assert "Arrows: season → ads, season → sales, ads → visits, visits → sales." in user


def test_what_the_user_set_is_the_users() -> None:
    from core.check.tested import Rules

    first, second, _ = drawn()
    own = replace(first.with_node("sales", family="StudentT"), background=("season",))
    result = compare(rows(), [own, second], rules=Rules(overruled=("sales",)), rows="none", draws=400)
    page = Page(report_of(result))
    user = page.text.split("Made by the user")[1].split("Assumptions for your paper")[0]
    assert "sales: family StudentT." in user
    assert "Background, which may be related in any way: season." in user
    assert "Rows are taken as none." in user
    assert re.search(r"sales is taken as it is|The family of sales is taken as it is", user)
    assert "taken as exchangeable: every column" not in page.text
    assert "chosen by you" not in page.text.split("Chosen by the data")[1].split("Defaults of Whyboard")[0]


def test_rows_seed_versions_and_methods_are_there(found: Comparison, page: Page) -> None:
    made = page.text.split("How this was made")[-1]
    assert found.data.fingerprint in made
    assert "shop.csv" in made
    assert "seed 7" in made
    assert "2026-11-29" in made
    assert "python 3" in made
    assert "numpy" in made
    assert "closed form" in made
    assert "236 rows were used of 240." in page.text
    assert "Missing values: ads (4)." in page.text


def test_the_paragraph_cites_what_was_done_and_nothing_else(found: Comparison, about: About, page: Page) -> None:
    words = paper_of(found, about)
    assert words in page.text
    cited = works_cited(words)
    assert cited
    for year in re.findall(r"\(([A-Z][^()]*?\d{4})\)", words):
        for short in year.split("; "):
            assert any(short.split(",")[0].split(" ")[0] in work for work in cited), short
    assert "Hoffman" not in " ".join(cited)  # nothing was sampled with NUTS
    for bad in ("significant", "proves", "best model"):
        assert bad not in page.text


def test_a_name_that_is_markup_stays_text(found: Comparison) -> None:
    values = np.random.default_rng(1).normal(size=(60, 2))
    frame = pd.DataFrame({ODD: values[:, 0], "b": values.sum(axis=1)})
    made = Hypothesis(
        ODD, (Node(ODD), Node("b")), (Edge(ODD, "b", reason=ODD, citation='"><img src=x onerror=y>'),), note=ODD,
        exposure=ODD, outcome="b",
    )  # fmt: skip
    result = compare(Dataset.from_frame(frame), [made], draws=400)
    told = About(question=ODD, source=ODD, names={ODD: f"</style>{ODD}"}, colours={ODD: "red;background:url(x)"},
                 missing=((ODD, ODD),))  # fmt: skip
    text = report_of(result, told, ODD)
    page = Page(text)
    assert page.open == []
    assert not {tag for tag, _ in page.tags} & {"script", "img"}
    assert ODD in page.text
    assert "url(" not in text


def test_one_hypothesis_and_no_question_are_told_too() -> None:
    alone = replace(drawn()[0], exposure=None, outcome=None)
    result = compare(rows(), [alone], draws=400)
    page = Page(report_of(result))
    assert set(SECTIONS) <= set(page.ids)
    assert "No exposure and outcome are marked" in page.text
    assert "1 hypothesis" in page.text
    bare = Page(report_of(replace(result, drawn=(), specs=())))
    assert "kept without its drawings" in bare.text


def test_levels_are_followed_from_one_to_the_other(found: Comparison) -> None:
    result = compare(rows(), drawn(), effects=[("season", "sales")], draws=400)
    moved = followed(reopen(result, rows()), ("season", "sales"))
    assert (moved.low, moved.high) == ("0", "1")
    assert "if season were 1 instead of 0" in Page(report_of(result, None, moved)).text


def test_markup_escapes_what_is_not_its_own() -> None:
    assert el("b", "<", Html("<i>"), class_='a"b') == '<b class="a&quot;b">&lt;<i></b>'
    assert listing([]) == ""
    assert table(("a",), []) == ""
    assert "\x1b" not in el("p", "\x1b[31m")


def test_ticks_are_round_and_few() -> None:
    for low, high in ((0.0, 1.0), (-3.2, 8.9), (1e-7, 2e-7), (1e6, 5e6)):
        found = ticks(low, high)
        assert 2 <= len(found) <= 8
        assert all(low <= one <= high for one in found)


def test_the_ways_and_plain_estimates_are_of_the_same_step(text: str, page: Page) -> None:
    step = re.search(r"ads from [\d.]+ to [\d.]+", text)
    assert step is not None
    assert text.count(step[0]) >= 2
    assert "all comes by way of visits" in page.text
    assert "No path leads from ads to sales." in page.text
    assert "A regression on everything" in page.text
    assert "which acts on both ads and sales" in page.text


def test_what_cannot_be_parted_says_why(found: Comparison, moved: Followed) -> None:
    page = Page(report_of(found, None, replace(moved, ways="it lies elsewhere", plain=())))
    assert "It lies elsewhere." in page.text
    assert "no single number is commonly computed" in page.text


def test_what_could_not_be_fitted_stands_in_what_follows(page: Page) -> None:
    said = page.text.split("Not fitted, and what they say all the same")[1].split("Which way does it go")[0]
    assert "Hidden" in said
    assert "It is not fitted: an unmeasured cause has no model." in said


def test_a_choice_has_its_section(found: Comparison, about: About, reopened: Reopened) -> None:
    acting = acting_on(reopened)
    levers = levers_of(acting, ["ads=4:8"], ["ads=0.5"], 4.0, ["ads <= 7"])
    decision = decide_on(acting, levers, "sales")
    text = report_of(found, about, None, Choice(decision, whom="season: 1"))
    page = Page(text)
    assert page.open == []
    assert "choose" in page.ids
    said = page.text.split("Best on average:")[1].split("Every assumption, by who made it")[0]
    for words in (
        "4.00 to 8.00",
        "0.500",
        "Budget: 4.00.",
        "Limit: ads <= 7.",
        "For season: 1 only.",
        "As it is today",
    ):
        assert words in said
    assert f"Knowing who is right is worth {number(decision.decision.information)}" in said
    assert len(re.findall('class="frontier"', text)) in (0, 2)  # one for a wide and one for a narrow page
    best = decision.decision.best["expected"]
    assert f"{number(best.mean)} {interval(best.q05, best.q95)}" in said
    assert "choose" not in Page(report_of(found, about)).ids


def test_a_frontier_keeps_its_words_apart_and_inside() -> None:
    edge = [Point(1.0, 3.0), Point(2.0, 2.0)]
    marked = [Point(1.0, 3.0, "on average"), Point(1.0, 3.0, "safest"), Point(2.0, 2.0, "by its worst draws")]
    drawn_ = frontier_picture(edge, marked, "worst", "mean", "what is traded off")
    page = Page(drawn_)
    assert page.open == []
    places = [
        (float(given["x"] or 0), given["y"])
        for tag, given in page.tags
        if tag == "text" and given.get("class") == "label"
    ]
    assert len(places) == len(set(places)) == 6
    assert all(0 < x < 900 for x, _ in places)
