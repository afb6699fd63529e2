"""An entry as people read it: its name, its line in a list, its facts, what a change changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.dates import format_skeleton

from ojas.features.record import service
from ojas.features.record.rules import terms
from ojas.features.record.schemas import (
    Allergy,
    Condition,
    ConditionMedication,
    Encounter,
    Immunisation,
    Procedure,
    Reaction,
    Result,
)
from ojas.kit import i18n
from ojas.kit.audit import Change
from ojas.kit.fhir import dates
from ojas.kit.i18n import N_, _, format_date, format_datetime

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """How a list is spoken of. ``what`` says in a sentence what belongs there; ``add`` is on the button."""

    title: str
    one: str
    what: str
    add: str
    icon: str


WORDS: Mapping[str, Words] = {
    "conditions": Words(
        N_("Conditions"),
        N_("Condition"),
        N_("What you live with or have had: a diagnosis, a problem, in words you understand."),
        N_("Add a condition"),
        "heart-pulse",
    ),
    "allergies": Words(
        N_("Allergies"),
        N_("Allergy"),
        N_("What you must not have, and what happens if you do. Whoever treats you asks for this first."),
        N_("Add an allergy"),
        "triangle-alert",
    ),
    "immunisations": Words(
        N_("Immunisations"),
        N_("Immunisation"),
        N_("Every vaccine you were given, one line a dose."),
        N_("Add an immunisation"),
        "syringe",
    ),
    "procedures": Words(
        N_("Procedures"),
        N_("Procedure"),
        N_("Operations, catheters, stents: what was done, when and where."),
        N_("Add a procedure"),
        "stethoscope",
    ),
    "results": Words(
        N_("Results"),
        N_("Result"),
        N_("Reports of laboratories and imaging. Their numbers are among your readings too."),
        N_("Add a result"),
        "test-tube",
    ),
    "encounters": Words(
        N_("Visits"),
        N_("Visit"),
        N_("Visits to a clinic, stays in hospital, calls."),
        N_("Add a visit"),
        "building-2",
    ),
}

STATUSES: Mapping[str, Mapping[str, str]] = {
    "conditions": terms.CONDITION_STATUSES,
    "allergies": terms.ALLERGY_STATUSES,
    "immunisations": terms.EVENT_STATUSES,
    "procedures": terms.EVENT_STATUSES,
    "results": terms.RESULT_STATUSES,
    "encounters": terms.EVENT_STATUSES,
}

LABELS: Mapping[str, str] = {
    "name": N_("Name"),
    "codes": N_("Code"),
    "status": N_("Status"),
    "verification": N_("How sure"),
    "severity": N_("Severity"),
    "chronic": N_("Stays for good"),
    "onset": N_("Since"),
    "ended": N_("Until"),
    "diagnosed_by": N_("Diagnosed by"),
    "medications": N_("Medicines"),
    "notes": N_("Notes"),
    "recorded_at": N_("Written down"),
    "kind": N_("Kind"),
    "categories": N_("To what"),
    "criticality": N_("How dangerous"),
    "reactions": N_("What happened"),
    "last_occurred": N_("Last time"),
    "given": N_("Given"),
    "dose": N_("Dose"),
    "lot": N_("Batch number"),
    "site": N_("Where on the body"),
    "performer": N_("By whom"),
    "place": N_("Where"),
    "performed": N_("When"),
    "reason": N_("Why"),
    "outcome": N_("How it went"),
    "category": N_("Kind"),
    "effective": N_("Sample taken"),
    "issued": N_("Reported"),
    "values": N_("Values"),
    "observations": N_("Values"),
    "conclusion": N_("Conclusion"),
    "setting": N_("Kind"),
    "started": N_("Started"),
    "clinicians": N_("Who you saw"),
}
_SORTED = frozenset({"given_on", "performed_on", "effective_on", "started_on"})
_WORDED: Mapping[str, Mapping[str, str]] = {
    "verification": terms.VERIFICATIONS,
    "severity": terms.SEVERITIES,
    "kind": terms.KINDS,
    "categories": terms.CATEGORIES,
    "criticality": terms.CRITICALITIES,
    "setting": terms.SETTINGS,
}
_DATED = frozenset({"onset", "ended", "last_occurred", "given", "performed", "effective", "started"})
_MIDDLE = timedelta(days=2)  # from the earliest instant anywhere safely into the month
_CODE_NAMES = {
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://snomed.info/sct": "SNOMED CT",
    "http://loinc.org": "LOINC",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
}


def said_when(text: str | None) -> str:
    """A FHIR date as exact as it is, in the reader's language and zone; nothing for none."""
    if not text:
        return ""
    moment = dates.parse(text)
    if moment.precision == "second":
        return format_datetime(moment.lower)
    if moment.precision == "day":
        return format_date(moment.date)
    skeleton = "y" if moment.precision == "year" else "yMMMM"
    return str(format_skeleton(skeleton, moment.lower + _MIDDLE, locale=i18n.current().locale))


def status_of(name: str, view: Any) -> str:
    """The status in words."""
    return _(STATUSES[name][view.status])


def tone_of(view: Any) -> str:
    """The colour of the status: green for what is settled, marigold for what is not."""
    calm = {"done", "final", "amended", "corrected", "appended", "managed", "controlled"}
    loud = {"active", "recurrence", "underway", "planned", "preliminary", "partial"}
    return "leaf" if view.status in calm else "marigold" if view.status in loud else ""


def when_of(view: Any) -> str:
    """The day it was, or the month, or the year."""
    match view:
        case Condition() | Allergy():
            written = view.onset
        case Immunisation():
            written = view.given
        case Procedure():
            written = view.performed
        case Result():
            written = view.effective or (view.issued.isoformat() if view.issued else None)
        case _:
            written = getattr(view, "started", None)
    # "T" begins the time of day, which no list needs.
    return said_when(written.partition("T")[0] if written else None)


def sub_of(view: Any) -> str:
    """The second line in a list: when, and what else tells it from its neighbours."""
    parts = [when_of(view), *_more_of(view)]
    return " · ".join(dict.fromkeys(terms.everyday(part) for part in parts if part))


def _more_of(view: Any) -> list[str | None]:
    match view:
        case Condition():
            parts = [_worded("severity", view.severity), view.diagnosed_by]
        case Allergy():
            parts = [manifested for one in view.reactions[:2] for manifested in one.manifestations[:2]]
            parts += [_("Could be life-threatening")] if view.criticality == terms.Criticality.HIGH else []
        case Encounter():
            parts = [_worded("setting", view.setting), view.place, view.reason]
        case Result():
            alone = view.values[0] if len(view.values) == 1 else None
            number = (
                f"{said_value(alone.value)} {alone.unit or ''}".strip() if alone and alone.value else None
            )
            parts = [number, view.category, view.performer]
        case _:
            parts = [getattr(view, "performer", None), getattr(view, "place", None)]
    return parts


def facts_of(name: str, view: Any) -> list[Fact]:
    """Everything an entry says, in the order of its form, worded."""
    hidden = {
        "name",
        "status",
        "notes",
        "values",
        "observations",
        "medications",
        "reactions",
        "conclusion",
    } | _SORTED
    found = []
    for field in service.BY_NAME[name].LIST.draft.model_fields:
        value = getattr(view, field)
        if field not in hidden and value not in (None, "", (), False):
            found.append((_(LABELS[field]), said(name, field, value)))
    return found


def said(name: str, field: str, value: Any) -> str:
    """One value of an entry in words. ``value`` may come from the history, as JSON."""
    if value in (None, "", (), [], False):
        return "–"
    if field == "status":
        return _(STATUSES[name].get(value, str(value)))
    if field in _WORDED:
        return _worded(field, value)
    if field in _DATED:
        return said_when(value)
    if isinstance(value, bool):
        return _("Yes")
    if field in ("recorded_at", "issued"):
        return format_datetime(value if isinstance(value, datetime) else datetime.fromisoformat(value))
    if field == "medications":
        return "; ".join(medicine_line(one) for one in value)
    if isinstance(value, list | tuple):
        return ", ".join(_listed(one) for one in value)
    return terms.everyday(str(value))


def said_value(value: str | None) -> str:
    """A laboratory's value; digits beyond the fourth that count were computed, not measured. The original keeps them."""
    try:
        number = Decimal(value or "")
    except InvalidOperation:
        return terms.everyday(value) if value else "–"
    # What is beyond 10^±30 was no laboratory's; 123456E+999999999 would be a page of a billion digits.
    if not number.is_finite() or len(number.as_tuple().digits) <= 5 or not -30 < number.adjusted() < 30:
        return value or "–"
    return f"{number:.4g}" if abs(number) < 10_000 else f"{number:.0f}"


def _listed(one: Any) -> str:
    given = one if isinstance(one, dict) else one.model_dump() if hasattr(one, "model_dump") else None
    if given is None:
        return terms.everyday(str(one))
    if "system" in given:
        return f"{_CODE_NAMES.get(given['system'], '')} {given['code']}".strip()
    return ", ".join(
        terms.everyday(one) for one in (given.get("name"), *given.get("manifestations", ())) if one
    )


def _worded(field: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_worded(field, one) for one in value)
    return _(_WORDED[field].get(value, str(value))) if value else ""


def medicine_line(one: Mapping[str, Any]) -> str:
    """A medicine of a condition with all that its form has, as the history keeps it."""
    return ", ".join(
        str(one[part]) for part in ("name", "dosage", "frequency", "start_date", "end_date") if one.get(part)
    )


def medicine_said(one: ConditionMedication) -> str:
    """How a medicine of a condition is taken, from when on, until when."""
    parts = [one.dosage, one.frequency]
    if one.start_date:
        parts.append(_("from {day}", day=format_date(one.start_date)))
    if one.end_date:
        parts.append(_("until {day}", day=format_date(one.end_date)))
    if not one.is_active:
        parts.append(_("no longer taken"))
    return " · ".join(part for part in parts if part)


def reaction_said(reaction: Reaction) -> Fact:
    """A reaction: what happened, and how bad and when."""
    parts = [_worded("severity", reaction.severity), said_when(reaction.on), reaction.notes]
    return ", ".join(map(terms.everyday, reaction.manifestations)), " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Step:
    """One change in the history of an entry: what was done, when, by whom, and each field before and after."""

    says: str
    at: datetime
    mine: bool
    fields: Sequence[tuple[str, str, str]]


_ACTIONS = {
    "create": N_("Added"),
    "change": N_("Corrected"),
    "delete": N_("Deleted"),
    "import": N_("Imported"),
}


def steps_of(name: str, view: Any, changes: Sequence[Change], account_id: Any) -> Iterator[Step]:
    """The history, newest first. Each change shows what it put in the place of what."""
    after: Mapping[str, Any] = view.model_dump(mode="json")
    for change in changes:
        before = change.before or {}
        fields = [
            (_(LABELS[field]), said(name, field, before[field]), said(name, field, after.get(field)))
            for field in before
            if field in LABELS
            and change.action == "change"
            and _differs(field, before[field], after.get(field))
        ]
        yield Step(
            _(_ACTIONS.get(change.action, change.action)), change.at, change.account_id == account_id, fields
        )
        after = change.before or after


def _differs(field: str, one: Any, other: Any) -> bool:
    if field in ("recorded_at", "issued") and one and other:
        return _instant(one) != _instant(other)
    empty: tuple[Any, ...] = (None, "", [], (), False)
    return bool(one != other and not (one in empty and other in empty))


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def options(
    words: Mapping[str, str], only: Callable[[str], bool] = lambda _value: True
) -> list[tuple[str, str]]:
    """Words of an enumeration for a form."""
    return [(str(value), _(said)) for value, said in words.items() if only(str(value))]


def day(value: date) -> str:
    return format_date(value)
