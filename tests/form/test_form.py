"""`form` as it is typed: files in, circles out, one line for what is wrong."""

import argparse
import csv
import json

import pytest

from bot.errors import OperatorError
from bot.form import add_parser
from bot.form.command import parse_sizes

COLUMNS = "member_id,name,timezone,availability,helps_with,wants_help_with,experience,languages,cohort,role"
ROSTER = f"""{COLUMNS},capacity,avoid
ada,Ada,Europe/Berlin,Mon 18-21; Wed 12-13,Python,rust,3,en;de,spring,facilitator,,bea
bea,Bea,Asia/Kolkata,Mon-Fri 22:30-24,rust,python; talks,1,en,spring,,,
cyd,Cyd,America/New_York,Mon 12-15,,,2,en,,,,
dee,,,,,,,,,member,,
eva,,,,,,,,,mentor,4,
fay,,,,,,,,,,,
"""


@pytest.fixture
def form(tmp_path, monkeypatch):
    """Run `form` in a folder that holds the roster; the answer is the document it wrote."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())

    def run(*options, roster="roster.csv"):
        arguments = parser.parse_args(["form", roster, "--output", "out.json", "--week", "2026-01-05", *options])
        assert arguments.run(arguments) == 0
        return json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))

    return run


def test_a_roster_becomes_circles_with_their_quality(form):
    document = form("--size", "3..3", "--seed", "7")
    assert set(document) == {"rotations", "quality", "seed"}
    (rotation,) = document["rotations"]
    assert sorted(key for circle in rotation["circles"] for key in circle) == ["ada", "bea", "cyd", "dee", "eva", "fay"]
    assert not any({"ada", "bea"} <= set(circle) for circle in rotation["circles"])
    assert rotation["unplaced"] == []
    quality = document["quality"]
    assert (quality["repeated_pairs"], quality["pairs"], document["seed"]) == (0, 6, 7)
    assert quality["shared_hours"]["circles"] == 2


def test_rotations_follow_one_another_over_the_history(form, tmp_path):
    (tmp_path / "history.csv").write_text("rotation,circle,member_id\n3,x,ada\n3,x,dee\n3,x,gone\n", encoding="utf-8")
    document = form("--size", "2..2", "--rotations", "3", "--history", "history.csv")
    pairs = [tuple(circle) for rotation in document["rotations"] for circle in rotation["circles"]]
    assert len(pairs) == len(set(pairs)) == 9
    assert ("ada", "dee") not in pairs
    assert document["quality"]["repeated_pairs"] == 0


def test_a_history_with_repeats_and_double_rows_is_accepted(form, tmp_path):
    rows = ["rotation,circle,member_id"]
    rows += [f"{rotation},1,{key}" for rotation in (1, 2, 2) for key in ("ada", "cyd", "eva")]
    (tmp_path / "history.csv").write_text("\n".join(rows), encoding="utf-8")
    (rotation,) = form("--size", "3..3", "--history", "history.csv")["rotations"]
    assert all(len({"ada", "cyd", "eva"} & set(circle)) <= 2 for circle in rotation["circles"])


def test_who_is_not_placed_is_named_with_the_reason(form):
    (rotation,) = form("--size", "4..4")["rotations"]
    assert len(rotation["unplaced"]) == 2
    assert {person["reason"] for person in rotation["unplaced"]} == {"sizes-do-not-add-up"}


def test_the_same_seed_gives_the_same_document(form):
    options = ("--size", "2..3", "--rotations", "2", "--seed", "5", "--preset", "hours")
    assert form(*options) == form(*options)


def test_each_circle_has_a_facilitator_and_a_common_language_where_asked(form):
    (rotation,) = form("--size", "3..3", "--facilitator-in-each")["rotations"]
    assert all({"ada", "eva"} & set(circle) for circle in rotation["circles"])
    (rotation,) = form("--size", "2..3", "--common-language")["rotations"]
    assert {person["member_id"] for person in rotation["unplaced"]} >= {"dee", "eva", "fay"}


def test_a_time_limit_is_accepted(form):
    assert len(form("--size", "3..3", "--time-limit", "0.2")["rotations"]) == 1


def test_a_large_roster_of_ids_alone_is_read_and_formed(form, tmp_path):
    with (tmp_path / "large.csv").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([["member_id"], *([f"m{number}"] for number in range(400))])
    document = form("--size", "5..5", "--rotations", "4", roster="large.csv")
    assert document["quality"]["repeated_pairs"] == 0
    assert document["quality"]["pairs"] == 4 * 80 * 10


def test_the_summary_names_people_and_figures(form, capsys):
    form("--size", "3..3")
    shown = capsys.readouterr().out
    assert "Ada" in shown
    assert "Circles" in shown


@pytest.mark.parametrize("separator", [";", "\t"])
def test_what_spreadsheets_of_other_countries_write_says_the_same(form, tmp_path, separator):
    rows = csv.reader((tmp_path / "roster.csv").read_text(encoding="utf-8").splitlines())
    with (tmp_path / "other.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    assert form("--size", "2..3", roster="other.csv") == form("--size", "2..3")


def test_an_empty_roster_gives_no_circles(form, tmp_path):
    (tmp_path / "empty.csv").write_text("member_id\n", encoding="utf-8")
    assert form("--size", "3..5", roster="empty.csv")["rotations"] == [{"circles": [], "unplaced": []}]


@pytest.mark.parametrize(
    ("good", "bad", "line"),
    [
        (
            "Mon 12-15",
            "noonish",
            "roster.csv, row 4, column availability: expected hours such as 'Mon 18-21; Wed 12-13', found 'noonish'",
        ),
        (
            "Asia/Kolkata",
            "IST",
            "roster.csv, row 3, column timezone: expected an IANA time zone such as Europe/Berlin, found 'IST'",
        ),
        ("facilitator", "boss", "roster.csv, row 2, column role: expected member, facilitator or mentor, found 'boss'"),
        ("mentor,4", "mentor,few", "roster.csv, row 6, column capacity: expected a whole number from 0, found 'few'"),
        (
            ",,bea",
            ",,nobody",
            "roster.csv, row 2, column avoid: expected the member_id of others in this file, found 'nobody'",
        ),
        (
            "cyd,Cyd",
            "bea,Cyd",
            "roster.csv, row 4, column member_id: expected an id that is not in row 3 already, found 'bea'",
        ),
        ("cyd,Cyd", ",Cyd", "roster.csv, row 4, column member_id: expected an id, found nothing"),
        ("member_id", "id", "roster.csv, row 1, column member_id: expected a column of this name, found none"),
        (",cohort,", ",name,", "roster.csv, row 1, column name: expected once, found 2 times"),
        ("fay,,,,,,,,,,,", "fay,,,,,,,,,,,,more", "roster.csv, row 7, column 13: expected 12 cells, found 'more'"),
    ],
)
def test_a_faulty_roster_gets_one_line_with_row_column_and_what_is_expected(form, tmp_path, good, bad, line):
    """FAILURES F27: an ambiguous abbreviation is refused with what to write instead."""
    (tmp_path / "roster.csv").write_text(ROSTER.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(OperatorError) as caught:
        form("--size", "3..3")
    assert str(caught.value) == line
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "rotation,circle,member_id\nlast,1,ada\n",
            "row 2, column rotation: expected a whole number from 0, found 'last'",
        ),
        ("rotation,circle,member_id\n1,,ada\n", "row 2, column circle: expected an id, found nothing"),
        ("rotation,member_id\n1,ada\n", "row 1, column circle: expected a column of this name, found none"),
    ],
)
def test_a_faulty_history_gets_one_line(form, tmp_path, text, line):
    (tmp_path / "history.csv").write_text(text, encoding="utf-8")
    with pytest.raises(OperatorError, match=f"history.csv, {line}"):
        form("--size", "3..3", "--history", "history.csv")


def test_files_that_cannot_be_read_get_one_line(form, tmp_path):
    with pytest.raises(OperatorError, match=r"none\.csv: expected a readable CSV file"):
        form("--size", "3..3", roster="none.csv")
    (tmp_path / "latin.csv").write_bytes("member_id\nZoë\n".encode("latin-1"))
    with pytest.raises(OperatorError, match=r"latin\.csv, row 2: expected UTF-8 text"):
        form("--size", "3..3", roster="latin.csv")


def test_sizes_are_read_with_the_wanted_one_in_the_middle():
    sizes = parse_sizes("4..6")
    assert (sizes.least, sizes.wanted, sizes.most) == (4, 5, 6)


@pytest.mark.parametrize("text", ["4-6", "6..4", "1..3", "4..", "four..six"])
def test_sizes_written_otherwise_are_explained(text):
    with pytest.raises(argparse.ArgumentTypeError, match=r"expected MIN\.\.MAX"):
        parse_sizes(text)


@pytest.mark.parametrize("options", [("--rotations", "0"), ("--time-limit", "-1"), ("--size", "3")])
def test_a_wrong_option_ends_with_exit_code_two(form, options, capsys):
    with pytest.raises(SystemExit) as caught:
        form("--size", "3..3", *options)
    assert caught.value.code == 2
    assert "expected" in capsys.readouterr().err


def test_circles_form_around_the_mentors_where_that_is_asked_for(form):
    document = form("--size", "3..5", "--mentors", "--rotations", "2")
    for rotation in document["rotations"]:
        (circle,) = rotation["circles"]
        assert "eva" in circle
        assert not {"ada", "bea"} <= set(circle)
        assert len(circle) == 5
