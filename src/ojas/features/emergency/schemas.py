"""What crosses the border of emergency."""

from collections.abc import Set
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    model_validator,
)

from ojas.features.emergency.rules.card import USUAL, Part
from ojas.features.emergency.rules.terms import Answer, Kind, Method, Outcome, State
from ojas.kit import phones
from ojas.kit.collection import Kept, Strict, example
from ojas.kit.errors import Incorrect
from ojas.kit.i18n.manner import Language

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]
Note = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=r"^[^\x00-\x08]*$")
]


def _phone(text: str) -> str:
    return phones.number(text, field="")


Phone = Annotated[str, Field(min_length=3, max_length=40), AfterValidator(_phone)]
"""With + and the code of its country; kept as E.164."""


class ContactDraft(Strict):
    """Somebody to be told in an emergency."""

    model_config = example(
        name="Asha Raman",
        relationship="Daughter",
        phone="+919840012345",
        email="asha@ojas.example",
        priority=1,
        language="ta",
    )

    name: Line
    relationship: Line | None = None
    phone: Phone | None = Field(None, description="With + and the code of its country.")
    second_phone: Phone | None = None
    email: Annotated[EmailStr, Field(max_length=254)] | None = None
    address: Note | None = None
    priority: int = Field(1, ge=1, le=99, description="1 is told first; those of the same number together.")
    methods: Annotated[tuple[Method, ...], Field(max_length=3, strict=False)] = Field(
        (), description="How they may be told. Empty: every way there is an address for."
    )
    preferred: Method | None = Field(None, description="How they are told what is not urgent.")
    can_receive_alerts: bool = Field(True, description="Whether they are told of a call for help at all.")
    active: bool = True
    language: Language = Field("en", description="In which they are told.")
    account_id: UUID | None = Field(
        None,
        description="The account here of somebody who looks after the person: it is told too, on its own channels.",
    )
    introduce: bool = Field(True, description="Tell them, once, that they were named.")
    notes: Note | None = None

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.phone is None and self.email is None and self.account_id is None:
            raise Incorrect("Give a telephone number or an e-mail address.", field="phone")
        for method in (*self.methods, *([self.preferred] if self.preferred else [])):
            if method is Method.EMAIL and self.email is None:
                raise Incorrect("Give an e-mail address, or choose another way.", field="email")
            if method is not Method.EMAIL and self.phone is None:
                raise Incorrect("Give a telephone number, or choose another way.", field="phone")
        return self

    def told_without(self, absent: Set[Method]) -> bool:
        """Whether they can be told where these ways are not there."""
        return bool(self.account_id or self.ways - absent)

    @property
    def ways(self) -> frozenset[Method]:
        """How they may be told: as chosen, else by whatever there is an address for."""
        if self.methods:
            return frozenset(self.methods)
        by_phone = {Method.PHONE, Method.SMS} if self.phone else set()
        return frozenset(by_phone | ({Method.EMAIL} if self.email else set()))


class Contact(ContactDraft, Kept):
    model_config = ConfigDict(json_schema_extra=None)


class Standing(BaseModel):
    """What became of naming a contact."""

    model_config = ConfigDict(frozen=True)

    named_at: datetime | None = Field(None, description="When they were told that they were named.")
    refused_at: datetime | None = Field(None, description="When they said that it is not them.")


class Place(Strict):
    """Where somebody is, as their device says, or in words."""

    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)
    accuracy: float | None = Field(None, ge=0, le=1_000_000, description="In metres.")
    address: Note | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            missing = "latitude" if self.latitude is None else "longitude"
            raise Incorrect("A place needs both numbers.", field=missing)
        return self

    @property
    def known(self) -> bool:
        return self.latitude is not None or self.address is not None


class AlertDraft(Strict):
    """A call for help. Sent again within a minute it adds to the one that runs."""

    model_config = example(
        kind="medical", message="Chest pain", place={"latitude": 13.0827, "longitude": 80.2707}, test=True
    )

    kind: Kind = Kind.MEDICAL
    message: Note | None = None
    place: Place | None = None
    test: bool = Field(
        False, description="A test: says TEST everywhere, and reaches only those in `contacts`."
    )
    contacts: Annotated[tuple[UUID, ...], Field(max_length=20, strict=False)] = Field(
        (), description="Of a test: who is told."
    )

    @model_validator(mode="after")
    def _chosen(self) -> Self:
        if self.contacts and not self.test:
            raise Incorrect("A real call goes to all contacts. Only a test is for some.", field="contacts")
        return self


class MoreDraft(Strict):
    """Something to add to a call that runs: the place found late, what happened meanwhile."""

    model_config = example(place={"latitude": 13.0827, "longitude": 80.2707, "accuracy": 20})

    message: Note | None = None
    place: Place | None = None


class EndDraft(Strict):
    """How a call ended."""

    model_config = example(outcome="helped", note="The ambulance took her to City Hospital.")

    outcome: Literal[Outcome.HELPED, Outcome.FALSE_ALARM] = Outcome.HELPED
    note: Note | None = None


class Vital(BaseModel):
    """A vital sign as it was last measured: canonical numbers by part."""

    model_config = ConfigDict(frozen=True)

    kind: str
    numbers: dict[str, Decimal]
    at: datetime
    source: Literal["reading", "device"] = "reading"


class Told(BaseModel):
    """One way in which a helper was told."""

    model_config = ConfigDict(frozen=True)

    channel: str
    state: str
    attempts: int
    last_at: datetime | None
    handed_at: datetime | None
    set_up: bool = Field(True, description="Whether this house has such a channel at all.")


class HelperShown(BaseModel):
    """A contact in a call: how they were told, what they answered."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    contact_id: UUID
    name: str
    relationship: str | None
    phone: str | None
    email: str | None
    rank: int
    told: int = Field(description="How often they were told.")
    told_at: datetime | None
    answer: Answer | None
    answered_at: datetime | None
    deliveries: tuple[Told, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether they were to be told, and no way led to them so far; what goes by it again just now does not change that."""
        ways: dict[str, set[str]] = {}
        for one in self.deliveries:
            ways.setdefault(one.channel, set()).add(one.state)
        return bool(ways) and all(
            "handed" not in states and states & {"refused", "dead"} for states in ways.values()
        )


class Alert(BaseModel):
    """A call for help and how it stands."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    person_id: UUID
    test: bool
    kind: Kind
    state: State
    messages: tuple[str, ...]
    place: Place | None
    vitals: tuple[Vital, ...]
    raised_by: UUID | None
    created_at: datetime
    next_call_at: datetime | None = Field(description="When the next are told, or all once more.")
    helpers: tuple[HelperShown, ...]
    outcome: Outcome | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
    said: str | None = Field(
        None, description="What the caller should know: such as that nobody is told again so soon."
    )


class CardDraft(Strict):
    """What stands on the card. Each part by the person's own choice."""

    model_config = example(
        shown=True,
        parts=["name", "age", "blood", "allergies", "medicines", "contacts"],
        implants="Pacemaker, 2021",
    )

    shown: bool = Field(False, description="Whether the link opens it.")
    parts: Annotated[frozenset[Part], Field(strict=False)] = USUAL
    conditions: Annotated[tuple[UUID, ...], Field(max_length=50, strict=False)] = Field(
        (), description="Which conditions of the record are on it."
    )
    implants: Note | None = None
    notes: Note | None = None
    languages: Line | None = None
    donor: Literal["yes", "no", "ask"] | None = None


class CardContact(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    relationship: str | None
    phone: str | None


class CardShown(BaseModel):
    """The card as whoever helps reads it: what is switched off, or not known, is not there."""

    model_config = ConfigDict(frozen=True)

    name: str | None = None
    born: int | None = None
    age: int | None = None
    blood: str | None = None
    allergies: tuple[str, ...] | None = None
    no_known_allergy: bool = False
    conditions: tuple[str, ...] | None = None
    medicines: tuple[str, ...] | None = None
    implants: str | None = None
    notes: str | None = None
    contacts: tuple[CardContact, ...] | None = None
    languages: str | None = None
    donor: str | None = None
    as_of: datetime
    zone: str = Field(description="By which clock of theirs ``as_of`` is told.")


class CardState(CardDraft):
    """The card as its owner sees it."""

    model_config = ConfigDict(json_schema_extra=None)

    link: str | None = Field(description="The address its QR code holds. Whoever has it can read the card.")
    issued_at: datetime | None
    opened_at: datetime | None = Field(description="When somebody last opened it.")
    version: int


class AnswerDraft(Strict):
    """What a helper said."""

    model_config = example(answer="coming")

    answer: Answer


class NumberShown(BaseModel):
    """A number to call, as one dials it there, and for what."""

    model_config = ConfigDict(frozen=True)

    dial: str
    label: str
