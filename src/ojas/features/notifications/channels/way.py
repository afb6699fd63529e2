"""What every channel is."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from ojas.features.notifications.rules import Outcome
from ojas.features.notifications.schemas import Said
from ojas.kit.i18n import Manner


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to one address at once: one message, or those of a digest.

    ``id`` is the first delivery's: a provider that knows it says a repeated parcel only once.
    """

    id: UUID
    address: str
    said: tuple[Said, ...]
    manner: Manner
    origin: str


class Way(Protocol):
    async def hand(self, parcel: Parcel) -> Outcome: ...
