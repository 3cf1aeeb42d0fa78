import string
from pathlib import Path

import pytest

import bot.text
from bot.text import DEFAULT_LOCALE, UnknownMessageError, find_text, languages, message_ids, text

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {plural}\\n"\n\n'
ONE_AND_MANY = "nplurals=2; plural=(n != 1);"
ONE_FEW_MANY = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
ENGLISH = """
msgid "greeting"
msgstr "Hello {name}"

msgid "only.english"
msgstr "Only here"

msgid "circle.people"
msgid_plural "circle.people"
msgstr[0] "{n} person"
msgstr[1] "{n} people"

msgid "days"
msgstr "n is {n}"
"""
POLISH = """
msgid "greeting"
msgstr "Cześć {name}"

msgid "circle.people"
msgid_plural "circle.people"
msgstr[0] "{n} osoba"
msgstr[1] "{n} osoby"
msgstr[2] "{n} osób"

msgid "only.english"
msgstr ""
"""


def write(folder: Path, language: str, plural: str, messages: str) -> None:
    catalogue = folder / language / "LC_MESSAGES" / "peer_circles.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(HEADER.format(plural=plural) + messages, encoding="utf-8")


@pytest.fixture
def _catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put small catalogues in the place of the real ones."""
    write(tmp_path, "en", ONE_AND_MANY, ENGLISH)
    write(tmp_path, "pl", ONE_FEW_MANY, POLISH)
    write(tmp_path, "pt_BR", ONE_AND_MANY, 'msgid "greeting"\nmsgstr "Oi {name}"\n')
    monkeypatch.setattr(bot.text, "LOCALE_FOLDER", tmp_path)


small = pytest.mark.usefixtures("_catalogues")


@small
@pytest.mark.parametrize(
    ("locale", "words"),
    [("en", "Hello Ada"), ("en-GB", "Hello Ada"), ("pl", "Cześć Ada"), ("pt-BR", "Oi Ada"), ("ja", "Hello Ada")],
)
def test_the_readers_locale_chooses_the_words(locale: str, words: str):
    assert text("greeting", locale, name="Ada") == words


@small
@pytest.mark.parametrize("locale", ["", "x", "../en", "en-", "-", "no such locale", "pt", "zh-TW"])
def test_a_locale_without_a_catalogue_reads_the_default(locale: str):
    assert text("greeting", locale, name="Ada") == "Hello Ada"


@small
def test_a_message_that_is_not_translated_yet_reads_the_default():
    assert text("only.english", "pl") == "Only here"
    assert find_text("only.english", "pl") is None


@small
def test_find_text_answers_only_in_the_language_asked_for():
    assert find_text("greeting", "en-US") == "Hello {name}"
    assert find_text("greeting", "pl") == "Cześć {name}"
    assert find_text("greeting", "fr") is None


@small
@pytest.mark.parametrize(
    ("locale", "n", "words"),
    [
        ("en", 0, "0 people"),
        ("en", 1, "1 person"),
        ("en", 2, "2 people"),
        ("pl", 1, "1 osoba"),
        ("pl", 3, "3 osoby"),
        ("pl", 5, "5 osób"),
        ("pl", 12, "12 osób"),
    ],
)
def test_a_number_chooses_the_languages_plural_form(locale: str, n: int, words: str):
    assert text("circle.people", locale, n=n) == words


@small
def test_a_number_may_also_just_be_a_value():
    assert text("days", n=3) == "n is 3"


@small
def test_braces_in_a_members_words_stay_as_they_are():
    """FAILURES F35: what a person typed is never taken for a template."""
    assert text("greeting", name="{secret} {0.__class__}") == "Hello {secret} {0.__class__}"


@small
def test_an_unknown_message_is_a_mistake_that_tells_its_id():
    with pytest.raises(UnknownMessageError, match=r"no\.such\.message"):
        text("no.such.message", "pl")


@small
def test_a_missing_value_is_a_mistake_that_tells_its_name():
    with pytest.raises(KeyError, match="name"):
        text("greeting")


@small
def test_the_languages_are_those_with_a_catalogue():
    assert languages() == ("en", "pl", "pt_BR")


@small
def test_a_message_without_words_does_not_count_as_translated():
    assert message_ids() - message_ids("pl") == {"only.english", "days"}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def forms(language: str) -> dict[str, list[str]]:
    """Return every form of every message of a real catalogue."""
    catalogue = bot.text._read(bot.text.LOCALE_FOLDER, language)
    return {
        bot.text._id(message.id): [message.string] if isinstance(message.string, str) else list(message.string)
        for message in catalogue
        if message.id
    }


@pytest.mark.parametrize("language", languages())
def test_each_message_id_has_words_in_each_language(language: str):
    assert message_ids(language) == message_ids()
    assert all(all(words) for words in forms(language).values())


@pytest.mark.parametrize("language", languages())
def test_each_language_fills_in_the_same_values(language: str):
    default = forms(DEFAULT_LOCALE)
    for message, words in forms(language).items():
        wanted = placeholders(default[message][-1])
        assert placeholders(words[-1]) == wanted, message
        assert all(placeholders(form) <= wanted for form in words), message
        assert all(name.isidentifier() for name in wanted), message
