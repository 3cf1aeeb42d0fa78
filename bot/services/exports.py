"""Taking a program along: who takes part, rotations, circles, seats and counts of answers, never anybody's words."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import AuditAction
from bot.services.audit import record
from bot.services.work import writes
from db import imports as queries
from db import programs as program_queries
from db.models import Enrollment, Rotation

FORMULA = ("=", "+", "-", "@", "\t", "\r")
Table = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Export:
    """A program as tables of plain values; ids of users are strings, for spreadsheets round long numbers."""

    program: str
    exported_at: datetime
    members: Table
    rotations: Table
    seats: Table
    checkins: Table


@writes
async def export(session: AsyncSession, guild_id: int, program_id: int, now: datetime, by: int | None = None) -> Export:
    """Return what moderators may take along of a program, and keep in the audit that they did."""
    program = await program_queries.get_program(session, guild_id, program_id)
    rotations = await queries.list_rotations(session, program.id)
    members = [_member(each) for each in await queries.list_enrollments(session, program.id)]
    record(session, guild_id, program.id, by, AuditAction.PROGRAM_EXPORTED, now, members=len(members))
    circles = {circle.id: (rotation, circle) for rotation in rotations for circle in rotation.circles}
    responses = await queries.count_responses(session, program.id)
    return Export(
        program=program.name,
        exported_at=now,
        members=members,
        rotations=[_rotation(each) for each in rotations],
        seats=[seat for each in rotations for seat in _seats(each)],
        checkins=[
            {
                "rotation": circles[each.circle_id][0].number,
                "circle": circles[each.circle_id][1].number,
                "checkin": each.number,
                "opened_at": each.opened_at.isoformat(),
                "answered": each.answered,
            }
            for each in responses
        ],
    )


def packed(found: Export) -> bytes:
    """Return an export as a ZIP of one JSON document and one CSV file a table."""
    tables = {"members": found.members, "rotations": found.rotations, "seats": found.seats, "checkins": found.checkins}
    document = {"program": found.program, "exported_at": found.exported_at.isoformat()} | tables
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("program.json", json.dumps(document, ensure_ascii=False, indent=2))
        for name, rows in tables.items():
            archive.writestr(f"{name}.csv", as_csv(rows))
    return out.getvalue()


def as_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """Return rows as CSV that no spreadsheet takes for formulas, with the mark by which Excel knows UTF-8."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows({name: _inert(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _member(enrollment: Enrollment) -> dict[str, Any]:
    return {
        "member": enrollment.person_id,
        "user_id": _user(enrollment.person.user_id),
        "state": enrollment.state.value,
        "joined_at": _when(enrollment.joined_at),
        "paused_until": _when(enrollment.paused_until),
        "left_at": _when(enrollment.left_at),
        "facilitates": enrollment.facilitates,
    }


def _rotation(rotation: Rotation) -> dict[str, Any]:
    quality = rotation.quality
    return {
        "rotation": rotation.number,
        "state": rotation.state.value,
        "starts_at": _when(rotation.starts_at),
        "ends_at": _when(rotation.ends_at),
        "circles": len(rotation.circles),
        "new_pairs": quality["new_pairs"],
        "repeated_pairs": quality["repeated_pairs"],
    }


def _seats(rotation: Rotation) -> Table:
    return [
        {
            "rotation": rotation.number,
            "circle": circle.number,
            "member": seat.person_id,
            "user_id": _user(seat.person.user_id),
            "role": seat.role.value,
            "joined_at": _when(seat.joined_at or rotation.starts_at),
            "left_at": _when(seat.left_at or circle.closed_at),
        }
        for circle in rotation.circles
        for seat in circle.ever
    ]


def _user(user_id: int | None) -> str:
    return "" if user_id is None else str(user_id)


def _when(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
