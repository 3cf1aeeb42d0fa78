"""The chores of each night."""

import asyncio
import logging
from datetime import datetime

from bot.config import Settings
from bot.scheduler import Chore
from db.backups import keep_backup

log = logging.getLogger(__name__)


def nightly_backup(settings: Settings) -> Chore:
    """Return the chore that copies the database into the backup folder and keeps the newest copies."""
    folder, kept = settings.path(settings.database.backup_folder), settings.database.backups_kept

    async def copy(now: datetime) -> None:
        target = await asyncio.to_thread(keep_backup, settings.database_file, folder, kept, now)
        log.info("The database was copied to %s", target)

    return copy
