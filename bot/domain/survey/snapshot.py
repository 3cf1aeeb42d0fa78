"""Publications as text: the figures apart from the ledger, which is to be kept as safely as the answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar, cast

from bot.domain.survey.publication import (
    Average,
    Consistency,
    Count,
    Decision,
    Disclosed,
    Ledger,
    Movement,
    Publication,
    Rule,
)

F = TypeVar("F")
Fields = dict[str, Any]


def dump_figures(publication: Publication) -> str:
    """Write all but the ledger as JSON; it names nobody."""
    fields = asdict(publication)
    del fields["ledger"]
    return json.dumps(fields, sort_keys=True)


def dump_ledger(ledger: Ledger) -> str:
    """Write whom the figures cover as JSON, in an order that tells nothing."""
    return json.dumps(
        {
            "everyone": sorted(ledger.everyone),
            "circles": [sorted(circle) for circle in ledger.circles],
            "paired": sorted(ledger.paired),
            "since": ledger.since,
            "readers": sorted(ledger.readers),
        }
    )


def load_publication(figures: str, ledger: str) -> Publication:
    """Read a publication back from its two texts."""
    fields: Fields = json.loads(figures)
    circles = cast("list[tuple[str, Fields]]", fields["circles"])
    return Publication(
        wave=fields["wave"],
        number=fields["number"],
        instrument=fields["instrument"],
        asked=fields["asked"],
        turnout=Count(**fields["turnout"]),
        programme=_disclosed(fields["programme"], Average),
        circles=tuple((name, _disclosed(circle, Average)) for name, circle in circles),
        change=None if fields["change"] is None else _disclosed(fields["change"], _movement),
        reliability=None if fields["reliability"] is None else _disclosed(fields["reliability"], Consistency),
        ledger=load_ledger(ledger),
    )


def _disclosed(fields: Fields, make: Callable[..., F]) -> Disclosed[F]:
    figures = None if fields["figures"] is None else make(**fields["figures"])
    rule = None if fields["rule"] is None else Rule(fields["rule"])
    return Disclosed(Decision(fields["decision"]), figures, rule)


def _movement(*, pairs: Mapping[str, int], **others: Any) -> Movement:
    return Movement(pairs=Count(**pairs), **others)


def load_ledger(text: str) -> Ledger:
    """Read a ledger back from its text."""
    fields: Fields = json.loads(text)
    return Ledger(
        everyone=frozenset(fields["everyone"]),
        circles=tuple(frozenset(circle) for circle in fields["circles"]),
        paired=frozenset(fields["paired"]),
        since=fields["since"],
        readers=frozenset(fields["readers"]),
    )
