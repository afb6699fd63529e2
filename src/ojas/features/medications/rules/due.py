"""What a schedule comes to: the doses of a time, and the next one.

Both begin at the day asked for, by arithmetic: a schedule of ten years costs what one of ten days does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.patterns import AsNeeded, Interval
from ojas.features.medications.rules.schedule import LATEST, Schedule, Shift
from ojas.features.medications.rules.walltime import instant, midnight, wall
from ojas.kit.errors import Incorrect

LONGEST_VIEW = timedelta(days=3660)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Dose:
    """One moment a schedule comes to.

    ``at`` is the instant in UTC; ``planned`` what the schedule says, in local wall time, before a change of the clocks or
    of the person's mind; ``day`` the local date whose dose it is. ``key`` is its name within one schedule, and stays.
    """

    key: str
    day: date
    planned: datetime
    at: datetime
    amount: Amount | None = None


def due(
    schedule: Schedule, zone: tzinfo, since: datetime, until: datetime, last_taken: datetime | None = None
) -> Iterator[Dose]:
    """The doses from ``since`` up to but not at ``until`` (aware), in order.

    Where the schedule counts from the last dose, these are the ones to come after ``last_taken``, should each be taken when
    it is due; what was before is known from the doses that were kept. As-needed medicines are never due.

    Raises:
        Incorrect: more than ten years at once, with the field ``until``.
    """
    if until - since > LONGEST_VIEW:
        raise Incorrect("Ask for at most ten years at once.", field="until")
    return _between(schedule, zone, since, until, last_taken)


def due_and_next(
    schedule: Schedule,
    zone: tzinfo,
    since: datetime,
    until: datetime,
    last_taken: datetime | None = None,
    *,
    most: int,
) -> tuple[list[Dose], Dose | None]:
    """The first ``most`` doses from ``since`` up to but not at ``until``, and the one after them: one way through the days."""
    found: list[Dose] = []
    for dose in _doses(schedule, zone, since, last_taken):
        if dose.at >= until or len(found) == most:
            return found, dose
        found.append(dose)
    return found, None


def next_due(
    schedule: Schedule, zone: tzinfo, after: datetime, last_taken: datetime | None = None
) -> Dose | None:
    """The first dose after an instant; None: there is none any more."""
    doses = _doses(schedule, zone, after + timedelta(microseconds=1), last_taken)
    return next(doses, None)


def put_off(
    schedule: Schedule, zone: tzinfo, now: datetime, by: timedelta, last_taken: datetime | None = None
) -> Schedule:
    """The schedule with the rest of today's doses ``by`` later; tomorrow is as before.

    Where it counts from the last dose, all that follow move with the next one, for their distance matters.

    Raises:
        Incorrect: with the field ``by``: nothing more is due today, or a dose would come after the first of the next day.
    """
    today = wall(now, zone).date()
    rest = [
        dose
        for dose in _between(schedule, zone, now, now + 2 * _DAY, last_taken)
        if dose.day == today and dose.at > now
    ]
    if not rest:
        raise Incorrect("Nothing more is due today.", field="by")
    if isinstance(schedule.pattern, Interval):
        since = rest[0].at
    else:
        since = min(_unshifted(dose, zone) for dose in rest)
        following = next(_doses(schedule, zone, rest[-1].at + _MINUTE, last_taken), None)
        if following is not None and rest[-1].at + by >= following.at:
            raise Incorrect("This would put off a dose of today beyond the next one.", field="by")
    # Doses of days before are stored by now, with when they were due.
    recent = tuple(shift for shift in schedule.shifts if shift.day >= today - 2 * _DAY)
    return replace(schedule, shifts=(*recent, Shift(today, since, by)))


def _between(
    schedule: Schedule, zone: tzinfo, since: datetime, until: datetime, last_taken: datetime | None
) -> Iterator[Dose]:
    for dose in _doses(schedule, zone, since, last_taken):
        if dose.at >= until:
            return
        yield dose


def _doses(schedule: Schedule, zone: tzinfo, since: datetime, last_taken: datetime | None) -> Iterator[Dose]:
    """All from ``since`` on, in order, without end where there is none."""
    if isinstance(schedule.pattern, AsNeeded):
        return
    if isinstance(schedule.pattern, Interval):
        found = _elapsed(schedule, schedule.pattern, zone, since.astimezone(UTC), last_taken)
    else:
        # A dose stands at most this much after its date: what the clocks skip, and what was put off.
        found = _daywise(schedule, zone, wall(since, zone).date() - (2 * _DAY if schedule.shifts else _DAY))
    for dose in found:
        if dose.at >= since:
            yield dose


def _daywise(schedule: Schedule, zone: tzinfo, first: date) -> Iterator[Dose]:
    """Day by day from ``first``. A dose carried past midnight waits for those of its new day, to keep the order."""
    waiting: list[Dose] = []
    day = schedule.next_day(first)
    while day is not None:
        begin = midnight(day, zone)
        yield from (dose for dose in waiting if dose.at < begin)
        waiting = [dose for dose in waiting if dose.at >= begin] + _on(schedule, zone, day)
        waiting.sort(key=_at)
        day = schedule.next_day(day + _DAY)
    yield from waiting


def _at(dose: Dose) -> datetime:
    return dose.at


def _on(schedule: Schedule, zone: tzinfo, day: date) -> list[Dose]:
    assert not isinstance(schedule.pattern, Interval | AsNeeded)
    found = []
    for slot in schedule.pattern.slots_on(schedule.start, day):
        planned = datetime.combine(day, slot.at)
        if (at := instant(planned, zone)) is not None:
            later = _later(schedule, day, at) if schedule.shifts else at
            found.append(Dose(planned.isoformat(timespec="minutes"), day, planned, later, slot.amount))
    return found


def _later(schedule: Schedule, day: date, at: datetime) -> datetime:
    return at + sum((s.by for s in schedule.shifts if s.day == day and s.since <= at), timedelta())


def _unshifted(dose: Dose, zone: tzinfo) -> datetime:
    return instant(dose.planned, zone) or dose.at


def _elapsed(
    schedule: Schedule, pattern: Interval, zone: tzinfo, since: datetime, last_taken: datetime | None
) -> Iterator[Dose]:
    begin = midnight(schedule.start, zone)
    if last_taken is not None and last_taken >= begin:
        anchor, first = last_taken.astimezone(UTC), 1
        shifts = [shift for shift in schedule.shifts if shift.since > anchor]
    else:
        anchor, first = datetime.combine(schedule.start, pattern.first, zone).astimezone(UTC), 0
        shifts = list(schedule.shifts)
    moved = sum((shift.by for shift in shifts), timedelta())
    number = max(first, (since - moved - anchor) // pattern.every)
    while True:
        planned = anchor + number * pattern.every
        day = wall(planned, zone).date()
        if day > (schedule.end or LATEST):
            return
        key = planned.isoformat(timespec="minutes").replace("+00:00", "Z")
        yield Dose(key, day, wall(planned, zone), _carried(planned, shifts), pattern.amount)
        number += 1


def _carried(planned: datetime, shifts: list[Shift]) -> datetime:
    """One shift after another, each where the last one left it: what was put off can be put off again."""
    for shift in shifts:
        if shift.since <= planned:
            planned += shift.by
    return planned
