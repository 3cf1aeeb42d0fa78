"""What a check-in looks like: its card, the modal, a posted answer, the reminder and the summary."""

from typing import Any

import discord
from discord import ui

from bot.errors import InvalidInput, UserError
from bot.services.answers import LONGEST_PART, WEEKS, Form, Saved
from bot.services.checkins import CheckInCard, Summary
from bot.services.goals import GoalCard
from bot.services.posts import AnswerPost, Reflection
from bot.text import text
from cogs._checkin_goals import moved_parts, progress_hint
from cogs._ui.cards import bullets, card, rule
from cogs._ui.controls import button, field, modal, row
from cogs._ui.words import inert, moment, refused, say

PARTS = ("win", "challenge", "ask", "progress")
PRIMARY = discord.ButtonStyle.primary


def checkin_card(checkin: CheckInCard, key: str) -> ui.LayoutView:
    """Return the card that opens a check-in in a circle's thread."""
    locale = checkin.locale
    title = "checkin.card.title" if checkin.week <= checkin.weeks else "checkin.card.title.late"
    return card(
        f"## {text(title, locale, week=checkin.week, weeks=checkin.weeks)}",
        text("checkin.card.text", locale),
        _until(checkin),
        row(button("checkin-answer", key, text("checkin.answer", locale), PRIMARY)),
    )


def reminder(checkin: CheckInCard, key: str) -> ui.LayoutView:
    """Return the one reminder, to those who have not answered."""
    names = " ".join(f"<@{user_id}>" for user_id in checkin.waiting)
    return card(
        text("checkin.reminder", checkin.locale, names=names),
        _until(checkin),
        row(button("checkin-answer", key, text("checkin.answer", checkin.locale), PRIMARY)),
    )


def answer_modal(interaction: discord.Interaction, form: Form, goals: tuple[GoalCard, ...]) -> ui.Modal:
    """Return the modal of a check-in, filled with what was answered before; it names the member's open goals."""
    hints = {name: say(interaction, f"checkin.part.{name}.hint") for name in PARTS}
    hints["progress"] = progress_hint(interaction, goals)
    parts = [_part(interaction, name, getattr(form.given, name, ""), hints[name]) for name in PARTS]
    title = say(interaction, "checkin.modal", week=form.week, program=form.program)
    return modal("checkin-given", form.checkin_id, title, _week(interaction, form.given), *parts)


def reflection(fields: dict[str, str | list[str]]) -> Reflection:
    """Read the submitted modal."""
    week = field(fields, "week")
    if not week.isdecimal():
        raise InvalidInput("checkin.invalid.week")
    return Reflection(int(week), **{name: field(fields, name).strip() for name in PARTS})


def posted(post: AnswerPost, key: str) -> ui.LayoutView:
    """Return an answer as the circle reads it."""
    who = text("checkin.post.title", post.locale, who=f"<@{post.user_id}>")
    edit = button("checkin-edit", key, text("checkin.edit", post.locale))
    return card(f"### {who}", *_spoken(post.given, post.locale), row(edit))


def saved(interaction: discord.Interaction, kept: Saved) -> ui.LayoutView:
    """Say that an answer is kept, where it can be read and until when it can be changed, and what it moved."""
    before = kept.before
    first = "checkin.saved" if before.given is None else "checkin.changed"
    where = say(interaction, "checkin.saved.where", thread=f"<#{before.thread_id}>") if before.thread_id else None
    until = say(interaction, "checkin.saved.until", closes=moment(before.closes_at.timestamp()))
    goals = moved_parts(interaction, before.checkin_id, kept.moved)
    return card(say(interaction, first), where, until, *([rule(), *goals] if goals else []))


def too_late(interaction: discord.Interaction, refusal: UserError, written: Reflection) -> ui.LayoutView:
    """Say why an answer was not kept, and give its words back."""
    return card(
        refused(interaction, refusal),
        rule(),
        say(interaction, "checkin.your-words"),
        *_spoken(written, interaction.locale.value),
    )


def own_answer(interaction: discord.Interaction, form: Form) -> ui.LayoutView:
    """Show somebody their own answer, or that there is none."""
    if form.given is None:
        return card(say(interaction, "checkin.mine.none"))
    title = say(interaction, "checkin.mine.title", week=form.week, program=inert(form.program))
    return card(f"### {title}", *_spoken(form.given, interaction.locale.value))


def summary(found: Summary, key: str) -> ui.LayoutView:
    """Return what a check-in came to, in numbers and links and nobody's words."""
    locale = found.locale
    counts = [
        text("checkin.summary.week", locale, week=text(f"checkin.week.{week}", locale), count=found.weeks[week])
        for week in WEEKS
        if week in found.weeks
    ]
    links = [
        text("checkin.summary.ask", locale, number=number, url=_link(found, message_id))
        for number, message_id in enumerate(found.asks, 1)
    ]
    return card(
        f"## {text('checkin.summary.title', locale, week=found.week)}",
        text("checkin.summary.count", locale, answered=sum(found.weeks.values()), n=found.members),
        bullets(counts),
        f"{text('checkin.summary.asks', locale)}\n{bullets(links)}" if links else None,
        row(button("checkin-mine", key, text("checkin.summary.mine", locale))),
    )


def _until(checkin: CheckInCard) -> str:
    closes = checkin.closes_at.timestamp()
    return text("checkin.card.until", checkin.locale, closes=moment(closes), left=moment(closes, "R"))


def _week(interaction: discord.Interaction, given: Reflection | None) -> ui.Label[Any]:
    """Ask how the week went, in words."""
    options = [
        discord.RadioGroupOption(
            label=say(interaction, f"checkin.week.{week}"),
            value=str(week),
            default=given is not None and given.week == week,
        )
        for week in WEEKS
    ]
    group = ui.RadioGroup[Any](custom_id="week", options=options)
    return ui.Label[Any](text=say(interaction, "checkin.part.week"), component=group)


def _part(interaction: discord.Interaction, name: str, given: str, hint: str) -> ui.Label[Any]:
    return ui.Label[Any](
        text=say(interaction, f"checkin.part.{name}"),
        description=hint,
        component=ui.TextInput[Any](
            custom_id=name,
            style=discord.TextStyle.paragraph,
            default=given or None,
            required=False,
            max_length=LONGEST_PART,
        ),
    )


def _spoken(given: Reflection, locale: str) -> list[str]:
    """Say every part of an answer that was filled in; what a member wrote is made inert."""
    parts = [(name, getattr(given, name)) for name in PARTS]
    week = text(f"checkin.week.{given.week}", locale)
    return [
        f"**{text('checkin.part.week', locale)}** {week}",
        *(f"**{text(f'checkin.part.{name}', locale)}**\n{inert(words)}" for name, words in parts if words),
    ]


def _link(found: Summary, message_id: int) -> str:
    return f"https://discord.com/channels/{found.guild_id}/{found.thread_id}/{message_id}"
