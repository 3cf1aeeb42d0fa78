"""Asking and offering: the commands, one's own list, and the introductions that come of it."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.states import Direction, HelpKind
from bot.errors import UserError
from bot.services import asks, people
from cogs._choose import own_programs
from cogs._context import PeerCog, context_of, guild_of, on_control, on_turn
from cogs._give_back import give_back
from cogs._help_cards import help_modal, kind_choices, list_card, posted_card, wish_given, withdrawal_card
from cogs._introductions import IntroductionCog
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import fields_of
from cogs._ui.words import described, say, words


class HelpCog(PeerCog):
    """What members ask for and offer; nobody but those it fits, and the author, ever sees it."""

    ask = app_commands.Group(**words("ask"), guild_only=True)
    offer = app_commands.Group(**words("offer"), guild_only=True)

    @ask.command(**words("ask.new"))
    @described("ask.new", "kind", "program")
    @app_commands.choices(kind=kind_choices())
    @app_commands.autocomplete(program=own_programs)
    async def ask_new(self, interaction: discord.Interaction, kind: str, program: str | None = None) -> None:
        """Open the modal in which somebody asks."""
        await self._open(interaction, Direction.ASK, HelpKind(kind), program)

    @ask.command(**words("ask.list"))
    async def ask_list(self, interaction: discord.Interaction) -> None:
        """Show one's own asks."""
        await answer(interaction, await self._list(interaction, Direction.ASK))

    @offer.command(**words("offer.new"))
    @described("offer.new", "kind", "program")
    @app_commands.choices(kind=kind_choices())
    @app_commands.autocomplete(program=own_programs)
    async def offer_new(self, interaction: discord.Interaction, kind: str, program: str | None = None) -> None:
        """Open the modal in which somebody offers."""
        await self._open(interaction, Direction.OFFER, HelpKind(kind), program)

    @offer.command(**words("offer.list"))
    async def offer_list(self, interaction: discord.Interaction) -> None:
        """Show one's own offers."""
        await answer(interaction, await self._list(interaction, Direction.OFFER))

    @on_control("help-given-ask")
    async def ask_given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep an ask."""
        await self._keep(interaction, Direction.ASK, key)

    @on_control("help-given-offer")
    async def offer_given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep an offer."""
        await self._keep(interaction, Direction.OFFER, key)

    @on_turn("help-page")
    async def page(self, interaction: discord.Interaction, key: str) -> None:
        """Turn the page of one's own list."""
        direction, _, page = key.partition(":")
        await redraw(interaction, await self._list(interaction, Direction(direction), int(page)))

    @on_control("help-withdraw")
    async def withdraw(self, interaction: discord.Interaction, key: str) -> None:
        """Ask once whether an ask or offer is to go."""
        guild_id, now = guild_of(interaction), self.context.now()
        post = await asks.get_own(self.database, guild_id, int(key), interaction.user.id, now)
        await answer(interaction, withdrawal_card(interaction, post))

    @on_control("help-withdraw-sure")
    async def withdraw_sure(self, interaction: discord.Interaction, key: str) -> None:
        """Take an ask or offer down after the one question."""
        guild_id, now = guild_of(interaction), self.context.now()
        post = await asks.withdraw(self.database, guild_id, int(key), interaction.user.id, now)
        self.context.changed()
        await redraw(interaction, card(say(interaction, f"help.withdrawn.{post.direction}")))

    @on_control("help-reopen")
    async def reopen(self, interaction: discord.Interaction, key: str) -> None:
        """Put an ask or offer up again."""
        guild_id, now = guild_of(interaction), self.context.now()
        post = await asks.reopen(self.database, guild_id, int(key), interaction.user.id, now)
        self.context.changed()
        await answer(interaction, posted_card(interaction, post))

    async def _open(
        self, interaction: discord.Interaction, direction: Direction, kind: HelpKind, program: str | None
    ) -> None:
        guild_id, user_id = guild_of(interaction), interaction.user.id
        place = await people.choose_enrollment(self.database, guild_id, user_id, program)
        topics = await asks.suggest_topics(self.database, guild_id, user_id, direction)
        await interaction.response.send_modal(help_modal(interaction, direction, place.program_id, kind, topics))

    async def _keep(self, interaction: discord.Interaction, direction: Direction, key: str) -> None:
        """Keep what was submitted; words that are refused are given back."""
        program, _, kind = key.partition(":")
        fields, guild_id, now = fields_of(interaction), guild_of(interaction), self.context.now()
        wish = wish_given(fields, HelpKind(kind))
        try:
            post = await asks.post(self.database, guild_id, int(program), interaction.user.id, direction, wish, now)
        except UserError as refusal:
            await give_back(interaction, refusal, fields, "topics", "words")
            return
        self.context.changed()
        await answer(interaction, posted_card(interaction, post))

    async def _list(
        self, interaction: discord.Interaction, direction: Direction, page: int = 0
    ) -> discord.ui.LayoutView:
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        posts = await asks.list_own(self.database, guild_id, user_id, direction, now)
        return list_card(interaction, direction, posts, page)


async def setup(bot: commands.Bot) -> None:
    """Add the cogs to the bot."""
    for cog in (HelpCog, IntroductionCog):
        await bot.add_cog(cog(context_of(bot)))
