"""Traces: encoded without loss beyond a tenth of a microvolt, drawn without losing a peak."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.signals.rules import Malformed, Trace, strips
from ojas.kit.errors import Incorrect

VOLTS = st.lists(st.floats(-50_000, 50_000, allow_nan=False), min_size=1, max_size=600)
PACE = st.floats(50, 4000, allow_nan=False)


def points(path: str) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in re.findall(r"(\d+) (\d+)", path)]


@given(PACE, VOLTS)
def test_what_is_encoded_is_decoded(rate: float, volts: list[float]) -> None:
    found = Trace.decode(Trace(rate, np.array(volts)).encode())
    assert abs(found.rate - rate) <= 0.0005 + 1e-9
    assert np.abs(found.microvolts - volts).max() <= 0.05 + 1e-6


@given(PACE, VOLTS)
def test_a_strip_reaches_every_peak_and_stays_on_its_paper(rate: float, volts: list[float]) -> None:
    drawn = strips(Trace(rate, np.array(volts)), seconds=1)
    assert len(drawn) == -(-len(volts) // round(rate))
    marks = [at for strip in drawn for at in points(strip.path)]
    assert all(
        0 <= x <= strip.width + 3 and 0 <= y <= strip.height for strip in drawn for x, y in points(strip.path)
    )
    zero = drawn[0].zero
    for value in (min(volts), max(volts)):
        expected = zero - min(max(value, -2500), 2500) / 1000 * 100
        assert min(abs(y - expected) for _, y in marks) <= 1


def test_a_second_is_25_mm_and_a_millivolt_10_mm() -> None:
    volts = np.zeros(1000)
    volts[500] = 1000
    [strip] = strips(Trace(500, volts), seconds=2)
    assert (strip.width, strip.height, strip.zero) == (500, 250, 150)
    [peak] = [(x, y) for x, y in points(strip.path) if y == 50]
    assert abs(peak[0] - 250) <= 3


@pytest.mark.parametrize(
    "trace",
    [
        Trace(10, np.zeros(5)),
        Trace(9000, np.zeros(5)),
        Trace(512, np.zeros(0)),
        Trace(512, np.array([0, 60_000.0])),
        Trace(512, np.array([0, np.nan])),
        Trace(float("nan"), np.zeros(5)),
    ],
)
def test_what_no_heart_does_is_refused(trace: Trace) -> None:
    with pytest.raises(Incorrect):
        trace.check()


def test_damaged_bytes_are_no_trace() -> None:
    data = Trace(512, np.arange(100.0)).encode()
    for broken in (data[:-3], b"\x09" + data[1:], b""):
        with pytest.raises(Malformed):
            Trace.decode(broken)
