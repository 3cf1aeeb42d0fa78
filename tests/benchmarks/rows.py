"""The rows of the table: an instance each, and who works on it. Every contestant runs in a process of its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from random import Random
from time import perf_counter

from bot.domain.formation import PRESETS, Assignment, Budget, Person, Problem, Role, Rules, Sizes, Weights, form
from bot.domain.formation.evaluate import evaluate
from bot.domain.formation.season import Circles, following, plan_season
from bot.domain.formation.season_repair import changed_seats, repair_season
from tests.benchmarks.instances import TOPICS, community, next_rotation, plain, wishful, zoned
from tests.benchmarks.measures import recount, sharing_two_hours
from tests.benchmarks.peers import annealing, genetic, greedy, shuffles
from tests.benchmarks.rosters import form_season

Figures = dict[str, float]
Work = Callable[[float], Callable[[], Figures]]
"""Given seconds at most, do the work; what comes back is counted outside the measured time."""

# Circles, their size, and the most rotations for which a schedule without repeats is known.
CELLS = {
    3: {3: 4, 4: 4, 5: 7, 6: 8, 7: 10, 8: 11, 9: 13, 10: 14},
    4: {4: 5, 5: 5, 6: 7, 7: 9, 8: 9, 9: 11, 10: 13},
    5: {5: 6, 6: 6, 7: 7, 8: 8, 9: 9, 10: 10},
    6: {6: 3, 7: 7, 8: 8, 9: 9, 10: 7},
    7: {7: 8, 8: 8, 9: 9, 10: 7},
}
PEERS = {
    "best of 1,000 shuffles": shuffles.season,
    "greedy placement": greedy.season,
    "genetic (good-enough-golfers)": genetic.season,
    "plain annealing": annealing.season,
}
OURS = "Peer Circles"
FORM = "peer-circles form, CSV to JSON"


@dataclass(frozen=True)
class Row:
    """One instance: its name, what is to be reached, and who tries."""

    name: str
    bar: str
    contestants: dict[str, Work] = field(default_factory=dict)


def rows() -> list[Row]:
    """Make all rows; nothing runs yet."""
    return [
        *(_cell(circles, size, rounds) for size, row in CELLS.items() for circles, rounds in row.items()),
        _season(32, 4, 8, "0 repeats"),
        _season(32, 4, 10, "10 repeats, 2 s"),
        _season(50, 5, 11, "33 repeats, 2 s"),
        _season(200, 5, 20, "0 repeats, 1 s"),
        _season(200, 5, 48, "0 repeats, 1 s"),
        _season(1_000, 5, 26, "0 repeats, 1 s"),
        _season(1_000, 5, 248, "0 repeats, 5 s, 100 MB"),
        _season(10_000, 5, 12, "0 repeats, 4 s, 200 MB"),
        _round_by_round(1_000, 26, "0 repeats, 2 s"),
        _round_by_round(10_000, 12, "0 repeats, 5 s"),
        _community(36, "hours", "0.95 share two hours, 10 repeats, 1 s a rotation"),
        _community(36, "new-people", ""),
        _community(15, "new-people", "0.25 share two hours, 3 repeats, 1 s a rotation"),
        Row(
            "10,000 people, all wishes",
            "0.98 share two hours, 0 repeats, 8 s",
            {OURS: _wishful(10_000), FORM: _wishful_by_form},
        ),
        Row("turnover of 20 %, 103 people x 12, preset hours", "0.95, 10 repeats, changes < 1.5", {OURS: _turnover}),
        _mentors(5_000, 1_000, "all matched, 99.99 % of the optimum, 3 s", with_scipy=True),
        _mentors(20_000, 4_000, "all matched, 20 s", with_scipy=False),
        Row("growth, 5,000 people", "", {OURS: _grown(5_000)}),
        Row("growth, 50,000 people", "at most 16 times 5,000", {OURS: _grown(50_000)}),
    ]


def _cell(circles: int, size: int, rounds: int) -> Row:
    row = _season(circles * size, size, rounds, "0 repeats, 2 s")
    return Row(f"{circles}-{size}-{rounds}", row.bar, {OURS: row.contestants[OURS]})


def _season(people: int, size: int, rotations: int, bar: str) -> Row:
    def ours(_limit: float) -> Callable[[], Figures]:
        problem = plain(people, size)
        plan = plan_season(problem, rotations)
        return lambda: recount(people, _numbered(problem, plan.rotations))

    def peer(make: Callable[..., list[list[list[int]]]]) -> Work:
        def work(limit: float) -> Callable[[], Figures]:
            made = make(people, size, rotations, limit)
            return lambda: recount(people, made) | {"wanted": rotations}

        return work

    def by_form(_limit: float) -> Callable[[], Figures]:
        made = form_season(plain(people, size), f"{size}..{size}", rotations)
        return lambda: recount(people, made)

    contestants = {OURS: ours, FORM: by_form} | {name: peer(make) for name, make in PEERS.items()}
    return Row(f"{people:,} x {size} x {rotations}", bar, contestants)


def _numbered(problem: Problem, rotations: Iterable[Circles]) -> list[list[list[int]]]:
    number = {person.key: i for i, person in enumerate(problem.people)}
    return [[[number[key] for key in circle] for circle in circles] for circles in rotations]


def _round_by_round(people: int, rotations: int, bar: str) -> Row:
    def ours(_limit: float) -> Callable[[], Figures]:
        problem, made = plain(people, 5), list[Circles]()
        first = problem
        for _ in range(rotations):
            made.append(_circles(form(problem)))
            problem = following(problem, made[-1])
        return lambda: recount(people, _numbered(first, made))

    return Row(f"{people:,} x 5 x {rotations}, round by round", bar, {OURS: ours})


def _circles(assignment: Assignment) -> Circles:
    return tuple(circle.members for circle in assignment.circles)


def _community(hours: int, preset: str, bar: str) -> Row:
    def ours(_limit: float) -> Callable[[], Figures]:
        problem = first = community(hours, weights=PRESETS[preset])
        assignments: list[Assignment] = []
        for _ in range(12):
            assignments.append(form(problem))
            problem = next_rotation(problem, assignments[-1])
        return lambda: _wishes_met(first, assignments)

    def by_form(_limit: float) -> Callable[[], Figures]:
        problem = community(hours)
        options = ("--time-limit", "12", "--preset", preset, "--facilitator-in-each")
        made = form_season(problem, "4..6", 12, *options)
        return lambda: recount(103, made) | {"sharing": sharing_two_hours(problem, made)}

    def random(limit: float) -> Callable[[], Figures]:
        problem = community(hours)
        made = shuffles.season(103, 5, 12, limit)
        return lambda: recount(103, made) | {"sharing": sharing_two_hours(problem, made)}

    def annealed(limit: float) -> Callable[[], Figures]:
        problem = community(hours)
        made = annealing.season_with_hours(problem, 12, limit)
        return lambda: recount(103, made) | {"sharing": sharing_two_hours(problem, made)}

    contestants = {OURS: ours, FORM: by_form, "best of 1,000 shuffles": random, "plain annealing": annealed}
    return Row(f"103 people x 12, {hours} hours a week, preset {preset}", bar, contestants)


def _wishes_met(problem: Problem, assignments: list[Assignment]) -> Figures:
    made = _numbered(problem, [_circles(assignment) for assignment in assignments])
    unplaced = sum(len(assignment.unplaced) for assignment in assignments)
    return recount(len(problem.people), made) | {
        "sharing": sharing_two_hours(problem, made),
        "unplaced": unplaced,
    }


def _wishful(people: int) -> Work:
    def ours(_limit: float) -> Callable[[], Figures]:
        problem = wishful(people)
        assignments = [form(problem)]
        return lambda: _wishes_met(problem, assignments)

    return ours


def _wishful_by_form(_limit: float) -> Callable[[], Figures]:
    problem = wishful(10_000)
    made = form_season(problem, "4..6", 1, "--time-limit", "7", "--facilitator-in-each", "--common-language")
    return lambda: recount(10_000, made) | {"sharing": sharing_two_hours(problem, made)}


def _turnover(_limit: float) -> Callable[[], Figures]:
    """Let 20 of 103 people leave and 20 others come before each rotation, and repair what is left of the season."""
    problem, rng, rotations = community(weights=PRESETS["hours"]), Random(1), 12
    extra = (
        replace(person, key=f"x{person.key}", role=Role.FACILITATOR if i % 4 == 0 else Role.MEMBER)
        for i, person in enumerate(zoned(41, 36, 7))
    )
    pool = (*problem.people, *extra)
    present = {person.key for person in problem.people}
    plan = plan_season(problem, rotations)
    judged: list[Assignment] = []
    changed = came_or_went = 0
    slowest = 0.0
    for number in range(rotations):
        if number:
            go = set(rng.sample(sorted(present), 20))
            come = set(rng.sample(sorted({person.key for person in pool} - present), 20))
            present = present - go | come
            problem = replace(problem, people=tuple(person for person in pool if person.key in present))
            begun = perf_counter()
            repaired = repair_season(plan, problem)
            slowest = max(slowest, (perf_counter() - begun) / (rotations - number))
            changed += changed_seats(plan.rotations[number:], repaired.rotations[number:])
            came_or_went += 40 * (rotations - number)
            plan = repaired
        judged.append(evaluate(problem, plan.rotations[number]))
        problem = following(problem, plan.rotations[number])
    circles = sum(assignment.quality.circles for assignment in judged)
    return lambda: {
        "rotations": rotations,
        "repeats": sum(assignment.quality.repeated_pairs for assignment in judged),
        "sharing": sum(assignment.quality.circles_sharing_two_hours for assignment in judged) / circles,
        "unplaced": sum(len(assignment.unplaced) for assignment in judged),
        "changes": changed / came_or_went,
        "slowest_repair": slowest,
    }


def _mentors(mentees: int, mentors: int, bar: str, *, with_scipy: bool) -> Row:
    def ours(_limit: float) -> Callable[[], Figures]:
        # Imported here because numpy counts for those rows alone that need it.
        from bot.domain.formation.mentors import assign_mentors  # noqa: PLC0415

        problem = _mentoring(mentees, mentors)
        match = assign_mentors(problem, problem.people[:mentees], problem.people[mentees:], [5] * mentors)
        return lambda: {
            "matched": sum(mentor is not None for mentor in match.mentor_of) / mentees,
            "total": match.total,
            "bound": match.bound,
        }

    def scipy(_limit: float) -> Callable[[], Figures]:
        import numpy as np  # noqa: PLC0415
        from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

        from bot.domain.formation.affinity import UNIT, affinity  # noqa: PLC0415

        problem = _mentoring(mentees, mentors)
        scores = affinity(problem, problem.people[:mentees], problem.people[mentees:]).scores(0, mentees)
        places = np.repeat(scores, 5, axis=1)
        total = places[linear_sum_assignment(places, maximize=True)].sum() / UNIT
        return lambda: {"matched": 1.0, "total": float(total)}

    def by_form(_limit: float) -> Callable[[], Figures]:
        problem = _mentoring(mentees, mentors)
        made = form_season(problem, "3..6", 1, "--mentors", "--common-language")
        return lambda: {"matched": (sum(len(circle) for circle in made[0]) - len(made[0])) / mentees}

    contestants = {OURS: ours, FORM: by_form} | ({"scipy linear_sum_assignment": scipy} if with_scipy else {})
    return Row(f"{mentees:,} mentees, {mentors:,} mentors of 5", bar, contestants)


def _mentoring(mentees: int, mentors: int) -> Problem:
    """Mentees and mentors with topics, evening hours in many zones, and two languages of which one is English."""
    rng = Random(1)
    topics = [f"{topic} {level}" for topic in TOPICS for level in (1, 2, 3)]
    people = tuple(
        replace(
            person,
            offers=frozenset(rng.sample(topics, rng.randrange(2, 7))),
            wants=frozenset(rng.sample(topics, rng.randrange(1, 5))),
            languages=frozenset({"en", rng.choice(("es", "de", "pt"))}),
            role=Role.MEMBER if i < mentees else Role.MENTOR,
            capacity=None if i < mentees else 5,
        )
        for i, person in enumerate(zoned(mentees + mentors, 18, 1))
    )
    return Problem(people, Sizes(3, 6, 6), rules=Rules(common_language=True), weights=Weights(topics=10, hours=5))


def _grown(people: int) -> Work:
    def ours(_limit: float) -> Callable[[], Figures]:
        problem = Problem(
            tuple(Person(f"p{i}") for i in range(people)), Sizes(5, 5, 5), budget=Budget(iterations=20_000)
        )
        made = [_circles(form(problem))]
        made.append(_circles(form(following(problem, made[0]))))
        return lambda: recount(people, _numbered(problem, made))

    return ours
