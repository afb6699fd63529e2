"""Somebody with readings, and a worker that looks when a test says so."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np

from ojas.features.alarms import service
from ojas.features.alarms.schemas import AlarmShown, AlarmWhole
from ojas.features.measurements import service as measurements
from ojas.features.measurements.schemas import EntryDraft, Reading
from ojas.features.notifications import service as notifications
from ojas.features.notifications.schemas import Notice
from ojas.features.signals import service as signals
from ojas.features.signals.schemas import Batch, SourceClass, SourceDraft
from ojas.kit import clock
from ojas.kit.db import Database
from ojas.kit.jobs import Context
from tests.features.sharing.cast import Somebody


async def look(database: Database) -> None:
    """What a worker does until nothing is due any more."""
    context = Context(database)
    for tick in (service.LOOK, service.CALL):
        while await tick.look(context):
            pass


def pressure(systolic: int, diastolic: int = 80, ago: timedelta = timedelta()) -> EntryDraft:
    at = clock.now() - ago
    values = {"systolic": Decimal(systolic), "diastolic": Decimal(diastolic)}
    return EntryDraft(kind="blood_pressure", effective_at=at, unit="mm[Hg]", confirmed=True, **values)


def single(kind: str, value: str, unit: str, ago: timedelta = timedelta(), **more: Any) -> EntryDraft:
    at = clock.now() - ago
    return EntryDraft(kind=kind, effective_at=at, unit=unit, value=Decimal(value), confirmed=True, **more)


async def enter(who: Somebody, draft: EntryDraft, whose: UUID | None = None) -> Reading:
    async with who.transaction() as tx:
        return await measurements.enter(tx, whose or who.person_id, draft)


async def open_alarms(who: Somebody, whose: UUID | None = None) -> list[AlarmShown]:
    async with who.transaction() as tx:
        return await service.open_now(tx, whose or who.person_id, {})


async def whole(who: Somebody, id: UUID, whose: UUID | None = None) -> AlarmWhole:
    async with who.transaction() as tx:
        return await service.one(tx, whose or who.person_id, id, {})


async def facts(who: Somebody, id: UUID) -> list[str]:
    """What became of an alarm, oldest first."""
    return [change.change.value for change in (await whole(who, id)).changes]


async def messages(who: Somebody) -> list[Notice]:
    """What stands in somebody's inbox, oldest first."""
    async with who.transaction() as tx:
        found, _following = await notifications.inbox(tx, who.account_id)
    return list(reversed(found))


async def imported(who: Somebody, *drafts: EntryDraft) -> None:
    """What a file brought."""
    rows = [
        measurements.Incoming(kind=d.kind, numbers=d.numbers, unit=d.unit, effective_at=d.effective_at)
        for d in drafts
    ]
    async with who.transaction() as tx:
        await measurements.import_readings(tx, who.person_id, rows, source="demo")


async def sent(
    who: Somebody, kind: str, samples: Sequence[tuple[timedelta, float]], source: str = "Watch"
) -> None:
    """What a device sent: how long ago, and how much."""
    now = clock.now()
    async with who.transaction() as tx:
        source_id = await signals.meet(tx, who.person_id, SourceDraft(name=source, sort=SourceClass.WATCH))
        start = np.array([(now - ago).timestamp() * 1000 for ago, _value in samples])
        await signals.append(
            tx,
            who.person_id,
            source_id,
            kind,
            Batch(start=start, value=np.array([v for _ago, v in samples], float)),
        )
