"""Pulses as members meet them: consent, answering page by page, their own trend, and the way out."""

import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta

import discord
import pytest
from simcord.actors import MemberActor

from bot.instruments import load_instruments
from tests.cogs.test_hostile import MARKS, amiss
from tests.cogs.town import Message, Town, custom_ids, last_answer, said, words_of

NAMES = ("ada", "grace", "mary", "joan", "radia", "hedy")
PAGE = {"0": "4", "1": "5", "2": "3", "3": "4"}


@dataclass
class Wave:
    """A town of six in two circles, on the day on which the first pulses open."""

    town: Town
    program_id: int
    members: list[MemberActor]

    @property
    def ada(self) -> MemberActor:
        """The member whose eyes the tests look through."""
        return self.members[0]

    def invitation(self, member: MemberActor, title: str = "Task confidence") -> Message:
        """Return the invitation in a member's own circle."""
        for thread in self.town.threads():
            for message in thread.history():
                words = words_of(message)
                if "Pulse: " + title in words and any(member.mention in words_of(each) for each in thread.history()):
                    return message
        raise AssertionError("no invitation")

    async def agree(self, member: MemberActor, title: str = "Task confidence"):
        """Press the button and consent; return what shows the first page."""
        asked = await member.click(self.invitation(member, title), label="Answer privately")
        return await member.click(last_answer(asked), label="I am 18 or older and consent")

    async def answer(self, member: MemberActor, given: dict[str, str] | None = None):
        """Consent and answer the four statements of task confidence."""
        return await member.submit_modal(await self.agree(member), PAGE if given is None else given)


async def join(town: Town, name: str) -> MemberActor:
    member = town.member(name)
    modal = await member.slash(town.lobby, "circle join", zone="Europe/Berlin")
    await member.submit_modal(modal, {})
    return member


@pytest.fixture
async def wave(town: Town) -> Wave:
    first = town.now.date() + timedelta(days=1)
    program_id = await town.start_program(
        zone="UTC",
        first_day=first,
        checkin_weekday=first.weekday(),
        checkin_hour=9,
        auto_publish=True,
        size_wanted=3,
        size_most=3,
        rotation_weeks=4,
    )
    members = [await join(town, name) for name in NAMES]
    await town.advance(days=1, hours=12)
    await town.advance(days=7)
    return Wave(town, program_id, members)


async def test_p2_figures_are_published_when_a_wave_closes_with_a_chart_and_a_table(wave: Wave):
    for number, member in enumerate(wave.members):
        level = 2 + number % 3
        await wave.answer(member, {"0": str(level), "1": str(level), "2": str(level + 1), "3": "3"})
    await wave.town.advance(days=5)
    shown = await wave.town.moderator.slash(wave.town.lobby, "pulses results")
    assert last_answer(shown).ephemeral
    assert "Mean 3.2 (95 % interval" in said(shown)
    assert "2 circles have no figure of their own" in said(shown)
    names = {each.filename for each in last_answer(shown).attachments}
    assert names == {"pulse-results.png", "pulse-results.csv"}


async def test_p13_the_first_time_a_card_asks_for_consent_and_nothing_opens_before(wave: Wave):
    asked = await wave.ada.click(wave.invitation(wave.ada), label="Answer privately")
    assert last_answer(asked).ephemeral
    assert asked.modal is None
    words = said(asked)
    for promise in (
        "18 or older",
        "12 months",
        "Nobody monitors",
        "not a diagnosis",
        "holds the keys",
        "/pulse withdraw",
    ):
        assert promise in words
    shown = await wave.ada.click(last_answer(asked), label="I am 18 or older and consent")
    assert shown.modal is not None


async def test_consenting_and_withdrawing_take_one_command_each(wave: Wave):
    town = wave.town
    asked = await wave.ada.slash(town.lobby, "pulse consent")
    done = await wave.ada.click(last_answer(asked), label="I am 18 or older and consent")
    assert "You have consented" in said(done) + said(asked)
    assert "takes it back" in said(await wave.ada.slash(town.lobby, "pulse consent"))
    assert "are deleted" in said(await wave.ada.slash(town.lobby, "pulse withdraw"))
    assert "nothing to delete" in said(await wave.ada.slash(town.lobby, "pulse withdraw"))


async def test_pages_show_the_stem_and_anchors_and_go_on_after_a_restart(wave: Wave):
    """FAILURES F29, F31, F37: a restart between two pages loses nothing; no custom_id holds an answer."""
    first = await wave.agree(wave.ada, "Impostor feelings")
    assert "as you generally are now" in str(first.modal)
    assert "Very inaccurate" in str(first.modal)
    shown = await wave.ada.submit_modal(first, {"0": "4", "1": "5", "2": "skip"})
    assert "Page 1 of 2 is kept" in said(shown)
    await wave.town.restart()
    second = await wave.ada.click(last_answer(shown), label="Next page (2 of 2)")
    done = await wave.ada.submit_modal(second, {"3": "2", "4": "1", "5": "1"})
    assert "All pages" in said(done)
    for message in (last_answer(shown), last_answer(done)):
        assert all(re.fullmatch(r"pc:pulse-(page:\d+\.[01]|later:\d+)", each) for each in custom_ids(message))
    again = await wave.ada.click(last_answer(done), label="Back to page 2")
    assert again.modal is not None


async def test_finishing_later_goes_on_by_command_where_one_stopped(wave: Wave):
    shown = await wave.ada.submit_modal(await wave.agree(wave.ada, "Impostor feelings"), {"0": "4"})
    later = await wave.ada.click(last_answer(shown), label="Finish later")
    assert "kept" in said(later) + said(shown)
    which = await wave.ada.slash(wave.town.lobby, "pulse answer")
    begun = await wave.ada.click(last_answer(which), label="Impostor feelings (Peer Circles)")
    assert "You have begun" in said(begun)
    assert (await wave.ada.click(last_answer(begun), label="Go on with page 2 of 2")).modal is not None


async def test_two_members_modals_at_once_never_mix(wave: Wave):
    """FAILURES F31: each submission is read from its own interaction."""
    first, second = await wave.agree(wave.members[0]), await wave.agree(wave.members[1])
    await wave.members[1].submit_modal(second, {"0": "1", "1": "1", "2": "1", "3": "1"})
    await wave.members[0].submit_modal(first, {"0": "5", "1": "5", "2": "5", "3": "5"})
    for member, score in zip(wave.members, ("5.0", "1.0"), strict=False):
        assert f": {score}" in said(await member.slash(wave.town.lobby, "pulse trend"))


async def test_whoever_is_not_asked_reads_why(wave: Wave):
    late = await join(wave.town, "late")
    thread = wave.town.threads()[0]
    reader = wave.town.guild.create_role("Reader", permissions=discord.Permissions(manage_threads=True))
    watcher = wave.town.guild.add_member(wave.town.env.create_user("watcher"), roles=[reader])
    (message,) = [each for each in thread.history() if "Pulse: Task confidence" in words_of(each)]
    assert "not on the list" in said(await watcher.click(message, label="Answer privately"))
    assert "No pulse is open for you" in said(await late.slash(wave.town.lobby, "pulse answer"))
    assert "have not joined" in said(await wave.town.stranger.slash(wave.town.lobby, "pulse consent"))


async def test_a_page_that_is_handed_in_after_the_close_is_refused_in_words(wave: Wave):
    modal = await wave.agree(wave.ada)
    await wave.town.advance(days=5)
    assert "This pulse closed" in said(await wave.ada.submit_modal(modal, PAGE))
    assert "This pulse closed" in said(await wave.ada.click(wave.invitation(wave.ada), label="Answer privately"))
    assert "no scores yet" in said(await wave.ada.slash(wave.town.lobby, "pulse trend"))


async def test_withdrawing_while_a_page_is_open_keeps_nothing(wave: Wave):
    modal = await wave.agree(wave.ada)
    await wave.ada.slash(wave.town.lobby, "pulse withdraw")
    assert "not on the list" in said(await wave.ada.submit_modal(modal, PAGE))


async def test_p17_each_result_carries_the_operators_footer_and_no_band_or_alert(wave: Wave):
    given = {"0": "1", "1": "1", "2": "1", "3": "1"}
    kept = await wave.answer(wave.ada, given)
    await wave.town.advance(days=5)
    footer = wave.town.settings.pulse.support_footer
    trend = await wave.ada.slash(wave.town.lobby, "pulse trend")
    results = await wave.town.moderator.slash(wave.town.lobby, "pulses results")
    assert all(footer in said(each) for each in (kept, trend, results))
    seen = [words_of(each) for each in wave.town.mod_channel.history()]
    assert not any(wave.ada.mention in words for words in seen)
    assert wave.ada.user.dm_channel.history() == []


async def test_p14_a_trend_is_a_picture_and_the_same_in_words_for_oneself_alone(wave: Wave):
    await wave.answer(wave.ada)
    shown = await wave.ada.slash(wave.town.lobby, "pulse trend")
    assert last_answer(shown).ephemeral
    (picture,) = last_answer(shown).attachments
    assert (await picture.read()).startswith(b"\x89PNG")
    assert ": 4.0" in said(shown)
    assert "no scores yet" in said(await wave.members[1].slash(wave.town.lobby, "pulse trend"))


async def test_p14_who_left_the_server_sees_exports_and_withdraws_by_direct_message(wave: Wave):
    """FAILURES F38: the way out stays open after leaving."""
    await wave.answer(wave.ada)
    wave.town.guild.remove_member(wave.ada)
    assert ": 4.0" in said(await wave.ada.user.slash("pulse trend"))
    exported = await wave.ada.user.slash("privacy export")
    (file,) = last_answer(exported).attachments
    found = json.loads(await file.read())
    assert [each["value"] for each in found["guilds"][0]["pulses"]["waves"][0]["answers"]] == [4, 5, 3, 4]
    assert "are deleted" in said(await wave.ada.user.slash("pulse withdraw"))
    assert "no scores yet" in said(await wave.ada.user.slash("pulse trend"))
    assert "on the server" in said(await wave.ada.user.slash("pulse answer"))


async def test_p16_moderators_see_the_same_whether_or_not_somebody_answered(wave: Wave):
    town = wave.town
    commands = ("pulses results", "pulses show", "program show")
    before = [said(await town.moderator.slash(town.lobby, command)) for command in commands]
    lines = len(town.mod_channel.history())
    for member in wave.members[:3]:
        await wave.answer(member)
    assert [said(await town.moderator.slash(town.lobby, command)) for command in commands] == before
    assert len(town.mod_channel.history()) == lines
    assert "Nothing of it is shown before" in before[0]


async def test_p16_a_closed_wave_that_few_answered_names_no_number(wave: Wave):
    for member in wave.members[:3]:
        await wave.answer(member)
    await wave.town.advance(days=5)
    words = said(await wave.town.moderator.slash(wave.town.lobby, "pulses results"))
    assert "Answered: 0 to 4 of 6" in words
    assert "fewer than 5 people answered" in words


async def test_nobody_but_moderators_reads_results_or_plans_pulses(wave: Wave):
    for command in ("pulses results", "pulses show", "pulse instrument list"):
        assert "Manage Server" in said(await wave.ada.slash(wave.town.lobby, command))
    assert "Manage Server" in said(await wave.ada.slash(wave.town.lobby, "pulses stop", instrument="ipip_c1_4"))


async def test_moderators_plan_show_and_stop_a_pulse(wave: Wave):
    town = wave.town
    slash = town.moderator.slash
    planned = await slash(town.lobby, "pulses schedule", instrument="ipip_pas_se_10", every=13, weekday=2, hour=18)
    assert "every 13 weeks, Wednesday 18:00, open for 5 days" in said(planned)
    assert "is planned" in said(planned)
    assert "words of “Clance" in said(await slash(town.lobby, "pulses schedule", instrument="cips_20"))
    stopped = await slash(town.lobby, "pulses stop", instrument="ipip_c1_4")
    assert "A wave is open until" in said(stopped)
    shown = said(await slash(town.lobby, "pulses show"))
    assert "stopped" in shown
    await town.advance(days=5)
    assert "No wave" not in said(await slash(town.lobby, "pulses results", instrument="ipip_c1_4"))


async def test_a_moderator_supplies_the_words_of_a_definition_with_who_vouches(wave: Wave):
    town = wave.town
    known = load_instruments()["lis_7"]
    assert "not here yet" in said(await town.moderator.slash(town.lobby, "pulse instrument list"))
    wrong = await upload(town, b"title = 3")
    assert "line 1: expected id = 2 to 32 of a-z" in said(wrong)
    file = written(known)
    refused = await upload(town, file.encode())
    expected = re.search(r"[0-9a-f]{64}", said(refused))
    assert expected is not None
    added = await upload(town, f'texts_sha256 = "{expected[0]}"\n{file}'.encode())
    assert "is there" in said(added)
    shown = said(await town.moderator.slash(town.lobby, "pulse instrument show", instrument="lis_7"))
    assert "vouched for by the author" in shown
    assert "Statement number 1" in shown
    assert "not a UTF-8 text" in said(await upload(town, b"\xff\xfe\xff"))


async def test_hostile_words_of_a_supplied_instrument_are_shown_inert_wherever_they_are_read(wave: Wave):
    """FAILURES F35: in the lists, the card, the form, what was answered, the results and the log."""
    town, since = wave.town, len(wave.town.env.http_requests)
    hostile = "".join(filter(str.isprintable, MARKS))
    own = replace(load_instruments()["lis_7"], id="own_7")
    file = written(own, json.dumps(hostile[:70])[1:-1], json.dumps(hostile[70:])[1:-1])
    hashed = re.search(r"[0-9a-f]{64}", said(await upload(town, file.encode())))
    assert hashed is not None
    assert "is there" in said(await upload(town, f'texts_sha256 = "{hashed[0]}"\n{file}'.encode()))
    for command in ("pulse instrument list", "pulse instrument show", "pulses schedule"):
        assert "DROP" in said(await town.moderator.slash(town.lobby, command, **chosen(command)))
    await town.advance(days=7)
    page = await wave.agree(wave.ada, "=HYPERLINK")
    assert "DROP" in str(page.modal)
    assert "kept" in said(await wave.ada.submit_modal(page, PAGE))
    await town.advance(days=6)
    for command in ("pulses show", "pulses results", "program audit"):
        assert said(await town.moderator.slash(town.lobby, command, **chosen(command)))
    for command in ("pulse trend", "pulse answer", "privacy export"):
        assert said(await wave.ada.slash(town.lobby, command))
    assert amiss(wave, since) == []


def chosen(command: str) -> dict[str, str]:
    """Name the supplied instrument where a command takes one."""
    return {"instrument": "own_7"} if command in {"pulse instrument show", "pulses schedule", "pulses results"} else {}


async def upload(town: Town, content: bytes):
    return await town.moderator.slash(
        town.lobby,
        "pulse instrument add",
        file=("given.toml", content),
        vouched_by="the author",
        licence="by letter",
    )


def written(known, title: str = "Leary", words: str = "How true is it?") -> str:
    """Write a definition's file with words of its own."""
    lines = [
        f'id = "{known.id}"', "version = 1", f'title = "{title}"', f'stem = "{words}"',
        f'score = "{known.score}"', f'citation = "{words}"', f'licence = "{words}"', f'note = "{words}"',
    ]  # fmt: skip
    for option in known.options:
        lines += ["[[options]]", f"value = {option.value}", f'text = "Option {option.value} {words[:50]}"']
    for number, item in enumerate(known.items, 1):
        lines += [
            "[[items]]",
            f'text = "Statement number {number} {words[:100]}"',
            f"reverse = {str(item.reverse).lower()}",
        ]
    return "\n".join(lines)
