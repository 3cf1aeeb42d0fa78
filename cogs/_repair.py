"""Changing circles while their rotation runs: the shared path from a wish to its preview, and the deliveries."""

from functools import partial

import discord
from discord import app_commands

from bot.domain.states import DeliveryKind
from bot.errors import UserError
from bot.services import circles, moves, repair
from bot.services.deliveries import Job, Outcome
from bot.services.repair import Wish
from cogs._choose import choose_program, moderated_program
from cogs._codes import UNKNOWN_MEMBER
from cogs._context import PeerCog, context_of, delivers, guild_of, on_control, on_turn
from cogs._repair_cards import news_card, proposal_card, published_card, read_wish
from cogs._threads import reach_into, thread_of
from cogs._ui.cards import redraw
from cogs._ui.words import say

MOST_CHOICES = 25


async def show_proposal(
    cog: PeerCog, interaction: discord.Interaction, program_id: int, wish: Wish, page: int = 0
) -> None:
    """Show a moderator what a wish would change, in place of what is shown or deferred."""
    found = await repair.propose(
        cog.database, cog.context.world, guild_of(interaction), program_id, wish, cog.context.now()
    )
    await redraw(interaction, proposal_card(interaction, wish, found, page))


async def circle_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[int]]:
    """Offer a moderator the circles that run, with how many sit in each."""
    context = context_of(interaction.client)  # pyright: ignore[reportArgumentType]
    try:
        program_id = await choose_program(context, interaction, interaction.namespace.program)
        await moderated_program(context, interaction, program_id)
        found = await circles.list_running(context.database, guild_of(interaction), program_id)
    except UserError:
        return []
    return [
        app_commands.Choice(name=say(interaction, "repair.choice", number=number, n=people), value=number)
        for number, people in found
        if typed in str(number)
    ][:MOST_CHOICES]


class RepairCog(PeerCog):
    """The buttons of a preview, and what they set off."""

    @on_control("repair-publish")
    async def publish(self, interaction: discord.Interaction, key: str) -> None:
        """Do what was shown, and nothing else."""
        program_id, wish, fingerprint = key.split(":")
        await moderated_program(self.context, interaction, int(program_id))
        await interaction.response.defer()
        done = await repair.publish(
            self.database,
            self.context.world,
            guild_of(interaction),
            int(program_id),
            read_wish(wish),
            fingerprint,
            self.context.now(),
            interaction.user.id,
        )
        self.context.changed()
        await redraw(interaction, published_card(interaction, done))

    @on_turn("repair")
    async def turn(self, interaction: discord.Interaction, key: str) -> None:
        """Turn a page."""
        program_id, wish, page = key.split(":")
        await moderated_program(self.context, interaction, int(program_id))
        await interaction.response.defer()
        await show_proposal(self, interaction, int(program_id), read_wish(wish), int(page))

    @delivers(DeliveryKind.CIRCLE_CHANGED)
    async def tell_circle(self, job: Job) -> Outcome:
        """Tell a circle's thread who came and who went on elsewhere."""
        news = await moves.get_news(self.database, job.id)
        circle = await circles.get_circle(self.database, job.circle_id or 0)
        thread_id, messenger = thread_of(circle), self.context.messenger
        return await messenger.send(job, thread_id, news_card(news, job.key), news.joined)

    @delivers(DeliveryKind.REMOVE_MEMBER)
    async def remove_member(self, job: Job) -> Outcome:
        """Take one person out of the thread of the circle they left; who is gone already stays so."""
        entry = await moves.get_exit(self.database, job.circle_id or 0, job.person_id or 0)
        messenger = self.context.messenger
        act = partial(messenger.remove_from_thread, entry.thread_id, entry.user_id)
        try:
            await reach_into(messenger, entry.guild_id, entry.thread_id, act, stays_archived=False)
        except discord.NotFound as refusal:
            if refusal.code != UNKNOWN_MEMBER:
                raise
        return Outcome(result_id=entry.user_id, channel_id=entry.thread_id)
