"""Accepts or rejects any Assignment, knowing the rules from their description and none of the engine's code."""

from collections import Counter
from itertools import combinations

from bot.domain.formation import Assignment, Circle, Person, Problem, Role


def check(problem: Problem, assignment: Assignment) -> None:
    """Raise AssertionError for the first thing that is wrong."""
    people = {person.key: person for person in problem.people}
    seated = [key for circle in assignment.circles for key in circle.members]
    unplaced = [person.key for person in assignment.unplaced]
    assert Counter(seated + unplaced) == Counter(list(people)), "everyone is in one circle or unplaced, never both"
    met = encounters(problem)
    for circle in assignment.circles:
        check_hard_rules(problem, [people[key] for key in circle.members])
        check_figures(circle, [people[key] for key in circle.members], met)
    check_quality(assignment, met)
    assert bool(unplaced) == (assignment.relax is not None), "a rule to relax is named where someone is unplaced"
    assert assignment.seed == problem.seed
    if len(people) < problem.sizes.least:
        assert not assignment.circles


def encounters(problem: Problem) -> set[frozenset[str]]:
    return {frozenset(pair) for past in problem.history for pair in combinations(sorted(past.members), 2)}


def check_hard_rules(problem: Problem, members: list[Person]) -> None:
    assert problem.sizes.least <= len(members) <= problem.sizes.most, "sizes hold"
    pairs = {frozenset((one.key, other.key)) for one, other in combinations(members, 2)}
    assert not pairs & problem.avoid, "nobody meets a person they avoid"
    if problem.rules.facilitator_in_each:
        assert any(person.role in {Role.FACILITATOR, Role.MENTOR} for person in members)
    if problem.rules.common_language:
        assert frozenset.intersection(*(person.languages for person in members))
    led = sum(person.role is not Role.MENTOR for person in members)
    for person in members:
        if person.role is Role.MENTOR and person.capacity is not None:
            assert led <= person.capacity, "a mentor has no more people than they take"


def check_figures(circle: Circle, members: list[Person], met: set[frozenset[str]]) -> None:
    pairs = [frozenset(pair) for pair in combinations(circle.members, 2)]
    assert list(circle.members) == sorted(circle.members)
    assert circle.repeated_pairs == sum(pair in met for pair in pairs)
    assert circle.new_pairs == len(pairs) - circle.repeated_pairs
    shared = (1 << 168) - 1
    told = [person.hours for person in members if person.hours]
    for hours in told:
        shared &= hours
    assert circle.shared_hours == (shared.bit_count() if told else 0)
    matches = {
        (helper.key, asker.key, topic)
        for helper in members
        for asker in members
        if helper is not asker
        for topic in helper.offers & asker.wants
    }
    assert set(circle.topic_matches) == matches
    assert len(circle.topic_matches) == len(matches)
    rank = {Role.MENTOR: 0, Role.FACILITATOR: 1, Role.MEMBER: 2}
    roles = {person.key: rank[person.role] for person in members}
    assert roles[circle.lead] == min(roles.values()), "a mentor leads before a facilitator before a member"


def check_quality(assignment: Assignment, met: set[frozenset[str]]) -> None:
    quality, circles = assignment.quality, assignment.circles
    assert quality.circles == len(circles)
    assert quality.pairs == sum(len(c.members) * (len(c.members) - 1) // 2 for c in circles)
    assert quality.repeated_pairs == sum(c.repeated_pairs for c in circles)
    assert quality.new_pairs == quality.pairs - quality.repeated_pairs
    assert 0 <= quality.least_repeats <= quality.repeated_pairs
    assert quality.circles_sharing_two_hours == sum(c.shared_hours >= 2 for c in circles)
    new = [
        sum(frozenset((key, other)) not in met for other in c.members if other != key)
        for c in circles
        for key in c.members
    ]
    assert (quality.new_people_least, quality.new_people_most) == (min(new, default=0), max(new, default=0))
