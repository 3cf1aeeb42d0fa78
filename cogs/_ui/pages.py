"""The two buttons that turn the pages of a list."""

from collections.abc import Callable
from typing import Any

import discord
from discord import ui

from cogs._ui.controls import Control, button, row
from cogs._ui.words import say


def turning(action: str) -> tuple[str, str]:
    """Return the actions of the buttons that turn a list's pages back and on."""
    return f"{action}-back", f"{action}-on"


def turners(
    interaction: discord.Interaction, action: str, page: int, pages: int, key: Callable[[int], object] = int
) -> tuple[Control, ...]:
    """Return the buttons that turn pages, counted from 0; none where there is only one page.

    `key` gives a button's key for the page that it turns to.
    """
    if pages == 1:
        return ()
    back, on = turning(action)
    label = say(interaction, "page.on", page=page + 1, pages=pages)
    return (
        button(back, key(page - 1), say(interaction, "page.back"), disabled=page == 0),
        button(on, key(page + 1), label, disabled=page == pages - 1),
    )


def pager(
    interaction: discord.Interaction, action: str, page: int, pages: int, key: Callable[[int], object] = int
) -> ui.ActionRow[Any] | None:
    """Return a row of the buttons that turn pages, or nothing where there is only one page."""
    buttons = turners(interaction, action, page, pages, key)
    return row(*buttons) if buttons else None
