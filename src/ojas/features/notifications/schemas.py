"""What crosses the border of notifications."""

from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ojas.features.identity.schemas import AccountCard
from ojas.features.notifications.rules import (
    DIGEST_AT,
    NO_WAY,
    USUAL,
    AddressKind,
    Channel,
    Quiet,
    State,
    Topic,
    Urgency,
)
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect

Params = Mapping[str, Any]
"""What the words of a message are filled with: text, numbers, moments in ISO 8601; as JSON keeps them. ``whose``, a name,
stands before the title of any."""


@dataclass(frozen=True, slots=True)
class Link:
    """Something that can be done by following an address: whoever has it may do it, once."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message in words, in the language in use. ``title`` may stand on a locked screen: it names no diagnosis."""

    title: str
    text: str
    path: str = "/"
    """The page of ours it leads to."""
    links: tuple[Link, ...] = ()
    """What can be done from it at once; filled where it leaves the house."""
    door: str | None = None
    """One address where all of that can be done."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of message. ``scope``: what somebody must be allowed to see of the person to read it, and to change to do one of
    its ``actions``; but for what they say of themselves alone (``readers``).
    """

    name: str
    topic: Topic
    scope: str
    say: Callable[[Params], Said] = field(compare=False)
    actions: tuple[str, ...] = ()
    readers: bool = False


Answered = Callable[[Tx, UUID, Params], Awaitable[str | None]]
"""Says of a person's message, in words, what became of what it is about, by what was done elsewhere."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, in words. ``mark``: by what it is known again, where whoever did it may take it back."""

    says: str
    mark: str = ""


Run = Callable[[Tx, UUID, UUID | None, Params], Awaitable[str | Deed]]
"""Does the thing for a person, by an account (None: somebody without one), and answers what was done, or its words alone."""

Back = Callable[[Tx, UUID, str, Params], Awaitable[str]]
"""Takes the thing with this mark back, and answers in words how things stand."""


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done from a message. ``label`` is a message id: a word or two, for a button."""

    name: str
    label: str
    run: Run = field(compare=False)


class Outsider(BaseModel):
    """Somebody without an account here, such as an emergency contact. ``phone`` as it is dialled from anywhere (E.164)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    email: str | None = None
    phone: str | None = None
    language: str = "en"
    zone: str = "UTC"


class DeliveryShown(BaseModel):
    """A message on one channel, as it may be shown: when it was tried, and what the provider said."""

    model_config = ConfigDict(frozen=True)

    channel: Channel
    state: State
    attempts: int = Field(description="How often it was tried so far.")
    due_at: datetime = Field(description="When it goes, or is tried again, while it waits.")
    last_at: datetime | None = Field(description="When it was tried last.")
    handed_at: datetime | None = Field(description="When the provider took it.")
    answer: str | None = Field(description="What the provider said, or why it failed.")

    @property
    def set_up(self) -> bool:
        """Whether this house has the channel at all."""
        return self.answer != NO_WAY


class Choice(BaseModel):
    """Something that can be done from a message: its name, and what stands on its button."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing to be said about a person to one reader.

    Attributes:
        to: an account, or somebody without one, by the addresses that are given.
        key: names the occasion. The same kind with the same key to the same reader is one message, however often it is said.
        params: what ``kind`` puts into words; kept sealed.
        also: channels beyond those the reader chose.
        only: these channels alone, as far as the reader has an address there, whatever they chose.
        expires_at: when it is no longer worth saying.
    """

    person_id: UUID
    kind: Kind
    to: UUID | Outsider
    urgency: Urgency
    key: str
    params: Params = field(default_factory=dict)
    also: Set[Channel] = frozenset()
    only: Set[Channel] | None = None
    expires_at: datetime | None = None


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
    actions: list[Choice] = Field([], description="What can be done from it now.")
    done: str | None = Field(None, description="What was done from it, by name.")
    answer: str | None = Field(
        None,
        description="The same in words, as the button said it; or what became of it meanwhile elsewhere.",
    )


_Key = Annotated[str, Field(min_length=10, max_length=200, pattern=r"^[A-Za-z0-9_-]+=*$")]


class SubscriptionKeys(BaseModel):
    """The two halves a browser gives for encrypting to it, in base64url."""

    p256dh: _Key
    auth: _Key


class Subscription(BaseModel):
    """What a browser's PushManager answers. Other fields of it are left alone."""

    endpoint: str = Field(max_length=2000)
    keys: SubscriptionKeys


class Renewal(BaseModel):
    """What a browser is reached by from now on, and what it gave us before, which proves that it is the same."""

    model_config = ConfigDict(extra="forbid")

    was: Subscription
    now: Subscription


class PhoneDraft(BaseModel):
    """A telephone number; ``country`` (two letters) where it begins without a +."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"number": "+919840012345"}]})

    number: str = Field(max_length=40)
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")


class CodeDraft(BaseModel):
    """The code that came by SMS."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=20)


class WebhookDraft(BaseModel):
    """An address of one's own."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"url": "https://example.org/ojas"}]}
    )

    url: str = Field(max_length=2000)


class AddressShown(BaseModel):
    """Where one is reached beyond one's e-mail address."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: AddressKind
    label: str = Field(description="The browser, the number, or the URL.")
    confirmed: bool = Field(description="Whether anything is sent there yet.")
    created_at: datetime


class NewWebhook(AddressShown):
    """A webhook with the secret its signatures are made with; told this once."""

    secret: str


class PushKey(BaseModel):
    """The house's public key, for `PushManager.subscribe`."""

    key: str


class Message(Notice):
    """A message with what was sent where."""

    deliveries: list[DeliveryShown]


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a message was said: an account, or by name somebody without one, or whose account is closed."""

    account: AccountCard | None = None
    name: str | None = None


class Failure(BaseModel):
    """Of how many messages one channel did not carry, and why the last of them failed; of nobody in particular."""

    model_config = ConfigDict(frozen=True)

    channel: Channel
    refused: int = Field(description="Could never have arrived.")
    dead: int = Field(description="Given up after days of trying.")
    last_at: datetime | None
    reason: str | None


class Done(BaseModel):
    """What was done, in the caller's language."""

    says: str


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
    details: bool = Field(
        False,
        description="Whether push and SMS say more than a title, which names no medicine and no diagnosis.",
    )

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
