"""The chores of each night."""

import asyncio
import logging
from datetime import datetime
from pathlib import Path

from bot.config import Settings
from bot.scheduler import Chore
from db.backups import keep_backup

log = logging.getLogger(__name__)


def nightly_backup(settings: Settings) -> Chore:
    """Return the chore that copies the databases into the backup folder and keeps the newest copies of each."""
    folder, kept = settings.path(settings.database.backup_folder), settings.database.backups_kept

    async def copy(now: datetime) -> None:
        if not isinstance(settings.database_place, Path):
            log.info("The database is on PostgreSQL; whoever runs the server backs it up")
            return
        # The vault comes second: its copy knows every wave of the database's copy.
        vault = [settings.pulse_file] if settings.pulse_file.exists() else []
        for source in (settings.database_file, *vault):
            target = await asyncio.to_thread(keep_backup, source, folder, kept, now)
            log.info("%s was copied to %s", source.name, target)

    return copy
