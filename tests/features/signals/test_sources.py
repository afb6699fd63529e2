import numpy as np
import pytest

from ojas.features.signals.rules import (
    KINDS,
    MINUTE,
    STAGES,
    Samples,
    SourceClass,
    Stage,
    blend,
    classify,
    settled,
)
from ojas.features.signals.rules.sources import nights

T0 = 1_700_000_000_000 // 86_400_000 * 86_400_000
HOUR = 3_600_000
STEPS, HEART, SLEEP = KINDS["steps"], KINDS["heart_rate"], KINDS["sleep"]


def steps(*told: tuple[float, float, int]) -> Samples:
    return Samples.of(
        [T0 + a * MINUTE for a, _, _ in told], [n for _, _, n in told], [T0 + b * MINUTE for _, b, _ in told]
    )


def total(*parts: Samples) -> float:
    return float(blend(STEPS, parts).amounts.sum())


def test_two_sources_are_never_added_up() -> None:
    watch, phone = steps((0, 1, 100), (1, 2, 100)), steps((0, 1, 90), (1, 2, 95))
    assert total(watch, phone) == 200
    assert total(phone, watch) == 185


def test_a_lesser_source_fills_the_minutes_a_better_one_was_not_worn() -> None:
    assert total(steps((0, 1, 100)), steps((0, 1, 90), (5, 6, 50))) == 150


def test_a_long_sample_keeps_the_share_of_its_time_that_is_not_covered() -> None:
    assert total(steps((0, 2, 100)), steps((0, 10, 200))) == 100 + 160


def test_a_count_at_one_instant_counts_wholly_or_not_at_all() -> None:
    assert total(steps((0, 1, 100)), steps((0.5, 0.5, 30), (3, 3, 40))) == 140


def test_google_shows_that_sums_of_sources_are_too_high() -> None:
    """Two sources of 2506 and 1919 steps that overlap in part came to 2560 (reference: Google Health's reconciled stream)."""
    watch, phone = (
        steps(*[(i, i + 1, 100) for i in range(25)], (25, 26, 6)),
        steps(*[(i, i + 1, 100) for i in range(19)], (25, 26, 19)),
    )
    assert total(watch, phone) == 2506


def test_heart_rate_is_taken_by_the_minute_from_the_best_source_there_is() -> None:
    strap = Samples.of(T0 + np.arange(60) * 1000, np.full(60, 150))
    watch = Samples.of(T0 + np.arange(4) * 30_000, np.full(4, 140))
    found = blend(HEART, [strap, watch]).samples
    assert len(found) == 62
    assert list(found.value[-2:]) == [140, 140]


def sleep(stage: Stage, start: float, end: float) -> Samples:
    return Samples.of([T0 + start * HOUR], [STAGES[stage]], [T0 + end * HOUR])


def test_a_night_is_taken_from_one_source_and_from_one_that_tells_stages() -> None:
    phone, watch = sleep(Stage.IN_BED, 22, 30), sleep(Stage.DEEP, 23, 29)
    found = blend(SLEEP, [phone, watch]).samples
    assert list(found.value) == [STAGES[Stage.DEEP]]


def test_a_night_only_the_lesser_source_saw_is_kept() -> None:
    watch, phone = sleep(Stage.DEEP, 23, 29), sleep(Stage.IN_BED, 47, 53)
    assert len(blend(SLEEP, [watch, phone]).samples) == 2


@pytest.mark.parametrize(
    ("signs", "sort"),
    [
        (("Alexandre's Apple Watch", "Watch6,7"), SourceClass.WATCH),
        (("iPhone", "iPhone14,2"), SourceClass.PHONE),
        (("Oura",), SourceClass.RING),
        (("Polar H10",), SourceClass.CHEST),
        (("FreeStyle Libre 3",), SourceClass.SENSOR),
        (("Sleep Cycle",), SourceClass.APP),
        ((None,), SourceClass.OTHER),
    ],
)
def test_a_source_is_known_by_what_its_vendor_writes(
    signs: tuple[str | None, ...], sort: SourceClass
) -> None:
    assert classify(*signs) is sort


def test_healthkits_object_address_is_no_part_of_a_device() -> None:
    one, other = (f"<<HKDevice: {a}>, name:Apple Watch, model:Watch>" for a in ("0x3012772a0", "0x281a0f"))
    assert settled(one) == settled(other) == "name:Apple Watch, model:Watch"


def test_an_hour_of_silence_is_still_one_night_and_longer_is_two() -> None:
    watch = Samples.of(
        [T0, T0 + 3 * HOUR, T0 + 8 * HOUR],
        [STAGES[Stage.DEEP]] * 3,
        [T0 + 2 * HOUR, T0 + 4 * HOUR, T0 + 9 * HOUR],
    )
    assert nights(watch).tolist() == [0, 0, 1]
    assert nights(sleep(Stage.DEEP, 0, 1)).tolist() == [0]


def test_a_stage_inside_a_longer_one_does_not_end_the_night_early() -> None:
    told = Samples.of(
        [T0, T0 + HOUR, T0 + 8 * HOUR],
        [STAGES[Stage.IN_BED], STAGES[Stage.DEEP], STAGES[Stage.REM]],
        [T0 + 8 * HOUR, T0 + 2 * HOUR, T0 + 9 * HOUR],
    )
    assert nights(told).tolist() == [0, 0, 0]
