"""What happens between the check-ins: goals, wins, help, meetings, concerns, and what moderators see to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle
from random import Random

from bot.demo import deeds
from bot.demo.acts import Member
from bot.demo.guild import Guild
from bot.demo.words import AIMS, ANSWER, BARRIERS, PRAISE, SHARED, TOPICS, WINS
from bot.domain.agenda import Guide
from bot.domain.formation import Role
from bot.domain.goals import Outcome
from bot.domain.states import ExitReason, HelpKind, MeetingHow
from bot.services.circles import CircleCard

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
SETS_GOAL, REACHES_GOAL, GIVES_KUDOS, ADDS_WIN = 0.3, 0.6, 0.08, 0.06
AGREES_ON_MEETING, TICKS, SAYS_HOW, POSTS_GUIDE = 0.35, 0.85, 0.5, 0.3
SAYS_WHY = 0.7
OUTCOMES: Mapping[Outcome | None, int] = {
    Outcome.PROMOTION: 2,
    Outcome.RAISE: 3,
    Outcome.JOB: 2,
    Outcome.TALK: 4,
    Outcome.VENTURE: 1,
    Outcome.OTHER: 3,
    None: 5,
}
HOWS: Mapping[MeetingHow, int] = {MeetingHow.WELL: 7, MeetingHow.SHORT: 2, MeetingHow.NOBODY: 1}
Act = Callable[[], Awaitable[None]]


class Growth:
    """Plans these deeds rotation by rotation; `at` puts an act on the season's calendar."""

    def __init__(
        self, guild: Guild, random: Random, members: Mapping[int, Member], at: Callable[[datetime, Act], None]
    ) -> None:
        self._guild = guild
        self._random = random
        self._members = members
        self._at = at
        self._shared = iter(SHARED)
        self._barriers = iter(BARRIERS)
        self._guides = cycle(Guide)
        self._looked_around = False

    def begin_rotation(self, circles: Sequence[CircleCard], weeks: int) -> None:
        """Plan what a rotation that has just begun brings."""
        seated = [self._members[seat.user_id] for circle in circles for seat in circle.seats if seat.user_id]
        for member in seated:
            self._plan_goal(member, weeks)
        for circle in circles:
            self._plan_circle(circle)
        self._plan_program(seated, weeks)

    def draw_reason(self) -> ExitReason | None:
        """Draw why somebody leaves; None keeps it to herself."""
        return self._random.choice(list(ExitReason)) if self._random.random() < SAYS_WHY else None

    def _plan_goal(self, member: Member, weeks: int) -> None:
        """Plan a goal, and perhaps that it is reached before the rotation ends."""
        if self._random.random() >= SETS_GOAL or member.has_goal:
            return
        path, aim = self._random.choice(AIMS)
        self._soon(member, 2 * DAY, partial(self._set_goal, member, partial(deeds.set_goal, path=path, aim=aim)))
        if self._random.random() < REACHES_GOAL:
            (outcome,) = self._random.choices(list(OUTCOMES), list(OUTCOMES.values()))
            moment = weeks * WEEK - 2 * DAY * self._random.random() - DAY
            self._later(member, moment, partial(self._reach_goal, member, outcome))

    async def _set_goal(self, member: Member, act: Callable[[Guild, Member], Awaitable[None]]) -> None:
        member.has_goal = True
        await act(self._guild, member)

    async def _reach_goal(self, member: Member, outcome: Outcome | None) -> None:
        member.has_goal = False
        await deeds.reach_goal(self._guild, member, outcome)

    def _plan_circle(self, circle: CircleCard) -> None:
        """Plan what the members of one circle do together."""
        members = [self._members[seat.user_id] for seat in circle.seats if seat.user_id]
        for member in members:
            others = [other for other in members if other is not member]
            if others and self._random.random() < GIVES_KUDOS:
                praise = self._random.choice(PRAISE)
                other = self._random.choice(others)
                self._soon(member, 2 * WEEK, partial(deeds.give_kudos, self._guild, member, other, praise))
            if self._random.random() < ADDS_WIN:
                win = self._random.choice(WINS)
                self._soon(member, 2 * WEEK, partial(deeds.add_win, self._guild, member, win))
        leads = [self._members[seat.user_id] for seat in circle.seats if seat.user_id and seat.role is not Role.MEMBER]
        if leads and self._random.random() < POSTS_GUIDE:
            guide = next(self._guides)
            self._later(leads[0], 3 * DAY, partial(deeds.post_guide, self._guild, leads[0], guide))
        if members and circle.thread_id and self._random.random() < AGREES_ON_MEETING:
            self._later(members[0], DAY, partial(self._agree_on_meeting, members, circle.thread_id))

    async def _agree_on_meeting(self, members: Sequence[Member], thread_id: int) -> None:
        """Ask when to meet, let everybody tick within hours, and come back for the meeting."""
        vote = await deeds.propose_meeting(self._guild, members[0], thread_id)
        if vote is None:
            return
        for member in members:
            if self._random.random() < TICKS:
                self._soon(member, 12 * HOUR, partial(deeds.tick, member, vote))
        self._at(self._guild.now + 2 * DAY, partial(self._await_meeting, members, thread_id))

    async def _await_meeting(self, members: Sequence[Member], thread_id: int) -> None:
        starts_at = deeds.find_meeting(self._guild, thread_id)
        if starts_at is None:
            return
        for wait in (-HOUR, 2 * HOUR):  # the reminder and the question leave when they are due
            self._at(starts_at + wait, self._ring)
        (how,) = self._random.choices(list(HOWS), list(HOWS.values()))
        for member in members:
            if self._random.random() < SAYS_HOW:
                act = partial(deeds.say_how_it_went, self._guild, member, thread_id, how)
                self._at(starts_at + 3 * HOUR, partial(self._if_there, member, act))

    async def _ring(self) -> None:
        await self._guild.clock.ring()

    def _plan_program(self, seated: Sequence[Member], weeks: int) -> None:
        """Plan what members do across circles, and what moderators see to."""
        guild, random = self._guild, self._random
        if not seated:
            return
        for shared in (next(self._shared, None), next(self._shared, None)):
            if shared is not None:
                member = random.choice(seated)
                self._soon(member, WEEK, partial(deeds.share, guild, member, shared))
        for topic in random.sample(TOPICS, 2):
            asking, offering = random.sample(seated, 2) if len(seated) > 1 else (seated[0], seated[0])
            self._later(offering, 2 * DAY, partial(deeds.offer, guild, offering, HelpKind.SKILL, topic))
            self._later(asking, 3 * DAY, partial(deeds.ask, guild, asking, HelpKind.SKILL, topic))
            for member in (offering, asking):
                self._later(member, 4 * DAY, partial(deeds.agree_to_meet, member))
                self._later(member, weeks * WEEK - 2 * DAY, partial(deeds.say_whether_it_helped, guild, member))
        for barrier in (next(self._barriers, None), next(self._barriers, None)):
            if barrier is not None:
                member = random.choice(seated)
                self._soon(member, WEEK, partial(deeds.raise_concern, guild, member, *barrier))
        self._at(guild.now + 10 * DAY, partial(deeds.answer_concern, guild, ANSWER))
        self._at(guild.now + weeks * WEEK / 2, partial(deeds.repair, guild))
        mentor = random.choice(seated)
        self._soon(mentor, WEEK, partial(deeds.offer_to_mentor, guild, mentor, random.choice(TOPICS)))
        self._at(guild.now + 5 * DAY, partial(self._swap, random.choice(seated), random.choice(seated)))
        if not self._looked_around:
            self._looked_around = True
            self._at(guild.now + weeks * WEEK - DAY, partial(self._look_around, seated))

    async def _swap(self, one: Member, other: Member) -> None:
        if one is not other and one.present and other.present:
            await deeds.swap(self._guild, one, other)

    async def _look_around(self, seated: Sequence[Member]) -> None:
        staying = [member for member in seated if member.present]
        if staying:
            await deeds.look_around(self._guild, self._random.choice(staying))

    def _soon(self, member: Member, within: timedelta, act: Act) -> None:
        """Let somebody act at a random moment within a time."""
        self._later(member, within * self._random.random(), act)

    def _later(self, member: Member, wait: timedelta, act: Act) -> None:
        self._at(self._guild.now + wait, partial(self._if_there, member, act))

    async def _if_there(self, member: Member, act: Act) -> None:
        resting = member.rests_until is not None and self._guild.now < member.rests_until
        if member.joined and member.present and not resting:
            await act()
