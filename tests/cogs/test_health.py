"""What moderators read of a program: its health, what somebody was sent, and the week's digest in their channel."""

from collections.abc import Sequence
from datetime import timedelta

from simcord.actors import MemberActor

from bot.services import people
from bot.services.people import Profile
from tests.cogs.test_program import REFUSED, keeper, press
from tests.cogs.town import Town, control, custom_ids, last_answer, said, words_of


async def running(town: Town, members: int, also: Sequence[MemberActor] = ()) -> list[MemberActor]:
    """Let members join a program, and its first rotation and check-in begin."""
    due = town.now + timedelta(hours=1)
    rules = {"zone": "UTC", "first_day": due.date(), "checkin_hour": due.hour, "checkin_weekday": due.weekday()}
    program_id = await town.start_program(
        auto_publish=True, moderator_channel_id=town.mod_channel.id, moderator_role_id=town.mod_role.id, **rules
    )
    joined = [*(town.member(f"member{number}") for number in range(members)), *also]
    for member in joined:
        await people.join(town.database, town.guild.id, program_id, member.id, Profile(), town.now)
    await town.advance(hours=1)
    return joined


async def test_a_moderator_reads_the_figures_and_gets_the_picture(town):
    await running(town, 7)
    shown = await keeper(town).slash(town.lobby, "program health")
    words = said(shown)
    assert "7 active, 0 paused, 0 left, of 7" in words
    assert "pairs met for the first time" in words
    assert "fewer than five people are kept back" in words
    (file,) = last_answer(shown).attachments
    assert file.filename == "program-health.png"


async def test_a_program_of_few_people_shows_no_figure_and_no_picture(town):
    await running(town, 4)
    shown = await town.moderator.slash(town.lobby, "program health")
    assert "Fewer than five" in said(shown)
    assert not last_answer(shown).attachments


async def test_what_was_given_up_is_told_in_words_and_tried_again(town):
    """FAILURES F10, F11: who was not reached is found, with the reason, and can be reached after all."""
    lost = town.member("lost")
    town.env.inject_error("PUT", f"/channels/*/thread-members/{lost.id}", status=404, code=10007)
    await running(town, 5, also=[lost])
    shown = await town.moderator.slash(town.lobby, "program delivery", member=lost)
    words = said(shown)
    assert "They left the server" in words
    assert "was not brought into the thread" in words
    await press(town.moderator, last_answer(shown), "sent-retry")
    await town.env.settle()
    again = last_answer(await town.moderator.slash(town.lobby, "program delivery", member=lost))
    assert "not brought" not in words_of(again)
    assert not [each for each in custom_ids(again) if "sent-retry" in each]
    assert lost.id in town.env.backend.get_channel(town.threads()[0].id).thread_members
    assert "Delivery tried again" in said(await town.moderator.slash(town.lobby, "program audit"))


async def test_a_stranger_was_sent_nothing(town):
    await running(town, 5)
    shown = await town.moderator.slash(town.lobby, "program delivery", member=town.stranger)
    assert "not joined" in said(shown).lower() or "never joined" in said(shown).lower()


async def test_members_and_strangers_get_through_none_of_the_commands(town):
    """FAILURES F36: each command asks again who may."""
    (member, *_) = await running(town, 5)
    for actor in (member, town.stranger):
        assert REFUSED in said(await actor.slash(town.lobby, "program health"))
        assert REFUSED in said(await actor.slash(town.lobby, "program audit"))
        assert REFUSED in said(await actor.slash(town.lobby, "program delivery", member=member))


async def test_the_week_is_told_once_in_the_moderators_channel(town):
    await running(town, 6)
    await town.due()
    (card,) = [each for each in town.mod_channel.history() if ": the week" in words_of(each)]
    assert "6 people take part" in words_of(card)
    opened = await town.moderator.click(card, custom_id=control(card, "program-card"))
    assert "Monday" in said(opened) or "Circles" in said(opened)
    await town.advance(weeks=1)
    cards = [words_of(each) for each in town.mod_channel.history() if ": the week" in words_of(each)]
    assert len(cards) == 2
    assert "0 of 6 people answered the check-in" in cards[1]
