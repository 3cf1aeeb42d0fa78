"""What people read of concerns: before writing, the receipt, the conversation, and the digest of barriers."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.domain.concerns import Concern, ConcernKind, Line, Theme, Voice
from bot.errors import InvalidInput
from bot.services.concern_desk import Letter
from bot.services.concern_digests import DigestCard, ThemeLine
from bot.services.concern_privacy import KEPT_DAYS
from bot.services.concern_store import LONGEST_WORDS, ConcernCard
from bot.services.concerns import MOST_A_WEEK, Report
from bot.text import text
from cogs._ui.cards import bullets, card
from cogs._ui.controls import button, field, modal, row
from cogs._ui.pages import pager
from cogs._ui.words import inert, say

BY_NAME, WITHOUT_NAME = "by-name", "without-name"
ADMINS = "admins"
MODERATORS = "moderators"
MOST_ABOUT = 5
PAGE_ROOM = 2_600
LAST = 10_000  # a page that no concern reaches: the last one is shown


def before_card(interaction: discord.Interaction, program_id: int, program: str) -> ui.LayoutView:
    """Say what becomes of a concern, before anybody writes one, and let them choose with or without a name."""
    style = discord.ButtonStyle.primary
    without = button("concern-write", f"{program_id}:{WITHOUT_NAME}", say(interaction, "concern.without-name"), style)
    by_name = button("concern-write", f"{program_id}:{BY_NAME}", say(interaction, "concern.by-name"))
    return card(
        f"## {say(interaction, 'concern.title', program=inert(program))}",
        say(interaction, "concern.before"),
        f"**{say(interaction, 'concern.without-name')}**\n{say(interaction, 'concern.before.without-name')}",
        f"**{say(interaction, 'concern.by-name')}**\n{say(interaction, 'concern.before.by-name')}",
        say(interaction, "concern.before.limits", most=MOST_A_WEEK, days=KEPT_DAYS),
        row(without, by_name),
    )


def report_modal(interaction: discord.Interaction, key: str) -> ui.Modal:
    """Return the modal in which a concern is written."""
    return modal(
        "concern-given",
        key,
        say(interaction, "concern.modal"),
        _label(interaction, "kind", _radio(interaction, "kind", tuple(ConcernKind))),
        _label(interaction, "theme", _themes(interaction)),
        _label(interaction, "about", ui.UserSelect[Any](custom_id="about", required=False, max_values=MOST_ABOUT)),
        _label(interaction, "words", _words_input()),
        _label(interaction, "readers", _radio(interaction, "readers", (MODERATORS, ADMINS))),
    )


def words_modal(interaction: discord.Interaction, action: str, key: str) -> ui.Modal:
    """Return the modal in which either side writes a further line."""
    return modal(action, key, say(interaction, "concern.write"), _label(interaction, "line", _words_input()))


def report_of(fields: dict[str, str | list[str]]) -> Report:
    """Read what was filled in; what our modal would not have let through is refused."""
    about = fields.get("about", [])
    try:
        return Report(
            kind=ConcernKind(field(fields, "kind")),
            theme=Theme(field(fields, "theme")),
            words=field(fields, "words"),
            about=tuple(int(user) for user in about) if isinstance(about, list) else (),
            admins_only=field(fields, "readers") == ADMINS,
        )
    except ValueError as error:
        raise InvalidInput("concern.words-needed", most=LONGEST_WORDS) from error


def receipt_card(interaction: discord.Interaction, code: str) -> ui.LayoutView:
    """Show a receipt's code, the only time."""
    return card(
        f"## {say(interaction, 'concern.kept')}",
        f"```\n{code}\n```",
        say(interaction, "concern.receipt", days=KEPT_DAYS),
    )


def kept_card(interaction: discord.Interaction) -> ui.LayoutView:
    """Say that a concern with a name is kept."""
    return card(f"## {say(interaction, 'concern.kept')}", say(interaction, "concern.kept.by-name"))


def desk_card(
    interaction: discord.Interaction, program_id: int, program: str, cards: Sequence[ConcernCard], page: int = 0
) -> ui.LayoutView:
    """Return one page of a program's concerns for moderators."""
    title = f"## {say(interaction, 'concern.list', program=inert(program))}"
    pages = [(each, part) for each in cards for part in desk_parts(interaction, each.concern)]
    if not pages:
        return card(title, say(interaction, "concern.list.none"))
    page = max(0, min(page, len(pages) - 1))
    shown, part = pages[page]
    return card(
        title,
        part,
        _desk_buttons(interaction, shown),
        pager(interaction, "concern-page", page, len(pages), lambda turned: f"{turned}:{program_id}"),
    )


def one_card(interaction: discord.Interaction, shown: ConcernCard, done: str) -> ui.LayoutView:
    """Return one concern for moderators after something was done to it, its newest words."""
    return card(done, desk_parts(interaction, shown.concern)[-1], _desk_buttons(interaction, shown))


def own_card(interaction: discord.Interaction, cards: Sequence[ConcernCard], page: int = 0) -> ui.LayoutView:
    """Return one page of the concerns that somebody raised by name."""
    title = f"## {say(interaction, 'concern.mine')}"
    pages = [(each, part) for each in cards if each.concern.lines for part in _parts(interaction, each.concern, "own")]
    if not pages:
        return card(title, say(interaction, "concern.mine.none"))
    page = max(0, min(page, len(pages) - 1))
    shown, part = pages[page]
    back = row(button("concern-own-write", shown.key, say(interaction, "concern.write")))
    return card(title, part, back, pager(interaction, "concern-own", page, len(pages)))


def receipt_view(
    interaction: discord.Interaction, shown: ConcernCard, code: str, page: int | None = None
) -> ui.LayoutView:
    """Return a concern without a name to whoever holds its code, the newest words unless a page is named."""
    parts = _parts(interaction, shown.concern, "own")
    page = len(parts) - 1 if page is None else max(0, min(page, len(parts) - 1))
    write = button("concern-back", code, say(interaction, "concern.write"), discord.ButtonStyle.primary)
    take = button("concern-take", code, say(interaction, "concern.take"))
    # The code stands last in the key, where no log line takes it from.
    turned = pager(interaction, "concern-receipt", page, len(parts), lambda turn: f"{turn}:{code}")
    return card(f"## {say(interaction, 'concern.yours')}", parts[page], row(write, take), turned)


def letter_card(letter: Letter, key: str) -> ui.LayoutView:
    """Return the direct message that brings the moderators' answer."""
    locale = letter.locale
    return card(
        f"## {text('concern.letter', locale, program=inert(letter.program))}",
        *(inert(words, LONGEST_WORDS) for words in letter.words[-3:]),
        row(button("concern-mine", key, text("concern.letter.open", locale))),
    )


def digest_card(digest: DigestCard, key: str) -> ui.LayoutView:
    """Return the digest of barriers as the lobby reads it."""
    locale = digest.locale
    title = text("concern.digest", locale, program=inert(digest.program), quarter=digest.quarter, year=digest.year)
    lines = [_theme_line(line, locale) for line in digest.themes]
    if digest.total is not None:
        lines.append(text("concern.digest.total", locale, n=digest.total))
    return card(
        f"## {title}",
        text("concern.digest.what", locale) if lines else text("concern.digest.too-few", locale),
        bullets(lines),
        text("concern.digest.how", locale),
        row(button("concern-open", key, text("concern.digest.raise", locale))),
    )


def desk_parts(interaction: discord.Interaction, concern: Concern) -> list[str]:
    """Lay a concern out for moderators, on as many pages as it needs, each under its heading."""
    return _parts(interaction, concern, "desk")


def _theme_line(line: ThemeLine, locale: str) -> str:
    theme = text(f"concern.theme.{line.theme}", locale)
    words = text("concern.digest.theme", locale, theme=theme, n=line.people)
    if line.change is None:
        return words
    return words + text("concern.digest.change", locale, change=f"{line.change:+d}")


def _parts(interaction: discord.Interaction, concern: Concern, seen: str) -> list[str]:
    heading = _heading(interaction, concern, seen)
    parts = [heading]
    for line in concern.lines:
        words = _line(interaction, line, seen)
        if len(parts[-1]) + len(words) > PAGE_ROOM and parts[-1] != heading:
            parts.append(heading)
        parts[-1] += f"\n\n{words}"
    return parts


def _heading(interaction: discord.Interaction, concern: Concern, seen: str) -> str:
    kind = say(interaction, f"concern.kind.{concern.kind}")
    lines = [f"### {kind}: {say(interaction, f'concern.theme.{concern.theme}')}"]
    if seen == "desk":
        who = f"<@{concern.by}>" if concern.by else say(interaction, "concern.nobody")
        lines.append(say(interaction, "concern.by", who=who))
    if concern.about:
        lines.append(say(interaction, "concern.about", people=", ".join(f"<@{user}>" for user in concern.about)))
    lines.append(say(interaction, "concern.admins-only" if concern.admins_only else "concern.all-moderators"))
    if concern.closed_on is not None:
        lines.append(say(interaction, "concern.closed", day=concern.closed_on.isoformat(), days=KEPT_DAYS))
    return "\n".join(lines)


def _line(interaction: discord.Interaction, line: Line, seen: str) -> str:
    voice = "you" if line.voice is Voice.REPORTER and seen == "own" else line.voice.value
    who = say(interaction, f"concern.voice.{voice}", week=line.week.isoformat())
    return f"**{who}**\n{inert(line.words, LONGEST_WORDS)}"


def _desk_buttons(interaction: discord.Interaction, shown: ConcernCard) -> ui.ActionRow[Any]:
    reply = button("concern-answer", shown.key, say(interaction, "concern.answer"), discord.ButtonStyle.primary)
    shut = button("concern-close", shown.key, say(interaction, "concern.close"), disabled=not shown.is_open)
    return row(reply, shut)


def _label(interaction: discord.Interaction, name: str, component: ui.Item[Any]) -> ui.Label[Any]:
    return ui.Label[Any](
        text=say(interaction, f"concern.field.{name}"),
        description=say(interaction, f"concern.field.{name}.hint"),
        component=component,
    )


def _radio(interaction: discord.Interaction, name: str, values: Sequence[str]) -> ui.RadioGroup[Any]:
    options = [
        discord.RadioGroupOption(
            label=say(interaction, f"concern.{name}.{value}"), value=str(value), default=place == 0
        )
        for place, value in enumerate(values)
    ]
    return ui.RadioGroup[Any](custom_id=name, options=options)


def _themes(interaction: discord.Interaction) -> ui.Select[Any]:
    options = [discord.SelectOption(label=say(interaction, f"concern.theme.{each}"), value=each) for each in Theme]
    return ui.Select[Any](custom_id="theme", options=options)


def _words_input() -> ui.TextInput[Any]:
    return ui.TextInput[Any](custom_id="words", style=discord.TextStyle.paragraph, max_length=LONGEST_WORDS)
