"""Peer Circles: peer-mentoring circles on Discord, from the command line."""

import argparse
import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from bot import form
from bot.config import LOG_FORMATS, Settings, load_settings
from bot.domain.shards import Share
from bot.errors import ConfigError, OperatorError
from bot.text import text

# What reaches for Discord or the database is imported by the command that needs it: the others start at once.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

DEFAULT_CONFIG = Path("config.toml")
MOST_SHARDS = 10_000


class _Told(TypedDict):
    """What a command is for, in the list of commands and in its own help."""

    help: str
    description: str


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
    parser = argparse.ArgumentParser(prog="peer-circles", description=text("cli.about"))
    _add_config(parser, None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title=text("cli.commands"))
    running = _add(commands, "run", run, text("cli.run.help"))
    running.add_argument("--shards", metavar="N,N", default=None, help=text("cli.run.shards"))
    running.add_argument("--of", type=int, metavar="N", default=None, help=text("cli.run.of"))
    running.add_argument("--log-format", choices=LOG_FORMATS, help=text("cli.run.log-format"))
    with suppress(ImportError, AttributeError):
        import_module("bot.demo").add_parser(commands)
    form.add_parser(commands)
    database = commands.add_parser("db", **_told(text("cli.db.help")))
    chores = database.add_subparsers(required=True, metavar="COMMAND", title=text("cli.commands"))
    _add(chores, "upgrade", upgrade_database, text("cli.upgrade.help"))
    copying = _add(chores, "backup", back_up_database, text("cli.backup.help"))
    copying.add_argument("file", type=Path, metavar="FILE", help=text("cli.backup.file"))
    _add(chores, "check", check_database, text("cli.check.help"))
    moving = _add(chores, "move", move_database, text("cli.move.help"))
    moving.add_argument("url", metavar="URL", help=text("cli.move.url"))
    keys = commands.add_parser("keys", **_told(text("cli.keys.help")))
    turning = keys.add_subparsers(required=True, metavar="COMMAND", title=text("cli.commands"))
    _add(turning, "rotate", rotate_keys, text("cli.rotate.help"))
    _add(commands, "check-config", check_config, text("cli.config.help"))
    return parser


def run(args: argparse.Namespace) -> int:
    """Run the bot on Discord until it is told to stop."""
    from bot import app
    from bot.logs import set_up_logging
    from db.migrate import check_schema, make_if_new

    settings, share = _settings(args), _share(args)
    if not settings.discord.token:
        raise ConfigError(text("fault.no-token", file=_config_file(args)))
    if not share.is_whole and isinstance(settings.database_place, Path):
        raise ConfigError(text("fault.shards.several"))
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
    _say(text("cli.upgrade.done", place=named(place), schema=find_revision(place)))
    return 0


def back_up_database(args: argparse.Namespace) -> int:
    """Copy the database and the pulses' vault, which may be in use."""
    from db.backups import backup_together

    settings = _settings(args)
    if not isinstance(settings.database_place, Path):
        raise OperatorError(text("fault.backup.on-postgres", file=args.file))
    copies, keys = {settings.database_file: args.file}, {args.file: settings.database.key_file}
    if settings.pulse_file.exists():
        beside = args.file.with_name(f"{args.file.stem}.pulse{args.file.suffix}")
        copies[settings.pulse_file], keys[beside] = beside, settings.pulse.key_file
    backup_together(copies)
    for copy, key in keys.items():
        _say(text("cli.backup.done", path=copy, key=settings.path(key)))
    return 0


def move_database(args: argparse.Namespace) -> int:
    """Copy the SQLite files into an empty PostgreSQL database, while the bot does not run."""
    from db.engine import named
    from db.migrate import check_schema
    from db.move import move, move_vault

    settings = _settings(args)
    there = load_settings(_config_file(args), {**os.environ, "DATABASE_URL": args.url})
    source, target = settings.database_place, there.database_place
    if not isinstance(source, Path) or isinstance(target, Path):
        raise OperatorError(text("fault.move.ways"))
    with _held(source, alone=True):
        check_schema(source)
        rows = move_vault(settings.pulse_file, there.pulse_place) if settings.pulse_file.exists() else 0
        rows += move(source, target)
    _say(text("cli.move.done", place=named(target), rows=rows))
    for key in (settings.database.key_file, settings.pulse.key_file):
        _say(text("cli.move.key", path=settings.path(key)))
    return 0


def rotate_keys(args: argparse.Namespace) -> int:
    """Seal the pulses' vault with a new master key."""
    from bot.pulse_keys import rotate
    from db.engine import named

    settings = _settings(args)
    with _held(settings.database_place, alone=True):
        members = rotate(settings)
    vault = named(settings.pulse_place)
    _say(text("cli.rotate.done", place=vault, members=members))
    _say(text("cli.rotate.then", path=settings.path(settings.pulse.key_file)))
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
            raise OperatorError(
                text("fault.database.damaged", file=each, fault=damage[0], more=len(damage) - 1), exit_code=1
            )
    key = text("cli.check.no-key")
    if find_proof(place) is not None:
        open_cipher(settings)
        key = text("cli.check.right-key")
    what = "cli.check.file" if isinstance(place, Path) else "cli.check.postgres"
    _say(text(what, place=named(place), key=key))
    if check_pulse_keys(settings):
        what = "cli.check.vault-file" if isinstance(vault, Path) else "cli.check.vault"
        _say(text(what, place=named(vault)))
    return 0


def check_config(args: argparse.Namespace) -> int:
    """Check the configuration without starting anything."""
    from db.engine import named

    settings = _settings(args)
    found = "cli.config.in-order" if settings.discord.token else "cli.config.no-token"
    _say(text(found, file=_config_file(args), place=named(settings.database_place)))
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
        raise ConfigError(text("fault.shards.numbers")) from error
    if not 1 <= of <= MOST_SHARDS or not shards or not shards <= frozenset(range(of)):
        raise ConfigError(text("fault.shards.numbers"))
    return Share(shards, of)


def _add(commands: "Subparsers", name: str, command: Command, summary: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, **_told(summary))
    parser.set_defaults(run=command)
    _add_config(parser, argparse.SUPPRESS)
    return parser


def _told(summary: str) -> _Told:
    return {"help": summary, "description": f"{summary[0].upper()}{summary[1:]}."}


def _add_config(parser: argparse.ArgumentParser, default: str | None) -> None:
    words = text("cli.config.file", file=DEFAULT_CONFIG)
    parser.add_argument("--config", type=Path, metavar="PATH", default=default, help=words)


def _config_file(args: argparse.Namespace) -> Path:
    chosen: Path | None = args.config
    return chosen or DEFAULT_CONFIG


def _settings(args: argparse.Namespace) -> Settings:
    path = _config_file(args)
    if args.config is not None and not path.exists():
        raise ConfigError(text("fault.config.missing", path=path))
    return load_settings(path)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
