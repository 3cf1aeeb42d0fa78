"""What a session guide looks like: the shelf to choose from, one guide, and the guide for a first session."""

import discord
from discord import ui

from bot.domain.agenda import FIRST_SESSION_MINUTES, MINUTES, Guide
from bot.services.agendas import FirstSession, Shelf
from bot.text import text
from cogs._ui.cards import card, rule
from cogs._ui.controls import Control, button, row, select
from cogs._ui.words import inert, language, say

FIRST_SESSION = "first-session"
PRIMARY = discord.ButtonStyle.primary


def shelf_card(interaction: discord.Interaction, shelf: Shelf) -> ui.LayoutView:
    """Return the select of every guide, with the one that suits the circle and those that it has had."""
    hint = "agenda.shelf.pick" if shelf.may_pick else "agenda.shelf.look"
    return card(
        f"## {say(interaction, 'agenda.shelf.title')}",
        say(interaction, hint),
        suggestion(shelf.suggested, language(interaction)),
        row(_choice(interaction, shelf)),
    )


def guide_card(interaction: discord.Interaction, shelf: Shelf, guide: Guide) -> ui.LayoutView:
    """Return one guide, with the select for another, and the button to post it where somebody may."""
    post = button("agenda-pick", f"{shelf.program_id}:{guide}", say(interaction, "agenda.pick"), PRIMARY)
    return card(
        *guide_words(guide, language(interaction)),
        rule(),
        say(interaction, "agenda.used") if guide in shelf.used else None,
        row(post) if shelf.may_pick and shelf.thread_id else None,
        row(_choice(interaction, shelf, guide)),
    )


def posted_guide(guide: Guide, locale: str, key: str) -> ui.LayoutView:
    """Return a guide as its circle reads it."""
    return card(*guide_words(guide, locale), row(button("circle-mine", key, text("welcome.mine", locale))))


def guide_words(guide: Guide, locale: str) -> list[str]:
    """Say a guide: its title, its aim, and its parts with their minutes."""
    return [
        f"## {text(f'guide.{guide}.title', locale)}",
        f"**{text('agenda.aim', locale)}** {text(f'guide.{guide}.aim', locale)}",
        *[
            _part(minutes, text(f"guide.{guide}.part.{number}", locale), locale)
            for number, minutes in enumerate(MINUTES[guide], 1)
        ],
    ]


def first_session_words(locale: str) -> list[str]:
    """Say the guide for a first session: before, the hour part by part, and what helps when it gets hard."""
    return [
        f"## {text('first-session.title', locale)}",
        text("first-session.hello", locale),
        f"### {text('first-session.before', locale)}\n{text('first-session.before.text', locale)}",
        f"### {text('first-session.hour', locale)}",
        *[
            _part(minutes, text(f"first-session.part.{number}", locale), locale)
            for number, minutes in enumerate(FIRST_SESSION_MINUTES, 1)
        ],
        f"### {text('first-session.hard', locale)}\n{text('first-session.hard.text', locale)}",
        f"### {text('first-session.after', locale)}\n{text('first-session.after.text', locale)}",
    ]


def first_session_message(told: FirstSession, key: str) -> ui.LayoutView:
    """Return the private message to whoever leads a circle for the first time."""
    where = f"<#{told.thread_id}>" if told.thread_id else inert(told.program)
    return card(
        text("first-session.private", told.locale, program=inert(told.program), where=where),
        *first_session_words(told.locale),
        row(button("circle-mine", key, text("welcome.mine", told.locale))),
    )


def suggestion(guide: Guide | None, locale: str) -> str | None:
    """Say which guide suits a circle, if one does."""
    if guide is None:
        return None
    title, aim = text(f"guide.{guide}.title", locale), text(f"guide.{guide}.aim", locale)
    return text("agenda.suggested", locale, title=title, aim=aim)


def _part(minutes: int, words: str, locale: str) -> str:
    return f"**{text('agenda.minutes', locale, n=minutes)}** {words}"


def _choice(interaction: discord.Interaction, shelf: Shelf, chosen: Guide | None = None) -> Control:
    options = [
        discord.SelectOption(
            label=say(interaction, f"guide.{guide}.title"),
            value=guide,
            description=_note(interaction, shelf, guide),
            default=guide is chosen,
        )
        for guide in Guide
    ]
    options.append(discord.SelectOption(label=say(interaction, "first-session.title"), value=FIRST_SESSION))
    return select("agenda-show", shelf.program_id, options, say(interaction, "agenda.choose"))


def _note(interaction: discord.Interaction, shelf: Shelf, guide: Guide) -> str | None:
    if guide is shelf.suggested:
        return say(interaction, "agenda.note.suggested")
    return say(interaction, "agenda.note.used") if guide in shelf.used else None


def first_session_card(interaction: discord.Interaction) -> ui.LayoutView:
    """Return the guide for a first session to whoever asks for it."""
    return card(*first_session_words(language(interaction)))
