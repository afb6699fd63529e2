"""The record at a glance, and what a code means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ojas.features.record import queries
from ojas.features.record.kinds import KINDS
from ojas.features.record.rules import icd10
from ojas.features.record.schemas import Diagnosis
from ojas.kit.db import Tx
from ojas.kit.i18n import current


@dataclass(frozen=True, slots=True)
class Glance:
    """The newest entries of a list, and how many there are, 1,000 meaning "or more"."""

    items: Sequence[Any]
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A glance at each list by its name, and whether anything was received from elsewhere."""

    lists: Mapping[str, Glance]
    received: bool


_MOST_COUNTED = 1000


async def overview(tx: Tx, person_id: UUID, *, each: int = 5) -> Overview:
    """The record at a glance. Its cost follows ``each``, not the record."""
    tx.access.require("record", person_id)
    lists = {}
    for kind in KINDS:
        page = await kind.LIST.page(tx, person_id, limit=each)
        more = page.next is not None
        number = (
            await queries.count(tx, person_id, kind.LIST.row, most=_MOST_COUNTED) if more else len(page.items)
        )
        lists[kind.LIST.name] = Glance(page.items, number)
    return Overview(lists, await queries.exists(tx, person_id))


async def filled(tx: Tx, person_id: UUID) -> frozenset[str]:
    """The names of the lists that have any entry: what a page asks before it asks each of them."""
    tx.access.require("record", person_id)
    told = await queries.filled(tx, person_id, [kind.LIST.row for kind in KINDS])
    return frozenset(kind.LIST.name for kind, any_ in zip(KINDS, told, strict=True) if any_)


def find_diagnoses(query: str, *, limit: int = 20) -> list[Diagnosis]:
    """Codes of ICD-10-CM for what somebody typed so far, in the caller's language; the common ones for nothing typed."""
    return [_diagnosis(one) for one in icd10.find(query, limit=limit, language=current().language)]


def diagnosis(code: str) -> Diagnosis | None:
    """What a code of ICD-10-CM means; None if there is no such code."""
    found = icd10.read(code, language=current().language)
    return _diagnosis(found) if found else None


def _diagnosis(one: icd10.Diagnosis) -> Diagnosis:
    return Diagnosis(
        code=one.code,
        description=one.description,
        billable=one.billable,
        everyday=one.everyday,
        system=icd10.SYSTEM,
    )
