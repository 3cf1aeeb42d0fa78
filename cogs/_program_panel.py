"""The panel on which a moderator sets a program up and changes it: everything on one card."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import discord
from discord import ui

from bot.domain.program import PRESETS, ProgramRules
from bot.domain.states import ProgramState, ScheduleKind
from bot.errors import InvalidInput
from bot.services.programs import ProgramCard
from bot.text import text
from cogs._guard import Lack, lack_lines
from cogs._ui.cards import bullets, card, rule
from cogs._ui.controls import Control, button, entity_select, field, modal, row, select
from cogs._ui.words import inert, language, moment, say

CIRCLE_RULES = ("facilitator_in_each", "common_language", "mentor_mode", "meeting_events")


def panel(interaction: discord.Interaction, program: ProgramCard, lacks: Sequence[Lack]) -> ui.LayoutView:
    """Return the whole panel of a program, with what the bot lacks to run it."""
    draft = program.state is ProgramState.DRAFT
    title = say(interaction, "panel.title.new" if draft else "panel.title.edit", name=inert(program.rules.name))
    return card(
        f"## {title}",
        bullets(rule_lines(interaction, program.rules)),
        rule(),
        _channel_row("program-lobby", program.id, say(interaction, "panel.lobby"), program.rules.lobby_channel_id),
        _channel_row(
            "program-modchannel",
            program.id,
            say(interaction, "panel.modchannel"),
            program.rules.moderator_channel_id,
            least=0,
        ),
        _role_row(interaction, program),
        row(
            select(
                "program-weekday",
                program.id,
                _weekdays(interaction, program.rules),
                say(interaction, "panel.weekday"),
            )
        ),
        row(select("program-hour", program.id, _hours(program.rules), say(interaction, "panel.hour"))),
        row(
            select(
                "program-preset",
                program.id,
                _presets(interaction, program.rules),
                say(interaction, "panel.preset"),
            )
        ),
        row(_rules_select(interaction, program)),
        _buttons(interaction, program),
        rule(),
        permission_words(interaction, lacks),
    )


def rule_lines(interaction: discord.Interaction, rules: ProgramRules) -> list[str]:
    """Say every rule of a program, a line each."""
    role = f"<@&{rules.moderator_role_id}>" if rules.moderator_role_id else say(interaction, "panel.rule.no-role")
    channel = (
        f"<#{rules.moderator_channel_id}>" if rules.moderator_channel_id else say(interaction, "panel.rule.no-channel")
    )
    return [
        say(interaction, "panel.rule.lobby", channel=f"<#{rules.lobby_channel_id}>"),
        say(interaction, "panel.rule.moderators", role=role, channel=channel),
        say(
            interaction,
            "panel.rule.sizes",
            least=rules.size_least,
            wanted=rules.size_wanted,
            most=rules.size_most,
        ),
        say(interaction, "panel.rule.rotation", n=rules.rotation_weeks, day=rules.first_day.isoformat()),
        say(
            interaction,
            "panel.rule.checkin",
            weekday=weekday_name(interaction, rules.checkin_weekday),
            hour=f"{rules.checkin_hour:02}:00",
            zone=rules.zone,
        ),
        say(interaction, "panel.rule.auto" if rules.auto_publish else "panel.rule.approval"),
        *[say(interaction, f"panel.rule.{name}") for name in CIRCLE_RULES if getattr(rules, name)],
        say(interaction, "panel.rule.preset", preset=say(interaction, f"preset.{rules.preset}")),
    ]


def permission_words(interaction: discord.Interaction, lacks: Sequence[Lack]) -> str:
    """Say what the bot lacks, or that nothing is missing."""
    if not lacks:
        return say(interaction, "doctor.fine")
    return say(interaction, "doctor.lacks", n=len(lacks)) + "\n" + bullets(lack_lines(interaction, lacks))


def summary(interaction: discord.Interaction, program: ProgramCard, lacks: Sequence[Lack]) -> ui.LayoutView:
    """Return what `/program show` shows: rules, people, what comes next, and the last lines to the moderators."""
    dues = [
        say(interaction, f"due.{kind}", when=moment(program.next_due[kind].timestamp()))
        for kind in (ScheduleKind.ROTATION, ScheduleKind.CHECKIN_OPEN, ScheduleKind.PULSE_OPEN)
        if kind in program.next_due
    ]
    people = say(interaction, "program.people", enrolled=program.enrolled, paused=program.paused)
    running = say(interaction, "program.rotation", number=program.rotation) if program.rotation else None
    return card(
        f"## {inert(program.rules.name)}",
        say(interaction, f"program.state.{program.state}"),
        bullets([people, *([running] if running else []), *dues]),
        rule(),
        bullets(rule_lines(interaction, program.rules)),
        rule(),
        permission_words(interaction, lacks),
        notice_words(interaction, program),
    )


def notice_words(interaction: discord.Interaction, program: ProgramCard) -> str | None:
    """Say the newest lines to the moderators."""
    if not program.notices:
        return None
    lines = [
        f"{moment(line.created_at.timestamp(), 'R')}: {notice_text(line.message, language(interaction), line.values)}"
        for line in program.notices
    ]
    return f"### {say(interaction, 'program.notices')}\n" + bullets(lines)


def notice_text(message: str, locale: str, values: dict[str, Any]) -> str:
    """Say one line to the moderators; a reason inside it is a message id of its own."""
    harmless = {name: inert(value) if isinstance(value, str) else value for name, value in values.items()}
    why = {"why": text(values["why"], locale, **harmless)} if "why" in values else {}
    return text(message, locale, **harmless | why)


def details_modal(interaction: discord.Interaction, program: ProgramCard) -> ui.Modal:
    """Return the modal for what is typed: name, sizes, weeks, first day, zone."""
    rules = program.rules
    filled = {
        "name": rules.name,
        "sizes": f"{rules.size_least}-{rules.size_wanted}-{rules.size_most}",
        "weeks": str(rules.rotation_weeks),
        "day": rules.first_day.isoformat(),
        "zone": rules.zone,
    }
    labels = [
        ui.Label[Any](
            text=say(interaction, f"panel.details.{name}"),
            description=say(interaction, f"panel.details.{name}.hint"),
            component=ui.TextInput[Any](custom_id=name, default=value, max_length=80),
        )
        for name, value in filled.items()
    ]
    return modal("program-details-given", program.id, say(interaction, "panel.details"), *labels)


def details_given(fields: dict[str, str | list[str]]) -> dict[str, Any]:
    """Read the details modal; raise InvalidInput with what was expected."""
    least, wanted, most = _numbers(field(fields, "sizes"))
    return {
        "name": field(fields, "name").strip(),
        "size_least": least,
        "size_wanted": wanted,
        "size_most": most,
        "rotation_weeks": _number(field(fields, "weeks"), "program.invalid.weeks", most=26),
        "first_day": parse_day(field(fields, "day")),
        "zone": field(fields, "zone").strip(),
    }


def parse_day(written: str) -> date:
    """Read a day written as 2026-11-30; raise InvalidInput for anything else."""
    try:
        return date.fromisoformat(written.strip())
    except ValueError as error:
        raise InvalidInput("day.invalid", given=written.strip()) from error


def weekday_name(interaction: discord.Interaction, weekday: int) -> str:
    """Return the name of a weekday (Monday is 0) in the reader's language."""
    return say(interaction, f"weekday.{weekday}")


def next_monday(today: date) -> date:
    """Return the first Monday after a day, which a new program starts on unless told otherwise."""
    return today + timedelta(days=7 - today.weekday())


def _numbers(written: str) -> tuple[int, int, int]:
    parts = written.replace("–", "-").split("-")
    if len(parts) != 3 or not all(part.strip().isdecimal() for part in parts):
        raise InvalidInput("program.invalid.sizes", most=12)
    least, wanted, most = (int(part) for part in parts)
    return least, wanted, most


def _number(written: str, message: str, **values: object) -> int:
    if not written.strip().isdecimal():
        raise InvalidInput(message, **values)
    return int(written)


def _channel_row(action: str, key: int, placeholder: str, chosen: int | None, *, least: int = 1) -> ui.ActionRow[Any]:
    defaults = [discord.SelectDefaultValue(id=chosen, type=discord.SelectDefaultValueType.channel)] if chosen else []
    return row(
        entity_select(
            ui.ChannelSelect,
            action,
            key,
            placeholder,
            min_values=least,
            channel_types=[discord.ChannelType.text],
            default_values=defaults,
        )
    )


def _role_row(interaction: discord.Interaction, program: ProgramCard) -> ui.ActionRow[Any]:
    chosen = program.rules.moderator_role_id
    defaults = [discord.SelectDefaultValue(id=chosen, type=discord.SelectDefaultValueType.role)] if chosen else []
    placeholder = say(interaction, "panel.role")
    return row(
        entity_select(ui.RoleSelect, "program-role", program.id, placeholder, min_values=0, default_values=defaults)
    )


def _weekdays(interaction: discord.Interaction, rules: ProgramRules) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=say(interaction, "panel.weekday.option", weekday=weekday_name(interaction, day)),
            value=str(day),
            default=day == rules.checkin_weekday,
        )
        for day in range(7)
    ]


def _hours(rules: ProgramRules) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=f"{hour:02}:00 {rules.zone}"[:100], value=str(hour), default=hour == rules.checkin_hour
        )
        for hour in range(24)
    ]


def _presets(interaction: discord.Interaction, rules: ProgramRules) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=say(interaction, f"preset.{name}"), value=name, default=name == rules.preset)
        for name in PRESETS
    ]


def _rules_select(interaction: discord.Interaction, program: ProgramCard) -> Control:
    options = [
        discord.SelectOption(
            label=say(interaction, f"panel.rule.{name}"), value=name, default=bool(getattr(program.rules, name))
        )
        for name in CIRCLE_RULES
    ]
    placeholder = say(interaction, "panel.rules")
    return select("program-rules", program.id, options, placeholder, least=0, most=len(options))


def _buttons(interaction: discord.Interaction, program: ProgramCard) -> ui.ActionRow[Any]:
    auto = "panel.make-approval" if program.rules.auto_publish else "panel.make-auto"
    made = [
        button("program-details", program.id, say(interaction, "panel.details"), discord.ButtonStyle.primary),
        button("program-auto", program.id, say(interaction, auto)),
    ]
    if program.state is ProgramState.DRAFT:
        made.append(button("program-start", program.id, say(interaction, "panel.start"), discord.ButtonStyle.success))
    return row(*made)
