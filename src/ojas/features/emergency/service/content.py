"""What of calls, helpers and cards is sealed."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from ojas.features.emergency import models
from ojas.features.emergency.rules.terms import Kind
from ojas.features.emergency.schemas import CardDraft, ContactDraft, Place, Vital
from ojas.kit.db import Sealed


class Message(BaseModel):
    """Words that came with a press."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    text: str


class AlertContent(Sealed):
    table = models.Alert.__tablename__

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

    table = models.Helper.__tablename__

    contact: ContactDraft


class CardContent(Sealed):
    table = models.Card.__tablename__

    draft: CardDraft
    code: str | None = None
