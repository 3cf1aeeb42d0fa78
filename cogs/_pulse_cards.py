"""What a pulse looks like: the invitation, the consent, the pages of a questionnaire, and what is kept."""

from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.domain.survey.instrument import Instrument
from bot.services.answering import Form
from bot.services.invitations import Invitation
from bot.text import text
from cogs._ui.cards import card, rule
from cogs._ui.controls import Control, button, field, modal, row
from cogs._ui.words import inert, label_text, moment, say

PRIMARY = discord.ButtonStyle.primary
LONGEST_LABEL = 45
LONGEST_DESCRIPTION = 100
MOST_OPTIONS = 10
SKIPPED = "skip"
EVERYWHERE = 0


def invitation(found: Invitation, instrument: Instrument, key: str) -> ui.LayoutView:
    """Return the one invitation in a circle's thread; it names nobody."""
    locale = found.locale
    return card(
        f"## {text('pulse.invitation.title', locale, title=inert(instrument.title))}",
        text("pulse.invitation.text", locale, n=len(instrument.items)),
        _note(instrument),
        _until(found),
        row(button("pulse-answer", key, text("pulse.answer", locale), PRIMARY)),
    )


def reminder(found: Invitation, instrument: Instrument, key: str) -> ui.LayoutView:
    """Return the one reminder, the same whoever has answered; it names nobody."""
    return card(
        text("pulse.reminder", found.locale, title=inert(instrument.title)),
        _until(found),
        row(button("pulse-answer", key, text("pulse.answer", found.locale), PRIMARY)),
    )


def consent_card(
    interaction: discord.Interaction, months: int, footer: str, action: str, key: object, *, given: bool = False
) -> ui.LayoutView:
    """Say what is stored, for how long, who can read it and what it is not; ask for consent, or how to take it back."""
    agree = button(action, key, say(interaction, "consent.agree"), PRIMARY)
    return card(
        f"## {say(interaction, 'consent.title')}",
        say(interaction, "consent.text", n=months),
        say(interaction, "consent.risk"),
        rule(),
        footer,
        say(interaction, "consent.given") if given else row(agree),
    )


def page_modal(interaction: discord.Interaction, form: Form, page: int) -> ui.Modal:
    """Return one page: the stem with the anchors above, then a group of options for each statement."""
    instrument = form.wave.instrument
    title = say(interaction, "pulse.page.title", page=page + 1, pages=len(form.pages), title=instrument.title)
    made = modal("pulse-given", f"{form.wave.ref.wave_id}.{page}", label_text(title, LONGEST_LABEL))
    made.add_item(ui.TextDisplay[Any](_stem(interaction, instrument, form.pages[page])))
    for item in form.pages[page]:
        made.add_item(_statement(interaction, form, item))
    return made


def chosen_of(fields: Mapping[str, str | list[str]]) -> dict[int, int | None]:
    """Read the submitted options of a page by item; nothing chosen, or "prefer not to answer", is None."""
    return {int(name): _value(field(dict(fields), name)) for name in fields if name.isdecimal()}


def progress(interaction: discord.Interaction, form: Form, page: int, footer: str) -> ui.LayoutView:
    """Say what is kept after a page, and offer the next one, the one before, or to finish another time."""
    following = form.next_page
    last = len(form.pages) - 1
    if following is None:
        words = say(interaction, "pulse.finished", title=inert(form.wave.instrument.title))
    else:
        words = say(interaction, "pulse.page.kept", page=page + 1, pages=len(form.pages))
    controls: list[Control] = []
    if page < last:
        controls.append(_page_button(interaction, form, page + 1, "pulse.next", PRIMARY))
    controls.append(_page_button(interaction, form, page, "pulse.back"))
    if following is not None:
        controls.append(button("pulse-later", form.wave.ref.wave_id, say(interaction, "pulse.later")))
    return card(words, _open_until(interaction, form), None if following is not None else footer, row(*controls))


def overview(interaction: discord.Interaction, form: Form, footer: str) -> ui.LayoutView:
    """Greet somebody who has begun: go on with the next page, or look at the first again."""
    following = form.next_page
    words = say(interaction, "pulse.begun" if following is not None else "pulse.done", title=form.wave.instrument.title)
    controls = [_page_button(interaction, form, 0, "pulse.from-start")]
    if following is not None:
        controls.insert(0, _page_button(interaction, form, following, "pulse.go-on", PRIMARY))
    return card(words, _open_until(interaction, form), footer, row(*controls))


def later(interaction: discord.Interaction, form: Form) -> ui.LayoutView:
    """Say that what was answered is kept, and how to go on."""
    return card(say(interaction, "pulse.later.kept"), _open_until(interaction, form))


def _page_button(
    interaction: discord.Interaction,
    form: Form,
    page: int,
    label: str,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> Control:
    words = say(interaction, label, page=page + 1, pages=len(form.pages))
    return button("pulse-page", f"{form.wave.ref.wave_id}.{page}", words, style)


def _stem(interaction: discord.Interaction, instrument: Instrument, items: range) -> str:
    """Say how to answer, with the anchors, and in full each statement that its own label cannot hold."""
    first, last = instrument.options[0].text or "", instrument.options[-1].text or ""
    lines = [
        f"**{inert(instrument.stem or '')}**",
        say(interaction, "pulse.anchors", first=inert(first), last=inert(last)),
        *(
            f"{item + 1}. {inert(words)}"
            for item in items
            if len(words := instrument.items[item].text or "") > LONGEST_DESCRIPTION
        ),
    ]
    return "\n".join(lines)


def _statement(interaction: discord.Interaction, form: Form, item: int) -> ui.Label[Any]:
    instrument = form.wave.instrument
    words = label_text(instrument.items[item].text or "", 200)
    number = say(interaction, "pulse.statement", number=item + 1, n=len(instrument.items))
    fits = len(words) <= LONGEST_LABEL
    cut = words if len(words) <= LONGEST_DESCRIPTION else words[: LONGEST_DESCRIPTION - 1] + "…"
    group = ui.RadioGroup[Any](custom_id=str(item), required=False, options=_options(interaction, form, item))
    return ui.Label[Any](text=words if fits else number, description=number if fits else cut, component=group)


def _options(interaction: discord.Interaction, form: Form, item: int) -> list[discord.RadioGroupOption]:
    given = form.given.answers.get(item)
    options = [
        discord.RadioGroupOption(
            label=label_text(option.text or "", 100), value=str(option.value), default=option.value == given
        )
        for option in form.wave.instrument.options
    ]
    if len(options) < MOST_OPTIONS:  # a group holds ten; with ten of its own, leaving it empty skips the item
        options.append(discord.RadioGroupOption(label=say(interaction, "pulse.skip"), value=SKIPPED))
    return options


def _value(chosen: str) -> int | None:
    return int(chosen) if chosen.isdecimal() else None


def _note(instrument: Instrument) -> str | None:
    return inert(instrument.note) if instrument.note else None


def _until(found: Invitation) -> str:
    closes = found.closes_at.timestamp()
    return text("pulse.until", found.locale, closes=moment(closes), left=moment(closes, "R"))


def _open_until(interaction: discord.Interaction, form: Form) -> str:
    closes = form.wave.closes_at.timestamp()
    return say(interaction, "pulse.until", closes=moment(closes), left=moment(closes, "R"))
