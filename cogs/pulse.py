"""Pulses for members: consent, answering, their own trend, and the way out; and moderators' questionnaires."""

import asyncio
from collections.abc import Sequence
from functools import partial

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.domain.states import DeliveryKind
from bot.errors import Conflict, NotAllowed, NotFound
from bot.services import answering, instruments, invitations, programs, pulse_privacy, pulse_trends
from bot.services.answering import Form
from bot.services.deliveries import Job, Outcome
from cogs._context import PeerCog, context_of, delivers, guild_of, on_control
from cogs._guard import is_moderator
from cogs._pulse_cards import (
    EVERYWHERE,
    chosen_of,
    consent_card,
    invitation,
    later,
    overview,
    page_modal,
    progress,
    reminder,
)
from cogs._pulse_instruments import added_card, instrument_card, instrument_choices, list_card, read_file
from cogs._pulse_trend import trend_card, trend_files
from cogs._threads import thread_of
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import button, fields_of, row
from cogs._ui.waiting import soon
from cogs._ui.words import described, say, words

BOTH = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)


class PulseCog(PeerCog):
    """Everything that a member does with pulses; only they ever see it."""

    group = app_commands.Group(
        **words("pulse"),
        allowed_contexts=BOTH,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    questionnaires = app_commands.Group(**words("pulse.instrument"), parent=group)

    @group.command(**words("pulse.consent"))
    async def consent(self, interaction: discord.Interaction) -> None:
        """Say what consenting means, and ask."""
        guilds = await answering.guilds_of(self.database, interaction.user.id, interaction.guild_id)
        given = all([await answering.has_consented(self.context.surveys, each, interaction.user.id) for each in guilds])
        key = interaction.guild_id or EVERYWHERE
        await answer(interaction, self._consent(interaction, "pulse-agree", key, given=given))

    @group.command(**words("pulse.withdraw"))
    async def withdraw(self, interaction: discord.Interaction) -> None:
        """Delete consent and answers at once: as easy as consenting."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        user = interaction.user.id
        withdrawn = await pulse_privacy.withdraw(self.database, self.context.surveys, user, interaction.guild_id)
        await answer(interaction, card(say(interaction, "withdraw.done" if withdrawn else "withdraw.nothing")))

    @group.command(**words("pulse.answer"))
    async def answer_open(self, interaction: discord.Interaction) -> None:
        """Open the pulse that is open, like the button in the thread."""
        user, now = interaction.user.id, self.context.now()
        forms = await answering.list_forms(self.database, self.context.surveys, _guild(interaction), user, now)
        if not forms:
            raise NotFound("pulse.none-open")
        if len(forms) == 1:
            await self._begin(interaction, forms[0])
        else:
            await answer(interaction, _choice(interaction, forms))

    @group.command(**words("pulse.trend"))
    async def trend(self, interaction: discord.Interaction) -> None:
        """Show somebody their own scores over time."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        user = interaction.user.id
        trends = await pulse_trends.list_trends(self.database, self.context.surveys, user, interaction.guild_id)
        files = await asyncio.to_thread(trend_files, interaction, trends)
        await answer(interaction, trend_card(interaction, trends, self._footer), files=files)

    @on_control("pulse-answer")
    async def answer_button(self, interaction: discord.Interaction, key: str) -> None:
        """Open the pulse whose invitation was pressed."""
        user, now = interaction.user.id, self.context.now()
        await self._begin(interaction, await answering.find_form(self.database, self.context.surveys, key, user, now))

    @on_control("pulse-wave")
    async def answer_wave(self, interaction: discord.Interaction, key: str) -> None:
        """Open the pulse that was chosen among several."""
        await self._begin(interaction, await self._form(interaction, int(key)))

    @on_control("pulse-agree")
    async def agree(self, interaction: discord.Interaction, key: str) -> None:
        """Keep a consent that was asked for by command."""
        guild_id = int(key) if int(key) != EVERYWHERE else None
        await answering.consent(self.database, self.context.surveys, interaction.user.id, guild_id)
        await redraw(interaction, card(say(interaction, "consent.done")))

    @on_control("pulse-agree-answer")
    async def agree_and_answer(self, interaction: discord.Interaction, key: str) -> None:
        """Keep a consent that was asked for at the first answer, and open the first page."""
        form = await self._form(interaction, int(key))
        await answering.consent(self.database, self.context.surveys, interaction.user.id, form.wave.ref.guild_id)
        await interaction.response.send_modal(page_modal(interaction, form, 0))

    @on_control("pulse-page")
    async def open_page(self, interaction: discord.Interaction, key: str) -> None:
        """Open a page, with what was answered there before."""
        wave_id, page = _numbers(key)
        form = await self._form(interaction, wave_id)
        if not form.has_consented:
            await answer(interaction, self._consent(interaction, "pulse-agree-answer", wave_id))
        elif page < len(form.pages):
            await interaction.response.send_modal(page_modal(interaction, form, page))
        else:
            raise NotFound("control.gone")

    @on_control("pulse-given")
    async def given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep a submitted page, then say so and offer the next."""
        wave_id, page = _numbers(key)
        keeping = answering.keep_page(
            self.database,
            self.context.surveys,
            wave_id,
            interaction.user.id,
            page,
            chosen_of(fields_of(interaction)),
            self.context.now(),
            is_moderator=partial(is_moderator, interaction),
        )
        kept = await soon(interaction, keeping)
        await answer(interaction, progress(interaction, kept, page, self._footer))

    @on_control("pulse-later")
    async def finish_later(self, interaction: discord.Interaction, key: str) -> None:
        """Say how to go on another time."""
        await redraw(interaction, later(interaction, await self._form(interaction, int(key))))

    @delivers(DeliveryKind.PULSE_INVITATION)
    async def send_invitation(self, job: Job) -> Outcome:
        """Invite a circle, unless the wave is over."""
        found = await self._invitation(job)
        if not found.is_open or found.instrument is None:
            return Outcome()
        view = invitation(found, found.instrument, job.key)
        return await self.context.messenger.send(job, thread_of(found), view)

    @delivers(DeliveryKind.PULSE_REMINDER)
    async def send_reminder(self, job: Job) -> Outcome:
        """Remind a circle once, unless the wave is over."""
        found = await self._invitation(job)
        if not found.is_open or found.instrument is None:
            return Outcome()
        view = reminder(found, found.instrument, job.key)
        return await self.context.messenger.send(job, thread_of(found), view)

    @questionnaires.command(**words("pulse.instrument.list"))
    async def list_instruments(self, interaction: discord.Interaction) -> None:
        """List every questionnaire, and what is missing before it can be used."""
        await self._require_moderator(interaction)
        found = await instruments.list_instruments(self.database, self.context.surveys.shipped, guild_of(interaction))
        await answer(interaction, list_card(interaction, found))

    @questionnaires.command(**words("pulse.instrument.show"))
    @described("pulse.instrument.show", "instrument")
    @app_commands.autocomplete(instrument=instrument_choices)
    async def show_instrument(self, interaction: discord.Interaction, instrument: str) -> None:
        """Show a questionnaire with its statements, scoring, source and licence."""
        await self._require_moderator(interaction)
        guild_id = guild_of(interaction)
        found = await instruments.get_instrument(self.database, self.context.surveys.shipped, guild_id, instrument)
        await answer(interaction, instrument_card(interaction, found))

    @questionnaires.command(**words("pulse.instrument.add"))
    @described("pulse.instrument.add", "file", "vouched_by", "licence")
    async def add_instrument(
        self,
        interaction: discord.Interaction,
        file: discord.Attachment,
        vouched_by: app_commands.Range[str, 1, 100],
        licence: app_commands.Range[str, 1, 200],
    ) -> None:
        """Add a questionnaire, or the words of one whose words need permission, with who vouches for the right."""
        await self._require_moderator(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        now = self.context.now()
        added = await instruments.add_instrument(
            self.database,
            self.context.surveys.shipped,
            guild_of(interaction),
            await read_file(file),
            vouched_by,
            licence,
            now,
            interaction.user.id,
        )
        await answer(interaction, added_card(interaction, added))

    @property
    def _footer(self) -> str:
        return self.context.settings.pulse.support_footer

    async def _form(self, interaction: discord.Interaction, wave_id: int) -> Form:
        now = self.context.now()
        return await answering.get_form(self.database, self.context.surveys, wave_id, interaction.user.id, now)

    async def _begin(self, interaction: discord.Interaction, form: Form) -> None:
        """Ask for consent the first time, open the first page of a pulse, or greet somebody who has begun."""
        if not form.has_consented:
            await answer(interaction, self._consent(interaction, "pulse-agree-answer", form.wave.ref.wave_id))
        elif form.given.pages:
            await answer(interaction, overview(interaction, form, self._footer))
        else:
            await interaction.response.send_modal(page_modal(interaction, form, 0))

    def _consent(
        self, interaction: discord.Interaction, action: str, key: object, *, given: bool = False
    ) -> ui.LayoutView:
        months = self.context.settings.pulse.answers_kept_months
        return consent_card(interaction, months, self._footer, action, key, given=given)

    async def _invitation(self, job: Job) -> invitations.Invitation:
        shipped, now = self.context.surveys.shipped, self.context.now()
        return await invitations.get_invitation(self.database, shipped, job.wave_id or 0, job.circle_id or 0, now)

    async def _require_moderator(self, interaction: discord.Interaction) -> None:
        """Let through who moderates any program of the guild: questionnaires belong to all of them."""
        guild_id = _guild(interaction)
        cards = [
            await programs.get_card(self.database, guild_id, program_id)
            for program_id, _ in await programs.list_open(self.database, guild_id)
        ]
        roles = [None, *(each.rules.moderator_role_id for each in cards)]
        if not any(is_moderator(interaction, role) for role in roles):
            raise NotAllowed("not-allowed.moderators-only")


def _choice(interaction: discord.Interaction, forms: Sequence[Form]) -> ui.LayoutView:
    """Offer the pulses that are open at the same time."""
    buttons = [
        button(
            "pulse-wave",
            form.wave.ref.wave_id,
            say(interaction, "pulse.which.one", title=form.wave.instrument.title, program=form.wave.program),
        )
        for form in forms[:5]
    ]
    return card(say(interaction, "pulse.which"), row(*buttons))


def _numbers(key: str) -> tuple[int, int]:
    """Read the wave and the page that a control carries; never an answer."""
    wave, _, page = key.partition(".")
    if not wave.isdecimal() or not page.isdecimal():
        raise NotFound("control.gone")
    return int(wave), int(page)


def _guild(interaction: discord.Interaction) -> int:
    """Return the server of a command that also stands in direct messages."""
    if interaction.guild_id is None:
        raise Conflict("pulse.only-on-a-server")
    return interaction.guild_id


async def setup(bot: commands.Bot) -> None:
    """Add the cog to the bot."""
    await bot.add_cog(PulseCog(context_of(bot)))
