"""Small and large pictures: gaps stay open, scales are round, nothing escapes its island."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ojas.kit.web import Figure, Series, range_of, spark
from ojas.kit.web.charts import PICTURE_HEIGHT, PICTURE_WIDTH, figure_json, nice, picture, scale
from ojas.kit.web.spark import HEIGHT, WIDTH

VALUES = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=60)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def figure(values: list[float | None], label: str = "x") -> Figure:
    points = [(NOW + timedelta(hours=n), value) for n, value in enumerate(values)]
    return Figure(
        "f",
        "t",
        "n",
        "s",
        "heart",
        "/min",
        [Series(label, points)],
        NOW,
        NOW + timedelta(hours=max(len(values), 1)),
    )


def instants(x: dict[str, Any]) -> Iterator[int]:
    """As charts.js reads them."""
    at = x["from"]
    for step in x["steps"]:
        for _ in range(step[1] if isinstance(step, list) else 1):
            at += x["unit"] * (step[0] if isinstance(step, list) else step)
            yield at


def test_a_gap_parts_the_line() -> None:
    assert len(spark([1, 2, None, 3, 4]).lines) == 2
    assert spark([None, None]).lines == ()
    assert spark([]).lines == ()


def test_a_lone_value_can_be_seen() -> None:
    assert spark([None, 5.0, None]).lines[0].startswith("M")


@given(VALUES, st.sampled_from(["line", "bar", "step"]))
def test_no_picture_leaves_its_box(values: list[float | None], style: str) -> None:
    drawn = spark(values, style=style, band=(10, 20))  # type: ignore[arg-type]
    assert all(0 <= y <= HEIGHT and 0 <= x <= WIDTH for x, y, _, _ in drawn.bars)
    assert drawn.band is None or 0 <= drawn.band[0] <= HEIGHT
    assert all("nan" not in path and "inf" not in path for path in drawn.lines)


def test_bars_stand_on_nought() -> None:
    drawn = spark([10, 20], style="bar")
    assert drawn.bars[1][3] > drawn.bars[0][3]
    assert {round(y + height) for _, y, _, height in drawn.bars} == {33}


@given(st.lists(st.floats(-1e5, 1e5).map(lambda value: round(value, 4)), min_size=1, max_size=30))
def test_a_scale_holds_every_value_between_its_ends(values: list[float]) -> None:
    low, high = scale(values)
    assert low <= min(values)
    assert max(values) <= high
    assert low < high


@given(st.floats(1e-6, 1e9))
def test_a_nice_step_is_near(step: float) -> None:
    assert step * 0.99 <= nice(step) <= step * 2.51


@given(VALUES)
def test_a_figure_without_values_has_no_picture(values: list[float | None]) -> None:
    assert (picture(figure(values)) is None) == all(value is None for value in values)


def test_a_label_cannot_end_the_island_it_stands_in() -> None:
    text = str(figure_json(figure([1.0], "</script><b>&")))
    assert "</" not in text
    assert json.loads(text)["series"][0]["label"] == "</script><b>&"


def test_series_share_their_instants() -> None:
    one = Series("a", [(NOW, 1.0), (NOW + timedelta(hours=1), 2.0)])
    two = Series("b", [(NOW + timedelta(hours=1), 5.0)], sources=("Omron",))
    drawn = json.loads(figure_json(Figure("f", "t", "n", "s", "heart", "", [one, two], NOW, NOW)))
    assert [series["y"] for series in drawn["series"]] == [[1.0, 2.0], [None, 5.0]]
    assert drawn["series"][1]["sources"] == ["Omron"]


@given(st.lists(st.integers(0, 10**9) | st.integers(0, 60), unique=True, max_size=50).map(sorted))
def test_steps_lead_to_the_instants_they_were_made_of(seconds: list[int]) -> None:
    points = [(datetime.fromtimestamp(at, UTC), 1.0) for at in seconds]
    drawn = json.loads(figure_json(Figure("f", "t", "n", "s", "heart", "", [Series("a", points)], NOW, NOW)))
    assert list(instants(drawn["x"])) == seconds


def test_a_year_of_days_takes_little_room() -> None:
    days = [(NOW + timedelta(days=n), 70.123456) for n in range(365)]
    low, high = [60.0] * 365, [90.5] * 365
    series = Series("Pulse", days, low=low, high=high)
    text = str(figure_json(Figure("f", "t", "n", "s", "heart", "", [series], NOW, NOW)))
    assert len(text) < 365 * len("70.1,60,90.5,") + 300


def test_a_value_keeps_one_decimal_more_than_was_measured() -> None:
    series = Series("a", [(NOW, 70.16), (NOW + timedelta(days=1), None), (NOW + timedelta(days=2), 71.0)])
    text = str(figure_json(Figure("f", "t", "n", "s", "heart", "", [series], NOW, NOW)))
    assert '"y":[70.2,null,71]' in text


@given(VALUES)
def test_the_still_picture_stays_in_its_box(values: list[float | None]) -> None:
    drawn = picture(figure(values))
    for _, path in drawn.lines if drawn else ():
        x = y = 0
        for verb, told in re.findall(r"([Mlh])([-0-9 ]+)", path):
            by = [int(part) for part in told.split()]
            x, y = (by[0], by[1]) if verb == "M" else (x + by[0], y + (by[1] if verb == "l" else 0))
            assert 0 <= x <= PICTURE_WIDTH + 1
            assert 0 <= y <= PICTURE_HEIGHT


def test_an_unknown_range_is_the_usual_one() -> None:
    assert range_of("9y").name == "1m"
    assert range_of(None, "1y").name == "1y"
    assert range_of("all").length is None
