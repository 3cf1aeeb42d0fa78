"""Words that could not be kept: given back with the reason, so that nobody writes them twice."""

import discord

from bot.errors import UserError
from cogs._ui.cards import answer, card, rule
from cogs._ui.controls import field
from cogs._ui.words import inert, refused, say


async def give_back(
    interaction: discord.Interaction, refusal: UserError, fields: dict[str, str | list[str]], *names: str
) -> None:
    """Say why a modal's words were not kept, and show what was written in some of its fields."""
    written = [inert(field(fields, name)) for name in names if field(fields, name)]
    reason = refused(interaction, refusal)
    await answer(interaction, card(reason, rule(), say(interaction, "checkin.your-words"), *written))
