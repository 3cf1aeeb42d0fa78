"""What of a programme's health may be shown: nothing about few people, nothing that subtraction would give away."""

from datetime import UTC, date, datetime, timedelta

from bot.domain.health import (
    AnsweredCheckIn,
    SeatedCircle,
    SeatedRotation,
    cohorts,
    newest_grid,
    response_by_week,
    rotations_health,
)
from bot.domain.survival import Stay

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WEEK = timedelta(days=7)


def rotation(*circles: tuple[int, ...], number: int = 1, met: tuple[bool | None, ...] = ()) -> SeatedRotation:
    """Seat people in circles; the circle's id is its rotation's number times a hundred and its own."""
    words = met or (None,) * len(circles)
    seated = [
        SeatedCircle(100 * number + place, place, frozenset(people), word)
        for place, (people, word) in enumerate(zip(circles, words, strict=True), start=1)
    ]
    start = START + 4 * (number - 1) * WEEK
    return SeatedRotation(number, start, start + 4 * WEEK, tuple(seated))


def people(start: int, number: int) -> tuple[int, ...]:
    return tuple(range(start, start + number))


def asked(circle_id: int, answered: int, week: int = 0) -> AnsweredCheckIn:
    return AnsweredCheckIn(circle_id, START + week * WEEK, answered)


def test_a_week_adds_up_every_circle_and_shows_the_share_of_large_ones_alone():
    found = response_by_week(
        [rotation(people(0, 6), people(10, 5), people(20, 4), people(30, 3))],
        [asked(101, 3), asked(102, 5), asked(103, 4), asked(104, 0)],
    )
    assert [(week.asked, week.answered, week.shares) for week in found] == [(18, 12, (0.5, 1.0))]


def test_one_small_circle_takes_the_next_smallest_out_of_sight_too():
    seated = [rotation(people(0, 6), people(10, 5), people(20, 4))]
    (week,) = response_by_week(seated, [asked(101, 3), asked(102, 5), asked(103, 4)])
    assert (week.asked, week.answered, week.shares) == (15, 12, (0.5,))
    grid = newest_grid(seated, [asked(101, 3), asked(102, 5), asked(103, 4)])
    assert [row.number for row in grid.rows] == [1]
    assert grid.hidden == 2


def test_a_rotation_of_few_people_shows_nothing():
    seated = [rotation(people(0, 4))]
    assert response_by_week(seated, [asked(101, 4)]) == ()
    assert newest_grid(seated, [asked(101, 4)]) is None
    assert rotations_health(seated) == ()
    assert newest_grid([], []) is None


def test_the_grid_is_of_the_newest_rotation_with_the_fewest_answers_first():
    seated = [rotation(people(0, 5), people(10, 5)), rotation(people(0, 5), people(10, 5), number=2)]
    checkins = [asked(101, 5), asked(201, 4, 4), asked(202, 1, 4), asked(202, 0, 5)]
    grid = newest_grid(seated, checkins)
    assert (grid.rotation, grid.weeks) == (2, (START + 4 * WEEK, START + 5 * WEEK))
    assert [(row.number, row.answered) for row in grid.rows] == [(2, (1, 0)), (1, (4, None))]


def test_pairs_meet_first_once_and_again_ever_after():
    same = people(0, 5)
    first, second = rotations_health([rotation(same, met=(True,)), rotation((0, 1, 2, 8, 9), number=2, met=(False,))])
    assert (first.first, first.again, first.circles, first.told, first.met) == (10, 0, 1, 1, 1)
    assert (second.first, second.again, second.told, second.met) == (7, 3, 1, 0)


def test_who_had_met_before_the_program_meets_again():
    (shown,) = rotations_health([rotation(people(0, 5))], [frozenset((0, 1)), frozenset((0, 77))])
    assert (shown.first, shown.again) == (9, 1)


def test_an_earlier_rotation_of_few_people_still_counts_as_a_meeting():
    _, second = [rotation(people(0, 4)), rotation(people(0, 5), number=2)]
    (shown,) = rotations_health([rotation(people(0, 4)), second])
    assert (shown.number, shown.first, shown.again) == (2, 4, 6)


def test_cohorts_of_few_people_are_left_out_and_the_newest_large_ones_stay():
    months = {person: date(2026, 1 + person // 6, 1) for person in range(24)} | {90: date(2026, 5, 1)}
    stays = {person: Stay(10 * (person % 6), person % 6 == 1) for person in months}
    found = cohorts(months, stays, most=2)
    # May's one person would be what is left of everybody less the others: January's six keep her company.
    assert [cohort.month for cohort in found] == [None, date(2026, 3, 1), date(2026, 4, 1)]
    assert [(cohort.people, cohort.still) for cohort in found] == [(25, 21), (6, 5), (6, 5)]
    assert cohorts({1: date(2026, 1, 1)}, {1: Stay(3, True)}, most=2) == ()


def test_one_cohort_alone_is_everybody():
    months = dict.fromkeys(range(6), date(2026, 1, 1))
    (everybody,) = cohorts(months, dict.fromkeys(months, Stay(3, False)), most=3)
    assert (everybody.month, everybody.people, everybody.steps) == (None, 6, ())
