"""The store of signals, on the real database."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
import time_machine
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from tests.conftest import newcomer, work_off
from tests.features.sharing.cast import agreed

from ojas.features.sharing import service as sharing
from ojas.features.sharing.rules import Processing
from ojas.features.signals import jobs, queries, service
from ojas.features.signals.rules import DAY, HOUR, KINDS, MINUTE, STAGES, Samples, Stage, encode, milliseconds
from ojas.features.signals.schemas import Batch, Point, Reason, SessionDraft, SourceClass, SourceDraft
from ojas.kit import i18n
from ojas.kit.crypto import Unreadable
from ojas.kit.db import Access, Database, Tx, unenforced
from ojas.kit.errors import Forbidden, Incorrect, NotFound, TooLarge
from ojas.kit.jobs import Context

WATCH = SourceDraft(name="Watch", maker="Polar", model="Vantage", sort=SourceClass.WATCH)
PHONE = SourceDraft(name="Phone", sort=SourceClass.PHONE)
T0 = milliseconds(datetime(2026, 3, 1, tzinfo=UTC))
MARCH = (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
HEART, STEPS = KINDS["heart_rate"], KINDS["steps"]


def beats(start: int, n: int, every: int = 1000, value: float = 70) -> Batch:
    return Batch(start + np.arange(n) * float(every), np.full(n, float(value)))


def walked(*told: tuple[int, int]) -> Batch:
    start = np.array([T0 + minute * MINUTE for minute, _ in told], float)
    return Batch(start, np.array([steps for _, steps in told], float), start + MINUTE)


async def send(
    database: Database, person: UUID, batch: Batch, kind: str = "heart_rate", source: SourceDraft = WATCH
):
    async with database.transaction(Access.of(person)) as tx:
        return await service.append(tx, person, await service.meet(tx, person, source), kind, batch)


async def rows(tx: Tx, person: UUID) -> list[tuple]:
    found = await tx.session.execute(
        text(
            "SELECT until - start, n, revision, profile IS NOT NULL FROM signal_chunks"
            " WHERE person_id = :p ORDER BY start"
        ),
        {"p": person},
    )
    return [tuple(row) for row in found]


async def test_what_was_sent_is_read_back(database: Database, person_id: UUID) -> None:
    outcome = await send(database, person_id, beats(T0, 100, value=71.25))
    assert (outcome.stored, outcome.known, list(outcome.refused)) == (100, 0, [])
    async with database.transaction(Access.of(person_id)) as tx:
        found = await service.read(tx, person_id, "heart_rate", T0 + 10_000, T0 + 20_000)
        assert found.samples.same(Samples.of(T0 + 10_000 + np.arange(10) * 1000, np.full(10, 7125)))


async def test_the_same_batch_again_is_known_and_writes_nothing(database: Database, person_id: UUID) -> None:
    await send(database, person_id, beats(T0, 100))
    outcome = await send(database, person_id, beats(T0, 100))
    assert (outcome.stored, outcome.known) == (0, 100)
    async with database.transaction(Access.of(person_id)) as tx:
        assert await rows(tx, person_id) == [(timedelta(days=1), 100, 1, True)]


async def test_one_bad_value_is_refused_with_its_place_and_the_rest_kept(
    database: Database, person_id: UUID
) -> None:
    outcome = await send(
        database, person_id, Batch(np.array([T0, T0 + 1, T0 + 2.0]), np.array([70, 900, 71.0]))
    )
    assert (outcome.stored, list(outcome.refused)) == (2, [(1, Reason.RANGE)])


async def test_a_late_sample_merges_into_its_day(database: Database, person_id: UUID) -> None:
    await send(database, person_id, beats(T0, 10))
    await send(database, person_id, beats(T0 + 5 * HOUR, 1))
    async with database.transaction(Access.of(person_id)) as tx:
        assert await rows(tx, person_id) == [(timedelta(days=1), 11, 2, False)]


async def test_a_day_that_goes_on_is_kept_by_the_hour_and_put_together_when_it_is_over(
    database: Database, person_id: UUID
) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 5, 30, tzinfo=UTC), tick=False):
        for hour in range(5):
            await send(database, person_id, beats(T0 + hour * HOUR, 60, MINUTE))
        await send(database, person_id, beats(T0 + 2 * HOUR + 500, 10))
    async with database.transaction(Access.of(person_id)) as tx:
        assert [row[:2] for row in await rows(tx, person_id)] == [
            (timedelta(hours=1), n) for n in (60, 60, 70, 60, 60)
        ]
        before = await service.read(tx, person_id, HEART, T0, T0 + DAY)
    stream = service.ground.stream_id(service.source_id(person_id, WATCH), HEART)
    for _ in range(2):
        async with database.transaction(Access.of(person_id)) as tx:
            await service.compact(tx, person_id, stream)
    async with database.transaction(Access.of(person_id)) as tx:
        assert [row[:2] for row in await rows(tx, person_id)] == [(timedelta(days=1), 310)]
        assert (await service.read(tx, person_id, HEART, T0, T0 + DAY)).samples.same(before.samples)


async def test_a_sample_for_yesterday_puts_yesterdays_hours_together(
    database: Database, person_id: UUID
) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 5, 30, tzinfo=UTC), tick=False):
        await send(database, person_id, beats(T0, 200, MINUTE))
    await send(database, person_id, beats(T0 + 10 * HOUR, 1))
    async with database.transaction(Access.of(person_id)) as tx:
        assert [row[:2] for row in await rows(tx, person_id)] == [(timedelta(days=1), 201)]


async def content(database: Database, person: UUID) -> list[tuple]:
    """What the chunks of a person's watch hold, their seals opened."""
    stream = service.ground.stream_id(service.source_id(person, WATCH), HEART)
    async with database.transaction(Access.of(person)) as tx:
        keys = await tx.keys(person)
        return [
            (
                r.start,
                r.until,
                r.first,
                r.last,
                r.n,
                r.low,
                r.high,
                r.total,
                encode(service.ground.opened(keys, r)),
            )
            for r in await queries.chunks_near(tx, person, stream, [MARCH])
        ]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_split_and_order_of_the_same_samples_gives_the_same_content(
    database: Database, data: st.DataObject
) -> None:
    seconds = data.draw(st.lists(st.integers(0, 3 * 86_400), min_size=1, max_size=40))
    values = data.draw(st.lists(st.integers(40, 180), min_size=len(seconds), max_size=len(seconds)))
    order = data.draw(st.permutations(range(len(seconds))))
    cut = data.draw(st.integers(0, len(seconds)))
    start, value = np.array(seconds, float) * 1000 + T0, np.array(values, float)
    whole, split = await newcomer(database), await newcomer(database)
    await send(database, whole, Batch(start, value))
    for part in (order[:cut], order[cut:], order[:3]):
        await send(database, split, Batch(start[list(part)], value[list(part)]))
    contents = [await content(database, person) for person in (whole, split)]
    assert contents[0] == contents[1]


async def test_the_same_batch_sent_four_times_at_once_is_stored_once(
    database: Database, person_id: UUID
) -> None:
    outcomes = await asyncio.gather(*(send(database, person_id, beats(T0, 5000)) for _ in range(4)))
    assert sorted(outcome.stored for outcome in outcomes) == [0, 0, 0, 5000]
    async with database.transaction(Access.of(person_id)) as tx:
        assert len((await service.read(tx, person_id, HEART, T0, T0 + DAY)).samples) == 5000


async def test_batches_that_interleave_at_once_lose_nothing(database: Database, person_id: UUID) -> None:
    """Eight writers of one stream, each every eighth second: what was acknowledged is there."""
    outcomes = await asyncio.gather(
        *(send(database, person_id, beats(T0 + turn * 1000, 500, 8000)) for turn in range(8))
    )
    assert sum(outcome.stored for outcome in outcomes) == 4000
    async with database.transaction(Access.of(person_id)) as tx:
        found = await service.read(tx, person_id, HEART, T0, T0 + DAY)
        assert np.array_equal(found.samples.start, T0 + np.arange(4000) * 1000)


async def test_what_fails_halfway_leaves_nothing(database: Database, person_id: UUID) -> None:
    with pytest.raises(RuntimeError, match="power"):
        async with database.transaction(Access.of(person_id)) as tx:
            await service.append(
                tx, person_id, await service.meet(tx, person_id, WATCH), "heart_rate", beats(T0, 10)
            )
            raise RuntimeError("power cut")
    async with database.transaction(Access.of(person_id)) as tx:
        assert await rows(tx, person_id) == []
        assert await service.overview(tx, person_id) == []


async def test_values_lie_in_the_database_as_ciphertext_bound_to_their_place(
    database: Database, person_id: UUID
) -> None:
    await send(database, person_id, beats(T0, 10))
    await send(database, person_id, beats(T0 + DAY, 10, value=90))
    async with database.transaction(Access.of(person_id)) as tx:
        await tx.session.execute(
            text(
                "UPDATE signal_chunks a SET data = b.data FROM signal_chunks b"
                " WHERE a.person_id = :p AND b.person_id = :p AND a.start < b.start"
            ),
            {"p": person_id},
        )
        with pytest.raises(Unreadable):
            await service.read(tx, person_id, HEART, T0, T0 + DAY)


async def test_a_stranger_sees_and_writes_nothing(database: Database, person_id: UUID) -> None:
    await send(database, person_id, beats(T0, 10))
    stranger = await newcomer(database)
    async with database.transaction(Access.of(stranger)) as tx:
        with pytest.raises(NotFound):
            await service.read(tx, person_id, HEART, T0, T0 + DAY)
        with unenforced():
            for table in ("sources", "streams", "chunks", "days", "stays", "sessions", "routes"):
                count = text(f"SELECT count(*) FROM signal_{table} WHERE person_id = :p")
                assert await tx.session.scalar(count, {"p": person_id}) == 0
            stream = service.ground.stream_id(service.source_id(person_id, WATCH), HEART)
            assert await queries.chunks_near(tx, person_id, stream, [MARCH]) == []


async def test_who_may_read_may_not_write(database: Database, person_id: UUID) -> None:
    await send(database, person_id, beats(T0, 10))
    reader = Access(may_read={"signals": frozenset({person_id})})
    async with database.transaction(reader) as tx:
        assert len((await service.read(tx, person_id, HEART, T0, T0 + DAY)).samples) == 10
        assert [
            day.n for day in await service.days(tx, person_id, HEART, date(2026, 2, 27), date(2026, 3, 3))
        ] == [10]
        with pytest.raises(Forbidden):
            await service.append(
                tx, person_id, service.source_id(person_id, WATCH), "heart_rate", beats(T0, 1)
            )


async def test_two_sources_are_read_as_one_and_each_by_itself(database: Database, person_id: UUID) -> None:
    await send(database, person_id, walked((0, 100), (1, 100)), "steps")
    await send(database, person_id, walked((1, 90), (7, 50)), "steps", PHONE)
    async with database.transaction(Access.of(person_id)) as tx:
        assert (await service.read(tx, person_id, "steps", T0, T0 + DAY)).amounts.sum() == 25_000
        phone = service.source_id(person_id, PHONE)
        assert (await service.read(tx, person_id, "steps", T0, T0 + DAY, phone)).amounts.sum() == 14_000


async def test_the_person_decides_whom_to_believe(database: Database, person_id: UUID) -> None:
    await send(database, person_id, walked((0, 100)), "steps")
    await send(database, person_id, walked((0, 90)), "steps", PHONE)
    phone = service.source_id(person_id, PHONE)
    async with database.transaction(Access.of(person_id)) as tx:
        assert (await service.days(tx, person_id, STEPS, date(2026, 3, 1), date(2026, 3, 1)))[0].value == 100
        await service.change_source(tx, person_id, phone, PHONE.model_copy(update={"priority": 1}))
    async with database.transaction(Access.of(person_id)) as tx:
        assert (await service.days(tx, person_id, STEPS, date(2026, 3, 1), date(2026, 3, 1)))[0].value == 90
        [steps] = await service.overview(tx, person_id)
        assert [stream.source for stream in steps.streams] == ["Phone", "Watch"]


async def test_a_source_met_again_is_the_same(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        first = await service.meet(tx, person_id, WATCH.model_copy(update={"software": "1"}))
        assert (
            await service.meet(tx, person_id, WATCH.model_copy(update={"software": "2", "name": "WATCH"}))
            == first
        )
        assert await service.meet(tx, person_id, PHONE) != first
    stranger = await newcomer(database)
    assert service.source_id(stranger, WATCH) != first


async def test_a_source_that_is_deleted_takes_its_data_with_it(database: Database, person_id: UUID) -> None:
    await send(database, person_id, walked((0, 100)), "steps")
    await send(database, person_id, walked((0, 90)), "steps", PHONE)
    async with database.transaction(Access.of(person_id)) as tx:
        await service.days(tx, person_id, STEPS, date(2026, 3, 1), date(2026, 3, 1))
        await service.delete_source(tx, person_id, service.source_id(person_id, WATCH))
    async with database.transaction(Access.of(person_id)) as tx:
        assert (await service.days(tx, person_id, STEPS, date(2026, 3, 1), date(2026, 3, 1)))[0].value == 90
        assert len(await rows(tx, person_id)) == 1


async def test_a_span_can_be_deleted_and_sent_anew(database: Database, person_id: UUID) -> None:
    await send(database, person_id, walked((0, 100), (60, 80), (120, 60)), "steps")
    async with database.transaction(Access.of(person_id)) as tx:
        assert await service.remove(tx, person_id, "steps", T0 + HOUR, T0 + 2 * HOUR) == 1
    await send(database, person_id, walked((60, 10)), "steps")
    async with database.transaction(Access.of(person_id)) as tx:
        assert (await service.days(tx, person_id, STEPS, date(2026, 3, 1), date(2026, 3, 1)))[0].value == 170
        assert await service.remove(tx, person_id, "steps", 0, T0 + DAY) == 3
        assert await rows(tx, person_id) == []


async def test_days_are_kept_and_reckoned_anew_when_something_comes_late(
    database: Database, person_id: UUID
) -> None:
    await send(database, person_id, walked((0, 100)), "steps")
    day = date(2026, 3, 1)
    for more, total in (((1, 20), 100), ((1, 25), 120), ((1, 25), 125)):
        async with database.transaction(Access.of(person_id)) as tx:
            assert [d.value for d in await service.days(tx, person_id, STEPS, day, day)] == [total]
        async with database.transaction(Access.of(person_id)) as tx:
            await service.refresh(tx, person_id)
            assert await service.refresh(tx, person_id) == 0
            assert [d.value for d in await service.days(tx, person_id, STEPS, day, day)] == [total]
        await send(database, person_id, walked(more), "steps")


async def test_the_overview_always_says_what_the_chunks_hold(database: Database, person_id: UUID) -> None:
    """However it came about: merged, repeated, put together, cut, sent anew."""
    with time_machine.travel(datetime(2026, 3, 1, 5, 30, tzinfo=UTC), tick=False):
        await send(database, person_id, beats(T0, 300, MINUTE))
        await send(database, person_id, beats(T0 + 30_000, 10, MINUTE))
        await send(database, person_id, beats(T0, 20, MINUTE, value=99))
    await send(database, person_id, beats(T0 - 3 * DAY, 5))
    stream = service.ground.stream_id(service.source_id(person_id, WATCH), HEART)
    async with database.transaction(Access.of(person_id)) as tx:
        await service.compact(tx, person_id, stream)
        assert await service.remove(tx, person_id, "heart_rate", T0 + HOUR, T0 + 2 * HOUR) == 60
    await send(database, person_id, beats(T0 + HOUR, 7))
    async with database.transaction(Access.of(person_id)) as tx:
        [kind] = await service.overview(tx, person_id)
        found = (await service.read(tx, person_id, HEART, T0 - 9 * DAY, T0 + 9 * DAY)).samples
        assert kind.samples == len(found) == 300 + 10 + 5 - 60 + 7
        assert (milliseconds(kind.first), milliseconds(kind.last)) == (found.first, found.last)
        assert await service.remove(tx, person_id, "heart_rate", 0, T0 + 9 * DAY) == len(found)
    async with database.transaction(Access.of(person_id)) as tx:
        assert await service.overview(tx, person_id) == []
        assert await service.latest(tx, person_id, HEART) is None


async def test_days_of_several_kinds_come_at_once(database: Database, person_id: UUID) -> None:
    await send(database, person_id, walked((0, 100)), "steps")
    await send(database, person_id, beats(T0, 3))
    async with database.transaction(Access.of(person_id)) as tx:
        await service.live_in(tx, person_id, "UTC")
        for _ in range(2):
            told = await service.days_of(
                tx, person_id, ["steps", HEART, "sleep"], date(2026, 2, 1), date(2026, 3, 9)
            )
            assert {name: [day.value for day in days] for name, days in told.items()} == {
                "steps": [100],
                "heart_rate": [70],
                "sleep": [],
            }


async def test_what_a_chart_draws_of_days_is_what_they_are(database: Database, person_id: UUID) -> None:
    await send(database, person_id, walked((0, 100), (26 * 60, 7)), "steps")
    await send(database, person_id, beats(T0, 300))
    kinds, month = ["steps", HEART, "sleep"], (date(2026, 3, 1), date(2026, 3, 31))
    async with database.transaction(Access.of(person_id)) as tx:
        await service.live_in(tx, person_id, "UTC")
        for look in ("reckoned", "kept"):
            amounts = await service.amounts_of(tx, person_id, kinds, *month)
            days = await service.days_of(tx, person_id, kinds, *month)
            told = {name: [(d.day, d.value, d.low, d.high) for d in found] for name, found in days.items()}
            assert amounts == told, look
            assert len(amounts["steps"]) == 2
        second = amounts["steps"][1][0]
        assert (await service.amounts_of(tx, person_id, ["steps"], second, second))["steps"] == amounts[
            "steps"
        ][1:]


async def test_days_follow_the_persons_clock(database: Database, person_id: UUID) -> None:
    await send(database, person_id, walked((18 * 60 + 29, 10), (18 * 60 + 30, 20)), "steps")
    async with database.transaction(Access.of(person_id)) as tx:
        await service.live_in(tx, person_id, "UTC")
        assert [
            d.value for d in await service.days(tx, person_id, STEPS, date(2026, 3, 1), date(2026, 3, 2))
        ] == [30]
        await service.live_in(tx, person_id, "Asia/Kolkata")
        with i18n.use(i18n.Manner(zone="America/New_York")):  # whoever reads, wherever they are
            found = await service.days(tx, person_id, STEPS, date(2026, 3, 1), date(2026, 3, 2))
        assert [(d.day.day, d.value) for d in found] == [(1, 10), (2, 20)]
        with pytest.raises(Incorrect):
            await service.live_in(tx, person_id, "Mars/Olympus")


async def test_a_journey_changes_the_days_after_it_alone(database: Database, person_id: UUID) -> None:
    await send(database, person_id, walked((18 * 60 + 30, 10), (2 * 1440 + 18 * 60 + 30, 20)), "steps")
    async with database.transaction(Access.of(person_id)) as tx:
        await service.live_in(tx, person_id, "Asia/Kolkata")
        await service.live_in(tx, person_id, "Europe/London", datetime(2026, 3, 3, tzinfo=UTC))
        found = await service.days(tx, person_id, STEPS, date(2026, 3, 1), date(2026, 3, 5))
        assert [(d.day.day, d.value) for d in found] == [(2, 10), (3, 20)]


async def test_a_night_is_one_day_whichever_days_it_was_sent_on(database: Database, person_id: UUID) -> None:
    def slept(start: int, end: int, stage: Stage) -> Batch:
        return Batch(
            np.array([T0 + start * HOUR], float),
            np.array([STAGES[stage]], float),
            np.array([T0 + end * HOUR], float),
        )

    async with database.transaction(Access.of(person_id)) as tx:
        await service.live_in(tx, person_id, "UTC")
    await send(database, person_id, slept(-1, 3, Stage.LIGHT), "sleep")
    async with database.transaction(Access.of(person_id)) as tx:
        assert [
            d.value / 3600
            for d in await service.days(tx, person_id, "sleep", date(2026, 2, 1), date(2026, 3, 9))
        ] == [4]
    await send(database, person_id, slept(3, 6, Stage.DEEP), "sleep")
    async with database.transaction(Access.of(person_id)) as tx:
        [day] = await service.days(tx, person_id, "sleep", date(2026, 2, 1), date(2026, 3, 9))
        assert (day.day, day.value / 3600) == (date(2026, 3, 1), 7)
        assert day.night is not None
        assert day.stages == {Stage.LIGHT: 4 * 3600, Stage.DEEP: 3 * 3600}


async def test_a_year_is_drawn_from_headers_a_month_from_profiles_and_a_day_from_samples(
    database: Database, person_id: UUID
) -> None:
    minutes = np.arange(40 * 1440)
    values = 60 + 20 * np.sin(minutes / 1440 * 2 * np.pi)
    await send(database, person_id, Batch(T0 + minutes * float(MINUTE), values.round()))
    async with database.transaction(Access.of(person_id)) as tx:
        year = await service.series(tx, person_id, HEART, T0, T0 + 365 * DAY, 365)
        month = await service.series(tx, person_id, HEART, T0, T0 + 30 * DAY, 720)
        hours = await service.series(tx, person_id, HEART, T0, T0 + DAY, 288)
    assert (len(year.start), year.width) == (40, DAY)
    assert (len(month.start), month.width) == (720, HOUR)
    assert (len(hours.start), hours.width) == (288, 5 * MINUTE)
    assert {s.high.max() for s in (year, month, hours)} == {80}
    assert year.value == pytest.approx([60] * 40, abs=0.5)


async def test_todays_hours_are_drawn_too(database: Database, person_id: UUID) -> None:
    with time_machine.travel(datetime(2026, 3, 2, 5, 30, tzinfo=UTC), tick=False):
        await send(database, person_id, beats(T0, 29 * 60, MINUTE))
        async with database.transaction(Access.of(person_id)) as tx:
            assert (await service.series(tx, person_id, HEART, T0, T0 + 30 * DAY, 720)).n.tolist() == [
                60
            ] * 29
            assert (await service.series(tx, person_id, HEART, T0, T0 + 300 * DAY, 300)).n.tolist() == [
                1440,
                300,
            ]


async def test_a_window_too_large_is_refused_before_it_is_opened(database: Database, person_id: UUID) -> None:
    await send(database, person_id, beats(T0, 20_000, 60_000))
    async with database.transaction(Access.of(person_id)) as tx:
        with pytest.raises(TooLarge):
            await service.read(tx, person_id, HEART, T0, T0 + 30 * DAY, most=10_000)


async def test_sessions_told_again_are_the_same_and_keep_their_route(
    database: Database, person_id: UUID
) -> None:
    draft = SessionDraft(
        kind="workout",
        started_at=datetime(2026, 3, 1, 6, tzinfo=UTC),
        ended_at=datetime(2026, 3, 1, 7, tzinfo=UTC),
        activity="walking",
    )
    points = [
        Point(draft.started_at + timedelta(seconds=s), 12.9715987 + s / 1e5, 77.5945627, 920.5)
        for s in range(100)
    ]
    await agreed(database, person_id)
    async with database.transaction(Access.of(person_id)) as tx:
        first = await service.keep_session(tx, person_id, draft)
        assert await service.keep_session(tx, person_id, draft) == first
        await service.put_route(tx, person_id, first, points)
    async with database.transaction(Access.of(person_id)) as tx:
        assert (await service.SESSIONS.read(tx, person_id, first)).version == 1
        found = await service.route(tx, person_id, first)
        assert [p.latitude for p in found] == pytest.approx([p.latitude for p in points], abs=1e-7)
        assert found[0].altitude_m == 920.5
        with pytest.raises(Incorrect):
            await service.put_route(tx, person_id, first, [Point(draft.started_at, 91, 0)])


@pytest.mark.parametrize("again", [False, True], ids=["withdrawn", "agreed anew meanwhile"])
async def test_routes_go_with_the_agreement_to_keep_them(
    app: FastAPI, database: Database, person_id: UUID, again: bool
) -> None:
    at = datetime(2026, 3, 1, 6, tzinfo=UTC)
    draft = SessionDraft(kind="workout", started_at=at, ended_at=at + timedelta(hours=1), activity="walking")
    await agreed(database, person_id)
    async with database.transaction(Access.of(person_id)) as tx:
        session_id = await service.keep_session(tx, person_id, draft)
        await service.put_route(tx, person_id, session_id, [Point(at, 12.97, 77.59)])
    async with database.transaction(Access.of(person_id)) as tx:
        await sharing.withdraw(tx, person_id, Processing.LOCATION)
    if again:
        await agreed(database, person_id)
    await work_off(app)
    async with database.transaction(Access.of(person_id)) as tx:
        assert len(await service.route(tx, person_id, session_id)) == again
        assert (await service.SESSIONS.read(tx, person_id, session_id)).activity == "walking", (
            "the walk stays"
        )


async def test_an_export_holds_every_sample(database: Database, person_id: UUID) -> None:
    await send(database, person_id, beats(T0, 3, DAY * 40, value=70.5))
    async with database.transaction(Access.of(person_id)) as tx:
        [(stream, _, kind)] = await service.streams_to_export(tx, person_id)
        told = (
            b"".join([line async for line in service.lines(tx, person_id, stream, kind)])
            .decode()
            .splitlines()
        )
    assert told[1] == "2026-03-01T00:00:00.000Z,2026-03-01T00:00:00.000Z,70.50,,"
    assert len(told) == 4


async def test_erasing_leaves_nothing(database: Database, person_id: UUID) -> None:
    await send(database, person_id, beats(T0, 3))
    async with database.transaction(Access.of(person_id)) as tx:
        await service.live_in(tx, person_id, "Asia/Kolkata")
        await service.days(tx, person_id, HEART, date(2026, 3, 1), date(2026, 3, 1))
        await service.erase(tx, person_id)
        await service.SOURCES.erase(tx, person_id)
        await service.SESSIONS.erase(tx, person_id)
        for table in ("sources", "streams", "chunks", "days", "stays", "sessions", "routes"):
            assert (
                await tx.session.scalar(
                    text(f"SELECT count(*) FROM signal_{table} WHERE person_id = :p"), {"p": person_id}
                )
                == 0
            )


async def test_days_follow_the_time_zone_the_person_chose(database: Database, person_id: UUID) -> None:
    context = Context(database)
    await jobs.move.work(context, person_id, "Asia/Kolkata")
    await jobs.move.work(context, person_id, "Asia/Kolkata")
    await jobs.move.work(context, person_id, "Europe/Berlin")
    async with database.transaction(Access.of(person_id)) as tx:
        told = await service.zones(tx, person_id)
        assert [zone for _, zone in told] == ["Asia/Kolkata", "Europe/Berlin"]
        assert told[0][0].year == 1970
    await send(database, person_id, walked((18 * 60 + 30, 10)), "steps")
    await jobs.refresh.work(context, person_id)
    async with database.transaction(Access.of(person_id)) as tx:
        assert await service.refresh(tx, person_id) == 0
        assert [
            d.day.day for d in await service.days(tx, person_id, STEPS, date(2026, 3, 1), date(2026, 3, 9))
        ] == [2]


async def test_a_new_day_has_yesterdays_hours_put_together_by_a_job(
    database: Database, person_id: UUID
) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 5, 30, tzinfo=UTC), tick=False):
        await send(database, person_id, beats(T0, 200, MINUTE))
    with time_machine.travel(datetime(2026, 3, 2, 1, 30, tzinfo=UTC), tick=False):
        await send(database, person_id, beats(T0 + DAY, 10, MINUTE))
        stream = service.ground.stream_id(service.source_id(person_id, WATCH), HEART)
        await jobs.compact.work(Context(database), person_id, stream)
        async with database.transaction(Access.of(person_id)) as tx:
            assert [row[:2] for row in await rows(tx, person_id)] == [
                (timedelta(days=1), 200),
                (timedelta(hours=1), 10),
            ]


async def test_days_of_few_samples_are_drawn_with_those_of_many(database: Database, person_id: UUID) -> None:
    await send(database, person_id, beats(T0, 1440, MINUTE))
    await send(database, person_id, beats(T0 + DAY, 24, HOUR, value=90))
    async with database.transaction(Access.of(person_id)) as tx:
        assert [row[3] for row in await rows(tx, person_id)] == [True, False]
        found = await service.series(tx, person_id, HEART, T0, T0 + 30 * DAY, 720)
    assert found.n[found.n > 0].tolist() == [60] * 24 + [1] * 24
    assert found.high[found.n > 0].tolist() == [70] * 24 + [90] * 24
