"""What Ojas may do beyond keeping the record: each purpose in plain words, given and withdrawn by a button."""

from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from ojas.features.sharing import rules, service
from ojas.features.sharing.rules import Processing
from ojas.features.sharing.schemas import ConsentDraft
from ojas.kit.errors import Incorrect
from ojas.kit.http import TxOf
from ojas.kit.i18n import _
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked

router = Pages(prefix="/p/{person_id}/privacy")


class Agreed(BaseModel):
    """The button under a purpose; ``version`` is of the words above it."""

    version: int = Field(ge=1, le=10_000)


@router.get("")
async def consents(request: Request, tx: TxOf, person_id: UUID) -> Response:
    found = await service.consents(tx, person_id)
    return page(
        request,
        "sharing/privacy.html",
        purposes=found,
        may_answer=tx.access.allows(rules.OWNER, person_id),
    )


@router.post("/{purpose}")
async def give(request: Request, tx: TxOf, person_id: UUID, purpose: Processing) -> Response:
    sent = await form(request, Agreed)
    if isinstance(sent, Faults):
        raise Incorrect("The words have changed in the meantime. Read them again, then decide.")
    await service.give(tx, person_id, ConsentDraft(purpose=purpose, version=sent.version))
    return redirect(
        request, f"/p/{person_id}/privacy", toast=_("You agreed. You can withdraw it here at any time.")
    )


@router.post("/{purpose}/withdraw")
async def withdraw(request: Request, tx: TxOf, person_id: UUID, purpose: Processing) -> Response:
    await checked(request)
    await service.withdraw(tx, person_id, purpose)
    return redirect(request, f"/p/{person_id}/privacy", toast=_("Withdrawn."))
