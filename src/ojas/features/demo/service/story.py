"""Who lives in the household, and what her record says. Nobody of them exists."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from ojas.features.demo.rules import SURGERY, Reading
from ojas.features.emergency.rules.terms import Method
from ojas.features.emergency.schemas import CardDraft, ContactDraft
from ojas.features.identity.rules import Role
from ojas.features.identity.schemas import Preferences, Professional, ProfileDraft
from ojas.features.record.rules.terms import Category, ConditionStatus, Criticality, EventStatus, Severity
from ojas.features.record.schemas import (
    AllergyDraft,
    Coding,
    ConditionDraft,
    ImmunisationDraft,
    ProcedureDraft,
    Reaction,
)
from ojas.features.sharing.rules import Kind, Purpose
from ojas.features.sharing.schemas import GrantDraft
from ojas.features.signals.rules.kinds import STAGES, Stage

ZONE = ZoneInfo("Asia/Kolkata")
WATCH = "Meera's watch"
_KNOWN = timedelta(days=350)
"""How long ago her record began."""

ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
STAGE_CODES = {
    "light": STAGES[Stage.LIGHT],
    "deep": STAGES[Stage.DEEP],
    "rem": STAGES[Stage.REM],
    "awake": STAGES[Stage.AWAKE],
}

WORDS = tuple(
    "amber banyan cedar coral daisy delta ember fable garden harbour indigo jasmine kettle lantern lotus mango marble "
    "meadow monsoon nutmeg ocean orchid pebble pepper quartz river saffron sandal sparrow sunrise tamarind temple thunder "
    "tulip valley velvet violet walnut willow winter".split()
)


@dataclass(frozen=True, slots=True)
class Member:
    """One of the household. ``who`` is for the list on the terminal."""

    who: str
    email: str
    profile: ProfileDraft
    roles: frozenset[Role] = frozenset()
    language: Literal["en", "hi", "ta"] = "en"

    @property
    def preferences(self) -> Preferences:
        return Preferences(language=self.language, time_zone=ZONE.key)


PATIENT = Member(
    "Meera, 61, seven weeks after heart surgery",
    "meera@ojas.example",
    ProfileDraft(
        name="Meera Raman",
        given_name="Meera",
        family_name="Raman",
        date_of_birth=date(1965, 4, 17),
        gender="female",
        blood_group="B+",
        occupation="Retired teacher",
        activity_level="light",
        smoking="never",
    ),
)
DAUGHTER = Member(
    "Asha, her daughter",
    "asha@ojas.example",
    ProfileDraft(
        name="Asha Raman",
        given_name="Asha",
        family_name="Raman",
        date_of_birth=date(1993, 9, 2),
        gender="female",
    ),
)
DOCTOR = Member(
    "Dr Rao, her cardiologist",
    "rao@ojas.example",
    ProfileDraft(
        name="Dr Vikram Rao",
        given_name="Vikram",
        family_name="Rao",
        gender="male",
        professional=Professional(specialty="Cardiology", qualification="MD, DM"),
    ),
    roles=frozenset({Role.DOCTOR}),
)
HOUSEHOLD = (PATIENT, DAUGHTER, DOCTOR)


def grants(now: datetime) -> list[tuple[Member, GrantDraft]]:
    """Her daughter looks after her; her doctor sees the same but what is for emergencies, for half a year."""
    clinical = ["measurements", "signals", "record", "alarms", "calendar", "medications"]
    return [
        (
            DAUGHTER,
            GrantDraft(
                email=DAUGHTER.email,
                scopes=["profile", *clinical, "emergency"],
                may_write=True,
                purpose=Purpose.FAMILY,
                kind=Kind.CAREGIVER,
            ),
        ),
        (
            DOCTOR,
            GrantDraft(
                email=DOCTOR.email,
                scopes=["profile", *clinical],
                purpose=Purpose.TREATMENT,
                kind=Kind.CARE_TEAM,
                ends_at=now + timedelta(days=182),
            ),
        ),
    ]


def contacts(daughter: UUID) -> list[ContactDraft]:
    """Her daughter first, on the account with which she looks after her; then a neighbour. Their numbers are for drama."""
    return [
        ContactDraft(
            name=DAUGHTER.profile.name,
            relationship="Daughter",
            phone="+442079460101",
            email=DAUGHTER.email,
            priority=1,
            methods=(Method.SMS, Method.EMAIL),
            account_id=daughter,
            introduce=False,
        ),
        ContactDraft(
            name="Kannan",
            relationship="Neighbour",
            phone="+442079460102",
            priority=2,
            language="ta",
            introduce=False,
        ),
    ]


def card(conditions: list[UUID]) -> CardDraft:
    """Switched on, with all her conditions."""
    return CardDraft(
        shown=True,
        conditions=tuple(conditions),
        implants="Sternal wires since the bypass; no pacemaker",
        notes="Do not lift by the arms: the breastbone is healing.",
        languages="Tamil, English",
    )


def conditions(now: datetime) -> list[ConditionDraft]:
    surgery = (now - timedelta(days=SURGERY)).date()
    return [
        ConditionDraft(
            name="Coronary artery disease",
            codes=(Coding(system=ICD_10_CM, code="I25.10"),),
            status=ConditionStatus.MANAGED,
            severity=Severity.SEVERE,
            chronic=True,
            onset=(surgery - timedelta(days=20)).isoformat(),
            diagnosed_by=DOCTOR.profile.name,
            recorded_at=now - timedelta(days=SURGERY + 18),
        ),
        ConditionDraft(
            name="High blood pressure",
            codes=(Coding(system=ICD_10_CM, code="I10"),),
            status=ConditionStatus.CONTROLLED,
            severity=Severity.MODERATE,
            chronic=True,
            onset=str(surgery.year - 9),
            recorded_at=now - _KNOWN,
        ),
        ConditionDraft(
            name="Type 2 diabetes",
            codes=(Coding(system=ICD_10_CM, code="E11.9"),),
            status=ConditionStatus.MANAGED,
            severity=Severity.MILD,
            chronic=True,
            onset=str(surgery.year - 5),
            recorded_at=now - _KNOWN,
        ),
    ]


LATELY = timedelta(hours=1)
"""In which nothing is measured but what went wrong: a good value of this morning would end it."""


def alarming(now: datetime) -> list[Reading]:
    """What went wrong just now; her daughter has seen the pressure."""
    return [
        Reading("blood_glucose", now - timedelta(minutes=50), {"": 262}),
        Reading("blood_glucose", now - timedelta(minutes=20), {"": 268}),
        Reading("blood_pressure", now - timedelta(minutes=15), {"systolic": 186, "diastolic": 104}),
    ]


def allergies(now: datetime) -> list[AllergyDraft]:
    return [
        AllergyDraft(
            name="Penicillin",
            categories=(Category.MEDICATION,),
            criticality=Criticality.HIGH,
            reactions=(Reaction(manifestations=("Hives",), severity=Severity.MODERATE),),
            onset=str(now.year - 22),
            recorded_at=now - _KNOWN,
        )
    ]


def procedures(now: datetime) -> list[ProcedureDraft]:
    surgery = (now - timedelta(days=SURGERY)).date()
    return [
        ProcedureDraft(
            name="Coronary bypass, three vessels",
            status=EventStatus.DONE,
            performed=surgery.isoformat(),
            performer="Cardiac surgery, City Hospital",
        ),
        ProcedureDraft(
            name="Coronary angiography",
            status=EventStatus.DONE,
            performed=(surgery - timedelta(days=18)).isoformat(),
            performer=DOCTOR.profile.name,
        ),
    ]


def immunisations(now: datetime) -> list[ImmunisationDraft]:
    return [
        ImmunisationDraft(name="Influenza", given=(now - timedelta(days=400)).date().isoformat()),
        ImmunisationDraft(name="Pneumococcal", given=(now - timedelta(days=900)).date().isoformat()),
    ]
