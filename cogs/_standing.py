"""Where a member stands: the card of their circle and what comes next, or why they have none."""

import discord
from discord import ui

from bot.services import mine
from bot.services.circles import CircleCard
from bot.services.mine import Absence, Standing
from cogs._context import PeerCog, on_control
from cogs._ui.cards import answer, bullets, card
from cogs._ui.words import inert, moment, say

LONGEST_TOPICS = 120


def standing_card(interaction: discord.Interaction, standing: Standing) -> ui.LayoutView:
    """Return who is in the circle, where and when next; or why there is no circle."""
    title = f"## {inert(standing.program)}"
    if standing.circle is None:
        return card(title, bullets(standing_lines(interaction, standing)))
    return card(
        title,
        say(interaction, "mine.circle", number=standing.circle.number, rotation=standing.circle.rotation),
        bullets(seat_lines(interaction, standing.circle)),
        bullets(standing_lines(interaction, standing)),
    )


def standing_lines(interaction: discord.Interaction, standing: Standing) -> list[str]:
    """Say in a line each where the circle meets and what comes next, or why there is none and what comes next."""
    lines = _circle_lines(interaction, standing) if standing.circle else [_absence_words(interaction, standing)]
    if standing.skips_next:
        lines.append(say(interaction, "mine.skips"))
    if standing.next_rotation is not None:
        lines.append(say(interaction, "mine.next-rotation", when=moment(standing.next_rotation.timestamp())))
    return lines


def seat_lines(interaction: discord.Interaction, circle: CircleCard) -> list[str]:
    """Say who sits in a circle and what each can help with."""
    lines: list[str] = []
    for seat in circle.seats:
        who = f"<@{seat.user_id}>" if seat.user_id else say(interaction, "circle.somebody")
        role = say(interaction, f"role.{seat.role}")
        helps = inert(seat.helps_with, LONGEST_TOPICS)
        lines.append(f"{who} ({role}): {helps}" if helps else f"{who} ({role})")
    return lines


class StandingCog(PeerCog):
    """The button "My circle" on cards and in direct messages."""

    @on_control("circle-mine")
    async def mine(self, interaction: discord.Interaction, key: str) -> None:
        """Show whoever pressed it where they stand in the program that the message was about."""
        standing = await mine.get_standing_by_key(self.database, key, interaction.user.id, self.context.now())
        await answer(interaction, standing_card(interaction, standing))


def _circle_lines(interaction: discord.Interaction, standing: Standing) -> list[str]:
    thread = standing.circle.thread_id if standing.circle else None
    lines = [say(interaction, "mine.thread", thread=f"<#{thread}>") if thread else say(interaction, "mine.no-thread")]
    if standing.next_checkin is not None:
        lines.append(say(interaction, "mine.next-checkin", when=moment(standing.next_checkin.timestamp())))
    times = ", ".join(moment(each.timestamp()) for each in standing.meeting_times)
    lines.append(say(interaction, "mine.times", times=times) if times else say(interaction, "mine.no-times"))
    if standing.ends_at is not None:
        lines.append(say(interaction, "mine.until", when=moment(standing.ends_at.timestamp(), "D")))
    return lines


def _absence_words(interaction: discord.Interaction, standing: Standing) -> str:
    """Say why somebody has no circle; whoever rests or sat out never reads that they were left over."""
    if standing.absence is Absence.PAUSED and standing.paused_until is not None:
        return say(interaction, "pause.until", until=moment(standing.paused_until.timestamp(), "D"))
    if standing.absence is Absence.PAUSED:
        return say(interaction, "pause.open")
    if standing.reason is not None:
        return say(interaction, "mine.not-placed", reason=say(interaction, f"reason.{standing.reason}"))
    return say(interaction, f"mine.{standing.absence}")
