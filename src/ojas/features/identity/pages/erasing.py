"""Having one's record erased: what goes, what stays, until when it can be undone; and the receipt."""

from uuid import UUID

from fastapi import Request, Response

from ojas.features.identity import service
from ojas.features.identity.rules import fresh
from ojas.features.identity.schemas import Receipt
from ojas.features.identity.service import erasing
from ojas.kit import clock
from ojas.kit.errors import Refusal
from ojas.kit.http import Actor, ActorOf, OpenTx, TxOf, house_of
from ojas.kit.i18n import _, format_number, gettext
from ojas.kit.web import Faults, Pages, page, redirect
from ojas.kit.web.forms import checked

router = Pages()


@router.get("/p/{person_id}/erase")
async def erase_page(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID) -> Response:
    """What it means, for whoever may ask; what waits, once they did."""
    return await _page(request, tx, actor, person_id)


@router.post("/p/{person_id}/erase")
async def ask(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID) -> Response:
    sent = await checked(request)
    here = f"/p/{person_id}/erase"
    if not fresh(actor.proved_at, clock.now()):
        return redirect(request, f"/settings/confirm?next={here}")
    if not sent.get("sure"):
        wanted = _("Tick that you are sure.")
        return await _page(request, tx, actor, person_id, Faults({}, {"sure": wanted}))
    try:
        await erasing.ask(tx, actor, house_of(request).features, person_id)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        (why,) = Faults.of(refusal).top
        return await _page(request, tx, actor, person_id, Faults({}, {"sure": why}))
    return redirect(request, here)


@router.post("/p/{person_id}/erase/undo")
async def undo(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID) -> Response:
    await checked(request)
    await erasing.undo(tx, actor, house_of(request).features, person_id)
    return redirect(request, f"/p/{person_id}/erase", toast=_("The record stays. Nothing was deleted."))


@router.get("/erased/{id}")
async def receipt(
    request: Request, tx: OpenTx, id: UUID, token: str = "", download: bool = False
) -> Response:
    """The receipt; nobody needs to be signed in, for nobody can."""
    found = await erasing.receipt(tx, id, token)
    if download:
        return _file(found)
    return page(request, "identity/erased.html", receipt=found, token=token, parts=_parts(request, found))


def _parts(request: Request, receipt: Receipt) -> list[tuple[str, str]]:
    """How much of each part of the record, the parts by the names they have where one shares them."""
    named = {
        feature.name: gettext(next(iter(feature.scopes.values()), feature.name)).partition(":")[0]
        for feature in house_of(request).features
    }
    return [(named.get(name, name), format_number(n)) for name, n in receipt.entries.items()]


async def _page(
    request: Request, tx: TxOf, actor: Actor, person_id: UUID, faults: Faults | None = None
) -> Response:
    tx.access.require("owner", person_id)
    return page(
        request,
        "identity/erase.html",
        faults=faults,
        standing=await erasing.standing(tx, person_id),
        name=(await service.names(tx, [person_id])).get(person_id),
        own=person_id == actor.person_id,
        fresh=fresh(actor.proved_at, clock.now()),
    )


def _file(receipt: Receipt) -> Response:
    kept = {"content-disposition": f'attachment; filename="ojas-receipt-{receipt.id}.json"'}
    return Response(receipt.model_dump_json(indent=2), 200, kept, "application/json")
