"""The chores of each night."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from bot.config import Settings
from bot.scheduler import Chore
from bot.services import audit, concern_privacy, help_privacy, imports, opportunity_privacy, pulse_privacy
from bot.services.ports import Surveys
from db.backups import find_newest, is_newer, keep_backup
from db.engine import Database

HALF_A_DAY = timedelta(hours=12)  # a copy that young needs no other beside it
log = logging.getLogger(__name__)


class Forgetting:
    """Deletes what has reached the age at which it goes."""

    def __init__(self, settings: Settings, database: Database, surveys: Surveys) -> None:
        self._settings = settings
        self._database = database
        self._surveys = surveys

    async def actions(self, now: datetime) -> None:
        """Delete what the audit need not keep any longer."""
        deleted = await audit.delete_old(self._database, self._settings.retention.audit_days, now)
        log.info("%d entries of the audit had reached their age and are deleted", deleted)

    async def words(self, now: datetime) -> None:
        """Delete the words of asks, offers and opportunities long over, and files of members that wait in vain."""
        posts = await help_privacy.forget_old_words(self._database, now)
        shared = await opportunity_privacy.forget_old_words(self._database, now)
        await imports.forget_old_files(self._database, now)
        log.info("The words of %d asks and offers and of %d opportunities were over and are deleted", posts, shared)

    async def answers(self, now: datetime) -> None:
        """Delete the pulse answers that have reached the age at which they go."""
        months = self._settings.pulse.answers_kept_months
        waves = await pulse_privacy.delete_old_answers(self._database, self._surveys, months, now)
        log.info("%d pulses are older than %d months; whatever was answered there is deleted", waves, months)

    async def concerns(self, now: datetime) -> None:
        """Erase the words of concerns that were closed long enough ago."""
        await concern_privacy.forget(self._database, self._surveys, now)


def chores(settings: Settings, database: Database, surveys: Surveys) -> Mapping[str, Chore]:
    """Return everything that is done each night, by its name."""
    forgetting = Forgetting(settings, database, surveys)
    return {
        "backup": nightly_backup(settings),
        "concerns": forgetting.concerns,
        "pulse answers": forgetting.answers,
        "audit": forgetting.actions,
        "words that are over": forgetting.words,
    }


def nightly_backup(settings: Settings) -> Chore:
    """Return the chore that copies the databases into the backup folder and keeps the newest copies of each."""
    folder, kept = settings.path(settings.database.backup_folder), settings.database.backups_kept

    async def copy(now: datetime) -> None:
        if not isinstance(settings.database_place, Path):
            log.info("The database is on PostgreSQL; whoever runs the server backs it up")
            return
        # The vault comes second: its copy knows every wave of the database's copy.
        sources = {settings.database_file: folder}
        if settings.pulse_file.exists():
            alike = settings.pulse_file.stem == settings.database_file.stem  # copies are named by it
            sources[settings.pulse_file] = folder / "pulse" if alike else folder
        for source, kept_in in sources.items():
            if is_newer(source, kept_in, now - HALF_A_DAY):
                continue
            target = await asyncio.to_thread(keep_backup, source, kept_in, kept, now)
            log.info("%s was copied to %s", source.name, target)

    return copy


def last_backup(settings: Settings) -> float | None:
    """Return when the newest nightly copy of the database was made, in seconds since 1970."""
    if not isinstance(settings.database_place, Path):
        return None
    newest = find_newest(settings.database_file, settings.path(settings.database.backup_folder))
    return newest.stat().st_mtime if newest else None
