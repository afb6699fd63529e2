from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ojas.features.signals.rules import (
    Malformed,
    Samples,
    count,
    decode,
    decode_all,
    encode,
    merge,
    pack,
    unpack,
)

from .corpora import polar_days
from .strategies import T0, rows, tidy


@given(rows())
def test_what_is_encoded_comes_back(sent: Samples) -> None:
    samples = tidy(sent)
    assert decode(encode(samples)).same(samples)
    assert count(encode(samples)) == len(samples)


@given(rows(), st.randoms(use_true_random=False), st.lists(st.integers(0, 60), max_size=6))
def test_any_order_and_any_split_of_the_same_samples_gives_the_same_bytes(sent, random, cuts) -> None:
    order = list(range(len(sent)))
    random.shuffle(order)
    parts = np.split(np.array(order, np.int64), sorted(cut for cut in cuts if cut <= len(sent)))
    random.shuffle(parts)
    told = [tidy(sent.take(part)) for part in parts]
    told += [random.choice(told)]  # and one of them again
    assert encode(merge(told)) == encode(tidy(sent)) or not len(sent)


@given(rows(intervals=True), rows(intervals=True), rows(intervals=True))
def test_merging_asks_neither_order_nor_grouping(a: Samples, b: Samples, c: Samples) -> None:
    a, b, c = tidy(a), tidy(b), tidy(c)
    assert merge([merge([a, b]), c]).same(merge([c, merge([b, a])]))
    assert merge([a, a]).same(merge([a]))


@given(st.lists(st.integers(-(2**60), 2**60), min_size=1, max_size=40))
def test_whole_columns_of_any_size_come_back(column: list[int]) -> None:
    halved = [value // 2 for value in column]
    assert [list(c) for c in unpack(pack([np.array(halved, np.int64)] * 2))] == [halved, halved]


@settings(max_examples=300)
@given(rows(), st.data())
def test_damaged_bytes_are_refused_or_read_as_other_samples_but_break_nothing(
    sent: Samples, data: st.DataObject
) -> None:
    whole = bytearray(encode(tidy(sent)))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    with suppress(Malformed):
        decode(bytes(whole[: data.draw(st.integers(0, len(whole)))]))


@pytest.mark.parametrize(
    "claim", [b"\xe0" + (1 << 40).to_bytes(8, "little"), b"\x00\xf8", b"\xc0\x58" + b"\xff" * 8]
)
def test_a_frame_that_claims_terabytes_is_refused_before_memory_is_taken(claim: bytes) -> None:
    column = b"\x41" + b"\x00\x02" + b"\x00" + bytes((len(claim) + 4,)) + claim + b"\x09\x00\x00\x01"
    with pytest.raises(Malformed):
        decode(b"\x01\x00\x28" + column * 2)


def test_bytes_that_end_early_are_refused() -> None:
    whole = encode(Samples.of(T0 + np.arange(500) * 1000, np.arange(500) % 7))
    for end in range(len(whole)):
        with pytest.raises(Malformed):
            decode(whole[:end])


def test_bytes_of_a_version_to_come_are_refused() -> None:
    with pytest.raises(Malformed):
        decode(b"\x02" + encode(Samples.of([T0], [1]))[1:])


def test_a_heart_beat_a_second_costs_less_than_a_third_of_a_byte() -> None:
    days = polar_days()
    assert sum(len(encode(day)) for day in days) / sum(map(len, days)) < 1 / 3


def test_one_night_without_the_watch_does_not_widen_a_day() -> None:
    rng = np.random.default_rng(7)
    start = T0 + np.cumsum(rng.integers(3, 8, 20_000)) * 1000
    value = 6000 + 100 * rng.integers(0, 20, 20_000)
    apart = np.where(np.arange(20_000) < 10_000, start, start + 8 * 3_600_000)
    assert len(encode(Samples.of(apart, value))) < len(encode(Samples.of(start, value))) + 100


def test_hundredths_that_are_never_used_cost_nothing() -> None:
    rng = np.random.default_rng(7)
    start, value = T0 + np.arange(5000) * 1000, rng.integers(60, 80, 5000)
    whole, hundredths = encode(Samples.of(start, value)), encode(Samples.of(start, value * 100))
    assert abs(len(whole) - len(hundredths)) <= 3


@pytest.mark.parametrize("bits", [7, 8, 15, 16, 31, 32])
@pytest.mark.parametrize("near", [-2, -1, 0, 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_at_the_edge_of_a_width_come_back(bits: int, near: int, sign: int) -> None:
    """255 is what marks a number that does not fit a byte, so a 255 itself must not be taken for one; and so on."""
    edge = sign * ((1 << bits) + near)
    level = np.array([0, 1, edge, 2, edge, 3] * 9)
    slope = np.cumsum(level)
    assert [c.tolist() for c in unpack(pack([level, slope]))] == [level.tolist(), slope.tolist()]


def test_more_than_a_piece_may_hold_is_refused_before_memory_is_taken_for_it() -> None:
    whole = bytearray(encode(Samples.of([T0, T0 + 1], [5, 5])))
    many = bytes([0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
    with pytest.raises(Malformed, match="more"):
        decode(bytes(whole[:2]) + many + bytes(whole[3:]))
    with pytest.raises(Malformed, match="more"):
        unpack(b"\x01\x11\x01" + b"\x00\x00" * 17)
    with pytest.raises(Malformed, match="more"):
        unpack(b"\x01\x01" + many + b"\x00\x00")


def test_pieces_that_follow_each_other_are_read_as_one() -> None:
    whole = Samples.of(T0 + np.arange(300) * 1000, np.arange(300) % 11)
    pieces = [encode(whole.take(slice(low, low + 100))) for low in (0, 100, 200)]
    assert decode_all(pieces).same(whole)
    sure = Samples.of(whole.start, whole.value, confidence=np.arange(300) % 101)
    pieces[1] = encode(sure.take(slice(100, 200)))
    assert decode_all(pieces).take(slice(100, 200)).same(sure.take(slice(100, 200)))
    with pytest.raises(Malformed):
        decode_all([pieces[0], pieces[2][:-1]])
