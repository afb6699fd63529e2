"""Procedures: R4's Procedure."""

from collections.abc import Iterator

from ojas.features.record import models
from ojas.features.record.kinds import concepts
from ojas.features.record.kinds.concepts import Found, Resource
from ojas.features.record.rules.terms import EventStatus
from ojas.features.record.schemas import Procedure, ProcedureDraft
from ojas.kit.collection import Collection
from ojas.kit.fhir import elements

TYPE = "Procedure"
LIST: Collection[models.Procedure, ProcedureDraft, Procedure] = Collection(
    name="procedures",
    row=models.Procedure,
    draft=ProcedureDraft,
    view=Procedure,
    order="performed_on",
    filters=("status", "performed_on"),
)

_STATUSES = {
    "preparation": EventStatus.PLANNED,
    "in-progress": EventStatus.UNDERWAY,
    "completed": EventStatus.DONE,
    "stopped": EventStatus.STOPPED,
    "on-hold": EventStatus.STOPPED,
    "not-done": EventStatus.NOT_DONE,
    "entered-in-error": EventStatus.MISTAKE,
    "unknown": EventStatus.UNKNOWN,
}


def draft_of(resource: Found) -> ProcedureDraft:
    reason = elements.words(concepts.first(resource.get("reasonCode"))) or concepts.shown(
        concepts.first(resource.get("reasonReference"))
    )
    return ProcedureDraft(
        name=elements.words(resource.get("code")) or TYPE,
        codes=concepts.codings(resource.get("code")),
        status=_STATUSES.get(resource.get("status", ""), EventStatus.UNKNOWN),
        performed=concepts.started(resource, "performed"),
        ended=concepts.ended(resource, "performed"),
        performer=elements.line(", ".join(concepts.actors(resource, "performer", "actor"))),
        place=concepts.shown(resource.get("location")),
        reason=elements.line(reason),
        outcome=elements.line(elements.words(resource.get("outcome"))),
        notes=concepts.notes(resource),
    )


def resources_of(view: Procedure) -> Iterator[Resource]:
    found: Resource = {
        "resourceType": TYPE,
        "id": str(view.id),
        "status": next(code for code, status in _STATUSES.items() if status == view.status),
        "code": concepts.concept(view.name, view.codes),
        "subject": concepts.subject(view.person_id),
        **concepts.moments("performed", view.performed, view.ended),
        **concepts.noted(view.notes),
    }
    given = {
        "performer": [{"actor": {"display": view.performer}}] if view.performer else None,
        "location": {"display": view.place} if view.place else None,
        "reasonCode": [{"text": view.reason}] if view.reason else None,
        "outcome": {"text": view.outcome} if view.outcome else None,
    }
    yield found | {name: value for name, value in given.items() if value}
