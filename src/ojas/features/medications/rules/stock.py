"""What is left of a medicine, and until when it lasts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.due import Dose, due
from ojas.features.medications.rules.patterns import AsNeeded
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.walltime import wall
from ojas.kit.errors import Incorrect

REMIND = timedelta(days=7)
"""So long before it runs out a refill is due."""
HORIZON = timedelta(days=1100)
"""How far it is looked: no prescription is for longer than three years."""
MOST_UNITS = Decimal(10**6)


@dataclass(frozen=True, slots=True)
class Stock:
    """``units`` of ``unit`` at hand; ``refills`` more times ``refill`` of them may be fetched.

    ``strength`` is what is in one unit: 500 mg in a {tablet}.

    Raises:
        Incorrect: with the field ``units``, ``refills`` or ``refill``.
    """

    units: Decimal
    unit: str = "{tablet}"
    refills: int = 0
    refill: Decimal | None = None
    strength: Amount | None = None

    def __post_init__(self) -> None:
        for name, value in (("units", self.units), ("refill", self.refill or Decimal(0))):
            if not value.is_finite() or not 0 <= value <= MOST_UNITS:
                raise Incorrect("Between 0 and {most}.", field=name, most=int(MOST_UNITS))
        if not 0 <= self.refills <= 999:
            raise Incorrect("Between 0 and {most}.", field="refills", most=999)

    @property
    def whole(self) -> Decimal:
        """With all refills."""
        return self.units + self.refills * (self.refill or Decimal(0))

    def uses(self, amount: Amount | None) -> Decimal | None:
        """How many units an amount takes; what does not say how much takes one. None: the units do not fit.

        Worked: 1 g of tablets of 500 mg are 2.
        """
        if amount is None:
            return Decimal(1)
        direct = amount.of(self.unit)
        if direct is not None or self.strength is None:
            return direct
        measured = amount.of(self.strength.unit)
        return None if measured is None else measured / self.strength.value

    def after(self, taken: Iterable[Amount | None]) -> "Stock":
        """What is left; never below nothing, for nobody can take what is not there: the count was wrong."""
        used = sum((self.uses(amount) or Decimal(0) for amount in taken), Decimal(0))
        return replace(self, units=max(Decimal(0), self.units - used))

    def refilled(self) -> "Stock":
        """With one refill fetched.

        Raises:
            Incorrect: there is none left, or nobody said how much it holds.
        """
        if not self.refills or not self.refill:
            raise Incorrect("No refill is left. Ask for a new prescription.", field="refills")
        return replace(self, units=self.units + self.refill, refills=self.refills - 1)


@dataclass(frozen=True, slots=True)
class Lasts:
    """Until when a stock lasts.

    ``runs_out`` is the local date of the first dose it is not enough for, ``renew`` the same with all refills fetched. None:
    enough to the end of the schedule, or for three years.
    """

    runs_out: date | None
    renew: date | None

    def refill_due(self, today: date) -> bool:
        return self.runs_out is not None and self.runs_out - today <= REMIND


def lasts(
    schedule: Schedule, zone: tzinfo, stock: Stock, now: datetime, last_taken: datetime | None = None
) -> Lasts | None:
    """Until when ``stock`` lasts if every dose after ``now`` is taken.

    None: nobody can know, as it is taken as needed, or the units of dose and stock do not fit.
    """
    if isinstance(schedule.pattern, AsNeeded):
        return None
    runs_out: date | None = None
    used = Decimal(0)
    for dose in due(schedule, zone, now, now + HORIZON, last_taken):
        takes = stock.uses(dose.amount)
        if takes is None:
            return None
        used += takes
        if used > stock.units and runs_out is None:
            runs_out = _day(dose, zone)
        if used > stock.whole:
            return Lasts(runs_out, _day(dose, zone))
    return Lasts(runs_out, None)


def _day(dose: Dose, zone: tzinfo) -> date:
    return wall(dose.at, zone).date()
