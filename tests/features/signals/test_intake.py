import numpy as np
import pytest

from ojas.features.signals.rules import HEALTHKIT, KINDS, STAGES, Batch, Reason, Samples, Stage, sift

from .strategies import T0

NOW = T0 + 10**9
HOUR = 3_600_000


def reasons(
    kind: str, start: list[float], value: list[float], end: list[float] | None = None, **more: list[float]
) -> list[Reason]:
    batch = Batch(
        *(np.array(c, float) for c in (start, value)), None if end is None else np.array(end, float)
    )
    extra = {name: np.array(column, float) for name, column in more.items()}
    batch = Batch(batch.start, batch.value, batch.end, **extra)
    return [Reason(r) for r in sift(KINDS[kind], batch, NOW)[1]]


def test_one_bad_value_does_not_block_the_rest() -> None:
    batch = Batch(np.array([T0, T0 + 1000, T0 + 2000], float), np.array([71.254, np.nan, 72.0]))
    samples, told = sift(KINDS["heart_rate"], batch, NOW)
    assert samples.same(Samples.of([T0, T0 + 2000], [7125, 7200]))
    assert list(told) == [0, Reason.NOT_A_NUMBER, 0]


@pytest.mark.parametrize(
    ("reason", "kind", "start", "value", "end"),
    [
        (Reason.NOT_A_TIME, "heart_rate", np.inf, 70, None),
        (Reason.NOT_A_NUMBER, "heart_rate", T0, -np.inf, None),
        (Reason.BEFORE, "heart_rate", 0, 70, None),
        (Reason.AHEAD, "heart_rate", NOW + HOUR, 70, None),
        (Reason.AHEAD, "steps", NOW, 70, NOW + HOUR),
        (Reason.BACKWARDS, "steps", T0, 70, T0 - 1),
        (Reason.TOO_LONG, "steps", T0, 70, T0 + 24 * HOUR),
        (Reason.NOTHING, "oxygen_saturation", T0, 0, None),
        (Reason.RANGE, "oxygen_saturation", T0, 3040, None),
        (Reason.RANGE, "heart_rate", T0, 301, None),
        (Reason.RANGE, "steps", T0, -1, T0 + 60_000),
        (Reason.TOO_FAST, "steps", T0, 301, T0 + 60_000),
        (Reason.STAGE, "sleep", T0, 9, T0 + HOUR),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    reason: Reason, kind: str, start: float, value: float, end: float | None
) -> None:
    assert reasons(kind, [start], [value], None if end is None else [end]) == [reason]


def test_limits_themselves_are_taken() -> None:
    assert reasons("heart_rate", [T0, T0 + 1], [20, 300]) == [Reason.TAKEN] * 2
    assert reasons("steps", [T0, T0], [300, 0], [T0 + 60_000, T0]) == [Reason.TAKEN] * 2
    assert reasons("heart_rate", [NOW + 600_000], [60]) == [Reason.TAKEN]


def test_confidence_and_context_are_checked() -> None:
    assert reasons("heart_rate", [T0] * 4, [70] * 4, confidence=[-1, 0, 100, 101]) == [
        0,
        0,
        0,
        Reason.CONFIDENCE,
    ]
    assert reasons("heart_rate", [T0] * 2, [70] * 2, context=[1, 99]) == [0, Reason.CONTEXT]


def test_every_kind_has_a_name_a_unit_and_a_range() -> None:
    for kind in KINDS.values():
        assert kind.title
        assert kind.unit
        assert kind.low < kind.high
        assert kind.step * kind.scale == 1


def test_healthkit_names_lead_to_kinds_and_its_ratios_are_marked() -> None:
    assert HEALTHKIT["StepCount"].name == "steps"
    assert [kind.name for kind in KINDS.values() if kind.ratio] == ["oxygen_saturation"]


def test_a_telling_stage_outweighs_a_vague_one() -> None:
    assert STAGES[Stage.DEEP] > STAGES[Stage.ASLEEP] > STAGES[Stage.IN_BED]
