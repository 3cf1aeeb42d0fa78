import pytest
from simcord.actors import MemberActor
from simcord.results import InteractionResult

from bot.domain.states import EnrollmentState
from bot.services import people, programs
from tests.cogs.town import Town, control, custom_ids, last_answer, said

HOSTILE = "@everyone <@1> **loud** `code` [x](http://evil) <https://evil> \u202egnol"


async def open_join(town: Town, member: MemberActor, zone: str = "Europe/Berlin", **options: str) -> InteractionResult:
    return await member.slash(town.lobby, "circle join", zone=zone, **options)


async def joined(town: Town, name: str, zone: str = "Europe/Berlin", **fields: str) -> MemberActor:
    """Add a member who joins through the modal."""
    member = town.member(name)
    await member.submit_modal(await open_join(town, member, zone), fields)
    return member


async def state_of(town: Town, member: MemberActor) -> people.EnrollmentCard:
    found = await people.find_member(town.database, town.guild.id, member.id)
    assert found is not None
    return found.enrollments[0]


async def answer_of(town: Town, member: MemberActor, command: str, **options: object) -> str:
    """Use a command whose answer only its user may see; return its words."""
    shown = await member.slash(town.lobby, f"circle {command}", **options)
    assert shown.ephemeral
    return said(shown)


async def test_a_member_joins_through_one_modal(town: Town):
    await town.start_program()
    member = town.member("ann")
    choices = await member.autocomplete(town.lobby, "circle join", "zone", "nairobi")
    assert choices == [{"name": "Nairobi, Kenya (UTC+03:00)", "value": "Africa/Nairobi"}]
    shown = await open_join(town, member, choices[0]["value"])
    done = await member.submit_modal(shown, {"helps_with": "SQL", "experience": "junior"})
    assert done.ephemeral
    assert "You take part in Peer Circles" in said(done)
    assert "Africa/Nairobi (UTC+03:00 now)" in said(done)
    assert "Next rotation: <t:" in said(done)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("CST", "is an abbreviation, not a place"),
        ("Atlantis", "is not a time zone that I know"),
        (HOSTILE, "is not a time zone"),
    ],
)
async def test_a_zone_that_is_no_place_is_explained_before_any_modal_opens(town: Town, zone: str, words: str):
    """FAILURES F27, F35: EST, IST and CST are explained; what was typed comes back inert."""
    await town.start_program()
    member = town.member("ann")
    shown = await open_join(town, member, zone)
    assert shown.modal is None
    assert words in said(shown)
    assert_inert(said(shown))


async def test_submitting_twice_enrols_once(town: Town):
    """FAILURES F9: two quick submissions register once."""
    program_id = await town.start_program()
    member = town.member("ann")
    shown = [await open_join(town, member) for _ in range(2)]
    for modal, helps_with in zip(shown, ("SQL", "Rust"), strict=True):
        done = await member.submit_modal(modal, {"helps_with": helps_with})
        assert "You take part in" in said(done)
    card = await programs.get_card(town.database, town.guild.id, program_id)
    assert card.enrolled == 1
    assert "Rust" in await answer_of(town, member, "profile")


async def test_two_open_modals_never_mix(town: Town):
    """FAILURES F31: each submission is its own member's, in its own zone, whichever comes first."""
    await town.start_program()
    ann, bea = town.member("ann"), town.member("bea")
    of_ann = await open_join(town, ann, "Asia/Tokyo")
    of_bea = await open_join(town, bea, "America/Lima")
    await bea.submit_modal(of_bea, {"helps_with": "Bea's topic"})
    await ann.submit_modal(of_ann, {"helps_with": "Ann's topic"})
    assert "Ann's topic" in await answer_of(town, ann, "profile")
    assert "Asia/Tokyo" in await answer_of(town, ann, "profile")
    assert "America/Lima" in await answer_of(town, bea, "profile")


async def test_a_modal_that_was_open_during_a_restart_is_not_lost(town: Town):
    """FAILURES F29, F31: a restart between opening and submitting changes nothing."""
    await town.start_program()
    member = town.member("ann")
    shown = await open_join(town, member)
    await town.restart()
    done = await member.submit_modal(shown, {"helps_with": "SQL"})
    assert "You take part in" in said(done)


async def test_joining_again_opens_the_modal_filled_in(town: Town):
    """FAILURES F8: joining again is only a change of the profile."""
    await town.start_program()
    member = await joined(town, "ann", helps_with="SQL", experience="senior")
    shown = await open_join(town, member)
    assert shown.modal is not None
    assert "SQL" in str(shown.modal)
    again = await member.submit_modal(shown, {"helps_with": "SQL, Go"})
    assert "You take part in" in said(again)


async def test_the_modal_asks_for_the_program_where_there_are_several(town: Town):
    await town.start_program()
    second = await town.start_program(name="Second")
    member = town.member("ann")
    shown = await open_join(town, member)
    done = await member.submit_modal(shown, {"program": [str(second)]})
    assert "You take part in Second" in said(done)
    direct = await open_join(town, member, program="second")
    assert "program" not in custom_ids_of_modal(direct)
    assert f"pc:join-given:{second}:" in str(direct.modal)


async def test_joining_without_any_program_says_who_can_set_one_up(town: Town):
    shown = await open_join(town, town.member("ann"))
    assert "no program on this server yet" in said(shown)


@pytest.mark.parametrize(
    "command", ["availability", "leave", "pause", "resume", "skip", "profile", "mine", "history", "avoid list"]
)
async def test_who_never_joined_is_told_how_to(town: Town, command: str):
    await town.start_program()
    assert "/circle join takes a minute" in await answer_of(town, town.stranger, command)


async def test_hostile_text_is_shown_inert_wherever_a_member_wrote_it(town: Town):
    """FAILURES F35: no mention, markdown, link or hidden character of a member's takes effect."""
    await town.start_program()
    fields = {"helps_with": HOSTILE, "wants_help_with": HOSTILE, "languages": HOSTILE}
    member = town.member("ann")
    done = await member.submit_modal(await open_join(town, member), fields)
    assert_inert(said(done))
    assert_inert(await answer_of(town, member, "profile"))


async def test_a_programs_hostile_name_is_shown_inert(town: Town):
    """FAILURES F35: what moderators wrote takes no effect either."""
    await town.start_program(name=HOSTILE)
    member = await joined(town, "ann")
    for command in ("mine", "leave", "pause", "resume", "skip"):
        assert_inert(await answer_of(town, member, command))
    card = last_answer(await member.slash(town.lobby, "circle profile"))
    assert "\u202e" not in str(card.components)  # a button's label is plain text, but could still be turned around


async def test_weekly_hours_are_set_with_selects_and_saved_at_once(town: Town):
    """FAILURES F28: the hours are the member's own, in the member's own zone."""
    await town.start_program()
    member = await joined(town, "ann", zone="Asia/Kolkata")
    panel = last_answer(await member.slash(town.lobby, "circle availability"))
    assert not [each for each in custom_ids(panel) if each.startswith("pc:hours-set")]
    await member.select(panel, ["0", "2"], custom_id=control(panel, "hours-days"))
    await member.select(panel, ["18", "19"], custom_id="pc:hours-set:02")
    words = await answer_of(town, member, "availability")
    assert "Asia/Kolkata (UTC+05:30 now)" in words
    assert "Monday: 18:00–20:00" in words
    assert "Wednesday: 18:00–20:00" in words


async def test_hours_are_cleared_by_day_and_as_a_whole(town: Town):
    await town.start_program()
    member = await joined(town, "ann")
    panel = last_answer(await member.slash(town.lobby, "circle availability"))
    await member.select(panel, ["0", "2"], custom_id=control(panel, "hours-days"))
    await member.select(panel, ["18"], custom_id="pc:hours-set:02")
    await member.select(panel, ["2"], custom_id=control(panel, "hours-days"))
    await member.click(panel, label="Clear Wednesday")
    assert "Wednesday: " not in await answer_of(town, member, "availability")
    await member.click(panel, label="Clear the whole week")
    assert "No hours are set yet" in await answer_of(town, member, "availability")


async def test_the_panel_of_hours_outlives_a_restart(town: Town):
    """FAILURES F29: controls work after a restart."""
    await town.start_program()
    member = await joined(town, "ann")
    panel = last_answer(await member.slash(town.lobby, "circle availability"))
    await town.restart()
    await member.select(panel, ["6"], custom_id=control(panel, "hours-days"))
    await member.select(panel, ["9"], custom_id="pc:hours-set:6")
    assert "Sunday: 09:00–10:00" in await answer_of(town, member, "availability")


async def test_leaving_is_asked_once_and_a_second_click_changes_nothing(town: Town):
    """FAILURES F9: a double click leaves once, and says so."""
    await town.start_program()
    member = await joined(town, "ann")
    asked = await member.slash(town.lobby, "circle leave")
    assert (await state_of(town, member)).state is EnrollmentState.ACTIVE
    sure = control(last_answer(asked), "circle-leave")
    await member.click(last_answer(asked), custom_id=sure)
    assert (await state_of(town, member)).state is EnrollmentState.LEFT
    assert "do not take part" in await answer_of(town, member, "skip")


async def test_one_can_rest_instead_of_leaving(town: Town):
    await town.start_program()
    member = await joined(town, "ann")
    asked = await member.slash(town.lobby, "circle leave")
    await member.click(last_answer(asked), label="Rest instead")
    assert (await state_of(town, member)).state is EnrollmentState.PAUSED


async def test_a_pause_is_offered_by_weeks_and_ends_in_the_members_zone(town: Town):
    """FAILURES F28: the day begins where the member lives."""
    await town.start_program()
    member = await joined(town, "ann", zone="Pacific/Auckland")
    choices = await member.autocomplete(town.lobby, "circle pause", "until", "")
    assert choices[0]["name"].startswith("In one week: ")
    words = await answer_of(town, member, "pause", until=choices[0]["value"])
    until = (await state_of(town, member)).paused_until
    assert until is not None
    assert until.hour == 11  # midnight in Auckland's summer
    assert f"<t:{int(until.timestamp())}:D>" in words


@pytest.mark.parametrize(
    ("until", "words"),
    [("tomorrow", "not a date"), ("2001-01-01", "must lie ahead"), ("9999-12-31", "at most"), (HOSTILE, "not a date")],
)
async def test_a_day_that_cannot_be_is_refused_in_words(town: Town, until: str, words: str):
    """FAILURES F35: what was typed comes back inert."""
    await town.start_program()
    member = await joined(town, "ann")
    answer = await answer_of(town, member, "pause", until=until)
    assert words in answer
    assert_inert(answer)
    assert (await state_of(town, member)).state is EnrollmentState.ACTIVE


async def test_a_pause_ends_with_one_click(town: Town):
    await town.start_program()
    member = await joined(town, "ann")
    rested = await member.slash(town.lobby, "circle pause")
    await town.restart()
    await member.click(last_answer(rested), label="Come back now")
    assert (await state_of(town, member)).state is EnrollmentState.ACTIVE
    assert "counted in" in await answer_of(town, member, "resume")


async def test_skipping_says_how_to_take_it_back_and_does_so(town: Town):
    await town.start_program()
    member = await joined(town, "ann")
    first = await answer_of(town, member, "skip")
    assert "/circle skip once more" in first
    assert (await state_of(town, member)).skips_next
    await answer_of(town, member, "skip")
    assert not (await state_of(town, member)).skips_next


async def test_the_profile_is_changed_by_its_button_and_keeps_the_zone(town: Town):
    await town.start_program()
    member = await joined(town, "ann", zone="Asia/Tokyo", helps_with="SQL")
    card = last_answer(await member.slash(town.lobby, "circle profile"))
    modal = await member.click(card, label="Change my profile")
    done = await member.submit_modal(modal, {"helps_with": "Go", "experience": "lead"})
    assert "Go" in said(done)
    assert "Asia/Tokyo" in said(done)


async def test_a_member_offers_to_facilitate_and_takes_it_back(town: Town):
    await town.start_program()
    member = await joined(town, "ann")
    card = last_answer(await member.slash(town.lobby, "circle profile"))
    for offered in (True, False):
        await member.click(card, custom_id=control(card, "facilitate"))
        assert (await state_of(town, member)).facilitates is offered


async def test_a_member_of_several_programs_names_one(town: Town):
    await town.start_program()
    second = await town.start_program(name="Second")
    member = town.member("ann")
    for program in ("Peer Circles", "Second"):
        await member.submit_modal(await open_join(town, member, program=program), {})
    assert "choose one of them" in await answer_of(town, member, "skip")
    choices = await member.autocomplete(town.lobby, "circle skip", "program", "sec")
    assert choices == [{"name": "Second", "value": str(second)}]
    assert "Second" in await answer_of(town, member, "skip", program=str(second))


def custom_ids_of_modal(shown: InteractionResult) -> list[str]:
    assert shown.modal is not None
    return [label["component"]["custom_id"] for label in shown.modal["components"]]


def assert_inert(words: str) -> None:
    """Check that nothing of HOSTILE is in force in what is shown."""
    for alive in ("@everyone", "<@1>", "**loud**", "`code`", "[x](", "<https", "\u202e"):
        assert alive not in words
