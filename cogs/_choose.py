"""Choosing a program by name where a guild has several."""

from collections.abc import Sequence

import discord
from discord import app_commands

from bot.domain.states import EnrollmentState
from bot.errors import Conflict, InvalidInput, NotFound
from bot.services import people, programs
from bot.services.programs import ProgramCard
from cogs._context import Context, context_of, guild_of
from cogs._guard import require_moderator

MOST_CHOICES = 25


async def choose_program(context: Context, interaction: discord.Interaction, named: str | None) -> int:
    """Return the program that was named, or the only one that runs or rests; raise where a choice is needed."""
    return _choose(await programs.list_open(context.database, guild_of(interaction)), named)


async def choose_kept_program(context: Context, interaction: discord.Interaction, named: str | None) -> int:
    """Return the program that was named, be it over, or the only one; one that is not over comes before the others."""
    guild_id = guild_of(interaction)
    if named is None and (running := await programs.list_open(context.database, guild_id)):
        return _choose(running, None)
    return _choose(await programs.list_kept(context.database, guild_id), named)


def _choose(among: Sequence[tuple[int, str]], named: str | None) -> int:
    if not among:
        raise NotFound("program.none")
    names = ", ".join(name for _, name in among)
    if named is None:
        if len(among) > 1:
            raise Conflict("program.which", programs=names)
        return among[0][0]
    for program_id, name in among:
        if named == str(program_id) or named.strip().casefold() == name.casefold():
            return program_id
    raise InvalidInput("program.which", programs=names)


async def moderated_program(context: Context, interaction: discord.Interaction, program_id: int) -> ProgramCard:
    """Return a program's card to somebody who may moderate it."""
    card = await programs.get_card(context.database, guild_of(interaction), program_id)
    require_moderator(interaction, card.rules.moderator_role_id)
    return card


async def program_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the guild's programs whose name holds what was typed."""
    context = context_of(interaction.client)  # pyright: ignore[reportArgumentType]
    return _choices(await programs.list_open(context.database, guild_of(interaction)), typed)


async def own_programs(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the programs that whoever types takes part in."""
    context = context_of(interaction.client)  # pyright: ignore[reportArgumentType]
    member = await people.find_member(context.database, guild_of(interaction), interaction.user.id)
    return [
        app_commands.Choice(name=place.program, value=str(place.program_id))
        for place in (member.enrollments if member else ())
        if place.state is not EnrollmentState.LEFT and typed.casefold() in place.program.casefold()
    ][:MOST_CHOICES]


async def kept_program_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the guild's programs whose name holds what was typed, also those that are over."""
    context = context_of(interaction.client)  # pyright: ignore[reportArgumentType]
    return _choices(await programs.list_kept(context.database, guild_of(interaction)), typed)


def _choices(among: Sequence[tuple[int, str]], typed: str) -> list[app_commands.Choice[str]]:
    return [
        app_commands.Choice(name=name, value=str(program_id))
        for program_id, name in among
        if typed.casefold() in name.casefold()
    ][:MOST_CHOICES]
