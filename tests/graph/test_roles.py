"""What each variable is for a question, and what to do with it: in known graphs, and never against the criterion."""

import random

import pytest
from graph_oracle import paths, random_graph
from identification_oracle import adjustment_by_paths, graph_of, is_adjustment, is_causal, open_path, random_question

from core.graph.identify import identify
from core.graph.routes import routes

MARKETING = graph_of(
    "season ads visits sales returns trust clicks price promo taste signups unit",
    "season>ads season>sales ads>visits visits>sales sales>returns ads>trust sales>trust visits>clicks price>sales"
    " promo>ads taste>signups ads>unit",
    latents="taste",
)


def test_roles_of_a_known_graph():
    roles = identify(MARKETING, "ads", "sales").roles
    assert roles == {
        "season": ("confounder",),
        "ads": ("exposure",),
        "visits": ("mediator",),
        "sales": ("outcome",),
        "returns": ("descendant of outcome",),
        "trust": ("descendant of outcome", "collider"),
        "clicks": ("proxy of mediator",),
        "price": ("cause of the outcome only",),
        "promo": ("instrument",),
        "taste": ("unmeasured", "unrelated"),
        "signups": ("unrelated",),
        "unit": ("descendant of exposure",),
    }


def test_what_to_do_in_sentences():
    said = {one.name: (one.act, one.sentence) for one in identify(MARKETING, "ads", "sales").advice}
    assert said["season"] == ("adjust", "Adjust for season: it acts on both ads and sales.")
    assert said["visits"] == ("avoid", "Do not condition on visits: it lies on the way from ads to sales.")
    assert said["trust"] == (
        "avoid",
        "Do not condition on trust: both ads and sales act on it, so holding it fixed makes them move together.",
    )
    assert said["clicks"][0] == said["returns"][0] == "avoid"
    assert said["price"][0] == "may"
    assert said["promo"] == (
        "leave",
        "Do not adjust for promo: it reaches sales through ads alone, so it can serve as an instrument, and held fixed "
        "it only widens the interval.",
    )
    assert said["unit"] == ("leave", "There is no need to adjust for unit: it comes after ads.")
    assert said["signups"] == ("leave", "signups has no bearing on this question.")
    assert set(said) == set(MARKETING.nodes) - {"ads", "sales"}


def test_m_bias_in_words():
    graph = graph_of("x y a b c d", "a>x a>c b>c b>y x>y c>d", latents="a b")
    found = identify(graph, "x", "y")
    assert found.roles["c"] == ("collider",)
    assert found.roles["d"] == ("descendant of collider",)
    said = {one.name: one.sentence for one in found.advice}
    assert said["c"].startswith("Do not condition on c: both a and b act on it, so holding it fixed makes them move")
    assert "c, from which it follows" in said["d"]
    assert (
        found.sentence
        == "The effect of x on y can be known from what is observed as it is, with nothing to adjust for."
    )


def test_a_collider_of_arcs_names_what_is_not_measured():
    graph = graph_of("x y c", "x>y", "x<>c c<>y")
    (one,) = identify(graph, "x", "y").advice
    assert one.act == "avoid"
    assert "an unmeasured cause of x and an unmeasured cause of y" in one.sentence


def test_a_path_may_be_blocked_at_several_places():
    graph = graph_of("x y season weather", "season>x season>weather weather>y x>y")
    found = identify(graph, "x", "y")
    assert found.roles["weather"] == ("on a biasing path",)
    said = {one.name: one for one in found.advice}
    assert said["season"].act == "adjust"
    assert said["weather"].act == "may"
    assert "x ← season → weather → y" in said["weather"].sentence


def test_what_is_not_measured():
    bow = identify(graph_of("x y u", "x>y u>x u>y", latents="u"), "x", "y")
    assert bow.roles["u"] == ("unmeasured", "confounder")
    assert [(one.act, one.name) for one in bow.advice] == [("measure", "u")]
    front = identify(graph_of("x m y u", "x>m m>y u>x u>y", latents="u"), "x", "y")
    assert [(one.act, one.name) for one in front.advice] == [("use", "m"), ("leave", "u")]
    blocked = identify(graph_of("x y u c", "x>y u>x u>c c>y", latents="u"), "x", "y")
    assert [(one.act, one.name) for one in blocked.advice] == [("leave", "u"), ("adjust", "c")]


def test_paths_of_three_kinds():
    found = routes(MARKETING, "ads", "sales")
    assert [(str(path), path.kind, path.blocked_by) for path in found.paths] == [
        ("ads → visits → sales", "causal", ()),
        ("ads ← season → sales", "biasing", ()),
        ("ads → trust ← sales", "blocked", ("trust",)),
    ]
    held = routes(MARKETING, "ads", "sales", ["season", "visits", "trust"])
    assert [(path.kind, path.blocked_by) for path in held.paths] == [
        ("biasing", ()),
        ("blocked", ("season",)),
        ("blocked", ("visits",)),
    ]
    assert held.paths[2].causal


def test_an_arrow_and_an_arc_are_two_paths():
    assert [str(path) for path in routes(graph_of("x y", "x>y", "x<>y"), "x", "y").paths] == ["x → y", "x ↔ y"]


def test_the_background_is_no_cause_of_its_own_members():
    graph = graph_of("region age shop ads sales", "region>ads age>sales ads>sales shop>ads")
    found = identify(graph, "ads", "sales", background=("region", "age", "shop"))
    assert found.roles["region"] == ("instrument", "on a biasing path")  # given age
    assert found.roles["age"] == ("on a biasing path",)
    assert [str(path) for path in found.paths.paths] == [
        "ads → sales",
        "ads ← region — age → sales",
        "ads ← shop — age → sales",
    ]
    said = {one.name: one for one in found.advice}
    assert (said["age"].act, said["region"].act) == ("adjust", "may")
    assert found.adjustment_sets.sets == (("age",), ("region", "shop"))
    turned = identify(
        graph_of("shop age region ads sales", "region>ads age>sales ads>sales shop>ads"),
        "ads",
        "sales",
        background=("region", "age", "shop"),
    )
    assert turned.roles == found.roles


def test_many_paths_are_cut_off():
    nodes = [f"v{i}" for i in range(14)]
    graph = graph_of(" ".join(nodes), " ".join(f"{a}>{b}" for i, a in enumerate(nodes) for b in nodes[i + 1 :]))
    found = routes(graph, "v0", "v13", limit=50)
    assert found.more
    assert len(found.paths) == 50


def test_paths_by_their_definition():
    rng = random.Random(4)
    seen = {"causal": 0, "biasing": 0, "blocked": 0}
    for _ in range(300):
        graph = random_graph(rng, rng.randint(3, 6), 0.45, arcs=0.15, latents=0.1)
        question = random_question(rng, graph)
        if question is None:
            continue
        x, y = question
        given = frozenset(name for name in graph.observed if name not in question and rng.random() < 0.3)
        wanted = []
        for path in paths(graph, x, y):
            kind = "blocked" if not open_path(graph, path, given) else "causal" if is_causal(path) else "biasing"
            wanted.append((tuple(step[0] for step in path), kind))
            seen[kind] += 1
        found = routes(graph, x, y, given)
        assert sorted((path.nodes, path.kind) for path in found.paths) == sorted(wanted)
        assert all((path.kind == "blocked") == bool(path.blocked_by) for path in found.paths)
    assert min(seen.values()) > 100


@pytest.mark.parametrize("graphs", [300, pytest.param(5_000, marks=pytest.mark.slow)])
def test_no_advice_is_against_the_criterion(graphs):
    """What is advised or allowed leaves an adjustment set; what is warned of does not."""
    rng = random.Random(6)
    acts: dict[str, int] = {}
    for _ in range(graphs):
        graph = random_graph(rng, rng.randint(3, 7), rng.choice((0.25, 0.45)), arcs=0.1, latents=0.1)
        question = random_question(rng, graph)
        if question is None:
            continue
        x, y = question
        found = identify(graph, x, y)
        every = list(paths(graph, x, y))
        sets = found.adjustment_sets.sets
        for one in found.advice:
            acts[one.act] = acts.get(one.act, 0) + 1
            assert one.sentence.endswith(".")
            if not sets:
                assert one.act not in ("adjust", "may")
                continue
            more = frozenset((*sets[0], one.name))
            if one.act == "adjust":
                assert one.name in sets[0]
            elif one.act == "avoid":
                assert not is_adjustment(graph, every, x, y, more)
                assert not any(one.name in other for other in sets)
            elif one.name in graph.latents:
                assert one.act == "leave"
            else:
                assert is_adjustment(graph, every, x, y, more) or any(one.name in other for other in sets)
        if found.roles and not found.no_effect:
            for name, words in found.roles.items():
                if "confounder" in words and name in graph.observed:
                    assert name in graph.ancestors(x) & graph.ancestors(y)
    print(acts)
    assert set(acts) >= {"adjust", "avoid", "may", "leave", "measure"}


def test_ways_out_are_the_smallest():
    bow = identify(graph_of("x y z", "x>y z>y", "x<>y x<>z"), "x", "y")
    assert [(way.deny, way.measure) for way in bow.ways_out] == [((("x", "y"),), ())]
    two = identify(graph_of("x y u", "x>y u>x u>y", "x<>y", latents="u"), "x", "y")
    assert [(way.deny, way.measure) for way in two.ways_out] == [((("x", "y"),), ("u",))]
    assert identify(graph_of("x y", "x>y"), "x", "y").ways_out == ()


def test_ways_out_by_trying_all():
    rng = random.Random(12)
    seen = 0
    for _ in range(400):
        graph = random_graph(rng, rng.randint(3, 6), 0.4, arcs=0.3, latents=0.2)
        question = random_question(rng, graph)
        if question is None:
            continue
        x, y = question
        found = identify(graph, x, y)
        if found.identified:
            assert found.ways_out == ()
            continue
        seen += 1
        single = [("deny", arc) for arc in graph.bidirected] + [("measure", u) for u in graph.latents]
        sizes = {len(way.deny) + len(way.measure) for way in found.ways_out}
        assert len(sizes) <= 1
        wanted = set()
        for size in range(1, 4):
            for number in range(2 ** len(single)):
                some = [one for place, one in enumerate(single) if number >> place & 1]
                if len(some) != size:
                    continue
                deny = frozenset(one for kind, one in some if kind == "deny")
                measure = frozenset(one for kind, one in some if kind == "measure")
                changed = type(graph)(
                    graph.nodes, graph.edges, tuple(set(graph.bidirected) - deny), graph.latents - measure
                )
                if identify(changed, x, y).identified:
                    wanted.add((deny, measure))
            if wanted:
                break
        assert {(frozenset(way.deny), frozenset(way.measure)) for way in found.ways_out} == wanted
    assert seen > 60


def test_where_there_are_sets_the_first_is_the_one_that_is_advised():
    graph = graph_of("x y a b", "a>x a>b b>y x>y")
    found = identify(graph, "x", "y")
    assert set(map(frozenset, found.adjustment_sets.sets)) == adjustment_by_paths(graph, "x", "y")
    assert found.sentence.endswith("adjust for a.")
    assert found.formula == "Σ_a P(y | x, a) P(a)"
