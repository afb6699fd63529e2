"""Readings as FHIR Observations, and back."""

import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import corpus

from ojas.features.measurements import fhir, service
from ojas.features.measurements.rules.zones import tz_of
from ojas.features.measurements.schemas import Reading
from ojas.features.measurements.service import Kind, Meal, Method, Position, Specimen, Status
from ojas.features.measurements.service.bands import Judge
from ojas.features.measurements.service.people import Somebody
from ojas.kit.errors import Incorrect
from ojas.kit.fhir.validation import faults
from ojas.kit.ids import new_id

PERSON = new_id()
JUDGE = Judge(Somebody(), {})
AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)

zones = st.sampled_from(["Asia/Kolkata", "America/New_York", "UTC", "+05:30", "-03:00"])
words = st.none() | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40
)


def reading(kind: Kind, numbers: dict[str, Decimal], **more: Any) -> Reading:
    fields: dict[str, Any] = {
        "kind": kind.name,
        "effective_at": AT,
        "zone": "Asia/Kolkata",
        "status": Status.FINAL,
        "method": Method.MANUAL,
        "source": "by-hand",
        "unit": kind.main.unit,
        "entered": {part: str(number) for part, number in numbers.items()},
        "id": new_id(),
        "person_id": PERSON,
        "version": 1,
        "created_at": AT,
        "updated_at": AT,
    }
    return Reading(**(fields | numbers | more))


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    kind = draw(st.sampled_from(list(service.CATALOGUE.values())))
    if kind.is_panel:
        diastolic = draw(st.decimals(20, 190, places=3))
        numbers = {"systolic": diastolic + draw(st.decimals(5, 100, places=3)), "diastolic": diastolic}
        if draw(st.booleans()):
            numbers["mean"] = diastolic + 2
    else:
        numbers = {"value": draw(st.decimals(kind.main.low, kind.main.high, places=4))}
    at = datetime(1950, 1, 1, tzinfo=UTC) + timedelta(seconds=draw(st.integers(0, 2_300_000_000)))
    return reading(
        kind,
        {part: Decimal(str(float(number))) for part, number in numbers.items()},
        effective_at=at,
        effective_end=at + timedelta(seconds=draw(st.integers(0, 10**6))) if draw(st.booleans()) else None,
        zone=draw(zones),
        status=draw(st.sampled_from(Status)),
        method=draw(st.sampled_from(Method)),
        position=draw(st.none() | st.sampled_from(Position)),
        meal=draw(st.none() | st.sampled_from(Meal)),
        specimen=draw(st.sampled_from(Specimen)) if kind.name == "blood_glucose" else None,
        daily_total=draw(st.booleans()) if kind.name in ("steps", "active_energy", "hydration") else False,
        device=draw(words),
        notes=draw(words),
    )


@given(readings())
def test_an_observation_read_back_is_the_reading(given_reading: Reading) -> None:
    sent = json.loads(json.dumps(fhir.to_fhir(given_reading, JUDGE)))
    back = fhir.from_fhir(sent)
    assert back is not None
    for name in ("kind", "effective_at", "effective_end", "status", "method", "position", "meal", "specimen"):
        assert getattr(back, name) == getattr(given_reading, name), name
    assert (back.daily_total, back.device, back.notes) == (
        given_reading.daily_total,
        given_reading.device,
        given_reading.notes,
    )
    kind = service.CATALOGUE[back.kind]
    assert dict(back.numbers) == given_reading.numbers
    assert back.unit == kind.main.unit
    offset = given_reading.effective_at.astimezone(tz_of(given_reading.zone)).utcoffset()
    assert back.zone is not None
    assert given_reading.effective_at.astimezone(tz_of(back.zone)).utcoffset() == offset


@given(readings())
def test_every_observation_is_valid_r4(given_reading: Reading) -> None:
    assert not faults(fhir.to_fhir(given_reading, JUDGE))


def test_a_blood_pressure_follows_the_vital_signs_profile() -> None:
    kind = service.CATALOGUE["blood_pressure"]
    found = fhir.to_fhir(
        reading(kind, {"systolic": Decimal(128), "diastolic": Decimal(92)}, position=Position.SITTING), JUDGE
    )
    assert found["category"][0]["coding"][0]["code"] == "vital-signs"
    assert found["code"]["coding"][0] == {"system": "http://loinc.org", "code": "85354-9"}
    assert "valueQuantity" not in found
    assert [
        (c["code"]["coding"][0]["code"], c["valueQuantity"]["value"], c["valueQuantity"]["code"])
        for c in found["component"]
    ] == [("8480-6", 128.0, "mm[Hg]"), ("8462-4", 92.0, "mm[Hg]")]
    assert found["interpretation"][0]["coding"][0]["code"] == "H"
    assert found["component"][0]["referenceRange"][0]["high"]["value"] == 120
    assert found["effectiveDateTime"] == "2026-03-01T08:00:00+05:30"


def test_oxygen_has_both_its_codes() -> None:
    found = fhir.to_fhir(reading(service.CATALOGUE["oxygen_saturation"], {"value": Decimal(97)}))
    assert {coding["code"] for coding in found["code"]["coding"]} >= {"2708-6", "59408-5"}
    assert found["valueQuantity"]["code"] == "%"


def observation(code: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "a",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": "2026-03-01T08:00:00+05:30",
        **more,
    }


def quantity(value: float, code: str | None = None, unit: str | None = None) -> dict[str, Any]:
    return {
        "valueQuantity": {"value": value, "unit": unit, "code": code, "system": "http://unitsofmeasure.org"}
    }


def test_glucose_in_millimoles_tells_its_specimen_and_meal() -> None:
    found = fhir.from_fhir(observation("14771-0", **quantity(5.5, "mmol/L")))
    assert found is not None
    assert (found.kind, found.unit, found.specimen, found.meal) == (
        "blood_glucose",
        "mmol/L",
        Specimen.SERUM,
        Meal.FASTING,
    )


def test_a_unit_written_as_people_do_is_understood() -> None:
    found = fhir.from_fhir(observation("8310-5", **quantity(98.6, "°F", "°F")))
    assert found is not None
    assert found.unit == "[degF]"


def test_a_day_without_a_time_is_a_day_of_the_persons_zone() -> None:
    found = fhir.from_fhir(
        observation("29463-7", **quantity(70, "kg")) | {"effectiveDateTime": "2026-03-01"},
        zone="Asia/Kolkata",
    )
    assert found is not None
    assert found.effective_at == datetime(2026, 2, 28, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (observation("85354-9", component=[]), "needs both"),
        (observation("8480-6", **quantity(120, "mm[Hg]")), "needs both"),
        (
            observation(
                "85354-9",
                component=[
                    {
                        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
                        **quantity(120, "mm[Hg]"),
                    },
                    {
                        "code": {"coding": [{"system": "http://loinc.org", "code": "8462-4"}]},
                        "dataAbsentReason": {"text": "cuff failed"},
                    },
                ],
            ),
            "no value",
        ),
        (observation("29463-7", dataAbsentReason={"text": "unknown"}), "no value"),
        (observation("29463-7", **quantity(70, None, "stones and pebbles")), "no unit"),
        (observation("29463-7", **quantity(70, "kg")) | {"status": "cancelled"}, "status"),
        (observation("29463-7", **quantity(70, "kg")) | {"effectiveDateTime": "2026-03"}, "month or year"),
        (observation("29463-7", **quantity(70, "kg")) | {"effectiveDateTime": None}, "when it was"),
        (observation("4548-4", valueQuantity={"value": 5, "comparator": "<", "code": "%"}), "above or below"),
    ],
)
def test_what_tells_nothing_that_could_be_kept_is_refused_with_the_reason(
    told: dict[str, Any], says: str
) -> None:
    with pytest.raises(Incorrect, match=says):
        fhir.from_fhir(told)


def test_an_observation_of_another_kind_is_left_to_others() -> None:
    assert fhir.from_fhir(observation("2951-2", **quantity(140, "mmol/L"))) is None
    assert (
        fhir.from_fhir({"resourceType": "Observation", "status": "final", "code": {"text": "mood"}}) is None
    )


def test_real_bundles_give_their_readings() -> None:
    counted: Counter[str] = Counter()
    for file in corpus("fhir_synthea_r4").rglob("*.json.gz"):
        bundle = json.loads(gzip.decompress(file.read_bytes()))
        for entry in bundle["entry"]:
            if entry["resource"]["resourceType"] == "Observation" and (
                found := fhir.from_fhir(entry["resource"])
            ):
                counted[found.kind] += 1
    assert counted["blood_pressure"] > 50
    assert counted["weight"] > 50
    assert len(counted) >= 8, counted


@pytest.mark.parametrize("folder", ["fhir_us_core_examples", "fhir_abdm_india_examples"])
def test_published_examples_are_read_or_refused_with_a_reason(folder: str) -> None:
    read, refused = 0, []
    for file in corpus(folder).rglob("*.json"):
        content = json.loads(file.read_text())
        if content.get("resourceType") == "Observation":
            read += 1
            try:
                fhir.from_fhir(content)
            except Incorrect as refusal:
                refused.append(str(refusal))
    assert read
    assert all(refused)
