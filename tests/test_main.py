import subprocess
import sys
from pathlib import Path

import pytest

import bot.app
from bot.__main__ import main
from bot.config import Settings, load_settings
from bot.keys import open_cipher
from db.lock import only_process
from db.migrate import check_schema, known_revisions, upgrade

COMMANDS = [["run"], ["form"], ["db"], ["db", "upgrade"], ["db", "backup"], ["db", "check"], ["check-config"]]

# Each takes a megabyte or more, for what happens once a day, a rotation or a release.
SELDOM = {"alembic", "icalendar", "mako", "matplotlib", "numpy", "psycopg", "pygments", "rich", "scipy", "simcord"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, without any settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Note with which settings the bot is started, instead of reaching for Discord."""
    seen: list[Settings] = []

    def run(settings: Settings, _share: object) -> int:
        check_schema(settings.database_file)
        seen.append(settings)
        return 0

    monkeypatch.setattr(bot.app, "run", run)
    monkeypatch.setattr("bot.logs.set_up_logging", lambda _level, **_form: None)
    monkeypatch.setenv("DISCORD_TOKEN", "a token")
    return seen


def refusal(capsys: pytest.CaptureFixture[str], *argv: str, code: int = 2) -> str:
    """Return the one line on the error stream of a command that exits with 2, or with what may pass by itself."""
    assert main(argv) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("peer-circles: ")
    return said.err


@pytest.mark.parametrize("command", [[], *COMMANDS], ids=" ".join)
def test_every_command_explains_itself(command: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    assert "usage: peer-circles" in capsys.readouterr().out


@pytest.mark.parametrize("command", [[], ["db"], ["dance"], ["db", "dance"], ["db", "backup"]], ids=" ".join)
def test_a_command_that_is_missing_or_unknown_is_answered_with_the_usage(
    command: list[str], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 2
    assert "usage: peer-circles" in capsys.readouterr().err


def test_help_loads_neither_discord_nor_the_database():
    script = (
        "import sys; from bot.__main__ import build_parser; build_parser().format_help();"
        "print([name for name in ('discord', 'sqlalchemy', 'numpy', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_is_seldom_needed_is_not_loaded_by_the_bot():
    """It would stay in memory for as long as the bot runs."""
    program = (
        "import sys, importlib, bot.__main__, bot.app, db.migrate;"
        "bot.__main__.build_parser();"
        "[importlib.import_module(each) for each in bot.app.EXTENSIONS];"
        f"print(*sorted({SELDOM!r} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert found.stdout.split() == []


def test_the_module_runs_as_a_program():
    done = subprocess.run([sys.executable, "-m", "bot", "check-config"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("config.toml: is in order; there is no token yet")


def test_without_a_token_run_says_how_to_get_one_and_that_the_demo_needs_none(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    line = refusal(capsys, "run")
    for hint in ("https://discord.com/developers/applications", "config.toml", "make demo"):
        assert hint in line
    assert list(folder.iterdir()) == []


def test_the_first_run_makes_the_database(folder: Path, started: list[Settings]):
    assert main(["run"]) == 0
    assert started[0].database_file == folder / "peer-circles.db"


@pytest.mark.usefixtures("folder", "started")
def test_how_the_log_is_written_may_be_said_at_the_start(monkeypatch: pytest.MonkeyPatch):
    forms: list[str] = []
    monkeypatch.setattr("bot.logs.set_up_logging", lambda _level, form: forms.append(form))
    assert main(["run"]) == 0
    assert main(["run", "--log-format", "json"]) == 0
    assert forms == ["text", "json"]


def test_a_later_run_starts_with_the_database_that_is_there(started: list[Settings]):
    assert main(["run"]) == 0
    open_cipher(started[0])
    before = started[0].database_file.read_bytes()
    assert main(["run"]) == 0
    assert started[1].database_file.read_bytes() == before


def test_an_older_database_is_left_alone_and_the_upgrade_is_named(
    folder: Path, started: list[Settings], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    path = folder / "peer-circles.db"
    upgrade(path)
    known = known_revisions()
    monkeypatch.setattr("db.migrate.known_revisions", lambda: (*known, "9999"))
    before = path.read_bytes()
    line = refusal(capsys, "run")
    assert "this version needs 9999; run: peer-circles db backup FILE, then: peer-circles db upgrade" in line
    assert started == []
    assert path.read_bytes() == before


@pytest.mark.parametrize("command", ["run", "db upgrade"])
def test_a_database_that_another_process_holds_is_not_touched(
    command: str, folder: Path, started: list[Settings], capsys: pytest.CaptureFixture[str]
):
    with only_process(folder / "peer-circles.db"):
        assert "is open in another process (pid " in refusal(capsys, *command.split(), code=1)
    assert not (folder / "peer-circles.db").exists()
    assert started == []


def test_a_wrong_setting_is_one_line_and_code_2(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "config.toml").write_text("[program]\nzone = 'Berlin'\n")
    assert "program.zone must be an IANA time zone" in refusal(capsys, "check-config")


@pytest.mark.parametrize("place", ["before", "after"])
def test_another_configuration_can_be_named_before_or_after_the_command(
    place: str, folder: Path, capsys: pytest.CaptureFixture[str]
):
    other = folder / "other.toml"
    other.write_text("[discord]\ntoken = 'a token'\n")
    option = ["--config", str(other)]
    assert main([*option, "check-config"] if place == "before" else ["check-config", *option]) == 0
    assert "other.toml: is in order; there is a token;" in capsys.readouterr().out


def test_a_configuration_that_was_named_must_be_there(capsys: pytest.CaptureFixture[str]):
    assert "none.toml: there is no such file" in refusal(capsys, "check-config", "--config", "none.toml")


def test_db_upgrade_makes_a_database_and_says_so(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["db", "upgrade"]) == 0
    check_schema(folder / "peer-circles.db")
    assert "the newest" in capsys.readouterr().out
    assert main(["db", "upgrade"]) == 0


def test_db_backup_copies_while_the_bot_runs(folder: Path, capsys: pytest.CaptureFixture[str]):
    main(["db", "upgrade"])
    with only_process(folder / "peer-circles.db"):
        assert main(["db", "backup", "copies/one.db"]) == 0
    check_schema(folder / "copies" / "one.db")
    assert "keep that too" in capsys.readouterr().out
    assert "not overwritten" in refusal(capsys, "db", "backup", "copies/one.db")


def test_db_check_tells_that_all_is_well(folder: Path, capsys: pytest.CaptureFixture[str]):
    main(["db", "upgrade"])
    assert main(["db", "check"]) == 0
    assert not (folder / "keys").exists()
    assert "no key was used yet" in capsys.readouterr().out
    open_cipher(load_settings(folder / "config.toml", {}))
    assert main(["db", "check"]) == 0
    assert "the key is the right one" in capsys.readouterr().out


def test_db_check_finds_a_missing_database_a_missing_key_and_damage(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert "no database yet" in refusal(capsys, "db", "check")
    main(["db", "upgrade"])
    open_cipher(load_settings(folder / "config.toml", {}))
    (folder / "keys" / "peer-circles.key").unlink()
    capsys.readouterr()
    assert "the key file is missing" in refusal(capsys, "db", "check")
    with (folder / "peer-circles.db").open("r+b") as file:
        file.seek(4096 * 8)
        file.write(b"\xab" * 4096 * 8)
    assert main(["db", "check"]) == 1
    assert "is damaged" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_traceback(folder: Path):
    command = f"'{sys.executable}' -m bot check-config | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""
