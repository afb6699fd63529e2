"""Taking in many readings at once: each judged by itself, each once, however often it is sent."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from ojas.features.measurements import models, queries, schemas
from ojas.features.measurements.kinds import CATALOGUE
from ojas.features.measurements.rules import check_time, checked
from ojas.features.measurements.rules.entry import plain
from ojas.features.measurements.service.entering import code_of, zone_named
from ojas.features.measurements.service.lists import READINGS
from ojas.features.measurements.service.people import Somebody, somebody
from ojas.kit import audit, clock, events
from ojas.kit.db import Tx
from ojas.kit.db.keyring import PersonKeys
from ojas.kit.errors import Fault, Incorrect
from ojas.kit.ids import new_id

_AT_ONCE = 5_000


async def import_readings(
    tx: Tx, person_id: UUID, rows: Sequence[schemas.Incoming], *, source: str
) -> schemas.Taken:
    """Keep the readings of an import; what cannot be is refused one by one, with its place in ``rows`` and the reason.

    ``source`` names the connection in a word ("apple-health", "fhir"). A row sent before is known by its ``key``, or
    else by kind, time, source and numbers: the same again changes nothing, other numbers under the same key make a new
    version, one the person has corrected stays as they left it, and one they have deleted stays deleted.
    """
    tx.access.require("measurements", person_id, write=True)
    found = schemas.Taken()
    for start in range(0, len(rows), _AT_ONCE):
        found = _sum(found, await _take(tx, person_id, rows[start : start + _AT_ONCE], source, start))
    if found.added or found.changed:
        await audit.changed(tx, "import", person_id, "readings")
        await events.emit(tx, "readings.imported", person_id=person_id)
    return found


async def _take(
    tx: Tx, person_id: UUID, rows: Sequence[schemas.Incoming], source: str, offset: int
) -> schemas.Taken:
    keys, person, now = await tx.keys(person_id), await somebody(tx, person_id), clock.now()
    kept: dict[UUID, dict[str, Any]] = {}
    refused: list[tuple[int, Fault]] = []
    for place, row in enumerate(rows, offset):
        try:
            ready = _ready(row, source, person, now)
        except Incorrect as refusal:
            refused.append((place, refusal.faults[0]))
        else:
            kept[ready["source_key"]] = ready
    doubles = len(rows) - len(refused) - len(kept)
    before = await queries.known(tx, person_id, list(kept))
    gone = await queries.removed(tx, person_id, list(kept))
    fresh = [row for key, row in kept.items() if key not in before and key not in gone]
    changed = [
        row
        for key, row in kept.items()
        if key in before and not before[key].touched and before[key].told != queries.told(row)
    ]
    for ready in fresh:
        _seal(keys, ready, new_id(), 1)
    for ready in changed:
        _seal(keys, ready, before[ready["source_key"]].id, before[ready["source_key"]].version + 1)
    added = await queries.insert(tx, person_id, fresh) if fresh else set()
    if changed:
        await _replace(tx, person_id, changed)
    known = (
        len(kept) - len(fresh) - len(changed) - len(gone - before.keys()) + doubles + len(fresh) - len(added)
    )
    return schemas.Taken(
        len(added), len(changed), known, len(gone - before.keys()), tuple(refused), tuple(kept)
    )


async def _replace(tx: Tx, person_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """A changed reading goes through its history, one by one: there are few, a source seldom corrects itself."""
    for row in rows:
        view = await _before(tx, person_id, row["id"])
        await audit.changed(
            tx, "change", person_id, "readings", row["id"], version=row["version"], before=view
        )
    await queries.replace(tx, person_id, rows)


async def _before(tx: Tx, person_id: UUID, id: UUID) -> dict[str, Any]:
    found = await READINGS.read(tx, person_id, id)
    before: dict[str, Any] = schemas.Measured.model_validate(
        {name: getattr(found, name) for name in schemas.Measured.model_fields}
    ).model_dump(mode="json")
    return before


def _ready(row: schemas.Incoming, source: str, person: Somebody, now: datetime) -> dict[str, Any]:
    """The row as it is kept, but for id, version and seal."""
    kind = CATALOGUE.get(row.kind)
    if kind is None:
        raise Incorrect("This kind of reading is not known here.", field="kind")
    if row.effective_at.tzinfo is None:
        raise Incorrect("This time needs a zone, such as +05:30 or Z.", field="effective_at")
    check_time(row.effective_at, row.effective_end, now=now, born=person.born)
    unit = code_of(row.unit)
    numbers = checked(kind, row.numbers, unit, daily_total=row.daily_total)
    entered = {part: plain(number) for part, number in row.numbers.items()}
    private = {"unit": unit, "entered": entered, "device": row.device, "place": None, "notes": row.notes}
    return {
        "kind": row.kind,
        "effective_at": row.effective_at,
        "effective_end": row.effective_end,
        "zone": zone_named(row.zone),
        **{part: numbers.get(part) for part in schemas.PARTS},
        "status": row.status.value,
        "method": row.method.value,
        "position": row.position.value if row.position else None,
        "meal": row.meal.value if row.meal else None,
        "specimen": row.specimen.value if row.specimen else None,
        "daily_total": row.daily_total,
        "source": source,
        "source_key": _key(row, source, entered, unit),
        "created_at": now,
        "updated_at": now,
        "sealed": orjson.dumps(private),
    }


def _key(row: schemas.Incoming, source: str, entered: dict[str, str], unit: str) -> UUID:
    """What makes an imported reading itself and no other."""
    if row.key is not None:
        told: list[object] = [source, row.kind, row.key]
    else:
        end = row.effective_end.timestamp() if row.effective_end else None
        told = [
            source,
            row.kind,
            row.effective_at.timestamp(),
            end,
            entered,
            unit,
            row.device,
            row.daily_total,
        ]
    digest = hashlib.blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
    return UUID(bytes=digest)


def _seal(keys: PersonKeys, row: dict[str, Any], id: UUID, version: int) -> None:
    row["id"], row["version"] = id, version
    row["sealed"] = keys.seal(row["sealed"], models.Reading.__tablename__, id)


def _sum(one: schemas.Taken, other: schemas.Taken) -> schemas.Taken:
    return schemas.Taken(
        one.added + other.added,
        one.changed + other.changed,
        one.known + other.known,
        one.removed + other.removed,
        one.refused + other.refused,
        one.keys + other.keys,
    )
