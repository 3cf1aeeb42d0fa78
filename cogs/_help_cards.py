"""What asking and offering look like: the modal, one's own list, and the one question before a withdrawal."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands, ui

from bot.domain.states import Direction, HelpKind, PostState
from bot.services.asks import LONGEST_TOPICS, LONGEST_WORDS, MOST_AT_ONCE, PostCard, Wish
from bot.services.introductions import Proposal, Status
from bot.text import text
from cogs._ui.cards import bullets, card, rule
from cogs._ui.controls import Control, button, field, modal, row
from cogs._ui.pages import pager
from cogs._ui.words import inert, moment, say

A_PAGE = 3
MOST_LINES = 4
PRIMARY, DANGER = discord.ButtonStyle.primary, discord.ButtonStyle.danger


def kind_choices() -> list[app_commands.Choice[str]]:
    """Return the kinds of help as a command's choices."""
    return [app_commands.Choice(name=text(f"help.kind.{kind}"), value=kind.value) for kind in HelpKind]


def help_modal(
    interaction: discord.Interaction, direction: Direction, program_id: int, kind: HelpKind, topics: str
) -> ui.Modal:
    """Return the modal of an ask or offer, which begins with the topics of one's profile."""
    labels = [
        _text(interaction, "topics", direction, LONGEST_TOPICS, default=topics),
        _text(interaction, "words", direction, LONGEST_WORDS, style=discord.TextStyle.paragraph),
    ]
    if direction is Direction.OFFER:
        labels.append(_at_once(interaction))
    title = say(interaction, f"help.title.{direction}", kind=say(interaction, f"help.kind.{kind}"))
    return modal(f"help-given-{direction}", f"{program_id}:{kind}", title, *labels)


def wish_given(fields: dict[str, str | list[str]], kind: HelpKind) -> Wish:
    """Read the submitted modal."""
    at_once = field(fields, "at_once")
    return Wish(kind, field(fields, "topics"), field(fields, "words"), int(at_once) if at_once.isdecimal() else 1)


def posted_card(interaction: discord.Interaction, post: PostCard) -> ui.LayoutView:
    """Say that an ask or offer is up, and what happens next."""
    waits = "help.posted.matched" if post.proposals else "help.posted.waits"
    return card(
        f"## {say(interaction, f'help.posted.{post.direction}')}",
        *_post_parts(interaction, post),
        say(interaction, waits),
        say(interaction, "help.posted.private"),
    )


def list_card(
    interaction: discord.Interaction, direction: Direction, posts: Sequence[PostCard], page: int = 0
) -> ui.LayoutView:
    """Return one page of one's own asks or offers, each with what was proposed for it."""
    title = f"## {say(interaction, f'help.list.{direction}')}"
    if not posts:
        return card(title, say(interaction, f"help.none.{direction}"))
    pages = -(-len(posts) // A_PAGE)
    page = max(0, min(page, pages - 1))
    parts: list[ui.Item[Any] | str | None] = [title]
    for post in posts[page * A_PAGE : (page + 1) * A_PAGE]:
        parts += [rule(), *_post_parts(interaction, post)]
    return card(*parts, pager(interaction, "help-page", page, pages, lambda turned: f"{direction}:{turned}"))


def withdrawal_card(interaction: discord.Interaction, post: PostCard) -> ui.LayoutView:
    """Ask once whether an ask or offer is to go."""
    kind = say(interaction, f"help.kind.{post.wish.kind}")
    sure = button("help-withdraw-sure", post.id, say(interaction, "help.withdraw.sure"), DANGER)
    return card(say(interaction, f"help.withdraw.ask.{post.direction}", kind=kind), row(sure))


def _post_parts(interaction: discord.Interaction, post: PostCard) -> list[ui.Item[Any] | str]:
    wish = post.wish
    open_until = say(interaction, "help.until", until=moment(post.expires_at.timestamp(), "D"))
    state = open_until if post.state is PostState.OPEN else say(interaction, f"help.state.{post.state}")
    lines = [f"### {say(interaction, f'help.kind.{wish.kind}')}", f"{inert(post.program)} · {state}"]
    lines += [f"**{inert(wish.topics)}**"] if wish.topics else []
    lines += [inert(wish.words, 300)] if wish.words else []
    lines.append(bullets(_proposal_line(interaction, each) for each in post.proposals[-MOST_LINES:]))
    return ["\n".join(line for line in lines if line), row(*_post_buttons(interaction, post))]


def _post_buttons(interaction: discord.Interaction, post: PostCard) -> list[Control]:
    """Offer to look at the proposals that one can still say something to, then to withdraw or to open again."""
    waiting = [each for each in post.proposals if each.status in (Status.OPEN, Status.SAID_YES)][:MOST_LINES]
    made = [
        button("introduction-show", f"{each.id}:list", say(interaction, "introduction.show"), PRIMARY)
        for each in waiting
    ]
    if post.may_reopen:
        made.append(button("help-reopen", post.id, say(interaction, "help.reopen")))
    else:
        made.append(button("help-withdraw", post.id, say(interaction, "help.withdraw")))
    return made


def _proposal_line(interaction: discord.Interaction, proposal: Proposal) -> str:
    who = f"<@{proposal.other_user}>" if proposal.other_user else say(interaction, "circle.somebody")
    where = f" <#{proposal.thread_id}>" if proposal.thread_id else ""
    return say(interaction, f"introduction.line.{proposal.status}", who=who) + where


def _text(interaction: discord.Interaction, name: str, direction: Direction, most: int, **more: Any) -> ui.Label[Any]:
    component = ui.TextInput[Any](custom_id=name, required=False, max_length=most, **more)
    return ui.Label[Any](
        text=say(interaction, f"help.part.{name}"),
        description=say(interaction, f"help.part.{name}.{direction}"),
        component=component,
    )


def _at_once(interaction: discord.Interaction) -> ui.Label[Any]:
    options = [
        discord.RadioGroupOption(label=say(interaction, "help.at-once", n=n), value=str(n), default=n == 1)
        for n in range(1, MOST_AT_ONCE + 1)
    ]
    group = ui.RadioGroup[Any](custom_id="at_once", options=options)
    return ui.Label[Any](text=say(interaction, "help.part.at-once"), component=group)
