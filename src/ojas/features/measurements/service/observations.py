"""Readings as FHIR R4 Observations, and back: the vital-signs profile, laboratory values, activity and scores."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ojas.features.measurements import schemas
from ojas.features.measurements.kinds import CATALOGUE, kind_of_loinc, part_of_loinc
from ojas.features.measurements.rules import (
    Category,
    Finding,
    Guideline,
    Kind,
    Level,
    Meal,
    Method,
    Part,
    Position,
    Specimen,
    Status,
)
from ojas.features.measurements.rules.zones import offset_of, tz_of
from ojas.kit import units
from ojas.kit.errors import Incorrect
from ojas.kit.fhir import dates
from ojas.kit.i18n import N_

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
KINDS = "urn:ojas:kind"
"""System of our own names, since some kinds have no LOINC code."""

_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_POSITION = "http://hl7.org/fhir/StructureDefinition/observation-bodyPosition"
_ZONE = "http://hl7.org/fhir/StructureDefinition/tz-code"
_MEAL, _METHOD = "urn:ojas:meal", "urn:ojas:method"
_SNOMED = "http://snomed.info/sct"

_POSITIONS = {Position.SITTING: "33586001", Position.STANDING: "10904000", Position.LYING: "40199007"}
_STATUSES = {
    "preliminary": Status.PRELIMINARY,
    "final": Status.FINAL,
    "amended": Status.CORRECTED,
    "corrected": Status.CORRECTED,
    "entered-in-error": Status.ENTERED_IN_ERROR,
    "unknown": Status.PRELIMINARY,
}
# Whole days have codes of their own: a day's total must not be taken for one more sample.
_OF_A_DAY = {"steps": "41950-7", "active_energy": "41979-6", "hydration": "9108-2"}
_OF_A_SAMPLE = {"hydration": "8999-5"}
_GLUCOSE = {
    Specimen.CAPILLARY: "41653-7",
    Specimen.INTERSTITIAL: "99504-3",
    Specimen.BLOOD: "2339-0",
    Specimen.SERUM: "2345-7",
}
_SPECIMENS = {code: specimen for specimen, code in _GLUCOSE.items()} | {
    "14743-9": Specimen.CAPILLARY,
    "15074-8": Specimen.BLOOD,
    "14749-6": Specimen.SERUM,
    "1558-6": Specimen.SERUM,
    "14771-0": Specimen.SERUM,
    "105272-9": Specimen.INTERSTITIAL,
}
_FASTING = {"1558-6", "14771-0"}

Resource = dict[str, Any]


def observation_of(
    reading: schemas.Reading, *, guideline: Guideline | None = None, finding: Finding | None = None
) -> Resource:
    """The reading as an Observation of R4, in canonical units, with the band's limits where a guideline is given."""
    kind = CATALOGUE[reading.kind]
    found: Resource = {
        "resourceType": "Observation",
        "id": str(reading.id),
        "meta": {"versionId": str(reading.version), "lastUpdated": reading.updated_at.isoformat()},
        "status": reading.status.value,
        "category": [{"coding": [{"system": _CATEGORY, "code": kind.category.value}]}],
        "code": {"coding": _codings(kind, reading), "text": kind.label},
        "subject": {"reference": f"Patient/{reading.person_id}"},
        **_effective(reading),
    }
    if kind.is_panel:
        found["component"] = [
            _component(part, reading.numbers[part.name], guideline)
            for part in kind.parts
            if part.name in reading.numbers
        ]
    else:
        found["valueQuantity"] = _quantity(kind.main, reading.numbers[kind.main.name])
        if ranges := _ranges(kind.main, guideline):
            found["referenceRange"] = ranges
    if finding:
        code = finding.level.interpretation
        found["interpretation"] = [{"coding": [{"system": _INTERPRETATION, "code": code}]}]
    if reading.notes:
        found["note"] = [{"text": reading.notes}]
    if reading.device:
        found["device"] = {"display": reading.device}
    if extensions := _extensions(reading):
        found["extension"] = extensions
    return found


def incoming_of(observation: Mapping[str, Any], *, zone: str | None = None) -> schemas.Incoming | None:
    """What an Observation tells, ready to be imported; None if it is of no kind of ours.

    ``zone`` is the person's, in which a day without a time is read.

    Raises:
        Incorrect: it is of one of our kinds, but says nothing that could be kept: no value, no day, half a pressure.
    """
    found = _kind_of(observation.get("code"))
    if found is None:
        return None
    kind, code = found
    status = _STATUSES.get(str(observation.get("status")))
    if status is None:
        raise Incorrect("An observation with this status has no value to keep.", field="status")
    at, end, where = _when(observation, zone)
    numbers, unit = _numbers(kind, code, observation)
    return schemas.Incoming(
        kind=kind.name,
        numbers=numbers,
        unit=unit,
        effective_at=at,
        effective_end=end,
        zone=where,
        status=status,
        method=_method(observation),
        position=_position(observation),
        meal=_meal(observation, code),
        specimen=_SPECIMENS.get(code) if kind.name == "blood_glucose" else None,
        daily_total=code in _OF_A_DAY.values(),
        device=_text((observation.get("device") or {}).get("display"), 200),
        notes=_text("\n".join(str(note.get("text", "")) for note in observation.get("note") or ()), 4000),
        key=_text(observation.get("id"), 200),
    )


def _codings(kind: Kind, reading: schemas.Reading) -> list[dict[str, str]]:
    codes = [{"system": LOINC, "code": code} for code in _loincs(kind, reading)]
    return [*codes, {"system": KINDS, "code": kind.name}]


def _loincs(kind: Kind, reading: schemas.Reading) -> tuple[str, ...]:
    if kind.is_panel:
        return kind.panel[:1]
    if kind.name == "oxygen_saturation":
        return kind.main.loinc  # US Core asks for both
    if reading.daily_total and kind.name in _OF_A_DAY:
        return (_OF_A_DAY[kind.name],)
    if kind.name == "blood_glucose":
        return (_GLUCOSE[reading.specimen or Specimen.BLOOD],)
    return (_OF_A_SAMPLE[kind.name],) if kind.name in _OF_A_SAMPLE else kind.main.loinc[:1]


def _effective(reading: schemas.Reading) -> Resource:
    zone = tz_of(reading.zone)
    start = reading.effective_at.astimezone(zone).isoformat()
    tells = {"extension": [{"url": _ZONE, "valueCode": reading.zone}]} if "/" in reading.zone else None
    if reading.effective_end is None:
        found: Resource = {"effectiveDateTime": start}
        return found | ({"_effectiveDateTime": tells} if tells else {})
    period: Resource = {"start": start, "end": reading.effective_end.astimezone(zone).isoformat()}
    return {"effectivePeriod": period | ({"_start": tells} if tells else {})}


def _quantity(part: Part, value: Decimal) -> Resource:
    return {
        "value": float(value),
        "unit": units.symbol(part.unit) or part.unit,
        "system": UCUM,
        "code": part.unit,
    }


def _component(part: Part, value: Decimal, guideline: Guideline | None) -> Resource:
    found: Resource = {
        "code": {"coding": [{"system": LOINC, "code": part.loinc[0]}]},
        "valueQuantity": _quantity(part, value),
    }
    if ranges := _ranges(part, guideline):
        found["referenceRange"] = ranges
    return found


def _ranges(part: Part, guideline: Guideline | None) -> list[Resource]:
    """What counts as in range, after whom."""
    if guideline is None:
        return []
    good = [band for band in guideline.ladders.get(part.name, ()) if band.level is Level.OK]
    if not good:
        return []
    found: Resource = {"text": f"{guideline.name} {guideline.year or ''}".strip()}
    if good[0].low is not None:
        found["low"] = _quantity(part, good[0].low)
    if good[-1].high is not None:
        found["high"] = _quantity(part, good[-1].high)
    return [found]


def _extensions(reading: schemas.Reading) -> list[Resource]:
    found: list[Resource] = [{"url": _METHOD, "valueCode": reading.method.value}]
    if reading.position:
        coding = {"system": _SNOMED, "code": _POSITIONS[reading.position], "display": reading.position.value}
        found.append({"url": _POSITION, "valueCodeableConcept": {"coding": [coding]}})
    if reading.meal:
        found.append({"url": _MEAL, "valueCode": reading.meal.value})
    return found


def _kind_of(code: Any) -> tuple[Kind, str] | None:
    """The kind a code speaks of, and the LOINC code that told."""
    known = list(_coded(code, LOINC))
    for name in _coded(code, KINDS):
        if kind := CATALOGUE.get(name):
            return kind, next((loinc for loinc in known if kind_of_loinc(loinc) is kind), "")
    for loinc in known:
        if kind := kind_of_loinc(loinc):
            return kind, loinc
    return None


def _coded(concept: Any, system: str) -> Iterable[str]:
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    for coding in codings or ():
        if isinstance(coding, Mapping) and coding.get("system") == system and coding.get("code"):
            yield str(coding["code"])


def _numbers(kind: Kind, code: str, observation: Mapping[str, Any]) -> tuple[dict[str, Decimal], str]:
    if not kind.is_panel:
        value, unit = _amount(kind.main, observation)
        return {kind.main.name: value}, unit
    if code and part_of_loinc(code):
        raise Incorrect(_HALF, field="component")
    told: dict[str, tuple[Decimal, str]] = {}
    for component in observation.get("component") or ():
        for loinc in _coded(component.get("code"), LOINC):
            name = part_of_loinc(loinc)
            part = kind.part(name) if name and kind_of_loinc(loinc) is kind else None
            if part and (part.required or "valueQuantity" in component):
                told[part.name] = _amount(part, component)
    used = {unit for _value, unit in told.values()}
    if not {part.name for part in kind.parts if part.required} <= told.keys() or len(used) != 1:
        raise Incorrect(_HALF, field="component")
    return {name: value for name, (value, _unit) in told.items()}, used.pop()


_HALF = N_("A blood pressure needs both of its numbers; the other one is missing.")


def _amount(part: Part, told: Mapping[str, Any]) -> tuple[Decimal, str]:
    if isinstance(told.get("valueInteger"), int):
        return Decimal(told["valueInteger"]), part.unit
    quantity = told.get("valueQuantity")
    if not isinstance(quantity, Mapping) or quantity.get("value") is None:
        raise Incorrect("It has no value.", field="value")
    if quantity.get("comparator"):
        raise Incorrect("Its value is only known to lie above or below a number.", field="value")
    try:
        value = Decimal(str(quantity["value"]))
    except ArithmeticError as problem:
        raise Incorrect("This is not a number.", field="value") from problem
    code, unit = quantity.get("code"), quantity.get("unit")
    if isinstance(code, str) and units.is_ucum(code):
        return value, code
    written = next((text for text in (code, unit) if isinstance(text, str) and units.recognise(text)), None)
    if written is None:
        raise Incorrect("Its value has no unit that is known.", field="unit")
    return value, units.recognise(written) or written


def _when(observation: Mapping[str, Any], zone: str | None) -> tuple[datetime, datetime | None, str | None]:
    period = observation.get("effectivePeriod") or {}
    text = observation.get("effectiveDateTime") or observation.get("effectiveInstant") or period.get("start")
    if not isinstance(text, str):
        raise Incorrect("It does not say when it was.", field="effective_at")
    moment = dates.parse(text, tz_of(zone) if zone else None)
    if moment.precision in ("year", "month"):
        raise Incorrect("It says when it was only to the month or year.", field="effective_at")
    told = observation.get("_effectiveDateTime") or period.get("_start") or {}
    named = next((e.get("valueCode") for e in told.get("extension") or () if e.get("url") == _ZONE), None)
    at = moment.lower if moment.zoned else moment.lower + timedelta(hours=14)
    where = named or (offset_of(datetime.fromisoformat(text)) if moment.precision == "second" else zone)
    end = period.get("end")
    until = dates.parse(end, tz_of(zone) if zone else None) if isinstance(end, str) else None
    return at, _end(until), where


def _end(moment: dates.Moment | None) -> datetime | None:
    if moment is None:
        return None
    return moment.lower if moment.precision == "second" else moment.upper


def _method(observation: Mapping[str, Any]) -> Method:
    if (named := _extension(observation, _METHOD)) in set(Method):
        return Method(str(named))
    categories = [code for each in observation.get("category") or () for code in _coded(each, _CATEGORY)]
    if Category.LABORATORY.value in categories:
        return Method.LABORATORY
    if Category.SURVEY.value in categories:
        return Method.SELF_REPORT
    return Method.DEVICE if observation.get("device") else Method.MANUAL


def _position(observation: Mapping[str, Any]) -> Position | None:
    codes = {code: position for position, code in _POSITIONS.items()}
    told = list(_coded(_extension(observation, _POSITION), _SNOMED))
    return next((codes[code] for code in told if code in codes), None)


def _meal(observation: Mapping[str, Any], code: str) -> Meal | None:
    named = _extension(observation, _MEAL)
    if named in set(Meal):
        return Meal(str(named))
    return Meal.FASTING if code in _FASTING else None


def _extension(observation: Mapping[str, Any], url: str) -> Any:
    for extension in observation.get("extension") or ():
        if isinstance(extension, Mapping) and extension.get("url") == url:
            return extension.get("valueCode") or extension.get("valueCodeableConcept")
    return None


def _text(text: Any, most: int) -> str | None:
    return text[:most] or None if isinstance(text, str) else None
