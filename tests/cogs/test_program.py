"""Programs as moderators set them up, and as everybody else is kept out of them."""

from datetime import timedelta

import discord
import pytest
from simcord.actors import MemberActor
from simcord.results import InteractionResult

from bot.domain.states import ProgramState, ScheduleKind
from bot.services import people, programs
from bot.services.people import Profile
from db.models import Program
from tests.cogs.town import Message, Town, control, custom_ids, last_answer, only_id, said, words_of
from tests.services.season import Season

REFUSED = "may do this"
COMMANDS = ("program setup", "program show", "program edit", "program pause", "program resume", "program archive")
SELECTS = ("lobby", "modchannel", "role", "weekday", "hour", "preset", "rules")
FILLED = {"name": "Circles", "sizes": "3-4-5", "weeks": "2", "day": "2026-02-02", "zone": "Europe/Berlin"}


async def setup(town: Town, actor: MemberActor | None = None) -> Message:
    """Open the panel of a new program."""
    shown = await (actor or town.moderator).slash(town.lobby, "program setup")
    assert shown.response is not None
    return shown.response


async def rules_of(town: Town, program_id: int = 1):
    return (await programs.get_card(town.database, town.guild.id, program_id)).rules


async def state_of(town: Town, program_id: int = 1) -> ProgramState:
    return (await programs.get_card(town.database, town.guild.id, program_id)).state


async def choose(town: Town, panel: Message, what: str, *values: object) -> InteractionResult:
    """Choose something on a panel."""
    return await town.moderator.select(panel, list(values), custom_id=control(panel, f"program-{what}"))


async def press(actor: MemberActor, message: Message, action: str) -> InteractionResult:
    return await actor.click(message, custom_id=control(message, action))


async def fill(town: Town, panel: Message, **changes: str) -> InteractionResult:
    """Fill the panel's modal in."""
    shown = await press(town.moderator, panel, "program-details")
    return await town.moderator.submit_modal(shown, FILLED | changes)


async def press_twice(actor: MemberActor, message: Message, action: str) -> tuple[str, str]:
    """Press a button twice, the second time before the message changed in its reader's eyes; return both answers."""
    before = message._message.components
    first = said(await press(actor, message, action))
    message._message.components = before
    return first, said(await press(actor, message, action))


def keeper(town: Town, name: str = "keeper") -> MemberActor:
    """Add a member who has the moderators' role and no Manage Server."""
    return town.guild.add_member(town.env.create_user(name), roles=[town.mod_role])


async def test_one_panel_shows_every_rule_and_what_the_bot_lacks(town):
    panel = await setup(town)
    shown = words_of(panel)
    for part in (
        "Set up Peer Circles",
        "Circles of 3 to 6",
        "lasts 4 weeks",
        "Monday",
        town.lobby.mention,
        "all there",
    ):
        assert part in shown
    assert {each.split(":")[1] for each in custom_ids(panel)} >= {f"program-{each}" for each in SELECTS}


async def test_every_select_changes_its_rule(town):
    panel = await setup(town)
    other = town.guild.create_text_channel("other")
    await choose(town, panel, "lobby", other)
    await choose(town, panel, "modchannel", town.mod_channel)
    await choose(town, panel, "role", town.mod_role)
    await choose(town, panel, "weekday", "3")
    await choose(town, panel, "hour", "17")
    await choose(town, panel, "preset", "hours")
    await choose(town, panel, "rules", "common_language", "facilitator_in_each")
    result = await press(town.moderator, panel, "program-auto")
    rules = await rules_of(town)
    assert (rules.lobby_channel_id, rules.moderator_channel_id) == (other.id, town.mod_channel.id)
    assert (rules.moderator_role_id, rules.checkin_weekday, rules.checkin_hour) == (town.mod_role.id, 3, 17)
    assert (rules.preset, rules.common_language, rules.facilitator_in_each) == ("hours", True, True)
    assert rules.auto_publish
    assert "Thursday at 17:00" in said(result)
    await choose(town, panel, "modchannel")
    await choose(town, panel, "role")
    await choose(town, panel, "rules")
    rules = await rules_of(town)
    assert (rules.moderator_channel_id, rules.moderator_role_id, rules.common_language) == (None, None, False)


async def test_the_modal_sets_what_is_typed(town):
    panel = await setup(town)
    await fill(town, panel)
    rules = await rules_of(town)
    assert (rules.name, rules.size_least, rules.size_wanted, rules.size_most) == ("Circles", 3, 4, 5)
    assert (rules.rotation_weeks, rules.first_day.isoformat(), rules.zone) == (2, "2026-02-02", "Europe/Berlin")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "  "}, "1 to 80 characters"),
        ({"sizes": "5"}, "three sizes"),
        ({"sizes": "a-b-c"}, "three sizes"),
        ({"sizes": "6-5-4"}, "three sizes"),
        ({"sizes": "3-5-40"}, "three sizes"),
        ({"weeks": "many"}, "1 to 26 weeks"),
        ({"weeks": "0"}, "1 to 26 weeks"),
        ({"day": "02.02.2026"}, "like 2026-11-30"),
        ({"day": "9999-12-31"}, "too far ahead"),
        ({"zone": "EST5EDT4"}, "not a time zone"),
    ],
)
async def test_what_does_not_fit_is_refused_in_words_and_nothing_changes(town, changes, words):
    """FAILURES F27: nothing is guessed."""
    panel = await setup(town)
    before = await rules_of(town)
    assert words in said(await fill(town, panel, **changes))
    assert await rules_of(town) == before


async def test_hostile_input_is_shown_harmless(town):
    """FAILURES F35: what was typed cannot ping or format, not even in its own refusal."""
    panel = await setup(town)
    refusal = said(await fill(town, panel, zone="@everyone **x** <@&1>"))
    assert "@everyone" not in refusal
    assert "**x**" not in refusal
    await fill(town, panel, name="@everyone **bold** <#1>")
    shown = said(await town.moderator.slash(town.lobby, "program setup"))
    assert "@everyone" not in shown


async def test_a_modal_that_was_open_during_a_restart_is_not_lost(town):
    """FAILURES F29 and F31: a restart loses neither the panel nor its open modal."""
    panel = await setup(town)
    shown = await press(town.moderator, panel, "program-details")
    await town.restart()
    await town.moderator.submit_modal(shown, FILLED)
    assert (await rules_of(town)).name == "Circles"
    await press(town.moderator, panel, "program-start")
    assert await state_of(town) is ProgramState.ACTIVE


async def test_two_modals_that_are_open_at_once_never_mix(town):
    """FAILURES F31: each submission changes the program it was opened for."""
    one, other = await setup(town), await setup(town)
    first = await press(town.moderator, one, "program-details")
    second = await press(town.moderator, other, "program-details")
    await town.moderator.submit_modal(first, FILLED | {"name": "First"})
    await town.moderator.submit_modal(second, FILLED | {"name": "Second"})
    assert [(await rules_of(town, each)).name for each in (1, 2)] == ["First", "Second"]


async def test_starting_twice_starts_once(town):
    """FAILURES F9: the second click changes nothing."""
    panel = await setup(town)
    for answer in await press_twice(town.moderator, panel, "program-start"):
        assert "This program runs." in answer
    shown = await town.moderator.slash(town.lobby, "program show")
    assert "Next rotation" in said(shown)


async def test_a_name_that_is_taken_is_refused(town):
    await town.start_program()
    panel = await setup(town)
    assert "already a program called" in said(await fill(town, panel, name="peer circles"))


async def test_setup_needs_a_text_channel(town):
    voice = town.guild.create_voice_channel("talk")
    assert "text channel" in said(await town.moderator.slash(voice, "program setup"))
    assert await Season(town.database, 1, ()).rows(Program) == []


async def test_pause_resume_and_archive(town):
    await town.start_program()
    assert "rests now" in said(await town.moderator.slash(town.lobby, "program pause"))
    assert await state_of(town) is ProgramState.PAUSED
    assert "This program runs." in said(await town.moderator.slash(town.lobby, "program resume"))
    asked = await town.moderator.slash(town.lobby, "program archive")
    assert await state_of(town) is ProgramState.ACTIVE
    first, again = await press_twice(town.moderator, last_answer(asked), "program-archive")
    assert "is over" in first
    assert "is archived" in again
    assert await state_of(town) is ProgramState.ARCHIVED
    assert "no program on this server" in said(await town.moderator.slash(town.lobby, "program show"))
    assert "Rotations so far" in said(await town.moderator.slash(town.lobby, "rotation history"))


async def test_an_old_panel_of_an_archived_program_says_so(town):
    """FAILURES F34: a control that outlived its program answers with what to do instead."""
    panel = await setup(town)
    program_id = int(only_id(panel, "program-start"))
    await press(town.moderator, panel, "program-start")
    edit = last_answer(await town.moderator.slash(town.lobby, "program edit"))
    await programs.archive_program(town.database, town.guild.id, program_id, town.now)
    for result in (
        await choose(town, edit, "hour", "5"),
        await press(town.moderator, edit, "program-auto"),
        await fill(town, edit),
    ):
        assert "/program setup" in said(result)


async def test_a_panel_that_nobody_finished_in_time_says_what_to_do(town):
    """FAILURES F34: its program was cleared away, and its buttons act on no other."""
    old = await setup(town)
    await town.advance(days=2)
    await setup(town)
    assert "no such program" in said(await press(town.moderator, old, "program-start"))
    assert await state_of(town, 2) is ProgramState.DRAFT


async def test_with_several_programs_one_is_named(town):
    await town.start_program()
    await town.start_program(name="Mentors")
    asked = said(await town.moderator.slash(town.lobby, "program show"))
    assert "Peer Circles" in asked
    assert "Mentors" in asked
    assert "## Mentors" in said(await town.moderator.slash(town.lobby, "program show", program="mentors"))
    offered = await town.moderator.autocomplete(town.lobby, "program show", "program", "ment")
    assert [each["name"] for each in offered] == ["Mentors"]
    nothing = await town.moderator.slash(town.lobby, "program show", program="Nobody")
    assert "choose one of them" in said(nothing)


async def test_strangers_get_through_no_command(town):
    """FAILURES F36: checked on the server's side, whoever sees the commands."""
    await town.start_program(moderator_role_id=town.mod_role.id)
    for command in COMMANDS:
        result = await town.stranger.slash(town.lobby, command)
        assert REFUSED in said(result), command
        assert last_answer(result).ephemeral
    assert await state_of(town) is ProgramState.ACTIVE
    assert len(await Season(town.database, 1, ()).rows(Program)) == 1


async def test_the_moderator_role_opens_every_command_of_its_program_and_no_other(town):
    await town.start_program(moderator_role_id=town.mod_role.id)
    await town.start_program(name="Others")
    mod = keeper(town)
    for command in COMMANDS[1:]:
        assert REFUSED not in said(await mod.slash(town.lobby, command, program="Peer Circles")), command
        assert REFUSED in said(await mod.slash(town.lobby, command, program="Others")), command
    assert REFUSED in said(await mod.slash(town.lobby, "program setup"))


@pytest.mark.parametrize("who", ["member", "former moderator"])
async def test_every_click_is_checked_again(town, who):
    """FAILURES F36: whoever holds an old panel and may not moderate any more changes nothing."""
    await town.start_program(moderator_role_id=town.mod_role.id)
    actor = keeper(town)
    panel = last_answer(await actor.slash(town.lobby, "program edit"))
    asked = last_answer(await actor.slash(town.lobby, "program archive"))
    modal = await press(actor, panel, "program-details")
    if who == "member":
        town.env.backend.get_guild(town.guild.id).members[actor.id].role_ids.clear()
    else:
        await programs.change_program(town.database, town.guild.id, 1, {"moderator_role_id": None}, town.now)
    before = await rules_of(town)
    results = [
        await actor.submit_modal(modal, FILLED),
        await press(actor, panel, "program-auto"),
        await press(actor, panel, "program-details"),
        await press(actor, asked, "program-archive"),
        *[
            await actor.select(panel, [value], custom_id=control(panel, f"program-{what}"))
            for what, value in (
                ("lobby", town.mod_channel),
                ("modchannel", town.mod_channel),
                ("role", town.mod_role),
                ("weekday", "4"),
                ("hour", "4"),
                ("preset", "hours"),
                ("rules", "common_language"),
            )
        ],
    ]
    for result in results:
        assert REFUSED in said(result)
        assert result.modal is None
    assert await rules_of(town) == before
    assert await state_of(town) is ProgramState.ACTIVE


async def test_a_missing_permission_is_named_with_its_place_everywhere(town):
    """FAILURES F16: what is missing, where, and where to grant it."""
    denied = discord.PermissionOverwrite(create_private_threads=False)
    poor = town.guild.create_text_channel("poor", overwrites={town.guild.default_role: denied})
    panel = await setup(town)
    result = await choose(town, panel, "lobby", poor)
    await press(town.moderator, panel, "program-start")
    for shown in (
        said(result),
        said(await town.moderator.slash(town.lobby, "doctor")),
        said(await town.moderator.slash(town.lobby, "program show")),
    ):
        assert "Create Private Threads" in shown
        assert poor.mention in shown
        assert "channel's settings" in shown


async def test_the_doctor_is_for_moderators_and_says_when_all_is_well(town):
    await town.start_program()
    assert "Nothing is missing" in said(await town.moderator.slash(town.lobby, "doctor"))


async def test_a_program_shows_its_people_dates_and_newest_lines(town):
    due = town.now + timedelta(hours=1)
    program_id = await town.start_program(
        zone="UTC", first_day=due.date(), checkin_weekday=due.weekday(), checkin_hour=due.hour, auto_publish=True
    )
    member = town.member("ada")
    await people.join(town.database, town.guild.id, program_id, member.id, Profile(), town.now)
    await town.advance(hours=1)
    shown = said(await town.moderator.slash(town.lobby, "program show"))
    assert "Taking part: 1; pausing: 0" in shown
    assert "could not be published: There are not enough people for a single circle of 3." in shown
    card = await programs.get_card(town.database, town.guild.id, program_id)
    assert f"<t:{int(card.next_due[ScheduleKind.ROTATION].timestamp())}:F>" in shown
