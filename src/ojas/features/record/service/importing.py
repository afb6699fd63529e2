"""Taking FHIR resources in: kept as they came, and listed where a list has a place for them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import orjson
from pydantic import ValidationError

from ojas.features.record import queries
from ojas.features.record.kinds import BY_TYPE, Kind
from ojas.features.record.models import FhirResource
from ojas.features.record.schemas import Draft, Incoming, Outcome
from ojas.features.record.service import content
from ojas.kit import audit, clock, events
from ojas.kit.db import Tx
from ojas.kit.db.keyring import PersonKeys
from ojas.kit.errors import Fault, Incorrect
from ojas.kit.fhir import grammar, text, validation
from ojas.kit.ids import new_id

_OTHER_TYPE = Fault("There is another kind of resource with this id already.", "id")
_NO_ID = Fault("This resource has no id.", "id")
_NO_NUMBER = Fault("This is not a number.")
_FAR = re.compile(r"[0-9][eE][+-]?0*[0-9]{3}|[0-9]{300}")
"""A number that may be out of reach, or some other text that looks like one: worth a second look."""
_COMPUTED = {"recorded_at", "given_on", "performed_on", "effective_on", "started_on"}
"""May come from the clock where a resource gives no date, so they tell nothing of a person's own correction."""


@dataclass
class _Batch:
    """One import under way."""

    person_id: UUID
    source: str
    keys: PersonKeys
    at: datetime = field(default_factory=clock.now)
    stored: list[dict[str, Any]] = field(default_factory=list)
    listed: dict[type[Any], list[dict[str, Any]]] = field(default_factory=dict)


async def import_resources(
    tx: Tx, person_id: UUID, resources: Sequence[Incoming], source: str
) -> list[Outcome]:
    """Keep resources in a person's store, and fill the lists from them. An outcome each, in their order.

    The same resource again changes nothing; another text under the same id is a new version, the old one stays. An entry
    that the person corrected or deleted since stays as they left it. Whatever raises undoes the whole batch.

    Args:
        resources: with their ids and references as they are to be here; those R4 refuses come back as refused.
        source: where they are from, in one word: the name of a vendor.
    """
    tx.access.require("record", person_id, write=True)
    await queries.lock(tx, person_id)
    batch = _Batch(person_id, source, await tx.keys(person_id))
    outcomes: list[Outcome] = []
    for some in _waves(batch, resources):
        outcomes.extend(await _wave(tx, batch, some))
    audit.looked(tx, person_id, "fhir_resources", action="import")
    if any(outcome.kind in ("created", "changed") for outcome in outcomes):
        await events.emit(tx, "record.imported", person_id=person_id)
    return outcomes


Judged = tuple[Incoming, UUID | None, tuple[Fault, ...]]


def _waves(batch: _Batch, resources: Iterable[Incoming]) -> Iterable[list[Judged]]:
    """Runs in which no id comes twice, so that each can be written in one go."""
    wave: list[Judged] = []
    seen: set[UUID] = set()
    for one in resources:
        judged = _judged(batch, one)
        if judged[1] in seen:
            yield wave
            wave, seen = [], set()
        wave.append(judged)
        if judged[1]:
            seen.add(judged[1])
    if wave:
        yield wave


def _judged(batch: _Batch, one: Incoming) -> Judged:
    if _FAR.search(one.text):
        # Whoever read it for the import took it for nought or infinity; whoever opens it later reads it as written.
        try:
            text.read(one.text)
        except Incorrect:
            return one, None, (_NO_NUMBER,)
    if faults := validation.faults(one.content):
        return one, None, tuple(faults)
    id = one.content.get("id")
    if id is None:
        return one, None, (_NO_ID,)
    try:
        return one, UUID(id), ()
    except ValueError:
        return one, uuid5(batch.person_id, f"{batch.source}|{one.content['resourceType']}/{id}"), ()


async def _wave(tx: Tx, batch: _Batch, wave: Sequence[Judged]) -> list[Outcome]:
    there = await queries.heads(tx, batch.person_id, [id for _, id, _ in wave if id])
    outcomes = []
    for one, id, faults in wave:
        kind = one.content.get("resourceType")
        if id is None:
            named = kind if isinstance(kind, str) and kind in grammar.resources() else None
            outcomes.append(Outcome("refused", None, named, faults))
        elif id in there:
            outcomes.append(await _again(tx, batch, there[id], one))
        else:
            _create(batch, id, one)
            outcomes.append(Outcome("created", id, kind))
    await _write(tx, batch)
    return outcomes


def _create(batch: _Batch, id: UUID, one: Incoming) -> None:
    kind = one.content["resourceType"]
    batch.stored.append(
        {
            "person_id": batch.person_id,
            "id": id,
            "type": kind,
            "version": 1,
            "recorded_at": batch.at,
            "source": batch.source,
            "deleted": False,
            "sealed": content.seal(batch.keys, id, one.text.encode()),
        }
    )
    # Read anew: a caller may have read its numbers as floats, and 3.10 is not 3.1.
    if (list_ := BY_TYPE.get(kind)) and (draft := draft_of(list_, text.read(one.text))):
        batch.listed.setdefault(list_.LIST.row, []).append(_row(batch, list_, id, draft))


def draft_of(kind: Kind, resource: Mapping[str, Any]) -> Draft | None:
    """What a resource says as an entry of its list; None where the list cannot hold it. The store does."""
    try:
        return kind.draft_of(resource)
    except (ValidationError, Incorrect):
        return None


def _row(batch: _Batch, kind: Kind, id: UUID, draft: Draft) -> dict[str, Any]:
    clear = kind.LIST.clear
    private = orjson.dumps(draft.model_dump(mode="json", exclude=set(clear)))
    return {
        "person_id": batch.person_id,
        "id": id,
        "version": 1,
        "created_at": batch.at,
        "updated_at": batch.at,
        "sealed": batch.keys.seal(private, kind.LIST.table, id),
        **{name: getattr(draft, name) for name in clear},
    }


async def _write(tx: Tx, batch: _Batch) -> None:
    await queries.add(tx, FhirResource, batch.stored)
    for table, rows in batch.listed.items():
        await queries.add(tx, table, rows)
    batch.stored, batch.listed = [], {}


async def _again(tx: Tx, batch: _Batch, head: FhirResource, one: Incoming) -> Outcome:
    if head.type != one.content["resourceType"]:
        return Outcome("refused", head.id, one.content["resourceType"], (_OTHER_TYPE,))
    before, raw = content.open_head(batch.keys, head), one.text.encode()
    if before == raw and not head.deleted:
        return Outcome("unchanged", head.id, head.type)
    place = new_id()
    past = {
        "person_id": head.person_id,
        "id": place,
        "resource_id": head.id,
        "version": head.version,
        "recorded_at": head.recorded_at,
        "source": head.source,
        "sealed": content.move(batch.keys, head, place),
    }
    new = {
        "version": head.version + 1,
        "recorded_at": batch.at,
        "source": batch.source,
        "deleted": False,
        "sealed": content.seal(batch.keys, head.id, raw),
    }
    await queries.replace(tx, head, past, new)
    await _relist(tx, head, text.read(before), text.read(raw))
    return Outcome("changed", head.id, head.type)


async def _relist(tx: Tx, head: FhirResource, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Bring the list up to the new version, unless the person has made the entry their own, or deleted it."""
    kind = BY_TYPE.get(head.type)
    if kind is None or (new := draft_of(kind, now)) is None:
        return
    entry = await queries.entry(tx, head.person_id, kind.LIST.row, head.id)
    old = draft_of(kind, before)
    if entry is None:
        if old is None:  # it had no place in the list, and now has one
            await kind.LIST.create(tx, head.person_id, new, id=head.id)
        return
    if old and await as_told(tx, head.person_id, kind, head.id, old):
        await kind.LIST.change(tx, head.person_id, head.id, new)


async def as_told(tx: Tx, person_id: UUID, kind: Kind, id: UUID, draft: Draft) -> bool:
    """Whether an entry still says what its resource does: nobody made it their own since."""
    told = set(kind.LIST.draft.model_fields) - _COMPUTED
    shown = await kind.LIST.read(tx, person_id, id)
    return bool(shown.model_dump(include=told) == draft.model_dump(include=told))
