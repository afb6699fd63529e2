"""What of a person matters here, as identity knows it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ojas.kit.db import Tx


@dataclass(frozen=True, slots=True)
class Somebody:
    """Born, of which sex for reference ranges, and when a child is due. None: not known, or not shared."""

    born: date | None = None
    sex: str | None = None
    due: date | None = None


async def somebody(tx: Tx, person_id: UUID) -> Somebody:
    """As much of the person as the caller may see."""
    return Somebody()
