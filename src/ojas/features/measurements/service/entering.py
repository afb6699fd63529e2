"""Entering, correcting and deleting one reading."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from ojas.features.measurements import queries, schemas
from ojas.features.measurements.rules import (
    Entry,
    Finding,
    Kind,
    Status,
    check_time,
    checked,
    doubt_about,
)
from ojas.features.measurements.rules.entry import plain
from ojas.features.measurements.rules.zones import tz_of
from ojas.features.measurements.service.bands import Judge
from ojas.features.measurements.service.lists import READINGS, kind_named
from ojas.features.measurements.service.people import somebody
from ojas.kit import audit, clock, i18n, units
from ojas.kit.db import Tx
from ojas.kit.errors import Forbidden, Incorrect
from ojas.kit.i18n.zones import todays_zone

_RECENT = 5
_BY_HAND = "by-hand"


async def enter(
    tx: Tx, person_id: UUID, draft: schemas.EntryDraft, *, id: UUID | None = None
) -> schemas.Reading:
    """Add a reading; ``id`` is for callers who must be able to say it twice.

    Raises:
        Incorrect: a fault for each field that cannot be. Doubt: it looks like a slip and is not ``confirmed``.
        Forbidden: this kind is not entered by hand, or not by this caller. Conflict: there is one with this id.
    """
    tx.access.require("measurements", person_id, write=True)
    kind = kind_named(draft.kind)
    _check_hand(tx, person_id, kind)
    measured = await _measured(tx, person_id, kind, draft)
    if not draft.confirmed:
        await _ask(tx, person_id, kind, draft, measured.unit)
    return await READINGS.create(tx, person_id, measured, id=id)


def foresee(judge: Judge, kind: Kind, draft: schemas.EntryDraft) -> Finding | None:
    """The band an entry would lie in, without entering it.

    Raises:
        Incorrect: numbers or unit that cannot be.
    """
    numbers = checked(kind, draft.numbers, code_of(draft.unit), daily_total=draft.daily_total)
    return judge.find(kind, numbers, draft.effective_at, draft.meal)


async def change(
    tx: Tx, person_id: UUID, id: UUID, draft: schemas.EntryDraft, *, if_version: int | None = None
) -> schemas.Reading:
    """Correct a reading: a new version, with what was there before in its history.

    Raises:
        Incorrect, NotFound, Stale: as in ``enter`` and Collection.change. A reading keeps its kind.
    """
    tx.access.require("measurements", person_id, write=True)
    before = await READINGS.read(tx, person_id, id)
    if before.kind != draft.kind:
        raise Incorrect("A reading keeps its kind. Delete this one and add another.", field="kind")
    kind = kind_named(draft.kind)
    measured = await _measured(tx, person_id, kind, draft)
    status = (
        Status.CORRECTED if before.status is Status.FINAL and draft.status is Status.FINAL else draft.status
    )
    kept = measured.model_copy(
        update={"status": status, "source": before.source, "source_key": before.source_key}
    )
    changed = await READINGS.change(tx, person_id, id, kept, if_version=if_version)
    if before.source_key:
        await queries.touch(tx, person_id, id)
    return changed


async def read(tx: Tx, person_id: UUID, id: UUID) -> schemas.Reading:
    """One reading.

    Raises:
        NotFound: there is none of this id, or not of this person.
    """
    return await READINGS.read(tx, person_id, id)


async def delete(tx: Tx, person_id: UUID, id: UUID, *, if_version: int | None = None) -> None:
    """Delete a reading. An imported one is remembered by its key, so that importing again does not bring it back."""
    reading = await READINGS.read(tx, person_id, id)
    await READINGS.delete(tx, person_id, id, if_version=if_version)
    if reading.source_key:
        await queries.forget(tx, person_id, reading.source_key)


async def restore(tx: Tx, person_id: UUID, id: UUID) -> schemas.Reading:
    """Undo a deletion.

    Raises:
        NotFound: nothing of this id was deleted.
    """
    reading = await READINGS.restore(tx, person_id, id)
    if reading.source_key:
        await queries.recall(tx, person_id, reading.source_key)
        await queries.touch(tx, person_id, id)
    return reading


async def history(tx: Tx, person_id: UUID, id: UUID) -> list[audit.Change]:
    """How a reading came to be as it is, newest first."""
    return await READINGS.history(tx, person_id, id)


async def _measured(tx: Tx, person_id: UUID, kind: Kind, draft: schemas.EntryDraft) -> schemas.Measured:
    person = await somebody(tx, person_id)
    check_time(draft.effective_at, draft.effective_end, now=clock.now(), born=person.born)
    unit = code_of(draft.unit)
    said: dict[str, Any] = draft.model_dump(exclude={"confirmed", "unit", "zone", *schemas.PARTS})
    said |= checked(kind, draft.numbers, unit, daily_total=draft.daily_total)
    entered = {part: plain(number) for part, number in draft.numbers.items()}
    return schemas.Measured(
        **said,
        zone=zone_named(draft.zone),
        unit=unit,
        entered=entered,
        source=_BY_HAND,
    )


def code_of(unit: str) -> str:
    """The UCUM code of a unit as a caller writes it.

    Raises:
        Incorrect: nobody knows it.
    """
    if units.is_ucum(unit):
        return unit
    if (code := units.recognise(unit)) is None:
        raise Incorrect("The unit {unit} is not known.", field="unit", unit=unit)
    return code


def zone_named(zone: str | None) -> str:
    """The zone a reading happened in; by default the reader's own.

    Raises:
        Incorrect: there is none of this name.
    """
    if zone is None:
        return i18n.current().zone
    tz_of(zone)
    return todays_zone(zone)


def _check_hand(tx: Tx, person_id: UUID, kind: Kind) -> None:
    if kind.entry is Entry.DEVICE:
        raise Incorrect("This kind of reading comes from devices, not by hand.", field="kind")
    if kind.entry is Entry.CLINICIAN and tx.access.why(person_id) != "TREAT":
        raise Forbidden("This kind of reading is entered by your care team.", field="kind")


async def _ask(tx: Tx, person_id: UUID, kind: Kind, draft: schemas.EntryDraft, unit: str) -> None:
    value: Decimal | None = draft.value
    if value is None or draft.daily_total:
        return
    recent = await queries.recent_values(tx, person_id, kind.name, _RECENT)
    if doubt := doubt_about(kind, value, unit, recent):
        raise doubt
