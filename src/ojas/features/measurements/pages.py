"""The pages of measurements: add a reading, look at a kind, at one reading, correct and delete it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ojas.features.measurements import service
from ojas.features.measurements.rules import Entry
from ojas.features.measurements.service import Doubt, Kind, Meal, Position, Reading
from ojas.kit import audit, clock, i18n
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, NotFound
from ojas.kit.http import ActorOf, TxOf
from ojas.kit.i18n import N_, _
from ojas.kit.ids import new_id
from ojas.kit.web import Faults, Pages, form, page, range_of, redirect

router = Pages()

_PER_PAGE = 30
_EARLIEST = timedelta(days=365 * 20)

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("Heart"),
        ("blood_pressure", "heart_rate", "resting_heart_rate", "oxygen_saturation", "respiratory_rate"),
    ),
    (N_("Body"), ("weight", "temperature", "height", "waist", "body_fat", "lean_mass")),
    (N_("Sugar"), ("blood_glucose", "hba1c")),
    (N_("How you feel"), ("pain", "phq9", "gad7")),
    (
        N_("Day by day"),
        ("steps", "distance", "exercise_duration", "active_energy", "floors", "hydration", "sleep_duration"),
    ),
    (
        N_("Laboratory"),
        ("cholesterol", "ldl", "hdl", "triglycerides", "non_hdl", "creatinine", "inr", "nt_probnp", "bnp"),
    ),
    (N_("Clinic"), ("lvef", "six_minute_walk", "vo2max")),
)
MEALS = {
    Meal.FASTING: N_("Fasting"),
    Meal.BEFORE_MEAL: N_("Before a meal"),
    Meal.AFTER_MEAL: N_("Two hours after a meal"),
    Meal.BEDTIME: N_("At bedtime"),
    Meal.RANDOM: N_("Any time"),
}
POSITIONS = {
    Position.SITTING: N_("Sitting"),
    Position.STANDING: N_("Standing"),
    Position.LYING: N_("Lying down"),
}
METHODS = {
    service.Method.DEVICE: N_("By a device"),
    service.Method.MANUAL: N_("Entered by hand"),
    service.Method.SELF_REPORT: N_("As you told it"),
    service.Method.LABORATORY: N_("Laboratory"),
}
ACTIONS = {
    "create": N_("Added"),
    "change": N_("Corrected"),
    "delete": N_("Deleted"),
    "import": N_("Imported"),
}

_Number = Annotated[Decimal, Field(ge=-(10**9), le=10**9, max_digits=20)]


class EntryForm(BaseModel):
    """A reading as typed. ``id`` was given out with the form, so that sending it twice adds it once."""

    model_config = ConfigDict(extra="ignore")

    id: UUID | None = None
    unit: Annotated[str, Field(max_length=40)]
    value: _Number | None = None
    systolic: _Number | None = None
    diastolic: _Number | None = None
    effective_at: AwareDatetime
    position: Position | None = None
    meal: Meal | None = None
    device: Annotated[str | None, Field(max_length=200)] = None
    place: Annotated[str | None, Field(max_length=200)] = None
    notes: Annotated[str | None, Field(max_length=4000)] = None
    confirmed: bool = False
    meant: str | None = None
    """The unit the person says they meant, after a doubt."""

    def draft(self, kind: Kind, **more: Any) -> service.EntryDraft:
        fields = self.model_dump(exclude={"id", "meant"})
        return service.EntryDraft(kind=kind.name, **(fields | {"unit": self.meant or self.unit} | more))


class Sides(BaseModel):
    """The limits of one number."""

    danger_low: _Number | None = None
    low: _Number | None = None
    high: _Number | None = None
    danger_high: _Number | None = None


class LimitsForm(BaseModel):
    """What is in range for the person: a guideline, or limits, typed in the reader's unit."""

    model_config = ConfigDict(extra="ignore")

    guideline: Annotated[str | None, Field(max_length=60)] = None
    value: Sides | None = None
    systolic: Sides | None = None
    diastolic: Sides | None = None
    told_by: Annotated[str | None, Field(max_length=200)] = None

    @property
    def limits(self) -> dict[str, dict[str, Decimal | None]]:
        told = {"value": self.value, "systolic": self.systolic, "diastolic": self.diastolic}
        return {part: sides.model_dump() for part, sides in told.items() if sides}


@dataclass(frozen=True, slots=True)
class Line:
    """A reading in a list."""

    reading: Reading
    shown: service.Shown


@router.get("/p/{person_id}/add")
async def choose(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID) -> Response:
    """What can be added by hand: those added last first."""
    tx.access.require("measurements", person_id, write=True)
    preferences = service.preferences_of(actor)
    latest = await service.latest(tx, person_id)
    offered = {name: service.CATALOGUE[name] for _label, names in GROUPS for name in names}
    offered = {name: kind for name, kind in offered.items() if _by_hand(tx, person_id, kind)}
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
    )


@router.get("/p/{person_id}/add/{kind_name}")
async def blank(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, kind_name: str) -> Response:
    """An empty form of a kind, in the unit used last."""
    tx.access.require("measurements", person_id, write=True)
    kind = _kind(kind_name)
    if not _by_hand(tx, person_id, kind):
        raise NotFound("There is nothing at this address.")
    last = (await service.latest(tx, person_id, [kind.name])).get(kind.name)
    unit = service.unit_for(kind.main, service.preferences_of(actor))
    if last and last.source == "by-hand" and last.unit in kind.main.units:
        unit = last.unit
    return _entry_page(request, kind, unit=unit, last=last, new=new_id())


@router.post("/p/{person_id}/add/{kind_name}")
async def add(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, kind_name: str) -> Response:
    """Enter what was typed; what is wrong is said beside its field, and a likely slip is asked about."""
    kind = _kind(kind_name)
    sent = await form(request, EntryForm)
    if isinstance(sent, Faults):
        return _entry_page(request, kind, faults=sent)
    try:
        if sent.id is None or not await _is_there(tx, person_id, sent.id):
            made = await service.enter(tx, person_id, sent.draft(kind), id=sent.id)
            return await _saved(request, tx, person_id, kind, made)
    except Incorrect as refusal:
        return _entry_page(request, kind, faults=_faults(refusal, sent), doubt=_doubt(refusal))
    return redirect(request, f"/p/{person_id}/readings/{kind.name}", toast=_("Saved."))


@router.post("/p/{person_id}/add/{kind_name}/band")
async def band(request: Request, tx: TxOf, person_id: UUID, kind_name: str) -> Response:
    """Where what is being typed would lie. By POST, since an address must not hold a reading."""
    kind = _kind(kind_name)
    sent = await form(request, EntryForm)
    finding = None
    if not isinstance(sent, Faults):
        try:
            judge = await service.judge(tx, person_id)
            finding = service.foresee(judge, kind, sent.draft(kind))
        except Incorrect:
            finding = None
    return page(request, "measurements/band.html", finding=finding)


@router.get("/p/{person_id}/readings")
async def overview(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID) -> Response:
    """Every kind there are readings of, by its last one."""
    preferences, judge = service.preferences_of(actor), await service.judge(tx, person_id)
    latest = await service.latest(tx, person_id)
    lines = [Line(reading, service.shown(reading, preferences, judge)) for reading in latest.values()]
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
    kind = _kind(kind_name)
    preferences, judge = service.preferences_of(actor), await service.judge(tx, person_id)
    stretch = range_of(request.query_params.get("range"), "3m")
    end = clock.now()
    start = end - (stretch.length or _EARLIEST)
    figure = None
    if cursor is None:
        figure = await service.figure(
            tx, person_id, kind.name, start, end, preferences=preferences, judge=judge
        )
    found = await service.page(tx, person_id, kind=kind.name, limit=_PER_PAGE, cursor=cursor)
    return page(
        request,
        "measurements/kind.html",
        kind=kind,
        figure=figure,
        stretch=stretch,
        lines=[Line(reading, service.shown(reading, preferences, judge)) for reading in found.items],
        next=found.next,
        cursor=cursor,
        guideline=judge.guideline(kind, end),
        cited=service.cited,
        may_write=tx.access.allows("measurements", person_id, write=True),
        by_hand=_by_hand(tx, person_id, kind),
    )


@router.get("/p/{person_id}/readings/{kind_name}/range")
async def limits(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, kind_name: str) -> Response:
    """What counts as in range for this person, to be changed."""
    tx.access.require("measurements", person_id, write=True)
    return await _limits_page(request, tx, actor, person_id, _kind(kind_name))


@router.post("/p/{person_id}/readings/{kind_name}/range")
async def set_limits(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, kind_name: str) -> Response:
    """Keep the limits a care team gave, or the guideline that was chosen; with neither, go back to what is usual."""
    kind = _kind(kind_name)
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


@router.get("/p/{person_id}/readings/{kind_name}/{id}")
async def one(
    request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, kind_name: str, id: UUID
) -> Response:
    """One reading: all that is known of it, and how it came to be as it is."""
    reading = await _of_kind(tx, person_id, _kind(kind_name), id)
    preferences, judge = service.preferences_of(actor), await service.judge(tx, person_id)
    past = await service.history(tx, person_id, id)
    names = await service.names_of(tx, [change.account_id for change in past if change.account_id])
    return page(
        request,
        "measurements/one.html",
        kind=_kind(kind_name),
        reading=reading,
        shown=service.shown(reading, preferences, judge),
        cited=service.cited,
        past=[_change(change, reading, preferences, names) for change in past],
        meals=MEALS,
        positions=POSITIONS,
        methods=METHODS,
        entered=_entered(reading),
        average=_average(reading, preferences),
        may_write=tx.access.allows("measurements", person_id, write=True),
        by_hand=_by_hand(tx, person_id, _kind(kind_name)),
    )


@router.get("/p/{person_id}/readings/{kind_name}/{id}/change")
async def correct(request: Request, tx: TxOf, person_id: UUID, kind_name: str, id: UUID) -> Response:
    """The form of a reading, filled with what was entered."""
    tx.access.require("measurements", person_id, write=True)
    kind = _kind(kind_name)
    reading = await _of_kind(tx, person_id, kind, id)
    return _entry_page(request, kind, unit=reading.unit, reading=reading)


@router.post("/p/{person_id}/readings/{kind_name}/{id}/change")
async def change(request: Request, tx: TxOf, person_id: UUID, kind_name: str, id: UUID) -> Response:
    """Correct the reading: a new version."""
    kind = _kind(kind_name)
    reading = await _of_kind(tx, person_id, kind, id)
    sent = await form(request, EntryForm)
    if isinstance(sent, Faults):
        return _entry_page(request, kind, faults=sent, reading=reading)
    kept: dict[str, Any] = {
        "effective_end": reading.effective_end,
        "zone": reading.zone,
        "method": reading.method,
    }
    kept |= {"specimen": reading.specimen, "daily_total": reading.daily_total, "mean": _mean(reading)}
    try:
        await service.change(tx, person_id, id, sent.draft(kind, **kept))
    except Incorrect as refusal:
        return _entry_page(request, kind, faults=_faults(refusal, sent), reading=reading)
    return redirect(request, f"/p/{person_id}/readings/{kind.name}/{id}", toast=_("Corrected."))


@router.post("/p/{person_id}/readings/{kind_name}/{id}/delete")
async def delete(request: Request, tx: TxOf, person_id: UUID, kind_name: str, id: UUID) -> Response:
    """Delete the reading, and offer to undo it."""
    await form(request, _Nothing)
    kind = _kind(kind_name)
    await _of_kind(tx, person_id, kind, id)
    await service.delete(tx, person_id, id)
    here = f"/p/{person_id}/readings/{kind.name}"
    return redirect(request, here, toast=_("Deleted."), undo=f"{here}/{id}/restore")


@router.post("/p/{person_id}/readings/{kind_name}/{id}/restore")
async def restore(request: Request, tx: TxOf, person_id: UUID, kind_name: str, id: UUID) -> Response:
    """Undo a deletion."""
    await form(request, _Nothing)
    await service.restore(tx, person_id, id)
    return redirect(request, f"/p/{person_id}/readings/{_kind(kind_name).name}", toast=_("It is back."))


class _Nothing(BaseModel):
    """A form without fields."""


def _kind(name: str) -> Kind:
    if (kind := service.CATALOGUE.get(name)) is None:
        raise NotFound("There is nothing at this address.")
    return kind


def _by_hand(tx: Tx, person_id: UUID, kind: Kind) -> bool:
    if not tx.access.allows("measurements", person_id, write=True):
        return False
    return kind.entry is Entry.PERSON or (
        kind.entry is Entry.CLINICIAN and tx.access.why(person_id) == "TREAT"
    )


async def _of_kind(tx: Tx, person_id: UUID, kind: Kind, id: UUID) -> Reading:
    reading = await service.read(tx, person_id, id)
    if reading.kind != kind.name:
        raise NotFound("There is nothing at this address.")
    return reading


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
    return redirect(request, f"{here}/{made.id}" if danger else here, toast=_("Saved."))


def _entry_page(
    request: Request,
    kind: Kind,
    *,
    unit: str = "",
    last: Reading | None = None,
    new: UUID | None = None,
    reading: Reading | None = None,
    faults: Faults | None = None,
    doubt: Doubt | None = None,
) -> Response:
    parts = [part for part in kind.parts if part.required]
    return page(
        request,
        "measurements/entry.html",
        faults=faults,
        kind=kind,
        parts=parts,
        units=[(code, service.unit_text(kind, code)) for code in kind.main.units],
        unit=unit or (str(faults.values.get("unit", "")) if faults else ""),
        entered=reading.entered if reading else {},
        reading=reading,
        last=last,
        new=new or (faults.values.get("id") if faults else None),
        doubt=doubt,
        meals=[(meal.value, _(words)) for meal, words in MEALS.items()]
        if kind.name == "blood_glucose"
        else [],
        positions=[(each.value, _(words)) for each, words in POSITIONS.items()]
        if kind.name == "blood_pressure"
        else [],
        unit_text=service.unit_text,
    )


def _faults(refusal: Incorrect, sent: EntryForm) -> Faults:
    """What was typed stays as it was typed; a wall time goes back as one."""
    typed = sent.model_dump(mode="json", exclude_none=True)
    typed["effective_at"] = _wall(sent.effective_at)
    typed["unit"] = sent.meant or sent.unit
    return Faults.of(refusal, typed)


def _wall(at: datetime) -> str:
    return i18n.local(at).strftime("%Y-%m-%dT%H:%M")


def _doubt(refusal: Incorrect) -> Doubt | None:
    return refusal if isinstance(refusal, Doubt) else None


def _mean(reading: Reading) -> Decimal | None:
    return Decimal(reading.entered["mean"]) if "mean" in reading.entered else None


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


async def _limits_page(
    request: Request, tx: Tx, actor: ActorOf, person_id: UUID, kind: Kind, faults: Faults | None = None
) -> Response:
    preferences = service.preferences_of(actor)
    unit = service.unit_for(kind.main, preferences)
    judge = await service.judge(tx, person_id)
    own = judge.overrides.get(kind.name)
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
