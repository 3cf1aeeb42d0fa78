from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.formation.problem import Role
from bot.domain.roster import MOST_ROWS, read_roster
from bot.domain.table import BadTable
from bot.services.people import EXPERIENCES

ADA, BEA = 100_000_000_000_000_001, 100_000_000_000_000_002
WHOLE = f"""member_id,name,timezone,availability,helps_with,languages,experience,role,capacity,avoid
{ADA},Ada,Europe/Berlin,"Mon 18-20; Tue 9:30-11",python; R,German; English,Senior,mentor,3,{BEA}
<@{BEA}>,,,,,,,,,
"""


def read(text: str, encoding: str = "utf-8"):
    return read_roster(text.encode(encoding), EXPERIENCES)


def test_a_row_tells_everything_that_formation_asks():
    ada, bea = read(WHOLE).entries
    assert (ada.user_id, ada.zone, ada.experience, ada.role, ada.capacity) == (
        ADA,
        "Europe/Berlin",
        "senior",
        Role.MENTOR,
        3,
    )
    assert ada.hours == 1 << 18 | 1 << 19 | 1 << 24 + 10, "only hours that are free as a whole count"
    assert ada.avoid == (BEA,)
    assert (bea.user_id, bea.zone, bea.hours, bea.role) == (BEA, None, None, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_spreadsheets_write_is_read(encoding, separator):
    text = f"member_id{separator}helps_with\r\n{ADA}{separator}Führung\r\n\r\n"
    (entry,) = read(text, encoding).entries
    assert entry.helps_with == "Führung"


def test_every_problem_is_named_by_row_and_column_and_good_rows_are_kept():
    text = (
        "member_id,timezone,availability,experience,role,capacity,avoid,helps_with\n"
        f"{ADA},,,,,,,\n"
        f"ada,EST5,Mon,genius,boss,0,x,{'a' * 301}\n"
        f"{ADA},,,,,,,\n"
        f"{BEA},,,,,,{BEA},\n"
    )
    found = read(text)
    assert [entry.user_id for entry in found.entries] == [ADA]
    assert [(fault.row, fault.column, fault.expected) for fault in found.faults] == [
        (3, "member_id", "user-id"),
        (3, "timezone", "zone"),
        (3, "availability", "hours"),
        (3, "helps_with", "length"),
        (3, "experience", "experience"),
        (3, "role", "role"),
        (3, "capacity", "capacity"),
        (3, "avoid", "avoid"),
        (4, "member_id", "once"),
        (5, "avoid", "avoid"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "column"),
        ("name\nAda\n", "column"),
        ("member_id,member_id\n1,2\n", "once"),
        ("member_id,shoe size\n1,2\n", "known-column"),
        ('member_id\n"1\n', "csv"),
        ("member_id\n" + f"{ADA}\n" * (MOST_ROWS + 1), "rows"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_as_a_whole(text, expected):
    with pytest.raises(BadTable) as refused:
        read(text)
    assert refused.value.fault.expected == expected


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data):
    with suppress(BadTable):
        read_roster(b"member_id,role\n" + data, EXPERIENCES)
