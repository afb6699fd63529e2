import numpy as np
import pytest

from ojas.features.signals.rules import (
    DAY,
    HOUR,
    KINDS,
    MINUTE,
    Blend,
    Profile,
    Samples,
    downsample,
    merge,
    outline,
    profile,
    split,
)

HEART, STEPS = KINDS["heart_rate"], KINDS["steps"]
T0 = 1_700_000_000_000 // DAY * DAY


def test_a_bucket_keeps_its_peak() -> None:
    values = np.full(86_400, 6000)
    values[40_000] = 19_100
    series = downsample(HEART, Blend(Samples.of(T0 + np.arange(86_400) * 1000, values)), T0, T0 + DAY, 300)
    assert len(series.start) == 300
    assert series.high.max() == 191
    assert series.low.min() == 60
    assert series.n.sum() == 86_400


def test_silence_breaks_the_line_and_a_slow_sensor_does_not() -> None:
    start = np.concatenate([np.arange(12) * 5 * MINUTE, 4 * HOUR + np.arange(12) * 5 * MINUTE])
    series = downsample(HEART, Blend(Samples.of(T0 + start, np.full(24, 6000))), T0, T0 + DAY, 1440).open(
        HEART.gap
    )
    assert int((series.n == 0).sum()) == 1
    assert np.isnan(series.value[series.n == 0]).all()


def test_amounts_are_summed_and_parted_among_buckets() -> None:
    walked = Samples.of([T0, T0 + HOUR], [6000, 3000], [T0 + 2 * HOUR, T0 + 2 * HOUR])
    series = downsample(STEPS, Blend(walked), T0, T0 + 4 * HOUR, 4)
    assert series.value.tolist() == [30, 60]


def test_nothing_gives_an_empty_series() -> None:
    assert len(downsample(HEART, Blend(Samples.none()), T0, T0 + DAY, 10).start) == 0
    assert len(outline(HEART, [], T0, T0 + DAY, HOUR).start) == 0


def test_a_profile_draws_what_its_samples_draw() -> None:
    rng = np.random.default_rng(3)
    samples = Samples.of(T0 + np.arange(0, 3 * DAY, 30_000), 6000 + 100 * rng.integers(0, 60, 8640))
    chunks = split(samples, [T0 + d * DAY for d in range(4)])
    kept = [Profile.decode(profile(HEART, chunk).encode()) for chunk in chunks]
    drawn, exact = (
        outline(HEART, [kept], T0, T0 + 3 * DAY, HOUR),
        downsample(HEART, Blend(samples), T0, T0 + 3 * DAY, 72),
    )
    assert drawn.start.tolist() == exact.start.tolist()
    assert drawn.low.tolist() == exact.low.tolist()
    assert drawn.high.tolist() == exact.high.tolist()
    assert drawn.value == pytest.approx(exact.value)


def test_an_hour_told_by_two_chunks_is_one_hour() -> None:
    walked = Samples.of(
        [T0 + DAY - 30 * MINUTE, T0 + DAY], [6000, 1000], [T0 + DAY + 30 * MINUTE, T0 + DAY + HOUR]
    )
    parts = [profile(STEPS, part) for part in split(walked, [T0, T0 + DAY, T0 + 2 * DAY])]
    series = outline(STEPS, [parts], T0, T0 + 2 * DAY, HOUR)
    assert series.value.tolist() == [30, 40]
    assert merge([walked]).same(walked)


def test_by_the_hour_the_best_source_is_drawn() -> None:
    watch, phone = (
        profile(STEPS, Samples.of([T0 + a], [b], [T0 + a + MINUTE])) for a, b in ((0, 100), (HOUR, 200))
    )
    both = profile(STEPS, Samples.of([T0, T0 + HOUR], [900, 300], [T0 + MINUTE, T0 + HOUR + MINUTE]))
    assert outline(STEPS, [[watch], [both]], T0, T0 + DAY, HOUR).value.tolist() == [1, 3]
    assert outline(STEPS, [[watch, phone], [both]], T0, T0 + DAY, HOUR).value.tolist() == [1, 2]
