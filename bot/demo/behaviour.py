"""How simulated members behave: whether and when they answer, and what they say, all drawn from one generator."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from bot.demo.personas import Persona
from bot.demo.words import ASKS, CHALLENGES, PROGRESS, THANKS, WINS
from bot.domain.states import Met
from bot.services.answers import Reflection
from bot.services.silence import Choice

BEFORE_REMINDER = timedelta(hours=47)
BEFORE_CLOSE = timedelta(hours=94)
COMES_BACK_AFTER_REMINDER = 0.75
CHANGES_ANSWER = 0.03
SAYS_MET = 0.6
THANKS_LEAD = 0.4
QUIET_RATE = 0.04
MET_SHARES = {Met.YES: 11, Met.ONCE: 6, Met.NO: 3}
REPLY_SHARES: dict[Choice | None, int] = {Choice.STAY: 5, Choice.PAUSE: 2, Choice.LEAVE: 1, None: 3}


def draw_wait(random: Random, persona: Persona, week: int) -> timedelta | None:
    """Draw how long somebody takes to answer a check-in of a week of the season; None is never."""
    quiet = persona.quiet_from is not None and week >= persona.quiet_from
    if random.random() >= (QUIET_RATE if quiet else persona.rate):
        return None
    if random.random() < persona.prompt:
        return BEFORE_REMINDER * random.betavariate(1.2, 3)
    if random.random() < COMES_BACK_AFTER_REMINDER:
        return BEFORE_REMINDER + (BEFORE_CLOSE - BEFORE_REMINDER) * random.betavariate(1.2, 3)
    return None


def draw_change(random: Random) -> bool:
    """Draw whether somebody comes back to change an answer."""
    return random.random() < CHANGES_ANSWER


def draw_reflection(random: Random, persona: Persona) -> Reflection:
    """Draw what somebody says about a week."""
    return Reflection(
        week=min(5, max(1, round(random.gauss(persona.mood, 0.9)))),
        win=_sometimes(random, WINS, 0.85),
        challenge=_sometimes(random, CHALLENGES, 0.7),
        ask=_sometimes(random, ASKS, 0.35),
        progress=_sometimes(random, PROGRESS, 0.6),
    )


def draw_met(random: Random) -> Met:
    """Draw whether a circle met."""
    return random.choices(list(MET_SHARES), list(MET_SHARES.values()))[0]


def draw_says_met(random: Random) -> bool:
    """Draw whether somebody says so."""
    return random.random() < SAYS_MET


def draw_thanks(random: Random) -> str:
    """Draw what somebody writes to whoever led her circle; nothing is nothing."""
    return _sometimes(random, THANKS, THANKS_LEAD)


def draw_reply(random: Random) -> Choice | None:
    """Draw what somebody answers to the private question; None is nothing."""
    return random.choices(list(REPLY_SHARES), list(REPLY_SHARES.values()))[0]


def _sometimes(random: Random, bank: Sequence[str], share: float) -> str:
    return random.choice(bank) if random.random() < share else ""
