"""The database of a campaign: a program with people and a published rotation, made by the services themselves."""

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from bot.config import Settings, load_settings
from bot.domain.formation.problem import Reason
from bot.domain.program import ProgramRules
from bot.keys import open_cipher
from bot.services import deliveries, people, programs, rotations
from bot.services.deliveries import Outcome
from bot.services.due import run_due
from bot.services.people import Profile
from db.engine import Database, open_database
from db.migrate import upgrade
from db.models import Person, Unplaced
from tests.services.season import WORLD

GUILD = 1_000 << 22  # on shard 0, of however many up to 1,000
LOBBY = GUILD + 1
FIRST_USER = 2_000_000_000_000_000_000
SIZE = 5
UNFINISHED = (
    "SELECT count(*) FROM delivery WHERE lower(state) IN ('pending', 'inflight')"
    " OR lower(state) = 'done' AND look_at IS NOT NULL"
)
CONFIG = """\
[delivery]
dm_seconds = 0.0
dm_daily = 100000
[limits]
member_uses = 100000
guild_uses = 100000
[log]
level = "INFO"
"""


class Seat(NamedTuple):
    """Somebody in a circle whose check-in is open, the key of its card, and the thread it is in."""

    user: int
    checkin: int
    key: str
    thread: int


@dataclass(frozen=True)
class Place:
    """A folder with a configuration, a database and keys; user ids count up from FIRST_USER."""

    folder: Path
    users: tuple[int, ...]

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / "peer-circles.db"

    def copy(self, folder: Path) -> "Place":
        """Copy everything into another folder, which must not exist."""
        return replace(self, folder=Path(shutil.copytree(self.folder, folder)))

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the database beside whoever writes it."""
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(query, values).fetchall()

    def seats(self) -> list[Seat]:
        """Return everybody who may answer the open check-in."""
        found = self.rows(
            "SELECT person.user_id, checkin.id, delivery.key, circle.thread_id FROM checkin"
            " JOIN circle ON circle.id = checkin.circle_id"
            " JOIN membership ON membership.circle_id = circle.id"
            " JOIN person ON person.id = membership.person_id"
            " JOIN delivery ON delivery.checkin_id = checkin.id AND lower(delivery.kind) LIKE 'checkin%card'"
            " ORDER BY person.user_id"
        )
        return [Seat(*each) for each in found]

    def unfinished(self) -> int:
        """Return how many deliveries have still to leave, or to be looked for once more."""
        return self.rows(UNFINISHED)[0][0]


def guild(channels: Sequence[int] = (LOBBY,), members: int = 1_000, guild_id: int = GUILD) -> dict[str, Any]:
    """Return the guild of a campaign, as the server wants it."""
    return {"id": guild_id, "channels": list(channels), "members": members}


class Stage(StrEnum):
    """How far the program of a place has come."""

    DUE = "due"  # its first rotation comes due at the bot's start
    PUBLISHED = "published"  # the rotation is published, and nothing of it delivered
    OPEN = "open"  # everything is delivered, and each circle's check-in is open


def make_place(folder: Path, circles: int, without_circle: int = 0, stage: Stage = Stage.PUBLISHED) -> Place:
    """Make a place: a program whose members form full circles, and some who came too late for one."""
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    settings = load_settings(folder / "config.toml", {})
    upgrade(settings.database_file)
    users = tuple(range(FIRST_USER, FIRST_USER + circles * SIZE + without_circle))
    asyncio.run(_fill(settings, users[: circles * SIZE], users[circles * SIZE :], stage))
    return Place(folder, users)


async def _fill(settings: Settings, users: Sequence[int], late: Sequence[int], stage: Stage) -> None:
    """Let people join a program whose rotation and check-in came due at the last full hour, or long after."""
    now = datetime.now(UTC)
    due = now.replace(minute=0, second=0, microsecond=0)
    before, far = due - timedelta(hours=1), timedelta(days=28 if stage is Stage.PUBLISHED else 0)
    async with open_database(settings.database_file, open_cipher(settings)) as database:
        rules = ProgramRules(
            name="Circles",
            lobby_channel_id=LOBBY,
            zone="UTC",
            first_day=due.date() + far,
            size_least=SIZE,
            size_wanted=SIZE,
            size_most=SIZE,
            checkin_weekday=(due + timedelta(days=stage is not Stage.OPEN)).weekday(),
            checkin_hour=due.hour,
            auto_publish=True,
        )
        made = await programs.start_draft(database, GUILD, rules, before)
        await programs.activate(database, GUILD, made.id, before)
        for user in users:
            await people.join(database, GUILD, made.id, user, Profile(), before)
        if stage is Stage.PUBLISHED:
            await _publish(database, made.id, late, now)
        elif stage is Stage.OPEN:
            await due_and_delivered(database, due)


async def due_and_delivered(database: Database, now: datetime) -> None:
    """Carry out what is due, and every delivery that it writes, as if Discord had done each."""
    await run_due(database, WORLD, now, lambda: 7)
    while (job := await deliveries.claim(database, now)) is not None:
        await deliveries.finish(database, job, Outcome(GUILD + 1_000 + job.id, LOBBY), now)


async def _publish(database: Database, program_id: int, late: Sequence[int], now: datetime) -> None:
    """Publish a rotation in which those who came late have no circle."""
    draft = await rotations.draft_rotation(database, WORLD, GUILD, program_id, now, 7)
    for user in late:
        await people.join(database, GUILD, program_id, user, Profile(), now)

    async def leave_out(session: Any) -> None:
        for user in late:
            person = await session.scalar(select(Person.id).where(Person.user_id == user))
            session.add(Unplaced(rotation_id=draft.id, person_id=person, reason=Reason.SIZES_DO_NOT_ADD_UP))

    await database.write(leave_out)
    await rotations.publish_rotation(database, WORLD, GUILD, draft.id, now)
