"""The demo's pictures, from figures made by hand."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from matplotlib.image import imread

from bot.demo.charts import draw_all
from bot.services.figures import CircleFigures, Figures, RotationFigures, WeekFigures

BEGAN = datetime(2026, 1, 12, tzinfo=UTC)


def season(*rotations: RotationFigures) -> Figures:
    return Figures("Peer Circles", {}, 1, 0, rotations, (), {})


def rotation(number: int, circles: list[tuple[int, ...]], met: set[frozenset[int]], *, ended: bool = True):
    pairs = {frozenset(pair) for circle in circles for pair in combinations(circle, 2)}
    starts = BEGAN + timedelta(weeks=number - 1)
    return RotationFigures(
        number=number,
        ended=ended,
        starts_at=starts,
        ends_at=starts + timedelta(weeks=1),
        circles=tuple(CircleFigures(circle, len(circle) - 2, None) for circle in circles),
        unplaced=0,
        first=frozenset(pairs - met),
        again=frozenset(pairs & met),
        weeks=(WeekFigures(starts, len(circles), sum(map(len, circles)), 3),),
    )


FIRST = rotation(1, [(1, 2, 3), (4, 5, 6, 7)], set())
AGAIN = rotation(2, [(1, 2, 4), (3, 5, 6)], set(FIRST.first))


@pytest.mark.parametrize(
    "rotations", [(FIRST,), (FIRST, AGAIN), tuple(rotation(n, [(1, 2, 3)], set()) for n in range(1, 9))]
)
def test_every_picture_has_ink_on_it_however_many_rotations_there_were(
    rotations: tuple[RotationFigures, ...], tmp_path
):
    pictures = draw_all(season(*rotations))
    assert set(pictures) == {
        "response-by-week.png",
        "encounters-by-rotation.png",
        "who-met-whom.png",
        "shared-hours.png",
    }
    for name, picture in pictures.items():
        (tmp_path / name).write_bytes(picture)
        pixels = imread(tmp_path / name)
        assert pixels.shape[0] >= 500
        assert 0.005 < (pixels[:, :, :3].min(axis=2) < 0.7).mean() < 0.7


def test_a_season_without_a_rotation_that_is_over_has_no_pictures():
    assert draw_all(season(rotation(1, [(1, 2, 3)], set(), ended=False))) == {}


def test_a_repeated_pair_changes_the_pictures_of_encounters():
    fresh = rotation(2, [(1, 4, 8), (2, 5, 9)], set(FIRST.first))
    with_repeats, without = draw_all(season(FIRST, AGAIN)), draw_all(season(FIRST, fresh))
    assert AGAIN.again
    assert not fresh.again
    for name in ("encounters-by-rotation.png", "who-met-whom.png"):
        assert with_repeats[name] != without[name]
