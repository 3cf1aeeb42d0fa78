"""The moderators' commands for rotations: a draft is looked at, changed and published; history stays readable."""

from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.errors import InvalidInput, NotFound
from bot.services import rotations
from bot.services.ports import Progress
from bot.services.repair import REPAIR, Wish
from bot.services.rotation_cards import RotationCard
from cogs._choose import (
    choose_kept_program,
    choose_program,
    kept_program_choices,
    moderated_program,
    program_choices,
)
from cogs._context import PeerCog, context_of, guild_of, on_control, on_turn
from cogs._opening import OpeningCog
from cogs._repair import RepairCog, circle_choices, show_proposal
from cogs._rotation_cards import history, preview
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import fields_of, modal
from cogs._ui.words import described, say, words


class RotationCog(PeerCog):
    """Rotations: preview, publish, history."""

    # No default permissions: Discord would hide the commands from those who have the program's moderator role.
    group = app_commands.Group(**words("rotation"), guild_only=True)

    @group.command(**words("rotation.preview"))
    @described("rotation.preview", "program")
    @app_commands.autocomplete(program=program_choices)
    async def preview(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Show the draft of the next rotation, formed now where there is none."""
        program_id = await self._moderated(interaction, program)
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await rotations.find_draft(self.database, guild_of(interaction), program_id)
        await redraw(interaction, preview(interaction, found or await self._draft(interaction, program_id)))

    @group.command(**words("rotation.publish"))
    @described("rotation.publish", "program")
    @app_commands.autocomplete(program=program_choices)
    async def publish(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Publish the draft of the next rotation."""
        program_id = await self._moderated(interaction, program)
        draft = await rotations.find_draft(self.database, guild_of(interaction), program_id)
        if draft is None:
            raise NotFound("rotation.no-draft")
        await interaction.response.defer(ephemeral=True, thinking=True)
        await answer(interaction, preview(interaction, await self._publish(interaction, draft)))

    @group.command(**words("rotation.history"))
    @described("rotation.history", "program")
    @app_commands.autocomplete(program=kept_program_choices)
    async def history(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Show every rotation so far, also of a program that is over."""
        program_id = await choose_kept_program(self.context, interaction, program)
        await moderated_program(self.context, interaction, program_id)
        found = await rotations.list_history(self.database, guild_of(interaction), program_id)
        await answer(interaction, history(interaction, program_id, found))

    @group.command(**words("rotation.repair"))
    @described("rotation.repair", "program")
    @app_commands.autocomplete(program=program_choices)
    async def repair(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Show how circles that became too small are mended, and who without a circle is placed."""
        program_id = await self._moderated(interaction, program)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_proposal(self, interaction, program_id, REPAIR)

    @group.command(**words("rotation.move"))
    @described("rotation.move", "member", "circle", "program")
    @app_commands.autocomplete(circle=circle_choices)
    @app_commands.autocomplete(program=program_choices)
    async def move(
        self,
        interaction: discord.Interaction,
        member: discord.User,
        circle: app_commands.Range[int, 1],
        program: str | None = None,
    ) -> None:
        """Show what moving somebody within the rotation that runs would change."""
        program_id = await self._moderated(interaction, program)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_proposal(self, interaction, program_id, Wish((member.id,), circle))

    @group.command(**words("rotation.swap"))
    @described("rotation.swap", "one", "other", "program")
    @app_commands.autocomplete(program=program_choices)
    async def swap_running(
        self, interaction: discord.Interaction, one: discord.User, other: discord.User, program: str | None = None
    ) -> None:
        """Show what it would change if two people of the rotation that runs changed circles."""
        program_id = await self._moderated(interaction, program)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_proposal(self, interaction, program_id, Wish((one.id, other.id)))

    @on_control("rotation-publish")
    async def publish_shown(self, interaction: discord.Interaction, key: str) -> None:
        """Publish the draft that is shown."""
        draft = await self._rotation(interaction, int(key))
        await interaction.response.defer()
        await redraw(interaction, preview(interaction, await self._publish(interaction, draft)))

    @on_control("rotation-reroll")
    async def reroll(self, interaction: discord.Interaction, key: str) -> None:
        """Form the circles anew, from another seed."""
        await moderated_program(self.context, interaction, int(key))
        await interaction.response.defer()
        await redraw(interaction, preview(interaction, await self._draft(interaction, int(key))))

    @on_control("rotation-swap")
    async def swap(self, interaction: discord.Interaction, key: str) -> None:
        """Ask which two people are to change seats."""
        await self._rotation(interaction, int(key))
        label = ui.Label[Any](
            text=say(interaction, "rotation.swap.who"),
            component=ui.UserSelect[Any](custom_id="people", min_values=2, max_values=2),
        )
        await interaction.response.send_modal(
            modal("rotation-swap-given", key, say(interaction, "rotation.swap"), label)
        )

    @on_control("rotation-swap-given")
    async def swap_given(self, interaction: discord.Interaction, key: str) -> None:
        """Let the two change seats, where every rule still holds."""
        await self._rotation(interaction, int(key))
        chosen = fields_of(interaction).get("people", [])
        if not isinstance(chosen, list) or len(chosen) != 2:
            raise InvalidInput("rotation.swap.two")
        (one, other), by = (int(user) for user in chosen), interaction.user.id
        changed = await rotations.swap(
            self.database, guild_of(interaction), int(key), one, other, self.context.now(), by
        )
        await redraw(interaction, preview(interaction, changed))

    @on_turn("rotation-page")
    async def turn(self, interaction: discord.Interaction, key: str) -> None:
        """Turn the preview's page."""
        rotation_id, _, page = key.partition(":")
        shown = await self._rotation(interaction, int(rotation_id))
        await redraw(interaction, preview(interaction, shown, int(page)))

    @on_turn("rotation-history")
    async def turn_history(self, interaction: discord.Interaction, key: str) -> None:
        """Turn the history's page."""
        program_id, _, page = key.partition(":")
        await moderated_program(self.context, interaction, int(program_id))
        found = await rotations.list_history(self.database, guild_of(interaction), int(program_id))
        await redraw(interaction, history(interaction, int(program_id), found, int(page)))

    async def _moderated(self, interaction: discord.Interaction, program: str | None) -> int:
        program_id = await choose_program(self.context, interaction, program)
        return (await moderated_program(self.context, interaction, program_id)).id

    async def _rotation(self, interaction: discord.Interaction, rotation_id: int) -> RotationCard:
        found = await rotations.get_rotation(self.database, guild_of(interaction), rotation_id)
        await moderated_program(self.context, interaction, found.program_id)
        return found

    async def _draft(self, interaction: discord.Interaction, program_id: int) -> RotationCard:
        context = self.context
        return await rotations.draft_rotation(
            self.database,
            context.world,
            guild_of(interaction),
            program_id,
            context.now(),
            context.seed(),
            progress=_shown_progress(interaction),
            by=interaction.user.id,
        )

    async def _publish(self, interaction: discord.Interaction, draft: RotationCard) -> RotationCard:
        """Publish a draft and let the messenger carry its deliveries out."""
        published = await rotations.publish_rotation(
            self.database,
            self.context.world,
            guild_of(interaction),
            draft.id,
            self.context.now(),
            by=interaction.user.id,
        )
        self.context.changed()
        return published


def _shown_progress(interaction: discord.Interaction) -> Progress:
    """Return what shows on the deferred answer how far the search for circles is."""

    async def show(share: float) -> None:
        await redraw(interaction, card(say(interaction, "rotation.forming", percent=round(share * 100))))

    return show


async def setup(bot: commands.Bot) -> None:
    """Add the cogs to the bot."""
    for cog in (RotationCog, OpeningCog, RepairCog):
        await bot.add_cog(cog(context_of(bot)))
