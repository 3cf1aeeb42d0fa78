"""Lets a process's leases last a few seconds: `WIRE_LEASE_SECONDS=3`, so that standing still outlasts them soon.

It takes effect where its folder is on PYTHONPATH; the program itself knows nothing of it.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path

seconds = float(os.environ.get("WIRE_LEASE_SECONDS", "0"))
if seconds:
    sys.path.insert(0, str(Path(__file__).parents[3]))
    from bot.services import deliveries

    deliveries.LEASE = timedelta(seconds=seconds)

    from cogs import _messenger

    _messenger.LONGEST_ATTEMPT = timedelta(seconds=seconds * 0.8)
