"""What is in range for the person."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from ojas.features.measurements import service
from ojas.features.measurements.pages.entry import kind_at
from ojas.features.measurements.pages.forms import LimitsForm
from ojas.features.measurements.service import Kind
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect
from ojas.kit.http import ActorOf, TxOf
from ojas.kit.i18n import _
from ojas.kit.web import Faults, Pages, form, page, redirect

router = Pages()


@router.get("/p/{person_id}/readings/{kind_name}/range")
async def limits(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, kind_name: str) -> Response:
    """What counts as in range for this person, to be changed."""
    tx.access.require("measurements", person_id, write=True)
    return await _limits_page(request, tx, actor, person_id, kind_at(kind_name))


@router.post("/p/{person_id}/readings/{kind_name}/range")
async def set_limits(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, kind_name: str) -> Response:
    """Keep the limits a care team gave, or the guideline that was chosen; with neither, go back to what is usual."""
    kind = kind_at(kind_name)
    sent = await form(request, LimitsForm)
    if isinstance(sent, Faults):
        return await _limits_page(request, tx, actor, person_id, kind, sent)
    unit = service.unit_for(kind.main, service.preferences_of(actor))
    try:
        await service.set_range(
            tx, person_id, kind, guideline=sent.guideline, limits=sent.limits, unit=unit, told_by=sent.told_by
        )
    except Incorrect as refusal:
        faults = Faults.of(refusal, _flat(sent))
        return await _limits_page(request, tx, actor, person_id, kind, faults)
    return redirect(request, f"/p/{person_id}/readings/{kind.name}", toast=_("Saved."))


async def _limits_page(
    request: Request, tx: Tx, actor: ActorOf, person_id: UUID, kind: Kind, faults: Faults | None = None
) -> Response:
    preferences = service.preferences_of(actor)
    unit = service.unit_for(kind.main, preferences)
    judge = await service.judge(tx, person_id)
    own = await service.own_range(tx, person_id, kind)
    return page(
        request,
        "measurements/range.html",
        faults=faults,
        kind=kind,
        parts=[part for part in kind.parts if part.required],
        unit=service.unit_text(kind, unit),
        own=own,
        own_limits=service.limits_in(kind, own, unit),
        guidelines=[(each.key, service.cited(each)) for each in kind.guidelines],
        used=judge.guideline(kind, clock.now()),
        cited=service.cited,
    )


def _flat(sent: LimitsForm) -> dict[str, Any]:
    """As the fields are named."""
    found: dict[str, Any] = {"guideline": sent.guideline, "told_by": sent.told_by}
    for part, sides in sent.limits.items():
        found |= {f"{part}.{side}": value for side, value in sides.items()}
    return {name: value for name, value in found.items() if value is not None}
