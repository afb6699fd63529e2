"""Schedules and doses in plain words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.doses import REASONS, State
from ojas.features.medications.rules.patterns import (
    WEEK,
    AsNeeded,
    Cycle,
    EveryDays,
    Interval,
    Slot,
    Slots,
    Step,
    Taper,
    Weekday,
    Weekly,
)
from ojas.features.medications.rules.safety import SEVERITIES
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.words import (
    FORMS,
    ROUTES,
    STATUSES,
    UNITS,
    Status,
    amount_words,
)
from ojas.features.medications.schemas import Dose, Medicine, OfStep
from ojas.features.medications.service import state_words as state
from ojas.kit import i18n
from ojas.kit.audit import Change
from ojas.kit.i18n import N_, _, format_date, format_number, format_time, gettext, ngettext
from ojas.kit.i18n.weeks import weekdays

DAYS = {
    Weekday.MON: N_("Monday"),
    Weekday.TUE: N_("Tuesday"),
    Weekday.WED: N_("Wednesday"),
    Weekday.THU: N_("Thursday"),
    Weekday.FRI: N_("Friday"),
    Weekday.SAT: N_("Saturday"),
    Weekday.SUN: N_("Sunday"),
}
RHYTHMS = {
    "weekly": N_("Every day, or on some days"),
    "every_days": N_("Every few days"),
    "cycle": N_("Some days on, some days off"),
    "taper": N_("In steps, up or down"),
    "interval": N_("Every few hours"),
    "as_needed": N_("Only when needed"),
}
OPEN = frozenset({State.DUE, State.SNOOZED})
LATER = (30, 60, 120)
"""Minutes a dose may be put off by a press."""


def within(minutes: int) -> str:
    """In so long, in the largest unit that says it whole."""
    if minutes % 60:
        return ngettext("In {n} minute", "In {n} minutes", minutes)
    return ngettext("In {n} hour", "In {n} hours", minutes // 60)


def later(minutes: int) -> str:
    """So much later, likewise."""
    if minutes % 60:
        return ngettext("{n} minute later", "{n} minutes later", minutes)
    return ngettext("{n} hour later", "{n} hours later", minutes // 60)


def left(value: Decimal, unit: str) -> str:
    """What is left of a stock."""
    return amount_words(Amount(value, unit))


def rhythm(schedule: Schedule) -> str:
    """When, in a sentence without its end: "Every day at 08:00, 20:00"."""
    pattern = schedule.pattern
    if isinstance(pattern, Weekly):
        if len(pattern.days) == 7:
            return _("Every day at {times}", times=_times(pattern.slots))
        days = ", ".join(gettext(DAYS[day]) for day in WEEK if day in pattern.days)
        return _("{days} at {times}", days=days, times=_times(pattern.slots))
    if isinstance(pattern, EveryDays):
        return _("Every {n} days at {times}", n=pattern.days, times=_times(pattern.slots))
    if isinstance(pattern, Cycle):
        return _(
            "{on} days on, {off} days off, at {times}",
            on=pattern.on,
            off=pattern.off,
            times=_times(pattern.slots),
        )
    if isinstance(pattern, Interval):
        return _("Every {n} hours from the last dose", n=hours(pattern.every))
    if isinstance(pattern, AsNeeded):
        return _as_needed(pattern)
    return _("In {n} steps, each with its own times", n=len(pattern.steps))


def taper(pattern: Taper) -> list[str]:
    """Each step in words: for how long, when, how much."""
    return [_step(step) for step in pattern.steps]


def _step(step: Step) -> str:
    what = ", ".join(_slot(slot) for slot in step.slots) or _("nothing")
    if step.every > 1:
        what = _("{what}, every {n} days", what=what, n=step.every)
    return ngettext("{n} day: ", "{n} days: ", step.days) + what if step.days else _("From then on: ") + what


def _slot(slot: Slot) -> str:
    at = format_time(slot.at)
    return _("{amount} at {time}", amount=amount_words(slot.amount), time=at) if slot.amount else at


def _as_needed(pattern: AsNeeded) -> str:
    parts = [_("When needed")]
    if pattern.gap:
        parts.append(_("not again within {n} hours", n=hours(pattern.gap)))
    if pattern.most:
        parts.append(_("at most {amount} in 24 hours", amount=amount_words(pattern.most)))
    return ", ".join(parts)


def _times(slots: Slots) -> str:
    """The times; where they differ in how much, each with its amount."""
    clocks = [slot.at for slot in slots]
    said = [format_time(at, after=before) for before, at in pairwise([None, *clocks]) if at]
    if len({slot.amount for slot in slots}) > 1:
        said = [f"{at} ({amount_words(slot.amount) or '–'})" for at, slot in zip(said, slots, strict=True)]
    return ", ".join(said)


def hours(span: timedelta) -> str:
    return format_number(Decimal(int(span.total_seconds())) / 3600)


@dataclass(frozen=True, slots=True)
class Turn:
    """A state of a medicine, from when on, and why."""

    at: datetime
    says: str
    reason: str | None


def turns(medicine: Medicine, history: Sequence[Change]) -> list[Turn]:
    """Each state it was in, newest first; changes of anything else are left out. ``history`` is newest first, and each change
    has what stood there before."""
    found: list[Turn] = []
    state, reason = str(medicine.status), medicine.status_reason
    for change in history:
        before = change.before
        if before is None or before.get("status") != state:
            found.append(Turn(change.at, gettext(STATUSES[Status(state)]), reason))
            if before is not None:
                state, reason = str(before["status"]), before.get("status_reason")
    return found


def hour(number: int) -> str:
    """An hour of the day, as the reader's clock has it."""
    return format_time(time(number))


def days() -> list[tuple[Weekday, str, str]]:
    """The days of a week in its order: each with its name, and the shortest there is."""
    short = i18n.current().locale.days["stand-alone"]["narrow"]
    return [(WEEK[n], gettext(DAYS[WEEK[n]]), str(short[n])) for n in weekdays()]


def steps(some: Iterable[OfStep]) -> list[tuple[str, str]]:
    """The steps of a taper as rows of a table."""
    return [(str(one.step), _("{taken} of {due}", taken=one.taken, due=one.due)) for one in some]


def _alike(medicine: Medicine) -> bool:
    """Whether every dose is as much as every other."""
    pattern = medicine.schedule.pattern
    if isinstance(pattern, Interval | AsNeeded):
        return True
    return not isinstance(pattern, Taper) and len({slot.amount for slot in pattern.slots}) == 1


def amount_of(medicine: Medicine) -> Amount | None:
    """The usual dose: the first one's, where they differ."""
    pattern = medicine.schedule.pattern
    if isinstance(pattern, Interval | AsNeeded):
        return pattern.amount
    return pattern.slots_on(medicine.schedule.start, medicine.schedule.start)[0].amount


def line(medicine: Medicine) -> str:
    """How much and when, on one line; where doses differ, their times say how much, and of a taper its steps."""
    amount = amount_words(amount_of(medicine)) if _alike(medicine) else ""
    parts = [medicine.strength or "", amount, rhythm(medicine.schedule)]
    if medicine.schedule.end:
        parts.append(_("until {day}", day=format_date(medicine.schedule.end)))
    return " · ".join(part for part in parts if part)


def status(medicine: Medicine) -> str:
    return gettext(STATUSES[medicine.status])


def how_much(dose: Dose) -> str:
    return amount_words(dose.amount or dose.planned_amount)


__all__ = [
    "DAYS",
    "FORMS",
    "LATER",
    "OPEN",
    "REASONS",
    "RHYTHMS",
    "ROUTES",
    "SEVERITIES",
    "STATUSES",
    "UNITS",
    "Turn",
    "amount_of",
    "amount_words",
    "days",
    "hour",
    "hours",
    "how_much",
    "later",
    "left",
    "line",
    "rhythm",
    "state",
    "status",
    "steps",
    "turns",
    "within",
]  # fmt: skip
