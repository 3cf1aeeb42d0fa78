import asyncio
import logging
import re
from collections.abc import Generator
from io import StringIO
from json import loads

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import LOG_LEVELS
from bot.logs import LEAST, set_up_logging
from db.engine import Database
from db.models import Keyring

WORDS = "I feel like a fraud"


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Set the loggers back after each test."""
    monkeypatch.setattr(logging.root, "handlers", [])
    loggers = [logging.root, *(logging.getLogger(name) for name in LEAST)]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def test_a_line_tells_when_how_grave_and_from_where():
    stream = StringIO()
    set_up_logging("INFO", stream)
    logging.getLogger("bot.app").info("ready")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO    bot\.app: ready\n", stream.getvalue())


def test_as_json_each_line_is_one_object_with_the_deliverys_key_and_the_exception_in_fields():
    stream = StringIO()
    set_up_logging("INFO", stream, form="json")
    logger = logging.getLogger("bot.app")
    logger.info("Delivery %s went out", "k3y", extra={"delivery": "k3y"})
    logger.error("failed", exc_info=ValueError("over\ntwo lines"))
    sent, failed = (loads(line) for line in stream.getvalue().splitlines())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", sent.pop("time"))
    assert sent == {"level": "INFO", "logger": "bot.app", "message": "Delivery k3y went out", "delivery": "k3y"}
    assert failed["message"] == "failed"
    assert "two lines" in failed["exception"]
    assert "delivery" not in failed


@pytest.mark.parametrize("level", LOG_LEVELS)
def test_the_level_is_where_logging_begins(level: str):
    stream = StringIO()
    set_up_logging(level, stream)
    for each in LOG_LEVELS:
        logging.getLogger("bot").log(getattr(logging, each), each)
    said = [line.rpartition(" ")[2] for line in stream.getvalue().splitlines()]
    assert said == list(LOG_LEVELS[LOG_LEVELS.index(level) :])


def test_setting_up_twice_does_not_write_each_line_twice():
    set_up_logging("INFO", StringIO())
    stream = StringIO()
    set_up_logging("INFO", stream)
    logging.getLogger("bot").info("once")
    assert stream.getvalue().count("once") == 1


@pytest.mark.parametrize("name", ["apscheduler.scheduler", "matplotlib.font_manager", "sqlalchemy.engine.Engine"])
def test_the_chatter_of_libraries_is_left_out(name: str):
    stream = StringIO()
    set_up_logging("DEBUG", stream)
    logging.getLogger(name).info("chatter")
    logging.getLogger(name).warning("trouble")
    assert "chatter" not in stream.getvalue()
    assert "trouble" in stream.getvalue()


def test_a_stricter_level_holds_for_libraries_too():
    stream = StringIO()
    set_up_logging("ERROR", stream)
    logging.getLogger("alembic").warning("trouble")
    assert stream.getvalue() == ""


async def test_even_at_debug_no_words_written_to_the_database_are_logged(database: Database):
    """FAILURES F37: drivers log each statement with its values, unless they are kept from it."""

    async def write(session: AsyncSession) -> None:
        session.add(Keyring(id=1, proof=WORDS))

    stream = StringIO()
    set_up_logging("DEBUG", stream)
    await database.write(write)
    outcomes = await asyncio.gather(database.write(write), return_exceptions=True)
    logging.getLogger("bot").error("failed", exc_info=outcomes[0])
    assert await database.read(lambda session: session.scalar(select(Keyring.proof))) == WORDS
    assert "UNIQUE constraint failed" in stream.getvalue()
    assert WORDS not in stream.getvalue()
