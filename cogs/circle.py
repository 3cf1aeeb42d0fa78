"""The members' commands: joining, hours, pauses, one's circle and history, and whom to avoid."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import InvalidInput
from bot.services import avoid, history, mine, people, zones
from bot.services.people import EnrollmentCard, Profile
from cogs._availability import AvailabilityCog, hours_panel
from cogs._avoid import AvoidCog, avoid_card
from cogs._choose import own_programs, program_choices
from cogs._context import PeerCog, context_of, guild_of, on_control
from cogs._exit import ExitCog, left_card
from cogs._join import JoinCog, join_modal, offered_programs, profile_card, zone_choices
from cogs._meet import MeetCog, propose_meeting
from cogs._past import HistoryCog, history_card
from cogs._program_panel import parse_day
from cogs._standing import StandingCog, standing_card
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import button, row
from cogs._ui.words import described, inert, language, moment, say, words

OFFERED_WEEKS = (1, 2, 3, 4, 6, 8, 12, 26)


async def day_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer days some weeks ahead in the member's own zone, beside what was typed."""
    context = context_of(interaction.client)  # pyright: ignore[reportArgumentType]
    member = await people.find_member(context.database, guild_of(interaction), interaction.user.id)
    zone = ZoneInfo((member.profile if member else Profile()).zone)
    today = context.now().astimezone(zone).date()
    days = [(weeks, (today + timedelta(weeks=weeks)).isoformat()) for weeks in OFFERED_WEEKS]
    return [
        app_commands.Choice(name=say(interaction, "pause.choice", n=weeks, day=day), value=day)
        for weeks, day in days
        if typed in day
    ]


class CircleCog(PeerCog):
    """Everything that a member does, apart from check-ins."""

    group = app_commands.Group(**words("circle"), guild_only=True)
    avoiding = app_commands.Group(**words("circle.avoid"), parent=group)

    @group.command(**words("circle.join"))
    @described("circle.join", "zone", "program")
    @app_commands.autocomplete(zone=zone_choices, program=program_choices)
    async def join(self, interaction: discord.Interaction, zone: str, program: str | None = None) -> None:
        """Open the modal by which somebody joins, filled with what they told before."""
        lives_in = zones.resolve_zone(zone, self.context.now(), language(interaction))
        offered = await offered_programs(self, interaction, program)
        member = await people.find_member(self.database, guild_of(interaction), interaction.user.id)
        profile = member.profile if member else Profile()
        await interaction.response.send_modal(join_modal(interaction, profile, lives_in, offered))

    @group.command(**words("circle.availability"))
    async def availability(self, interaction: discord.Interaction) -> None:
        """Open the panel of weekly hours."""
        profile = await people.get_profile(self.database, guild_of(interaction), interaction.user.id)
        await answer(interaction, hours_panel(interaction, profile, self.context.now()))

    @group.command(**words("circle.leave"))
    @described("circle.leave", "program")
    @app_commands.autocomplete(program=own_programs)
    async def leave(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Ask once whether somebody means to leave."""
        place = await self._place(interaction, program)
        sure = button("circle-leave", place.program_id, say(interaction, "leave.sure"), discord.ButtonStyle.danger)
        rest = button("circle-rest", place.program_id, say(interaction, "leave.rest"))
        await answer(interaction, card(say(interaction, "leave.ask", program=inert(place.program)), row(sure, rest)))

    @group.command(**words("circle.pause"))
    @described("circle.pause", "until", "program")
    @app_commands.autocomplete(until=day_choices, program=own_programs)
    async def pause(
        self, interaction: discord.Interaction, until: str | None = None, program: str | None = None
    ) -> None:
        """Rest until a day begins in one's own zone, or until one comes back."""
        day = parse_day(until) if until else None
        place = await self._place(interaction, program)
        rested = await people.pause(
            self.database, guild_of(interaction), place.program_id, interaction.user.id, day, self.context.now()
        )
        await answer(interaction, _rest_card(interaction, rested))

    @group.command(**words("circle.resume"))
    @described("circle.resume", "program")
    @app_commands.autocomplete(program=own_programs)
    async def resume(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Come back from a pause."""
        place = await self._place(interaction, program)
        await answer(interaction, await self._resumed(interaction, place.program_id))

    @group.command(**words("circle.skip"))
    @described("circle.skip", "program")
    @app_commands.autocomplete(program=own_programs)
    async def skip(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Sit the next rotation out, or take that back."""
        place = await self._place(interaction, program)
        changed = await people.toggle_skip(self.database, guild_of(interaction), place.program_id, interaction.user.id)
        done = "skip.on" if changed.skips_next else "skip.off"
        await answer(interaction, card(say(interaction, done, program=inert(changed.program))))

    @group.command(**words("circle.profile"))
    async def profile(self, interaction: discord.Interaction) -> None:
        """Show one's own profile, with the button to change it."""
        member = await people.get_member(self.database, guild_of(interaction), interaction.user.id)
        await answer(interaction, profile_card(interaction, member, self.context.now()))

    @group.command(**words("circle.mine"))
    @described("circle.mine", "program")
    @app_commands.autocomplete(program=own_programs)
    async def mine(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Show who is in one's circle, where and when next; or why there is none."""
        place = await self._place(interaction, program)
        standing = await mine.get_standing(
            self.database, guild_of(interaction), place.program_id, interaction.user.id, self.context.now()
        )
        await answer(interaction, standing_card(interaction, standing))

    @group.command(**words("circle.meet"))
    @described("circle.meet", "program")
    @app_commands.autocomplete(program=own_programs)
    async def meet(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Propose hours to one's circle, or show the meeting that is under way."""
        place = await self._place(interaction, program)
        await propose_meeting(self.context, interaction, place.program_id)

    @group.command(**words("circle.history"))
    async def history(self, interaction: discord.Interaction) -> None:
        """Show every circle one sat in, with companions and one's own answers."""
        circles = await history.list_history(self.database, guild_of(interaction), interaction.user.id)
        await answer(interaction, history_card(interaction, circles))

    @avoiding.command(**words("circle.avoid.add"))
    @described("circle.avoid.add", "member")
    async def avoid_add(self, interaction: discord.Interaction, member: discord.User) -> None:
        """Never be placed with somebody."""
        if member.bot:
            raise InvalidInput("avoid.bot")
        users = await avoid.add_avoid(self.database, guild_of(interaction), interaction.user.id, member.id)
        done = say(interaction, "avoid.added", who=f"<@{member.id}>")
        await answer(interaction, avoid_card(interaction, users, done))

    @avoiding.command(**words("circle.avoid.remove"))
    @described("circle.avoid.remove", "member")
    async def avoid_remove(self, interaction: discord.Interaction, member: discord.User) -> None:
        """Take a wish back."""
        users = await avoid.remove_avoid(self.database, guild_of(interaction), interaction.user.id, member.id)
        done = say(interaction, "avoid.removed", who=f"<@{member.id}>")
        await answer(interaction, avoid_card(interaction, users, done))

    @avoiding.command(**words("circle.avoid.list"))
    async def avoid_list(self, interaction: discord.Interaction) -> None:
        """Show whom one avoids, with a way to take anybody off, also who left the server."""
        users = await avoid.list_avoids(self.database, guild_of(interaction), interaction.user.id)
        await answer(interaction, avoid_card(interaction, users))

    @on_control("circle-leave")
    async def leave_sure(self, interaction: discord.Interaction, key: str) -> None:
        """Leave after the one question."""
        left = await people.leave(
            self.database, guild_of(interaction), int(key), interaction.user.id, self.context.now()
        )
        await redraw(interaction, left_card(interaction, left.program_id, left.program))

    @on_control("circle-rest")
    async def rest_instead(self, interaction: discord.Interaction, key: str) -> None:
        """Rest instead of leaving."""
        rested = await people.pause(
            self.database, guild_of(interaction), int(key), interaction.user.id, None, self.context.now()
        )
        await redraw(interaction, _rest_card(interaction, rested))

    @on_control("circle-resume")
    async def resume_now(self, interaction: discord.Interaction, key: str) -> None:
        """Come back with one click."""
        await redraw(interaction, await self._resumed(interaction, int(key)))

    async def _place(self, interaction: discord.Interaction, program: str | None) -> EnrollmentCard:
        return await people.choose_enrollment(self.database, guild_of(interaction), interaction.user.id, program)

    async def _resumed(self, interaction: discord.Interaction, program_id: int) -> discord.ui.LayoutView:
        place = await people.resume(self.database, guild_of(interaction), program_id, interaction.user.id)
        return card(say(interaction, "resume.done", program=inert(place.program)))


def _rest_card(interaction: discord.Interaction, place: EnrollmentCard) -> discord.ui.LayoutView:
    """Say until when somebody rests, with one click to come back."""
    if place.paused_until is None:
        until = say(interaction, "pause.open")
    else:
        until = say(interaction, "pause.until", until=moment(place.paused_until.timestamp(), "D"))
    back = button("circle-resume", place.program_id, say(interaction, "pause.back"))
    return card(f"## {inert(place.program)}", until, say(interaction, "pause.means"), row(back))


async def setup(bot: commands.Bot) -> None:
    """Add the cogs to the bot."""
    for cog in (CircleCog, JoinCog, AvailabilityCog, StandingCog, HistoryCog, AvoidCog, MeetCog, ExitCog):
        await bot.add_cog(cog(context_of(bot)))
