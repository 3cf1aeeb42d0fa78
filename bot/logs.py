"""What is logged: times, levels and ids; never members' words."""

import logging
import time
from typing import TextIO

LINE = "%(asctime)sZ %(levelname)-7s %(name)s: %(message)s"
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


def set_up_logging(level: str, stream: TextIO | None = None) -> None:
    """Log from a level on, with UTC times, to a stream (the error stream if none is given)."""
    formatter = logging.Formatter(LINE, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in LEAST.items():
        logging.getLogger(name).setLevel(max(least, logging.getLogger().level))
