"""Workouts and nights: listed, looked at with the heart's course, entered by hand, corrected, deleted, brought back."""

import math
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from ojas.features.signals import service
from ojas.features.signals.rules import (
    ACTIVITIES,
    SESSION_TITLES,
    activity_title,
    finding_title,
    milliseconds,
    strips,
)
from ojas.features.signals.schemas import Intensity, SessionDraft, SessionKind, SessionView
from ojas.kit import clock
from ojas.kit.errors import Incorrect, NotFound
from ojas.kit.http import TxOf
from ojas.kit.i18n import N_, _, format_number, format_time, gettext, ngettext
from ojas.kit.web import Faults, Figure, Pages, Series, deletable, form, page, redirect

router = Pages(prefix="/p/{person_id}/sessions")

_AROUND = timedelta(minutes=5)
_POINTS = 400
_HEART = "heart_rate"

INTENSITIES = {"low": N_("Easy"), "moderate": N_("Medium effort"), "vigorous": N_("Hard")}


class Entry(BaseModel):
    """What a person types of a session."""

    kind: SessionKind
    activity: Annotated[str, Field(max_length=200)] | None = None
    started_at: AwareDatetime
    ended_at: AwareDatetime
    intensity: Intensity | None = None
    distance_km: Annotated[float, Field(ge=0, le=1000)] | None = None
    energy_kcal: Annotated[float, Field(ge=0, le=20_000)] | None = None
    heart_rate_mean: Annotated[float, Field(ge=20, le=300)] | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None

    def draft(self, known: SessionView | None = None) -> SessionDraft:
        """The session as it is to be kept: with what a device told of it, which the form does not ask for."""
        told = known.model_dump(include=set(SessionDraft.model_fields)) if known else {}
        told |= self.model_dump(exclude={"distance_km"})
        told["distance_m"] = None if self.distance_km is None else round(self.distance_km * 1000, 1)
        return SessionDraft.model_validate(told)


@router.get("")
async def sessions(request: Request, tx: TxOf, person_id: UUID, cursor: str | None = None) -> Response:
    found = await service.SESSIONS.page(tx, person_id, limit=30, cursor=cursor)
    return page(
        request,
        "signals/sessions.html",
        sessions=[(one, title(one), _says(one)) for one in found.items],
        next=found.next,
        may_write=tx.access.allows(service.SCOPE, person_id, write=True),
    )


@router.get("/new")
async def new(request: Request, tx: TxOf, person_id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    return _form(request)


@router.post("/new")
async def add(request: Request, tx: TxOf, person_id: UUID) -> Response:
    entry = await form(request, Entry)
    if isinstance(entry, Faults):
        return _form(request, faults=entry)
    try:
        made = await service.SESSIONS.create(tx, person_id, _sound(entry).draft())
    except Incorrect as refusal:
        return _form(request, faults=Faults.of(refusal, entry))
    here = f"/p/{person_id}/sessions"
    return redirect(request, f"{here}#r-{made.id}", toast=_("Saved"), undo=f"{here}/{made.id}/delete")


@router.get("/{id}")
async def session(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    one = await service.SESSIONS.read(tx, person_id, id)
    return page(
        request,
        "signals/session.html",
        one=one,
        title=title(one),
        facts=_facts(one),
        figure=await _heart(tx, person_id, one),
        ecg=await _ecg(tx, person_id, one) if one.kind == "ecg" else None,
        points=len(await service.route(tx, person_id, id)),
        may_write=tx.access.allows(service.SCOPE, person_id, write=True),
    )


@router.get("/{id}/change")
async def correct(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    return _form(request, await service.SESSIONS.read(tx, person_id, id))


@router.post("/{id}/change")
async def change(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    known = await service.SESSIONS.read(tx, person_id, id)
    entry = await form(request, Entry)
    if isinstance(entry, Faults):
        return _form(request, known, entry)
    try:
        await service.SESSIONS.change(tx, person_id, id, _sound(entry).draft(known), if_version=known.version)
    except Incorrect as refusal:
        return _form(request, known, Faults.of(refusal, entry))
    return redirect(request, f"/p/{person_id}/sessions/{id}", toast=_("Saved"))


deletable(router, "", service.SESSIONS, then="/{id}")


def title(one: SessionView) -> str:
    return activity_title(one.activity) if one.activity else gettext(SESSION_TITLES[one.kind])


def _form(request: Request, one: SessionView | None = None, faults: Faults | None = None) -> Response:
    now = clock.now().replace(second=0, microsecond=0)
    known = {name: gettext(words) for name, words in ACTIVITIES.items()}
    if one and one.activity and one.activity not in known:
        known[one.activity] = activity_title(one.activity)
    return page(
        request,
        "signals/session-form.html",
        one=one,
        faults=faults,
        # A trace comes from a device; nobody types one in.
        kinds=[
            (name, gettext(words))
            for name, words in SESSION_TITLES.items()
            if name != "ecg" or (one and one.kind == "ecg")
        ],
        activities=sorted(known.items(), key=lambda item: item[1]),
        intensities=[(name, gettext(words)) for name, words in INTENSITIES.items()],
        started=one.started_at if one else now - timedelta(minutes=30),
        ended=one.ended_at if one else now,
    )


def _sound(entry: Entry) -> Entry:
    if entry.ended_at < entry.started_at:
        raise Incorrect("The end lies before the beginning.", field="ended_at")
    if max(entry.started_at, entry.ended_at) > clock.now() + timedelta(minutes=10):
        raise Incorrect("This lies in the future.", field="ended_at")
    return entry


def _says(one: SessionView) -> str:
    told = [_lasted(one.ended_at - one.started_at)]
    if one.finding:
        told.append(finding_title(one.finding))
    if one.distance_m:
        told.append(_("{n} km", n=format_number(one.distance_m / 1000, 1)))
    return " · ".join(told)


def _lasted(length: timedelta) -> str:
    seconds = round(length.total_seconds())
    if seconds < 60:
        return ngettext("{n} second", "{n} seconds", seconds)
    minutes = round(seconds / 60)
    return ngettext("{n} minute", "{n} minutes", minutes)


def _facts(one: SessionView) -> list[tuple[str, str | None]]:
    def amount(value: float | None, unit: str, digits: int = 0, per: float = 1) -> str | None:
        return None if value is None else f"{format_number(value / per, digits)} {unit}"

    return [
        (_("Began"), format_time(one.started_at)),
        (_("Lasted"), _lasted(one.ended_at - one.started_at)),
        (_("In motion"), _lasted(timedelta(seconds=one.active_s)) if one.active_s else None),
        (_("How hard"), gettext(INTENSITIES[one.intensity]) if one.intensity else None),
        (_("Distance"), amount(one.distance_m, "km", 2, 1000)),
        (_("Active energy"), amount(one.energy_kcal, "kcal")),
        (_("Steps"), None if one.steps is None else format_number(one.steps, 0)),
        (_("Climbed"), amount(one.climb_m, "m")),
        (_("Heart rate on average"), amount(one.heart_rate_mean, "/min")),
        (_("Highest heart rate"), amount(one.heart_rate_max, "/min")),
        (_("What the watch made of it"), finding_title(one.finding) if one.finding else None),
        (_("How you felt"), one.symptoms),
        (_("Quality"), amount(one.score, "/ 100")),
        (_("Note"), one.note),
    ]


async def _ecg(tx: TxOf, person_id: UUID, one: SessionView) -> dict[str, Any] | None:
    """The strips of an electrocardiogram with the words for who cannot see them; none where no trace was kept."""
    try:
        trace = await service.trace(tx, person_id, one.id)
    except NotFound:
        return None
    low, high = (format_number(value / 1000, 1) for value in (trace.microvolts.min(), trace.microvolts.max()))
    return {
        "strips": strips(trace),
        "says": _(
            "{n} seconds, between {low} and {high} millivolts.",
            n=format_number(trace.seconds, 0),
            low=low,
            high=high,
        ),
    }


async def _heart(tx: TxOf, person_id: UUID, one: SessionView) -> Figure | None:
    """The heart's course from a little before to a little after."""
    start, end = one.started_at - _AROUND, one.ended_at + _AROUND
    low, high = max(milliseconds(start), 0), max(milliseconds(end), 1)
    found = await service.series(tx, person_id, _HEART, low, high, _POINTS)
    known = found.n > 0
    if not known.any():
        return None
    most, least = float(found.high[known].max()), float(found.low[known].min())
    mean = float(found.value[known].mean())
    return Figure(
        id="chart-heart",
        title=_("{n} beats a minute on average", n=format_number(mean, 0)),
        name=_("Heart rate"),
        summary=_(
            "Between {low} and {high} beats a minute.",
            low=format_number(least, 0),
            high=format_number(most, 0),
        ),
        kind="heart",
        unit="/min",
        series=[_line(found)],
        start=start,
        end=end,
        columns=[_("When"), _("Heart rate")],
        rows=[[format_time(_at(ms)), format_number(v, 0)] for ms, v in _pairs(found) if v is not None][::-1],
    )


def _line(found: Any) -> Series:
    points = [(_at(ms + found.width / 2), value) for ms, value in _pairs(found)]
    low, high = ([_open(v) for v in column.tolist()] for column in (found.low, found.high))
    return Series(_("Heart rate"), points, low=low, high=high)


def _pairs(found: Any) -> list[tuple[float, float | None]]:
    return [(ms, _open(value)) for ms, value in zip(found.start.tolist(), found.value.tolist(), strict=True)]


def _open(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 1)


def _at(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
