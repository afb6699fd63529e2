"""A series that is moved: its rule names days and hours, which must move along."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from ojas.features.calendar.rules.local import Start, instant, naive
from ojas.features.calendar.rules.recur import last_start, latest
from ojas.features.calendar.rules.rule import Day, Freq, Rule
from ojas.features.calendar.rules.series import Series
from ojas.kit.errors import Incorrect


def moved(series: Series, by: timedelta) -> Series:
    """All of a series so much later or earlier in local time, the days and hours of its rule with it.

    What was changed of it or left out stays with its own occurrence, also where months are not as long as each other.

    Raises:
        Incorrect: with the field ``rule``: it names several days of a month or hours, which have no other ones to become.
    """
    if not by:
        return series
    there = place(series, by)
    return replace(
        series,
        start=series.start + by,
        rule=series.rule and _moved_rule(series, series.rule, by, there),
        extra=frozenset(each + by for each in series.extra),
        without=frozenset(map(there, series.without)),
        overrides=tuple(replace(each, original=there(each.original)) for each in series.overrides),
    )


def place(series: Series, by: timedelta) -> Callable[[Start], Start]:
    """Where each occurrence of a series is named once all of it is so much later.

    What comes on a day of the month goes to another day of it: from the 3rd to the 28th of the month before is not as far in
    every month. A month that has no such day has its last for a name.
    """
    first, rule = naive(series.start), series.rule
    to = first + by
    months = 12 * (to.year - first.year) + to.month - first.month
    if rule is None or to.date() == first.date() or not _of_month(rule):
        return lambda each: each + by

    def there(each: Start) -> Start:
        if each in series.extra:
            return each + by
        number = 12 * each.year + each.month - 1 + months
        last = monthrange(number // 12, number % 12 + 1)[1]
        day = date(number // 12, number % 12 + 1, min(each.day if to.day == first.day else to.day, last))
        if not isinstance(each, datetime):
            return day
        return datetime.combine(day, each.time()) + (_clock(to) - _clock(first))

    return there


def _clock(at: datetime) -> timedelta:
    return at - datetime.combine(at.date(), time())


def _of_month(rule: Rule) -> bool:
    """Whether it comes on a day of the month, told or as it began."""
    others = rule.by_day or rule.by_year_day or rule.by_week
    return bool(rule.by_month_day) or (rule.freq in (Freq.MONTHLY, Freq.YEARLY) and not others)


def anew(series: Series, start: Start, duration: timedelta, zone: str | None) -> Series:
    """The same rule for other sorts of times: whole days where there were hours, or another zone. Nothing else is kept."""
    rule = series.rule
    if rule is not None and isinstance(rule.until, datetime):
        rule = replace(rule, until=last_start(rule, series.tz).date())
    return Series(start, duration, zone, rule)


def _moved_rule(series: Series, rule: Rule, by: timedelta, there: Callable[[Start], Start]) -> Rule:
    start = naive(series.start)
    to = start + by
    days = (to.date() - start.date()).days
    if days and (rule.by_year_day or rule.by_week or rule.by_position):
        raise _stays()
    if days and rule.by_month and not _of_month(rule):
        raise _stays()  # what came at the end of a month would lie in the next
    if rule.freq is Freq.HOURLY and (rule.by_day or rule.by_month_day or rule.by_month or rule.by_year_day):
        raise _stays()  # nor have the hours of a day a place in the next
    return replace(
        rule,
        until=_moved_until(series, rule, by, there),
        by_day=_moved_days(rule, days),
        by_month_day=_one(rule.by_month_day, start.day, to.day),
        by_month=_one(rule.by_month, start.month, to.month),
        by_hour=_one(rule.by_hour, start.hour, to.hour),
        by_minute=_one(rule.by_minute, start.minute, to.minute),
        # Of every second week, Sunday and the Monday after lie in two: the weeks move along.
        week_start=(rule.week_start + days) % 7 if rule.interval > 1 else rule.week_start,
    )


def _moved_until(
    series: Series, rule: Rule, by: timedelta, there: Callable[[Start], Start]
) -> date | datetime | None:
    """As much later; of what comes on a day of the month, where its last occurrence is then."""
    until = rule.until
    if until is None:
        return None
    if not _of_month(rule):
        later = naive(series.start) + by
        return until + (by if isinstance(until, datetime) else later.date() - naive(series.start).date())
    first = naive(series.start)
    last = latest(rule, first, series.tz)
    new = naive(there(last if isinstance(series.start, datetime) else last.date()))
    if not isinstance(until, datetime):
        return new.date()
    return instant(new, series.tz or UTC) if until.tzinfo else new


def _moved_days(rule: Rule, days: int) -> tuple[Day, ...]:
    if days % 7 == 0 and not any(day.nth for day in rule.by_day):
        return rule.by_day
    if days and (rule.freq is not Freq.WEEKLY or any(day.nth for day in rule.by_day)) and rule.by_day:
        raise _stays()
    return tuple(sorted(Day((day.weekday + days) % 7) for day in rule.by_day)) if days else rule.by_day


def _one(named: tuple[int, ...], old: int, new: int) -> tuple[int, ...]:
    """One number moves along; several stay only where nothing moves."""
    if old == new or not named:
        return named
    if named == (old,):
        return (new,)
    raise _stays()


def _stays() -> Incorrect:
    return Incorrect("The rule names its days or hours itself. Give the new rule too.", field="rule")
