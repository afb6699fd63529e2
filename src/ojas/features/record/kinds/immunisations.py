"""Immunisations: R4's Immunization, one dose each."""

from collections.abc import Iterator

from ojas.features.record import models
from ojas.features.record.kinds import concepts
from ojas.features.record.kinds.concepts import Found, Resource
from ojas.features.record.rules.terms import EventStatus
from ojas.features.record.schemas import Immunisation, ImmunisationDraft
from ojas.kit.collection import Collection
from ojas.kit.fhir import elements

TYPE = "Immunization"
LIST: Collection[models.Immunisation, ImmunisationDraft, Immunisation] = Collection(
    name="immunisations",
    row=models.Immunisation,
    draft=ImmunisationDraft,
    view=Immunisation,
    order="given_on",
    filters=("status", "given_on"),
)

_STATUSES = {
    "completed": EventStatus.DONE,
    "not-done": EventStatus.NOT_DONE,
    "entered-in-error": EventStatus.MISTAKE,
}

_UNKNOWN = "unknown"  # R4 wants some occurrence


def draft_of(resource: Found) -> ImmunisationDraft:
    protocol = concepts.first(resource.get("protocolApplied")) or {}
    dose = protocol.get("doseNumberPositiveInt") or protocol.get("doseNumberString")
    said = [resource.get("occurrenceString", _UNKNOWN).replace(_UNKNOWN, ""), concepts.notes(resource)]
    return ImmunisationDraft(
        name=elements.words(resource.get("vaccineCode")) or TYPE,
        codes=concepts.codings(resource.get("vaccineCode")),
        status=_STATUSES[resource["status"]],  # type: ignore[arg-type]  # three of EventStatus
        given=concepts.started(resource, "occurrence"),
        dose=elements.line(str(dose)) if dose else None,
        lot=elements.line(resource.get("lotNumber")),
        site=elements.line(elements.words(resource.get("site"))),
        performer=elements.line(", ".join(concepts.actors(resource, "performer", "actor"))),
        place=concepts.shown(resource.get("location")),
        notes="\n\n".join(one for one in said if one) or None,
    )


def resources_of(view: Immunisation) -> Iterator[Resource]:
    found: Resource = {
        "resourceType": TYPE,
        "id": str(view.id),
        "status": next(code for code, status in _STATUSES.items() if status == view.status),
        "vaccineCode": concepts.concept(view.name, view.codes),
        "patient": concepts.subject(view.person_id),
        **(concepts.moments("occurrence", view.given, None) or {"occurrenceString": _UNKNOWN}),
        **concepts.noted(view.notes),
    }
    given = {
        "lotNumber": view.lot,
        "site": {"text": view.site} if view.site else None,
        "performer": [{"actor": {"display": view.performer}}] if view.performer else None,
        "location": {"display": view.place} if view.place else None,
        "protocolApplied": [{"doseNumberString": view.dose}] if view.dose else None,
    }
    yield found | {name: value for name, value in given.items() if value}
