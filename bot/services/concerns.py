"""Raising a concern by name or without, and reading the answer.

Of a concern without a name nothing is kept outside the vault, and in it nothing by which its author could be found:
only the receipt's code leads to it, which is shown once and kept nowhere.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.concerns import (
    Concern,
    ConcernKind,
    Line,
    Theme,
    Voice,
    dump_concern,
    first_day_after,
    quarter_of,
    week_of,
)
from bot.errors import Conflict, NotAllowed
from bot.services import concern_store as store
from bot.services.concern_store import ConcernCard, bell_after
from bot.services.ports import Surveys
from bot.services.work import reads
from db import people as people_queries
from db import programs as program_queries
from db.engine import Database

MOST_A_WEEK = 3
CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_PARTS, PART_LENGTH = 5, 4  # 99 bits: nobody guesses one
KEY_BYTES = 16
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody writes when they raise a concern; `about` are users whom it is about."""

    kind: ConcernKind
    theme: Theme
    words: str
    about: tuple[int, ...]
    admins_only: bool


async def raise_concern(
    database: Database,
    surveys: Surveys,
    guild_id: int,
    program_id: int,
    user_id: int,
    report: Report,
    now: datetime,
    *,
    named: bool,
) -> str | None:
    """Keep a concern; return the receipt's code of one without a name. A person may raise a few each week."""
    words = store.checked(report.words)
    await require_member(database, guild_id, program_id, user_id)
    await _take_turn(surveys, guild_id, user_id, now.date())
    concern = Concern(
        program_id=program_id,
        guild_id=guild_id,
        kind=report.kind,
        theme=report.theme,
        week=week_of(now.date()),
        quarter=quarter_of(now.date()),
        counts=await _counts(surveys, program_id, report.kind, (guild_id, user_id), now.date()),
        admins_only=report.admins_only,
        by=user_id if named else None,
        about=report.about,
        apart=tuple(surveys.vault.person_key(guild_id, user) for user in report.about),
        lines=(Line(Voice.REPORTER, week_of(now.date()), words),),
    )
    code = None if named else _new_code()
    row_key = secrets.token_bytes(KEY_BYTES) if code is None else surveys.vault.concerns.key_of(_plain(code))
    await surveys.vault.concerns.keep(program_id, row_key, dump_concern(concern), bell_after(now, named=named))
    return code


async def read_receipt(surveys: Surveys, code: str) -> ConcernCard:
    """Return the concern that a receipt's code belongs to."""
    return await store.find(surveys, surveys.vault.concerns.key_of(_plain(code)).hex())


async def write_back(surveys: Surveys, code: str, words: str, now: datetime) -> ConcernCard:
    """Add to a concern without a name; moderators hear of it later, as of a new one."""
    card = await read_receipt(surveys, code)
    return await store.add_line(surveys, card, Voice.REPORTER, words, now, bell_after(now, named=False))


async def take_back(surveys: Surveys, code: str) -> None:
    """Delete a concern without a name, with all that was written about it."""
    card = await read_receipt(surveys, code)
    await store.change(surveys, card.key, lambda _concern: None)


async def list_own(database: Database, surveys: Surveys, user_id: int, guild_id: int | None) -> Sequence[ConcernCard]:
    """Return the concerns that somebody raised by name in one guild, or (None) in all."""
    programs = await list_programs(database, user_id, guild_id)
    return [
        card
        for program_id in programs
        for card in await store.list_of(surveys, program_id)
        if card.concern.by == user_id
    ]


async def get_own(surveys: Surveys, key: str, user_id: int) -> ConcernCard:
    """Return a concern to whoever raised it by name."""
    card = await store.find(surveys, key)
    if card.concern.by != user_id:
        raise NotAllowed("concern.not-yours")
    return card


async def write_back_own(surveys: Surveys, key: str, user_id: int, words: str, now: datetime) -> ConcernCard:
    """Add to a concern that somebody raised by name."""
    card = await get_own(surveys, key, user_id)
    return await store.add_line(surveys, card, Voice.REPORTER, words, now, bell_after(now, named=True))


@reads
async def list_programs(session: AsyncSession, user_id: int, guild_id: int | None) -> tuple[int, ...]:
    """Return every program of the guilds that know somebody, or of one of them."""
    persons = await people_queries.list_people_of_user(session, user_id)
    guilds = [person.guild_id for person in persons if guild_id in (None, person.guild_id)]
    return tuple([program for guild in guilds for program in await program_queries.list_program_ids(session, guild)])


@reads
async def require_member(session: AsyncSession, guild_id: int, program_id: int, user_id: int) -> None:
    """Let through who takes part in a program or ever did: also whoever left may have a reason to speak."""
    program = await program_queries.get_program(session, guild_id, program_id)
    person = await people_queries.find_person(session, guild_id, user_id)
    if person is None or await people_queries.find_enrollment(session, program.id, person.id) is None:
        raise NotAllowed("concern.members-only", program=program.name)


async def _take_turn(surveys: Surveys, guild_id: int, user_id: int, today: date) -> None:
    """Use up one of the few concerns that a person may raise in a week; the turn is forgotten with the week."""
    week, who = week_of(today), (guild_id, user_id)
    if not await surveys.vault.concerns.take_turn("week", week.isoformat(), who, MOST_A_WEEK, week + WEEK, today):
        raise Conflict("concern.too-many", most=MOST_A_WEEK, day=(week + WEEK).isoformat())


async def _counts(surveys: Surveys, program_id: int, kind: ConcernKind, who: tuple[int, int], today: date) -> bool:
    """Tell whether a concern counts in its quarter's digest: of each person the first about barriers does.

    The turn that says so knows no theme: it tells that somebody spoke, never about what.
    """
    quarter = quarter_of(today)
    return kind is ConcernKind.BARRIER and await surveys.vault.concerns.take_turn(
        f"digest {program_id}", quarter, who, 1, first_day_after(quarter), today
    )


def _new_code() -> str:
    parts = ("".join(secrets.choice(CODE_LETTERS) for _ in range(PART_LENGTH)) for _ in range(CODE_PARTS))
    return "-".join(parts)


def _plain(code: str) -> str:
    """Return a code as it was made, however it was typed."""
    return "".join(letter for letter in code.casefold() if letter.isalnum())
