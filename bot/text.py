"""Every word that a person reads, by message id and language, from the gettext catalogues in bot/locale."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
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
    template = _template(message, locale, count if isinstance(count, int) else None)
    return template.format(**values)


def find_text(message: str, locale: str) -> str | None:
    """Return the words of a message id in exactly this language, or None where it has none."""
    found = _catalogue(_language(locale)).gettext(message) if _language(locale) in languages() else message
    return None if found == message else found


def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue."""
    return tuple(sorted(folder.parent.parent.name for folder in LOCALE_FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po")))


def message_ids(language: str = DEFAULT_LOCALE) -> frozenset[str]:
    """Return every message id of a language's catalogue."""
    return frozenset(str(message.id[0] if isinstance(message.id, tuple) else message.id) for message in _read(language) if message.id)


def _template(message: str, locale: str, count: int | None) -> str:
    for language in dict.fromkeys((_language(locale), DEFAULT_LOCALE)):
        if language not in languages():
            continue
        catalogue = _catalogue(language)
        found = catalogue.gettext(message) if count is None else catalogue.ngettext(message, message, count)
        if found == message and count is not None:
            found = catalogue.gettext(message)
        if found != message:
            return found
    raise UnknownMessageError(message)


@cache
def _language(locale: str) -> str:
    """Reduce Discord's locale (such as en-GB) to the language of a catalogue."""
    try:
        return Locale.parse(locale, sep="-").language
    except (ValueError, UnknownLocaleError):
        return DEFAULT_LOCALE


@cache
def _catalogue(language: str) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, _read(language))
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


@cache
def _read(language: str):
    with (LOCALE_FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)
