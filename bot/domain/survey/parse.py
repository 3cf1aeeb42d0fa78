"""TOML text -> Instrument, with the line and what is expected where the file does not fit."""

import re
import tomllib
from collections.abc import Mapping

from bot.domain.survey.instrument import (
    Attestation,
    Instrument,
    Item,
    Known,
    Option,
    ReliabilityKind,
    ScoreKind,
    texts_hash,
)
from bot.domain.survey.tables import InstrumentError, Table, locate
from bot.errors import Phrase

MOST_CHARACTERS = 65_536
MOST_OPTIONS = 10
MOST_ITEMS = 50
_HASH = "texts_sha256"


def parse_instrument(text: str, name: str) -> Instrument:
    """Read one instrument from its TOML text; `name` is the file that errors speak of."""
    try:
        lines = locate(text)
        root = Table(_load(text), (), lines)
        instrument = _instrument(root)
        stored = root.optional_text(_HASH, 64)
        root.refuse_the_rest()
        _check_texts(root, instrument, stored)
    except InstrumentError as error:
        raise InstrumentError(error.line, error.expected, name) from None
    return instrument


def _load(text: str) -> Mapping[str, object]:
    if len(text) > MOST_CHARACTERS:
        raise InstrumentError(1, Phrase("instrument.expected.shorter", {"most": MOST_CHARACTERS}))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = re.search(r"\(at line (\d+),", message)
        line = int(found[1]) if found else text.count("\n") + 1
        raise InstrumentError(line, Phrase("instrument.expected.toml", {"fault": message})) from None
    except RecursionError:
        raise InstrumentError(1, Phrase("instrument.expected.flat")) from None


def _instrument(root: Table) -> Instrument:
    return Instrument(
        id=root.matching("id", r"[a-z][a-z0-9_]{1,31}", "instrument.expected.id"),
        version=root.integer("version", 1, 1000),
        title=root.text("title", 80),
        options=_options(root),
        items=_items(root),
        score=ScoreKind(root.choice("score", [kind.value for kind in ScoreKind])),
        citation=root.text("citation", 400),
        licence=root.text("licence", 200),
        stem=root.optional_text("stem", 300),
        high=root.optional_text("high", 100),
        note=root.optional_text("note", 300),
        answered_share=root.number("answered_share", 0.5, 1, default=0.8),
        weeks_apart=root.integer("weeks_apart", 1, 53, default=1),
        enabled=root.flag("enabled", default=True),
        needs_permission=root.flag("needs_permission", default=False),
        known=_known(root),
        variant_of=root.optional_text("variant_of", 32),
        attestation=_attestation(root),
    )


def _options(root: Table) -> tuple[Option, ...]:
    options: list[Option] = []
    for table in root.tables("options", 2, MOST_OPTIONS):
        low = options[-1].value + 1 if options else 0
        high = low if options else 1
        options.append(Option(table.integer("value", low, high), table.optional_text("text", 80)))
        table.refuse_the_rest()
    return tuple(options)


def _items(root: Table) -> tuple[Item, ...]:
    items: list[Item] = []
    for table in root.tables("items", 1, MOST_ITEMS):
        item = Item(table.optional_text("text", 200), table.flag("reverse", default=False))
        if item.text and item.text in {earlier.text for earlier in items}:
            table.fail("text", "instrument.expected.new-item")
        table.refuse_the_rest()
        items.append(item)
    return tuple(items)


def _known(root: Table) -> Known | None:
    table = root.optional_table("known")
    if table is None:
        return None
    reliability = table.optional_number("reliability", 0, 1)
    kinds = [kind.value for kind in ReliabilityKind]
    kind = None if reliability is None else ReliabilityKind(table.choice("kind", kinds))
    known = Known(table.text("source", 400), table.optional_number("sd", 1e-6, 1e6), reliability, kind)
    table.refuse_the_rest()
    return known


def _attestation(root: Table) -> Attestation | None:
    table = root.optional_table("attestation")
    if table is None:
        return None
    attestation = Attestation(table.text("by", 100), table.text("licence", 200), table.day("date"))
    table.refuse_the_rest()
    return attestation


def _check_texts(root: Table, instrument: Instrument, stored: str | None) -> None:
    if not instrument.has_texts:
        _refuse_half_a_text(root, instrument)
    elif stored != (expected := texts_hash(instrument)):
        root.fail(_HASH, "instrument.expected.hash", hash=expected)


def _refuse_half_a_text(root: Table, instrument: Instrument) -> None:
    """Accept a definition without any words, and nothing between that and a whole instrument."""
    words = {
        "stem": [instrument.stem],
        "options": [option.text for option in instrument.options],
        "items": [item.text for item in instrument.items],
    }
    if not any(text for texts in words.values() for text in texts):
        return
    for key, texts in words.items():
        if None in texts:
            root.fail(key, "instrument.expected.all-texts", texts.index(None))
