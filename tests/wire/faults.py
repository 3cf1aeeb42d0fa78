"""What goes wrong on the wire: delays, refusals, answers that are lost, and the bot's sudden end."""

import os
import signal
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

MAKING = ("/threads", "/messages")


@dataclass
class Storm:
    """A time in which Discord answers 429 to everything, or to everything of one route."""

    until: float
    route: str | None


@dataclass
class Faults:
    """What is to go wrong, and how often; shares are from 0 to 1, times in seconds."""

    seed: int = 0
    delay: tuple[float, float] = (0.0, 0.0)
    fail_after: float = 0.0  # done, but answered with a 500
    drop_after: float = 0.0  # done, but the connection ends without an answer
    late: float = 0.0  # the connection ends at once, and what makes a thread or message is done some seconds later
    late_seconds: tuple[float, float] = (2.5, 4.0)
    storm: float = 0.0  # how likely a request sets a storm of 429 off
    storm_seconds: tuple[float, float] = (0.1, 0.5)
    spared: tuple[str, ...] = ()  # paths that contain one of these have no faults
    chance: Random = field(init=False)
    storms: list[Storm] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)

    def wait(self) -> float:
        """Return how long a request is to wait."""
        return self.chance.uniform(*self.delay) if self.delay[1] else 0.0

    def limited(self, route: str) -> tuple[float, bool] | None:
        """Return after how long a refused request may come again, and whether all routes are refused."""
        now = time.monotonic()
        self.storms = [each for each in self.storms if each.until > now]
        if self.storm and self.chance.random() < self.storm:
            for_all = self.chance.random() < 0.5
            until = now + self.chance.uniform(*self.storm_seconds)
            self.storms.append(Storm(until, None if for_all else route))
        for each in self.storms:
            if each.route in {None, route}:
                return round(each.until - now + 0.001, 3), each.route is None
        return None

    def late_by(self, route: str) -> float:
        """Return for how long a request lies about after its connection ended, if it does."""
        if self.late and route.endswith(MAKING) and self.chance.random() < self.late:
            return self.chance.uniform(*self.late_seconds)
        return 0.0

    def lost(self) -> str | None:
        """Return how the answer to what was done gets lost, if it does."""
        drawn = self.chance.random()
        if drawn < self.fail_after:
            return "500"
        return "dropped" if drawn < self.fail_after + self.drop_after else None


@dataclass
class Killer:
    """Ends a process at one request of its own: before it is carried out, after it, or some moments later."""

    pid: int
    at: int  # the number of the request, from 1
    before: bool = False
    after_seconds: float | None = None
    seen: int = 0
    done: bool = False

    def count(self) -> bool:
        """Count a request; tell whether it is the fatal one."""
        self.seen += 1
        return self.seen == self.at and not self.done

    def strike(self) -> None:
        """End the process as a power cut would."""
        self.done = True
        os.kill(self.pid, signal.SIGKILL)


def given(kind: type[Any], values: dict[str, Any]) -> Any:
    """Make an instance from JSON, whose lists become tuples."""
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
