"""Pulses for moderators: when each opens, and what closed waves published."""

import asyncio
import io

import discord
from discord import app_commands
from discord.ext import commands

from bot.services import pulse_results, pulse_schedules
from bot.services.pulse_results import Results, results_csv
from bot.services.pulse_schedules import LEAST_DAYS, MOST_DAYS, MOST_WEEKS, PulsePlan
from cogs._choose import (
    choose_kept_program,
    choose_program,
    kept_program_choices,
    moderated_program,
    program_choices,
)
from cogs._context import PeerCog, context_of, guild_of
from cogs._pulse_instruments import ready_choices
from cogs._pulse_results import CHART, TABLE, results_card, results_chart
from cogs._pulse_schedule import scheduled_card, schedules_card, stopped_card, weekday_choices
from cogs._ui.cards import answer
from cogs._ui.words import described, words


class PulsesCog(PeerCog):
    """What moderators do with pulses; nothing here tells of a wave that is open, or of one person."""

    # No default permissions: Discord would hide the commands from those who have the program's moderator role.
    group = app_commands.Group(**words("pulses"), guild_only=True)

    @group.command(**words("pulses.schedule"))
    @described("pulses.schedule", "instrument", "every", "weekday", "hour", "days", "program")
    @app_commands.autocomplete(instrument=ready_choices, program=program_choices)
    @app_commands.choices(weekday=weekday_choices())
    async def schedule(
        self,
        interaction: discord.Interaction,
        instrument: str,
        every: app_commands.Range[int, 1, MOST_WEEKS] = 4,
        weekday: int | None = None,
        hour: app_commands.Range[int, 0, 23] | None = None,
        days: app_commands.Range[int, LEAST_DAYS, MOST_DAYS] = 5,
        program: str | None = None,
    ) -> None:
        """Let a program open a pulse every so many weeks, or change when it does."""
        program_id = await self._program(interaction, program)
        plan = PulsePlan(instrument, every, weekday, hour, days)
        guild_id, now = guild_of(interaction), self.context.now()
        made = await pulse_schedules.schedule_pulse(
            self.database, self.context.surveys.shipped, guild_id, program_id, plan, now, interaction.user.id
        )
        self.context.changed()
        await answer(interaction, scheduled_card(interaction, made))

    @group.command(**words("pulses.show"))
    @described("pulses.show", "program")
    @app_commands.autocomplete(program=program_choices)
    async def show(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Show a program's pulses and when each opens next."""
        program_id = await self._program(interaction, program)
        found = await pulse_schedules.list_pulses(
            self.database, self.context.surveys.shipped, guild_of(interaction), program_id
        )
        await answer(interaction, schedules_card(interaction, found))

    @group.command(**words("pulses.stop"))
    @described("pulses.stop", "instrument", "program")
    @app_commands.autocomplete(instrument=ready_choices, program=program_choices)
    async def stop(self, interaction: discord.Interaction, instrument: str, program: str | None = None) -> None:
        """Open no further wave of a pulse."""
        program_id = await self._program(interaction, program)
        shipped, guild_id, now = self.context.surveys.shipped, guild_of(interaction), self.context.now()
        stopped = await pulse_schedules.stop_pulse(
            self.database, shipped, guild_id, program_id, instrument, now, interaction.user.id
        )
        self.context.changed()
        await answer(interaction, stopped_card(interaction, stopped))

    @group.command(**words("pulses.results"))
    @described("pulses.results", "instrument", "program")
    @app_commands.autocomplete(instrument=ready_choices, program=kept_program_choices)
    async def results(
        self, interaction: discord.Interaction, instrument: str | None = None, program: str | None = None
    ) -> None:
        """Show what the closed waves of a pulse published, with a chart and a table to download."""
        program_id = await choose_kept_program(self.context, interaction, program)
        await moderated_program(self.context, interaction, program_id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        shipped = self.context.surveys.shipped
        found = await pulse_results.get_results(self.database, shipped, guild_of(interaction), program_id, instrument)
        view = results_card(interaction, found, self.context.settings.pulse.support_footer)
        await answer(interaction, view, files=await _files(interaction, found))

    async def _program(self, interaction: discord.Interaction, named: str | None) -> int:
        """Return the program that is meant, to somebody who moderates it."""
        program_id = await choose_program(self.context, interaction, named)
        await moderated_program(self.context, interaction, program_id)
        return program_id


async def _files(interaction: discord.Interaction, found: Results) -> list[discord.File]:
    """Draw the chart and write the table, where a wave has closed."""
    if not found.waves:
        return []
    chart = await asyncio.to_thread(results_chart, interaction, found)
    return [discord.File(io.BytesIO(chart), CHART), discord.File(io.BytesIO(results_csv(found)), TABLE)]


async def setup(bot: commands.Bot) -> None:
    """Add the cog to the bot."""
    await bot.add_cog(PulsesCog(context_of(bot)))
