"""Whether a record says that somebody holds water, for whom alone a quick gain of weight is an alarm."""

from uuid import UUID

from ojas.features.alarms.rules import holds_water
from ojas.features.record import service as record
from ojas.features.record.rules.terms import OVER, Verification
from ojas.kit.db import Access, Tx

_DOUBTFUL = frozenset({Verification.REFUTED, Verification.MISTAKE})


async def water(tx: Tx, person_id: UUID) -> bool:
    """By the conditions that are not over. Answered with yes or no alone, also to who may not see them."""
    async with tx.acting(tx.access.joined(Access(may_read={"record": frozenset({person_id})}))):
        conditions = await record.CONDITIONS.whole(tx, person_id)
    return any(
        holds_water(((coding.system, coding.code) for coding in one.codes), one.everyday)
        for one in conditions
        if one.status not in OVER and one.verification not in _DOUBTFUL
    )
