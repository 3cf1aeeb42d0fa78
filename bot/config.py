"""config.toml to frozen Settings; the environment overrides what is secret."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import ConfigError

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
MOST_IN_A_CIRCLE = 12


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """How to reach Discord."""

    token: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where the data lives and where the key that protects members' words lies."""

    url: str = "sqlite:///peer-circles.db"
    key_file: str = "keys/peer-circles.key"
    backup_folder: str = "backups"
    backups_kept: int = 14


@dataclass(frozen=True, slots=True)
class ProgramDefaults:
    """What the set-up panel of a new program starts from."""

    zone: str = "UTC"
    size_least: int = 3
    size_wanted: int = 5
    size_most: int = 6
    rotation_weeks: int = 4
    checkin_weekday: int = 0
    checkin_hour: int = 9


@dataclass(frozen=True, slots=True)
class FormationSettings:
    """How long the formation of circles may think."""

    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """The pace at which deliveries leave and how often one is tried again."""

    lanes: int = 8
    dm_seconds: float = 1.0
    attempts: int = 8


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is logged; member-written words never are."""

    level: str = "INFO"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; `folder` is where relative paths start."""

    folder: Path = field(default_factory=Path.cwd)
    discord: DiscordSettings = field(default_factory=DiscordSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    program: ProgramDefaults = field(default_factory=ProgramDefaults)
    formation: FormationSettings = field(default_factory=FormationSettings)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    log: LogSettings = field(default_factory=LogSettings)

    @property
    def database_file(self) -> Path:
        """The SQLite file that the database's URL names."""
        return self.path(self.database.url.removeprefix("sqlite:///"))

    def path(self, name: str) -> Path:
        """Return a configured path, relative ones taken from the configuration's folder."""
        return self.folder / Path(name).expanduser()


def load_settings(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read a configuration file (a missing one means the defaults); raise ConfigError with one line."""
    document = _read(path)
    settings = Settings(folder=path.parent.resolve())
    sections = {f.name for f in fields(Settings)} - {"folder"}
    for name, table in document.items():
        if name not in sections:
            raise ConfigError(f"{path.name}: [{name}] is not a section; there are {_listed(sections)}")
        settings = replace(settings, **{name: _section(path, name, getattr(settings, name), table)})
    _check(path, settings)
    return _with_environment(settings, environment)


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name}: is not valid TOML: {error}") from error


def _section(path: Path, name: str, defaults: Any, table: object) -> Any:
    """Lay a TOML table over a section's defaults, key by key, each of the default's own type."""
    if not isinstance(table, dict):
        raise ConfigError(f"{path.name}: {name} must be a section, written [{name}]")
    known = {f.name: type(getattr(defaults, f.name)) for f in fields(defaults)}
    values: dict[str, object] = {}
    for key, value in cast("dict[str, object]", table).items():
        if key not in known:
            raise ConfigError(f"{path.name}: {name}.{key} is not a setting; there are {_listed(set(known))}")
        values[key] = _typed(path, f"{name}.{key}", known[key], value)
    return replace(defaults, **values)


def _typed(path: Path, key: str, kind: type, value: object) -> object:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        expected = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}[kind]
        raise ConfigError(f"{path.name}: {key} must be {expected}, not {value!r}")
    return value


def _check(path: Path, settings: Settings) -> None:
    """Refuse values that no program could use, each with what is expected."""
    program, delivery = settings.program, settings.delivery
    checks: tuple[tuple[bool, str, object, str], ...] = (
        (is_zone(program.zone), "program.zone", program.zone, "an IANA time zone such as Europe/Berlin"),
        (
            2 <= program.size_least <= program.size_wanted <= program.size_most <= MOST_IN_A_CIRCLE,
            "program.size_least, size_wanted and size_most",
            (program.size_least, program.size_wanted, program.size_most),
            f"numbers that rise from 2 to {MOST_IN_A_CIRCLE}",
        ),
        (1 <= program.rotation_weeks <= 26, "program.rotation_weeks", program.rotation_weeks, "1 to 26"),
        (0 <= program.checkin_weekday <= 6, "program.checkin_weekday", program.checkin_weekday, "0 (Monday) to 6 (Sunday)"),
        (0 <= program.checkin_hour <= 23, "program.checkin_hour", program.checkin_hour, "0 to 23"),
        (settings.formation.seconds > 0, "formation.seconds", settings.formation.seconds, "more than 0"),
        (1 <= delivery.lanes <= 40, "delivery.lanes", delivery.lanes, "1 to 40"),
        (delivery.dm_seconds >= 0, "delivery.dm_seconds", delivery.dm_seconds, "0 or more"),
        (1 <= delivery.attempts <= 50, "delivery.attempts", delivery.attempts, "1 to 50"),
        (settings.database.backups_kept >= 1, "database.backups_kept", settings.database.backups_kept, "1 or more"),
        (settings.log.level in LOG_LEVELS, "log.level", settings.log.level, " or ".join(LOG_LEVELS)),
    )
    for holds, key, value, expected in checks:
        if not holds:
            raise ConfigError(f"{path.name}: {key} must be {expected}, not {value!r}")


def is_zone(name: str) -> bool:
    """Tell whether a name is an IANA time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


def _with_environment(settings: Settings, environment: Mapping[str, str]) -> Settings:
    token = environment.get("DISCORD_TOKEN") or settings.discord.token
    url = environment.get("DATABASE_URL") or settings.database.url
    if not url.startswith("sqlite:///"):
        raise ConfigError(f"database.url must begin with sqlite:///, not {url.split(':', 1)[0]!r}")
    return replace(settings, discord=DiscordSettings(token=token), database=replace(settings.database, url=url))


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
