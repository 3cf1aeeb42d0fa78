"""Asks the bot of the same container whether it is well: `python -m bot.healthcheck`, as the image does."""

import os
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

PATIENCE_SECONDS = 5.0


def main(environment: Mapping[str, str] = os.environ) -> int:
    """Return 0 where it is well, or serves no health at all, and 1 where it is not."""
    port = environment.get("METRICS_PORT", "0")
    if port in {"", "0"}:
        return 0
    connection = HTTPConnection("127.0.0.1", int(port), timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        sys.stdout.write(f"{answer.status} {answer.read().decode()}\n")
    except (OSError, HTTPException) as error:
        sys.stdout.write(f"nobody answers: {error}\n")
        return 1
    finally:
        connection.close()
    return int(answer.status != HTTPStatus.OK)


if __name__ == "__main__":
    sys.exit(main())
