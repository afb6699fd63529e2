"""What crosses the border of notifications."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ojas.features.notifications.rules import DIGEST_AT, USUAL, Channel, Quiet, Topic, Urgency
from ojas.kit.errors import Incorrect

Params = Mapping[str, Any]
"""What the words of a message are filled with: text, numbers, moments in ISO 8601; as JSON keeps them."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message in words, in the language in use. ``title`` may stand on a locked screen: it names no diagnosis."""

    title: str
    text: str
    path: str = "/"
    """The page of ours it leads to."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of message. ``scope``: what somebody must be allowed to see of the person to read it."""

    name: str
    topic: Topic
    scope: str
    say: Callable[[Params], Said] = field(compare=False)


class Notice(BaseModel):
    """A message as its reader sees it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    person_id: UUID
    kind: str
    topic: Topic
    urgency: Urgency
    title: str
    text: str
    path: str
    created_at: datetime
    read_at: datetime | None
    archived_at: datetime | None


def _of_no_zone(at: time) -> time:
    if at.tzinfo is not None:
        raise Incorrect("Say at what time.")
    return at


WallTime = Annotated[time, AfterValidator(_of_no_zone)]
"""A time of day as the reader's clock shows it, wherever they are: so it says no zone."""


class Wishes(BaseModel):
    """How an account wants to be told.

    ``channels`` are those that are on, by topic; a topic that is left out has the usual ones. What is urgent passes quiet
    hours and, where nothing else would reach anybody, switches too.
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={
            "example": {
                "channels": {"medication": ["in_app", "email"]},
                "quiet_start": "22:00:00",
                "quiet_end": "07:00:00",
                "digest_at": "18:00:00",
            }
        },
    )

    channels: dict[Topic, frozenset[Channel]] = Field(default_factory=dict)
    quiet_start: WallTime | None = None
    quiet_end: WallTime | None = None
    digest_at: WallTime | None = DIGEST_AT

    @model_validator(mode="after")
    def _whole(self) -> "Wishes":
        _ = self.quiet
        return self

    @property
    def quiet(self) -> Quiet | None:
        if self.quiet_start is None or self.quiet_end is None:
            return None
        return Quiet(self.quiet_start, self.quiet_end)

    def on(self, topic: Topic) -> frozenset[Channel]:
        return self.channels.get(topic, USUAL)
