"""The first screen: what is wrong, what to do now, the rest of today, how things stand."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from ojas.features.alarms import service as alarms
from ojas.features.calendar import service as calendar
from ojas.features.connections import service as connections
from ojas.features.emergency import service as emergency
from ojas.features.measurements import service as measurements
from ojas.features.medications import service as medications
from ojas.features.record import service as record
from ojas.features.today.rules import Daily, is_routine, usual
from ojas.features.today.schemas import Alarm, Day, Others, Press, Task, Tile
from ojas.features.today.service.amounts import DEVICES, Device, daily, hours, row_of_days, today
from ojas.features.today.service.doses import of_dose
from ojas.features.today.service.noticed import noticed
from ojas.features.today.service.others import others
from ojas.kit import clock, i18n
from ojas.kit.db import Tx
from ojas.kit.http import Actor
from ojas.kit.i18n import _, format_datetime, format_day
from ojas.kit.jobs import still_since

TILES = (
    "blood_pressure",
    "resting_heart_rate",
    "weight",
    "blood_glucose",
    "oxygen_saturation",
    "temperature",
)
ROUTINES = ("blood_pressure", "weight", "blood_glucose")
"""What people measure by a habit, and are glad to be reminded of."""
DEVICE_TILES = ("heart_rate", "steps", "sleep")
MOST_TILES = 8
_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Look:
    """What was asked of the features below, once, for all parts of the screen."""

    tx: Tx
    person_id: UUID
    now: datetime
    today: date
    preferences: measurements.Preferences
    latest: Mapping[str, measurements.Reading]
    judge: measurements.Judge | None
    lines: Mapping[str, Sequence[measurements.Point]]
    """The last month of each kind that is shown, a point a day."""
    devices: Mapping[str, Sequence[Daily]]

    def writes(self, scope: str) -> bool:
        return self.tx.access.allows(scope, self.person_id, write=True)

    def at(self, path: str) -> str:
        return f"/p/{self.person_id}{path}"

    def shown(self, reading: measurements.Reading) -> measurements.Shown:
        return measurements.shown(reading, self.preferences, self.judge)


async def day(
    tx: Tx, person_id: UUID, preferences: measurements.Preferences, reader: Actor | None = None
) -> Day:
    """What matters now. Asks only for what is shared with the reader; on their own screen also of those they look after.

    Raises:
        NotFound: nothing of the person is.
    """
    look = await _look(tx, person_id, preferences)
    tasks = [task for source in TASKS for task in await source(look)]
    # What has its time waits for it; what has none waits since this morning.
    waiting = [
        task for task in tasks if not (task.done or task.over) and (task.at is None or task.at <= look.now)
    ]
    tiles, wrong = _tiles(look), [*await _still(look), *await _calls(look), *await _alarms(look)]
    against = await _against(look)
    anything = tiles or tasks or wrong or against or look.latest
    return Day(
        alarms=tuple(wrong),
        others=await others(tx, reader, preferences, look.at(""))
        if reader and reader.person_id == person_id
        else Others(),
        now=waiting[0] if waiting else None,
        rest=tuple(sorted((task for task in tasks if task not in waiting[:1]), key=_order)),
        tiles=tuple(tiles),
        against=tuple(against),
        noticed=tuple(noticed(preferences, look.lines, look.devices)),
        importing=await _importing(look),
        empty=not anything and await _record_is_empty(look),
    )


async def _look(tx: Tx, person_id: UUID, preferences: measurements.Preferences) -> Look:
    now, this_day = clock.now(), today()
    latest: Mapping[str, measurements.Reading] = {}
    judge, lines, devices = None, {}, {}
    if person_id not in tx.access.persons:
        tx.access.require("profile", person_id)
    if tx.access.allows("measurements", person_id):
        latest = await measurements.latest(tx, person_id)
        judge = await measurements.judge(tx, person_id) if latest else None
        kinds = [kind for kind in (*TILES, "hba1c") if kind in latest]
        if kinds:
            lines = await measurements.several_series(tx, person_id, kinds, now - _MONTH, now, steps=30)
    if tx.access.allows("signals", person_id):
        found = await daily(tx, person_id, DEVICE_TILES, this_day - _MONTH, this_day)
        devices = {name: days for name, days in found.items() if days}
    return Look(tx, person_id, now, this_day, preferences, latest, judge, lines, devices)


def _order(task: Task) -> tuple[bool, bool, datetime]:
    """What is due and can be answered here first, then by the clock, then what has no time."""
    now = clock.now()
    answerable = task.presses and not task.over and (task.at is None or task.at <= now)
    return not answerable, task.at is None, task.at or now


# ------------------------------------------------------------------ what is wrong


async def _still(look: Look) -> list[Alarm]:
    """Whoever counts on being reminded must learn that nobody reminds them."""
    since = await still_since(look.tx)
    if since is None:
        return []
    return [
        Alarm(
            title=_("Reminders and alarms stand still"),
            says=_("Since {moment} Ojas sends none.").format(moment=format_datetime(since)),
            advice=_("Look after the medicines yourself, and tell whoever runs this Ojas."),
            href=look.at("/medicines" if look.tx.access.allows(medications.SCOPE, look.person_id) else ""),
            at=since,
        )
    ]


async def _calls(look: Look) -> list[Alarm]:
    """Calls for help that are not over come before everything."""
    if not look.tx.access.allows(emergency.SCOPE, look.person_id):
        return []
    return [
        Alarm(
            title=emergency.title_of(call),
            says=emergency.said_of(call),
            advice="",
            href=look.at(f"/emergency/alerts/{call.id}"),
            at=call.created_at,
            danger=not call.test,
        )
        for call in await emergency.running(look.tx, look.person_id)
    ]


async def _alarms(look: Look) -> list[Alarm]:
    """What is wrong now, the worst first, with what can be said to it at once."""
    if not look.tx.access.allows(alarms.SCOPE, look.person_id):
        return []
    writes = look.writes(alarms.SCOPE)
    return [
        _of_alarm(look, one, writes)
        for one in await alarms.open_now(look.tx, look.person_id, look.preferences)
    ]


def _of_alarm(look: Look, one: alarms.AlarmShown, writes: bool) -> Alarm:
    here = look.at(f"/alarms/{one.id}")
    then = {"then": look.at("")}
    presses = (
        Press(words=_("I have seen it"), href=f"{here}/acknowledge", values=then),
        Press(words=_("Later"), href=f"{here}/snooze", values={"minutes": "60", **then}),
    )
    return Alarm(
        title=one.title,
        says=one.says,
        advice=one.advice,
        href=here,
        at=one.evidence_at,
        danger=one.severity.danger,
        known=alarms.standing_text(one),
        presses=presses if writes and not one.acknowledged_at else (),
    )


# ------------------------------------------------------------------ what to do


async def routines(look: Look) -> list[Task]:
    """What the person measures by habit: done today, or not yet."""
    if not look.writes("measurements"):
        return []
    found = []
    for kind in ROUTINES:
        reading = look.latest.get(kind)
        if reading is None:
            continue
        shown = look.shown(reading)
        if i18n.local(reading.effective_at).date() == look.today:
            href = look.at(f"/readings/{kind}/{reading.id}")
            says = f"{shown.text} {shown.unit}"
            found.append(Task(title=shown.label, says=says, href=href, at=reading.effective_at, done=True))
        elif is_routine((i18n.local(point.at).date() for point in look.lines.get(kind, ())), look.today):
            found.append(
                Task(
                    title=shown.label,
                    says=_("Not measured yet today. Last: {value}, {day}.", value=f"{shown.text} {shown.unit}",
                           day=format_day(reading.effective_at)),
                    href=look.at(f"/add/{kind}"),
                    action=_("Add it"),
                )
            )  # fmt: skip
    return found


async def medicines(look: Look) -> list[Task]:
    """The doses of today: what is due can be answered here, and what was skipped taken back."""
    if not look.tx.access.allows("medications", look.person_id):
        return []
    writes = look.writes("medications")
    found = await medications.today(look.tx, look.person_id)
    return [of_dose(dose, writes=writes, home=look.at("")) for dose in found]


async def _against(look: Look) -> list[str]:
    """Medicines that an allergy of the record speaks against, a sentence each."""
    if not look.tx.access.allows("medications", look.person_id):
        return []
    found = await medications.touched(look.tx, look.person_id)
    return [
        _("An allergy in the record ({allergy}) may not go with {medicine}: ask a pharmacist or a doctor.",
          medicine=one.medicine, allergy=one.allergy)
        for one in found
    ]  # fmt: skip


async def appointments(look: Look) -> list[Task]:
    """The appointments of today, with what to do before; what was called off or missed is not spoken of again."""
    if not look.tx.access.allows("calendar", look.person_id):
        return []
    writes = look.writes("calendar")
    return [
        _of_appointment(look, one, writes) for one in await calendar.today(look.tx, look.person_id)
        if one.care and one.status not in ("cancelled", "no_show")
    ]  # fmt: skip


def _of_appointment(look: Look, one: calendar.Occurrence, writes: bool) -> Task:
    care, here = one.care, look.at(one.path)
    assert care is not None
    done = one.status == "completed" or one.ends <= look.now
    confirm = Press(
        words=_("Will be there"), href=f"{here}/status", values={"status": "confirmed", "then": look.at("")}
    )
    parts = [
        care.provider,
        one.place or care.clinic,
        care.preparation and _("Before: {what}", what=care.preparation),
    ]
    return Task(
        title=one.title,
        says=" · ".join(part for part in parts if part),
        href=here,
        at=one.begins,
        done=done,
        action=_("Open"),
        presses=(confirm,) if writes and not done and one.status == "pending" else (),
    )


TASKS: tuple[Callable[[Look], Awaitable[list[Task]]], ...] = (medicines, appointments, routines)
"""Who says what is to be done today, what has its minute first. Exercises join here."""


async def _importing(look: Look) -> int | None:
    if not look.tx.access.allows("connections", look.person_id):
        return None
    found, _next = await connections.page(look.tx, look.person_id, limit=1)
    if found and found[0].state in ("queued", "running"):
        return found[0].progress.percent or 0
    return None


async def _record_is_empty(look: Look) -> bool:
    if not look.tx.access.allows("record", look.person_id):
        return True
    return not any(await record.counts(look.tx, look.person_id))


# ------------------------------------------------------------------ how things stand


def _tiles(look: Look) -> list[Tile]:
    first = [_of_reading(look, kind) for kind in TILES if kind in look.latest and kind != "oxygen_saturation"]
    devices = [_of_device(look, name) for name in DEVICE_TILES if name in look.devices]
    shown = set(TILES) - {"oxygen_saturation"}
    rest = sorted(look.latest.values(), key=lambda reading: reading.effective_at, reverse=True)
    doubled = {DEVICES[name].same_as for name in look.devices}
    others = [_of_reading(look, r.kind) for r in rest if r.kind not in shown and r.kind not in doubled]
    return [*first[:3], *devices, *first[3:], *others][:MOST_TILES]


def _of_reading(look: Look, kind: str) -> Tile:
    reading = look.latest[kind]
    shown = look.shown(reading)
    part = measurements.CATALOGUE[kind].main.name
    main = measurements.CATALOGUE[kind].parts[0].name
    values = tuple(point.mean.get(main, point.mean.get(part)) for point in look.lines.get(kind, ()))
    return Tile(
        name=shown.label,
        text=shown.text,
        unit=shown.unit,
        colour=shown.colour,
        mark=shown.mark,
        says=shown.band,
        at=reading.effective_at,
        href=look.at(f"/readings/{kind}"),
        values=values,
        band=_band(look, kind, main),
    )


def _band(look: Look, kind: str, part: str) -> tuple[float | None, float | None] | None:
    """Where values should be, canonical as the line is."""
    guideline = look.judge.guideline(measurements.CATALOGUE[kind], look.now) if look.judge else None
    good = [
        b for b in (guideline.ladders.get(part, ()) if guideline else ()) if b.level is measurements.Level.OK
    ]
    if not good:
        return None
    low, high = good[0].low, good[-1].high
    return None if low is None else float(low), None if high is None else float(high)


def _of_device(look: Look, name: str) -> Tile:
    device, days = DEVICES[name], look.devices[name]
    last = days[-1]
    often = usual([one.value for one in days[:-1]])
    return Tile(
        name=device.title,
        text=device.number(last.value),
        parts=hours(last.value) if name == "sleep" else (),
        unit=_(device.unit) if name == "heart_rate" else "",
        colour=device.colour,
        says=_said(device, often),
        day=last.day,
        href=look.at(f"/trends/{name}"),
        values=row_of_days(days, look.today, 14 if device.sums else 30),
        style="bar" if device.sums else "line",
    )


def _said(device: Device, often: float | None) -> str:
    if often is None:
        return ""
    return _("Usually {value}", value=device.text(often))
