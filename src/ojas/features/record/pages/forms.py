"""What is typed on the forms, and the drafts made of it. A field left empty is not there."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ojas.features.record import service
from ojas.features.record.pages import lines
from ojas.features.record.rules.terms import (
    AllergyStatus,
    Category,
    ConditionStatus,
    Criticality,
    EventStatus,
    Kind,
    Setting,
    Severity,
    Verification,
    everyday,
)
from ojas.features.record.schemas import (
    AllergyDraft,
    Coding,
    ConditionDraft,
    EncounterDraft,
    ImmunisationDraft,
    Line,
    Name,
    Note,
    ProcedureDraft,
    Reaction,
    ResultDraft,
    ResultValue,
    When,
)
from ojas.kit import clock, i18n

ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"


def _lines(text: str | None) -> str | None:
    """As it was typed, once each line can be read."""
    lines.read(text or "", (), _today())
    return text


class Typed(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: Name
    notes: Note | None = None


def as_it_came(name: str, before: Any | None) -> str:
    """The name that was shown in everyday words, as the record keeps it; another name as it was typed."""
    return str(before.name) if before and everyday(before.name) == name else name


class ConditionForm(Typed):
    code: Annotated[str | None, Field(max_length=10)] = None
    status: ConditionStatus = ConditionStatus.ACTIVE
    verification: Verification = Verification.CONFIRMED
    severity: Severity | None = None
    chronic: bool = False
    onset: When | None = None
    ended: When | None = None
    diagnosed_by: Line | None = None
    medicines: Annotated[str | None, Field(max_length=4000), AfterValidator(_lines)] = None

    def draft(self, before: Any | None) -> ConditionDraft:
        """``before`` is the entry that is corrected: what the form does not show stays."""
        fields = self.model_dump(exclude={"code", "medicines"}) | {"codes": self._codes(before)}
        kept = before.medications if before else ()
        fields["medications"] = lines.read(self.medicines or "", kept, _today())
        return ConditionDraft(**fields, **_written(before))

    def _codes(self, before: Any | None) -> tuple[Coding, ...]:
        others = tuple(one for one in before.codes if one.system != ICD10) if before else ()
        found = service.diagnosis(self.code) if self.code else None
        own = (Coding(system=ICD10, code=found.code, display=found.description),) if found else ()
        # Codes of other systems said what the old name said; under another name they would lie.
        return own + (others if before and before.name == self.name else ())


def _today() -> date:
    return i18n.local(clock.now()).date()


class AllergyForm(Typed):
    kind: Kind | None = None
    categories: Annotated[list[Category], Field(max_length=4)] = []
    criticality: Criticality | None = None
    status: AllergyStatus = AllergyStatus.ACTIVE
    verification: Verification = Verification.CONFIRMED
    reaction: Annotated[str | None, Field(max_length=1000)] = None
    severity: Severity | None = None
    onset: When | None = None
    last_occurred: When | None = None

    def draft(self, before: Any | None) -> AllergyDraft:
        fields = self.model_dump(exclude={"reaction", "severity", "categories"})
        fields["codes"] = before.codes if before and before.name == self.name else ()
        return AllergyDraft(
            **fields, categories=tuple(self.categories), reactions=self._reactions(before), **_written(before)
        )

    def _reactions(self, before: Any | None) -> tuple[Reaction, ...]:
        """The form shows the first reaction; the others stay."""
        rest = before.reactions[1:] if before else ()
        first = before.reactions[0] if before and before.reactions else None
        seen = tuple(part.strip()[:500] for part in (self.reaction or "").split(",") if part.strip())[:20]
        if not seen:
            return tuple(rest)
        given = {"manifestations": seen, "severity": self.severity}
        return (first.model_copy(update=given) if first else Reaction(**given), *rest)  # type: ignore[arg-type]


class ImmunisationForm(Typed):
    status: Literal[EventStatus.DONE, EventStatus.NOT_DONE, EventStatus.MISTAKE] = EventStatus.DONE
    given: When | None = None
    dose: Line | None = None
    lot: Line | None = None
    performer: Line | None = None
    place: Line | None = None

    def draft(self, before: Any | None) -> ImmunisationDraft:
        return ImmunisationDraft(**self.model_dump(), **_kept(before, self.name, "site", "given_on"))


class ProcedureForm(Typed):
    status: EventStatus = EventStatus.DONE
    performed: When | None = None
    ended: When | None = None
    performer: Line | None = None
    place: Line | None = None
    reason: Line | None = None
    outcome: Line | None = None

    def draft(self, before: Any | None) -> ProcedureDraft:
        return ProcedureDraft(**self.model_dump(), **_kept(before, self.name, "performed_on"))


class EncounterForm(Typed):
    setting: Setting = Setting.CLINIC
    status: EventStatus = EventStatus.DONE
    started: When | None = None
    ended: When | None = None
    place: Line | None = None
    clinicians: Annotated[str | None, Field(max_length=2000)] = None
    reason: Line | None = None

    def draft(self, before: Any | None) -> EncounterDraft:
        fields = self.model_dump(exclude={"clinicians"})
        fields["clinicians"] = tuple(
            part.strip()[:300] for part in (self.clinicians or "").split(",") if part.strip()
        )[:50]
        return EncounterDraft(**fields, **_kept(before, self.name, "started_on"))


class ResultForm(Typed):
    """One number of a laboratory's sheet. Of a report with several the form shows the first; the others stay."""

    value: Annotated[str | None, Field(max_length=4000)] = None
    unit: Line | None = None
    range: Line | None = None
    effective: When | None = None
    performer: Line | None = None

    def draft(self, before: Any | None) -> ResultDraft:
        fields = self.model_dump(exclude={"value", "unit", "range"}) | {"values": self._values(before)}
        if before and before.effective and before.effective.partition("T")[0] == self.effective:
            fields["effective"] = before.effective  # the form knows no hours
        kept = ("status", "category", "effective_on", "issued", "observations", "conclusion")
        return ResultDraft(**fields, **_kept(before, self.name, *kept))

    def _values(self, before: Any | None) -> tuple[ResultValue, ...]:
        first, *rest = before.values if before and before.values else (None,)
        if not self.value:
            return tuple(rest)
        told = ResultValue(name=self.name, value=self.value, unit=self.unit, range=self.range)
        if first is None:
            return (told, *rest)
        kept: dict[str, Any] = {"name": first.name, "codes": first.codes}
        if (first.value, first.unit) == (told.value, told.unit):
            kept["flag"] = (
                first.flag
            )  # what the laboratory thought of another number says nothing of this one
        return (told.model_copy(update=kept), *rest)


def _kept(before: Any | None, name: str, *fields: str) -> dict[str, Any]:
    """Fields no form shows, as they were; codes only while the name they say stays."""
    if before is None:
        return {}
    return {field: getattr(before, field) for field in fields} | {
        "codes": before.codes if before.name == name else ()
    }


def _written(before: Any | None) -> dict[str, Any]:
    return {"recorded_at": before.recorded_at} if before else {}


FORMS: Mapping[str, type[Typed]] = {
    "conditions": ConditionForm,
    "allergies": AllergyForm,
    "immunisations": ImmunisationForm,
    "procedures": ProcedureForm,
    "results": ResultForm,
    "encounters": EncounterForm,
}


def shown(name: str, view: Any) -> dict[str, Any]:
    """An entry as its form shows it."""
    found: dict[str, Any] = view.model_dump(mode="json") | {"name": view.everyday}
    if name == "results":
        first = view.values[0].model_dump() if view.values else {}
        found |= {field: first.get(field) for field in ("value", "unit", "range")}
        found["effective"] = view.effective.partition("T")[0] if view.effective else None
    if name == "conditions":
        found["code"] = next((one.code for one in view.codes if one.system == ICD10), None)
        found["medicines"] = "\n".join(map(lines.written, view.medications))
    if name == "allergies" and view.reactions:
        found["reaction"] = ", ".join(view.reactions[0].manifestations)
        found["severity"] = view.reactions[0].severity
    if name == "encounters":
        found["clinicians"] = ", ".join(view.clinicians)
    return found
