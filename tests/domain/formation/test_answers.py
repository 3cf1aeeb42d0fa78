"""What people are told: leads, swaps judged, reasons, best hours, and nothing that was said in private."""

from collections import Counter
from dataclasses import replace

import pytest

from bot.domain.formation import (
    PRESETS,
    Budget,
    Feedback,
    HardRule,
    HardRuleBroken,
    PastCircle,
    Person,
    Problem,
    Reason,
    Role,
    Rules,
    Sizes,
    Weights,
    best_hours,
    describe,
    evaluate,
    form,
)
from tests.benchmarks.instances import community, next_rotation, plain
from tests.domain.formation.checker import check


def members(*keys):
    return tuple(Person(key) for key in keys)


def test_the_duty_to_lead_goes_round_to_everyone_before_it_comes_back():
    problem = plain(24, 4, Budget(iterations=500))
    led = Counter()
    for _ in range(8):
        answer = form(problem)
        led.update(circle.lead for circle in answer.circles)
        problem = next_rotation(problem, answer)
    assert sum(led.values()) == 48
    assert max(led.values()) <= 3
    assert len(led) >= 20


def test_whoever_led_least_leads_and_among_equals_whoever_led_longest_ago():
    past = (
        PastCircle(1, frozenset("ab"), "a"),
        PastCircle(2, frozenset("bc"), "b"),
        PastCircle(3, frozenset("ca"), "c"),
        PastCircle(4, frozenset("ca"), "c"),
    )
    problem = Problem(members("a", "b", "c"), Sizes(3, 3, 3), rotation=5, history=past)
    assert form(problem).circles[0].lead == "a"


def test_a_mentor_leads_before_a_facilitator_before_others():
    people = (Person("a"), Person("b", role=Role.FACILITATOR), Person("c", role=Role.MENTOR))
    problem = Problem(people, Sizes(3, 3, 3), rotation=2, history=(PastCircle(1, frozenset("ac"), "c"),))
    assert form(problem).circles[0].lead == "c"


def test_a_swap_by_hand_is_judged_with_its_figures():
    problem = Problem(members(*"abcdef"), Sizes(3, 3, 3), rotation=2, history=(PastCircle(1, frozenset("abc")),))
    assert evaluate(problem, ["abc", "def"]).quality.repeated_pairs == 3
    judged = evaluate(problem, ["abd", "cef"])
    check(problem, judged)
    assert judged.quality.repeated_pairs == 1


@pytest.mark.parametrize(
    ("circles", "rule", "people"),
    [
        (["ab", "cdef"], HardRule.SIZE, ("a", "b")),
        (["abc", "dez"], HardRule.UNKNOWN_PERSON, ("z",)),
        (["abc", "ade"], HardRule.SEATED_TWICE, ("a",)),
        (["abc", "def"], HardRule.AVOID, ()),
        (["ade", "bcf"], HardRule.FACILITATOR, ("b", "c", "f")),
        (["adf", "bce"], HardRule.COMMON_LANGUAGE, ("a", "d", "f")),
    ],
)
def test_a_swap_by_hand_that_breaks_a_hard_rule_is_refused(circles, rule, people):
    roster = tuple(
        Person(
            key,
            role=Role.FACILITATOR if key in "ae" else Role.MEMBER,
            languages=frozenset({"es"} if key == "f" else {"en", "es"} if key in "bc" else {"en"}),
        )
        for key in "abcdef"
    )
    problem = Problem(
        roster,
        Sizes(3, 3, 4),
        avoid=frozenset({frozenset("bd"), frozenset("ac")}),
        rules=Rules(facilitator_in_each=True, common_language=True),
    )
    with pytest.raises(HardRuleBroken) as caught:
        evaluate(problem, circles)
    assert (caught.value.rule, caught.value.people) == (rule, people)


def test_a_swap_that_overloads_a_mentor_is_refused():
    people = (Person("a", role=Role.MENTOR, capacity=2), *members("b", "c", "d"))
    with pytest.raises(HardRuleBroken) as caught:
        evaluate(Problem(people, Sizes(3, 3, 4)), ["abcd"])
    assert caught.value.rule is HardRule.MENTOR_CAPACITY


def test_whoever_a_swap_leaves_over_is_unplaced_with_a_reason():
    judged = evaluate(Problem(members(*"abcdefg"), Sizes(3, 3, 3)), ["abc", "def"])
    assert [(person.key, person.reason) for person in judged.unplaced] == [("g", Reason.SIZES_DO_NOT_ADD_UP)]


def test_rather_not_keeps_people_apart_and_together_again_decides_between_equals():
    problem = Problem(members(*"abcd"), Sizes(2, 2, 2), feedback=(Feedback("a", "b", -1), Feedback("c", "a", 1)))
    for seed in range(6):
        assert [c.members for c in form(replace(problem, seed=seed)).circles] == [("a", "c"), ("b", "d")]


def test_what_was_said_in_private_shows_in_no_figure_and_no_reason():
    """FAILURES F37: the circles judged with and without a private wish give the same answer to the letter."""
    silent = community(budget=Budget(iterations=10))
    circles = [circle.members for circle in form(silent).circles]
    one, other = circles[0][:2]
    spoken = replace(silent, feedback=(Feedback(one, other, -1), Feedback(other, one, 1)))
    assert evaluate(spoken, circles) == evaluate(silent, circles)
    assert describe(spoken, evaluate(spoken, circles)) == describe(silent, evaluate(silent, circles))


def test_reasons_tell_hours_topics_and_the_bound():
    people = (
        Person("a", hours=0b1110, offers=frozenset({"rust"})),
        Person("b", hours=0b0110, wants=frozenset({"rust"})),
        Person("c", hours=0b0111),
    )
    problem = Problem(people, Sizes(3, 3, 3))
    reasons = describe(problem, form(problem))
    assert reasons.least_possible
    assert reasons.circles[0].hours == (1, 2, 0)
    assert reasons.circles[0].hours_suit == (3, 3, 1)
    assert reasons.circles[0].topic_matches == (("a", "b", "rust"),)
    assert reasons.relax is None


def test_reasons_count_those_left_out_by_rule():
    problem = plain(7, 4)
    assert describe(problem, form(problem)).left_out == ((Reason.SIZES_DO_NOT_ADD_UP, 3),)


def test_best_hours_are_those_that_suit_most_people_and_then_the_earliest():
    people = [Person("a", hours=0b11110), Person("b", hours=0b01100), Person("c", hours=0b00100), Person("d")]
    assert best_hours(people, 3) == (2, 3, 1)
    assert best_hours(people, 9) == (2, 3, 1, 4)
    assert best_hours([], 3) == ()


def test_each_preset_puts_its_own_wish_first():
    assert PRESETS["new-people"] == Weights()
    firsts = {"hours": "hours", "topics": "topics", "mixed-experience": "experience", "new-people": "repeats"}
    for name, wish in firsts.items():
        weights = PRESETS[name]
        names = ("repeats", "hours", "topics", "experience", "cohorts", "feedback", "sizes")
        assert max(names, key=lambda one: getattr(weights, one)) == wish


def test_topics_first_lets_askers_sit_with_helpers():
    people = tuple(
        Person(
            f"p{i:02}",
            offers=frozenset({f"t{i}"}) if i < 10 else frozenset(),
            wants=frozenset({f"t{i - 10}"}) if i >= 10 else frozenset(),
        )
        for i in range(20)
    )
    problem = Problem(people, Sizes(4, 4, 4), weights=PRESETS["topics"], budget=Budget(iterations=4_000))
    assert form(problem).quality.topic_matches == 10
