"""Random samples, with the ties, gaps and jumps that devices make."""

import numpy as np
from hypothesis import strategies as st

from ojas.features.signals.rules import Samples

T0 = 1_700_000_000_000

_times = st.one_of(
    st.integers(T0, T0 + 50).map(lambda s: s * 1),
    st.integers(0, 400).map(lambda s: T0 + 1000 * s),
    st.integers(T0 - 10**11, T0 + 10**11),
)
_values = st.one_of(st.integers(-3, 300), st.integers(-(2**40), 2**40))


@st.composite
def rows(draw: st.DrawFn, *, intervals: bool | None = None) -> Samples:
    """Columns as they were sent: any order, any repetition."""
    n = draw(st.integers(0, 60))
    column = lambda values: np.array(draw(st.lists(values, min_size=n, max_size=n)), np.int64)  # noqa: E731
    start, value = column(_times), column(_values)
    if intervals is None:
        intervals = draw(st.booleans())
    return Samples(
        start,
        value,
        start + column(st.sampled_from([0, 1, 1000, 60_000, 3_600_000])) if intervals else None,
        column(st.integers(-1, 100)) if draw(st.booleans()) else None,
        column(st.integers(0, 4)) if draw(st.booleans()) else None,
    )


def tidy(samples: Samples) -> Samples:
    return Samples.of(samples.start, samples.value, samples.end, samples.confidence, samples.context)
