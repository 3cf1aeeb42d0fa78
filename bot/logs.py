"""What is logged: times, levels and ids; never members' words."""

import json
import logging
import time
from collections import Counter
from typing import TextIO

LINE = "%(asctime)sZ %(levelname)-7s %(name)s: %(message)s"
TEXT, JSON = "text", "json"
DELIVERY = "delivery"  # the field of a record that carries a delivery's key
# At DEBUG these write what passes through them, members' words included; at INFO some tell of every timer.
LEAST = {
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,
    "asyncio": logging.WARNING,
    "discord": logging.INFO,
    "discord.client": logging.ERROR,  # its warnings are about voice, which the bot has none of
    "matplotlib": logging.WARNING,
    "sqlalchemy": logging.WARNING,
}


class JsonFormatter(logging.Formatter):
    """Writes each record as one JSON object on one line; a delivery's key stands in a field of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {
            "time": self.formatTime(record, self.datefmt) + "Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (key := getattr(record, DELIVERY, None)) is not None:
            told[DELIVERY] = str(key)
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


class LineCounter(logging.Handler):
    """Counts what is logged as a warning or worse, by its level."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.counts: Counter[str] = Counter({"WARNING": 0, "ERROR": 0, "CRITICAL": 0})

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record."""
        self.counts[record.levelname] += 1


def set_up_logging(level: str, stream: TextIO | None = None, form: str = TEXT) -> None:
    """Log from a level on, with UTC times, as text or JSON, to a stream (the error stream if none is given)."""
    times = "%Y-%m-%dT%H:%M:%S"
    formatter = JsonFormatter(datefmt=times) if form == JSON else logging.Formatter(LINE, times)
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in LEAST.items():
        logging.getLogger(name).setLevel(max(least, logging.getLogger().level))
