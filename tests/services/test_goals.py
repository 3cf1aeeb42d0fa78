from datetime import date

import pytest

from bot.domain.goals import GoalPath, GoalState, Outcome
from bot.errors import Conflict, InvalidInput, NotFound
from bot.services import answers, goal_progress, goals, people, privacy
from bot.services.goals import GoalCard, Wording
from bot.services.posts import Reflection
from db.models import CheckIn, Goal, GoalNote, Rotation
from tests.services.season import DAY, GUILD, HOUR, START, WEEK, Season, keep_silent, start_season

ADA, GRACE = 1, 2
NOW = START + HOUR
TALK = Wording(GoalPath.VISIBILITY, "Give a talk", "Write the abstract", date(2026, 11, 20))


async def set_goal(season: Season, aim: str = "Give a talk", user: int = ADA, now=NOW) -> GoalCard:
    said = Wording(TALK.path, aim, TALK.next_step, TALK.by)
    return await goals.add(season.database, GUILD, season.program_id, user, said, now)


async def own_goals(season: Season, user: int = ADA, now=NOW) -> tuple[GoalCard, ...]:
    return await goals.list_goals(season.database, GUILD, user, now)


async def answer(season: Season, progress: str, now=NOW, user: int = ADA) -> answers.Saved:
    checkin = (await season.rows(CheckIn))[-1]
    return await answers.save(season.database, checkin.id, user, Reflection(3, progress=progress), now)


async def begin_next_rotation(season: Season) -> None:
    await keep_silent(season, *season.users, weeks=4)
    await season.happen(START + 4 * WEEK)


def notes_of(goal: GoalCard) -> list[str]:
    return [note.words for note in goal.notes]


async def test_a_goal_stands_in_the_rotation_that_runs(season):
    made = await set_goal(season)
    assert (made.said, made.state, made.waits, made.late) == (TALK, GoalState.OPEN, False, False)
    (kept,) = await season.rows(Goal)
    (rotation,) = await season.rows(Rotation)
    assert (kept.rotation_id, kept.program_id) == (rotation.id, season.program_id)


async def test_a_rotation_has_room_for_three_goals_and_letting_one_go_makes_room(season):
    made = [await set_goal(season, aim) for aim in ("one", "two", "three")]
    with pytest.raises(Conflict, match=r"goal\.enough"):
        await set_goal(season, "four")
    await goals.reach(season.database, GUILD, made[0].id, ADA, None, NOW)
    with pytest.raises(Conflict, match=r"goal\.enough"):
        await set_goal(season, "four")
    await goals.let_go(season.database, GUILD, made[1].id, ADA, NOW)
    await set_goal(season, "four")
    await set_goal(season, "of somebody else", GRACE)
    with pytest.raises(Conflict, match=r"goal\.enough"):
        await goals.reopen(season.database, GUILD, made[1].id, ADA, NOW)
    assert [goal.said.aim for goal in await own_goals(season)][:2] == ["three", "four"]


async def test_the_day_that_is_offered_is_the_rotations_last_and_a_past_one_is_refused(season):
    offered = await goals.suggest_day(season.database, GUILD, season.program_id, ADA, NOW)
    (rotation,) = await season.rows(Rotation)
    assert offered == rotation.ends_at.date()
    for by in (date(2026, 11, 1), date(2029, 1, 1)):
        said = Wording(GoalPath.SKILL, "Learn", "", by)
        with pytest.raises(InvalidInput, match=r"goal\.invalid\.day"):
            await goals.add(season.database, GUILD, season.program_id, ADA, said, NOW)


async def test_a_goal_that_is_late_keeps_its_day_when_its_words_change(season):
    made = await set_goal(season)
    later = START + 3 * WEEK
    said = Wording(GoalPath.LEADING, "Give two talks", "", TALK.by)
    changed = await goals.change(season.database, GUILD, made.id, ADA, said, later)
    assert (changed.said, changed.late) == (said, True)


@pytest.mark.parametrize(
    "said", [Wording(GoalPath.SKILL, "", "", TALK.by), Wording(GoalPath.SKILL, "x" * 201, "", TALK.by)]
)
async def test_a_goal_without_an_aim_or_with_an_endless_one_is_refused(season, said):
    with pytest.raises(InvalidInput):
        await goals.add(season.database, GUILD, season.program_id, ADA, said, NOW)


async def test_nobody_sees_or_moves_the_goals_of_somebody_else(season):
    made = await set_goal(season)
    assert await own_goals(season, GRACE) == ()
    for ask in (
        goals.get_goal(season.database, GUILD, made.id, GRACE, NOW),
        goals.change(season.database, GUILD, made.id, GRACE, TALK, NOW),
        goals.note(season.database, GUILD, made.id, GRACE, "hers", "", NOW),
        goals.reach(season.database, GUILD, made.id, GRACE, None, NOW),
        goals.let_go(season.database, GUILD, made.id, GRACE, NOW),
        goals.reopen(season.database, GUILD, made.id, GRACE, NOW),
        goals.carry(season.database, GUILD, made.id, GRACE, NOW),
        goals.get_goal(season.database, GUILD + 1, made.id, ADA, NOW),
    ):
        with pytest.raises(NotFound, match=r"goal\.not-found"):
            await ask


async def test_a_goal_that_is_reached_records_what_came_of_it(season):
    made = await set_goal(season)
    await goals.reach(season.database, GUILD, made.id, ADA, Outcome.TALK, NOW)
    again = await goals.reach(season.database, GUILD, made.id, ADA, None, NOW + DAY)
    (kept,) = await season.rows(Goal)
    assert (kept.state, kept.outcome, kept.done_at) == (GoalState.DONE, Outcome.TALK, NOW)
    assert again.outcome is Outcome.TALK
    cleared = await goals.say_outcome(season.database, GUILD, made.id, ADA, None, NOW)
    assert cleared.outcome is None
    with pytest.raises(Conflict, match=r"goal\.settled"):
        await goals.note(season.database, GUILD, made.id, ADA, "more", "", NOW)


async def test_a_goal_that_is_opened_again_has_no_outcome(season):
    made = await set_goal(season)
    await goals.reach(season.database, GUILD, made.id, ADA, Outcome.RAISE, NOW)
    opened = await goals.reopen(season.database, GUILD, made.id, ADA, NOW)
    assert (opened.state, opened.outcome, opened.done_at) == (GoalState.OPEN, None, None)
    with pytest.raises(Conflict, match=r"goal\.not-reached"):
        await goals.say_outcome(season.database, GUILD, made.id, ADA, Outcome.RAISE, NOW)


async def test_a_checkin_moves_the_only_goal_and_an_edit_moves_the_note(season):
    await set_goal(season)
    for progress in ("Half an abstract", "A whole abstract"):
        kept = await answer(season, progress)
        (goal,) = await own_goals(season)
        assert notes_of(goal) == [progress]
    assert kept.moved.chosen == {goal.id}
    await answer(season, "")
    assert [notes_of(goal) for goal in await own_goals(season)] == [[]]


async def test_of_several_goals_the_member_says_which_a_checkin_moved(season):
    talk, book = await set_goal(season, "talk"), await set_goal(season, "book")
    kept = await answer(season, "Half of it")
    checkin_id, moved = kept.before.checkin_id, kept.moved
    assert (len(moved.goals), moved.chosen, moved.has_progress) == (2, frozenset(), True)
    for chosen in ([talk.id], [talk.id, book.id], [book.id]):
        moved = await goal_progress.choose(season.database, checkin_id, ADA, chosen, NOW)
        assert moved.chosen == set(chosen)
    await answer(season, "All of it")
    assert [notes_of(goal) for goal in await own_goals(season)] == [[], ["All of it"]]


async def test_a_checkin_moves_nobody_elses_goal(season):
    hers = await set_goal(season, user=GRACE)
    checkin_id = (await answer(season, "Mine")).before.checkin_id
    with pytest.raises(NotFound, match=r"goal\.not-found"):
        await goal_progress.choose(season.database, checkin_id, ADA, [hers.id], NOW)
    assert await season.rows(GoalNote) == []


async def test_notes_and_next_steps_are_kept_beside_those_of_checkins(season):
    made = await set_goal(season)
    await goals.note(season.database, GUILD, made.id, ADA, "Wrote", "Send it", NOW)
    await answer(season, "Sent")
    (goal,) = await own_goals(season)
    assert (notes_of(goal), goal.said.next_step) == (["Wrote", "Sent"], "Send it")


async def test_at_the_end_of_a_rotation_each_open_goal_waits_for_a_word(season):
    reached, carried, let_go = [await set_goal(season, aim) for aim in ("reached", "carried", "let go")]
    await begin_next_rotation(season)
    now = START + 4 * WEEK + HOUR
    waiting = await goals.list_waiting(season.database, GUILD, season.program_id, ADA, now)
    assert {goal.id for goal in waiting} == {reached.id, carried.id, let_go.id}
    await goals.reach(season.database, GUILD, reached.id, ADA, Outcome.OTHER, now)
    await goals.let_go(season.database, GUILD, let_go.id, ADA, now)
    for _ in range(2):
        assert (await goals.carry(season.database, GUILD, carried.id, ADA, now)).carried == 1
    assert await goals.list_waiting(season.database, GUILD, season.program_id, ADA, now) == ()
    kept = {goal.id: goal for goal in await season.rows(Goal)}
    first, second = await season.rows(Rotation)
    assert [kept[each.id].rotation_id for each in (reached, carried, let_go)] == [first.id, second.id, first.id]


async def test_a_goal_set_before_the_first_rotation_stands_in_it_once_it_begins(database):
    season = await start_season(database)
    await set_goal(season, now=START - HOUR)
    (kept,) = await season.rows(Goal)
    assert kept.rotation_id is None
    await season.happen(START)
    (kept,), (rotation,) = await season.rows(Goal), await season.rows(Rotation)
    assert kept.rotation_id == rotation.id
    assert await goals.list_waiting(season.database, GUILD, season.program_id, ADA, NOW) == ()


async def test_who_takes_no_part_sets_no_goals(season):
    with pytest.raises(NotFound, match=r"person\.not-joined"):
        await set_goal(season, user=50)
    await people.leave(season.database, GUILD, season.program_id, ADA, NOW)
    with pytest.raises(NotFound, match=r"person\.not-enrolled"):
        await set_goal(season)


async def test_erasing_takes_goals_and_their_notes(season):
    await set_goal(season)
    await answer(season, "Half an abstract")
    await set_goal(season, user=GRACE)
    await privacy.erase(season.database, ADA, GUILD, NOW)
    assert [(goal.aim, goal.person_id) for goal in await season.rows(Goal)] == [("Give a talk", GRACE)]
    assert await season.rows(GoalNote) == []
