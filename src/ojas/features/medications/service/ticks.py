"""What happens by itself: a dose comes due, and is said until somebody answers.

Each batch is one transaction, for nothing leaves the house in it: what is said is handed over by notifications. A worker that
dies has done nothing, and its batch is due again at once. A batch takes persons whole, and a handful of statements for them
all: what one person is to be told is one message (decision 23).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ojas.features.medications import queries
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import Medicine
from ojas.features.medications.service.calling import Unanswered, tell
from ojas.features.medications.service.content import Content
from ojas.features.medications.service.medicines import AREA, LATER, Arisen, arise, medicine_of, see
from ojas.kit import clock
from ojas.kit.db import Access, Tx, readable
from ojas.kit.jobs import Context, tick

_PERSONS = 64
"""A batch. What row security asks of each row names every person of it: with more, that costs more than another commit."""


@tick("medications.remind")
async def REMIND(context: Context) -> bool:  # noqa: N802  # a tick, once it is declared
    """Say again what nobody has answered yet, to one batch of persons."""
    now = clock.now()
    async with context.database.transaction(Access.system(AREA)) as tx:
        claimed = await queries.claim_calls(tx, now, _PERSONS)
        if not claimed:
            return False
        await see(tx, frozenset(row.person_id for row in claimed))
        standing = await _standing(tx, claimed)
        await tell(tx, [one for one in standing if isinstance(one, Unanswered)], now)
        await queries.climb(tx, [_climbed(row, one, now) for row, one in zip(claimed, standing, strict=True)])
    return _full(claimed)


@tick("medications.due", every=0.5)
async def DUE(context: Context) -> bool:  # noqa: N802
    """Make rows of what is due to one batch of persons, and say it."""
    now = clock.now()
    async with context.database.transaction(Access.system(AREA)) as tx:
        claimed = await queries.claim_due(tx, now, _PERSONS)
        if not claimed:
            return False
        await see(tx, frozenset(row.person_id for row in claimed))
        arisen = await arise(tx, claimed, now)
        begun = [(row, _begun(one.medicine, row)) for one in arisen if one.medicine for row in one.doses]
        new = await queries.keep(tx, [_first(row, one, now) for row, one in begun])
        # Of what was answered early nothing is said, nor of what is over.
        await tell(tx, [one for row, one in begun if row["call_at"] and one.id in new], now)
        await queries.go_on(tx, [_following(one) for one in arisen])
    return _full(claimed) or any(one.next_due_at and one.next_due_at <= now for one in arisen)


def _full(claimed: Sequence[Any]) -> bool:
    """Whether more may be due. Fewer persons than a batch has were all there are: what comes next is looked for together.

    To look again at once, for the three doses that came due meanwhile, costs as much as for sixty-four: at 200 a second three
    times the CPU of a dose.
    """
    return len({row.person_id for row in claimed}) == _PERSONS


_Standing = Unanswered | datetime | None


async def _standing(tx: Tx, doses: Sequence[Any]) -> list[_Standing]:
    """How each dose stands; None: of a medicine that is not taken any more. An instant: it cannot be read, look again then."""
    rows = await queries.of_these(tx, {(row.person_id, row.medicine_id) for row in doses})
    medicines = {row.id: await medicine_of(tx, row) for row in rows if row.status == Status.ACTIVE}
    later = clock.now() + LATER
    return [
        await _of(tx, row, medicines[row.medicine_id]) or later if row.medicine_id in medicines else None
        for row in doses
    ]


async def _of(tx: Tx, row: Any, medicine: Medicine | None) -> Unanswered | None:
    if medicine is None:
        return None
    content = await readable(Content.of(tx, row), dose=str(row.id))
    if content is None:
        return None
    return Unanswered(
        row.person_id, row.id, medicine, content.planned, row.at, row.closes_at, row.begun_at, row.said
    )


def _climbed(row: Any, standing: _Standing, now: datetime) -> Mapping[str, Any]:
    said, call_at = row.said, standing if isinstance(standing, datetime) else None
    if isinstance(standing, Unanswered):
        there = standing.climbed(now)
        said, call_at = there.said, there.call_at
    return {"person_id": row.person_id, "id": row.id, "said": said, "call_at": call_at}


def _begun(medicine: Medicine, row: Mapping[str, Any]) -> Unanswered:
    return Unanswered(
        row["person_id"],
        row["id"],
        medicine,
        row["amount"],
        row["at"],
        row["closes_at"],
        row["begun_at"],
        row["said"],
    )


def _first(row: Mapping[str, Any], begun: Unanswered, now: datetime) -> Mapping[str, Any]:
    """The row of a dose whose first call is made as it is kept: no second look, and no second opening of its medicine."""
    if row["call_at"] is None:
        return row
    there = begun.climbed(now)
    return {**row, "said": there.said, "call_at": there.call_at}


def _following(one: Arisen) -> Mapping[str, Any]:
    return {"person_id": one.row.person_id, "id": one.row.id, "next_due_at": one.next_due_at}
