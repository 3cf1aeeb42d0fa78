"""A season of a mentoring programme: what members do and when, drawn from one seeded generator."""

import heapq
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from random import Random

import discord

from bot.demo import acts, deeds
from bot.demo.acts import Member, find_message
from bot.demo.behaviour import (
    BEFORE_REMINDER,
    draw_change,
    draw_met,
    draw_reflection,
    draw_reply,
    draw_says_met,
    draw_thanks,
    draw_wait,
)
from bot.demo.feelings import Feelings
from bot.demo.growth import Growth
from bot.demo.guild import Guild
from bot.demo.invited import Invited, OpenedWave
from bot.demo.personas import JOINING_DAYS, Persona, draw_personas
from bot.domain.states import ScheduleKind
from bot.instruments import load_instruments
from bot.services import programs, rotations
from bot.services.circles import CircleCard
from bot.text import text

ZONE = "Europe/Berlin"
LONGEST_ROTATION = 4
BROUGHT_ALONG = 3  # people of an earlier circle elsewhere, whom a moderator enrols
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
LIVE = timedelta(days=3)  # played beyond the last week, so that the preview has an open check-in to press
Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the season is and from which seed everything in it follows."""

    members: int = 60
    weeks: int = 12
    seed: int = 1

    @property
    def rotation_weeks(self) -> int:
        """Return how long a rotation lasts: four weeks, or less where the season has not room for two of them."""
        return min(LONGEST_ROTATION, max(1, self.weeks // 2))


class Season:
    """Plays a plan through: simulated time jumps from one moment at which somebody or the bot acts to the next."""

    def __init__(self, guild: Guild, plan: Plan, tell: Callable[[datetime, str], None]) -> None:
        self.guild = guild
        self.plan = plan
        self.program_id = 0
        self.first_day = _first_day(guild.now)
        self.members: dict[int, Member] = {}
        self._tell = tell
        self._random = Random(plan.seed)
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order = count()
        self._rotation: int | None = None
        self.feelings = Feelings(Random(plan.seed))
        self._invited = Invited(load_instruments())
        self._growth = Growth(guild, Random(plan.seed), self.members, self._at)

    @property
    def begins(self) -> datetime:
        """The first day of the first rotation."""
        return datetime.combine(self.first_day, time(), UTC)

    @property
    def ends(self) -> datetime:
        """When the weeks of the plan are over."""
        return self.begins + self.plan.weeks * WEEK

    @property
    def _week(self) -> int:
        """The week of the season; the first is 1."""
        return (self.guild.now - self.begins) // WEEK + 1

    @property
    def lasts_until(self) -> datetime:
        """When playing stops: the next rotation has begun, and its first check-in is open."""
        return self.ends + LIVE

    async def play(self) -> None:
        """Set the program up, let everybody come, and play every week; the next rotation has just begun then."""
        guild, plan = self.guild, self.plan
        self._tell(guild.now, text("demo.tell.setup"))
        self.program_id = await acts.set_up(guild, "Peer Circles", self.first_day, plan.rotation_weeks, ZONE)
        for persona in draw_personas(self._random, plan.members, plan.weeks):
            self._expect(persona)
        await deeds.bring_along(guild, [member.actor for member in self.members.values()][:BROUGHT_ALONG])
        due = await guild.clock.ring()
        while (moment := self._next(due)) is not None and moment <= self.lasts_until:
            await guild.advance_to(moment)
            if due is not None and due <= moment:
                due = await self._ring()
            else:
                await heapq.heappop(self._acts)[2]()
        guild.raise_mistakes()

    def _next(self, due: datetime | None) -> datetime | None:
        moments = [*([due] if due else []), *([self._acts[0][0]] if self._acts else [])]
        return min(moments, default=None)

    def _at(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self._acts, (moment, next(self._order), act))

    async def _ring(self) -> datetime | None:
        """Let the bot do what is due, and people react to it."""
        card = await programs.get_card(self.guild.database, self.guild.server.id, self.program_id)
        due = {kind for kind, moment in card.next_due.items() if moment <= self.guild.now}
        self._tell(self.guild.now, "")
        following = await self.guild.clock.ring()
        if ScheduleKind.ROTATION in due and not card.rules.auto_publish:
            self._at(self.guild.now + timedelta(hours=2), self._approve)
        if ScheduleKind.ROTATION in due:
            await self._notice_rotation()
        if ScheduleKind.CHECKIN_OPEN in due:
            await self._expect_answers()
        if ScheduleKind.CHECKIN_CLOSE in due:
            self._expect_replies()
        if ScheduleKind.PULSE_OPEN in due:
            await self._expect_pulses()
        return following

    async def _approve(self) -> None:
        """Publish the first rotation by hand, and let the others follow by themselves."""
        await acts.approve(self.guild)
        await acts.let_it_publish(self.guild)
        await self._notice_rotation()

    async def _notice_rotation(self) -> None:
        """Once a rotation has begun, expect the words on whether the one before it met."""
        found = await rotations.list_history(self.guild.database, self.guild.server.id, self.program_id)
        if not found or found[0].number == self._rotation:
            return
        self._rotation = found[0].number
        self._tell(self.guild.now, text("demo.tell.rotation", number=self._rotation, circles=len(found[0].circles)))
        self._growth.begin_rotation(found[0].circles, self.plan.rotation_weeks)
        for circle in found[1].circles if len(found) > 1 else ():
            self._expect_met(circle)

    def _expect(self, persona: Persona) -> None:
        """Plan when somebody comes and what becomes of her taking part."""
        actor = self.guild.add_member(persona.name, dms_closed=persona.dms_closed)
        member = self.members[actor.id] = Member(persona, actor)
        self._at(self.guild.now + persona.joins_after, partial(self._join, member))
        for week, act in (
            (persona.pauses_in, acts.pause),
            (persona.skips_in, acts.skip),
        ):
            if week is not None:
                self._at(self._sometime_in(week), partial(self._if_there, member, partial(act, self.guild, member)))
        if persona.leaves_in is not None:
            self._at(
                self._sometime_in(persona.leaves_in), partial(self._if_there, member, partial(self._leave, member))
            )
        if persona.vanishes_in is not None:
            self._at(self._sometime_in(persona.vanishes_in), partial(self._vanish, member))
        if persona.avoids_in is not None:
            self._at(self._sometime_in(persona.avoids_in), partial(self._avoid, member))

    def _sometime_in(self, week: int) -> datetime:
        """Return a moment of a week of the season, the first of which is 1."""
        return self.begins + (week - 1) * WEEK + timedelta(minutes=self._random.randrange(7 * 24 * 60))

    async def _join(self, member: Member) -> None:
        await acts.join(self.guild, member)
        self._tell(self.guild.now, text("demo.tell.joins", name=member.persona.name, city=member.persona.place.city))

    async def _if_there(self, member: Member, act: Act) -> None:
        if member.joined and member.present:
            await act()

    async def _leave(self, member: Member) -> None:
        await acts.leave(self.guild, member, self._growth.draw_reason())
        if member.persona.erases:
            self._at(self.guild.now + DAY, partial(acts.be_forgotten, self.guild, member))

    async def _vanish(self, member: Member) -> None:
        acts.vanish(self.guild, member)

    async def _avoid(self, member: Member) -> None:
        """Let somebody avoid a companion of the circle she sits in."""
        if not member.joined or not member.present:
            return
        for circle in await self._circles():
            others = [self.members[user] for user in _users(circle) if user != member.actor.id]
            staying = [other for other in others if other.present]
            if len(others) < len(circle.seats) and staying:
                await acts.avoid(self.guild, member, self._random.choice(staying))

    async def _circles(self) -> Sequence[CircleCard]:
        """Return the circles of the rotation that runs."""
        found = await rotations.list_history(self.guild.database, self.guild.server.id, self.program_id)
        return found[0].circles if found else ()

    async def _expect_answers(self) -> None:
        """Plan who answers the check-ins that have just opened, when, and how."""
        for circle in await self._circles():
            thread = self.guild.find_thread(circle.thread_id or 0)
            card = find_message(thread, text("checkin.answer")) if thread else None
            for user in _users(circle):
                member = self.members[user]
                wait = draw_wait(self._random, member.persona, self._week)
                if card is None or wait is None or not member.present:
                    continue
                by_button = self._random.random() >= member.persona.uses_command
                self._answer_at(self.guild.now + wait, member, card if by_button else None)
                if draw_change(self._random):
                    self._answer_at(self.guild.now + wait + timedelta(minutes=30), member, None)

    async def _expect_pulses(self) -> None:
        """Plan who answers the pulses that have just opened, and when."""
        for circle in await self._circles():
            thread = self.guild.find_thread(circle.thread_id or 0)
            for invitation, wave in self._invited.find_new(thread) if thread else ():
                for user in _users(circle):
                    if self.members[user].present and self.feelings.answers(user):
                        wait = BEFORE_REMINDER * self._random.random()
                        self._at(self.guild.now + wait, partial(self._answer_pulse, user, invitation, wave))

    async def _answer_pulse(self, user: int, invitation: discord.Message, wave: OpenedWave) -> None:
        choose = partial(self.feelings.choose, user, wave.instrument, wave.number, self._week)
        member = self.members[user]
        await self._if_there(member, partial(acts.answer_pulse, member, invitation, choose))

    def _answer_at(self, moment: datetime, member: Member, card: discord.Message | None) -> None:
        said = draw_reflection(self._random, member.persona)
        self._at(moment, partial(self._check_in, member, partial(acts.check_in, self.guild, member, said, card)))

    async def _check_in(self, member: Member, act: Act) -> None:
        resting = member.rests_until is not None and self.guild.now < member.rests_until
        if member.present and not resting:
            await act()

    def _expect_met(self, circle: CircleCard) -> None:
        """Plan who says whether a circle that has ended met; its members agree."""
        thread = self.guild.find_thread(circle.thread_id or 0)
        farewell = find_message(thread, text("farewell.met.yes")) if thread else None
        met = draw_met(self._random)
        for user in _users(circle):
            member = self.members[user]
            wait = DAY * self._random.random()
            if farewell is not None and draw_says_met(self._random):
                act = partial(acts.say_met, member, farewell, met, draw_thanks(self._random))
                self._at(self.guild.now + wait, partial(self._if_there, member, act))

    def _expect_replies(self) -> None:
        """Plan who answers the private question, and how."""
        for member in self.members.values():
            question = find_message(member.actor.user.dm_channel, text("silence.stay"))
            if question is None or not member.present or member.asked == question.id:
                continue
            member.asked = question.id
            choice = draw_reply(self._random)
            if choice is not None:
                act = partial(acts.reply, member, question, choice)
                self._at(self.guild.now + DAY * self._random.random(), partial(self._if_there, member, act))


def _first_day(now: datetime) -> date:
    """Return the first Monday that leaves everybody the time to join."""
    day = (now + (JOINING_DAYS + 1) * DAY).date()
    return day + timedelta(days=-day.weekday() % 7)


def _users(circle: CircleCard) -> list[int]:
    return [seat.user_id for seat in circle.seats if seat.user_id is not None]
