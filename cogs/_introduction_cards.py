"""What an introduction looks like: the private messages, the proposal, its thread, and the question two weeks on."""

import discord
from discord import ui

from bot.domain.states import CameOf, Direction, Helped
from bot.services.introduction_outcomes import Report
from bot.services.introduction_threads import Meeting
from bot.services.introductions import Note, Proposal, Status
from bot.text import text
from cogs._ui.cards import card
from cogs._ui.controls import button, row, select
from cogs._ui.words import inert, moment, say

LONGEST_NAME = 60
PRIMARY = discord.ButtonStyle.primary


def note_card(note: Note, key: str) -> ui.LayoutView:
    """Return the short private message; the words of the other are only shown on request."""
    locale = note.locale
    kind = text(f"help.kind.{note.kind}", locale)
    words = "missed" if note.status is Status.NO_MATCH else "note"
    show = button("introduction-show", f"{note.introduction_id}:{key}", text("introduction.show", locale), PRIMARY)
    return card(
        text(f"introduction.{words}.{note.direction}", locale, program=inert(note.program), kind=kind), row(show)
    )


def proposal_card(interaction: discord.Interaction, proposal: Proposal) -> ui.LayoutView:
    """Return a proposal as one of the two sees it, with what they may say now."""
    kind = say(interaction, f"help.kind.{proposal.kind}")
    theirs = say(interaction, f"introduction.theirs.{proposal.direction}")
    words = [f"**{inert(proposal.topics)}**" if proposal.topics else "", inert(proposal.words)]
    return card(
        f"## {say(interaction, f'introduction.title.{proposal.direction}', kind=kind)}",
        inert(proposal.program),
        f"{theirs}\n" + "\n".join(word for word in words if word) if any(words) else None,
        _status_words(interaction, proposal),
        _buttons(interaction, proposal),
    )


def thread_name(meeting: Meeting, key: str) -> str:
    """Return the name of an introduction's thread, which ends in its delivery's key."""
    words = text("introduction.thread-name", meeting.locale, program=meeting.program[:LONGEST_NAME])
    return f"{words} · {key}"


def meeting_card(meeting: Meeting, key: str) -> ui.LayoutView:
    """Return the card by which the two are introduced in their thread."""
    locale = meeting.locale
    show = button("introduction-show", f"{meeting.id}:{key}", text("introduction.show", locale))
    return card(
        f"## {text('introduction.meet.title', locale)}",
        text(
            "introduction.meet.text",
            locale,
            asker=_who(meeting.asker, locale),
            helper=_who(meeting.helper, locale),
            kind=text(f"help.kind.{meeting.kind}", locale),
        ),
        text("introduction.meet.how", locale),
        row(show),
    )


def question_card(meeting: Meeting, key: str) -> ui.LayoutView:
    """Return the question whether an introduction helped; each answer is private."""
    locale = meeting.locale
    options = [discord.SelectOption(label=text(f"outcome.helped.{each}", locale), value=each.value) for each in Helped]
    names = " ".join(f"<@{user_id}>" for user_id in meeting.users)
    return card(
        text("outcome.ask", locale, names=names),
        row(select("introduction-helped", key, options, text("outcome.choose", locale))),
    )


def thanks_card(interaction: discord.Interaction, report: Report) -> ui.LayoutView:
    """Thank for a word on an introduction; ask what came of it, or offer to open the ask again."""
    return card(say(interaction, f"outcome.thanks.{report.helped}"), _next(interaction, report))


def noted_card(interaction: discord.Interaction, report: Report) -> ui.LayoutView:
    """Say that what came of it is kept."""
    return card(say(interaction, "outcome.noted", came=say(interaction, f"outcome.came.{report.came_of}")))


def _next(interaction: discord.Interaction, report: Report) -> ui.ActionRow[ui.LayoutView] | None:
    if report.helped in (Helped.YES, Helped.SOMEWHAT):
        options = [
            discord.SelectOption(label=say(interaction, f"outcome.came.{each}"), value=each.value) for each in CameOf
        ]
        return row(select("introduction-came-of", report.introduction_id, options, say(interaction, "outcome.came")))
    if report.direction is Direction.ASK:
        return row(button("help-reopen", report.ask_id, say(interaction, "outcome.ask-again")))
    return None


def _status_words(interaction: discord.Interaction, proposal: Proposal) -> str:
    until = moment(proposal.lapses_at.timestamp(), "R") if proposal.lapses_at else ""
    who = f"<@{proposal.other_user}>" if proposal.other_user else say(interaction, "circle.somebody")
    where = f" <#{proposal.thread_id}>" if proposal.thread_id else ""
    return say(interaction, f"introduction.status.{proposal.status}", until=until, who=who) + where


def _buttons(interaction: discord.Interaction, proposal: Proposal) -> ui.ActionRow[ui.LayoutView] | None:
    no = button("introduction-no", proposal.id, say(interaction, "introduction.no"))
    if proposal.status is Status.OPEN:
        return row(button("introduction-yes", proposal.id, say(interaction, "introduction.yes"), PRIMARY), no)
    return row(no) if proposal.status is Status.SAID_YES else None


def _who(user_id: int | None, locale: str) -> str:
    return f"<@{user_id}>" if user_id else text("circle.somebody", locale)
