"""Asks and offers from the first word to the outcome; what one of the two says is never told to the other."""

from datetime import timedelta

import pytest

from bot.domain.states import CameOf, DeliveryKind, Direction, Helped, HelpKind, PostState, Word
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.services import (
    asks,
    avoid,
    help_privacy,
    introduction_outcomes,
    introduction_threads,
    introductions,
    people,
    privacy,
)
from bot.services.asks import MOST_OPEN, STAYS_OPEN, PostCard, Wish
from bot.services.deliveries import DM_LANE
from bot.services.help_market import LAPSES_AFTER
from bot.services.introductions import ASKED_AFTER, Proposal, Status
from bot.services.people import Profile
from db.models import Delivery, HelpPost, Introduction, IntroductionOutcome
from tests.services.season import DAY, GUILD, HOUR, START, Season, start_season

NOW = START + HOUR
ADA, GRACE, MARY, JOAN = 1, 2, 3, 4
SQL = Wish(HelpKind.SKILL, "SQL", "window functions")
ASK, OFFER = Direction.ASK, Direction.OFFER


async def post(season: Season, user: int, direction: Direction, wish: Wish = SQL, now=NOW) -> PostCard:
    return await asks.post(season.database, GUILD, season.program_id, user, direction, wish, now)


async def proposals(season: Season, user: int, direction: Direction, now=NOW) -> list[Proposal]:
    """Return what somebody finds in their list, the newest ask or offer first."""
    cards = await asks.list_own(season.database, GUILD, user, direction, now)
    return [each for card in cards for each in card.proposals]


async def statuses(season: Season, user: int, direction: Direction, now=NOW) -> list[Status]:
    return [each.status for each in await proposals(season, user, direction, now)]


async def paired(season: Season) -> int:
    """Let Ada ask for what Grace offers; return their introduction."""
    await post(season, GRACE, OFFER)
    (proposal,) = (await post(season, ADA, ASK)).proposals
    return proposal.id


async def say(season: Season, introduction: int, user: int, word: Word, now=NOW) -> Proposal:
    return await introductions.answer(season.database, introduction, user, word, now)


async def introduced(season: Season) -> int:
    introduction = await paired(season)
    await say(season, introduction, ADA, Word.YES)
    await say(season, introduction, GRACE, Word.YES)
    return introduction


async def sent(season: Season, kind: DeliveryKind) -> list[Delivery]:
    return await season.rows(Delivery, Delivery.kind == kind)


async def test_what_fits_is_proposed_to_both_privately_and_without_a_name(season):
    introduction = await paired(season)
    assert [(each.person_id, each.lane) for each in await sent(season, DeliveryKind.INTRODUCTION_OFFER)] == [
        (GRACE, DM_LANE),
        (ADA, DM_LANE),
    ]
    seen = await introductions.get_proposal(season.database, introduction, GRACE, NOW)
    assert (seen.direction, seen.topics, seen.words, seen.status) == (OFFER, "SQL", "window functions", Status.OPEN)
    assert (seen.other_user, seen.thread_id) == (None, None)


async def test_an_offer_finds_the_ask_that_was_there_before(season):
    await post(season, ADA, ASK)
    assert await statuses(season, ADA, ASK) == []
    await post(season, GRACE, OFFER)
    assert await statuses(season, ADA, ASK) == [Status.OPEN]


async def test_both_say_yes_and_meet_in_a_thread(season):
    introduction = await introduced(season)
    kinds = [job.kind for job in await season.deliver(NOW) if job.introduction_id and "introduction" in job.kind]
    assert kinds[-4:] == [
        DeliveryKind.INTRODUCTION_THREAD,
        DeliveryKind.INTRODUCTION_MEMBER,
        DeliveryKind.INTRODUCTION_MEMBER,
        DeliveryKind.INTRODUCTION_CARD,
    ]
    seen = await introductions.get_proposal(season.database, introduction, ADA, NOW)
    assert (seen.status, seen.other_user) == (Status.INTRODUCED, GRACE)
    (thread,) = await sent(season, DeliveryKind.INTRODUCTION_THREAD)
    assert seen.thread_id == thread.result_id
    assert [card.state for card in await asks.list_own(season.database, GUILD, ADA, ASK, NOW)] == [PostState.ANSWERED]


async def test_saying_yes_twice_introduces_once(season):
    """FAILURES F9: two quick clicks open one thread."""
    introduction = await introduced(season)
    again = await say(season, introduction, GRACE, Word.YES)
    assert again.status is Status.INTRODUCED
    assert len(await sent(season, DeliveryKind.INTRODUCTION_THREAD)) == 1


@pytest.mark.parametrize(("refuses", "direction"), [(GRACE, ASK), (ADA, OFFER)])
async def test_a_no_looks_like_no_answer_until_its_time_is_over(season, refuses: int, direction: Direction):
    """Hold everything that the other can see with a no against the same with silence."""
    introduction = await paired(season)
    other = ADA if refuses == GRACE else GRACE
    await say(season, introduction, other, Word.YES)
    before = await proposals(season, other, direction)
    await say(season, introduction, refuses, Word.NO)
    assert await proposals(season, other, direction) == before
    assert not await sent(season, DeliveryKind.INTRODUCTION_MISSED)
    over = NOW + LAPSES_AFTER
    assert await statuses(season, other, direction, over) == [Status.NO_MATCH]
    await season.run(over)
    assert [each.person_id for each in await sent(season, DeliveryKind.INTRODUCTION_MISSED)] == [other]


async def test_silence_ends_in_the_same_words_as_a_no(season):
    introduction = await paired(season)
    await say(season, introduction, ADA, Word.YES)
    await season.run(NOW + LAPSES_AFTER)
    (missed,) = await sent(season, DeliveryKind.INTRODUCTION_MISSED)
    assert missed.person_id == ADA
    assert await statuses(season, ADA, ASK, NOW + LAPSES_AFTER) == [Status.NO_MATCH]


async def test_a_declined_pair_is_never_proposed_again(season):
    introduction = await paired(season)
    await say(season, introduction, GRACE, Word.NO)
    await season.run(NOW + LAPSES_AFTER)
    later = NOW + LAPSES_AFTER + DAY
    assert (await post(season, ADA, ASK, now=later)).proposals == ()
    assert (await post(season, MARY, ASK, now=later)).proposals != ()


async def test_the_next_helper_gets_her_turn_once_a_proposal_is_over(season):
    for user in (GRACE, MARY, JOAN):
        await post(season, user, OFFER)
    await post(season, ADA, ASK)
    assert len(await proposals(season, ADA, ASK)) == 2
    await season.run(NOW + LAPSES_AFTER)
    assert len(await proposals(season, ADA, ASK, NOW + LAPSES_AFTER)) == 3


async def test_a_helper_who_says_no_has_room_for_the_next_at_once(season):
    introduction = await paired(season)
    await post(season, MARY, ASK)
    assert await statuses(season, MARY, ASK) == []
    await say(season, introduction, GRACE, Word.NO)
    assert await statuses(season, MARY, ASK) == [Status.OPEN]


async def test_a_helper_takes_as_many_at_a_time_as_she_said(season):
    await post(season, GRACE, OFFER, Wish(HelpKind.SKILL, "SQL", at_once=2))
    for user in (ADA, MARY, JOAN):
        await post(season, user, ASK)
    assert len(await proposals(season, GRACE, OFFER)) == 2


@pytest.mark.parametrize(("one", "other"), [(ADA, GRACE), (GRACE, ADA)])
async def test_who_avoids_another_is_never_proposed_to_them(season, one: int, other: int):
    await avoid.add_avoid(season.database, GUILD, one, other)
    await post(season, GRACE, OFFER)
    assert (await post(season, ADA, ASK)).proposals == ()


@pytest.mark.parametrize(("one", "other"), [(ADA, GRACE), (GRACE, ADA)])
async def test_who_comes_to_avoid_another_is_not_introduced_even_after_a_yes(season, one: int, other: int):
    introduction = await paired(season)
    await say(season, introduction, one, Word.YES)
    await avoid.add_avoid(season.database, GUILD, one, other)
    assert (await say(season, introduction, other, Word.YES)).status is Status.SAID_YES
    assert not await sent(season, DeliveryKind.INTRODUCTION_THREAD)


async def test_who_left_or_rests_is_not_proposed_to_anybody(season):
    """FAILURES F5, F6: looked at when proposed, and again when both have said yes."""
    await post(season, GRACE, OFFER)
    await people.pause(season.database, GUILD, season.program_id, GRACE, None, NOW)
    assert (await post(season, ADA, ASK)).proposals == ()
    await people.resume(season.database, GUILD, season.program_id, GRACE)
    await season.run(START + 7 * DAY)
    (proposal,) = await proposals(season, ADA, ASK)
    await say(season, proposal.id, ADA, Word.YES, START + 7 * DAY)
    await people.leave(season.database, GUILD, season.program_id, GRACE, START + 7 * DAY)
    await say(season, proposal.id, GRACE, Word.YES, START + 7 * DAY)
    assert not await sent(season, DeliveryKind.INTRODUCTION_THREAD)


async def test_people_without_a_language_in_common_are_not_proposed(season):
    await people.edit_profile(season.database, GUILD, GRACE, Profile(languages="Swahili"))
    await post(season, GRACE, OFFER, Wish(HelpKind.SKILL, "SQL", at_once=2))
    assert (await post(season, ADA, ASK)).proposals == ()
    await people.edit_profile(season.database, GUILD, GRACE, Profile(languages="Swahili, English"))
    assert (await post(season, MARY, ASK)).proposals != ()


async def test_only_the_two_see_and_answer_a_proposal(season):
    introduction = await paired(season)
    for act in (
        introductions.get_proposal(season.database, introduction, MARY, NOW),
        say(season, introduction, MARY, Word.YES),
    ):
        with pytest.raises(NotAllowed):
            await act


async def test_closed_direct_messages_stop_nothing(season):
    """FAILURES F11, F12: the list shows what the message could not."""
    introduction = await paired(season)
    await season.deliver(NOW, DeliveryKind.INTRODUCTION_OFFER)
    assert await statuses(season, GRACE, OFFER) == [Status.OPEN]
    await say(season, introduction, ADA, Word.YES)
    assert (await say(season, introduction, GRACE, Word.YES)).status is Status.INTRODUCED


async def test_a_thread_that_cannot_be_opened_is_told_to_the_moderators_and_both_still_learn_who_it_is(season):
    """FAILURES F10: nobody waits for a thread that will never be."""
    introduction = await introduced(season)
    await season.deliver(NOW, DeliveryKind.INTRODUCTION_THREAD)
    assert await sent(season, DeliveryKind.NOTICE)
    seen = await introductions.get_proposal(season.database, introduction, GRACE, NOW)
    assert (seen.other_user, seen.thread_id) == (ADA, None)


async def test_a_withdrawn_ask_passes_like_one_that_nobody_answered(season):
    introduction = await paired(season)
    await say(season, introduction, GRACE, Word.YES)
    (card,) = await asks.list_own(season.database, GUILD, ADA, ASK, NOW)
    await asks.withdraw(season.database, GUILD, card.id, ADA, NOW)
    assert await asks.list_own(season.database, GUILD, ADA, ASK, NOW) == ()
    assert await statuses(season, GRACE, OFFER) == [Status.SAID_YES]
    with pytest.raises(Conflict):
        await asks.withdraw(season.database, GUILD, card.id, ADA, NOW)


async def test_only_its_author_withdraws_an_ask(season):
    await post(season, ADA, ASK)
    (kept,) = await season.rows(HelpPost)
    with pytest.raises(NotFound):
        await asks.withdraw(season.database, GUILD, kept.id, GRACE, NOW)


async def test_an_ask_is_over_after_its_time_and_can_be_opened_again(season):
    card = await post(season, ADA, ASK)
    over = NOW + STAYS_OPEN[ASK]
    await season.run(over)
    (kept,) = await asks.list_own(season.database, GUILD, ADA, ASK, over)
    assert kept.state is PostState.EXPIRED
    await post(season, GRACE, OFFER, now=over)
    assert await statuses(season, ADA, ASK, over) == []
    opened = await asks.reopen(season.database, GUILD, card.id, ADA, over)
    assert (opened.state, len(opened.proposals)) == (PostState.OPEN, 1)


@pytest.mark.parametrize(
    "wish",
    [
        Wish(HelpKind.SKILL, " ", " "),
        Wish(HelpKind.SKILL, "x" * 201),
        Wish(HelpKind.SKILL, "x", "x" * 601),
        Wish(HelpKind.SKILL, "x", at_once=4),
    ],
)
async def test_an_ask_without_words_or_with_too_many_is_refused(season, wish: Wish):
    with pytest.raises(InvalidInput):
        await post(season, ADA, ASK, wish)


async def test_nobody_has_more_than_a_few_asks_open(season):
    for _ in range(MOST_OPEN):
        await post(season, ADA, ASK)
    with pytest.raises(Conflict):
        await post(season, ADA, ASK)
    await post(season, ADA, OFFER)


async def test_strangers_neither_ask_nor_offer(season):
    with pytest.raises(NotFound):
        await post(season, 99, ASK)


async def test_two_weeks_later_both_are_asked_once_what_came_of_it(season):
    introduction = await introduced(season)
    await season.deliver(NOW)
    asked = NOW + ASKED_AFTER
    await season.run(asked)
    await season.run(asked + DAY)
    (question,) = await sent(season, DeliveryKind.INTRODUCTION_OUTCOME)
    report = await introduction_outcomes.say_helped(season.database, question.key, ADA, Helped.YES, asked)
    assert report.direction is ASK
    await introduction_outcomes.say_came_of(season.database, introduction, ADA, CameOf.JOB)
    await introduction_outcomes.say_helped(season.database, question.key, GRACE, Helped.SOMEWHAT, asked)
    with pytest.raises(NotAllowed):
        await introduction_outcomes.say_helped(season.database, question.key, MARY, Helped.YES, asked)
    said = {row.person_id: (row.helped, row.came_of) for row in await season.rows(IntroductionOutcome)}
    assert said == {ADA: (Helped.YES, CameOf.JOB), GRACE: (Helped.SOMEWHAT, None)}


async def test_what_came_of_it_is_taken_back_with_a_no(season):
    introduction = await introduced(season)
    asked = NOW + ASKED_AFTER
    await season.run(asked)
    (question,) = await sent(season, DeliveryKind.INTRODUCTION_OUTCOME)
    await introduction_outcomes.say_helped(season.database, question.key, ADA, Helped.YES, asked)
    await introduction_outcomes.say_came_of(season.database, introduction, ADA, CameOf.JOB)
    taken_back = await introduction_outcomes.say_helped(season.database, question.key, ADA, Helped.NO, asked)
    assert taken_back.came_of is None
    with pytest.raises(Conflict):
        await introduction_outcomes.say_came_of(season.database, introduction, ADA, CameOf.JOB)


async def test_the_words_are_deleted_some_months_after_the_end(season):
    await post(season, ADA, ASK)
    over = NOW + STAYS_OPEN[ASK]
    await season.run(over)
    assert await help_privacy.forget_old_words(season.database, over + timedelta(days=89)) == 0
    assert await help_privacy.forget_old_words(season.database, over + timedelta(days=91)) == 1
    (kept,) = await season.rows(HelpPost)
    assert (kept.topics, kept.words) == ("", "")


async def test_an_export_never_tells_what_the_other_said(season):
    introduction = await paired(season)
    await say(season, introduction, GRACE, Word.NO)
    exported = await privacy.export(season.database, ADA, NOW)
    (mine,) = exported["guilds"][0]["introduction"]
    assert (mine["said"], mine["introduced_to"]) == (None, None)
    assert "no" not in mine.values()


async def test_who_is_forgotten_leaves_the_other_a_proposal_that_passes(season):
    introduction = await paired(season)
    await say(season, introduction, GRACE, Word.YES)
    await privacy.erase(season.database, ADA, GUILD, NOW)
    assert await statuses(season, GRACE, OFFER) == [Status.SAID_YES]
    await season.run(NOW + LAPSES_AFTER)
    assert await statuses(season, GRACE, OFFER, NOW + LAPSES_AFTER) == [Status.NO_MATCH]


async def test_the_clock_knows_when_to_look_next(database):
    season = await start_season(database)
    await season.run(START)
    introduction = await paired(season)
    (row,) = await season.rows(Introduction)
    assert (row.id, row.attend_at) == (introduction, NOW + LAPSES_AFTER)
    await season.run(NOW + LAPSES_AFTER - timedelta(seconds=1))
    assert [each.attend_at for each in await season.rows(Introduction)] == [NOW + LAPSES_AFTER]
    await season.run(NOW + LAPSES_AFTER)
    assert [each.attend_at for each in await season.rows(Introduction)] == [None]


async def test_who_never_says_a_word_holds_nobody_up_for_long(season):
    """FAILURES F6: an offer whose author is gone without a word is closed, and a click opens it again."""
    card = await post(season, GRACE, OFFER)
    now = NOW
    for number, user in enumerate((ADA, MARY, JOAN)):
        assert (await asks.get_own(season.database, GUILD, card.id, GRACE, now)).state is PostState.OPEN, number
        await post(season, user, ASK, now=now)
        now += LAPSES_AFTER
        await season.run(now)
    closed = await asks.get_own(season.database, GUILD, card.id, GRACE, now)
    assert (closed.state, closed.may_reopen) == (PostState.EXPIRED, True)


async def test_who_is_forgotten_is_taken_out_of_the_thread(season):
    await introduced(season)
    await season.deliver(NOW)
    await privacy.erase(season.database, ADA, GUILD, NOW)
    (edit,) = await sent(season, DeliveryKind.INTRODUCTION_EDIT)
    assert (await introduction_threads.get_meeting(season.database, edit.introduction_id)).users == (GRACE,)
