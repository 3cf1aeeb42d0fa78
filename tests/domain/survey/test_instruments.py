from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.survey.instrument import (
    Attestation,
    ScoreKind,
    complete,
    items_in_common,
    texts_hash,
    variant,
    with_texts,
)
from bot.domain.survey.parse import parse_instrument
from bot.domain.survey.tables import InstrumentError
from bot.errors import ConfigError, InvalidInput
from bot.instruments import load_instruments
from bot.text import text as say
from tests.domain.survey.helpers import shipped

ATTESTED = Attestation("moderator 7", "written permission of the author", date(2026, 3, 1))
GOOD = """\
id = "calm_2"
version = 1
title = "Calm"
stem = "Today"
score = "mean"
citation = "Nobody (2026)"
licence = "Public domain"
texts_sha256 = "{hash}"

[[options]]
value = 1
text = "No"

[[options]]
value = 2
text = "Yes"

[[items]]
text = "Am calm."

[[items]]
text = "Am tense."
reverse = true
"""


def fault_of(text: str) -> InstrumentError | None:
    try:
        parse_instrument(text, "calm.toml")
    except InstrumentError as error:
        return error
    return None


def told(error: InstrumentError) -> str:
    return say(error.expected.message, **error.expected.values)


def good() -> str:
    error = fault_of(GOOD.format(hash="0" * 64))
    assert error is not None
    return GOOD.format(hash=error.expected.values["hash"])


@pytest.mark.parametrize(
    ("identifier", "low", "high", "items", "needed", "reverse"),
    [
        ("ipip_c1_4", 1, 5, 4, 4, set()),
        ("ipip_pas_se_10", 1, 5, 10, 8, {6, 7, 8, 9, 10}),
        ("selfdoubt_6", 1, 5, 6, 5, {5, 6}),
        ("rses_10", 0, 30, 10, 8, {3, 5, 8, 9, 10}),
        ("cips_20", 20, 100, 20, 16, set()),
        ("lis_7", 1, 5, 7, 6, set()),
        ("gse_10", 10, 40, 10, 8, set()),
    ],
)
def test_each_shipped_instrument_has_its_items_key_and_range(identifier, low, high, items, needed, reverse):
    instrument = shipped(identifier)
    assert (instrument.scale.low, instrument.scale.high) == (low, high)
    assert (len(instrument.items), instrument.needed) == (items, needed)
    assert {number for number, item in enumerate(instrument.items, 1) if item.reverse} == reverse


def test_exactly_the_free_instruments_are_ready_and_the_sensitive_one_is_off():
    ready = {name for name, instrument in load_instruments().items() if instrument.is_ready}
    assert ready == {"ipip_c1_4", "ipip_pas_se_10", "selfdoubt_6", "rses_10"}
    assert {name for name in ready if shipped(name).enabled} == ready - {"rses_10"}


def test_the_self_doubt_pulse_says_that_it_is_not_validated_and_diagnoses_nothing():
    assert shipped("selfdoubt_6").note == "Not a validated scale; it does not diagnose anything."


def test_no_shipped_instrument_claims_what_a_reliable_change_needs():
    assert not any(
        instrument.known and instrument.known.sd and instrument.known.kind == "retest"
        for instrument in load_instruments().values()
    )


def test_a_definition_is_ready_once_its_words_are_supplied_and_attested():
    definition = shipped("gse_10")
    options = [f"Answer {number}" for number in range(4)]
    items = [f"Statement {number}" for number in range(10)]
    filled = with_texts(definition, "Stem", options, items, ATTESTED)
    assert filled.is_ready
    assert filled.attestation == ATTESTED
    assert not replace(filled, attestation=None).is_ready
    assert filled.identity != definition.identity


def test_a_definition_refuses_the_wrong_number_of_words_and_empty_ones():
    definition = shipped("gse_10")
    with pytest.raises(InvalidInput):
        with_texts(definition, "Stem", ["a", "b", "c"], ["x"] * 10, ATTESTED)
    with pytest.raises(InvalidInput):
        with_texts(definition, "Stem", ["a", "b", "c", " "], ["x"] * 10, ATTESTED)


def test_a_moderators_file_completes_a_definition_only_with_the_known_scoring():
    definition = shipped("lis_7")
    words = shipped("ipip_c1_4")
    items = tuple(replace(words.items[0], text=f"Statement {number}") for number in range(7))
    given_file = replace(words, items=items)
    assert complete(definition, given_file, ATTESTED).is_ready
    turned = replace(given_file, items=(replace(items[0], reverse=True), *items[1:]))
    for wrong in (words, turned, replace(given_file, score=ScoreKind.SUM), definition):
        with pytest.raises(InvalidInput):
            complete(definition, wrong, ATTESTED)


def test_another_time_frame_makes_a_variant_that_is_never_compared():
    instrument = shipped("ipip_pas_se_10")
    weekly = variant(instrument, "ipip_pas_se_10_week", "Describe yourself as you were in the past week.")
    assert weekly.variant_of == "ipip_pas_se_10"
    assert weekly.identity != instrument.identity
    assert weekly.known is None
    assert variant(weekly, "another", "Describe yourself today.").variant_of == "ipip_pas_se_10"
    with pytest.raises(InvalidInput):
        variant(instrument, "same", f" {instrument.stem} ")


def test_instruments_that_share_items_say_so():
    shared = items_in_common(shipped("selfdoubt_6"), shipped("ipip_pas_se_10"))
    assert set(shared) == {
        "Question my ability to do my work properly.",
        "Am less capable than most people.",
        "Know my strengths.",
        "Just know that I will be a success.",
    }
    assert items_in_common(shipped("ipip_c1_4"), shipped("rses_10")) == ()


def test_the_hash_covers_words_values_and_keys_but_not_the_way_they_are_typed():
    instrument = shipped("ipip_pas_se_10")
    last = instrument.items[-1]
    assert "'" in (last.text or "")
    typed = replace(last, text=(last.text or "").replace("'", "’").replace(" ", "  "))
    assert texts_hash(replace(instrument, items=(*instrument.items[:-1], typed))) == texts_hash(instrument)
    for other in (
        replace(instrument, stem="Describe yourself today."),
        replace(instrument, items=(*instrument.items[:-1], replace(last, reverse=False))),
        replace(instrument, options=tuple(replace(o, value=o.value - 1) for o in instrument.options)),
    ):
        assert texts_hash(other) != texts_hash(instrument)


def test_a_good_file_is_read_whole():
    instrument = parse_instrument(good(), "calm.toml")
    assert (instrument.id, instrument.title, instrument.needed) == ("calm_2", "Calm", 2)
    assert [item.reverse for item in instrument.items] == [False, True]
    assert instrument.is_ready


@pytest.mark.parametrize(
    ("before", "after", "line", "expected"),
    [
        ("version = 1", "version = one", 2, "TOML"),
        ("version = 1", "version = 0", 2, "version = a whole number from 1 to 1000"),
        ("version = 1", "version = true", 2, "version = a whole number from 1 to 1000"),
        ('id = "calm_2"', 'id = "Calm 2"', 1, "id = 2 to 32 of a-z"),
        ('title = "Calm"\n', "", 1, "title = a text of 1 to 80"),
        ('title = "Calm"', 'titel = "Calm"', 1, "title = a text of 1 to 80"),
        ('title = "Calm"', 'title = "Calm\\u0007"', 3, "title = a text of 1 to 80"),
        ('score = "mean"', 'score = "median"', 5, "score = one of mean, sum"),
        (
            'score = "mean"',
            'score = "mean"\nanswered_share = 0.3',
            6,
            "answered_share = a number from 0.5 to 1",
        ),
        (
            'score = "mean"',
            'score = "mean"\nanswered_share = nan',
            6,
            "answered_share = a number from 0.5 to 1",
        ),
        ('score = "mean"', 'score = "mean"\ncutoff = 3', 6, "instead of cutoff"),
        ("value = 2", "value = 3", 15, "value = 2"),
        ("value = 1", "value = 2", 11, "value = a whole number from 0 to 1"),
        ('text = "Yes"\n', "", 14, "a stem and a text for every option and item"),
        ("reverse = true", "reverse = 1", 23, "reverse = true or false"),
        ('text = "Am tense."', 'text = "Am calm."', 22, "an item that does not stand above"),
        ("reverse = true", "reverse = false", 8, 'texts_sha256 = "'),
        ("reverse = true", "reversed = true", 23, "instead of reversed"),
        ("[[options]]\nvalue = 2", "[[option]]\nvalue = 2", 10, "2 to 10 tables [[options]]"),
        ('stem = "Today"', "known = 3", 4, "[known] as a table"),
        ("reverse = true", "reverse = true\n[known]\nreliability = 0.8", 24, "kind = one of alpha, retest"),
        ("reverse = true", 'reverse = true\n[attestation]\nby = "me"', 24, "licence = a text"),
        (
            "reverse = true",
            'reverse = true\n[attestation]\nby = "me"\nlicence = "x"\ndate = "today"',
            27,
            "date = a day such as 2026-03-01",
        ),
    ],
)
def test_a_faulty_file_gets_the_line_and_what_is_expected_there(before, after, line, expected):
    with pytest.raises(InstrumentError) as caught:
        parse_instrument(good().replace(before, after, 1), "calm.toml")
    assert caught.value.line == line
    assert expected in told(caught.value)
    assert caught.value.values["name"] == "calm.toml"


def test_a_key_inside_a_long_string_is_not_taken_for_a_line_of_its_own():
    text = good().replace('stem = "Today"', 'note = """\nversion = 7\n"""\nstem = "Today"')
    with pytest.raises(InstrumentError) as caught:
        parse_instrument(text, "calm.toml")
    assert caught.value.line == 4  # the note spans lines, which a label cannot show
    with pytest.raises(InstrumentError) as caught:
        parse_instrument(text.replace("version = 1", "version = 0"), "calm.toml")
    assert caught.value.line == 2


def test_huge_and_deeply_nested_files_are_refused_like_any_other():
    for text in ("#" * 70_000, "a = " + "[" * 5_000 + "]" * 5_000):
        with pytest.raises(InstrumentError) as caught:
            parse_instrument(text, "calm.toml")
        assert caught.value.line == 1


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_whatever_is_broken_in_a_file_only_an_instrument_error_comes_of_it(data):
    text = good()
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    broken = text[:start] + data.draw(st.text(max_size=10)) + text[end:]
    error = fault_of(broken)
    if error is not None:
        assert 1 <= error.line <= broken.count("\n") + 1
        assert told(error)


def test_an_operators_folder_adds_instruments_and_its_faults_name_the_file(tmp_path):
    (tmp_path / "calm.toml").write_text(good(), encoding="utf-8")
    assert load_instruments(tmp_path).keys() - load_instruments().keys() == {"calm_2"}
    (tmp_path / "calm.toml").write_text(good().replace("version = 1", "version = 0"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"calm\.toml, line 2: expected version"):
        load_instruments(tmp_path)
    (tmp_path / "calm.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_instruments(tmp_path)
    with pytest.raises(ConfigError, match="not a readable folder"):
        load_instruments(tmp_path / "nowhere")


def test_an_operators_folder_may_not_replace_an_instrument_or_bring_one_twice(tmp_path):
    (tmp_path / "a.toml").write_text(good(), encoding="utf-8")
    (tmp_path / "b.toml").write_text(good(), encoding="utf-8")
    with pytest.raises(ConfigError, match="a second instrument"):
        load_instruments(tmp_path)
    (tmp_path / "b.toml").write_text(good().replace("calm_2", "rses_10"), encoding="utf-8")
    with pytest.raises(ConfigError, match="shipped"):
        load_instruments(tmp_path)
