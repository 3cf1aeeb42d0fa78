"""A member's history, a page at a time: each circle with its companions and the member's own answers."""

from collections.abc import Sequence

import discord
from discord import ui

from bot.services import history
from bot.services.history import OwnAnswer, PastCircle
from cogs._context import PeerCog, guild_of, on_turn
from cogs._ui.cards import card, redraw
from cogs._ui.pages import pager
from cogs._ui.words import inert, moment, say

PAGE_ROOM = 3_500
PARTS = ("win", "challenge", "ask", "progress")


def history_card(interaction: discord.Interaction, circles: Sequence[PastCircle], page: int = 0) -> ui.LayoutView:
    """Return one page of somebody's history, the newest circle first."""
    pages = [text for circle in circles for text in _pages_of(interaction, circle)]
    if not pages:
        return card(f"## {say(interaction, 'past.title')}", say(interaction, "past.none"))
    page = max(0, min(page, len(pages) - 1))
    return card(f"## {say(interaction, 'past.title')}", pages[page], pager(interaction, "past", page, len(pages)))


class HistoryCog(PeerCog):
    """Turning the pages; each turn reads the history of whoever presses."""

    @on_turn("past")
    async def turn(self, interaction: discord.Interaction, key: str) -> None:
        """Turn a page."""
        circles = await history.list_history(self.database, guild_of(interaction), interaction.user.id)
        await redraw(interaction, history_card(interaction, circles, int(key)))

    async def _turn(self, interaction: discord.Interaction, key: str) -> None:
        circles = await history.list_history(self.database, guild_of(interaction), interaction.user.id)
        await redraw(interaction, history_card(interaction, circles, int(key)))


def _pages_of(interaction: discord.Interaction, circle: PastCircle) -> list[str]:
    """Lay a circle out on as many pages as its answers need, each under the circle's heading."""
    heading = _heading(interaction, circle)
    pages = [heading]
    for given in circle.answers:
        words = _answer_words(interaction, given)
        if len(pages[-1]) + len(words) > PAGE_ROOM and pages[-1] != heading:
            pages.append(heading)
        pages[-1] += f"\n\n{words}"
    return pages


def _heading(interaction: discord.Interaction, circle: PastCircle) -> str:
    somebody = say(interaction, "circle.somebody")
    people = ", ".join(f"<@{user_id}>" if user_id else somebody for user_id in circle.companions)
    lines = [
        f"### {say(interaction, 'past.circle', program=inert(circle.program), rotation=circle.rotation)}",
        say(
            interaction,
            "past.period",
            start=moment(circle.starts_at.timestamp(), "D"),
            end=moment(circle.ends_at.timestamp(), "D"),
        ),
        say(interaction, "past.with", people=people),
    ]
    if circle.thread_id is not None:
        lines.append(say(interaction, "mine.thread", thread=f"<#{circle.thread_id}>"))
    return "\n".join(lines)


def _answer_words(interaction: discord.Interaction, given: OwnAnswer) -> str:
    """Say one of the member's own answers, made inert like everything that members write."""
    title = say(
        interaction,
        "past.answer",
        number=given.number,
        when=moment(given.opened_at.timestamp(), "D"),
        week=say(interaction, f"checkin.week.{given.week}"),
    )
    parts = [(part, getattr(given, part)) for part in PARTS]
    spoken = [f"{say(interaction, f'checkin.part.{part}')} {inert(words)}" for part, words in parts if words]
    return "\n".join([f"**{title}**", *spoken])
