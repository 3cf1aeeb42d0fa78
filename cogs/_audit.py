"""What moderators did, a page at a time, for moderators."""

from typing import Any

import discord
from discord import app_commands, ui

from bot.domain.states import AuditAction
from bot.errors import InvalidInput
from bot.services import audit
from bot.services.audit import AuditLine, AuditPage
from bot.text import text
from cogs._choose import choose_kept_program, moderated_program
from cogs._context import Context, PeerCog, guild_of, on_turn
from cogs._ui.cards import answer, bullets, card, redraw
from cogs._ui.pages import pager
from cogs._ui.words import inert, language, moment, say

MOST_CHOICES = 25
MOST_NAMED = 4
MENTIONS = {"lobby_channel_id": "<#{}>", "moderator_channel_id": "<#{}>", "moderator_role_id": "<@&{}>"}


async def action_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the kinds of action whose name holds what was typed."""
    names = [(action, text(f"audit.action.{action}", language(interaction))) for action in AuditAction]
    fitting = [(action, name) for action, name in names if typed.casefold() in name.casefold()]
    return [app_commands.Choice(name=name, value=action.value) for action, name in fitting[:MOST_CHOICES]]


async def show_audit(
    context: Context, interaction: discord.Interaction, program: str | None, action: str | None
) -> None:
    """Show a moderator what was done to a program."""
    program_id = await choose_kept_program(context, interaction, program)
    await moderated_program(context, interaction, program_id)
    wanted = _action(interaction, action)
    page = await audit.read_audit(context.database, guild_of(interaction), program_id, wanted)
    await answer(interaction, audit_card(interaction, program_id, page, wanted, context.settings.retention.audit_days))


def audit_card(
    interaction: discord.Interaction, program_id: int, page: AuditPage, action: AuditAction | None, days: int
) -> ui.LayoutView:
    """Return one page of the audit, the newest action first."""
    title = say(interaction, "audit.title", program=inert(page.program))
    if page.lines:
        listed = bullets(_line(interaction, line) for line in page.lines)
    else:
        listed = say(interaction, "audit.none-of-it", action=_name(interaction, action)) if action else None
        listed = listed or say(interaction, "audit.none")
    kept = say(interaction, "audit.kept", n=page.entries, days=days)
    return card(
        f"## {title}",
        listed,
        f"-# {kept}",
        pager(interaction, "audit", page.page, page.pages, lambda turned: f"{program_id}:{action or ''}:{turned}"),
    )


class AuditCog(PeerCog):
    """Turning the audit's pages; each turn asks again whether its reader is a moderator."""

    @on_turn("audit")
    async def turn(self, interaction: discord.Interaction, key: str) -> None:
        """Turn a page."""
        program_id, action, number = key.split(":")
        await moderated_program(self.context, interaction, int(program_id))
        wanted = AuditAction(action) if action else None
        page = await audit.read_audit(self.database, guild_of(interaction), int(program_id), wanted, int(number))
        days = self.context.settings.retention.audit_days
        await redraw(interaction, audit_card(interaction, int(program_id), page, wanted, days))

    async def _turn(self, interaction: discord.Interaction, key: str) -> None:
        program_id, action, number = key.split(":")
        await moderated_program(self.context, interaction, int(program_id))
        wanted = AuditAction(action) if action else None
        page = await audit.read_audit(self.database, guild_of(interaction), int(program_id), wanted, int(number))
        days = self.context.settings.retention.audit_days
        await redraw(interaction, audit_card(interaction, int(program_id), page, wanted, days))


def _action(interaction: discord.Interaction, named: str | None) -> AuditAction | None:
    """Return the kind of action that was chosen, or typed by its name."""
    if named is None:
        return None
    for action in AuditAction:
        if named.strip().casefold() in {action.value, _name(interaction, action).casefold()}:
            return action
    raise InvalidInput("audit.unknown-action")


def _name(interaction: discord.Interaction, action: AuditAction) -> str:
    return say(interaction, f"audit.action.{action}")


def _line(interaction: discord.Interaction, line: AuditLine) -> str:
    words = say(
        interaction,
        "audit.line",
        when=moment(line.at.timestamp(), "f"),
        who=_user(interaction, line.actor),
        action=_name(interaction, line.action),
    )
    details = [each for name, value in line.values.items() for each in _value(interaction, name, value)]
    if line.people:
        people = ", ".join(_user(interaction, user) for user in line.people[:MOST_NAMED])
        more = len(line.people) - MOST_NAMED
        details.append(say(interaction, "audit.about.more" if more > 0 else "audit.about", people=people, more=more))
    return say(interaction, "audit.line.more", line=words, details="; ".join(details)) if details else words


def _value(interaction: discord.Interaction, name: str, value: Any) -> list[str]:
    if name != "changes":
        return [say(interaction, f"audit.value.{name}", value=inert(str(value), 100))]
    return [
        say(
            interaction,
            "audit.change",
            setting=say(interaction, f"audit.setting.{setting}"),
            before=_setting(interaction, setting, before),
            after=_setting(interaction, setting, after),
        )
        for setting, (before, after) in value.items()
    ]


def _setting(interaction: discord.Interaction, setting: str, value: Any) -> str:
    if value is None:
        return say(interaction, "audit.setting.none")
    if isinstance(value, bool):
        return say(interaction, "audit.setting.yes" if value else "audit.setting.no")
    return MENTIONS[setting].format(value) if setting in MENTIONS else inert(str(value), 100)


def _user(interaction: discord.Interaction, user_id: int | None) -> str:
    return f"<@{user_id}>" if user_id else say(interaction, "audit.forgotten")
