"""What moderators read before circles change while their rotation runs, and what the circles are told."""

from collections.abc import Sequence

import discord
from discord import ui

from bot.services.moves import CircleNews
from bot.services.repair import Change, MoveLine, Proposal, Wish
from bot.text import text
from cogs._ui.cards import bullets, card, rule
from cogs._ui.controls import button, row
from cogs._ui.pages import turners
from cogs._ui.words import inert, say

CIRCLES_A_PAGE = 6
SHOWN_PEOPLE = 10


def write_wish(wish: Wish) -> str:
    """Return a wish as a control's key holds it."""
    return "-".join(str(each) for each in (*wish.users, *(() if wish.circle is None else (f"c{wish.circle}",))))


def read_wish(written: str) -> Wish:
    """Return the wish that a control's key holds."""
    parts = [each for each in written.split("-") if each]
    circles = [int(each[1:]) for each in parts if each.startswith("c")]
    return Wish(tuple(int(each) for each in parts if not each.startswith("c")), circles[0] if circles else None)


def proposal_card(interaction: discord.Interaction, wish: Wish, shown: Proposal, page: int = 0) -> ui.LayoutView:
    """Return what would change, circle by circle, with the one button that does it."""
    pages = max(1, -(-len(shown.changes) // CIRCLES_A_PAGE))
    page = max(0, min(page, pages - 1))
    changes = shown.changes[page * CIRCLES_A_PAGE : (page + 1) * CIRCLES_A_PAGE]
    key = f"{shown.program_id}:{write_wish(wish)}"
    sure = button(
        "repair-publish", f"{key}:{shown.fingerprint}", say(interaction, "repair.sure"), discord.ButtonStyle.success
    )
    return card(
        f"## {say(interaction, 'repair.title', program=inert(shown.program), rotation=shown.rotation)}",
        _summary(interaction, shown),
        bullets(_change(interaction, shown, each) for each in changes) or None,
        rule() if shown.has_changes else None,
        _left_words(interaction, shown),
        say(interaction, "repair.ask") if shown.has_changes else None,
        row(sure, *turners(interaction, "repair", page, pages, lambda turned: f"{key}:{turned}"))
        if shown.has_changes
        else None,
    )


def published_card(interaction: discord.Interaction, done: Proposal) -> ui.LayoutView:
    """Say that the change is made, and what of it is still under way."""
    return card(
        f"## {say(interaction, 'repair.title', program=inert(done.program), rotation=done.rotation)}",
        say(interaction, "repair.done", moves=len(done.moves), closed=len(done.closed)),
    )


def _summary(interaction: discord.Interaction, shown: Proposal) -> str:
    if not shown.has_changes:
        return say(interaction, "repair.nothing")
    placed = sum(move.origin is None for move in shown.moves)
    return say(interaction, "repair.summary", moved=len(shown.moves) - placed, placed=placed, closed=len(shown.closed))


def _change(interaction: discord.Interaction, shown: Proposal, change: Change) -> str:
    """Say one circle before and after, and who comes for which reason."""
    came = [move for move in shown.moves if move.target == change.number]
    if change.number in shown.closed:
        line = say(interaction, "repair.closes", number=change.number)
    else:
        line = say(
            interaction,
            "repair.change",
            number=change.number,
            before=len(change.before),
            after=len(change.after),
            hours_before=change.hours_before,
            hours_after=change.hours_after,
            new=change.new_pairs,
            repeats=change.repeated_pairs,
        )
    return "\n".join((line, *(f"  - {_move(interaction, move)}" for move in came)))


def _move(interaction: discord.Interaction, move: MoveLine) -> str:
    why = say(interaction, f"repair.why.{move.why}")
    if move.origin is None:
        return say(interaction, "repair.placed", who=_who(interaction, move.user_id), why=why)
    return say(interaction, "repair.moved", who=_who(interaction, move.user_id), origin=move.origin, why=why)


def _left_words(interaction: discord.Interaction, shown: Proposal) -> str | None:
    """Say what stays as it is and why: circles too small, people without a circle, seats that end with a circle."""
    lines = [say(interaction, "repair.short", number=number) for number in shown.short[:SHOWN_PEOPLE]]
    lines += [
        say(interaction, "repair.left", who=_who(interaction, user), why=say(interaction, f"repair.left.{why}"))
        for user, why in shown.left_out[:SHOWN_PEOPLE]
    ]
    if len(shown.left_out) > SHOWN_PEOPLE:
        lines.append(say(interaction, "rotation.more-unplaced", n=len(shown.left_out) - SHOWN_PEOPLE))
    lines += [say(interaction, "repair.losing", who=_who(interaction, user)) for user in shown.losing[:SHOWN_PEOPLE]]
    return bullets(lines) or None


def _who(interaction: discord.Interaction, user_id: int | None) -> str:
    return f"<@{user_id}>" if user_id else say(interaction, "circle.somebody")


def news_card(news: CircleNews, key: str) -> ui.LayoutView:
    """Return the short line in a circle's thread: who came, who went on where, and whether the circle closes."""
    locale = news.locale
    joined = ", ".join(f"<@{user}>" for user in news.joined)
    return card(
        text("circle-changed.closes", locale) if news.closes else None,
        text("circle-changed.joined", locale, names=joined) if joined else None,
        bullets(_gone(news.left, locale)) or None,
        row(button("circle-mine", key, text("welcome.mine", locale))),
    )


def _gone(left: Sequence[tuple[int, int | None]], locale: str) -> list[str]:
    """Say where each who left goes on; who only rests is not spoken of."""
    return [
        text("circle-changed.left", locale, who=f"<@{user}>", number=number)
        for user, number in left
        if number is not None
    ]
