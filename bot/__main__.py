"""Peer Circles: peer-mentoring circles on Discord, from the command line."""

import argparse
import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from bot import form
from bot.config import LOG_FORMATS, Settings, load_settings
from bot.domain.shards import Share
from bot.errors import ConfigError, OperatorError

# What reaches for Discord or the database is imported by the command that needs it: the others start at once.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

DEFAULT_CONFIG = Path("config.toml")
HOW_TO_BEGIN = (
    "there is no bot token: make an application at https://discord.com/developers/applications, "
    'take its token under "Bot" and put it as token into [discord] of {file} '
    "(or into the environment as DISCORD_TOKEN); `make demo` needs none"
)
COPIES = (
    "the copy; that of the pulses' vault lies beside it, with .pulse in its name (before.db, before.pulse.db); "
    "neither may be there yet"
)
ROTATED = (
    "{key_file}: holds the new key alone. Copies of the vault made before stay closed to it: back up both anew, "
    "then destroy those copies and every copy of the old key file"
)
SHARDS = "--shards must be numbers from 0 that are below --of, such as: --shards 0,1 --of 4"
SEVERAL = (
    "several processes need a database that they can share: put that of a PostgreSQL database into DATABASE_URL, "
    "or run all shards in this process"
)
ON_POSTGRES = "the database is on PostgreSQL; copy it with: pg_dump --format=custom --file={file} and its address"
MOST_SHARDS = 10_000
Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command; return the process's exit code."""
    args = build_parser().parse_args(argv)
    command: Command = args.run
    try:
        code = command(args)
        sys.stdout.flush()
    except OperatorError as error:
        sys.stderr.write(f"peer-circles: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read it went away
        return 141
    return code


def build_parser() -> argparse.ArgumentParser:
    """Describe every command and option."""
    parser = argparse.ArgumentParser(prog="peer-circles", description=__doc__)
    _add_config(parser, None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    running = _add(commands, "run", run, "run the bot on Discord")
    running.add_argument("--shards", metavar="N,N", default=None, help="the shards that this process runs (all)")
    running.add_argument("--of", type=int, metavar="N", default=None, help="how many shards there are in all (1)")
    running.add_argument("--log-format", choices=LOG_FORMATS, help="how a line of the log is written (log.format)")
    with suppress(ImportError, AttributeError):
        import_module("bot.demo").add_parser(commands)
    form.add_parser(commands)
    database = commands.add_parser("db", help="look after the database", description="Look after the database.")
    chores = database.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add(chores, "upgrade", upgrade_database, "bring the database to this version's schema, or make it")
    copying = _add(chores, "backup", back_up_database, "copy the databases, which may be in use")
    copying.add_argument("file", type=Path, metavar="FILE", help=COPIES)
    _add(chores, "check", check_database, "check the databases' schema, soundness and keys")
    keys = commands.add_parser("keys", help="look after the keys", description="Look after the keys.")
    turning = keys.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add(turning, "rotate", rotate_keys, "seal the pulses' vault with a new master key; the bot must not run")
    _add(commands, "check-config", check_config, "check the configuration without starting anything")
    return parser


def run(args: argparse.Namespace) -> int:
    """Run the bot on Discord until it is told to stop."""
    from bot import app
    from bot.logs import set_up_logging
    from db.migrate import check_schema, make_if_new

    settings, share = _settings(args), _share(args)
    if not settings.discord.token:
        raise ConfigError(HOW_TO_BEGIN.format(file=_config_file(args)))
    if not share.is_whole and isinstance(settings.database_place, Path):
        raise ConfigError(SEVERAL)
    set_up_logging(settings.log.level, form=args.log_format or settings.log.format)
    with _held(settings.database_place):
        make_if_new(settings.database_place)
        check_schema(settings.database_place)
        return app.run(settings, share)


def upgrade_database(args: argparse.Namespace) -> int:
    """Bring the database to this version's schema, or make it."""
    from db.engine import named
    from db.migrate import find_revision, upgrade

    place = _settings(args).database_place
    with _held(place, alone=True):
        upgrade(place)
    _say(f"{named(place)}: the schema is {find_revision(place)}, the newest")
    return 0


def back_up_database(args: argparse.Namespace) -> int:
    """Copy the database and the pulses' vault, which may be in use."""
    from db.backups import backup_together

    settings = _settings(args)
    if not isinstance(settings.database_place, Path):
        raise OperatorError(ON_POSTGRES.format(file=args.file))
    copies, keys = {settings.database_file: args.file}, {args.file: settings.database.key_file}
    if settings.pulse_file.exists():
        beside = args.file.with_name(f"{args.file.stem}.pulse{args.file.suffix}")
        copies[settings.pulse_file], keys[beside] = beside, settings.pulse.key_file
    backup_together(copies)
    for copy, key in keys.items():
        _say(f"{copy}: a sound copy; it can be read with the key file only, so keep that too: {settings.path(key)}")
    return 0


def rotate_keys(args: argparse.Namespace) -> int:
    """Seal the pulses' vault with a new master key."""
    from bot.pulse_keys import rotate
    from db.engine import named

    settings = _settings(args)
    with _held(settings.database_place, alone=True):
        members = rotate(settings)
    vault = named(settings.pulse_place)
    _say(f"{vault}: sealed with a new master key, {members} members' keys with it; no answer changed")
    _say(ROTATED.format(key_file=settings.path(settings.pulse.key_file)))
    return 0


def check_database(args: argparse.Namespace) -> int:
    """Check the schema, soundness and key of the database and of the pulses' vault."""
    from bot.keys import open_cipher
    from bot.pulse_keys import check_pulse_keys
    from db.backups import integrity
    from db.engine import named
    from db.keyring import find_proof
    from db.migrate import check_schema

    settings = _settings(args)
    place, vault = settings.database_place, settings.pulse_place
    check_schema(place)
    for each in (place, vault):
        # PostgreSQL looks after its own pages; checksums and pg_amcheck are its operator's.
        if isinstance(each, Path) and each.exists() and (damage := integrity(each)):
            raise OperatorError(f"{each}: is damaged: {damage[0]} (and {len(damage) - 1} more)", exit_code=1)
    key = "no key was used yet"
    if find_proof(place) is not None:
        open_cipher(settings)
        key = "the key is the right one"
    sound = ", the file is sound" if isinstance(place, Path) else ""
    _say(f"{named(place)}: the schema is the newest{sound}, {key}")
    if check_pulse_keys(settings):
        sound = "the file is sound" if isinstance(vault, Path) else "the vault"
        _say(f"{named(vault)}: {sound}, the key is the right one")
    return 0


def check_config(args: argparse.Namespace) -> int:
    """Check the configuration without starting anything."""
    from db.engine import named

    settings = _settings(args)
    token = "there is a token" if settings.discord.token else "there is no token yet"
    _say(f"{_config_file(args)}: is in order; {token}; the database is {named(settings.database_place)}")
    return 0


@contextmanager
def _held(place: Path | str, *, alone: bool = False) -> Generator[None]:
    """Hold a SQLite file for this process; on PostgreSQL see, for what must be done alone, that no bot runs."""
    from db.lock import only_process
    from db.shards import refuse_running

    if isinstance(place, Path):
        with only_process(place):
            yield
        return
    if alone:
        refuse_running(place)
    yield


def _share(args: argparse.Namespace) -> Share:
    """Read which shards this process runs."""
    of: int = 1 if args.of is None else args.of
    try:
        shards = frozenset(range(of) if args.shards is None else map(int, args.shards.split(",")))
    except ValueError as error:
        raise ConfigError(SHARDS) from error
    if not 1 <= of <= MOST_SHARDS or not shards or not shards <= frozenset(range(of)):
        raise ConfigError(SHARDS)
    return Share(shards, of)


def _add(commands: "Subparsers", name: str, command: Command, summary: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    parser.set_defaults(run=command)
    _add_config(parser, argparse.SUPPRESS)
    return parser


def _add_config(parser: argparse.ArgumentParser, default: str | None) -> None:
    words = f"the configuration file ({DEFAULT_CONFIG})"
    parser.add_argument("--config", type=Path, metavar="PATH", default=default, help=words)


def _config_file(args: argparse.Namespace) -> Path:
    chosen: Path | None = args.config
    return chosen or DEFAULT_CONFIG


def _settings(args: argparse.Namespace) -> Settings:
    path = _config_file(args)
    if args.config is not None and not path.exists():
        raise ConfigError(f"{path}: there is no such file; config.example.toml is one to begin with")
    return load_settings(path)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
