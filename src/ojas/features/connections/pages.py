"""The pages of connections: send a file and watch it come in; take the whole record out."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from ojas.features.connections import service
from ojas.features.connections.schemas import Share
from ojas.features.measurements import service as measurements
from ojas.features.signals.rules import KINDS
from ojas.kit import i18n
from ojas.kit.errors import Incorrect, TooLarge
from ojas.kit.http import TxOf, actor_of, house_of
from ojas.kit.http.uploads import Upload, crossing
from ojas.kit.i18n import N_, _, format_number
from ojas.kit.web import Pages, csrf, forms, page, redirect

router = Pages()

uploads = APIRouter()
"""Outside the edge: no connection to the database waits while a file arrives."""

_PER_PAGE = 20
_REFUSALS = 100

STATES = {
    "receiving": N_("Arriving"),
    "queued": N_("Waiting for its turn"),
    "running": N_("Being read"),
    "done": N_("Done"),
    "failed": N_("Failed"),
    "cancelled": N_("Stopped"),
    "taking_back": N_("Being taken back"),
    "taken_back": N_("Taken back"),
}

RESOURCES = {
    "AllergyIntolerance": N_("Allergies"),
    "Appointment": N_("Appointments"),
    "CarePlan": N_("Care plans"),
    "CareTeam": N_("Care teams"),
    "Claim": N_("Claims"),
    "Composition": N_("Summaries"),
    "Condition": N_("Conditions"),
    "Device": N_("Devices"),
    "DiagnosticReport": N_("Reports"),
    "DocumentReference": N_("Documents"),
    "Encounter": N_("Visits"),
    "ExplanationOfBenefit": N_("Insurance statements"),
    "Goal": N_("Goals"),
    "Immunization": N_("Immunisations"),
    "MedicationRequest": N_("Prescriptions"),
    "MedicationStatement": N_("Medicines"),
    "Observation": N_("Observations"),
    "Organization": N_("Organisations"),
    "Patient": N_("Your details"),
    "Practitioner": N_("Doctors and therapists"),
    "Procedure": N_("Procedures"),
    "Specimen": N_("Samples for tests"),
    "ecg": N_("Electrocardiograms"),
    "mindful": N_("Mindful minutes"),
    "reading": N_("Readings"),
    "resource": N_("Entries and documents of the record"),
    "session": N_("Workouts and other sessions"),
    "workout": N_("Workouts"),
}


@router.get("/p/{person_id}/imports")
async def imports(request: Request, tx: TxOf, person_id: UUID, cursor: UUID | None = None) -> Response:
    items, following = await service.page(tx, person_id, limit=_PER_PAGE, before=cursor)
    return page(
        request,
        "connections/imports.html",
        imports=items,
        next=following,
        states=STATES,
        space=await service.space(tx, person_id, house_of(request).settings.storage_limit),
        hints=[(_(vendor.LABEL), _(vendor.HINT)) for vendor in service.VENDORS],
        may_write=tx.access.allows(service.SCOPE, person_id, write=True),
    )


@uploads.post("/p/{person_id}/imports")
async def send(request: Request, person_id: UUID) -> Response:
    async with crossing(request) as tx:
        # Strangers are refused before a single byte of the file is read.
        actor_of(request)
        tx.access.require(service.SCOPE, person_id, write=True)
    house = house_of(request)
    address = f"/p/{person_id}/imports"
    try:
        # The form's token stands before its file, so a forged form ends here.
        upload = await Upload.begin(request)
        csrf.verify(request, upload.fields.get(csrf.FIELD, ""))
        shown = await service.take_in(
            lambda: crossing(request),
            house.objects,
            person_id,
            upload.name,
            upload.parts(),
            limit=house.settings.upload_limit,
            allowed=house.settings.storage_limit,
        )
    except (Incorrect, TooLarge) as refusal:
        return redirect(request, address, toast=i18n.say(refusal.fault.message, refusal.fault.params))
    return redirect(request, f"{address}/{shown.id}")


@router.get("/p/{person_id}/imports/{id}")
async def one(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    shown = await service.read(tx, person_id, id)
    listed, more = ([], None) if shown.active else await service.refusals(tx, person_id, id, limit=_REFUSALS)
    return page(
        request,
        "connections/import.html",
        block="progress",
        shown=shown,
        state=_(STATES[shown.state]),
        lines=[(label_of(name), format_number(count)) for name, count in shown.counts.items()],
        reasons=[(reason.message, format_number(reason.count)) for reason in shown.reasons],
        refusals=listed,
        more=more,
        may_write=tx.access.allows(service.SCOPE, person_id, write=True),
    )


@router.post("/p/{person_id}/imports/{id}/cancel")
async def cancel(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await forms.checked(request)
    await service.cancel(tx, person_id, id)
    return redirect(request, f"/p/{person_id}/imports/{id}", toast=_("Stopped. What came in before stays."))


@router.post("/p/{person_id}/imports/{id}/forget-file")
async def forget_file(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await forms.checked(request)
    await service.forget_file(tx, house_of(request).objects, person_id, id)
    return redirect(request, f"/p/{person_id}/imports", toast=_("Deleted. What came in stays."))


@router.post("/p/{person_id}/imports/{id}/retry")
async def retry(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await forms.checked(request)
    await service.again(tx, person_id, id)
    return redirect(request, f"/p/{person_id}/imports/{id}")


@router.get("/p/{person_id}/imports/{id}/take-back")
async def foresee(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    shown = await service.read(tx, person_id, id)
    foreseen = await service.foresee(tx, person_id, id)
    return page(
        request,
        "connections/take-back.html",
        shown=shown,
        lines=[_line(part) for part in foreseen.parts],
        some=any(part.shared is None for part in foreseen.parts),
        patient="Patient" in shown.counts,
    )


@router.post("/p/{person_id}/imports/{id}/take-back")
async def take_back(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await forms.checked(request)
    await service.take_back(tx, person_id, id)
    return redirect(request, f"/p/{person_id}/imports/{id}")


@router.get("/p/{person_id}/exports")
async def exports(request: Request, tx: TxOf, person_id: UUID) -> Response:
    return page(
        request,
        "connections/exports.html",
        block="exports",
        exports=await service.exports_of(tx, person_id),
        may_write=tx.access.allows(service.SCOPE, person_id, write=True),
    )


@router.post("/p/{person_id}/exports")
async def take_out(request: Request, tx: TxOf, person_id: UUID) -> Response:
    await forms.checked(request)
    allowed = house_of(request).settings.storage_limit
    try:
        await service.take_out(tx, person_id, allowed=allowed)
    except TooLarge as refusal:
        return redirect(
            request, f"/p/{person_id}/exports", toast=i18n.say(refusal.fault.message, refusal.fault.params)
        )
    return redirect(request, f"/p/{person_id}/exports")


@router.post("/p/{person_id}/exports/{id}/delete")
async def throw_away(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await forms.checked(request)
    await service.delete_export(tx, house_of(request).objects, person_id, id)
    return redirect(request, f"/p/{person_id}/exports", toast=_("Deleted"))


def _line(part: Share) -> tuple[str, str, str]:
    goes, stays = format_number(part.goes), format_number(part.told - part.goes)
    if part.shared is None:
        return label_of(part.name), _("at most {count}", count=goes), "–"
    return label_of(part.name), goes, stays


def label_of(name: str) -> str:
    """What a thing is called that came in: a kind of signal or reading, or a type of resource."""
    if name in RESOURCES:
        return _(RESOURCES[name])
    if kind := measurements.CATALOGUE.get(name):
        return _(kind.label)
    return _(KINDS[name].title) if name in KINDS else name
