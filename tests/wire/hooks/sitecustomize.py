"""Lets a Python process kill itself at one of its commits: `WIRE_KILL_AT_COMMIT=17:before`, or `17:after`.

It takes effect where its folder is on PYTHONPATH; the program itself knows nothing of it.
"""

import itertools
import os
import signal
import sqlite3
from typing import Any

moment = os.environ.get("WIRE_KILL_AT_COMMIT", "")
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
