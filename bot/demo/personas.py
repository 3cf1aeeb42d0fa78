"""Who takes part in the demo: every trait is drawn from one seeded generator, so that a seed tells the whole story."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from random import Random

from bot.demo.words import PLACES, SPOKEN, TOPICS, Place
from bot.services.people import EXPERIENCES

JOINING_DAYS = 9  # between the set-up and the first rotation
LATE, QUIET, PAUSING, SKIPPING, LEAVING, VANISHING, AVOIDING = 0.1, 0.08, 0.1, 0.06, 0.05, 0.03, 0.08
ERASING = 0.5  # of those who leave
DMS_CLOSED, DMS_CLOSED_IF_QUIET = 0.08, 0.4


@dataclass(frozen=True, slots=True)
class Persona:
    """One simulated member; weeks count from the first day of the first rotation, None is never.

    `rate` is how likely she answers a check-in, `prompt` how likely that is
    before the reminder; whoever leaves and `erases` has her data erased.
    """

    name: str
    place: Place
    helps_with: str
    wants_help_with: str
    languages: str
    experience: str
    days: tuple[int, ...]
    hours: tuple[int, ...]
    rate: float
    prompt: float
    mood: float
    uses_command: float
    joins_after: timedelta
    dms_closed: bool = False
    quiet_from: int | None = None
    pauses_in: int | None = None
    pause_weeks: int = 2
    skips_in: int | None = None
    leaves_in: int | None = None
    erases: bool = False
    vanishes_in: int | None = None
    avoids_in: int | None = None


def draw_personas(random: Random, members: int, weeks: int) -> tuple[Persona, ...]:
    """Draw everybody; the first fourteen each live in another zone."""
    places = [*random.sample(PLACES, len(PLACES)), *random.choices(PLACES, k=members)][:members]
    names = _names(random, places)
    everybody = [_draw(random, name, place) for name, place in zip(names, places, strict=True)]
    for fate, share in (
        (_late, LATE),
        (_quiet, QUIET),
        (_pausing, PAUSING),
        (_skipping, SKIPPING),
        (_leaving, LEAVING),
        (_vanishing, VANISHING),
        (_avoiding, AVOIDING),
    ):
        for index in random.sample(range(members), min(members, ceil(share * members))):
            everybody[index] = fate(random, everybody[index], weeks)
    return tuple(_with_door(random, persona) for persona in everybody)


def _names(random: Random, places: Sequence[Place]) -> list[str]:
    """Name everybody after the place they live in; a second Lena is called Lena 2."""
    shuffled = {place: random.sample(place.names, len(place.names)) for place in PLACES}
    used = Counter[Place]()
    given: list[str] = []
    for place in places:
        turn, index = divmod(used[place], len(place.names))
        given.append(shuffled[place][index] + (f" {turn + 1}" if turn else ""))
        used[place] += 1
    return given


def _draw(random: Random, name: str, place: Place) -> Persona:
    topics = random.sample(TOPICS, 4)
    helps = random.randint(1, 2)
    days, hours = _draw_hours(random)
    spoken = ["English", *([SPOKEN[place.zone]] if place.zone in SPOKEN else [])]
    return Persona(
        name=name,
        place=place,
        helps_with=", ".join(topics[:helps]),
        wants_help_with=", ".join(topics[helps:]),
        languages=", ".join(spoken),
        experience=random.choices(EXPERIENCES, (2, 4, 4, 3, 1))[0],
        days=days,
        hours=hours,
        rate=random.betavariate(9, 1.2),
        prompt=random.betavariate(6, 2),
        mood=random.gauss(3.4, 0.6),
        uses_command=random.choice((0.0, 0.0, 0.1, 0.6)),
        joins_after=timedelta(minutes=random.randrange(60, JOINING_DAYS * 24 * 60)),
    )


def _draw_hours(random: Random) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Draw a habit: evenings, early mornings, lunch breaks, whole weekends, or hours as one likes."""
    begins, lasts, days = random.choices(
        ((18, 4, range(5)), (6, 3, range(5)), (11, 4, range(5)), (9, 11, (5, 6)), (8, 14, range(5))),
        (5, 2, 2, 2, 3),
    )[0]
    shift = random.randint(-1, 1)
    free = random.sample(list(days), random.randint(max(2, len(days) - 2), len(days)))
    return tuple(sorted(free)), tuple(range(begins + shift, begins + shift + lasts))


def _late(random: Random, persona: Persona, weeks: int) -> Persona:
    """Let somebody hear of the programme only once it runs."""
    after = timedelta(days=JOINING_DAYS, hours=random.randrange(24, max(48, weeks * 7 * 24 // 2)))
    return replace(persona, joins_after=after)


def _quiet(random: Random, persona: Persona, weeks: int) -> Persona:
    return replace(persona, quiet_from=random.randint(1, max(1, weeks // 2)))


def _pausing(random: Random, persona: Persona, weeks: int) -> Persona:
    return replace(persona, pauses_in=random.randint(1, max(1, weeks - 2)), pause_weeks=random.randint(1, 4))


def _skipping(random: Random, persona: Persona, weeks: int) -> Persona:
    return replace(persona, skips_in=random.randint(1, max(1, weeks * 2 // 3)))


def _leaving(random: Random, persona: Persona, weeks: int) -> Persona:
    return replace(persona, leaves_in=random.randint(1, max(1, weeks - 1)), erases=random.random() < ERASING)


def _vanishing(random: Random, persona: Persona, weeks: int) -> Persona:
    return replace(persona, vanishes_in=random.randint(1, max(1, weeks - 1)))


def _avoiding(random: Random, persona: Persona, weeks: int) -> Persona:
    return replace(persona, avoids_in=random.randint(1, max(1, weeks - 2)))


def _with_door(random: Random, persona: Persona) -> Persona:
    """Close the direct messages of some, more often of those who fall silent."""
    share = DMS_CLOSED if persona.quiet_from is None else DMS_CLOSED_IF_QUIET
    return replace(persona, dms_closed=random.random() < share)
