"""Whether it was taken: a month as a calendar, the hours at which doses slip, each medicine for itself."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from ojas.features.medications import service
from ojas.features.medications.pages import showing
from ojas.features.medications.schemas import Adherence, OfDay, OfHour, Picture
from ojas.kit import clock, i18n
from ojas.kit.errors import Incorrect
from ojas.kit.http import TxOf
from ojas.kit.i18n import _, format_date, ngettext
from ojas.kit.i18n.weeks import week_of
from ojas.kit.web import Pages, page

router = Pages(prefix="/p/{person_id}", include_in_schema=False)

Mark = Literal["all", "some", "none", "open", "nothing"]
Month = Annotated[str | None, Query(max_length=7, pattern=r"^\d{4}-\d{2}$")]
Of = Annotated[UUID | None, Query(alias="medicine")]


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the calendar: its mark, and the same in words. ``day`` None: it is of another month."""

    day: date | None
    mark: Mark = "nothing"
    says: str = ""


@router.get("/medicines/adherence")
async def adherence(
    request: Request, tx: TxOf, person_id: UUID, month: Month = None, medicine: Of = None
) -> Response:
    """A month of all medicines, or of one."""
    today = i18n.local(clock.now()).date()
    first, last = _month(month, today)
    found = await service.picture(tx, person_id, first, min(last, max(today, first)), medicine)
    chosen = await service.MEDICINES.read(tx, person_id, medicine) if medicine else None
    listed = (await service.MEDICINES.page(tx, person_id, limit=200)).items
    return page(
        request,
        "medications/adherence.html",
        found=found,
        title=finding(found.total),
        weeks=weeks(first, last, found),
        hours=found.hours,
        slips=slips,
        width=_width(found),
        month=first,
        earlier=_name(first - timedelta(days=1)) if first.year > 1900 else None,
        later=_name(last + timedelta(days=1)) if last < today else None,
        chosen=chosen,
        listed=listed,
        show=showing,
    )


def finding(total: Adherence) -> str:
    """What it comes to, as a heading."""
    if not total.due:
        return (
            ngettext("Taken once.", "Taken {n} times.", total.as_needed)
            if total.as_needed
            else _("Nothing was due.")
        )
    return _("{taken} of {due} doses taken", taken=total.taken, due=total.due)


def weeks(first: date, last: date, found: Picture) -> list[list[Cell]]:
    """The month as a calendar has it."""
    by_day = {one.day: one for one in found.days}
    cells = [Cell(None)] * (first - week_of(first)).days
    cells += [
        _cell(first + timedelta(n), by_day.get(first + timedelta(n))) for n in range((last - first).days + 1)
    ]
    cells += [Cell(None)] * (-len(cells) % 7)
    return [cells[n : n + 7] for n in range(0, len(cells), 7)]


def _cell(day: date, kept: OfDay | None) -> Cell:
    name = format_date(day)
    if kept is None or not (kept.due or kept.open):
        return Cell(day, "nothing", _("{day}: nothing was due", day=name))
    if not kept.due:
        return Cell(day, "open", _("{day}: still to come", day=name))
    mark: Mark = "all" if kept.taken == kept.due else "some" if kept.taken else "none"
    return Cell(day, mark, _("{day}: {taken} of {due} taken", day=name, taken=kept.taken, due=kept.due))


def slips(one: OfHour) -> str:
    """What became of the doses of an hour, in words."""
    parts = [_("{taken} of {due} taken", taken=one.taken, due=one.due)]
    if one.late:
        parts.append(ngettext("{n} of them late", "{n} of them late", one.late))
    if one.skipped:
        parts.append(ngettext("{n} skipped", "{n} skipped", one.skipped))
    if one.missed:
        parts.append(ngettext("{n} missed", "{n} missed", one.missed))
    return ", ".join(parts)


def _width(found: Picture) -> int:
    return max((one.due for one in found.hours), default=0) or 1


def _month(text: str | None, today: date) -> tuple[date, date]:
    year, number = (int(part) for part in text.split("-")) if text else (today.year, today.month)
    if not (1900 <= year <= 2200 and 1 <= number <= 12):
        raise Incorrect("Between the years 1900 and 2200.", field="month")
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def _name(day: date) -> str:
    return f"{day:%Y-%m}"


__all__ = ["finding", "router", "weeks"]
