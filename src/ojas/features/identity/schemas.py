"""What crosses the border: what a person says of themselves, and what is shown of accounts, sessions, organisations."""

import unicodedata
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from ojas.features.identity.rules import Role
from ojas.kit import clock
from ojas.kit.collection import Kept, Strict, example
from ojas.kit.errors import Incorrect
from ojas.kit.i18n import Manner
from ojas.kit.i18n.zones import zone_named

_PHRASE = "a few words one remembers"


def _clean(text: str) -> str:
    if any(unicodedata.category(letter) in ("Cc", "Cs") and letter != "\n" for letter in text):
        raise Incorrect("Take out the control characters.")
    return unicodedata.normalize("NFC", text)


def _born(day: date) -> date:
    # A day of grace: somewhere it is tomorrow already.
    if not date(1880, 1, 1) <= day or (day - clock.now().date()).days > 1:
        raise Incorrect("This day cannot be the day somebody was born.")
    return day


def _zone(name: str) -> str:
    try:
        return zone_named(name)
    except Incorrect as refusal:
        raise Incorrect(refusal.fault.message) from refusal  # the field has its own name here


# A line or a few, without control characters, composed (NFC), trimmed.
Word = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_clean)
]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_clean)
]
Note = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_clean)
]
Name = Line
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9][0-9 ().-]{3,24}[0-9]$")]
Email = Annotated[EmailStr, Field(max_length=254)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=6, max_length=40)]
Secret = Annotated[str, Field(max_length=4096)]
"""A password as typed; its own rules are checked where it is chosen."""

DeviceToken = Annotated[str, Field(max_length=100)]

Language = Literal["en", "hi", "ta"]
Gender = Literal["male", "female", "other", "unknown"]
BloodGroup = Literal["A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"]


class Telephone(Strict):
    number: Phone
    type: Literal["mobile", "home", "work"] = "mobile"


class Address(Strict):
    lines: Annotated[list[Line], Field(max_length=5)] = []
    city: Line | None = None
    state: Line | None = None
    postal_code: Word | None = None
    country: Word | None = None


class Insurance(Strict):
    provider: Line
    policy_number: Word | None = None
    group_number: Word | None = None


class Pharmacy(Strict):
    name: Line
    phone: Phone | None = None


class Identifier(Strict):
    """A number somebody else knows the person by: ABHA, a hospital's number. ``system`` is a URI."""

    system: Annotated[str, Field(min_length=1, max_length=300)]
    value: Annotated[str, Field(min_length=1, max_length=200)]


class Professional(Strict):
    """What a doctor or therapist is for others."""

    specialty: Line | None = None
    qualification: Line | None = None
    registration_number: Word | None = None
    practice: Address | None = None
    notes: Note | None = None


class ProfileDraft(Strict):
    """What is known of a person. All of it is sealed; all but the name may be left out."""

    model_config = example(
        name="Asha Rao",
        date_of_birth="1961-04-02",
        gender="female",
        blood_group="O+",
        phones=[{"number": "+91 98400 12345", "type": "mobile"}],
        address={"lines": ["12 Temple Street"], "city": "Chennai", "postal_code": "600004"},
    )

    name: Name
    given_name: Name | None = None
    family_name: Name | None = None
    username: Word | None = None
    date_of_birth: Annotated[date, AfterValidator(_born)] | None = None
    gender: Gender | None = None
    sex_at_birth: Literal["male", "female"] | None = Field(
        None, description="For reference ranges, where it differs from gender."
    )
    pregnancy_due: date | None = Field(None, description="The day a child is due; ranges follow from it.")
    blood_group: BloodGroup | None = None
    email: Email | None = Field(
        None, description="Where to write to the person; signing in goes by the account."
    )
    phones: Annotated[list[Telephone], Field(max_length=5)] = []
    preferred_contact: Literal["phone", "email", "text"] | None = None
    best_time_to_contact: Literal["morning", "afternoon", "evening"] | None = None
    address: Address | None = None
    occupation: Line | None = None
    education: Line | None = None
    living_situation: Line | None = None
    activity_level: Literal["sedentary", "light", "moderate", "active", "very-active"] | None = None
    smoking: Literal["never", "former", "current"] | None = None
    alcohol: Literal["none", "occasional", "moderate", "heavy"] | None = None
    interests: Annotated[list[Word], Field(max_length=30)] = []
    insurance: Insurance | None = None
    pharmacy: Pharmacy | None = None
    identifiers: Annotated[list[Identifier], Field(max_length=20)] = []
    professional: Professional | None = None
    notes: Note | None = None
    avatar: UUID | None = Field(None, description="Set by uploading a picture.")


class Profile(ProfileDraft, Kept):
    """A profile as it is kept."""

    model_config = ConfigDict(json_schema_extra=None)

    @property
    def age(self) -> int | None:
        """Whole years today, by the birthday."""
        return age_on(self.date_of_birth, clock.now().date()) if self.date_of_birth else None


def age_on(born: date, day: date) -> int:
    """Whole years. Who was born on 29 February is a year older on 1 March where there is no 29th."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class Units(Strict):
    """The unit of each dimension that a person reads and types, as UCUM codes."""

    mass: Literal["kg", "[lb_av]", "[stone_av]"] = "kg"
    height: Literal["cm", "[in_i]", "[ft_i]"] = "cm"
    length: Literal["cm", "[in_i]"] = "cm"
    distance: Literal["km", "[mi_i]"] = "km"
    temperature: Literal["Cel", "[degF]"] = "Cel"
    glucose: Literal["mg/dL", "mmol/L"] = "mg/dL"
    cholesterol: Literal["mg/dL", "mmol/L"] = "mg/dL"
    pressure: Literal["mm[Hg]", "kPa"] = "mm[Hg]"
    volume: Literal["mL", "L", "[foz_us]", "[cup_us]"] = "mL"
    energy: Literal["kcal", "kJ"] = "kcal"


class Preferences(Strict):
    """How an account wants things said and shown."""

    model_config = example(language="ta", time_zone="Asia/Kolkata", units={"mass": "kg"}, theme="dark")

    language: Language = "en"
    secondary_language: Language | None = None
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Kolkata"
    date_format: Literal["locale", "DD/MM/YYYY", "MM/DD/YYYY", "YYYY-MM-DD"] = "locale"
    time_format: Literal["locale", "12h", "24h"] = "locale"
    units: Units = Units()
    font_size: Literal["small", "medium", "large"] = "medium"
    motion: bool = True
    compact: bool = False
    theme: Literal["system", "light", "dark"] = "system"

    @property
    def manner(self) -> Manner:
        return Manner(self.language, self.time_zone, self.date_format, self.time_format)


class Demographics(BaseModel):
    """What a reference range depends on."""

    model_config = ConfigDict(frozen=True)

    born: date | None
    sex: Literal["male", "female"] | None
    pregnant: bool
    pregnancy_due: date | None = None


class AccountCard(BaseModel):
    """What others may know of an account: enough to share with it and to recognise it afterwards."""

    model_config = ConfigDict(frozen=True)

    account_id: UUID
    person_id: UUID
    name: str
    roles: frozenset[Role]
    specialty: str | None = None


class Reach(BaseModel):
    """Where to write to somebody who has an account, and in which language."""

    model_config = ConfigDict(frozen=True)

    account_id: UUID
    email: str
    language: Language


class Recipient(BaseModel):
    """Whom a message goes to: their address, if they have proved it, and how they want to be spoken to."""

    model_config = ConfigDict(frozen=True)

    account_id: UUID
    person_id: UUID
    email: str | None
    manner: Manner


class Account(BaseModel):
    """One's own account."""

    id: UUID
    person_id: UUID
    email: str
    verified: bool
    roles: list[Role]
    created_at: datetime
    last_sign_in: datetime | None
    password: bool = Field(description="Whether one can sign in by password.")
    second_factor: bool = Field(description="Whether signing in by password also asks for a code.")
    passkeys: int
    recovery_codes_left: int


class SessionView(BaseModel):
    """A device that is signed in."""

    id: UUID
    current: bool
    device: str
    address: str | None
    methods: list[str]
    created_at: datetime
    used_at: datetime
    expires_at: datetime


class AccountFound(AccountCard):
    """An account as administrators find it."""

    verified: bool = Field(description="Whether its address was proved.")
    closed: bool = Field(description="Whether it is let in no more.")


class Registration(Strict):
    model_config = example(email="asha@example.org", password=_PHRASE, name="Asha Rao", language="hi")

    email: Email
    password: Secret
    name: Name
    language: Language = "en"
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Kolkata"


class SignIn(Strict):
    model_config = example(email="asha@example.org", password=_PHRASE)

    email: Annotated[str, Field(min_length=1, max_length=254)]
    password: Secret
    device_token: DeviceToken | None = None


class SecondFactor(Strict):
    model_config = example(ticket="the ticket of the answer before", code="123456")

    ticket: Annotated[str, Field(max_length=100)]
    code: Code = Field(description="Six digits of the authenticator, or a recovery code.")
    device_token: DeviceToken | None = None


class Tokens(BaseModel):
    """Bearer tokens. ``refresh_token`` is good once: the answer to its use holds the next.

    Keep ``device_token`` and send it with the next sign-in: wrong guesses of strangers then do not slow this device down.
    """

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int
    refresh_token: str
    device_token: str | None = None
    account_id: UUID
    person_id: UUID


class Waiting(BaseModel):
    """The password was right; a second factor is asked for, within five minutes."""

    second_factor: Literal["required"] = "required"
    ticket: str


class OrganisationDraft(Strict):
    model_config = example(name="Lotus Clinic", kind="clinic", phone="+91 44 2345 6789")

    name: Name
    kind: Literal[
        "clinic", "hospital", "practice", "pharmacy", "laboratory", "insurer", "family", "other"
    ] = "clinic"
    phone: Phone | None = None
    email: Email | None = None
    address: Address | None = None
    identifiers: Annotated[list[Identifier], Field(max_length=20)] = []
    languages: Annotated[list[Language], Field(max_length=3)] = []
    active: bool = True


class Organisation(OrganisationDraft):
    model_config = ConfigDict(frozen=True, strict=False, extra="ignore", json_schema_extra=None)

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime


class RoleDraft(Strict):
    model_config = example(account_id="01a1fc65-be79-7374-96e4-8fc32fd4d96f", role="doctor")

    account_id: UUID
    role: Role
    organisation_id: UUID | None = None


class RoleView(BaseModel):
    id: UUID
    account_id: UUID
    role: Role
    organisation_id: UUID | None
    given_at: datetime


class ErasureDraft(Strict):
    """Said in so many words, so that no program erases anybody by a slip of its address."""

    model_config = example(erase_everything=True)

    erase_everything: Literal[True]


class Receipt(BaseModel):
    """What became of a wish to be erased; it names nobody. ``entries``: how many were deleted, by part of the record."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    state: Literal["waiting", "undone", "erasing", "erased"]
    asked_at: datetime
    due_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    entries: dict[str, int]
    files: int
    keys: int


class ErasureView(Receipt):
    """The same for whoever asked, with the address at which the receipt is found when nobody can sign in any more."""

    person_id: UUID
    receipt: str
