"""What became of the doses of a time: all together, by day, by hour, by medicine. Reckoned when it is asked for, never kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from ojas.features.medications import queries
from ojas.features.medications.rules import adherence as rules
from ojas.features.medications.rules.as_needed import Taken, Use, use
from ojas.features.medications.rules.doses import Action, Answer, Window, state_of
from ojas.features.medications.rules.patterns import AsNeeded, Taper
from ojas.features.medications.schemas import (
    Adherence,
    Medicine,
    OfDay,
    OfHour,
    OfMedicine,
    OfStep,
    Picture,
)
from ojas.features.medications.service.content import Content
from ojas.features.medications.service.looking import ahead_of
from ojas.features.medications.service.medicines import SCOPE, known
from ojas.kit import audit, clock
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect

MOST_DAYS = 3660
_MOMENT = timedelta(microseconds=1)
_EVER = datetime.min.replace(tzinfo=UTC)
Outcome = tuple[rules.Kept, bool]
"""A dose with what became of it, and whether it was taken as needed."""


async def adherence(
    tx: Tx, person_id: UUID, first: date, last: date, medicine_id: UUID | None = None
) -> Adherence:
    """What became of the doses of these days, of one medicine or of all.

    Raises:
        Incorrect: days that end before they begin, or more than ten years of them.
    """
    _check(tx, person_id, first, last)
    return _reckoned(await _outcomes(tx, person_id, first, last, medicine_id), first, last)


async def picture(
    tx: Tx, person_id: UUID, first: date, last: date, medicine_id: UUID | None = None
) -> Picture:
    """The same by day, by hour of the day, and for each medicine.

    Raises:
        Incorrect: as in adherence.
    """
    _check(tx, person_id, first, last)
    kept = await _outcomes(tx, person_id, first, last, medicine_id)
    planned = [one for one, needed in kept if not needed]
    listed = [one for _row, one in await known(tx, person_id) if medicine_id in (None, one.id)]
    uses = await _uses(tx, person_id, listed, kept)
    return Picture(
        total=_reckoned(kept, first, last),
        days=[OfDay(day=day, **_counts(tally)) for day, tally in sorted(rules.by_day(planned).items())],
        hours=[OfHour(hour=hour, **_counts(tally)) for hour, tally in rules.by_hour(planned).items()],
        medicines=[part for one in listed if (part := _of(one, kept, first, last, uses.get(one.id)))],
    )


def _check(tx: Tx, person_id: UUID, first: date, last: date) -> None:
    tx.access.require(SCOPE, person_id)
    if last < first:
        raise Incorrect("This ends before it begins.", field="last")
    if (last - first).days > MOST_DAYS:
        raise Incorrect("Ask for at most ten years at once.", field="last")
    audit.looked(tx, person_id, "doses")


def _of(
    medicine: Medicine, kept: Sequence[Outcome], first: date, last: date, used: Use | None
) -> OfMedicine | None:
    """A medicine's own part; None where nothing of it was due or taken."""
    own = [one for one in kept if one[0].medicine == medicine.id]
    if not own:
        return None
    pattern = medicine.schedule.pattern
    # Doses of a schedule that was changed since belong to no step of this one.
    begun = [one for one, needed in own if not needed and one.day >= medicine.schedule.start]
    steps = rules.by_step(begun, medicine.schedule) if isinstance(pattern, Taper) else {}
    return OfMedicine(
        medicine_id=medicine.id,
        medicine=medicine.name,
        steps=[OfStep(step=number + 1, **_counts(tally)) for number, tally in sorted(steps.items())],
        too_soon=used.too_soon if used else 0,
        over=used.over if used else 0,
        **_reckoned(own, first, last).model_dump(),
    )


async def _uses(
    tx: Tx, person_id: UUID, listed: Iterable[Medicine], kept: Iterable[Outcome]
) -> dict[UUID, Use]:
    """How those that are taken as needed were taken: too soon, or too much."""
    times = [one.at for one, needed in kept if needed]
    patterns = {one.id: one.schedule.pattern for one in listed}
    taken: dict[UUID, list[Taken]] = {}
    for row in await queries.as_needed(tx, person_id, min(times), max(times)) if times else ():
        content = await Content.of(tx, row)
        taken.setdefault(row.medicine_id, []).append(Taken(row.at, content.amount or content.planned))
    return {
        id: use(pattern, taken[id])
        for id, pattern in patterns.items()
        if isinstance(pattern, AsNeeded) and id in taken
    }


def _reckoned(kept: Sequence[Outcome], first: date, last: date) -> Adherence:
    planned = [one for one, needed in kept if not needed]
    total, whole, run = rules.tally(planned), rules.days(planned), rules.streak(planned)
    return Adherence(
        first=first,
        last=last,
        **_counts(total),
        percent=rules.percent(total.adherence),
        days_good=whole.good,
        days_all=whole.all,
        pdc=rules.percent(whole.share),
        streak=run.current,
        longest_streak=run.longest,
        as_needed=sum(needed for _one, needed in kept),
    )


def _counts(total: rules.Tally) -> dict[str, Any]:
    names = ("due", "taken", "on_time", "late", "skipped", "missed", "held", "open")
    return {name: getattr(total, name) for name in names}


async def _outcomes(
    tx: Tx, person_id: UUID, first: date, last: date, medicine_id: UUID | None
) -> list[Outcome]:
    """Each dose that came due in these days; those the tick has yet to make, too."""
    now = clock.now()
    rows = await queries.outcomes(tx, person_id, first, last, medicine_id)
    found = [(_kept(row, now), row.planned is None) for row in rows]
    there = {row.id for row in rows}
    listed = [pair for pair in await known(tx, person_id) if medicine_id in (None, pair[1].id)]
    for one in await ahead_of(tx, listed, _EVER, now + _MOMENT):
        if first <= one.dose.day <= last and one.id not in there:
            state = state_of(one.window, None, now)
            planned = rules.Kept(one.medicine.id, one.dose.day, one.dose.planned, one.dose.at, state)
            found.append((planned, False))
    return found


def _kept(row: Any, now: datetime) -> rules.Kept:
    answer = None
    if row.action is not None:
        answer = Answer(Action(row.action), row.answered_at, row.told_at, until=row.until)
    state = state_of(Window(row.opens_at, row.at, row.on_time_at, row.closes_at), answer, now)
    planned = datetime.fromisoformat(row.planned) if row.planned else datetime.combine(row.day, time())
    return _Kept(row.medicine_id, row.day, planned, row.at, state, answer, out=row.held)


@dataclass(frozen=True)
class _Kept(rules.Kept):
    """As the row has it: whether it was held lies in the clear, its reason does not."""

    out: bool = False

    @property
    def held(self) -> bool:
        return self.out
