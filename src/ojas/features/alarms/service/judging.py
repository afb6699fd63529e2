"""Judging a person: what each rule says now, and what that makes of its alarm."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ojas.features.alarms import models, queries
from ojas.features.alarms.rules import (
    LASTS,
    RULES,
    Alarm,
    Change,
    Rule,
    Severity,
    Sort,
    Standing,
    Value,
    Why,
    judged,
    standing,
)
from ojas.features.alarms.rules import (
    judge as judged_values,
)
from ojas.features.alarms.service import quiet
from ojas.features.alarms.service.content import note, sealed, write
from ojas.features.alarms.service.grading import Grading, Told
from ojas.features.alarms.service.settings import Settings, settings_of
from ojas.features.alarms.service.streams import sending, values_of
from ojas.features.alarms.service.telling import hush
from ojas.features.alarms.service.water import water
from ojas.features.measurements import service as measurements
from ojas.kit import events
from ojas.kit.db import Tx
from ojas.kit.ids import new_id

_BACK = timedelta(days=24)
"""So far back readings are read: three weeks of a habit, and a few days of silence."""
_KINDS = tuple(dict.fromkeys(kind for rule in RULES.values() for kind in rule.kinds))


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known of all persons of a batch, asked for once."""

    now: datetime
    settings: Mapping[UUID, Settings]
    recent: Mapping[UUID, Sequence[measurements.Recent]]
    sending: Mapping[UUID, set[str]]
    alarms: Mapping[UUID, Mapping[str, tuple[UUID, Alarm]]]


@dataclass(slots=True)
class Found:
    """What judging a person came to: whether somebody is to be told, and when time alone asks for the next look."""

    call: bool = False
    next_at: datetime | None = None

    def look(self, at: datetime | None) -> None:
        if at is not None:
            self.next_at = at if self.next_at is None else min(self.next_at, at)


async def known(tx: Tx, persons: frozenset[UUID], now: datetime) -> Ground:
    alarms: dict[UUID, dict[str, tuple[UUID, Alarm]]] = defaultdict(dict)
    for person, rule, id, severity, *rest in await queries.last_alarms(tx, persons):
        alarms[person][rule] = id, _alarm(severity, rest)
    return Ground(
        now,
        await settings_of(tx, persons),
        await measurements.recent(tx, list(persons), _KINDS, now - _BACK),
        await sending(tx, persons, now),
        alarms,
    )


def _alarm(severity: str, rest: Sequence[Any]) -> Alarm:
    return Alarm(Severity(severity), *rest)


async def judge(tx: Tx, ground: Ground, person_id: UUID, sorts: Iterable[str]) -> Found:
    """Judge a person by the rules that ``sorts`` of news concern."""
    found = Found()
    asked = set(sorts)
    for news, look in SOURCES.values():
        if asked & news:
            for rule, stands in await look(tx, ground, person_id, found):
                await _settle(tx, ground, person_id, rule, stands, found)
    return found


Stands = list[tuple[Rule, Standing | None]]
Source = Callable[[Tx, Ground, UUID, Found], Awaitable[Stands]]


async def _values(tx: Tx, ground: Ground, person_id: UUID, found: Found) -> Stands:
    own, recent = ground.settings[person_id], ground.recent.get(person_id, ())
    streams = await values_of(tx, person_id, ground.sending.get(person_id, ()), ground.now)
    values: dict[str, list[Value]] = defaultdict(list)
    for one in recent:
        if ground.now - one.at < LASTS:
            values[one.kind].append(Value(one.id, one.at, Told(one.kind, one.at, one.numbers, one.meal)))
    if not values and not streams and not ground.alarms.get(person_id):
        return []
    bands = await measurements.judge(tx, person_id)
    stands: Stands = []
    for rule in _of(Sort.VALUES):
        seen = [value for kind in rule.kinds for value in values.get(kind, ())]
        seen += [value for stream in rule.streams for value in streams.get(stream, ())]
        if not own.on(rule) or not seen:
            stands.append((rule, None))
            continue
        grading = Grading(rule, bands, own.limits(rule))
        stands.append((rule, standing(judged_values(seen, grading, rule.again), ground.now, grading.facts)))
    return stands


async def _gains(tx: Tx, ground: Ground, person_id: UUID, found: Found) -> Stands:
    own, recent = ground.settings[person_id], ground.recent.get(person_id, ())
    weights = quiet.first_of_days([one for one in recent if one.kind == "weight"])
    gains = [(rule, quiet.gain(rule, weights, own.amount(rule), ground.now)) for rule in _of(Sort.GAIN)]
    holds = any(stands for _rule, stands in gains) and await water(tx, person_id)
    return [(rule, stands if own.on(rule, water=holds) else None) for rule, stands in gains]


async def _missed(tx: Tx, ground: Ground, person_id: UUID, found: Found) -> Stands:
    own, [rule] = ground.settings[person_id], _of(Sort.MISSED)
    if not own.on(rule):
        return [(rule, None)]
    stands, next_at = await quiet.missed(tx, rule, person_id, own.amount(rule), ground.now)
    found.look(next_at)
    return [(rule, stands)]


async def _silence(tx: Tx, ground: Ground, person_id: UUID, found: Found) -> Stands:
    own, [rule] = ground.settings[person_id], _of(Sort.SILENCE)
    if not own.on(rule):
        return [(rule, None)]
    stands, next_at = quiet.silence(rule, ground.recent.get(person_id, ()), own.amount(rule), ground.now)
    found.look(next_at)
    return [(rule, stands)]


async def _devices(tx: Tx, ground: Ground, person_id: UUID, found: Found) -> Stands:
    own, [rule] = ground.settings[person_id], _of(Sort.DEVICE)
    if not own.on(rule):
        return [(rule, None)]
    stands, next_at = await quiet.devices(tx, rule, person_id, own.amount(rule), ground.now)
    found.look(next_at)
    return [(rule, stands)]


SOURCES: Mapping[Sort, tuple[frozenset[str], Source]] = {
    Sort.VALUES: (frozenset({"readings", "signals", "time"}), _values),
    Sort.GAIN: (frozenset({"readings", "time"}), _gains),
    Sort.MISSED: (frozenset({"doses", "time"}), _missed),
    Sort.SILENCE: (frozenset({"readings", "time"}), _silence),
    Sort.DEVICE: (frozenset({"signals", "time"}), _devices),
}
"""Which news each sort of rule listens to, and how it judges."""
SORTS = frozenset({"readings", "signals", "doses", "time"})


def _of(sort: Sort) -> list[Rule]:
    return [rule for rule in RULES.values() if rule.sort is sort]


async def _settle(
    tx: Tx, ground: Ground, person_id: UUID, rule: Rule, stands: Standing | None, found: Found
) -> None:
    """Write down what became of the rule's alarm, if anything did."""
    id, before = ground.alarms.get(person_id, {}).get(rule.key, (None, None))
    own = ground.settings[person_id]
    after, change = judged(before, stands, ground.now, own.silent(rule))
    if stands is not None and after is not None and after.open:
        found.look(stands.until)
    if after is None or after == before:
        return
    facts = dict(stands.facts) if stands else {"why": _why(rule, own, before, ground, person_id)}
    if change in (Change.RAISED, Change.RETURNED):
        id = new_id()
        row = models.Alarm(
            person_id=person_id, id=id, rule=rule.key, sealed=await sealed(tx, person_id, id, facts)
        )
        write(row, after)
        tx.session.add(row)
        await tx.session.flush()
    else:
        assert id is not None
        kept = await queries.alarm(tx, person_id, id, lock=True)
        assert kept is not None
        write(kept, after)
        if stands is not None:
            kept.sealed = await sealed(tx, person_id, id, facts)
        await tx.session.flush()
        if change is Change.RESOLVED:
            await hush(tx, person_id, id)
    if change is not None:
        await note(tx, person_id, id, change, after.severity, ground.now, facts)
        await events.emit(tx, f"alarms.{change}", person_id=person_id, id=id)
    found.call |= after.call_at is not None and after.call_at <= ground.now


def _why(rule: Rule, own: Settings, before: Alarm | None, ground: Ground, person_id: UUID) -> Why:
    """Why nothing is wrong any more."""
    assert before is not None
    changed = own.changed_at(rule)
    if not own.on(rule) or (
        changed and changed > before.evidence_at and _none_newer(rule, before, ground, person_id)
    ):
        return Why.OFF
    if ground.now - before.evidence_at >= LASTS:
        return Why.OLD
    if rule.kinds and _none_newer(rule, before, ground, person_id):
        return Why.CORRECTED
    return Why.BACK


def _none_newer(rule: Rule, before: Alarm, ground: Ground, person_id: UUID) -> bool:
    seen = ground.recent.get(person_id, ())
    return not rule.streams and not any(
        one.kind in rule.kinds and one.at > before.evidence_at for one in seen
    )
