"""An event that recurs, with what was changed of it, and the occurrences it comes to."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from heapq import merge

from ojas.features.calendar.rules.local import DAY, Start, instant, naive, same_kind, wall
from ojas.features.calendar.rules.recur import comes, last_start, latest, starts
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
    """What became of one occurrence, named by the start the rule gave it: moved, in other words, or called off.

    None, of times and texts: as the series has it.
    """

    original: Start
    start: Start | None = None
    duration: timedelta | None = None
    cancelled: bool = False
    title: str | None = None
    text: str | None = None
    place: str | None = None


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
            raise Incorrect("This event has too many exceptions.", field="changes")
        others = [*self.extra, *self.without, *(each.original for each in self.overrides)]
        others += [each.start for each in self.overrides if each.start is not None]
        if any(not same_kind(each, self.start) or _aware(each) for each in [*others, self.start]):
            raise Incorrect("All times of an event are local ones of its own kind.", field="start")
        spans = [each.duration for each in self.overrides if each.duration is not None]
        if any(not timedelta(0) <= span <= LONGEST or (self.all_day and span % DAY) for span in spans):
            raise Incorrect(
                "An event lasts at most a year, and does not end before it begins.", field="changes"
            )
        if len({each.original for each in self.overrides}) < len(self.overrides):
            raise Incorrect("One occurrence is changed twice.", field="changes")
        if self.rule and not self.extra and not _comes(self.rule, naive(self.start), self.tz):
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
    override: Override | None = None

    @property
    def changed(self) -> bool:
        return self.override is not None

    @property
    def cancelled(self) -> bool:
        return self.override is not None and self.override.cancelled


def occurrences(
    series: Series, viewer: tzinfo, since: datetime, until: datetime, *, called_off: bool = False
) -> Iterator[Occurrence]:
    """What happens between two instants (touching ``since``, before ``until``), by its beginning.

    All-day and floating events are at the wall time of whoever looks, ``viewer``. With ``called_off``, overrides that were
    called off are there too.

    Raises:
        Incorrect: more than ten years at once, or more occurrences than anybody could look at.
    """
    if until - since > LONGEST_VIEW:
        raise Incorrect("Ask for at most ten years at once.", field="until")
    zone = series.tz or viewer
    changed = {naive(each.original): each for each in series.overrides}
    plain = (_one(series, start, zone) for start in _unchanged(series, zone, since, until, changed))
    others = (each for each in series.overrides if called_off or not each.cancelled)
    moved = sorted(filter(None, (_moved(series, each, zone) for each in others)), key=_begins)
    shown = 0
    for each in merge(plain, moved, key=_begins):
        if each.begins < until and (each.ends > since or each.begins >= since):
            shown += 1
            if shown > MOST_SHOWN:
                raise Incorrect("This comes too often for so long a time. Ask for less.", field="until")
            yield each


def found(series: Series, viewer: tzinfo, original: Start) -> Occurrence:
    """The occurrence of this name, wherever it went.

    Raises:
        Incorrect: the event comes to no such time, or it was left out.
    """
    zone = series.tz or viewer
    if same_kind(original, series.start) and original not in series.without:
        for override in series.overrides:
            if override.original == original:
                return _one(
                    replace(series, duration=_lasting(series, override)),
                    override.start or original,
                    zone,
                    override,
                )
        at, first = naive(original), naive(series.start)
        if (
            original in series.extra
            or at == first
            or (series.rule and at in starts(series.rule, first, series.tz, at, at))
        ):
            return _one(series, original, zone)
    raise Incorrect("This event has no such occurrence.", field="original")


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
    ending = replace(series.rule, count=None, until=_last_before(series, series.rule, at))
    head = replace(before, rule=ending if _again(ending, first, series.tz) else None)
    return head, replace(after, start=original, rule=rest if _again(rest, at, series.tz) else None)


def moved_all(series: Series, by: timedelta, rule: Rule | None = None) -> Series:
    """All of them so much later or earlier in local time, with their exceptions, by ``rule`` (None: by their own).

    A rule that names days or hours itself is moved by rules.moving. What was moved by itself stays where it went.
    """
    return replace(
        series,
        start=_plus(series.start, by),
        rule=rule or series.rule,
        extra=frozenset(_plus(each, by) for each in series.extra),
        without=frozenset(_plus(each, by) for each in series.without),
        overrides=tuple(replace(each, original=_plus(each.original, by)) for each in series.overrides),
    )


def span(series: Series, viewer: tzinfo) -> tuple[datetime, datetime | None]:
    """When it first begins and last begins, at the latest; None: it comes for ever."""
    zone, first = series.tz or viewer, naive(series.start)
    listed = [first, *map(naive, series.extra)]
    listed += [naive(each.start or each.original) for each in series.overrides]
    begins = instant(min(listed), zone)
    if series.rule is not None:
        if series.rule.count is None and series.rule.until is None:
            return begins, None
        listed.append(last_start(_bounded(series.rule, first, series.tz), series.tz))
    return begins, instant(max(listed), zone)


def ends_on(series: Series) -> date | datetime | None:
    """Up to which day its rule goes: as told, or when it comes for the last time; None: no day is told."""
    rule = series.rule
    if rule is None or rule.until is None:
        return None
    if not isinstance(rule.until, datetime):
        return rule.until
    last = latest(rule, naive(series.start), series.tz)
    return last.date() if series.tz is None else instant(last, series.tz)


def longest(series: Series) -> timedelta:
    """How long the longest of its times takes, on a day of 25 hours too."""
    return max([series.duration, *(each.duration or timedelta(0) for each in series.overrides)]) + timedelta(
        hours=2
    )


def comes_at_all(series: Series) -> bool:
    """Whether anything is left of it."""
    first = naive(series.start)
    skipped = {naive(each) for each in series.without}
    if any(naive(each.original) not in skipped for each in series.overrides):
        return True
    ruled = starts(series.rule, first, series.tz, first) if series.rule else iter([first])
    return any(start not in skipped for start in merge(ruled, map(naive, series.extra)))


def _unchanged(
    series: Series, zone: tzinfo, since: datetime, until: datetime, changed: dict[datetime, Override]
) -> Iterator[Start]:
    """The starts of the rule and of RDATE that could touch the view, without those left out or changed."""
    first = naive(series.start)
    low, high = wall(since, zone) - series.duration - DAY, wall(until, zone) + DAY
    rule = series.rule and _bounded(series.rule, first, series.tz)
    ruled = starts(rule, first, series.tz, low, high) if rule else iter([first])
    extra = sorted(each for each in map(naive, series.extra) if low <= each <= high)
    skipped = {naive(each) for each in series.without} | changed.keys()
    last: datetime | None = None
    for start in merge(ruled, extra):
        if start not in skipped and start != last:
            yield start if not series.all_day else start.date()
        last = start


def _one(series: Series, start: Start, zone: tzinfo, override: Override | None = None) -> Occurrence:
    """An hour is an hour of elapsed time; a day is a day of the wall, however long (RFC 5545, 3.3.6)."""
    begins = instant(naive(start), zone)
    days, rest = divmod(series.duration, DAY) if series.all_day else (0, series.duration)
    ends = instant(naive(start) + days * DAY, zone) + rest if days else begins + rest
    key = (override.original if override else start).isoformat()
    return Occurrence(key, start, begins, ends, override)


def _moved(series: Series, override: Override, zone: tzinfo) -> Occurrence | None:
    """None: an EXDATE beside it wins."""
    if override.original in series.without:
        return None
    shaped = replace(series, duration=_lasting(series, override), rule=None, overrides=(), extra=frozenset())
    return _one(shaped, override.start or override.original, zone, override)


def _lasting(series: Series, override: Override) -> timedelta:
    return series.duration if override.duration is None else override.duration


def _begins(occurrence: Occurrence) -> datetime:
    return occurrence.begins


def _aware(start: Start) -> bool:
    return isinstance(start, datetime) and start.tzinfo is not None


@lru_cache(16_384)  # asked whenever an event is read, and of odd rules a walk of 20 ms
def _comes(rule: Rule, first: datetime, zone: tzinfo | None) -> bool:
    return comes(rule, first, zone)


@lru_cache(16_384)
def _bounded(rule: Rule, first: datetime, zone: tzinfo | None) -> Rule:
    """A rule with UNTIL in place of COUNT: a view begins where it is asked for; the walk is made once."""
    if rule.count is None:
        return rule
    return replace(rule, count=None, until=max(starts(rule, first, zone, first)))


def _again(rule: Rule, first: datetime, zone: tzinfo | None) -> bool:
    return _comes(rule, first, zone) and rule.count != 1


def _last_before(series: Series, rule: Rule, at: datetime) -> Start:
    """An UNTIL at the last time before ``at``, of the kind that the start is; of a zoned one in UTC, as RFC 5545 wants it.

    Not a second before ``at``: that may be the day on which the others begin.
    """
    last = latest(rule, naive(series.start), series.tz, at - timedelta(seconds=1))
    if series.all_day:
        return last.date()
    return last if series.tz is None else instant(last, series.tz)


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
