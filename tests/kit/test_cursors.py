"""A place in a list travels as a text and comes back as it was; what nobody gave is refused, never an error of ours."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime

from ojas.kit.cursors import cursor_of, place_of
from ojas.kit.errors import Incorrect


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_place_comes_back_as_it_was(at: datetime, id: UUID) -> None:
    assert place_of(cursor_of(at, id), AwareDatetime, UUID) == (at, id)


def test_it_stands_in_an_address_as_it_is_whatever_it_ends_with() -> None:
    for number in range(3000):
        cursor = cursor_of(number)
        assert cursor.replace("-", "").replace("_", "").isalnum()
        assert place_of(cursor, int) == (number,)


def test_a_sign_that_slipped_in_is_not_passed_over() -> None:
    cursor = cursor_of(1234)
    with pytest.raises(Incorrect):
        place_of(cursor[:2] + "!" + cursor[2:], int)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_what_nobody_gave_is_refused(text: str) -> None:
    with pytest.raises(Incorrect) as refused:
        place_of(text, AwareDatetime, UUID)
    assert refused.value.fault.field == "cursor"


@pytest.mark.parametrize(
    "place",
    [
        ("2026-01-01T00:00:00", uuid4()),
        (None, uuid4()),
        ("2026-01-01T00:00:00Z",),
        ("soon", "7", 3),
        ({},) * 2,
    ],
)
def test_so_is_a_text_that_says_something_else(place: tuple[object, ...]) -> None:
    with pytest.raises(Incorrect):
        place_of(cursor_of(*place), AwareDatetime, UUID)
