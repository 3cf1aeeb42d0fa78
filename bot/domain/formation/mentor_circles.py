"""Circles around mentors: one mentor in each, their mentees by the best assignment, hard rules always kept."""

from collections import Counter
from dataclasses import replace
from random import Random

from bot.domain.formation.index import Index
from bot.domain.formation.judge import judge
from bot.domain.formation.mentors import assign_mentors
from bot.domain.formation.meter import Meter
from bot.domain.formation.problem import Assignment, Person, Problem, Reason, Role, Sizes, Unplaced
from bot.domain.formation.rescue import find_hopeless, rescue
from bot.domain.formation.seating import Seating


def form_around_mentors(problem: Problem) -> Assignment:
    """Give each mentor a circle of the mentees who suit them best; everybody who is no mentor is a mentee."""
    led = _led_by_mentors(problem)
    mentors = [person for person in led.people if person.role is Role.MENTOR]
    mentees = [person for person in led.people if person.role is not Role.MENTOR]
    index = Index(led)
    seating = Seating(index, _lawful_circles(index, _gather(led, mentees, mentors)))
    rescue(seating, find_hopeless(index), Random(led.seed), Meter(led.budget))
    return _in_words_of_mentors(judge(seating))


def places(sizes: Sizes, mentors: list[Person], mentees: int) -> list[int]:
    """How many mentees each mentor takes at most, as even as their capacities allow while all find a place."""
    room = [min(sizes.most - 1, sizes.most if p.capacity is None else p.capacity) for p in mentors]
    level = next(
        (level for level in range(sizes.most) if sum(min(places, level) for places in room) >= mentees),
        sizes.most,
    )
    return [max(0, min(places, level)) for places in room]


def _led_by_mentors(problem: Problem) -> Problem:
    """Give the problem in which only mentors may lead and each circle needs one."""
    people = tuple(
        replace(person, role=Role.MEMBER) if person.role is Role.FACILITATOR else person for person in problem.people
    )
    return replace(problem, people=people, rules=replace(problem.rules, facilitator_in_each=True))


def _gather(problem: Problem, mentees: list[Person], mentors: list[Person]) -> list[list[Person]]:
    """Each mentor with their mentees; mentors who are one too many for the least size are left out."""
    needed = max(1, problem.sizes.least - 1)
    able = [mentor for mentor in mentors if mentor.capacity is None or mentor.capacity >= needed]
    if problem.rules.common_language:
        able = _with_one_language(able, mentees)
    room = places(problem.sizes, able, len(mentees))
    match = assign_mentors(problem, mentees, able, room)
    most = len(mentees) // needed
    if len(able) > most:
        liked = [0] * len(able)
        for mentor in match.mentor_of:
            if mentor is not None:
                liked[mentor] += 1
        kept = sorted(range(len(able)), key=lambda j: (-liked[j], j))[:most]
        able = [able[j] for j in sorted(kept)]
        match = assign_mentors(problem, mentees, able, places(problem.sizes, able, len(mentees)))
    circles = [[mentor] for mentor in able]
    for mentee, mentor in zip(mentees, match.mentor_of, strict=True):
        if mentor is not None:
            circles[mentor].append(mentee)
    return circles


def _with_one_language(mentors: list[Person], mentees: list[Person]) -> list[Person]:
    """Give the mentors, each with the one language of their circle, shared out by how many mentees speak each."""
    speakers: Counter[str] = Counter()
    for mentee in mentees:
        speakers.update(dict.fromkeys(sorted(mentee.languages), 1))
    circles: Counter[str] = Counter()
    made: list[Person] = []
    for mentor in mentors:
        spoken = sorted(mentor.languages)
        chosen = max(spoken, key=lambda word: speakers[word] / (1 + circles[word]), default=None)
        circles[chosen or ""] += 1
        made.append(replace(mentor, languages=frozenset(spoken if chosen is None else (chosen,))))
    return made


def _lawful_circles(index: Index, circles: list[list[Person]]) -> list[list[int]]:
    """Give the circles by number, without mentees whom a hard rule keeps from those already there."""
    made: list[list[int]] = []
    for people in circles:
        members: list[int] = []
        speaks = -1
        for i in (index.number[person.key] for person in people):
            if index.speaks[i] & speaks and index.avoid[i].isdisjoint(members):
                members.append(i)
                speaks &= index.speaks[i]
        made.append(members)
    return made


def _in_words_of_mentors(assignment: Assignment) -> Assignment:
    """Give the same assignment, where the lack of somebody to lead is the lack of a mentor."""
    unplaced = tuple(Unplaced(one.key, _of_mentors(one.reason)) for one in assignment.unplaced)
    relax = None if assignment.relax is None else _of_mentors(assignment.relax)
    return replace(assignment, unplaced=unplaced, relax=relax)


def _of_mentors(reason: Reason) -> Reason:
    return Reason.NO_MENTOR if reason is Reason.NO_FACILITATOR else reason
