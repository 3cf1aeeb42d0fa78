"""What people do on the simulated Discord: they type commands, choose, press and submit, as they would by hand."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import discord
from simcord import ChannelHandle, InteractionResult, MemberActor, ResponseMessage

from bot.demo.guild import Guild
from bot.demo.personas import Persona
from bot.domain.states import ExitReason, Met
from bot.services.answers import Reflection
from bot.services.silence import Choice
from bot.text import text

Shown = ResponseMessage | discord.Message


@dataclass(slots=True)
class Member:
    """A simulated member on the server.

    `present` until she leaves the program or the server; `asked` is the private
    question that she has read, `has_goal` while a goal of hers is open.
    """

    persona: Persona
    actor: MemberActor
    joined: bool = False
    present: bool = True
    rests_until: datetime | None = None
    asked: int | None = None
    has_goal: bool = False


async def set_up(guild: Guild, name: str, first_day: date, weeks: int, zone: str) -> int:
    """Set the program up on its panel, as a moderator does; return its id."""
    moderator = guild.moderator
    panel = answered(await moderator.slash(guild.lobby, "program setup"))
    await moderator.select(panel, [guild.lobby], custom_id=control(panel, "program-lobby"))
    await moderator.select(panel, [guild.moderators_channel], custom_id=control(panel, "program-modchannel"))
    await moderator.select(panel, [guild.role], custom_id=control(panel, "program-role"))
    await moderator.select(panel, ["2"], custom_id=control(panel, "program-weekday"))
    await moderator.select(panel, ["16"], custom_id=control(panel, "program-hour"))
    details = await moderator.click(panel, label=text("panel.details"))
    typed = {"name": name, "weeks": str(weeks), "day": first_day.isoformat(), "zone": zone, "sizes": "4-5-6"}
    await moderator.submit_modal(details, typed)
    program_id = int(control(panel, "program-start").rpartition(":")[2])
    await moderator.click(panel, label=text("panel.start"))
    return program_id


async def approve(guild: Guild) -> None:
    """Look at the draft that was announced, let the circles be formed once more, and publish it."""
    announced = find_message(guild.moderators_channel, text("draft-ready.open"))
    if announced is None:
        raise LookupError("no draft was announced")
    shown = answered(await guild.moderator.click(announced, label=text("draft-ready.open")))
    await guild.moderator.click(shown, label=text("rotation.reroll"))
    await guild.moderator.click(shown, label=text("rotation.publish"))


async def let_it_publish(guild: Guild) -> None:
    """Let later rotations be published by themselves."""
    panel = answered(await guild.moderator.slash(guild.lobby, "program edit"))
    await guild.moderator.click(panel, label=text("panel.make-auto"))


async def join(guild: Guild, member: Member) -> None:
    """Join through the command, its completion by city, and the modal; then set the weekly hours."""
    persona, actor = member.persona, member.actor
    offered = await actor.autocomplete(guild.lobby, "circle join", "zone", persona.place.city)
    modal = await actor.slash(guild.lobby, "circle join", zone=offered[0]["value"])
    typed = {
        "helps_with": persona.helps_with,
        "wants_help_with": persona.wants_help_with,
        "languages": persona.languages,
        "experience": persona.experience,
    }
    await actor.submit_modal(modal, typed)
    panel = answered(await actor.slash(guild.lobby, "circle availability"))
    await actor.select(panel, [str(day) for day in persona.days], custom_id=control(panel, "hours-days"))
    await actor.select(panel, [str(hour) for hour in persona.hours], custom_id=control(panel, "hours-set"))
    member.joined = True


async def check_in(guild: Guild, member: Member, said: Reflection, card: discord.Message | None = None) -> None:
    """Answer the open check-in, or change the answer: by the button on a card, or without one by the command."""
    if card is None:
        modal = await member.actor.slash(guild.lobby, "checkin")
    else:
        modal = await member.actor.click(card, label=text("checkin.answer"))
    typed = {"win": said.win, "challenge": said.challenge, "ask": said.ask, "progress": said.progress}
    await member.actor.submit_modal(modal, {"week": str(said.week)} | typed)


async def say_met(member: Member, farewell: discord.Message, met: Met, thanks: str) -> None:
    """Press whether the circle met, on its farewell, and perhaps write to whoever led it."""
    shown = answered(await member.actor.click(farewell, label=text(f"farewell.met.{met}")))
    if thanks and find_control(shown, "lead-word"):
        modal = await member.actor.click(shown, custom_id=control(shown, "lead-word"))
        await member.actor.submit_modal(modal, {"words": thanks, "when": "together"})


async def pause(guild: Guild, member: Member) -> None:
    """Rest for some weeks."""
    back = guild.now + timedelta(weeks=member.persona.pause_weeks)
    await member.actor.slash(guild.lobby, "circle pause", until=back.date().isoformat())
    member.rests_until = back


async def skip(guild: Guild, member: Member) -> None:
    """Sit the next rotation out."""
    await member.actor.slash(guild.lobby, "circle skip")


async def leave(guild: Guild, member: Member, reason: ExitReason | None) -> None:
    """Leave the program, and mean it; say why, or skip the question."""
    asked = answered(await member.actor.slash(guild.lobby, "circle leave"))
    goodbye = answered(await member.actor.click(asked, label=text("leave.sure")))
    member.present = False
    if reason is None:
        await member.actor.click(goodbye, custom_id=control(goodbye, "exit-skip"))
    else:
        await member.actor.select(goodbye, [reason.value], custom_id=control(goodbye, "exit-reason"))


async def be_forgotten(guild: Guild, member: Member) -> None:
    """Take one's data along, then have it erased."""
    await member.actor.slash(guild.lobby, "privacy export")
    asked = answered(await member.actor.slash(guild.lobby, "privacy erase"))
    await member.actor.click(asked, label=text("privacy.erase.sure"))


def vanish(guild: Guild, member: Member) -> None:
    """Leave the server without a word."""
    guild.server.remove_member(member.actor)
    member.present = False


async def avoid(guild: Guild, member: Member, other: Member) -> None:
    """Ask, privately, never to be placed with somebody again."""
    await member.actor.slash(guild.lobby, "circle avoid add", member=other.actor)


async def reply(member: Member, question: discord.Message, choice: Choice) -> None:
    """Answer the private question by one of its buttons."""
    await member.actor.user.click(question, label=text(f"silence.{choice}"))
    member.present = choice is not Choice.LEAVE


async def answer_pulse(member: Member, invitation: discord.Message, choose: Callable[[], Sequence[int]]) -> None:
    """Answer a pulse page by page through its invitation, consenting first where that is asked."""
    shown = await member.actor.click(invitation, label=text("pulse.answer"))
    if shown.modal is None:
        shown = await member.actor.click(answered(shown), label=text("consent.agree"))
    chosen = choose()
    while shown.modal is not None:
        given = {item: str(chosen[int(item)]) for item in asked_fields(shown)}
        kept = answered(await member.actor.submit_modal(shown, given))
        if find_control(kept, "pulse-later") is None:
            return
        shown = await member.actor.click(kept, custom_id=control(kept, "pulse-page"))


async def read_results(guild: Guild, instrument: str) -> ResponseMessage:
    """Read what a pulse published, as a moderator does."""
    return answered(await guild.moderator.slash(guild.moderators_channel, "pulses results", instrument=instrument))


def answered(result: InteractionResult) -> ResponseMessage:
    """Return the newest message that the bot answered with."""
    shown = [message for message in (result.response, *result.followups) if message is not None]
    return shown[-1]


def asked_fields(opened: InteractionResult) -> list[str]:
    """Return the custom_id of each field that an opened modal asks for; nothing where none was opened."""
    tops: list[Any] = opened.modal["components"] if opened.modal else []
    return [top["component"]["custom_id"] for top in tops if "component" in top]


def control(message: Shown, action: str) -> str:
    """Return the custom_id of the first control with an action."""
    found = find_control(message, action)
    if found is None:
        raise LookupError(f"there is no control for {action}")
    return found


def find_control(message: Shown, action: str) -> str | None:
    """Return the custom_id of the first control with an action, if there is one."""
    found = (each for each in _values(_parts(message), "custom_id") if each.startswith(f"pc:{action}:"))
    return next(found, None)


def find_message(channel: ChannelHandle, label: str) -> discord.Message | None:
    """Return the newest message of a channel with a button of this label."""
    return next(find_messages(channel, label), None)


def find_messages(channel: ChannelHandle, label: str) -> Iterator[discord.Message]:
    """Find the messages of a channel with a button of this label, the newest first."""
    for message in reversed(channel.history()):
        if label in _values(_parts(message), "label"):
            yield message


def words_of(message: discord.Message) -> str:
    """Return every text that a message shows."""
    return "\n".join(_values(_parts(message), "content"))


def _parts(message: Shown) -> list[Any]:
    """Return a message's components as Discord writes them."""
    return [each if isinstance(each, dict) else each.to_dict() for each in message.components]


def _values(components: list[Any], name: str) -> Iterator[str]:
    """Walk components for what they hold under a name."""
    for component in components:
        if component.get(name):
            yield component[name]
        yield from _values(component.get("components", []), name)
