"""The bot is killed while it publishes, at random points and at every boundary, and starts again."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.wire.client import Bot, Json, Wire, running, wait_until
from tests.wire.place import Place, guild
from tests.wire.verify import Found, verify

SHORT, LONG = 0.5, 600.0  # how long Discord remembers a nonce: less, and more, than a restart takes
DELIVERY_SECONDS = 300.0


@dataclass
class Tally:
    """What came of a campaign."""

    rounds: int = 0
    kills: int = 0
    effects: int = 0
    removed: int = 0  # threads and messages that were there twice until the last look
    found: Found = field(default_factory=Found)
    restart_seconds: list[float] = field(default_factory=list)
    amiss: list[str] = field(default_factory=list)

    def take(self, name: str, place: Place, wire: Wire) -> None:
        """Add a round that is over."""
        found = verify(place, wire)
        self.rounds += 1
        self.effects += count_effects(wire)
        self.removed += len(wire.ledger("delete", "delete-channel"))
        self.found += found
        if not found.well:
            self.amiss.append(f"{name}: {found}")


def count_effects(wire: Wire) -> int:
    """Return how many things happened on Discord."""
    return sum(1 for line in wire.ledger("thread", "message", "member") if not line.get("again"))


def kill_at_random(wire: Wire, template: Place, folder: Path, kills: int, seed: int) -> Tally:
    """Publish again and again, each time killed one to three times at random points, until so many kills are done."""
    tally, chance = Tally(), Random(seed)
    while tally.kills < kills:
        place = fresh(wire, template, folder, nonce_seconds=chance.choice((SHORT, LONG)), number=tally.rounds)
        for _ in range(min(chance.randint(1, 3), kills - tally.kills)):
            tally.kills += _live_and_die(wire, place, chance)
        tally.restart_seconds.append(finish(wire, place))
        tally.take(f"round {tally.rounds}", place, wire)
    return tally


def fresh(wire: Wire, template: Place, folder: Path, number: int, **settings: float) -> Place:
    """Lay a copy of a place out anew, and let the small Discord forget everything."""
    shutil.rmtree(folder, ignore_errors=True)
    wire.reset([guild()], ledger=f"ledger-{number}.jsonl", **settings)
    return template.copy(folder)


def _live_and_die(wire: Wire, place: Place, chance: Random) -> int:
    """Let one bot work until it is killed at, before or shortly after a random request; return how many kills."""
    left = place.unfinished()
    if not left:
        return 0
    with running(wire, place.folder) as bot:
        later = chance.uniform(0, 0.05) if chance.random() < 0.5 else None
        wire.control("kill", pid=bot.pid, at=chance.randint(1, left), before=chance.random() < 0.5, after_seconds=later)
        wait_until(lambda: not bot.alive or not place.unfinished(), "the bot dies or is done", DELIVERY_SECONDS)
        time.sleep(later or 0)
        return int(not bot.alive)


def finish(wire: Wire, place: Place, **environment: str) -> float:
    """Let a bot do all that is left and end when asked; return how long that took."""
    began = time.monotonic()
    with running(wire, place.folder, **environment) as bot:
        wait_until(lambda: not bot.alive or (bot.ready and settled(place)), "all is delivered", DELIVERY_SECONDS)
        if bot.stop() != 0:
            raise RuntimeError(f"the bot did not end well:\n{bot.words()[-3000:]}")
    return time.monotonic() - began


def settled(place: Place) -> bool:
    """Tell whether a rotation is published and everything of it delivered."""
    published = place.rows("SELECT count(*) FROM rotation WHERE lower(state) = 'published'")[0][0]
    return bool(published) and not place.unfinished()


def request_plans(requests: int) -> Iterator[Json]:
    """Return every boundary of so many requests: before each, and after it."""
    for at in range(1, requests + 1):
        yield {"at": at, "before": True}
        yield {"at": at, "before": False}


def kill_at_requests(wire: Wire, template: Place, folder: Path, plans: list[Json] | None) -> Tally:
    """Run a rotation from its due moment, killed at one request's boundary in each round."""
    tally = Tally()
    chosen = request_plans(_count_requests(wire, template, folder)) if plans is None else iter(plans)
    for plan in chosen:
        place = fresh(wire, template, folder, tally.rounds)
        with running(wire, place.folder) as bot:
            wire.control("kill", pid=bot.pid, **plan)
            tally.kills += dies(bot, place)
        finish(wire, place)
        tally.take(f"request {plan}", place, wire)
    return tally


def _count_requests(wire: Wire, template: Place, folder: Path) -> int:
    """Return how many requests a rotation takes, apart from the login."""
    place = fresh(wire, template, folder, number=0)
    finish(wire, place)
    login = ("/users/@me", "/oauth2/applications/@me", "/gateway/bot")
    routes = [line["route"].partition(" ")[2] for line in wire.ledger("request")]
    return sum(1 for each in routes if each not in login and not each.startswith("/applications/"))


def kill_at_commits(wire: Wire, template: Place, folder: Path, moments: list[str] | None) -> Tally:
    """Run a rotation from its due moment, killed before or after one commit in each round."""
    tally = Tally()
    for moment in commit_moments() if moments is None else iter(moments):
        place = fresh(wire, template, folder, tally.rounds)
        with running(wire, place.folder, WIRE_KILL_AT_COMMIT=moment) as bot:
            died = dies(bot, place)
        finish(wire, place)
        tally.kills += died
        tally.take(f"commit {moment}", place, wire)
        if not died and moments is None:
            break  # there were fewer commits
    return tally


def commit_moments() -> Iterator[str]:
    """Return the boundaries of commit after commit, without an end."""
    at = 0
    while True:
        at += 1
        yield f"{at}:before"
        yield f"{at}:after"


def dies(bot: Bot, place: Place) -> bool:
    """Wait until a bot is dead, or done without having been killed; tell whether it died."""
    wait_until(lambda: not bot.alive or settled(place), "the bot dies or is done", DELIVERY_SECONDS)
    if bot.alive:
        time.sleep(0.3)  # what was done last is about to be fatal
    return not bot.alive


def left_behind(wire: Wire) -> list[int]:
    """Return the processes that bots on this small Discord started and that outlived them."""
    told = f"PEER_CIRCLES_TEST_API={wire.url}".encode()
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal() and _is_left(each, told)]


def _is_left(process: Path, told: bytes) -> bool:
    try:
        orphan = "\nPPid:\t1\n" in (process / "status").read_text(encoding="ascii", errors="replace")
        return orphan and told in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False  # it has just ended, or is somebody else's
