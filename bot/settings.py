"""Every setting with its default, in sections; bot/config.py reads and checks them."""

from dataclasses import dataclass, field
from pathlib import Path

SQLITE = "sqlite:///"
POSTGRES = "postgresql+psycopg://"
VAULT_SCHEMA = "options=-csearch_path%3Dpulse"  # the vault lies apart from the other tables
MOST_MONTHS = 12


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """How to reach Discord."""

    token: str = field(default="", repr=False)


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
class DeliverySettings:
    """The pace at which deliveries leave and how often one is tried again."""

    lanes: int = 8
    dm_seconds: float = 1.0
    dm_daily: int = 900
    attempts: int = 16


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """How many commands and controls are answered within ten seconds."""

    member_uses: int = 20
    guild_uses: int = 500


@dataclass(frozen=True, slots=True)
class PulseSettings:
    """Where pulse answers and their keys lie, how long they stay, and what stands below every result."""

    database: str = "pulse.db"
    key_file: str = "keys/pulse.key"
    answers_kept_months: int = MOST_MONTHS
    support_footer: str = (
        "A pulse is a snapshot and no diagnosis, and nobody watches single answers. "
        "If things are hard, talk to somebody you trust, or find a helpline at https://findahelpline.com"
    )


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """After how many days things are deleted that nobody needs any longer."""

    audit_days: int = 400


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is logged; member-written words never are."""

    level: str = "INFO"
    format: str = "text"


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Where health and metrics are served; port 0 serves none."""

    port: int = 0
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; `folder` is where relative paths start."""

    folder: Path = field(default_factory=Path.cwd)
    discord: DiscordSettings = field(default_factory=DiscordSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    program: ProgramDefaults = field(default_factory=ProgramDefaults)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    pulse: PulseSettings = field(default_factory=PulseSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    log: LogSettings = field(default_factory=LogSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)

    @property
    def database_place(self) -> Path | str:
        """The SQLite file that the database's URL names, or the URL of one on PostgreSQL."""
        return self.database.url if self.database.url.startswith(POSTGRES) else self.database_file

    @property
    def pulse_place(self) -> Path | str:
        """The pulses' vault: a SQLite file, or a schema of its own on PostgreSQL."""
        if self.pulse.database.startswith(POSTGRES):
            url = self.pulse.database
        elif self.database.url.startswith(POSTGRES):
            url = self.database.url
        else:
            return self.pulse_file
        return f"{url}{'&' if '?' in url else '?'}{VAULT_SCHEMA}"

    @property
    def database_file(self) -> Path:
        """The SQLite file that the database's URL names."""
        return self.path(self.database.url.removeprefix(SQLITE))

    @property
    def pulse_file(self) -> Path:
        """The SQLite file of the pulses' vault."""
        return self.path(self.pulse.database)

    def path(self, name: str) -> Path:
        """Return a configured path, relative ones taken from the configuration's folder."""
        return self.folder / Path(name).expanduser()
