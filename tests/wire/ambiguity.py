"""Answers get lost after the thing was done, and storms of 429 come: still everything once, few requests invalid."""

from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path

from tests.wire.client import Json, Wire
from tests.wire.kill import Tally, finish, fresh
from tests.wire.place import Place

INVALID = {401, 403, 429}
TEN_MINUTES = 600.0
FAULTS: Json = {"delay": [0.0, 0.01], "fail_after": 0.025, "drop_after": 0.025, "late": 0.02, "storm": 0.01}


@dataclass
class Stormy:
    """What came of publishing in bad weather."""

    tally: Tally = field(default_factory=Tally)
    requests: int = 0
    lost_answers: int = 0
    late: int = 0  # done some seconds after the connection had ended
    limited: int = 0
    most_invalid: int = 0  # in any ten minutes
    seconds: list[float] = field(default_factory=list)


def publish_in_storms(wire: Wire, template: Place, folder: Path, rounds: int, **more: float) -> Stormy:
    """Publish a rotation some times over; one answer in twenty is lost, and storms of 429 come and go."""
    done, invalid = Stormy(), list[float]()
    for number in range(rounds):
        place = fresh(wire, template, folder, number)
        wire.control("fault", seed=number, **FAULTS | more)
        done.seconds.append(finish(wire, place))
        requests = wire.ledger("request")
        done.requests += len(requests)
        done.lost_answers += len(wire.ledger("lost"))
        done.late += len(wire.ledger("late"))
        done.limited += sum(line["status"] == 429 for line in requests)
        invalid += [line["t"] for line in requests if line["status"] in INVALID]
        done.tally.take(f"storm {number}", place, wire)
    done.most_invalid = most_within(invalid, TEN_MINUTES)
    return done


def most_within(moments: list[float], seconds: float) -> int:
    """Return how many moments lie within so many seconds at most."""
    ordered = sorted(moments)
    return max((bisect_left(ordered, start + seconds) - at for at, start in enumerate(ordered)), default=0)
