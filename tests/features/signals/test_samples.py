import numpy as np
from hypothesis import given

from ojas.features.signals.rules import Samples, added, merge, split, window

from .strategies import T0, rows, tidy


def instants(*pairs: tuple[int, int]) -> Samples:
    return Samples.of([T0 + second * 1000 for second, _ in pairs], [value for _, value in pairs])


def test_a_late_sample_takes_its_place() -> None:
    assert merge([instants((0, 70), (9, 72)), instants((4, 71))]).same(instants((0, 70), (4, 71), (9, 72)))


def test_the_same_batch_again_changes_nothing() -> None:
    known = instants((0, 70), (1, 71))
    again = merge([known, instants((1, 71), (0, 70))])
    assert again.same(known)
    assert added(known, again) == 0


def test_a_minute_sent_again_when_it_was_over_replaces_the_part_of_it_sent_before() -> None:
    part, whole = (Samples.of([T0], [steps], [T0 + 60_000]) for steps in (40, 90))
    assert merge([whole, part]).same(whole)
    assert added(part, merge([part, whole])) == 1


def test_a_surer_value_stays_whatever_its_size() -> None:
    sure, unsure = (Samples.of([T0], [value], confidence=[c]) for value, c in ((60, 95), (120, 20)))
    assert merge([sure, unsure]).same(sure)


@given(rows(intervals=True), rows(intervals=True))
def test_added_counts_what_is_new_or_otherwise(one: Samples, other: Samples) -> None:
    known, more = tidy(one), tidy(other)
    both = merge([known, more]) if len(known) + len(more) else known
    if not len(known) or not len(both):
        return
    before = set(zip(*(c.tolist() for c in columns(known)), strict=True))
    after = set(zip(*(c.tolist() for c in columns(both)), strict=True))
    assert added(known, both) == len(after - before)


def columns(samples: Samples) -> list[np.ndarray]:
    n = len(samples)
    confidence = np.full(n, -1) if samples.confidence is None else samples.confidence
    context = np.zeros(n, np.int64) if samples.context is None else samples.context
    return [samples.start, samples.ends, samples.value, confidence, context]


@given(rows())
def test_pieces_of_a_split_make_the_whole(sent: Samples) -> None:
    samples = tidy(sent)
    if len(samples):
        edges = [-(2**62), T0, T0 + 50_000, 2**62]
        assert merge(split(samples, edges)).same(samples)


def test_a_window_holds_instants_within_it_and_intervals_that_touch_it() -> None:
    assert window(instants((0, 1), (5, 2), (9, 3)), T0 + 5000, T0 + 9000).same(instants((5, 2)))
    night = Samples.of([T0, T0 + 10], [1, 2], [T0 + 10_000, T0 + 20])
    assert len(window(night, T0 + 5000, T0 + 6000)) == 1
    assert len(window(night, T0 + 10_000, T0 + 20_000)) == 0
