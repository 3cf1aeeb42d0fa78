"""From circles to an Assignment: each circle's figures, the quality beside its bound, and why people are left out."""

from collections.abc import Sequence

from bot.domain.formation.blocked import reasons, rule_to_relax
from bot.domain.formation.index import ANY_HOUR, Index
from bot.domain.formation.leads import Duty
from bot.domain.formation.problem import Assignment, Circle, Quality
from bot.domain.formation.rest import NEEDED_HOURS
from bot.domain.formation.seating import Seating, circle_cost


def judge(seating: Seating) -> Assignment:
    """Give the Assignment that a lawful seating stands for, circles in the order of their first key."""
    index = seating.index
    duty = Duty(index)
    groups = [members for members in seating.circles if members]
    circles = sorted((_circle(index, members, duty) for members in groups), key=lambda circle: circle.members)
    unplaced = reasons(seating)
    return Assignment(
        circles=tuple(circles),
        unplaced=unplaced,
        quality=_quality(index, groups, circles),
        seed=index.problem.seed,
        relax=rule_to_relax(unplaced),
    )


def _circle(index: Index, members: list[int], duty: Duty) -> Circle:
    repeated = index.repeats(members)
    return Circle(
        members=index.keys(members),
        lead=index.people[duty.lead_of(members)].key,
        shared_hours=shared_hours(index, members).bit_count(),
        new_pairs=len(members) * (len(members) - 1) // 2 - repeated,
        repeated_pairs=repeated,
        topic_matches=_topic_matches(index, members),
    )


def shared_hours(index: Index, members: Sequence[int]) -> int:
    """Give the hours in which all are free who told any; none if nobody told."""
    hours = ANY_HOUR
    for i in members:
        hours &= index.free[i]
    return hours if any(index.people[i].hours for i in members) else 0


def _topic_matches(index: Index, members: list[int]) -> tuple[tuple[str, str, str], ...]:
    found: list[tuple[str, str, str]] = []
    for helper in members:
        if index.offers[helper]:
            offers = index.people[helper].offers
            for asker in members:
                if asker != helper and index.offers[helper] & index.wants[asker]:
                    topics = offers & index.people[asker].wants
                    found += [(index.people[helper].key, index.people[asker].key, topic) for topic in topics]
    return tuple(sorted(found))


def _quality(index: Index, groups: list[list[int]], circles: Sequence[Circle]) -> Quality:
    new_people = [len(members) - 1 - len(index.met[i].intersection(members)) for members in groups for i in members]
    return Quality(
        pairs=sum(circle.new_pairs + circle.repeated_pairs for circle in circles),
        new_pairs=sum(circle.new_pairs for circle in circles),
        repeated_pairs=sum(circle.repeated_pairs for circle in circles),
        least_repeats=_least_repeats(index, groups),
        circles=len(circles),
        circles_sharing_two_hours=sum(circle.shared_hours >= NEEDED_HOURS for circle in circles),
        topic_matches=sum(len(circle.topic_matches) for circle in circles),
        new_people_least=min(new_people, default=0),
        new_people_most=max(new_people, default=0),
        cost=round(sum(open_cost(index, members) for members in groups), 6),
    )


def open_cost(index: Index, members: Sequence[int]) -> float:
    """Give what a circle costs without what people said in private about one another."""
    seated = set(members)
    private = sum(wish for i in members for j, wish in index.wishes.get(i, {}).items() if j in seated)
    return circle_cost(index, members) - private


def _least_repeats(index: Index, groups: list[list[int]]) -> int:
    """Give a number of repeats below which no seating of these people in circles of these sizes can fall."""
    placed = {i for members in groups for i in members}
    met = {i: len(index.met[i] & placed) for i in placed}
    smallest = min((len(members) for members in groups), default=0)
    strangers = len(placed) * (len(placed) - 1) // 2 - sum(met.values()) // 2
    pairs = sum(len(members) * (len(members) - 1) // 2 for members in groups)
    short = sum(max(0, smallest - 1 - (len(placed) - 1 - met[i])) for i in placed)
    return max(0, pairs - strangers, -(-short // 2))
