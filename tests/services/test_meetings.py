"""A circle agrees on a meeting: proposed, ticked, fixed, moved, cancelled, and asked about."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from bot.domain.states import DeliveryKind, DeliveryState, MeetingHow, MeetingState, Met
from bot.errors import Conflict, NotAllowed, NotFound
from bot.services import meeting_events, meeting_words, meetings, people, privacy, programs
from bot.services.calendar_file import CalendarEntry, calendar_file
from db.models import Delivery, Meeting, MeetingVote, Membership, Notice
from tests.services.season import DAY, GUILD, HOUR, START, WEEK, Season

NOW = START + HOUR
TUESDAY, THURSDAY = 1, 3


async def give_evenings(season: Season, *users: int) -> None:
    for user in users:
        await people.set_hours_on(season.database, GUILD, user, (TUESDAY, THURSDAY), (18, 19))


async def propose(season: Season, user: int = 1, now: datetime = NOW):
    return (await meetings.propose(season.database, GUILD, season.program_id, user, now)).meeting


async def fixed(season: Season, now: datetime = NOW):
    """Let everybody tick the first hour."""
    meeting = await propose(season, now=now)
    for user in season.users:
        voted = await meetings.vote(season.database, meeting.id, user, {0}, now)
    return voted.meeting


def kinds(jobs) -> list[DeliveryKind]:
    return [job.kind for job in jobs]


async def test_the_best_shared_hours_are_proposed_and_posted_once(season: Season):
    await give_evenings(season, 1, 2, 3)
    meeting = await propose(season)
    assert [slot.starts_at for slot in meeting.slots] == [
        datetime(2026, 11, 3, 18, tzinfo=UTC),
        datetime(2026, 11, 3, 19, tzinfo=UTC),
        datetime(2026, 11, 5, 18, tzinfo=UTC),
    ]
    assert [slot.free for slot in meeting.slots] == [3, 3, 3]
    assert (meeting.gave_hours, len(meeting.users), meeting.ticked) == (3, 4, 0)
    again = await meetings.propose(season.database, GUILD, season.program_id, 2, NOW)
    assert (again.meeting.id, again.is_new, again.may_lead) == (meeting.id, False, False)
    assert kinds(await season.deliver(NOW)) == [DeliveryKind.MEETING_CARD]


async def test_who_sits_in_no_circle_has_nobody_to_meet(season: Season):
    with pytest.raises(NotFound):
        await propose(season, user=99)


async def test_a_circle_meets_before_it_ends(season: Season):
    ends = START + 4 * WEEK
    last = await propose(season, now=ends - 2 * DAY)
    assert all(slot.starts_at < ends for slot in last.slots)
    assert last.decide_at < last.slots[0].starts_at
    await season.run(last.decide_at)
    with pytest.raises(Conflict) as refused:
        await propose(season, now=ends - HOUR)
    assert refused.value.message == "meeting.circle-ends"


async def test_a_stranger_neither_ticks_nor_decides(season: Season):
    """FAILURES F36: each click is checked, whoever sees the thread."""
    meeting = await propose(season)
    with pytest.raises(NotAllowed):
        await meetings.vote(season.database, meeting.id, 99, {0}, NOW)
    with pytest.raises(NotAllowed):
        await meetings.get_to_decide(season.database, meeting.id, 99)
    with pytest.raises(NotAllowed):
        await meetings.fix(season.database, meeting.id, 2, 0, NOW)


async def test_ticking_again_replaces_what_was_ticked(season: Season):
    meeting = await propose(season)
    await meetings.vote(season.database, meeting.id, 1, {0, 1}, NOW)
    await meetings.vote(season.database, meeting.id, 2, {1}, NOW)
    voted = await meetings.vote(season.database, meeting.id, 1, {2}, NOW)
    assert [slot.ticks for slot in voted.meeting.slots] == [0, 1, 1]
    assert (voted.meeting.ticked, voted.ticked) == (2, (2,))


async def test_once_all_have_ticked_the_best_hour_is_fixed(season: Season):
    meeting = await propose(season)
    for user, ticked in zip(season.users, ({0, 1}, {1}, {1, 2}, {2}), strict=True):
        voted = await meetings.vote(season.database, meeting.id, user, ticked, NOW)
    assert voted.meeting.state is MeetingState.FIXED
    assert voted.meeting.starts_at == meeting.slots[1].starts_at
    assert kinds(await season.deliver(NOW)) == [DeliveryKind.MEETING_CARD, DeliveryKind.MEETING_FIXED]


async def test_whoever_pauses_is_not_waited_for(season: Season):
    meeting = await propose(season)
    await people.pause(season.database, GUILD, season.program_id, 4, None, NOW)
    for user in (1, 2, 3):
        voted = await meetings.vote(season.database, meeting.id, user, {0}, NOW)
    assert voted.meeting.state is MeetingState.FIXED


async def test_at_its_deadline_the_hour_that_most_ticked_is_fixed(season: Season):
    meeting = await propose(season)
    await meetings.vote(season.database, meeting.id, 1, {2}, NOW)
    await meetings.vote(season.database, meeting.id, 2, {2}, NOW)
    await season.run(meeting.decide_at - HOUR)
    assert (await meetings.get_card(season.database, meeting.id)).state is MeetingState.PROPOSED
    await season.run(meeting.decide_at)
    decided = await meetings.get_card(season.database, meeting.id)
    assert (decided.state, decided.starts_at) == (MeetingState.FIXED, meeting.slots[2].starts_at)


async def test_where_no_two_share_an_hour_it_lapses_and_another_may_be_proposed(season: Season):
    meeting = await propose(season)
    await meetings.vote(season.database, meeting.id, 1, {2}, NOW)
    await season.run(meeting.decide_at)
    assert DeliveryKind.MEETING_LAPSED in kinds(await season.deliver(meeting.decide_at))
    with pytest.raises(Conflict):
        await meetings.vote(season.database, meeting.id, 2, {2}, meeting.decide_at)
    assert (await propose(season, now=meeting.decide_at)).id != meeting.id


async def test_the_bot_being_down_at_the_deadline_fixes_late_and_never_in_the_past(season: Season):
    """FAILURES F18: a deadline that passed while the bot was down is kept at the next start."""
    meeting = await propose(season)
    for user in (1, 2):
        await meetings.vote(season.database, meeting.id, user, {0, 2}, NOW)
    await season.run(meeting.slots[1].starts_at)
    assert (await meetings.get_card(season.database, meeting.id)).starts_at == meeting.slots[2].starts_at


async def test_a_named_time_is_ticked_by_whoever_named_it_and_asks_the_others_again(season: Season):
    meeting = await propose(season)
    for user in (1, 2, 3):
        await meetings.vote(season.database, meeting.id, user, {0}, NOW)
    later = NOW + HOUR
    named = await meetings.name_time(season.database, meeting.id, 4, NOW + 3 * DAY, later)
    assert (named.slots[3].starts_at, named.slots[3].ticks) == (NOW + 3 * DAY, 1)
    with pytest.raises(Conflict):
        await meetings.name_time(season.database, meeting.id, 1, NOW + 3 * DAY, later)
    assert named.state is MeetingState.PROPOSED
    for user in (1, 2, 3):
        voted = await meetings.vote(season.database, meeting.id, user, {3}, later)
    assert voted.meeting.starts_at == NOW + 3 * DAY


async def test_the_proposer_may_fix_before_all_have_ticked(season: Season):
    meeting = await propose(season)
    decided = await meetings.fix(season.database, meeting.id, 1, 1, NOW)
    assert decided.starts_at == meeting.slots[1].starts_at
    with pytest.raises(Conflict) as refused:
        await meetings.vote(season.database, meeting.id, 2, {0}, NOW)
    assert refused.value.message == "meeting.fixed-already"


async def test_the_circle_is_reminded_an_hour_before_and_asked_afterwards(season: Season):
    meeting = await fixed(season)
    starts = meeting.starts_at
    await season.deliver(NOW)
    assert await season.deliver(starts - HOUR - timedelta(minutes=1)) == []
    assert kinds(await season.deliver(starts - HOUR)) == [DeliveryKind.MEETING_REMINDER]
    assert await season.deliver(starts) == []
    assert kinds(await season.deliver(starts + HOUR)) == [DeliveryKind.MEETING_QUESTION]


async def test_a_moved_meeting_is_told_reminded_of_and_asked_about_once(season: Season):
    """FAILURES F20, F22: what was planned for the old hour never leaves, what is planned for the new one does."""
    meeting = await fixed(season)
    await season.deliver(NOW)
    with pytest.raises(NotAllowed):
        await meetings.move(season.database, meeting.id, 2, NOW + 5 * DAY, NOW)
    moved = await meetings.move(season.database, meeting.id, 1, NOW + 5 * DAY, NOW)
    assert (moved.sequence, moved.uid, moved.starts_at) == (1, meeting.uid, NOW + 5 * DAY)
    assert kinds(await season.deliver(NOW)) == [DeliveryKind.MEETING_FIXED]
    assert await season.deliver(NOW + 5 * DAY - 2 * HOUR) == []
    left = [kind for hours in (-1, 0, 1) for kind in kinds(await season.deliver(NOW + 5 * DAY + hours * HOUR))]
    assert left == [DeliveryKind.MEETING_REMINDER, DeliveryKind.MEETING_QUESTION]


async def test_a_cancelled_meeting_is_told_and_nothing_more_leaves(season: Season):
    meeting = await fixed(season)
    await season.deliver(NOW)
    cancelled = await meetings.cancel(season.database, meeting.id, 1, NOW)
    assert (cancelled.state, cancelled.sequence) == (MeetingState.CANCELLED, 1)
    assert kinds(await season.deliver(NOW + WEEK)) == [DeliveryKind.MEETING_CANCELLED]
    with pytest.raises(Conflict):
        await meetings.move(season.database, meeting.id, 1, NOW + 5 * DAY, NOW)


async def test_an_event_is_made_only_where_the_program_asks_for_it(season: Season):
    await fixed(season)
    assert not await season.rows(Delivery, Delivery.kind == DeliveryKind.MEETING_EVENT)
    await programs.change_program(season.database, GUILD, season.program_id, {"meeting_events": True}, NOW)
    meeting = (await season.rows(Meeting))[0]
    await meetings.move(season.database, meeting.id, 1, NOW + 5 * DAY, NOW)
    (event,) = await season.rows(Delivery, Delivery.kind == DeliveryKind.MEETING_EVENT)
    assert event.lane != f"circle:{meeting.circle_id}"


async def test_moderators_hear_once_a_week_that_a_permission_for_events_is_lacking(season: Season):
    for now in (NOW, NOW + DAY, NOW + 8 * DAY):
        await meeting_events.note_no_events(season.database, season.program_id, now)
    assert len(await season.rows(Notice, Notice.message == meeting_events.NO_EVENTS)) == 2


async def test_words_on_meetings_say_whether_the_circle_met(season: Season):
    first = await fixed(season)
    with pytest.raises(Conflict):
        await meeting_words.say_how(season.database, first.id, 1, MeetingHow.WELL, NOW)
    after = first.starts_at + HOUR
    assert not await meeting_words.say_how(season.database, first.id, 1, MeetingHow.NOBODY, after)
    assert await met(season, 1) is Met.NO
    assert await meeting_words.say_how(season.database, first.id, 1, MeetingHow.WELL, after)
    assert (await met(season, 1), await met(season, 2)) == (Met.ONCE, None)
    second = await fixed(season, after + HOUR)
    await meeting_words.say_how(season.database, second.id, 1, MeetingHow.SHORT, second.starts_at + HOUR)
    assert await met(season, 1) is Met.YES


async def met(season: Season, user: int) -> Met | None:
    return (await season.rows(Membership))[user - 1].met


async def test_ticks_go_with_the_circle_and_a_proposal_lapses_in_silence(season: Season):
    """FAILURES F38: when somebody is free is kept no longer than it is of use."""
    meeting = await propose(season)
    await meetings.vote(season.database, meeting.id, 1, {0}, NOW)
    await season.deliver(NOW)
    await programs.archive_program(season.database, GUILD, season.program_id, NOW)
    await season.deliver(NOW)
    await season.run(NOW + HOUR)
    assert await season.rows(MeetingVote) == []
    assert (await meetings.get_card(season.database, meeting.id)).state is MeetingState.LAPSED
    assert await season.deliver(NOW + HOUR) == []


async def test_a_meeting_that_its_circle_does_not_live_to_see_is_ended_quietly(season: Season):
    meeting = await fixed(season)
    await season.deliver(NOW)
    await programs.archive_program(season.database, GUILD, season.program_id, NOW)
    await season.run(NOW + HOUR)
    assert (await meetings.get_card(season.database, meeting.id)).state is MeetingState.CANCELLED
    assert set(kinds(await season.deliver(meeting.starts_at + DAY))) == {
        DeliveryKind.FAREWELL,
        DeliveryKind.ARCHIVE_THREAD,
        DeliveryKind.CHECKIN_SUMMARY,
    }


async def test_what_was_held_stays_when_the_circle_ends(season: Season):
    meeting = await fixed(season)
    after = meeting.starts_at + HOUR
    await programs.archive_program(season.database, GUILD, season.program_id, after)
    await season.run(after)
    assert (await meetings.get_card(season.database, meeting.id)).state is MeetingState.FIXED


async def test_a_meeting_moved_before_it_was_told_is_told_once(season: Season):
    """FAILURES F21: two changes in a row lead to one card."""
    meeting = await fixed(season)
    await meetings.move(season.database, meeting.id, 1, NOW + 5 * DAY, NOW)
    assert kinds(await season.deliver(NOW)).count(DeliveryKind.MEETING_FIXED) == 1


async def test_who_is_forgotten_leaves_no_tick_and_the_meeting_stands(season: Season):
    """FAILURES F38: ticks tell when somebody is free, and go with them."""
    meeting = await fixed(season)
    exported = await privacy.export(season.database, 2, NOW)
    assert exported["guilds"][0]["meeting_vote"][0]["ticked"] == [meeting.starts_at.isoformat()]
    await privacy.erase(season.database, 2, GUILD, NOW)
    shown = await meetings.get_card(season.database, meeting.id)
    assert (shown.state, 2 in shown.users, len(await season.rows(MeetingVote))) == (MeetingState.FIXED, False, 3)


def entry(**changes) -> CalendarEntry:
    values = {
        "uid": "a1b2",
        "sequence": 0,
        "starts_at": START,
        "length": HOUR,
        "stamp": NOW,
        "summary": "Circles: circle meeting",
        "description": "An hour, with commas; and more",
        "url": "https://discord.com/channels/1/2",
    }
    return CalendarEntry(**values | changes)


def test_a_calendar_file_holds_one_event_in_utc():
    """FAILURES F23: a moment in UTC is right in every calendar, whatever its zone."""
    written = calendar_file(entry())
    assert b"DTSTART:20261102T090000Z" in written
    assert b"DTEND:20261102T100000Z" in written
    assert b"DTSTAMP:20261102T100000Z" in written
    assert b"UID:a1b2@peer-circles" in written
    assert b"ATTENDEE" not in written
    assert written.count(b"BEGIN:VEVENT") == 1
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    (event,) = Calendar.from_ical(written).walk("VEVENT")
    assert event["description"] == "An hour, with commas; and more"


def test_a_change_keeps_the_uid_and_raises_the_sequence():
    (first,) = Calendar.from_ical(calendar_file(entry())).walk("VEVENT")
    (moved,) = Calendar.from_ical(calendar_file(entry(sequence=1, starts_at=START + DAY))).walk("VEVENT")
    (gone,) = Calendar.from_ical(calendar_file(entry(sequence=2, cancelled=True))).walk("VEVENT")
    assert {first["uid"], moved["uid"], gone["uid"]} == {"a1b2@peer-circles"}
    assert [int(each["sequence"]) for each in (first, moved, gone)] == [0, 1, 2]
    assert [str(each["status"]) for each in (first, gone)] == ["CONFIRMED", "CANCELLED"]


async def test_a_delivery_that_is_planned_says_when_it_was_decided(season: Season):
    await fixed(season)
    (reminder,) = await season.rows(Delivery, Delivery.kind == DeliveryKind.MEETING_REMINDER)
    assert (reminder.created_at, reminder.state) == (NOW, DeliveryState.PENDING)
    assert reminder.due_at > NOW
