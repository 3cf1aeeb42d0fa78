"""A program that runs: people, a published rotation, and a messenger that always succeeds."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from bot.domain.formation import Assignment, Budget, Problem, form
from bot.domain.program import ProgramRules
from bot.domain.states import DeliveryKind
from bot.services import answers, deliveries, due, people, programs
from bot.services.deliveries import Job, Outcome
from bot.services.people import Profile
from bot.services.ports import World
from bot.services.posts import Reflection
from db.engine import Database
from db.models import Base, CheckIn

GUILD = 900
LOBBY = 901
FIRST_DAY = date(2026, 11, 2)  # a Monday
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
REMIND, CLOSE = START + 2 * DAY, START + 4 * DAY


async def form_here(problem: Problem, _progress: object = None) -> Assignment:
    """Form circles in this process, and not for long: how good they are matters little here."""
    return form(replace(problem, budget=Budget(iterations=50)))


async def nobody_gone(_guild_id: int, _user_ids: object) -> frozenset[int]:
    """Say that everybody is still there."""
    return frozenset()


def lacks_nothing(_guild_id: int, _channel_id: int) -> tuple[str, ...]:
    """Say that the bot may do all it needs."""
    return ()


WORLD = World(form_here, nobody_gone, lacks_nothing)


@dataclass(frozen=True)
class Season:
    """A running program; user ids count from 1."""

    database: Database
    program_id: int
    users: tuple[int, ...]

    async def run(self, now: datetime) -> None:
        """Carry out what is due at a moment."""
        await due.run_due(self.database, WORLD, now, lambda: 7)

    async def deliver(self, now: datetime, *refused: DeliveryKind) -> list[Job]:
        """Carry every delivery out, as Discord would; some kinds are refused for good with closed DMs."""
        jobs: list[Job] = []
        while (job := await deliveries.claim(self.database, now)) is not None:
            outcome = Outcome(error_code=50007) if job.kind in refused else Outcome(10_000 + job.id, 20_000)
            await deliveries.finish(self.database, job, outcome, now)
            jobs.append(job)
        return jobs

    async def happen(self, now: datetime, *refused: DeliveryKind) -> list[Job]:
        """Carry out what is due at a moment, then every delivery it wrote."""
        await self.run(now)
        return await self.deliver(now, *refused)

    async def rows(self, kind: type[Base], *wanted: object) -> list[Base]:
        """Return the stored rows of a kind, the oldest first."""
        query = select(kind).where(*wanted).order_by(kind.id)

        async def load(session):
            return list((await session.scalars(query)).all())

        return await self.database.read(load)


async def start_season(database: Database, members: int = 4, **changes: object) -> Season:
    """Start a program whose rotations and check-ins fall on Mondays at 09:00 UTC, and let people join."""
    before = START - DAY
    rules = ProgramRules(
        name="Circles", lobby_channel_id=LOBBY, zone="UTC", first_day=FIRST_DAY, checkin_hour=9, auto_publish=True
    )
    made = await programs.start_draft(database, GUILD, rules, before)
    if changes:
        await programs.change_program(database, GUILD, made.id, changes, before)
    await programs.activate(database, GUILD, made.id, before)
    users = tuple(range(1, members + 1))
    for user in users:
        await people.join(database, GUILD, made.id, user, Profile(), before)
    return Season(database, made.id, users)


async def keep_silent(season: Season, *speakers: int, weeks: int = 3, refused: tuple[DeliveryKind, ...] = ()) -> None:
    """Let check-ins pass that only the speakers answer, from the one that is open at the start."""
    for week in range(weeks):
        if week:
            await season.happen(START + week * WEEK, *refused)
        checkin = (await season.rows(CheckIn))[-1]
        for user in speakers:
            await answers.save(season.database, checkin.id, user, Reflection(3), START + week * WEEK + HOUR)
        await season.happen(CLOSE + week * WEEK, *refused)
