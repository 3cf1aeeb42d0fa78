"""What members do for themselves and for one another on the simulated Discord, beside the check-ins."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import discord
from simcord import ChannelHandle, MemberActor

from bot.demo.acts import Member, answered, asked_fields, control, find_control, find_messages, words_of
from bot.demo.guild import Guild
from bot.demo.words import Sharing
from bot.domain.agenda import Guide
from bot.domain.concerns import ConcernKind, Theme
from bot.domain.goals import GoalPath, Outcome
from bot.domain.states import CameOf, Helped, HelpKind, MeetingHow
from bot.text import text

TIMES = re.compile(r"<t:(\d+):F>")
LETTERS = "introduction.show"


async def set_goal(guild: Guild, member: Member, path: GoalPath, aim: str) -> None:
    """Set a goal through its modal."""
    modal = await member.actor.slash(guild.lobby, "goal set")
    by = (guild.now + timedelta(weeks=3)).date().isoformat()
    await member.actor.submit_modal(modal, {"aim": aim, "path": [path.value], "next_step": "", "by": by})


async def reach_goal(guild: Guild, member: Member, outcome: Outcome | None) -> None:
    """Record that the goal is reached, and what came of it."""
    options = {} if outcome is None else {"outcome": outcome.value}
    await member.actor.slash(guild.lobby, "goal done", **options)


async def add_win(guild: Guild, member: Member, words: str) -> None:
    """Put a win into the evidence file, and look at the file."""
    modal = await member.actor.slash(guild.lobby, "win add")
    await member.actor.submit_modal(modal, {"words": words, "effect": "", "day": guild.now.date().isoformat()})
    await member.actor.slash(guild.lobby, "win list")


async def give_kudos(guild: Guild, member: Member, other: Member, words: str) -> None:
    """Write kudos to somebody of the same circle who is still there, and who may show them."""
    if not other.present:
        return
    modal = await member.actor.slash(guild.lobby, "kudos", member=other.actor)
    if modal.modal is not None:
        given = {"words": words, "where": "circle"}
        await member.actor.submit_modal(modal, {name: given[name] for name in asked_fields(modal)})


async def ask(guild: Guild, member: Member, kind: HelpKind, topics: str) -> None:
    """Ask for help with something."""
    modal = await member.actor.slash(guild.lobby, "ask new", kind=kind.value)
    await member.actor.submit_modal(modal, {"topics": topics, "words": ""})


async def offer(guild: Guild, member: Member, kind: HelpKind, topics: str) -> None:
    """Offer help with something, to one at a time."""
    modal = await member.actor.slash(guild.lobby, "offer new", kind=kind.value)
    await member.actor.submit_modal(modal, {"topics": topics, "words": "", "at_once": "1"})


async def agree_to_meet(member: Member) -> None:
    """Say yes to every introduction that came by direct message."""
    for letter in find_messages(member.actor.user.dm_channel, text(LETTERS)):
        shown = answered(await member.actor.user.click(letter, label=text(LETTERS)))
        if find_control(shown, "introduction-yes"):
            await member.actor.user.click(shown, label=text("introduction.yes"))


async def say_whether_it_helped(guild: Guild, member: Member) -> None:
    """Answer in each thread of an introduction whether it helped, and what came of it."""
    threads = [each for each in guild.lobby.threads if guild.sits_in(member.actor, each)]
    for question in (each for thread in threads for each in find_messages_with(thread, "introduction-helped")):
        choice = control(question, "introduction-helped")
        shown = answered(await member.actor.select(question, values=[Helped.YES.value], custom_id=choice))
        if find_control(shown, "introduction-came-of"):
            choice = control(shown, "introduction-came-of")
            await member.actor.select(shown, values=[CameOf.SKILL.value], custom_id=choice)


async def offer_to_mentor(guild: Guild, member: Member, topics: str) -> None:
    """Offer to mentor three people."""
    modal = await member.actor.slash(guild.lobby, "mentor offer")
    await member.actor.submit_modal(modal, {"capacity": "3", "topics": topics})


async def share(guild: Guild, member: Member, shared: Sharing) -> None:
    """Share an opportunity, then look at what others shared."""
    deadline = (guild.now + timedelta(weeks=shared.weeks)).date().isoformat()
    options = {"kind": shared.kind.value, "remote": shared.remote, "deadline": deadline}
    modal = await member.actor.slash(guild.lobby, "opportunity share", **options)
    typed = {"title": shared.title, "topics": shared.topics, "link": "https://example.org/"}
    await member.actor.submit_modal(modal, typed)
    await member.actor.slash(guild.lobby, "opportunity browse")


async def propose_meeting(guild: Guild, member: Member, thread_id: int) -> discord.Message | None:
    """Ask the circle when to meet; return the card with the hours."""
    await member.actor.slash(guild.lobby, "circle meet")
    return _newest(guild, thread_id, "meet-vote")


async def tick(member: Member, vote: discord.Message) -> None:
    """Tick the hour that is shown first."""
    await member.actor.select(vote, values=["0"], custom_id=control(vote, "meet-vote"))


def find_meeting(guild: Guild, thread_id: int) -> datetime | None:
    """Return when a circle is to meet, from the card that says so."""
    fixed = _newest(guild, thread_id, "meet-move")
    found = TIMES.search(words_of(fixed)) if fixed else None
    return datetime.fromtimestamp(int(found[1]), UTC) if found else None


async def say_how_it_went(guild: Guild, member: Member, thread_id: int, how: MeetingHow) -> None:
    """Answer how the meeting went, where that was asked."""
    asked = _newest(guild, thread_id, f"meet-went-{how}")
    if asked is not None:
        await member.actor.click(asked, custom_id=control(asked, f"meet-went-{how}"))


async def post_guide(guild: Guild, member: Member, guide: Guide) -> None:
    """Look at a session guide, and post it where one leads the circle."""
    shown = answered(await member.actor.slash(guild.lobby, "agenda", guide=guide.value))
    if find_control(shown, "agenda-pick"):
        await member.actor.click(shown, custom_id=control(shown, "agenda-pick"))


async def raise_concern(guild: Guild, member: Member, theme: Theme, words: str) -> None:
    """Raise a concern about a barrier, without a name."""
    before = answered(await member.actor.slash(guild.lobby, "concern report"))
    modal = await member.actor.click(before, label=text("concern.without-name"))
    given = {"kind": ConcernKind.BARRIER.value, "theme": [theme.value], "words": words, "readers": "moderators"}
    await member.actor.submit_modal(modal, given)


async def answer_concern(guild: Guild, words: str) -> None:
    """Answer the concern that a moderator reads first."""
    shown = answered(await guild.moderator.slash(guild.moderators_channel, "concern list"))
    if find_control(shown, "concern-answer"):
        modal = await guild.moderator.click(shown, custom_id=control(shown, "concern-answer"))
        await guild.moderator.submit_modal(modal, {"words": words})


async def repair(guild: Guild) -> None:
    """Let circles that became too small be mended, where that is needed."""
    shown = answered(await guild.moderator.slash(guild.moderators_channel, "rotation repair"))
    if find_control(shown, "repair-publish"):
        await guild.moderator.click(shown, custom_id=control(shown, "repair-publish"))


async def swap(guild: Guild, one: Member, other: Member) -> None:
    """Let two people change places, where the rules allow it."""
    moderator, channel = guild.moderator, guild.moderators_channel
    shown = answered(await moderator.slash(channel, "rotation swap", one=one.actor, other=other.actor))
    if find_control(shown, "repair-publish"):
        await moderator.click(shown, custom_id=control(shown, "repair-publish"))


async def bring_along(guild: Guild, newcomers: Sequence[MemberActor]) -> None:
    """Enrol people from a file, with the encounters that they had elsewhere; each hears of it in private."""
    roster = "\n".join(["member_id", *(str(each.id) for each in newcomers)])
    past = "\n".join(["rotation,circle,member_id", *(f"1,a,{each.id}" for each in newcomers)])
    files = {"file": ("roster.csv", roster.encode()), "history": ("history.csv", past.encode())}
    shown = answered(await guild.moderator.slash(guild.moderators_channel, "program import", **files))
    await guild.moderator.click(shown, custom_id=control(shown, "import-sure"))


async def look_around(guild: Guild, member: Member) -> None:
    """Read how the program fares, what moderators did, and whether somebody heard from the bot; take figures along."""
    await guild.moderator.slash(guild.moderators_channel, "program health")
    await guild.moderator.slash(guild.moderators_channel, "program audit")
    await guild.moderator.slash(guild.moderators_channel, "program delivery", member=member.actor)
    await guild.moderator.slash(guild.moderators_channel, "program export")


def find_messages_with(channel: ChannelHandle, action: str) -> Iterator[discord.Message]:
    """Find the messages of a channel with a control of an action, the newest first."""
    return (each for each in reversed(channel.history()) if find_control(each, action))


def _newest(guild: Guild, thread_id: int, action: str) -> discord.Message | None:
    """Return the newest message of a thread with a control of an action."""
    thread = guild.find_thread(thread_id)
    return next(find_messages_with(thread, action), None) if thread else None
