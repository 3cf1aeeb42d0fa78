"""What people read of mentoring: an offer, the words to a lead, and the card that thanks for leading."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.domain.states import NextStep
from bot.errors import InvalidInput
from bot.services.leads import LEAST_WRITERS, LONGEST_WORDS, LeadCard, ToldWords, WordForm
from bot.services.mentors import LONGEST_TOPICS, MOST_MENTEES, OfferCard
from bot.text import text
from cogs._ui.cards import bullets, card, clipped
from cogs._ui.controls import button, field, modal, row
from cogs._ui.pages import pager
from cogs._ui.words import inert, label_text, say

TOGETHER, ALONE = "together", "alone"
DEFAULT_CAPACITY = 4


def offer_modal(interaction: discord.Interaction, offer: OfferCard) -> ui.Modal:
    """Return the modal in which somebody offers to mentor, filled with what they offered before."""
    capacity = ui.TextInput[Any](custom_id="capacity", default=str(offer.capacity or DEFAULT_CAPACITY), max_length=2)
    topics = ui.TextInput[Any](
        custom_id="topics", default=offer.topics or None, required=False, max_length=LONGEST_TOPICS
    )
    return modal(
        "mentor-given",
        offer.program_id,
        say(interaction, "mentor.modal"),
        ui.Label[Any](
            text=say(interaction, "mentor.capacity"),
            description=say(interaction, "mentor.capacity.hint", most=MOST_MENTEES),
            component=capacity,
        ),
        ui.Label[Any](
            text=say(interaction, "mentor.topics"),
            description=say(interaction, "mentor.topics.hint"),
            component=topics,
        ),
    )


def offer_given(fields: dict[str, str | list[str]]) -> tuple[int, str]:
    """Read the capacity and the topics of an offer."""
    capacity = field(fields, "capacity").strip()
    if not capacity.isdecimal():
        raise InvalidInput("mentor.invalid.capacity", most=MOST_MENTEES)
    return int(capacity), field(fields, "topics")


def offer_card(interaction: discord.Interaction, offer: OfferCard) -> ui.LayoutView:
    """Show somebody's own offer, and what comes of it."""
    title = f"## {say(interaction, 'mentor.title', program=inert(offer.program))}"
    change = button("mentor-change", offer.program_id, say(interaction, "mentor.change"), discord.ButtonStyle.primary)
    if offer.capacity is None:
        return card(title, say(interaction, "mentor.not-yet"), _mode_words(interaction, offer), row(change))
    lines = [
        say(interaction, "mentor.shown.capacity", n=offer.capacity),
        say(interaction, "mentor.shown.topics", topics=inert(offer.topics) or say(interaction, "profile.nothing")),
    ]
    return card(title, bullets(lines), _mode_words(interaction, offer), row(change, _withdraw(interaction, offer)))


def withdraw_card(interaction: discord.Interaction, offer: OfferCard) -> ui.LayoutView:
    """Ask once whether an offer is to be taken back."""
    sure = button(
        "mentor-withdraw-sure", offer.program_id, say(interaction, "mentor.withdraw"), discord.ButtonStyle.danger
    )
    return card(say(interaction, "mentor.withdraw.ask", program=inert(offer.program)), row(sure))


def word_parts(interaction: discord.Interaction, form: WordForm | None) -> list[ui.Item[Any] | str]:
    """Return the way to write to whoever led a circle; nothing for the lead, or once it is too late."""
    if form is None:
        return []
    label = "lead.word.change" if form.words else "lead.word.write"
    ask = say(interaction, "lead.word.ask", lead=f"<@{form.lead}>", least=LEAST_WRITERS)
    return [ask, row(button("lead-word", form.circle_id, say(interaction, label)))]


def word_modal(interaction: discord.Interaction, form: WordForm) -> ui.Modal:
    """Return the modal in which a member writes to whoever led their circle."""
    words = ui.TextInput[Any](
        custom_id="words",
        style=discord.TextStyle.paragraph,
        default=form.words or None,
        required=False,
        max_length=LONGEST_WORDS,
    )
    options = [
        discord.RadioGroupOption(
            label=say(interaction, f"lead.word.{each}", least=LEAST_WRITERS),
            value=each,
            default=form.alone == (each == ALONE),
        )
        for each in (TOGETHER, ALONE)
    ]
    return modal(
        "lead-word-given",
        form.circle_id,
        say(interaction, "lead.word.title"),
        ui.Label[Any](
            text=say(interaction, "lead.word.words"), description=say(interaction, "lead.word.hint"), component=words
        ),
        ui.Label[Any](
            text=say(interaction, "lead.word.when"),
            description=say(interaction, "lead.word.when.hint"),
            component=ui.RadioGroup[Any](custom_id="when", options=options),
        ),
    )


def word_given(fields: dict[str, str | list[str]]) -> tuple[str, bool]:
    """Read the words, and whether they may come alone."""
    return field(fields, "words"), field(fields, "when") == ALONE


def lead_card(lead: LeadCard, key: str) -> ui.LayoutView:
    """Return the direct message that thanks for leading, with the circle's words and the next steps."""
    locale = lead.locale
    heading = f"### {text('lead.card.words', locale, n=len(lead.words))}" if lead.words else None
    steps = [button(f"lead-{step}", key, text(f"lead.step.{step}", locale)) for step in NextStep]
    return card(
        f"## {text('lead.card.title', locale)}",
        text("lead.card.thanks", locale, program=inert(lead.program), rotation=lead.rotation),
        heading,
        *(f"> {inert(words, LONGEST_WORDS)}".replace("\n", "\n> ") for words in lead.words),
        None if lead.words else text("lead.card.no-words", locale, least=LEAST_WRITERS),
        f"### {text('lead.card.next', locale)}",
        bullets(text(f"lead.step.{step}.means", locale) for step in NextStep if step is not NextStep.NOT_NOW),
        row(*steps),
    )


def feedback_card(interaction: discord.Interaction, told: Sequence[ToldWords], page: int = 0) -> ui.LayoutView:
    """Return what one circle after the other wrote to somebody who led them, a circle a page."""
    title = f"## {say(interaction, 'lead.feedback')}"
    if not told:
        return card(title, say(interaction, "lead.feedback.none", least=LEAST_WRITERS))
    page = max(0, min(page, len(told) - 1))
    shown = told[page]
    heading = say(interaction, "past.circle", program=inert(shown.program), rotation=shown.rotation)
    words = bullets(inert(each, LONGEST_WORDS) for each in shown.words)
    return card(title, f"### {heading}", clipped(words, 3_600), pager(interaction, "lead-feedback", page, len(told)))


def _withdraw(interaction: discord.Interaction, offer: OfferCard) -> Any:
    return button("mentor-withdraw", offer.program_id, say(interaction, "mentor.withdraw"))


def _mode_words(interaction: discord.Interaction, offer: OfferCard) -> str:
    """Say what comes of an offer in this program."""
    if not offer.mentor_mode:
        return say(interaction, "mentor.mode.off", program=label_text(offer.program, 80))
    if offer.capacity is not None and offer.capacity < offer.least:
        return say(interaction, "mentor.mode.too-few", least=offer.least)
    return say(interaction, "mentor.mode.on")
