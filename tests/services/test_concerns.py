"""Concerns from the first word to the digest, and what they keep to themselves."""

import json
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.domain.concerns import (
    MOST_LINES,
    ConcernKind,
    Theme,
    first_day_after,
    first_day_of,
    quarter_before,
    quarter_of,
    week_of,
)
from bot.domain.states import AuditAction, DeliveryKind
from bot.domain.survey.tally import disclose_tally, dump_tally, load_tally
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.instruments import load_instruments
from bot.logs import LEAST
from bot.services import concern_desk, concern_digests, concern_privacy, concerns, due, people, privacy
from bot.services.concern_desk import Reader
from bot.services.concerns import Report
from bot.services.people import Profile
from bot.services.ports import Surveys
from db.engine import Database, open_database
from db.models import Audit, Base, ConcernDigest, Delivery, Notice
from db.vault import open_vault
from db.vault_keys import create_pulse_keys
from tests.backends import CIPHER, Backend
from tests.services.season import DAY, GUILD, HOUR, START, WEEK, WORLD, Season, start_season

NOW = START + DAY + timedelta(minutes=23)
MODERATOR, ADMIN = Reader(900_001, is_admin=False), Reader(900_002, is_admin=True)
PAY = Report(ConcernKind.BARRIER, Theme.PAY, "the men in my team are paid more", (), admins_only=False)


@dataclass(frozen=True)
class Office:
    """A season with a vault beside it."""

    season: Season
    surveys: Surveys
    folder: Path

    @property
    def database(self) -> Database:
        """The main database."""
        return self.season.database

    @property
    def program(self) -> int:
        """The only program."""
        return self.season.program_id

    async def report(self, user: int = 1, report: Report = PAY, now: datetime = NOW, *, named: bool = False):
        """Raise a concern; return its code."""
        return await concerns.raise_concern(
            self.database, self.surveys, GUILD, self.program, user, report, now, named=named
        )

    async def list_for(self, reader: Reader = MODERATOR):
        """Return what a moderator reads."""
        return await concern_desk.list_concerns(self.database, self.surveys, GUILD, self.program, reader)

    async def answer(self, words: str, reader: Reader = MODERATOR, now: datetime = NOW) -> None:
        """Answer the only concern."""
        (card,) = await self.list_for(reader)
        await concern_desk.answer(self.database, self.surveys, card.key, reader, words, now)

    async def happen(self, now: datetime) -> list:
        """Carry out what is due, then every delivery."""
        await due.run_due(self.database, replace(WORLD, surveys=self.surveys), now, lambda: 7)
        return await self.season.deliver(now)

    async def notices(self) -> list[datetime]:
        """Return when moderators were told of concerns."""
        return [row.created_at for row in await self.season.rows(Notice) if row.message == "notice.concern"]


@pytest.fixture
def twelve(backend: Backend) -> str:
    """Make a template with a season of twelve that has not begun."""

    async def begin(database: Database) -> None:
        await start_season(database, 12, rotation_weeks=26)

    return backend.extend("migrated", "twelve", begin)


@pytest.fixture
async def office(backend: Backend, twelve: str, tmp_path: Path) -> AsyncGenerator[Office]:
    keys = create_pulse_keys(tmp_path / "keys" / "pulse.key")
    async with (
        open_vault(tmp_path / "pulse.db", keys) as vault,
        open_database(backend.copy(twelve, tmp_path), CIPHER) as database,
    ):
        yield Office(Season(database, 1, tuple(range(1, 13))), Surveys(vault, load_instruments()), tmp_path)


async def everything(database: Database) -> str:
    """Return every value of every row of the main database, decrypted."""

    async def load(session):
        tables = Base.metadata.sorted_tables
        return [str(tuple(row)) for table in tables for row in await session.execute(select(table))]

    return "\n".join(await database.read(load))


async def test_the_main_database_does_not_change_when_somebody_raises_a_concern_without_a_name(office: Office):
    """FAILURES F37: no row, not even the next free id, tells that somebody spoke, or when."""
    before = await everything(office.database)
    code = await office.report()
    await concerns.read_receipt(office.surveys, code or "")
    await concerns.write_back(office.surveys, code or "", "and one more thing", NOW)
    assert await everything(office.database) == before


async def test_the_log_is_silent(office: Office, caplog: pytest.LogCaptureFixture):
    """FAILURES F37: nothing is logged of who writes, what, or with which code."""
    caplog.set_level(logging.DEBUG)
    for name, least in LEAST.items():
        caplog.set_level(least, name)  # as whoever runs the bot may log at most
    user = 1_122_334_455_667_788_990
    await people.join(office.database, GUILD, office.program, user, Profile(), START)
    caplog.clear()
    code = await office.report(user)
    await concerns.write_back(office.surveys, code or "", "a second word", NOW)
    await office.answer("we see to it")
    assert not [each for each in (str(user), PAY.words, code or "", "second") if each in caplog.text]


async def test_moderators_hear_one_to_two_hours_later_and_never_of_how_many(office: Office):
    await office.report(1)
    await office.report(2, now=NOW + timedelta(minutes=5))
    await office.happen(NOW + timedelta(minutes=30))
    assert await office.notices() == []
    rings = NOW.replace(minute=0) + 2 * HOUR
    await office.happen(rings - timedelta(seconds=1))
    assert await office.notices() == []
    await office.happen(rings)
    await office.happen(rings + HOUR)
    assert await office.notices() == [rings]


async def test_the_clock_knows_when_moderators_are_to_hear(office: Office):
    await office.report()
    following = await due.run_due(office.database, replace(WORLD, surveys=office.surveys), NOW, lambda: 7)
    assert following == NOW.replace(minute=0) + 2 * HOUR


async def test_of_a_concern_by_name_they_hear_at_once(office: Office):
    await office.report(named=True)
    await office.happen(NOW)
    assert await office.notices() == [NOW]


async def test_what_moderators_read_has_the_week_and_no_name(office: Office):
    await office.report()
    (card,) = await office.list_for()
    assert (card.concern.by, card.concern.week) == (None, week_of(NOW.date()))
    assert card.concern.lines[0].words == PAY.words


async def test_the_answer_waits_for_whoever_holds_the_code_however_it_is_typed(office: Office):
    code = await office.report() or ""
    await office.answer("thank you, we talk to them")
    assert code.count("-") == 4
    for typed in (code, code.upper(), code.replace("-", " "), f"  {code.replace('-', '')}"):
        shown = await concerns.read_receipt(office.surveys, typed)
        assert [line.words for line in shown.concern.lines] == [PAY.words, "thank you, we talk to them"]
    with pytest.raises(NotFound):
        await concerns.read_receipt(office.surveys, code[:-1] + ("2" if code[-1] != "2" else "3"))
    assert not [job for job in await office.happen(NOW) if job.kind is DeliveryKind.CONCERN_ANSWER]


async def test_who_gave_their_name_gets_each_answer_once(office: Office):
    await office.report(named=True)
    await office.answer("first")
    person = await _person_of(office, 1)
    letter = await concern_desk.find_letter(office.database, office.surveys, office.program, person)
    assert letter is not None
    assert letter.words == ("first",)
    await concern_desk.note_sent(office.surveys, letter)
    assert await concern_desk.find_letter(office.database, office.surveys, office.program, person) is None
    await office.answer("second")
    letter = await concern_desk.find_letter(office.database, office.surveys, office.program, person)
    assert letter is not None
    assert letter.words == ("second",)
    sent = [row for row in await office.season.rows(Delivery) if row.kind is DeliveryKind.CONCERN_ANSWER]
    assert [row.person_id for row in sent] == [person, person]


async def test_whom_a_concern_is_about_never_reads_it_be_they_moderator_or_admin(office: Office):
    about = replace(PAY, about=(MODERATOR.user_id, ADMIN.user_id))
    code = await office.report(report=about) or ""
    assert await office.list_for(MODERATOR) == await office.list_for(ADMIN) == []
    key = (await concerns.read_receipt(office.surveys, code)).key
    with pytest.raises(NotFound):
        await concern_desk.answer(office.database, office.surveys, key, ADMIN, "let me see", NOW)
    assert len(await office.list_for(Reader(5, is_admin=False))) == 1


async def test_what_only_administrators_may_read_does_not_exist_for_moderators(office: Office):
    await office.report(report=replace(PAY, admins_only=True))
    assert await office.list_for(MODERATOR) == []
    (card,) = await office.list_for(ADMIN)
    with pytest.raises(NotFound):
        await concern_desk.close(office.database, office.surveys, card.key, MODERATOR, NOW)


async def test_the_audit_tells_of_no_concern_that_is_kept_from_some_moderators(office: Office):
    await office.report(report=replace(PAY, admins_only=True))
    await office.answer("we see to it", ADMIN)
    (card,) = await office.list_for(ADMIN)
    await concern_desk.close(office.database, office.surveys, card.key, ADMIN, NOW)
    assert await office.season.rows(Audit, Audit.actor_user_id == ADMIN.user_id) == []
    await office.report(2)
    (other,) = await office.list_for(MODERATOR)
    await concern_desk.close(office.database, office.surveys, other.key, MODERATOR, NOW)
    (entry,) = await office.season.rows(Audit, Audit.actor_user_id == MODERATOR.user_id)
    assert (entry.action, entry.values) == (AuditAction.CONCERN_CLOSED, {})


async def test_a_person_raises_three_a_week_and_the_turn_is_forgotten(office: Office):
    for _ in range(3):
        await office.report()
    with pytest.raises(Conflict, match="too-many"):
        await office.report()
    await office.report(2)
    await office.report(now=NOW + WEEK)


async def test_only_members_past_ones_included_can_raise_one(office: Office):
    await people.leave(office.database, GUILD, office.program, 3, NOW)
    assert await office.report(3)
    with pytest.raises(NotAllowed):
        await office.report(77)


async def test_words_are_needed_and_a_conversation_ends_somewhere(office: Office):
    for words in ("", "   ", "x" * 1_001):
        with pytest.raises(InvalidInput):
            await office.report(report=replace(PAY, words=words))
    code = await office.report() or ""
    for _ in range(MOST_LINES - 1):
        await concerns.write_back(office.surveys, code, "more", NOW)
    with pytest.raises(Conflict, match="too-long"):
        await concerns.write_back(office.surveys, code, "more", NOW)


async def test_writing_back_opens_a_closed_concern_again(office: Office):
    code = await office.report() or ""
    (card,) = await office.list_for()
    await concern_desk.close(office.database, office.surveys, card.key, MODERATOR, NOW)
    assert not (await office.list_for())[0].is_open
    await concerns.write_back(office.surveys, code, "it goes on", NOW + DAY)
    assert (await office.list_for())[0].is_open


async def test_words_are_erased_a_month_after_closing_and_a_year_after_the_last_word(office: Office):
    code = await office.report() or ""
    (card,) = await office.list_for()
    await concern_desk.close(office.database, office.surveys, card.key, MODERATOR, NOW)
    await concern_privacy.forget(office.database, office.surveys, NOW + 29 * DAY)
    assert await office.list_for()
    await concern_privacy.forget(office.database, office.surveys, NOW + 30 * DAY)
    assert await office.list_for() == []
    with pytest.raises(NotFound):
        await concerns.read_receipt(office.surveys, code)
    stub = (await office.surveys.vault.concerns.list_of(office.program)).popitem()[1]
    assert PAY.words.encode() not in stub
    await office.report(2, replace(PAY, kind=ConcernKind.PERSON))
    await concern_privacy.forget(office.database, office.surveys, NOW + 366 * DAY)
    assert await office.surveys.vault.concerns.list_of(office.program) == {}


async def test_a_concern_without_a_name_can_be_taken_back(office: Office):
    code = await office.report() or ""
    await concerns.take_back(office.surveys, code)
    assert await office.surveys.vault.concerns.list_of(office.program) == {}


async def test_a_person_exports_and_erases_what_they_raised_by_name_and_nothing_else(office: Office):
    await office.report(1, named=True)
    await office.report(2, replace(PAY, words="about number one", about=(1,)))
    exported = json.dumps(await privacy.export_all(office.database, office.surveys, 1, NOW))
    assert PAY.words in exported
    assert "about number one" not in exported
    await privacy.erase_all(office.database, office.surveys, 1, GUILD, NOW)
    (left,) = await office.list_for(ADMIN)
    assert (left.concern.lines[0].words, left.concern.about) == ("about number one", ())
    assert await office.list_for(Reader(1, is_admin=True)) == []


async def test_a_person_writes_back_only_to_their_own(office: Office):
    await office.report(1, named=True)
    (own,) = await concerns.list_own(office.database, office.surveys, 1, None)
    await concerns.write_back_own(office.surveys, own.key, 1, "and more", NOW)
    with pytest.raises(NotAllowed):
        await concerns.write_back_own(office.surveys, own.key, 2, "and more", NOW)
    await office.report(2)
    (foreign,) = [each for each in await office.list_for() if each.concern.by is None]
    with pytest.raises(NotAllowed):
        await concerns.write_back_own(office.surveys, foreign.key, 2, "and more", NOW)


async def test_the_digest_of_a_quarter_hangs_on_the_first_check_in_of_the_next_one(office: Office):
    for user in range(1, 8):
        await office.report(user, replace(PAY, theme=Theme.PAY if user < 7 else Theme.CARE))
    await office.report(1, replace(PAY, theme=Theme.CARE))
    before = datetime(2026, 12, 28, 9, tzinfo=UTC)
    await office.happen(before)
    assert await office.season.rows(ConcernDigest) == []
    jobs = await office.happen(before + WEEK)
    assert [job.kind for job in jobs].count(DeliveryKind.CONCERN_DIGEST) == 1
    (row,) = await office.season.rows(ConcernDigest)
    shown = await concern_digests.get_digest(office.database, row.id)
    # Six named pay and one care: told beside the total, pay would give care away.
    assert (shown.year, shown.quarter, shown.total, shown.themes) == (2026, 4, 7, ())
    await office.happen(before + 2 * WEEK)
    assert len(await office.season.rows(ConcernDigest)) == 1


async def test_a_person_counts_once_a_quarter_with_the_theme_they_named_first(office: Office):
    for week in range(3):
        await office.report(1, now=NOW + week * WEEK)
    kept = [card.concern.counts for card in await office.list_for()]
    assert sorted(kept) == [False, False, True]


async def test_concerns_about_people_are_in_no_digest(office: Office):
    for user in range(1, 7):
        await office.report(user, replace(PAY, kind=ConcernKind.PERSON))
    await office.happen(datetime(2027, 1, 4, 9, tzinfo=UTC))
    (row,) = await office.season.rows(ConcernDigest)
    assert load_tally(row.figures).themes == {}


async def test_a_published_digest_never_changes_and_lets_the_stubs_go(office: Office):
    codes = [await office.report(user) or "" for user in range(1, 7)]
    opening = datetime(2027, 1, 4, 9, tzinfo=UTC)
    await office.happen(opening)
    (row,) = await office.season.rows(ConcernDigest)
    assert load_tally(row.figures).themes == {"pay": 6}
    for code in codes:
        await concerns.take_back(office.surveys, code)
    await office.happen(opening + WEEK)
    assert (await office.season.rows(ConcernDigest))[0].figures == row.figures
    await concern_privacy.forget(office.database, office.surveys, opening + WEEK)
    assert await office.surveys.vault.concerns.list_of(office.program) == {}


async def _person_of(office: Office, user: int) -> int:
    async def load(session):
        return (await people.queries.get_person(session, GUILD, user)).id

    return await office.database.read(load)


counts = st.dictionaries(st.sampled_from([each.value for each in Theme]), st.integers(1, 12), max_size=6)


@given(counts, st.integers(0, 200))
def test_p1_p3_p4_no_sum_of_published_figures_holds_one_to_four_people(found: dict[str, int], others: int):
    total = sum(found.values())
    told = disclose_tally(found, total + others)
    assert all(found[theme] == n >= 5 for theme, n in told.themes.items())
    if told.total is None:
        assert not told.themes
    else:
        assert told.total == total >= 5
        assert others >= 5
        rest = total - sum(told.themes.values())
        assert rest == 0 or rest >= 5


def test_the_smallest_theme_is_held_back_where_the_rest_would_give_itself_away():
    assert disclose_tally({"pay": 8, "care": 6, "tasks": 2}, 100).themes == {"pay": 8}
    assert disclose_tally({"pay": 8, "care": 3, "tasks": 2}, 100).themes == {"pay": 8}
    assert disclose_tally({"pay": 8, "care": 6}, 100).themes == {"pay": 8, "care": 6}


def test_a_change_is_told_only_between_two_published_counts():
    one, two = disclose_tally({"pay": 8}, 100), disclose_tally({"pay": 5, "care": 5}, 100)
    assert two.change("pay", one) == -3
    assert two.change("care", one) is None
    assert two.change("pay", None) is None
    assert load_tally(dump_tally(two)) == two


@given(st.dates())
def test_each_day_lies_in_its_quarter(day):
    quarter = quarter_of(day)
    assert first_day_of(quarter) <= day
    if day.year < 9999:
        assert day < first_day_after(quarter)
        assert quarter_before(quarter_of(first_day_after(quarter))) == quarter
