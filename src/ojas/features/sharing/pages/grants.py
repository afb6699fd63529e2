"""Who can see: the list, a new share, one share, taking back and undoing it."""

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, EmailStr, Field

from ojas.features.sharing import rules, service
from ojas.features.sharing.pages import words
from ojas.features.sharing.rules import Kind, Purpose
from ojas.features.sharing.schemas import GrantDraft, GrantView, Line, Note
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.errors import Forbidden, Incorrect, TooMany
from ojas.kit.http import ActorOf, TxOf
from ojas.kit.i18n import N_, _, gettext
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked

router = Pages(prefix="/p/{person_id}/sharing")

_KINDS = {
    Purpose.TREATMENT: Kind.CARE_TEAM,
    Purpose.FAMILY: Kind.CAREGIVER,
    Purpose.SUPPORT: Kind.SHARE,
}
_LASTING = {
    "7": N_("A week"),
    "30": N_("30 days"),
    "90": N_("90 days"),
    "open": N_("Until I take it back"),
}
_ASKED_FOR = ("measurements", "signals", "record", "profile", "care_team", "connections")
"""What people share most comes first in the form; what is not named here follows."""
_LATELY = timedelta(days=30)
_STANDING = ("active", "waiting", "invited")


class NewShare(BaseModel):
    """The form in which somebody shares."""

    email: EmailStr
    scopes: list[Line] = Field(default_factory=list, max_length=40)
    may: Literal["read", "write"] = "read"
    purpose: Literal[Purpose.TREATMENT, Purpose.FAMILY, Purpose.SUPPORT] = Purpose.TREATMENT
    lasts: Literal["7", "30", "90", "open"] = "30"
    manage: bool = False
    note: Note | None = None

    def draft(self) -> GrantDraft:
        life: timedelta | None = rules.LIFETIMES[self.lasts]
        return GrantDraft(
            email=self.email,
            scopes=self.scopes,
            may_write=self.may == "write",
            manage=self.manage,
            purpose=self.purpose,
            kind=_KINDS[self.purpose],
            ends_at=clock.now() + life if life else None,
            note=self.note,
        )


@router.get("")
async def grants(
    request: Request,
    tx: TxOf,
    actor: ActorOf,
    person_id: UUID,
    cursor: Annotated[UUID | None, Query()] = None,
) -> Response:
    if not tx.access.allows("sharing", person_id):
        return await _held(request, tx, actor, person_id)
    found, following = await service.grants(tx, person_id, limit=100, before=cursor)
    lapsed = [grant for grant in found if _waits(grant)] if tx.access.allows(rules.OWNER, person_id) else []
    return page(
        request,
        "sharing/grants.html",
        standing=[grant for grant in found if grant.status in _STANDING],
        lapsed=lapsed,
        past=[grant for grant in found if grant.status not in _STANDING and grant not in lapsed],
        following=following,
        may_share=tx.access.allows("sharing", person_id, write=True),
        words=words,
        statuses=rules.STATUSES,
    )


@router.get("/new")
async def new(request: Request, tx: TxOf, person_id: UUID) -> Response:
    return _form(request, tx, person_id)


@router.post("/new")
async def share(request: Request, tx: TxOf, person_id: UUID) -> Response:
    sent = await form(request, NewShare)
    if isinstance(sent, Faults):
        return _form(request, tx, person_id, sent)
    if not sent.scopes:
        faults = Faults(sent.model_dump(mode="json"), {"scopes": _("Choose at least one thing to share.")})
        return _form(request, tx, person_id, faults)
    try:
        made = await service.share(tx, person_id, sent.draft())
    except (Incorrect, Forbidden, TooMany) as refusal:
        return _form(request, tx, person_id, Faults.of(refusal, sent))
    return redirect(
        request,
        f"/p/{person_id}/sharing",
        toast=_("The invitation is on its way."),
        undo=f"/p/{person_id}/sharing/{made.id}/end",
    )


@router.get("/{id}")
async def grant(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    found = await service.grant(tx, person_id, id)
    return page(
        request,
        "sharing/grant.html",
        grant=found,
        standing=found.status in _STANDING,
        lapsed=_waits(found) and tx.access.allows(rules.OWNER, person_id),
        may_share=tx.access.allows("sharing", person_id, write=True),
        words=words,
        statuses=rules.STATUSES,
    )


@router.post("/{id}/end")
async def end(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    await service.take_back(tx, person_id, id)
    here = f"/p/{person_id}/sharing"
    return redirect(request, here, toast=_("Taken back. They see nothing more."), undo=f"{here}/{id}/restore")


@router.post("/{id}/restore")
async def restore(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    await service.reshare(tx, person_id, id)
    return redirect(request, f"/p/{person_id}/sharing", toast=_("Shared again."))


@router.post("/leave")
async def leave(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID) -> Response:
    await checked(request)
    await service.leave(tx, actor, person_id)
    return redirect(request, "/people", toast=_("Given up. You see nothing more of this record."))


def _waits(grant: GrantView) -> bool:
    """Whether it ended lately with the right of who gave it, and the person may want it to go on."""
    now = clock.now()
    lately = grant.revoked_at is not None and grant.revoked_at > now - _LATELY
    return grant.status == "lapsed" and lately and (grant.ends_at is None or grant.ends_at > now)


def _how_often(scope: tuple[str, object]) -> int:
    return _ASKED_FOR.index(scope[0]) if scope[0] in _ASKED_FOR else len(_ASKED_FOR)


def _form(request: Request, tx: Tx, person_id: UUID, faults: Faults | None = None) -> Response:
    tx.access.require("sharing", person_id, write=True)
    options = [
        (scope, name, detail)
        for scope, (name, detail) in sorted(words.scopes(request).items(), key=_how_often)
        if tx.access.allows(scope, person_id)
    ]
    context: dict[str, Any] = {
        "scope_options": options,
        "purpose_options": [(code.value, words.purpose(code)) for code in rules.OFFERED],
        "lasting_options": [(code, gettext(said)) for code, said in _LASTING.items()],
        "may_manage": tx.access.allows(rules.OWNER, person_id),
    }
    return page(request, "sharing/new.html", faults=faults, **context)


async def _held(request: Request, tx: Tx, actor: ActorOf, person_id: UUID) -> Response:
    """For somebody else's record: what one may see oneself, and giving it up."""
    mine = next((one for one in await service.holdings(tx, actor) if one.person_id == person_id), None)
    if mine is None:
        tx.access.require("sharing", person_id)
    return page(request, "sharing/held.html", mine=mine, words=words)
