"""Encounters: R4's Encounter, a visit or a stay."""

from collections.abc import Iterator

from ojas.features.record import models
from ojas.features.record.kinds import concepts
from ojas.features.record.kinds.concepts import TERMINOLOGY, Found, Resource
from ojas.features.record.rules.terms import EventStatus, Setting
from ojas.features.record.schemas import Encounter, EncounterDraft
from ojas.kit.collection import Collection
from ojas.kit.fhir import elements

TYPE = "Encounter"
LIST: Collection[models.Encounter, EncounterDraft, Encounter] = Collection(
    name="encounters",
    row=models.Encounter,
    draft=EncounterDraft,
    view=Encounter,
    order="started_on",
    filters=("status", "started_on"),
)

_STATUSES = {
    "planned": EventStatus.PLANNED,
    "in-progress": EventStatus.UNDERWAY,
    "arrived": EventStatus.UNDERWAY,
    "triaged": EventStatus.UNDERWAY,
    "onleave": EventStatus.UNDERWAY,
    "finished": EventStatus.DONE,
    "cancelled": EventStatus.NOT_DONE,
    "entered-in-error": EventStatus.MISTAKE,
    "unknown": EventStatus.UNKNOWN,
}
_SETTINGS = {  # v3-ActCode
    "AMB": Setting.CLINIC,
    "IMP": Setting.HOSPITAL,
    "ACUTE": Setting.HOSPITAL,
    "NONAC": Setting.HOSPITAL,
    "OBSENC": Setting.HOSPITAL,
    "SS": Setting.HOSPITAL,
    "EMER": Setting.EMERGENCY,
    "FLD": Setting.EMERGENCY,
    "HH": Setting.HOME,
    "VR": Setting.ONLINE,
}


def draft_of(resource: Found) -> EncounterDraft:
    period = resource.get("period", {})
    kind = concepts.first(resource.get("type"))
    place = concepts.first(resource.get("location")) or {}
    reason = elements.words(concepts.first(resource.get("reasonCode"))) or concepts.shown(
        concepts.first(resource.get("reasonReference"))
    )
    return EncounterDraft(
        name=elements.words(kind) or elements.words(resource.get("serviceType")) or TYPE,
        codes=concepts.codings(kind),
        setting=_SETTINGS.get(resource.get("class", {}).get("code", ""), Setting.OTHER),
        status=_STATUSES.get(resource.get("status", ""), EventStatus.UNKNOWN),
        started=period.get("start"),
        ended=period.get("end"),
        place=concepts.shown(place.get("location")) or concepts.shown(resource.get("serviceProvider")),
        clinicians=tuple(concepts.actors(resource, "participant", "individual")[:50]),
        reason=elements.line(reason),
    )


def resources_of(view: Encounter) -> Iterator[Resource]:
    code = next((code for code, setting in _SETTINGS.items() if setting == view.setting), None)
    act: Resource = {"system": TERMINOLOGY + "v3-ActCode"} | (
        {"code": code} if code else {"display": "other"}
    )
    given = {"start": view.started, "end": view.ended}
    found: Resource = {
        "resourceType": TYPE,
        "id": str(view.id),
        "status": next(code for code, status in _status_codes() if status == view.status),
        "class": act,
        "type": [concepts.concept(view.name, view.codes)],
        "subject": concepts.subject(view.person_id),
    }
    more = {
        "period": {name: value for name, value in given.items() if value},
        "participant": [{"individual": {"display": one}} for one in view.clinicians],
        "reasonCode": [{"text": view.reason}] if view.reason else None,
        "location": [{"location": {"display": view.place}}] if view.place else None,
    }
    yield found | {name: value for name, value in more.items() if value}


def _status_codes() -> Iterator[tuple[str, EventStatus]]:
    yield from _STATUSES.items()
    yield "cancelled", EventStatus.STOPPED
