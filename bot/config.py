"""config.toml to frozen Settings; the environment overrides what is secret, and the metrics' port."""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, cast
from zoneinfo import available_timezones

from bot.domain.program import MOST_IN_A_CIRCLE, MOST_WEEKS
from bot.errors import ConfigError
from bot.settings import (
    MOST_MONTHS,
    POSTGRES,
    SQLITE,
    DatabaseSettings,
    DeliverySettings,
    DiscordSettings,
    LimitSettings,
    LogSettings,
    MetricsSettings,
    ProgramDefaults,
    PulseSettings,
    RetentionSettings,
    Settings,
)
from bot.text import text

__all__ = [
    "LOG_FORMATS",
    "DatabaseSettings",
    "DeliverySettings",
    "DiscordSettings",
    "LimitSettings",
    "LogSettings",
    "MetricsSettings",
    "ProgramDefaults",
    "PulseSettings",
    "RetentionSettings",
    "Settings",
    "load_settings",
]
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")
POSTGRES_ALIKE = ("postgresql://", "postgres://")
MOST_DAYS = 3650
MOST_DMS_A_DAY = 100_000
MOST_USES = 100_000
LONGEST_FOOTER = 500
MOST_PORTS = 65_535
KINDS: Mapping[type, str] = {
    str: "setting.kind.text",
    int: "setting.kind.whole",
    float: "setting.kind.number",
    bool: "setting.kind.truth",
}


def load_settings(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read a configuration file (a missing one means the defaults); raise ConfigError with one line."""
    settings = Settings(folder=path.parent.resolve())
    sections = {f.name for f in fields(Settings)} - {"folder"}
    for name, table in _read(path).items():
        if name not in sections:
            raise ConfigError(
                text("fault.config.unknown-section", file=path.name, section=name, known=_listed(sections))
            )
        settings = replace(settings, **{name: _section(path, name, getattr(settings, name), table)})
    for check in (
        _check_program,
        _check_pace,
        _check_database,
        _check_pulse,
        _check_retention,
        _check_log,
        _check_metrics,
    ):
        check(path, settings)
    return _with_environment(settings, environment)


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(text("fault.file.unreadable", path=path, fault=error.strerror)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(text("fault.config.no-toml", file=path.name, fault=error)) from error


def _section(path: Path, name: str, defaults: Any, table: object) -> Any:
    """Lay a TOML table over a section's defaults, key by key, each of the default's own type."""
    if not isinstance(table, dict):
        raise ConfigError(text("fault.config.not-a-section", file=path.name, section=name))
    known: dict[str, object] = {f.name: getattr(defaults, f.name) for f in fields(defaults)}
    values: dict[str, object] = {}
    for key, value in cast("dict[str, object]", table).items():
        if key not in known:
            raise ConfigError(
                text("fault.config.unknown-setting", file=path.name, section=name, key=key, known=_listed(set(known)))
            )
        values[key] = _typed(path, f"{name}.{key}", known[key], value)
    return replace(defaults, **values)


def _typed(path: Path, key: str, default: object, value: object) -> object:
    if type(default) is float and type(value) is int:
        return float(value)
    if type(value) is not type(default):
        # The value is not shown: it may be a token that misses its quotes.
        raise ConfigError(
            text("fault.config.kind", file=path.name, key=key, kind=text(KINDS[type(default)]), value=_kind(value))
        )
    return value


def _kind(value: object) -> str:
    return text(KINDS.get(type(value), "setting.kind.section" if isinstance(value, dict) else "setting.kind.other"))


def _expect(path: Path, key: str, value: object, expected: str, *, holds: bool) -> None:
    """Refuse a value that no program could use, with what is expected."""
    if not holds:
        raise ConfigError(text("fault.config.value", file=path.name, key=key, expected=expected, value=repr(value)))


def _expect_within(path: Path, key: str, value: float, least: float, most: float, meaning: str = "") -> None:
    _expect(path, key, value, meaning or text("setting.range", least=least, most=most), holds=least <= value <= most)


def _check_program(path: Path, settings: Settings) -> None:
    program = settings.program
    known_zone = program.zone in available_timezones()
    _expect(path, "program.zone", program.zone, text("setting.zone"), holds=known_zone)
    sizes = (program.size_least, program.size_wanted, program.size_most)
    rising = 2 <= sizes[0] <= sizes[1] <= sizes[2] <= MOST_IN_A_CIRCLE
    rise = text("setting.sizes", most=MOST_IN_A_CIRCLE)
    _expect(path, "program.size_least, size_wanted and size_most", sizes, rise, holds=rising)
    _expect_within(path, "program.rotation_weeks", program.rotation_weeks, 1, MOST_WEEKS)
    weekdays = text("setting.weekday")
    _expect_within(path, "program.checkin_weekday", program.checkin_weekday, 0, 6, weekdays)
    _expect_within(path, "program.checkin_hour", program.checkin_hour, 0, 23)


def _check_pace(path: Path, settings: Settings) -> None:
    delivery = settings.delivery
    _expect_within(path, "delivery.lanes", delivery.lanes, 1, 40)
    _expect_within(path, "delivery.dm_seconds", delivery.dm_seconds, 0, 3600)
    _expect_within(path, "delivery.dm_daily", delivery.dm_daily, 1, MOST_DMS_A_DAY)
    _expect_within(path, "delivery.attempts", delivery.attempts, 1, 50)
    _expect_within(path, "limits.member_uses", settings.limits.member_uses, 5, MOST_USES)
    _expect_within(path, "limits.guild_uses", settings.limits.guild_uses, 50, MOST_USES)


def _check_database(path: Path, settings: Settings) -> None:
    database = settings.database
    for key in ("key_file", "backup_folder"):
        value: str = getattr(database, key)
        _expect(path, f"database.{key}", value, text("setting.path"), holds=bool(value.strip()))
    _expect_within(path, "database.backups_kept", database.backups_kept, 1, 1000)


def _check_pulse(path: Path, settings: Settings) -> None:
    pulse = settings.pulse
    for key in ("database", "key_file"):
        value: str = getattr(pulse, key)
        _expect(path, f"pulse.{key}", value, text("setting.path"), holds=bool(value.strip()))
    key_file, own = settings.path(pulse.key_file), text("setting.own-file")
    apart = key_file.parent != settings.pulse_file.parent and key_file != settings.path(settings.database.key_file)
    _expect(path, "pulse.key_file", pulse.key_file, own, holds=apart)
    _expect_within(path, "pulse.answers_kept_months", pulse.answers_kept_months, 1, MOST_MONTHS)
    footer = pulse.support_footer.strip()
    words = text("setting.footer", most=LONGEST_FOOTER)
    _expect(path, "pulse.support_footer", footer, words, holds=0 < len(footer) <= LONGEST_FOOTER)


def _check_retention(path: Path, settings: Settings) -> None:
    _expect_within(path, "retention.audit_days", settings.retention.audit_days, 30, MOST_DAYS)


def _check_log(path: Path, settings: Settings) -> None:
    level = settings.log.level
    _expect(path, "log.level", level, text("setting.or").join(LOG_LEVELS), holds=level in LOG_LEVELS)
    form = settings.log.format
    _expect(path, "log.format", form, text("setting.or").join(LOG_FORMATS), holds=form in LOG_FORMATS)


def _check_metrics(path: Path, settings: Settings) -> None:
    _expect_within(path, "metrics.port", settings.metrics.port, 0, MOST_PORTS, text("setting.port", most=MOST_PORTS))
    host = settings.metrics.host
    where = text("setting.host")
    _expect(path, "metrics.host", host, where, holds=_is_address(host))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _with_environment(settings: Settings, environment: Mapping[str, str]) -> Settings:
    token = environment.get("DISCORD_TOKEN") or settings.discord.token
    url = _with_driver(environment.get("DATABASE_URL") or settings.database.url)
    is_file = url.startswith(SQLITE) and url.removeprefix(SQLITE) not in {"", ":memory:"}
    if not is_file and not url.startswith(POSTGRES):
        # The address is not shown: it may hold a password.
        raise ConfigError(
            text("fault.config.database-url", sqlite=SQLITE, like=DatabaseSettings().url, postgres=POSTGRES)
        )
    database = replace(settings.database, url=url)
    pulse = replace(
        settings.pulse, database=_with_driver(environment.get("PULSE_DATABASE_URL") or settings.pulse.database)
    )
    if is_file and pulse.database.startswith(POSTGRES):
        raise ConfigError(text("fault.config.pulse-database"))
    metrics = _with_port(settings.metrics, environment.get("METRICS_PORT", ""))
    token = DiscordSettings(token=token.strip())
    found = replace(settings, discord=token, database=database, pulse=pulse, metrics=metrics)
    if found.pulse_file == found.database_file:
        raise ConfigError(text("fault.config.same-file"))
    return found


def _with_port(metrics: MetricsSettings, port: str) -> MetricsSettings:
    """Take the port that a container's image names."""
    if not port:
        return metrics
    if not port.isdecimal() or int(port) > MOST_PORTS:
        raise ConfigError(text("fault.config.metrics-port", most=MOST_PORTS, port=repr(port)))
    return replace(metrics, port=int(port))


def _with_driver(url: str) -> str:
    """Take the addresses that hosts give out for PostgreSQL, which name no driver."""
    alike = next((each for each in POSTGRES_ALIKE if url.startswith(each)), None)
    return url if alike is None else POSTGRES + url.removeprefix(alike)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
