"""The end of a circle: its farewell with the question whether it met, then the archive."""

import discord
from discord import ui

from bot.domain.states import DeliveryKind, Met
from bot.services import circles, deliveries, farewells, feedback, goals, leads
from bot.services.circles import CircleCard
from bot.services.deliveries import Job, Outcome
from bot.text import text
from cogs._context import PeerCog, delivers, guild_of, on_control
from cogs._feedback import feedback_parts
from cogs._goal_cards import review_row
from cogs._mentor_cards import word_parts
from cogs._threads import archive, thread_of
from cogs._ui.cards import answer, card
from cogs._ui.controls import button, row
from cogs._ui.words import inert, say


def farewell(circle: CircleCard, key: str) -> ui.LayoutView:
    """Return the card with which a circle's thread ends."""
    locale = circle.locale
    return card(
        f"## {text('farewell.title', locale)}",
        text("farewell.text", locale, program=inert(circle.program)),
        f"### {text('farewell.met', locale)}\n{text('farewell.met.why', locale)}",
        row(*(button(f"met-{met}", key, text(f"farewell.met.{met}", locale)) for met in Met)),
        f"### {text('farewell.goals', locale)}\n{text('farewell.goals.why', locale)}",
        row(button("goal-review", circle.program_id, text("farewell.goals.open", locale))),
    )


class FarewellCog(PeerCog):
    """Saying goodbye; the buttons work in the archived thread too, and leave it archived."""

    @on_control("met-yes")
    async def met_regularly(self, interaction: discord.Interaction, key: str) -> None:
        """Keep that the circle met regularly."""
        await self._say_met(interaction, key, Met.YES)

    @on_control("met-once")
    async def met_once(self, interaction: discord.Interaction, key: str) -> None:
        """Keep that the circle met once."""
        await self._say_met(interaction, key, Met.ONCE)

    @on_control("met-no")
    async def met_never(self, interaction: discord.Interaction, key: str) -> None:
        """Keep that the circle did not meet."""
        await self._say_met(interaction, key, Met.NO)

    @delivers(DeliveryKind.FAREWELL)
    async def send_farewell(self, job: Job) -> Outcome:
        """Say goodbye in a circle's thread."""
        circle = await circles.get_circle(self.database, job.circle_id or 0)
        return await self.context.messenger.send(job, thread_of(circle), farewell(circle, job.key))

    @delivers(DeliveryKind.ARCHIVE_THREAD)
    async def archive_thread(self, job: Job) -> Outcome:
        """Archive a circle's thread; it stays readable and is not locked."""
        circle = await circles.get_circle(self.database, job.circle_id or 0)
        await archive(self.context.messenger, circle.guild_id, thread_of(circle))
        return Outcome(result_id=circle.thread_id)

    async def _say_met(self, interaction: discord.Interaction, key: str, met: Met) -> None:
        before = await farewells.say_met(self.database, key, interaction.user.id, met)
        noted = "farewell.noted" if before in (None, met) else "farewell.changed"
        words = say(interaction, noted, met=say(interaction, f"farewell.met.{met}"))
        subject = await deliveries.get_subject(self.database, key)
        circle_id, program_id = subject.circle_id or 0, subject.program_id
        mates = await feedback.get_mates(self.database, circle_id, interaction.user.id)
        form = await leads.find_form(self.database, circle_id, interaction.user.id, self.context.now())
        waiting = await goals.list_waiting(
            self.database, guild_of(interaction), program_id, interaction.user.id, self.context.now()
        )
        parts = [
            *word_parts(interaction, form),
            *review_row(interaction, program_id, waiting),
            *feedback_parts(interaction, mates),
        ]
        await answer(interaction, card(words, *parts))
