from dataclasses import dataclass

import pytest

from bot.domain.formation.repair import Obstacle, Why
from bot.domain.states import DeliveryKind, Met
from bot.errors import Conflict, NotAllowed, NotFound
from bot.services import (
    answers,
    avoid,
    circles,
    farewells,
    feedback,
    history,
    mine,
    moves,
    people,
    privacy,
    repair,
    rotations,
)
from bot.services.people import Profile
from bot.services.posts import Reflection
from bot.services.repair import REPAIR, Proposal, Wish
from db.models import CheckIn, CheckInAnswer, Circle, Delivery, Enrollment, Membership, Unplaced
from tests.services.season import DAY, GUILD, HOUR, START, WEEK, WORLD, Season, start_season

LATER = START + DAY


@dataclass(frozen=True)
class Seats:
    """Who sits where by user, and what a repair says and does."""

    season: Season

    async def circles(self) -> dict[int, set[int]]:
        """Return who sits where, by user."""
        card = (await rotations.list_history(self.season.database, GUILD, self.season.program_id))[0]
        return {each.number: {seat.user_id for seat in each.seats if seat.user_id} for each in card.circles}

    async def propose(self, wish: Wish = REPAIR, now=LATER) -> Proposal:
        """Return what a wish would change."""
        return await repair.propose(self.season.database, WORLD, GUILD, self.season.program_id, wish, now)

    async def publish(self, proposal: Proposal, wish: Wish = REPAIR, now=LATER) -> Proposal:
        """Carry a proposal out."""
        return await repair.publish(
            self.season.database, WORLD, GUILD, self.season.program_id, wish, proposal.fingerprint, now, by=77
        )

    async def change(self, wish: Wish = REPAIR, now=LATER) -> Proposal:
        """Propose and publish in one go."""
        return await self.publish(await self.propose(wish, now), wish, now)

    async def leave(self, *users: int, now=LATER) -> None:
        """Let users leave the program."""
        for user in users:
            await people.leave(self.season.database, GUILD, self.season.program_id, user, now)

    async def join(self, *users: int, now=LATER) -> None:
        """Let users join the program."""
        for user in users:
            await people.join(self.season.database, GUILD, self.season.program_id, user, Profile(), now)


async def start(database, members: int = 8, **changes: object) -> Seats:
    season = await start_season(
        database, members=members, **{"size_least": 3, "size_wanted": 4, "size_most": 5, **changes}
    )
    await season.happen(START)
    return Seats(season)


async def kinds_since(season: Season, delivery_id: int) -> list[tuple[DeliveryKind, int | None]]:
    rows = await season.rows(Delivery, Delivery.id > delivery_id)
    return [(row.kind, row.circle_id) for row in rows if row.kind is not DeliveryKind.NOTICE]


async def test_who_is_left_over_goes_on_in_another_circle(database):
    seats = await start(database, members=7, size_wanted=3, size_most=5)
    before = await seats.circles()
    small, large = sorted(before, key=lambda number: len(before[number]))[:2]
    await seats.leave(*sorted(before[small])[1:])
    last = (await seats.season.rows(Delivery))[-1].id
    (stays,) = before[small] & set(sorted(before[small])[:1])
    proposal = await seats.propose()
    assert [(move.user_id, move.origin, move.target, move.why) for move in proposal.moves] == [
        (stays, small, large, Why.MERGED)
    ]
    assert proposal.closed == (small,)
    assert await seats.circles() == before, "a preview changes nothing"
    await seats.publish(proposal)
    assert (await seats.circles())[large] == before[large] | {stays}
    by_number = {row.number: row for row in await seats.season.rows(Circle)}
    assert by_number[small].closed_at == LATER
    assert await kinds_since(seats.season, last) == [
        (DeliveryKind.CHECKIN_SUMMARY, by_number[small].id),
        *sorted(
            [
                (kind, by_number[small].id)
                for kind in (DeliveryKind.CIRCLE_CHANGED, DeliveryKind.FAREWELL, DeliveryKind.ARCHIVE_THREAD)
            ]
            + [
                (kind, by_number[large].id)
                for kind in (DeliveryKind.ADD_MEMBER, DeliveryKind.CIRCLE_CHANGED, DeliveryKind.WELCOME_EDIT)
            ],
            key=lambda each: each[1],
        ),
    ]


async def test_a_stale_preview_is_refused_and_a_second_click_changes_nothing(database):
    """FAILURES F9: two quick clicks repair once."""
    seats = await start(database, members=7, size_wanted=3)
    before = await seats.circles()
    small = min(before, key=lambda number: len(before[number]))
    await seats.leave(min(before[small]))
    stale = await seats.propose()
    await seats.join(20)
    with pytest.raises(Conflict, match=r"repair\.stale"):
        await seats.publish(stale)
    fresh = await seats.propose()
    assert [(move.user_id, move.why) for move in fresh.moves] == [(20, Why.PLACED)]
    await seats.publish(fresh)
    with pytest.raises(Conflict, match=r"repair\.stale"):
        await seats.publish(fresh)
    assert not (await seats.propose()).has_changes


async def test_a_late_joiner_is_placed_and_who_sits_the_rotation_out_is_not(database):
    """FAILURES F5: nobody is placed in a rotation that they switched off."""
    seats = await start(database, members=4)
    await seats.season.database.write(_let_skip(seats.season, 4))
    season = seats.season
    await season.happen(START + 4 * WEEK)
    now = START + 4 * WEEK + DAY
    assert (await seats.circles()) == {1: {1, 2, 3}}
    await seats.join(9, now=now)
    proposal = await seats.change(now=now)
    assert [move.user_id for move in proposal.moves] == [9]
    standing = await mine.get_standing(database, GUILD, season.program_id, 9, now)
    assert standing.circle is not None


def _let_skip(season: Season, user: int):
    async def skip(session):
        for enrollment in await session.run_sync(lambda s: s.query(Enrollment).all()):
            if enrollment.person_id == user:
                enrollment.skip_next = True

    return skip


async def test_avoiding_somebody_keeps_them_apart_and_is_not_told(database):
    seats = await start(database, members=8)
    before = await seats.circles()
    mover = min(before[1])
    await avoid.add_avoid(database, GUILD, min(before[2]), mover)
    with pytest.raises(Conflict, match=r"repair\.rule"):
        await seats.propose(Wish((mover,), 2))
    with pytest.raises(Conflict, match=r"repair\.rule"):
        await seats.propose(Wish((mover, max(before[2]))))
    await seats.join(30)
    await avoid.add_avoid(database, GUILD, 30, min(before[1]))
    await avoid.add_avoid(database, GUILD, 30, min(before[2]))
    assert (await seats.propose()).left_out == ((30, Obstacle.RULES),)


async def test_a_move_is_held_to_the_sizes_and_needs_somebody_who_takes_part(database):
    seats = await start(database, members=7, size_wanted=3, size_most=4)
    before = await seats.circles()
    full, other = sorted(before, key=lambda number: -len(before[number]))
    for wish, error in (
        (Wish((min(before[other]),), full), Conflict),
        (Wish((min(before[full]),), full), Conflict),
        (Wish((min(before[full]),), 9), NotFound),
        (Wish((999,), full), NotFound),
        (Wish((min(before[full]), max(before[full]))), Conflict),
    ):
        with pytest.raises(error):
            await seats.propose(wish)
    moved = await seats.change(Wish((min(before[full]),), other))
    assert moved.moves[0].why is Why.ASKED
    assert len((await seats.circles())[other]) == 4


async def test_two_who_swap_carry_their_answers_not_along_and_answer_where_they_sit_now(database):
    seats = await start(database, members=8)
    before = await seats.circles()
    one, other = min(before[1]), min(before[2])
    here, there = await seats.season.rows(CheckIn)
    await answers.save(database, here.id, one, Reflection(4, win="mine"), START + HOUR)
    await seats.change(Wish((one, other)))
    now = LATER + HOUR
    with pytest.raises(NotAllowed):
        await answers.save(database, here.id, one, Reflection(1), now)
    assert [form.checkin_id for form in await answers.list_forms(database, GUILD, one, now)] == [there.id]
    await answers.save(database, there.id, one, Reflection(2), now)
    kept = await seats.season.rows(CheckInAnswer)
    assert [(row.checkin_id, row.week) for row in kept] == [(here.id, 4), (there.id, 2)]


async def test_history_tells_both_circles_and_the_next_rotation_knows_both(database):
    """FAILURES F1: who met in either circle counts as met."""
    seats = await start(database, members=8)
    before = await seats.circles()
    one, other = min(before[1]), min(before[2])
    await seats.change(Wish((one, other)))
    past = await history.list_history(database, GUILD, one)
    assert {circle.number for circle in past} == {1, 2}
    await seats.season.happen(START + 4 * WEEK)
    card = (await rotations.list_history(database, GUILD, seats.season.program_id))[0]
    met = {frozenset((one, mate)) for mate in (before[1] | before[2]) - {one, other}}
    now = [frozenset((one, seat.user_id)) for circle in card.circles for seat in circle.seats]
    together = next(circle for circle in card.circles if any(seat.user_id == one for seat in circle.seats))
    again = sum(frozenset((one, seat.user_id)) in met for seat in together.seats if seat.user_id not in (one, None))
    assert again + (other in {seat.user_id for seat in together.seats}) == len(together.seats) - 1
    assert now
    assert card.quality["repeated_pairs"] >= again


async def test_what_a_circle_is_told_names_who_came_and_where_the_others_went(database):
    seats = await start(database, members=8)
    before = await seats.circles()
    one, other = min(before[1]), min(before[2])
    await seats.change(Wish((one, other)))
    lines = await seats.season.rows(Delivery, Delivery.kind == DeliveryKind.CIRCLE_CHANGED)
    news = {each.number: each for each in [await moves.get_news(database, line.id) for line in lines]}
    assert news[1].joined == (other,)
    assert news[1].left == ((one, 2),)
    assert not news[1].closes
    gone = await seats.season.rows(Delivery, Delivery.kind == DeliveryKind.REMOVE_MEMBER)
    assert len(gone) == 2


async def test_who_moves_back_before_discord_heard_of_it_is_not_taken_out(database):
    seats = await start(database, members=8)
    before = await seats.circles()
    one = min(before[1])
    await seats.change(Wish((one,), 2))
    await seats.change(Wish((one,), 1), now=LATER + HOUR)
    assert (await seats.circles()) == before
    removals = await seats.season.rows(Delivery, Delivery.kind == DeliveryKind.REMOVE_MEMBER)
    first = removals[0]
    with pytest.raises(NotFound):
        await moves.get_exit(database, first.circle_id, first.person_id)
    assert len(await seats.season.rows(Membership)) == 9


async def test_a_merged_circle_still_hears_whether_it_met_and_says_goodbye_once(database):
    seats = await start(database, members=6, size_wanted=3)
    before = await seats.circles()
    await seats.leave(*sorted(before[2])[1:])
    (left,) = sorted(before[2])[:1]
    await seats.season.deliver(LATER)
    await seats.change()
    await seats.season.deliver(LATER)
    (farewell,) = await seats.season.rows(Delivery, Delivery.kind == DeliveryKind.FAREWELL)
    await farewells.say_met(database, farewell.key, left, Met.YES)
    mates = await feedback.get_mates(database, farewell.circle_id, left)
    assert set(mates.said) == set(before[2]) - {left}
    await seats.season.happen(START + 4 * WEEK)
    assert len(await seats.season.rows(Delivery, Delivery.kind == DeliveryKind.FAREWELL)) == 2


async def test_who_asked_to_be_forgotten_leaves_a_seat_that_is_filled(database):
    seats = await start(database, members=4, size_least=4, size_wanted=4)
    await privacy.erase(database, 1, GUILD, LATER)
    await seats.join(40)
    proposal = await seats.change()
    assert [move.user_id for move in proposal.moves] == [40]
    assert (await seats.circles()) == {1: {2, 3, 4, 40}}


async def test_who_rests_keeps_the_seat_and_a_lead_is_there(database):
    seats = await start(database, members=5, size_most=5)
    await people.pause(database, GUILD, seats.season.program_id, 1, None, LATER)
    await seats.join(50)
    proposal = await seats.propose()
    assert proposal.left_out == ((50, Obstacle.FULL),)
    card = await circles.get_circle(database, (await seats.season.rows(Circle))[0].id)
    assert len(card.seats) == 5


async def test_a_person_once_unplaced_is_no_longer_told_so_when_placed(database):
    seats = await start(database, members=4, size_wanted=3, size_most=3)
    assert len(await seats.season.rows(Unplaced)) == 1
    unplaced = (await seats.season.rows(Unplaced))[0].person_id
    placed = next(iter((await seats.circles())[1]))
    await seats.leave(placed)
    proposal = await seats.change()
    assert [move.user_id for move in proposal.moves] == [unplaced]
    assert not await seats.season.rows(Unplaced)
    assert not [job for job in await seats.season.deliver(LATER) if job.kind is DeliveryKind.NOT_PLACED][1:]
