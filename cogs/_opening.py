"""The deliveries by which a rotation comes into being: the word to moderators, threads, people, and welcome cards."""

from functools import partial

import discord

from bot.domain.states import DeliveryKind
from bot.errors import NotFound
from bot.services import circles, deliveries, rotation_words, rotations
from bot.services.deliveries import Job, Outcome
from bot.text import text
from cogs._choose import moderated_program
from cogs._circle_cards import thread_name, welcome
from cogs._context import PeerCog, delivers, guild_of, on_control
from cogs._rotation_cards import preview
from cogs._threads import reach_into, thread_of
from cogs._ui.cards import answer, card
from cogs._ui.controls import button, row
from cogs._ui.words import inert, moment


class OpeningCog(PeerCog):
    """What is sent as a rotation is drafted and published."""

    @on_control("rotation-open")
    async def open_draft(self, interaction: discord.Interaction, key: str) -> None:
        """Show the draft that waits for a moderator's word."""
        subject = await deliveries.get_subject(self.database, key)
        await moderated_program(self.context, interaction, subject.program_id)
        draft = await rotations.find_draft(self.database, guild_of(interaction), subject.program_id)
        if draft is None:
            raise NotFound("rotation.no-draft")
        await answer(interaction, preview(interaction, draft))

    @delivers(DeliveryKind.OPEN_THREAD)
    async def open_thread(self, job: Job) -> Outcome:
        """Open a circle's private thread."""
        circle = await circles.get_circle(self.database, job.circle_id or 0)
        name = thread_name(circle, circle.rotation, job.key)
        return await self.context.messenger.open_thread(job, circle.lobby_channel_id, name)

    @delivers(DeliveryKind.ADD_MEMBER)
    async def add_member(self, job: Job) -> Outcome:
        """Bring one person into their circle's thread; doing it twice changes nothing."""
        entry = await circles.get_entry(self.database, job.circle_id or 0, job.person_id or 0)
        messenger = self.context.messenger
        add = partial(messenger.add_to_thread, entry.thread_id, entry.user_id)
        await reach_into(messenger, entry.guild_id, entry.thread_id, add, stays_archived=False)
        return Outcome(result_id=entry.user_id, channel_id=entry.thread_id)

    @delivers(DeliveryKind.WELCOME)
    async def welcome(self, job: Job) -> Outcome:
        """Send a circle its welcome card."""
        circle = await circles.get_circle(self.database, job.circle_id or 0)
        mentioned = tuple(seat.user_id for seat in circle.seats if seat.user_id)
        view = welcome(circle, job.key, self.context.now())
        return await self.context.messenger.send(job, thread_of(circle), view, mentioned)

    @delivers(DeliveryKind.NOT_PLACED)
    async def not_placed(self, job: Job) -> Outcome:
        """Tell somebody privately that this rotation has no circle for them, and why."""
        told = await rotation_words.get_not_placed(self.database, job.rotation_id or 0, job.person_id or 0)
        locale = told.locale
        view = card(
            text(
                "not-placed.text",
                locale,
                program=inert(told.program),
                reason=text(f"reason.{told.reason}", locale),
            ),
            row(button("circle-mine", job.key, text("welcome.mine", locale))),
        )
        return await self.context.messenger.send_dm(job, told.user_id, view)

    @delivers(DeliveryKind.DRAFT_READY)
    async def draft_ready(self, job: Job) -> Outcome:
        """Tell the moderators' channel that a draft waits for their word."""
        draft = await rotation_words.find_offered(self.database, job.rotation_id or 0)
        if draft is None or draft.moderator_channel_id is None:
            return Outcome()
        view = card(
            text(
                "draft-ready.text",
                draft.locale,
                program=inert(draft.program),
                number=draft.number,
                start=moment(draft.starts_at.timestamp()),
            ),
            row(
                button(
                    "rotation-open",
                    job.key,
                    text("draft-ready.open", draft.locale),
                    discord.ButtonStyle.primary,
                )
            ),
        )
        return await self.context.messenger.send(job, draft.moderator_channel_id, view)
