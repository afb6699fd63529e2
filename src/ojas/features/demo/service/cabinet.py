"""What Meera takes since her operation, and how well: nearly every morning, some evenings late or forgotten."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from ojas.features.demo.rules import SURGERY
from ojas.features.demo.service.story import ZONE
from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.doses import Action, Answer, Reason
from ojas.features.medications.rules.due import Dose
from ojas.features.medications.rules.patterns import AsNeeded, Pattern, Slot, Weekly
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.stock import Stock
from ojas.features.medications.rules.words import Form, Route
from ojas.features.medications.schemas import MedicineDraft

SINCE = timedelta(days=SURGERY)
ONE = Amount(Decimal(1), "{tablet}")
_EVENING = 18


def medicines(now: datetime) -> list[MedicineDraft]:
    start = (now - SINCE).astimezone(ZONE).date()

    def tablet(name: str, strength: str, purpose: str, pattern: Pattern, left: int) -> MedicineDraft:
        return MedicineDraft(
            name=name,
            strength=strength,
            form=Form.TABLET,
            route=Route.ORAL,
            purpose=purpose,
            prescriber="Dr. Arjun Mehta",
            ingredients=(name.lower(),),
            schedule=Schedule(pattern, start),
            stock=Stock(Decimal(left), refills=2, refill=Decimal(60)),
            counted_at=now,
        )

    def daily(*hours: int) -> Weekly:
        return Weekly(tuple(Slot(time(hour), ONE) for hour in hours))

    needed = AsNeeded(ONE, timedelta(hours=6), Amount(Decimal(4), DOSE))
    return [
        tablet("Metoprolol", "50 mg", "Heart rate and blood pressure", daily(8, 20), 11),
        tablet("Aspirin", "75 mg", "Keeps the grafts open", daily(8), 41),
        tablet("Atorvastatin", "40 mg", "Cholesterol", daily(21), 35),
        tablet("Paracetamol", "500 mg", "Pain", needed, 20),
    ]


def taken(dose: Dose) -> Answer | None:
    """What became of a dose, by its day: the same in every household."""
    day = dose.day.toordinal()
    late = dose.planned.hour >= _EVENING
    if (day * 7 + dose.planned.hour) % (9 if late else 31) == 0:
        return None
    if late and day % 13 == 0:
        return Answer(Action.SKIP, dose.at, dose.at, reason=Reason.NOT_AT_HAND)
    after = timedelta(minutes=150 if late and day % 5 == 0 else 4 + day % 11)
    return Answer(Action.TAKE, dose.at + after, dose.at + after)
