"""The pages of signals: who sends, what came of it, and whom to believe first."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from ojas.features.signals import service
from ojas.features.signals.rules import CLASS_TITLES, KINDS, SourceClass
from ojas.features.signals.schemas import SourceDraft, SourceView, StreamView
from ojas.kit.http import TxOf
from ojas.kit.i18n import _, gettext
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked

router = Pages(prefix="/p/{person_id}/devices")

_PLACES = range(1, 10)
_ALL = 200
_PICTURES = {SourceClass.PHONE: "smartphone", SourceClass.APP: "smartphone", SourceClass.WATCH: "heart-pulse"}


class Ranking(BaseModel):
    """What a person may change of a source."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    sort: SourceClass
    priority: Annotated[int, Field(ge=1, le=1000)] | None = None


@router.get("")
async def sources(request: Request, tx: TxOf, person_id: UUID) -> Response:
    found = (await service.SOURCES.page(tx, person_id, limit=_ALL)).items
    sent = await _sent(tx, person_id)
    ordered = sorted(
        found, key=lambda source: (source.priority or 1 << 31, list(SourceClass).index(source.sort))
    )
    return page(
        request,
        "signals/sources.html",
        sources=[
            (source, _kinds(sent.get(source.id, {})), _last(sent.get(source.id, {}))) for source in ordered
        ],
        sorts=_sorts(),
        pictures=_PICTURES,
    )


@router.get("/{id}")
async def source(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    return await _shown(request, tx, person_id, id)


@router.post("/{id}")
async def change(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    wanted = await form(request, Ranking)
    if isinstance(wanted, Faults):
        return await _shown(request, tx, person_id, id, wanted)
    known = await service.SOURCES.read(tx, person_id, id)
    told = known.model_dump(include=set(SourceDraft.model_fields)) | wanted.model_dump()
    await service.change_source(tx, person_id, id, SourceDraft.model_validate(told))
    return redirect(request, f"/p/{person_id}/devices", toast=_("Saved"))


@router.get("/{id}/delete")
async def sure(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    return page(request, "signals/delete.html", source=await service.SOURCES.read(tx, person_id, id))


@router.post("/{id}/delete")
async def delete(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    await service.delete_source(tx, person_id, id)
    return redirect(request, f"/p/{person_id}/devices", toast=_("Deleted"))


async def _shown(
    request: Request, tx: TxOf, person_id: UUID, id: UUID, faults: Faults | None = None
) -> Response:
    found: SourceView = await service.SOURCES.read(tx, person_id, id)
    sent = (await _sent(tx, person_id)).get(id, {})
    return page(
        request,
        "signals/source.html",
        faults=faults,
        source=found,
        streams=[(gettext(KINDS[kind].title), stream) for kind, stream in sent.items()],
        sorts=list(_sorts().items()),
        places=[(str(place), str(place)) for place in _PLACES],
        may_write=tx.access.allows(service.SCOPE, person_id, write=True),
    )


async def _sent(tx: TxOf, person_id: UUID) -> dict[UUID, dict[str, StreamView]]:
    """What each source sent, by kind."""
    found: dict[UUID, dict[str, StreamView]] = {}
    for kind in await service.overview(tx, person_id):
        for stream in kind.streams:
            found.setdefault(stream.source_id, {})[kind.kind] = stream
    return found


def _sorts() -> dict[str, str]:
    return {sort.value: gettext(title) for sort, title in CLASS_TITLES.items()}


def _kinds(sent: dict[str, StreamView]) -> list[str]:
    return [gettext(KINDS[kind].title) for kind in sent]


def _last(sent: dict[str, StreamView]) -> object:
    return max((stream.last for stream in sent.values()), default=None)
