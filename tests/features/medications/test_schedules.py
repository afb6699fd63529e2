"""A schedule that cannot be is refused, naming the field."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pydantic
import pytest

from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.due import due
from ojas.features.medications.rules.patterns import (
    AsNeeded,
    Cycle,
    EveryDays,
    Interval,
    Slot,
    Step,
    Taper,
    Weekday,
    Weekly,
)
from ojas.features.medications.rules.schedule import Schedule, Shift
from ojas.kit.errors import Incorrect
from ojas.kit.i18n import Manner, say, use

MORNING = (Slot(time(8)),)
MONDAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MG = Amount(Decimal(5), "mg")

WRONG: list[tuple[str, Callable[[], object]]] = [
    ("value", lambda: Amount(Decimal(0), "mg")),
    ("value", lambda: Amount(Decimal(-1), "mg")),
    ("value", lambda: Amount(Decimal("NaN"), "mg")),
    ("value", lambda: Amount(Decimal("Infinity"), "mg")),
    ("value", lambda: Amount(Decimal(10**7), "mg")),
    ("value", lambda: Amount(Decimal("0.0000001"), "mg")),
    ("unit", lambda: Amount(Decimal(1), "spoonfuls")),
    ("unit", lambda: Amount(Decimal(1), "")),
    ("unit", lambda: Amount(Decimal(1), "{}")),
    ("unit", lambda: Amount(Decimal(1), "{a\nb}")),
    ("unit", lambda: Amount(Decimal(1), "{" + "a" * 99 + "}")),
    ("at", lambda: Slot(time(8, 0, 30))),
    ("at", lambda: Slot(time(8, tzinfo=UTC))),
    ("slots", lambda: Weekly(())),
    ("slots", lambda: Weekly((Slot(time(8)), Slot(time(8), MG)))),
    ("slots", lambda: Weekly(tuple(Slot(time(n // 2, n % 2 * 30)) for n in range(25)))),
    ("days", lambda: Weekly(MORNING, frozenset())),
    ("days", lambda: EveryDays(0, MORNING)),
    ("days", lambda: EveryDays(-3, MORNING)),
    ("days", lambda: EveryDays(10**9, MORNING)),
    ("on", lambda: Cycle(0, 7, MORNING)),
    ("off", lambda: Cycle(21, 0, MORNING)),
    ("every", lambda: Interval(timedelta(0), time(8))),
    ("every", lambda: Interval(timedelta(minutes=29), time(8))),
    ("every", lambda: Interval(timedelta(days=1000), time(8))),
    ("every", lambda: Interval(timedelta(hours=8, seconds=1), time(8))),
    ("first", lambda: Interval(timedelta(hours=8), time(8, 0, 1))),
    ("steps", lambda: Taper(())),
    ("steps", lambda: Taper((Step(3),))),
    ("steps", lambda: Taper((Step(3, MORNING), Step(3), Step(3), Step(3, MORNING)))),
    ("steps", lambda: Taper((Step(1, MORNING),) * 101)),
    ("steps[0].days", lambda: Taper((Step(None, MORNING), Step(3, MORNING)))),
    ("days", lambda: Step(0, MORNING)),
    ("every", lambda: Step(3, MORNING, 0)),
    ("every", lambda: Step(3, (), 2)),
    ("gap", lambda: AsNeeded(MG, timedelta(0))),
    ("most", lambda: AsNeeded(MG, None, Amount(Decimal(4), "mL"))),
    ("most", lambda: AsNeeded(MG, None, Amount(Decimal(4), "mg"))),
    ("most", lambda: AsNeeded(None, None, Amount(Decimal(4), "mg"))),
    ("most", lambda: AsNeeded(MG, None, Amount(Decimal("0.5"), DOSE))),
    ("start", lambda: Schedule(Weekly(MORNING), date(1066, 1, 1))),
    ("end", lambda: Schedule(Weekly(MORNING), MONDAY, date(9999, 1, 1))),
    ("end", lambda: Schedule(Weekly(MORNING), MONDAY, date(2026, 5, 31))),
    ("end", lambda: Schedule(Weekly(MORNING, frozenset({Weekday.FRI})), MONDAY, date(2026, 6, 3))),
    ("end", lambda: Schedule(Taper((Step(5, MORNING), Step(5, MORNING))), MONDAY, date(2026, 6, 5))),
    ("pattern.steps", lambda: Schedule(Taper((Step(3660, MORNING),) * 20), date(2180, 1, 1))),
    ("by", lambda: Shift(MONDAY, NOON, timedelta(0))),
    ("by", lambda: Shift(MONDAY, NOON, timedelta(hours=13))),
    ("since", lambda: Shift(MONDAY, NOON.replace(tzinfo=None), timedelta(hours=1))),
    (
        "shifts",
        lambda: Schedule(Weekly(MORNING), MONDAY, None, (Shift(MONDAY, NOON, timedelta(hours=9)),) * 3),
    ),
    ("until", lambda: due(Schedule(Weekly(MORNING), MONDAY), UTC, NOON, NOON + timedelta(days=4000))),
]


@pytest.mark.parametrize(("field", "make"), WRONG, ids=[f"{n}-{field}" for n, (field, _) in enumerate(WRONG)])
def test_what_cannot_be_is_refused_by_its_field(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(Incorrect) as refused:
        make()
    assert refused.value.fault.field == field


@pytest.mark.parametrize("language", ["hi", "ta"])
def test_every_refusal_is_said_in_the_persons_language(language: str) -> None:
    with use(Manner(language)):
        for _field, make in WRONG:
            with pytest.raises(Incorrect) as refused:
                make()
            fault = refused.value.fault
            assert say(fault.message, fault.params) != str(refused.value)


def test_what_is_sent_keeps_the_place_of_what_is_wrong() -> None:
    sent = '{"pattern": {"kind": "taper", "steps": [{"days": 3, "slots": [{"at": "08:00:30"}]}]}, "start": "2026-06-01"}'
    with pytest.raises(pydantic.ValidationError) as refused:
        pydantic.TypeAdapter(Schedule).validate_json(sent)
    (error,) = refused.value.errors()
    assert error["loc"] == ("pattern", "taper", "steps", 0, "slots", 0)
    assert isinstance(error["ctx"]["error"], Incorrect)
    assert error["ctx"]["error"].fault.field == "at"


def test_slots_stand_in_the_order_of_the_day() -> None:
    assert Weekly((Slot(time(20)), Slot(time(8)))) == Weekly((Slot(time(8)), Slot(time(20))))


def test_a_number_is_the_same_however_it_is_written() -> None:
    assert Amount(Decimal("1.50"), "mg") == Amount(Decimal("1.5"), "mg")
    assert Amount(Decimal(1), "g").of("mg") == 1000
    assert Amount(Decimal(1), "{tablet}").of("mg") is None
    assert (Amount(Decimal(1), "{tablet}").word, Amount(Decimal(1), "ug").word) == ("tablet", "µg")
