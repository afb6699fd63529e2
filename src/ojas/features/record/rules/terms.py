"""Statuses, grades and kinds: ours where a person must understand them, with HL7's codes in ``kinds``."""

import re
from collections.abc import Mapping
from enum import StrEnum

from ojas.kit.i18n import N_

# What SNOMED CT ends its full names with, to tell a disorder from a finding of the same words. Those a record may hold, of
# the list in its Editorial Guide, "Semantic tag".
_TAG = re.compile(
    r"\s+\((?:body structure|clinical drug|disorder|environment|event|finding|geographic location|medicinal product|"
    r"medicinal product form|morphologic abnormality|narrative|observable entity|occupation|organism|person|"
    r"physical force|physical object|procedure|product|qualifier value|real clinical drug|record artifact|"
    r"regime/therapy|situation|social concept|specimen|staging scale|substance|tumor staging)\)$"
)


def everyday(name: str) -> str:
    """A name as people say it: "Fracture of forearm", which SNOMED CT calls "Fracture of forearm (disorder)"."""
    return _TAG.sub("", name) or name


class ConditionStatus(StrEnum):
    ACTIVE = "active"
    MANAGED = "managed"
    CONTROLLED = "controlled"
    RECURRENCE = "recurrence"
    INACTIVE = "inactive"
    REMISSION = "remission"
    RESOLVED = "resolved"


CONDITION_STATUSES: Mapping[str, str] = {
    ConditionStatus.ACTIVE: N_("Active"),
    ConditionStatus.MANAGED: N_("Managed with treatment"),
    ConditionStatus.CONTROLLED: N_("Under control"),
    ConditionStatus.RECURRENCE: N_("Came back"),
    ConditionStatus.INACTIVE: N_("Not active"),
    ConditionStatus.REMISSION: N_("In remission"),
    ConditionStatus.RESOLVED: N_("Past"),
}
OVER = frozenset({ConditionStatus.INACTIVE, ConditionStatus.REMISSION, ConditionStatus.RESOLVED})


class Verification(StrEnum):
    CONFIRMED = "confirmed"
    PROVISIONAL = "provisional"
    DIFFERENTIAL = "differential"
    UNCONFIRMED = "unconfirmed"
    REFUTED = "refuted"
    MISTAKE = "entered-in-error"


VERIFICATIONS: Mapping[str, str] = {
    Verification.CONFIRMED: N_("Confirmed"),
    Verification.PROVISIONAL: N_("Provisional"),
    Verification.DIFFERENTIAL: N_("One of several possible"),
    Verification.UNCONFIRMED: N_("Not confirmed"),
    Verification.REFUTED: N_("Ruled out"),
    Verification.MISTAKE: N_("Entered by mistake"),
}


class Severity(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


SEVERITIES: Mapping[str, str] = {
    Severity.MILD: N_("Mild"),
    Severity.MODERATE: N_("Moderate"),
    Severity.SEVERE: N_("Severe"),
}


class AllergyStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    RESOLVED = "resolved"


ALLERGY_STATUSES: Mapping[str, str] = {
    AllergyStatus.ACTIVE: N_("Active"),
    AllergyStatus.INACTIVE: N_("Not active"),
    AllergyStatus.RESOLVED: N_("Past"),
}


class Kind(StrEnum):
    ALLERGY = "allergy"
    INTOLERANCE = "intolerance"


KINDS: Mapping[str, str] = {Kind.ALLERGY: N_("Allergy"), Kind.INTOLERANCE: N_("Intolerance")}


class Category(StrEnum):
    FOOD = "food"
    MEDICATION = "medication"
    ENVIRONMENT = "environment"
    BIOLOGIC = "biologic"


CATEGORIES: Mapping[str, str] = {
    Category.FOOD: N_("Food"),
    Category.MEDICATION: N_("Medicine"),
    Category.ENVIRONMENT: N_("Surroundings"),
    Category.BIOLOGIC: N_("Vaccine or serum"),
}


class Criticality(StrEnum):
    LOW = "low"
    HIGH = "high"
    UNKNOWN = "unable-to-assess"


CRITICALITIES: Mapping[str, str] = {
    Criticality.LOW: N_("Low"),
    Criticality.HIGH: N_("High: could be life-threatening"),
    Criticality.UNKNOWN: N_("Not known"),
}


class EventStatus(StrEnum):
    """Of what is done to or with somebody: an immunisation, a procedure."""

    PLANNED = "planned"
    UNDERWAY = "underway"
    DONE = "done"
    STOPPED = "stopped"
    NOT_DONE = "not-done"
    MISTAKE = "entered-in-error"
    UNKNOWN = "unknown"


EVENT_STATUSES: Mapping[str, str] = {
    EventStatus.PLANNED: N_("Planned"),
    EventStatus.UNDERWAY: N_("Under way"),
    EventStatus.DONE: N_("Done"),
    EventStatus.STOPPED: N_("Stopped"),
    EventStatus.NOT_DONE: N_("Not done"),
    EventStatus.MISTAKE: N_("Entered by mistake"),
    EventStatus.UNKNOWN: N_("Not known"),
}


class ResultStatus(StrEnum):
    """As FHIR's diagnostic-report-status has them."""

    REGISTERED = "registered"
    PARTIAL = "partial"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    CORRECTED = "corrected"
    APPENDED = "appended"
    CANCELLED = "cancelled"
    MISTAKE = "entered-in-error"
    UNKNOWN = "unknown"


RESULT_STATUSES: Mapping[str, str] = {
    ResultStatus.REGISTERED: N_("Waiting for results"),
    ResultStatus.PARTIAL: N_("Some results"),
    ResultStatus.PRELIMINARY: N_("Provisional"),
    ResultStatus.FINAL: N_("Final"),
    ResultStatus.AMENDED: N_("Amended"),
    ResultStatus.CORRECTED: N_("Corrected"),
    ResultStatus.APPENDED: N_("Added to"),
    ResultStatus.CANCELLED: N_("Cancelled"),
    ResultStatus.MISTAKE: N_("Entered by mistake"),
    ResultStatus.UNKNOWN: N_("Not known"),
}


class Setting(StrEnum):
    """Where and how somebody was seen."""

    CLINIC = "clinic"
    HOSPITAL = "hospital"
    EMERGENCY = "emergency"
    HOME = "home"
    ONLINE = "online"
    OTHER = "other"


SETTINGS: Mapping[str, str] = {
    Setting.CLINIC: N_("Clinic visit"),
    Setting.HOSPITAL: N_("Hospital stay"),
    Setting.EMERGENCY: N_("Emergency"),
    Setting.HOME: N_("Home visit"),
    Setting.ONLINE: N_("Phone or video call"),
    Setting.OTHER: N_("Other"),
}
