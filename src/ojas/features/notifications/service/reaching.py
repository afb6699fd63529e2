"""Which ways lead to an account now."""

import json
from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from ojas.features.notifications import models, queries
from ojas.features.notifications.channels import Address
from ojas.features.notifications.rules import AddressKind, Channel
from ojas.kit.db import Tx


async def by_channel(tx: Tx, account_ids: Collection[UUID]) -> dict[UUID, dict[Channel, list[UUID]]]:
    """The addresses that may be sent to, by account and channel: those that are confirmed."""
    found: dict[UUID, dict[Channel, list[UUID]]] = {one: defaultdict(list) for one in account_ids}
    for row in await queries.addresses(tx, account_ids):
        if row.confirmed_at is not None:
            for channel in AddressKind(row.kind).channels:
                found[row.account_id][channel].append(row.id)
    return found


async def opened(tx: Tx, row: models.Address) -> dict[str, str]:
    """What is kept of an address: ``to``, ``label``, and what else it takes."""
    plain = await tx.open(row.person_id, models.Address.__tablename__, row.id, row.sealed)
    found: dict[str, str] = json.loads(plain)
    return found


async def address_of(tx: Tx, row: models.Address) -> Address:
    content = await opened(tx, row)
    return Address(content.pop("to"), content)
