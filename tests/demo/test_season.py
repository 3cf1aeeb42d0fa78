"""The demo plays short seasons here, through to its tables, charts and preview."""

import asyncio
import logging
import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from io import StringIO
from itertools import combinations
from pathlib import Path
from random import Random

import aiohttp
import pytest
from rich.console import Console

from bot.__main__ import main
from bot.demo.behaviour import draw_reflection, draw_wait
from bot.demo.guild import open_guild
from bot.demo.personas import draw_personas
from bot.demo.preview import choose_rooms, serve
from bot.demo.season import Plan, Season
from bot.domain.states import DeliveryKind, EnrollmentState
from bot.domain.week import hours_on
from bot.services import people
from bot.services.figures import Figures, get_figures

MEMBERS = 8
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def untouched_logging() -> Iterator[None]:
    """Give the test run its own logging back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


async def test_a_short_season_shows_every_part_of_a_program_and_can_then_be_pressed_in_a_browser(tmp_path: Path):
    async with open_guild(3, tmp_path) as guild:
        season = Season(guild, Plan(members=MEMBERS, weeks=2, seed=3), lambda _now, _words: None)
        await season.play()
        figures = await get_figures(guild.database, guild.server.id, season.program_id)
        await _shows_what_members_did(season, figures)
        await _serves_the_circle_and_the_lobby(season)
        guild.raise_mistakes()


async def _shows_what_members_did(season: Season, figures: Figures) -> None:
    assert figures.joined == MEMBERS
    assert figures.zones + figures.erased >= MEMBERS
    assert [rotation.ended for rotation in figures.rotations] == [True, True, False]
    for rotation in figures.rotations:
        seated = [who for circle in rotation.circles for who in circle.people]
        assert len(seated) == len(set(seated)) == rotation.people
        assert len(rotation.first | rotation.again) == sum(
            len(list(combinations(c.people, 2))) for c in rotation.circles
        )
        assert len(rotation.weeks) == 1
    assert figures.count(DeliveryKind.CHECKIN_ANSWER) >= sum(each.answered for each in figures.rotations) > 0
    assert figures.count(DeliveryKind.FAREWELL) == sum(len(each.circles) for each in figures.rotations if each.ended)
    assert any(circle.met is not None for circle in figures.rotations[0].circles)
    left = [each for each in season.members.values() if not each.present]
    assert figures.enrollments.get(EnrollmentState.LEFT, 0) == len(left)
    joined = next(each for each in season.members.values() if each.present)
    found = await people.find_member(season.guild.database, season.guild.server.id, joined.actor.id)
    assert found is not None
    assert found.profile.zone == joined.persona.place.zone
    assert hours_on(found.profile.hours, joined.persona.days[0]) == joined.persona.hours


async def _serves_the_circle_and_the_lobby(season: Season) -> None:
    guild = season.guild
    rooms = await choose_rooms(guild, season.program_id)
    assert [room.channel.is_thread for room in rooms] == [True, False]
    written = StringIO()
    serving = asyncio.create_task(serve(guild.env, rooms, Console(file=written, width=200)))
    while not (url := re.search(r"http://\S+", written.getvalue())):
        await asyncio.sleep(0.01)
        assert not serving.done()
    async with aiohttp.ClientSession() as session, session.get(url[0]) as page:
        assert page.status == 200
    serving.cancel()
    await serving
    assert "The preview is closed." in written.getvalue()


def test_the_command_prints_tables_and_draws_charts_and_a_seed_tells_the_same_story_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], untouched_logging: None
):
    told: list[str] = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        arguments = ["demo", "--members", "8", "--weeks", "1", "--seed", "5", "--no-serve", "--output", str(folder)]
        assert main(arguments) == 0
        shown = capsys.readouterr().out
        told.append(shown[shown.index("People") : shown.index("Drawn")])
        pictures = sorted(folder.glob("*.png"))
        assert len(pictures) == 5
        assert all(picture.read_bytes().startswith(PNG) for picture in pictures)
    assert told[0] == told[1]


def test_a_crowd_follows_from_its_seed_and_from_nothing_else():
    crowds = [draw_personas(Random(seed), 60, 12) for seed in (1, 1, 2)]
    assert crowds[0] == crowds[1] != crowds[2]
    assert len({persona.place for persona in crowds[0]}) == 14
    assert len({persona.name for persona in crowds[0]}) == 60
    for fate in ("quiet_from", "pauses_in", "skips_in", "leaves_in", "vanishes_in", "avoids_in"):
        assert any(getattr(persona, fate) is not None for persona in crowds[0]), fate
    assert any(persona.dms_closed for persona in crowds[0])


def test_a_crowd_larger_than_the_bank_of_names_still_has_a_name_each():
    crowd = draw_personas(Random(1), 500, 12)
    assert len({persona.name for persona in crowd}) == 500


def test_who_falls_silent_answers_far_less_and_what_is_said_fits_the_modal():
    random = Random(4)
    quiet = next(each for each in draw_personas(random, 60, 12) if each.quiet_from is not None)
    before = sum(draw_wait(random, quiet, quiet.quiet_from - 1) is not None for _ in range(300))
    after = sum(draw_wait(random, quiet, quiet.quiet_from) is not None for _ in range(300))
    assert after < before / 2
    said = [draw_reflection(random, quiet) for _ in range(300)]
    assert {each.week for each in said} <= {1, 2, 3, 4, 5}
    assert max(len(str(getattr(each, field.name))) for each in said for field in fields(each)) <= 450


@pytest.mark.parametrize("given", [["--members", "7"], ["--members", "many"], ["--weeks", "0"], ["--weeks", "105"]])
def test_a_number_that_no_season_can_have_is_refused_with_what_is_expected(
    given: list[str], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        main(["demo", *given])
    assert ended.value.code == 2
    assert "is not a whole number from" in capsys.readouterr().err


def test_without_simcord_the_command_says_which_extra_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    monkeypatch.setitem(sys.modules, "simcord", None)
    for loaded in [name for name in sys.modules if name.startswith("bot.demo.") and name != "bot.demo.command"]:
        monkeypatch.delitem(sys.modules, loaded)
    assert main(["demo", "--output", str(tmp_path)]) == 2
    assert "peer-circles[demo]" in capsys.readouterr().err
