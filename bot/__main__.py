"""Peer Circles: peer-mentoring circles on Discord, from the command line."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from bot import form
from bot.config import Settings, load_settings
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
    _add(commands, "run", run, "run the bot on Discord")
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
    from db.lock import only_process

    settings = _settings(args)
    if not settings.discord.token:
        raise ConfigError(HOW_TO_BEGIN.format(file=_config_file(args)))
    set_up_logging(settings.log.level)
    with only_process(settings.database_file):
        _ensure_schema(settings.database_file)
        return app.run(settings)


def upgrade_database(args: argparse.Namespace) -> int:
    """Bring the database to this version's schema, or make it."""
    from db.lock import only_process
    from db.migrate import find_revision, upgrade

    path = _settings(args).database_file
    with only_process(path):
        upgrade(path)
    _say(f"{path}: the schema is {find_revision(path)}, the newest")
    return 0


def back_up_database(args: argparse.Namespace) -> int:
    """Copy the database and the pulses' vault, which may be in use."""
    from db.backups import backup_together

    settings = _settings(args)
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
    from db.lock import only_process

    settings = _settings(args)
    with only_process(settings.database_file):
        members = rotate(settings)
    _say(f"{settings.pulse_file}: sealed with a new master key, {members} members' keys with it; no answer changed")
    _say(ROTATED.format(key_file=settings.path(settings.pulse.key_file)))
    return 0


def check_database(args: argparse.Namespace) -> int:
    """Check the schema, soundness and key of the database and of the pulses' vault."""
    from bot.keys import open_cipher
    from bot.pulse_keys import check_pulse_keys
    from db.backups import integrity
    from db.keyring import find_proof
    from db.migrate import check_schema

    settings = _settings(args)
    path = settings.database_file
    check_schema(path)
    for each in filter(Path.exists, (path, settings.pulse_file)):
        if damage := integrity(each):
            raise OperatorError(f"{each}: is damaged: {damage[0]} (and {len(damage) - 1} more)", exit_code=1)
    key = "no key was used yet"
    if find_proof(path) is not None:
        open_cipher(settings)
        key = "the key is the right one"
    _say(f"{path}: the schema is the newest, the file is sound, {key}")
    if check_pulse_keys(settings):
        _say(f"{settings.pulse_file}: the file is sound, the key is the right one")
    return 0


def check_config(args: argparse.Namespace) -> int:
    """Check the configuration without starting anything."""
    settings = _settings(args)
    token = "there is a token" if settings.discord.token else "there is no token yet"
    _say(f"{_config_file(args)}: is in order; {token}; the database is {settings.database_file}")
    return 0


def _ensure_schema(path: Path) -> None:
    """Make a database that was never there; an older one is its operator's to back up and upgrade."""
    from db.migrate import check_schema, upgrade

    if not path.exists() or path.stat().st_size == 0:
        upgrade(path)
    check_schema(path)


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
