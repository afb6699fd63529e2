"""What every channel is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from ojas.features.notifications.rules import Outcome, Urgency
from ojas.features.notifications.schemas import Said
from ojas.kit.i18n import Manner


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes: an e-mail address, a number, a URL. ``keys``: what else is needed there, such as a secret."""

    to: str
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of a parcel, as it is said."""

    id: UUID
    kind: str
    urgency: Urgency
    said: Said


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to one address at once: one message, or those of a digest.

    Attributes:
        id: the first delivery's: a provider that knows it says a repeated parcel only once.
        open: whether the text may stand where others might read it, such as on a locked screen; else the title alone.
    """

    id: UUID
    address: Address
    pieces: tuple[Piece, ...]
    manner: Manner
    origin: str
    open: bool = False

    @property
    def said(self) -> tuple[Said, ...]:
        return tuple(piece.said for piece in self.pieces)

    @property
    def urgency(self) -> Urgency:
        return max(piece.urgency for piece in self.pieces)


class Way(Protocol):
    async def hand(self, parcel: Parcel) -> Outcome: ...
