import csv
import io
import json
import zipfile
from dataclasses import replace

import pytest

from bot.domain.formation.problem import Role
from bot.domain.states import AuditAction, DeliveryKind, EnrollmentState
from bot.errors import NotAllowed, NotFound
from bot.services import answers, avoid, exports, imports, people
from bot.services.people import Profile
from bot.services.posts import Reflection
from db.models import Audit, Avoid, CheckIn, Delivery, Enrollment, ImportFile, MentorOffer, Person
from tests.services.season import DAY, GUILD, HOUR, START, WORLD, Season, start_season

ADA, BEA, CLEO = (100_000_000_000_000_000 + n for n in (1, 2, 3))
FILE = f"""member_id;timezone;availability;helps_with;role;capacity;avoid
{ADA};Europe/Berlin;Mon 18-20;python;mentor;3;{BEA}
{BEA};;;R;facilitator;;
{CLEO};;;;;;
nobody;;;;;;
""".encode()


async def dry_run(season: Season, data: bytes = FILE, world=WORLD, now=START):
    return await imports.dry_run(season.database, world, GUILD, season.program_id, data, now)


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
    assert (await imports.get_welcome(database, season.program_id, notice.person_id)).user_id == ADA
    with pytest.raises(NotAllowed):
        await imports.leave(database, notice.key, BEA, START)
    assert await imports.stay(database, notice.key, ADA) == "Circles"
    await imports.leave(database, notice.key, ADA, START)
    with pytest.raises(NotFound):
        await imports.get_welcome(database, season.program_id, notice.person_id)
    assert [fault.found for fault in (await dry_run(season)).left] == [str(ADA)]


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
