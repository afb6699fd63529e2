"""How an account wants to be told."""

from collections.abc import Collection
from uuid import UUID
from zoneinfo import ZoneInfo

from ojas.features.identity import service as identity
from ojas.features.identity.schemas import Recipient
from ojas.features.notifications import queries
from ojas.features.notifications.rules import Channel, Preferences, own_channels
from ojas.features.notifications.schemas import Wishes
from ojas.features.notifications.service.reaching import by_channel
from ojas.kit import clock
from ojas.kit.db import Tx


async def wishes(tx: Tx, account_id: UUID) -> Wishes:
    """How an account wants to be told: what it chose, else the usual."""
    return (await wishes_of(tx, [account_id]))[account_id]


async def wishes_of(tx: Tx, account_ids: Collection[UUID]) -> dict[UUID, Wishes]:
    """Of everybody asked for: who never chose has the usual."""
    chosen = await queries.settings(tx, account_ids)
    return {one: Wishes.model_validate(chosen.get(one, {}), strict=False) for one in account_ids}


async def wish(tx: Tx, account_id: UUID, wanted: Wishes) -> None:
    """Choose how to be told. Holds for what is said from now on; what waits already goes as it was planned."""
    await queries.choose(tx, account_id, wanted.model_dump(mode="json"), clock.now())


async def reachable(tx: Tx, account_id: UUID) -> frozenset[Channel]:
    """The channels this account has an address for."""
    found = await identity.recipients(tx, [account_id])
    if account_id not in found:
        return frozenset()
    kept = await by_channel(tx, [account_id])
    return frozenset(kept[account_id]) | own_channels(email=bool(found[account_id].email))


def preferences_of(recipient: Recipient, wanted: Wishes) -> Preferences:
    return Preferences(ZoneInfo(recipient.manner.zone), wanted.channels, wanted.quiet, wanted.digest_at)
