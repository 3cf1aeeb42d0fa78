import asyncio
from dataclasses import fields, replace
from datetime import timedelta
from random import Random

import pytest

from bot.domain.states import DeliveryKind, DeliveryState, Met
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.services import answers, checkins, farewells, people, posts, programs
from bot.services.answers import LONGEST_PART
from bot.services.deliveries import Job, Outcome, claim, finish
from bot.services.posts import Reflection
from db.models import CheckIn, CheckInAnswer, Circle, Delivery, Membership, Program
from tests.services.season import CLOSE, DAY, GUILD, HOUR, REMIND, START, WEEK, Season, start_season

GOOD = Reflection(week=4, win="We shipped", ask="A second pair of eyes")
ANSWER_KINDS = (DeliveryKind.CHECKIN_ANSWER, DeliveryKind.CHECKIN_ANSWER_EDIT)


async def only_checkin(season: Season) -> CheckIn:
    (checkin,) = await season.rows(CheckIn)
    return checkin


async def key_of(season: Season, kind: DeliveryKind) -> str:
    return (await season.rows(Delivery, Delivery.kind == kind))[-1].key


def kinds_of(jobs: list[Job]) -> list[DeliveryKind]:
    return [job.kind for job in jobs]


async def test_each_open_circle_gets_a_card_that_closes_at_the_next_planned_close(database):
    season = await start_season(database, members=9)
    jobs = await season.happen(START)
    opened = await season.rows(CheckIn)
    assert {each.circle_id for each in opened} == {each.id for each in await season.rows(Circle)}
    assert {(each.number, each.closes_at) for each in opened} == {(1, CLOSE)}
    assert kinds_of(jobs).count(DeliveryKind.CHECKIN_CARD) == len(opened) == 2


async def test_a_card_says_in_which_week_of_the_rotation_it_stands(season):
    for week in range(1, 4):
        await season.happen(START + week * WEEK)
    cards = [await checkins.get_card(season.database, each.id, each.opened_at) for each in await season.rows(CheckIn)]
    assert [(each.week, each.weeks) for each in cards] == [(1, 4), (2, 4), (3, 4), (4, 4)]


async def test_a_checkin_that_is_still_open_is_closed_before_the_next_opens(season):
    program = (await season.rows(Program))[0]

    async def open_again(session):
        await checkins.open_checkins(session, program, START + DAY)

    await season.database.write(open_again)
    first, second = await season.rows(CheckIn)
    assert (first.closed_at, second.closed_at) == (START + DAY, None)
    assert kinds_of(await season.deliver(START + DAY)) == [DeliveryKind.CHECKIN_SUMMARY, DeliveryKind.CHECKIN_CARD]


async def test_no_circle_has_two_open_checkins_nor_anybody_two_answers_whatever_happens(database):
    season = await start_season(database, members=8, rotation_weeks=26)
    await season.happen(START)
    dice, now = Random(5), START
    for _ in range(16):
        now += dice.choice((HOUR, 9 * HOUR, DAY, 3 * DAY))
        await season.run(now)
        for user in dice.sample(season.users, 3):
            for form in await answers.list_forms(database, GUILD, user, now):
                given = Reflection(dice.randint(1, 5), win=str(dice.random()))
                await answers.save(database, form.checkin_id, user, given, now)
    rows = await season.rows(CheckIn)
    unclosed = [each.circle_id for each in rows if each.closed_at is None]
    assert len(rows) > 2
    assert len(unclosed) == len(set(unclosed))
    given = [(each.checkin_id, each.person_id) for each in await season.rows(CheckInAnswer)]
    assert len(given) > 10
    assert len(given) == len(set(given))
    reminders = await season.rows(Delivery, Delivery.kind == DeliveryKind.CHECKIN_REMINDER)
    assert len(reminders) == len({each.checkin_id for each in reminders})


async def test_an_answer_is_kept_and_posted_once_however_often_it_is_sent(season):
    """FAILURES F9: a double submission makes one row and one post."""
    checkin = await only_checkin(season)
    saves = [answers.save(season.database, checkin.id, 1, GOOD, START + HOUR) for _ in range(3)]
    before = [each.before.given for each in await asyncio.gather(*saves)]
    assert before.count(None) == 1, "whichever of them came first found nothing"
    assert before.count(GOOD) == 2
    assert len(await season.rows(CheckInAnswer)) == 1
    assert kinds_of(await season.deliver(START + HOUR)) == [DeliveryKind.CHECKIN_ANSWER]


async def test_a_change_before_the_post_has_left_needs_no_edit(season):
    checkin = await only_checkin(season)
    await answers.save(season.database, checkin.id, 1, GOOD, START + HOUR)
    await answers.save(season.database, checkin.id, 1, Reflection(2), START + HOUR)
    (job,) = await season.deliver(START + HOUR)
    post = await posts.get_post(season.database, checkin.id, job.person_id)
    assert post.given == Reflection(2)


async def test_a_change_while_the_post_is_on_its_way_edits_it_afterwards(season):
    checkin = await only_checkin(season)
    await answers.save(season.database, checkin.id, 1, GOOD, START + HOUR)
    job = await claim(season.database, START + HOUR)
    await answers.save(season.database, checkin.id, 1, Reflection(2), START + HOUR)
    await answers.save(season.database, checkin.id, 1, Reflection(3), START + HOUR)
    await finish(season.database, job, Outcome(77, 20_000), START + HOUR)
    assert kinds_of(await season.deliver(START + HOUR)) == [DeliveryKind.CHECKIN_ANSWER_EDIT]
    posted = await posts.get_posted(season.database, checkin.id, job.person_id)
    assert posted.message_id == 77


async def test_a_change_lets_a_post_that_was_refused_leave_once_more(season):
    checkin = await only_checkin(season)
    await answers.save(season.database, checkin.id, 1, GOOD, START + HOUR)
    await season.deliver(START + HOUR, DeliveryKind.CHECKIN_ANSWER)
    await answers.save(season.database, checkin.id, 1, Reflection(2), START + HOUR)
    (job,) = await season.deliver(START + HOUR)
    assert (job.kind, job.tried_before) == (DeliveryKind.CHECKIN_ANSWER, True)


async def test_only_the_circle_may_answer(database):
    season = await start_season(database, members=8)
    await season.happen(START)
    here, there = await season.rows(CheckIn)
    outsider = (await season.rows(Membership, Membership.circle_id == there.circle_id))[0]
    for user in (outsider.person_id, 4_711):  # in a fresh database a person's number is their user's
        with pytest.raises(NotAllowed):
            await answers.save(database, here.id, user, GOOD, START)
    assert not await season.rows(CheckInAnswer)


async def test_whoever_left_the_program_cannot_answer_any_more(season):
    checkin = await only_checkin(season)
    await people.leave(season.database, GUILD, season.program_id, 1, START + HOUR)
    with pytest.raises(NotAllowed):
        await answers.save(season.database, checkin.id, 1, GOOD, START + HOUR)
    assert not await answers.list_forms(season.database, GUILD, 1, START + HOUR)


async def test_somebody_paused_may_still_answer(season):
    checkin = await only_checkin(season)
    await people.pause(season.database, GUILD, season.program_id, 1, None, START + HOUR)
    await answers.save(season.database, checkin.id, 1, GOOD, START + HOUR)
    assert len(await season.rows(CheckInAnswer)) == 1


@pytest.mark.parametrize("moment", [CLOSE, CLOSE + HOUR])
async def test_after_its_time_a_checkin_says_when_the_next_one_opens(season, moment):
    """FAILURES F34: an expired control answers with what to do instead."""
    with pytest.raises(Conflict) as refusal:
        await answers.get_form(season.database, await key_of(season, DeliveryKind.CHECKIN_CARD), 1, moment)
    assert refusal.value.message == "checkin.closed-until"
    assert refusal.value.values["opens"] == int((START + WEEK).timestamp())


async def test_with_the_program_at_rest_a_closed_checkin_promises_no_next_one(season):
    checkin = await only_checkin(season)
    await programs.pause_program(season.database, GUILD, season.program_id, START)
    with pytest.raises(Conflict) as refusal:
        await answers.save(season.database, checkin.id, 1, GOOD, CLOSE)
    assert refusal.value.message == "checkin.closed"


@pytest.mark.parametrize(
    "bad",
    [
        Reflection(0),
        Reflection(6),
        *(replace(Reflection(3), **{each.name: "x" * (LONGEST_PART + 1)}) for each in fields(Reflection)[1:]),
    ],
)
async def test_an_answer_that_no_modal_allows_is_refused(season, bad):
    checkin = await only_checkin(season)
    with pytest.raises(InvalidInput):
        await answers.save(season.database, checkin.id, 1, bad, START)


async def test_the_edit_button_opens_only_for_the_author(season):
    checkin = await only_checkin(season)
    await answers.save(season.database, checkin.id, 1, GOOD, START + HOUR)
    key = await key_of(season, DeliveryKind.CHECKIN_ANSWER)
    assert (await answers.get_form(season.database, key, 1, START + HOUR)).given == GOOD
    with pytest.raises(NotAllowed):
        await answers.get_form(season.database, key, 2, START + HOUR)


@pytest.mark.parametrize("key", ["nosuchkey", ""])
async def test_a_key_that_is_not_ours_opens_nothing(season, key):
    for opened in (answers.get_form(season.database, key, 1, START), answers.get_own(season.database, key, 1)):
        with pytest.raises(NotFound):
            await opened
    with pytest.raises(NotFound):
        await farewells.say_met(season.database, key, 1, Met.YES)


async def test_a_welcome_cards_key_opens_no_checkin(season):
    key = await key_of(season, DeliveryKind.WELCOME)
    with pytest.raises(NotFound):
        await answers.get_form(season.database, key, 1, START)


async def test_the_reminder_names_who_has_not_answered_and_comes_once(season):
    """FAILURES F21: the reminder is sent once, however often the bot looks."""
    checkin = await only_checkin(season)
    await answers.save(season.database, checkin.id, 1, GOOD, START + HOUR)
    await people.pause(season.database, GUILD, season.program_id, 2, None, START + HOUR)
    await season.deliver(START + HOUR)
    assert kinds_of(await season.happen(REMIND)) == [DeliveryKind.CHECKIN_REMINDER]
    card = await checkins.get_card(season.database, checkin.id, REMIND)
    assert (card.is_open, set(card.waiting)) == (True, {3, 4})
    program = (await season.rows(Program))[0]

    async def remind_again(session):
        await checkins.remind(session, program, REMIND + HOUR)

    await season.database.write(remind_again)
    assert not await season.deliver(REMIND + HOUR)


async def test_nobody_is_reminded_when_everybody_answered(season):
    checkin = await only_checkin(season)
    for user in season.users:
        await answers.save(season.database, checkin.id, user, GOOD, START + HOUR)
    await season.deliver(START + HOUR)
    assert not await season.happen(REMIND)


async def test_nobody_is_reminded_after_the_close(season):
    program = (await season.rows(Program))[0]

    async def remind_late(session):
        await checkins.remind(session, program, CLOSE)

    await season.database.write(remind_late)
    assert not await season.deliver(CLOSE)


async def test_the_summary_counts_weeks_and_links_the_asks_without_words(season):
    checkin = await only_checkin(season)
    given = {1: GOOD, 2: Reflection(4, win="quiet"), 3: Reflection(1, ask="help")}
    for user, each in given.items():
        await answers.save(season.database, checkin.id, user, each, START + HOUR)
    posts = {job.person_id: 10_000 + job.id for job in await season.deliver(START + HOUR)}
    await season.happen(CLOSE)
    summary = await checkins.get_summary(season.database, checkin.id)
    assert (summary.members, summary.weeks) == (4, {4: 2, 1: 1})
    assert summary.asks == (posts[1], posts[3])
    assert not {word for word in ("quiet", "help", GOOD.win) if word in repr(summary)}


async def test_a_close_that_moved_earlier_keeps_the_promise_on_the_card(season):
    await programs.change_program(season.database, GUILD, season.program_id, {"checkin_hour": 7}, START + HOUR)
    await season.happen(CLOSE - 2 * HOUR)
    assert (await only_checkin(season)).closed_at is None
    await season.happen(START + WEEK - 2 * HOUR)
    first, second = await season.rows(CheckIn)
    assert (first.closed_at, second.number) == (START + WEEK - 2 * HOUR, 2)


async def test_a_rotation_that_ends_midweek_closes_its_checkins_before_the_farewell(database):
    season = await start_season(database, checkin_weekday=4, rotation_weeks=1)
    await season.happen(START)
    await season.happen(START + 4 * DAY)
    (checkin,) = await season.rows(CheckIn)
    ends = START + WEEK
    assert checkin.closes_at == ends
    kinds = [job.kind for job in await season.happen(ends) if job.circle_id == checkin.circle_id]
    assert kinds == [DeliveryKind.CHECKIN_SUMMARY, DeliveryKind.FAREWELL, DeliveryKind.ARCHIVE_THREAD]
    assert (await only_checkin(season)).closed_at == ends


async def test_after_a_downtime_over_the_close_the_old_checkin_ends_before_the_new_one(season):
    """FAILURES F18: down at the hour, the week is not lost."""
    late = START + WEEK + 3 * HOUR
    kinds = [kind for kind in kinds_of(await season.happen(late)) if kind is not DeliveryKind.NOTICE]
    assert kinds == [DeliveryKind.CHECKIN_SUMMARY, DeliveryKind.CHECKIN_CARD]
    first, second = await season.rows(CheckIn)
    assert (first.closed_at, second.opened_at, second.closes_at) == (late, late, CLOSE + WEEK)


async def test_members_say_whether_they_met_and_may_change_their_mind(database):
    season = await start_season(database, rotation_weeks=1)
    await season.happen(START)
    await season.happen(START + WEEK)
    key = await key_of(season, DeliveryKind.FAREWELL)
    assert await farewells.say_met(season.database, key, 1, Met.ONCE) is None
    assert await farewells.say_met(season.database, key, 1, Met.YES) is Met.ONCE
    with pytest.raises(NotAllowed):
        await farewells.say_met(season.database, key, 99, Met.NO)
    said = [seat.met for seat in await season.rows(Membership) if seat.met]
    assert said == [Met.YES]


async def test_the_post_of_an_answer_that_discord_took_is_known_by_its_message(season):
    checkin = await only_checkin(season)
    await answers.save(season.database, checkin.id, 1, GOOD, START + HOUR)
    (job,) = await season.deliver(START + HOUR)
    posted = await posts.get_posted(season.database, checkin.id, job.person_id)
    assert (posted.message_id, posted.thread_id, posted.circle_is_closed) == (10_000 + job.id, 20_000, False)
    states = [each.state for each in await season.rows(Delivery, Delivery.kind.in_(ANSWER_KINDS))]
    assert states == [DeliveryState.DONE]


async def test_open_checkins_are_found_by_guild_and_user(season):
    (form,) = await answers.list_forms(season.database, GUILD, 1, START + HOUR)
    assert (form.program, form.week, form.given) == ("Circles", 1, None)
    assert not await answers.list_forms(season.database, GUILD + 1, 1, START + HOUR)
    assert not await answers.list_forms(season.database, GUILD, 1, CLOSE + timedelta(seconds=1))
