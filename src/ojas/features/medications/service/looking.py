"""Looking at doses: those of a time, what became of them, what is left. What is due by now and no row yet is shown as well."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from ojas.features.medications import models, queries
from ojas.features.medications.rules import due as rules
from ojas.features.medications.rules.amount import Amount
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
from ojas.kit.db import Gathered, Tx
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
    coming = await ahead_of(tx, listed, since, until)
    found += [_foreseen(one, now) for one in coming if one.id not in kept]
    return sorted(found, key=lambda dose: (dose.at, dose.medicine, dose.id))


async def today(tx: Tx, person_id: UUID) -> list[Dose]:
    """The doses of the reader's day, and those of the night before that may still be taken."""
    day = i18n.local(clock.now()).date()
    begin = midnight(day, i18n.current().tz)
    end = midnight(day + _DAY, i18n.current().tz)
    found = await doses(tx, person_id, begin - _EARLY, end)
    return [dose for dose in found if dose.at >= begin or dose.state in ("due", "snoozed")]


async def unanswered_of(tx: Tx, persons: Collection[UUID], *, limit: int) -> Gathered[Dose]:
    """Doses of several persons that are due, and those of the reader's day that were missed, for whoever looks after them."""
    for person_id in persons:
        tx.access.require(SCOPE, person_id)
    if not persons:
        return Gathered()
    now = clock.now()
    begin = midnight(i18n.local(now).date(), i18n.current().tz)
    rows = await queries.unanswered(tx, persons, begin - _EARLY, begin, now, limit)
    for person_id in dict.fromkeys(row.person_id for row in rows):
        await audit.seen(tx, person_id, "doses")
    kept = await queries.of_these(tx, {(row.person_id, row.medicine_id) for row in rows})
    medicines = {row.id: row for row in kept}

    async def one(row: Any) -> Dose:
        medicine = await MEDICINES.shown(tx, medicines[row.medicine_id])
        return shown(row, await Content.of(tx, row), medicine, now)

    return await Gathered.of("dose", rows, rows[0].total if rows else 0, one)


async def ahead(tx: Tx, person_id: UUID, id: UUID) -> Ahead | None:
    """A dose that is no row yet, of the days that pages show: yesterday to tomorrow. None: there is none of this id."""
    now = clock.now()
    found = await ahead_of(tx, await known(tx, person_id), now - _DAY, now + 1.5 * _DAY)
    return next((one for one in found if one.id == id), None)


async def ahead_of(
    tx: Tx, listed: Iterable[tuple[models.Medicine, Medicine]], since: datetime, until: datetime
) -> list[Ahead]:
    """Of all of these medicines, by arithmetic, each from the next dose that its row knows."""
    nearing = [
        (row, one, row.next_due_at) for row, one in listed if row.next_due_at and row.next_due_at < until
    ]
    last = await last_taken(tx, [one for _row, one, _at in nearing])
    return [
        Ahead(medicine, zone, dose, last.get(medicine.id))
        for row, medicine, at in nearing
        for zone in (zone_of(row.zone or "UTC"),)
        for dose in rules.due(medicine.schedule, zone, max(since, at), until, last.get(medicine.id))
    ]


async def coming(tx: Tx, person_id: UUID, medicine: Medicine) -> Coming:
    """When a medicine is next due, what is left of it, and until when that lasts."""
    return (await coming_of(tx, person_id, [medicine]))[medicine.id]


async def coming_of(tx: Tx, person_id: UUID, some: Collection[Medicine]) -> dict[UUID, Coming]:
    """The same of several, by their ids, with as many statements as for one."""
    tx.access.require(SCOPE, person_id)
    rows = {row.id: row for row in await queries.medicines(tx, person_id)}
    left, last = await _left(tx, some), await last_taken(tx, some)
    return {
        one.id: _coming(rows.get(one.id), one, left.get(one.id), last.get(one.id), clock.now())
        for one in some
    }


def _coming(
    row: models.Medicine | None, medicine: Medicine, left: Stock | None, last: datetime | None, now: datetime
) -> Coming:
    next_due = row.next_due_at if row is not None else None
    if left is None or row is None:
        return Coming(next_due_at=next_due)
    zone = zone_of(row.zone or "UTC")
    runs_out = None
    if medicine.status is Status.ACTIVE and not isinstance(medicine.schedule.pattern, AsNeeded):
        found = lasts(medicine.schedule, zone, left, now, last)
        runs_out = found.runs_out if found else None
    due = runs_out is not None and runs_out - wall(now, zone).date() <= REMIND
    return Coming(next_due_at=next_due, left=left.units, runs_out=runs_out, refill_due=due)


async def stock_now(tx: Tx, medicine: Medicine) -> Stock:
    """What is left of what was counted, after what was taken since."""
    return (await _left(tx, [medicine]))[medicine.id]


async def _left(tx: Tx, some: Collection[Medicine]) -> dict[UUID, Stock]:
    """The same of all that are counted. What was taken at the very instant of the count was not counted any more."""
    left = {one.id: one.stock for one in some if one.stock is not None}
    asked = [
        {"person_id": one.person_id, "id": one.id, "since": one.counted_at} for one in some if one.id in left
    ]
    taken: dict[UUID, list[Amount | None]] = {}
    for row in await queries.all_taken_since(tx, asked):
        content = await Content.of(tx, row)
        taken.setdefault(row.medicine_id, []).append(content.amount or content.planned)
    return {id: stock.after(taken.get(id, ())) for id, stock in left.items()}


def shown(row: Any, content: Content, medicine: Medicine, now: datetime) -> Dose:
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
