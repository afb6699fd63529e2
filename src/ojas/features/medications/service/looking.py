"""Looking at doses: those of a time, what became of them, what is left. What is due by now and no row yet is shown as well."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

from ojas.features.medications import models, queries
from ojas.features.medications.rules import due as rules
from ojas.features.medications.rules.doses import REASONS, STATES, Action, Answer, State, Window, state_of
from ojas.features.medications.rules.patterns import AsNeeded
from ojas.features.medications.rules.stock import REMIND, Stock, lasts
from ojas.features.medications.rules.walltime import midnight, wall
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import (
    Coming,
    Dose,
    Medicine,
)
from ojas.features.medications.service.content import Content
from ojas.features.medications.service.medicines import (
    MEDICINES,
    SCOPE,
    dose_id,
    known,
    last_taken,
    window_of,
)
from ojas.kit import audit, clock, i18n
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, NotFound
from ojas.kit.i18n import _, format_time, gettext
from ojas.kit.i18n.zones import zone_of

_DAY = timedelta(days=1)
_EARLY = timedelta(hours=12)
"""No window opens longer before its dose."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A dose that is no row yet, with what its row would be made from."""

    medicine: Medicine
    zone: tzinfo
    dose: rules.Dose
    last: datetime | None

    @property
    def id(self) -> UUID:
        return dose_id(self.medicine.id, self.dose.key)

    @property
    def window(self) -> Window:
        return window_of(self.medicine, self.zone, self.dose, self.last)


async def doses(
    tx: Tx, person_id: UUID, since: datetime, until: datetime, medicine_id: UUID | None = None
) -> list[Dose]:
    """The doses due from ``since`` up to but not at ``until``, in order: those kept, and those to come.

    Raises:
        Incorrect: more than ten years at once, with the field ``until``.
    """
    tx.access.require(SCOPE, person_id)
    if until - since > rules.LONGEST_VIEW:
        raise Incorrect("Ask for at most ten years at once.", field="until")
    audit.looked(tx, person_id, "doses")
    now = clock.now()
    listed = [pair for pair in await known(tx, person_id) if medicine_id in (None, pair[1].id)]
    names = {medicine.id: medicine for _row, medicine in listed}
    rows = await queries.doses(tx, person_id, since, until, medicine_id)
    found = [
        shown(row, await Content.of(tx, row), names[row.medicine_id], now)
        for row in rows
        if row.medicine_id in names
    ]
    kept = {dose.id for dose in found}
    coming = [one for row, medicine in listed for one in await ahead_of(tx, row, medicine, since, until)]
    found += [_foreseen(one, now) for one in coming if one.id not in kept]
    return sorted(found, key=lambda dose: (dose.at, dose.medicine, dose.id))


async def today(tx: Tx, person_id: UUID) -> list[Dose]:
    """The doses of the reader's day, and those of the night before that may still be taken."""
    day = i18n.local(clock.now()).date()
    begin = midnight(day, i18n.current().tz)
    end = midnight(day + _DAY, i18n.current().tz)
    found = await doses(tx, person_id, begin - _EARLY, end)
    return [dose for dose in found if dose.at >= begin or dose.state in ("due", "snoozed")]


async def ahead(tx: Tx, person_id: UUID, id: UUID) -> Ahead | None:
    """A dose that is no row yet, of the days that pages show: yesterday to tomorrow. None: there is none of this id."""
    now = clock.now()
    for row, medicine in await known(tx, person_id):
        for one in await ahead_of(tx, row, medicine, now - _DAY, now + 1.5 * _DAY):
            if one.id == id:
                return one
    return None


async def ahead_of(
    tx: Tx, row: models.Medicine, medicine: Medicine, since: datetime, until: datetime
) -> list[Ahead]:
    """By arithmetic, from the next one that the row knows."""
    if row.next_due_at is None or row.next_due_at >= until:
        return []
    zone = zone_of(row.zone or "UTC")
    last = await last_taken(tx, row.person_id, row.id, medicine.schedule)
    begin = max(since, row.next_due_at)
    return [
        Ahead(medicine, zone, dose, last) for dose in rules.due(medicine.schedule, zone, begin, until, last)
    ]


async def coming(tx: Tx, person_id: UUID, medicine: Medicine) -> Coming:
    """When a medicine is next due, what is left of it, and until when that lasts."""
    tx.access.require(SCOPE, person_id)
    row = await queries.medicine(tx, person_id, medicine.id)
    next_due = row.next_due_at if row is not None else None
    if medicine.stock is None or row is None:
        return Coming(next_due_at=next_due)
    now = clock.now()
    left = await stock_now(tx, medicine)
    zone = zone_of(row.zone or "UTC")
    day = wall(now, zone).date()
    runs_out = await _runs_out(tx, medicine, left, zone, now)
    due = runs_out is not None and runs_out - day <= REMIND
    return Coming(next_due_at=next_due, left=left.units, runs_out=runs_out, refill_due=due)


async def stock_now(tx: Tx, medicine: Medicine) -> Stock:
    """What is left of what was counted, after what was taken since."""
    assert medicine.stock is not None
    rows = await queries.taken_since(tx, medicine.person_id, medicine.id, medicine.counted_at)
    # What was taken at the very instant of the count is no longer among what was counted.
    later = [row for row in rows if row.answered_at and row.answered_at > medicine.counted_at]
    contents = [await Content.of(tx, row) for row in later]
    return medicine.stock.after(content.amount or content.planned for content in contents)


async def _runs_out(tx: Tx, medicine: Medicine, left: Stock, zone: tzinfo, now: datetime) -> date | None:
    if medicine.status is not Status.ACTIVE or isinstance(medicine.schedule.pattern, AsNeeded):
        return None
    last = await last_taken(tx, medicine.person_id, medicine.id, medicine.schedule)
    found = lasts(medicine.schedule, zone, left, now, last)
    return found.runs_out if found else None


def shown(row: models.Dose, content: Content, medicine: Medicine, now: datetime) -> Dose:
    """A dose as it is read."""
    answer = None
    if row.action is not None and row.answered_at is not None and row.told_at is not None:
        answer = Answer(Action(row.action), row.answered_at, row.told_at, until=row.until)
    final = answer is not None and answer.final
    return Dose(
        id=row.id,
        person_id=row.person_id,
        medicine_id=row.medicine_id,
        medicine=medicine.name,
        day=row.day,
        at=row.at,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        planned_amount=content.planned,
        state=state_of(Window(row.opens_at, row.at, row.on_time_at, row.closes_at), answer, now),
        as_needed=row.planned is None,
        answered_at=row.answered_at if final else None,
        until=row.until,
        amount=content.amount or (content.planned if row.action == Action.TAKE else None),
        reason=content.reason,
        notes=content.notes,
        side_effects=content.side_effects,
    )


def state_words(dose: Dose) -> str:
    """What became of a dose; when it was taken, until when it is put off or why it was skipped, where that says more."""
    words = gettext(STATES[dose.state])
    if dose.state in (State.TAKEN, State.LATE) and dose.answered_at:
        return f"{words}, {format_time(dose.answered_at)}"
    if dose.state is State.SNOOZED and dose.until:
        return _("Put off until {time}", time=format_time(dose.until))
    if dose.state is State.SKIPPED and dose.reason:
        return f"{words}: {gettext(REASONS[dose.reason])}"
    return words


def _foreseen(one: Ahead, now: datetime) -> Dose:
    within = one.window
    return Dose(
        id=one.id,
        person_id=one.medicine.person_id,
        medicine_id=one.medicine.id,
        medicine=one.medicine.name,
        day=one.dose.day,
        at=one.dose.at,
        opens_at=within.opens,
        closes_at=within.closes,
        planned_amount=one.dose.amount,
        state=state_of(within, None, now),
        as_needed=False,
    )


async def dose(tx: Tx, person_id: UUID, id: UUID) -> Dose:
    """One dose, kept or soon to come.

    Raises:
        NotFound: there is no such dose, or it is far off.
    """
    tx.access.require(SCOPE, person_id)
    now = clock.now()
    row = await queries.dose(tx, person_id, id)
    if row is not None:
        medicine = await MEDICINES.read(tx, person_id, row.medicine_id)
        return shown(row, await Content.of(tx, row), medicine, now)
    if (one := await ahead(tx, person_id, id)) is None:
        raise NotFound("There is no such dose, or it cannot be taken yet.")
    audit.looked(tx, person_id, "doses")
    return _foreseen(one, now)
