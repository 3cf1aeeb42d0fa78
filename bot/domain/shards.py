"""Which part of all guilds one process sees to: Discord deals guilds out to shards by their ids."""

from dataclasses import dataclass

SHIFT = 22  # the bits of an id above these are its time


@dataclass(frozen=True, slots=True)
class Share:
    """Some shards of a number of them."""

    shards: frozenset[int]
    of: int

    def owns(self, guild_id: int) -> bool:
        """Tell whether a guild is on one of the shards."""
        return (guild_id >> SHIFT) % self.of in self.shards

    @property
    def is_whole(self) -> bool:
        """Tell whether that is every guild."""
        return len(self.shards) == self.of

    @property
    def is_first(self) -> bool:
        """Tell whether direct messages arrive here, and what is done once for all guilds is done here."""
        return 0 in self.shards

    @property
    def part(self) -> float:
        """Return how much of the whole that is, above 0 up to 1."""
        return len(self.shards) / self.of


WHOLE = Share(frozenset((0,)), 1)
