"""What `form` answers: the JSON document, and the summary on the terminal."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from bot.domain.formation import Assignment, Reason

RULES: Mapping[Reason, str] = {
    Reason.TOO_FEW_PEOPLE: "too few people for one circle",
    Reason.SIZES_DO_NOT_ADD_UP: "the circle sizes do not add up to everyone",
    Reason.AVOID: "people who are not to meet",
    Reason.NO_COMMON_LANGUAGE: "no language in common",
    Reason.NO_FACILITATOR: "no facilitator or mentor for a further circle",
    Reason.NO_MENTOR: "no mentor for a further circle",
    Reason.MENTOR_CAPACITY: "the mentors' capacity",
}
REMEDIES: Mapping[Reason, str] = {
    Reason.TOO_FEW_PEOPLE: "a smaller least size",
    Reason.SIZES_DO_NOT_ADD_UP: "a wider size band",
    Reason.AVOID: "fewer pairs who avoid each other",
    Reason.NO_COMMON_LANGUAGE: "no common language asked",
    Reason.NO_FACILITATOR: "more facilitators, or none asked in each circle",
    Reason.NO_MENTOR: "more mentors",
    Reason.MENTOR_CAPACITY: "more capacity of the mentors",
}


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
    table = Table(title="Rotations")
    for column in (
        "rotation",
        "circles",
        "pairs",
        "repeated",
        "least possible",
        "share two hours",
        "new people",
        "not placed",
    ):
        table.add_column(column, justify="right")
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
    table = Table(title="Circles")
    for column in ("lead", "members", "shared hours", "new pairs", "topics"):
        table.add_column(column)
    for circle in formed.circles:
        members = ", ".join(names.get(key, key) for key in circle.members)
        topics = ", ".join(sorted({topic for _, _, topic in circle.topic_matches}))
        lead = names.get(circle.lead, circle.lead)
        pairs = circle.new_pairs + circle.repeated_pairs
        table.add_row(lead, members, str(circle.shared_hours), f"{circle.new_pairs} of {pairs}", topics)
    console.print(table)


def _show_unplaced(console: Console, rotations: Sequence[Assignment]) -> None:
    for number, formed in enumerate(rotations, start=1):
        counted = Counter(person.reason for person in formed.unplaced)
        for reason, count in counted.most_common():
            people = "person" if count == 1 else "people"
            console.print(f"Rotation {number}: {count} {people} not placed: {RULES[reason]}.")
        if formed.relax is not None:
            console.print(f"Rotation {number}: {REMEDIES[formed.relax]} would place more.")
