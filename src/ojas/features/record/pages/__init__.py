"""The pages of a record: at a glance, each list, one entry with its history, the forms, and what was received."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import ValidationError

from ojas.features.record import service
from ojas.features.record.pages import showing
from ojas.features.record.pages.forms import FORMS, as_it_came, shown
from ojas.features.record.rules import terms
from ojas.features.record.schemas import AllergyDraft, Diagnosis
from ojas.kit.collection import Collection
from ojas.kit.db import Tx
from ojas.kit.errors import NotFound
from ojas.kit.fhir import text
from ojas.kit.http import ActorOf, TxOf
from ojas.kit.http.problems import incorrect
from ojas.kit.i18n import _
from ojas.kit.ids import new_id
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked, typed

router = Pages(prefix="/p/{person_id}/record", include_in_schema=False)

Name = Annotated[str, Path(alias="name", max_length=20)]
Cursor = Annotated[str | None, Query(max_length=500)]
_PER_PAGE = 30
_LONGEST_SHOWN = 200_000  # bytes of JSON on a page; what is longer is downloaded


def list_named(name: str) -> Collection[Any, Any, Any]:
    if name not in service.BY_NAME:
        raise NotFound("There is nothing at this address.")
    return service.BY_NAME[name].LIST


def _may_write(tx: Tx, person_id: UUID) -> bool:
    return tx.access.allows("record", person_id, write=True)


@router.get("")
async def overview(request: Request, tx: TxOf, person_id: UUID) -> Response:
    seen = await service.overview(tx, person_id, each=4)
    return page(
        request,
        "record/overview.html",
        lists=[(name, showing.WORDS[name], seen.lists[name]) for name in showing.WORDS],
        received=seen.received,
        show=showing,
        may_write=_may_write(tx, person_id),
        bare=not seen.received and not any(glance.count for glance in seen.lists.values()),
        forms=FORMS,
    )


@router.get("/diagnoses")
async def diagnoses(
    request: Request, tx: TxOf, person_id: UUID, name: Annotated[str, Query(max_length=500)] = ""
) -> Response:
    """The choice of codes for what is being typed, as a part of the form."""
    tx.access.require("record", person_id)
    return page(request, "record/diagnoses.html", found=_found(name), chosen=None, typed=name)


@router.get("/received")
async def received(
    request: Request,
    tx: TxOf,
    person_id: UUID,
    type: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Cursor = None,
) -> Response:
    items, following = await service.stored(tx, person_id, type=type, limit=_PER_PAGE, cursor=cursor)
    counts = await service.counts(tx, person_id)
    return page(request, "record/received.html", items=items, next=following, counts=counts, type=type)


@router.get("/received/{id}")
async def original(
    request: Request,
    tx: TxOf,
    person_id: UUID,
    id: UUID,
    version: Annotated[int | None, Query(ge=1, le=10**9)] = None,
) -> Response:
    """A resource as it came: its text, indented, and its versions."""
    seen, raw = await service.original(tx, person_id, id, version=version)
    kind = service.BY_TYPE.get(seen.type)
    return page(
        request,
        "record/original.html",
        seen=seen,
        written=text.pretty(text.read(raw)) if len(raw) <= _LONGEST_SHOWN else None,
        size=len(raw),
        versions=await service.versions(tx, person_id, id),
        list=kind.LIST.name if kind else None,
    )


@router.post("/allergies/none")
async def none_known(request: Request, tx: TxOf, person_id: UUID) -> Response:
    """That there are no known allergies, as an entry: an empty list would say nothing."""
    await checked(request)
    draft = AllergyDraft(name=_("No known allergies"), codes=(service.NO_KNOWN_ALLERGY,))
    made = await service.ALLERGIES.create(tx, person_id, draft)
    return _back(request, person_id, "allergies", _("Saved"), f"/{made.id}/delete")


@router.get("/{name}")
async def listing(
    request: Request,
    tx: TxOf,
    person_id: UUID,
    name: Name,
    cursor: Cursor = None,
    status: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    list_ = list_named(name)
    where = {"status": status} if status in showing.STATUSES[name] else {}
    found = await list_.page(tx, person_id, limit=_PER_PAGE, cursor=cursor, where=where)
    return page(
        request,
        "record/list.html",
        name=name,
        words=showing.WORDS[name],
        items=found.items,
        next=found.next,
        wanted=status,
        statuses=showing.options(showing.STATUSES[name]),
        show=showing,
        may_write=_may_write(tx, person_id) and name in FORMS,
    )


@router.get("/{name}/new")
async def new(request: Request, tx: TxOf, person_id: UUID, name: Name) -> Response:
    _form_of(name)
    tx.access.require("record", person_id, write=True)
    return _form_page(request, name, None, {"id": str(new_id())})


@router.post("/{name}/new")
async def add(request: Request, tx: TxOf, person_id: UUID, name: Name) -> Response:
    tx.access.require("record", person_id, write=True)
    sent = await _sent(request, name, None)
    if isinstance(sent, Response):
        return sent
    draft, values = sent
    id = _given_id(values)
    made = await list_named(name).create(tx, person_id, draft, id=id)
    return _back(request, person_id, name, _("Saved"), f"/{made.id}/delete", f"#r-{made.id}")


@router.get("/{name}/{id}")
async def entry(
    request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, name: Name, id: UUID
) -> Response:
    list_ = list_named(name)
    view = await list_.read(tx, person_id, id)
    came = (await service.received(tx, person_id, [id])).get(id)
    values = await service.values_of(tx, person_id, view) if name == "results" else ()
    steps = showing.steps_of(name, view, await list_.history(tx, person_id, id), actor.account_id)
    return page(
        request,
        "record/entry.html",
        name=name,
        words=showing.WORDS[name],
        view=view,
        facts=showing.facts_of(name, view),
        values=values,
        medicines=getattr(view, "medications", ()),
        reactions=getattr(view, "reactions", ()),
        conclusion=getattr(view, "conclusion", None),
        came=came,
        steps=list(steps),
        show=showing,
        may_write=_may_write(tx, person_id),
        editable=name in FORMS,
    )


@router.get("/{name}/{id}/edit")
async def edit(request: Request, tx: TxOf, person_id: UUID, name: Name, id: UUID) -> Response:
    _form_of(name)
    tx.access.require("record", person_id, write=True)
    view = await list_named(name).read(tx, person_id, id)
    return _form_page(request, name, view, shown(name, view))


@router.post("/{name}/{id}/edit")
async def change(request: Request, tx: TxOf, person_id: UUID, name: Name, id: UUID) -> Response:
    tx.access.require("record", person_id, write=True)
    list_ = list_named(name)
    view = await list_.read(tx, person_id, id)
    sent = await _sent(request, name, view)
    if isinstance(sent, Response):
        return sent
    draft, values = sent
    version = str(values.get("version", ""))
    await list_.change(
        tx,
        person_id,
        id,
        draft,
        if_version=int(version) if version.isdecimal() and len(version) < 10 else None,
    )
    return redirect(request, f"/p/{person_id}/record/{name}/{id}", toast=_("Saved"))


@router.post("/{name}/{id}/delete")
async def delete(request: Request, tx: TxOf, person_id: UUID, name: Name, id: UUID) -> Response:
    await checked(request)
    await list_named(name).delete(tx, person_id, id)
    return _back(request, person_id, name, _("Deleted"), f"/{id}/restore")


@router.post("/{name}/{id}/restore")
async def restore(request: Request, tx: TxOf, person_id: UUID, name: Name, id: UUID) -> Response:
    await checked(request)
    await list_named(name).restore(tx, person_id, id)
    return redirect(request, f"/p/{person_id}/record/{name}/{id}", toast=_("It is back."))


def _form_of(name: str) -> Any:
    if name not in FORMS:
        raise NotFound("There is nothing at this address.")
    return FORMS[name]


async def _sent(request: Request, name: str, before: Any | None) -> Response | tuple[Any, dict[str, Any]]:
    """The draft that was typed, with everything typed; or the form again, with what is wrong or what was looked up."""
    values = typed(await checked(request))
    if values.get("find"):
        return _form_page(request, name, before, values, searched=True)
    sent = await form(request, _form_of(name))
    if isinstance(sent, Faults):
        return _form_page(request, name, before, values, faults=sent)
    try:
        sent = sent.model_copy(update={"name": as_it_came(sent.name, before)})
        return sent.draft(before), values
    except ValidationError as problem:
        return _form_page(
            request, name, before, values, faults=Faults.of(incorrect(problem.errors()), values)
        )


def _form_page(
    request: Request,
    name: str,
    before: Any | None,
    values: dict[str, Any],
    *,
    faults: Faults | None = None,
    searched: bool = False,
) -> Response:
    sought = str(values.get("name") or "") if searched or before else ""
    return page(
        request,
        "record/form.html",
        faults=faults,
        name=name,
        words=showing.WORDS[name],
        before=before,
        values=dict.fromkeys([*FORMS[name].model_fields, "id", "version"]) | values,
        found=_found(sought) if name == "conditions" else (),
        typed=sought,
        chosen=service.diagnosis(str(values["code"]))
        if name == "conditions" and values.get("code")
        else None,
        terms=terms,
        options=showing.options,
    )


def _found(sought: str) -> list[Diagnosis]:
    return service.find_diagnoses(sought, limit=8 if sought.strip() else 4)


def _given_id(values: dict[str, Any]) -> UUID | None:
    """The id handed out with the form, so that sending it twice adds one entry."""
    try:
        return UUID(str(values.get("id", "")))
    except ValueError:
        return None


def _back(request: Request, person_id: UUID, name: str, toast: str, undo: str, spot: str = "") -> Response:
    root = f"/p/{person_id}/record/{name}"
    return redirect(request, root + spot, toast=toast, undo=root + undo)


__all__ = ["router"]
