"""What is told in batches: no two looks at the figures, on whichever days, tell of fewer than five people."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.batches import PATIENCE, TOGETHER, Report, next_batches

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WEEK = timedelta(days=7)


def reports(kind: str, *people: int, at: datetime = START) -> list[Report]:
    return [Report(kind, frozenset({person}), at) for person in people]


def told(waiting: list[Report], now: datetime = START, *, last: bool = False) -> dict[str, int]:
    return {batch.kind: batch.n for batch in next_batches(waiting, now, last=last)}


def test_a_kind_is_told_once_five_people_stand_behind_it():
    assert told(reports("talk", 1, 2, 3, 4)) == {}
    assert told(reports("talk", 1, 1, 1, 1, 1, 1)) == {}
    assert told(reports("talk", 1, 2, 3, 4, 5, 5)) == {"talk": 6}


def test_what_waited_long_for_its_kind_is_told_with_other_kinds():
    waiting = reports("talk", 1, 2, 3) + reports("raise", 4, 5, at=START + WEEK)
    assert told(waiting, START + WEEK) == {}
    assert told(waiting, START + PATIENCE) == {TOGETHER: 5}
    assert told(waiting, START + WEEK, last=True) == {TOGETHER: 5}
    assert told(waiting[1:], START + PATIENCE, last=True) == {}


REPORTS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 15), st.integers(0, 70)), max_size=80)


@given(REPORTS)
def test_what_changes_between_any_two_weeks_is_about_five_people_or_more(rows):
    waiting = sorted((START + timedelta(days=day), kind, person) for kind, person, day in rows)
    until: dict[str, datetime] = {}
    done = 0
    for week in range(12):
        now = START + week * WEEK
        heard = [Report(kind, frozenset({person}), at) for at, kind, person in waiting if at <= now]
        fresh = [report for report in heard if report.kind not in until or report.at > until[report.kind]]
        for batch in next_batches(fresh, now):
            behind = [report for report in fresh if report.kind in batch.kinds]
            assert batch.n == len(behind)
            assert len({person for report in behind for person in report.people}) >= 5
            done += batch.n
            until |= dict.fromkeys(batch.kinds, now)
    assert done <= len(rows)
