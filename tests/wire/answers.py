"""Many members answer a check-in at once, or through kills: nothing that was acknowledged is lost."""

import asyncio
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import quantiles

from sqlalchemy import select

from bot.config import load_settings
from bot.keys import open_cipher
from bot.text import text
from db.backups import integrity
from db.engine import open_database
from db.models import CheckInAnswer, Person
from tests.wire.client import Bot, Json, Wire, running, wait_until
from tests.wire.place import GUILD, LOBBY, Place, guild

FILL = {"week": "4", "win": "a win of {user}", "ask": "a question of {user}"}
ACKNOWLEDGED = (text("checkin.saved", "en-US"), text("checkin.changed", "en-US"))
PATIENCE = 120.0
LIVES = (8.0, 16.0)  # seconds from one kill to the next


@dataclass(frozen=True)
class Crowded:
    """What came of a crowd's answers."""

    members: int
    acknowledged: int
    lost: tuple[str, ...]  # acknowledged, but not there, or with other words
    doubled: tuple[str, ...]  # people with more than one row
    p50: float  # seconds to the first response
    p99: float
    seconds: float  # from the first submission to the last words
    kills: int = 0
    objections: tuple[str, ...] = ()

    @property
    def per_second(self) -> float:
        """How many members had their words each second."""
        return self.acknowledged / self.seconds if self.seconds else 0.0


def arrange(wire: Wire, template: Place, folder: Path, ledger: str) -> Place:
    """Lay a place with open check-ins out anew, its threads known to Discord."""
    shutil.rmtree(folder, ignore_errors=True)
    place = template.copy(folder)
    wire.reset([guild([LOBBY, *sorted({seat.thread for seat in place.seats()})])], ledger=ledger)
    return place


def wait_ready(wire: Wire, bot: Bot) -> None:
    """Wait until a bot takes interactions."""
    wire.wait_connected()
    wait_until(lambda: bot.ready or not bot.alive, "the bot is ready")
    time.sleep(0.5)


def answer_at_once(wire: Wire, template: Place, folder: Path) -> Crowded:
    """Let every member submit the check-in at the same moment."""
    place = arrange(wire, template, folder, "at-once.jsonl")
    with running(wire, place.folder) as bot:
        wait_ready(wire, bot)
        crowd = _crowd(wire, place, patience=PATIENCE)
        found = _results(wire, crowd)
        wait_until(lambda: not place.unfinished(), "every answer is posted", 300)
        bot.stop()
    return _judge(wire, place, found)


def answer_through_kills(wire: Wire, template: Place, folder: Path, per_second: float, kills: int) -> Crowded:
    """Let members press and submit one after the other, while the bot is killed and started again."""
    place, chance, done = arrange(wire, template, folder, "through-kills.jsonl"), Random(per_second), 0
    press = [f"pc:checkin-answer:{seat.key}" for seat in place.seats()]
    bot = Bot(wire, place.folder)
    try:
        wait_ready(wire, bot)
        crowd = _crowd(wire, place, press=press, submit=None, per_second=per_second, tries=10)
        while wire.control("crowd_results", crowd=crowd)["ended"] is None:
            if done < kills:
                time.sleep(chance.uniform(*LIVES))
                bot.kill()
                done += 1
                bot = Bot(wire, place.folder)
            time.sleep(0.2)
        wait_until(lambda: not place.unfinished(), "every answer is posted", 300)
        bot.stop()
    finally:
        bot.kill()
    return _judge(wire, place, wire.control("crowd_results", crowd=crowd), done)


def answer_a_noop(wire: Wire, template: Place, folder: Path, kind: str) -> Crowded:
    """Let the same members submit the same to a bot that does nothing but answer."""
    place = arrange(wire, template, folder, f"noop-{kind}.jsonl")
    with running(wire, place.folder, command=(sys.executable, "-m", "tests.wire.noop", kind)):
        wire.wait_connected()
        time.sleep(3.0)  # it is ready two seconds after it is connected, and says nothing
        found = _results(wire, _crowd(wire, place, patience=PATIENCE))
    said = [each for each in found["results"] if each["words"]]
    return Crowded(len(found["users"]), len(said), (), (), *_percentiles(found), found["ended"] - found["began"])


def back_up_meanwhile(wire: Wire, template: Place, folder: Path, per_second: float) -> Crowded:
    """Copy the database while members answer; the copy must be sound and hold what was acknowledged before."""
    place = arrange(wire, template, folder, "backup.jsonl")
    copy = place.folder / "copy.db"
    with running(wire, place.folder) as bot:
        wait_ready(wire, bot)
        crowd = _crowd(wire, place, per_second=per_second, patience=PATIENCE)
        wait_until(lambda: len(_acknowledged(wire)) >= len(place.users) // 3, "a third have answered")
        before = _acknowledged(wire)
        command = ("db", "backup", str(copy), "--config", str(place.folder / "config.toml"))
        copying = Bot(wire, place.folder, command=(sys.executable, "-m", "bot", *command))
        if copying.process.wait(60) != 0:
            raise RuntimeError(f"the backup failed:\n{copying.words()[-2000:]}")
        found = _results(wire, crowd)
        bot.stop()
    kept = stored(place, copy)
    lost = [f"{user} had answered before the copy" for user in before if kept[user] != [said(user)]]
    return Crowded(
        len(before),
        len(kept),
        tuple(lost + integrity(copy)),
        (),
        *_percentiles(found),
        found["ended"] - found["began"],
        objections=tuple(map(str, wire.objections())),
    )


def stored(place: Place, database: Path) -> dict[int, list[tuple[int, str, str]]]:
    """Return every stored answer of each user, decrypted."""
    return asyncio.run(_read(place, database))


async def _read(place: Place, file: Path) -> dict[int, list[tuple[int, str, str]]]:
    cipher = open_cipher(load_settings(place.folder / "config.toml", {}))
    query = select(Person.user_id, CheckInAnswer).join(Person, Person.id == CheckInAnswer.person_id)
    kept: dict[int, list[tuple[int, str, str]]] = {user: [] for user in place.users}
    async with open_database(file, cipher) as database:
        for user, answer in await database.read(lambda session: _all(session, query)):
            kept[user].append((answer.week, answer.win, answer.ask))
    return kept


async def _all(session, query):
    return (await session.execute(query)).all()


def said(user: int) -> tuple[int, str, str]:
    """Return what a user of the crowd writes."""
    return int(FILL["week"]), FILL["win"].format(user=user), FILL["ask"].format(user=user)


def _crowd(wire: Wire, place: Place, **how: object) -> int:
    seats = place.seats()
    plan: Json = {
        "users": [seat.user for seat in seats],
        "guild": GUILD,
        "channels": [seat.thread for seat in seats],
        "submit": [f"pc:checkin-given:{seat.checkin}" for seat in seats],
        "fill": FILL,
    }
    return wire.control("crowd", **plan | how)["crowd"]


def _results(wire: Wire, crowd: int) -> Json:
    """Wait until everybody of a crowd had their words, or gave up."""
    wait_until(lambda: wire.control("crowd_results", crowd=crowd)["ended"] is not None, "all have answered", 600, 0.5)
    return wire.control("crowd_results", crowd=crowd)


def _acknowledged(wire: Wire) -> list[int]:
    """Return who was told so far that their answer is kept."""
    said = wire.ledger("answer", "follow-up")
    return [line["user"] for line in said if line["words"].strip().startswith(ACKNOWLEDGED)]


def _judge(wire: Wire, place: Place, found: Json, kills: int = 0) -> Crowded:
    kept, told = stored(place, place.database), set(_acknowledged(wire))
    return Crowded(
        len(found["users"]),
        len(told),
        tuple(f"{user} was told, but there is {kept[user]}" for user in told if kept[user] != [said(user)]),
        tuple(str(user) for user, count in Counter({user: len(kept[user]) for user in kept}).items() if count > 1),
        *_percentiles(found),
        found["ended"] - found["began"],
        kills,
        tuple(map(str, wire.objections())),
    )


def _percentiles(found: Json) -> tuple[float, float]:
    """Return the median and the 99th percentile of the seconds to the first response."""
    firsts = [each["first"] for each in found["results"] if each["first"] is not None]
    cuts = quantiles(firsts, n=100, method="inclusive") if len(firsts) > 1 else [0.0] * 99
    return cuts[49], cuts[98]
