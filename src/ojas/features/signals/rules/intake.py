"""What of a batch is taken, and why the rest is not: item by item, so that one bad value never blocks the others."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ojas.features.signals.rules.kinds import CONTEXT_OF, STAGE_OF, Kind, Shape
from ojas.features.signals.rules.samples import MINUTE, UNKNOWN, Flags, Ints, Samples
from ojas.kit.i18n import N_

Floats: TypeAlias = NDArray[np.float64]

EARLIEST = 631_152_000_000
"""1990-01-01: before any device of this sort. A clock that was never set says 1970."""

AHEAD = 10 * MINUTE
"""How far a device's clock may be fast."""


class Reason(IntEnum):
    """Why a sample is refused; TAKEN for none."""

    TAKEN = 0
    NOT_A_NUMBER = 1
    NOT_A_TIME = 2
    BEFORE = 3
    AHEAD = 4
    BACKWARDS = 5
    TOO_LONG = 6
    NOTHING = 7
    RANGE = 8
    TOO_FAST = 9
    STAGE = 10
    CONFIDENCE = 11
    CONTEXT = 12


REASONS = {
    Reason.NOT_A_NUMBER: N_("The value is not a number."),
    Reason.NOT_A_TIME: N_("The time is not a whole number of milliseconds since 1970."),
    Reason.BEFORE: N_("The time is before 1990: the device's clock was not set."),
    Reason.AHEAD: N_("The time lies in the future: the device's clock is fast."),
    Reason.BACKWARDS: N_("The sample ends before it begins."),
    Reason.TOO_LONG: N_("The sample lasts too long: it looks like a total, not a sample."),
    Reason.NOTHING: N_("A zero here means that nothing was measured."),
    Reason.RANGE: N_("The value is outside what can be measured."),
    Reason.TOO_FAST: N_("That is more than a minute can bring."),
    Reason.STAGE: N_("This is not a stage of sleep."),
    Reason.CONFIDENCE: N_("Confidence is from 0 to 100 per cent."),
    Reason.CONTEXT: N_("This is not a context."),
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What was sent: columns of equal length as they came. Times in milliseconds since 1970 UTC and values in the kind's
    unit, both as floats, NaN for what is none. Stages, confidences (per cent, -1 none) and contexts by code."""

    start: Floats
    value: Floats
    end: Floats | None = None
    confidence: Floats | None = None
    context: Floats | None = None


def sift(kind: Kind, batch: Batch, now: int) -> tuple[Samples, NDArray[np.int8]]:
    """The samples to keep, tidy, and for each item of the batch its ``Reason``.

    ``now``: the present, milliseconds since 1970. Values are rounded to the kind's step.
    """
    end = batch.start if batch.end is None or kind.shape is Shape.INSTANT else batch.end
    reasons = np.zeros(len(batch.start), np.int8)
    with np.errstate(invalid="ignore", over="ignore"):
        for reason, wrong in _checks(kind, batch, end, now):
            reasons[wrong & (reasons == 0)] = reason
    good = reasons == 0
    return _kept(kind, batch, end, good), reasons


def _checks(kind: Kind, batch: Batch, end: Floats, now: int) -> list[tuple[Reason, Flags]]:
    start, value = batch.start, batch.value
    checks = [
        (Reason.NOT_A_TIME, ~(np.isfinite(start) & np.isfinite(end))),
        (Reason.NOT_A_NUMBER, ~np.isfinite(value)),
        (Reason.BEFORE, start < EARLIEST),
        (Reason.AHEAD, np.maximum(start, end) > now + AHEAD),
        (Reason.BACKWARDS, end < start),
        (Reason.TOO_LONG, end - start > kind.longest),
        (Reason.NOTHING, (value == 0) & (kind.low > 0) & (kind.shape is Shape.INSTANT)),
        (Reason.RANGE, (value < kind.low) | (value > kind.high)),
    ]
    if kind.shape is Shape.STAGE:
        checks[-1] = (Reason.STAGE, ~np.isin(value, list(STAGE_OF)))
    if kind.per_minute is not None:
        checks.append((Reason.TOO_FAST, value > kind.per_minute * np.maximum((end - start) / MINUTE, 1)))
    if batch.confidence is not None:
        fits = ((batch.confidence >= 0) & (batch.confidence <= 100)) | (batch.confidence == UNKNOWN)
        checks.append((Reason.CONFIDENCE, ~fits))
    if batch.context is not None:
        checks.append((Reason.CONTEXT, ~np.isin(batch.context, list(CONTEXT_OF))))
    return checks


def _kept(kind: Kind, batch: Batch, end: Floats, good: Flags) -> Samples:
    start = _whole(batch.start, good)
    return Samples.of(
        start,
        _whole(batch.value, good, kind.scale),
        None if kind.shape is Shape.INSTANT else _whole(end, good),
        None if batch.confidence is None else _whole(batch.confidence, good),
        None if batch.context is None else _whole(batch.context, good),
    )


def _whole(column: Floats, good: Flags, scale: int = 1) -> Ints:
    chosen = column if good.all() else column[good]
    return np.rint(chosen * scale if scale != 1 else chosen).astype(np.int64)
