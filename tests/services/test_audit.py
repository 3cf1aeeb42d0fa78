"""What moderators did: written with the action itself, without anybody's words, and forgotten in time."""

import ast
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.program import ProgramRules
from bot.domain.states import AuditAction, RotationState
from bot.errors import Conflict, NotFound
from bot.instruments import load_instruments
from bot.services import audit, people, privacy, programs, pulse_schedules, rotations
from bot.services.pulse_schedules import PulsePlan
from bot.text import message_ids
from db.models import Audit, Rotation
from tests.services.season import DAY, GUILD, HOUR, LOBBY, START, WORLD, Season, start_season

MODERATOR, OTHER = 700_000_000_000_000_001, 700_000_000_000_000_002
SERVICES = Path(__file__).parents[2] / "bot" / "services"


async def done(season: Season, **wanted: object) -> list[AuditAction]:
    """Return what the audit holds, the oldest first."""
    page = await audit.read_audit(season.database, GUILD, season.program_id, **wanted)
    return [line.action for line in reversed(page.lines)]


async def test_every_action_of_a_moderator_is_kept_with_who_when_and_its_figures(database):
    rules = ProgramRules(name="Circles", lobby_channel_id=LOBBY, zone="UTC", first_day=START.date())
    made = await programs.start_draft(database, GUILD, rules, START - DAY, by=MODERATOR)
    season = Season(database, made.id, ())
    await programs.change_program(database, GUILD, made.id, {"size_least": 2}, START - DAY, by=MODERATOR)
    await programs.activate(database, GUILD, made.id, START - DAY, by=MODERATOR)
    await programs.change_program(
        database, GUILD, made.id, {"name": "Circles", "size_most": 7}, START - DAY, by=MODERATOR
    )
    for user in range(1, 9):
        await people.join(database, GUILD, made.id, user, people.Profile(), START - DAY)
    await rotations.draft_rotation(database, WORLD, GUILD, made.id, START - HOUR, 7, by=OTHER)
    (draft,) = await season.rows(Rotation)
    await rotations.publish_rotation(database, WORLD, GUILD, draft.id, START, by=OTHER)
    shipped = load_instruments()
    await pulse_schedules.schedule_pulse(
        database, shipped, GUILD, made.id, PulsePlan("selfdoubt_6"), START, by=MODERATOR
    )
    await pulse_schedules.stop_pulse(database, shipped, GUILD, made.id, "selfdoubt_6", START, by=MODERATOR)
    await programs.pause_program(database, GUILD, made.id, START + HOUR, by=MODERATOR)
    await programs.activate(database, GUILD, made.id, START + HOUR, by=MODERATOR)
    await programs.archive_program(database, GUILD, made.id, START + DAY, by=MODERATOR)
    page = await audit.read_audit(database, GUILD, made.id)
    lines = {line.action: line for line in page.lines}
    assert [line.action for line in reversed(page.lines)] == [
        AuditAction.PROGRAM_CREATED,
        AuditAction.PROGRAM_STARTED,
        AuditAction.PROGRAM_CHANGED,
        AuditAction.ROTATION_DRAFTED,
        AuditAction.ROTATION_PUBLISHED,
        AuditAction.PULSE_SCHEDULED,
        AuditAction.PULSE_STOPPED,
        AuditAction.PROGRAM_PAUSED,
        AuditAction.PROGRAM_RESUMED,
        AuditAction.PROGRAM_ARCHIVED,
    ]
    assert lines[AuditAction.PROGRAM_CHANGED].values == {"changes": {"size_most": [6, 7]}}
    published = lines[AuditAction.ROTATION_PUBLISHED]
    assert published.values == {"rotation": 1, "circles": 2, "placed": 8, "unplaced": 0}
    assert (published.actor, published.at) == (OTHER, START)


async def test_a_swap_names_the_two_people_until_they_ask_to_be_forgotten(database):
    season = await start_season(database, 8, auto_publish=False)
    draft = await rotations.draft_rotation(database, WORLD, GUILD, season.program_id, START, 7)
    one, other = (circle.seats[0].user_id for circle in draft.circles)
    await rotations.swap(database, GUILD, draft.id, one, other, START, by=MODERATOR)
    (line,) = (await audit.read_audit(database, GUILD, season.program_id)).lines
    assert line.people == (one, other)
    assert line.values == {"rotation": 1}
    await privacy.erase(database, one, GUILD, START + DAY)
    (line,) = (await audit.read_audit(database, GUILD, season.program_id)).lines
    assert line.people == (None, other)


async def test_what_is_refused_leaves_no_entry(database):
    season = await start_season(database)
    await programs.archive_program(database, GUILD, season.program_id, START)
    with pytest.raises(Conflict):
        await programs.pause_program(database, GUILD, season.program_id, START, by=MODERATOR)
    assert await done(season) == []


async def test_what_the_schedule_does_is_no_moderators_action(database):
    season = await start_season(database, 8)
    await season.happen(START)
    assert [each.state for each in await season.rows(Rotation)] == [RotationState.PUBLISHED]
    assert await done(season) == []


async def test_the_audit_turns_pages_and_shows_one_kind_alone(database):
    season = await start_season(database)
    for hours in range(6):
        await programs.pause_program(database, GUILD, season.program_id, START + hours * HOUR, by=MODERATOR)
        await programs.activate(database, GUILD, season.program_id, START + hours * HOUR, by=MODERATOR)
    first = await audit.read_audit(database, GUILD, season.program_id)
    last = await audit.read_audit(database, GUILD, season.program_id, page=99)
    assert (first.pages, first.entries, len(first.lines), len(last.lines), last.page) == (2, 12, 10, 2, 1)
    assert await done(season, action=AuditAction.PROGRAM_PAUSED) == [AuditAction.PROGRAM_PAUSED] * 6
    with pytest.raises(NotFound):
        await audit.read_audit(database, GUILD + 1, season.program_id)


async def test_a_moderator_who_never_joined_may_take_their_actions_along_and_be_forgotten(database):
    season = await start_season(database)
    with pytest.raises(NotFound):
        await privacy.export(database, MODERATOR, START)
    await programs.pause_program(database, GUILD, season.program_id, START, by=MODERATOR)
    exported = await privacy.export(database, MODERATOR, START + HOUR)
    (guild,) = exported["moderated"]
    assert [row["action"] for row in guild["audit"]] == ["program-paused"]
    assert await privacy.erase(database, MODERATOR, GUILD, START + DAY) == 1
    (line,) = (await audit.read_audit(database, GUILD, season.program_id)).lines
    assert (line.action, line.actor) == (AuditAction.PROGRAM_PAUSED, None)


async def test_an_erasure_on_one_server_leaves_the_audit_of_another(database):
    season = await start_season(database)
    await programs.pause_program(database, GUILD, season.program_id, START, by=MODERATOR)
    with pytest.raises(NotFound):
        await privacy.erase(database, MODERATOR, GUILD + 1, START + DAY)
    (line,) = (await audit.read_audit(database, GUILD, season.program_id)).lines
    assert line.actor == MODERATOR


async def test_old_entries_are_deleted_and_younger_ones_stay(database):
    season = await start_season(database)
    await programs.pause_program(database, GUILD, season.program_id, START, by=MODERATOR)
    await programs.activate(database, GUILD, season.program_id, START + DAY, by=MODERATOR)
    assert await audit.delete_old(database, 400, START + timedelta(days=400, hours=1)) == 1
    assert [entry.action for entry in await season.rows(Audit)] == [AuditAction.PROGRAM_RESUMED]


def test_each_action_each_figure_and_each_rule_has_its_words():
    known = message_ids()
    missing = {f"audit.action.{action}" for action in AuditAction} - known
    missing |= {f"audit.setting.{field.name}" for field in fields(ProgramRules)} - known
    missing |= {f"audit.value.{name}" for name in recorded_values() - {"changes", "people"}} - known
    assert not missing


def recorded_values() -> set[str]:
    """Return the name of each figure that any service hands to the audit."""
    trees = [
        ast.parse(written) for path in SERVICES.glob("*.py") if "AuditAction" in (written := path.read_text("utf-8"))
    ]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    calls = [node for node in nodes if ast.unparse(node.func) in {"record", "audit.record"}]
    assert len(calls) >= 10
    return {keyword.arg for call in calls for keyword in call.keywords if keyword.arg}
