"""The moderators' commands for a program: set up, show, change, rest, end; and the doctor."""

from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.domain.program import ProgramRules
from bot.domain.states import DeliveryKind
from bot.errors import NotFound
from bot.services import deliveries, programs
from bot.services.deliveries import Job, Outcome
from bot.services.notices import get_notice
from bot.services.programs import ProgramCard
from bot.services.pulse_schedules import DEFAULT_PLANS
from bot.text import text
from cogs._audit import AuditCog, action_choices, show_audit
from cogs._choose import choose_program, kept_program_choices, moderated_program, program_choices
from cogs._context import PeerCog, context_of, delivers, guild_of, on_control
from cogs._digest import DigestCog
from cogs._guard import Lack, lacking, require_moderator
from cogs._health import show_health
from cogs._import import ImportCog, show_export, show_import
from cogs._program_panel import (
    CIRCLE_RULES,
    details_given,
    details_modal,
    next_monday,
    notice_text,
    panel,
    permission_words,
    summary,
)
from cogs._sent import SentCog, show_sent
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import button, fields_of, row, values_of
from cogs._ui.words import described, inert, say, words


class ProgramCog(PeerCog):
    """Programs and what keeps them running."""

    # No default permissions: Discord would hide the commands from those who have the program's moderator role.
    group = app_commands.Group(**words("program"), guild_only=True)

    @group.command(**words("program.setup"))
    async def setup(self, interaction: discord.Interaction) -> None:
        """Open the panel on which a new program is set up."""
        require_moderator(interaction)
        made = await programs.start_draft(
            self.database, guild_of(interaction), self._defaults(interaction), self.context.now(), interaction.user.id
        )
        await answer(interaction, self._panel(interaction, made))

    @group.command(**words("program.show"))
    @described("program.show", "program")
    @app_commands.autocomplete(program=program_choices)
    async def show(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Show a program's rules, people, next dates and what it needs."""
        shown = await self._named(interaction, program)
        await answer(interaction, summary(interaction, shown, self._lacks(interaction, shown)))

    @group.command(**words("program.edit"))
    @described("program.edit", "program")
    @app_commands.autocomplete(program=program_choices)
    async def edit(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Open the panel of a program that runs."""
        await answer(interaction, self._panel(interaction, await self._named(interaction, program)))

    @group.command(**words("program.pause"))
    @described("program.pause", "program")
    @app_commands.autocomplete(program=program_choices)
    async def pause(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Let a program rest."""
        named = await self._named(interaction, program)
        rested = await programs.pause_program(
            self.database, named.guild_id, named.id, self.context.now(), interaction.user.id
        )
        self.context.changed()
        await answer(interaction, card(say(interaction, "program.paused", name=inert(rested.rules.name))))

    @group.command(**words("program.resume"))
    @described("program.resume", "program")
    @app_commands.autocomplete(program=program_choices)
    async def resume(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Let a program go on."""
        named = await self._named(interaction, program)
        running = await programs.activate(
            self.database, named.guild_id, named.id, self.context.now(), by=interaction.user.id
        )
        self.context.changed()
        await answer(interaction, summary(interaction, running, self._lacks(interaction, running)))

    @group.command(**words("program.archive"))
    @described("program.archive", "program")
    @app_commands.autocomplete(program=program_choices)
    async def archive(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Ask once, then end a program for good."""
        named = await self._named(interaction, program)
        asked = say(interaction, "program.archive.ask", name=inert(named.rules.name), enrolled=named.enrolled)
        sure = button("program-archive", named.id, say(interaction, "program.archive.sure"), discord.ButtonStyle.danger)
        await answer(interaction, card(asked, row(sure)))

    @group.command(**words("program.health"))
    @described("program.health", "program")
    @app_commands.autocomplete(program=kept_program_choices)
    async def health(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Show how a program fares, in words and as a picture."""
        await show_health(self.context, interaction, program)

    @group.command(**words("program.delivery"))
    @described("program.delivery", "member", "program")
    @app_commands.autocomplete(program=kept_program_choices)
    async def delivery(
        self, interaction: discord.Interaction, member: discord.User, program: str | None = None
    ) -> None:
        """Show what somebody was sent, where and when, and if not, why not."""
        await show_sent(self.context, interaction, member.id, program)

    @group.command(**words("program.audit"))
    @described("program.audit", "program", "action")
    @app_commands.autocomplete(program=kept_program_choices, action=action_choices)
    async def audit(
        self, interaction: discord.Interaction, program: str | None = None, action: str | None = None
    ) -> None:
        """Show what moderators did, and when."""
        await show_audit(self.context, interaction, program, action)

    @group.command(**words("program.import"))
    @described("program.import", "file", "history", "program")
    @app_commands.autocomplete(program=program_choices)
    async def bring(
        self,
        interaction: discord.Interaction,
        file: discord.Attachment,
        history: discord.Attachment | None = None,
        program: str | None = None,
    ) -> None:
        """Show what bringing people along, and whom they had met, would do, and ask once."""
        await show_import(self.context, interaction, file, history, program)

    @group.command(**words("program.export"))
    @described("program.export", "program")
    @app_commands.autocomplete(program=kept_program_choices)
    async def export(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Send what moderators may take along of a program."""
        await show_export(self.context, interaction, program)

    @app_commands.command(**words("doctor"))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def doctor(self, interaction: discord.Interaction) -> None:
        """Say for each program which permissions the bot lacks and where to grant them."""
        require_moderator(interaction)
        found = await programs.list_open(self.database, guild_of(interaction))
        parts = [say(interaction, "doctor.title")]
        for program_id, name in found:
            shown = await programs.get_card(self.database, guild_of(interaction), program_id)
            parts += [f"### {inert(name)}", permission_words(interaction, self._lacks(interaction, shown))]
        await answer(interaction, card(*parts, None if found else say(interaction, "program.none")))

    @on_control("program-archive")
    async def archive_sure(self, interaction: discord.Interaction, key: str) -> None:
        """End the program after the one question."""
        await moderated_program(self.context, interaction, int(key))
        ended = await programs.archive_program(
            self.database, guild_of(interaction), int(key), self.context.now(), interaction.user.id
        )
        self.context.changed()
        await redraw(interaction, card(say(interaction, "program.archived", name=inert(ended.rules.name))))

    @on_control("program-start")
    async def start(self, interaction: discord.Interaction, key: str) -> None:
        """End the set-up: the program runs."""
        await moderated_program(self.context, interaction, int(key))
        guild_id, now = guild_of(interaction), self.context.now()
        running = await programs.activate(self.database, guild_id, int(key), now, DEFAULT_PLANS, interaction.user.id)
        self.context.changed()
        await redraw(interaction, summary(interaction, running, self._lacks(interaction, running)))

    @on_control("program-details")
    async def details(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal for what is typed."""
        await interaction.response.send_modal(
            details_modal(interaction, await moderated_program(self.context, interaction, int(key)))
        )

    @on_control("program-details-given")
    async def details_given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep what was typed."""
        await self._change(interaction, key, details_given(fields_of(interaction)))

    @on_control("program-lobby")
    async def lobby(self, interaction: discord.Interaction, key: str) -> None:
        """Keep the chosen lobby."""
        await self._change(interaction, key, {"lobby_channel_id": int(values_of(interaction)[0])})

    @on_control("program-modchannel")
    async def moderator_channel(self, interaction: discord.Interaction, key: str) -> None:
        """Keep the channel for lines to the moderators, or none."""
        await self._change(interaction, key, {"moderator_channel_id": _chosen_id(interaction)})

    @on_control("program-role")
    async def moderator_role(self, interaction: discord.Interaction, key: str) -> None:
        """Keep the moderators' role, or none."""
        await self._change(interaction, key, {"moderator_role_id": _chosen_id(interaction)})

    @on_control("program-weekday")
    async def weekday(self, interaction: discord.Interaction, key: str) -> None:
        """Keep the check-ins' weekday."""
        await self._change(interaction, key, {"checkin_weekday": int(values_of(interaction)[0])})

    @on_control("program-hour")
    async def hour(self, interaction: discord.Interaction, key: str) -> None:
        """Keep the check-ins' hour."""
        await self._change(interaction, key, {"checkin_hour": int(values_of(interaction)[0])})

    @on_control("program-preset")
    async def preset(self, interaction: discord.Interaction, key: str) -> None:
        """Keep which wishes weigh most."""
        await self._change(interaction, key, {"preset": values_of(interaction)[0]})

    @on_control("program-rules")
    async def circle_rules(self, interaction: discord.Interaction, key: str) -> None:
        """Keep what must hold in each circle."""
        chosen = values_of(interaction)
        await self._change(interaction, key, {name: name in chosen for name in CIRCLE_RULES})

    @on_control("program-auto")
    async def auto(self, interaction: discord.Interaction, key: str) -> None:
        """Change between publishing by itself and waiting for a moderator."""
        shown = await moderated_program(self.context, interaction, int(key))
        await self._change(interaction, key, {"auto_publish": not shown.rules.auto_publish})

    @delivers(DeliveryKind.NOTICE)
    async def notice(self, job: Job) -> Outcome:
        """Send a line to the moderators' channel, where the program has one."""
        line = await get_notice(self.database, job.notice_id or 0)
        if line.channel_id is None:
            return Outcome()
        more = button("program-card", job.key, text("notice.open", line.locale))
        words = f"**{inert(line.program)}**: {notice_text(line.message, line.locale, line.values)}"
        return await self.context.messenger.send(job, line.channel_id, card(words, row(more)))

    @on_control("program-card")
    async def open_card(self, interaction: discord.Interaction, key: str) -> None:
        """Show the program that a line to the moderators is about."""
        subject = await deliveries.get_subject(self.database, key)
        shown = await moderated_program(self.context, interaction, subject.program_id)
        await answer(interaction, summary(interaction, shown, self._lacks(interaction, shown)))

    async def _change(self, interaction: discord.Interaction, key: str, changes: dict[str, Any]) -> None:
        await moderated_program(self.context, interaction, int(key))
        changed = await programs.change_program(
            self.database, guild_of(interaction), int(key), changes, self.context.now(), interaction.user.id
        )
        self.context.changed()
        await redraw(interaction, self._panel(interaction, changed))

    async def _named(self, interaction: discord.Interaction, program: str | None) -> ProgramCard:
        return await moderated_program(
            self.context, interaction, await choose_program(self.context, interaction, program)
        )

    def _defaults(self, interaction: discord.Interaction) -> ProgramRules:
        defaults = self.context.settings.program
        here = interaction.channel.parent if isinstance(interaction.channel, discord.Thread) else interaction.channel
        if not isinstance(here, discord.TextChannel) or here.is_news():
            raise NotFound("program.no-channel")
        return ProgramRules(
            name=say(interaction, "program.default-name"),
            lobby_channel_id=here.id,
            zone=defaults.zone,
            first_day=next_monday(self.context.now().date()),
            size_least=defaults.size_least,
            size_wanted=defaults.size_wanted,
            size_most=defaults.size_most,
            rotation_weeks=defaults.rotation_weeks,
            checkin_weekday=defaults.checkin_weekday,
            checkin_hour=defaults.checkin_hour,
        )

    def _lacks(self, interaction: discord.Interaction, shown: ProgramCard) -> list[Lack]:
        return lacking(interaction.guild, shown.rules.lobby_channel_id, shown.rules.moderator_channel_id)

    def _panel(self, interaction: discord.Interaction, shown: ProgramCard) -> ui.LayoutView:
        return panel(interaction, shown, self._lacks(interaction, shown))


def _chosen_id(interaction: discord.Interaction) -> int | None:
    chosen = values_of(interaction)
    return int(chosen[0]) if chosen else None


async def setup(bot: commands.Bot) -> None:
    """Add the cog to the bot."""
    for cog in (ProgramCog, AuditCog, DigestCog, ImportCog, SentCog):
        await bot.add_cog(cog(context_of(bot)))
