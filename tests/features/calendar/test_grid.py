"""Laws of a week by the hour: each day is filled without a gap, nothing lies over another, and nothing is lost."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from ojas.features.calendar.pages.grid import Cell, Grid, grid
from ojas.features.calendar.pages.showing import days
from ojas.features.calendar.schemas import Occurrence
from ojas.kit import i18n
from tests.features.morning import DAY, HOME, at

EVENT = uuid4()


def thing(begins: datetime, minutes: int, *, all_day: bool = False) -> Occurrence:
    return Occurrence(
        event_id=EVENT,
        key=begins.isoformat(),
        title="Something",
        start=begins.date() if all_day else begins.replace(tzinfo=None),
        begins=begins,
        ends=begins + timedelta(minutes=minutes),
        all_day=all_day,
    )


def week(*some: Occurrence, first: date = DAY, many: int = 7) -> Grid:
    with i18n.use(i18n.Manner(zone=HOME.key)):
        return grid(days(some, first, first + timedelta(days=many)))


def cells(found: Grid, number: int) -> list[Cell]:
    return [cell for row in found.rows for day, cell in row if day == number]


moments = st.builds(
    lambda minute, length: thing(at(0) + timedelta(minutes=minute), length),
    st.integers(-2000, 9 * 1440),
    st.integers(0, 3000),
)


@settings(max_examples=60)
@given(st.lists(moments, max_size=25))
def test_each_day_is_filled_once_and_nothing_is_lost(some: list[Occurrence]) -> None:
    found = week(*some)
    assert all(cell.row == 4 * found.first + at for at, row in enumerate(found.rows) for _day, cell in row)
    laid = days_of(some)
    for number in range(7):
        places = Counter(
            (row, column)
            for cell in cells(found, number)
            for row in range(cell.row, cell.row + cell.rows)
            for column in range(cell.column, cell.column + cell.columns)
        )
        assert set(places.values()) == {1}
        assert len(places) == 4 * found.hours * found.wide
        shown = sum(cell.more or cell.one is not None for cell in cells(found, number))
        assert shown + len(found.whole[number]) == laid[number]


def days_of(some: list[Occurrence]) -> list[int]:
    with i18n.use(i18n.Manner(zone=HOME.key)):
        return [len(day.items) for day in days(some, DAY, DAY + timedelta(days=7))]


def test_what_overlaps_stands_side_by_side_and_of_many_it_says_how_many_more() -> None:
    found = week(*(thing(at(10) + timedelta(minutes=15 * n), 90) for n in range(5)), thing(at(12), 30))
    taken = [cell for cell in cells(found, 0) if cell.one or cell.more]
    assert [(cell.column, cell.more) for cell in taken] == [(0, 0), (2, 3), (1, 0), (0, 0)]
    assert found.wide == 3
    free = next(cell for cell in cells(found, 1) if cell.at)
    assert (free.at and free.at.hour, free.rows, free.columns) == (7, 4, 3)


def test_the_hours_reach_as_far_as_what_is_planned() -> None:
    assert (week().first, week().last) == (7, 21)
    late = week(thing(at(5, 10), 20), thing(at(22), 90))
    assert (late.first, late.last) == (5, 24)
    with i18n.use(i18n.Manner(zone=HOME.key)):
        assert late.passed(at(14, 30)) == 50.0
        assert late.passed(at(4)) is None


def test_a_day_on_which_the_clocks_change_is_as_long_as_any_other() -> None:
    with i18n.use(i18n.Manner(zone="Europe/Berlin")):
        night = thing(datetime(2027, 3, 27, 23, 30, tzinfo=UTC), 180)
        found = grid(days([night], date(2027, 3, 28), date(2027, 3, 29)))
    (cell,) = (cell for cell in cells(found, 0) if cell.one)
    assert (cell.row, cell.rows) == (
        2,
        16,
    )  # from half past twelve to half past four, an hour of which was not there
