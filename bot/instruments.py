"""Reads instrument files: those shipped with the program and those an operator adds."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.domain.survey.instrument import Instrument
from bot.domain.survey.parse import parse_instrument
from bot.domain.survey.tables import InstrumentError
from bot.errors import ConfigError
from bot.text import text

SHIPPED = "bot.domain.survey.instruments"


def load_instruments(directory: Path | None = None) -> dict[str, Instrument]:
    """Return all instruments by id: the shipped ones, then those in the operator's directory."""
    instruments = _load_all(resources.files(SHIPPED))
    for identifier, instrument in _load_all(directory).items() if directory else ():
        if identifier in instruments:
            raise ConfigError(text("fault.instrument.shipped", directory=directory, identifier=identifier))
        instruments[identifier] = instrument
    return instruments


def _load_all(folder: Traversable) -> dict[str, Instrument]:
    found: dict[str, Instrument] = {}
    for file in sorted(_entries(folder), key=lambda entry: entry.name):
        instrument = _load(file)
        if instrument.id in found:
            raise ConfigError(text("fault.instrument.twice", file=file, name=instrument.id))
        found[instrument.id] = instrument
    return found


def _entries(folder: Traversable) -> list[Traversable]:
    try:
        return [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    except OSError as error:
        raise ConfigError(text("fault.instrument.folder", folder=folder, fault=error.strerror)) from None


def _load(file: Traversable) -> Instrument:
    try:
        return parse_instrument(file.read_text(encoding="utf-8"), file.name)
    except InstrumentError as error:
        expected = text(error.expected.message, **error.expected.values)
        raise ConfigError(text(error.message, name=file.name, line=error.line, expected=expected)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(text("fault.instrument.no-text", file=file, fault=error)) from None
