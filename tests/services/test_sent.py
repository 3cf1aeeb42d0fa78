"""What somebody was sent, and if not, why not: told to moderators, without anything private."""

import pytest

from bot.domain.states import AuditAction, DeliveryKind, DeliveryState
from bot.errors import Conflict, NotFound
from bot.services import audit, deliveries, privacy, sent
from bot.services.deliveries import DM_LANE, Outcome
from bot.text import message_ids
from db.models import Delivery, Person
from tests.services.season import DAY, GUILD, HOUR, START, Season, start_season

MODERATOR = 700_000_000_000_000_001
# What passes between members, answers a concern, belongs to one member's own words, or goes to nobody in particular.
NEVER_SHOWN = {
    DeliveryKind.CHECKIN_ANSWER,
    DeliveryKind.CHECKIN_ANSWER_EDIT,
    DeliveryKind.CHECKIN_ANSWER_DELETE,
    DeliveryKind.WELCOME_EDIT,
    DeliveryKind.ARCHIVE_THREAD,
    DeliveryKind.MEETING_EVENT,
    DeliveryKind.DRAFT_READY,
    DeliveryKind.NOTICE,
    DeliveryKind.MODERATOR_DIGEST,
    DeliveryKind.LEAD_CARD,
    *(kind for kind in DeliveryKind if kind.startswith(("kudos", "concern", "introduction", "opportunity", "import"))),
}


async def looked_up(season: Season, user: int = 1) -> sent.SentPage:
    return await sent.look_up(season.database, GUILD, season.program_id, user, START + HOUR, MODERATOR)


async def every_line(season: Season, user: int = 1) -> list[sent.SentLine]:
    pages = (await looked_up(season, user)).pages
    found = [await sent.turn(season.database, GUILD, season.program_id, user, page) for page in range(pages)]
    return [line for page in found for line in page.lines]


async def enqueued(season: Season, kind: DeliveryKind, **about: int) -> Delivery:
    """Write one more delivery, as a service would."""

    async def write(session):
        deliveries.enqueue(session, kind, DM_LANE, season.program_id, START, **about)

    await season.database.write(write)
    return (await season.rows(Delivery))[-1]


def test_each_kind_of_delivery_is_either_shown_in_words_or_never():
    assert set(DeliveryKind) == sent.SHOWN | NEVER_SHOWN
    assert not sent.SHOWN & NEVER_SHOWN
    assert not {f"sent.kind.{kind}" for kind in sent.SHOWN} - message_ids()


async def test_a_member_is_told_of_their_thread_and_everything_in_it(season):
    lines = {line.kind: line for line in await every_line(season)}
    assert set(lines) == {
        DeliveryKind.OPEN_THREAD,
        DeliveryKind.ADD_MEMBER,
        DeliveryKind.WELCOME,
        DeliveryKind.CHECKIN_CARD,
    }
    assert all(line.arrived and line.reached for line in lines.values())
    assert {(line.rotation, line.circle) for line in lines.values()} == {(1, 1)}
    assert all(line.thread_id for line in lines.values())
    assert len([line for line in await every_line(season) if line.kind is DeliveryKind.ADD_MEMBER]) == 1


async def test_what_was_refused_is_told_with_discords_code_and_may_be_tried_once_more(database):
    """FAILURES F10, F11: whoever was not told is known, with the reason, and can be told again."""
    season = await start_season(database)
    await season.happen(START, DeliveryKind.ADD_MEMBER)
    lines = {line.kind: line for line in await every_line(season)}
    refused = lines[DeliveryKind.ADD_MEMBER]
    assert (refused.state, refused.code, refused.may_be_retried) == (DeliveryState.DEAD, 50007, True)
    assert lines[DeliveryKind.WELCOME].arrived
    assert not lines[DeliveryKind.WELCOME].reached
    await sent.retry(database, GUILD, refused.id, START + DAY, MODERATOR)
    with pytest.raises(Conflict, match=r"sent.not-given-up"):
        await sent.retry(database, GUILD, refused.id, START + DAY, MODERATOR)
    (job,) = await season.deliver(START + DAY)
    assert (job.id, job.tried_before) == (refused.id, True)
    lines = {line.kind: line for line in await every_line(season)}
    assert lines[DeliveryKind.ADD_MEMBER].arrived
    assert lines[DeliveryKind.WELCOME].reached
    done = [line.action for line in (await audit.read_audit(database, GUILD, season.program_id)).lines]
    assert done.count(AuditAction.DELIVERY_RETRIED) == 1


async def test_what_waits_tells_until_when_and_behind_what(season):
    first = await enqueued(season, DeliveryKind.AGENDA, circle_id=1)
    second = await enqueued(season, DeliveryKind.AGENDA, circle_id=1)
    job = await deliveries.claim(season.database, START)
    assert job is not None
    assert job.id == first.id
    await deliveries.finish(season.database, job, Outcome(error_code=50013, retry_after=HOUR), START)
    lines = {line.id: line for line in await every_line(season)}
    waits, behind = lines[first.id], lines[second.id]
    assert (waits.code, waits.attempts, waits.due_at, waits.waits_behind) == (50013, 1, START + HOUR, False)
    assert (behind.state, behind.code, behind.waits_behind) == (DeliveryState.PENDING, None, True)
    assert not waits.may_be_retried


async def test_nothing_private_is_named_and_nothing_private_is_tried_again(season):
    (person, *_) = await season.rows(Person)
    before = await every_line(season)
    for kind in NEVER_SHOWN:
        hidden = await enqueued(season, kind, person_id=person.id, circle_id=1)
    assert await every_line(season) == before
    with pytest.raises(NotFound):
        await sent.retry(season.database, GUILD, hidden.id, START, MODERATOR)


async def test_a_pulses_invitation_says_the_same_of_everybody(season):
    await enqueued(season, DeliveryKind.PULSE_INVITATION, circle_id=1)
    await season.deliver(START)
    seen = {
        user: [line for line in await every_line(season, user) if line.kind is DeliveryKind.PULSE_INVITATION]
        for user in season.users
    }
    assert all(lines == seen[1] and lines for lines in seen.values())


async def test_the_look_up_is_in_the_audit_with_whom_it_was_about(season):
    await looked_up(season)
    await sent.turn(season.database, GUILD, season.program_id, 1, 0)
    (line,) = (await audit.read_audit(season.database, GUILD, season.program_id)).lines
    assert (line.action, line.actor, line.people) == (AuditAction.DELIVERIES_READ, MODERATOR, (1,))


async def test_a_stranger_someone_forgotten_and_another_guild_are_not_found(database):
    season = await start_season(database)
    await season.happen(START, DeliveryKind.ADD_MEMBER)
    refused = next(line for line in await every_line(season) if line.may_be_retried)
    with pytest.raises(NotFound):
        await sent.retry(database, GUILD + 1, refused.id, START, MODERATOR)
    with pytest.raises(NotFound):
        await sent.look_up(database, GUILD, season.program_id, 999, START, MODERATOR)
    await privacy.erase(database, 1, GUILD, START + DAY)
    with pytest.raises(NotFound):
        await sent.retry(database, GUILD, refused.id, START + DAY, MODERATOR)
    with pytest.raises(NotFound):
        await looked_up(season)
