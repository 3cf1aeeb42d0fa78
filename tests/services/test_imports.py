import csv
import io
import json
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.domain.formation.problem import Role
from bot.domain.past import LARGEST, BadHistory
from bot.domain.states import AuditAction, DeliveryKind, EnrollmentState
from bot.errors import NotAllowed, NotFound
from bot.services import answers, avoid, brought, exports, health, imports, people, privacy
from bot.services.people import Profile
from bot.services.posts import Reflection
from bot.services.problems import build_problem
from db.models import (
    Audit,
    Avoid,
    CheckIn,
    Delivery,
    Enrollment,
    ImportFile,
    Membership,
    MentorOffer,
    PastEncounter,
    Person,
    Program,
)
from tests.services.season import DAY, GUILD, HOUR, START, WORLD, Season, start_season

ADA, BEA, CLEO = (100_000_000_000_000_000 + n for n in (1, 2, 3))
FILE = f"""member_id;timezone;availability;helps_with;role;capacity;avoid
{ADA};Europe/Berlin;Mon 18-20;python;mentor;3;{BEA}
{BEA};;;R;facilitator;;
{CLEO};;;;;;
nobody;;;;;;
""".encode()


STRANGER = 100_000_000_000_000_009
HISTORY = f"""rotation,circle,member_id,note
3,red,{ADA},led
3,red,{BEA},
3,red,{STRANGER},
4,red,<@{ADA}>,
4,red,{CLEO},
4,red,{CLEO},said twice
x,,nobody,
""".encode()


async def dry_run(season: Season, data: bytes = FILE, world=WORLD, now=START, history: bytes | None = None):
    return await imports.dry_run(season.database, world, GUILD, season.program_id, data, now, history)


async def carry_out(season: Season, key: int, world=WORLD, now=START):
    return await imports.carry_out(season.database, world, GUILD, season.program_id, key, now, by=5)


async def test_a_dry_run_changes_nothing_and_carrying_it_out_does_what_it_said(database):
    season = await start_season(database, members=1)
    shown = await dry_run(season)
    assert (shown.joining, shown.updated, shown.unchanged, len(shown.faults)) == (3, 0, 0, 1)
    assert len(await season.rows(Person)) == 1
    assert (await carry_out(season, shown.key)).joining == 3
    ada = (await season.rows(Person, Person.user_id == ADA))[0]
    assert (ada.zone, ada.helps_with, int(ada.hours, 16)) == ("Europe/Berlin", "python", 0b11 << 18)
    assert [row.capacity for row in await season.rows(MentorOffer)] == [3]
    assert [row.about_user for row in await season.rows(Avoid)] == [str(BEA)]
    assert [row.facilitates for row in await season.rows(Enrollment)] == [False, True, True, False]
    notices = await season.rows(Delivery, Delivery.kind == DeliveryKind.IMPORT_NOTICE)
    assert len(notices) == 3
    assert (await season.rows(Audit))[-1].action is AuditAction.MEMBERS_IMPORTED
    assert not await season.rows(ImportFile), "nothing of the file is kept"
    with pytest.raises(NotFound):
        await carry_out(season, shown.key)
    again = await dry_run(season)
    assert (again.joining, again.updated, again.unchanged, again.key) == (0, 0, 3, None)


async def test_nobody_is_brought_back_and_who_is_not_here_is_listed(database):
    """FAILURES F6: neither bots nor people who left the server are enrolled."""
    season = await start_season(database, members=1)
    for user in (ADA, BEA):
        await people.join(database, GUILD, season.program_id, user, Profile(), START)
    await people.leave(database, GUILD, season.program_id, ADA, START)

    async def cleo_gone(_guild, users):
        return frozenset({CLEO}) & frozenset(users)

    shown = await dry_run(season, world=replace(WORLD, gone=cleo_gone))
    assert [fault.found for fault in shown.left] == [str(ADA)]
    assert [fault.found for fault in shown.not_here] == [str(CLEO)]
    assert (shown.joining, shown.updated) == (0, 1)
    await carry_out(season, shown.key, world=replace(WORLD, gone=cleo_gone))
    states = {row.person_id: row.state for row in await season.rows(Enrollment)}
    assert list(states.values()).count(EnrollmentState.LEFT) == 1
    assert not await season.rows(Delivery, Delivery.kind == DeliveryKind.IMPORT_NOTICE)


async def test_what_a_member_told_is_never_overwritten(database):
    season = await start_season(database, members=1)
    told = Profile(zone="Asia/Kolkata", helps_with="chess")
    await people.join(database, GUILD, season.program_id, ADA, told, START)
    shown = await dry_run(season)
    await carry_out(season, shown.key)
    profile = await people.get_profile(database, GUILD, ADA)
    assert (profile.zone, profile.helps_with, profile.hours) == ("Asia/Kolkata", "chess", 0b11 << 18)


async def test_who_was_brought_along_leaves_with_one_click_and_nobody_else_can(database):
    """FAILURES F38: whoever is enrolled without asking has a way out."""
    season = await start_season(database, members=1)
    await carry_out(season, (await dry_run(season)).key)
    notice = (await season.rows(Delivery, Delivery.kind == DeliveryKind.IMPORT_NOTICE))[0]
    assert (await brought.get_welcome(database, season.program_id, notice.person_id)).user_id == ADA
    with pytest.raises(NotAllowed):
        await brought.leave(database, notice.key, BEA, START)
    assert await brought.stay(database, notice.key, ADA) == "Circles"
    await brought.leave(database, notice.key, ADA, START)
    with pytest.raises(NotFound):
        await brought.get_welcome(database, season.program_id, notice.person_id)
    assert [fault.found for fault in (await dry_run(season)).left] == [str(ADA)]


async def test_whom_people_had_met_before_counts_when_circles_are_formed(database):
    season = await start_season(database, members=1)
    shown = await dry_run(season, history=HISTORY)
    past = shown.past
    assert (past.added, past.known, past.people, past.rotations, past.strangers) == (2, 0, 3, 2, 1)
    assert [(fault.row, fault.column) for fault in past.faults] == [(8, "rotation"), (8, "circle"), (8, "member_id")]
    assert not await season.rows(PastEncounter)
    await carry_out(season, shown.key)
    ada, bea, cleo = [(await season.rows(Person, Person.user_id == user))[0].id for user in (ADA, BEA, CLEO)]
    rows = await season.rows(PastEncounter)
    assert [(row.rotation, row.one_id, row.other_id) for row in rows] == [(3, ada, bea), (4, ada, cleo)]
    again = await dry_run(season, history=HISTORY)
    assert (again.key, again.past.added, again.past.known) == (None, 0, 2)

    async def problem(session):
        program = await session.get_one(Program, season.program_id)
        return await build_problem(session, program, await known_people(session, (ada, bea, cleo)), 1, START, 7)

    found = await database.read(problem)
    assert [(past.rotation, past.members) for past in found.history] == [
        (-1, frozenset((str(ada), str(bea)))),
        (0, frozenset((str(ada), str(cleo)))),
    ]


async def known_people(session, ids):
    return [await session.get_one(Person, each) for each in ids]


async def test_circles_part_those_who_had_met_before_the_program(database):
    season = await start_season(database, members=6, size_least=2, size_wanted=2, size_most=2)
    roster = "member_id\n" + "\n".join(str(BASE + user) for user in range(1, 7))
    pairs = [(1, 2), (3, 4), (5, 6), (1, 3), (2, 5), (4, 6), (1, 4), (2, 6), (3, 5)]
    rows = [f"{n},{n},{BASE + user}" for n, pair in enumerate(pairs) for user in pair]
    season = await move_users(season)
    history = "\n".join(["rotation,circle,member_id", *rows]).encode()
    shown = await dry_run(season, roster.encode(), history=history)
    assert (shown.joining, shown.past.added) == (0, 9)
    await carry_out(season, shown.key)
    await season.happen(START)
    users = {person.id: person.user_id - BASE for person in await season.rows(Person)}
    seats: dict[int, list[int]] = {}
    for seat in await season.rows(Membership):
        seats.setdefault(seat.circle_id, []).append(users[seat.person_id])
    assert not {tuple(sorted(pair)) for pair in seats.values()} & set(pairs)
    found = await health.get_health(database, {}, GUILD, season.program_id, START + DAY)
    assert [(each.first, each.again) for each in found.rotations] == [(3, 0)]


BASE = 100_000_000_000_000_000


async def move_users(season: Season) -> Season:
    """Give the members user ids such as Discord's."""

    async def write(session):
        for person in (await session.scalars(select(Person))).all():
            person.user_id += BASE

    await season.database.write(write)
    return season


async def test_an_erasure_takes_past_encounters_and_an_export_tells_them(database):
    season = await start_season(database, members=1)
    await carry_out(season, (await dry_run(season, history=HISTORY)).key)
    (guild,) = (await privacy.export(database, CLEO, START))["guilds"]
    assert guild["past_encounter"] == [{"program": "Circles", "rotation": 4, "user_id": str(ADA)}]
    await privacy.erase(database, ADA, GUILD, START)
    assert not await season.rows(PastEncounter)


async def test_a_history_without_its_columns_is_refused_by_name(database):
    season = await start_season(database, members=1)
    with pytest.raises(BadHistory) as refused:
        await dry_run(season, history=b"rotation,member_id\n1,2\n")
    assert (refused.value.fault.column, refused.value.fault.expected) == ("circle", "column")
    crowd = "".join(f"1,all,{BASE + n}\n" for n in range(LARGEST + 1))
    shown = await dry_run(season, history=f"rotation,circle,member_id\n{crowd}".encode())
    assert [fault.expected for fault in shown.past.faults] == ["circle-size"]


async def test_a_file_waits_an_hour_and_is_forgotten(database):
    season = await start_season(database, members=1)
    shown = await dry_run(season)
    with pytest.raises(NotFound):
        await carry_out(season, shown.key, now=START + 2 * HOUR)
    await imports.forget_old_files(database, START + 2 * HOUR)
    assert not await season.rows(ImportFile)


async def test_an_export_holds_seats_and_counts_and_nobodys_words(database):
    season = await start_season(database, members=4)
    await season.happen(START)
    (checkin,) = await season.rows(CheckIn)
    await answers.save(database, checkin.id, 1, Reflection(2, win="secret", challenge="secret"), START + HOUR)
    await avoid.add_avoid(database, GUILD, 1, 987_654)
    found = await exports.export(database, GUILD, season.program_id, START + DAY, by=5)
    with zipfile.ZipFile(io.BytesIO(exports.packed(found))) as archive:
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    assert set(texts) == {"program.json", "members.csv", "rotations.csv", "seats.csv", "checkins.csv"}
    assert "secret" not in "".join(texts.values())
    assert "987654" not in "".join(texts.values())
    seats = list(csv.DictReader(io.StringIO(texts["seats.csv"])))
    assert {row["user_id"] for row in seats} == {"1", "2", "3", "4"}
    assert sum(row["role"] == Role.FACILITATOR for row in seats) == 1
    assert json.loads(texts["program.json"])["checkins"][0]["answered"] == 1
    assert (await season.rows(Audit))[-1].action is AuditAction.PROGRAM_EXPORTED


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_an_export_is_a_formula(start):
    """FAILURES F41: a cell that a spreadsheet would run is text."""
    written = exports.as_csv([{"name": f"{start}1+1", "n": -1}]).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    assert row == {"name": f"'{start}1+1", "n": "-1"}
