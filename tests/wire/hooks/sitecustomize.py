"""Makes a Python process hasty, or lets it kill itself: what a campaign needs and the program knows nothing of.

It takes effect where its folder is on PYTHONPATH: `WIRE_LOOK_SECONDS=3` lets the last look at what was tried
more than once come soon, `WIRE_LEASE_SECONDS=3` lets leases end soon, so that standing still outlasts them, and
`WIRE_KILL_AT_COMMIT=17:before`, or `17:after`, ends the process at a commit.
"""

import itertools
import os
import signal
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

look_seconds = float(os.environ.get("WIRE_LOOK_SECONDS", "0"))
lease_seconds = float(os.environ.get("WIRE_LEASE_SECONDS", "0"))
moment = os.environ.get("WIRE_KILL_AT_COMMIT", "")

if look_seconds or lease_seconds:
    sys.path.insert(0, str(Path(__file__).parents[3]))
    from bot.services import deliveries

    if look_seconds:
        deliveries.LOOK_AFTER = timedelta(seconds=look_seconds)
    if lease_seconds:
        deliveries.LEASE = timedelta(seconds=lease_seconds)

        from cogs import _messenger

        _messenger.LONGEST_ATTEMPT = timedelta(seconds=lease_seconds * 0.8)

if moment:
    number, _, side = moment.partition(":")
    commits = itertools.count(1)
    connect = sqlite3.connect

    class Fatal(sqlite3.Connection):
        """A connection in which every commit of a transaction is counted."""

        def commit(self) -> None:
            """Commit, unless the process ends here."""
            fatal = self.in_transaction and next(commits) == int(number)
            if fatal and side == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            super().commit()
            if fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    def connect_fatally(*values: Any, **options: Any) -> sqlite3.Connection:
        """Open a connection that counts."""
        return connect(*values, **{"factory": Fatal} | options)

    sqlite3.connect = connect_fatally
