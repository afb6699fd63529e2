from datetime import UTC, datetime, timedelta
from uuid import UUID

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from ojas.kit import ids


def test_ids_of_one_process_strictly_increase_within_a_millisecond_and_when_the_clock_is_set_back_a_little() -> (
    None
):
    made = [ids.new_id() for _ in range(5000)]
    with time_machine.travel(datetime.now(UTC) - timedelta(seconds=5), tick=False):
        made += [ids.new_id() for _ in range(5000)]
    assert made == sorted(set(made))


def test_after_a_clock_that_ran_ahead_ids_tell_the_true_time_again() -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=190)):
        ids.new_id()
    assert abs(ids.time_of(ids.new_id()) - datetime.now(UTC)) < timedelta(seconds=1)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # bounds are naive
def test_an_id_tells_its_time_to_the_millisecond(at: datetime) -> None:
    made = ids.new_id(at)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert abs(ids.time_of(made) - at) < timedelta(milliseconds=1)


def test_the_example_of_rfc_9562_tells_its_time() -> None:
    example = UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")  # RFC 9562, appendix A.6
    assert ids.time_of(example) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
