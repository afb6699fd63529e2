"""Looking at alarms: what is open, what was, what became of each; and the rules as they hold."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from pydantic import AwareDatetime

from ojas.features.alarms import models, queries
from ojas.features.alarms.rules import RULES, Change, Rule, Severity, Sort, Why, rank
from ojas.features.alarms.schemas import (
    AlarmShown,
    AlarmWhole,
    ChangeShown,
    LineShown,
    RuleShown,
)
from ojas.features.alarms.service import say, telling
from ojas.features.alarms.service.content import facts_of, said_of
from ojas.features.alarms.service.settings import SCOPE, Settings, rule_named, settings_of
from ojas.features.alarms.service.water import water
from ojas.features.identity import service as identity
from ojas.features.measurements import service as measurements
from ojas.kit import audit, clock
from ojas.kit.cursors import cursor_of, place_of
from ojas.kit.db import Gathered, Tx
from ojas.kit.errors import NotFound
from ojas.kit.i18n import _

SUBJECT = "alarms"


async def open_now(tx: Tx, person_id: UUID, units: measurements.Preferences) -> list[AlarmShown]:
    """What is wrong now, the worst first."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, SUBJECT)
    found = [await shown(tx, row, units) for row in await queries.open_alarms(tx, person_id)]
    return sorted(found, key=lambda one: (-rank(one.severity), -one.raised_at.timestamp()))


async def worst_now(
    tx: Tx, persons: Collection[UUID], units: measurements.Preferences, *, limit: int
) -> Gathered[AlarmShown]:
    """What is worst of each of several persons, for whoever looks after them: what nobody has seen first."""
    for person_id in persons:
        tx.access.require(SCOPE, person_id)
    if not persons:
        return Gathered()
    ranks = {severity.value: rank(severity) for severity in Severity}
    rows, total = await queries.worst(tx, persons, ranks, limit)
    for row in rows:
        await audit.seen(tx, row.person_id, SUBJECT)
    return await Gathered.of("alarm", rows, total, lambda row: shown(tx, row, units))


async def page(
    tx: Tx,
    person_id: UUID,
    units: measurements.Preferences,
    *,
    ended: bool | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[AlarmShown], str | None]:
    """Alarms, newest first, and where the next ones begin.

    Raises:
        Incorrect: a cursor that is not one of ours.
    """
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, SUBJECT)
    before = place_of(cursor, AwareDatetime, UUID) if cursor else None
    rows = await queries.alarms(tx, person_id, limit=limit + 1, before=before, ended=ended)
    last = rows[limit - 1] if len(rows) > limit else None
    following = cursor_of(last.raised_at, last.id) if last else None
    return [await shown(tx, row, units) for row in rows[:limit]], following


async def unopened(
    tx: Tx, person_id: UUID, *, limit: int, until: datetime | None, units: measurements.Preferences
) -> list[tuple[datetime, Callable[[], Awaitable[AlarmShown]]]]:
    """The newest alarms, each by when it was raised and with what opens it: for who merges many lists."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, SUBJECT)
    rows = await queries.alarms(tx, person_id, limit=limit, until=until)
    return [(row.raised_at, partial(shown, tx, row, units)) for row in rows]


async def one(tx: Tx, person_id: UUID, id: UUID, units: measurements.Preferences) -> AlarmWhole:
    """One alarm with all that became of it.

    Raises:
        NotFound: there is none of this id, or not of this person.
    """
    tx.access.require(SCOPE, person_id)
    row = await queries.alarm(tx, person_id, id)
    if row is None:
        raise NotFound("There is no such alarm.")
    audit.looked(tx, person_id, SUBJECT)
    facts = [await _change(tx, change) for change in await queries.changes(tx, person_id, id)]
    return AlarmWhole(**(await shown(tx, row, units)).model_dump(), changes=tuple(facts))


async def shown(tx: Tx, row: models.Alarm, units: measurements.Preferences) -> AlarmShown:
    facts, severity = await facts_of(tx, row), Severity(row.severity)
    return AlarmShown(
        id=row.id,
        person_id=row.person_id,
        rule=row.rule,
        severity=severity,
        title=say.title(row.rule, facts, units),
        says=say.says(row.rule, facts, units),
        advice=say.advice(row.rule, severity, facts),
        evidence_at=row.evidence_at,
        raised_at=row.raised_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        snoozed_until=row.snoozed_until,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        facts=facts,
    )


def standing_text(one: AlarmShown) -> str:
    """What was said to an alarm, in words; nothing where nobody said anything."""
    return say.standing_text(one.acknowledged_at, one.snoozed_until, one.ended_at)


async def names(tx: Tx, alarm: AlarmWhole) -> dict[str, str]:
    """Who stands behind the accounts in what happened."""
    accounts = frozenset(one.account_id for one in alarm.changes if one.account_id)
    if not accounts:
        return {}
    return {str(account): card.name for account, card in (await identity.cards(tx, accounts)).items()}


async def told(tx: Tx, alarm: AlarmWhole) -> dict[str, str]:
    """How far each message got, in words, by its id."""
    said = [one.told for one in alarm.changes if one.told]
    if not said:
        return {}
    found = await telling.deliveries(tx, alarm.person_id, said)
    return {str(id): say.reached(ways) for id, ways in found.items()}


async def _change(tx: Tx, row: models.AlarmChange) -> ChangeShown:
    said = await said_of(tx, row)
    told = row.change == Change.TOLD
    return ChangeShown(
        at=row.at,
        change=Change(row.change),
        severity=Severity(row.severity),
        account_id=UUID(said["account"]) if told else row.account_id,
        why=Why(said["why"]) if said.get("why") else None,
        note=said.get("note"),
        facts={} if told else said,
        told=UUID(said["message"]) if told else None,
        to=said.get("to"),
    )


# ------------------------------------------------------------------ the rules


async def rules(tx: Tx, person_id: UUID, units: measurements.Preferences) -> list[RuleShown]:
    """Every rule as it holds for this person."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "alarm-rules")
    settings = (await settings_of(tx, [person_id]))[person_id]
    judge, holds = await _judge(tx, person_id), await water(tx, person_id)
    return [_rule(rule, settings, judge, units, holds) for rule in RULES.values()]


async def rule(tx: Tx, person_id: UUID, key: str, units: measurements.Preferences) -> RuleShown:
    """One of them.

    Raises:
        NotFound: there is none of this key.
    """
    found = rule_named(key)
    return next(one for one in await rules(tx, person_id, units) if one.rule == found.key)


async def _judge(tx: Tx, person_id: UUID) -> measurements.Judge | None:
    """Whose bands apply is the readings' to show: who may not see those sees no limits of theirs."""
    if not tx.access.allows("measurements", person_id):
        return None
    return await measurements.judge(tx, person_id)


def _rule(
    rule: Rule,
    settings: Settings,
    judge: measurements.Judge | None,
    units: measurements.Preferences,
    holds: bool,
) -> RuleShown:
    own = settings.own.get(rule.key)
    found = _lines(rule, settings, judge) if rule.sort is Sort.VALUES else []
    amount = settings.amount(rule) if rule.amount is not None else None
    caregivers, care_team = settings.tells(rule.key)
    return RuleShown(
        rule=rule.key,
        title=_(rule.title),
        source=rule.source,
        says=tuple(_sentences(rule, amount, found, units)),
        on=settings.on(rule, water=holds),
        water=rule.water,
        own=own is not None,
        amount=None if amount is None else float(amount),
        usual_amount=None if rule.amount is None else float(rule.amount),
        lines=tuple(line for line, _inclusive in found),
        limits=own.limits if own else {},
        caregivers=caregivers,
        care_team=care_team,
        silent_hours=own.silent_hours if own else 0,
        reason=own.reason if own else None,
        version=own.version if own else None,
        updated_at=own.updated_at if own else None,
    )


def _sentences(
    rule: Rule,
    amount: Decimal | None,
    found: Sequence[tuple[LineShown, bool]],
    units: measurements.Preferences,
) -> Iterator[str]:
    """What a rule watches for: an amount, or limits in danger."""
    if amount is not None:
        yield say.amount_text(rule.key, amount, units)
    for line, inclusive in found:
        if line.severity.danger:
            limit = Decimal(str(line.limit))
            yield say.line_text(line.kind, line.part, line.side, limit, inclusive=inclusive, units=units)


def _lines(rule: Rule, settings: Settings, judge: measurements.Judge | None) -> list[tuple[LineShown, bool]]:
    """From where on the rule speaks, and whether the limit itself belongs to it: their own limits, else the bands'."""
    kind, found = measurements.CATALOGUE[rule.kinds[0]], list[tuple[LineShown, bool]]()
    limits = settings.limits(rule)
    for part, (low, high) in limits.items():
        for side, limit in (("low", low), ("high", high)):
            if limit is not None:
                line = LineShown(
                    kind=kind.name, part=part, side=side, limit=float(limit), severity=Severity.HIGH, own=True
                )
                found.append((line, True))
    guideline = judge.guideline(kind, clock.now()) if judge else None
    for part, bands in (guideline.ladders if guideline else {}).items():
        low, high = limits.get(part, (None, None))
        usual = {"low": low is None, "high": high is None}
        found += [one for one in _of_bands(rule, kind.name, part, bands) if usual[one[0].side]]
    return found


def _of_bands(
    rule: Rule, kind: str, part: str, bands: Sequence[measurements.Band]
) -> list[tuple[LineShown, bool]]:
    found = []
    for at, band in enumerate(bands):
        severity = rule.levels.get(band.level)
        if severity is None:
            continue
        high = band.level.shape == "▲"
        limit = band.low if high else band.high
        inside = bands[at - 1] if high else band
        worse = bands[at - 1] if high and at else bands[at + 1] if not high and at + 1 < len(bands) else None
        if limit is None or (worse and rule.levels.get(worse.level) is severity):
            continue
        line = LineShown(
            kind=kind,
            part=part,
            side="high" if high else "low",
            limit=float(limit),
            severity=severity,
            own=False,
        )
        found.append((line, not inside.reaches_high if high else inside.reaches_high))
    return found
