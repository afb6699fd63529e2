"""The rules as they hold for one person: what is usual, and what was set in its place."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from ojas.features.alarms import models, queries
from ojas.features.alarms.rules import MOST, RULES, Rule, Sort
from ojas.features.alarms.schemas import RuleDraft, RuleSet
from ojas.features.measurements import service as measurements
from ojas.kit.collection import Collection as List
from ojas.kit.db import Tx
from ojas.kit.errors import Fault, Incorrect, NotFound

SCOPE = "alarms"


def rule_named(key: str) -> Rule:
    """
    Raises:
        NotFound: there is none.
    """
    if key not in RULES:
        raise NotFound("There is no such rule.", field="rule")
    return RULES[key]


async def _check(tx: Tx, person_id: UUID, draft: RuleDraft) -> None:
    rule = RULES.get(draft.rule)
    if rule is None:
        raise Incorrect("There is no such rule.", field="rule")
    faults = [*_amount_faults(rule, draft.amount), *_limit_faults(rule, draft)]
    if faults:
        raise Incorrect(faults[0].message, field=faults[0].field, faults=faults, **faults[0].params)


def _amount_faults(rule: Rule, amount: Decimal | None) -> list[Fault]:
    if amount is None:
        return []
    if rule.sort not in MOST:
        return [Fault("This rule counts nothing: set its limits.", "amount")]
    low, high = MOST[rule.sort]
    if not low <= amount <= high:
        return [Fault("Say between {low} and {high}.", "amount", {"low": str(low), "high": str(high)})]
    if rule.sort is not Sort.GAIN and amount != int(amount):
        return [Fault("Say a whole number.", "amount")]
    return []


def _limit_faults(rule: Rule, draft: RuleDraft) -> list[Fault]:
    if draft.limits and rule.sort is not Sort.VALUES:
        return [Fault("This rule has no limits.", "limits")]
    faults = []
    kind = measurements.CATALOGUE[rule.kinds[0]] if rule.kinds else None
    for name, limits in draft.limits.items():
        part = kind.part(name) if kind else None
        if part is None:
            faults.append(Fault("This kind of reading has no such number.", f"limits.{name}"))
            continue
        for side in ("low", "high"):
            value = getattr(limits, side)
            if value is not None and not part.low <= value <= part.high:
                faults.append(Fault("This cannot be measured.", f"limits.{name}.{side}"))
        if limits.low is not None and limits.high is not None and limits.low >= limits.high:
            faults.append(Fault("The lower limit must be below the upper one.", f"limits.{name}.low"))
    return faults


SET: List[models.AlarmRule, RuleDraft, RuleSet] = List(
    name="alarm-rules",
    row=models.AlarmRule,
    draft=RuleDraft,
    view=RuleSet,
    filters=("rule",),
    check=_check,
)


async def put(tx: Tx, person_id: UUID, draft: RuleDraft, *, if_version: int | None = None) -> RuleSet:
    """Set a rule for a person, in place of what was set before.

    Raises:
        Incorrect: a fault for each field that cannot be. Stale: somebody changed it meanwhile.
    """
    tx.access.require(SCOPE, person_id, write=True)
    row = await queries.rule_set(tx, person_id, draft.rule)
    if row is None:
        return await SET.create(tx, person_id, draft)
    return await SET.change(tx, person_id, row.id, draft, if_version=if_version)


async def reset(tx: Tx, person_id: UUID, key: str) -> None:
    """Let what is usual hold again."""
    tx.access.require(SCOPE, person_id, write=True)
    row = await queries.rule_set(tx, person_id, rule_named(key).key)
    if row is not None:
        await SET.delete(tx, person_id, row.id)


class Settings:
    """One person's rules."""

    def __init__(self, own: Mapping[str, RuleSet]) -> None:
        self.own = own

    def on(self, rule: Rule, *, water: bool = False) -> bool:
        """Whether it is watched for. ``water``: whether the person holds water."""
        return self.own[rule.key].on if rule.key in self.own else water or not rule.water

    def amount(self, rule: Rule) -> Decimal:
        own = self.own.get(rule.key)
        found = own.amount if own and own.amount is not None else rule.amount
        return found if found is not None else Decimal(0)

    def limits(self, rule: Rule) -> Mapping[str, tuple[Decimal | None, Decimal | None]]:
        own = self.own.get(rule.key)
        return {part: (limits.low, limits.high) for part, limits in (own.limits if own else {}).items()}

    def silent(self, rule: Rule) -> timedelta:
        own = self.own.get(rule.key)
        return timedelta(hours=own.silent_hours if own else 0)

    def tells(self, rule: str) -> tuple[bool, bool]:
        """Whether caregivers, and whether the care team."""
        own = self.own.get(rule)
        return (own.caregivers, own.care_team) if own else (True, True)

    def changed_at(self, rule: Rule) -> datetime | None:
        return self.own[rule.key].updated_at if rule.key in self.own else None


async def settings_of(tx: Tx, persons: Collection[UUID]) -> dict[UUID, Settings]:
    """Everybody's rules, by one statement: most have set none."""
    found: dict[UUID, dict[str, RuleSet]] = defaultdict(dict)
    for row in await queries.rules_set(tx, persons):
        found[row.person_id][row.rule] = await SET.shown(tx, row)
    return {person: Settings(found.get(person, {})) for person in persons}
