"""What somebody was sent, where and when, and if not, why not in words; what was given up can be tried again."""

from collections.abc import Iterator
from typing import Any

import discord
from discord import ui

from bot.domain.states import DeliveryState
from bot.services import sent
from bot.services.sent import BY_DM, SentLine, SentPage
from cogs._choose import choose_kept_program, moderated_program
from cogs._context import Context, PeerCog, guild_of, on_control, on_turn
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import button
from cogs._ui.pages import pager
from cogs._ui.words import inert, moment, say

# Discord's codes, and two of our own, that are said in words of their own.
KNOWN_CODES = frozenset(
    (-1, 0, 10003, 10007, 10008, 10013, 40003, 50001, 50007, 50013, 50083, 50278, 160006),
)  # fmt: skip


async def show_sent(context: Context, interaction: discord.Interaction, user_id: int, program: str | None) -> None:
    """Show a moderator what somebody was sent in a program."""
    program_id = await choose_kept_program(context, interaction, program)
    await moderated_program(context, interaction, program_id)
    guild_id, by = guild_of(interaction), interaction.user.id
    found = await sent.look_up(context.database, guild_id, program_id, user_id, context.now(), by)
    await answer(interaction, sent_card(interaction, program_id, found))


def sent_card(interaction: discord.Interaction, program_id: int, found: SentPage) -> ui.LayoutView:
    """Return one page of what somebody was sent, the newest first."""
    key = f"{program_id}:{found.user_id}"
    title = say(interaction, "sent.title", member=f"<@{found.user_id}>", program=inert(found.program))
    parts = [part for line in found.lines for part in _parts(interaction, key, found.page, line)]
    none = None if parts else say(interaction, "sent.none")
    return card(
        f"## {title}",
        none,
        *parts,
        f"-# {say(interaction, 'sent.footer')}",
        pager(interaction, "sent", found.page, found.pages, lambda turned: f"{key}:{turned}"),
    )


class SentCog(PeerCog):
    """Turning the pages, and trying again; each click asks anew whether its reader is a moderator."""

    @on_turn("sent")
    async def turn(self, interaction: discord.Interaction, key: str) -> None:
        """Turn a page."""
        program_id, user_id, page = (int(part) for part in key.split(":"))
        await moderated_program(self.context, interaction, program_id)
        found = await sent.turn(self.database, guild_of(interaction), program_id, user_id, page)
        await redraw(interaction, sent_card(interaction, program_id, found))

    @on_control("sent-retry")
    async def retry(self, interaction: discord.Interaction, key: str) -> None:
        """Try something again that was given up, and show the page as it is now."""
        delivery_id, _, page_key = key.partition(":")
        guild_id = guild_of(interaction)
        program_id = await sent.get_program_of(self.database, guild_id, int(delivery_id))
        await moderated_program(self.context, interaction, program_id)
        await sent.retry(self.database, guild_id, int(delivery_id), self.context.now(), interaction.user.id)
        self.context.changed()
        await self.turn(interaction, page_key)


def _parts(interaction: discord.Interaction, key: str, page: int, line: SentLine) -> Iterator[ui.Item[Any] | str]:
    """Say one thing that was to be sent, with a button beside it where it was given up."""
    what = f"**{say(interaction, f'sent.kind.{line.kind}')}**"
    words = f"{what}{_where(interaction, line)}\n{_fate(interaction, line)}"
    if not line.may_be_retried:
        yield words
        return
    again = button("sent-retry", f"{line.id}:{key}:{page}", say(interaction, "sent.retry"))
    yield ui.Section[Any](words, accessory=again)  # pyright: ignore[reportArgumentType]


def _where(interaction: discord.Interaction, line: SentLine) -> str:
    if line.kind in BY_DM:
        return say(interaction, "sent.where.dm")
    if line.circle is None:
        return ""
    thread = f" <#{line.thread_id}>" if line.thread_id else ""
    return say(interaction, "sent.where.circle", rotation=line.rotation, circle=line.circle, thread=thread)


def _fate(interaction: discord.Interaction, line: SentLine) -> str:
    """Say what became of it: arrived, not needed, given up and why, or waiting and until when."""
    if line.state is DeliveryState.PENDING:
        return _waiting(interaction, line)
    if line.state is DeliveryState.INFLIGHT:
        return say(interaction, "sent.inflight")
    when = moment(line.at.timestamp(), "f")
    if line.may_be_retried:
        return say(interaction, "sent.given-up", when=when, n=line.attempts, why=_why(interaction, line.code))
    if line.arrived:
        return say(interaction, "sent.arrived" if line.reached else "sent.arrived.without", when=when)
    return say(interaction, "sent.not-needed" if line.state is DeliveryState.DONE else "sent.withdrawn", when=when)


def _waiting(interaction: discord.Interaction, line: SentLine) -> str:
    until = moment(line.due_at.timestamp(), "R")
    if line.waits_behind:
        return say(interaction, "sent.waits.behind")
    if line.code is None:
        return say(interaction, "sent.waits", until=until)
    return say(interaction, "sent.waits.code", until=until, n=line.attempts, why=_why(interaction, line.code))


def _why(interaction: discord.Interaction, code: int | None) -> str:
    """Say in words why Discord refused."""
    if code in KNOWN_CODES:
        return say(interaction, f"sent.code.{code}")
    return say(interaction, "sent.other-code", code=code)
