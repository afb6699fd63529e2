"""The words of a calendar: levels of privacy, what becomes of an occurrence, sorts of appointments."""

from enum import StrEnum

from ojas.kit.i18n import N_


class Privacy(StrEnum):
    """Who sees an event. Each level is a condition of row-level security."""

    PRIVATE = "private"
    SHARED = "shared"
    CLINICAL = "clinical"


class Status(StrEnum):
    """What became of an occurrence. Only an appointment is confirmed, or missed."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


OF_APPOINTMENTS = frozenset({Status.CONFIRMED, Status.NO_SHOW})
OVER = frozenset({Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW})
"""Of what is over nobody is reminded."""


class Reach(StrEnum):
    """How far a change of one occurrence reaches."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class CareType(StrEnum):
    CONSULTATION = "consultation"
    FOLLOW_UP = "follow_up"
    PROCEDURE = "procedure"
    TEST = "test"
    EMERGENCY = "emergency"


class Visit(StrEnum):
    IN_PERSON = "in_person"
    VIRTUAL = "virtual"
    PHONE = "phone"


class Detail(StrEnum):
    """What a secret address tells."""

    FULL = "full"
    BUSY = "busy"


PRIVACIES = {
    Privacy.SHARED: (N_("Shared"), N_("Everybody with whom this calendar is shared.")),
    Privacy.CLINICAL: (N_("For the care team"), N_("Of those, only who may also see the record.")),
    Privacy.PRIVATE: (N_("Only whose calendar it is"), N_("Nobody else, not even that there is something.")),
}
STATUSES = {
    Status.PENDING: N_("Planned"),
    Status.CONFIRMED: N_("Confirmed"),
    Status.COMPLETED: N_("Done"),
    Status.CANCELLED: N_("Called off"),
    Status.NO_SHOW: N_("Missed"),
}
TYPES = {
    CareType.CONSULTATION: N_("Consultation"),
    CareType.FOLLOW_UP: N_("Follow-up"),
    CareType.PROCEDURE: N_("Procedure"),
    CareType.TEST: N_("Test"),
    CareType.EMERGENCY: N_("Emergency"),
}
VISITS = {
    Visit.IN_PERSON: N_("In person"),
    Visit.VIRTUAL: N_("By video"),
    Visit.PHONE: N_("By phone"),
}
CATEGORIES = {
    "health": N_("Health"),
    "exercise": N_("Exercise"),
    "meal": N_("Meals"),
    "rest": N_("Rest"),
    "family": N_("Family"),
    "work": N_("Work"),
    "travel": N_("Travel"),
    "other": N_("Other"),
}
"""Those that are offered. Any other may be sent, and is shown as it is written."""

QUIET = "#4f6372"
COLOURS = {
    "#0e6a55": N_("Green"),
    "#4a58a5": N_("Blue"),
    "#8a3a6b": N_("Plum"),
    "#b3261e": N_("Red"),
    "#8f5410": N_("Amber"),
    QUIET: N_("Grey"),
}
"""Those that are offered, each told from paper and night."""
