"""What a questionnaire is: its words, how it is scored, and what may be said about it."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from bot.errors import InvalidInput

END_MARGIN = 0.2


class ScoreKind(StrEnum):
    """How answers become one number."""

    MEAN = "mean"
    SUM = "sum"


class ReliabilityKind(StrEnum):
    """Where a published reliability comes from; only a retest speaks of change."""

    ALPHA = "alpha"
    RETEST = "retest"


@dataclass(frozen=True, slots=True)
class Option:
    """One response option; without text where the words need permission."""

    value: int
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One statement; a reverse-keyed one counts against the trait."""

    text: str | None = None
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """The range of scores; a group's mean within `margin` of an end says too much about each person."""

    low: float
    high: float
    margin: float = END_MARGIN


@dataclass(frozen=True, slots=True)
class Known:
    """What the literature reports of an instrument, with its source."""

    source: str
    sd: float | None = None
    reliability: float | None = None
    kind: ReliabilityKind | None = None


@dataclass(frozen=True, slots=True)
class Attestation:
    """Who vouched for the right to use the words, under which licence, and on which day."""

    by: str
    licence: str
    on: date


@dataclass(frozen=True, slots=True)
class Instrument:
    """One questionnaire; options are consecutive whole numbers in ascending order."""

    id: str
    version: int
    title: str
    options: tuple[Option, ...]
    items: tuple[Item, ...]
    score: ScoreKind
    citation: str
    licence: str
    stem: str | None = None
    high: str | None = None  # what a high score means, in words
    note: str | None = None  # printed wherever the instrument is
    answered_share: float = 0.8
    weeks_apart: int = 1  # waves closer together than this are not meant
    enabled: bool = True  # offered without a moderator switching it on
    needs_permission: bool = False
    known: Known | None = None
    variant_of: str | None = None
    attestation: Attestation | None = None

    @property
    def scale(self) -> Scale:
        """The range of this instrument's scores."""
        times = len(self.items) if self.score is ScoreKind.SUM else 1
        return Scale(self.options[0].value * times, self.options[-1].value * times, END_MARGIN * times)

    @property
    def needed(self) -> int:
        """How many items must be answered for a score."""
        return math.ceil(round(self.answered_share * len(self.items), 9))

    @property
    def has_texts(self) -> bool:
        """Whether every word that a respondent reads is here."""
        return self.stem is not None and all(part.text for part in (*self.options, *self.items))

    @property
    def is_ready(self) -> bool:
        """Whether it may be put to people: its words are here, and attested where they need permission."""
        return self.has_texts and (self.attestation is not None or not self.needs_permission)

    @property
    def identity(self) -> str:
        """What two waves must share to be compared: the id, the version, the words and the key."""
        return f"{self.id}@{self.version}#{texts_hash(self)[:16]}"


def texts_hash(instrument: Instrument) -> str:
    """Return the SHA-256 over the stem, the options with their values and the items with their keys."""
    lines = [f"stem {_normal(instrument.stem)}"]
    lines += [f"option {option.value} {_normal(option.text)}" for option in instrument.options]
    lines += [f"item {'-' if item.reverse else '+'} {_normal(item.text)}" for item in instrument.items]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _normal(text: str | None) -> str:
    straight = unicodedata.normalize("NFC", text or "").replace("’", "'")
    return re.sub(r"\s+", " ", straight).strip()


def variant(instrument: Instrument, identifier: str, stem: str) -> Instrument:
    """Return the instrument under another stem, recorded as a variant; the two are never compared."""
    if _normal(stem) == _normal(instrument.stem):
        raise InvalidInput("instrument-variant-same-stem", id=instrument.id)
    return replace(instrument, id=identifier, stem=stem, variant_of=instrument.variant_of or instrument.id, known=None)


def with_texts(
    definition: Instrument,
    stem: str,
    options: Sequence[str],
    items: Sequence[str],
    attestation: Attestation,
) -> Instrument:
    """Return a definition with the words that a moderator supplied and vouched for."""
    for part, given, own in (("options", options, definition.options), ("items", items, definition.items)):
        if len(given) != len(own):
            raise InvalidInput("instrument-texts-count", part=part, expected=len(own), found=len(given))
    if not all(_normal(text) for text in (stem, *options, *items)):
        raise InvalidInput("instrument-texts-empty")
    return replace(
        definition,
        stem=stem,
        options=tuple(replace(option, text=text) for option, text in zip(definition.options, options, strict=True)),
        items=tuple(replace(item, text=text) for item, text in zip(definition.items, items, strict=True)),
        attestation=attestation,
    )


def complete(definition: Instrument, given: Instrument, attestation: Attestation) -> Instrument:
    """Return a definition with the words of a moderator's file, whose scoring must be the known one."""
    if not given.has_texts:
        raise InvalidInput("instrument-texts-empty")
    if _scoring(definition) != _scoring(given):
        raise InvalidInput("instrument-scoring-differs", id=definition.id)
    options = [option.text or "" for option in given.options]
    return with_texts(definition, given.stem or "", options, [item.text or "" for item in given.items], attestation)


def _scoring(instrument: Instrument) -> tuple[object, ...]:
    values = tuple(option.value for option in instrument.options)
    return instrument.score, values, tuple(item.reverse for item in instrument.items)


def items_in_common(one: Instrument, other: Instrument) -> tuple[str, ...]:
    """List the items that two instruments share; such instruments are never pooled."""
    texts = {_normal(item.text) for item in other.items if item.text}
    return tuple(item.text for item in one.items if item.text and _normal(item.text) in texts)
