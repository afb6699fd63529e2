"""What an Appointment of R4 says is planned."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ojas.features.calendar.rules.terms import CareType, Status, Visit
from ojas.kit.errors import Incorrect
from ojas.kit.fhir import dates, references
from ojas.kit.fhir.elements import line, words

Resource = Mapping[str, Any]
TYPE = "Appointment"
UID = "urn:ietf:rfc:5545#UID"
EVENT = "https://ojas.example/fhir/StructureDefinition/calendar-event"
"""The extension that says what R4 has no element for: which occurrence it is, and once of each event the whole of it."""
CODES = "http://terminology.hl7.org/CodeSystem/v2-0276"
NONE = frozenset({"proposed", "waitlist", "entered-in-error"})
"""Nobody is expected anywhere yet, or it was a mistake."""

_OWN = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@ojas")
_STATUS = {
    "fulfilled": Status.COMPLETED,
    "cancelled": Status.CANCELLED,
    "noshow": Status.NO_SHOW,
}
_TYPE = {"FOLLOWUP": CareType.FOLLOW_UP, "EMERGENCY": CareType.EMERGENCY, "185389009": CareType.FOLLOW_UP}
"""By HL7's table 0276, and SNOMED CT's follow-up visit."""
_LENGTH = timedelta(minutes=30)
_LONGEST = timedelta(days=31)
_VIDEO = re.compile(r"\b(?:video|virtual|tele\w*)", re.IGNORECASE)
_PHONE = re.compile(r"\b(?:tele)?phone\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """One occurrence. ``event`` is the whole event as Ojas once wrote it, ``own`` its id there, ``key`` which of it this is."""

    begins: datetime
    ends: datetime
    status: Status
    title: str | None
    text: str | None
    place: str | None
    coordinates: dict[str, float] | None
    care: dict[str, Any] = field(default_factory=dict)
    own: UUID | None = None
    key: str | None = None
    event: str | None = None


def actors(resource: Resource) -> Iterator[str]:
    """Whom it refers to, as ``Type/id``."""
    for one in resource.get("participant", ()):
        if "reference" in one.get("actor", {}):
            yield one["actor"]["reference"]


def read(resource: Resource, named: Mapping[str, Resource], person_id: UUID) -> Told | None:
    """What it says, ``named`` being what it refers to. None: it plans nothing, says no time, or is of somebody else."""
    begins = _instant(resource.get("start"))
    patients = [one for one in actors(resource) if "Patient/" in one]
    foreign = patients and f"Patient/{person_id}" not in patients
    if begins is None or foreign or resource.get("status") in NONE:
        return None
    who, where = _with(resource, named), _where(resource, named)
    service = next((said for one in resource.get("serviceType", ()) if (said := words(one))), None)
    reason = next((said for one in resource.get("reasonCode", ()) if (said := words(one))), None)
    title = line(resource.get("description")) or service or reason
    kept = _kept(resource)
    return Told(
        begins=begins,
        ends=_end(resource, begins),
        status=_status(resource, person_id),
        title=title,
        text=_text(resource, None if reason == title else reason),
        place=line(", ".join(name for name, _point in where)),
        coordinates=next((point for _name, point in where if point), None),
        care=_care(resource, service) | {"provider": line(", ".join(who))},
        own=_own(resource),
        key=kept.get("occurrence"),
        event=kept.get("event"),
    )


def _end(resource: Resource, begins: datetime) -> datetime:
    """Where it says none, or one that cannot be, it takes half an hour."""
    end, minutes = _instant(resource.get("end")), resource.get("minutesDuration")
    length = end - begins if end else timedelta(minutes=int(minutes)) if minutes else _LENGTH
    return begins + (length if timedelta(0) < length <= _LONGEST else _LENGTH)


def _status(resource: Resource, person_id: UUID) -> Status:
    """Booked and accepted by the person is what they confirmed."""
    if found := _STATUS.get(resource.get("status", "")):
        return found
    me = f"Patient/{person_id}"
    agreed = any(
        one.get("actor", {}).get("reference") == me and one.get("status") == "accepted"
        for one in resource.get("participant", ())
    )
    return Status.CONFIRMED if agreed else Status.PENDING


def _text(resource: Resource, reason: str | None) -> str | None:
    said = [reason, resource.get("comment"), words(resource.get("cancelationReason"))]
    return "\n\n".join(text for text in said if text)[:8000] or None


def _care(resource: Resource, service: str | None) -> dict[str, Any]:
    codes = [one.get("code") for one in resource.get("appointmentType", {}).get("coding", ())]
    visit = Visit.IN_PERSON
    if service and (_VIDEO.search(service) or _PHONE.search(service)):
        visit = Visit.PHONE if _PHONE.search(service) else Visit.VIRTUAL
    return {
        "type": next((_TYPE[code] for code in codes if code in _TYPE), CareType.CONSULTATION),
        "visit": visit,
        "specialty": line(", ".join(filter(None, map(words, resource.get("specialty", ()))))),
        "preparation": resource.get("patientInstruction"),
    }


def _with(resource: Resource, named: Mapping[str, Resource]) -> list[str]:
    """The names of those who give care."""
    found = []
    for type_, shown, actor in _others(resource, named):
        name = shown or line(_name(actor)) or line(actor.get("practitioner", {}).get("display"))
        if name and type_ not in ("Patient", "RelatedPerson", "Device", "Location"):
            found.append(name)
    return list(dict.fromkeys(found))


def _where(resource: Resource, named: Mapping[str, Resource]) -> list[tuple[str, dict[str, float] | None]]:
    """Places, with where on earth that is, if it is told."""
    found = []
    for type_, shown, actor in _others(resource, named):
        if type_ == "Location" and (name := line(actor.get("name")) or shown):
            address = actor.get("address", {})
            parts = (
                [address.get("text")]
                if "text" in address
                else [*address.get("line", ()), address.get("city")]
            )
            found.append((", ".join(part for part in (name, *parts) if part), _point(actor.get("position"))))
    return found


def _point(position: Resource | None) -> dict[str, float] | None:
    if not position:
        return None
    point = {name: float(position.get(name, 999)) for name in ("latitude", "longitude")}
    return point if abs(point["latitude"]) <= 90 and abs(point["longitude"]) <= 180 else None


def _others(resource: Resource, named: Mapping[str, Resource]) -> Iterator[tuple[str, str | None, Resource]]:
    """Each participant: of what type, how it is called here, and the resource that it is, or an empty one."""
    inside = {f"#{one.get('id')}": one for one in resource.get("contained", ())}
    for one in resource.get("participant", ()):
        actor = one.get("actor", {})
        reference = actor.get("reference", "")
        found = inside.get(reference) or named.get(reference) or {}
        type_ = found.get("resourceType") or references.parse(reference).type or actor.get("type", "")
        yield type_, line(actor.get("display")), found


def _name(actor: Resource) -> str | None:
    """Of a person, by text or by parts; of a service, as it stands."""
    name = actor.get("name")
    if isinstance(name, str) or not name:
        return name or None
    first = name[0]
    parts = (*first.get("prefix", ()), *first.get("given", ()), first.get("family"))
    return first.get("text") or " ".join(
        filter(None, parts)
    )  # of a part that says why it is not told, nothing


def _own(resource: Resource) -> UUID | None:
    """What it was called here, where Ojas wrote it."""
    for one in resource.get("identifier", ()):
        if one.get("system") == UID and (own := _OWN.fullmatch(one.get("value", ""))):
            return UUID(own[1])
    return None


def _kept(resource: Resource) -> dict[str, str]:
    """What our extension says, by its parts."""
    for one in resource.get("extension", ()):
        if one.get("url") == EVENT:
            return {part["url"]: part.get("valueString", "") for part in one.get("extension", ())}
    return {}


def _instant(text: Any) -> datetime | None:
    try:
        found = dates.parse(text).lower if isinstance(text, str) else None
    except Incorrect:
        return None
    return found if found and 1900 < found.year < 2199 else None
