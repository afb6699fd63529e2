"""What the tests of FHIR dosages say again and again."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.dosage import to_fhir
from ojas.features.medications.rules.patterns import Slot
from ojas.features.medications.rules.schedule import Schedule

START = date(2026, 6, 1)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
H8, H13, H1930, H22 = time(8), time(13), time(19, 30), time(22)
MORNING = (Slot(H8),)
MG = Amount(Decimal(5), "mg")
UCUM = "http://unitsofmeasure.org"
DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}


def repeat(**elements: Any) -> dict[str, Any]:
    return {"timing": {"repeat": elements}}


def told(schedule: Schedule) -> list[dict[str, Any]]:
    """A schedule as others read it, who do not know our extension."""
    found = to_fhir(schedule)
    for dosage in found:
        del dosage["extension"]
    return found
