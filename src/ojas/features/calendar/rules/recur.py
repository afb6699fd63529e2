"""The starts a rule comes to, in local wall time.

Written here, and tried against python-dateutil: that walks from DTSTART, counts times that do not exist towards COUNT, and goes
on to the year 9999 for a rule that never comes (FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30 takes three seconds). Here each period of a
rule is made for itself: so a view begins where it is asked for, and a walk through empty periods ends.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo

from ojas.features.calendar.rules.local import DAY, exists, naive, wall
from ojas.features.calendar.rules.rule import Freq, Rule

LAST = date(2200, 12, 31)
EMPTY = {Freq.HOURLY: 20_000, Freq.DAILY: 20_000, Freq.WEEKLY: 5_000, Freq.MONTHLY: 1_000, Freq.YEARLY: 400}
"""After so many periods without a start there is none any more: 29 February on a given weekday may be forty years away."""
_WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)


def starts(
    rule: Rule, first: datetime, zone: tzinfo | None, since: datetime, until: datetime | None = None
) -> Iterator[datetime]:
    """Local starts from ``since`` up to and with ``until`` (all naive), in order, without those that do not exist.

    DTSTART is the first, also where the rule would not come to it: RFC 5545 leaves that open. ``zone`` None: floating or all
    day, where every time exists. Only a rule with COUNT is walked from its beginning, at most its COUNT.
    """
    end = min(last_start(rule, zone), until or naive(LAST))
    if since <= first <= end:
        yield first
    number = 1
    for start in _from(rule, first, first if rule.count else max(first, since), end):
        if start > end:
            return
        if start <= first or (zone is not None and not exists(start, zone)):
            continue
        number += 1
        if rule.count is not None and number > rule.count:
            return
        if start >= since:
            yield start


def last_start(rule: Rule, zone: tzinfo | None) -> datetime:
    """The last local time a rule reaches. An UNTIL in UTC is turned to the zone; a date reaches to its end."""
    if rule.until is None:
        return naive(LAST)
    if not isinstance(rule.until, datetime):
        return datetime.combine(rule.until, time.max)
    if rule.until.tzinfo is None:
        return rule.until
    return wall(rule.until, zone) if zone is not None else rule.until.replace(tzinfo=None)


def latest(rule: Rule, first: datetime, zone: tzinfo | None, until: datetime | None = None) -> datetime:
    """The last start up to and with ``until``, at least ``first``; looked for backwards from there, further each time."""
    end = min(last_start(rule, zone), until or naive(LAST))
    reach = _WEEK
    while (since := max(first, end - reach if end - first > reach else first)) > first:
        if found := max(starts(rule, first, zone, since, end), default=None):
            return found
        reach *= 8
    return max(starts(rule, first, zone, first, end), default=first)


def comes(rule: Rule, first: datetime, zone: tzinfo | None) -> bool:
    """Whether it comes a second time, or was meant to come once."""
    again = starts(rule, first, zone, first + timedelta(microseconds=1))
    return rule.count == 1 or next(again, None) is not None


def _from(rule: Rule, first: datetime, since: datetime, end: datetime) -> Iterator[datetime]:
    """The starts of each period from that of ``since`` to that of ``end``, in order."""
    empty = 0
    for days, hours in _periods(rule, first, since, end.date()):
        found = sorted(_times(rule, first, days, hours))
        if rule.by_position:
            found = _positions(rule, found)
        yield from found
        empty = 0 if found else empty + 1
        if empty > EMPTY[rule.freq]:
            return


def _positions(rule: Rule, found: list[datetime]) -> list[datetime]:
    count = len(found)
    places = {place - 1 if place > 0 else count + place for place in rule.by_position}
    return [found[place] for place in sorted(places) if 0 <= place < count]


def _times(rule: Rule, first: datetime, days: Iterable[date], hours: Iterable[int]) -> Iterator[datetime]:
    """The starts on days, at the hours and minutes of the rule, else of DTSTART."""
    minutes = rule.by_minute or (first.minute,)
    clocks = [time(hour, minute, first.second) for hour in hours for minute in minutes]
    for day in days:
        for clock in clocks:
            yield datetime.combine(day, clock)


Period = tuple[Iterable[date], Iterable[int]]
"""The days of one period that fit the rule, and the hours on them."""


def _periods(rule: Rule, first: datetime, since: datetime, end: date) -> Iterator[Period]:
    fits = _fitting(rule, first)
    if rule.freq is Freq.HOURLY:
        yield from _hours(rule, first, since, end, fits)
        return
    hours = rule.by_hour or (first.hour,)
    for begin, over in _spans(rule, first.date(), since.date()):
        if begin > end:
            return
        days = (begin + timedelta(n) for n in range((over - begin).days))
        yield [day for day in days if fits(day)], hours


def _spans(rule: Rule, first: date, since: date) -> Iterator[tuple[date, date]]:
    """First day and the day after the last of each period, a whole number of intervals after that of DTSTART."""
    if rule.freq in (Freq.DAILY, Freq.WEEKLY):
        length = DAY if rule.freq is Freq.DAILY else _WEEK
        begin = first if rule.freq is Freq.DAILY else _week_of(first, rule)
        step = length * rule.interval
        begin += (since - begin) // step * step
        while True:
            yield begin, begin + length
            begin += step
    months = rule.interval * (12 if rule.freq is Freq.YEARLY else 1)
    length_in_months = 12 if rule.freq is Freq.YEARLY else 1
    origin = first.year * 12 + (0 if rule.freq is Freq.YEARLY else first.month - 1)
    number = origin + (since.year * 12 + since.month - 1 - origin) // months * months
    while number // 12 <= LAST.year:
        yield _month(number), _month(number + length_in_months)
        number += months


def _hours(
    rule: Rule, first: datetime, since: datetime, end: date, fits: Callable[[date], bool]
) -> Iterator[Period]:
    """Hour by hour, but past a day that does not fit in one step."""
    begin, step = first.replace(minute=0), _HOUR * rule.interval
    begin += (since.replace(minute=0) - begin) // step * step
    while begin.date() <= end:
        if fits(begin.date()):
            hours = (begin.hour,) if not rule.by_hour or begin.hour in rule.by_hour else ()
            yield (begin.date(),), hours
            begin += step
        else:
            yield (), ()
            midnight = naive(begin.date() + DAY)
            begin += -((begin - midnight) // step) * step


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _week_of(day: date, rule: Rule) -> date:
    """The first day of its week."""
    return day - timedelta((day.weekday() - rule.week_start) % 7)


def _fitting(rule: Rule, first: datetime) -> Callable[[date], bool]:
    """Whether a day is one of the rule's: all its parts hold, and those that DTSTART implies where none is told."""
    tests: list[Callable[[date], bool]] = []
    months, month_days = set(rule.by_month), set(rule.by_month_day)
    weekdays = {day.weekday for day in rule.by_day if not day.nth}
    told = rule.by_day or month_days or rule.by_year_day or rule.by_week
    if rule.freq in (Freq.MONTHLY, Freq.YEARLY) and not told:
        month_days = {first.day}
        months = months or ({first.month} if rule.freq is Freq.YEARLY else set())
    weekly = rule.freq is Freq.WEEKLY or (rule.by_week and not (month_days or rule.by_year_day))
    if weekly and not rule.by_day:
        weekdays = {first.weekday()}
    if months:
        tests.append(lambda day: day.month in months)
    if month_days:
        tests.append(lambda day: day.day in month_days or day.day - _length(day) - 1 in month_days)
    if rule.by_year_day:
        tests.append(lambda day: _from_both_ends(*_in_year(day)) & set(rule.by_year_day) != set())
    if rule.by_week:
        tests.append(lambda day: _from_both_ends(*_week_number(day, rule)) & set(rule.by_week) != set())
    if weekdays or rule.by_day:
        tests.append(_on_weekday(rule, weekdays))
    return lambda day: all(test(day) for test in tests)


def _on_weekday(rule: Rule, weekdays: set[int]) -> Callable[[date], bool]:
    """On one of the weekdays, or as the nth of the month, of the year where a yearly rule names no months."""
    numbered = {(day.weekday, day.nth) for day in rule.by_day if day.nth}
    of_year = rule.freq is Freq.YEARLY and not rule.by_month

    def holds(day: date) -> bool:
        if day.weekday() in weekdays:
            return True
        place, length = _in_year(day) if of_year else (day.day, _length(day))
        ends = ((place - 1) // 7 + 1, -((length - place) // 7 + 1))
        return any((day.weekday(), nth) in numbered for nth in ends)

    return holds


def _length(day: date) -> int:
    """Of the month."""
    following = day.replace(day=28) + timedelta(4)
    return (following - timedelta(following.day)).day


def _in_year(day: date) -> tuple[int, int]:
    """The number of a day in its year, and of the year's last."""
    begin = date(day.year, 1, 1)
    return (day - begin).days + 1, (date(day.year, 12, 31) - begin).days + 1


def _week_number(day: date, rule: Rule) -> tuple[int, int]:
    """The number of its week and of the last one in that week's year: the first is that with four days in January."""
    week = _week_of(day, rule)
    year = (week + timedelta(3)).year
    begin, end = (_week_of(date(each, 1, 4), rule) for each in (year, year + 1))
    return (week - begin).days // 7 + 1, (end - begin).days // 7


def _from_both_ends(place: int, last: int) -> set[int]:
    return {place, place - last - 1}
