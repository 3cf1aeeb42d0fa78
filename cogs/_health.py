"""How a program fares: the card with the figures in words, and the picture for a report."""

import asyncio
import io
from collections.abc import Iterator
from typing import Any

import discord
from discord import ui

from bot.domain.health import Health, Split
from bot.domain.survival import share_after
from bot.services import health
from cogs._choose import choose_kept_program, moderated_program
from cogs._context import Context, guild_of
from cogs._exit import read_button
from cogs._ui.cards import answer, bullets, card
from cogs._ui.words import inert, language, moment, say

PICTURE = "program-health.png"
TWELVE_WEEKS = 84
LAST_WEEKS, LOWEST = 4, 3


async def show_health(context: Context, interaction: discord.Interaction, program: str | None) -> None:
    """Show a moderator how a program fares, in words and as a picture."""
    program_id = await choose_kept_program(context, interaction, program)
    await moderated_program(context, interaction, program_id)
    await interaction.response.defer(ephemeral=True, thinking=True)
    guild_id, now = guild_of(interaction), context.now()
    found = await health.get_health(context.database, context.surveys.shipped, guild_id, program_id, now)
    if found.is_small:
        await answer(interaction, health_card(interaction, found))
        return
    from bot.dashboard import dashboard_png  # noqa: PLC0415 - what draws is large, and most days nobody asks

    drawn = await asyncio.to_thread(dashboard_png, found, language(interaction))
    await answer(
        interaction, health_card(interaction, found, program_id), file=discord.File(io.BytesIO(drawn), PICTURE)
    )


def health_card(interaction: discord.Interaction, found: Health, program_id: int | None = None) -> ui.LayoutView:
    """Return the figures in words, each with of how many and of which time it tells."""
    title = f"## {say(interaction, 'health.card.title', program=inert(found.program))}"
    if found.is_small:
        return card(title, say(interaction, "health.card.small"))
    since, until = (moment(each.timestamp(), "D") for each in (found.since, found.until))
    gallery = ui.MediaGallery[Any]()
    gallery.add_item(
        media=f"attachment://{PICTURE}", description=say(interaction, "health.card.alt", program=found.program)
    )
    period = say(interaction, "health.card.period", since=since, until=until)
    lines = [*_people(interaction, found), *_circles(interaction, found), *_aims(interaction, found)]
    words = read_button(interaction, program_id) if program_id is not None and found.exits.total else None
    return card(title, period, bullets(lines), gallery, f"-# {say(interaction, 'health.card.footer')}", words)


def _people(interaction: discord.Interaction, found: Health) -> Iterator[str]:
    counts = {"active": found.now.active, "paused": found.now.paused, "left": found.now.left}
    yield say(interaction, "health.card.people", n=found.joined, **counts)
    if not found.cohorts:
        return
    everybody = found.cohorts[0]
    days = min(TWELVE_WEEKS, everybody.longest_days)
    step = share_after(everybody.steps, days)
    if step is None:
        yield say(interaction, "health.card.all-stay", n=everybody.people)
    elif step.low is not None and step.high is not None:
        bounds = {"low": f"{step.low:.0%}", "high": f"{step.high:.0%}"}
        yield say(
            interaction,
            "health.card.stay",
            n=everybody.people,
            share=f"{step.share:.0%}",
            weeks=days // 7,
            **bounds,
        )


def _circles(interaction: discord.Interaction, found: Health) -> Iterator[str]:
    weeks, rotations = found.response, found.rotations
    if weeks:
        last = weeks[-LAST_WEEKS:]
        answered, asked = sum(week.answered for week in last), sum(week.asked for week in last)
        overall = sum(week.answered for week in weeks) / sum(week.asked for week in weeks)
        yield say(
            interaction,
            "health.card.response",
            share=f"{answered / asked:.0%}",
            answered=answered,
            asked=asked,
            all=f"{overall:.0%}",
            weeks=len(weeks),
        )
    yield from _lowest(interaction, found)
    if rotations:
        first, again = sum(each.first for each in rotations), sum(each.again for each in rotations)
        yield say(interaction, "health.card.rotations", n=len(rotations), first=first, again=again)
    if told := sum(each.told for each in rotations):
        yield say(interaction, "health.card.met", met=sum(each.met for each in rotations), told=told)


def _lowest(interaction: discord.Interaction, found: Health) -> Iterator[str]:
    """Name the circles that may need a hand, where there are some to compare."""
    grid = found.grid
    if grid is None or not grid.weeks or len(grid.rows) <= LOWEST:
        return
    named: list[str] = []
    for row in grid.rows[:LOWEST]:
        given = [answered for answered in row.answered if answered is not None]
        share = sum(given) / len(given) / row.people if given else 0.0
        values = {"number": row.number, "share": f"{share:.0%}", "people": row.people}
        named.append(say(interaction, "health.card.low.circle", **values))
    yield say(interaction, "health.card.low", number=grid.rotation, circles=", ".join(named))


def _aims(interaction: discord.Interaction, found: Health) -> Iterator[str]:
    yield from _told(interaction, "health.card.goals", found.goals_done, "goal.path.")
    yield from _told(interaction, "health.card.outcomes", found.outcomes, "goal.outcome.")
    yield from _told(interaction, "health.card.posts", found.help.posts, "health.help.")
    yield from _told(interaction, "health.card.introductions", found.help.introductions, None)
    yield from _told(interaction, "health.card.helped", found.help.helped, "outcome.helped.")
    yield from _told(interaction, "health.card.came-of", found.help.came_of, "outcome.came.")
    for pulse in found.pulses:
        newest = [point.value for point in pulse.trend.points if point.value is not None][-1]
        yield say(
            interaction,
            "health.card.pulse",
            title=inert(pulse.title),
            mean=f"{newest:.1f}",
            low=f"{pulse.trend.scale.low:g}",
            high=f"{pulse.trend.scale.high:g}",
            answered=pulse.answered,
            asked=pulse.asked,
            waves=pulse.waves,
        )
    yield from _told(interaction, "health.card.exits", found.exits, "exit.")


def _told(interaction: discord.Interaction, line: str, found: Split, names: str | None) -> Iterator[str]:
    """Say how many were told of and up to when, with the kinds that may be shown; nothing where none may."""
    if found.until is None:
        return
    shown = [f"{say(interaction, f'{names}{kind}')} {count}" for kind, count in found.parts] if names else []
    rest = [say(interaction, "health.card.rest", n=found.rest)] if found.rest and shown else []
    kinds = f": {', '.join([*shown, *rest])}" if shown else ""
    yield say(interaction, line, n=found.total, until=moment(found.until.timestamp(), "D"), kinds=kinds)
