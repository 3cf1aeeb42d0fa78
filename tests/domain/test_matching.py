"""Who may help whom: the score by hand, the assignment against brute force, and what may never be proposed."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.matching import (
    ALIKE,
    BUSY,
    KIND,
    LANGUAGES,
    LONGEST_WAIT,
    MOST_AN_ASK,
    TOPICS,
    UNNAMED,
    WAITING,
    Ask,
    Helper,
    Market,
    Offer,
    covered,
    likeness,
    propose,
    score,
)

ENGLISH = frozenset(("english",))
WORDS = ("sql", "public speaking", "speaking", "salary talks", "rust")


def ask(number: int = 1, person: int = 100, topics: str = "sql", languages=ENGLISH, **more) -> Ask:
    return Ask(number, person, more.pop("kind", "skill"), frozenset(filter(None, topics.split(","))), languages, **more)


def offer(number: int = 1, person: int = 200, topics: str = "sql", languages=ENGLISH, kind: str = "skill") -> Offer:
    return Offer(number, person, kind, frozenset(filter(None, topics.split(","))), languages)


def market(asks, offers, busy: dict[int, int] | None = None, most: int = 3, **rules) -> Market:
    people = sorted({each.person for each in offers})
    helpers = tuple(Helper(person, (busy or {}).get(person, 0), most) for person in people)
    return Market(tuple(asks), tuple(offers), helpers, **rules)


def proposed(made: Market) -> set[tuple[int, int]]:
    return {(pair.ask, pair.offer) for pair in propose(made)}


@pytest.mark.parametrize(
    ("asked", "offered", "expected"),
    [
        (ask(), offer(), KIND + TOPICS + LANGUAGES),
        (ask(topics="sql,rust"), offer(), KIND + TOPICS // 2 + LANGUAGES),
        (ask(topics="speaking"), offer(topics="public speaking"), KIND + TOPICS // 2 + LANGUAGES),
        (ask(topics=""), offer(), KIND + UNNAMED + LANGUAGES),
        (ask(), offer(topics=""), KIND + UNNAMED + LANGUAGES),
        (ask(), offer(languages=frozenset(("english", "twi"))), KIND + TOPICS + LANGUAGES // 2),
        (ask(), offer(topics="rust"), 0),
        (ask(), offer(kind="review"), 0),
        (ask(), offer(languages=frozenset(("twi",))), 0),
    ],
)
def test_kind_topics_and_languages_make_the_score(asked: Ask, offered: Offer, expected: int):
    assert score(asked, offered) == expected


def test_small_words_do_not_make_topics_alike():
    assert likeness("leading a team", "leading the team") == 1.0
    assert likeness("women in tech", "women in law") == 0.0
    assert covered(frozenset(), frozenset(("sql",))) == 0.0


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_goes_both_ways_and_is_either_none_or_enough(one: str, other: str):
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, other) == 0.0 or ALIKE <= likeness(one, other) <= 1.0
    assert likeness(one, one) == 1.0


def test_one_ask_reaches_two_helpers_and_none_of_them_twice():
    offers = [offer(1, 200), offer(2, 200), offer(3, 201), offer(4, 202)]
    pairs = propose(market([ask()], offers))
    assert len(pairs) == MOST_AN_ASK
    assert {pair.offer for pair in pairs} == {1, 3}


def test_an_ask_whose_proposals_are_all_open_waits():
    assert not propose(market([ask(proposals=MOST_AN_ASK)], [offer()]))


def test_asks_are_spread_over_helpers_who_fit_alike():
    asks = [ask(number, 100 + number, proposals=1) for number in (1, 2, 3)]
    offers = [offer(number, 200 + number) for number in (1, 2, 3)]
    assert {each for _, each in proposed(market(asks, offers))} == {1, 2, 3}


def test_a_helper_never_gets_more_than_she_takes():
    asks = [ask(number, 100 + number) for number in range(1, 6)]
    assert len(propose(market(asks, [offer()], busy={200: 1}, most=3))) == 2
    assert not propose(market(asks, [offer()], busy={200: 4}, most=3))


def test_each_ask_gets_a_first_proposal_before_any_gets_a_second():
    asks = [ask(1, 101), ask(2, 102)]
    assert {each for each, _ in proposed(market(asks, [offer()], most=2))} == {1, 2}


def test_who_has_waited_longer_comes_first_where_there_is_not_enough():
    asks = [ask(1, 101), ask(2, 102, waited=3)]
    assert proposed(market(asks, [offer()], most=1)) == {(2, 1)}


def test_one_gives_way_to_another_so_that_both_are_helped():
    asks = [ask(1, 101, "sql,rust"), ask(2, 102, "sql")]
    offers = [offer(1, 201, "sql"), offer(2, 202, "rust")]
    assert proposed(market(asks, offers, most=1)) == {(1, 2), (2, 1)}


@pytest.mark.parametrize(
    "rules",
    [
        {"apart": frozenset((frozenset((100, 200)),))},
        {"barred": frozenset(((100, 200),))},
        {"tried": frozenset(((1, 1),))},
    ],
)
def test_what_must_not_be_is_not_proposed(rules):
    assert propose(market([ask()], [offer()]))
    assert not propose(market([ask()], [offer()], **rules))


def test_a_decline_counts_in_its_own_direction_only():
    assert propose(market([ask()], [offer()], barred=frozenset(((200, 100),))))


def test_nobody_is_proposed_to_herself():
    assert not propose(market([ask(person=7)], [offer(person=7)]))


topics = st.lists(st.sampled_from(WORDS), max_size=2).map(",".join)


@st.composite
def small_markets(draw) -> Market:
    asks = [
        ask(number, 100 + draw(st.integers(0, 3)), draw(topics), proposals=1, waited=draw(st.integers(0, 60)))
        for number in range(draw(st.integers(0, 4)))
    ]
    offers = [offer(number, 102 + draw(st.integers(0, 3)), draw(topics)) for number in range(draw(st.integers(0, 4)))]
    busy = {person: draw(st.integers(0, 2)) for person in range(100, 106)}
    pairs = st.tuples(st.integers(100, 105), st.integers(100, 105))
    apart = draw(st.lists(pairs, max_size=3))
    return market(asks, offers, busy, apart=frozenset(frozenset(pair) for pair in apart if pair[0] != pair[1]), most=2)


def worth(made: Market, chosen: tuple[int | None, ...]) -> tuple[int, int] | None:
    """Return how many asks are helped and what that is worth; None where it may not be."""
    load = {helper.person: helper.busy for helper in made.helpers}
    most = {helper.person: helper.most for helper in made.helpers}
    offers = {each.id: each for each in made.offers}
    total = 0
    for each, offer_id in zip(made.asks, chosen, strict=True):
        if offer_id is None:
            continue
        person = offers[offer_id].person
        fits = score(each, offers[offer_id])
        if not fits or person == each.person or frozenset((person, each.person)) in made.apart:
            return None
        if load[person] >= most[person]:
            return None
        total += fits + WAITING * min(each.waited, LONGEST_WAIT) - BUSY * load[person]
        load[person] += 1
    return sum(each is not None for each in chosen), total


@given(small_markets())
def test_no_other_way_helps_more_asks_or_fits_better(made: Market):
    by_ask = {pair.ask: pair.offer for pair in propose(made)}
    own = worth(made, tuple(by_ask.get(each.id) for each in made.asks))
    ways = product([None, *(each.id for each in made.offers)], repeat=len(made.asks))
    best = max(found for way in ways if (found := worth(made, way)) is not None)
    assert own == best


@given(small_markets())
def test_the_same_market_always_gives_the_same_proposals(made: Market):
    assert propose(made) == propose(made)
