"""Links that members write: only ordinary web addresses, in a form that can hide nothing."""

import re
from urllib.parse import quote, urlsplit, urlunsplit

from bot.errors import InvalidInput

LONGEST_LINK = 400
SCHEMES = ("http", "https")
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
INVITES = ("discord.gg", "discord.com", "discordapp.com")  # they join a server with one click
UNFIT = re.compile(r"[\s\x00-\x1f\x7f<>\"`{}|\\^]")


def checked_link(written: str) -> str:
    """Return a web address in plain letters, empty where none was written; raise InvalidInput for anything else."""
    given = written.strip()
    if not given:
        return ""
    try:
        scheme, host, port, rest = _parts(given if "://" in given else f"https://{given}")
    except ValueError as error:
        raise InvalidInput("link.invalid") from error
    if scheme not in SCHEMES or not HOST.fullmatch(host) or UNFIT.search(given):
        raise InvalidInput("link.invalid")
    if host.removeprefix("www.") in INVITES:
        raise InvalidInput("link.invite")
    made = urlunsplit((scheme, f"{host}:{port}" if port else host, *rest))
    if len(made) > LONGEST_LINK:
        raise InvalidInput("link.long", most=LONGEST_LINK)
    return made


def host_of(link: str) -> str:
    """Return where a checked link leads."""
    return urlsplit(link).hostname or ""


def _parts(link: str) -> tuple[str, str, int | None, tuple[str, str, str]]:
    """Take a link apart; raise ValueError where it names no host, or somebody who would log in there."""
    split = urlsplit(link)
    if split.username is not None or split.password is not None or not split.hostname:
        raise ValueError(link)
    host = split.hostname.encode("idna").decode()
    path, query, fragment = (quote(part, safe="/:@!$&'()*+,;=?%~-._") for part in split[2:])
    return split.scheme, host, split.port, (path, query, fragment)
