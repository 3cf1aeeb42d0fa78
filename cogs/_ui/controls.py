"""Controls that outlive their message: buttons, selects and modals that hold only an action and an opaque key.

Nothing is kept in memory between showing a control and its use, so a restart
loses none and two open modals never mix. Each use is dispatched to the handler
that a cog registered for the action; the handler loads its state and checks
permission again.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import discord
from discord import ui

from bot.errors import NotFound
from cogs._ui.words import storable

Handler = Callable[[discord.Interaction, str], Awaitable[None]]
TEMPLATE = re.compile(r"pc:(?P<action>[a-z-]+):(?P<key>.*)")
MODAL_SECONDS = 900.0  # how long discord.py keeps the opened modal; the submission does not need it


class Controls:
    """Every action that a control may carry, with its handler."""

    def __init__(
        self,
        report: Callable[[discord.Interaction, Exception], Awaitable[None]],
        count: Callable[[discord.Interaction], None],
    ) -> None:
        self._handlers: dict[str, Handler] = {}
        self._report = report
        self._count = count
        self.in_hand = 0  # uses that are being answered

    def register(self, action: str, handler: Handler) -> None:
        """Let a handler answer an action; each action has exactly one."""
        if action in self._handlers:
            raise ValueError(f"two handlers for {action}")
        self._handlers[action] = handler

    async def dispatch(self, interaction: discord.Interaction, action: str, key: str) -> None:
        """Carry an action out; whatever goes wrong takes the one path to words for the user."""
        self.in_hand += 1
        try:
            self._count(interaction)
            await self._handlers.get(action, _gone)(interaction, key)
        except Exception as error:  # noqa: BLE001 - discord.py would only log it, and the person would wait
            await self._report(interaction, error)
        finally:
            self.in_hand -= 1

    async def dispatch_modal(self, interaction: discord.Interaction) -> None:
        """Carry a submitted modal out, opened by this process or by one before it."""
        match = TEMPLATE.fullmatch(str(cast("dict[str, Any]", interaction.data).get("custom_id", "")))
        if interaction.type is discord.InteractionType.modal_submit and match:
            await self.dispatch(interaction, match["action"], match["key"])


async def _gone(_interaction: discord.Interaction, _key: str) -> None:
    """Answer a control that no version of the bot knows any longer."""
    raise NotFound("control.gone")


class Control(ui.DynamicItem[ui.Item[Any]], template=TEMPLATE):
    """A button or select of ours, made anew from its custom_id at each use."""

    def __init__(self, item: ui.Item[Any], action: str, key: str) -> None:
        super().__init__(item)
        self.action = action
        self.key = key

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> "Control":
        """Make the control that was just used."""
        return cls(item, match["action"], match["key"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Hand the use over to the handler of its action."""
        controls: Controls = getattr(interaction.client, "controls")  # noqa: B009 - the client's type does not know it
        await controls.dispatch(interaction, self.action, self.key)


def custom_id(action: str, key: object) -> str:
    """Return the custom_id of a control; at most 100 characters."""
    made = f"pc:{action}:{key}"
    if len(made) > 100:
        raise ValueError(f"custom_id is too long: {made}")
    return made


def button(
    action: str,
    key: object,
    label: str,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    *,
    disabled: bool = False,
) -> Control:
    """Return a button that carries an action."""
    item = ui.Button[Any](custom_id=custom_id(action, key), label=label[:80], style=style, disabled=disabled)
    return Control(item, action, str(key))


def select(
    action: str,
    key: object,
    options: Sequence[discord.SelectOption],
    placeholder: str,
    *,
    least: int = 1,
    most: int = 1,
) -> Control:
    """Return a select of strings that carries an action."""
    item = ui.Select[Any](
        custom_id=custom_id(action, key),
        options=list(options),
        placeholder=placeholder[:150],
        min_values=least,
        max_values=min(most, len(options)),
    )
    return Control(item, action, str(key))


def entity_select(kind: type[Any], action: str, key: object, placeholder: str, **options: Any) -> Control:
    """Return a select of users, roles or channels (`kind` is discord.py's class) that carries an action."""
    item = kind(custom_id=custom_id(action, key), placeholder=placeholder[:150], **options)
    return Control(item, action, str(key))


def row(*controls: Control) -> ui.ActionRow[Any]:
    """Put up to five buttons, or one select, side by side."""
    made = ui.ActionRow[Any]()
    for control in controls:
        made.add_item(control)
    return made


def values_of(interaction: discord.Interaction) -> tuple[str, ...]:
    """Return what was chosen in the select that was just used."""
    return tuple(str(value) for value in cast("dict[str, Any]", interaction.data).get("values", ()))


def modal(action: str, key: object, title: str, *labels: ui.Label[Any]) -> ui.Modal:
    """Return a modal of up to five labels; its submission is dispatched by custom_id, not by this object."""
    made = ui.Modal(title=title[:45], custom_id=custom_id(action, key), timeout=MODAL_SECONDS)
    for label in labels:
        made.add_item(label)
    made.on_submit = _leave_to_dispatch
    return made


async def _leave_to_dispatch(_interaction: discord.Interaction) -> None:
    """Do nothing: Controls.dispatch_modal answers each submission."""


def fields_of(interaction: discord.Interaction) -> dict[str, str | list[str]]:
    """Return what was filled into a modal, by each field's custom_id: a text, or the chosen values."""
    found: dict[str, str | list[str]] = {}
    for top in storable(interaction.data).get("components", ()):
        for field in [top["component"]] if "component" in top else top.get("components", ()):
            found[field["custom_id"]] = field["values"] if "values" in field else (field.get("value") or "")
    return found


def field(fields: dict[str, str | list[str]], name: str) -> str:
    """Return one filled-in text or chosen value, empty where nothing was."""
    value = fields.get(name, "")
    return value if isinstance(value, str) else (value[0] if value else "")
