"""Whom to call: the list, and the form of one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from ojas.features.emergency import service
from ojas.features.emergency.pages.parts import absent, drafted, frame_of
from ojas.features.emergency.rules.terms import Method
from ojas.features.emergency.schemas import Contact, ContactDraft, Line, Note
from ojas.features.identity import service as identity
from ojas.features.sharing import service as sharing
from ojas.kit import phones
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect
from ojas.kit.http import TxOf
from ojas.kit.i18n import LANGUAGES, N_, _, current
from ojas.kit.i18n.manner import Language
from ojas.kit.ids import new_id
from ojas.kit.web import Faults, Pages, deletable, form, page, redirect
from ojas.kit.web.forms import typed

router = Pages(prefix="/p/{person_id}", include_in_schema=False)

Typed = Annotated[str, Field(max_length=40)]
RELATIONSHIPS = (
    N_("Daughter"), N_("Son"), N_("Wife"), N_("Husband"), N_("Mother"), N_("Father"), N_("Sister"), N_("Brother"),
    N_("Friend"), N_("Neighbour"), N_("Doctor"),
)  # fmt: skip


class ContactForm(BaseModel):
    """A contact as typed: a number may be as one dials it at home."""

    model_config = ConfigDict(extra="ignore")

    id: UUID | None = None
    version: int | None = None
    name: Line
    relationship: Line | None = None
    phone: Typed | None = None
    second_phone: Typed | None = None
    email: Annotated[EmailStr, Field(max_length=254)] | None = None
    address: Note | None = None
    priority: Annotated[int, Field(ge=1, le=99)] = 1
    methods: list[Method] = []
    preferred: Method | None = None
    can_receive_alerts: bool = False
    active: bool = False
    language: Language = "en"
    account_id: UUID | None = None
    introduce: bool = False
    notes: Note | None = None

    def draft(self, country: str | None) -> ContactDraft:
        """
        Raises:
            Incorrect: naming the field of this form.
        """
        said = self.model_dump(exclude={"id", "version"})
        for field in ("phone", "second_phone"):
            if typed_in := said[field]:
                said[field] = phones.number(typed_in, country, field=field)
        said["methods"] = tuple(self.methods)
        return drafted(ContactDraft, said)


@router.get("/emergency/contacts")
async def listing(request: Request, tx: TxOf, person_id: UUID) -> Response:
    return page(
        request,
        "emergency/contacts.html",
        contacts=await service.contacts(tx, person_id),
        standings=await service.standings(tx, person_id),
        most=service.MOST,
        absent=absent(request),
        **await frame_of(tx, person_id),
    )


@router.get("/emergency/contacts/new")
async def new(request: Request, tx: TxOf, person_id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    there = await service.contacts(tx, person_id)
    first: dict[str, Any] = {
        "id": str(new_id()),
        "priority": min(99, max((one.priority for one in there), default=0) + 1),
        "can_receive_alerts": True,
        "active": True,
        "introduce": True,
        "language": current().language,
    }
    return await _form_page(request, tx, person_id, None, first)


@router.post("/emergency/contacts/new")
async def add(request: Request, tx: TxOf, person_id: UUID) -> Response:
    sent = await form(request, ContactForm)
    tx.access.require(service.SCOPE, person_id, write=True)
    if isinstance(sent, Faults):
        return await _form_page(request, tx, person_id, None, dict(sent.values), sent)
    try:
        draft = sent.draft(await service.country_of(tx, person_id))
        made = await service.CONTACTS.create(tx, person_id, draft, id=sent.id)
    except Incorrect as refusal:
        return await _again(request, tx, person_id, None, refusal)
    here = f"/p/{person_id}/emergency/contacts"
    return redirect(request, f"{here}#c-{made.id}", toast=_("Added."), undo=f"{here}/{made.id}/delete")


@router.get("/emergency/contacts/{id}")
async def edit(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    contact = await service.CONTACTS.read(tx, person_id, id)
    return await _form_page(request, tx, person_id, contact, contact.model_dump(mode="json"))


@router.post("/emergency/contacts/{id}")
async def change(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    sent = await form(request, ContactForm)
    tx.access.require(service.SCOPE, person_id, write=True)
    before = await service.CONTACTS.read(tx, person_id, id)
    if isinstance(sent, Faults):
        return await _form_page(request, tx, person_id, before, dict(sent.values), sent)
    try:
        draft = sent.draft(await service.country_of(tx, person_id))
        await service.CONTACTS.change(tx, person_id, id, draft, if_version=sent.version)
    except Incorrect as refusal:
        return await _again(request, tx, person_id, before, refusal)
    return redirect(request, f"/p/{person_id}/emergency/contacts#c-{id}", toast=_("Saved."))


deletable(router, "/emergency/contacts", service.CONTACTS, then="#c-{id}")


async def _again(
    request: Request, tx: Tx, person_id: UUID, before: Contact | None, refusal: Incorrect
) -> Response:
    values = typed(await request.form())
    return await _form_page(request, tx, person_id, before, values, Faults.of(refusal, values))


async def _form_page(
    request: Request,
    tx: Tx,
    person_id: UUID,
    before: Contact | None,
    values: dict[str, Any],
    faults: Faults | None = None,
) -> Response:
    return page(
        request,
        "emergency/contact.html",
        faults=faults,
        before=before,
        values=dict.fromkeys(ContactForm.model_fields) | values,
        accounts=await _accounts(tx, person_id),
        relationships=[_(word) for word in RELATIONSHIPS],
        languages=list(LANGUAGES.items()),
        absent=absent(request),
        **await frame_of(tx, person_id),
    )


async def _accounts(tx: Tx, person_id: UUID) -> list[tuple[str, str]]:
    """Accounts that look after the person and may know of emergencies, by name."""
    found = await sharing.who_cares(tx, person_id, service.SCOPE)
    cards = await identity.cards(tx, found)
    return [(str(id), card.name) for id, card in cards.items()]
