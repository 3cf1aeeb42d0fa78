"""What a campaign must find in the end: each effect once on the ledger, and the database of the same opinion."""

from collections import Counter
from dataclasses import dataclass

from tests.wire.client import Json, Wire
from tests.wire.place import Place

UNWRITTEN = ("open-thread", "add-member")


@dataclass(frozen=True)
class Found:
    """What was lost, what was doubled, and what should not have happened at all."""

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    def __add__(self, other: "Found") -> "Found":
        return Found(self.lost + other.lost, self.doubled + other.doubled, self.wrong + other.wrong)

    @property
    def well(self) -> bool:
        """Whether nothing is amiss."""
        return self == Found()


def once(counted: Counter[str], expected: set[str]) -> Found:
    """Hold what was counted against what is to be there once."""
    return Found(
        tuple(sorted(expected - set(counted))),
        tuple(sorted(key for key, count in counted.items() if count > 1)),
        tuple(sorted(f"nobody asked for {key}" for key in set(counted) - expected)),
    )


def verify(place: Place, wire: Wire) -> Found:
    """Look for every thread, member and message of a published rotation, each once."""
    deliveries = place.rows("SELECT key, lower(kind), lower(state), result_id FROM delivery")
    kinds = [(key, kind.replace("_", "-"), state) for key, kind, state, _ in deliveries]
    needless = {key for key, _, state, result in deliveries if state == "done" and result is None}
    ledger = wire.ledger()
    threads = {key for key, kind, _ in kinds if kind == "open-thread"}
    written = {key for key, kind, _ in kinds if kind not in UNWRITTEN} - needless
    return (
        once(Counter(line["name"].rpartition(" ")[2] for line in kept(ledger, "thread", "delete-channel")), threads)
        + once(Counter(control_key(line) for line in kept(ledger, "message", "delete")), written)
        + once(Counter(entered(ledger)), seats(place, ledger))
        + Found(wrong=tuple(f"{key} ({kind}) is {state}" for key, kind, state in kinds if state != "done"))
        + Found(wrong=tuple(f"{each['what']}: {each}" for each in wire.objections()))
    )


def lines(ledger: list[Json], what: str) -> list[Json]:
    """Return the ledger's lines of a kind."""
    return [line for line in ledger if line["what"] == what]


def kept(ledger: list[Json], made: str, removed: str) -> list[Json]:
    """Return the ledger's lines of what was made and not removed again."""
    gone = {line["id"] for line in lines(ledger, removed)}
    return [line for line in lines(ledger, made) if line["id"] not in gone]


def control_key(message: Json) -> str:
    """Return the delivery's key that a message carries in its controls."""
    return next(iter({each.rpartition(":")[2] for each in message["controls"]}), "no key")


def entered(ledger: list[Json]) -> list[str]:
    """Return who came into which thread; whoever was in it already did not come in again."""
    return [f"{line['user']} in {line['thread']}" for line in lines(ledger, "member") if not line["again"]]


def seats(place: Place, ledger: list[Json]) -> set[str]:
    """Return who is to be in which thread, by the database's circles and the ledger's threads."""
    rows = place.rows(
        "SELECT person.user_id, delivery.key FROM membership"
        " JOIN person ON person.id = membership.person_id"
        " JOIN delivery ON delivery.circle_id = membership.circle_id AND lower(delivery.kind) LIKE 'open%'"
    )
    by_key = {line["name"].rpartition(" ")[2]: line["id"] for line in kept(ledger, "thread", "delete-channel")}
    return {f"{user} in {by_key.get(key, 'no thread')}" for user, key in rows}
