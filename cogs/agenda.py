"""Session guides: the command that shows them, picking one for the circle, and their deliveries."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.agenda import Guide
from bot.domain.states import DeliveryKind
from bot.errors import InvalidInput
from bot.services import agendas
from bot.services.agendas import Shelf
from bot.services.deliveries import Job, Outcome
from cogs._agenda_cards import (
    FIRST_SESSION,
    first_session_card,
    first_session_message,
    guide_card,
    posted_guide,
    shelf_card,
)
from cogs._choose import choose_program, program_choices
from cogs._context import PeerCog, context_of, delivers, guild_of, on_control
from cogs._threads import thread_of
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import values_of
from cogs._ui.words import described, inert, say, words


async def guide_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the guides by their titles."""
    titles = {each.value: say(interaction, f"guide.{each}.title") for each in Guide}
    titles[FIRST_SESSION] = say(interaction, "first-session.title")
    return [
        app_commands.Choice(name=title, value=value)
        for value, title in titles.items()
        if typed.casefold() in title.casefold()
    ]


class AgendaCog(PeerCog):
    """Guides for a circle's hour; anybody may look, whoever leads a circle may post one there."""

    @app_commands.command(**words("agenda"))
    @described("agenda", "guide", "program")
    @app_commands.guild_only()
    @app_commands.autocomplete(guide=guide_choices, program=program_choices)
    async def agenda(
        self, interaction: discord.Interaction, guide: str | None = None, program: str | None = None
    ) -> None:
        """Show every guide, or the one that was named."""
        shelf = await self._shelf(interaction, await choose_program(self.context, interaction, program))
        await answer(interaction, _shown(interaction, shelf, guide))

    @on_control("agenda-open")
    async def open_shelf(self, interaction: discord.Interaction, key: str) -> None:
        """Show every guide from a button on another card."""
        shelf = await self._shelf(interaction, int(key.partition(":")[0]))
        await answer(interaction, shelf_card(interaction, shelf))

    @on_control("agenda-first")
    async def show_first_session(self, interaction: discord.Interaction, _key: str) -> None:
        """Show the guide for a first session to whoever asks for it on a circle's card."""
        await answer(interaction, first_session_card(interaction))

    @on_control("agenda-show")
    async def show(self, interaction: discord.Interaction, key: str) -> None:
        """Show the chosen guide."""
        shelf = await self._shelf(interaction, int(key))
        await redraw(interaction, _shown(interaction, shelf, values_of(interaction)[0]))

    @on_control("agenda-pick")
    async def pick(self, interaction: discord.Interaction, key: str) -> None:
        """Post the guide in the circle of whoever leads it."""
        program_id, _, named = key.partition(":")
        guild_id, now = guild_of(interaction), self.context.now()
        guide = _guide(named)
        thread_id = await agendas.pick(self.database, guild_id, int(program_id), interaction.user.id, guide, now)
        self.context.changed()
        title = say(interaction, f"guide.{guide}.title")
        await redraw(interaction, card(say(interaction, "agenda.picked", title=title, thread=f"<#{thread_id}>")))

    @delivers(DeliveryKind.AGENDA)
    async def send_guide(self, job: Job) -> Outcome:
        """Post a picked guide in its circle's thread."""
        post = await agendas.get_post(self.database, job.agenda_id or 0)
        return await self.context.messenger.send(job, thread_of(post), posted_guide(post.guide, post.locale, job.key))

    @delivers(DeliveryKind.FIRST_SESSION)
    async def send_first_session(self, job: Job) -> Outcome:
        """Send the guide for a first session by direct message; closed ones are a normal outcome."""
        told = await agendas.get_first_session(self.database, job.circle_id or 0, job.person_id or 0)
        return await self.context.messenger.send_dm(job, told.user_id, first_session_message(told, job.key))

    async def _shelf(self, interaction: discord.Interaction, program_id: int) -> Shelf:
        return await agendas.get_shelf(self.database, guild_of(interaction), program_id, interaction.user.id)


def _shown(interaction: discord.Interaction, shelf: Shelf, named: str | None) -> discord.ui.LayoutView:
    """Return the shelf, or the guide that was named by its value or title."""
    if named is None:
        return shelf_card(interaction, shelf)
    if named == FIRST_SESSION:
        return first_session_card(interaction)
    titles = {say(interaction, f"guide.{each}.title").casefold(): each for each in Guide}
    return guide_card(interaction, shelf, titles.get(named.strip().casefold()) or _guide(named))


def _guide(named: str) -> Guide:
    try:
        return Guide(named)
    except ValueError as error:
        raise InvalidInput("agenda.unknown", given=inert(named, 60)) from error


async def setup(bot: commands.Bot) -> None:
    """Add the cog to the bot."""
    await bot.add_cog(AgendaCog(context_of(bot)))
