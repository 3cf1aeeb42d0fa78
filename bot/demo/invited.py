"""Which invitations to pulses simulated members have seen, and to which wave each belongs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import discord
from simcord import ChannelHandle

from bot.demo.acts import find_messages, words_of
from bot.domain.survey.instrument import Instrument
from bot.text import text


@dataclass(frozen=True, slots=True)
class OpenedWave:
    """A wave as those invited know it."""

    instrument: Instrument
    number: int


@dataclass(slots=True)
class Invited:
    """The invitations seen so far; the waves of an instrument are told apart by the day they opened."""

    instruments: Mapping[str, Instrument]
    seen: set[int] = field(default_factory=set[int])
    days: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def find_new(self, thread: ChannelHandle) -> list[tuple[discord.Message, OpenedWave]]:
        """Return the invitations of a thread that were not seen before."""
        new = [each for each in find_messages(thread, text("pulse.answer")) if each.id not in self.seen]
        self.seen.update(each.id for each in new)
        return [(message, self._wave(message)) for message in new]

    def _wave(self, message: discord.Message) -> OpenedWave:
        words = words_of(message)
        instrument = next(each for each in self.instruments.values() if each.title in words)
        days = self.days.setdefault(instrument.id, [])
        day = f"{message.created_at:%Y-%m-%d}"
        if day not in days:
            days.append(day)
        return OpenedWave(instrument, days.index(day) + 1)
