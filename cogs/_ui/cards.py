"""Cards: Components V2 messages made of text, lines and controls."""

from collections.abc import Iterable, Sequence
from typing import Any

import discord
from discord import ui

ACCENT = discord.Colour(0x7A4FBF)
MOST_TEXT = 4_000


def card(*parts: ui.Item[Any] | str | None, accent: discord.Colour = ACCENT) -> ui.LayoutView:
    """Return one framed card; strings become text, None is left out.

    The view is finished from the start: discord.py then keeps nothing of it in
    memory, and its controls are found again by their custom_id.
    """
    container = ui.Container[Any](accent_colour=accent)
    room = MOST_TEXT
    for part in parts:
        if isinstance(part, str):
            if part and room > 0:
                shown = clipped(part, room)
                room -= len(shown)
                container.add_item(ui.TextDisplay[Any](shown))
        elif part is not None:
            container.add_item(part)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    view.stop()
    return view


def rule() -> ui.Separator[Any]:
    """Return a line between parts of a card."""
    return ui.Separator[Any]()


def bullets(lines: Iterable[str]) -> str:
    """Return lines as a list."""
    return "\n".join(f"- {line}" for line in lines)


def clipped(words: str, most: int) -> str:
    """Cut words that are too long, visibly."""
    return words if len(words) <= most else words[: max(0, most - 1)] + "…"


async def answer(interaction: discord.Interaction, view: ui.LayoutView, **options: Any) -> None:
    """Show a card to whoever used a command or control, and to nobody else."""
    if interaction.response.is_done():
        await interaction.followup.send(view=view, ephemeral=True, **options)
    else:
        await interaction.response.send_message(view=view, ephemeral=True, **options)


async def redraw(
    interaction: discord.Interaction, view: ui.LayoutView, files: Sequence[discord.File] | None = None
) -> None:
    """Put a new card in place of the one whose control was just used; given files take the place of those there."""
    options: dict[str, Any] = {} if files is None else {"attachments": list(files)}
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view, **options)
    else:
        await interaction.response.edit_message(view=view, **options)
