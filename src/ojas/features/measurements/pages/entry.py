"""What the pages share: the kind of an address, who may add, the form of a reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import Request, Response

from ojas.features.measurements import service
from ojas.features.measurements.pages.forms import EntryForm
from ojas.features.measurements.pages.words import MEALS, POSITIONS
from ojas.features.measurements.rules import Entry
from ojas.features.measurements.service import Doubt, Kind, Reading
from ojas.kit import i18n
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, NotFound
from ojas.kit.i18n import _
from ojas.kit.web import Faults, Spark, page


@dataclass(frozen=True, slots=True)
class Line:
    """A reading in a list."""

    reading: Reading
    shown: service.Shown
    picture: Spark | None = None


def kind_at(name: str) -> Kind:
    if (kind := service.CATALOGUE.get(name)) is None:
        raise NotFound("There is nothing at this address.")
    return kind


def by_hand(tx: Tx, person_id: UUID, kind: Kind) -> bool:
    if not tx.access.allows("measurements", person_id, write=True):
        return False
    return kind.entry is Entry.PERSON or (
        kind.entry is Entry.CLINICIAN and tx.access.why(person_id) == "TREAT"
    )


async def of_kind(tx: Tx, person_id: UUID, kind: Kind, id: UUID) -> Reading:
    reading = await service.read(tx, person_id, id)
    if reading.kind != kind.name:
        raise NotFound("There is nothing at this address.")
    return reading


def entry_page(
    request: Request,
    kind: Kind,
    *,
    unit: str = "",
    last: Reading | None = None,
    new: UUID | None = None,
    reading: Reading | None = None,
    faults: Faults | None = None,
    doubt: Doubt | None = None,
) -> Response:
    parts = [part for part in kind.parts if part.required]
    shown = unit or (str(faults.values.get("unit", "")) if faults else "")
    entered: Mapping[str, str] = reading.entered if reading else {}
    if reading and reading.unit not in kind.main.units:
        # It came in a unit that nobody is offered, grams for instance: shown as it is kept.
        shown, entered = kind.main.unit, service.numbers_as_text(reading)
    return page(
        request,
        "measurements/entry.html",
        faults=faults,
        kind=kind,
        parts=parts,
        units=[(code, service.unit_text(kind, code)) for code in kind.main.units],
        unit=shown,
        entered=entered,
        reading=reading,
        last=last,
        new=new or (faults.values.get("id") if faults else None),
        doubt=doubt,
        meals=[(meal.value, _(words)) for meal, words in MEALS.items()]
        if kind.name == "blood_glucose"
        else [],
        positions=[(each.value, _(words)) for each, words in POSITIONS.items()]
        if kind.name == "blood_pressure"
        else [],
        unit_text=service.unit_text,
    )


def faults_of(refusal: Incorrect, sent: EntryForm) -> Faults:
    """What was typed stays as it was typed; a wall time goes back as one."""
    typed = sent.model_dump(mode="json", exclude_none=True)
    typed["effective_at"] = wall(sent.effective_at)
    typed["unit"] = sent.meant or sent.unit
    return Faults.of(refusal, typed)


def wall(at: datetime) -> str:
    """As a ``datetime-local`` field has it, on the reader's clock."""
    return i18n.local(at).strftime("%Y-%m-%dT%H:%M")
