"""Questionnaires as moderators see them: what each asks, how it is scored, and who vouches for its words."""

from collections.abc import Sequence

import discord
from discord import app_commands, ui

from bot.domain.survey.instrument import Instrument
from bot.domain.survey.parse import MOST_CHARACTERS
from bot.errors import InvalidInput
from bot.services import instruments
from cogs._choose import MOST_CHOICES
from cogs._context import context_of
from cogs._ui.cards import bullets, card
from cogs._ui.words import inert, say

MOST_BYTES = 4 * MOST_CHARACTERS


async def instrument_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer every questionnaire that a guild knows."""
    return _choices(await _list(interaction), typed)


async def ready_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the questionnaires that may be put to people."""
    return _choices([each for each in await _list(interaction) if each.is_ready], typed)


async def _list(interaction: discord.Interaction) -> Sequence[Instrument]:
    context = context_of(interaction.client)  # pyright: ignore[reportArgumentType]
    if interaction.guild_id is None:
        return ()
    return await instruments.list_instruments(context.database, context.surveys.shipped, interaction.guild_id)


def _choices(found: Sequence[Instrument], typed: str) -> list[app_commands.Choice[str]]:
    return [
        app_commands.Choice(name=each.title, value=each.id)
        for each in found
        if typed.casefold() in f"{each.title} {each.id}".casefold()
    ][:MOST_CHOICES]


async def read_file(file: discord.Attachment) -> str:
    """Return an uploaded file's text; refuse one that is too large or no text."""
    if file.size > MOST_BYTES:
        raise InvalidInput("instrument.too-large", most=MOST_BYTES // 1024)
    try:
        return (await file.read()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("instrument.no-text") from None


def list_card(interaction: discord.Interaction, found: Sequence[Instrument]) -> ui.LayoutView:
    """List the questionnaires with what each needs before it can be used."""
    lines = [
        f"**{inert(each.title)}** (`{each.id}`): {say(interaction, f'instrument.{_standing(each)}', n=len(each.items))}"
        for each in found
    ]
    return card(
        f"## {say(interaction, 'instrument.list.title')}", bullets(lines), say(interaction, "instrument.list.how")
    )


def instrument_card(interaction: discord.Interaction, found: Instrument) -> ui.LayoutView:
    """Show one questionnaire in full."""
    scale = found.scale
    turned = f" ({say(interaction, 'instrument.reverse')})"
    items = [f"{inert(item.text)}{turned if item.reverse else ''}" for item in found.items if item.text]
    anchors = [f"{option.value}: {inert(option.text)}" for option in found.options if option.text]
    return card(
        f"## {inert(found.title)}",
        f"`{found.id}`, {say(interaction, f'instrument.{_standing(found)}', n=len(found.items))}",
        inert(found.stem) if found.stem else None,
        bullets(anchors),
        bullets(items),
        say(
            interaction,
            f"instrument.score.{found.score}",
            low=f"{scale.low:g}",
            high=f"{scale.high:g}",
            needed=found.needed,
            n=len(found.items),
        ),
        inert(found.note) if found.note else None,
        say(interaction, "instrument.source", citation=inert(found.citation), licence=inert(found.licence)),
        _attested(interaction, found),
    )


def added_card(interaction: discord.Interaction, added: Instrument) -> ui.LayoutView:
    """Say that a questionnaire is there, and how to use it."""
    return card(
        say(interaction, "instrument.added", title=inert(added.title), id=added.id), _attested(interaction, added)
    )


def _standing(instrument: Instrument) -> str:
    if not instrument.is_ready:
        return "no-words-yet"
    return "ready" if instrument.enabled else "off"


def _attested(interaction: discord.Interaction, found: Instrument) -> str | None:
    given = found.attestation
    if given is None:
        return None
    return say(
        interaction, "instrument.attested", by=inert(given.by), licence=inert(given.licence), day=given.on.isoformat()
    )
