"""When pulses open, as moderators see it."""

from collections.abc import Sequence

import discord
from discord import app_commands, ui

from bot.services.pulse_schedules import PulseCard
from bot.text import text
from cogs._ui.cards import bullets, card
from cogs._ui.words import inert, moment, say


def weekday_choices() -> list[app_commands.Choice[int]]:
    """Return the days of the week, Monday first."""
    return [app_commands.Choice(name=text(f"weekday.{day}"), value=day) for day in range(7)]


def scheduled_card(interaction: discord.Interaction, made: PulseCard) -> ui.LayoutView:
    """Say when a pulse opens, and what that means for circles."""
    return card(
        say(interaction, "pulses.scheduled", title=inert(made.title)), _line(interaction, made), _how(interaction)
    )


def schedules_card(interaction: discord.Interaction, found: Sequence[PulseCard]) -> ui.LayoutView:
    """Show a program's pulses; nothing here depends on who answered."""
    lines = [f"**{inert(each.title)}**: {_line(interaction, each)}" for each in found]
    return card(
        f"## {say(interaction, 'pulses.title')}", bullets(lines) or say(interaction, "pulses.none"), _how(interaction)
    )


def stopped_card(interaction: discord.Interaction, stopped: PulseCard) -> ui.LayoutView:
    """Say that a pulse opens no more, and what becomes of a wave that is open."""
    words = say(interaction, "pulses.stopped", title=inert(stopped.title))
    return card(words, _open(interaction, stopped))


def _line(interaction: discord.Interaction, pulse: PulseCard) -> str:
    if not pulse.is_active:
        return say(interaction, "pulses.line.stopped")
    rule = say(
        interaction,
        "pulses.line",
        n=pulse.every_weeks,
        weekday=say(interaction, f"weekday.{pulse.weekday}"),
        hour=f"{pulse.hour:02}:00",
        days=pulse.days_open,
    )
    following = pulse.next_due
    parts = [rule, say(interaction, "pulses.next", when=moment(following.timestamp())) if following else None]
    return " ".join(part for part in (*parts, _open(interaction, pulse)) if part)


def _open(interaction: discord.Interaction, pulse: PulseCard) -> str | None:
    if pulse.open_until is None:
        return None
    return say(interaction, "pulses.open", until=moment(pulse.open_until.timestamp()))


def _how(interaction: discord.Interaction) -> str:
    return say(interaction, "pulses.how")
