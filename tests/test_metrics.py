"""Figures are written as Prometheus reads them."""

import re

import pytest

from bot.metrics import Family, Histogram, Kind, Sample, render

GAUGE = Family("circles", Kind.GAUGE, "How many circles there are.")


def test_a_family_is_its_meaning_its_kind_and_its_value():
    assert render([GAUGE.of(3)]) == ("# HELP circles How many circles there are.\n# TYPE circles gauge\ncircles 3\n")


def test_a_value_stands_beside_the_label_it_belongs_to():
    assert render([GAUGE.by("state", {"open": 2, "over": 0})]).splitlines()[2:] == [
        'circles{state="open"} 2',
        'circles{state="over"} 0',
    ]


def test_what_would_end_a_line_or_a_label_is_escaped():
    family = Family("odd", Kind.GAUGE, 'a\\b\n"c"', (Sample(1, {"what": 'a\\b\n"c"'}),))
    assert render([family]).splitlines() == [
        r'# HELP odd a\\b\n"c"',
        "# TYPE odd gauge",
        r'odd{what="a\\b\n\"c\""} 1',
    ]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (2.0, "2"),
        (0.1, "0.1"),
        (-1.5, "-1.5"),
        (1e-07, "1e-07"),
        (1763853600.25, "1763853600.25"),
        (float("inf"), "+Inf"),
        (float("-inf"), "-Inf"),
        (float("nan"), "NaN"),
    ],
)
def test_numbers_are_written_in_the_words_of_prometheus(value: float, written: str):
    assert render([GAUGE.of(value)]).splitlines()[-1] == f"circles {written}"


def test_a_family_without_values_is_not_there():
    assert render([GAUGE, GAUGE.by("state", {})]) == ""


def test_a_histogram_counts_each_value_in_every_bucket_that_is_large_enough():
    histogram = Histogram((0.1, 0.5))
    for value in (0.05, 0.1, 0.3, 7.0):
        histogram.observe(value)
    family = Family("lag_seconds", Kind.HISTOGRAM, "How long.").spread(histogram)
    assert render([family]).splitlines()[1:] == [
        "# TYPE lag_seconds histogram",
        'lag_seconds_bucket{le="0.1"} 2',
        'lag_seconds_bucket{le="0.5"} 3',
        'lag_seconds_bucket{le="+Inf"} 4',
        "lag_seconds_sum 7.45",
        "lag_seconds_count 4",
    ]


def test_every_line_is_one_that_the_form_allows():
    line = re.compile(r'# (HELP|TYPE) \w+ .+|\w+(\{\w+="([^"\\\n]|\\[\\n"])*"(,\w+="[^"\n]*")*\})? (\S+)')
    histogram = Histogram((0.25,))
    families = [GAUGE.by("odd", {'"\n\\': 1.5}), Family("h", Kind.HISTOGRAM, "x").spread(histogram)]
    for each in render(families).splitlines():
        assert line.fullmatch(each), each
