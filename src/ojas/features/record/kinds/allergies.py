"""Allergies and intolerances: R4's AllergyIntolerance."""

from collections.abc import Iterator

from ojas.features.record import models
from ojas.features.record.kinds import concepts
from ojas.features.record.kinds.concepts import TERMINOLOGY, Found, Resource
from ojas.features.record.rules.terms import (
    AllergyStatus,
    Category,
    Criticality,
    Kind,
    Severity,
    Verification,
)
from ojas.features.record.schemas import Allergy, AllergyDraft, Coding, Reaction
from ojas.kit import clock
from ojas.kit.collection import Collection
from ojas.kit.fhir import elements

TYPE = "AllergyIntolerance"
LIST: Collection[models.Allergy, AllergyDraft, Allergy] = Collection(
    name="allergies",
    row=models.Allergy,
    draft=AllergyDraft,
    view=Allergy,
    order="recorded_at",
    filters=("status", "recorded_at"),
)

NONE_KNOWN = Coding(system="http://snomed.info/sct", code="716186003", display="No known allergy")
"""That somebody has none is a statement; an empty list is not."""

_VERIFIED = {
    Verification.PROVISIONAL: Verification.UNCONFIRMED,
    Verification.DIFFERENTIAL: Verification.UNCONFIRMED,
}


def draft_of(resource: Found) -> AllergyDraft:
    onset = concepts.started(resource, "onset")
    verified = concepts.code_of(resource.get("verificationStatus"))
    clinical = concepts.code_of(resource.get("clinicalStatus"))
    return AllergyDraft(
        name=elements.words(resource.get("code")) or _culprit(resource) or TYPE,
        codes=concepts.codings(resource.get("code")),
        kind=Kind(resource["type"]) if "type" in resource else None,
        categories=tuple(dict.fromkeys(Category(one) for one in resource.get("category", ()) if one)),
        criticality=Criticality(resource["criticality"]) if "criticality" in resource else None,
        status=AllergyStatus(clinical or AllergyStatus.INACTIVE),
        verification=Verification(verified or Verification.UNCONFIRMED),
        reactions=tuple(_reaction(one) for one in resource.get("reaction", ())[:50]),
        onset=onset,
        last_occurred=resource.get("lastOccurrence"),
        notes=concepts.notes(resource),
        recorded_at=concepts.instant(resource.get("recordedDate")) or concepts.instant(onset) or clock.now(),
    )


def _culprit(resource: Found) -> str | None:
    return next(
        (name for one in resource.get("reaction", ()) if (name := elements.words(one.get("substance")))), None
    )


def _reaction(one: Found) -> Reaction:
    return Reaction(
        manifestations=tuple(elements.words(each) or "?" for each in one["manifestation"][:20]),
        severity=Severity(one["severity"]) if "severity" in one else None,
        on=one.get("onset"),
        notes=one.get("description"),
    )


def resources_of(view: Allergy) -> Iterator[Resource]:
    verified = _VERIFIED.get(view.verification, view.verification)
    found: Resource = {
        "resourceType": TYPE,
        "id": str(view.id),
        "verificationStatus": concepts.coded(TERMINOLOGY + "allergyintolerance-verification", verified),
        "code": concepts.concept(view.name, view.codes),
        "patient": concepts.subject(view.person_id),
        "recordedDate": concepts.said_at(view.recorded_at),
        **concepts.moments("onset", view.onset, None),
        **concepts.noted(view.notes),
    }
    if verified != Verification.MISTAKE:
        found["clinicalStatus"] = concepts.coded(TERMINOLOGY + "allergyintolerance-clinical", view.status)
    given = {
        "type": view.kind,
        "category": list(view.categories),
        "criticality": view.criticality,
        "lastOccurrence": view.last_occurred,
        "reaction": [_written(one) for one in view.reactions],
    }
    yield found | {name: value for name, value in given.items() if value}


def _written(reaction: Reaction) -> Resource:
    given = {"severity": reaction.severity, "onset": reaction.on, "description": reaction.notes}
    return {"manifestation": [{"text": one} for one in reaction.manifestations]} | {
        name: value for name, value in given.items() if value
    }
