"""How much may happen within a span of time: windows that slide, and whose memory is bounded."""

from collections import OrderedDict, deque
from collections.abc import Hashable
from datetime import datetime, timedelta

NONE = timedelta(0)
MOST_KEYS = 10_000


class Window:
    """At most so many events within any span."""

    def __init__(self, most: int, span: timedelta) -> None:
        self._most = most
        self._span = span
        self._moments: deque[datetime] = deque(maxlen=most)

    def wait(self, now: datetime) -> timedelta:
        """Return how long it takes until there is room for one more: nothing where there is."""
        self._forget(now)
        return NONE if len(self._moments) < self._most else self._moments[0] + self._span - now

    def add(self, now: datetime) -> None:
        """Count an event."""
        self._moments.append(now)

    def clear(self) -> None:
        """Begin anew."""
        self._moments.clear()

    def is_empty(self, now: datetime) -> bool:
        """Tell whether nothing happened within the span."""
        self._forget(now)
        return not self._moments

    def _forget(self, now: datetime) -> None:
        # What seems to lie ahead was counted before the clock was set back.
        while self._moments and not now - self._span < self._moments[0] <= now:
            self._moments.popleft()


class Windows:
    """A window for each of many keys; idle ones are dropped, and beyond so many keys the one longest unused."""

    def __init__(self, most: int, span: timedelta, keys: int = MOST_KEYS) -> None:
        self._most = most
        self._span = span
        self._keys = keys
        self._windows: OrderedDict[Hashable, Window] = OrderedDict()

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._windows)

    def wait(self, key: Hashable, now: datetime) -> timedelta:
        """Return how long a key has to wait until there is room for one more."""
        window = self._windows.get(key)
        return NONE if window is None else window.wait(now)

    def add(self, key: Hashable, now: datetime) -> None:
        """Count an event of a key."""
        window = self._windows.setdefault(key, Window(self._most, self._span))
        window.add(now)
        self._windows.move_to_end(key)
        while len(self._windows) > self._keys or next(iter(self._windows.values())).is_empty(now):
            self._windows.popitem(last=False)
