"""The kinds of database that tests run on: a fresh copy of a template for each test, made quickly."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

from db.engine import Database, Place, open_database
from db.migrate import upgrade
from db.types import Cipher

KEY = bytes(range(32))
CIPHER = Cipher(KEY)
PROGRAMS = (*(f"/usr/lib/postgresql/{version}/bin" for version in (18, 17, 16, 15)), os.environ.get("PATH", ""))
SETTINGS = {
    "listen_addresses": "",  # the socket in its own folder needs no free port
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
}
# The server ends with whoever started it, however that ends, and its folder too: it then reads the end of its input.
GUARD = '"$@" & server=$!; read -r word; kill -INT $server; wait $server; [ "$word" = keep ] || rm -rf "$0"'
Happen = Callable[[Database], Awaitable[None]]


class Backend(Protocol):
    """One kind of database: it makes templates once, and copies of them."""

    def copy(self, template: str, folder: Path) -> Place:
        """Return a database of its own, as the template is."""
        ...

    def extend(self, template: str, name: str, happen: Happen) -> str:
        """Return a template in which something happened, made at the first call."""
        ...

    def clear(self) -> None:
        """Remove the copies that were made."""
        ...


def happen_in(place: Place, happen: Happen) -> None:
    """Let something happen in a database."""

    async def run() -> None:
        async with open_database(place, CIPHER) as database:
            await happen(database)

    asyncio.run(run())


class SqliteBackend:
    """SQLite files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        upgrade(self.template("migrated"))

    def template(self, name: str) -> Path:
        """Return a template's file."""
        return self._folder / f"{name}.db"

    def copy(self, template: str, folder: Path) -> Path:
        """Copy the template's file."""
        return Path(shutil.copy(self.template(template), folder / "peer-circles.db"))

    def extend(self, template: str, name: str, happen: Happen) -> str:
        """Copy a template's file, and let something happen in the copy."""
        path = self.template(name)
        if not path.exists():
            shutil.copy(self.template(template), path)
            happen_in(path, happen)
        return name

    def clear(self) -> None:
        """Leave the copies to the folders they lie in."""


class PostgresServer:
    """A PostgreSQL server of our own in a temporary folder, reached by a socket there."""

    def __init__(self, programs: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="peer-circles-pg-", dir=find_room()))
        self._programs = programs
        self._user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        if self._user:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def url(self, name: str) -> str:
        """Return the address of a database on this server."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [word for key, value in SETTINGS.items() for word in ("-c", f"{key}={value}")]
        server = [str(self._programs / "postgres"), "-D", self._data, "-k", str(self.folder), *settings]
        with (self.folder / "log").open("ab") as log:
            self._guard = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, str(self.folder), *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd="/",
                user=self._user,
                start_new_session=True,  # an interrupt at the keyboard is for the tests, which then stop it
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                if self._guard.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        raise RuntimeError((self.folder / "log").read_text())

    def execute(self, statement: str, name: str = "postgres") -> None:
        """Execute one statement outside any transaction."""
        with psycopg.connect(host=str(self.folder), user="postgres", dbname=name, autocommit=True) as connection:
            connection.execute(statement.encode())

    def recreate(self, name: str, template: str = "template1") -> None:
        """Create a database in place of the one that has its name, where one has."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")

    def stop(self, how: str = "fast") -> None:
        """Stop it, with whoever is connected: `fast` in order, `immediate` as a crash would."""
        self._run("pg_ctl", "stop", "-D", self._data, "-m", how, "-w")
        assert self._guard.stdin
        self._guard.stdin.write(b"keep\n")
        self._guard.stdin.close()
        self._guard.wait()

    def remove(self) -> None:
        """Stop it and remove all that it kept."""
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), *words]
        subprocess.run(command, check=True, capture_output=True, cwd="/", user=self._user)


class PostgresBackend:
    """Databases on one server; a copy is made by the server itself."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._templates: set[str] = {"migrated"}
        self._numbers = count()
        self._copies: list[str] = []
        server.execute("CREATE DATABASE migrated")
        upgrade(server.url("migrated"))

    def copy(self, template: str, folder: Path) -> str:  # noqa: ARG002 - the server has a folder of its own
        """Let the server copy the template."""
        self._copies.append(self._create(f"test_{next(self._numbers)}", template))
        return self.server.url(self._copies[-1])

    def clear(self) -> None:
        """Drop the copies that were made: they would fill the memory."""
        while self._copies:
            self.server.execute(f"DROP DATABASE IF EXISTS {self._copies.pop()} WITH (FORCE)")

    def extend(self, template: str, name: str, happen: Happen) -> str:
        """Let the server copy a template, and let something happen in the copy."""
        if name not in self._templates:
            happen_in(self.server.url(self._create(name, template)), happen)
            self._templates.add(name)
        return name

    def _create(self, name: str, template: str) -> str:
        self.server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name


def find_programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs, the newest, where there are any that may be used."""
    if os.geteuid() == 0 and "postgres" not in {entry.pw_name for entry in pwd.getpwall()}:
        return None
    found = shutil.which("postgres", path=os.pathsep.join(PROGRAMS))
    return Path(found).parent if found else None


def start_server() -> PostgresServer:
    """Start a server, or skip with the reason."""
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs here (Debian: apt-get install postgresql)")
    return PostgresServer(programs)


def find_room() -> str | None:
    """Prefer memory to the disk where there is enough of it."""
    shared = Path("/dev/shm")
    enough = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 1 << 30
    return str(shared) if enough else None
