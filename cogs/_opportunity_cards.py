"""What opportunities look like: the modal, the pages to browse, the one question, and the lobby's digest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import discord
from discord import app_commands, ui

from bot.domain.links import LONGEST_LINK, host_of
from bot.domain.states import OpportunityKind
from bot.services.opportunities import LONGEST_LINE, LONGEST_TITLE, LONGEST_WORDS, OpportunityCard, Sharing
from bot.services.opportunity_digests import Digest, Entry
from bot.text import text
from cogs._ui.cards import bullets, card, clipped, rule
from cogs._ui.controls import Control, button, field, modal, row, select
from cogs._ui.words import inert, label_text, moment, say

A_PAGE = 4
MOST_IN_DIGEST = 12
SHOWN_WORDS, SHOWN_LINE, SHOWN_TITLE = 280, 100, 120
MOST_AN_ENTRY = 850  # a page of them fits into one message, however much of it is escaped
ANY = "any"
DANGER = discord.ButtonStyle.danger
FIELDS = ("title", "topics", "place", "link", "words")
LONGEST = {
    "title": LONGEST_TITLE,
    "topics": LONGEST_LINE,
    "place": LONGEST_LINE,
    "link": LONGEST_LINK,
    "words": LONGEST_WORDS,
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """What somebody browses: a program's opportunities, of one kind or all, only remote ones or all, and a page."""

    program_id: int
    kind: OpportunityKind | None = None
    remote: bool = False
    page: int = 0

    @property
    def key(self) -> str:
        """Return the shelf as a control's key."""
        return f"{self.program_id}:{self.kind or ANY}:{int(self.remote)}:{self.page}"


def shelf_of(key: str) -> Shelf:
    """Return the shelf that a control's key names."""
    program, kind, remote, page = key.split(":")
    return Shelf(int(program), chosen_kind(kind), remote == "1", int(page))


def chosen_kind(value: str) -> OpportunityKind | None:
    """Return the kind that was chosen, or None for all of them."""
    return None if value == ANY else OpportunityKind(value)


def opportunity_kind_choices() -> list[app_commands.Choice[str]]:
    """Return the kinds of opportunity as a command's choices."""
    return [app_commands.Choice(name=text(f"opportunity.kind.{each}"), value=each.value) for each in OpportunityKind]


def share_modal(
    interaction: discord.Interaction, program_id: int, kind: OpportunityKind, deadline: date | None, *, remote: bool
) -> ui.Modal:
    """Return the modal in which an opportunity is written; the rest was told to the command."""
    key = f"{program_id}:{kind}:{int(remote)}:{deadline or ''}"
    title = say(interaction, "opportunity.modal", kind=say(interaction, f"opportunity.kind.{kind}"))
    return modal("opportunity-given", key, title, *(_part(interaction, name) for name in FIELDS))


def sharing_given(fields: dict[str, str | list[str]], key: str) -> tuple[int, Sharing]:
    """Read the submitted modal and the key that it carries; return the program too."""
    program, kind, remote, deadline = key.split(":")
    given = Sharing(
        kind=OpportunityKind(kind),
        remote=remote == "1",
        deadline=date.fromisoformat(deadline) if deadline else None,
        **{name: field(fields, name) for name in FIELDS},
    )
    return int(program), given


def shared_card(interaction: discord.Interaction, shared: OpportunityCard) -> ui.LayoutView:
    """Say that an opportunity is shared, and where it can be read."""
    down = button("opportunity-down", shared.id, say(interaction, "opportunity.down"))
    return card(
        f"## {say(interaction, 'opportunity.shared')}",
        _entry(interaction, shared),
        say(interaction, "opportunity.shared.where"),
        row(down),
    )


def browse_card(
    interaction: discord.Interaction, shelf: Shelf, found: Sequence[OpportunityCard], *, moderates: bool
) -> ui.LayoutView:
    """Return one page of opportunities with its filters, and what the reader may take down from it."""
    pages = max(1, -(-len(found) // A_PAGE))
    shelf = replace(shelf, page=max(0, min(shelf.page, pages - 1)))
    shown = found[shelf.page * A_PAGE : (shelf.page + 1) * A_PAGE]
    parts: list[ui.Item[Any] | str | None] = [f"## {say(interaction, 'opportunity.title', n=len(found))}"]
    for each in shown:
        parts += [rule(), _entry(interaction, each)]
    if not shown:
        parts.append(say(interaction, "opportunity.none"))
    own = [each for each in shown if moderates or each.user_id == interaction.user.id]
    return card(
        *parts,
        row(_kind_select(interaction, shelf)),
        row(*_turners(interaction, shelf, pages)),
        row(_down_select(interaction, shelf, own)) if own else None,
    )


def removal_card(interaction: discord.Interaction, found: OpportunityCard) -> ui.LayoutView:
    """Ask once whether an opportunity is to be taken down."""
    sure = button("opportunity-down-sure", found.id, say(interaction, "opportunity.down.sure"), DANGER)
    return card(say(interaction, "opportunity.down.ask", title=inert(found.shared.title)), row(sure))


def digest_card(digest: Digest, key: str) -> ui.LayoutView:
    """Return the week's digest as the lobby reads it."""
    locale = digest.locale
    lines = [_digest_line(each, locale) for each in digest.entries[:MOST_IN_DIGEST]]
    more = len(digest.entries) - len(lines)
    return card(
        f"## {text('opportunity.digest.title', locale)}",
        bullets(lines) or text("opportunity.digest.empty", locale),
        text("opportunity.digest.more", locale, n=more) if more else None,
        row(button("opportunity-open", key, text("opportunity.digest.open", locale), discord.ButtonStyle.primary)),
    )


def _entry(interaction: discord.Interaction, found: OpportunityCard) -> ui.Item[Any] | str:
    """Show one opportunity; a link is a button that names where it leads."""
    words = _entry_words(interaction, found)
    link = found.shared.link
    if not link:
        return words
    return ui.Section[Any](words, accessory=ui.Button[Any](url=link, label=label_text(host_of(link), 40)))


def _entry_words(interaction: discord.Interaction, found: OpportunityCard) -> str:
    shared, locale = found.shared, interaction.locale.value
    by = f"<@{found.user_id}>" if found.user_id else say(interaction, "circle.somebody")
    lines = [
        f"### {inert(shared.title, SHOWN_TITLE)}",
        _where(shared.kind, shared.place, locale, remote=shared.remote),
        say(interaction, "opportunity.until", until=_last_day(shared.deadline, found), by=by),
        inert(shared.topics, SHOWN_LINE),
        inert(shared.words, SHOWN_WORDS),
    ]
    if found.fits:
        lines.append(say(interaction, "opportunity.fits", topics=inert(", ".join(found.fits), SHOWN_LINE)))
    return clipped("\n".join(line for line in lines if line), MOST_AN_ENTRY)


def _last_day(deadline: date | None, found: OpportunityCard | Entry) -> str:
    """Write a deadline as the date that was given: a moment would show another day elsewhere in the world."""
    return deadline.isoformat() if deadline else moment(found.expires_at.timestamp(), "D")


def _where(kind: OpportunityKind, place: str, locale: str, *, remote: bool) -> str:
    parts = [text(f"opportunity.kind.{kind}", locale), inert(place, SHOWN_LINE)]
    if remote:
        parts.append(text("opportunity.remote", locale))
    return " · ".join(part for part in parts if part)


def _digest_line(entry: Entry, locale: str) -> str:
    where = _where(entry.kind, entry.place, locale, remote=entry.remote)
    until = text("opportunity.digest.until", locale, until=_last_day(entry.deadline, entry))
    return f"**{inert(entry.title, SHOWN_TITLE)}** · {where} · {until}"


def _kind_select(interaction: discord.Interaction, shelf: Shelf) -> Control:
    options = [
        discord.SelectOption(label=say(interaction, "opportunity.any"), value=ANY, default=shelf.kind is None),
        *(
            discord.SelectOption(
                label=say(interaction, f"opportunity.kind.{each}"), value=each.value, default=each is shelf.kind
            )
            for each in OpportunityKind
        ),
    ]
    return select("opportunity-kind", shelf.key, options, say(interaction, "opportunity.any"))


def _turners(interaction: discord.Interaction, shelf: Shelf, pages: int) -> list[Control]:
    """Return the buttons that turn the page and that let remote ones through only."""
    turned = say(interaction, "opportunity.everywhere" if shelf.remote else "opportunity.remote-only")
    made = [button("opportunity-page", replace(shelf, remote=not shelf.remote, page=0).key, turned)]
    if pages > 1:
        back, on = replace(shelf, page=shelf.page - 1), replace(shelf, page=shelf.page + 1)
        label = say(interaction, "page.on", page=shelf.page + 1, pages=pages)
        made += [
            button("opportunity-page", back.key, say(interaction, "page.back"), disabled=shelf.page == 0),
            button("opportunity-page", on.key, label, disabled=shelf.page == pages - 1),
        ]
    return made


def _down_select(interaction: discord.Interaction, shelf: Shelf, own: Sequence[OpportunityCard]) -> Control:
    options = [discord.SelectOption(label=label_text(each.shared.title, 100), value=str(each.id)) for each in own]
    return select("opportunity-choose", shelf.key, options, say(interaction, "opportunity.down.choose"))


def _part(interaction: discord.Interaction, name: str) -> ui.Label[Any]:
    style = discord.TextStyle.paragraph if name == "words" else discord.TextStyle.short
    component = ui.TextInput[Any](custom_id=name, style=style, required=name == "title", max_length=LONGEST[name])
    return ui.Label[Any](
        text=say(interaction, f"opportunity.part.{name}"),
        description=say(interaction, f"opportunity.part.{name}.hint"),
        component=component,
    )
