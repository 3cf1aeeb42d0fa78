from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from PIL import Image

from bot import charts
from bot.charts import ChartWords, programme_png, trend_png
from bot.domain.survey.instrument import Scale
from bot.domain.survey.trend import Point, Trend, build_trend

WORDS = ChartWords(
    title="Task confidence",
    subtitle="Mean of four statements",
    low="less confidence",
    high="more confidence",
    gap="no answer",
    footer="Nobody watches this.",
)


def some_trend(*values: float | None, scale: Scale | None = None) -> Trend:
    points = [
        Point(f"{number + 1} May", value, None if value is None else value - 0.3, value and value + 0.3)
        for number, value in enumerate(values)
    ]
    return build_trend(points, scale or Scale(1, 5))


def drawn(trend: Trend) -> Axes:
    _, axes = charts._sheet(trend, WORDS)
    charts._draw_points(axes, trend, WORDS.number)
    return axes


def is_paper(png: bytes) -> bool:
    return len(set(Image.open(BytesIO(png)).convert("L").tobytes())) == 1


@pytest.mark.parametrize("draw", [trend_png, programme_png])
@pytest.mark.parametrize("waves", [0, 1, 2, 3, 12, 60])
def test_a_chart_is_a_png_of_one_size_whatever_the_number_of_waves(draw, waves):
    png = draw(some_trend(*[3.0] * waves), WORDS)
    assert Image.open(BytesIO(png)).size == (1000, 500)
    assert not is_paper(png)


@pytest.mark.parametrize("scale", [Scale(1, 5), Scale(0, 30), Scale(20, 100), Scale(10, 40), Scale(1, 4)])
def test_the_axis_shows_the_whole_scale_with_both_ends_marked(scale):
    middle = (scale.low + scale.high) / 2
    axes = drawn(some_trend(middle, middle + 0.1, middle, scale=scale))
    low, high = axes.get_ylim()
    ticks = list(axes.get_yticks())
    assert low < scale.low < scale.high < high
    assert (ticks[0], ticks[-1]) == (scale.low, scale.high)
    assert len(ticks) <= 9


def test_lines_join_neighbours_only_and_a_gap_says_in_words_what_it_is():
    axes = drawn(some_trend(2, 3, None, 3, 4, 4))
    lines = [list(map(int, line.get_xdata())) for line in axes.lines if line.get_linewidth() > 2]
    assert [line for line in lines if len(line) > 1] == [[0, 1], [3, 4, 5]]
    texts = [text.get_text() for text in axes.texts]
    assert texts.count("no answer") == 1
    assert {"less confidence", "more confidence"} <= set(texts)


def test_every_value_stands_beside_its_point_in_the_readers_way_of_writing():
    trend = some_trend(2.0, 3.5, 4.9, 1.0)
    _, axes = charts._sheet(trend, WORDS)
    charts._draw_points(axes, trend, lambda value: f"{value:.1f}".replace(".", ","))
    assert {"2,0", "3,5", "4,9", "1,0"} <= {text.get_text() for text in axes.texts}


def test_intervals_are_drawn_as_bars():
    with_bars, without = programme_png(some_trend(3.0, 3.2), WORDS), trend_png(some_trend(3.0, 3.2), WORDS)
    assert with_bars != without


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_and_marks_keep_the_contrast_that_wcag_asks_for():
    paper = luminance(charts._PAPER) + 0.05
    assert paper / (luminance(charts._INK) + 0.05) >= 7
    assert paper / (luminance(charts._QUIET) + 0.05) >= 4.5
    assert paper / (luminance(charts._MARK) + 0.05) >= 4.5


@settings(deadline=None, max_examples=8)
@given(st.text(max_size=300))
def test_words_of_any_kind_are_drawn_without_complaint(words):
    title = f"$x^{{ {words} 🌸 会"
    png = trend_png(some_trend(3.0), ChartWords(title=title, gap=words, low=words, footer=words))
    assert not is_paper(png)


def test_what_the_font_cannot_draw_is_left_out_and_long_words_are_shortened():
    assert charts.drawable("Spring 🌸 2026\n\tnow", 80) == "Spring 2026 now"
    assert charts.drawable("a" * 30, 10) == "a" * 9 + "…"


def test_threads_draw_the_same_picture_at_the_same_time():
    trend = some_trend(2, 3, 4)
    with ThreadPoolExecutor(4) as threads:
        pictures = list(threads.map(lambda _: programme_png(trend, WORDS), range(8)))
    assert len(set(pictures)) == 1
