import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.domain.goals import GoalPath, Outcome, WinKind
from bot.domain.states import DeliveryKind, DeliveryState
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.services import answers, avoid, goals, kudos, people, privacy, wins
from bot.services.goals import Wording
from bot.services.people import Profile
from bot.services.posts import Reflection
from bot.services.wins import Evidence, Said
from db.models import CheckIn, Circle, Delivery, Membership, Person, Win
from tests.services.season import DAY, GUILD, HOUR, START, WEEK, Season, keep_silent

ADA, GRACE, MARY, STRANGER = 1, 2, 3, 50
NOW = START + HOUR
TODAY = NOW.date()
SHIPPED = Said("Shipped the importer", "Saves two hours a week", TODAY)
KIND_WORD = "You explained it so well"


async def evidence(season: Season, user: int = ADA, now=NOW) -> Evidence:
    return await wins.get_evidence(season.database, GUILD, user, now)


async def words_in(season: Season, user: int = ADA, now=NOW) -> list[str]:
    return [win.said.words for win in (await evidence(season, user, now)).wins]


async def answer(season: Season, win: str, challenge: str = "", now=NOW) -> None:
    checkin = (await season.rows(CheckIn))[-1]
    await answers.save(season.database, checkin.id, ADA, Reflection(3, win=win, challenge=challenge), now)


async def give(season: Season, giver: int = GRACE, receiver: int = ADA, now=NOW, *, may_show: bool = True) -> int:
    """Give kudos; return the entry."""
    await kudos.give(season.database, GUILD, giver, receiver, KIND_WORD, now, may_show=may_show)
    return (await season.rows(Win))[-1].id


async def deliveries_of(season: Season, kind: DeliveryKind) -> list[Delivery]:
    return await season.rows(Delivery, Delivery.kind == kind)


async def end_rotation(season: Season) -> None:
    await keep_silent(season, *season.users, weeks=4)
    await season.happen(START + 4 * WEEK)


async def take_out(season: Season, user: int) -> None:
    """Take somebody out of the newest circle, so that they and the others only shared earlier ones."""
    newest = (await season.rows(Circle))[-1].id

    async def take(session):
        query = select(Membership).join(Person).where(Membership.circle_id == newest, Person.user_id == user)
        await session.delete((await session.scalars(query)).one())

    await season.database.write(take)


async def test_a_file_holds_ones_own_wins_the_newest_day_first(season):
    await wins.add(season.database, GUILD, ADA, SHIPPED, NOW)
    await wins.add(season.database, GUILD, ADA, Said("Older", "", TODAY - timedelta(days=90)), NOW)
    assert await words_in(season) == [SHIPPED.words, "Older"]
    assert await words_in(season, GRACE) == []


@pytest.mark.parametrize("said", [Said("", "", TODAY), Said("x" * 601, "", TODAY), Said("Mine", "y" * 301, TODAY)])
async def test_a_win_without_words_or_with_endless_ones_is_refused(season, said):
    with pytest.raises(InvalidInput):
        await wins.add(season.database, GUILD, ADA, said, NOW)


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), date(1900, 1, 1)])
async def test_a_win_lies_in_the_past_and_not_in_another_century(season, day):
    with pytest.raises(InvalidInput, match=r"win\.invalid\.day"):
        await wins.add(season.database, GUILD, ADA, Said("Mine", "", day), NOW)


async def test_a_win_counts_on_the_day_that_it_is_where_the_member_lives(season):
    await people.join(season.database, GUILD, season.program_id, ADA, Profile(zone="Pacific/Auckland"), NOW)
    late = START.replace(hour=13)
    assert await wins.get_today(season.database, GUILD, ADA, late) == TODAY + timedelta(days=1)


async def test_the_win_of_a_checkin_lands_in_the_file_and_follows_each_edit(season):
    for words in ("A first win", "A better win"):
        await answer(season, words)
        assert await words_in(season) == [words]
    await answer(season, "")
    assert await words_in(season) == []


async def test_an_entry_that_was_removed_comes_back_only_with_new_words(season):
    await answer(season, "A win")
    (win,) = (await evidence(season)).wins
    await wins.remove(season.database, GUILD, win.id, ADA, NOW)
    await answer(season, "A win", challenge="Something else")
    assert await words_in(season) == []
    await answer(season, "Another win")
    assert await words_in(season) == ["Another win"]


async def test_an_entry_is_changed_and_removed_by_its_owner_only(season):
    made = await wins.add(season.database, GUILD, ADA, SHIPPED, NOW)
    better = Said("Shipped it twice", "", TODAY)
    for ask in (
        wins.get_win(season.database, GUILD, made.id, GRACE),
        wins.change(season.database, GUILD, made.id, GRACE, better, NOW),
        wins.remove(season.database, GUILD, made.id, GRACE, NOW),
        wins.get_win(season.database, GUILD + 1, made.id, ADA),
    ):
        with pytest.raises(NotFound, match=r"win\.not-found"):
            await ask
    assert (await wins.change(season.database, GUILD, made.id, ADA, better, NOW)).said == better
    await wins.remove(season.database, GUILD, made.id, ADA, NOW)
    assert await season.rows(Win) == []


async def test_goals_that_were_reached_are_evidence_too(season):
    said = Wording(GoalPath.PROMOTION, "Become a lead", "", TODAY)
    goal = await goals.add(season.database, GUILD, season.program_id, ADA, said, NOW)
    assert (await evidence(season)).reached == ()
    await goals.reach(season.database, GUILD, goal.id, ADA, Outcome.PROMOTION, NOW)
    (reached,) = (await evidence(season)).reached
    assert (reached.day, reached.aim, reached.outcome) == (TODAY, "Become a lead", Outcome.PROMOTION)


async def test_kudos_land_in_the_receivers_file_and_a_line_calls_only_them(season):
    await give(season)
    (win,) = (await evidence(season)).wins
    assert (win.kind, win.said.words, win.giver, win.can_show) == (WinKind.KUDOS, KIND_WORD, GRACE, True)
    assert await words_in(season, GRACE) == []
    (note,) = await deliveries_of(season, DeliveryKind.KUDOS_NOTE)
    assert (await kudos.get_note(season.database, win.id, note.circle_id)).user_id == ADA
    assert (await kudos.get_by_key(season.database, note.key, ADA)).id == win.id
    with pytest.raises(NotAllowed, match=r"kudos\.not-for-you"):
        await kudos.get_by_key(season.database, note.key, GRACE)


async def test_only_somebody_who_shares_or_shared_a_circle_gives_kudos(season):
    await people.join(season.database, GUILD, season.program_id, STRANGER, Profile(), NOW)
    for receiver, error in ((STRANGER, "not-a-mate"), (999, "not-a-mate")):
        with pytest.raises(NotAllowed, match=error):
            await give(season, ADA, receiver)
    with pytest.raises(InvalidInput, match=r"kudos\.yourself"):
        await give(season, ADA, ADA)
    with pytest.raises(NotFound, match=r"person\.not-joined"):
        await give(season, 999, ADA)
    await people.leave(season.database, GUILD, season.program_id, GRACE, NOW)
    await give(season, ADA, GRACE)
    assert await words_in(season, GRACE) == [KIND_WORD]


async def test_three_kudos_a_week_from_one_to_another_are_plenty(season):
    for _ in range(3):
        await give(season)
    with pytest.raises(Conflict, match=r"kudos\.enough"):
        await give(season)
    await give(season, MARY)
    await give(season, now=NOW + 7 * DAY)


async def test_kudos_are_shown_only_when_both_wish(season):
    private = await give(season, may_show=False)
    with pytest.raises(NotAllowed, match=r"kudos\.stays-private"):
        await kudos.show(season.database, GUILD, private, ADA, NOW)
    wished = await give(season)
    with pytest.raises(NotFound):
        await kudos.get_post(season.database, wished)
    with pytest.raises(NotFound, match=r"win\.not-found"):
        await kudos.show(season.database, GUILD, wished, GRACE, NOW)
    for _ in range(2):
        shown = await kudos.show(season.database, GUILD, wished, ADA, NOW)
        assert (shown.shown, shown.can_show) == (True, False)
    assert len(await deliveries_of(season, DeliveryKind.KUDOS)) == 1
    post = await kudos.get_post(season.database, wished)
    assert (post.giver, post.receiver, post.words) == (GRACE, ADA, KIND_WORD)


async def test_kudos_of_a_circle_that_ended_stay_private(season):
    wished = await give(season)
    await end_rotation(season)
    later = START + 4 * WEEK + HOUR
    with pytest.raises(Conflict, match=r"kudos\.circle-over"):
        await kudos.show(season.database, GUILD, wished, ADA, later)
    assert not (await evidence(season, now=later)).wins[-1].can_show


@pytest.mark.parametrize("asker", [ADA, GRACE])
async def test_either_of_the_two_takes_shown_kudos_down_for_good(season, asker):
    wished = await give(season)
    await kudos.show(season.database, GUILD, wished, ADA, NOW)
    await season.deliver(NOW)
    (post,) = await deliveries_of(season, DeliveryKind.KUDOS)
    with pytest.raises(NotAllowed, match=r"kudos\.not-between-you"):
        await kudos.take_down(season.database, post.key, MARY, NOW)
    await kudos.take_down(season.database, post.key, asker, NOW)
    (outdated,) = await kudos.list_outdated(season.database, wished, post.circle_id)
    assert (outdated.message_id, outdated.thread_id) == (post.result_id, post.result_channel_id)
    assert await words_in(season) == [KIND_WORD]
    with pytest.raises(NotAllowed, match=r"kudos\.stays-private"):
        await kudos.show(season.database, GUILD, wished, ADA, NOW)


async def test_removing_kudos_takes_every_message_about_them_out_of_the_thread(season):
    wished = await give(season)
    await kudos.show(season.database, GUILD, wished, ADA, NOW)
    await season.deliver(NOW)
    with pytest.raises(Conflict, match=r"win\.not-yours-to-change"):
        await wins.change(season.database, GUILD, wished, ADA, SHIPPED, NOW)
    await wins.remove(season.database, GUILD, wished, ADA, NOW)
    assert await words_in(season) == []
    (job,) = await season.deliver(NOW)
    assert job.kind is DeliveryKind.KUDOS_DELETE
    assert len(await kudos.list_outdated(season.database, wished, job.circle_id)) == 2
    assert [win.words for win in await season.rows(Win)] == [""]


async def test_a_line_that_was_never_sent_needs_no_deleting(season):
    wished = await give(season)
    await wins.remove(season.database, GUILD, wished, ADA, NOW)
    assert await deliveries_of(season, DeliveryKind.KUDOS_DELETE) == []
    (note,) = await deliveries_of(season, DeliveryKind.KUDOS_NOTE)
    with pytest.raises(NotFound, match=r"win\.not-found"):
        await kudos.get_note(season.database, wished, note.circle_id)


async def leave_circle(season: Season, user: int, at) -> None:
    """Let somebody go to another circle before the rotation ends, as a repair does."""

    async def go(session):
        query = select(Membership).join(Person).where(Person.user_id == user)
        (await session.scalars(query)).one().left_at = at

    await season.database.write(go)


async def test_who_changed_circles_gives_and_gets_kudos_but_shows_none_in_the_one_left(season):
    before = await give(season)
    await leave_circle(season, ADA, NOW + HOUR)
    later = NOW + 2 * HOUR
    assert not (await kudos.get_offer(season.database, GUILD, MARY, ADA, later)).can_show
    with pytest.raises(Conflict, match=r"kudos\.circle-over"):
        await kudos.show(season.database, GUILD, before, ADA, later)
    await give(season, ADA, MARY, later)
    assert len(await deliveries_of(season, DeliveryKind.KUDOS_NOTE)) == 2


async def test_nobody_is_called_to_the_kudos_of_somebody_they_avoid_elsewhere(season):
    await end_rotation(season)
    later = START + 4 * WEEK + HOUR
    await avoid.add_avoid(season.database, GUILD, ADA, GRACE)

    await take_out(season, GRACE)
    await give(season, GRACE, ADA, later)
    await give(season, GRACE, MARY, later)
    notes = await deliveries_of(season, DeliveryKind.KUDOS_NOTE)
    told = [(await kudos.get_note(season.database, note.win_id, note.circle_id)).user_id for note in notes]
    assert told == [MARY]
    assert await words_in(season, ADA, later) == [KIND_WORD]


@pytest.mark.parametrize("who", [ADA, GRACE])
async def test_erasing_giver_or_receiver_takes_the_words_and_their_post(season, who):
    """FAILURES F38: kudos go from file and thread with whoever wrote or got them."""
    wished = await give(season)
    await kudos.show(season.database, GUILD, wished, ADA, NOW)
    await season.deliver(NOW)
    await wins.add(season.database, GUILD, ADA, SHIPPED, NOW)
    await privacy.erase(season.database, who, GUILD, NOW)
    jobs = await season.deliver(NOW)
    assert DeliveryKind.KUDOS_DELETE in [job.kind for job in jobs]
    kept = {GRACE: [SHIPPED.words, ""], ADA: [""]}
    assert sorted(win.words for win in await season.rows(Win)) == sorted(kept[who])


async def test_a_deletion_is_not_stopped_by_the_erasure_of_the_other(season):
    wished = await give(season)
    await kudos.show(season.database, GUILD, wished, ADA, NOW)
    await season.deliver(NOW)
    for who in (GRACE, ADA):
        await privacy.erase(season.database, who, GUILD, NOW)
    assert {each.state for each in await deliveries_of(season, DeliveryKind.KUDOS_DELETE)} == {DeliveryState.PENDING}


async def test_an_export_tells_of_kudos_given_and_got_and_of_nobody_elses(season):
    await give(season)
    await wins.add(season.database, GUILD, MARY, SHIPPED, NOW)
    for user in (ADA, GRACE):
        exported = await privacy.export(season.database, user, NOW)
        (line,) = exported["guilds"][0]["win"]
        assert (line["from"], line["for"], line["words"]) == (str(GRACE), str(ADA), KIND_WORD)
        assert SHIPPED.words not in json.dumps(exported)
