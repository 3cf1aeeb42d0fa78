from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.encounters import Stay, encounters

T = [datetime(2026, 11, 2, tzinfo=UTC) + timedelta(days=n) for n in range(4)]


def pairs_of(circles: list[list[Stay]]) -> Counter[frozenset[str]]:
    return Counter(frozenset(pair) for _, group in encounters(circles) for pair in combinations(sorted(group), 2))


def test_a_circle_without_changes_is_one_group():
    circles = [[Stay("a"), Stay("b"), Stay("c")], [Stay("d"), Stay("e")]]
    assert sorted((place, sorted(group)) for place, group in encounters(circles)) == [
        (0, ["a", "b", "c"]),
        (1, ["d", "e"]),
    ]


def test_who_left_before_another_came_did_not_meet_them():
    circles = [[Stay("a", until=T[1]), Stay("b"), Stay("c", since=T[2])]]
    assert pairs_of(circles) == Counter({frozenset("ab"): 1, frozenset("bc"): 1})


def test_two_who_move_together_met_once_and_who_they_left_is_remembered():
    circles = [
        [Stay("a", until=T[1]), Stay("b", until=T[1]), Stay("x", until=T[1])],
        [Stay("c"), Stay("d"), Stay("a", since=T[1]), Stay("b", since=T[1])],
    ]
    met = pairs_of(circles)
    assert set(met.values()) == {1}
    assert set(met) == {frozenset(pair) for pair in ("ab", "ax", "bx", "ac", "ad", "bc", "bd", "cd")}


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3), st.integers(0, 3)), unique_by=lambda s: s[0]),
        max_size=3,
    )
)
def test_each_pair_whose_stays_overlap_is_given_once(drawn):
    circles = [[Stay(key, T[min(s, e)], T[max(s, e)]) for key, s, e in circle] for circle in drawn]
    expected = {frozenset((o.key, p.key)) for circle in circles for o, p in combinations(circle, 2) if o.shared(p)}
    met = pairs_of(circles)
    assert set(met) == expected
    assert set(met.values()) <= {1}
