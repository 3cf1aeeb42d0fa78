"""Disclosure control: what a closed wave may publish, and the rule that holds back the rest.

The answers of those who may read results are in no figure, so that nobody can subtract their own. People
count from five on, whatever is combined with whatever was published before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.survey.change import disclose_change
from bot.domain.survey.inference import cronbach_alpha, mean_interval
from bot.domain.survey.publication import Average, Consistency, Decision, Disclosed, Ledger, Publication, Rule
from bot.domain.survey.wave import LEAST_GROUP, Asked, Wave, count_people, find_fault, scores_of, tenths

ALPHA_PEOPLE = 30
ALPHA_ITEMS = 3

People = tuple[Asked, ...]


def disclose(wave: Wave, published: Sequence[Publication] = (), least: int = LEAST_GROUP) -> Publication:
    """Decide what a closed wave publishes, beside all that the programme's pulses have published before.

    A wave that has been published already gives back its snapshot, whatever has been erased since.
    """
    if least < LEAST_GROUP:
        raise ValueError(f"no group smaller than {LEAST_GROUP} is ever published")
    for snapshot in published:
        if snapshot.wave == wave.key:
            return snapshot
    return _publish(wave, published, least)


def _publish(wave: Wave, published: Sequence[Publication], least: int) -> Publication:
    members = wave.members
    circles = _Circles(wave, _by_circle(members), least)
    fault = find_fault(members, wave.scale, least)
    chosen = circles.with_a_figure(whole=fault is None)
    ledger = Ledger(
        everyone=_answered(members) if fault is None else frozenset(),
        circles=tuple(_answered(circles.people[name]) for name in sorted(chosen)),
        readers=wave.all_readers,
    )
    change, ledger = (None, ledger) if fault else disclose_change(wave, ledger, published, least)
    return Publication(
        wave=wave.key,
        number=wave.number,
        instrument=wave.instrument,
        asked=len(members),
        turnout=count_people(len(_answered(members)), len(members), least),
        programme=_average(wave, members, fault),
        circles=circles.results(chosen, fault),
        change=change,
        reliability=_reliability(members, fault, least),
        ledger=ledger,
    )


@dataclass(frozen=True, slots=True)
class _Circles:
    wave: Wave
    people: Mapping[str, People]
    least: int

    def with_a_figure(self, *, whole: bool) -> frozenset[str]:
        """Choose the circles with a figure of their own.

        Beside the programme's figure theirs also tell that of the rest: the smallest circles join the rest
        until its figure may be known too, or until nobody is left in it.
        """
        people = self.people
        chosen = {name for name, group in people.items() if self._fault(group) is None}
        for name in sorted(chosen, key=lambda name: (len(_answered(people[name])), name)) if whole else ():
            rest = tuple(person for other in people.keys() - chosen for person in people[other])
            if not rest or self._fault(rest) is None:
                break
            chosen.remove(name)
        return frozenset(chosen)

    def results(self, chosen: frozenset[str], whole: Rule | None) -> tuple[tuple[str, Disclosed[Average]], ...]:
        """Return each circle's figure, or what becomes of its people's answers instead."""
        instead = Decision.WITHHOLD if whole else Decision.MERGE
        return tuple(
            (name, self._result(group, None if name in chosen else instead)) for name, group in self.people.items()
        )

    def _result(self, group: People, instead: Decision | None) -> Disclosed[Average]:
        if instead is None:
            return _average(self.wave, group, None)
        return Disclosed(instead, rule=self._fault(group) or Rule.REST)

    def _fault(self, people: People) -> Rule | None:
        return find_fault(people, self.wave.scale, self.least)


def _by_circle(members: Sequence[Asked]) -> dict[str, People]:
    circles: dict[str, People] = {}
    for person in sorted(members, key=lambda person: (person.circle, person.key)):
        circles[person.circle] = (*circles.get(person.circle, ()), person)
    return circles


def _average(wave: Wave, people: People, fault: Rule | None) -> Disclosed[Average]:
    if fault:
        return Disclosed(Decision.WITHHOLD, rule=fault)
    found = mean_interval(list(scores_of(people).values()), wave.scale)
    figures = Average(tenths(found.mean), tenths(found.interval.low), tenths(found.interval.high))
    return Disclosed(Decision.PUBLISH, figures)


def _reliability(members: People, fault: Rule | None, least: int) -> Disclosed[Consistency] | None:
    answered = [person for person in members if person.score is not None]
    tables = [person.answers for person in answered if person.answers is not None]
    if not tables:
        return None
    if rule := fault or _alpha_fault(tables, len(answered) - len(tables), least):
        return Disclosed(Decision.WITHHOLD, rule=rule)
    found = cronbach_alpha(tables)
    figures = Consistency(round(found.alpha, 2), round(found.interval.low, 2), round(found.interval.high, 2))
    return Disclosed(Decision.PUBLISH, figures)


def _alpha_fault(tables: Sequence[tuple[int, ...]], others: int, least: int) -> Rule | None:
    """Find the rule against alpha: too little for it, or too few who answered the pulse but are not in it."""
    if len(tables) < ALPHA_PEOPLE or len(tables[0]) < ALPHA_ITEMS:
        return Rule.RELIABILITY
    if len({sum(table) for table in tables}) == 1:
        return Rule.ALIKE
    return Rule.DIFFERENCE if 0 < others < least else None


def _answered(people: Sequence[Asked]) -> frozenset[str]:
    return frozenset(scores_of(people))
