"""An event that recurs, with what was changed of it, and the occurrences it comes to."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from heapq import merge

from ojas.features.calendar.rules.local import DAY, Start, instant, naive, same_kind, wall
from ojas.features.calendar.rules.recur import comes, starts
from ojas.features.calendar.rules.rule import Rule
from ojas.kit.errors import Incorrect
from ojas.kit.i18n.zones import zone_of

MOST_SHOWN = 5_000
"""Occurrences of one series in one view."""
MOST_CHANGES = 2_000
LONGEST = timedelta(days=366)
LONGEST_VIEW = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Override:
    """What became of one occurrence, named by the start the rule gave it: moved, or called off."""

    original: Start
    start: Start | None = None
    duration: timedelta | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """An event from ``start``, a date (all day) or a wall time in ``zone``; a zone of None floats.

    ``extra`` are RDATEs, ``without`` EXDATEs, all local and of the start's kind.

    Raises:
        Incorrect: with the field that cannot be.
    """

    start: Start
    duration: timedelta
    zone: str | None = None
    rule: Rule | None = None
    extra: frozenset[Start] = frozenset()
    without: frozenset[Start] = frozenset()
    overrides: tuple[Override, ...] = field(default=())

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.duration <= LONGEST:
            raise Incorrect(
                "An event lasts at most a year, and does not end before it begins.", field="duration"
            )
        if self.zone is not None:
            zone_of(self.zone)
        if self.all_day and (self.zone is not None or self.duration % DAY or not self.duration):
            raise Incorrect("What takes the whole day lasts whole days and has no zone.", field="duration")
        if len(self.extra) + len(self.without) + len(self.overrides) > MOST_CHANGES:
            raise Incorrect("This event has too many exceptions.", field="overrides")
        others = [*self.extra, *self.without, *(each.original for each in self.overrides)]
        others += [each.start for each in self.overrides if each.start is not None]
        if any(not same_kind(each, self.start) or _aware(each) for each in [*others, self.start]):
            raise Incorrect("All times of an event are local ones of its own kind.", field="start")
        if len({each.original for each in self.overrides}) < len(self.overrides):
            raise Incorrect("One occurrence is changed twice.", field="overrides")
        if self.rule and not self.extra and not comes(self.rule, naive(self.start), self.tz):
            raise Incorrect("This rule never comes again. Leave it out.", field="rule")

    @property
    def all_day(self) -> bool:
        return not isinstance(self.start, datetime)

    @property
    def tz(self) -> tzinfo | None:
        return None if self.zone is None else zone_of(self.zone)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time: ``key`` names it for good, ``start`` is local, ``begins`` and ``ends`` are instants where it is looked at."""

    key: str
    start: Start
    begins: datetime
    ends: datetime
    changed: bool = False


def occurrences(series: Series, viewer: tzinfo, since: datetime, until: datetime) -> Iterator[Occurrence]:
    """What happens between two instants (touching ``since``, before ``until``), by its beginning.

    All-day and floating events are at the wall time of whoever looks, ``viewer``.

    Raises:
        Incorrect: more than ten years at once, or more occurrences than anybody could look at.
    """
    if until - since > LONGEST_VIEW:
        raise Incorrect("Ask for at most ten years at once.", field="until")
    zone = series.tz or viewer
    changed = {naive(each.original): each for each in series.overrides}
    plain = (_one(series, start, zone) for start in _unchanged(series, zone, since, until, changed))
    moved = sorted(filter(None, (_moved(series, each, zone) for each in series.overrides)), key=_begins)
    shown = 0
    for found in merge(plain, moved, key=_begins):
        if found.begins < until and (found.ends > since or found.begins >= since):
            shown += 1
            if shown > MOST_SHOWN:
                raise Incorrect("This comes too often for so long a time. Ask for less.", field="until")
            yield found


def without(series: Series, original: Start) -> Series:
    """Only this one not: an EXDATE."""
    kept = tuple(each for each in series.overrides if each.original != original)
    return replace(series, without=series.without | {original}, overrides=kept)


def changed(series: Series, override: Override) -> Series:
    """Only this one otherwise."""
    kept = tuple(each for each in series.overrides if each.original != override.original)
    return replace(series, overrides=(*kept, override))


def split(series: Series, original: Start) -> tuple[Series | None, Series]:
    """This and all that follow for themselves: the series before (None: there was none), and the one from here on.

    What was changed goes with its side; a COUNT is shared out.

    Raises:
        Incorrect: there is no such occurrence, with the field ``original``.
    """
    at, first = naive(original), naive(series.start)
    if series.rule is None or not any(each == at for each in starts(series.rule, first, series.tz, at, at)):
        raise Incorrect("This event has no such occurrence.", field="original")
    if at == first:
        return None, series
    gone = (
        sum(1 for _ in starts(series.rule, first, series.tz, first, at - timedelta(microseconds=1)))
        if series.rule.count
        else 0
    )
    rest = replace(series.rule, count=series.rule.count - gone) if series.rule.count else series.rule
    before = _side(series, at, earlier=True)
    after = _side(series, at, earlier=False)
    ending = replace(series.rule, count=None, until=_just_before(series, at))
    head = replace(before, rule=ending if _again(ending, first, series.tz) else None)
    return head, replace(after, start=original, rule=rest if _again(rest, at, series.tz) else None)


def moved_all(series: Series, by: timedelta) -> Series:
    """All of them so much later or earlier in local time, with their exceptions.

    Only where the rule does not name days or hours itself: those would stay.
    """
    return replace(
        series,
        start=_plus(series.start, by),
        extra=frozenset(_plus(each, by) for each in series.extra),
        without=frozenset(_plus(each, by) for each in series.without),
        overrides=tuple(replace(each, original=_plus(each.original, by)) for each in series.overrides),
    )


def _unchanged(
    series: Series, zone: tzinfo, since: datetime, until: datetime, changed: dict[datetime, Override]
) -> Iterator[Start]:
    """The starts of the rule and of RDATE that could touch the view, without those left out or changed."""
    first = naive(series.start)
    low, high = wall(since, zone) - series.duration - DAY, wall(until, zone) + DAY
    ruled = starts(series.rule, first, series.tz, low, high) if series.rule else iter([first])
    extra = sorted(each for each in map(naive, series.extra) if low <= each <= high)
    skipped = {naive(each) for each in series.without} | changed.keys()
    last: datetime | None = None
    for start in merge(ruled, extra):
        if start not in skipped and start != last:
            yield start if not series.all_day else start.date()
        last = start


def _one(series: Series, start: Start, zone: tzinfo, original: Start | None = None) -> Occurrence:
    """An hour is an hour of elapsed time; a day is a day of the wall, however long (RFC 5545, 3.3.6)."""
    begins = instant(naive(start), zone)
    days, rest = divmod(series.duration, DAY) if series.all_day else (0, series.duration)
    ends = instant(naive(start) + days * DAY, zone) + rest if days else begins + rest
    return Occurrence((original or start).isoformat(), start, begins, ends, original is not None)


def _moved(series: Series, override: Override, zone: tzinfo) -> Occurrence | None:
    """None: it was called off. An EXDATE beside it wins."""
    if override.cancelled or override.original in series.without:
        return None
    duration = series.duration if override.duration is None else override.duration
    shaped = replace(series, duration=duration, rule=None, overrides=(), extra=frozenset())
    return _one(shaped, override.start or override.original, zone, override.original)


def _begins(occurrence: Occurrence) -> datetime:
    return occurrence.begins


def _aware(start: Start) -> bool:
    return isinstance(start, datetime) and start.tzinfo is not None


def _again(rule: Rule, first: datetime, zone: tzinfo | None) -> bool:
    return comes(rule, first, zone) and rule.count != 1


def _just_before(series: Series, at: datetime) -> Start:
    """An UNTIL before ``at``, of the kind that the start is; of a zoned one in UTC, as RFC 5545 wants it."""
    if series.all_day:
        return (at - DAY).date()
    before = at - timedelta(seconds=1)
    return before if series.tz is None else instant(before, series.tz).astimezone(UTC)


def _side(series: Series, at: datetime, *, earlier: bool) -> Series:
    def here(start: Start) -> bool:
        return (naive(start) < at) is earlier

    return replace(
        series,
        extra=frozenset(filter(here, series.extra)),
        without=frozenset(filter(here, series.without)),
        overrides=tuple(each for each in series.overrides if here(each.original)),
    )


def _plus(start: Start, by: timedelta) -> Start:
    """A date moves by whole days."""
    return start + by
