"""Who looked at what, when, and why."""

from collections.abc import Sequence
from uuid import UUID

from ojas.features.sharing import queries
from ojas.features.sharing.schemas import Look
from ojas.features.sharing.service.content import Content
from ojas.kit import audit
from ojas.kit.db import Tx


async def looks(
    tx: Tx,
    person_id: UUID,
    *,
    limit: int = 50,
    before: UUID | None = None,
    by_others: bool = False,
    by: UUID | None = None,
    actions: Sequence[str] = (),
) -> tuple[list[Look], UUID | None]:
    """Every access to a person's data, newest first, and where to go on. Names come from the grants they
    looked by.

    Raises:
        Forbidden: the caller does not manage this record.
    """
    tx.access.require("audit", person_id)
    events = await audit.entries(
        tx, person_id, limit=limit + 1, before=before, by_others=by_others, by=by, actions=actions
    )
    page = events[:limit]
    names = await _names(tx, person_id, {event.account_id for event in page if event.account_id})
    return [_look(tx, event, names) for event in page], page[-1].id if len(events) > limit else None


async def _names(tx: Tx, person_id: UUID, accounts: set[UUID]) -> dict[UUID, str | None]:
    found: dict[UUID, str | None] = {}
    for grant in await queries.grants_of_accounts(tx, person_id, accounts) if accounts else ():
        content = await Content.of(tx, grant)
        assert grant.grantee_account_id is not None
        found[grant.grantee_account_id] = content.grantee_name or content.email
    return found


def _look(tx: Tx, event: audit.AuditEvent, names: dict[UUID, str | None]) -> Look:
    account = event.account_id
    return Look(
        id=event.id,
        at=event.at,
        account_id=account,
        name=names.get(account) if account else None,
        own=account is not None and account == tx.access.account_id,
        action=event.action,
        subjects=list(event.subjects),
        purpose=event.purpose,
        address=str(event.address) if event.address else None,
    )
