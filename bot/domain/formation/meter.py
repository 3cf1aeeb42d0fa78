"""How much of the budget is used, who wants to know, and whether someone has called the search off."""

from collections.abc import Callable
from time import monotonic

from bot.domain.formation.problem import Budget

Clock = Callable[[], float]
MARGIN = 0.03  # the share of a time limit kept for the work after the search


class FormationCancelled(Exception):  # it is an answer to a request, not an error
    """The caller called the formation off; nothing of it is left."""


class Meter:
    """Counts iterations, or watches a clock, against a budget; `used` grows from 0 to 1."""

    def __init__(
        self,
        budget: Budget,
        progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        clock: Clock = monotonic,
    ) -> None:
        if (budget.seconds is None) == (budget.iterations is None):
            raise ValueError("a budget has either seconds or iterations")
        self._budget = budget
        self._progress = progress
        self._cancelled = cancelled
        self._clock = clock
        self._start = clock() if budget.seconds is not None else 0.0
        self._count = 0
        self._kept = 0.0
        self._told = -1.0
        self.used = 0.0

    def step(self) -> float:
        """Count one iteration and answer the share of the budget used so far."""
        self._count += 1
        if self._budget.iterations is not None:
            self.used = self._count / max(1, self._budget.iterations)
            if self._count & 63 == 0:
                self.report()
        elif self._count & 15 == 0:
            self.look()
        return self.used

    def look(self) -> float:
        """Look at the clock now, and at the caller's wish to cancel."""
        seconds = self._budget.seconds
        if seconds is not None:
            self.used = (self._clock() - self._start) / max(1e-9, seconds * (1 - MARGIN) - self._kept)
        self.report()
        return self.used

    def keep_as_much(self) -> None:
        """Keep as much time for the end as was used so far: judging takes about as long as reading the problem."""
        if self._budget.seconds is not None:
            self._kept = self._clock() - self._start

    def report(self) -> None:
        """Tell progress in steps of a hundredth, and stop at once if the caller has called it off."""
        if self._cancelled is not None and self._cancelled():
            raise FormationCancelled
        share = min(1.0, self.used)
        if self._progress is not None and share - self._told >= 0.01:
            self._told = share
            self._progress(share)

    def finish(self) -> None:
        """Tell that the whole is done."""
        self.used = 1.0
        self._told = min(self._told, 0.98)
        self.report()
