"""Plain words for what is kept as codes."""

from collections.abc import Iterable

from fastapi import Request

from ojas.features.sharing import service
from ojas.features.sharing.rules import EVERYTHING, PURPOSES, Purpose
from ojas.kit.feature import Feature
from ojas.kit.http import house_of
from ojas.kit.i18n import N_, gettext

ACTIONS = {
    "read": N_("Looked at"),
    "create": N_("Added"),
    "change": N_("Changed"),
    "delete": N_("Deleted"),
    "export": N_("Exported"),
    "import": N_("Imported"),
    "share": N_("Sharing"),
    "sign-in": N_("Signed in"),
    "erase": N_("Erased"),
}
_SUBJECTS = {
    "account": N_("account"),
    "addresses": N_("ways to be reached"),
    "alarm-rules": N_("when to raise an alarm"),
    "alarms": N_("alarms"),
    "allergies": N_("allergies"),
    "audit": N_("access report"),
    "band-overrides": N_("own ranges"),
    "calendars": N_("calendars"),
    "care-team": N_("care team"),
    "conditions": N_("conditions"),
    "consents": N_("consents"),
    "doses": N_("doses"),
    "emergency-alerts": N_("calls for help"),
    "emergency-card": N_("emergency card"),
    "emergency-contacts": N_("emergency contacts"),
    "encounters": N_("visits"),
    "erasure": N_("the whole record"),
    "event-templates": N_("templates of the calendar"),
    "events": N_("appointments"),
    "exports": N_("exports"),
    "fhir_resources": N_("imported documents"),
    "grants": N_("sharing"),
    "immunisations": N_("immunisations"),
    "imports": N_("imports"),
    "medicines": N_("medicines"),
    "messages": N_("messages"),
    "occurrences": N_("appointments"),
    "picture": N_("picture"),
    "privacy": N_("privacy"),
    "procedures": N_("procedures"),
    "profiles": N_("profile"),
    "readings": N_("readings"),
    "results": N_("results"),
    "routes": N_("routes"),
    "sessions": N_("workouts and sleep"),
    "signals": N_("device data"),
    "sources": N_("devices"),
}
_ROLES = {
    "caregiver": N_("Caregiver"),
    "family": N_("Family"),
    "doctor": N_("Doctor"),
    "therapist": N_("Therapist"),
    "nurse": N_("Nurse"),
    "pharmacist": N_("Pharmacist"),
    "friend": N_("Friend"),
    "other": N_("Somebody else"),
}


def roles() -> list[tuple[str, str]]:
    return [(code, gettext(words)) for code, words in _ROLES.items()]


def role(code: str) -> str:
    return gettext(_ROLES[code])


def purpose(code: str) -> str:
    """A v3-ActReason code in words; one we never give as it is."""
    return gettext(PURPOSES[Purpose(code)]) if code in set(Purpose) else code


def subjects(names: Iterable[str]) -> str:
    """What was touched, as a list in a sentence. Parts of one thing (``signals.steps``) are said once."""
    stems = dict.fromkeys(name.split(".")[0] for name in names)
    return ", ".join(gettext(_SUBJECTS.get(stem, stem)) for stem in stems)


def scopes(request: Request) -> dict[str, tuple[str, str]]:
    """Everything that can be shared: its name, and what lies in it, by scope."""
    features: tuple[Feature, ...] = house_of(request).features
    found = {}
    for feature in features:
        for scope, words in feature.scopes.items():
            if scope in service.shareable():
                name, _colon, detail = gettext(words).partition(": ")
                found[scope] = (name, detail)
    return found


def named(request: Request, wanted: Iterable[str]) -> str:
    """Scopes by their names, as a list in a sentence."""
    known = scopes(request)
    if EVERYTHING in wanted:
        return gettext(N_("Everything"))
    return ", ".join(known[scope][0] for scope in sorted(wanted) if scope in known)
