"""What an evidence file looks like: its pages with a timeline, one entry, the modal, and the text to take along."""

import io
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.goals import WinKind
from bot.services.wins import LONGEST_EFFECT, LONGEST_WORDS, Evidence, Reached, Said, WinCard
from cogs._program_panel import parse_day
from cogs._ui.cards import bullets, card
from cogs._ui.controls import button, field, modal, row, select
from cogs._ui.pages import pager
from cogs._ui.words import inert, label_text, say

if TYPE_CHECKING:
    from bot.charts import Lane

# What draws is imported where it draws: it is large, and most days nobody asks for it.
# ruff: noqa: PLC0415

CHART, FILE = "wins.png", "wins.md"
ON_A_PAGE = 5
SHORT = 200
MARKS = {WinKind.OWN: "o", WinKind.CHECKIN: "s", WinKind.KUDOS: "D"}
GOAL_MARK = "^"
DANGER = discord.ButtonStyle.danger
Entry = WinCard | Reached


def wins_card(interaction: discord.Interaction, found: Evidence, page: int = 0) -> ui.LayoutView:
    """Return one page of somebody's file, the newest first; the first page holds the timeline and the text."""
    title = f"## {say(interaction, 'win.list.title')}"
    entries = _entries(found)
    if not entries:
        return card(title, say(interaction, "win.list.none"))
    page, pages = _kept(page, entries)
    shown = entries[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    first = page == 0
    return card(
        title,
        _timeline(interaction) if first else None,
        bullets(_line(interaction, entry) for entry in shown),
        _chooser(interaction, [entry for entry in shown if isinstance(entry, WinCard)], page),
        pager(interaction, "wins", page, pages),
        say(interaction, "win.list.file") if first else None,
        ui.File[ui.LayoutView](f"attachment://{FILE}") if first else None,
    )


def wins_files(interaction: discord.Interaction, found: Evidence, page: int = 0) -> list[discord.File]:
    """Return what belongs to a page: the timeline and the whole file as text beside the first, nothing otherwise."""
    entries = _entries(found)
    if not entries or _kept(page, entries)[0] > 0:
        return []
    from bot.charts import timeline_png

    chart = timeline_png(
        _lanes(interaction, found), found.today, say(interaction, "win.list.title"), _span(interaction, found)
    )
    written = evidence_text(interaction, found).encode()
    return [discord.File(io.BytesIO(chart), CHART), discord.File(io.BytesIO(written), FILE)]


def _kept(page: int, entries: Sequence[object]) -> tuple[int, int]:
    """Return the page nearest to the one asked for, which may have gone meanwhile, and how many there are."""
    pages = -(-len(entries) // ON_A_PAGE)
    return max(0, min(page, pages - 1)), pages


def evidence_text(interaction: discord.Interaction, found: Evidence) -> str:
    """Return the whole file as Markdown, by month; kudos stand without the name of whoever gave them."""
    lines = [f"# {say(interaction, 'win.list.title')}", "", _span(interaction, found)]
    month = ""
    for entry in _entries(found):
        day = _day(entry)
        if month != f"{day:%Y-%m}":
            month = f"{day:%Y-%m}"
            lines += ["", f"## {month}", ""]
        lines += _written(interaction, entry)
    return "\n".join(lines) + "\n"


def win_card(interaction: discord.Interaction, win: WinCard) -> ui.LayoutView:
    """Show one entry whole, with what its owner can do about it."""
    buttons = [button("win-remove", win.id, say(interaction, "win.remove"), DANGER)]
    if win.kind is not WinKind.KUDOS:
        buttons.insert(0, button("win-change", win.id, say(interaction, "win.change")))
    if win.can_show:
        show = say(interaction, "kudos.show")
        buttons.insert(0, button("kudos-show", win.id, show, discord.ButtonStyle.primary))
    return card(
        f"### {win.said.day.isoformat()} · {say(interaction, f'win.kind.{win.kind}')}",
        say(interaction, "kudos.from", who=f"<@{win.giver}>") if win.giver else None,
        inert(win.said.words),
        say(interaction, "win.effect", effect=inert(win.said.effect)) if win.said.effect else None,
        say(interaction, "kudos.shown") if win.shown else None,
        say(interaction, "kudos.may-show") if win.can_show else None,
        row(*buttons, button("wins-first", 0, say(interaction, "win.all"))),
    )


def removal_card(interaction: discord.Interaction, win: WinCard) -> ui.LayoutView:
    """Ask once whether an entry is to go, and say what goes with it."""
    what = "win.remove.ask.kudos" if win.kind is WinKind.KUDOS else "win.remove.ask"
    return card(
        say(interaction, what),
        inert(win.said.words, SHORT),
        row(
            button("win-remove-sure", win.id, say(interaction, "win.remove.sure"), DANGER),
            button("wins-first", 0, say(interaction, "win.all")),
        ),
    )


def win_modal(interaction: discord.Interaction, action: str, key: object, said: Said) -> ui.Modal:
    """Return the modal in which a win is written or changed."""
    paragraph = discord.TextStyle.paragraph
    words = ui.TextInput[Any](custom_id="words", style=paragraph, default=said.words or None, max_length=LONGEST_WORDS)
    effect = ui.TextInput[Any](
        custom_id="effect", style=paragraph, default=said.effect or None, max_length=LONGEST_EFFECT, required=False
    )
    day = ui.TextInput[Any](custom_id="day", default=said.day.isoformat(), max_length=10)
    parts = {"words": words, "effect": effect, "day": day}
    labels = [
        ui.Label[Any](
            text=say(interaction, f"win.part.{name}"),
            description=say(interaction, f"win.part.{name}.hint"),
            component=part,
        )
        for name, part in parts.items()
    ]
    return modal(action, key, say(interaction, "win.modal"), *labels)


def said_of(fields: dict[str, str | list[str]]) -> Said:
    """Read the submitted modal of a win."""
    return Said(field(fields, "words").strip(), field(fields, "effect").strip(), parse_day(field(fields, "day")))


def _entries(found: Evidence) -> list[Entry]:
    return sorted((*found.wins, *found.reached), key=_day, reverse=True)


def _day(entry: Entry) -> date:
    return entry.said.day if isinstance(entry, WinCard) else entry.day


def _timeline(interaction: discord.Interaction) -> ui.MediaGallery[Any]:
    gallery = ui.MediaGallery[Any]()
    gallery.add_item(media=f"attachment://{CHART}", description=say(interaction, "win.list.alt"))
    return gallery


def _lanes(interaction: discord.Interaction, found: Evidence) -> "list[Lane]":
    from bot.charts import Lane

    lanes = [
        Lane(say(interaction, f"win.lane.{kind}"), mark, tuple(win.said.day for win in found.wins if win.kind is kind))
        for kind, mark in MARKS.items()
    ]
    return [*lanes, Lane(say(interaction, "win.lane.goal"), GOAL_MARK, tuple(each.day for each in found.reached))]


def _span(interaction: discord.Interaction, found: Evidence) -> str:
    days = [_day(entry) for entry in _entries(found)]
    return say(interaction, "win.list.span", n=len(days), first=min(days).isoformat(), last=max(days).isoformat())


def _line(interaction: discord.Interaction, entry: Entry) -> str:
    """Say one entry in a line or two of the list."""
    kind = say(interaction, f"win.kind.{entry.kind if isinstance(entry, WinCard) else 'goal'}")
    head = f"**{_day(entry).isoformat()}** · {kind}"
    if isinstance(entry, Reached):
        return f"{head}\n  {inert(entry.aim, SHORT)}{_outcome(interaction, entry)}"
    giver = f" · <@{entry.giver}>" if entry.giver else ""
    return f"{head}{giver}\n  {inert(' '.join(entry.said.words.split()), SHORT)}"


def _outcome(interaction: discord.Interaction, entry: Reached) -> str:
    return f" ({say(interaction, f'goal.outcome.{entry.outcome}')})" if entry.outcome else ""


def _written(interaction: discord.Interaction, entry: Entry) -> list[str]:
    """Write one entry for the text, its own lines kept."""
    kind = say(interaction, f"win.kind.{entry.kind if isinstance(entry, WinCard) else 'goal'}")
    said = entry.said.words if isinstance(entry, WinCard) else f"{entry.aim}{_outcome(interaction, entry)}"
    lines = [f"- {_day(entry).isoformat()} ({kind}): {_indented(said)}"]
    if isinstance(entry, WinCard) and entry.said.effect:
        lines.append(f"  {say(interaction, 'win.effect', effect=_indented(entry.said.effect))}")
    return lines


def _indented(words: str) -> str:
    return "\n  ".join(words.splitlines())


def _chooser(interaction: discord.Interaction, wins: list[WinCard], page: int) -> ui.Item[Any] | None:
    if not wins:
        return None
    options = [
        discord.SelectOption(
            label=label_text(f"{win.said.day.isoformat()} {' '.join(win.said.words.split())}", 100), value=str(win.id)
        )
        for win in wins
    ]
    return row(select("win-open", page, options, say(interaction, "win.open")))
