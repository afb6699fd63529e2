"""How a person's alarms leave, and end. The rules that were set do as every list does."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from ojas.features.alarms import queries
from ojas.features.alarms.schemas import AlarmWhole
from ojas.features.alarms.service.content import facts_of, said_of
from ojas.features.alarms.service.looking import one
from ojas.features.alarms.service.settings import SCOPE
from ojas.kit import audit
from ojas.kit.db import Tx

_ALL = 1_000_000


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[dict[str, Any]]:
    """Every alarm with what it rested on, and every fact about it."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "alarms", action="export")
    changes: dict[UUID, list[dict[str, Any]]] = {}
    for change in await queries.changes(tx, person_id):
        told = {
            "at": change.at.isoformat(),
            "change": change.change,
            "severity": change.severity,
            "by": str(change.account_id) if change.account_id else None,
            "said": await said_of(tx, change),
        }
        changes.setdefault(change.alarm_id, []).append(told)
    for row in reversed(await queries.alarms(tx, person_id, limit=_ALL)):
        yield {
            "id": str(row.id),
            "rule": row.rule,
            "severity": row.severity,
            "evidence_at": row.evidence_at.isoformat(),
            "raised_at": row.raised_at.isoformat(),
            "acknowledged_at": row.acknowledged_at.isoformat() if row.acknowledged_at else None,
            "snoozed_until": row.snoozed_until.isoformat() if row.snoozed_until else None,
            "ended_at": row.ended_at.isoformat() if row.ended_at else None,
            "facts": await facts_of(tx, row),
            "changes": changes.get(row.id, []),
        }


async def every(tx: Tx, person_id: UUID) -> AsyncIterator[AlarmWhole]:
    """Every alarm with all that became of it, oldest first."""
    tx.access.require(SCOPE, person_id)
    for row in reversed(await queries.alarms(tx, person_id, limit=_ALL)):
        yield await one(tx, person_id, row.id, {})


async def erase(tx: Tx, person_id: UUID) -> None:
    """Delete every alarm, every fact about one, and every look that waits."""
    tx.access.require(SCOPE, person_id, write=True)
    await queries.erase(tx, person_id)
