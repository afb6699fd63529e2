"""Alarms over REST."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response

from ojas.features.alarms import fhir, service
from ojas.features.alarms.schemas import (
    AlarmShown,
    AlarmWhole,
    ResolveDraft,
    RuleDraft,
    RuleShown,
    SnoozeDraft,
)
from ojas.features.measurements.service import preferences_of
from ojas.kit.errors import Incorrect
from ojas.kit.http import ActorOf, Router, Sent, TxOf
from ojas.kit.http.collections import RESPONSES, WRITES, Cursor, IfMatch, Limit, Listing, PersonId, version_of

router = Router(tags=["alarms"])

State = Annotated[Literal["open", "ended", "all"], Query(description="Those still open, those over, or all.")]
Key = Annotated[str, Path(max_length=40, description="Key of a rule.")]
_ENDED = {"open": False, "ended": True, "all": None}


@router.get("/people/{person_id}/alarms", responses=RESPONSES, operation_id="list_alarms")
async def listing(
    tx: TxOf,
    actor: ActorOf,
    person_id: PersonId,
    state: State = "all",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[AlarmShown]:
    """Alarms, newest first."""
    found, following = await service.page(
        tx, person_id, preferences_of(actor), ended=_ENDED[state], limit=limit, cursor=cursor
    )
    return Listing(items=found, next=following)


@router.get("/people/{person_id}/alarms/{id}", responses=RESPONSES, operation_id="read_alarm")
async def read(tx: TxOf, actor: ActorOf, person_id: PersonId, id: UUID) -> AlarmWhole:
    """An alarm with everything that became of it, and who was told."""
    return await service.one(tx, person_id, id, preferences_of(actor))


@router.get("/people/{person_id}/alarms/{id}/flag", responses=RESPONSES, operation_id="flag_of_alarm")
async def flag(tx: TxOf, actor: ActorOf, person_id: PersonId, id: UUID) -> dict[str, Any]:
    """The alarm as a FHIR R4 Flag."""
    return fhir.flag(await service.one(tx, person_id, id, preferences_of(actor)))


@router.get(
    "/people/{person_id}/alarms/{id}/detected-issue", responses=RESPONSES, operation_id="issue_of_alarm"
)
async def detected_issue(tx: TxOf, actor: ActorOf, person_id: PersonId, id: UUID) -> dict[str, Any]:
    """The alarm as a FHIR R4 DetectedIssue, with what it rests on and what was done about it."""
    return fhir.detected_issue(await service.one(tx, person_id, id, preferences_of(actor)))


@router.post(
    "/people/{person_id}/alarms/{id}/acknowledge", responses=WRITES, operation_id="acknowledge_alarm"
)
async def acknowledge(tx: TxOf, actor: ActorOf, person_id: PersonId, id: UUID) -> AlarmWhole:
    """Say that somebody knows: nobody else is called, until it gets worse."""
    await service.acknowledge(tx, person_id, id)
    return await service.one(tx, person_id, id, preferences_of(actor))


@router.post("/people/{person_id}/alarms/{id}/snooze", responses=WRITES, operation_id="snooze_alarm")
async def snooze(
    tx: TxOf, actor: ActorOf, person_id: PersonId, id: UUID, draft: Sent[SnoozeDraft]
) -> AlarmWhole:
    """Silence an alarm for so many minutes, at most a quarter of an hour where it is critical, an hour where it is high.
    It sounds again if it is still so, and at once if it gets worse."""
    await service.snooze(tx, person_id, id, draft.minutes)
    return await service.one(tx, person_id, id, preferences_of(actor))


@router.post("/people/{person_id}/alarms/{id}/resolve", responses=WRITES, operation_id="resolve_alarm")
async def resolve(
    tx: TxOf, actor: ActorOf, person_id: PersonId, id: UUID, draft: Sent[ResolveDraft]
) -> AlarmWhole:
    """End an alarm by hand. A newer or a worse value raises it again."""
    await service.resolve(tx, person_id, id, draft.note)
    return await service.one(tx, person_id, id, preferences_of(actor))


@router.get("/people/{person_id}/alarm-rules", responses=RESPONSES, operation_id="list_alarm_rules")
async def rules(tx: TxOf, actor: ActorOf, person_id: PersonId) -> list[RuleShown]:
    """Every rule as it holds for this person, in plain sentences and with its source."""
    return await service.rules(tx, person_id, preferences_of(actor))


@router.put("/people/{person_id}/alarm-rules/{rule}", responses=WRITES, operation_id="set_alarm_rule")
async def put(
    tx: TxOf, actor: ActorOf, person_id: PersonId, rule: Key, draft: Sent[RuleDraft], if_match: IfMatch = None
) -> RuleShown:
    """Set a rule for this person, in place of what is usual."""
    if draft.rule != rule:
        raise Incorrect("This is another rule than the address names.", field="rule")
    await service.put(tx, person_id, draft, if_version=version_of(if_match))
    return await service.rule(tx, person_id, rule, preferences_of(actor))


@router.delete(
    "/people/{person_id}/alarm-rules/{rule}",
    status_code=204,
    responses=WRITES,
    operation_id="reset_alarm_rule",
)
async def reset(tx: TxOf, person_id: PersonId, rule: Key) -> Response:
    """Let what is usual hold again."""
    await service.reset(tx, person_id, rule)
    return Response(status_code=204)
