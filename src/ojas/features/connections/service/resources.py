"""FHIR resources of a file: kept whole in the record; what of them is a measurement becomes a reading besides."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from ojas.features.connections.rules import Refused, Resource
from ojas.features.connections.service.tally import Tally, keep_readings
from ojas.features.identity import service as identity
from ojas.features.measurements import service as measurements
from ojas.features.record import service as record
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, NotFound
from ojas.kit.i18n import N_

STRANGERS = {
    "name": N_("This file may be another person's: the name in it is not that of the profile."),
    "date_of_birth": N_(
        "This file may be another person's: the date of birth in it is not that of the profile."
    ),
    "sex": N_("This file may be another person's: the sex in it is not that of the profile."),
}


async def doubts(tx: Tx, person_id: UUID, patient: Mapping[str, Any]) -> list[str]:
    """By what a file shows that it is another's, in words; ``patient`` is whose it says it is, as a FHIR Patient."""
    try:
        return [STRANGERS[what] for what in await identity.contradictions(tx, person_id, patient)]
    except NotFound:  # who has no profile contradicts nobody
        return []


async def keep(tx: Tx, person_id: UUID, found: Sequence[Resource], source: str, tally: Tally) -> None:
    """Hand resources to the record, and the measurements among them to measurements too."""
    incoming = [record.Incoming(one.text, one.content) for one in found]
    outcomes = await record.import_resources(tx, person_id, incoming, source)
    readings: list[measurements.Incoming] = []
    for one, outcome in zip(found, outcomes, strict=True):
        if outcome.kind == "refused":
            fault = outcome.faults[0]
            tally.refused.append(Refused(fault, f"{one.where} {fault.field or ''}".strip()))
            continue
        tally.taken[one.content["resourceType"]] += 1
        assert outcome.id is not None  # what is kept has one
        tally.told["resource", outcome.id] = digest(one.text)
        if one.content["resourceType"] == "Observation":
            _measured(one, readings, tally)
        elif one.content["resourceType"] == "Patient":
            # A birthday and a sex are what ranges depend on; nothing that is known already is replaced. Who has no
            # profile yet has no blanks in it.
            tally.warnings += await doubts(tx, person_id, one.content)
            with suppress(NotFound):
                await identity.fill_in(tx, person_id, one.content)
    if readings:
        await keep_readings(tx, person_id, readings, source, tally)


def digest(text: str) -> bytes:
    """By which two texts of one resource are told apart."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _measured(one: Resource, readings: list[measurements.Incoming], tally: Tally) -> None:
    try:
        reading = measurements.incoming_of(one.content)
    except Incorrect as refusal:
        # It stays in the record as it came; only the trend goes without it.
        tally.refused.append(Refused(refusal.faults[0], one.where))
        return
    if reading is not None:
        readings.append(reading)
