"""Introductions: proposed in private, made in a thread of their own, and asked about two weeks later."""

from functools import partial

import discord
from discord import ui

from bot.domain.states import CameOf, DeliveryKind, Helped, Word
from bot.errors import NotFound
from bot.services import introduction_outcomes, introduction_threads, introductions
from bot.services.deliveries import Job, Outcome
from bot.services.introduction_threads import Meeting, Sent
from bot.services.introductions import Status
from cogs._context import PeerCog, delivers, on_control
from cogs._introduction_cards import (
    meeting_card,
    note_card,
    noted_card,
    proposal_card,
    question_card,
    thanks_card,
    thread_name,
)
from cogs._threads import reach_into
from cogs._ui.cards import answer, redraw
from cogs._ui.controls import values_of


class IntroductionCog(PeerCog):
    """The controls work in direct messages too: whose they are is told by the introduction alone."""

    @on_control("introduction-show")
    async def show(self, interaction: discord.Interaction, key: str) -> None:
        """Show a proposal to one of the two."""
        introduction_id, now = int(key.partition(":")[0]), self.context.now()
        found = await introductions.get_proposal(self.database, introduction_id, interaction.user.id, now)
        await answer(interaction, proposal_card(interaction, found))

    @on_control("introduction-yes")
    async def accept(self, interaction: discord.Interaction, key: str) -> None:
        """Say yes."""
        await self._say(interaction, key, Word.YES)

    @on_control("introduction-no")
    async def decline(self, interaction: discord.Interaction, key: str) -> None:
        """Say no, which nobody else is told."""
        await self._say(interaction, key, Word.NO)

    @on_control("introduction-helped")
    async def helped(self, interaction: discord.Interaction, key: str) -> None:
        """Keep whether an introduction helped."""
        helped = Helped(values_of(interaction)[0])
        user_id, now = interaction.user.id, self.context.now()
        report = await introduction_outcomes.say_helped(self.database, key, user_id, helped, now)
        await answer(interaction, thanks_card(interaction, report))

    @on_control("introduction-came-of")
    async def came_of(self, interaction: discord.Interaction, key: str) -> None:
        """Keep what came of an introduction."""
        came = CameOf(values_of(interaction)[0])
        report = await introduction_outcomes.say_came_of(self.database, int(key), interaction.user.id, came)
        await redraw(interaction, noted_card(interaction, report))

    @delivers(DeliveryKind.INTRODUCTION_OFFER)
    async def send_offer(self, job: Job) -> Outcome:
        """Tell somebody privately that there may be a match; one that is over needs no message."""
        return await self._write(job, Status.OPEN)

    @delivers(DeliveryKind.INTRODUCTION_MISSED)
    async def send_missed(self, job: Job) -> Outcome:
        """Tell who had said yes that nothing came of it, whatever the reason."""
        return await self._write(job, Status.NO_MATCH)

    @delivers(DeliveryKind.INTRODUCTION_THREAD)
    async def open_thread(self, job: Job) -> Outcome:
        """Open the thread of an introduction."""
        meeting = await self._meeting(job)
        name = thread_name(meeting, job.key)
        return await self.context.messenger.open_thread(job, meeting.lobby_channel_id, name)

    @delivers(DeliveryKind.INTRODUCTION_MEMBER)
    async def add_member(self, job: Job) -> Outcome:
        """Bring one of the two into their thread; doing it twice changes nothing."""
        meeting = await self._meeting(job)
        user_id = await introduction_threads.get_user(self.database, meeting.id, job.person_id or 0)
        messenger, thread_id = self.context.messenger, _thread(meeting)
        add = partial(messenger.add_to_thread, thread_id, user_id)
        await reach_into(messenger, meeting.guild_id, thread_id, add, stays_archived=False)
        return Outcome(result_id=user_id, channel_id=thread_id)

    @delivers(DeliveryKind.INTRODUCTION_CARD)
    async def send_card(self, job: Job) -> Outcome:
        """Introduce the two to each other."""
        meeting = await self._meeting(job)
        view = meeting_card(meeting, job.key)
        return await self.context.messenger.send(job, _thread(meeting), view, meeting.users)

    @delivers(DeliveryKind.INTRODUCTION_OUTCOME)
    async def ask_outcome(self, job: Job) -> Outcome:
        """Ask both in their thread whether it helped."""
        meeting = await self._meeting(job)
        view = question_card(meeting, job.key)
        return await self.context.messenger.send(job, _thread(meeting), view, meeting.users)

    @delivers(DeliveryKind.INTRODUCTION_EDIT)
    async def redraw_thread(self, job: Job) -> Outcome:
        """Draw the messages that name the two anew, without whoever asked to be forgotten."""
        meeting = await self._meeting(job)
        for sent in await introduction_threads.list_sent(self.database, meeting.id):
            draw = question_card if sent.asks_outcome else meeting_card
            await self._edit(meeting, sent, draw(meeting, sent.key))
        return Outcome(channel_id=meeting.thread_id)

    async def _edit(self, meeting: Meeting, sent: Sent, view: ui.LayoutView) -> None:
        """Edit a message of the thread, looked for where Discord's word was never heard."""
        thread = self.context.bot.get_partial_messageable(_thread(meeting))
        message = sent.message_id or await self.context.messenger.find_sent(thread, sent.key)
        if message is None:
            return
        found = thread.get_partial_message(message if isinstance(message, int) else message.id)
        change = partial(found.edit, view=view, allowed_mentions=discord.AllowedMentions.none())
        await reach_into(self.context.messenger, meeting.guild_id, _thread(meeting), change, stays_archived=False)

    async def _say(self, interaction: discord.Interaction, key: str, word: Word) -> None:
        user_id, now = interaction.user.id, self.context.now()
        found = await introductions.answer(self.database, int(key), user_id, word, now)
        self.context.changed()
        await redraw(interaction, proposal_card(interaction, found))

    async def _write(self, job: Job, due: Status) -> Outcome:
        introduction_id, person_id = job.introduction_id or 0, job.person_id or 0
        note = await introductions.get_note(self.database, introduction_id, person_id, self.context.now())
        if note.status is not due:
            return Outcome()
        return await self.context.messenger.send_dm(job, note.user_id, note_card(note, job.key))

    async def _meeting(self, job: Job) -> Meeting:
        return await introduction_threads.get_meeting(self.database, job.introduction_id or 0)


def _thread(meeting: Meeting) -> int:
    """Return an introduction's thread; raise NotFound where it could not be opened."""
    if meeting.thread_id is None:
        raise NotFound("control.gone")
    return meeting.thread_id
