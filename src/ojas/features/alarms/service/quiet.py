"""What no single value shows: a gain over days, doses that went by, a silence."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from ojas.features.alarms.rules import FRESH, HABIT, LASTS, LIVELY, Rule, Standing, gained
from ojas.features.measurements import service as measurements
from ojas.features.medications import service as medications
from ojas.features.signals import service as signals
from ojas.kit.db import Tx
from ojas.kit.i18n.zones import zone_of

_WEEKS = timedelta(days=14)

Weight = tuple[datetime, date, Decimal]


def first_of_days(recent: Sequence[measurements.Recent]) -> list[Weight]:
    """The first weight of each local day, in order: mornings are comparable, evenings after a meal are not."""
    days: dict[date, tuple[datetime, Decimal]] = {}
    for one in recent:
        day = one.at.astimezone(zone_of(one.zone)).date()
        if day not in days or one.at < days[day][0]:
            days[day] = one.at, one.numbers["value"]
    return [(at, day, weight) for day, (at, weight) in sorted(days.items())]


def gain(rule: Rule, weights: Sequence[Weight], amount: Decimal, now: datetime) -> Standing | None:
    found = gained(weights, rule.days)
    if found is None or found[2] < amount or now - found[0] >= LASTS:
        return None
    at, weight, more = found
    facts = {"kind": "weight", "numbers": {"value": str(weight)}, "gain": str(more), "days": rule.days}
    return Standing(rule.severity, at, at + LASTS, now - at < FRESH, facts | {"at": at.isoformat()})


async def missed(
    tx: Tx, rule: Rule, person_id: UUID, amount: Decimal, now: datetime
) -> tuple[Standing | None, datetime | None]:
    found = await medications.missed(tx, person_id, now - LASTS, now)
    if len(found.doses) < amount:
        return None, found.next_at
    at = found.doses[-1][1]
    facts = {"doses": len(found.doses), "at": at.isoformat()}
    return Standing(rule.severity, at, at + LASTS, now - at < FRESH, facts), found.next_at


def silence(
    rule: Rule, recent: Sequence[measurements.Recent], amount: Decimal, now: datetime
) -> tuple[Standing | None, datetime | None]:
    """No reading of what somebody measures by habit; of several kinds the newest counts."""
    seen = [one for one in recent if one.kind in rule.kinds]
    if not seen:
        return None, None
    last = max(seen, key=lambda one: one.at)
    days = {one.at.astimezone(zone_of(one.zone)).date() for one in seen if last.at - one.at <= _WEEKS}
    due, over = last.at + int(amount) * timedelta(days=1), last.at + int(amount) * timedelta(days=1) + LASTS
    if len(days) < HABIT or now >= over:
        return None, None
    if now < due:
        return None, due
    facts = {"kind": last.kind, "since": last.at.isoformat(), "days": (now - last.at).days}
    return Standing(rule.severity, last.at, over, now - due < FRESH, facts), over


async def devices(
    tx: Tx, rule: Rule, person_id: UUID, amount: Decimal, now: datetime
) -> tuple[Standing | None, datetime | None]:
    """A device that sent for days and stopped; of several the one that stopped last."""
    heard: dict[UUID, tuple[datetime, datetime, str]] = {}
    for one in await signals.senders(tx, person_id):
        first, last, _name = heard.get(one.source_id, (one.first, one.last, one.name))
        heard[one.source_id] = min(first, one.first), max(last, one.last), one.name
    patience = int(amount) * timedelta(days=1)
    lively = [told for told in heard.values() if told[1] - told[0] >= timedelta(days=LIVELY)]
    silent = [told for told in lively if patience <= now - told[1] < patience + LASTS]
    waits = [told[1] + patience for told in lively if now - told[1] < patience]
    if not silent:
        return None, min(waits, default=None)
    _first, last, name = max(silent, key=lambda told: told[1])
    over = last + patience + LASTS
    facts = {"source": name, "since": last.isoformat(), "days": (now - last).days}
    return Standing(rule.severity, last, over, now - last - patience < FRESH, facts), min([*waits, over])
