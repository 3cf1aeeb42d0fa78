import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.states import DeliveryKind, DeliveryState, EnrollmentState
from bot.errors import NotFound
from bot.services import answers, avoid, feedback, people, posts, privacy, problems, programs
from bot.services.answers import Reflection
from bot.services.people import Profile
from db import people as people_queries
from db.engine import Database, Place, open_database
from db.models import Avoid, CheckIn, CheckInAnswer, Circle, Delivery, Enrollment, Membership, Person, Program
from db.types import Cipher
from tests.backends import Backend
from tests.conftest import SQLITE_ONLY
from tests.services.season import DAY, GUILD, START, WEEK, Season, start_season

USER = 1
WORDS = {
    "helps_with": "Zymurgy of databases",
    "wants_help_with": "Quixotic salary talks",
    "languages": "Volapük",
}
SAID = Reflection(week=2, win="Wombat wins", challenge="Xylem challenge", ask="Yak ask", progress="Jabberwock")


@pytest.fixture
def told(backend: Backend) -> str:
    """Make a template of a program up to its first check-in; the user has told, answered and wished all there is."""

    async def tell(database: Database) -> None:
        made = await start_season(database)
        before = START - DAY
        profile = Profile(zone="Asia/Tokyo", experience="lead", **WORDS)
        await people.join(database, GUILD, made.program_id, USER, profile, before)
        await people.set_hours_on(database, GUILD, USER, (0, 3), (18, 19))
        await avoid.add_avoid(database, GUILD, USER, 4321)
        await avoid.add_avoid(database, GUILD, 2, USER)
        await made.happen(START)
        for checkin in await made.rows(CheckIn):
            await answers.save(database, checkin.id, USER, SAID, START + DAY)
        await made.deliver(START + DAY)

    return backend.extend("migrated", "told", tell)


@pytest.fixture
def told_place(backend: Backend, told: str, tmp_path: Path) -> Place:
    """Copy the template afresh."""
    return backend.copy(told, tmp_path)


@pytest.fixture
async def season(told_place: Place, cipher: Cipher) -> AsyncGenerator[Season]:
    """Open a program of its own for each test, in which the user has told all there is."""
    async with open_database(told_place, cipher) as database:
        yield Season(database, 1, (1, 2, 3, 4))


async def erase(season: Season) -> int:
    return await privacy.erase(season.database, USER, GUILD, START + 2 * DAY)


async def test_an_export_holds_every_word_and_wish_and_place(season):
    exported = await privacy.export(season.database, USER, START + DAY)
    written = json.dumps(exported, ensure_ascii=False)
    for words in (*WORDS.values(), SAID.win, SAID.challenge, SAID.ask, SAID.progress, "4321", "Asia/Tokyo"):
        assert words in written
    (guild,) = exported["guilds"]
    assert guild["person"][0]["hours"] == "Mon 18-20; Thu 18-20"
    assert guild["membership"][0]["rotation"] == 1
    assert guild["checkin_answer"][0]["week"] == SAID.week
    assert guild["enrollment"][0]["program"] == "Circles"


async def test_an_export_holds_nobody_elses_words(season):
    await people.edit_profile(season.database, GUILD, 3, Profile(helps_with="A secret of three"))
    written = json.dumps(await privacy.export(season.database, USER, START + DAY))
    assert "A secret of three" not in written


async def test_an_export_does_not_tell_who_avoids_the_person(season):
    exported = await privacy.export(season.database, USER, START + DAY)
    assert [line["user_id"] for line in exported["guilds"][0]["avoid"]] == ["4321"]


async def test_an_export_covers_every_guild(season):
    await join_elsewhere(season)
    exported = await privacy.export(season.database, USER, START + DAY)
    assert [guild["guild_id"] for guild in exported["guilds"]] == [str(GUILD), str(GUILD + 1)]


async def test_nothing_is_exported_or_erased_for_who_never_joined(season):
    for ask in (privacy.export(season.database, 50, START), privacy.erase(season.database, 50, None, START)):
        with pytest.raises(NotFound, match=r"privacy\.nothing"):
            await ask


async def test_what_is_held_is_counted_before_it_is_erased(season):
    held = await privacy.count_holdings(season.database, USER, GUILD)
    assert (held.servers, held.programs, held.circles, held.answers, held.avoided) == (1, 1, 1, 1, 1)


@SQLITE_ONLY
async def test_after_an_erasure_no_byte_of_the_person_is_on_the_disk(season, told_place: Path):
    """FAILURES F38: the data has a way out, down to the bytes in the file and its log."""
    other = 0x1122_3344_5566_7788  # a user id whose bytes stand nowhere by chance
    await people.join(season.database, GUILD, season.program_id, other, Profile(**WORDS), START + DAY)
    await people.set_hours_on(season.database, GUILD, other, (0, 3), (18, 19))
    await avoid.add_avoid(season.database, GUILD, other, 4321)
    persons = await season.rows(Person, Person.user_id.in_((USER, other)))
    words = [trace for person in persons for trace in await sealed_words(season, person.id)]
    traces = [other.to_bytes(8, "big"), *words]
    assert len(traces) == 1 + 2 * 5 + 4
    assert all(trace in stored(told_place) for trace in traces)
    for user in (USER, other):
        await privacy.erase(season.database, user, GUILD, START + 2 * DAY)
    assert not [trace for trace in traces if trace in stored(told_place)]


async def test_an_erasure_takes_words_and_wishes_and_ends_every_part(season):
    (person,) = await season.rows(Person, Person.user_id == USER)
    assert await erase(season) == 1
    (left,) = await season.rows(Person, Person.id == person.id)
    assert (left.user_id, left.zone, left.hours, left.experience) == (None, "UTC", "0", None)
    assert (left.helps_with, left.wants_help_with, left.languages) == ("", "", "")
    assert not await season.rows(CheckInAnswer, CheckInAnswer.person_id == person.id)
    assert not await season.rows(Avoid, Avoid.person_id == person.id)
    (enrollment,) = await season.rows(Enrollment, Enrollment.person_id == person.id)
    assert enrollment.state is EnrollmentState.LEFT


async def test_encounters_stay_as_anonymous_counts(season):
    before = len(await season.rows(Membership))
    await erase(season)
    assert len(await season.rows(Membership)) == before
    program = (await season.rows(Program))[0]

    async def others(session):
        people_left = [each.person for each in await people_queries.list_candidates(session, program.id, START + DAY)]
        return await problems.build_problem(session, program, people_left, 2, START + DAY, 7)

    problem = await season.database.read(others)
    assert sum(len(circle.members) for circle in problem.history) == before


async def test_what_others_wish_about_the_person_stays_theirs(season):
    await erase(season)
    assert await avoid.list_avoids(season.database, GUILD, 2) == (USER,)


async def test_posted_answers_are_taken_out_of_the_threads(season):
    await erase(season)
    jobs = await season.deliver(START + 2 * DAY)
    kinds = [job.kind for job in jobs]
    assert kinds.count(DeliveryKind.CHECKIN_ANSWER_DELETE) == 1
    (deletion,) = [job for job in jobs if job.kind is DeliveryKind.CHECKIN_ANSWER_DELETE]
    posted = await posts.get_posted(season.database, deletion.checkin_id or 0, deletion.person_id or 0)
    assert posted.message_id is not None


async def test_welcome_cards_are_drawn_anew_in_the_circles_own_lane(season):
    await erase(season)
    jobs = await season.deliver(START + 2 * DAY)
    circles = {membership.circle_id for membership in await season.rows(Membership)}
    assert {job.circle_id for job in jobs if job.kind is DeliveryKind.WELCOME_EDIT} <= circles
    assert any(job.kind is DeliveryKind.WELCOME_EDIT for job in jobs)


async def test_nothing_more_is_sent_to_whoever_is_forgotten(database):
    season = await start_season(database)
    await season.run(START)
    (person,) = await season.rows(Person, Person.user_id == USER)
    await privacy.erase(database, USER, GUILD, START + DAY)
    waiting = await season.rows(Delivery, Delivery.person_id == person.id, Delivery.state == DeliveryState.PENDING)
    assert waiting == []


async def test_an_answer_that_never_left_is_never_posted(season):
    await season.happen(START + WEEK)
    checkin = (await season.rows(CheckIn))[-1]
    await answers.save(season.database, checkin.id, USER, SAID, START + WEEK + DAY)
    await privacy.erase(season.database, USER, GUILD, START + WEEK + DAY)
    jobs = await season.deliver(START + WEEK + DAY)
    assert DeliveryKind.CHECKIN_ANSWER not in [job.kind for job in jobs]


async def test_only_the_guild_that_is_asked_about_is_erased(season):
    await join_elsewhere(season)
    assert await erase(season) == 1
    exported = await privacy.export(season.database, USER, START + 2 * DAY)
    assert [guild["guild_id"] for guild in exported["guilds"]] == [str(GUILD + 1)]
    assert await privacy.erase(season.database, USER, None, START + 2 * DAY) == 1


async def test_erasing_twice_says_that_nothing_is_left(season):
    await erase(season)
    with pytest.raises(NotFound, match=r"privacy\.nothing"):
        await erase(season)


async def test_who_joins_again_starts_as_somebody_new(season):
    await erase(season)
    await people.join(season.database, GUILD, season.program_id, USER, Profile(), START + 2 * DAY)
    (person,) = await season.rows(Person, Person.user_id == USER)
    assert not await season.rows(Membership, Membership.person_id == person.id)
    assert await avoid.list_avoids(season.database, GUILD, USER) == ()


async def test_private_feedback_is_taken_along_and_erased(season):
    circle = (await season.rows(Circle))[0]
    companions = (await feedback.get_mates(season.database, circle.id, 3)).said
    about = next(iter(companions))
    await feedback.say(season.database, circle.id, 3, [about], feedback.AGAIN)
    exported = await privacy.export(season.database, 3, START + DAY)
    assert exported["guilds"][0]["feedback"] == [{"user_id": str(about), "wish": feedback.AGAIN}]
    await privacy.erase(season.database, 3, GUILD, START + DAY)
    assert (await feedback.get_mates(season.database, circle.id, about)).said.get(3) is None


async def join_elsewhere(season: Season) -> None:
    """Let the user join a program of another guild too."""
    first = await programs.get_card(season.database, GUILD, season.program_id)
    made = await programs.start_draft(season.database, GUILD + 1, first.rules, START - DAY)
    await programs.activate(season.database, GUILD + 1, made.id, START - DAY)
    await people.join(season.database, GUILD + 1, made.id, USER, Profile(), START - DAY)


async def sealed_words(season: Season, person_id: int) -> list[bytes]:
    """Return the encrypted words of a person as they lie in the database."""
    queries = (
        "SELECT helps_with, wants_help_with, languages, hours FROM person WHERE id = :id",
        "SELECT about_user FROM avoid WHERE person_id = :id",
        "SELECT win, challenge, ask, progress FROM checkin_answer WHERE person_id = :id",
    )

    async def load(session):
        found = [await session.execute(text(query), {"id": person_id}) for query in queries]
        return [bytes(value) for rows in found for row in rows for value in row]

    return await season.database.read(load)


def stored(database_file: Path) -> bytes:
    """Return every byte of the database and its write-ahead log."""
    log = database_file.with_name(database_file.name + "-wal")
    return database_file.read_bytes() + (log.read_bytes() if log.exists() else b"")
