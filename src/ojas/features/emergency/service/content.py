"""What of calls, helpers and cards is sealed."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from ojas.features.emergency import models
from ojas.features.emergency.rules.terms import Kind
from ojas.features.emergency.schemas import CardDraft, ContactDraft, Place, Vital
from ojas.kit.db import Tx


class Sealed(BaseModel):
    model_config = ConfigDict(frozen=True)

    async def sealed(self, tx: Tx, person_id: UUID, table: str, id: UUID) -> bytes:
        return await tx.seal(person_id, table, id, self.model_dump_json().encode())

    @classmethod
    async def of(cls, tx: Tx, row: models.Alert | models.Helper | models.Card) -> Self:
        plain = await tx.open(row.person_id, row.__tablename__, row.id, row.sealed)
        return cls.model_validate_json(plain)


class Message(BaseModel):
    """Words that came with a press."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    text: str


class AlertContent(Sealed):
    kind: Kind
    messages: tuple[Message, ...] = ()
    place: Place | None = None
    vitals: tuple[Vital, ...] = ()
    resolved_by: str | None = None
    resolution: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(message.text for message in self.messages)


class HelperContent(Sealed):
    """The contact as it was when the call began."""

    contact: ContactDraft


class CardContent(Sealed):
    draft: CardDraft
    code: str | None = None
