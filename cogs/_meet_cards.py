"""What a circle reads of its meeting: the hours to tick, the fixed time, the reminder and the question afterwards."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

import discord
from discord import ui

from bot.domain.meeting import LENGTH, MOST_SLOTS
from bot.domain.states import MeetingHow, MeetingState
from bot.services.calendar_file import CalendarEntry, calendar_file
from bot.services.meeting_cards import MeetingCard, SlotCard
from bot.services.meetings import Proposal
from bot.text import text
from cogs._ui.cards import bullets, card
from cogs._ui.controls import Control, button, modal, row, select
from cogs._ui.words import moment, say

FILE_NAME = "meeting.ics"
NONE_FITS = "none"
LONGEST_EVENT_NAME = 100
PRIMARY = discord.ButtonStyle.primary


def vote_card(meeting: MeetingCard, key: str) -> ui.LayoutView:
    """Return the card on which a circle ticks hours; it counts ticks and names nobody who has not ticked."""
    locale = meeting.locale
    return card(
        f"## {text('meeting.vote.title', locale)}",
        text("meeting.vote.text", locale, names=names_words(meeting)),
        bullets(_slot_line(meeting, slot) for slot in meeting.slots),
        text("meeting.vote.hours", locale, n=len(meeting.users), gave=meeting.gave_hours),
        text(
            "meeting.vote.until",
            locale,
            ticked=meeting.ticked,
            n=len(meeting.users),
            until=moment(meeting.decide_at.timestamp(), "R"),
        ),
        row(_ticks(meeting, key)),
        row(
            button("meet-name", key, text("meeting.name", locale), disabled=len(meeting.slots) >= MOST_SLOTS),
            button("meet-fix", key, text("meeting.fix", locale)),
        ),
    )


def settled_card(meeting: MeetingCard) -> ui.LayoutView:
    """Return what stands in place of the ticks once it is decided what comes of them."""
    when = moment(meeting.starts_at.timestamp()) if meeting.starts_at else ""
    words = text(f"meeting.vote.{meeting.state}", meeting.locale, when=when)
    return card(f"## {text('meeting.vote.title', meeting.locale)}", words)


def fixed_card(meeting: MeetingCard, key: str, guide: ui.Item[Any] | str | None) -> ui.LayoutView:
    """Return the card of a fixed or moved meeting, with its calendar file and the buttons to change it."""
    locale, starts = meeting.locale, meeting.starts_at
    unix = starts.timestamp() if starts else 0
    ticks = next((slot.ticks for slot in meeting.slots if slot.starts_at == starts), 0)
    return card(
        f"## {text('meeting.moved.title' if meeting.sequence else 'meeting.fixed.title', locale)}",
        text("meeting.fixed.when", locale, names=names_words(meeting), when=moment(unix), left=moment(unix, "R")),
        text("meeting.fixed.ticks", locale, n=ticks) if ticks else None,
        text("meeting.fixed.where", locale),
        guide,
        text("meeting.fixed.file", locale),
        ui.File[Any](f"attachment://{FILE_NAME}"),
        row(
            button("agenda-open", f"{meeting.program_id}:{key}", text("agenda.open", locale), PRIMARY),
            button("meet-move", f"{meeting.id}:{key}", text("meeting.move", locale)),
            button("meet-cancel", f"{meeting.id}:{key}", text("meeting.cancel", locale)),
        ),
    )


def over_card(meeting: MeetingCard, key: str) -> ui.LayoutView:
    """Say that a meeting is cancelled or could not be agreed on, with the button to propose another."""
    parts: list[ui.Item[Any] | str] = []
    if meeting.state is MeetingState.CANCELLED and meeting.starts_at is not None:
        when = moment(meeting.starts_at.timestamp())
        parts = [
            text("meeting.cancelled.text", meeting.locale, names=names_words(meeting), when=when),
            ui.File[Any](f"attachment://{FILE_NAME}"),
        ]
    else:
        parts = [text("meeting.lapsed.text", meeting.locale)]
    again = button("meet-again", f"{meeting.program_id}:{key}", text("meeting.again", meeting.locale), PRIMARY)
    return card(f"## {text(f'meeting.{meeting.state}.title', meeting.locale)}", *parts, row(again))


def reminder_card(meeting: MeetingCard, key: str) -> ui.LayoutView:
    """Remind a circle an hour before it meets."""
    unix = meeting.starts_at.timestamp() if meeting.starts_at else 0
    return card(
        text(
            "meeting.reminder",
            meeting.locale,
            names=names_words(meeting),
            when=moment(unix, "t"),
            left=moment(unix, "R"),
        ),
        text("meeting.fixed.where", meeting.locale),
        row(button("agenda-open", f"{meeting.program_id}:{key}", text("agenda.open", meeting.locale), PRIMARY)),
    )


def question_card(meeting: MeetingCard, key: str) -> ui.LayoutView:
    """Ask how a meeting went; what anybody presses is seen by nobody else."""
    buttons = [
        button(f"meet-went-{how}", f"{meeting.id}:{key}", text(f"meeting.went.{how}", meeting.locale))
        for how in MeetingHow
    ]
    when = moment(meeting.starts_at.timestamp()) if meeting.starts_at else ""
    return card(
        f"## {text('meeting.question.title', meeting.locale)}",
        text("meeting.question.text", meeting.locale, when=when),
        row(*buttons),
    )


def under_way(interaction: discord.Interaction, proposal: Proposal) -> ui.LayoutView:
    """Say to whoever asked for a meeting what there is by now, and how it may be changed."""
    meeting = proposal.meeting
    where = _link(meeting)
    if proposal.is_new:
        return card(say(interaction, "meeting.proposed", where=f"<#{meeting.thread_id}>"))
    if meeting.state is MeetingState.PROPOSED:
        fixing = button("meet-fix", meeting.id, say(interaction, "meeting.fix"))
        words = say(interaction, "meeting.waits", where=where, until=moment(meeting.decide_at.timestamp(), "R"))
        return card(words, row(fixing) if proposal.may_lead else None)
    changes = (
        button("meet-move", meeting.id, say(interaction, "meeting.move")),
        button("meet-cancel", meeting.id, say(interaction, "meeting.cancel")),
    )
    when = moment(meeting.starts_at.timestamp()) if meeting.starts_at else ""
    words = say(interaction, "meeting.is-fixed", when=when, where=f"<#{meeting.thread_id}>")
    return card(words, row(*changes) if proposal.may_lead else None)


def fixing_card(interaction: discord.Interaction, meeting: MeetingCard) -> ui.LayoutView:
    """Offer every hour of a proposal to whoever may decide."""
    options = [
        discord.SelectOption(
            label=say(interaction, "meeting.slot", number=slot.number + 1),
            value=str(slot.number),
            description=say(interaction, "meeting.slot.ticks", n=slot.ticks),
        )
        for slot in meeting.slots
    ]
    lines = bullets(_slot_line(meeting, slot) for slot in meeting.slots)
    chosen = select("meet-fix-chosen", meeting.id, options, say(interaction, "meeting.fix.choose"))
    return card(say(interaction, "meeting.fix.ask"), lines, row(chosen))


def cancelling_card(interaction: discord.Interaction, meeting: MeetingCard) -> ui.LayoutView:
    """Ask once whether a meeting is to be cancelled, and say what will happen."""
    when = moment(meeting.starts_at.timestamp()) if meeting.starts_at else ""
    sure = button("meet-cancel-sure", meeting.id, say(interaction, "meeting.cancel.sure"), discord.ButtonStyle.danger)
    return card(say(interaction, "meeting.cancel.ask", when=when), row(sure))


def time_modal(interaction: discord.Interaction, action: str, key: str, zone: str, days: Sequence[date]) -> ui.Modal:
    """Return the modal for a day and a time where the member lives; it says what its submission does."""
    options = [
        discord.SelectOption(
            label=say(interaction, "meeting.day", weekday=say(interaction, f"weekday.{day.weekday()}"), day=day),
            value=day.isoformat(),
        )
        for day in days
    ]
    return modal(
        action,
        key,
        say(interaction, action.replace("-", ".", 1)),
        ui.Label[Any](
            text=say(interaction, "meeting.time.day"),
            description=say(interaction, f"{action.replace('-', '.', 1)}.means"),
            component=ui.Select[Any](custom_id="day", options=options),
        ),
        ui.Label[Any](
            text=say(interaction, "meeting.time.hour"),
            description=say(interaction, "meeting.time.zone", zone=zone)[:100],
            component=ui.TextInput[Any](custom_id="hour", placeholder="18:30", max_length=5),
        ),
    )


def calendar_attachment(meeting: MeetingCard) -> discord.File:
    """Return a fixed or cancelled meeting as a calendar file, which names nobody."""
    if meeting.starts_at is None:
        raise ValueError("only a meeting with a time has a calendar file")
    entry = CalendarEntry(
        uid=meeting.uid,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        length=LENGTH,
        stamp=meeting.changed_at,
        summary=text("meeting.file.summary", meeting.locale, program=meeting.program),
        description=text("meeting.file.description", meeting.locale),
        url=f"https://discord.com/channels/{meeting.guild_id}/{meeting.thread_id}",
        cancelled=meeting.state is MeetingState.CANCELLED,
    )
    return discord.File(BytesIO(calendar_file(entry)), filename=FILE_NAME)


def names_words(meeting: MeetingCard) -> str:
    """Name everybody who takes part."""
    return " ".join(f"<@{user_id}>" for user_id in meeting.users)


def ticked_words(interaction: discord.Interaction, meeting: MeetingCard, ticked: Sequence[int]) -> str:
    """Say privately what somebody ticked."""
    if not ticked:
        return say(interaction, "meeting.ticked.none")
    times = ", ".join(moment(slot.starts_at.timestamp()) for slot in meeting.slots if slot.number in ticked)
    return say(interaction, "meeting.ticked", times=times)


def _slot_line(meeting: MeetingCard, slot: SlotCard) -> str:
    unix = slot.starts_at.timestamp()
    line = text("meeting.slot.line", meeting.locale, number=slot.number + 1, when=moment(unix), left=moment(unix, "R"))
    free = text("meeting.slot.free", meeting.locale, free=slot.free, n=meeting.gave_hours) if meeting.gave_hours else ""
    return f"{line}{free} · {text('meeting.slot.ticks', meeting.locale, n=slot.ticks)}"


def _ticks(meeting: MeetingCard, key: str) -> Control:
    options = [
        discord.SelectOption(label=text("meeting.slot", meeting.locale, number=slot.number + 1), value=str(slot.number))
        for slot in meeting.slots
    ]
    options.append(discord.SelectOption(label=text("meeting.none-fits", meeting.locale), value=NONE_FITS))
    return select("meet-vote", key, options, text("meeting.vote.choose", meeting.locale), most=len(options))


def _link(meeting: MeetingCard) -> str:
    if meeting.message_id is None or meeting.thread_id is None:
        return f"<#{meeting.thread_id}>"
    return f"https://discord.com/channels/{meeting.guild_id}/{meeting.thread_id}/{meeting.message_id}"


def event_name(meeting: MeetingCard) -> str:
    """Name a meeting's event, which the whole server can read: neither who meets, nor which circle."""
    return text("meeting.event.name", meeting.locale, program=meeting.program)[:LONGEST_EVENT_NAME]


def event_description(meeting: MeetingCard, key: str) -> str:
    """Describe a meeting's event; the key at the end lets it be found again."""
    return f"{text('meeting.event.description', meeting.locale)} · {key}"
