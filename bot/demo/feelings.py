"""What simulated members feel and do not say: a latent trait that rises slowly, and the answers that it leads to."""

from dataclasses import dataclass, field
from random import Random

from bot.domain.survey.instrument import Instrument

START = 3.1  # the average member's confidence before the first circle, on the scale from 1 to 5
SPREAD = 0.6  # between members
RISE_A_WEEK, RISE_SPREAD = 0.03, 0.015
MOOD = 0.25  # from one answer to the next
NOISE = 0.5  # of a single statement
CONSENTS, ANSWERS = 0.8, 0.85
HIGH_IS_DOUBT = frozenset(("selfdoubt_6",))  # a high score of these is low confidence


@dataclass(slots=True)
class Feeling:
    """One member's hidden course."""

    start: float
    rise: float
    consents: bool

    def confidence(self, week: int) -> float:
        """Return how confident she is in a week of the season, before the mood of the day."""
        return self.start + self.rise * week


@dataclass(slots=True)
class Feelings:
    """Everybody's hidden course, and the truth behind each wave that was answered.

    `truth` holds, for each (instrument, wave), what those who answered really felt, on the instrument's scale.
    """

    random: Random
    of: dict[int, Feeling] = field(default_factory=dict)
    truth: dict[tuple[str, int], dict[int, float]] = field(default_factory=dict)

    def draw(self, user: int) -> Feeling:
        """Return a member's course, drawn when she is first asked."""
        if user not in self.of:
            rise = self.random.gauss(RISE_A_WEEK, RISE_SPREAD)
            self.of[user] = Feeling(self.random.gauss(START, SPREAD), rise, self.random.random() < CONSENTS)
        return self.of[user]

    def answers(self, user: int) -> bool:
        """Draw whether a member answers a wave."""
        return self.draw(user).consents and self.random.random() < ANSWERS

    def choose(self, user: int, instrument: Instrument, wave: int, week: int) -> list[int]:
        """Draw a member's answer to each statement, and remember what she really felt."""
        scale = instrument.scale
        level = self.draw(user).confidence(week)
        real = scale.low + scale.high - level if instrument.id in HIGH_IS_DOUBT else level
        self.truth.setdefault((instrument.id, wave), {})[user] = min(scale.high, max(scale.low, real))
        felt = real + self.random.gauss(0, MOOD)
        values = [option.value for option in instrument.options]
        return [self._option(felt, values, reverse=item.reverse) for item in instrument.items]

    def _option(self, felt: float, values: list[int], *, reverse: bool) -> int:
        keyed = min(values[-1], max(values[0], round(felt + self.random.gauss(0, NOISE))))
        return values[0] + values[-1] - keyed if reverse else keyed
