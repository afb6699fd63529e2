"""What is planned, in plain words; and days as a page lays them out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from babel import dates

from ojas.features.calendar.rules.recur import last_start
from ojas.features.calendar.rules.rule import Freq, Rule, parse
from ojas.features.calendar.rules.series import ends_on
from ojas.features.calendar.rules.terms import (
    CATEGORIES,
    COLOURS,
    PRIVACIES,
    STATUSES,
    TYPES,
    VISITS,
    Reach,
    Status,
)
from ojas.features.calendar.schemas import Event, Occurrence, TemplateDraft
from ojas.kit import clock, i18n
from ojas.kit.i18n import (
    N_,
    _,
    format_date,
    format_number,
    format_time,
    gettext,
    ngettext,
)
from ojas.kit.i18n.weeks import week_of, weekdays

DAY = timedelta(days=1)
VIEWS = {"month": N_("Month"), "week": N_("Week"), "day": N_("Day"), "agenda": N_("List")}
REACHES = {
    Reach.THIS: N_("Only this one"),
    Reach.FOLLOWING: N_("This and all that follow"),
    Reach.ALL: N_("All of them"),
}
WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
NOTICES = (0, 10, 30, 60, 120, 1440, 2880, 10080)
AGENDA = 30
_MOST_DAYS = 62
"""Something that takes longer than the page shows stands on each of its days."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A day of a page, with what lies in it."""

    day: date
    items: Sequence[Occurrence]
    inside: bool = True

    @property
    def today(self) -> bool:
        return self.day == today()

    @property
    def name(self) -> str:
        return (
            format_date(self.day, "full") if i18n.current().date_format == "locale" else format_date(self.day)
        )

    @property
    def planned(self) -> list[Occurrence]:
        return [one for one in self.items if one.source == "calendar"]

    @property
    def doses(self) -> list[Occurrence]:
        return [one for one in self.items if one.source == "medications"]

    @property
    def things(self) -> list[Occurrence]:
        """All but doses, of which a day has many alike."""
        return [one for one in self.items if one.source != "medications"]

    @property
    def says(self) -> str:
        """What a screen reader says of it."""
        many = (
            ngettext("{n} planned", "{n} planned", len(self.planned))
            if self.planned
            else _("nothing planned")
        )
        return f"{self.name}: {many}"


def today() -> date:
    return i18n.local(clock.now()).date()


def span(view: str, on: date) -> tuple[date, date]:
    """The first day that a view shows, and the one after the last."""
    if view == "month":
        first = week_of(on.replace(day=1))
        last = (on.replace(day=28) + timedelta(days=4)).replace(day=1) - DAY
        return first, week_of(last) + 7 * DAY
    if view == "week":
        return week_of(on), week_of(on) + 7 * DAY
    return on, on + (DAY if view == "day" else AGENDA * DAY)


def beside(view: str, on: date) -> tuple[date, date]:
    """Where one leafs to: before and after."""
    if view == "month":
        before, after = on.replace(day=1) - DAY, on.replace(day=28) + 4 * DAY
        return before.replace(day=1), after.replace(day=1)
    step = {"week": 7 * DAY, "day": DAY}.get(view, AGENDA * DAY)
    return on - step, on + step


def title(view: str, on: date) -> str:
    locale = i18n.current().locale
    if view == "month":
        return dates.format_skeleton("yMMMM", on, locale=locale)
    if view == "day":
        return format_date(on, "full") if i18n.current().date_format == "locale" else format_date(on)
    first, after = span(view, on)
    return _("{first} to {last}", first=format_date(first), last=format_date(after - DAY))


def days(items: Iterable[Occurrence], first: date, after: date, month: int | None = None) -> list[Shown]:
    """Each day of a stretch, with what touches it."""
    found: dict[date, list[Occurrence]] = {first + n * DAY: [] for n in range((after - first).days)}
    for one in items:
        for day in _days_of(one):
            if day in found:
                found[day].append(one)
    return [Shown(day, lying, month in (None, day.month)) for day, lying in found.items()]


def _days_of(one: Occurrence) -> list[date]:
    begin = i18n.local(one.begins).date()
    last = i18n.local(max(one.begins, one.ends - timedelta(microseconds=1))).date()
    return [begin + n * DAY for n in range(min((last - begin).days + 1, _MOST_DAYS))]


def short_days(width: str = "abbreviated") -> list[tuple[str, str]]:
    """The days of the week in order: short, and in full. ``short`` is the shortest that tells them apart."""
    names = i18n.current().locale.days["stand-alone"]
    return [(names[width][n], names["wide"][n]) for n in weekdays()]


def hour(one: Occurrence) -> str:
    return "" if one.all_day else format_time(one.begins)


def begins_on(one: Occurrence, day: date) -> bool:
    return i18n.local(one.begins).date() == day


def clock_at(number: int) -> str:
    """A whole hour."""
    return format_time(time(number % 24))


def when(one: Occurrence) -> str:
    """Its day and hours, by the reader's clock."""
    first = i18n.local(one.begins).date()
    last = i18n.local(max(one.begins, one.ends - timedelta(microseconds=1))).date()
    if one.all_day:
        if first == last:
            return _("{day}, all day", day=_full(first))
        return _("{first} to {last}", first=_full(first), last=_full(last))
    if first == last and one.ends > one.begins:
        return _(
            "{day}, {start} to {end}",
            day=_full(first),
            start=format_time(one.begins),
            end=format_time(one.ends, after=one.begins),
        )
    if first == last:
        return f"{_full(first)}, {format_time(one.begins)}"
    return _(
        "{first} to {last}",
        first=f"{_full(first)}, {format_time(one.begins)}",
        last=f"{_full(last)}, {format_time(one.ends)}",
    )


def _full(day: date) -> str:
    return format_date(day, "full") if i18n.current().date_format == "locale" else format_date(day)


def line(one: Occurrence) -> str:
    """Beside its title in a list: with whom, where, what became of it."""
    care = one.care
    parts = [
        one.text if one.source != "calendar" else "",
        care.provider if care else "",
        one.place or (care.clinic if care else ""),
        status(one) if one.status is not Status.PENDING else "",
    ]
    return " · ".join(part for part in parts if part)


def status(one: Occurrence) -> str:
    if one.source != "calendar":
        return gettext(_OF_OTHERS[one.status])
    return gettext(STATUSES[one.status])


_OF_OTHERS = {
    Status.PENDING: N_("Planned"),
    Status.CONFIRMED: N_("Confirmed"),
    Status.COMPLETED: N_("Done"),
    Status.CANCELLED: N_("Left out"),
    Status.NO_SHOW: N_("Missed"),
}


def picture(one: Occurrence) -> str:
    if one.source != "calendar":
        return {"medications": "pill", "signals": "footprints"}[one.source]
    return "stethoscope" if one.care else "calendar"


def category(name: str | None) -> str:
    return gettext(CATEGORIES[name]) if name in CATEGORIES else name or ""


def notice(minutes: int) -> str:
    """How long before."""
    if minutes == 0:
        return _("When it begins")
    if minutes % 10080 == 0:
        return ngettext("{n} week before", "{n} weeks before", minutes // 10080)
    if minutes % 1440 == 0:
        return ngettext("{n} day before", "{n} days before", minutes // 1440)
    if minutes % 60 == 0:
        return ngettext("{n} hour before", "{n} hours before", minutes // 60)
    return ngettext("{n} minute before", "{n} minutes before", minutes)


def repeats(plan: Event | TemplateDraft) -> str:
    """How it recurs, in words; empty: once."""
    if plan.rule is None:
        return _("On several days") if isinstance(plan, Event) and plan.extra else ""
    rule = parse(plan.rule)
    said = [_rhythm(rule)]
    if rule.freq is Freq.WEEKLY and rule.by_day:
        said.append(", ".join(gettext(WEEKDAYS[day.weekday]) for day in rule.by_day))
    if rule.count:
        said.append(ngettext("{n} time", "{n} times", rule.count))
    last = ends_on(plan.series) if isinstance(plan, Event) else rule.until and last_start(rule, None).date()
    if last:
        said.append(_("until {day}", day=format_date(last)))
    return " · ".join(said)


def _rhythm(rule: Rule) -> str:
    n = rule.interval
    if rule.freq is Freq.HOURLY:
        return ngettext("Every hour", "Every {n} hours", n)
    if rule.freq is Freq.DAILY:
        return ngettext("Every day", "Every {n} days", n)
    if rule.freq is Freq.WEEKLY:
        return ngettext("Every week", "Every {n} weeks", n)
    if rule.freq is Freq.MONTHLY:
        return ngettext("Every month", "Every {n} months", n)
    return ngettext("Every year", "Every {n} years", n)


def cost(one: Occurrence) -> str:
    care = one.care
    if care is None or care.cost is None:
        return ""
    return f"{format_number(care.cost, 2)} {care.currency}"


__all__ = [
    "AGENDA", "CATEGORIES", "COLOURS", "NOTICES", "PRIVACIES", "REACHES", "STATUSES", "TYPES", "VIEWS", "VISITS", "WEEKDAYS",
    "Shown", "begins_on", "beside", "category", "clock_at", "cost", "days", "hour", "line", "notice", "picture", "repeats",
    "short_days", "span", "status", "title", "today", "week_of", "weekdays", "when",
]  # fmt: skip
