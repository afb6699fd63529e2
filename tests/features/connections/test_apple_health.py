"""What Apple's export says, and what of it cannot be believed."""

import io
import re
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.connections.rules import (
    Categories,
    Day,
    Item,
    Owner,
    Pressure,
    Refused,
    Resource,
    Samples,
    Unreadable,
    Workout,
)
from ojas.features.connections.vendors import recognise
from ojas.features.connections.vendors.apple_health import reading, times, vendor
from ojas.features.connections.vendors.apple_health.reading import Reading
from tests.builders import apple_health as apple
from tests.builders.apple_health import BEGIN, Export, record
from tests.conftest import corpus
from tests.features.connections.conftest import Importer

PERSON = UUID(int=1)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def items(content: bytes | Export) -> list[Item]:
    raw = content if isinstance(content, bytes) else content.xml()
    return [item for batch in vendor.read(io.BytesIO(raw), PERSON, NOW) for item in batch.items]


T = TypeVar("T")


def of(kind: type[T], content: bytes | Export) -> list[T]:
    return [item for item in items(content) if isinstance(item, kind)]


def reasons(content: bytes | Export) -> list[str]:
    return [item.fault.message for item in of(Refused, content)]


def test_a_pulse_comes_with_its_time_unit_and_device() -> None:
    text = record(
        "HeartRate",
        72,
        "count/min",
        BEGIN,
        device=apple.device(0x1234),
        metadata={"HKTimeZone": "Asia/Kolkata"},
    )
    [pulse] = of(Samples, Export().add(text))
    assert (pulse.type, pulse.unit, list(pulse.value)) == ("HeartRate", "/min", [72.0])
    assert pulse.start[0] == BEGIN.timestamp() * 1000
    assert (pulse.offset[0], pulse.zones) == (330, {0: "Asia/Kolkata"})
    assert (pulse.source.model, pulse.source.hardware, pulse.source.software) == ("Watch", "Watch6,7", "10.2")


def test_the_address_of_a_device_in_memory_makes_no_second_source() -> None:
    export = Export().add(
        *(record("HeartRate", 70, "count/min", BEGIN, device=apple.device(n)) for n in range(5))
    )
    [pulse] = of(Samples, export)
    assert len(pulse) == 5
    assert "0x" not in repr(pulse.source)


def test_a_percent_of_apple_is_a_ratio() -> None:
    export = Export().add(
        record("OxygenSaturation", "0.97", "%", BEGIN), record("BodyFatPercentage", "0.304", "%", BEGIN)
    )
    values = {one.type: round(float(one.value[0]), 3) for one in of(Samples, export)}
    assert values == {"OxygenSaturation": 97.0, "BodyFatPercentage": 30.4}


def test_molar_glucose_is_known_whatever_molar_mass_is_written() -> None:
    [glucose] = of(Samples, Export().add(record("BloodGlucose", "5.5", "mmol<180.1558800000541>/L", BEGIN)))
    assert glucose.unit == "mmol/L"


def test_two_records_and_their_correlation_are_one_blood_pressure() -> None:
    [reading] = of(Pressure, Export().add(*apple.pressure(128, 79, BEGIN)))
    assert (reading.systolic, reading.diastolic, reading.at) == (128, 79, BEGIN)


def test_a_pressure_told_only_in_a_correlation_is_read_too() -> None:
    assert len(of(Pressure, Export().add(apple.pressure(128, 79, BEGIN)[2]))) == 1


def test_two_pressures_of_one_minute_stay_two() -> None:
    later = BEGIN + timedelta(seconds=60)
    export = Export().add(*apple.pressure(150, 90, BEGIN), *apple.pressure(141, 88, later))
    assert [reading.systolic for reading in of(Pressure, export)] == [150, 141]


def test_a_pressure_in_kilopascal_becomes_mmhg() -> None:
    [reading] = of(Pressure, Export().add(*apple.pressure(16, 10.5, BEGIN, unit="kPa")))
    assert (round(reading.systolic), round(reading.diastolic)) == (120, 79)


def test_half_a_pressure_is_refused_and_the_rest_stays() -> None:
    export = Export().add(apple.pressure(128, 79, BEGIN)[0], record("StepCount", 12, "count", BEGIN))
    assert reasons(export) == ["A blood pressure needs both of its numbers; the other one is missing."]
    assert len(of(Samples, export)) == 1


def test_a_night_keeps_its_stages() -> None:
    first, second = BEGIN, BEGIN + timedelta(minutes=30)
    export = Export().add(apple.stage("AsleepCore", first, second), apple.stage("Awake", second, second))
    [night] = of(Categories, export)
    assert [night.names[code] for code in night.codes] == ["SleepAnalysisAsleepCore", "SleepAnalysisAwake"]
    assert (night.end - night.start).tolist() == [1_800_000, 0]


def test_a_workout_of_ios_16_has_its_statistics_and_its_route() -> None:
    route = "/workout-routes/route_2023-01-01_7.00am.gpx"
    export = Export(routes={route: apple.gpx(BEGIN, 30)}).add(apple.workout(BEGIN, 25, 1.9, route=route))
    [walk] = of(Workout, export.zip())
    assert (walk.activity, walk.seconds, walk.zone) == ("Walking", 1500, "Asia/Kolkata")
    assert walk.distance
    assert (walk.distance.value, walk.distance.unit) == (1.9, "km")
    assert walk.energy
    assert walk.energy.unit == "kcal"
    assert walk.route is not None
    assert len(walk.route) == 30
    pulse = next(one for one in walk.statistics if one.type == "HeartRate")
    assert (pulse.average, pulse.minimum, pulse.maximum) == (112.5, 88, 131)


def test_a_workout_of_older_systems_has_its_totals_and_fixes() -> None:
    path = corpus("apple_health_fixtures") / "dogsheep_apache2/tests/export.xml"
    [run] = of(Workout, path.read_bytes())
    assert (run.activity, run.distance and run.distance.unit) == ("Running", "[mi_i]")
    assert run.route is not None
    assert run.route.latitude.tolist() == [37.7777, 37.7777]


def test_a_broken_route_is_refused_and_the_workout_stays() -> None:
    export = Export(routes={"/workout-routes/a.gpx": "<gpx><trk"})
    export.add(apple.workout(BEGIN, 25, 1.9, route="/workout-routes/a.gpx"))
    assert reasons(export.zip()) == ["Its route cannot be read."]
    assert len(of(Workout, export.zip())) == 1


def test_a_route_that_defines_entities_is_refused() -> None:
    bomb = '<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><gpx>&b;</gpx>'
    export = Export(routes={"/workout-routes/a.gpx": bomb})
    export.add(apple.workout(BEGIN, 25, 1.9, route="/workout-routes/a.gpx"))
    assert reasons(export.zip()) == ["Its route cannot be read."]


def test_days_and_the_owner_are_told() -> None:
    found = items(Export().add(apple.activity("2023-01-01")))
    day = next(item for item in found if isinstance(item, Day))
    owner = next(item for item in found if isinstance(item, Owner))
    assert (day.date, day.amounts["activeEnergyBurned"].value) == ("2023-01-01", 412.5)
    assert (owner.birth_date, owner.sex) == ("1958-04-12", "female")


def test_a_clinical_record_is_the_resource_in_its_file() -> None:
    content = b'{"resourceType": "AllergyIntolerance", "id": "a1", "patient": {"reference": "Patient/9"}}'
    element = (
        ' <ClinicalRecord type="HKClinicalTypeIdentifierAllergyRecord" identifier="a1" sourceName="Clinic"'
        ' fhirVersion="4.0.1" receivedDate="2023-01-01 08:00:00 +0530" resourceFilePath="/clinical-records/a.json"/>\n'
    )
    export = Export(files={"/clinical-records/a.json": content}).add(element)
    [found] = of(Resource, export.zip())
    assert found.content["resourceType"] == "AllergyIntolerance"
    assert found.content["patient"] == {"reference": f"Patient/{PERSON}"}
    UUID(found.content["id"])
    old = Export(files=export.files).add(element.replace("4.0.1", "1.0.2"))
    assert reasons(old.zip()) == ["It is written in FHIR {version}, which is not read; only release 4 is."]
    assert reasons(Export().add(element).zip()) == ["The file of this clinical record is not in the archive."]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("apple_health_export", "export.xml"),
        ("apple_health_export", "Exportación.xml"),
        ("ஏற்றுமதி", "ஏற்றுமதி.xml"),
    ],
)
def test_the_export_is_found_whatever_the_phone_calls_it(folder: str, name: str) -> None:
    export = Export(locale="ta_IN", files={"/export_cda.xml": b"<ClinicalDocument/>"}).add(
        record("StepCount", 5, "count", BEGIN)
    )
    content = export.zip(folder, name)
    assert recognise(io.BytesIO(content)) is vendor
    assert len(of(Samples, content)) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (record("HeartRate", "NaN", "count/min", BEGIN), "Its value is not a number."),
        (record("HeartRate", "72,5", "count/min", BEGIN), "Its value is not a number."),
        (record("HeartRate", "1_000", "count/min", BEGIN), "Its value is not a number."),
        (record("HeartRate", "1e999", "count/min", BEGIN), "Its value is not a number."),
        (record("HeartRate", None, "count/min", BEGIN), "It has no value."),
        (record("HeartRate", 70, "furlong", BEGIN), "Its unit {unit} is not known."),
        (record("HeartRate", 70, "count/min", "yesterday"), "Its time cannot be read."),
        (record("HeartRate", 70, "count/min", "2023-02-30 08:00:00 +0530"), "Its time cannot be read."),
        (record("HeartRate", 70, "count/min", "1804-02-01 08:00:00 +0530"), "It lies before the year 1900."),
        (
            record("HeartRate", 70, "count/min", BEGIN, BEGIN - timedelta(hours=1)),
            "It ends before it begins.",
        ),
        (
            record("HeartRate", 70, "count/min", NOW + timedelta(days=3)),
            "It lies in the future. The clock of the device may have been wrong.",
        ),
        (record("HKSecretTypeMood", 1, "count", BEGIN), "Records of the type {type} are not known here."),
        (
            record("", 1, "count", BEGIN).replace("HKQuantityTypeIdentifier", ""),
            "It does not say what was measured.",
        ),
    ],
)
def test_one_bad_record_is_refused_with_its_reason_and_its_neighbours_stay(text: str, reason: str) -> None:
    good = [record("HeartRate", 60 + n, "count/min", BEGIN + timedelta(minutes=n)) for n in range(3)]
    export = Export().add(good[0], good[1], text, good[2])
    assert reasons(export) == [reason]
    assert sorted(value for one in of(Samples, export) for value in one.value) == [60, 61, 62]


def test_marks_stay_with_their_rows_when_others_are_left_out() -> None:
    rows = [
        record("HeartRate", "NaN", "count/min", BEGIN),
        record(
            "HeartRate",
            61,
            "count/min",
            BEGIN,
            metadata={"HKWasUserEntered": "1", "HKTimeZone": "Asia/Kolkata"},
        ),
        record("HeartRate", 62, "count/min", BEGIN),
    ]
    [pulse] = of(Samples, Export().add(*rows))
    assert (pulse.value.tolist(), pulse.entered, pulse.zones) == ([61, 62], {0}, {0: "Asia/Kolkata"})


def test_letters_that_are_no_utf8_spoil_one_value() -> None:
    broken = (
        Export().add(record("StepCount", 7, "count", BEGIN), record("StepCount", "8?9", "count", BEGIN)).xml()
    )
    broken = broken.replace(b"8?9", b"8\xff9")
    assert reasons(broken) == ["Some of its letters are damaged."]
    assert [one.value.tolist() for one in of(Samples, broken)] == [[7.0]]


def test_a_name_with_a_damaged_letter_still_names_its_source() -> None:
    broken = Export().add(record("StepCount", 7, "count", BEGIN)).xml().replace("’s".encode(), b"\x0bs")
    assert reasons(broken) == []
    assert [one.source.name for one in of(Samples, broken)] == ["Asha\ufffds Apple Watch"]


def test_reading_goes_on_after_a_place_that_is_no_xml() -> None:
    good = record("StepCount", 7, "count", BEGIN)
    export = Export().add(good, ' <Record type="a" value="<<&"/>\n', good, good)
    [refused] = of(Refused, export)
    assert refused.fault.message.startswith("A part of the file is damaged")
    line = next(n for n, text in enumerate(export.xml().split(b"\n"), 1) if b"<<&" in text)
    assert refused.where == f"¶ {line}"
    assert sum(len(one) for one in of(Samples, export)) == 3


def test_a_file_cut_off_keeps_what_came_before() -> None:
    whole = apple.days(2).xml()
    cut = whole[: len(whole) // 2]
    assert reasons(cut)[-1].startswith("The file ends too early")
    assert len(of(Samples, cut)) > 0


def test_a_document_type_that_is_broken_does_no_harm() -> None:
    assert len(of(Samples, Export().add(record("StepCount", 7, "count", BEGIN)))) == 1


def test_a_file_that_defines_entities_is_not_opened() -> None:
    bomb = '<!DOCTYPE HealthData [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>\n'
    export = Export(document_type=bomb).add(record("StepCount", 7, "count", BEGIN))
    with pytest.raises(Unreadable, match="defines entities"):
        items(export)


def test_elements_nested_without_end_are_refused() -> None:
    with pytest.raises(Unreadable, match="nests"):
        items(Export().add("<Record>" * 100))


def test_an_element_without_end_is_given_up() -> None:
    endless = b'<HealthData locale="en"><Record type="' + b"a" * (9 * 2**20)
    with pytest.raises(Unreadable, match="larger than any export"):
        items(endless)


def test_the_clinical_copy_is_told_apart() -> None:
    content = b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"></ClinicalDocument>'
    assert recognise(io.BytesIO(content)) is vendor
    with pytest.raises(Unreadable, match="clinical copy"):
        items(content)


def test_an_entry_that_points_out_of_the_archive_is_left_out() -> None:
    export = Export(files={"/../../../../etc/cron.d/x": b"boom"}).add(record("StepCount", 7, "count", BEGIN))
    assert [item.where for item in of(Refused, export.zip())] == [
        "apple_health_export/../../../../etc/cron.d/x"
    ]
    assert len(of(Samples, export.zip())) == 1


def test_a_table_that_is_no_electrocardiogram_is_told_of_and_not_lost_silently() -> None:
    export = Export(files={"/electrocardiograms/ecg_2023-01-01.csv": b"Name,Asha"}).add(
        record("HeartRate", 70, "count/min", BEGIN)
    )
    [refused] = of(Refused, export.zip())
    assert refused.fault.message == "This table is no electrocardiogram, and no other table is known here."
    assert refused.where == "ecg_2023-01-01.csv"
    assert len(of(Samples, export.zip())) == 1


def test_the_same_file_falls_into_the_same_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ojas.features.connections.vendors.apple_health.reading.ROWS", 500)
    content = apple.days(5).zip()

    def numbers() -> list[tuple[int, int, int]]:
        read = vendor.read(io.BytesIO(content), PERSON, NOW)
        return [(batch.number, batch.done, len(batch.items)) for batch in read]

    first = numbers()
    assert len(first) > 3
    assert first == numbers()
    assert [number for number, *_ in first] == list(range(1, len(first) + 1))


def told(content: bytes, size: int = 1 << 18, rows: int = 10**6) -> list[tuple[object, ...]]:
    """Everything that is read, row by row, in an order that does not depend on how the file was cut."""
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    found = list[tuple[object, ...]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "ROWS", rows)
        for batch in Reading(None, NOW, PERSON).batches(pieces, len(content)):
            for one in batch.items:
                if isinstance(one, Samples | Categories):
                    values = (
                        one.value if isinstance(one, Samples) else [one.names[code] for code in one.codes]
                    )
                    motion = (
                        one.motion if isinstance(one, Samples) and one.motion is not None else [0] * len(one)
                    )
                    found += [
                        (one.type, one.source, *map(str, row), one.zones.get(at), at in one.entered)
                        for at, row in enumerate(
                            zip(one.start, one.end, one.offset, values, motion, strict=True)
                        )
                    ]
                else:
                    found.append((repr(one),))
    return sorted(found, key=repr)


STRANGE = Export().add(
    record("StepCount", 5, "count", BEGIN, source='A & B "<watch>" \t’'),
    record("StepCount", "7&amp;", "count", BEGIN),
    record("StepCount", 6, "count", BEGIN).replace("’", "&#8217;"),
    record(
        "HeartRate",
        70,
        "count/min",
        BEGIN,
        metadata={"HKTimeZone": "Asia/Kolkata", "a&b": 'c"d', "HKWasUserEntered": "1"},
    ),
    record("HeartRate", 71, "count/min", BEGIN, device=apple.device(77)).replace('sourceVersion="10.2" ', ""),
    record("HeartRate", 72, "count/min", BEGIN).replace(" unit", "  unit"),
    ' <Correlation type="HKCorrelationTypeIdentifierFood">\n <Record type="HKQuantityTypeIdentifierDietaryWater" '
    'sourceName="a" unit="mL" creationDate="x" startDate="y" endDate="z" value="1"/>\n </Correlation>\n',
    *apple.pressure(130, 80, BEGIN),
    apple.workout(BEGIN, 10, 1),
    "<!-- nothing -->",
    record("StepCount", 9, "count", BEGIN),
)


@pytest.mark.parametrize(
    "content", [apple.days(1, every_s=3600).xml(), STRANGE.xml()], ids=["plain", "strange"]
)
def test_batches_and_one_walk_say_the_same(content: bytes) -> None:
    """Cut anywhere, even inside a record, nothing is lost and marks stay where they were."""
    whole = told(content)
    assert len(whole) > 5
    assert told(content, size=97, rows=10) == whole
    assert told(content, size=1009, rows=3) == whole


@pytest.mark.parametrize(
    "content", [apple.days(1, every_s=3600).xml(), STRANGE.xml()], ids=["plain", "strange"]
)
def test_the_short_way_says_what_the_parser_says(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    short = told(content)
    monkeypatch.setattr(Reading, "_lane", lambda _: None)
    assert told(content) == short


@given(st.datetimes(datetime(1900, 1, 2), datetime(2999, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_a_column_of_times_is_read_as_each_time_is(naive: datetime, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    text = f"{naive:%Y-%m-%d %H:%M:%S} {sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    instants, offsets, fit = times.column([text.encode()] * 2)
    moment = times.moment_of(text)
    assert moment
    assert fit.all()
    assert instants.tolist() == [int(moment.timestamp() * 1000)] * 2
    assert offsets.tolist() == [minutes] * 2


@pytest.mark.parametrize(
    "text",
    [
        "2019-06-11 9:05:00 pm +0200",
        "२०१९-०६-११ २१:०५:०० +0200",
        "2019-06-11T21:05:00+02:00",
        "2019-06-11 19:05:00 +0000",
    ],
)
def test_times_are_read_in_the_forms_of_other_languages_and_clocks(text: str) -> None:
    instants, _, fit = times.column([text.encode()])
    assert fit.tolist() == [True]
    assert instants[0] == np.int64(datetime(2019, 6, 11, 19, 5, tzinfo=UTC).timestamp() * 1000)


def test_what_real_phones_wrote_is_read_without_refusals() -> None:
    folder = corpus("apple_health_fixtures")
    for path in [*folder.rglob("export.xml"), *folder.rglob("export.zip")]:
        assert reasons(path.read_bytes()) == [], path.name
        assert len(of(Samples, path.read_bytes())) > 0


@pytest.mark.parametrize(
    "at", ["0001-01-01 00:00:00 +1400", "2024-01-01 00:00:00 +2359", "2024-1-1 0:00:00 -16:00"]
)
async def test_a_time_that_no_calendar_or_clock_has_is_refused_and_the_rest_comes_in(
    whole: Importer, at: str
) -> None:
    weight = apple.record("BodyMass", 70, "kg", BEGIN)
    odd = re.sub(r'(startDate|endDate)="[^"]*"', rf'\1="{at}"', weight)
    assert times.moment_of(at) is None
    came = await whole(Export().add(weight).add(odd).zip())
    assert (came.state, came.taken, came.refused) == ("done", 1, 1)
