"""Growing into a mentor: offers, words to whoever led a circle, and their next step."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.states import DeliveryKind, NextStep
from bot.services import leads, mentors, people
from bot.services.deliveries import Job, Outcome
from bot.services.mentors import OfferCard
from cogs._choose import program_choices
from cogs._context import PeerCog, context_of, delivers, guild_of, on_control, on_turn
from cogs._mentor_cards import (
    feedback_card,
    lead_card,
    offer_card,
    offer_given,
    offer_modal,
    withdraw_card,
    word_given,
    word_modal,
)
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import fields_of
from cogs._ui.words import described, inert, say, words


class MentorCog(PeerCog):
    """Offering to mentor, and reading what circles wrote to one as their lead."""

    group = app_commands.Group(**words("mentor"), guild_only=True)

    @group.command(**words("mentor.offer"))
    @described("mentor.offer", "program")
    @app_commands.autocomplete(program=program_choices)
    async def offer(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Open the modal in which somebody offers to mentor."""
        await interaction.response.send_modal(offer_modal(interaction, await self._offer(interaction, program)))

    @group.command(**words("mentor.show"))
    @described("mentor.show", "program")
    @app_commands.autocomplete(program=program_choices)
    async def show(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Show somebody's own offer."""
        await answer(interaction, offer_card(interaction, await self._offer(interaction, program)))

    @group.command(**words("mentor.withdraw"))
    @described("mentor.withdraw", "program")
    @app_commands.autocomplete(program=program_choices)
    async def withdraw(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Ask once whether an offer is to be taken back."""
        await answer(interaction, withdraw_card(interaction, await self._offer(interaction, program)))

    @group.command(**words("mentor.feedback"))
    async def feedback(self, interaction: discord.Interaction) -> None:
        """Show what circles wrote to somebody who led them."""
        told = await leads.list_told(self.database, guild_of(interaction), interaction.user.id)
        await answer(interaction, feedback_card(interaction, told))

    @on_control("mentor-change")
    async def change(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal from the card."""
        offered = await mentors.get_offer(self.database, int(key), interaction.user.id)
        await interaction.response.send_modal(offer_modal(interaction, offered))

    @on_control("mentor-given")
    async def given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep an offer."""
        capacity, topics = offer_given(fields_of(interaction))
        user_id, now = interaction.user.id, self.context.now()
        offered = await mentors.offer(self.database, int(key), user_id, capacity, topics, now)
        await answer(interaction, offer_card(interaction, offered))

    @on_control("mentor-withdraw")
    async def ask_withdraw(self, interaction: discord.Interaction, key: str) -> None:
        """Ask once whether an offer is to be taken back."""
        offered = await mentors.get_offer(self.database, int(key), interaction.user.id)
        await answer(interaction, withdraw_card(interaction, offered))

    @on_control("mentor-withdraw-sure")
    async def withdraw_sure(self, interaction: discord.Interaction, key: str) -> None:
        """Take an offer back."""
        left = await mentors.withdraw(self.database, int(key), interaction.user.id)
        await redraw(interaction, card(say(interaction, "mentor.withdrawn", program=inert(left.program))))

    async def _offer(self, interaction: discord.Interaction, program: str | None) -> OfferCard:
        user_id = interaction.user.id
        place = await people.choose_enrollment(self.database, guild_of(interaction), user_id, program)
        return await mentors.get_offer(self.database, place.program_id, user_id)


class LeadCog(PeerCog):
    """Words to whoever led a circle, which no moderator reads, and what the lead does next."""

    @on_control("lead-word")
    async def word(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal for words to the lead."""
        form = await leads.get_form(self.database, int(key), interaction.user.id, self.context.now())
        await interaction.response.send_modal(word_modal(interaction, form))

    @on_control("lead-word-given")
    async def word_given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep the words; none takes them back."""
        written, alone = word_given(fields_of(interaction))
        user_id, now = interaction.user.id, self.context.now()
        await leads.write_word(self.database, int(key), user_id, written, now, alone=alone)
        noted = "lead.word.noted" if written.strip() else "lead.word.taken-back"
        await answer(interaction, card(say(interaction, noted, least=leads.LEAST_WRITERS)))

    @on_turn("lead-feedback")
    async def turn(self, interaction: discord.Interaction, key: str) -> None:
        """Turn a page."""
        told = await leads.list_told(self.database, guild_of(interaction), interaction.user.id)
        await redraw(interaction, feedback_card(interaction, told, int(key)))

    @on_control("lead-again")
    async def again(self, interaction: discord.Interaction, key: str) -> None:
        """Be ready to facilitate again."""
        await self._choose(interaction, key, NextStep.AGAIN)

    @on_control("lead-stand-by")
    async def stand_by(self, interaction: discord.Interaction, key: str) -> None:
        """Stand by whoever leads for the first time."""
        await self._choose(interaction, key, NextStep.STAND_BY)

    @on_control("lead-mentor")
    async def mentor(self, interaction: discord.Interaction, key: str) -> None:
        """Go on to mentor: the modal for the offer opens at once."""
        user_id = interaction.user.id
        program_id = await leads.choose(self.database, key, user_id, NextStep.MENTOR, self.context.now())
        offered = await mentors.get_offer(self.database, program_id, user_id)
        await interaction.response.send_modal(offer_modal(interaction, offered))

    @on_control("lead-not-now")
    async def not_now(self, interaction: discord.Interaction, key: str) -> None:
        """Do nothing for now."""
        await self._choose(interaction, key, NextStep.NOT_NOW)

    @delivers(DeliveryKind.LEAD_CARD)
    async def send_card(self, job: Job) -> Outcome:
        """Thank somebody for leading, with the words of their circle, in private and never anywhere else."""
        lead = await leads.get_card(self.database, job.circle_id or 0, job.person_id or 0)
        return await self.context.messenger.send_dm(job, lead.user_id, lead_card(lead, job.key))

    async def _choose(self, interaction: discord.Interaction, key: str, step: NextStep) -> None:
        await leads.choose(self.database, key, interaction.user.id, step, self.context.now())
        await answer(interaction, card(say(interaction, f"lead.step.{step}.done")))


async def setup(bot: commands.Bot) -> None:
    """Add the cogs to the bot."""
    for cog in (MentorCog, LeadCog):
        await bot.add_cog(cog(context_of(bot)))
