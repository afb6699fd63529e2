"""The same question answered the slow way: each day for itself, with every offset its zone has about it."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from ojas.features.medications.rules.patterns import Cycle, EveryDays, Pattern, Slot, Taper, Weekday, Weekly
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.walltime import wall


def planned(schedule: Schedule, zone: tzinfo, first: date, last: date) -> dict[str, datetime]:
    """Local wall time to instant, of every slot on the dates ``first`` to ``last``."""
    found: dict[str, datetime] = {}
    day = max(schedule.start, first)
    while day <= min(last, schedule.end or last):
        for slot in _slots(schedule.pattern, schedule.start, day):
            local = datetime.combine(day, slot.at)
            if (at := _instant(local, zone)) is not None:
                found[local.isoformat(timespec="minutes")] = at
        day += timedelta(1)
    return found


def _slots(pattern: Pattern, start: date, day: date) -> tuple[Slot, ...]:
    number = (day - start).days
    if isinstance(pattern, Weekly):
        return pattern.slots if Weekday.of(day) in pattern.days else ()
    if isinstance(pattern, EveryDays):
        return pattern.slots if number % pattern.days == 0 else ()
    if isinstance(pattern, Cycle):
        return pattern.slots if number % (pattern.on + pattern.off) < pattern.on else ()
    assert isinstance(pattern, Taper)
    for step in pattern.steps:
        if step.days is None or number < step.days:
            return step.slots if number % step.every == 0 else ()
        number -= step.days
    return ()


def _instant(local: datetime, zone: tzinfo) -> datetime | None:
    readings = [(local - offset).replace(tzinfo=UTC) for offset in _offsets(zone, local.date())]
    there = [at for at in readings if wall(at, zone) == local]
    if there:
        return min(there)
    # Skipped: the offset that held before is the one whose reading the clock shows later than asked for.
    later = max(readings, key=lambda at: wall(at, zone) - local)
    return None if wall(later, zone) - local >= timedelta(days=1) else later


@lru_cache(100_000)
def _offsets(zone: tzinfo, day: date) -> tuple[timedelta, ...]:
    noon = datetime.combine(day, time(12), UTC)
    found = [(noon + timedelta(hours=h)).astimezone(zone).utcoffset() for h in range(-50, 51)]
    return tuple(dict.fromkeys(offset for offset in found if offset is not None))
