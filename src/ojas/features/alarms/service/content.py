"""What of alarms is sealed, and how a fact is written down."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from ojas.features.alarms import models
from ojas.features.alarms.rules import Alarm, Change, Severity
from ojas.kit.db import Tx
from ojas.kit.ids import new_id

Facts = Mapping[str, Any]


async def sealed(tx: Tx, person_id: UUID, id: UUID, facts: Facts) -> bytes:
    return await tx.seal(person_id, models.Alarm.__tablename__, id, orjson.dumps(facts, default=str))


async def facts_of(tx: Tx, row: models.Alarm) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(await tx.open(row.person_id, row.__tablename__, row.id, row.sealed))
    return found


async def note(
    tx: Tx,
    person_id: UUID,
    alarm_id: UUID,
    change: Change,
    severity: str,
    at: datetime,
    said: Facts,
    *,
    by: UUID | None = None,
) -> None:
    """Write a fact down. ``said``: what it rests on."""
    id = new_id()
    content = await tx.seal(person_id, models.AlarmChange.__tablename__, id, orjson.dumps(said, default=str))
    tx.session.add(
        models.AlarmChange(
            person_id=person_id,
            id=id,
            alarm_id=alarm_id,
            change=change,
            severity=severity,
            at=at,
            account_id=by,
            sealed=content,
        )
    )
    await tx.session.flush()


async def said_of(tx: Tx, row: models.AlarmChange) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(await tx.open(row.person_id, row.__tablename__, row.id, row.sealed))
    return found


def alarm_of(row: Any) -> Alarm:
    """A row, of the ORM or of a statement, as the rules see it."""
    return Alarm(
        Severity(row.severity),
        row.evidence_at,
        row.raised_at,
        row.begun_at,
        row.said,
        row.call_at,
        row.acknowledged_at,
        row.snoozed_until,
        row.ended_at,
    )


def write(row: models.Alarm, alarm: Alarm) -> None:
    """Only what differs is sent to the database."""
    for name in _FIELDS:
        value = getattr(alarm, name)
        if getattr(row, name) != value:
            setattr(row, name, value)


_FIELDS = (
    "severity",
    "evidence_at",
    "raised_at",
    "begun_at",
    "said",
    "call_at",
    "acknowledged_at",
    "snoozed_until",
    "ended_at",
)
