"""Growing into a mentor: offers, circles around mentors, words to a lead, and the next step."""

import json
from datetime import timedelta

import pytest

from bot.domain.formation.problem import Reason, Role
from bot.domain.states import DeliveryKind, NextStep
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.services import circles, leads, mentors, people, privacy, rotations
from db.database import Database
from db.models import Circle, Delivery, Enrollment, LeadWord, Membership, MentorOffer, Notice, Unplaced
from tests.services.season import DAY, GUILD, START, WEEK, WORLD, Season, start_season

ENDS = START + 4 * WEEK
TOLD = ENDS + leads.TELL_AFTER


async def mentored(database: Database, members: int, capacities: dict[int, int], **changes) -> Season:
    """Start a program in mentor mode, in which some offer to mentor."""
    changes = {"mentor_mode": True, "size_least": 3, "size_wanted": 4, "size_most": 5} | changes
    season = await start_season(database, members, **changes)
    for user, capacity in capacities.items():
        await mentors.offer(database, season.program_id, user, capacity, "career paths", START - DAY)
    await season.happen(START)
    return season


async def seats(season: Season) -> dict[int, dict[int, Role]]:
    """Return by circle which person (a user of the same number) has which role."""
    found: dict[int, dict[int, Role]] = {}
    for seat in await season.rows(Membership):
        found.setdefault(seat.circle_id, {})[seat.person_id] = seat.role
    return found


async def test_each_circle_forms_around_one_mentor_within_their_capacity(database: Database):
    season = await mentored(database, 12, {1: 4, 2: 3, 3: 2})
    await people.toggle_facilitates(database, GUILD, season.program_id, 9)
    formed = await seats(season)
    leading = [[person for person, role in circle.items() if role is Role.MENTOR] for circle in formed.values()]
    assert sorted(leading) == [[1], [2], [3]]
    assert sorted(len(circle) for circle in formed.values()) == [3, 4, 5]
    assert not await season.rows(Unplaced)


async def test_whom_the_mentors_have_no_place_for_is_told_so(database: Database):
    """FAILURES F3: everyone not placed gets a reason."""
    season = await mentored(database, 10, {1: 3})
    (circle,) = (await seats(season)).values()
    assert len(circle) == 4
    reasons = {row.reason for row in await season.rows(Unplaced)}
    assert reasons <= {Reason.NO_MENTOR, Reason.MENTOR_CAPACITY}
    assert len(await season.rows(Unplaced)) == 6
    told = [row for row in await season.rows(Delivery) if row.kind is DeliveryKind.NOT_PLACED]
    assert len(told) == 6


async def test_without_any_mentor_no_rotation_begins_and_moderators_hear_why(database: Database):
    season = await mentored(database, 6, {})
    assert not await season.rows(Circle)
    assert "notice.rotation-not-published" in {row.message for row in await season.rows(Notice)}


async def test_an_offer_means_nothing_to_a_program_that_is_not_in_mentor_mode(database: Database):
    season = await mentored(database, 6, {1: 4}, mentor_mode=False)
    assert Role.MENTOR not in {role for circle in (await seats(season)).values() for role in circle.values()}


async def test_a_mentors_topics_count_beside_those_of_the_profile(database: Database):
    season = await start_season(database, 8, mentor_mode=True, size_least=3, size_wanted=4, size_most=4)
    for user, topic in ((1, "negotiation"), (2, "publishing")):
        await mentors.offer(database, season.program_id, user, 3, topic, START - DAY)
    for user in range(3, 9):
        wanted = people.Profile(wants_help_with="negotiation" if user % 2 else "publishing")
        await people.edit_profile(database, GUILD, user, wanted)
    await season.happen(START)
    together = {frozenset(circle) for circle in (await seats(season)).values()}
    assert together == {frozenset((1, 3, 5, 7)), frozenset((2, 4, 6, 8))}


async def test_a_draft_in_mentor_mode_keeps_a_mentor_in_each_circle_when_two_are_swapped(database: Database):
    season = await start_season(
        database, 8, mentor_mode=True, size_least=3, size_wanted=4, size_most=4, auto_publish=False
    )
    for user in (1, 2):
        await mentors.offer(database, season.program_id, user, 3, "", START - DAY)
    drafted = await rotations.draft_rotation(database, WORLD, GUILD, season.program_id, START, 7)
    with_one = next(each for each in drafted.circles if 1 in {seat.user_id for seat in each.seats})
    other = next(each for each in drafted.circles if each is not with_one)
    mentee = next(seat.user_id for seat in other.seats if seat.role is Role.MEMBER)
    with pytest.raises(Conflict):
        await rotations.swap(database, GUILD, drafted.id, 1, mentee, START)


async def test_an_offer_is_changed_shown_and_taken_back(season: Season):
    database, program = season.database, season.program_id
    assert (await mentors.get_offer(database, program, 1)).capacity is None
    await mentors.offer(database, program, 1, 2, " Python ", START)
    changed = await mentors.offer(database, program, 1, 5, "SQL", START)
    assert (changed.capacity, changed.topics, len(await season.rows(MentorOffer))) == (5, "SQL", 1)
    assert (await mentors.withdraw(database, program, 1)).capacity is None
    with pytest.raises(NotFound):
        await mentors.withdraw(database, program, 1)


async def test_only_who_takes_part_can_offer_and_for_so_many_only(season: Season):
    for capacity in (0, 12):
        with pytest.raises(InvalidInput):
            await mentors.offer(season.database, season.program_id, 1, capacity, "", START)
    with pytest.raises(NotFound):
        await mentors.offer(season.database, season.program_id, 77, 3, "", START)
    await people.leave(season.database, GUILD, season.program_id, 2, START)
    with pytest.raises(NotFound):
        await mentors.offer(season.database, season.program_id, 2, 3, "", START)


async def lead_of(season: Season) -> tuple[int, int, list[int]]:
    """Return the first circle, the user who leads it, and the others."""
    led = (await seats(season))[1]
    lead = next(person for person, role in led.items() if role is not Role.MEMBER)
    return 1, lead, [person for person in led if person != lead]


async def write(season: Season, user: int, words: str, *, alone: bool = False, now=ENDS + DAY) -> None:
    await leads.write_word(season.database, 1, user, words, now, alone=alone)


async def card(season: Season) -> leads.LeadCard:
    """Return what the first circle's lead is sent."""
    _, lead, _ = await lead_of(season)
    return await leads.get_card(season.database, 1, lead)


async def test_words_of_three_reach_the_lead_without_names_and_in_no_order(season: Season):
    _, lead, others = await lead_of(season)
    await season.happen(ENDS)
    for user, words in zip(others, ("you asked good questions", "a bit quick", "brave"), strict=True):
        await write(season, user, words)
    early = await season.happen(TOLD - timedelta(seconds=1))
    assert DeliveryKind.LEAD_CARD not in {job.kind for job in early}
    (job,) = [job for job in await season.happen(TOLD) if job.kind is DeliveryKind.LEAD_CARD]
    assert (job.circle_id, job.person_id) == (1, lead)
    assert (await card(season)).words == ("a bit quick", "brave", "you asked good questions")
    again = await season.happen(TOLD + DAY)
    assert DeliveryKind.LEAD_CARD not in {job.kind for job in again}


async def test_words_of_fewer_are_deleted_unread_but_for_those_that_may_come_alone(season: Season):
    _, _, others = await lead_of(season)
    await season.happen(ENDS)
    await write(season, others[0], "only together")
    await write(season, others[1], "also alone", alone=True)
    await season.happen(TOLD)
    assert (await card(season)).words == ("also alone",)
    assert [row.words for row in await season.rows(LeadWord)] == ["also alone"]


async def test_each_lead_is_thanked_and_offered_a_next_step_also_without_words(season: Season):
    await season.happen(ENDS)
    jobs = [job for job in await season.happen(TOLD) if job.kind is DeliveryKind.LEAD_CARD]
    assert len(jobs) == 1
    assert (await card(season)).words == ()


async def test_the_lead_and_strangers_cannot_write_and_nobody_can_once_it_is_told(season: Season):
    _, lead, others = await lead_of(season)
    await season.happen(ENDS)
    assert await leads.find_form(season.database, 1, lead, ENDS) is None
    with pytest.raises(NotAllowed):
        await write(season, lead, "how good I am")
    with pytest.raises(NotAllowed):
        await write(season, 77, "from outside")
    with pytest.raises(InvalidInput):
        await write(season, others[0], "x" * 601)
    with pytest.raises(Conflict):
        await write(season, others[0], "too late", now=TOLD)
    assert await leads.find_form(season.database, 1, others[0], TOLD) is None


async def test_words_can_be_changed_and_taken_back(season: Season):
    _, lead, others = await lead_of(season)
    await write(season, others[0], "first", alone=True)
    await write(season, others[0], "second")
    form = await leads.find_form(season.database, 1, others[0], ENDS)
    assert form == leads.WordForm(1, lead, "second", alone=False)
    await write(season, others[0], " ")
    assert await season.rows(LeadWord) == []


async def test_words_to_a_lead_are_in_both_exports_and_gone_with_either(season: Season):
    _, lead, others = await lead_of(season)
    await season.happen(ENDS)
    for user in others:
        await write(season, user, f"words of {user}")
    await season.happen(TOLD)
    mine = json.dumps(await privacy.export(season.database, others[0], TOLD))
    theirs = json.dumps(await privacy.export(season.database, lead, TOLD))
    assert f"words of {others[0]}" in mine
    assert f"words of {others[1]}" not in mine
    assert all(f"words of {user}" in theirs for user in others)
    (told,) = await leads.list_told(season.database, GUILD, lead)
    assert len(told.words) == 3
    await privacy.erase(season.database, others[0], GUILD, TOLD)
    assert len((await card(season)).words) == 2
    await privacy.erase(season.database, lead, GUILD, TOLD)
    assert await season.rows(LeadWord) == []


async def test_told_words_are_deleted_after_a_year(season: Season):
    _, _, others = await lead_of(season)
    await season.happen(ENDS)
    await write(season, others[0], "also alone", alone=True)
    await season.happen(TOLD)
    await leads.tell_due(season.database, TOLD + timedelta(days=366))
    assert await season.rows(LeadWord) == []


async def told_key(season: Season) -> str:
    await season.happen(ENDS)
    await season.happen(TOLD)
    (sent,) = [row for row in await season.rows(Delivery) if row.kind is DeliveryKind.LEAD_CARD]
    return sent.key


async def test_a_lead_chooses_to_lead_again_or_to_stand_by_and_may_change_their_mind(season: Season):
    _, lead, others = await lead_of(season)
    key = await told_key(season)
    for step, facilitates in ((NextStep.AGAIN, True), (NextStep.STAND_BY, False), (NextStep.NOT_NOW, False)):
        await leads.choose(season.database, key, lead, step, TOLD)
        (enrollment,) = await season.rows(Enrollment, Enrollment.person_id == lead)
        assert enrollment.facilitates is facilitates
    with pytest.raises(NotAllowed):
        await leads.choose(season.database, key, others[0], NextStep.AGAIN, TOLD)


async def test_who_stands_by_is_named_where_the_lead_is_new_to_it(season: Season):
    _, lead, others = await lead_of(season)
    await leads.choose(season.database, await told_key(season), lead, NextStep.STAND_BY, TOLD)
    seated = (await seats(season)).values()
    leading = {person for circle in seated for person, role in circle.items() if role is not Role.MEMBER}
    new = next(user for user in others if user not in leading)
    await people.toggle_facilitates(season.database, GUILD, season.program_id, new)
    await season.happen(ENDS + 4 * WEEK)
    third = await circles.get_circle(season.database, (await season.rows(Circle))[-1].id)
    assert {seat.user_id for seat in third.seats if seat.role is not Role.MEMBER} == {new}
    assert third.stands_by == lead
    await season.happen(ENDS + 8 * WEEK)
    fourth = await circles.get_circle(season.database, (await season.rows(Circle))[-1].id)
    assert {seat.user_id for seat in fourth.seats if seat.role is not Role.MEMBER} == {new}
    assert fourth.stands_by is None
