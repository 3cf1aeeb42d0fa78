import tomllib
from dataclasses import FrozenInstanceError, asdict
from itertools import pairwise
from pathlib import Path

import pytest

from bot.config import Settings, load_settings
from bot.errors import ConfigError

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def load(folder: Path, toml: str, **environment: str) -> Settings:
    path = folder / "config.toml"
    path.write_text(toml, encoding="utf-8")
    return load_settings(path, environment)


def refusal(folder: Path, toml: str, **environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, toml, **environment)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_the_example_documents_every_setting_with_its_default():
    defaults = asdict(Settings())
    del defaults["folder"]
    assert tomllib.loads(EXAMPLE.read_text(encoding="utf-8")) == defaults


def test_the_example_says_what_each_setting_means():
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    explained_together = {"size_wanted", "size_most"}
    for before, line in pairwise(lines):
        key = line.partition(" = ")[0]
        if " = " in line and not line.startswith("#") and key not in explained_together:
            assert before.startswith("# "), f"{key} has no comment"


def test_the_example_loads_as_the_defaults():
    assert load_settings(EXAMPLE, {}) == Settings(folder=EXAMPLE.parent)


def test_without_a_file_the_defaults_hold(tmp_path: Path):
    assert load_settings(tmp_path / "config.toml", {}) == Settings(folder=tmp_path)


def test_a_setting_is_laid_over_its_default(tmp_path: Path):
    settings = load(tmp_path, "[program]\nzone = 'Asia/Kolkata'\n[delivery]\ndm_seconds = 3\n")
    assert settings.program.zone == "Asia/Kolkata"
    assert settings.delivery.dm_seconds == 3.0
    assert type(settings.delivery.dm_seconds) is float
    assert settings.program.size_wanted == Settings().program.size_wanted


def test_settings_do_not_change_while_the_bot_runs():
    with pytest.raises(FrozenInstanceError):
        Settings().log.level = "DEBUG"


def test_the_environment_wins_for_what_is_secret(tmp_path: Path):
    settings = load(
        tmp_path,
        "[discord]\ntoken = 'from the file'\n",
        DISCORD_TOKEN=" from the environment\n",
        DATABASE_URL="sqlite:////data/circles.db",
    )
    assert settings.discord.token == "from the environment"
    assert settings.database_file == Path("/data/circles.db")


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path):
    settings = load(tmp_path, "[discord]\ntoken = 'from the file'\n", DISCORD_TOKEN="", DATABASE_URL="")
    assert settings.discord.token == "from the file"


def test_the_environment_names_the_port_of_the_metrics_in_a_container(tmp_path: Path):
    settings = load(tmp_path, "[metrics]\nport = 9000\nhost = '0.0.0.0'\n", METRICS_PORT="9464")
    assert (settings.metrics.port, settings.metrics.host) == (9464, "0.0.0.0")
    assert load(tmp_path, "[metrics]\nport = 9000\n", METRICS_PORT="").metrics.port == 9000


@pytest.mark.parametrize("port", ["a port", "-1", "65536", "94.64"])
def test_a_port_in_the_environment_that_is_none_is_one_line(tmp_path: Path, port: str):
    line = refusal(tmp_path, "", METRICS_PORT=port)
    assert line == f"METRICS_PORT must be 0 (off) to 65535, not {port!r}"


def test_paths_start_at_the_configurations_folder(tmp_path: Path):
    settings = load(tmp_path, "[database]\nkey_file = '/etc/peer-circles.key'\n")
    assert settings.database_file == tmp_path / "peer-circles.db"
    assert settings.path(settings.database.backup_folder) == tmp_path / "backups"
    assert settings.path(settings.database.key_file) == Path("/etc/peer-circles.key")


def test_the_token_is_not_shown_where_settings_are_printed(tmp_path: Path):
    assert "S3CR3T" not in repr(load(tmp_path, "", DISCORD_TOKEN="S3CR3T"))


@pytest.mark.parametrize(
    ("toml", "names"),
    [
        ("[programme]\n", "[programme] is not a section; there are database, delivery, discord,"),
        ("[program]\nzoen = 'UTC'\n", "program.zoen is not a setting; there are checkin_hour,"),
        ("program = 3\n", "program must be a section, written [program]"),
        ("folder = '/'\n", "[folder] is not a section"),
        ("[program]\nzone = 3\n", "program.zone must be text in quotes, not a whole number"),
        ("[program]\nsize_most = 6.5\n", "program.size_most must be a whole number, not a number"),
        ("[program]\nsize_most = true\n", "program.size_most must be a whole number, not true or false"),
        ("[program]\nsize_most = '6'\n", "program.size_most must be a whole number, not text in quotes"),
        ("[program]\nsize_most = [6]\n", "program.size_most must be a whole number, not a list or a date"),
        ("[log]\nlevel = {a = 1}\n", "log.level must be text in quotes, not a section"),
        ("[program]\nzone = 'Berlin'\n", "program.zone must be an IANA time zone such as Europe/Berlin"),
        ("[program]\nzone = '../UTC'\n", "program.zone must be an IANA time zone"),
        ("[program]\nzone = ''\n", "program.zone must be an IANA time zone"),
        ("[program]\nsize_least = 6\n", "size_wanted and size_most must be numbers that rise from 2 to 12"),
        ("[program]\nsize_least = 1\n", "numbers that rise from 2 to 12, not (1, 5, 6)"),
        ("[program]\nrotation_weeks = 0\n", "program.rotation_weeks must be 1 to 26, not 0"),
        ("[program]\ncheckin_weekday = 7\n", "program.checkin_weekday must be 0 (Monday) to 6 (Sunday)"),
        ("[program]\ncheckin_hour = 24\n", "program.checkin_hour must be 0 to 23, not 24"),
        ("[delivery]\ndm_seconds = inf\n", "delivery.dm_seconds must be 0 to 3600, not inf"),
        ("[delivery]\ndm_seconds = nan\n", "delivery.dm_seconds must be 0 to 3600, not nan"),
        ("[delivery]\nlanes = 41\n", "delivery.lanes must be 1 to 40, not 41"),
        ("[delivery]\ndm_seconds = -1.0\n", "delivery.dm_seconds must be 0 to 3600, not -1.0"),
        ("[delivery]\ndm_daily = 0\n", "delivery.dm_daily must be 1 to 100000, not 0"),
        ("[limits]\nmember_uses = 4\n", "limits.member_uses must be 5 to 100000, not 4"),
        ("[limits]\nguild_uses = 49\n", "limits.guild_uses must be 50 to 100000, not 49"),
        ("[delivery]\nattempts = 0\n", "delivery.attempts must be 1 to 50, not 0"),
        ("[database]\nbackups_kept = 0\n", "database.backups_kept must be 1 to 1000, not 0"),
        ("[database]\nkey_file = ''\n", "database.key_file must be a path"),
        ("[database]\nurl = 'sqlite:///'\n", "database.url must be sqlite:/// and a file's path"),
        ("[database]\nurl = 'sqlite:///:memory:'\n", "database.url must be sqlite:/// and a file's path"),
        ("[pulse]\nanswers_kept_months = 0\n", "pulse.answers_kept_months must be 1 to 12, not 0"),
        ("[pulse]\nanswers_kept_months = 13\n", "pulse.answers_kept_months must be 1 to 12, not 13"),
        ("[pulse]\nsupport_footer = ' '\n", "pulse.support_footer must be 1 to 500 characters"),
        ("[pulse]\nsupport_footer = '" + "x" * 501 + "'\n", "pulse.support_footer must be 1 to 500 characters"),
        ("[pulse]\ndatabase = ''\n", "pulse.database must be a path"),
        ("[pulse]\nkey_file = ''\n", "pulse.key_file must be a path"),
        ("[pulse]\nkey_file = 'pulse.key'\n", "pulse.key_file must be a file of its own in another folder than"),
        ("[pulse]\ndatabase = 'keys/p.db'\n", "pulse.key_file must be a file of its own in another folder than"),
        ("[pulse]\nkey_file = 'keys/peer-circles.key'\n", "pulse.key_file must be a file of its own"),
        ("[pulse]\ndatabase = 'peer-circles.db'\n", "pulse.database must be another file than the one of database.url"),
        ("[log]\nlevel = 'LOUD'\n", "log.level must be DEBUG or INFO or WARNING or ERROR, not 'LOUD'"),
        ("[metrics]\nport = 65536\n", "metrics.port must be 0 (off) to 65535, not 65536"),
        ("[metrics]\nport = -1\n", "metrics.port must be 0 (off) to 65535, not -1"),
        ("[metrics]\nport = '9464'\n", "metrics.port must be a whole number, not text in quotes"),
        ("[metrics]\nhost = 'localhost'\n", "metrics.host must be an address of this machine such as 127.0.0.1"),
        ("[metrics]\nhost = ''\n", "metrics.host must be an address of this machine"),
        ("[program\n", "is not valid TOML"),
    ],
)
def test_a_wrong_key_type_or_value_is_one_line_that_names_it(tmp_path: Path, toml: str, names: str):
    line = refusal(tmp_path, toml)
    assert line.startswith("config.toml: ") or "database.url" in line
    assert names in line


def test_a_file_of_another_encoding_is_one_line(tmp_path: Path):
    (tmp_path / "config.toml").write_bytes(b"[discord]\ntoken = '\xff'\n")
    with pytest.raises(ConfigError, match=r"config\.toml: is not valid TOML"):
        load_settings(tmp_path / "config.toml", {})


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path: Path):
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf[log]\r\nlevel = 'DEBUG'\r\n")
    assert load_settings(tmp_path / "config.toml", {}).log.level == "DEBUG"


def test_a_folder_in_the_files_place_is_one_line(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize(
    ("toml", "environment"),
    [("[discord]\ntoken = 8675309\n", {}), ("", {"DATABASE_URL": "mysql://bot:8675309@host/db"})],
)
def test_a_secret_in_the_wrong_place_is_not_repeated(tmp_path: Path, toml: str, environment: dict[str, str]):
    assert "8675309" not in refusal(tmp_path, toml, **environment)
