from core.graph.implications import Independence
from core.graph.words import notation, say
from core.words import joined


def test_an_independence_is_said_as_one_would_say_it():
    assert say(Independence("ads", "sales")) == "ads and sales are unrelated"
    assert say(Independence("ads", "sales", ("season",))) == "given season, ads and sales are unrelated"
    assert (
        say(Independence("ads", "sales", ("season", "visits")))
        == "given season and visits, ads and sales are unrelated"
    )


def test_the_users_own_words_are_used():
    titles = {"ads": "ad spend", "s": "the season"}
    claim = Independence("ads", "sales", ("s",))
    assert say(claim, lambda name: titles.get(name, name)) == "given the season, ad spend and sales are unrelated"
    assert notation(claim, lambda name: titles.get(name, name)) == "ad spend ⊥ sales | the season"
    assert notation(Independence("a", "b")) == "a ⊥ b"


def test_lists_of_words():
    assert joined(["a"]) == "a"
    assert joined(["a", "b"]) == "a and b"
    assert joined(["a", "b", "c"]) == "a, b and c"
    assert joined([]) == ""
