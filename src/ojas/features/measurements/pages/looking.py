"""Looking at readings, and correcting and deleting one."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response

from ojas.features.measurements import service
from ojas.features.measurements.pages.entry import (
    Line,
    by_hand,
    entry_page,
    faults_of,
    kind_at,
    of_kind,
    wall,
)
from ojas.features.measurements.pages.forms import EntryForm, Nothing
from ojas.features.measurements.pages.words import ACTIONS, MEALS, METHODS, POSITIONS
from ojas.features.measurements.service import Reading
from ojas.kit import audit, clock
from ojas.kit.errors import Incorrect
from ojas.kit.http import ActorOf, TxOf
from ojas.kit.i18n import _
from ojas.kit.web import Faults, Pages, Spark, form, page, range_of, redirect, spark

router = Pages()

_PER_PAGE = 30
_STEPS = 240
_EARLIEST = timedelta(days=365 * 20)


@router.get("/p/{person_id}/readings")
async def overview(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID) -> Response:
    """Every kind there are readings of, by its last one."""
    preferences, judge = service.preferences_of(actor), await service.judge(tx, person_id)
    latest = await service.latest(tx, person_id)
    tails = await service.tails(tx, person_id, list(latest))
    lines = [
        Line(
            reading, service.shown(reading, preferences, judge), _picture(judge, reading, tails[reading.kind])
        )
        for reading in latest.values()
    ]
    may_write = tx.access.allows("measurements", person_id, write=True)
    bmi = service.bmi(latest, preferences, judge) if "bmi" not in latest else None
    return page(request, "measurements/overview.html", lines=lines, bmi=bmi, may_write=may_write)


@router.get("/p/{person_id}/readings/{kind_name}")
async def one_kind(
    request: Request,
    tx: TxOf,
    actor: ActorOf,
    person_id: UUID,
    kind_name: str,
    cursor: str | None = None,
) -> Response:
    """A kind's chart, and its readings, newest first."""
    kind = kind_at(kind_name)
    preferences, judge = service.preferences_of(actor), await service.judge(tx, person_id)
    stretch = range_of(request.query_params.get("range"), "3m")
    end = clock.now()
    start = end - (stretch.length or _EARLIEST)
    drawn = {}
    if cursor is None:
        drawn = await service.figures(
            tx,
            person_id,
            [kind.name],
            start,
            end,
            preferences=preferences,
            judge=judge,
            steps=_STEPS,
            rows=_PER_PAGE,
        )
    found = await service.page(tx, person_id, kind=kind.name, limit=_PER_PAGE, cursor=cursor)
    return page(
        request,
        "measurements/kind.html",
        kind=kind,
        figure=drawn.get(kind.name),
        stretch=stretch,
        lines=[Line(reading, service.shown(reading, preferences, judge)) for reading in found.items],
        next=found.next,
        cursor=cursor,
        guideline=judge.guideline(kind, end),
        unfit=judge.unfit(kind, end),
        cited=service.cited,
        may_write=tx.access.allows("measurements", person_id, write=True),
        by_hand=by_hand(tx, person_id, kind),
    )


@router.get("/p/{person_id}/readings/{kind_name}/{id}")
async def one(
    request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, kind_name: str, id: UUID
) -> Response:
    """One reading: all that is known of it, and how it came to be as it is."""
    reading = await of_kind(tx, person_id, kind_at(kind_name), id)
    preferences, judge = service.preferences_of(actor), await service.judge(tx, person_id)
    past = await service.history(tx, person_id, id)
    names = await service.names_of(tx, [change.account_id for change in past if change.account_id])
    return page(
        request,
        "measurements/one.html",
        kind=kind_at(kind_name),
        reading=reading,
        shown=service.shown(reading, preferences, judge),
        unfit=judge.unfit(kind_at(kind_name), reading.effective_at, reading.meal),
        cited=service.cited,
        past=[_change(change, reading, preferences, names) for change in past],
        meals=MEALS,
        positions=POSITIONS,
        methods=METHODS,
        entered=_entered(reading),
        source=service.source_text(reading.source),
        average=_average(reading, preferences),
        may_write=tx.access.allows("measurements", person_id, write=True),
        by_hand=by_hand(tx, person_id, kind_at(kind_name)),
    )


@router.get("/p/{person_id}/readings/{kind_name}/{id}/change")
async def correct(request: Request, tx: TxOf, person_id: UUID, kind_name: str, id: UUID) -> Response:
    """The form of a reading, filled with what was entered."""
    tx.access.require("measurements", person_id, write=True)
    kind = kind_at(kind_name)
    reading = await of_kind(tx, person_id, kind, id)
    return entry_page(request, kind, unit=reading.unit, reading=reading)


@router.post("/p/{person_id}/readings/{kind_name}/{id}/change")
async def change(request: Request, tx: TxOf, person_id: UUID, kind_name: str, id: UUID) -> Response:
    """Correct the reading: a new version."""
    kind = kind_at(kind_name)
    reading = await of_kind(tx, person_id, kind, id)
    sent = await form(request, EntryForm)
    if isinstance(sent, Faults):
        return entry_page(request, kind, faults=sent, reading=reading)
    kept: dict[str, Any] = {"effective_end": reading.effective_end, "zone": reading.zone}
    kept |= {"method": reading.method, "specimen": reading.specimen, "daily_total": reading.daily_total}
    if sent.unit == reading.unit and "mean" in reading.entered:
        kept["mean"] = Decimal(reading.entered["mean"])
    if wall(sent.effective_at) == wall(reading.effective_at):
        kept["effective_at"] = reading.effective_at  # the form knows no seconds
    try:
        await service.change(tx, person_id, id, sent.draft(kind, **kept))
    except Incorrect as refusal:
        return entry_page(request, kind, faults=faults_of(refusal, sent), reading=reading)
    return redirect(request, f"/p/{person_id}/readings/{kind.name}/{id}", toast=_("Corrected."))


@router.post("/p/{person_id}/readings/{kind_name}/{id}/delete")
async def delete(request: Request, tx: TxOf, person_id: UUID, kind_name: str, id: UUID) -> Response:
    """Delete the reading, and offer to undo it."""
    await form(request, Nothing)
    kind = kind_at(kind_name)
    await of_kind(tx, person_id, kind, id)
    await service.delete(tx, person_id, id)
    here = f"/p/{person_id}/readings/{kind.name}"
    return redirect(request, here, toast=_("Deleted."), undo=f"{here}/{id}/restore")


@router.post("/p/{person_id}/readings/{kind_name}/{id}/restore")
async def restore(request: Request, tx: TxOf, person_id: UUID, kind_name: str, id: UUID) -> Response:
    """Undo a deletion."""
    await form(request, Nothing)
    await service.restore(tx, person_id, id)
    here = f"/p/{person_id}/readings/{kind_at(kind_name).name}"
    return redirect(request, f"{here}#r-{id}", toast=_("It is back."))


def _picture(judge: service.Judge, reading: Reading, values: list[float]) -> Spark | None:
    """The last thirty, with the band behind, drawn in the canonical unit: a picture has no numbers."""
    kind = service.CATALOGUE[reading.kind]
    if len(values) < 3:
        return None
    style: Literal["bar", "line"] = "bar" if kind.adds_up else "line"
    return spark(values, band=judge.good(kind, reading.effective_at), style=style)


def _entered(reading: Reading) -> str | None:
    """What was typed, where it was in another unit than the canonical one."""
    kind = service.CATALOGUE[reading.kind]
    if reading.unit == kind.main.unit:
        return None
    numbers = "/".join(reading.entered[part.name] for part in kind.parts if part.name in reading.entered)
    return f"{numbers} {service.unit_text(kind, reading.unit)}".strip()


def _average(reading: Reading, preferences: service.Preferences) -> str | None:
    """The mean sugar that an HbA1c stands for."""
    if reading.kind != "hba1c" or reading.value is None:
        return None
    mean = service.average_glucose(reading.value)
    shown = service.derived("blood_glucose", mean, reading.effective_at, preferences)
    return f"{shown.text} {shown.unit}"


def _change(
    change: audit.Change, reading: Reading, preferences: service.Preferences, names: dict[UUID, str]
) -> dict[str, Any]:
    """One line of the history: what was done, when, by whom, and what stood there before."""
    before = None
    if change.before is not None and change.action == "change":
        was = reading.model_copy(update=service.numbers_of(change.before))
        shown = service.shown(was, preferences)
        before = f"{shown.text} {shown.unit}".strip()
    who = names.get(change.account_id) if change.account_id else None
    return {
        "what": _(ACTIONS.get(change.action, change.action)),
        "at": change.at,
        "who": who,
        "before": before,
    }
