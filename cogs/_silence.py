"""The friendly private question to whoever has been silent, and what they choose."""

import discord
from discord import ui

from bot.domain.states import DeliveryKind
from bot.services import silence
from bot.services.deliveries import Job, Outcome
from bot.services.silence import Choice, Question
from bot.text import text
from cogs._context import PeerCog, delivers, on_control
from cogs._ui.cards import answer, card
from cogs._ui.controls import button, row
from cogs._ui.words import inert, say

STYLES = {Choice.STAY: discord.ButtonStyle.primary}


def question_card(question: Question, key: str) -> ui.LayoutView:
    """Return the question with its three buttons."""
    locale = question.locale
    buttons = [
        button(
            f"silent-{choice}",
            key,
            text(f"silence.{choice}", locale),
            STYLES.get(choice, discord.ButtonStyle.secondary),
        )
        for choice in Choice
    ]
    return card(
        f"## {text('silence.title', locale)}",
        text("silence.text", locale, n=question.silent_checkins, program=inert(question.program)),
        text("silence.otherwise", locale, hours=int(silence.TIME_TO_ANSWER.total_seconds() // 3600)),
        row(*buttons),
    )


class SilenceCog(PeerCog):
    """Asking in private, never anywhere else; the buttons keep working, so that one click brings back."""

    @on_control("silent-stay")
    async def stay(self, interaction: discord.Interaction, key: str) -> None:
        """Let somebody go on, or bring them back."""
        await self._choose(interaction, key, Choice.STAY)

    @on_control("silent-pause")
    async def pause(self, interaction: discord.Interaction, key: str) -> None:
        """Let somebody rest until they come back."""
        await self._choose(interaction, key, Choice.PAUSE)

    @on_control("silent-leave")
    async def leave(self, interaction: discord.Interaction, key: str) -> None:
        """Let somebody go."""
        await self._choose(interaction, key, Choice.LEAVE)

    @delivers(DeliveryKind.SILENT_QUESTION)
    async def ask(self, job: Job) -> Outcome:
        """Ask by direct message; closed ones are a normal outcome."""
        question = await silence.get_question(self.database, job.program_id, job.person_id or 0)
        return await self.context.messenger.send_dm(job, question.user_id, question_card(question, job.key))

    async def _choose(self, interaction: discord.Interaction, key: str, choice: Choice) -> None:
        program = await silence.choose(self.database, key, interaction.user.id, choice, self.context.now())
        await answer(interaction, card(say(interaction, f"silence.{choice}.done", program=inert(program))))
