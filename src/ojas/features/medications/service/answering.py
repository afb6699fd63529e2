"""Saying what became of a dose: taken, skipped, put off, undone; and what was taken as needed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from ojas.features.medications import models, queries
from ojas.features.medications.rules.as_needed import DAY, Permission, Taken, may_take
from ojas.features.medications.rules.doses import CLOCK_SLACK, REMINDERS, Action, Answer, Window, answered
from ojas.features.medications.rules.patterns import AsNeeded, Interval
from ojas.features.medications.rules.walltime import wall
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import AnswerDraft, Dose, Medicine, TakenDraft
from ojas.features.medications.service.content import Content
from ojas.features.medications.service.looking import ahead, shown
from ojas.features.medications.service.medicines import MEDICINES, SCOPE, make, reckon
from ojas.kit import audit, clock, events
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Incorrect, NotFound
from ojas.kit.i18n import format_datetime
from ojas.kit.i18n.zones import zone_of
from ojas.kit.ids import new_id


async def answer(tx: Tx, person_id: UUID, dose_id: UUID, draft: AnswerDraft) -> Dose:
    """What became of a dose that is due, or may be taken already. Saying the same twice changes nothing.

    Raises:
        NotFound: there is no such dose of this person, or it cannot be taken yet.
        Incorrect, Conflict: as in rules.doses.answered.
    """
    tx.access.require(SCOPE, person_id, write=True)
    medicine, row = await _to_answer(tx, person_id, dose_id)
    if row.planned is None:
        return await _undone(tx, medicine, row, draft)
    now = clock.now()
    within, standing = window_of(row), standing_of(row)
    content = await Content.of(tx, row)
    until = draft.until.astimezone(UTC) if draft.until else None
    given = Answer(draft.action, (draft.at or now).astimezone(UTC), now, draft.amount, draft.reason, until)
    stands = answered(standing, given, within)
    if stands is standing:
        return shown(row, content, medicine, now)
    before = _plain(row, content)
    _write(row, stands, now)
    content = _content(content, draft if stands else None)
    row.sealed = await content.sealed(tx, person_id, row.id)
    await _told(tx, row, "change", before)
    if isinstance(medicine.schedule.pattern, Interval):
        await reckon(tx, person_id, medicine.id)
    return shown(row, content, medicine, now)


async def take(
    tx: Tx, person_id: UUID, medicine_id: UUID, draft: TakenDraft, *, id: UUID | None = None
) -> Dose:
    """Something taken as needed. ``id`` is for callers who must be able to say it twice.

    Raises:
        NotFound: there is no such medicine.
        Conflict: it is not taken as needed, or not taken at present.
        Incorrect: too soon or too much, with from when on it may be taken, unless ``confirmed``.
    """
    tx.access.require(SCOPE, person_id, write=True)
    medicine = await _medicine(tx, person_id, medicine_id)
    pattern = medicine.schedule.pattern
    if not isinstance(pattern, AsNeeded):
        raise Conflict("This medicine has its times: answer the dose that is due.")
    if id is not None and (known := await queries.dose(tx, person_id, id)) is not None:
        return shown(known, await Content.of(tx, known), medicine, clock.now())
    if medicine.status is not Status.ACTIVE:
        raise Conflict("This medicine is not being taken at present.")
    now = clock.now()
    at = (draft.at or now).astimezone(UTC)
    if at > now + CLOCK_SLACK:
        raise Incorrect("This time is still to come.", field="at")
    if not draft.confirmed:
        _refuse(await permission(tx, medicine, at, draft))
    row = await _taken(tx, medicine, at, now, draft, id or new_id())
    await _told(tx, row, "create", None)
    return shown(row, await Content.of(tx, row), medicine, now)


async def permission(tx: Tx, medicine: Medicine, at: datetime, draft: TakenDraft | None = None) -> Permission:
    """Whether what is taken as needed may be taken at an instant, after what was taken before."""
    pattern = medicine.schedule.pattern
    assert isinstance(pattern, AsNeeded)
    back = max(DAY, pattern.gap or DAY)
    rows = await queries.taken_since(tx, medicine.person_id, medicine.id, at - back)
    taken = []
    for row in rows:
        content = await Content.of(tx, row)
        assert row.answered_at is not None
        taken.append(Taken(row.answered_at, content.amount or content.planned))
    return may_take(pattern, taken, at, draft.amount if draft else None)


def window_of(row: models.Dose) -> Window:
    return Window(row.opens_at, row.at, row.on_time_at, row.closes_at)


def standing_of(row: models.Dose) -> Answer | None:
    """The answer a dose has, as far as it is kept in the clear."""
    if row.action is None or row.answered_at is None or row.told_at is None:
        return None
    return Answer(Action(row.action), row.answered_at, row.told_at, until=row.until)


def _refuse(found: Permission) -> None:
    if found.now:
        return
    if found.since is None:
        raise Incorrect("This is more than the most of a day.", field="amount")
    since = format_datetime(found.since)
    if found.why == "gap":
        raise Incorrect(
            "This is too soon after the last. It may be taken from {since}.", field="at", since=since
        )
    raise Incorrect(
        "This would be more than the most of 24 hours. It may be taken from {since}.", field="at", since=since
    )


async def _to_answer(tx: Tx, person_id: UUID, dose_id: UUID) -> tuple[Medicine, models.Dose]:
    """The dose, locked after its medicine, in the order in which ticks and changes of a schedule lock them too."""
    found = await queries.dose(tx, person_id, dose_id)
    if found is None:
        coming = await ahead(tx, person_id, dose_id)
        if coming is None:
            raise NotFound("There is no such dose, or it cannot be taken yet.")
        medicine = await _medicine(tx, person_id, coming.medicine.id)
        await make(tx, medicine, coming.zone, coming.dose, coming.last)
    else:
        medicine = await _medicine(tx, person_id, found.medicine_id)
        tx.session.expire(found)
    row = await queries.dose(tx, person_id, dose_id, lock=True)
    if row is None:
        raise NotFound("There is no such dose, or it cannot be taken yet.")
    return medicine, row


async def _medicine(tx: Tx, person_id: UUID, id: UUID) -> Medicine:
    row = await queries.medicine(tx, person_id, id, lock=True)
    if row is None:
        raise NotFound("This entry does not exist any more, or never did.")
    return await MEDICINES.shown(tx, row)


def _write(row: models.Dose, stands: Answer | None, now: datetime) -> None:
    row.action = stands.action if stands else None
    row.answered_at = stands.at if stands else None
    row.told_at = stands.told_at if stands else None
    row.until = stands.until if stands else None
    row.held = stands.held if stands else False
    row.version += 1
    _remind(row, stands, now)


def _remind(row: models.Dose, stands: Answer | None, now: datetime) -> None:
    """Where the dose stands on its ladder: off it once answered, at its foot again where it was put off."""
    if stands is not None and stands.final:
        row.call_at = None
    elif stands is not None:
        assert stands.until is not None
        row.begun_at, row.said, row.call_at = stands.until, 0, stands.until
    elif row.at > now:
        row.begun_at, row.said, row.call_at = row.at, 0, row.at
    elif now < row.closes_at:
        # Whoever takes an answer back knows of the dose: they are reminded as after the first time.
        row.begun_at, row.said, row.call_at = now, 1, now + REMINDERS[1]


def _content(before: Content, draft: AnswerDraft | None) -> Content:
    if draft is None:
        return Content(planned=before.planned)
    return Content(
        planned=before.planned,
        amount=draft.amount,
        reason=draft.reason,
        notes=draft.notes,
        side_effects=draft.side_effects,
    )


async def _undone(tx: Tx, medicine: Medicine, row: models.Dose, draft: AnswerDraft) -> Dose:
    """What was taken as needed can only be taken back: then it never was."""
    now, content = clock.now(), await Content.of(tx, row)
    if draft.action is not Action.TAKE:
        if draft.action is not Action.UNDO:
            raise Conflict("This dose was answered already. Undo that first.")
        row.version += 1
        await _told(tx, row, "delete", _plain(row, content))
        await tx.session.delete(row)
        await tx.session.flush()
    return shown(row, content, medicine, now)


async def _taken(
    tx: Tx, medicine: Medicine, at: datetime, now: datetime, draft: TakenDraft, id: UUID
) -> models.Dose:
    kept = await queries.medicine(tx, medicine.person_id, medicine.id)
    zone = zone_of(kept.zone if kept and kept.zone else "UTC")
    pattern = medicine.schedule.pattern
    assert isinstance(pattern, AsNeeded)
    content = Content(
        planned=pattern.amount, amount=draft.amount, notes=draft.notes, side_effects=draft.side_effects
    )
    row = models.Dose(
        person_id=medicine.person_id,
        id=id,
        medicine_id=medicine.id,
        key=f"needed {id}",
        day=wall(at, zone).date(),
        planned=None,
        at=at,
        opens_at=at,
        on_time_at=at,
        closes_at=at + timedelta(seconds=1),
        action=Action.TAKE,
        answered_at=at,
        told_at=now,
        held=False,
        begun_at=at,
        said=0,
        version=1,
        created_at=now,
        sealed=await content.sealed(tx, medicine.person_id, id),
    )
    tx.session.add(row)
    await tx.session.flush()
    return row


async def _told(tx: Tx, row: models.Dose, action: audit.Action, before: dict[str, object] | None) -> None:
    await tx.session.flush()
    await audit.changed(tx, action, row.person_id, "doses", row.id, version=row.version, before=before)
    await events.emit(tx, "doses.answered", person_id=row.person_id, id=row.id)


def _plain(row: models.Dose, content: Content) -> dict[str, object]:
    kept = {
        "medicine_id": str(row.medicine_id),
        "at": row.at.isoformat(),
        "action": row.action,
        "answered_at": row.answered_at.isoformat() if row.answered_at else None,
        "until": row.until.isoformat() if row.until else None,
    }
    return kept | content.model_dump(mode="json")
