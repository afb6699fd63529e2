"""How long does the server take for a page, for a person with five years of data, and does it grow with the years?"""

import time
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import psycopg

from bench.harness import Bench, Member, Stage, Times, call, stage
from ojas.features.demo.rules import Life, Series
from ojas.features.demo.service import story
from ojas.features.measurements import service as measurements
from ojas.features.signals import service as signals
from ojas.features.signals.schemas import Batch, SourceClass, SourceDraft
from ojas.kit import clock
from ojas.kit.db import Access

ZONE = ZoneInfo("Asia/Kolkata")
YEAR = timedelta(days=364)  # whole weeks: a day of the week stays one
TURNS = 120

PAGES = {
    "Today": "/p/{person}",
    "Trends": "/p/{person}/trends",
    "Trends, heart rate": "/p/{person}/trends/heart_rate",
    "Timeline": "/p/{person}/timeline",
    "Readings of blood pressure": "/p/{person}/readings/blood_pressure",
    "REST: fifty readings": "/api/v1/people/{person}/readings?limit=50",
    "REST: heart rate of a year by day": "/api/v1/people/{person}/signals/heart_rate/days",
}


async def run(bench: Bench) -> None:
    async with stage() as s:
        young, old = await s.member("Asha"), await s.member("Meera")
        for years, member in ((1, young), (5, old)):
            for year in range(years):
                await live(s, member, year)
        await s.work_off()
        for name, path in PAGES.items():
            mine, cost = await timed(s, old, path)
            theirs, _ = await timed(s, young, path)
            millis = mine.median * 1e3
            bench.figure(f"{name}, five years", millis, "ms", at_most=30, spread=mine.spread)
            bench.figure(f"{name}, 99 of 100 within", mine.quantile(0.99) * 1e3, "ms", at_most=100)
            bench.figure(
                f"{name}, five years against one",
                millis,
                "ms",
                reference=theirs.median * 1e3,
                ratio_at_most=1.25,
            )
            # Of a busy machine the clock on the wall tells little; these two tell the same at any hour.
            bench.figure(f"{name}, time of the service's processor", cost.median * 1e3, "ms")
            bench.figure(f"{name}, statements", await statements(s, old, path), "")
            bench.figure(f"{name}, size", await size(s, old, path), "kB", at_most=100)
        await write(bench, s, old)


async def live(s: Stage, member: Member, year: int) -> None:
    """A year of the demo household's patient, ``year`` years ago."""
    back = YEAR * year
    now = clock.now()
    life = Life(now.astimezone(ZONE).date(), ZONE)
    async with s.database.transaction(Access.of(member.person_id, account_id=member.account_id)) as tx:
        readings = [
            measurements.Incoming(
                kind=reading.kind,
                numbers={part or "value": Decimal(str(value)) for part, value in reading.values.items()},
                unit=measurements.CATALOGUE[reading.kind].parts[0].unit,
                effective_at=reading.at - back,
                zone=ZONE.key,
            )
            for reading in life.readings()
            if reading.at <= now
        ]
        await measurements.import_readings(tx, member.person_id, readings, source="bench")
        watch = SourceDraft(name="Watch", maker="Ojas", model="Bench", sort=SourceClass.WATCH)
        source_id = await signals.meet(tx, member.person_id, watch)
        for series in life.signals():
            await signals.append(tx, member.person_id, source_id, series.kind, batch(series, now, back))


def batch(series: Series, now: datetime, back: timedelta) -> Batch:
    start, end, stages = series.start, series.end, series.stages
    past = (start if end is None else end) <= now.timestamp() * 1000
    values = np.array([story.STAGE_CODES[stage] for stage in stages], float) if stages else series.values
    shift = back.total_seconds() * 1000
    return Batch(
        start[past].astype(float) - shift,
        values[past],
        None if end is None else end[past].astype(float) - shift,
    )


async def timed(s: Stage, member: Member, path: str) -> tuple[Times, Times]:
    """By the clock on the wall, and by that of this process."""
    path = path.format(person=member.person_id)
    for _ in range(10):
        status, body = await call(s.app, "GET", path, headers=member.headers)
        assert status == 200, (path, status, body[:300])
    taken, worked = [], []
    for _ in range(TURNS):
        start, begun = time.perf_counter(), time.process_time()
        await call(s.app, "GET", path, headers=member.headers)
        taken.append(time.perf_counter() - start)
        worked.append(time.process_time() - begun)
    return Times(taken), Times(worked)


async def statements(s: Stage, member: Member, path: str) -> int:
    """How many statements the driver sends for one page."""
    sent, plain = 0, psycopg.AsyncCursor.execute

    async def counted(cursor: Any, *asked: Any, **more: Any) -> Any:
        nonlocal sent
        sent += 1
        return await plain(cursor, *asked, **more)

    psycopg.AsyncCursor.execute = counted  # type: ignore[method-assign, assignment]  # counts, and hands on
    try:
        await call(s.app, "GET", path.format(person=member.person_id), headers=member.headers)
    finally:
        psycopg.AsyncCursor.execute = plain  # type: ignore[method-assign]
    return sent


async def size(s: Stage, member: Member, path: str) -> float:
    _, body = await call(s.app, "GET", path.format(person=member.person_id), headers=member.headers)
    return len(body) / 1e3


async def write(bench: Bench, s: Stage, member: Member) -> None:
    path, headers = (
        f"/api/v1/people/{member.person_id}/readings",
        {**member.headers, "content-type": "application/json"},
    )
    taken = []
    for minute in range(TURNS):
        at = clock.now() - timedelta(minutes=minute + 1)
        entry = {
            "kind": "weight",
            "effective_at": at.isoformat(),
            "unit": "kg",
            "value": 61,
            "confirmed": True,
        }
        start = time.perf_counter()
        status, body = await call(s.app, "POST", path, headers=headers, body=orjson.dumps(entry))
        taken.append(time.perf_counter() - start)
        assert status == 201, body
    times = Times(taken)
    bench.figure("Entering a reading", times.median * 1e3, "ms", at_most=30, spread=times.spread)
    bench.figure("Entering a reading, 99 of 100 within", times.quantile(0.99) * 1e3, "ms", at_most=100)
