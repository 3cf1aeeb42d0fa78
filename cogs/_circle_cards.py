"""What a circle reads: its name, and the welcome card that its thread opens with."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from discord import ui

from bot.domain.calendar import next_hour_of_week
from bot.domain.formation.problem import Role
from bot.services.circles import CircleCard, SeatCard
from bot.text import text
from cogs._ui.cards import bullets, card, rule
from cogs._ui.controls import button, row
from cogs._ui.words import inert, moment

ICEBREAKERS = 12
LONGEST_TOPICS = 150
SHOWN_MATCHES = 4
LONGEST_THREAD_NAME = 100


def thread_name(circle: CircleCard, rotation: int, key: str) -> str:
    """Name a circle's thread; the name ends in the key by which it is found again."""
    name = text("circle.thread-name", circle.locale, program=circle.program, rotation=rotation, number=circle.number)
    return f"{name[: LONGEST_THREAD_NAME - len(key) - 3]} · {key}"


def welcome(circle: CircleCard, key: str, now: datetime) -> ui.LayoutView:
    """Return the card that a circle's thread opens with."""
    locale = circle.locale
    moderators = f"<@&{circle.moderator_role_id}>" if circle.moderator_role_id else text("welcome.moderators", locale)
    icebreaker = Random(key).randrange(ICEBREAKERS)
    return card(
        f"## {text('welcome.title', locale, program=inert(circle.program), number=circle.number)}",
        text("welcome.hello", locale, names=" ".join(_mention(seat, locale) for seat in circle.seats)),
        bullets(_introduced(seat, locale) for seat in circle.seats),
        text("welcome.stands-by", locale, who=f"<@{circle.stands_by}>") if circle.stands_by else None,
        matches_words(circle),
        rule(),
        f"### {text('welcome.when', locale)}\n{hours_words(circle, now)}",
        f"### {text('welcome.agreement', locale)}\n{text('welcome.agreement.text', locale, moderators=moderators)}",
        f"### {text('welcome.agenda', locale)}\n{text('welcome.agenda.text', locale)}",
        f"### {text('welcome.icebreaker', locale)}\n{text(f'icebreaker.{icebreaker}', locale)}",
        row(
            button("circle-mine", key, text("welcome.mine", locale)),
            button("agenda-first", key, text("first-session.button", locale)),
        ),
    )


def matches_words(circle: CircleCard) -> str | None:
    """Say who could help whom with what, if anybody could."""
    if not circle.matches:
        return None
    lines = (
        text(
            "welcome.match",
            circle.locale,
            helper=f"<@{match.offers}>",
            asker=f"<@{match.wants}>",
            topic=inert(match.topic, 60),
        )
        for match in circle.matches[:SHOWN_MATCHES]
    )
    return f"### {text('welcome.matches', circle.locale)}\n" + bullets(lines)


def hours_words(circle: CircleCard, now: datetime) -> str:
    """Say the best shared hours, each shown in the reader's own time, or that there are none."""
    if not circle.hours:
        return text("welcome.no-hours", circle.locale)
    moments: Sequence[datetime] = sorted(next_hour_of_week(hour, now) for hour in circle.hours)
    return bullets(moment(each.timestamp()) for each in moments)


def _mention(seat: SeatCard, locale: str) -> str:
    return f"<@{seat.user_id}>" if seat.user_id else text("circle.somebody", locale)


def _introduced(seat: SeatCard, locale: str) -> str:
    """Introduce one person: who, whether they facilitate, and what they can help with."""
    who = _mention(seat, locale)
    if seat.role is not Role.MEMBER:
        who += f" ({text(f'role.{seat.role}', locale)})"
    helps = inert(seat.helps_with, LONGEST_TOPICS)
    return text("welcome.helps-with", locale, who=who, topics=helps) if helps else who
