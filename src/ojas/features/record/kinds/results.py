"""Results: R4's DiagnosticReport, which groups the Observations that say what was found."""

from collections.abc import Iterator

from ojas.features.record import models
from ojas.features.record.kinds import concepts
from ojas.features.record.kinds.concepts import TERMINOLOGY, Found, Resource
from ojas.features.record.rules.terms import ResultStatus
from ojas.features.record.schemas import Result, ResultDraft, ResultValue
from ojas.kit.collection import Collection
from ojas.kit.fhir import elements, references

TYPE = "DiagnosticReport"
LIST: Collection[models.Result, ResultDraft, Result] = Collection(
    name="results",
    row=models.Result,
    draft=ResultDraft,
    view=Result,
    order="effective_on",
    filters=("status", "effective_on"),
)


def draft_of(resource: Found) -> ResultDraft:
    pointed = [references.parse(one["reference"]) for one in resource.get("result", ()) if "reference" in one]
    inside = {
        one.get("id"): one for one in resource.get("contained", ()) if one["resourceType"] == "Observation"
    }
    own = [
        value
        for one in pointed
        if one.kind == "contained"
        for value in concepts.values_of(inside.get(one.id, {}))
    ]
    return ResultDraft(
        name=elements.words(resource.get("code")) or TYPE,
        codes=concepts.codings(resource.get("code")),
        status=ResultStatus(resource["status"]) if "status" in resource else ResultStatus.UNKNOWN,
        category=elements.line(elements.words(concepts.first(resource.get("category")))),
        effective=concepts.started(resource, "effective"),
        issued=concepts.instant(resource.get("issued")),
        performer=elements.line(", ".join(concepts.actors(resource, "performer"))),
        values=tuple(own[:500]),
        observations=tuple(one.id for one in pointed if one.kind == "relative" and one.type == "Observation")[
            :500
        ],
        conclusion=(resource.get("conclusion") or "")[:10_000] or None,
    )


def resources_of(view: Result) -> Iterator[Resource]:
    inside = [_observation(view, number, value) for number, value in enumerate(view.values)]
    pointed = [{"reference": f"#{one['id']}"} for one in inside]
    pointed += [{"reference": f"Observation/{id}"} for id in view.observations]
    found: Resource = {
        "resourceType": TYPE,
        "id": str(view.id),
        "status": view.status.value,
        "code": concepts.concept(view.name, view.codes),
        "subject": concepts.subject(view.person_id),
        **concepts.moments("effective", view.effective, None),
    }
    given = {
        "contained": inside,
        "category": [{"text": view.category}] if view.category else None,
        "issued": concepts.said_at(view.issued) if view.issued else None,
        "performer": [{"display": view.performer}] if view.performer else None,
        "result": pointed,
        "conclusion": "\n\n".join(one for one in (view.conclusion, view.notes) if one),
    }
    yield found | {name: value for name, value in given.items() if value}


def _observation(view: Result, number: int, value: ResultValue) -> Resource:
    said = " ".join(part for part in (value.value, value.unit) if part)
    found: Resource = {
        "resourceType": "Observation",
        "id": f"v{number}",
        "status": "final",
        "code": concepts.concept(value.name, value.codes),
        "subject": concepts.subject(view.person_id),
    }
    if said:
        found["valueString"] = said
    if value.range:
        found["referenceRange"] = [{"text": value.range}]
    if value.flag:
        found["interpretation"] = [concepts.coded(TERMINOLOGY + "v3-ObservationInterpretation", value.flag)]
    return found
