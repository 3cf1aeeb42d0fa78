"""Time zones as people name them: by city or country, never by an abbreviation that means several.

Places come from the time-zone database's own table of countries and cities,
their names in the reader's language from Babel.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale, UnknownLocaleError, get_global

from bot.errors import InvalidInput

LONGEST_LABEL = 100
NO_FIT = 5
SHOWN_MEANINGS = 4
HALF_A_YEAR = timedelta(days=182)


@dataclass(frozen=True, slots=True)
class ZoneChoice:
    """One zone offered to a person: its name in the database, and a label with its offset at this moment."""

    zone: str
    label: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A row of the table in one language; `names` are what people may type, folded."""

    zone: str
    country: str
    label: str
    city_names: tuple[str, ...]
    country_names: tuple[str, ...]


def search_zones(typed: str, now: datetime, locale: str, most: int = 25) -> tuple[ZoneChoice, ...]:
    """Return the zones of the cities and countries that fit what was typed, the best first.

    Nothing typed yet offers the zones of the country that the language suggests;
    an abbreviation offers every place that uses it.
    """
    folded = _fold(typed)
    if not folded:
        found = [place for place in _places(locale) if place.country == _likely_country(locale)]
    else:
        meant = _abbreviations(now.year).get(typed.strip().upper(), ())
        ranked = [(_rank(place, folded, meant), place) for place in _places(locale)]
        found = [place for rank, place in sorted(ranked, key=lambda each: each[0]) if rank < NO_FIT]
    return tuple(ZoneChoice(place.zone, _labelled(place, now)) for place in found[:most])


def resolve_zone(typed: str, now: datetime, locale: str) -> str:
    """Return the zone that somebody means; raise InvalidInput, which explains an abbreviation."""
    known = _by_name().get(_fold(typed).replace(" ", "_"))
    if known is not None:
        return known
    abbreviation = typed.strip().upper()
    if meant := _abbreviations(now.year).get(abbreviation):
        places = ", ".join(_examples(meant, now, locale))
        raise InvalidInput("zone.abbreviation", abbreviation=abbreviation, places=places)
    found = search_zones(typed, now, locale, most=2)
    if len(found) != 1:
        raise InvalidInput("zone.unknown", zone=typed.strip()[:LONGEST_LABEL])
    return found[0].zone


def offset_words(zone: str, now: datetime) -> str:
    """Return a zone's offset at this moment, such as UTC+05:30."""
    minutes = int((now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _rank(place: _Place, folded: str, meant: Sequence[str]) -> int:
    """Return how well a place fits, 0 best: by its whole name, a name's beginning, an abbreviation, single words."""
    names = (*place.city_names, *place.country_names)
    if folded in place.city_names:
        return 0
    if folded in place.country_names:
        return 1
    if any(name.startswith(folded) for name in names):
        return 2
    if place.zone in meant:
        return 3
    words = [word for name in (*names, _fold(place.zone.replace("/", " "))) for word in name.split()]
    fits = all(any(word.startswith(part) for word in words) for part in folded.replace("/", " ").split())
    return 4 if fits else NO_FIT


def _labelled(place: _Place, now: datetime) -> str:
    offset = f" ({offset_words(place.zone, now)})"
    return place.label[: LONGEST_LABEL - len(offset)] + offset


def _examples(zones: Sequence[str], now: datetime, locale: str) -> Iterator[str]:
    """Name one place for each time that an abbreviation may mean."""
    labels = {place.zone: place for place in reversed(_places(locale))}
    by_offset: dict[object, str] = {}
    for zone in zones:
        seen = (
            now.astimezone(ZoneInfo(zone)).utcoffset(),
            (now + HALF_A_YEAR).astimezone(ZoneInfo(zone)).utcoffset(),
        )
        by_offset.setdefault(seen, zone)
    for zone in list(by_offset.values())[:SHOWN_MEANINGS]:
        yield _labelled(labels[zone], now)


@cache
def _places(locale: str) -> tuple[_Place, ...]:
    """Return every row of the table with its names in a language and in English."""
    own, english = _babel(locale), _babel("en")
    return tuple(_place(country, zone, own, english) for country, zone in _rows())


def _place(country: str, zone: str, own: Locale, english: Locale) -> _Place:
    city = _city(zone, own)
    name = _country(country, own)
    return _Place(
        zone=zone,
        country=country,
        label=city if city == name else f"{city}, {name}",
        city_names=tuple({_fold(city), _fold(_city(zone, english)), _fold(zone.rpartition("/")[2])}),
        country_names=(
            _fold(name),
            _fold(_country(country, english)),
            *_codes()[country],
        ),
    )


def _city(zone: str, locale: Locale) -> str:
    told = cast("dict[str, dict[str, str]]", locale.time_zones).get(zone, {}).get("city")
    return told or zone.rpartition("/")[2].replace("_", " ")


def _country(code: str, locale: Locale) -> str:
    return cast("dict[str, str]", locale.territories).get(code, code)


@cache
def _codes() -> dict[str, tuple[str, ...]]:
    """Map each country to the codes that people type for it, such as us, usa or uk."""
    found = {country: [country.casefold()] for country, _ in _rows()}
    for alias, meant in get_global("territory_aliases").items():
        if alias.isalpha() and len(meant) == 1 and meant[0] in found:
            found[meant[0]].append(alias.casefold())
    return {country: tuple(codes) for country, codes in found.items()}


@cache
def _rows() -> tuple[tuple[str, str], ...]:
    """Return (country, zone) of every place, those first that stand for all clocks that agree with theirs."""
    first = {columns[2] for columns in _table("zonenow.tab")}
    rows = [(columns[0], columns[2]) for columns in _table("zone.tab")]
    return tuple(sorted(rows, key=lambda row: row[1] not in first))


def _table(name: str) -> list[list[str]]:
    """Read a table that comes with the time-zone database."""
    lines = files("tzdata.zoneinfo").joinpath(name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@cache
def _by_name() -> dict[str, str]:
    """Map folded names to zones; the database's bare names such as EST are abbreviations, not places."""
    named = (zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return {_fold(zone).replace(" ", "_"): zone for zone in (*named, "UTC")}


@cache
def _abbreviations(year: int) -> dict[str, tuple[str, ...]]:
    """Map each abbreviation that clocks show in a year to the zones where they do."""
    found: dict[str, dict[str, None]] = {}
    for _, zone in _rows():
        for month in (1, 7):
            shown = datetime(year, month, 1, tzinfo=ZoneInfo(zone)).tzname() or ""
            if shown.isalpha() and shown != "UTC":
                found.setdefault(shown, {})[zone] = None
    return {shown: tuple(zones) for shown, zones in found.items()}


@cache
def _likely_country(locale: str) -> str:
    """Return the country that a language suggests."""
    own = _babel(locale)
    suggested = str(get_global("likely_subtags").get(own.language, "en_Latn_US"))
    return own.territory or suggested.rpartition("_")[2]


@cache
def _babel(locale: str) -> Locale:
    try:
        return Locale.parse(locale, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale("en")


def _fold(words: str) -> str:
    """Return words as they are compared: no case, no accents, no punctuation between them."""
    plain = unicodedata.normalize("NFKD", words).casefold()
    kept = "".join(" " if sign in "_-,." else sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(kept.split())
