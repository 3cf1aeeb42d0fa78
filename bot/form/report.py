"""What `form` answers: the JSON document, and the summary on the terminal."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from bot.domain.formation import Assignment
from bot.text import text

ROTATION_COLUMNS = ("rotation", "circles", "pairs", "repeated", "least", "hours", "new-people", "unplaced")
CIRCLE_COLUMNS = ("lead", "members", "hours", "new-pairs", "topics")


def to_document(rotations: Sequence[Assignment], seed: int) -> dict[str, object]:
    """Make the JSON document of a run; `shared_hours` counts circles by how well their weeks meet."""
    shared = [circle.shared_hours for formed in rotations for circle in formed.circles]
    return {
        "rotations": [
            {
                "circles": [list(circle.members) for circle in formed.circles],
                "unplaced": [{"member_id": person.key, "reason": person.reason.value} for person in formed.unplaced],
            }
            for formed in rotations
        ],
        "quality": {
            "repeated_pairs": sum(formed.quality.repeated_pairs for formed in rotations),
            "pairs": sum(formed.quality.pairs for formed in rotations),
            "shared_hours": {
                "circles": len(shared),
                "circles_with_two": sum(hours >= 2 for hours in shared),
                "least": min(shared, default=0),
                "most": max(shared, default=0),
                "total": sum(shared),
            },
        },
        "seed": seed,
    }


def show_summary(console: Console, rotations: Sequence[Assignment], names: Mapping[str, str]) -> None:
    """Print one line a rotation, the last rotation's circles where they are few, and who is not placed and why."""
    table = Table(title=text("form.rotations"))
    for column in ROTATION_COLUMNS:
        table.add_column(text(f"form.rotations.{column}"), justify="right")
    for number, formed in enumerate(rotations, start=1):
        quality = formed.quality
        met = f"{quality.new_people_least}-{quality.new_people_most}"
        cells = (quality.circles, quality.pairs, quality.repeated_pairs, quality.least_repeats)
        told = (quality.circles_sharing_two_hours, met, len(formed.unplaced))
        table.add_row(str(number), *map(str, cells), *map(str, told))
    console.print(table)
    if len(rotations) == 1:
        _show_circles(console, rotations[0], names)
    _show_unplaced(console, rotations)


def _show_circles(console: Console, formed: Assignment, names: Mapping[str, str]) -> None:
    table = Table(title=text("form.circles"))
    for column in CIRCLE_COLUMNS:
        table.add_column(text(f"form.circles.{column}"))
    for circle in formed.circles:
        members = ", ".join(names.get(key, key) for key in circle.members)
        topics = ", ".join(sorted({topic for _, _, topic in circle.topic_matches}))
        lead = names.get(circle.lead, circle.lead)
        pairs = text("form.pairs", new=circle.new_pairs, all=circle.new_pairs + circle.repeated_pairs)
        table.add_row(lead, members, str(circle.shared_hours), pairs, topics)
    console.print(table)


def _show_unplaced(console: Console, rotations: Sequence[Assignment]) -> None:
    for number, formed in enumerate(rotations, start=1):
        counted = Counter(person.reason for person in formed.unplaced)
        for reason, count in counted.most_common():
            console.print(text("form.unplaced", rotation=number, n=count, reason=text(f"form.reason.{reason}")))
        if formed.relax is not None:
            console.print(text("form.relax", rotation=number, remedy=text(f"form.remedy.{formed.relax}")))
