"""When an occurrence is reminded of: so many minutes before it begins; what takes the whole day, before nine of it."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from ojas.features.calendar.rules.local import instant
from ojas.features.calendar.rules.series import LONGEST_VIEW, Occurrence, Series, occurrences

MORNING = time(9)
MOST_REMINDERS = 5
LONGEST_NOTICE = 40_320
"""Minutes: four weeks."""
LATE = timedelta(minutes=15)
"""So long after it began it is still worth saying: who was away for a moment is not left out."""
EARLIEST = timedelta(days=29)
"""No reminder comes longer before."""


@dataclass(frozen=True, slots=True)
class Call:
    """One reminder: due at ``at``, so many ``minutes`` before ``begins``."""

    at: datetime
    minutes: int
    begins: datetime
    occurrence: Occurrence


def following(
    series: Series, viewer: tzinfo, minutes: Sequence[int], after: datetime, silent: Set[str] = frozenset()
) -> datetime | None:
    """The first reminder later than ``after``; None: none in the next ten years. Of ``silent`` occurrences nothing is said."""
    best: datetime | None = None
    if not minutes:
        return None
    for each in _ahead(series, viewer, after, after + LONGEST_VIEW, silent):
        begins = _begins(each, viewer, series)
        for number in minutes:
            at = begins - timedelta(minutes=number)
            if at > after and (best is None or at < best):
                best = at
        if best is not None and begins - timedelta(minutes=max(minutes)) > best:
            break
    return best


def due(
    series: Series,
    viewer: tzinfo,
    minutes: Sequence[int],
    since: datetime,
    now: datetime,
    silent: Set[str] = frozenset(),
) -> Iterator[Call]:
    """What is to be said now, of what came due from ``since`` on: each occurrence once, with its last reminder.

    After a pause nobody is told of what is over.
    """
    since = max(since, now - EARLIEST)
    for each in _ahead(series, viewer, now - LATE, now + EARLIEST, silent):
        begins = _begins(each, viewer, series)
        calls = [(begins - timedelta(minutes=number), number) for number in minutes]
        came = [call for call in calls if since <= call[0] <= now]
        if came and now < begins + LATE:
            at, number = max(came)
            yield Call(at, number, begins, each)


def _ahead(
    series: Series, viewer: tzinfo, since: datetime, until: datetime, silent: Set[str]
) -> Iterator[Occurrence]:
    return (each for each in occurrences(series, viewer, since, until) if each.key not in silent)


def _begins(occurrence: Occurrence, viewer: tzinfo, series: Series) -> datetime:
    if not series.all_day:
        return occurrence.begins
    return instant(datetime.combine(occurrence.start, MORNING), viewer)
