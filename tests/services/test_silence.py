import pytest

from bot.domain.states import DeliveryKind, EnrollmentState
from bot.errors import Conflict, NotAllowed, NotFound
from bot.services import answers, people, programs, silence
from bot.services.deliveries import DM_LANE, Outcome, claim, finish
from bot.services.posts import Reflection
from bot.services.silence import Choice
from db.models import CheckIn, Delivery, Enrollment
from tests.services.season import CLOSE, DAY, GUILD, HOUR, START, WEEK, Season, keep_silent

ASKED = CLOSE + 2 * WEEK  # the third close in a row


async def enrollment_of(season: Season, user: int) -> Enrollment:
    return (await season.rows(Enrollment))[user - 1]


async def questions(season: Season) -> list[Delivery]:
    return await season.rows(Delivery, Delivery.kind == DeliveryKind.SILENT_QUESTION)


async def key_of(season: Season) -> str:
    """Return the key of the only question."""
    (question,) = await questions(season)
    return question.key


async def state_of(season: Season, user: int) -> EnrollmentState:
    return (await enrollment_of(season, user)).state


async def test_three_silent_checkins_in_a_row_bring_one_private_question(asked):
    (question,) = await questions(asked)
    assert (question.lane, question.person_id, question.circle_id) == (DM_LANE, 1, None)
    silent = await enrollment_of(asked, 1)
    assert (silent.silent_checkins, silent.silent_asked_at, silent.state) == (3, ASKED, EnrollmentState.ACTIVE)
    assert [(await enrollment_of(asked, user)).silent_checkins for user in (2, 3, 4)] == [0, 0, 0]


async def test_two_silent_checkins_bring_none(season):
    await keep_silent(season, 2, 3, 4, weeks=2)
    assert not await questions(season)


async def test_an_answer_starts_the_count_anew(season):
    await keep_silent(season, 2, 3, 4, weeks=2)
    await season.happen(START + 2 * WEEK)
    third = (await season.rows(CheckIn))[-1]
    await answers.save(season.database, third.id, 1, Reflection(2), START + 2 * WEEK + HOUR)
    assert (await enrollment_of(season, 1)).silent_checkins == 0
    await season.happen(CLOSE + 2 * WEEK)
    assert not await questions(season)


async def test_the_question_is_asked_once_however_long_the_silence_lasts(season):
    await programs.change_program(season.database, GUILD, season.program_id, {"rotation_weeks": 26}, START)
    await keep_silent(season, 2, 3, 4, weeks=5)
    assert len(await questions(season)) == 1
    assert (await enrollment_of(season, 1)).silent_checkins == 5


async def test_a_card_that_never_arrived_makes_nobody_silent(season):
    """FAILURES F17: a thread that is gone is not its members' silence."""
    await season.run(CLOSE)
    await season.deliver(CLOSE)
    await keep_silent(season, refused=(DeliveryKind.CHECKIN_CARD,))
    assert [each.silent_checkins for each in await season.rows(Enrollment)] == [1, 1, 1, 1]


async def test_a_checkin_cut_short_makes_nobody_silent(season):
    await programs.archive_program(season.database, GUILD, season.program_id, START + DAY)
    assert (await season.rows(CheckIn))[0].closed_at == START + DAY
    assert [each.silent_checkins for each in await season.rows(Enrollment)] == [0, 0, 0, 0]


@pytest.mark.parametrize("away", [people.leave, people.pause])
async def test_whoever_is_paused_or_left_is_not_silent(season, away):
    given = (None,) if away is people.pause else ()
    await away(season.database, GUILD, season.program_id, 1, *given, START + HOUR)
    await season.happen(CLOSE)
    assert [each.silent_checkins for each in await season.rows(Enrollment)] == [0, 1, 1, 1]


async def test_without_an_answer_within_two_days_the_person_is_paused_and_others_are_not(asked):
    assert await silence.pause_unanswered(asked.database, asked.program_id, ASKED + 47 * HOUR) == 0
    assert await silence.pause_unanswered(asked.database, asked.program_id, ASKED + 48 * HOUR) == 1
    paused = await enrollment_of(asked, 1)
    assert (paused.state, paused.paused_until) == (EnrollmentState.PAUSED, None)
    assert await state_of(asked, 2) is EnrollmentState.ACTIVE
    assert await silence.pause_unanswered(asked.database, asked.program_id, ASKED + 49 * HOUR) == 0


async def test_the_two_days_begin_when_the_question_has_left(season):
    await keep_silent(season, 2, 3, 4, weeks=2)
    await season.happen(START + 2 * WEEK)
    await season.run(ASKED)
    late = ASKED + 40 * HOUR
    while (job := await claim(season.database, ASKED)) is not None:
        wait = late - ASKED if job.kind is DeliveryKind.SILENT_QUESTION else None
        await finish(
            season.database, job, Outcome(result_id=1, error_code=40003 if wait else None, retry_after=wait), ASKED
        )
    assert await silence.pause_unanswered(season.database, season.program_id, ASKED + 48 * HOUR) == 0
    await season.deliver(late)
    assert await silence.pause_unanswered(season.database, season.program_id, late + 47 * HOUR) == 0
    assert await silence.pause_unanswered(season.database, season.program_id, late + 49 * HOUR) == 1


async def test_closed_direct_messages_are_recorded_and_stop_nothing(season):
    """FAILURES F11: closed DMs are a normal outcome for that one person."""
    await keep_silent(season, 3, 4, refused=(DeliveryKind.SILENT_QUESTION,))
    asked = await questions(season)
    assert [(each.person_id, each.error_code) for each in asked] == [(1, 50007), (2, 50007)]
    assert await silence.pause_unanswered(season.database, season.program_id, ASKED + 48 * HOUR) == 2


async def test_the_next_rotation_forms_without_whoever_did_not_answer(asked):
    await asked.happen(START + 4 * WEEK)
    assert await state_of(asked, 1) is EnrollmentState.PAUSED
    assert not await answers.list_forms(asked.database, GUILD, 1, START + 4 * WEEK + HOUR)
    assert await answers.list_forms(asked.database, GUILD, 2, START + 4 * WEEK + HOUR)


async def test_staying_starts_the_count_anew(asked):
    key = await key_of(asked)
    assert await silence.choose(asked.database, key, 1, Choice.STAY, ASKED + HOUR) == "Circles"
    stayed = await enrollment_of(asked, 1)
    assert (stayed.silent_checkins, stayed.silent_asked_at, stayed.state) == (0, None, EnrollmentState.ACTIVE)
    assert await silence.pause_unanswered(asked.database, asked.program_id, ASKED + 9 * DAY) == 0


async def test_the_same_button_brings_back_whoever_was_paused(asked):
    key = await key_of(asked)
    await silence.pause_unanswered(asked.database, asked.program_id, ASKED + 2 * DAY)
    await silence.choose(asked.database, key, 1, Choice.STAY, ASKED + 30 * DAY)
    assert await state_of(asked, 1) is EnrollmentState.ACTIVE


async def test_pausing_and_leaving_are_done_at_once(asked):
    key = await key_of(asked)
    await silence.choose(asked.database, key, 1, Choice.PAUSE, ASKED + HOUR)
    assert await state_of(asked, 1) is EnrollmentState.PAUSED
    await silence.choose(asked.database, key, 1, Choice.LEAVE, ASKED + 2 * HOUR)
    await silence.choose(asked.database, key, 1, Choice.LEAVE, ASKED + 3 * HOUR)
    left = await enrollment_of(asked, 1)
    assert (left.state, left.left_at) == (EnrollmentState.LEFT, ASKED + 2 * HOUR)


@pytest.mark.parametrize("choice", [Choice.STAY, Choice.PAUSE])
async def test_whoever_left_comes_back_by_joining_only(asked, choice):
    key = await key_of(asked)
    await silence.choose(asked.database, key, 1, Choice.LEAVE, ASKED + HOUR)
    with pytest.raises(Conflict):
        await silence.choose(asked.database, key, 1, choice, ASKED + HOUR)


async def test_nobody_else_can_answer_for_the_person_asked(asked):
    key = await key_of(asked)
    with pytest.raises(NotAllowed):
        await silence.choose(asked.database, key, 2, Choice.LEAVE, ASKED + HOUR)
    assert await state_of(asked, 1) is EnrollmentState.ACTIVE


async def test_another_messages_key_answers_no_question(season):
    welcome = (await season.rows(Delivery, Delivery.kind == DeliveryKind.WELCOME))[0]
    for key in (welcome.key, "nosuchkey"):
        with pytest.raises(NotFound):
            await silence.choose(season.database, key, 1, Choice.STAY, START)


async def test_in_an_archived_program_the_question_has_no_answer_any_more(asked):
    key = await key_of(asked)
    await programs.archive_program(asked.database, GUILD, asked.program_id, ASKED + HOUR)
    with pytest.raises(Conflict):
        await silence.choose(asked.database, key, 1, Choice.STAY, ASKED + 2 * HOUR)


async def test_a_question_that_was_answered_before_it_left_is_not_sent(asked):
    question = await silence.get_question(asked.database, asked.program_id, 1)
    assert (question.user_id, question.silent_checkins, question.program) == (1, 3, "Circles")
    await people.resume(asked.database, GUILD, asked.program_id, 1)
    with pytest.raises(NotFound):
        await silence.get_question(asked.database, asked.program_id, 1)
