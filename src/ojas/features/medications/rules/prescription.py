"""What a prescription of R4 says of a medicine: MedicationRequest and MedicationStatement, to be shown and agreed to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from ojas.features.medications.rules.dosage import Assumed, from_fhir
from ojas.features.medications.rules.dosage.elements import first_date
from ojas.features.medications.rules.patterns import Pattern
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.substances import international
from ojas.features.medications.rules.substances import name as compared
from ojas.features.medications.rules.words import Status
from ojas.kit.errors import Incorrect
from ojas.kit.fhir.elements import line

Resource = Mapping[str, Any]
TYPES = ("MedicationRequest", "MedicationStatement")

_STATUS = {
    "active": Status.ACTIVE,
    "intended": Status.ACTIVE,
    "draft": Status.ACTIVE,
    "on-hold": Status.PAUSED,
    "stopped": Status.DISCONTINUED,
    "cancelled": Status.DISCONTINUED,
    "not-taken": Status.DISCONTINUED,
    "completed": Status.COMPLETED,
}
NEVER = frozenset({"entered-in-error", "unknown"})
# RxNorm's own way of naming: "Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet".
_PART = re.compile(
    r"([A-Za-z][A-Za-z ,'\-]*?)\s+(\d[\d.,]*\s*(?:MG|MCG|UG|G|ML|UNT|MEQ|%)(?:/\w+)?)(?!\w)", re.IGNORECASE
)
_HOURS = re.compile(r"^\d+\s*HR\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prescription:
    """A medicine as it was prescribed. Without a ``schedule`` its times could not be read, and ``why`` says at what."""

    name: str
    status: Status
    ingredients: tuple[str, ...] = ()
    strength: str | None = None
    prescriber: str | None = None
    purpose: str | None = None
    condition_id: UUID | None = None
    instructions: str | None = None
    number: str | None = None
    refills: int | None = None
    schedule: Schedule | None = None
    assumed: frozenset[Assumed] = field(default_factory=frozenset)
    why: str | None = None

    @property
    def unsaid(self) -> int:
        """How much it leaves out of what prescriptions mostly say."""
        return [self.prescriber, self.purpose, self.number, self.refills, self.instructions].count(None)

    @property
    def course(self) -> "Course":
        told = self.schedule.pattern if self.schedule else self.instructions
        return Course(drug(self.name, self.strength), told)


@dataclass(frozen=True, slots=True)
class Course:
    """A drug and when it is taken; where that could not be read, the words that say it. The same again is no new medicine."""

    drug: tuple[str, ...]
    told: Pattern | str | None


def drug(name: str, strength: str | None) -> tuple[str, ...]:
    """The words that name a package, each once: "Metoprolol 50 mg", whether or not it says its strength apart."""
    return tuple(dict.fromkeys(compared(f"{name} {strength or ''}").split()))


@dataclass(slots=True)
class Courses:
    """Those that are known: which go on, and which are over.

    One that goes on is told again by every refill, old or new. One that is over is not the same as one that begins.
    """

    going: set[Course] = field(default_factory=set)
    over: set[Course] = field(default_factory=set)

    def add(self, course: Course, *, going: bool) -> None:
        (self.going if going else self.over).add(course)

    def has(self, course: Course, *, going: bool) -> bool:
        return course in self.going or (not going and course in self.over)


def goes_on(status: Status, schedule: Schedule | None, today: date) -> bool:
    """Whether a medicine is still taken, or will be."""
    ended = schedule is not None and schedule.last_day is not None and schedule.last_day < today
    return status in (Status.ACTIVE, Status.PAUSED) and not ended


def medication_of(resource: Resource) -> UUID | None:
    """The Medication that a prescription refers to, where it is a resource of its own."""
    return _id_of(resource.get("medicationReference", {}).get("reference", ""))


def read(resource: Resource, medication: Resource | None, today: date) -> Prescription | None:
    """What it says; ``medication`` is what it refers to. None: it names no medicine, or was a mistake."""
    status = str(resource.get("status", ""))
    what = medication or _contained(resource) or {}
    concept = resource.get("medicationCodeableConcept") or what.get("code") or {}
    name = _words(concept) or line(resource.get("medicationReference", {}).get("display"))
    if not name or status in NEVER or resource.get("doNotPerform"):
        return None
    parts = list(_parts(name))
    if whole := _PART.fullmatch(name):  # a name and its strength; RxNorm's say more, and stay whole
        name = whole[1]
    listed = [
        words for one in what.get("ingredient", ()) if (words := _words(one.get("itemCodeableConcept")))
    ]
    schedule, assumed, why = _schedule(resource, today)
    return Prescription(
        name=name,
        status=_STATUS.get(status, Status.ACTIVE),
        ingredients=tuple(
            listed or [part for part, _strength in parts] or ([name] if international(name) else [])
        ),
        strength=" / ".join(strength for _part, strength in parts) or None,
        prescriber=_shown(resource, "requester", "informationSource"),
        purpose=next((words for one in resource.get("reasonCode", ()) if (words := _words(one))), None),
        condition_id=_condition(resource),
        instructions=_instructions(resource),
        number=next(
            (line(one.get("value")) for one in resource.get("identifier", ()) if "value" in one), None
        ),
        refills=resource.get("dispenseRequest", {}).get("numberOfRepeatsAllowed"),
        schedule=schedule,
        assumed=assumed,
        why=why,
    )


def _schedule(resource: Resource, today: date) -> tuple[Schedule | None, frozenset[Assumed], str | None]:
    dosages = resource.get("dosageInstruction") or resource.get("dosage") or []
    try:
        found = from_fhir(dosages, start=_start(resource) or today)
    except Incorrect as refusal:
        return None, frozenset(), refusal.fault.field
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None, frozenset(), "dosage"  # what was stored is valid R4, yet may say what nobody foresaw
    return found.schedule, found.assumed, None


def _start(resource: Resource) -> date | None:
    period = resource.get("effectivePeriod", {})
    said = [
        period.get("start"),
        resource.get("effectiveDateTime"),
        resource.get("authoredOn"),
        resource.get("dateAsserted"),
    ]
    for text in said:
        try:
            if text:
                return first_date(str(text))
        except ValueError:
            continue
    return None


def _parts(name: str) -> Iterator[tuple[str, str]]:
    """Ingredients and their strengths, of a name as RxNorm writes it."""
    for found in _PART.finditer(_HOURS.sub("", name)):
        yield found[1].strip(" ,-"), " ".join(found[2].split())


def _contained(resource: Resource) -> Resource | None:
    reference = str(resource.get("medicationReference", {}).get("reference", ""))
    inside = resource.get("contained", ())
    return next((one for one in inside if reference == f"#{one.get('id')}"), None)


def _condition(resource: Resource) -> UUID | None:
    """The entry of the record it was prescribed for: a condition has the id of its resource."""
    references = [str(one.get("reference", "")) for one in resource.get("reasonReference", ())]
    return next((id for text in references if "Condition/" in text and (id := _id_of(text))), None)


def _id_of(reference: str) -> UUID | None:
    try:
        return UUID(reference.rpartition("/")[2])  # also of urn:uuid:…
    except ValueError:
        return None


def _instructions(resource: Resource) -> str | None:
    dosages = resource.get("dosageInstruction") or resource.get("dosage") or ()
    said = [one.get(key) for one in dosages for key in ("text", "patientInstruction")]
    return "\n".join(dict.fromkeys(text.strip() for text in said if text and text.strip()))[:4000] or None


def _shown(resource: Resource, *names: str) -> str | None:
    return next((found for name in names if (found := line(resource.get(name, {}).get("display")))), None)


def _words(concept: Any) -> str | None:
    """A concept's text or name; a bare code names no medicine to anybody."""
    if not isinstance(concept, Mapping):
        return None
    said = [concept.get("text"), *(one.get("display") for one in concept.get("coding", ()))]
    return next((found for text in said if (found := line(text))), None)
