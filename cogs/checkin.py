"""Weekly check-ins: the command and the controls that answer one, and its deliveries."""

from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.states import DeliveryKind
from bot.errors import Conflict, NotFound
from bot.services import answers, checkins, goal_progress, posts
from bot.services.answers import Form
from bot.services.deliveries import Job, Outcome
from cogs._checkin_cards import (
    answer_modal,
    checkin_card,
    own_answer,
    posted,
    reflection,
    reminder,
    saved,
    summary,
    too_late,
)
from cogs._codes import UNKNOWN_MESSAGE
from cogs._context import PeerCog, context_of, delivers, guild_of, on_control
from cogs._farewell import FarewellCog
from cogs._feedback import FeedbackCog
from cogs._silence import SilenceCog
from cogs._threads import reach_into, thread_of
from cogs._ui.cards import answer
from cogs._ui.controls import fields_of
from cogs._ui.waiting import soon
from cogs._ui.words import described, words

MOST_CHOICES = 25


async def open_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the programs in which whoever types may answer a check-in now."""
    context = context_of(interaction.client)  # pyright: ignore[reportArgumentType]
    forms = await answers.list_forms(context.database, guild_of(interaction), interaction.user.id, context.now())
    return [
        app_commands.Choice(name=form.program, value=str(form.program_id))
        for form in forms
        if typed.casefold() in form.program.casefold()
    ][:MOST_CHOICES]


class CheckInCog(PeerCog):
    """Check-ins: open, answer, edit, remind, sum up."""

    @app_commands.command(**words("checkin"))
    @described("checkin", "program")
    @app_commands.guild_only()
    @app_commands.autocomplete(program=open_choices)
    async def checkin(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Open the modal of the check-in that is open in one's circle."""
        await self._open(interaction, await self._choose(interaction, program))

    @on_control("checkin-answer")
    async def answer(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal of the check-in whose card was pressed."""
        form = await answers.get_form(self.database, key, interaction.user.id, self.context.now())
        await self._open(interaction, form)

    @on_control("checkin-edit")
    async def edit(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal again, for the author of the answer that was pressed."""
        form = await answers.get_form(self.database, key, interaction.user.id, self.context.now())
        await self._open(interaction, form)

    @on_control("checkin-given")
    async def given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep a submitted answer, then say so; whoever was too late gets their words back."""
        written = reflection(fields_of(interaction))
        saving = answers.save(self.database, int(key), interaction.user.id, written, self.context.now())
        try:
            kept = await soon(interaction, saving)
        except Conflict as refusal:
            await answer(interaction, too_late(interaction, refusal, written))
            return
        self.context.changed()
        await answer(interaction, saved(interaction, kept))

    @on_control("checkin-mine")
    async def mine(self, interaction: discord.Interaction, key: str) -> None:
        """Show somebody their own answer to a check-in that was summed up."""
        form = await answers.get_own(self.database, key, interaction.user.id)
        await answer(interaction, own_answer(interaction, form))

    @delivers(DeliveryKind.CHECKIN_CARD)
    async def send_card(self, job: Job) -> Outcome:
        """Open a check-in in its circle's thread, unless its time is over."""
        checkin = await checkins.get_card(self.database, job.checkin_id or 0, self.context.now())
        if not checkin.is_open:
            return Outcome()
        return await self.context.messenger.send(job, thread_of(checkin), checkin_card(checkin, job.key))

    @delivers(DeliveryKind.CHECKIN_REMINDER)
    async def send_reminder(self, job: Job) -> Outcome:
        """Remind those who have not answered by now, if there are any and there is time left."""
        checkin = await checkins.get_card(self.database, job.checkin_id or 0, self.context.now())
        if not checkin.is_open or not checkin.waiting:
            return Outcome()
        view = reminder(checkin, job.key)
        return await self.context.messenger.send(job, thread_of(checkin), view, checkin.waiting)

    @delivers(DeliveryKind.CHECKIN_SUMMARY)
    async def send_summary(self, job: Job) -> Outcome:
        """Sum a closed check-in up."""
        found = await checkins.get_summary(self.database, job.checkin_id or 0)
        return await self.context.messenger.send(job, thread_of(found), summary(found, job.key))

    @delivers(DeliveryKind.CHECKIN_ANSWER)
    async def send_answer(self, job: Job) -> Outcome:
        """Post an answer in its circle."""
        post = await posts.get_post(self.database, job.checkin_id or 0, job.person_id or 0)
        return await self.context.messenger.send(job, thread_of(post), posted(post, job.key))

    @delivers(DeliveryKind.CHECKIN_ANSWER_EDIT)
    async def edit_answer(self, job: Job) -> Outcome:
        """Put the new words into the message that holds the old ones."""
        post = await posts.get_post(self.database, job.checkin_id or 0, job.person_id or 0)
        message, stands = await self._find_posted(job)
        change = partial(message.edit, view=posted(post, stands.key), allowed_mentions=discord.AllowedMentions.none())
        await reach_into(
            self.context.messenger,
            stands.guild_id,
            message.channel.id,
            change,
            stays_archived=stands.circle_is_closed,
        )
        return Outcome(result_id=message.id, channel_id=message.channel.id)

    @delivers(DeliveryKind.CHECKIN_ANSWER_DELETE)
    async def delete_answer(self, job: Job) -> Outcome:
        """Take an answer out of its circle; one that is gone already needs nothing."""
        message, stands = await self._find_posted(job)
        try:
            await reach_into(
                self.context.messenger,
                stands.guild_id,
                message.channel.id,
                message.delete,
                stays_archived=stands.circle_is_closed,
            )
        except discord.NotFound as refusal:
            if refusal.code != UNKNOWN_MESSAGE:
                raise
        return Outcome(result_id=message.id, channel_id=message.channel.id)

    async def _find_posted(self, job: Job) -> tuple[discord.PartialMessage, posts.Posted]:
        """Return the message that holds an answer, looked for in the thread where Discord's word was never heard."""
        stands = await posts.get_posted(self.database, job.checkin_id or 0, job.person_id or 0)
        thread = self.context.bot.get_partial_messageable(thread_of(stands))
        if stands.message_id is not None:
            return thread.get_partial_message(stands.message_id), stands
        found = await self.context.messenger.find_sent(thread, stands.key)
        if found is None:
            raise NotFound("checkin.no-answer")
        return thread.get_partial_message(found.id), stands

    async def _open(self, interaction: discord.Interaction, form: Form) -> None:
        """Open the modal of a check-in, with the member's goals in that program."""
        goals = await goal_progress.list_open(
            self.database, guild_of(interaction), form.program_id, interaction.user.id, self.context.now()
        )
        await interaction.response.send_modal(answer_modal(interaction, form, goals))

    async def _choose(self, interaction: discord.Interaction, program: str | None) -> Form:
        """Return the check-in that is meant: in the program that was named, or the only one that is open."""
        forms = await answers.list_forms(self.database, guild_of(interaction), interaction.user.id, self.context.now())
        meant = [form for form in forms if program is None or _is_named(form, program)]
        if not meant:
            raise NotFound("checkin.none")
        if len(meant) > 1:
            raise Conflict("checkin.which", programs=", ".join(form.program for form in meant))
        return meant[0]


def _is_named(form: Form, program: str) -> bool:
    return program == str(form.program_id) or program.strip().casefold() == form.program.casefold()


async def setup(bot: commands.Bot) -> None:
    """Add the cogs to the bot."""
    for cog in (CheckInCog, FarewellCog, FeedbackCog, SilenceCog):
        await bot.add_cog(cog(context_of(bot)))
