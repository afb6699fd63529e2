"""How calls for help and the card leave, and end. Contacts do as every list does."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from ojas.features.emergency import queries
from ojas.features.emergency.schemas import Alert
from ojas.features.emergency.service.card import card
from ojas.features.emergency.service.contacts import SCOPE
from ojas.features.emergency.service.looking import SUBJECT, shown
from ojas.kit import audit
from ojas.kit.db import Tx


async def export_alerts(tx: Tx, person_id: UUID) -> AsyncIterator[Alert]:
    """Every call for help, with whom it told and what they answered."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, SUBJECT, action="export")
    for row in await queries.alerts(tx, person_id):
        yield await shown(tx, row)


async def export_card(tx: Tx, person_id: UUID) -> dict[str, Any]:
    """What the person chose for their card; its code is no part of their record."""
    return (await card(tx, person_id)).model_dump(mode="json", exclude={"link"})


async def erase(tx: Tx, person_id: UUID) -> None:
    """Delete every call for help, and the card."""
    tx.access.require(SCOPE, person_id, write=True)
    await queries.erase(tx, person_id)
