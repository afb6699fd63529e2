"""What a file brings: all that is in it, in its units and zones, once; what is refused, with its reason."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ojas.features.connections import service
from ojas.features.measurements import service as measurements
from ojas.features.signals import service as signals
from ojas.kit import clock, i18n
from ojas.kit.db import Access, Database
from ojas.kit.errors import Incorrect
from ojas.kit.objects import Objects
from tests.builders import apple_health as apple
from tests.builders.apple_health import BEGIN, Export, record
from tests.conftest import newcomer
from tests.features.connections.conftest import Importer, content_of, sent
from tests.features.sharing.cast import agreed


async def test_an_apple_export_comes_in_whole(whole: Importer, database: Database, person_id: UUID) -> None:
    ended = await whole(apple.days(3).zip())
    assert (ended.state, ended.vendor, ended.problem) == ("done", "apple_health", None)
    [rings] = ended.reasons
    assert (rings.message[:16], rings.count, ended.refused) == ("The rings of a d", 3, 3)
    assert ended.counts["heart_rate"] == 3 * 288
    assert ended.counts["blood_pressure"] == 3
    assert ended.counts["sleep"] == 21
    assert ended.progress.percent == 100
    async with database.transaction(Access.of(person_id)) as tx:
        kinds = {one.kind: one for one in await signals.overview(tx, person_id)}
    assert kinds["heart_rate"].samples == 3 * 288
    assert len(kinds["steps"].streams) == 2


async def test_values_arrive_in_the_units_of_their_kinds(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    export = Export().add(
        record("DistanceWalkingRunning", "0.5", "mi", BEGIN, BEGIN + timedelta(minutes=9)),
        record("BodyMass", "154.3", "lb", BEGIN),
        record("BodyFatPercentage", "0.304", "%", BEGIN),
        record("BodyMassIndex", "24.5", "count", BEGIN),
        record("BodyTemperature", "98.6", "degF", BEGIN, metadata={"HKWasUserEntered": "1"}),
    )
    ended = await whole(export.zip())
    assert ended.refused == 0, ended.reasons
    async with database.transaction(Access.of(person_id)) as tx:
        page = await measurements.READINGS.page(tx, person_id)
        [walked] = await signals.parts(tx, person_id, "distance", *_day(BEGIN))
    kept = {one.kind: (round(float(one.value or 0), 2), one.method.value) for one in page.items}
    assert kept == {
        "weight": (69.99, "device"),
        "body_fat": (30.4, "device"),
        "bmi": (24.5, "device"),
        "temperature": (37.0, "manual"),
    }
    assert walked.value.tolist() == [80467]


async def test_a_workout_comes_with_its_route(whole: Importer, database: Database, person_id: UUID) -> None:
    route = "/workout-routes/route_1.gpx"
    export = Export(routes={route: apple.gpx(BEGIN, 40)}).add(apple.workout(BEGIN, 25, 1.9, route=route))
    await agreed(database, person_id)
    assert (await whole(export.zip())).counts == {"workout": 1}
    async with database.transaction(Access.of(person_id)) as tx:
        [walk] = (await signals.SESSIONS.page(tx, person_id)).items
        points = await signals.route(tx, person_id, walk.id)
    assert (walk.activity, walk.distance_m, walk.active_s, walk.heart_rate_max) == (
        "walking",
        1900,
        1500,
        131,
    )
    assert len(points) == 40


async def test_a_workout_comes_without_its_route_until_the_person_agrees_that_places_are_kept(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    route = "/workout-routes/route_1.gpx"
    export = Export(routes={route: apple.gpx(BEGIN, 40)}).add(apple.workout(BEGIN, 25, 1.9, route=route))
    ended = await whole(export.zip())
    assert (ended.counts, ended.refused) == ({"workout": 1}, 1)
    assert [reason.message for reason in ended.reasons] == [
        "Its route is not kept: that is agreed to under Privacy, and then brought in again."
    ]
    await agreed(database, person_id)
    assert (await whole(export.zip())).refused == 0
    async with database.transaction(Access.of(person_id)) as tx:
        [walk] = (await signals.SESSIONS.page(tx, person_id)).items
        assert len(await signals.route(tx, person_id, walk.id)) == 40


async def test_a_journey_is_followed_by_the_zones_that_devices_tell(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    zones = ("Asia/Kolkata", "Asia/Kolkata", "Europe/Berlin", "Mars/Olympus", "Europe/Berlin", "Asia/Kolkata")
    nights = [BEGIN + timedelta(days=n) for n in range(len(zones))]
    export = Export().add(
        *(
            apple.stage("AsleepCore", at, at + timedelta(hours=1)).replace("Asia/Kolkata", zone)
            for at, zone in zip(nights, zones, strict=True)
        )
    )
    for _ in range(2):
        assert (await whole(export.zip())).refused == 0
        async with database.transaction(Access.of(person_id)) as tx:
            stays = await signals.zones(tx, person_id)
        assert stays[0][1] == "Asia/Kolkata"
        assert stays[1:] == [(nights[2], "Europe/Berlin"), (nights[5], "Asia/Kolkata")]


AT_LOS_ANGELES = datetime(2018, 9, 10, 20, tzinfo=UTC)


def old_sleep() -> bytes:
    at = AT_LOS_ANGELES
    told = apple.stage("AsleepCore", at, at + timedelta(hours=1)).replace(
        "Asia/Kolkata", "America/Los_Angeles"
    )
    return Export().add(told).zip()


async def days_of_steps(database: Database, person_id: UUID) -> list[tuple[date, float]]:
    today = clock.now().date()
    async with database.transaction(Access.of(person_id)) as tx:
        found = await signals.days(
            tx, person_id, "steps", today - timedelta(days=9), today + timedelta(days=1)
        )
    return [(day.day, day.value) for day in found]


async def test_an_old_sample_from_abroad_moves_no_day_of_today_and_goes_with_its_import(
    database: Database, objects: Objects, person_id: UUID, tmp_path: Path
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        await signals.live_in(tx, person_id, "Asia/Kolkata")
        home = await signals.zones(tx, person_id)
    noon = clock.now().replace(hour=1, minute=0, second=0, microsecond=0) - timedelta(days=1)
    walked = Export().add(record("StepCount", "800", "count", noon, noon + timedelta(minutes=9))).zip()
    await service.run_import(
        database, objects, person_id, await sent(database, objects, person_id, walked, tmp_path)
    )
    before = await days_of_steps(database, person_id)
    assert before == [(noon.date(), 800)]
    import_id = await sent(database, objects, person_id, old_sleep(), tmp_path)
    await service.run_import(database, objects, person_id, import_id)
    assert await days_of_steps(database, person_id) == before
    async with database.transaction(Access.of(person_id)) as tx:
        stays = await signals.zones(tx, person_id)
        assert stays[1:] == [
            (AT_LOS_ANGELES, "America/Los_Angeles"),
            (AT_LOS_ANGELES + timedelta(days=1), "Asia/Kolkata"),
        ]
        await service.take_back(tx, person_id, import_id)
    await service.run_taking_back(database, objects, person_id, import_id)
    async with database.transaction(Access.of(person_id)) as tx:
        assert await signals.zones(tx, person_id) == home


async def test_who_is_abroad_by_their_latest_data_is_abroad(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        await signals.live_in(tx, person_id, "Asia/Kolkata")
    now = clock.now().replace(microsecond=0)
    nights = [now - timedelta(days=n) for n in (4, 3, 2, 1)]
    export = Export().add(
        *(
            apple.stage("AsleepCore", at, at + timedelta(hours=1)).replace("Asia/Kolkata", "Europe/Berlin")
            for at in nights
        )
    )
    await whole(export.zip())
    async with database.transaction(Access.of(person_id)) as tx:
        assert (await signals.zones(tx, person_id))[1:] == [(nights[0], "Europe/Berlin")]


async def test_the_same_file_again_changes_nothing(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    content = apple.days(2).add(apple.workout(BEGIN, 25, 1.9)).zip()
    first = await whole(content)
    before = await content_of(database, person_id)
    again = await whole(content)
    assert again.counts == first.counts
    assert await content_of(database, person_id) == before


async def test_a_later_export_adds_only_what_is_new(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    await whole(apple.days(2).zip())
    await whole(apple.days(4).zip())
    longer = await content_of(database, person_id)
    other = await newcomer(database)
    assert longer["kinds"]["heart_rate"][0] == 4 * 288
    assert len([one for one in longer["readings"] if one[0] == "blood_pressure"]) == 4
    assert await content_of(database, other) == {"kinds": {}, "readings": [], "workouts": []}


async def test_what_cannot_be_is_refused_one_by_one_and_what_is_good_stays(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    export = Export().add(
        record("HeartRate", 70, "count/min", BEGIN),
        record("HeartRate", 900, "count/min", BEGIN + timedelta(minutes=1)),
        record("HeartRate", "NaN", "count/min", BEGIN),
        record("HeartRate", 70, "km", BEGIN),
        record("HeartRate", 70, "count/min", clock.now() + timedelta(days=400)),
        record("BodyMassIndex", 300, "count", BEGIN),
        record("BodyMass", 70, "kg", BEGIN),
        record("EnvironmentalAudioExposure", 60, "dBASPL", BEGIN),
        *apple.pressure(80, 120, BEGIN),
    )
    ended = await whole(export.zip())
    assert ended.state == "done"
    assert ended.counts == {"heart_rate": 1, "weight": 1}
    assert {reason.message for reason in ended.reasons} == {
        "The value is outside what can be measured.",
        "Its value is not a number.",
        "Its unit km does not fit what was measured.",
        "It lies in the future. The clock of the device may have been wrong.",
        "300 kg/m² is outside 7 to 150 kg/m².",
        "Records of the type EnvironmentalAudioExposure are not kept in Ojas yet.",
        "The upper number must be larger than the lower one.",
    }
    async with database.transaction(Access.of(person_id)) as tx:
        listed, following = await service.refusals(tx, person_id, ended.id)
    assert len(listed) == ended.refused == 7
    assert following is None
    assert "HeartRate · 2022-12-31 18:31:00 +0000" in {one.where for one in listed}


async def test_refusals_speak_the_readers_language(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    ended = await whole(Export().add(record("HeartRate", "NaN", "count/min", BEGIN)).zip())
    async with database.transaction(Access.of(person_id)) as tx:
        with i18n.use(i18n.Manner(language="hi")):
            shown = await service.read(tx, person_id, ended.id)
    assert shown.reasons[0].message == i18n.words.catalogue("hi")["Its value is not a number."]


async def test_many_refusals_are_counted_and_a_thousand_are_listed(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    bad = (record("HeartRate", "NaN", "count/min", BEGIN + timedelta(seconds=n)) for n in range(1_500))
    ended = await whole(Export().add(*bad).zip())
    assert (ended.refused, ended.reasons[0].count) == (1_500, 1_500)
    async with database.transaction(Access.of(person_id)) as tx:
        first, following = await service.refusals(tx, person_id, ended.id, limit=600)
        assert following is not None
        rest, end = await service.refusals(tx, person_id, ended.id, limit=600, after=following)
    assert (len(first), len(rest), end) == (600, 400, None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"hello", "This is no file that can be read here. Send an Apple Health export or a FHIR R4 file."),
        (
            b"\x89PNG\r\n" + bytes(900),
            "This is no file that can be read here. Send an Apple Health export or a FHIR R4 file.",
        ),
        (
            apple.days(1).zip()[:2000],
            "The archive is damaged or was cut off on its way. Export it again and send the whole file.",
        ),
        (
            Export(document_type='<!DOCTYPE HealthData [<!ENTITY a "b">]>').zip(),
            "The file defines entities, which a health export never does. It may be a trap, and was not opened.",
        ),
        (b'{"resourceType": "Bundle", "entry": []}', "The file holds no FHIR resource."),
    ],
)
async def test_a_file_that_is_none_fails_with_its_reason(
    whole: Importer, content: bytes, reason: str
) -> None:
    ended = await whole(content)
    assert (ended.state, ended.problem, ended.taken) == ("failed", reason, 0)


async def test_a_file_of_nothing_is_refused_at_once(
    database: Database, objects: Objects, person_id: UUID, tmp_path: Path
) -> None:
    with pytest.raises(Incorrect, match="empty"):
        await sent(database, objects, person_id, b"", tmp_path)
    async with database.transaction(Access.of(person_id)) as tx:
        assert await service.page(tx, person_id) == ([], None)


async def test_a_file_cut_in_the_middle_keeps_what_came_before(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    xml = apple.days(2).xml()
    ended = await whole(xml[: len(xml) // 2])
    assert ended.state == "done"
    assert ended.reasons[0].message.startswith("The file ends too early")
    assert ended.counts["heart_rate"] > 200


async def test_every_kind_is_taken_in_every_unit_a_phone_may_use(whole: Importer) -> None:
    """HealthKit writes in the units of the person's settings and region."""
    told = [
        *(("BodyMass", value, unit) for value, unit in ((64, "kg"), (141, "lb"), (10.1, "st"), (64000, "g"))),
        *(("Height", value, unit) for value, unit in ((165, "cm"), (1.65, "m"), (5.4, "ft"), (65, "in"))),
        *(
            ("BloodGlucose", value, unit)
            for value, unit in ((99, "mg/dL"), (5.5, "mmol<180.1558800000541>/L"))
        ),
        *(("BodyTemperature", value, unit) for value, unit in ((36.9, "degC"), (98.4, "degF"))),
        *(("DietaryWater", value, unit) for value, unit in ((250, "mL"), (8, "fl_oz_us"), (0.25, "L"))),
        *(("WaistCircumference", value, unit) for value, unit in ((80, "cm"), (31, "in"))),
        *(("DistanceWalkingRunning", value, unit) for value, unit in ((0.2, "km"), (0.1, "mi"), (200, "m"))),
        *(("ActiveEnergyBurned", value, unit) for value, unit in ((9, "kcal"), (9, "Cal"), (40, "kJ"))),
        *(("BasalEnergyBurned", value, unit) for value, unit in ((9, "kcal"), (40, "kJ"))),
        *(("HeartRate", value, unit) for value, unit in ((70, "count/min"), (1.2, "count/s"))),
        ("BodyMassIndex", 24, "count"),
        ("BodyFatPercentage", 0.3, "%"),
        ("LeanBodyMass", 44, "kg"),
        ("RestingHeartRate", 61, "count/min"),
        ("RespiratoryRate", 15, "count/min"),
        ("OxygenSaturation", 0.97, "%"),
        ("HeartRateVariabilitySDNN", 44.5, "ms"),
        ("VO2Max", 31.5, "mL/min·kg"),
        ("SixMinuteWalkTestDistance", 480, "m"),
        ("StepCount", 120, "count"),
        ("FlightsClimbed", 2, "count"),
        ("DistanceCycling", 0.9, "km"),
        ("DistanceSwimming", 50, "m"),
        ("AppleExerciseTime", 5, "min"),
        ("AppleStandTime", 5, "min"),
        ("AppleSleepingWristTemperature", 34.8, "degC"),
    ]
    export = Export()
    for number, (kind, value, unit) in enumerate(told):
        at = BEGIN + timedelta(hours=number)
        export.add(record(kind, value, unit, at, at + timedelta(minutes=5)))
    ended = await whole(export.zip())
    assert ended.refused == 0, ended.reasons
    assert ended.taken == len(told)


def _day(at: Any) -> tuple[int, int]:
    start = int(at.timestamp() * 1000)
    return start, start + 86_400_000
