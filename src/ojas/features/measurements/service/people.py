"""What of a person matters here, as identity knows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.kit.db import Tx
from ojas.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class Somebody:
    """Born, of which sex for reference ranges, and when a child is due. None: not known, or not shared."""

    born: date | None = None
    sex: str | None = None
    due: date | None = None


async def somebody(tx: Tx, person_id: UUID) -> Somebody:
    """What the bands depend on; whoever may see a reading may see it judged. Somebody without a profile is nobody in
    particular.
    """
    try:
        found = await identity.demographics(tx, person_id)
    except NotFound:
        return Somebody()
    return Somebody(found.born, found.sex, found.pregnancy_due)


async def names_of(tx: Tx, accounts: Sequence[UUID]) -> dict[UUID, str]:
    """Who stands behind accounts that touched a reading."""
    if not accounts:
        return {}
    return {account: card.name for account, card in (await identity.cards(tx, frozenset(accounts))).items()}
