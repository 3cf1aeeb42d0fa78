"""A problem with people as numbers 0..n-1, hours, languages and topics as bitsets, and history as sparse rows."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from bot.domain.formation.problem import HOURS_A_WEEK, Person, Problem, Role

ANY_HOUR = (1 << HOURS_A_WEEK) - 1
SPARING = 0.02  # what a pair who share as many hours as a person has costs, in hours' weights
NEAR_UP_TO = 300  # people whose pairs all stand in a table; larger communities need not spare theirs
EVENING = 0.02  # how much more a repeat costs, in its weights, to one who has met nobody than to who met most
FADING = 0.8  # how much of an encounter's extra weight is left after one more rotation


class Index:
    """All that the search asks about people, by number; built once for a problem and never changed.

    `rows[i][j]` is what i and j cost in one circle through history and feedback, `near[i][j]` their whole
    price where people are few; `free[i]` holds the hours of the week, all of them for a person who told none;
    `level[i]` and `cohort[i]` are equal only where two people have told the same; `behind[i]` is 0 for whoever
    has met most people, up to 1 for who met none; `speaks[i]` is all ones unless a common language is asked.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.people = problem.people
        self.n = len(problem.people)
        self.number = {person.key: i for i, person in enumerate(problem.people)}
        self.weights = problem.weights
        self.free = [person.hours or ANY_HOUR for person in problem.people]
        self.told_hours = any(person.hours for person in problem.people)
        self.sparing = self._sparing()
        self._size_cost = [self.weights.sizes * (k - problem.sizes.wanted) ** 2 for k in range(problem.sizes.most + 1)]
        self._read_rules(problem)
        self._read_wishes(problem)
        self.rows: list[dict[int, float]] = [{} for _ in problem.people]
        self._read_history(problem)
        self._read_feedback(problem)
        furthest = max(map(len, self.met), default=0) or 1
        self.behind = [1 - len(met) / furthest for met in self.met]
        self.near = self._table_of_pairs() if self.n <= NEAR_UP_TO else []

    def _sparing(self) -> float:
        """Price an hour that a pair shares: those who share many are spared for later rotations, if people are few."""
        told = [person.hours.bit_count() for person in self.people if person.hours]
        if not told or self.n > NEAR_UP_TO:
            return 0.0
        return SPARING * self.weights.hours * len(told) / sum(told)

    def size_cost(self, size: int) -> float:
        """Price a circle's distance from the wanted size."""
        return self._size_cost[size] if size < len(self._size_cost) else 0.0

    def _read_rules(self, problem: Problem) -> None:
        """Take the hard rules: who avoids whom, who speaks what, who leads and how many a mentor takes."""
        self.avoid: list[set[int]] = [set() for _ in problem.people]
        for pair in sorted(sorted(self.number[key] for key in pair if key in self.number) for pair in problem.avoid):
            if len(pair) == 2:
                self.avoid[pair[0]].add(pair[1])
                self.avoid[pair[1]].add(pair[0])
        self.any_avoid = any(self.avoid)
        self.ask_language = problem.rules.common_language
        self.speaks = _bitsets(person.languages for person in problem.people) if self.ask_language else [-1] * self.n
        self.ask_lead = problem.rules.facilitator_in_each
        self.leads = [person.role is not Role.MEMBER for person in problem.people]
        self.mentors = [person.role is Role.MENTOR for person in problem.people]
        self.room = [_room(person, self.n) for person in problem.people]
        self.any_capacity = any(room < self.n for room in self.room)

    def _read_wishes(self, problem: Problem) -> None:
        """Take the soft wishes about topics, experience and cohorts."""
        topics = sorted({topic for person in problem.people for topic in person.wants | person.offers})
        bit = {topic: 1 << k for k, topic in enumerate(topics)}
        self.offers = [sum(bit[topic] for topic in person.offers) for person in problem.people]
        self.wants = [sum(bit[topic] for topic in person.wants) for person in problem.people]
        self.any_topics = bool(self.weights.topics) and any(self.offers) and any(self.wants)
        wanted = problem.sizes.wanted
        pairs = max(1, wanted * (wanted - 1) // 2)
        self.same_level = self.weights.experience / pairs
        self.same_cohort = self.weights.cohorts / pairs
        self.one_unhelped = self.weights.topics / max(1, wanted)
        self.level = _groups([None if p.experience is None else str(p.experience) for p in problem.people])
        self.cohort = _groups([p.cohort or None for p in problem.people])
        self.any_mix = (bool(self.same_level) and max(self.level, default=-1) >= 0) or (
            bool(self.same_cohort) and max(self.cohort, default=-1) >= 0
        )

    def _read_history(self, problem: Problem) -> None:
        """Each encounter adds the repeats weight, and up to as much again the more recent it is."""
        rows, number = self.rows, self.number
        for past in problem.history:
            age = max(0, problem.rotation - past.rotation - 1)
            weight = self.weights.repeats * (1 + FADING**age)
            seats = sorted(number[key] for key in past.members if key in number)
            first_time = dict.fromkeys(seats, weight)
            for i in seats:
                row = rows[i]
                if row.keys().isdisjoint(seats):
                    row.update(first_time)
                else:
                    for j in seats:
                        row[j] = row.get(j, 0.0) + weight
                del row[i]
        self.met = [set(row) for row in rows]

    def _read_feedback(self, problem: Problem) -> None:
        """Let a wish weigh on the pair, whoever of the two gave it."""
        self.bonus = 0.0
        self.wishes: dict[int, dict[int, float]] = {}
        for feedback in problem.feedback:
            i, j = self.number.get(feedback.person), self.number.get(feedback.about)
            if i is None or j is None or i == j:
                continue
            cost = -self.weights.feedback * max(-1.0, min(1.0, feedback.wish))
            mine = self.wishes.setdefault(i, {})
            mine[j] = mine.get(j, 0.0) + cost
            self.rows[i][j] = self.rows[i].get(j, 0.0) + cost
            self.rows[j][i] = self.rows[j].get(i, 0.0) + cost
            self.bonus += max(0.0, -cost)

    @property
    def only_history(self) -> bool:
        """Whether nothing but the sizes and past encounters bears on this problem."""
        rules = self.any_avoid or self.ask_language or self.ask_lead or self.any_capacity
        return not (rules or self.told_hours or self.any_topics or self.any_mix)

    def pair(self, i: int, j: int) -> float:
        """Give what two people cost in one circle."""
        cost = self.rows[i].get(j, 0.0)
        if self.level[i] == self.level[j]:
            cost += self.same_level
        if self.cohort[i] == self.cohort[j]:
            cost += self.same_cohort
        if j in self.met[i]:
            cost += self.weights.repeats * EVENING * (self.behind[i] + self.behind[j])
        if self.sparing:
            cost += self.sparing * (self.free[i] & self.free[j]).bit_count()
        return cost

    def _table_of_pairs(self) -> list[list[float]]:
        """Price all pairs of a small community at once."""
        table = [[0.0] * self.n for _ in range(self.n)]
        for i, j in combinations(range(self.n), 2):
            table[i][j] = table[j][i] = self.pair(i, j)
        return table

    def repeats(self, members: Sequence[int]) -> int:
        """How many pairs of a circle have met before."""
        return sum(j in self.met[i] for i, j in combinations(members, 2))

    def keys(self, members: Iterable[int]) -> tuple[str, ...]:
        """Give the keys of some people, sorted."""
        return tuple(sorted(self.people[i].key for i in members))


def _room(person: Person, n: int) -> int:
    """How many people who are no mentors may sit in this person's circle."""
    return n if person.role is not Role.MENTOR or person.capacity is None else person.capacity


def _groups(labels: Sequence[str | None]) -> list[int]:
    """Equal numbers from 0 for equal labels, and a negative number of their own for those without."""
    number = {label: k for k, label in enumerate(sorted({label for label in labels if label is not None}))}
    return [-1 - i if label is None else number[label] for i, label in enumerate(labels)]


def _bitsets(values: Iterable[frozenset[str]]) -> list[int]:
    """Each set of words as a bitset over all words."""
    sets = list(values)
    bit = {word: 1 << k for k, word in enumerate(sorted(set[str]().union(*sets)))}
    return [sum(bit[word] for word in words) for words in sets]
