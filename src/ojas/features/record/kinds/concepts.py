"""What the mappers share: the words and codes of a concept, the time of an event, the notes; and the way back."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ojas.features.record.schemas import Coding, ResultValue
from ojas.kit.errors import Incorrect
from ojas.kit.fhir import dates
from ojas.kit.fhir.elements import line, words

Resource = dict[str, Any]
Found = Mapping[str, Any]

OURS = "https://ojas.example/fhir/StructureDefinition/"
"""Where R4 has no place for what a person told us."""
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"

_NOTE = 10_000


def codings(concept: Any) -> tuple[Coding, ...]:
    if not isinstance(concept, dict):
        return ()
    return tuple(
        Coding(system=one["system"][:300], code=one["code"][:200], display=line(one.get("display")))
        for one in concept.get("coding", ())[:20]
        if "system" in one and "code" in one
    )


def concept(name: str, codes: Iterable[Coding]) -> Resource:
    """The way back of ``words`` and ``codings``."""
    coding = [one.model_dump(exclude_none=True) for one in codes]
    return ({"coding": coding} if coding else {}) | {"text": name}


def coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def code_of(concept: Any) -> str | None:
    """The first code of a concept."""
    if not isinstance(concept, dict):
        return None
    return next((one["code"] for one in concept.get("coding", ()) if "code" in one), None)


def started(resource: Found, stem: str) -> str | None:
    """When it began, of onset[x], performed[x], effective[x], …: a FHIR date; None for an age or a word."""
    period = resource.get(f"{stem}Period", {})
    found = resource.get(f"{stem}DateTime") or period.get("start") or resource.get(f"{stem}Instant")
    return str(found) if found else None


def ended(resource: Found, stem: str) -> str | None:
    found = resource.get(f"{stem}Period", {}).get("end")
    return str(found) if found else None


def moments(stem: str, start: str | None, end: str | None) -> Resource:
    """The way back: a dateTime, or a period where there is an end."""
    if end:
        return {f"{stem}Period": ({"start": start} if start else {}) | {"end": end}}
    return {f"{stem}DateTime": start} if start else {}


def instant(text: str | None) -> datetime | None:
    """The first instant a FHIR date may mean; None for a year that nobody alive has to do with."""
    try:
        found = dates.parse(text).lower if text else None
    except Incorrect:
        return None
    return found if found and 1800 < found.year < 2200 else None


def said_at(at: datetime) -> str:
    """An instant as FHIR writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def notes(resource: Found) -> str | None:
    said = [one.get("text", "") for one in resource.get("note", ())]
    return "\n\n".join(one for one in said if one)[:_NOTE] or None


def noted(text: str | None) -> Resource:
    return {"note": [{"text": text}]} if text else {}


def shown(reference: Any) -> str | None:
    """What a Reference says of itself for people."""
    return line(reference.get("display")) if isinstance(reference, dict) else None


def first(some: Any) -> Any:
    return some[0] if isinstance(some, list) and some else None


def actors(resource: Found, name: str, within: str | None = None) -> list[str]:
    """Names of the people and places in a list of references, or of objects that hold one."""
    some = resource.get(name, ())
    found = [shown(one.get(within) if within else one) for one in some if isinstance(one, dict)]
    return [one for one in found if one]


def subject(person_id: UUID) -> Resource:
    return {"reference": f"Patient/{person_id}"}


def extension(resource: Found, name: str) -> Any:
    """The value of an extension of ours."""
    for one in resource.get("extension", ()):
        if one["url"] == OURS + name:
            return next((value for key, value in one.items() if key.startswith("value")), None)
    return None


def values_of(observation: Found) -> Iterator[ResultValue]:
    """An Observation as lines of a report: its own value, and those of its components."""
    name = words(observation.get("code")) or "?"
    codes = codings(observation.get("code"))
    parts = observation.get("component", ())
    value, unit = _value_of(observation)
    if value is not None or not parts:
        flag = code_of(first(observation.get("interpretation")))
        yield ResultValue(
            name=name,
            codes=codes,
            value=value,
            unit=unit,
            range=range_of(observation),
            flag=flag[:20] if flag else None,
        )
    for part in parts:
        yield from values_of(part)


def _value_of(observation: Found) -> tuple[str | None, str | None]:
    """The value as text with the digits that were written, and its unit."""
    for key, value in observation.items():
        if key.startswith("value"):
            return _value(key.removeprefix("value"), value)
    return words(observation.get("dataAbsentReason")), None


def _value(kind: str, value: Any) -> tuple[str | None, str | None]:
    if kind == "Quantity":
        return _number(value), line(value.get("unit") or value.get("code"))
    if kind == "CodeableConcept":
        return words(value), None
    if kind == "Range":
        return _span(value), line((value.get("low") or value.get("high") or {}).get("unit"))
    if kind == "Ratio":
        return f"{_number(value.get('numerator', {}))} : {_number(value.get('denominator', {}))}", None
    if kind == "Period":
        return f"{value.get('start', '')} – {value.get('end', '')}", None
    if kind == "Boolean":
        return ("+" if value else "−"), None
    return (str(value)[:4000] if isinstance(value, str | int | float | Decimal) else None), None


def _number(quantity: Found) -> str:
    return f"{quantity.get('comparator', '')}{quantity.get('value', '')}"


def _span(some: Found) -> str | None:
    low, high = (_number(some[end]) if end in some else "" for end in ("low", "high"))
    if low and high:
        return f"{low}–{high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else None


def range_of(observation: Found) -> str | None:
    reference = first(observation.get("referenceRange"))
    return (line(reference.get("text")) or _span(reference)) if reference else None
