"""Drafting, changing and publishing a rotation, and what people are told of it."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from bot.domain.states import DeliveryKind, RotationState
from bot.errors import Conflict, NotFound, UserError
from bot.services import avoid, mine, people, privacy, programs, rotation_words, rotations
from bot.services.mine import Absence
from bot.services.people import Profile
from bot.services.rotation_cards import RotationCard
from bot.text import text
from db.models import Delivery, Rotation
from tests.services.season import DAY, GUILD, HOUR, START, WORLD, Season, start_season

BEFORE = START - HOUR
SWITCH = "rotation.swap.rule"


async def draft(season: Season, seed: int = 1, world=WORLD, now=BEFORE) -> RotationCard:
    return await rotations.draft_rotation(season.database, world, GUILD, season.program_id, now, seed)


async def publish(season: Season, made: RotationCard, world=WORLD, now=BEFORE) -> RotationCard:
    return await rotations.publish_rotation(season.database, world, GUILD, made.id, now)


def circles_of(card: RotationCard) -> list[set[int | None]]:
    return [{seat.user_id for seat in circle.seats} for circle in card.circles]


def seated(card: RotationCard) -> set[int | None]:
    return {user for circle in circles_of(card) for user in circle}


def leads(card: RotationCard) -> list[int]:
    return [sum(seat.role == "facilitator" for seat in circle.seats) for circle in card.circles]


def gone(*users: int):
    """Return a world in which these users left the guild."""

    async def look(_guild_id, asked):
        return frozenset(users) & frozenset(asked)

    return replace(WORLD, gone=look)


async def told(season: Season) -> set[int]:
    """Return who gets a private word about having no circle."""
    rows = await season.rows(Delivery, Delivery.kind == DeliveryKind.NOT_PLACED)
    found = [await rotation_words.get_not_placed(season.database, row.rotation_id, row.person_id) for row in rows]
    return {each.user_id for each in found}


async def standing(season: Season, user: int):
    return await mine.get_standing(season.database, GUILD, season.program_id, user, START + DAY)


async def test_everybody_who_wants_a_circle_has_one_with_a_facilitator_and_its_figures(database):
    season = await start_season(database, members=11)
    made = await draft(season)
    assert seated(made) == set(season.users)
    assert leads(made) == [1] * len(made.circles)
    assert made.quality["pairs"] == made.quality["new_pairs"] == sum(circle.new_pairs for circle in made.circles)
    assert made.newcomers == 0


async def test_the_same_seed_gives_the_same_circles_and_another_one_others(database):
    season = await start_season(database, members=12)
    first = await draft(season, seed=5)
    assert circles_of(await draft(season, seed=5)) == circles_of(first)
    assert circles_of(await draft(season, seed=6)) != circles_of(first)


async def test_a_program_has_one_draft_and_an_old_ones_id_never_comes_back(database):
    """FAILURES F34: a button under a draft that was formed anew never acts on the new one."""
    season = await start_season(database, members=6)
    old, new = await draft(season, seed=1), await draft(season, seed=2)
    assert new.id > old.id
    assert len(await season.rows(Rotation)) == 1
    with pytest.raises(NotFound):
        await publish(season, old)
    assert (await rotations.find_draft(database, GUILD, season.program_id)).id == new.id


async def test_a_rotation_is_published_once(database):
    """FAILURES F9: the second click finds it published."""
    season = await start_season(database)
    made = await draft(season)
    await publish(season, made)
    with pytest.raises(Conflict) as refusal:
        await publish(season, made)
    assert refusal.value.message == rotations.ALREADY_PUBLISHED
    opened = await season.rows(Delivery, Delivery.kind == DeliveryKind.OPEN_THREAD)
    assert len(opened) == len(made.circles)


async def test_what_a_circle_needs_is_written_in_order_with_the_decision(database):
    season = await start_season(database, members=3)
    await publish(season, await draft(season))
    add = DeliveryKind.ADD_MEMBER
    kinds = [each.kind for each in await season.rows(Delivery)]
    assert kinds == [DeliveryKind.OPEN_THREAD, add, add, add, DeliveryKind.WELCOME]
    assert len({each.lane for each in await season.rows(Delivery)}) == 1


@pytest.mark.parametrize("how", ["left", "paused", "skips", "went", "forgotten"])
async def test_whoever_went_since_the_draft_is_not_published(database, how):
    """FAILURES F5 and F6: checked when circles are formed and again when they are published."""
    season = await start_season(database, members=10, size_wanted=5)
    made = await draft(season)
    user = next(seat.user_id for seat in made.circles[0].seats if seat.role == "facilitator")
    world, program_id = WORLD, season.program_id
    if how == "left":
        await people.leave(database, GUILD, program_id, user, BEFORE)
    elif how == "paused":
        await people.pause(database, GUILD, program_id, user, None, BEFORE)
    elif how == "skips":
        await people.toggle_skip(database, GUILD, program_id, user)
    elif how == "went":
        world = gone(user)
    else:
        await privacy.erase(database, user, GUILD, BEFORE)
    after = await publish(season, made, world)
    assert seated(after) == set(season.users) - {user}
    assert leads(after) == [1] * len(after.circles)
    assert after.quality["pairs"] == 6 + 10
    assert user not in await told(season)


async def test_a_look_up_that_failed_takes_nobody_out(database):
    """FAILURES F39: only a clear answer counts as gone."""
    season = await start_season(database, members=4)
    made = await draft(season, world=gone())
    assert seated(await publish(season, made, gone())) == set(season.users)


async def test_who_went_from_the_server_is_out_of_the_program(database):
    season = await start_season(database, members=5)
    made = await draft(season, world=gone(2))
    assert seated(made) == {1, 3, 4, 5}
    card = await programs.get_card(database, GUILD, season.program_id)
    assert card.enrolled == 4


async def test_a_draft_whose_circle_became_too_small_is_refused(database):
    season = await start_season(database, members=6, size_wanted=3, size_most=5)
    made = await draft(season)
    user = made.circles[0].seats[0].user_id
    await people.leave(database, GUILD, season.program_id, user, BEFORE)
    with pytest.raises(Conflict, match=r"rotation.outdated"):
        await publish(season, made)
    assert await season.rows(Delivery) == []
    assert seated(await publish(season, await draft(season))) == set(season.users) - {user}


async def test_a_wish_to_avoid_that_is_newer_than_the_draft_holds_and_is_not_told(database):
    """A draft is held to every wish at the moment it is published, in the words of any other reason."""
    season = await start_season(database, members=6, size_wanted=3, size_most=3)
    made = await draft(season)
    one, other = (seat.user_id for seat in made.circles[0].seats[:2])
    await avoid.add_avoid(database, GUILD, one, other)
    with pytest.raises(Conflict) as refusal:
        await publish(season, made)
    assert (refusal.value.message, refusal.value.values) == ("rotation.outdated", {})
    again = await publish(season, await draft(season))
    assert not any({one, other} <= circle for circle in circles_of(again))


async def test_whoever_finds_no_seat_is_told_why_and_so_are_the_moderators(database):
    """FAILURES F3: nobody is left over without a word."""
    season = await start_season(database, members=7, size_least=3, size_wanted=3, size_most=3)
    made = await publish(season, await draft(season))
    (left_over,) = made.unplaced
    assert seated(made) == set(season.users) - {left_over.user_id}
    assert await told(season) == {left_over.user_id}
    assert text(f"reason.{left_over.reason}")
    where = await standing(season, left_over.user_id)
    assert (where.absence, where.reason) == (Absence.NOT_PLACED, left_over.reason)


async def test_whoever_skips_is_not_told_that_they_were_left_over(database):
    """FAILURES F4 and F5: a skip is a wish, and it holds once."""
    season = await start_season(database, members=4)
    await people.toggle_skip(database, GUILD, season.program_id, 1)
    first = await publish(season, await draft(season))
    assert seated(first) == {2, 3, 4}
    assert first.unplaced == ()
    assert await told(season) == set()
    assert (await standing(season, 1)).absence is Absence.SAT_OUT
    second = await draft(season, now=START + DAY)
    assert 1 in seated(second)


async def test_whoever_was_left_over_and_then_leaves_is_told_nothing(database):
    """FAILURES F4: the list of those without a circle is looked at again too."""
    season = await start_season(database, members=7, size_least=3, size_wanted=3, size_most=3)
    made = await draft(season)
    (left_over,) = made.unplaced
    await people.leave(database, GUILD, season.program_id, left_over.user_id, BEFORE)
    after = await publish(season, made)
    assert after.unplaced == ()
    assert await told(season) == set()


async def test_moderators_see_who_joined_since_the_draft(database):
    """FAILURES F3: nobody is overlooked because a draft is older than they are."""
    season = await start_season(database, members=4)
    made = await draft(season)
    await people.join(database, GUILD, season.program_id, 9, Profile(), BEFORE + timedelta(minutes=1))
    assert (await rotations.get_rotation(database, GUILD, made.id)).newcomers == 1
    assert (await publish(season, made, now=BEFORE + timedelta(minutes=2))).newcomers == 0
    assert (await standing(season, 9)).absence is Absence.JOINED_LATER


async def test_joining_again_changes_nothing_in_the_present_circle(database):
    """FAILURES F8: nobody shops for other companions."""
    season = await start_season(database, members=4)
    made = await publish(season, await draft(season))
    await people.leave(database, GUILD, season.program_id, 1, START)
    await people.join(database, GUILD, season.program_id, 1, Profile(helps_with="python"), START)
    after = await rotations.get_rotation(database, GUILD, made.id)
    assert circles_of(after) == circles_of(made)


async def test_two_people_of_a_draft_change_seats(database):
    season = await start_season(database, members=6, size_wanted=3, size_most=3)
    made = await draft(season)
    (one, *_), (other, *_) = (sorted(circle) for circle in circles_of(made))
    swapped = await rotations.swap(database, GUILD, made.id, one, other, BEFORE)
    by_hand = [
        {other if user == one else one if user == other else user for user in circle} for circle in circles_of(made)
    ]
    assert sorted(map(sorted, circles_of(swapped))) == sorted(map(sorted, by_hand))
    assert (swapped.seed, swapped.starts_at, swapped.ends_at) == (made.seed, made.starts_at, made.ends_at)
    assert leads(swapped) == [1, 1]


async def test_a_refused_swap_does_not_tell_whether_a_wish_or_a_rule_stands_in_the_way(database):
    season = await start_season(database, members=7, size_wanted=3, size_most=4)
    for user in (1, 2, 3):
        await people.edit_profile(database, GUILD, user, Profile(languages="Klingon"))
    await programs.change_program(database, GUILD, season.program_id, {"common_language": True}, BEFORE)
    made = await draft(season)
    by_rule = await _refusal(season, made, 1, 4)  # one who speaks only Klingon, and one who does not
    await programs.change_program(database, GUILD, season.program_id, {"common_language": False}, BEFORE)
    made = await draft(season)
    one, companion = list(next(circle for circle in circles_of(made) if 1 in circle))[:2]
    other = next(user for user in season.users if user not in next(c for c in circles_of(made) if one in c))
    for avoided in season.users:
        if avoided not in (one, other, companion):
            await avoid.add_avoid(database, GUILD, one, avoided)
    by_wish = await _refusal(season, made, one, other)
    assert by_wish == by_rule == (SWITCH, {}, text(SWITCH))


async def _refusal(season: Season, made: RotationCard, one: int, other: int) -> tuple[str, dict, str]:
    with pytest.raises(Conflict) as refusal:
        await rotations.swap(season.database, GUILD, made.id, one, other, BEFORE)
    error = refusal.value
    return error.message, error.values, text(error.message, **error.values)


async def test_a_swap_needs_two_people_who_sit_in_different_circles(database):
    season = await start_season(database, members=6, size_wanted=3, size_most=3)
    made = await draft(season)
    one, other = sorted(circles_of(made)[0])[:2]
    for pair, message in (((one, other), "rotation.swap.same-circle"), ((one, 99), "rotation.swap.not-seated")):
        with pytest.raises(UserError, match=message):
            await rotations.swap(database, GUILD, made.id, *pair, BEFORE)
    await publish(season, made)
    with pytest.raises(Conflict, match=rotations.ALREADY_PUBLISHED):
        await rotations.swap(database, GUILD, made.id, one, other, BEFORE)


async def test_a_draft_of_another_guild_is_out_of_reach(database):
    season = await start_season(database, members=4)
    made = await draft(season)
    for use in (
        rotations.get_rotation(database, GUILD + 1, made.id),
        rotations.publish_rotation(database, WORLD, GUILD + 1, made.id, BEFORE),
        rotations.swap(database, GUILD + 1, made.id, 1, 2, BEFORE),
        rotations.draft_rotation(database, WORLD, GUILD + 1, season.program_id, BEFORE, 1),
    ):
        with pytest.raises(NotFound):
            await use


@pytest.mark.parametrize("members", [0, 1, 2])
async def test_too_few_people_form_no_circle_and_get_a_clear_answer(database, members):
    """FAILURES F7: any number of people forms or gives a clear answer."""
    season = await start_season(database, members=members)
    made = await draft(season)
    assert (made.circles, len(made.unplaced)) == ((), members)
    with pytest.raises(Conflict, match=r"rotation.nobody"):
        await publish(season, made)


async def test_missing_permissions_stop_a_publication_before_anything_is_written(database):
    """FAILURES F16: checked before it starts, with the permission and the place named."""
    season = await start_season(database)
    made = await draft(season)
    with pytest.raises(Conflict) as refusal:
        await publish(season, made, replace(WORLD, lacking=lambda *_: ("Manage Threads", "Attach Files")))
    assert refusal.value.values["permissions"] == "Manage Threads, Attach Files"
    assert await season.rows(Delivery) == []


async def test_over_many_rotations_all_of_history_is_kept_and_peers_are_new(database):
    """FAILURES F1 and F2: no pair meets again while anybody has somebody new to meet, and nothing is forgotten."""
    season = await start_season(database, members=16, size_least=4, size_wanted=4, size_most=4, rotation_weeks=1)
    now = START
    for _ in range(4):
        await season.run(now)
        now += timedelta(weeks=1)
    found = await rotations.list_history(database, GUILD, season.program_id)
    assert [each.number for each in found] == [4, 3, 2, 1]
    assert [each.state for each in found] == [RotationState.PUBLISHED, *[RotationState.ENDED] * 3]
    met = Counter(
        frozenset(pair) for card in found for circle in circles_of(card) for pair in combinations(sorted(circle), 2)
    )
    assert sum(met.values()) == 4 * 4 * 6
    assert sum(count - 1 for count in met.values()) == sum(card.quality["repeated_pairs"] for card in found)
    assert max(met.values()) <= 2
    duty = Counter(
        seat.user_id for card in found for circle in card.circles for seat in circle.seats if seat.role != "member"
    )
    assert max(duty.values()) <= 2  # sixteen turns for sixteen people
