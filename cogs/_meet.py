"""A circle's meeting: the controls by which it is agreed on, moved and cancelled, and its deliveries."""

from contextlib import suppress
from datetime import date, datetime
from functools import partial

import discord

from bot.domain.meeting import LENGTH, days_ahead, read_moment
from bot.domain.states import DeliveryKind, MeetingHow, MeetingState
from bot.errors import InvalidInput
from bot.services import meeting_events, meeting_words, meetings, people
from bot.services.deliveries import Job, Outcome
from bot.services.meeting_cards import MeetingCard
from bot.text import text
from cogs._agenda_cards import suggestion
from cogs._context import Context, PeerCog, delivers, guild_of, on_control
from cogs._meet_cards import (
    NONE_FITS,
    calendar_attachment,
    cancelling_card,
    event_description,
    event_name,
    fixed_card,
    fixing_card,
    over_card,
    question_card,
    reminder_card,
    settled_card,
    ticked_words,
    time_modal,
    under_way,
    vote_card,
)
from cogs._threads import reach_into, thread_of
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import field, fields_of, values_of
from cogs._ui.words import moment, say

OFFERED_DAYS = 21


async def propose_meeting(context: Context, interaction: discord.Interaction, program_id: int) -> None:
    """Propose hours to the circle of whoever asked, or show the meeting that is under way."""
    guild_id, user_id = guild_of(interaction), interaction.user.id
    proposal = await meetings.propose(context.database, guild_id, program_id, user_id, context.now())
    context.changed()
    await answer(interaction, under_way(interaction, proposal))


class MeetCog(PeerCog):
    """Meetings; a key is the meeting's id, followed on messages of ours by their delivery's key."""

    @on_control("meet-again")
    async def propose_again(self, interaction: discord.Interaction, key: str) -> None:
        """Propose hours anew."""
        await propose_meeting(self.context, interaction, _id(key))

    @on_control("meet-vote")
    async def vote(self, interaction: discord.Interaction, key: str) -> None:
        """Keep what was ticked, count it on the card, and say privately what is kept."""
        numbers = {int(value) for value in values_of(interaction) if value != NONE_FITS}
        voted = await meetings.vote(self.database, _id(key), interaction.user.id, numbers, self.context.now())
        self.context.changed()
        await redraw(interaction, _vote_or_settled(voted.meeting, key))
        await answer(interaction, card(ticked_words(interaction, voted.meeting, voted.ticked)))

    @on_control("meet-name")
    async def name(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal in which another time is named."""
        await self._ask_time(interaction, "meet-name-given", key)

    @on_control("meet-name-given")
    async def named(self, interaction: discord.Interaction, key: str) -> None:
        """Add the time that was named, ticked by whoever named it."""
        starts_at, user_id, now = await self._time_given(interaction), interaction.user.id, self.context.now()
        meeting = await meetings.name_time(self.database, _id(key), user_id, starts_at, now)
        await redraw(interaction, vote_card(meeting, key))

    @on_control("meet-fix")
    async def fix(self, interaction: discord.Interaction, key: str) -> None:
        """Let whoever may decide choose one of the hours."""
        meeting = await meetings.get_to_decide(self.database, _id(key), interaction.user.id)
        await answer(interaction, fixing_card(interaction, meeting))

    @on_control("meet-fix-chosen")
    async def fixed(self, interaction: discord.Interaction, key: str) -> None:
        """Fix the meeting at the chosen hour."""
        number, now = int(values_of(interaction)[0]), self.context.now()
        meeting = await meetings.fix(self.database, _id(key), interaction.user.id, number, now)
        await self._say_when(interaction, meeting, "meeting.fix.done")

    @on_control("meet-move")
    async def move(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal for another time, for whoever may decide."""
        await meetings.get_to_decide(self.database, _id(key), interaction.user.id)
        await self._ask_time(interaction, "meet-move-given", str(_id(key)))

    @on_control("meet-move-given")
    async def moved(self, interaction: discord.Interaction, key: str) -> None:
        """Move the meeting."""
        starts_at, user_id, now = await self._time_given(interaction), interaction.user.id, self.context.now()
        meeting = await meetings.move(self.database, _id(key), user_id, starts_at, now)
        self.context.changed()
        await answer(interaction, card(_when_words(interaction, meeting, "meeting.move.done")))

    @on_control("meet-cancel")
    async def cancel(self, interaction: discord.Interaction, key: str) -> None:
        """Ask once whether the meeting is to be cancelled."""
        meeting = await meetings.get_to_decide(self.database, _id(key), interaction.user.id)
        await answer(interaction, cancelling_card(interaction, meeting))

    @on_control("meet-cancel-sure")
    async def cancelled(self, interaction: discord.Interaction, key: str) -> None:
        """Cancel the meeting after the one question."""
        meeting = await meetings.cancel(self.database, _id(key), interaction.user.id, self.context.now())
        await self._say_when(interaction, meeting, "meeting.cancel.done")

    @on_control("meet-went-well")
    async def went_well(self, interaction: discord.Interaction, key: str) -> None:
        """Keep that the meeting went well."""
        await self._say_how(interaction, key, MeetingHow.WELL)

    @on_control("meet-went-short")
    async def was_short(self, interaction: discord.Interaction, key: str) -> None:
        """Keep that the meeting was short."""
        await self._say_how(interaction, key, MeetingHow.SHORT)

    @on_control("meet-went-nobody")
    async def nobody_came(self, interaction: discord.Interaction, key: str) -> None:
        """Keep that nobody came."""
        await self._say_how(interaction, key, MeetingHow.NOBODY)

    @on_control("meet-went-moved")
    async def was_moved(self, interaction: discord.Interaction, key: str) -> None:
        """Keep that the circle met another time, or means to."""
        await self._say_how(interaction, key, MeetingHow.MOVED)

    @delivers(DeliveryKind.MEETING_CARD)
    async def send_vote(self, job: Job) -> Outcome:
        """Let a circle tick hours, unless the meeting is decided by now."""
        meeting = await meetings.get_card(self.database, job.meeting_id or 0)
        if meeting.state is not MeetingState.PROPOSED or meeting.circle_is_closed:
            return Outcome()
        view = vote_card(meeting, f"{meeting.id}:{job.key}")
        return await self.context.messenger.send(job, thread_of(meeting), view, meeting.users)

    @delivers(DeliveryKind.MEETING_FIXED)
    async def send_fixed(self, job: Job) -> Outcome:
        """Tell a circle when it meets, with the calendar file; what was moved since is told by a later card."""
        meeting = await meetings.get_card(self.database, job.meeting_id or 0)
        if meeting.state is not MeetingState.FIXED or meeting.circle_is_closed:
            return Outcome()
        view = fixed_card(meeting, job.key, suggestion(meeting.guide, meeting.locale))
        file = calendar_attachment(meeting)
        return await self._send_and_settle(job, meeting, view, file)

    @delivers(DeliveryKind.MEETING_CANCELLED)
    async def send_cancelled(self, job: Job) -> Outcome:
        """Tell a circle that its meeting is cancelled, with the file that takes it out of calendars."""
        meeting = await meetings.get_card(self.database, job.meeting_id or 0)
        return await self._send_and_settle(job, meeting, over_card(meeting, job.key), calendar_attachment(meeting))

    @delivers(DeliveryKind.MEETING_LAPSED)
    async def send_lapsed(self, job: Job) -> Outcome:
        """Tell a circle that no hour was agreed on, and how to try again."""
        meeting = await meetings.get_card(self.database, job.meeting_id or 0)
        await self._settle_vote(meeting)
        return await self.context.messenger.send(job, thread_of(meeting), over_card(meeting, job.key))

    @delivers(DeliveryKind.MEETING_REMINDER)
    async def send_reminder(self, job: Job) -> Outcome:
        """Remind a circle, unless the meeting has begun by now."""
        meeting = await meetings.get_card(self.database, job.meeting_id or 0)
        if not _stands(meeting) or meeting.starts_at is None or meeting.starts_at <= self.context.now():
            return Outcome()
        return await self.context.messenger.send(
            job, thread_of(meeting), reminder_card(meeting, job.key), meeting.users
        )

    @delivers(DeliveryKind.MEETING_QUESTION)
    async def send_question(self, job: Job) -> Outcome:
        """Ask how a meeting went, unless its circle has said goodbye since."""
        meeting = await meetings.get_card(self.database, job.meeting_id or 0)
        if not _stands(meeting):
            return Outcome()
        return await self.context.messenger.send(job, thread_of(meeting), question_card(meeting, job.key))

    @delivers(DeliveryKind.MEETING_EVENT)
    async def sync_event(self, job: Job) -> Outcome:
        """Bring the scheduled event in line with its meeting; without the permission there is none."""
        meeting = await meetings.get_card(self.database, job.meeting_id or 0)
        guild = self.context.bot.get_guild(meeting.guild_id)
        may = guild.me.guild_permissions if guild else discord.Permissions.none()
        if guild is None or not (may.create_events or may.manage_events):
            await meeting_events.note_no_events(self.database, meeting.program_id, self.context.now())
            return Outcome()
        event = await self._find_event(guild, meeting, job)
        if meeting.state is not MeetingState.FIXED or meeting.starts_at is None:
            if event is not None:
                await event.delete()
            return Outcome()
        return Outcome(result_id=await self._write_event(guild, event, meeting, job), sure=not job.tried_before)

    async def _send_and_settle(
        self, job: Job, meeting: MeetingCard, view: discord.ui.LayoutView, file: discord.File
    ) -> Outcome:
        """Tell everybody in the circle what was decided, once the card with the hours shows it, too."""
        await self._settle_vote(meeting)
        return await self.context.messenger.send(job, thread_of(meeting), view, meeting.users, file)

    async def _settle_vote(self, meeting: MeetingCard) -> None:
        """Let the card with the hours show what was decided, without controls; one that was deleted stays away."""
        if meeting.message_id is None:
            return
        thread_id = thread_of(meeting)
        message = self.context.bot.get_partial_messageable(thread_id).get_partial_message(meeting.message_id)
        change = partial(message.edit, view=settled_card(meeting), allowed_mentions=discord.AllowedMentions.none())
        with suppress(discord.NotFound):
            archived = meeting.circle_is_closed
            await reach_into(self.context.messenger, meeting.guild_id, thread_id, change, stays_archived=archived)

    async def _find_event(self, guild: discord.Guild, meeting: MeetingCard, job: Job) -> discord.ScheduledEvent | None:
        """Return a meeting's event: the one that is known, or one that an attempt cut short may have left."""
        known = await meeting_events.find_event(self.database, meeting.id)
        if known is None and not job.tried_before:
            return None
        for event in await guild.fetch_scheduled_events(with_counts=False):
            if event.id == known or (event.description or "").endswith(job.key):
                return event
        return None

    async def _write_event(
        self, guild: discord.Guild, event: discord.ScheduledEvent | None, meeting: MeetingCard, job: Job
    ) -> int | None:
        """Move the event, or make it; a meeting that has begun by now needs none."""
        starts_at = meeting.starts_at
        if starts_at is None or starts_at <= self.context.now():
            return event.id if event else None
        if event is not None:
            return (await event.edit(start_time=starts_at, end_time=starts_at + LENGTH)).id
        made = await guild.create_scheduled_event(
            start_time=starts_at,
            end_time=starts_at + LENGTH,
            entity_type=discord.EntityType.external,
            privacy_level=discord.PrivacyLevel.guild_only,
            name=event_name(meeting),
            description=event_description(meeting, job.key),
            location=text("meeting.event.place", meeting.locale),
        )
        return made.id

    async def _ask_time(self, interaction: discord.Interaction, action: str, key: str) -> None:
        profile = await people.get_profile(self.database, guild_of(interaction), interaction.user.id)
        days = days_ahead(profile.zone, self.context.now(), OFFERED_DAYS)
        await interaction.response.send_modal(time_modal(interaction, action, key, profile.zone, days))

    async def _time_given(self, interaction: discord.Interaction) -> datetime:
        """Read the modal of a time, in the zone of whoever filled it in."""
        profile = await people.get_profile(self.database, guild_of(interaction), interaction.user.id)
        filled = fields_of(interaction)
        try:
            day = date.fromisoformat(field(filled, "day"))
        except ValueError as error:
            raise InvalidInput("day.invalid", given=field(filled, "day")) from error
        return read_moment(day, field(filled, "hour"), profile.zone, self.context.now())

    async def _say_when(self, interaction: discord.Interaction, meeting: MeetingCard, message: str) -> None:
        self.context.changed()
        await redraw(interaction, card(_when_words(interaction, meeting, message)))

    async def _say_how(self, interaction: discord.Interaction, key: str, how: MeetingHow) -> None:
        user_id, now = interaction.user.id, self.context.now()
        changes = await meeting_words.say_how(self.database, _id(key), user_id, how, now)
        noted = "meeting.went.changed" if changes else "meeting.went.noted"
        await answer(interaction, card(say(interaction, noted, how=say(interaction, f"meeting.went.{how}"))))


def _id(key: str) -> int:
    """Return the id that a key begins with."""
    return int(key.partition(":")[0])


def _vote_or_settled(meeting: MeetingCard, key: str) -> discord.ui.LayoutView:
    return vote_card(meeting, key) if meeting.state is MeetingState.PROPOSED else settled_card(meeting)


def _when_words(interaction: discord.Interaction, meeting: MeetingCard, message: str) -> str:
    when = moment(meeting.starts_at.timestamp()) if meeting.starts_at else ""
    return say(interaction, message, when=when)


def _stands(meeting: MeetingCard) -> bool:
    return meeting.state is MeetingState.FIXED and not meeting.circle_is_closed
