"""What others read of our schedules, who do not know our extension; and what we read of them again."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.dosage import from_fhir, to_fhir
from ojas.features.medications.rules.patterns import (
    AsNeeded,
    Cycle,
    EveryDays,
    Interval,
    Pattern,
    Slot,
    Step,
    Taper,
    Weekday,
    Weekly,
)
from ojas.features.medications.rules.schedule import Schedule

from . import dosages
from .dosages import H8, H1930, HOUR, MG, MINUTE, MORNING, START, UCUM


def told(pattern: Pattern, end: date | None = None) -> list[dict[str, Any]]:
    return dosages.told(Schedule(pattern, START, end))


FOREVER = {"boundsPeriod": {"start": "2026-06-01"}}
AMOUNT = {"doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg", "system": UCUM, "code": "mg"}}]}


@pytest.mark.parametrize(
    ("pattern", "repeat"),
    [
        (Weekly((Slot(H8), Slot(H1930))),
         {"period": 1, "periodUnit": "d", "frequency": 2, "timeOfDay": ["08:00:00", "19:30:00"]}),
        (Weekly(MORNING, frozenset({Weekday.FRI, Weekday.MON})),
         {"period": 1, "periodUnit": "d", "frequency": 1, "dayOfWeek": ["mon", "fri"], "timeOfDay": ["08:00:00"]}),
        (EveryDays(3, MORNING), {"period": 3, "periodUnit": "d", "frequency": 1, "timeOfDay": ["08:00:00"]}),
        (Cycle(21, 7, MORNING), {"period": 28, "periodUnit": "d", "frequency": 21, "timeOfDay": ["08:00:00"]}),
        (Interval(8 * HOUR, H8), {"period": 8, "periodUnit": "h", "frequency": 1}),
        (Interval(90 * MINUTE, H8), {"period": 90, "periodUnit": "min", "frequency": 1}),
    ],
)  # fmt: skip
def test_what_others_read_is_true_without_our_extension(pattern: Pattern, repeat: dict[str, Any]) -> None:
    assert told(pattern) == [{"sequence": 1, "timing": {"repeat": FOREVER | repeat}}]


TWO = (Slot(H8, MG), Slot(H1930, Amount(Decimal("2.5"), "mg")))


@pytest.mark.parametrize(
    "pattern",
    [
        Weekly(TWO), Weekly(MORNING, frozenset({Weekday.SUN})), EveryDays(3, TWO), Cycle(21, 7, MORNING),
        Taper((Step(3, TWO), Step(2), Step(None, MORNING, 2))), Interval(90 * MINUTE, time(7, 15), MG),
        AsNeeded(), AsNeeded(MG, 6 * HOUR, Amount(Decimal(20), "mg")),
    ],
    ids=lambda pattern: pattern.kind,
)  # fmt: skip
def test_what_we_wrote_is_read_as_it_was(pattern: Pattern) -> None:
    for end in (None, date(2026, 12, 31)):
        schedule = Schedule(pattern, START, end)
        found = from_fhir(to_fhir(schedule), start=date(1999, 1, 1))
        assert (found.schedule, found.assumed) == (schedule, frozenset())


def test_what_was_exported_once_is_read_for_ever_by_the_address_of_its_extension() -> None:
    (dosage,) = to_fhir(Schedule(Weekly(MORNING), START))
    assert (
        dosage["extension"][0]["url"] == "https://ojas.example/fhir/StructureDefinition/medication-schedule"
    )


def test_what_is_as_needed_says_how_much_how_often_and_at_most() -> None:
    assert told(AsNeeded(MG, 6 * HOUR, Amount(Decimal("7.5"), "mg")), date(2026, 6, 9)) == [
        {
            "sequence": 1,
            "asNeededBoolean": True,
            "timing": {
                "repeat": {
                    "boundsPeriod": {"start": "2026-06-01", "end": "2026-06-09"},
                    "frequency": 1,
                    "period": 6,
                    "periodUnit": "h",
                }
            },
            **AMOUNT,
            "maxDosePerPeriod": {
                "numerator": {"value": 7.5, "unit": "mg", "system": UCUM, "code": "mg"},
                "denominator": {"value": 24, "unit": "h", "system": UCUM, "code": "h"},
            },
        }
    ]
    assert told(AsNeeded()) == [{"sequence": 1, "asNeededBoolean": True, "timing": {"repeat": FOREVER}}]


def test_a_taper_that_is_ended_early_says_so_in_its_last_step() -> None:
    taper = Taper((Step(3, MORNING), Step(5, (Slot(H8, MG),))))
    first, last = told(taper, date(2026, 6, 6))
    assert first["timing"]["repeat"]["boundsPeriod"] == {"start": "2026-06-01", "end": "2026-06-03"}
    assert last["timing"]["repeat"]["boundsPeriod"] == {"start": "2026-06-04", "end": "2026-06-06"}
    assert last["doseAndRate"] == AMOUNT["doseAndRate"]
