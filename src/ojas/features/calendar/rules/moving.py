"""A series that is moved: its rule names days and hours, which must move along."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from ojas.features.calendar.rules.local import Start, naive
from ojas.features.calendar.rules.rule import Day, Freq, Rule
from ojas.features.calendar.rules.series import Series, moved_all
from ojas.kit.errors import Incorrect


def moved(series: Series, by: timedelta) -> Series:
    """All of a series so much later or earlier in local time, the days and hours of its rule with it.

    Raises:
        Incorrect: with the field ``rule``: it names several days of a month or hours, which have no other ones to become,
            or a day that would lie in another month.
    """
    if not by:
        return series
    rule = series.rule and _moved_rule(series.rule, naive(series.start), by)
    return moved_all(replace(series, rule=None), by, rule)


def anew(series: Series, start: Start, duration: timedelta, zone: str | None) -> Series:
    """The same rule for other sorts of times: whole days where there were hours, or another zone. Nothing else is kept."""
    rule = series.rule
    if rule is not None and isinstance(rule.until, datetime):
        rule = replace(rule, until=rule.until.date())
    return Series(start, duration, zone, rule)


def _moved_rule(rule: Rule, start: datetime, by: timedelta) -> Rule:
    to = start + by
    days = (to.date() - start.date()).days
    if days and (rule.by_year_day or rule.by_week or rule.by_position):
        raise _stays()
    if rule.by_month_day and not rule.by_month and (to.year, to.month) != (start.year, start.month):
        raise _stays()  # from the 3rd to the 28th of the month before is not as far in every month
    return replace(
        rule,
        until=_moved_until(rule.until, by, days),
        by_day=_moved_days(rule, days),
        by_month_day=_one(rule.by_month_day, start.day, to.day),
        by_month=_one(rule.by_month, start.month, to.month),
        by_hour=_one(rule.by_hour, start.hour, to.hour),
        by_minute=_one(rule.by_minute, start.minute, to.minute),
        # Of every second week, Sunday and the Monday after lie in two: the weeks move along.
        week_start=(rule.week_start + days) % 7 if rule.interval > 1 else rule.week_start,
    )


def _moved_until(until: date | datetime | None, by: timedelta, days: int) -> date | datetime | None:
    if until is None or isinstance(until, datetime):
        return until and until + by
    return until + timedelta(days=days)


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
