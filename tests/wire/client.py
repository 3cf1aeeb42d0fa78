"""The small Discord as a test sees it: started in a process of its own, arranged, asked, and its ledger read."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HOOKS = ROOT / "tests" / "wire" / "hooks"
Json = dict[str, Any]
PATIENCE = 60.0


def openapi_file() -> Path | None:
    """Return where Discord's own description lies, if it is at hand."""
    named = os.environ.get("DISCORD_OPENAPI")
    path = Path(named) if named else ROOT.parent / "shared" / "discord-openapi.json"
    return path if path.exists() else None


class Wire:
    """A running small Discord."""

    def __init__(self, folder: Path, url: str, token: str) -> None:
        self.folder, self.url, self.token = folder, url, token
        self.ledger_name = "ledger.jsonl"

    def control(self, name: str, /, **asked: Any) -> Json:
        """Arrange or ask something."""
        request = urllib.request.Request(
            f"{self.url}/_control/{name}",
            data=json.dumps(asked).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read())

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Make a request as a bot would; return the status and the answer."""
        said = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, said, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.loads(refusal.read())

    def reset(self, guilds: list[Json], ledger: str = "ledger.jsonl", **settings: Any) -> None:
        """Start anew, with a ledger of its own."""
        self.ledger_name = ledger
        self.control("reset", guilds=guilds, ledger=ledger, **settings)

    def ledger(self, *kinds: str) -> list[Json]:
        """Return the lines written so far; only some kinds, if any are named."""
        raw = (self.folder / self.ledger_name).read_bytes()
        lines = [json.loads(line) for line in raw.splitlines(keepends=True) if line.endswith(b"\n")]
        return [line for line in lines if not kinds or line["what"] in kinds]

    def objections(self) -> list[Json]:
        """Return every request that Discord does not know or does not allow."""
        return self.ledger("unknown", "violation")

    def wait_connected(self, shards: int = 1) -> None:
        """Wait until so many shards are connected."""
        wait_until(lambda: len(self.control("connected")["connected"]) >= shards, "the bot connects")


@contextmanager
def open_wire(folder: Path, *options: str) -> Generator[Wire]:
    """Run a small Discord for as long as the block lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.wire.server", "--folder", str(folder), *options]
    if description := openapi_file():
        command += ["--openapi", str(description)]
    told = folder / "server.json"
    told.unlink(missing_ok=True)
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_until(lambda: told.exists() or process.poll() is not None, "the server listens")
        if process.poll() is not None:
            raise RuntimeError("the server ended at once")
        about = json.loads(told.read_text(encoding="utf-8"))
        yield Wire(folder, about["url"], about["token"])
    finally:
        process.kill()
        process.wait()


class Bot:
    """One `peer-circles run` in a process of its own, with its log in the folder of its configuration."""

    def __init__(self, wire: Wire, folder: Path, *arguments: str, command: tuple[str, ...] = (), **environment: str):
        self.folder = folder
        self.log = folder / "bot.log"
        own = command or (sys.executable, "-m", "bot", "run", "--config", str(folder / "config.toml"))
        told = os.environ | {"PEER_CIRCLES_TEST_API": wire.url, "DISCORD_TOKEN": wire.token}
        told |= ({} if command else _hasty()) | environment
        told.pop("DATABASE_URL", None)
        told |= {"DATABASE_URL": environment["DATABASE_URL"]} if "DATABASE_URL" in environment else {}
        with self.log.open("ab") as log:
            self._began = log.tell()
            self.process = subprocess.Popen([*own, *arguments], cwd=ROOT, env=told, stderr=log, stdout=log)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether it takes interactions and delivers."""
        return "is ready in" in self.words()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 30.0) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def words(self) -> str:
        """Return what it logged, without the processes before it."""
        return self.log.read_bytes()[self._began :].decode(errors="replace")


def _hasty() -> dict[str, str]:
    """Return the environment in which the program does soon what is to be done later."""
    paths = [str(HOOKS), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "WIRE_LOOK_SECONDS": "3"}


@contextmanager
def running(wire: Wire, folder: Path, *arguments: str, **options: Any) -> Generator[Bot]:
    """Run a bot for as long as the block lasts; it is killed if it still runs then."""
    bot = Bot(wire, folder, *arguments, **options)
    try:
        yield bot
    finally:
        bot.kill()


def wait_until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE, pause: float = 0.05) -> None:
    """Wait until something holds, or raise TimeoutError."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(pause)
