"""Telling people of doses nobody has answered: all of one person that are to be said now are one message to each reader."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.insisting import CRITICAL, USUAL
from ojas.features.medications.schemas import Medicine
from ojas.features.medications.service.medicines import SCOPE
from ojas.features.medications.service.say import DOSE, UNANSWERED
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Audience, Call, call, due_calls
from ojas.features.notifications.schemas import Note
from ojas.features.sharing import service as sharing
from ojas.kit.db import Tx


@dataclass(frozen=True, slots=True)
class Climbed:
    """Where a dose is on its ladder after a look: what is said of it now, how much was, and when the next call is."""

    calls: tuple[Call, ...]
    said: int
    call_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A dose that is due, and how much was said of it before."""

    person_id: UUID
    id: UUID
    medicine: Medicine
    amount: Amount | None
    at: datetime
    closes_at: datetime
    begun_at: datetime
    said: int

    def climbed(self, now: datetime) -> Climbed:
        """A reminder ends with its dose; that nobody answered stays worth knowing."""
        ladder = CRITICAL if self.medicine.critical else USUAL
        due = due_calls(ladder, self.begun_at, self.said, now)
        said = due[-1].number + 1 if due else self.said
        heard = tuple(one for one in due if one.step.to is Audience.CAREGIVERS or now < self.closes_at)
        following = call(ladder, self.begun_at, said)
        return Climbed(heard, said, following.at if following else None)


_Group = tuple[UUID, Audience]


async def tell(tx: Tx, doses: Sequence[Unanswered], now: datetime) -> None:
    """Say what is to be said of these now, to each who is to hear it."""
    groups: dict[_Group, list[tuple[Unanswered, Call]]] = defaultdict(list)
    for one in doses:
        for due in one.climbed(now).calls:
            groups[one.person_id, due.step.to].append((one, due))
    if not groups:
        return
    readers = await _readers(tx, groups)
    caring = [person for person, audience in groups if audience is Audience.CAREGIVERS]
    names = await identity.names(tx, caring) if caring else {}
    kept = await sharing.names_kept(tx, {person for person, _audience in groups})
    notes = [
        _note(group, calls, reader, names.get(group[0]), kept.get(group[0]))
        for group, calls in groups.items()
        for reader in readers[group]
    ]
    async with tx.acting(notifications.saying(tx, *(person for person, _audience in groups))):
        await notifications.notify_all(tx, notes)


def _note(
    group: _Group, calls: Sequence[tuple[Unanswered, Call]], reader: UUID, name: str | None, whose: str | None
) -> Note:
    person, audience = group
    caring = audience is Audience.CAREGIVERS
    return Note(
        person_id=person,
        kind=UNANSWERED if caring else DOSE,
        to=reader,
        urgency=max(due.step.urgency for _dose, due in calls),
        key=_key(calls),
        params={
            "person": str(person),
            "name": name,
            "whose": None if caring else whose,
            "doses": [_said(dose) for dose, _due in calls],
        },
        also=frozenset().union(*(due.step.also for _dose, due in calls)),
        expires_at=None if caring else max(dose.closes_at for dose, _due in calls),
    )


def _said(dose: Unanswered) -> dict[str, Any]:
    return {
        "dose": str(dose.id),
        "medicine": dose.medicine.name,
        "amount": dose.amount and {"value": str(dose.amount.value), "unit": dose.amount.unit},
        "at": dose.at.isoformat(),
    }


def _key(calls: Sequence[tuple[Unanswered, Call]]) -> str:
    """The same doses called the same time are the same occasion, whoever says it."""
    each = sorted(f"{dose.id}:{dose.begun_at.isoformat()}:{due.number}" for dose, due in calls)
    return each[0] if len(each) == 1 else sha256(" ".join(each).encode()).hexdigest()


async def _readers(tx: Tx, groups: Collection[_Group]) -> dict[_Group, Sequence[UUID]]:
    takers = [person for person, audience in groups if audience is not Audience.CAREGIVERS]
    keepers = await sharing.who_keep(tx, takers, SCOPE)
    return {
        (person, audience): await sharing.who_cares(tx, person, SCOPE)
        if audience is Audience.CAREGIVERS
        else keepers[person]
        for person, audience in groups
    }
