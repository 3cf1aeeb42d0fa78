"""Choosing a program by name where a guild has several."""

import discord
from discord import app_commands

from bot.errors import Conflict, InvalidInput, NotFound
from bot.services import programs
from bot.services.programs import ProgramCard
from cogs._context import Context, context_of, guild_of
from cogs._guard import require_moderator

MOST_CHOICES = 25


async def choose_program(context: Context, interaction: discord.Interaction, named: str | None) -> int:
    """Return the program that was named, or the only one; raise where there is none or a choice is needed."""
    open_programs = await programs.list_open(context.database, guild_of(interaction))
    if not open_programs:
        raise NotFound("program.none")
    if named is None:
        if len(open_programs) > 1:
            raise Conflict("program.which", programs=", ".join(name for _, name in open_programs))
        return open_programs[0][0]
    for program_id, name in open_programs:
        if named in {str(program_id), name} or named.casefold() == name.casefold():
            return program_id
    raise InvalidInput("program.which", programs=", ".join(name for _, name in open_programs))


async def moderated_program(context: Context, interaction: discord.Interaction, program_id: int) -> ProgramCard:
    """Return a program's card to somebody who may moderate it."""
    card = await programs.get_card(context.database, guild_of(interaction), program_id)
    require_moderator(interaction, card.rules.moderator_role_id)
    return card


async def program_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the guild's programs whose name holds what was typed."""
    context = context_of(interaction.client)  # pyright: ignore[reportArgumentType]
    found = await programs.list_open(context.database, guild_of(interaction))
    return [
        app_commands.Choice(name=name, value=str(program_id))
        for program_id, name in found
        if typed.casefold() in name.casefold()
    ][:MOST_CHOICES]
