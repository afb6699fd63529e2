"""What is left, and until when it lasts."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.due import due
from ojas.features.medications.rules.patterns import (
    AsNeeded,
    Cycle,
    Interval,
    Pattern,
    Slot,
    Step,
    Taper,
    Weekly,
)
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.stock import Lasts, Stock, lasts
from ojas.kit.errors import Incorrect
from tests.features.medications import strategies

ZONE = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 6, 1, 0, tzinfo=UTC)  # 5:30 in the morning
TABLET = "{tablet}"


def slots(*hours: int, amount: Amount | None = None) -> tuple[Slot, ...]:
    return tuple(Slot(time(hour), amount) for hour in hours)


def schedule(pattern: Pattern, end: date | None = None) -> Schedule:
    return Schedule(pattern, date(2026, 6, 1), end)


@pytest.mark.parametrize(
    ("pattern", "units", "runs_out"),
    [
        (Weekly(slots(8)), 30, date(2026, 7, 1)),
        (Weekly(slots(8, 20)), 30, date(2026, 6, 16)),
        (Weekly(slots(8, 20)), 31, date(2026, 6, 16)),  # enough for the morning
        (Weekly(slots(8)), 0, date(2026, 6, 1)),
        (Cycle(21, 7, slots(21)), 21, date(2026, 6, 29)),  # after the pause
        (Interval(timedelta(hours=8), time(6)), 6, date(2026, 6, 3)),
        (Weekly(slots(8, amount=Amount(Decimal("0.5"), TABLET))), 10, date(2026, 6, 21)),
        (
            Taper((Step(5, slots(8, amount=Amount(Decimal(4), TABLET))), Step(None, slots(8)))),
            25,
            date(2026, 6, 11),
        ),
    ],
)
def test_it_runs_out_on_the_day_of_the_first_dose_that_is_not_there(
    pattern: Pattern, units: int, runs_out: date
) -> None:
    assert lasts(schedule(pattern), ZONE, Stock(Decimal(units)), NOW) == Lasts(runs_out, runs_out)


def test_milligrams_are_reckoned_by_the_strength_of_a_tablet() -> None:
    stock = Stock(Decimal(20), strength=Amount(Decimal(500), "mg"))
    assert stock.uses(Amount(Decimal(1), "g")) == 2
    found = lasts(schedule(Weekly(slots(8, amount=Amount(Decimal(1), "g")))), ZONE, stock, NOW)
    assert found == Lasts(date(2026, 6, 11), date(2026, 6, 11))


def test_with_refills_it_lasts_longer() -> None:
    stock = Stock(Decimal(10), refills=2, refill=Decimal(30))
    assert lasts(schedule(Weekly(slots(8))), ZONE, stock, NOW) == Lasts(date(2026, 6, 11), date(2026, 8, 10))
    again = stock.refilled()
    assert (again.units, again.refills) == (40, 1)
    assert again.whole == stock.whole


def test_a_course_that_ends_before_never_runs_out() -> None:
    assert lasts(schedule(Weekly(slots(8)), date(2026, 6, 7)), ZONE, Stock(Decimal(7)), NOW) == Lasts(
        None, None
    )


def test_a_refill_is_due_a_week_before() -> None:
    found = Lasts(date(2026, 6, 20), None)
    assert not found.refill_due(date(2026, 6, 12))
    assert found.refill_due(date(2026, 6, 13))
    assert not Lasts(None, None).refill_due(date(2026, 6, 13))


def test_where_nobody_can_know_nothing_is_said() -> None:
    assert lasts(schedule(AsNeeded()), ZONE, Stock(Decimal(7)), NOW) is None
    drops = Weekly(slots(8, amount=Amount(Decimal(2), "mL")))
    assert lasts(schedule(drops), ZONE, Stock(Decimal(7)), NOW) is None


def test_nobody_takes_what_is_not_there() -> None:
    assert Stock(Decimal(3)).after([None] * 5).units == 0
    assert Stock(Decimal(3)).after([Amount(Decimal("0.5"), TABLET)] * 2).units == 2


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Stock(Decimal(-1)), "units"),
        (lambda: Stock(Decimal("NaN")), "units"),
        (lambda: Stock(Decimal(1), refills=-1), "refills"),
        (lambda: Stock(Decimal(1), refill=Decimal(10**9)), "refill"),
        (lambda: Stock(Decimal(1)).refilled(), "refills"),
    ],
)
def test_a_stock_that_cannot_be_names_its_field(make: object, field: str) -> None:
    with pytest.raises(Incorrect) as refused:
        make()  # type: ignore[operator]
    assert refused.value.fault.field == field


@settings(max_examples=60, deadline=None)
@given(strategies.schedules(), st.integers(0, 200))
def test_just_so_many_doses_can_be_taken_before_it_runs_out(some: Schedule, units: int) -> None:
    found = lasts(some, ZONE, Stock(Decimal(units), "{dose}"), NOW)
    doses = [dose for dose in due(some, ZONE, NOW, NOW + timedelta(days=1100)) if dose.amount is None]
    if found is None or any(dose.amount for dose in due(some, ZONE, NOW, NOW + timedelta(days=1100))):
        return
    assert (found.runs_out is None) == (len(doses) <= units)
    if found.runs_out is not None:
        assert found.runs_out == doses[units].at.astimezone(ZONE).date()
