"""The instances on which formation is measured come through the command's files as they are."""

from datetime import date

import pytest

from bot.form.roster import read_roster
from tests.benchmarks.instances import community, plain, wishful
from tests.benchmarks.measures import recount
from tests.benchmarks.rosters import form_season, write_roster


@pytest.mark.parametrize("problem", [plain(20, 4), community(36), wishful(120)], ids=["plain", "community", "wishful"])
def test_a_roster_that_was_written_is_read_as_it_was(tmp_path, problem):
    write_roster(tmp_path / "roster.csv", problem)
    roster = read_roster(tmp_path / "roster.csv", date(2026, 1, 5))
    assert roster.people == problem.people
    assert roster.avoid == problem.avoid


def test_the_command_plans_as_good_a_season_from_a_file():
    made = form_season(plain(200, 5), "5..5", 20)
    assert len(made) == 20
    assert recount(200, made)["repeats"] == 0
