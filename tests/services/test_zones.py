from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import InvalidInput
from bot.services.zones import LONGEST_LABEL, offset_words, resolve_zone, search_zones

WINTER = datetime(2026, 11, 22, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


def found(typed: str, locale: str = "en-US", now: datetime = WINTER) -> list[str]:
    return [choice.zone for choice in search_zones(typed, now, locale)]


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("berlin", "Europe/Berlin"),
        ("Germany", "Europe/Berlin"),
        ("kenya", "Africa/Nairobi"),
        ("new york", "America/New_York"),
        ("sao paulo", "America/Sao_Paulo"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Los Angeles, USA", "America/Los_Angeles"),
        ("uk", "Europe/London"),
        ("us", "America/New_York"),
        ("asia/kol", "Asia/Kolkata"),
    ],
)
def test_a_city_or_country_finds_its_zone_first(typed: str, zone: str):
    assert found(typed)[0] == zone


def test_countries_are_found_by_their_name_in_the_readers_language_and_in_english():
    assert found("Deutschland", "de")[0] == found("Germany", "de")[0] == "Europe/Berlin"
    assert search_zones("vienna", WINTER, "de")[0].label == "Wien, Österreich (UTC+01:00)"


def test_a_label_shows_the_offset_of_this_moment():
    assert search_zones("berlin", WINTER, "en")[0].label == "Berlin, Germany (UTC+01:00)"
    assert search_zones("berlin", SUMMER, "en")[0].label == "Berlin, Germany (UTC+02:00)"
    assert offset_words("America/St_Johns", WINTER) == "UTC-03:30"


def test_nothing_typed_offers_the_country_that_the_language_suggests():
    assert found("", "en-GB") == ["Europe/London"]
    assert found("", "de")[0] == "Europe/Berlin"
    assert found("", "en-US")[:2] == ["America/New_York", "America/Chicago"]


@pytest.mark.parametrize(
    ("abbreviation", "places"),
    [
        ("IST", ("Dublin", "Jerusalem", "Kolkata")),
        ("CST", ("Shanghai", "Havana", "Chicago")),
        ("est", ("New York", "Jamaica")),
        ("PST", ("Vancouver", "Manila")),
        ("BST", ("London",)),
    ],
)
def test_an_abbreviation_is_explained_with_places_that_use_it(abbreviation: str, places: tuple[str, ...]):
    """FAILURES F27: EST, IST and CST are not time zones; the places they may mean are named."""
    with pytest.raises(InvalidInput) as refusal:
        resolve_zone(abbreviation, WINTER, "en-US")
    assert refusal.value.message == "zone.abbreviation"
    offered = [choice.label for choice in search_zones(abbreviation, WINTER, "en-US")]
    named = str(refusal.value.values["places"])
    assert any(place in named for place in places)
    assert all(any(label.startswith(place) for label in offered) for place in places)


def test_an_abbreviation_with_several_meanings_names_one_place_for_each():
    """FAILURES F27: IST is Irish, Israeli and Indian time."""
    with pytest.raises(InvalidInput) as refusal:
        resolve_zone("IST", WINTER, "en")
    named = str(refusal.value.values["places"])
    assert all(offset in named for offset in ("UTC+00:00", "UTC+02:00", "UTC+05:30"))


@pytest.mark.parametrize("typed", ["Europe/Berlin", "europe/berlin", " Europe/Berlin ", "berlin"])
def test_a_chosen_or_fully_typed_zone_is_taken(typed: str):
    assert resolve_zone(typed, WINTER, "en") == "Europe/Berlin"


def test_a_country_with_one_zone_is_enough():
    assert resolve_zone("Kenya", WINTER, "en") == "Africa/Nairobi"
    assert resolve_zone("utc", WINTER, "en") == "UTC"


@pytest.mark.parametrize("typed", ["Germany", "nowhere at all", "", "Etc/GMT+5", "EST5EDT", "../../etc/passwd"])
def test_what_is_no_single_zone_is_refused(typed: str):
    with pytest.raises(InvalidInput) as refusal:
        resolve_zone(typed, WINTER, "en")
    assert refusal.value.message == "zone.unknown"


@given(st.text(max_size=60), st.sampled_from(["en-US", "de", "zh-CN", "no-such-locale"]))
@settings(max_examples=25)
def test_whatever_is_typed_the_choices_fit_what_discord_takes(typed: str, locale: str):
    choices = search_zones(typed, WINTER, locale)
    assert len(choices) <= 25
    assert all(0 < len(choice.label) <= LONGEST_LABEL for choice in choices)
    assert {choice.zone for choice in choices} <= available_timezones()
