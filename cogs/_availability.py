"""The panel of weekly hours: choose days, then their hours; each choice is saved at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord
from discord import ui

from bot.domain.availability import DAYS_A_WEEK, HOURS_A_DAY
from bot.domain.week import hours_on, hours_on_all, spans
from bot.errors import InvalidInput
from bot.services import people, zones
from bot.services.people import Profile
from cogs._context import PeerCog, guild_of, on_control
from cogs._ui.cards import answer, bullets, card, redraw, rule
from cogs._ui.controls import Control, button, row, select, values_of
from cogs._ui.words import say

EVERY_DAY = tuple(range(DAYS_A_WEEK))


def hours_panel(
    interaction: discord.Interaction, profile: Profile, now: datetime, days: Sequence[int] = ()
) -> ui.LayoutView:
    """Return what is set, in words, and the selects for days and their hours; the chosen days stay chosen."""
    return card(
        f"## {say(interaction, 'hours.title')}",
        say(interaction, "hours.zone", zone=profile.zone, offset=zones.offset_words(profile.zone, now)),
        bullets(hour_lines(interaction, profile.hours)) or say(interaction, "hours.none"),
        rule(),
        say(interaction, "hours.how"),
        row(_day_select(interaction, days)),
        row(_hour_select(interaction, profile.hours, days)) if days else None,
        _clear_buttons(interaction, profile.hours, days),
    )


def hour_lines(interaction: discord.Interaction, mask: int) -> list[str]:
    """Say each day that has hours, such as "Monday: 18:00–21:00"."""
    return [
        say(interaction, "hours.day", day=say(interaction, f"weekday.{day}"), hours=_spans_words(mask, day))
        for day in EVERY_DAY
        if hours_on(mask, day)
    ]


class AvailabilityCog(PeerCog):
    """The controls of the panel; the days that are being set lie in their custom_ids."""

    @on_control("hours-open")
    async def open_panel(self, interaction: discord.Interaction, _key: str) -> None:
        """Open the panel from a button on another card."""
        profile = await people.get_profile(self.database, guild_of(interaction), interaction.user.id)
        await answer(interaction, hours_panel(interaction, profile, self.context.now()))

    @on_control("hours-days")
    async def choose_days(self, interaction: discord.Interaction, _key: str) -> None:
        """Show the hours of the chosen days."""
        chosen = _numbers(values_of(interaction), DAYS_A_WEEK)
        profile = await people.get_profile(self.database, guild_of(interaction), interaction.user.id)
        await redraw(interaction, hours_panel(interaction, profile, self.context.now(), chosen))

    @on_control("hours-set")
    async def set_hours(self, interaction: discord.Interaction, key: str) -> None:
        """Keep exactly the chosen hours for the days that are being set."""
        await self._keep(interaction, key, _numbers(values_of(interaction), HOURS_A_DAY))

    @on_control("hours-clear")
    async def clear(self, interaction: discord.Interaction, key: str) -> None:
        """Take every hour off the days that are being set."""
        await self._keep(interaction, key, ())

    @on_control("hours-clear-all")
    async def clear_all(self, interaction: discord.Interaction, _key: str) -> None:
        """Take every hour off the week."""
        await self._keep(interaction, _key_of(EVERY_DAY), (), shown=())

    async def _keep(
        self,
        interaction: discord.Interaction,
        key: str,
        hours: tuple[int, ...],
        shown: tuple[int, ...] | None = None,
    ) -> None:
        days = _numbers(key, DAYS_A_WEEK)
        kept = await people.set_hours_on(self.database, guild_of(interaction), interaction.user.id, days, hours)
        view = hours_panel(interaction, kept, self.context.now(), days if shown is None else shown)
        await redraw(interaction, view)


def _day_select(interaction: discord.Interaction, chosen: Sequence[int]) -> Control:
    options = [
        discord.SelectOption(label=say(interaction, f"weekday.{day}"), value=str(day), default=day in chosen)
        for day in EVERY_DAY
    ]
    return select("hours-days", "own", options, say(interaction, "hours.choose-days"), most=DAYS_A_WEEK)


def _hour_select(interaction: discord.Interaction, mask: int, days: Sequence[int]) -> Control:
    """Offer every hour of the day; those that all the chosen days have are chosen already."""
    common = hours_on_all(mask, days)
    options = [
        discord.SelectOption(label=_span_words(hour, hour + 1), value=str(hour), default=hour in common)
        for hour in range(HOURS_A_DAY)
    ]
    hint = say(interaction, "hours.choose-hours", days=_days_words(interaction, days))
    return select("hours-set", _key_of(days), options, hint, least=0, most=HOURS_A_DAY)


def _clear_buttons(interaction: discord.Interaction, mask: int, days: Sequence[int]) -> ui.Item[Any] | None:
    buttons: list[Control] = []
    if days:
        label = say(interaction, "hours.clear", days=_days_words(interaction, days))
        buttons.append(button("hours-clear", _key_of(days), label))
    if mask:
        buttons.append(
            button("hours-clear-all", "own", say(interaction, "hours.clear-all"), discord.ButtonStyle.danger)
        )
    return row(*buttons) if buttons else None


def _days_words(interaction: discord.Interaction, days: Sequence[int]) -> str:
    return ", ".join(say(interaction, f"weekday.{day}") for day in days)


def _spans_words(mask: int, day: int) -> str:
    return ", ".join(_span_words(begin, end) for begin, end in spans(hours_on(mask, day)))


def _span_words(begin: int, end: int) -> str:
    return f"{begin:02}:00–{end:02}:00"


def _key_of(days: Sequence[int]) -> str:
    return "".join(str(day) for day in days)


def _numbers(values: Sequence[str], below: int) -> tuple[int, ...]:
    """Read chosen days or hours; what no panel of ours offers is refused."""
    if not all(value.isdecimal() and int(value) < below for value in values):
        raise InvalidInput("control.gone")
    return tuple(sorted({int(value) for value in values}))
