"""Adding a reading by hand."""

from uuid import UUID

from fastapi import Request, Response

from ojas.features.measurements import service
from ojas.features.measurements.pages.entry import Line, by_hand, entry_page, faults_of, kind_at
from ojas.features.measurements.pages.forms import EntryForm
from ojas.features.measurements.pages.words import GROUPS
from ojas.features.measurements.service import Doubt, Kind, Reading
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, NotFound
from ojas.kit.http import ActorOf, TxOf
from ojas.kit.i18n import _
from ojas.kit.ids import new_id
from ojas.kit.web import Faults, Pages, form, page, redirect

router = Pages()


@router.get("/p/{person_id}/add")
async def choose(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID) -> Response:
    """What can be added by hand: those added last first."""
    tx.access.require("measurements", person_id, write=True)
    preferences = service.preferences_of(actor)
    latest = await service.latest(tx, person_id)
    offered = {name: service.CATALOGUE[name] for _label, names in GROUPS for name in names}
    offered = {name: kind for name, kind in offered.items() if by_hand(tx, person_id, kind)}
    recent = sorted(
        (reading for reading in latest.values() if reading.kind in offered and reading.source == "by-hand"),
        key=lambda reading: reading.effective_at,
        reverse=True,
    )[:4]
    return page(
        request,
        "measurements/choose.html",
        groups=[(label, [offered[name] for name in names if name in offered]) for label, names in GROUPS],
        recent=[Line(reading, service.shown(reading, preferences)) for reading in recent],
        # Whoever comes here to add a medicine is one press away from it: its feature lies above this one.
        medicines=tx.access.allows("medications", person_id, write=True),
    )


@router.get("/p/{person_id}/add/{kind_name}")
async def blank(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, kind_name: str) -> Response:
    """An empty form of a kind, in the unit used last."""
    tx.access.require("measurements", person_id, write=True)
    kind = kind_at(kind_name)
    if not by_hand(tx, person_id, kind):
        raise NotFound("There is nothing at this address.")
    last = (await service.latest(tx, person_id, [kind.name])).get(kind.name)
    unit = service.unit_for(kind.main, service.preferences_of(actor))
    if last and last.source == "by-hand" and last.unit in kind.main.units:
        unit = last.unit
    return entry_page(request, kind, unit=unit, last=last, new=new_id())


@router.post("/p/{person_id}/add/{kind_name}")
async def add(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, kind_name: str) -> Response:
    """Enter what was typed; what is wrong is said beside its field, and a likely slip is asked about."""
    kind = kind_at(kind_name)
    sent = await form(request, EntryForm)
    if isinstance(sent, Faults):
        return entry_page(request, kind, faults=sent)
    try:
        if sent.id is None or not await _is_there(tx, person_id, sent.id):
            made = await service.enter(tx, person_id, sent.draft(kind), id=sent.id)
            return await _saved(request, tx, person_id, kind, made)
    except Incorrect as refusal:
        return entry_page(request, kind, faults=faults_of(refusal, sent), doubt=_doubt(refusal))
    return redirect(request, f"/p/{person_id}/readings/{kind.name}#r-{sent.id}", toast=_("Saved."))


@router.post("/p/{person_id}/add/{kind_name}/band")
async def band(request: Request, tx: TxOf, person_id: UUID, kind_name: str) -> Response:
    """Where what is being typed would lie. By POST, since an address must not hold a reading."""
    kind = kind_at(kind_name)
    sent = await form(request, EntryForm)
    finding, unfit = None, ""
    if not isinstance(sent, Faults):
        try:
            judge = await service.judge(tx, person_id)
            finding = service.foresee(judge, kind, sent.draft(kind))
            unfit = judge.unfit(kind, sent.effective_at, sent.meal)
        except Incorrect:
            finding = None
    return page(request, "measurements/band.html", finding=finding, unfit=unfit)


async def _is_there(tx: Tx, person_id: UUID, id: UUID) -> bool:
    try:
        await service.read(tx, person_id, id)
    except NotFound:
        return False
    return True


async def _saved(request: Request, tx: Tx, person_id: UUID, kind: Kind, made: Reading) -> Response:
    """Back to the kind's page; for what is dangerous, to the reading itself, which says what to do."""
    finding = (await service.judge(tx, person_id)).find(kind, made.numbers, made.effective_at, made.meal)
    here = f"/p/{person_id}/readings/{kind.name}"
    danger = finding is not None and finding.level.is_danger
    return redirect(request, f"{here}/{made.id}" if danger else f"{here}#r-{made.id}", toast=_("Saved."))


def _doubt(refusal: Incorrect) -> Doubt | None:
    return refusal if isinstance(refusal, Doubt) else None
