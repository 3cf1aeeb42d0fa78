"""Why an assignment is as it is, as values: the words for people are made of these elsewhere."""

from dataclasses import dataclass

from bot.domain.formation.problem import Assignment, Circle, Person, Problem, Quality, Reason
from bot.domain.formation.shared_hours import best_hours

NAMED_HOURS = 3


@dataclass(frozen=True, slots=True)
class CircleReasons:
    """What speaks for one circle; `hours` are its best UTC hours of the week, `hours_suit` how many each suits."""

    members: tuple[str, ...]
    lead: str
    new_pairs: int
    pairs: int
    shared_hours: int
    hours: tuple[int, ...]
    hours_suit: tuple[int, ...]
    topic_matches: tuple[tuple[str, str, str], ...]  # (who offers, who wants, topic)


@dataclass(frozen=True, slots=True)
class Reasons:
    """What speaks for a rotation: its quality beside the bound, each circle, and whom each rule keeps out."""

    quality: Quality
    least_possible: bool  # whether no assignment of these sizes could repeat fewer pairs
    circles: tuple[CircleReasons, ...]
    left_out: tuple[tuple[Reason, int], ...]  # how many people each rule keeps out, most first
    relax: Reason | None


def describe(problem: Problem, assignment: Assignment) -> Reasons:
    """Give the reasons for an assignment; nothing that people said in private shows in them."""
    people = {person.key: person for person in problem.people}
    counts: dict[Reason, int] = {}
    for person in assignment.unplaced:
        counts[person.reason] = counts.get(person.reason, 0) + 1
    quality = assignment.quality
    return Reasons(
        quality=quality,
        least_possible=quality.repeated_pairs <= quality.least_repeats,
        circles=tuple(describe_circle(circle, people) for circle in assignment.circles),
        left_out=tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        relax=assignment.relax,
    )


def describe_circle(circle: Circle, people: dict[str, Person]) -> CircleReasons:
    """Give the reasons for one circle, given the people by key."""
    members = [people[key] for key in circle.members]
    hours = best_hours(members, NAMED_HOURS)
    return CircleReasons(
        members=circle.members,
        lead=circle.lead,
        new_pairs=circle.new_pairs,
        pairs=circle.new_pairs + circle.repeated_pairs,
        shared_hours=circle.shared_hours,
        hours=hours,
        hours_suit=tuple(sum(person.hours >> hour & 1 for person in members) for hour in hours),
        topic_matches=circle.topic_matches,
    )
