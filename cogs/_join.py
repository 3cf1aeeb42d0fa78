"""Joining and the profile: the modal in which both are written, and the profile's card."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import discord
from discord import app_commands, ui

from bot.domain.states import EnrollmentState
from bot.errors import NotFound
from bot.services import mine, people, programs, zones
from bot.services.people import EXPERIENCES, EnrollmentCard, MemberCard, Profile
from cogs._context import PeerCog, context_of, guild_of, on_control
from cogs._standing import standing_lines
from cogs._ui.cards import answer, bullets, card, redraw
from cogs._ui.controls import button, field, fields_of, modal, row
from cogs._ui.words import inert, label_text, language, moment, say

LONGEST_PART = 300
MOST_CHOICES = 25
MOST_BUTTONS = 5
MOST_LABEL = 100
LONGEST_ON_BUTTON = 40
ANY_PROGRAM = 0
WRITTEN = ("helps_with", "wants_help_with", "languages")


async def zone_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer time zones by city or country, each with its present offset."""
    now = context_of(interaction.client).now()  # pyright: ignore[reportArgumentType]
    found = zones.search_zones(typed, now, language(interaction))
    return [app_commands.Choice(name=choice.label, value=choice.zone) for choice in found]


def join_modal(
    interaction: discord.Interaction, profile: Profile, zone: str, offered: list[tuple[int, str]]
) -> ui.Modal:
    """Return the modal by which somebody joins; it asks for the program where several are offered."""
    program = offered[0][0] if len(offered) == 1 else ANY_PROGRAM
    labels = _profile_labels(interaction, profile)
    if program == ANY_PROGRAM:
        labels.append(_program_label(interaction, offered))
    return modal("join-given", f"{program}:{zone}", say(interaction, "join.title"), *labels)


def profile_modal(interaction: discord.Interaction, profile: Profile) -> ui.Modal:
    """Return the modal in which somebody changes their profile."""
    return modal("profile-given", "own", say(interaction, "profile.title"), *_profile_labels(interaction, profile))


def profile_card(interaction: discord.Interaction, member: MemberCard, now: datetime) -> ui.LayoutView:
    """Return somebody's own profile, with the buttons to change it and to offer to facilitate."""
    profile = member.profile
    nothing = say(interaction, "profile.nothing")
    lines = [
        f"**{say(interaction, f'profile.{part}')}** {inert(getattr(profile, part)) or nothing}" for part in WRITTEN
    ]
    experience = say(interaction, f"experience.{profile.experience}") if profile.experience else nothing
    lines.append(f"**{say(interaction, 'profile.experience')}** {experience}")
    lines.append(_zone_line(interaction, profile.zone, now))
    edit = button("profile-edit", "own", say(interaction, "profile.edit"), discord.ButtonStyle.primary)
    return card(
        f"## {say(interaction, 'profile.title')}",
        bullets(lines),
        say(interaction, "profile.who-reads"),
        row(edit, hours_button(interaction)),
        _facilitate_row(interaction, member),
    )


def hours_button(interaction: discord.Interaction) -> Any:
    """Return the button that opens the panel of weekly hours."""
    return button("hours-open", "own", say(interaction, "hours.open"))


class JoinCog(PeerCog):
    """What follows on the modals of joining and of the profile."""

    @on_control("join-given")
    async def given(self, interaction: discord.Interaction, key: str) -> None:
        """Enrol whoever submitted the modal; a second submission only updates the profile."""
        program, _, zone = key.partition(":")
        fields = fields_of(interaction)
        chosen = program if int(program) != ANY_PROGRAM else field(fields, "program")
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        place = await people.join(
            self.database, guild_id, int(chosen), user_id, replace(_profile(fields), zone=zone), now
        )
        standing = await mine.get_standing(self.database, guild_id, place.program_id, user_id, now)
        await answer(
            interaction,
            card(
                f"## {say(interaction, 'join.done', program=inert(place.program))}",
                _paused_words(interaction, place),
                bullets([_zone_line(interaction, zone, now), *standing_lines(interaction, standing)]),
                say(interaction, "join.next"),
                row(hours_button(interaction)),
            ),
        )

    @on_control("profile-edit")
    async def edit(self, interaction: discord.Interaction, _key: str) -> None:
        """Open the profile's modal, filled with what is there."""
        profile = await people.get_profile(self.database, guild_of(interaction), interaction.user.id)
        await interaction.response.send_modal(profile_modal(interaction, profile))

    @on_control("profile-given")
    async def profile_given(self, interaction: discord.Interaction, _key: str) -> None:
        """Keep the profile, in the zone that was set when joining."""
        guild_id, user_id = guild_of(interaction), interaction.user.id
        before = await people.get_profile(self.database, guild_id, user_id)
        given = replace(_profile(fields_of(interaction)), zone=before.zone)
        kept = await people.edit_profile(self.database, guild_id, user_id, given)
        await answer(interaction, profile_card(interaction, kept, self.context.now()))

    @on_control("facilitate")
    async def facilitate(self, interaction: discord.Interaction, key: str) -> None:
        """Offer to facilitate in a program, or take that back."""
        member = await people.toggle_facilitates(self.database, guild_of(interaction), int(key), interaction.user.id)
        await redraw(interaction, profile_card(interaction, member, self.context.now()))


async def offered_programs(cog: PeerCog, interaction: discord.Interaction, named: str | None) -> list[tuple[int, str]]:
    """Return the program that was named, or all that somebody could join."""
    found = list(await programs.list_open(cog.database, guild_of(interaction)))
    if not found:
        raise NotFound("program.none")
    if named is None:
        return found
    meant = [each for each in found if named == str(each[0]) or named.strip().casefold() == each[1].casefold()]
    if not meant:
        raise NotFound("program.not-found")
    return meant


def _profile(fields: dict[str, str | list[str]]) -> Profile:
    """Read what was written into either modal."""
    return Profile(
        helps_with=field(fields, "helps_with"),
        wants_help_with=field(fields, "wants_help_with"),
        languages=field(fields, "languages"),
        experience=field(fields, "experience") or None,
    )


def _profile_labels(interaction: discord.Interaction, profile: Profile) -> list[ui.Label[Any]]:
    labels = [_written_label(interaction, part, getattr(profile, part)) for part in WRITTEN]
    options = [
        discord.RadioGroupOption(
            label=say(interaction, f"experience.{experience}"),
            value=experience,
            default=experience == profile.experience,
        )
        for experience in EXPERIENCES
    ]
    group = ui.RadioGroup[Any](custom_id="experience", options=options, required=False)
    labels.insert(2, ui.Label[Any](text=say(interaction, "profile.experience"), component=group))
    return labels


def _written_label(interaction: discord.Interaction, part: str, filled: str) -> ui.Label[Any]:
    component = ui.TextInput[Any](custom_id=part, default=filled or None, required=False, max_length=LONGEST_PART)
    return ui.Label[Any](
        text=say(interaction, f"profile.{part}"),
        description=say(interaction, f"profile.{part}.hint"),
        component=component,
    )


def _program_label(interaction: discord.Interaction, offered: list[tuple[int, str]]) -> ui.Label[Any]:
    options = [
        discord.SelectOption(label=label_text(name, MOST_LABEL), value=str(program_id)) for program_id, name in offered
    ]
    component = ui.Select[Any](custom_id="program", options=options[:MOST_CHOICES])
    return ui.Label[Any](text=say(interaction, "join.program"), component=component)


def _facilitate_row(interaction: discord.Interaction, member: MemberCard) -> ui.Item[Any] | None:
    """Offer a button for each program, which says whether one is ready to facilitate there."""
    places = [place for place in member.enrollments if place.state is not EnrollmentState.LEFT]
    buttons = [
        button(
            "facilitate",
            place.program_id,
            say(
                interaction,
                "facilitate.on" if place.facilitates else "facilitate.off",
                program=label_text(place.program, LONGEST_ON_BUTTON),
            ),
        )
        for place in places[:MOST_BUTTONS]
    ]
    return row(*buttons) if buttons else None


def _zone_line(interaction: discord.Interaction, zone: str, now: datetime) -> str:
    return say(interaction, "profile.zone", zone=zone, offset=zones.offset_words(zone, now))


def _paused_words(interaction: discord.Interaction, place: EnrollmentCard) -> str | None:
    """Tell somebody who joins again while they rest that they still rest."""
    if place.state is not EnrollmentState.PAUSED:
        return None
    if place.paused_until is None:
        return say(interaction, "pause.open")
    return say(interaction, "pause.until", until=moment(place.paused_until.timestamp(), "D"))
