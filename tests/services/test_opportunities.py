"""Opportunities: what is open to whom and in which order, what ends them, and the week's digest."""

from datetime import date, timedelta

import pytest

from bot.domain.links import checked_link, host_of
from bot.domain.matching import fitting
from bot.domain.states import AuditAction, DeliveryKind, OpportunityKind
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.services import opportunities, opportunity_digests, opportunity_privacy, people, privacy
from bot.services.opportunities import MOST_OPEN, STAYS_OPEN, OpportunityCard, Sharing
from bot.services.people import Profile
from db.models import Audit, Delivery, Opportunity
from tests.services.season import DAY, GUILD, HOUR, START, WEEK, Season

NOW = START + HOUR
ADA, GRACE = 1, 2
JOB = Sharing(OpportunityKind.JOB, "Backend developer", topics="Rust, SQL", link="https://example.org/jobs/7")
LOBBY_POSTS = (DeliveryKind.OPPORTUNITY_DIGEST, DeliveryKind.OPPORTUNITY_DIGEST_EDIT)


async def share(season: Season, given: Sharing = JOB, user: int = ADA, now=NOW) -> OpportunityCard:
    return await opportunities.share(season.database, GUILD, season.program_id, user, given, now)


async def titles(season: Season, user: int = GRACE, now=NOW, **wanted) -> list[str]:
    found = await opportunities.browse(season.database, GUILD, season.program_id, user, now, **wanted)
    return [each.shared.title for each in found]


async def take_down(season: Season, shared: OpportunityCard, user: int, now=NOW, *, moderates: bool = False) -> None:
    await opportunities.take_down(season.database, GUILD, shared.id, user, now, moderates=moderates)


async def lobby_posts(season: Season) -> list[DeliveryKind]:
    return [each.kind for each in await season.rows(Delivery, Delivery.kind.in_(LOBBY_POSTS))]


def titled(title: str, **more) -> Sharing:
    return Sharing(more.pop("kind", OpportunityKind.TALK), title, **more)


async def test_what_is_shared_ends_after_its_last_day_in_the_programs_zone(season):
    await share(season, titled("Today", deadline=NOW.date()))
    midnight = START.replace(hour=0) + DAY
    assert await titles(season, now=midnight - timedelta(seconds=1)) == ["Today"]
    assert await titles(season, now=midnight) == []


async def test_without_a_deadline_it_ends_after_two_months(season):
    await share(season)
    assert await titles(season, now=NOW + STAYS_OPEN - timedelta(seconds=1))
    assert not await titles(season, now=NOW + STAYS_OPEN)


@pytest.mark.parametrize("day", [date(2026, 10, 31), date(2028, 1, 1)])
async def test_a_deadline_that_is_over_or_far_away_is_refused(season, day: date):
    with pytest.raises(InvalidInput):
        await share(season, titled("Late", deadline=day))


async def test_what_fits_the_profile_comes_first_then_what_ends_soonest(season):
    for given in (
        titled("Later", deadline=date(2026, 12, 24)),
        titled("Soon", deadline=date(2026, 11, 20)),
        titled("Rust meetup", deadline=date(2027, 1, 10)),
        titled("Two", topics="sql; rust", deadline=date(2027, 2, 1)),
    ):
        await share(season, given)
    await people.edit_profile(season.database, GUILD, GRACE, Profile(helps_with="Rust", wants_help_with="SQL"))
    assert await titles(season) == ["Two", "Rust meetup", "Soon", "Later"]
    assert await titles(season, ADA) == ["Soon", "Later", "Rust meetup", "Two"]


def test_an_interest_fits_a_topic_or_the_words_of_a_title():
    interests = frozenset(("public speaking", "rust", "c"))
    assert fitting(interests, frozenset(("speaking",)), "Rust: a keynote") == ("public speaking", "rust")
    assert fitting(interests, frozenset(), "Trust and access") == ()


async def test_filters_let_one_kind_or_remote_ones_through(season):
    await share(season, titled("Talk here"))
    await share(season, titled("Talk anywhere", remote=True))
    await share(season, JOB)
    assert set(await titles(season, kind=OpportunityKind.TALK)) == {"Talk here", "Talk anywhere"}
    assert await titles(season, remote=True) == ["Talk anywhere"]
    assert await titles(season, kind=OpportunityKind.JOB, remote=True) == []


async def test_only_members_and_moderators_browse_and_only_members_share(season):
    await share(season)
    with pytest.raises(NotFound):
        await titles(season, 99)
    assert await titles(season, 99, moderates=True)
    with pytest.raises(NotFound):
        await share(season, user=99)


async def test_its_sharer_and_moderators_take_it_down_and_nobody_else(season):
    shared = await share(season)
    with pytest.raises(NotAllowed):
        await take_down(season, shared, GRACE)
    await take_down(season, shared, ADA)
    assert await titles(season) == []
    assert await season.rows(Audit, Audit.action == AuditAction.OPPORTUNITY_TAKEN_DOWN) == []
    other = await share(season)
    await take_down(season, other, 77, moderates=True)
    (entry,) = await season.rows(Audit, Audit.action == AuditAction.OPPORTUNITY_TAKEN_DOWN)
    assert "developer" not in str(entry.values)


async def test_nobody_fills_the_shelf_alone(season):
    for _ in range(MOST_OPEN):
        await share(season)
    with pytest.raises(Conflict):
        await share(season)
    await share(season, user=GRACE)


@pytest.mark.parametrize("given", [titled(" "), titled("x" * 101), titled("x", words="x" * 601)])
async def test_too_few_or_too_many_words_are_refused(season, given: Sharing):
    with pytest.raises(InvalidInput):
        await share(season, given)


async def test_a_week_with_something_new_has_one_digest_and_one_without_has_none(season):
    await share(season)
    await season.run(START + WEEK)
    (digest,) = await season.rows(Delivery, Delivery.kind == DeliveryKind.OPPORTUNITY_DIGEST)
    told = await opportunity_digests.get_digest(season.database, digest.digest_id)
    assert [each.title for each in told.entries] == ["Backend developer"]
    await season.run(START + 2 * WEEK)
    assert len(await lobby_posts(season)) == 1


async def test_what_was_over_or_taken_down_before_the_digest_is_not_told(season):
    await share(season, titled("Over", deadline=NOW.date()))
    await take_down(season, await share(season), ADA)
    await season.run(START + WEEK)
    assert await lobby_posts(season) == []


async def test_what_is_taken_down_goes_out_of_the_digest_too(season):
    shared = await share(season)
    await share(season, titled("Stays"))
    await season.happen(START + WEEK)
    await take_down(season, shared, ADA, START + WEEK)
    assert await lobby_posts(season) == list(LOBBY_POSTS)
    (edit,) = await season.rows(Delivery, Delivery.kind == DeliveryKind.OPPORTUNITY_DIGEST_EDIT)
    told = await opportunity_digests.get_digest(season.database, edit.digest_id)
    assert [each.title for each in told.entries] == ["Stays"]


async def test_who_is_forgotten_leaves_nothing_in_the_digest(season):
    await share(season)
    await season.happen(START + WEEK)
    await privacy.erase(season.database, ADA, GUILD, START + WEEK)
    assert await season.rows(Opportunity) == []
    assert await lobby_posts(season) == list(LOBBY_POSTS)


async def test_the_words_are_deleted_some_months_after_the_end(season):
    await share(season)
    over = NOW + STAYS_OPEN
    assert await opportunity_privacy.forget_old_words(season.database, over + timedelta(days=89)) == 0
    assert await opportunity_privacy.forget_old_words(season.database, over + timedelta(days=91)) == 1
    (kept,) = await season.rows(Opportunity)
    assert {kept.title, kept.words, kept.topics, kept.place, kept.link} == {""}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        (" https://example.org/jobs/7?a=b#c ", "https://example.org/jobs/7?a=b#c"),
        ("example.org", "https://example.org"),
        ("http://EXAMPLE.org:8080/x", "http://example.org:8080/x"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://example.org/a%20b_(c)", "https://example.org/a%20b_(c)"),
    ],
)
def test_a_web_address_is_kept_in_plain_letters(written: str, kept: str):
    assert checked_link(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org",
        "file:///etc/passwd",
        "https://user:secret@example.org",
        "https://example.org@evil.example",
        "https://",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://example.org/a b",
        "https://example.org/`x`",
        "https://example.org/<@1>",
        "https://example.org:99999999/",
        "https://ex\u202eample.org/",
        "https://discord.gg/abc",
        "https://www.discord.com/invite/abc",
        "https://example.org/" + "x" * 400,
    ],
)
def test_anything_else_is_refused(written: str):
    """FAILURES F35: a link cannot carry a mention, markdown, a login or an invitation."""
    with pytest.raises(InvalidInput):
        checked_link(written)


def test_a_link_names_its_host():
    assert host_of("https://jobs.example.org:8080/7") == "jobs.example.org"
