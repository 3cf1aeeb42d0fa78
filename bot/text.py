"""Every word that a person reads, by message id and language, from the gettext catalogues in bot/locale."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

DEFAULT_LOCALE = "en"
DOMAIN = "peer_circles"
LOCALE_FOLDER = Path(__file__).parent / "locale"


class UnknownMessageError(LookupError):
    """A message id that the default catalogue lacks: a mistake in the program, never of its user."""


def text(message: str, locale: str = DEFAULT_LOCALE, /, **values: object) -> str:
    """Return the words of a message id in a language, filled with values; `n` chooses the plural form."""
    count = values.get("n")
    for language in (*_languages_for(LOCALE_FOLDER, locale), DEFAULT_LOCALE):
        template = _find(message, language, count if isinstance(count, int) else None)
        if template is not None:
            return template.format(**values)
    raise UnknownMessageError(message)


def find_text(message: str, locale: str) -> str | None:
    """Return the words of a message id in exactly this language, or None where it has none."""
    found = (_find(message, language, None) for language in _languages_for(LOCALE_FOLDER, locale))
    return next((words for words in found if words is not None), None)


def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue."""
    return _languages(LOCALE_FOLDER)


def message_ids(language: str = DEFAULT_LOCALE) -> frozenset[str]:
    """Return every message id that has words in a language's catalogue."""
    catalogue = _read(LOCALE_FOLDER, language)
    return frozenset(_id(message.id) for message in catalogue if message.id and message.string)


@cache  # discord.py asks for every word of every command in every language at each start
def _languages_for(folder: Path, locale: str) -> tuple[str, ...]:
    """Return the catalogues for one of Discord's locales: pt-BR is served by pt_BR, or else by pt."""
    exact = locale.replace("-", "_")
    return tuple(name for name in dict.fromkeys((exact, exact.partition("_")[0])) if name in _languages(folder))


def _find(message: str, language: str, count: int | None) -> str | None:
    """Return a language's words for a message id, in the plural form of a count if it has such forms."""
    catalogue = _compile(LOCALE_FOLDER, language)
    found = message if count is None else catalogue.ngettext(message, message, count)
    if found == message:
        found = catalogue.gettext(message)
    return None if found == message else found


@cache
def _languages(folder: Path) -> tuple[str, ...]:
    return tuple(sorted({file.parent.parent.name for file in folder.glob("*/LC_MESSAGES/*.po")}))


@cache
def _compile(folder: Path, language: str) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, _read(folder, language))
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


def _read(folder: Path, language: str) -> Catalog:
    """Return one catalogue out of a language's files, a file a subject; no message id may stand in two of them."""
    whole = Catalog(locale=language, domain=DOMAIN)
    for path in sorted((folder / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, domain=DOMAIN, abort_invalid=True):
                if message.id and message.id in whole:
                    raise ValueError(f"{path.name}: {_id(message.id)} has its words in another file already.")
                whole[message.id] = message
    return whole


def _id(message_id: str | Sequence[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]
